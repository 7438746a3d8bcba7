"""Population runs: bit-identical however they are cut up, plain or compiled; honest about numbers that blow up."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habenula_rl.agents import HabenulaAgent
from habenula_rl.contract import Agent, Task, parameter
from habenula_rl.engine import binding
from habenula_rl.engine.population import Subjects, simulate
from habenula_rl.randomness import uniform
from habenula_rl.tasks import ShuttleBox, SucrosePreference

SIGNALS = list(HabenulaAgent.signals)


def same(a, b):
    pd.testing.assert_frame_equal(a.trials, b.trials, check_exact=True)
    pd.testing.assert_frame_equal(a.subjects, b.subjects, check_exact=True)


@pytest.fixture(scope="module")
def whole():
    return simulate(HabenulaAgent(), ShuttleBox(), n_subjects=37, n_trials=12, seed=5, compiled=True)


@settings(deadline=None, max_examples=12)
@given(chunk=st.integers(1, 50), threads=st.sampled_from([1, 2, 3]))
def test_threads_and_chunks_change_nothing(whole, chunk, threads):
    cut = simulate(
        HabenulaAgent(), ShuttleBox(), n_subjects=37, n_trials=12, seed=5, compiled=True, chunk=chunk, threads=threads
    )
    same(whole, cut)


def test_a_subject_is_the_same_in_a_larger_population(whole):
    few = simulate(HabenulaAgent(), ShuttleBox(), n_subjects=3, n_trials=12, seed=5, compiled=True)
    expected = whole.trials[whole.trials.subject < 3].reset_index(drop=True)
    pd.testing.assert_frame_equal(few.trials, expected, check_exact=True)


def test_another_seed_is_another_run(whole):
    other = simulate(HabenulaAgent(), ShuttleBox(), n_subjects=37, n_trials=12, seed=6, compiled=True)
    assert not whole.trials.action.equals(other.trials.action)


def test_records_agree_with_each_other(whole):
    common = {"n_subjects": 37, "n_trials": 12, "seed": 5, "compiled": True}
    summary = simulate(HabenulaAgent(), ShuttleBox(), record="summary", **common)
    assert summary.trials.empty
    pd.testing.assert_frame_equal(summary.subjects, whole.subjects, check_exact=True)
    few = simulate(HabenulaAgent(), ShuttleBox(), record=["rpe"], **common)
    assert set(whole.trials.columns) - set(few.trials.columns) == set(SIGNALS) - {"rpe"}
    means = whole.trials.groupby("subject")[SIGNALS].mean()
    np.testing.assert_allclose(whole.subjects[SIGNALS], means, rtol=1e-5, atol=1e-6)
    last = whole.trials.groupby("subject")[["hyperactivity", "control"]].last()
    np.testing.assert_allclose(whole.subjects[["final_hyperactivity", "final_control"]], last, rtol=1e-6)


def test_parameters_may_differ_between_subjects():
    levels = np.linspace(0.0, 2.0, 9)
    run = simulate(
        HabenulaAgent(), SucrosePreference(), n_subjects=9, n_trials=5, chunk=4, parameters={"hyperactivity": levels}
    )
    first = run.trials[run.trials.trial == 0]
    np.testing.assert_allclose(first.hyperactivity, levels, rtol=1e-6)
    assert first.tonic_dopamine.is_monotonic_decreasing


def pay_begin(q, x, e):
    e.state = 0


def pay_step(q, x, e):
    e.next_state = 0
    e.terminated = 1
    e.reward = 1.0 if uniform(e, 0) < q.chance else 0.0
    if e.trial == 7 and uniform(e, 1) < q.breaks:
        e.reward = np.nan


@dataclass(frozen=True)
class Payer(Task):
    begin = pay_begin
    step = pay_step
    chance: float = parameter(0.5, doc="probability of a reward", low=0, high=1)
    breaks: float = parameter(0.0, doc="probability that trial 7 pays no number", low=0, high=1)

    @property
    def states(self):
        return ("here",)

    @property
    def actions(self):
        return ("take",)


def rw_start(p, w, reflex):
    w.V[0] = p.first


def rw_prefer(p, w, e, z):
    for a in range(z.size):
        z[a] = 0.0


def rw_learn(p, w, e, y):
    y.rpe = e.reward - w.V[e.state]
    w.V[e.state] += p.rate * y.rpe


@dataclass(frozen=True)
class RescorlaWagner(Agent):
    start = rw_start
    prefer = rw_prefer
    learn = rw_learn
    signals = ("rpe",)
    rate: float = parameter(0.1, doc="learning rate", low=0, high=1)
    first: float = parameter(0.0, doc="value to start with")

    @staticmethod
    def state(n_states, n_actions):
        return {"V": (n_states,)}


def test_a_users_own_agent_and_task_against_a_plain_loop():
    run = simulate(
        RescorlaWagner(rate=0.2, first=0.5), Payer(chance=0.3), n_subjects=4, n_trials=400, seed=2, compiled=True
    )
    for _, rows in run.trials.groupby("subject"):
        value = 0.5
        for outcome, rpe in zip(rows.outcome, rows.rpe, strict=True):
            assert rpe == pytest.approx(outcome - value, abs=1e-6)
            value += 0.2 * (outcome - value)
    assert run.trials.outcome.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 1600))


def test_a_subject_whose_numbers_blow_up_stops_alone():
    run = simulate(RescorlaWagner(), Payer(breaks=0.5), n_subjects=40, n_trials=10, seed=1, compiled=True)
    failed = run.subjects.failed_trial
    assert set(failed) == {-1, 7}
    assert list(run.trials.groupby("subject").size()) == [10 if f < 0 else 7 for f in failed]
    assert np.isfinite(run.trials.rpe).all()


def endless_step(q, x, e):
    e.next_state = 0


@dataclass(frozen=True)
class Endless(Payer):
    step = endless_step

    @property
    def max_steps(self):
        return 5


@pytest.mark.parametrize("compiled", [True, False])
def test_a_trial_that_its_rule_does_not_end_is_truncated(compiled):
    trials = simulate(RescorlaWagner(), Endless(), n_subjects=2, n_trials=3, compiled=compiled).trials
    assert list(trials.truncated) == [False, False, False, False, True] * 6
    assert not trials.terminated.any()


def test_what_was_learned_in_a_context_stays_with_it():
    task = SucrosePreference()
    contexts = {"a": task, "b": task}
    subjects = Subjects(HabenulaAgent(), contexts, n=5, seed=1)
    rows = subjects.run(task, 50, context="b", stream=0).rows
    assert not rows["state"].any() and not rows["next_state"].any()  # as the task numbers them
    learned = subjects.state["value"].copy()
    assert (learned[:, 1] != 0).all() and (learned[:, 0] == 0).all()
    subjects.run(task, 50, context="a", stream=1)
    assert np.array_equal(subjects.state["value"][:, 1], learned[:, 1])


@pytest.mark.parametrize("shape", [(4, 3), (5,), (5, 0)])
def test_a_script_of_another_shape_is_refused(shape):
    subjects = Subjects(HabenulaAgent(), {"box": ShuttleBox()}, n=5, seed=1)
    with pytest.raises(ValueError, match="script must have a row for each of the 5 subjects"):
        subjects.run(ShuttleBox(escapable=False), 3, context="box", script=np.ones(shape))


def test_a_whole_number_written_with_a_point_is_the_same_run():
    runs = [simulate(HabenulaAgent(), ShuttleBox(max_shock_s=s), n_trials=2, compiled=False) for s in (5, 5.0)]
    same(*runs)


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("name", list(HabenulaAgent.fields()))
def test_runs_stay_finite_at_both_ends_of_every_parameter(name, end):
    agent = HabenulaAgent(**{name: HabenulaAgent.fields()[name].metadata[end]})
    run = simulate(agent, ShuttleBox(warning_s=2, max_shock_s=10), n_subjects=20, n_trials=30, record="summary")
    assert set(run.subjects.failed_trial) == {-1}


def test_the_smallest_run_has_the_bits_of_a_large_one():
    few, many = (simulate(HabenulaAgent(), ShuttleBox(), n_subjects=n, n_trials=2, seed=1) for n in (1, 40))
    expected = many.trials[many.trials.subject == 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(few.trials, expected, check_exact=True)


@pytest.mark.parametrize(
    ("agent", "task", "message"),
    [
        (
            HabenulaAgent,
            ShuttleBox(),
            "agent must be an Agent, not the class HabenulaAgent, did you mean HabenulaAgent()?",
        ),
        (HabenulaAgent(), ShuttleBox, "task must be a Task, not the class ShuttleBox, did you mean ShuttleBox()?"),
        (
            HabenulaAgent(),
            "ShuttleBox",
            "there is no environment 'ShuttleBox', did you mean 'habenula_rl/ShuttleBox-v0', or the task itself, "
            "habenula_rl.tasks.ShuttleBox() (in a config, task: ShuttleBox)?",
        ),
        (ShuttleBox(), HabenulaAgent(), "agent must be an Agent, not ShuttleBox(...)"),
        (HabenulaAgent(), int, "task must be a Task, not the class int"),
    ],
)
def test_an_agent_and_a_task_are_told_from_their_classes(agent, task, message):
    with pytest.raises(ValueError) as caught:
        simulate(agent, task, compiled=False)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threads": 0}, "simulate: threads must be a whole number of at least 1, not 0"),
        ({"threads": -1}, "simulate: threads must be a whole number of at least 1, not -1"),
        ({"threads": 1.5}, "simulate: threads must be a whole number of at least 1, not 1.5"),
        ({"seed": 2**63}, "seed must be a whole number from 0 to 2^63 - 1, not 9223372036854775808"),
        ({"record": 5}, "record must be 'trials', 'summary' or a list of signals, not 5"),
        (
            {"parameters": {"beta": [10**400, 1.0]}},
            "HabenulaAgent: beta must be between 0 and 100, not 100000000000000000...0000000000000000000",
        ),
        (
            {"parameters": {"beta": [[1.0], [1.0, 2.0]]}},
            "parameters: 'beta' must be one number or 2 of them, one for each subject",
        ),
        ({"n_subjects": 0}, "simulate: n_subjects must be a whole number of at least 1, not 0"),
        ({"n_trials": 2.5}, "simulate: n_trials must be a whole number of at least 1, not 2.5"),
        ({"seed": -1}, "seed must be a whole number from 0 to 2^63 - 1, not -1"),
        (
            {"record": "trails"},
            "record must be 'trials', 'summary' or a list of signals, not 'trails', did you mean 'trials'?",
        ),
        ({"record": ["dopamin"]}, "HabenulaAgent has no signal 'dopamin', did you mean 'dopamine'?"),
        (
            {"parameters": {"hyperact": 1.0}},
            "HabenulaAgent has no parameter 'hyperact', did you mean 'hyperactivity' or 'hyperactivity_max'?",
        ),
        ({"parameters": {"nmda": [0.5, 2.0]}}, "HabenulaAgent: nmda must be between 0 and 1, not 2.0"),
        (
            {"parameters": {"nmda": [0.5, 0.5, 0.5]}},
            "parameters: 'nmda' must be one number or 2 of them, one for each subject",
        ),
    ],
)
def test_bad_arguments_are_refused_in_one_sentence(arguments, message):
    with pytest.raises(ValueError) as caught:
        simulate(HabenulaAgent(), ShuttleBox(), **{"n_subjects": 2, "n_trials": 1} | arguments)
    assert str(caught.value) == message


def lost_begin(q, x, e):
    e.state = q.start


def lost_step(q, x, e):
    e.terminated = 1
    e.next_state = 5 if e.trial == 2 and uniform(e, 0) < q.lost else 1


@dataclass(frozen=True)
class Lost(Task):
    """Two states, from which some subjects are sent to a sixth in their third trial."""

    begin, step = lost_begin, lost_step
    states, actions = ("here", "there"), ("a", "b")
    lost: float = parameter(0.5, doc="share of subjects that are sent astray", low=0, high=1)
    start: int = parameter(0, doc="where a trial begins", low=-3, high=9)


def by_the_kernel(*args):
    raise binding.CannotTrace("for the test")


def ways(way, monkeypatch):
    """Options of `simulate` for each way in which it runs a population."""
    if way == "kernel":
        monkeypatch.setattr(binding, "straight", by_the_kernel)
        monkeypatch.setattr(binding, "_LANES", {})
    return {"one at a time": {"chunk": 1}, "plain": {"compiled": False}}.get(way, {})


@pytest.mark.parametrize("way", ["lanes", "one at a time", "kernel", "plain"])
def test_a_state_that_the_task_does_not_have_stops_that_subject(way, monkeypatch):
    how = ways(way, monkeypatch)
    run = simulate(HabenulaAgent(), Lost(), n_subjects=20, n_trials=5, seed=1, **how)
    assert 3 < len(run.failed) < 17
    assert set(run.failed.trial) == {2} and set(run.failed.step) == {0}
    rows = run.trials.groupby("subject").size()
    assert set(rows[run.failed.subject]) == {2} and set(rows.drop(run.failed.subject)) == {5}
    for subject, reason in zip(run.failed.subject, run.failed.reason, strict=True):
        assert reason in [
            f"trial 2, step 0: action {a} ({name}) led from state 0 to state 5, and Lost has the states 0 to 1"
            for a, name in enumerate("ab")
        ]
        assert run.subjects.failed_reason[subject] == reason
    assert set(run.subjects.failed_reason[run.subjects.failed_trial < 0]) == {""}


@pytest.mark.parametrize("way", ["lanes", "one at a time", "kernel", "plain"])
@pytest.mark.parametrize("start", [-1, 2])
def test_where_every_subject_stops_in_its_first_step_there_is_no_run(way, start, monkeypatch, tmp_path):
    how = ways(way, monkeypatch)
    message = (
        "every subject stopped in its first step, and nothing was recorded: "
        f"trial 0, step 0: the trial began in state {start}, and Lost has the states 0 to 1"
    )
    for n, to in ((20, None), (1, None), (3, tmp_path / "trials.parquet")):
        with pytest.raises(ValueError) as caught:
            simulate(HabenulaAgent(), Lost(start=start), n_subjects=n, n_trials=5, seed=1, to=to, **how)
        assert str(caught.value) == message
    assert not list(tmp_path.iterdir())


def fault_start(p, w, reflex):
    w.n = 0.0
    w.v = 0.0


def fault_prefer(p, w, e, z):
    z[0] = np.inf if p.fault == 1 and w.n == 2 else 0.0


def fault_learn(p, w, e, y):
    w.n += 1.0
    y.first = w.n
    y.second = np.nan if p.fault == 2 and w.n == 4 else 0.0
    if p.fault == 3 and w.n == 2:
        w.v = np.inf
        y.first = -np.inf


@dataclass(frozen=True)
class Faulty(Agent):
    """Its numbers stop being finite: with fault 1 in the preference of trial 2, else in what it learns."""

    start, prefer, learn = fault_start, fault_prefer, fault_learn
    signals = ("first", "second")
    fault: int = parameter(0, doc="which of its numbers", low=0, high=3)

    @staticmethod
    def state(n_states, n_actions):
        return {"n": (), "v": ()}


@pytest.mark.parametrize("way", ["lanes", "one at a time", "kernel", "plain"])
def test_the_reason_names_the_number_that_is_not_finite(way, monkeypatch):
    how = ways(way, monkeypatch)
    faults = {"fault": [0, 1, 2, 3]}
    with pytest.warns(UserWarning, match=r"^every subject stopped before its last trial had ended: trial 7, step 0: "):
        run = simulate(Faulty(), Payer(breaks=1.0), n_subjects=4, n_trials=9, parameters=faults, **how)
    assert run.failed.reason.tolist() == [
        "trial 7, step 0: Payer gave the reward nan",
        "trial 2, step 0: in state 0 (here) the agent's preferences are not finite",
        "trial 3, step 0: the signal 'second' is nan",
        "trial 1, step 0: the signal 'first' is -inf; in the agent's state 'v' holds inf",
    ]
    assert run.failed.columns.tolist() == ["subject", "trial", "step", "reason", "fault"]
    assert run.subjects.failed_reason.tolist() == run.failed.reason.tolist()


def test_the_reason_counts_states_as_the_task_does_behind_those_of_another():
    subjects = Subjects(HabenulaAgent(), {"box": ShuttleBox(), "lost": Lost(lost=1.0)}, n=5, seed=1)
    phase = subjects.run(Lost(lost=1.0), 5, context="lost")
    actions = [reason.partition("action ")[2].partition(" ")[0] for reason in phase.reasons]
    assert [*phase.reasons] == [
        f"trial 2, step 0: action {a} ({'ab'[int(a)]}) led from state 0 to state 5, and Lost has the states 0 to 1"
        for a in actions
    ]
