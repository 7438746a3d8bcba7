"""What `import habenula_rl` promises: sorted names, nothing heavy, environments known to Gymnasium in any order."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import habenula_rl as hrl

SOURCE = Path(hrl.__file__).parents[1]
HEAVY = ("numba", "pandas", "gymnasium", "matplotlib", "seaborn", "pyarrow", "pydantic", "numpy")


def python(code):
    """Standard output of a fresh interpreter."""
    preamble = f"import sys; sys.path.insert(0, {str(SOURCE)!r})\n"
    done = subprocess.run([sys.executable, "-c", preamble + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_names_are_sorted_and_each_is_there():
    assert hrl.__all__ == sorted(hrl.__all__)
    assert all(hasattr(hrl, name) for name in hrl.__all__)
    assert set(hrl.__all__) <= set(dir(hrl))


def test_names_are_what_they_say():
    from habenula_rl.agents.habenula import HabenulaAgent
    from habenula_rl.engine.live import LiveAgent
    from habenula_rl.engine.population import Run, simulate
    from habenula_rl.experiment.run import run
    from habenula_rl.fitting.likelihood import Likelihood, log_likelihood, log_likelihood_gradient
    from habenula_rl.interventions import Ketamine, Lesion, Vehicle

    likelihoods = (Likelihood, log_likelihood, log_likelihood_gradient)
    for thing in (HabenulaAgent, LiveAgent, Run, simulate, run, Ketamine, Lesion, Vehicle, *likelihoods):
        assert getattr(hrl, thing.__name__) is thing


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Kettamine'"):
        hrl.Kettamine  # noqa: B018


def test_importing_loads_nothing_heavy():
    loaded = f"print(*(m for m in {HEAVY!r} if m in sys.modules))\n"
    assert python(f"import habenula_rl\n{loaded}") == []
    light = "hrl.HabenulaAgent(), hrl.tasks.ShuttleBox(), hrl.Ketamine(), hrl.neurons.HabenulaNeurons()"
    assert set(python(f"import habenula_rl as hrl\n{light}\n{loaded}")) <= {"numpy"}


@pytest.mark.parametrize(
    "imports",
    [
        "import habenula_rl, gymnasium",
        "import gymnasium, habenula_rl",
        "import habenula_rl, importlib.util; importlib.util.find_spec('gymnasium'); import gymnasium",
        "import habenula_rl; from gymnasium.spaces import Discrete; import gymnasium",
    ],
)
def test_environments_are_registered_whichever_is_imported_first(imports):
    code = f"{imports}\nprint(gymnasium.make('habenula_rl/ShuttleBox-v0').unwrapped.task)"
    assert python(code)[0].startswith("ShuttleBox(")


def test_gymnasium_can_name_the_module_that_registers():
    code = "import gymnasium\nprint(gymnasium.make('habenula_rl:habenula_rl/ForcedSwim-v0').unwrapped.task)"
    assert python(code)[0].startswith("ForcedSwim(")


def test_the_version_is_the_installed_one():
    try:
        assert hrl.__version__ == metadata.version("habenula-rl")
    except metadata.PackageNotFoundError:
        assert hrl.__version__ == "unknown"
