"""Any environment as a task: the same numbers as a task where there are both, the same tables whoever computes them."""

import math

import gymnasium
import numpy as np
import pandas as pd
import pytest
from gymnasium import spaces

import habenula_rl as hrl
from habenula_rl.engine.population import Subjects
from habenula_rl.tasks import ShuttleBox, SucrosePreference

AGENT = hrl.HabenulaAgent()
same = pd.testing.assert_frame_equal
CART_POLE = {"bins": [1, 1, 6, 6], "low": [0, 0, -0.2095, -2], "high": [0, 0, 0.2095, 2]}


class Line(gymnasium.Env):
    """Five places in a row; what is drawn on the way comes from the environment's own generator."""

    observation_space = spaces.Discrete(5, start=10)
    action_space = spaces.Discrete(2, start=3)

    def __init__(self, fault="", wide=5, onset=(0, 0)):
        self.fault, self.observation_space = fault, spaces.Discrete(wide, start=10)
        self.onset, self.trial = onset, -1

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.at, self.trial, self.n = 12, self.trial + 1, -1
        return str(self.at) if self.fault == "text at reset" else self.at, {}

    def step(self, action):
        assert action in (3, 4)
        self.at += 1 if action == 4 else -1
        reward, seen = float(self.np_random.random()), self.at
        self.n += 1
        if (self.trial, self.n) >= self.onset:
            reward = {"nan": math.nan, "inf": -math.inf}.get(self.fault, reward)
            seen = {"lost": 99, "float": np.float32(self.at), "none": None}.get(self.fault, self.at)
        if self.fault == "raises":
            raise KeyError("no such thing")
        info = {"feedback": False} if self.fault == "hidden" else {}
        return seen, reward, self.at in (10, 14), False, info


gymnasium.register("TestLine-v0", Line, max_episode_steps=9)
gymnasium.register("TestEndless-v0", lambda: Line(wide=5))


def simulated(task, compiled=False, **options):
    return hrl.simulate(AGENT, task, **{"n_subjects": 4, "n_trials": 6, "seed": 3, "compiled": compiled} | options)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("task", [ShuttleBox(), SucrosePreference()])
def test_a_task_as_an_environment_gives_the_bits_of_the_task(task, compiled):
    """These draw nothing that matters, so the two differ in who steps, and in nothing else."""
    id = f"habenula_rl/{type(task).__name__}-v0"
    own, environment = simulated(task, True), simulated(id, compiled)
    same(environment.trials.drop(columns="phase"), own.trials.drop(columns="phase"))
    named = own.subjects.rename(columns={f"share_{name}": f"share_{a}" for a, name in enumerate(task.actions)})
    same(environment.subjects.drop(columns="phase"), named.drop(columns="phase"))
    assert set(environment.trials["phase"]) == {id}


def test_tables_do_not_depend_on_chunks_threads_or_other_subjects():
    whole = simulated("TestLine-v0", n_subjects=20)
    cut = simulated("TestLine-v0", n_subjects=20, chunk=16, threads=2)
    same(whole.trials, cut.trials)
    same(whole.subjects, cut.subjects)
    few = simulated("TestLine-v0", n_subjects=3)
    same(few.trials, whole.trials[whole.trials["subject"] < 3])


def test_subjects_and_seeds_have_draws_of_their_own():
    first = [set(simulated("TestLine-v0", seed=seed).trials["outcome"].round(5)) for seed in (3, 4)]
    assert not first[0] & first[1]
    assert simulated("TestLine-v0").trials["outcome"].is_unique


def test_trials_end_as_the_environment_says_and_are_recorded_so():
    trials = simulated("TestLine-v0", n_trials=40).trials
    last = trials.groupby(["subject", "trial"]).last()
    assert (last["terminated"] == last["next_state"].isin([0, 4])).all()
    assert (last["terminated"] != last["truncated"]).all()
    assert last[last["truncated"]]["step"].eq(8).all() and last["truncated"].any()
    assert trials.groupby(["subject", "trial"]).ngroups == 160
    assert set(trials["action"]) == {0, 1} and set(trials["state"]) <= {0, 1, 2, 3, 4}


def test_without_a_limit_of_its_own_a_trial_is_cut_off():
    assert hrl.Environment("TestLine-v0").max_steps == 9
    assert hrl.Environment("TestEndless-v0").max_steps == 10_000
    limited = hrl.Environment("TestEndless-v0", max_episode_steps=2)
    trials = simulated(limited).trials
    assert trials["step"].max() == 1 and trials["truncated"].any()


def test_signals_summary_and_parameters_by_subject():
    some = simulated("TestLine-v0", record=["lhb"])
    assert "lhb" in some.trials and "rpe" not in some.trials
    sums = simulated("TestLine-v0", record="summary")
    assert sums.trials.empty
    same(sums.subjects, some.subjects)
    spread = simulated("TestLine-v0", parameters={"hyperactivity": [0.0, 1.0, 2.0, 3.0]}).subjects
    assert spread["final_hyperactivity"].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert spread["burst"].is_monotonic_increasing


def test_the_trial_record_goes_into_a_file(tmp_path):
    file = simulated("TestLine-v0", to=tmp_path / "trials.parquet")
    same(file.trials, simulated("TestLine-v0").trials, check_categorical=False)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("nan", "TestLine-v0 gave the reward nan"),
        ("inf", "TestLine-v0 gave the reward -inf"),
        ("lost", "TestLine-v0: step gave an observation outside its space: 99 is not a whole number from 10 to 14"),
        (
            "float",
            "TestLine-v0: step gave an observation outside its space: np.float32(11.0) is not a whole number "
            "from 10 to 14",
        ),
        ("none", "TestLine-v0: step gave an observation outside its space: None is not a whole number from 10 to 14"),
    ],
)
def test_a_subject_whose_environment_goes_wrong_stops_there(fault, reason):
    """The fault comes with the first step of the second trial."""
    environment = hrl.Environment("TestLine-v0", fault=fault, onset=(1, 0))
    with pytest.warns(UserWarning, match=r"^every subject stopped before its last trial had ended: trial 1, step 0: "):
        run = simulated(environment)
    assert run.failed[["subject", "trial", "step"]].values.tolist() == [[i, 1, 0] for i in range(4)]
    assert [why.replace("13.0", "11.0") for why in run.failed["reason"]] == [f"trial 1, step 0: {reason}"] * 4
    assert run.subjects["failed_reason"].tolist() == run.failed["reason"].tolist()
    assert set(run.trials["trial"]) == {0}
    with pytest.raises(ValueError) as caught:
        simulated(hrl.Environment("TestLine-v0", fault=fault))
    assert str(caught.value).replace("13.0", "11.0") == (
        f"every subject stopped in its first step, and nothing was recorded: trial 0, step 0: {reason}"
    )


def test_a_first_observation_outside_the_space_is_named():
    with pytest.raises(ValueError, match=r"trial 0, step 0: TestLine-v0: reset gave .*: '12' is not a whole number"):
        simulated(hrl.Environment("TestLine-v0", fault="text at reset"))


def test_a_fault_behind_another_place_has_the_same_reason():
    """The environment's states come after eight others, and none of them has been learned from yet."""
    environment = hrl.Environment("TestLine-v0", fault="nan")
    subjects = Subjects(AGENT, {"box": ShuttleBox(), "line": environment}, n=2, seed=1)
    phase = subjects.run(environment, 5, context="line", compiled=False)
    assert [*phase.reasons] == ["trial 0, step 0: TestLine-v0 gave the reward nan"] * 2


def test_preferences_that_are_not_finite_are_named_in_an_environment_too():
    environment = hrl.Environment("TestLine-v0")
    subjects = Subjects(AGENT, {"line": environment}, n=1, seed=1)
    subjects.run(environment, 1, context="line", compiled=False)
    subjects.state["go"][:] = np.inf
    (why,) = subjects.run(environment, 5, context="line", stream=1, compiled=False).reasons
    assert why.startswith("trial 0, step 0: in state 2 (2) the agent's preferences are not finite; in the agent's ")


def test_an_error_of_the_environment_names_it():
    with pytest.raises(ValueError, match="TestLine-v0, subject 0, trial 0, step 0: step raised KeyError: 'no such"):
        simulated(hrl.Environment("TestLine-v0", fault="raises"))


def test_what_is_not_shown_is_not_learned_from():
    run = simulated(hrl.Environment("TestLine-v0", fault="hidden"))
    assert run.trials["outcome"].isna().all() and (run.trials["rpe"] == 0).all()
    assert (run.subjects["outcome"] == 0).all()
    assert run.failed.empty


def test_states_beyond_the_smallest_numbers_are_kept():
    trials = simulated(hrl.Environment("TestLine-v0", wide=40_000), n_subjects=1).trials
    assert trials["state"].dtype == np.int32 and trials["state"].max() < 5


def test_bins_make_a_box_countable():
    environment = hrl.Environment("CartPole-v1", bins=CART_POLE)
    assert len(environment.states) == 36
    trials = simulated(environment, n_trials=2).trials
    assert trials["state"].nunique() > 3
    env = gymnasium.make("CartPole-v1")
    binned = hrl.Binned(env, **CART_POLE)
    obs, _ = binned.reset(seed=1)
    assert environment.state_number(env.reset(seed=1)[0]) == obs[2] * 6 + obs[3]


def test_what_is_learned_in_one_place_stays_there():
    """Two contexts in one agent: the second phase's states come after those of the first."""
    first, second = hrl.Environment("TestLine-v0"), ShuttleBox()
    subjects = Subjects(AGENT, {"line": first, "box": second}, n=2, seed=1)
    subjects.run(first, 5, context="line", compiled=False)
    learned = subjects.state["value"].copy()
    assert learned[:, :5].any() and not learned[:, 5:].any()
    subjects.run(second, 5, context="box", stream=1, compiled=False)
    assert (subjects.state["value"][:, :5] == learned[:, :5]).all() and subjects.state["value"][:, 5:8].any()


def test_the_place_in_an_agent_changes_nothing():
    environment, rows = hrl.Environment("TestLine-v0"), []
    for contexts in ({"line": environment}, {"box": ShuttleBox(), "line": environment}):
        subjects = Subjects(AGENT, contexts, n=2, seed=1)
        rows.append(subjects.run(environment, 20, context="line", compiled=False).rows)
    assert (rows[0] == rows[1]).all()


def test_a_description_is_a_value():
    one = hrl.Environment("TestLine-v0", fault="nan")
    assert one == hrl.Environment("TestLine-v0", fault="nan") != hrl.Environment("TestLine-v0")
    assert repr(one) == "Environment('TestLine-v0', fault='nan')"
    assert len({one, hrl.Environment("TestLine-v0", fault="nan")}) == 1
    assert "no such thing" in one.text()  # the code of the environment itself


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: hrl.Environment("FrozenLak-v1"), "no environment 'FrozenLak-v1', did you mean 'FrozenLake-v1'"),
        (lambda: hrl.Environment("FrozenLake"), "no environment 'FrozenLake', did you mean 'FrozenLake-v1'"),
        (lambda: simulated("ShuttleBox"), "did you mean 'habenula_rl/ShuttleBox-v0'"),
        (lambda: hrl.Environment("nosuch:Foo-v0"), "nosuch:Foo-v0: module 'nosuch' cannot be imported: No module"),
        (lambda: hrl.Environment("math:FrozenLak-v1"), "no environment 'FrozenLak-v1', did you mean"),
        (lambda: hrl.Environment("FrozenLake-v1", slip=1), "it has no parameter 'slip', did you mean 'is_slippery'"),
        (lambda: hrl.Environment("FrozenLake-v1", map_name="9x9"), "FrozenLake-v1 cannot be made: "),
        (lambda: hrl.Environment("CartPole-v1"), r"of shape \(4,\): say with bins into how many"),
        (lambda: hrl.Environment("CartPole-v1", bins=3), "CartPole-v1: dimension 1 of the observations goes from -inf"),
        (lambda: hrl.Environment("CartPole-v1", bins={"bin": 3}), "bins has no 'bin', did you mean 'bins'"),
        (lambda: hrl.Environment("CartPole-v1", bins={"low": 3}), "bins needs the key 'bins'"),
        (lambda: hrl.Environment("FrozenLake-v1", bins=3), "FrozenLake-v1: Binned needs Box observations"),
        (lambda: hrl.Environment("Pendulum-v1", bins=3), "has the actions Box.*chooses among Discrete ones"),
        (
            lambda: hrl.Environment("Pendulum-v1"),
            "say with bins into how many.*; and the actions Box.*among Discrete ones",
        ),
        (lambda: hrl.Environment("FrozenLake-v1", map_name="9x9"), "^FrozenLake-v1 cannot be made: KeyError: '9x9'$"),
        (lambda: simulated("GoNoGo"), r"'habenula_rl/GoNoGo-v0', or the task itself, habenula_rl.tasks.GoNoGo\(\)"),
        (lambda: simulated("GoNogo"), r"'habenula_rl/GoNoGo-v0', or the task itself, habenula_rl.tasks.GoNoGo\(\)"),
        (lambda: hrl.Environment("TestLine-v0", wide=2_000_000), "the observation space has 2000000 states"),
        (lambda: simulated(3), "task must be a Task, not 3"),
    ],
)
def test_what_is_wrong_is_named(make, message):
    with pytest.raises(ValueError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
