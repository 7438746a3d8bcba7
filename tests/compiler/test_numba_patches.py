"""Numba's inner parts: only the versions that were tried; machine code that is kept; what is asked when compiling."""

import re
import tomllib
from pathlib import Path

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import habenula_rl as hrl
from habenula_rl.compiler import module as compiler
from habenula_rl.compiler import numba_patches
from habenula_rl.engine import binding

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
    monkeypatch.setattr(binding, "_LANES", {})
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


def test_the_function_given_is_asked_when_something_is_compiled_and_only_then():
    from numba import njit

    asked = []

    def ask(compile_for, *args):
        asked.append(args)
        return compile_for(*args)

    half = numba_patches.on_compiling(njit(lambda x: 0.5 * x), ask)
    assert [half(3.0), half(5.0), half(4)] == [1.5, 2.5, 2.0]
    assert asked == [(3.0,), (4,)]


def test_plain_python_is_left_as_it_is():
    assert numba_patches.on_compiling(live, None) is live


def test_record_types_are_named_by_what_they_are():
    from numba import typeof

    numba_patches.name_records_by_content()
    numba_patches.name_records_by_content()

    def name(*fields):
        return typeof(np.zeros(1, np.dtype(list(fields)))).dtype.mangling_args

    assert name(("a", "f8")) == name(("a", "f8")) != name(("b", "f8"))
    assert name(("a", "f8", (2,))) != name(("a", "f8", (4,)))


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Whole machine code, and a reader of it that does not rebuild what it accepts."""
    base = tmp_path_factory.mktemp("kept") / "hrl_x.entry"
    code = numba_patches.MachineCode(base)
    from numba import njit

    f = njit(lambda x: x + 1.0)
    f(1.0)
    (signature,) = f.overloads
    code.save_overload(signature, f.overloads[signature])
    return code, signature, code._path(numba_patches._key(signature, _context().codegen())).read_bytes()


def _context():
    from numba.core.registry import cpu_target

    return cpu_target.target_context


def test_whole_machine_code_is_taken(kept):
    code, signature, _ = kept
    assert code.load_overload(signature, _context()).signature.args == tuple(signature)


@settings(deadline=None, max_examples=60)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_flipped_bit_is_taken_for_machine_code(kept, where, bit):
    code, signature, whole = kept
    damaged = bytearray(whole)
    damaged[int(where * len(whole))] ^= 1 << bit
    path = code._path(numba_patches._key(signature, _context().codegen()))
    path.write_bytes(damaged)
    try:
        assert code.load_overload(signature, _context()) is None
    finally:
        path.write_bytes(whole)


def test_the_key_of_machine_code_tells_records_apart():
    from numba import typeof

    def key(*fields):
        return numba_patches._key((typeof(np.zeros(1, np.dtype(list(fields)))),), _context().codegen())

    keys = [
        key(("a", "f8")),
        key(("b", "f8")),
        key(("a", "f4")),
        key(("a", "f8", (2,))),
        key(("a", "f8", (4,))),
        key(("a", "f8"), ("b", "f8")),
        key(("b", "f8"), ("a", "f8")),
    ]
    assert len(set(keys)) == len(keys)
