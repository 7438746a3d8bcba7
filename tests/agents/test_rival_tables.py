"""The rivals' rules against tables worked out by hand; the numbers are sums of powers of two, and so exact."""

import math

import numpy as np
import pytest

from habenula_rl.agents import (
    ActorCritic,
    DualRate,
    ExpectedSarsa,
    LowMotivation,
    OpAL,
    PavlovianGoNoGo,
    PayoffCost,
    PearceHall,
    QLearning,
    Sarsa,
    WinStayLoseShift,
    action_values,
)

HALVES = {"learning_rate": 0.5, "discount": 0.5}


def test_q_learning(animal):
    it = animal(QLearning(**HALVES, beta=2.0))
    assert it.live(0, 0, 1.0, next_state=1) == 1.0  # Q(0, 0) ½
    assert it.live(1, 1, 0.0, next_state=0) == 0.25  # ½·½
    assert it.live(1, 1, -1.0) == -1.125
    assert it.live(0, 0, 0.0, next_state=1) == -0.5  # the best action in state 1 is the other one, at 0
    assert it.w.action_value.tolist() == [[0.25, 0.0], [0.0, -0.4375]]
    assert it.preferences(0).tolist() == [0.5, 0.0]
    assert it.preferences(1).tolist() == [0.0, -0.875]
    assert it.signals() == {"rpe": -0.5, "value": 0.25}


def test_a_compound_is_worth_the_sum_of_its_elements_and_teaches_each(animal):
    it = animal(QLearning(learning_rate=0.5), n_states=4, n_actions=1, compounds={2: (0, 1)})
    assert [it.live(2, 0, 1.0) for _ in range(2)] == [1.0, 0.0]
    assert it.live(0, 0, 1.0) == 0.5
    assert it.live(2, 0, 1.0) == -0.25  # overexpectation: 0.75 + 0.5
    assert it.w.action_value[:3, 0].tolist() == [0.625, 0.375, 0.0]


def test_dual_rate(animal):
    it = animal(DualRate(rate_better=0.5, rate_worse=0.25, discount=0.5))
    errors = [it.live(0, 0, 1.0, 1), it.live(1, 1, 0.0, 0), it.live(1, 1, -1.0), it.live(0, 0, 0.0, 1)]
    assert errors == [1.0, 0.25, -1.125, -0.5]
    assert it.w.action_value.tolist() == [[0.375, 0.0], [0.0, -0.15625]]  # 0.125 - 0.28125


def test_sarsa(animal):
    it = animal(Sarsa(**HALVES, trace_decay=0.5, beta=0.0))
    assert it.live(0, 0, 0.0, 1) == 0.0  # the next action is not known yet
    assert it.live(1, 1, 1.0) == 1.0
    assert it.w.action_value.tolist() == [[0.125, 0.0], [0.0, 0.5]]  # a quarter of the trace is left of the first step
    assert it.live(0, 0, 0.0, 1) == 0.0
    assert it.live(1, 0, 0.0, 0) == -0.125  # ½·Q(1, 0) - Q(0, 0): what was done, not what was best
    assert it.w.action_value[0, 0] == 0.0625
    assert it.live(0, 1, 2.0) == 2.0
    assert it.w.action_value.tolist() == [[0.125, 1.0], [0.25, 0.5]]


def test_sarsa_after_a_trial_that_was_cut_off(animal):
    it = animal(Sarsa(**HALVES, trace_decay=0.5, beta=0.0))
    it.w.action_value[:] = [[0.125, 1.0], [0.25, 0.5]]
    assert it.live(1, 0, 0.0, 1) == 0.0
    it.live(0, 0, 0.0)  # in state 0, not in 1: another trial
    assert it.w.action_value.tolist() == [[0.0625, 1.0], [0.21875, 0.5]]  # 0.25 + ½·(½·0.375 - 0.25); no trace of it
    assert it.signals()["rpe"] == -0.125


def test_expected_sarsa(animal):
    it = animal(ExpectedSarsa(**HALVES, trace_decay=0.5, beta=0.0))
    assert [it.live(0, 0, 0.0, 1), it.live(1, 1, 1.0)] == [0.0, 1.0]
    assert it.w.action_value.tolist() == [[0.125, 0.0], [0.0, 0.5]]
    assert it.live(0, 0, 0.0, 1) == 0.0  # ½·¼ - 0.125
    assert it.live(1, 0, 1.0, 0) == 1.03125  # 1 + ½·0.0625
    assert it.w.action_value.tolist() == [[0.25390625, 0.0], [0.515625, 0.5]]
    assert it.live(1, 1, 0.0) == -0.5  # it did not begin where the last step ended
    assert it.w.action_value.tolist() == [[0.25390625, 0.0], [0.515625, 0.25]]


@pytest.mark.parametrize("kind", [Sarsa, ExpectedSarsa])
def test_what_is_done_again_is_no_more_eligible_than_what_is_done_once(animal, kind):
    it = animal(kind(**HALVES, trace_decay=0.5))
    it.live(0, 0, 0.0, next_state=0)
    it.live(0, 0, 1.0)
    assert it.w.action_value[0].tolist() == [0.5, 0.0]


def test_the_mean_under_the_policy(animal):
    it = animal(ExpectedSarsa(beta=2.0))
    it.w.action_value[0] = (0.0, math.log(3.0) / 2.0)  # chosen three times out of four
    assert action_values.mean(it.p, it.w, np.array([0]), it.e.available) == pytest.approx(
        0.75 * math.log(3.0) / 2.0, rel=1e-14
    )
    assert it.probabilities(0) == pytest.approx([0.25, 0.75], rel=1e-14)


def test_actor_critic(animal):
    it = animal(ActorCritic(**HALVES, actor_rate=0.25, beta=2.0))
    assert [it.live(0, 0, 1.0, 1), it.live(1, 1, 0.0, 0), it.live(1, 0, -1.0)] == [1.0, 0.25, -1.125]
    assert it.w.value.tolist() == [0.5, -0.4375]
    assert it.w.actor.tolist() == [[0.25, 0.0], [-0.28125, 0.0625]]
    assert it.preferences(1).tolist() == [-0.5625, 0.125]
    assert it.signals() == {"rpe": -1.125, "value": -0.4375, "dopamine": -1.125}


def test_opal(animal):
    rates = {"learning_rate": 0.5, "go_rate": 0.5, "nogo_rate": 0.25}
    it = animal(OpAL(**rates, outcome_range=2.0, dopamine=0.75, beta=2.0))
    assert it.live(0, 0, 2.0) == 2.0
    assert (it.w.value[0], it.w.go[0, 0], it.w.nogo[0, 0]) == (1.0, 1.5, 0.75)
    assert it.live(0, 0, 0.0) == -1.0
    assert (it.w.value[0], it.w.go[0, 0], it.w.nogo[0, 0]) == (0.5, 1.125, 0.84375)
    assert it.preferences(0).tolist() == [2.53125, 2.0]  # 4·(¾·G - ¼·N)
    assert it.live(0, 0, -10.0) == -10.5
    assert it.signals() == {"rpe": -10.5, "dopamine": -10.5, "value": -4.75, "go": 0.0, "nogo": 1.951171875}


def test_payoff_and_cost(animal):
    it = animal(PayoffCost(**HALVES, slope=0.5, leak=0.25, initial_weight=1.0, dopamine=0.75, beta=2.0))
    assert it.live(0, 0, 2.0) == 2.0
    assert (it.w.payoff[0, 0], it.w.cost[0, 0]) == (1.75, 0.25)
    assert it.live(0, 0, -1.0) == -1.75
    assert (it.w.payoff[0, 0], it.w.cost[0, 0]) == (0.875, 1.0625)
    assert it.preferences(0).tolist() == [0.78125, 1.0]  # 2·(¾·G - ¼·N)
    assert it.live(1, 0, 0.0, next_state=0) == 0.0  # the best there is the untried action, at 0
    assert it.live(0, 0, 10.0) == 10.09375
    assert it.w.cost[0, 0] == 0.0


def test_payoffs_and_costs_that_follow_each_other_are_told_apart(animal):
    """What the equations were made for, with the authors' parameters, which are this agent's defaults."""
    it = animal(PayoffCost())
    for _ in range(500):
        it.live(0, 0, -2.0)
        it.live(0, 0, 3.0)
    assert it.w.payoff[0, 0] == pytest.approx(3.0, abs=0.2)
    assert it.w.cost[0, 0] == pytest.approx(2.0, abs=0.2)


def test_pavlovian_go_nogo(animal):
    sensitivities = {"reward_sensitivity": 2.0, "punishment_sensitivity": 4.0}
    it = animal(PavlovianGoNoGo(**HALVES, **sensitivities, go_bias=1.0, pavlovian=2.0, lapse=0.2), passive=0)
    assert it.live(0, 1, 1.0) == 2.0
    assert it.live(0, 0, -1.0) == -4.0
    assert it.w.action_value[0].tolist() == [-2.0, 1.0]
    assert it.signals() == {"rpe": -4.0, "value": -2.0, "state_value": -1.5}
    go = 0.8 / (1.0 + math.exp(-1.0)) + 0.1  # go: 1 + 1 - 2·1.5, one more than no-go
    assert it.probabilities(0) == pytest.approx([1.0 - go, go], rel=1e-14)
    assert it.live(1, 1, 0.0, next_state=0) == 0.5  # ½·max(-2, 1)
    assert it.w.value[1] == -0.375  # ½·½·(-1.5)


def test_pearce_hall(animal):
    it = animal(PearceHall(learning_rate=0.5, associability_rate=0.5, initial_associability=1.0))
    seen = []
    for reward in (1.0, 1.0, 0.0, 5.0):
        it.live(0, 0, reward)
        seen.append((it.y.associability, it.y.rpe, it.y.value))
    assert seen == [(1.0, 1.0, 0.5), (1.0, 0.5, 0.75), (0.75, -0.75, 0.46875), (0.75, 4.53125, 2.16796875)]
    assert it.w.associability.tolist() == [1.0, 1.0]  # at most


def test_each_element_of_a_compound_has_an_associability_of_its_own(animal):
    agent = PearceHall(learning_rate=0.5, associability_rate=0.5, initial_associability=0.5)
    it = animal(agent, n_states=4, n_actions=1, compounds={2: (0, 1)})
    it.live(0, 0, 1.0)  # Q 0.25, associability 0.75
    assert it.live(2, 0, 1.0) == 0.75
    assert it.w.action_value[:2, 0].tolist() == [0.53125, 0.1875]
    assert it.w.associability[:3].tolist() == [0.75, 0.625, 0.5]


def test_win_stay_lose_shift(animal):
    it = animal(WinStayLoseShift(lapse=0.3), n_actions=3)
    third = [1.0 / 3.0] * 3
    assert it.probabilities(0) == pytest.approx(third, rel=1e-14)
    it.live(0, 1, 1.0)
    assert it.probabilities(0) == pytest.approx([0.1, 0.8, 0.1], rel=1e-14)
    it.live(0, 1, 0.0)
    assert it.probabilities(0) == pytest.approx([0.45, 0.1, 0.45], rel=1e-14)
    assert it.probabilities(1) == pytest.approx(third, rel=1e-14)  # each state is remembered by itself
    it.live(1, 0, 1.0)
    assert it.probabilities(0) == pytest.approx([0.45, 0.1, 0.45], rel=1e-14)
    assert animal(WinStayLoseShift(), n_actions=1).probabilities(0).tolist() == [1.0]


def test_what_wins_is_a_matter_of_aspiration(animal):
    it = animal(WinStayLoseShift(aspiration=-0.5, lapse=0.0))
    it.live(0, 0, -0.25)
    assert it.signals() == {"rpe": 0.25, "value": -0.5}
    assert it.probabilities(0).tolist() == [1.0, 0.0]
    it.live(0, 0, -0.5)
    assert it.probabilities(0).tolist() == [0.0, 1.0]


def test_low_motivation(animal):
    it = animal(LowMotivation(**HALVES, burden=0.5, beta=2.0), n_actions=3, passive=0)
    errors = [it.live(0, 0, 1.0, 1), it.live(1, 1, 0.0, 0), it.live(1, 1, -1.0), it.live(0, 0, 0.0, 1)]
    assert errors == [1.0, 0.25, -1.125, -0.5]  # as QLearning
    assert it.preferences(0).tolist() == [0.5, -1.0, -1.0]
    assert it.preferences(1).tolist() == [0.0, -1.875, -1.0]


@pytest.mark.parametrize(("kind", "expected"), [(QLearning, -1.0), (ExpectedSarsa, -1.5), (PavlovianGoNoGo, -1.0)])
def test_what_cannot_be_chosen_in_the_next_state_is_not_expected_of_it(animal, kind, expected):
    indifferent = {"beta": 0.0} if kind is ExpectedSarsa else {}
    it = animal(kind(discount=1.0, **indifferent), n_actions=3)
    it.w.action_value[1] = (-1.0, -2.0, 0.0)
    it.e.next_available[:] = (1, 1, 0)
    assert it.live(0, 0, 0.0, next_state=1) == expected


def test_nor_is_its_balance_of_payoff_and_cost(animal):
    it = animal(PayoffCost(discount=1.0, initial_weight=0.0), n_actions=3)
    it.w.payoff[1], it.w.cost[1] = (0.0, 0.0, 4.0), (2.0, 4.0, 0.0)
    it.e.next_available[:] = (1, 1, 0)
    assert it.live(0, 0, 0.0, next_state=1) == -1.0


def test_lapses_go_to_what_can_be_chosen(animal):
    for kind, expected in ((WinStayLoseShift, [0.9, 0.1, 0.0]), (PavlovianGoNoGo, [0.5, 0.5, 0.0])):
        it = animal(kind(lapse=0.2), n_actions=3)
        it.e.available[:] = (1, 1, 0)
        it.live(0, 0, 1.0)
        if kind is PavlovianGoNoGo:
            it.w.action_value[0] = (-900.0, -900.0, 0.0)  # what cannot be done looks best
        weights = np.exp(it.preferences(0)) * it.e.available
        assert weights / weights.sum() == pytest.approx(expected, rel=1e-14)
        assert weights.sum() == pytest.approx(1.0, rel=1e-14)
