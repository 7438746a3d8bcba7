"""Units that fail, die or do not end cost themselves alone, and what decides numbers is known again."""

import contextlib
import dataclasses
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.config.user_modules import load_own, loaded_files
from habenula_rl.engine import population
from habenula_rl.experiment import fingerprint
from habenula_rl.experiment.recorded import load_subjects
from habenula_rl.experiment.run import UnitsFailedError, load_manifest, redraw, run
from habenula_rl.experiment.units import Unit, run_unit

LAKE = """
import gymnasium, os, signal, sys, time
from pathlib import Path

class Unfit(gymnasium.Env):
    observation_space, action_space = gymnasium.spaces.Discrete(2), gymnasium.spaces.Discrete(2)

    def __init__(self, how):
        self.how = how

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        if self.how == "exit":
            sys.exit()
        if self.how == "raise":
            raise KeyError("bridge")
        if self.how == "die" or (self.how == "once" and not Path("died").exists()):
            Path("died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if self.how == "hang":
            Path("hangs").touch()
            time.sleep(300)
        return 1, 1.0, True, False, {}

gymnasium.registry.pop("Unfit-v0", None)  # where the file is read again
gymnasium.register("Unfit-v0", entry_point=Unfit, max_episode_steps=5)
"""
GOOD = "  - {name: sound, groups: [good, more], task: SucrosePreference, trials: 2}\n"


def study(*ways, **keys):
    """A config with one group for each way in which an environment is unfit, and two that are sound, behind them."""
    Path("configs").mkdir(exist_ok=True)
    Path("configs/lake.py").write_text(LAKE, encoding="utf-8")
    groups = "".join(f"  {how}: {{n: 3}}\n" for how in ways) + "  good: {n: 3}\n  more: {n: 260}\n"
    phases = "".join(
        f"  - {{name: {how}, groups: [{how}], env: Unfit-v0, parameters: {{how: {how}}}, trials: 2}}\n" for how in ways
    )
    said = "".join(f"{key}: {value}\n" for key, value in keys.items())
    text = f"study: faults\nseed: 1\nown: [lake.py]\n{said}groups:\n{groups}phases:\n{phases}{GOOD}"
    Path("configs/faults.yaml").write_text(text, encoding="utf-8")
    return "faults"


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    import gymnasium

    from habenula_rl.agents import AGENTS

    monkeypatch.chdir(tmp_path)
    yield
    AGENTS.pop("Mine", None)
    gymnasium.registry.pop("Unfit-v0", None)


def kept(folder):
    return {path.stem: path.read_bytes() for path in Path(folder).glob("units/*.parquet")}


def test_units_that_fail_are_named_and_the_others_kept():
    with pytest.raises(UnitsFailedError) as raised:
        run(study("exit", "raise"), workers=1)
    said = str(raised.value)
    assert said.startswith("2 of 5 units failed; the others are kept in results/faults/")
    assert "exit-000000: configs/lake.py:17 ends the program, with SystemExit()" in said
    assert "raise-000000: Unfit-v0, subject 0, trial 0, step 0: step raised KeyError: 'bridge'" in said
    (manifest,) = Path("results").rglob("manifest.json")
    folder = manifest.parent
    assert {*load_manifest(folder)["failed"]} == {"exit-000000", "raise-000000"} == {*raised.value.failed}
    assert {*kept(folder)} == {"good-000000", "more-000000", "more-000256"}
    assert not (folder / "summary.csv").exists()  # which would be of other subjects than the config's
    with pytest.warns(UserWarning, match="lacks the subjects of 2 units that failed: exit-000000, raise-000000"):
        assert len(load_subjects(folder)) == 263
    with pytest.raises(ValueError, match="is not whole: 2 units failed"):
        redraw(folder)
    with pytest.raises(UnitsFailedError, match="2 of 5"):  # again: nothing but they
        run("faults", workers=1)
    assert load_manifest(folder)["units"] == {"computed": 0, "reused": 3}


def test_where_all_units_fail_nothing_is_said_to_be_kept():
    study("raise")
    text = Path("configs/faults.yaml").read_text(encoding="utf-8").replace(GOOD, "")
    text = text.replace("  good: {n: 3}\n  more: {n: 260}\n", "")
    Path("configs/faults.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UnitsFailedError, match="1 of 1 units failed by it; none is kept"):
        run("faults")


@pytest.mark.slow
def test_a_process_that_dies_or_hangs_costs_its_unit_alone():
    """One that dies once is computed by the second try, the others are set aside; the bytes are those of threads."""
    with pytest.raises(UnitsFailedError) as raised:
        run(study("once", "die", "hang", unit_seconds=25), workers=2)
    assert raised.value.failed == {
        "die-000000": "the process that computed it died 3 times, the last time by signal 9",
        "hang-000000": "took longer than 25 s, and was ended",
    }
    (folder,) = Path("results/faults").iterdir()
    in_processes = kept(folder)
    assert {*in_processes} == {"once-000000", "good-000000", "more-000000", "more-000256"}
    whole = run(study("once"), out="threads", workers=1, summary=False)
    assert kept(whole) == in_processes


@pytest.mark.parametrize("broken", ["no python at all", "raise KeyboardInterrupt"])
def test_a_broken_file_of_another_study_stops_no_worker(broken):
    """One that this process has read, and that was edited since; what the plan needs is checked by its rules."""
    other = Path("other.py")
    other.write_text("from habenula_rl import Agent\n\n\nclass Idle(Agent):\n    pass\n", encoding="utf-8")
    with contextlib.suppress(ValueError):  # it stays among what was read
        load_own(other)
    other.write_text(broken, encoding="utf-8")
    assert str(other.resolve()) in {str(Path(file).resolve()) for file in loaded_files()}
    assert run(study(unit_seconds=60), workers=2, summary=False).is_dir()


def test_a_time_limit_is_no_part_of_what_is_computed():
    limited = plan_of(load_study(Path(f"configs/{study('once', unit_seconds=60)}.yaml")))
    assert limited.hash == plan_of(load_study(Path(f"configs/{study('once')}.yaml"))).hash


def test_ctrl_c_says_what_is_waited_for():
    study("hang")
    command = [sys.executable, "-m", "habenula_rl", "run", "faults", "--workers", "1"]
    started = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        if Path("hangs").exists():
            break
        time.sleep(0.1)
    started.send_signal(signal.SIGINT)
    lines = iter(started.stderr.readline, "")
    assert any("Stopping when the units under way are finished" in line for line in lines)
    started.send_signal(signal.SIGINT)
    assert started.wait(timeout=20) == -signal.SIGINT
    started.stderr.close()


def test_more_groups_than_eight_bits_count():
    groups = "".join(f"  g{k}: {{n: 1}}\n" for k in range(200))
    phase = "  - {name: only, task: SucrosePreference, trials: 1}\n"
    Path("many.yaml").write_text(f"study: many\nseed: 1\nrecord: summary\ngroups:\n{groups}phases:\n{phase}", "utf-8")
    subjects = load_subjects(run("many.yaml", summary=False))
    assert list(subjects["group"]) == [f"g{k}" for k in range(200)]
    assert isinstance(subjects["group"].dtype, pd.CategoricalDtype)


def test_a_chain_of_yoked_groups_is_walked_once(monkeypatch):
    made = []

    class Counted(population.Subjects):
        def __init__(self, *args, **kwargs):
            made.append(kwargs["n"])
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(population, "Subjects", Counted)
    shock = "task: ShuttleBox, trials: 2, parameters: {escapable: false, max_shock_s: 5, durations_s: [2, 3]}"
    groups = "  g0: {n: 1}\n" + "".join(f"  g{k}: {{n: 1, yoked_to: g{k - 1}}}\n" for k in range(1, 200))
    yoked = ", ".join(f"g{k}" for k in range(1, 200))
    phases = f"  - {{name: first, groups: [g0], {shock}}}\n  - {{name: second, groups: [g0], {shock}}}\n"
    phases += f"  - {{name: rest, groups: [{yoked}], {shock}}}\n"
    text = f"study: chain\nseed: 1\nrecord: summary\ngroups:\n{groups}phases:\n{phases}"
    Path("chain.yaml").write_text(text, encoding="utf-8")
    plan = plan_of(load_study("chain.yaml"))
    phase = plan.groups["g1"].phases[0]
    for k in range(1, 200):  # each replays twice what its partner had in the phases before
        object.__setattr__(plan.groups[f"g{k}"], "phases", _replaying(phase))
    run_unit(plan, Unit("g199", 0, 1), compiled=False)
    assert len(made) == 200


def _replaying(phase):
    return tuple(dataclasses.replace(phase, name=name, replays=name, context=name) for name in ("first", "second"))


HELPER = "def rate(alpha):\n    return {}\n"
MINE = """
from dataclasses import dataclass
from beside import rate
from habenula_rl.contract import Agent, parameter

def start(p, w, reflex):
    w.Q[:] = 0.0

def prefer(p, w, e, z):
    for a in range(z.size):
        z[a] = w.Q[e.state, a]

def learn(p, w, e, y):
    y.rpe = e.reward - w.Q[e.state, e.action]
    w.Q[e.state, e.action] += rate(p.alpha) * y.rpe

@dataclass(frozen=True)
class Mine(Agent):
    start, prefer, learn, signals = start, prefer, learn, ("rpe",)
    alpha: float = parameter(0.3, doc="learning rate", low=0, high=1)

    @staticmethod
    def state(n_states, n_actions):
        return {"Q": (n_states, n_actions)}
"""


def test_an_own_file_may_import_the_file_beside_it_and_an_edit_of_that_is_seen():
    Path("mine.py").write_text(MINE, encoding="utf-8")
    phase = {"name": "sound", "task": "SucrosePreference", "trials": 2}
    data = {"study": "s", "seed": 1, "own": ["mine.py"], "groups": {"m": {"n": 2, "agent": "Mine"}}, "phases": [phase]}

    def rules(text):
        Path("beside.py").write_text(HELPER.format(text), encoding="utf-8")
        return fingerprint.fingerprints(plan_of(load_study(data)))["m"]

    first = rules("alpha")
    assert rules("0.5 * alpha") != first == rules("alpha")
    assert str(Path.cwd()) not in sys.path and not Path("__pycache__").exists()


def test_a_file_beside_takes_no_installed_modules_place():
    Path("mine.py").write_text("import colorsys\n" + MINE, encoding="utf-8")
    Path("beside.py").write_text(HELPER.format("alpha"), encoding="utf-8")
    Path("colorsys.py").write_text("raise RuntimeError('taken')\n", encoding="utf-8")
    sys.modules.pop("colorsys", None)
    phase = {"name": "sound", "task": "SucrosePreference", "trials": 2}
    load_study(
        {"study": "s", "seed": 1, "own": ["mine.py"], "groups": {"m": {"n": 1, "agent": "Mine"}}, "phases": [phase]}
    )
    assert not Path(sys.modules["colorsys"].__file__).is_relative_to(Path.cwd())


def test_edits_of_what_draws_parameters_are_seen(tmp_path, monkeypatch):
    plan = plan_of(load_study(Path(f"configs/{study('once')}.yaml")))
    code = tmp_path / "units.py"
    monkeypatch.setattr(fingerprint, "DECIDE", (str(code),))

    def hashed(text):
        code.write_bytes(text)
        fingerprint._package_code.cache_clear()
        return fingerprint.fingerprints(plan)["good"]

    assert hashed(b"one\ntwo\n") == hashed(b"one\r\ntwo\r\n") != hashed(b"one\nthree\n")
    fingerprint._package_code.cache_clear()
    monkeypatch.undo()
    assert {"config/plan.py", "experiment/units.py"} <= {*fingerprint.DECIDE}
    package = Path(fingerprint.__file__).parents[1]
    assert all((package / name).exists() for name in fingerprint.DECIDE)


def test_a_manifest_of_a_whole_run_names_no_failure():
    Path("died").touch()
    folder = run(study("once"), workers=1, summary=False)
    assert "failed" not in json.loads((folder / "manifest.json").read_bytes())
