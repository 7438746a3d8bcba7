"""Probabilistic selection: schedule, criterion and test by hand, and transfer by agents that know nothing of it."""

from collections import Counter
from dataclasses import dataclass

import pytest

from habenula_rl.agents import HabenulaAgent
from habenula_rl.analysis import readouts
from habenula_rl.circuit.elements import expected_of, learned_of
from habenula_rl.contract import Agent, parameter
from habenula_rl.engine.population import simulate
from habenula_rl.tasks import ProbabilisticSelection

A, B, C, D, E, F = range(6)
NAMES = ProbabilisticSelection().states
ONE_BLOCK = {"blocks": 1}


def first(state):
    return "ABCDEF".index(NAMES[state][0])


def second(state):
    return "ABCDEF".index(NAMES[state][1])


def named(rows):
    return [NAMES[row[0]] for row in rows]


def test_training_and_test_of_the_published_session(chosen):
    rows = chosen(ProbabilisticSelection(to_criterion=False), second, 420)
    for k in range(6):
        assert Counter(named(rows[60 * k : 60 * k + 60])) == {"AB": 20, "CD": 20, "EF": 20}
    test = Counter(named(rows[360:]))
    assert (len(test), set(test.values())) == (15, {4})
    assert [row[4] for row in rows] == [True] * 360 + [False] * 60


def test_training_ends_after_a_block_that_meets_every_criterion(chosen):
    assert [row[4] for row in chosen(ProbabilisticSelection(), first, 61)] == [True] * 60 + [False]
    assert all(row[4] for row in chosen(ProbabilisticSelection(), second, 360))


@pytest.mark.parametrize(
    ("hits", "learned"), [((13, 12, 10), True), ((12, 20, 20), False), ((20, 11, 20), False), ((20, 20, 9), False)]
)
def test_the_criterion_is_65_60_and_50_percent(chosen, hits, learned):
    left = dict(zip(["AB", "CD", "EF"], hits, strict=True))

    def choose(state):
        if left.get(NAMES[state], 0) > 0:
            left[NAMES[state]] -= 1
            return first(state)
        return second(state)

    assert chosen(ProbabilisticSelection(), choose, 61)[60][4] != learned


def test_only_the_last_block_counts(chosen):
    """The better one in every other trial of a pair: 10 of 20 in a block, 20 of 40 in two."""
    seen = Counter()

    def choose(state):
        seen[state] += 1
        return first(state) if seen[state] % 2 else second(state)

    assert all(row[4] for row in chosen(ProbabilisticSelection(), choose, 180))


def test_the_test_may_hold_some_pairs_only_and_comes_again(chosen):
    tested = [0] * 15
    tested[1], tested[5] = 2, 1  # AC and BC
    rows = chosen(ProbabilisticSelection(blocks=0, tested=tested), first, 6)
    assert [Counter(named(rows[k : k + 3])) for k in (0, 3)] == [{"AC": 2, "BC": 1}] * 2


def test_a_stimulus_is_correct_when_the_draw_says_so(chosen, drawn):
    task = ProbabilisticSelection(correct=2.0, incorrect=-1.0, to_criterion=False)
    chances = {A: 0.8, B: 0.2, C: 0.7, D: 0.3, E: 0.6, F: 0.4}
    for choose in (first, second):
        for trial, (_, action, reward, _, _) in enumerate(chosen(task, choose, 360, seed=4)):
            chance = chances[action]
            assert reward == (2.0 if drawn(4, trial, slot=1) < chance else -1.0)


def test_a_stimulus_that_is_not_there_is_no_choice(chosen):
    task = ProbabilisticSelection(trained=[1, 1, 1], **ONE_BLOCK)

    def absent(state):
        return next(s for s in range(6) if s not in (first(state), second(state)))

    rows = chosen(task, absent, 40)
    assert {(row[2], row[4]) for row in rows} == {(0.0, False)}
    assert set(named(rows)) == {"AB", "CD", "EF"}  # training does not go on
    seen = iter([absent, first, absent, second, first])
    rows = chosen(task, lambda state: next(seen)(state), 5)
    assert sorted(named([rows[1], rows[3], rows[4]])) == ["AB", "CD", "EF"]
    assert [row[4] for row in rows] == [False, True, False, True, True]


def test_available_are_the_two_that_are_shown_and_all_pairs_are_one_screen():
    task = ProbabilisticSelection()
    assert len(task.available) == len(task.states) == len(task.elements) == 16
    for state in range(1, 16):
        assert [s for s in range(6) if task.available[state][s]] == [first(state), second(state)]
    assert set(task.elements) == {(0,)}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"valid": [0.8, 0.7]}, "valid must hold 3 numbers, not 2"),
        ({"tested": [1] * 14}, "tested must hold 15 numbers, not 14"),
        ({"tested": [0] * 15}, "tested must not hold zeros only"),
        ({"trained": [20, 20, 0.5]}, "trained must be a whole number, not 0.5"),
    ],
)
def test_what_means_nothing_is_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        ProbabilisticSelection(**parameters)


def start(p, w, reflex):
    for a in range(reflex.shape[1]):
        for s in range(reflex.shape[0]):
            w.q[s, a] = 0.0


def prefer(p, w, e, z):
    for a in range(z.size):
        z[a] = p.beta * expected_of(w.q, e.elements, a)


def learn(p, w, e, y):
    y.rpe = e.reward - expected_of(w.q, e.elements, e.action)
    learned_of(w.q, e.elements, e.action, p.rate * y.rpe)


@dataclass(frozen=True)
class Plain(Agent):
    """Q-learning of trials of one step."""

    start, prefer, learn = start, prefer, learn
    signals = ("rpe",)
    rate: float = parameter(0.1, doc="learning rate", low=0.0, high=1.0)
    beta: float = parameter(5.0, doc="choice consistency", low=0.0, high=100.0)

    @staticmethod
    def state(n_states, n_actions):
        return {"q": (n_states, n_actions)}


@pytest.mark.parametrize(("agent", "avoids"), [(HabenulaAgent(), False), (Plain(), True)])
def test_what_was_learned_in_training_decides_in_new_pairs(agent, avoids):
    """The habenula agent does not avoid the worst in new pairs, as people do: docs/explanation/findings.md."""
    trials = simulate(agent, ProbabilisticSelection(), n_subjects=100, n_trials=420, seed=1).trials.assign(group="g")
    found = readouts.selection(trials).mean(numeric_only=True)
    assert trials["outcome"].isna().sum() >= 100 * 60
    chosen_pairs = trials.groupby("state")["action"].unique()
    assert all(set(actions) <= {first(state), second(state)} for state, actions in chosen_pairs.items())
    assert found["choose_a"] > 0.6
    assert (found["avoid_b"] > 0.6) == avoids
    assert found["AB"] > found["EF"]


def test_nothing_is_learned_in_the_test():
    task = ProbabilisticSelection(blocks=0)
    trials = simulate(Plain(), task, n_subjects=20, n_trials=60, seed=1, compiled=False).trials.assign(group="g")
    assert trials["outcome"].isna().all()
    found = readouts.selection(trials)
    n = 20 * 16  # trials of the new pairs with A, and as many with B
    for name in ("choose_a", "avoid_b"):
        assert abs(found[name].mean() - 0.5) < 4 * (0.25 / n) ** 0.5
