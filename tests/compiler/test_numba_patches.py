"""Numba's inner parts: only the versions that were tried, and pyproject.toml names the same ones."""

import re
import tomllib
from pathlib import Path

import numba
import pytest

import habenula_rl as hrl
from habenula_rl.compiler import module as compiler
from habenula_rl.compiler import numba_patches

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def test_pyproject_and_the_code_allow_the_same_versions():
    listed = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    (numba_bounds,) = [requirement for requirement in listed if requirement.startswith("numba")]
    low, high = (tuple(map(int, bound)) for bound in re.findall(r"(\d+)\.(\d+)", numba_bounds))
    assert (low, high) == (numba_patches.OLDEST, (numba_patches.NEWEST[0], numba_patches.NEWEST[1] + 1))


@pytest.mark.parametrize("version", ["0.61.0", "0.64.2", "0.68.99", "0.68.0rc1", numba.__version__])
def test_a_tested_version_passes(version, monkeypatch):
    monkeypatch.setattr(numba, "__version__", version)
    numba_patches.check_numba()


@pytest.mark.parametrize("version", ["0.60.0", "0.69.0", "0.69.0dev0+1.gabc", "0.100.0", "1.0.0"])
def test_another_version_compiles_nothing_and_plain_python_goes_on(version, monkeypatch):
    monkeypatch.setattr(numba, "__version__", version)
    monkeypatch.setattr(compiler, "_BOUND", {})
    with pytest.raises(ValueError) as caught:
        live(compiled=True)
    assert str(caught.value) == (
        f"habenula_rl was tested with Numba 0.61 to 0.68, on whose inner parts it relies, and {version} is installed: "
        "pip install 'numba>=0.61,<0.69', or set NUMBA_DISABLE_JIT=1 for plain Python"
    )
    assert live(compiled=False) == 0


def live(*, compiled):
    task = hrl.tasks.SucrosePreference()
    run = hrl.simulate(hrl.HabenulaAgent(), task, n_subjects=2, n_trials=2, compiled=compiled, record="summary")
    return len(run.failed)
