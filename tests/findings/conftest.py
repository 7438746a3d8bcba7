"""Studies of a few animals are simulated in the process that asks."""

import pytest

from habenula_rl.findings import checking


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """To start a process for one takes longer than all of it; tests of processes ask for `apart`."""
    monkeypatch.setattr(checking, "cores", lambda: 1)


@pytest.fixture
def apart(monkeypatch, here):
    """Each study in a process of its own, two at a time, whatever the machine has."""
    monkeypatch.setattr(checking, "cores", lambda: 2)
