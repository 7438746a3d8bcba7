"""What holds for all tests."""

import pytest

from habenula_rl.engine import binding


@pytest.fixture(autouse=True)
def small_runs_are_compiled_too(monkeypatch):
    """Tests are small, and mean the compiled code where they do not say otherwise."""
    monkeypatch.setattr(binding, "MOST_PLAIN", 0)
