"""The compile cache: safe against edited callees and torn writes, with fallbacks, clear about what cannot compile."""

import importlib.util
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from habenula_rl.agents import HabenulaAgent
from habenula_rl.compiler import cache as code_cache
from habenula_rl.compiler import module as compiler
from habenula_rl.engine import binding
from habenula_rl.errors import RuleError
from habenula_rl.tasks import TASKS

MODULE = """
import numpy as np
import {helper}
RATE = {rate}

def twice(x):
    "{doc}"
    return 2.0 * {helper}.half(x)

def entry(x):
    return RATE * twice(x)
"""


def load(folder, name, text):
    path = folder / f"{name}.py"
    path.write_text(textwrap.dedent(text))
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HABENULA_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def versions(tmp_path, *, rate=1.0, doc="", half="x / 2.0", name="a"):
    helper = f"helper_{name}"
    load(tmp_path, helper, f"def half(x):\n    return {half}\n")
    return load(tmp_path, f"module_{name}", MODULE.format(helper=helper, rate=rate, doc=doc))


def compiled(functions, bindings):
    return compiler.bound(functions, bindings, compiled=True)


def plain(functions, bindings):
    return compiler.bound(functions, bindings, compiled=False)


def source(module):
    return compiler.module_source({"entry": module.entry}, {})[0]


def test_compiled_plain_and_python_agree(tmp_path, cache):
    module = versions(tmp_path, rate=3.0)
    fast = compiled({"entry": module.entry}, {})["entry"]
    slow = plain({"entry": module.entry}, {})["entry"]
    assert fast(1.25) == slow(1.25) == module.entry(1.25) == 3.75
    assert list(cache.glob("hrl_*.py"))


@pytest.mark.parametrize("change", [{"rate": 2.0}, {"half": "x / 4.0"}])
def test_an_edited_constant_or_helper_is_another_module(tmp_path, change):
    assert source(versions(tmp_path)).replace("_b", "_a") != source(versions(tmp_path, name="b", **change)).replace(
        "_b", "_a"
    )


def test_an_edited_docstring_is_the_same_module(tmp_path):
    first = source(versions(tmp_path, doc="one"))
    assert source(versions(tmp_path, doc="another")) == first


SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import trap
from habenula_rl.compiler import module as compiler
print(compiler.bound({"entry": trap.entry}, {}, compiled=True)["entry"](1.0))
"""


def test_a_helper_edited_in_place_changes_the_very_next_run(tmp_path, cache):
    """The stale-cache trap of numba's cache=True: the helper's file changes, the caller's does not."""
    (tmp_path / "trap.py").write_text("import trap_helper\ndef entry(x):\n    return trap_helper.scale(x)\n")
    (tmp_path / "run.py").write_text(SCRIPT)
    answers = []
    for factor in (2.0, 2.0, 5.0):
        (tmp_path / "trap_helper.py").write_text(f"def scale(x):\n    return {factor} * x\n")
        environment = os.environ | {"HABENULA_CACHE_DIR": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, str(tmp_path / "run.py"), str(tmp_path)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        answers.append(float(done.stdout))
    assert answers == [2.0, 2.0, 5.0]
    assert len(list(cache.glob("hrl_*.py"))) == 2


def test_a_helper_typed_again_in_the_same_session_changes_the_next_run(cache):
    scope = {}
    exec("def scale(x):\n    return 2.0 * x\n\ndef entry(x):\n    return scale(x)\n", scope)
    for make in (plain, compiled):
        exec("def scale(x):\n    return 2.0 * x\n", scope)
        assert make({"entry": scope["entry"]}, {})["entry"](1.0) == 2.0
        exec("def scale(x):\n    return 5.0 * x\n", scope)
        assert make({"entry": scope["entry"]}, {})["entry"](1.0) == 5.0


def test_a_tuple_of_numbers_typed_again_changes_the_next_run(cache):
    scope = {}
    exec("LEVELS = (2.0, 1.0)\n\ndef entry(x):\n    return LEVELS[0] * x\n", scope)
    for make in (plain, compiled):
        scope["LEVELS"] = (2.0, 1.0)
        assert make({"entry": scope["entry"]}, {})["entry"](1.0) == 2.0
        scope["LEVELS"] = (5.0, 1.0)
        assert make({"entry": scope["entry"]}, {})["entry"](1.0) == 5.0


def test_a_helper_called_in_a_comprehension_counts_as_content(cache):
    scope = {}
    exec("def scale(x):\n    return 2.0 * x\n\ndef entry(x):\n    return [scale(y) for y in (x, x)][0]\n", scope)
    assert plain({"entry": scope["entry"]}, {})["entry"](1.0) == 2.0
    exec("def scale(x):\n    return 5.0 * x\n", scope)
    assert plain({"entry": scope["entry"]}, {})["entry"](1.0) == 5.0


def test_a_comprehensions_own_name_is_not_a_global_of_the_same_name(tmp_path, cache):
    module = load(tmp_path, "own_name", "y = 9.0\n\ndef entry(x):\n    return [2.0 * y for y in (x, x)][0]\n")
    assert compiled({"entry": module.entry}, {})["entry"](1.0) == 2.0


def test_a_half_written_module_is_written_again(tmp_path, cache):
    module = versions(tmp_path, name="torn")
    text = source(module)
    cache.mkdir()
    torn = cache / f"hrl_{code_cache.fingerprint(text)}.py"
    torn.write_text(text[: len(text) // 2])
    assert compiled({"entry": module.entry}, {})["entry"](2.0) == 2.0
    assert torn.read_text() == f"# {code_cache.versions()}\n{text}"


def test_without_a_writable_cache_it_compiles_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HABENULA_CACHE_DIR", str(tmp_path / "file" / "below"))
    assert code_cache.folder() is None
    assert compiled({"entry": versions(tmp_path, name="ro").entry}, {})["entry"](4.0) == 4.0


def test_a_function_without_source_compiles_uncached(tmp_path, cache):
    scope = {"np": np}
    exec("def inner(x):\n    return x + 1.0\n\ndef typed(x):\n    return 2.0 * inner(x)\n", scope)
    assert compiled({"entry": scope["typed"]}, {})["entry"](2.0) == 6.0
    assert not list(cache.glob("hrl_*.py"))


def test_a_file_edited_since_its_import_is_refused(tmp_path, cache):
    module = load(tmp_path, "edited", "def entry(x):\n    return 2.0 * x\n")
    (tmp_path / "edited.py").write_text("# a line more\ndef entry(x):\n    return 3.0 * x\n")
    with pytest.raises(RuleError, match=r"edited\.py:1, in entry: its file has changed since it was imported"):
        compiled({"entry": module.entry}, {})


@pytest.mark.parametrize("make", [compiled, plain])
def test_an_arguments_default_is_that_of_the_function_and_not_what_its_file_says_now(tmp_path, cache, make):
    """A default is in no function's code: a file in which it alone was edited still holds the function."""
    source = "BY = 2.0\ndef half(x, by=BY, down=-1.0, rest=None):\n    return x / by - down\n"
    module = load(tmp_path, "by_default", source + "def entry(x):\n    return half(x)\n")
    (tmp_path / "by_default.py").write_text(source.replace("-1.0", "-9.0") + "def entry(x):\n    return half(x)\n")
    module.BY = 4.0  # which Python looked up once, as the function was defined
    assert make({"entry": module.entry}, {})["entry"](8.0) == 5.0
    module.half.__defaults__ = (8.0, -2.0, None)
    assert make({"entry": module.entry}, {})["entry"](8.0) == 3.0


def test_what_is_kept_of_a_module_is_what_would_be_written_anew(tmp_path):
    """Written once; again where a constant is another, or the file no longer holds a function."""
    source = "RATE = 2.0\ndef half(x):\n    return x / 2.0\ndef entry(x):\n    return RATE * half(x)\n"
    module = load(tmp_path, "kept", source)

    def written():
        return compiler._written({"entry": module.entry}, {}, False)

    first = written()
    assert written() is first
    module.RATE = 3.0
    assert written().module() == first.module().replace("2_0 = 2.0", "3_0 = 3.0").replace("RATE_2_0", "RATE_3_0")
    module.RATE = 2.0
    assert written().module() == first.module() and written() is not first
    (tmp_path / "kept.py").write_text(source.replace("x / 2.0", "x / 4.00"))
    with pytest.raises(RuleError, match=r"kept\.py:2, in half: its file has changed since it was imported"):
        written()


def test_a_lambda_is_refused(cache):
    twice = lambda x: 2.0 * x  # noqa: E731
    with pytest.raises(RuleError, match="a rule has to be a function written with def"):
        compiled({"entry": twice}, {})


def test_bindings_take_the_place_of_open_names(tmp_path, cache):
    module = load(tmp_path, "open_names", "def entry(x):\n    return rule(x) + 1.0\n")
    other = load(tmp_path, "bound", "def rule(x):\n    return 10.0 * x\n")
    for make in (compiled, plain):
        assert make({"entry": module.entry}, {"rule": other.rule})["entry"](2.0) == 21.0


def test_what_cannot_be_compiled_is_named_with_its_line(tmp_path):
    module = load(tmp_path, "bad_rule", "TABLE = {'a': 1.0}\n\ndef entry(x):\n    y = x\n    return y * TABLE['a']\n")
    with pytest.raises(RuleError) as caught:
        compiled({"entry": module.entry}, {})
    assert str(caught.value).endswith(
        "bad_rule.py:5, in entry: 'TABLE' is dict, which a rule cannot use; "
        "rules use numbers, functions, numpy and math"
    )


SHAPES = """
import sys
from habenula_rl.agents import HabenulaAgent
from habenula_rl.compiler import module
from habenula_rl.compiler.lanes.ir import CannotTrace
from habenula_rl.engine import binding
from habenula_rl.engine.population import Subjects
from habenula_rl.tasks import ShuttleBox

def refuse(*args):
    raise CannotTrace("the kernel's loop over records is meant")

binding.straight = refuse  # lanes hand no such records on
task = ShuttleBox(max_shock_s=5)
for boxes in map(int, sys.argv[1:]):
    contexts = {f"box {k}": task for k in range(boxes)}
    runs = []
    for compiled in (True, False):
        subjects = Subjects(HabenulaAgent(), contexts, n=3, seed=1)
        runs.append(subjects.run(task, 3, context=f"box {boxes - 1}", compiled=compiled).rows)
    print(runs[0].tolist() == runs[1].tolist())
for made in module._BOUND.values():
    for function in made.values():
        forms = getattr(function, "overloads", {}).values()
        places = {form.library.get_pointer_to_function(form.fndesc.llvm_cpython_wrapper_name) for form in forms}
        print(len(places) == len(forms))
"""


def test_record_types_of_other_processes_are_not_mixed_up(tmp_path, cache):
    """The second process loads the kernel for 4 states from the cache and compiles the one for 8: each keeps its."""
    (tmp_path / "run.py").write_text(SHAPES)
    answers = []
    for boxes in (["1"], ["2", "1"], ["3", "2"]):
        command = [sys.executable, str(tmp_path / "run.py"), *boxes]
        done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=True)
        answers += done.stdout.split()
    assert answers == ["True"] * len(answers) and len(answers) > 10


@pytest.mark.parametrize("task", TASKS.values())
def test_what_comes_with_the_package_compiles_into_the_cache(task, cache):
    """A function that has to be injected for want of source makes all of a program uncached, and every start slow."""
    source, injected = compiler.module_source(binding.RUN, binding.rules(HabenulaAgent, task))
    assert injected == {}
    assert "def population" in source
