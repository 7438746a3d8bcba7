"""A healthy animal learns in every task, over the range of it that its documentation gives: one criterion for each.

Bounds are on means; "above" asks it of the whole 95 % interval over subjects. The criteria were written down before
they were first run (but for test_avoidance_is_learned); what the agent does not meet is an expected failure with its
number, mostly beside that of QLearning with its defaults, which says whether the criterion can be met.
"""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest

from habenula_rl import simulate, tasks
from habenula_rl.agents import HabenulaAgent
from habenula_rl.analysis import readouts
from habenula_rl.analysis.statistics import mean_interval

NONE: Mapping[tuple[object, ...], str] = {}


def cases(*ranges, failing=NONE):
    """Every combination; those in `failing` are known to fall short, for the reason given."""
    marks = {case: [pytest.mark.xfail(strict=True, raises=AssertionError, reason=why)] for case, why in failing.items()}
    assert {*failing} <= {*product(*ranges)}
    return [pytest.param(*case, marks=marks.get(case, [])) for case in product(*ranges)]


def lived(task, n_trials, n=60, **values):
    return simulate(HabenulaAgent(**values), task, n_subjects=n, n_trials=n_trials, seed=13, record=["rpe"]).trials


def between(trials, first, end):
    return trials[(trials["trial"] >= first) & (trials["trial"] < end)]


def low(values):
    return mean_interval(np.asarray(values, dtype=float)).low


@pytest.mark.parametrize(
    ("responses", "max_shock_s"),
    cases(
        (1, 2, 3),
        (5, 10, 30, 60),
        failing={(3, 5): "1.00 of trials failed (QLearning .09)", (3, 10): ".70 failed (QLearning 0)"},
    ),
)
def test_escape(responses, max_shock_s):
    """At most a quarter of the last 10 of 30 trials is failed; three crossings need three seconds of the five.

    Where one crossing is enough, chance alone does it.
    """
    trials = lived(tasks.ShuttleBox(responses=responses, max_shock_s=max_shock_s), 30)
    assert readouts.escapes(between(trials, 20, 30))["failed"].mean() <= 0.25


@pytest.mark.parametrize("warning_s", [1, 2, 5, 10, 20])
def test_active_avoidance(warning_s):
    """More shocks are avoided in trials 81 to 100 than in the first 20, above 0, and at most a quarter is failed."""
    trials = lived(tasks.ActiveAvoidance(warning_s=warning_s), 100)
    early, late = (readouts.avoidance(between(trials, first, first + 20)) for first in (0, 80))
    assert low(late["avoided"] - early["avoided"]) > 0.0
    assert late["failed"].mean() <= 0.25


@pytest.mark.parametrize("warning_s", [1, 2, 5, 10, 20])
def test_avoidance_is_learned(warning_s):
    """More shocks are avoided in trials 81 to 100 than by the same animal whose values and traces learn nothing.

    Written after the criterion above was seen to pass, by an earlier agent, without learning: its reflex of staying
    leaked away, and then it crossed by chance.
    """
    task, late = tasks.ActiveAvoidance(warning_s=warning_s), []
    for values in ({}, {"value_rate": 0.0, "trace_rate": 0.0}):
        late.append(readouts.avoidance(between(lived(task, 100, **values), 80, 100))["avoided"])
    assert low(late[0] - late[1]) > 0.0


@pytest.mark.parametrize("shock_s", [1, 2, 5])
def test_passive_avoidance(shock_s):
    """Shocked at each entry, animals wait at least twice as long in trials 11 to 20 as in the first, above it."""
    trials = lived(tasks.PassiveAvoidance(shocked_trials=20, shock_s=shock_s), 20)
    first, late = (readouts.step_through(between(trials, *where))["latency"] for where in ((0, 1), (10, 20)))
    assert low(late - first) > 0.0
    assert late.mean() >= 2.0 * first.mean()


@pytest.mark.parametrize(
    ("cost", "response"),
    cases(
        (0.3, 1.0, 2.0),
        (True, False),
        failing={(0.3, False): ".47 right (QLearning .90): the small reward without a shock is seldom approached"},
    ),
)
def test_conflict(cost, response):
    """In the last 100 of 300 trials .75 of the choices are those of the better expected value, where it is ≥ .15 off 0.

    An offer is worth its reward - risk·cost·shock, avoiding nothing.
    """
    task = tasks.ApproachAvoidance(cost=cost, response=response)
    chosen = readouts.approach(between(lived(task, 300), 200, 300), task=task)
    worth = np.array(task.rewards)[chosen["reward"]] - task.risk * cost * np.array(task.shocks)[chosen["shock"]]
    right = np.where(worth > 0.0, chosen["approach"], 1.0 - chosen["approach"])
    assert right[np.abs(worth) >= 0.15].mean() >= 0.75


@pytest.mark.parametrize("odds", [(1.0, 0.5, 0.25, 0.125), (0.125, 0.25, 0.5, 1.0), (0.8, 0.1), (0.0, 1.0)])
@pytest.mark.parametrize("large", [2.0, 4.0, 8.0])
def test_discounting(odds, large):
    """In the last half of 10 sessions .65 of the free choices are of the lever that pays more, where one does."""
    task = tasks.ProbabilisticDiscounting(odds=odds, large=large)
    trials = lived(task, 10 * 18 * len(odds), n=40)
    chosen = readouts.discounting(trials, task=task, last_sessions=5)
    gain = np.array(odds)[chosen["block"]] * large - task.small
    right = np.where(gain > 0.0, chosen["risky"], 1.0 - chosen["risky"])
    assert right[gain != 0.0].mean() >= 0.65


@pytest.mark.parametrize(("presses", "working"), [(1, True), (5, True), (10, True), (40, False), (60, False)])
def test_effort(presses, working):
    """In the last 50 of 100 trials hard work is at least .6 of the choices where it pays .3 more, at most .4 where it
    pays .3 less; at most .2 of the trials are omitted.
    """
    late = readouts.effort_choices(between(lived(tasks.EffortChoice(presses=presses), 100), 50, 100))
    hard = late["worked"].mean() / (1.0 - late["omitted"].mean())
    assert hard >= 0.6 if working else hard <= 0.4
    assert late["omitted"].mean() <= 0.2


@pytest.mark.parametrize("sets", [1, 2])
@pytest.mark.parametrize("validity", [0.7, 0.8, 1.0])
def test_go_no_go(validity, sets):
    """In the last third of 30 exposures each of the four conditions is above chance, .5."""
    trials = lived(tasks.GoNoGo(sets=sets, validity=validity), 120 * sets, n=100)
    accuracy = readouts.go_nogo_accuracy(trials, bin_exposures=10)
    late = accuracy[accuracy["exposure"] == 30].groupby(["condition", "subject"])["accuracy"].mean()
    assert {name: low(each) > 0.5 for name, each in late.groupby("condition")} == dict.fromkeys(
        ("go_to_avoid", "go_to_win", "no_go_to_avoid", "no_go_to_win"), True
    )


@pytest.mark.parametrize(
    ("arms", "drifting"),
    cases(
        (2, 3, 4, 5, 6),
        (True, False),
        failing={(6, True): ".294, from .259 (QLearning .256, from .234: it does not meet this either)"},
    ),
)
def test_bandit(arms, drifting):
    """In the last 100 of 300 trials the best arm is chosen more often than by chance, above 1/arms + .1."""
    same = {name: (value,) * arms for name, value in (("rewards", 1.0), ("punishments", 0.0))}
    still = {} if drifting else {"decay": 1.0, "drift_sd": 0.0}
    task = tasks.Bandit(probabilities=tuple(np.linspace(0.2, 0.8, arms)), **same, **still)
    best = readouts.best_choices(lived(task, 300, n=100), bin_trials=100)
    assert low(best[best["trial"] == 200]["best"]) > 1.0 / arms + 0.1


@pytest.mark.parametrize("probabilities", [(1.0, 0.0), (0.9, 0.1), (0.8, 0.2), (0.7, 0.3), (0.8, 0.2, 0.2)])
def test_reversals(probabilities):
    """In the last 10 trials of blocks of 50 the best arm is chosen more often than by chance, above 1/arms + .15."""
    task = tasks.ReversalLearning(probabilities=probabilities, correct=0, block=50)
    best = readouts.best_choices(lived(task, 200), bin_trials=10)
    late = best[best["trial"] % 50 == 40].groupby("subject")["best"].mean()
    assert low(late) > 1.0 / len(probabilities) + 0.15


MAPS = {
    "default": {},
    "steps cost": {"effort": 0.01},
    "hazards go on": {"hazard_ends": False},
    "small": {"width": 3, "hurts": (0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0), "pays": (0.0,) * 8 + (1.0,)},
}


@pytest.mark.parametrize(
    ("kind", "slip"),
    cases(
        tuple(MAPS),
        (0.0, 0.2),
        failing={("hazards go on", 0.2): "goal in .75 late, .79 early: 7 of 40 hardly ever reach it (QLearning 1.00)"},
    ),
)
def test_grid_world(kind, slip):
    """The goal is reached more often in the last 50 of 300 trials than in the first, above 0, or in nearly all, .95;
    and in half of the last.
    """
    task = tasks.GridWorld(slip=slip, **MAPS[kind])
    trials = lived(task, 300, n=40)
    early, late = (readouts.hazards_hit(between(trials, first, first + 50), task=task)["goal"] for first in (0, 250))
    assert low(late - early) > 0.0 or late.mean() >= 0.95
    assert late.mean() >= 0.5


@pytest.mark.parametrize("free", [True, False])
@pytest.mark.parametrize("other", [{}, {"delivery": 0.5}, {"effort": 0.1}, {"water": 0.0}, {"sucrose": 0.6}])
def test_sucrose(other, free):
    """In the last 50 of 150 visits sucrose is at least .7 of the drinks, and .8 of visits have one where it is free."""
    task = tasks.SucrosePreference(free=free, **other)
    late = readouts.drinking(between(lived(task, 150), 100, 150), task=task)
    assert late["preference"].mean() >= 0.7
    assert late["drinks"].mean() >= 0.8


@pytest.mark.parametrize(
    "valid",
    cases(
        ((0.8, 0.7, 0.6), (0.9, 0.8, 0.7), (1.0, 0.9, 0.8)),
        failing={
            ((0.8, 0.7, 0.6),): "B avoided in .487, from .447 (QLearning .764, from .745)",
            ((0.9, 0.8, 0.7),): "B avoided in .502, from .464 (QLearning .755, from .741)",
            ((1.0, 0.9, 0.8),): "B avoided in .504, from .472 (QLearning .757, from .748)",
        },
    ),
)
def test_probabilistic_selection(valid):
    """The better one of each pair in training, the best and not the worst one in new pairs: above chance, .5."""
    found = readouts.selection(lived(tasks.ProbabilisticSelection(valid=valid), 420, n=100))
    measures = ("AB", "CD", "EF", "choose_a", "avoid_b")
    assert {name: low(found[name].dropna()) > 0.5 for name in measures} == dict.fromkeys(measures, True)


@pytest.mark.parametrize("confusion", [0.1, 0.2, 0.3])
@pytest.mark.parametrize("rewarded", [(0.6, 0.2), (0.8, 0.4), (0.2, 0.6)])
def test_probabilistic_reward(rewarded, confusion):
    """In the last block of 100 stimuli are told apart and answers lean to the rich one: both above 0."""
    trials = lived(tasks.ProbabilisticReward(rewarded=rewarded, confusion=confusion), 300, n=100)
    bias = readouts.response_bias(trials)
    late = bias[bias["block"] == 3]
    assert low(late["log_d"]) > 0.0
    assert low(late["log_b"] * np.sign(rewarded[0] - rewarded[1])) > 0.0


@pytest.mark.parametrize(
    "common",
    cases(
        (0.6, 0.7, 0.8, 0.9),
        failing={
            (0.7,): ".007, from -.003 (QLearning .005, from -.006: it does not meet this either)",
            (0.8,): ".001, from -.009 (QLearning .003, from -.010: it does not meet this either)",
        },
    ),
)
def test_two_step(common):
    """A rewarded first choice is repeated more often than another: the effect of reward above 0 over 400 trials."""
    found = readouts.two_step_indices(lived(tasks.TwoStep(common=common), 400, n=100))
    assert low(found["model_free"].dropna()) > 0.0
