"""`env:` in a config: what runs, what is refused and where, and what does not depend on it."""

from pathlib import Path

import gymnasium
import pandas as pd
import pytest
from gymnasium import spaces

from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import ConfigError, load_study
from habenula_rl.experiment import recorded
from habenula_rl.experiment import run as running
from habenula_rl.experiment.fingerprint import fingerprints
from habenula_rl.experiment.units import Unit, run_unit, units_of

LAKE = """\
study: lake
seed: 3
groups:
  rats: {n: 6}
  others: {n: 2, parameters: {hyperactivity: {normal: {mean: 1, sd: 0.2}}}}
phases:
  - name: dry
    env: FrozenLake-v1
    parameters: {is_slippery: false}
    trials: 3
    context: lake
  - name: wet
    gap_hours: 1
    env: FrozenLake-v1
    parameters: {max_episode_steps: 4}
    trials: 3
    context: lake
    interventions: [{ketamine: {hours_before: 1}}]
  - name: pole
    env: CartPole-v1
    bins: {bins: [1, 1, 2, 2], low: [0, 0, -0.2, -2], high: [0, 0, 0.2, 2]}
    trials: 2
  - name: box
    task: ShuttleBox
    parameters: {max_shock_s: 4}
    trials: 2
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def loaded(text=LAKE, *overrides):
    Path("lake.yaml").write_text(text, encoding="utf-8")
    return load_study("lake.yaml", overrides)


def test_units_do_not_depend_on_their_size():
    study = plan_of(loaded())
    whole = run_unit(study, Unit("rats", 0, 6), compiled=False)
    parts = [run_unit(study, unit, compiled=False) for unit in units_of(study, chunk=4) if unit.group == "rats"]
    for name in ("trials", "subjects"):
        one = getattr(whole, name).sort_values(["phase", "subject"], kind="stable").reset_index(drop=True)
        two = pd.concat([getattr(part, name) for part in parts]).sort_values(["phase", "subject"], kind="stable")
        pd.testing.assert_frame_equal(one, two.reset_index(drop=True))
    assert set(whole.trials["phase"]) == {"dry", "wet", "pole", "box"}
    assert whole.trials[whole.trials["phase"] == "wet"]["step"].max() <= 3


def test_phases_in_one_place_share_what_was_learned_and_others_do_not():
    cliff = [
        "phases.dry.env=CliffWalking-v1",
        "phases.dry.parameters={max_episode_steps: 30}",
        "phases.wet.env=CliffWalking-v1",
    ]
    first, apart = (
        run_unit(plan_of(loaded(LAKE, *cliff, *more)), Unit("rats", 0, 6), compiled=False).trials
        for more in ([], ["phases.wet.context=elsewhere"])
    )
    start = [t[t["phase"] == "wet"].query("trial == 0 and step == 0")["value"] for t in (first, apart)]
    assert (start[0] != start[1]).all()


@pytest.mark.slow
def test_a_run_is_whole_and_is_not_run_again():
    told = []
    study = loaded()
    folder = running.run(study, "results", workers=2, progress=lambda done, total, line: told.append(done))
    again = running.run(study, "results", progress=lambda done, total, line: told.append(-done))
    assert again == folder and told[-1] == -8 and told[-2] in (8, -8)
    assert running.load_manifest(folder)["units"] == {"computed": 0, "reused": 2}
    assert recorded.load_subjects(folder)["failed_trial"].eq(-1).all()


def test_summary_mode_keeps_sums():
    one = run_unit(plan_of(loaded(LAKE, "record=summary")), Unit("rats", 0, 2), compiled=False)
    two = run_unit(plan_of(loaded()), Unit("rats", 0, 2), compiled=False)
    assert one.trials is None
    pd.testing.assert_frame_equal(one.subjects, two.subjects)


def test_the_hash_is_that_of_the_meaning_and_tasks_have_none_of_it():
    phases = plan_of(loaded()).config["phases"]
    assert "task" not in phases[0] and phases[0]["env"] == "FrozenLake-v1"
    assert phases[3].keys() & {"env", "bins"} == set()
    assert plan_of(loaded()).hash != plan_of(loaded(LAKE, "phases.pole.bins.bins=[1, 1, 2, 3]")).hash


def test_results_are_outdated_where_the_environment_changes():
    before = fingerprints(plan_of(loaded()))
    assert fingerprints(plan_of(loaded())) == before
    assert fingerprints(plan_of(loaded(LAKE, "phases.dry.parameters.is_slippery=true"))) != before


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "env: FrozenLake-v1\n    parameters: {is",
            "env: FrozenLak-v1\n    parameters: {is",
            "8:10: there is no environment 'FrozenLak-v1', did you mean 'FrozenLake-v1'?",
        ),
        (
            "is_slippery",
            "slippery",
            "8:10: FrozenLake-v1 cannot be made: it has no parameter 'slippery', did you mean 'is_slippery'?",
        ),
        (
            "env: FrozenLake-v1\n    parameters: {is",
            "env: Blackjack-v0\n    parameters: {is",
            "8:10: there is no environment 'Blackjack-v0', did you mean 'Blackjack-v1'?",
        ),
        (
            "env: FrozenLake-v1\n    parameters: {is",
            "env: GoNoGo\n    parameters: {is",
            "8:10: there is no environment 'GoNoGo', did you mean 'habenula_rl/GoNoGo-v0', or the task",
        ),
        ("is_slippery: false", "map_name: 9x9", "8:10: FrozenLake-v1 cannot be made: KeyError: '9x9'"),
        ("    env: CartPole-v1\n", "", "19:5: phases.2 needs the key 'task', or 'env'"),
        ("    env: CartPole-v1\n", "", "20:5: bins are for the observations of an env"),
        (
            "    task: ShuttleBox",
            "    task: ShuttleBox\n    env: Blackjack-v1",
            "25:5: a phase has a task or an env, not both",
        ),
        ("env: CartPole-v1", "env: 7", "20:10: phases.2.env must be text, not 7"),
        ("{is_slippery: false}", "{bins: 3}", "8:10: bins stand beside env, not in its parameters"),
        ("{bins: [1, 1, 2, 2],", "{bins: [1, 1, 2],", "20:10: CartPole-v1: bins must be a whole number from 1 to"),
        ("    bins: {bins", "    # {bins", "20:10: CartPole-v1 has the observations Box"),
        (
            "    trials: 2\n  - name: box",
            "    trials: 2\n    context: lake\n  - name: box",
            "23:14: phase 'dry' has this context too, but it has 16 states, and here there are 4",
        ),
        ("    parameters: {max_episode_steps: 4}", "    replays: dry", "15:14: FrozenLake-v1 cannot replay anything"),
        (
            "    parameters: {max_shock_s: 4}",
            "    replays: dry",
            "25:14: FrozenLake-v1 has nothing that a yoked subject could replay",
        ),
    ],
)
def test_one_mistake(old, new, expected):
    assert old in LAKE
    with pytest.raises(ConfigError) as caught:
        loaded(LAKE.replace(old, new, 1))
    assert any(f"lake.yaml:{expected}" in line for line in caught.value.problems), caught.value.problems


class Unpaid(gymnasium.Env):
    """Its reward is no number from its trial `good` on, with `some` only where its seed is even."""

    observation_space, action_space = spaces.Discrete(2), spaces.Discrete(2)

    def __init__(self, good=0, some=False):
        self.good, self.some, self.trial, self.even = good, some, -1, True

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.trial += 1
        self.even = self.even if seed is None else seed % 2 == 0
        return 0, {}

    def step(self, action):
        return 1, 1.0 if self.trial < self.good or (self.some and not self.even) else float("nan"), True, False, {}


UNPAID = """\
study: unpaid
seed: 1
groups:
  rats: {n: 2}
phases:
  - {name: box, task: SucrosePreference, trials: 2}
  - {name: work, env: Unpaid-v0, parameters: {good: 1, some: true}, trials: 3}
"""


def test_why_subjects_stopped_is_said_and_kept():
    gymnasium.register("Unpaid-v0", Unpaid)
    said = []
    folder = running.run(loaded(UNPAID), "results", progress=lambda done, total, line: said.append(line), summary=False)
    why = "trial 1, step 0: Unpaid-v0 gave the reward nan"
    assert sorted(recorded.load_subjects(folder)["failed_reason"]) == ["", "", "", why]
    assert any(line.startswith("1 of the 4 rows of subjects.parquet have a failed_reason; ") for line in said)
    with pytest.raises(
        ValueError, match=r"^phase 'work': every subject stopped before its last trial had ended: trial 1"
    ):
        running.run(loaded(UNPAID, "phases.work.parameters.some=false"), "results", summary=False)
    study = loaded(UNPAID, "phases.work.parameters={good: 0}")
    for _ in range(2):  # the second time from what is kept
        with pytest.raises(ValueError) as caught:
            running.run(study, "results", summary=False)
        assert str(caught.value).splitlines()[0] == (
            "phase 'work': every subject stopped in its first step, and nothing was recorded: "
            "trial 0, step 0: Unpaid-v0 gave the reward nan"
        )
