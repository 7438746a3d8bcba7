"""Where each rival is Q-learning, which is Rescorla-Wagner learning in trials of one step: the same bits, or 1e-12."""

import numpy as np
import pytest

from habenula_rl.agents import (
    ActorCritic,
    DualRate,
    ExpectedSarsa,
    HabenulaAgent,
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

STATES = 4
COMPOUNDS = {3: (0, 1)}
PLAIN = QLearning(learning_rate=0.3, discount=0.8, beta=4.0)
SHARED = PLAIN.values()


def life(n_actions, steps, seed=0):
    """Steps of trials of up to `steps` steps: state, action, reward (worth itself), next state, none at the end."""
    rng = np.random.default_rng(seed)
    for _ in range(60):
        length = int(rng.integers(1, steps + 1))
        states = rng.integers(0, STATES, length)
        for k, state in enumerate(states):
            following = None if k == length - 1 else int(states[k + 1])
            yield int(state), int(rng.integers(0, n_actions)), float(rng.uniform(-1.0, 1.0)), following


def lived(animal, agent, n_actions=3, steps=4, **weights):
    """Preferences and signals after each trial's end; `weights` are those of the state that begin elsewhere."""
    it = animal(agent, STATES, n_actions, -1, COMPOUNDS)
    for name, value in weights.items():
        it.w[name][:] = value
    seen = []
    for state, action, reward, following in life(n_actions, steps):
        it.live(state, action, reward, following)
        if following is None:
            seen.append([*it.preferences(state), *it.signals().values()])
    return np.array(seen)


SAME_BITS = {
    "dual rate, alike": (DualRate(rate_better=0.3, rate_worse=0.3, discount=0.8, beta=4.0), 3, 4),
    "sarsa, no traces, one step": (Sarsa(**SHARED, trace_decay=0.0), 3, 1),
    "sarsa, no traces, one action": (Sarsa(**SHARED, trace_decay=0.0), 1, 4),
    "expected sarsa, no traces, one step": (ExpectedSarsa(**SHARED, trace_decay=0.0), 3, 1),
    "expected sarsa, no traces, one action": (ExpectedSarsa(**SHARED, trace_decay=0.0), 1, 4),
    "traces, one step": (Sarsa(**SHARED, trace_decay=1.0), 3, 1),
    "pearce-hall, fixed": (PearceHall(**SHARED, associability_rate=0.0, initial_associability=1.0), 3, 4),
    "low motivation, none": (LowMotivation(**SHARED, burden=0.0), 3, 4),
}


@pytest.mark.parametrize("name", SAME_BITS)
def test_the_same_bits_as_q_learning(animal, name):
    agent, n_actions, steps = SAME_BITS[name]
    plain = lived(animal, PLAIN, n_actions, steps)
    np.testing.assert_array_equal(lived(animal, agent, n_actions, steps)[:, : plain.shape[1]], plain)


def test_pearce_hall_with_a_fixed_associability_learns_at_its_share_of_the_rate(animal):
    half = PearceHall(**SHARED | {"learning_rate": 0.6}, associability_rate=0.0, initial_associability=0.5)
    plain = lived(animal, PLAIN)
    np.testing.assert_allclose(lived(animal, half)[:, :5], plain, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("critic", [ActorCritic(**SHARED), OpAL(**SHARED, go_rate=0.7, nogo_rate=0.2)])
def test_a_critic_with_one_action_has_the_values_of_q_learning(animal, critic):
    plain = lived(animal, PLAIN, n_actions=1)
    np.testing.assert_array_equal(lived(animal, critic, n_actions=1)[:, 1:3], plain[:, 1:])  # rpe and value


def test_without_its_habenula_the_thesis_is_the_actor_critic(animal):
    """No dip passes through the habenula, nothing leaks, and nothing but the traces drives choice.

    Each trace takes half of every error where both are far above 0: half of the actor's rate, and they cancel.
    """
    off = dict.fromkeys(("habenula_share", "pain_share", "lift_share", "trace_leak", "pavlovian"), 0.0)
    off |= {"reflex_go": 0.0, "growth": 0.0, "vigour": 0.0}
    agent = HabenulaAgent(**off, value_rate=0.3, trace_rate=0.1, discount=0.8, beta=4.0)
    rival = ActorCritic(**SHARED, actor_rate=0.2)
    thesis, names = lived(animal, agent, go=32.0, nogo=32.0), HabenulaAgent.signals
    columns = [0, 1, 2, *(3 + names.index(name) for name in rival.signals)]
    np.testing.assert_allclose(thesis[:, columns], lived(animal, rival), rtol=1e-12, atol=1e-12)


def test_expected_sarsa_expects_the_best_where_choice_is_consistent(animal):
    it = animal(ExpectedSarsa(beta=100.0), n_actions=3)
    it.w.action_value[0] = (0.2, 1.0, -3.0)
    best = action_values.best(it.w.action_value, np.array([0]), it.e.available)
    assert action_values.mean(it.p, it.w, np.array([0]), it.e.available) == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize("slope", [1.0, 0.2])
def test_payoff_and_cost_without_leak_balance_as_q_learning(animal, slope):
    """The rate is half of α·(1 + ε); a compound starts from weights that are there twice, and cancel."""
    weights = {"slope": slope, "leak": 0.0, "initial_weight": 32.0, "dopamine": 0.5}
    agent = PayoffCost(**SHARED | {"learning_rate": 0.6 / (1.0 + slope)}, **weights)
    plain = lived(animal, PLAIN)
    np.testing.assert_allclose(lived(animal, agent)[:, :5], plain, rtol=1e-12, atol=1e-12)


def test_go_nogo_without_bias_pull_and_lapse_chooses_as_q_learning(animal):
    sensitivities = {"reward_sensitivity": 4.0, "punishment_sensitivity": 4.0}
    off = {"go_bias": 0.0, "pavlovian": 0.0, "lapse": 0.0}
    agent = PavlovianGoNoGo(learning_rate=0.3, discount=0.8, **sensitivities, **off)
    one, other = animal(PLAIN, STATES, 3, 0, COMPOUNDS), animal(agent, STATES, 3, 0, COMPOUNDS)
    for step in life(3, 4):
        assert other.live(*step) == pytest.approx(4.0 * one.live(*step), rel=1e-12, abs=1e-12)
        np.testing.assert_allclose(other.probabilities(step[0]), one.probabilities(step[0]), rtol=1e-12, atol=1e-12)


def test_where_there_is_no_doing_nothing_low_motivation_and_a_go_bias_change_no_choice(animal):
    indifferent = {"pavlovian": 0.0, "lapse": 0.0}
    for burdened, free in (
        (LowMotivation(burden=2.0), LowMotivation(burden=0.0)),
        (PavlovianGoNoGo(go_bias=3.0, **indifferent), PavlovianGoNoGo(go_bias=0.0, **indifferent)),
    ):
        one, other = (animal(agent, STATES, 3, -1, COMPOUNDS) for agent in (burdened, free))
        for step in life(3, 4):
            one.live(*step), other.live(*step)
            np.testing.assert_allclose(one.probabilities(step[0]), other.probabilities(step[0]), rtol=1e-12)


@pytest.mark.parametrize("reward", [1.0, -1.0])
def test_win_stay_lose_shift_is_fast_and_greedy_q_learning_up_to_the_first_outcome(animal, reward):
    fast = QLearning(learning_rate=1.0, discount=0.0, beta=100.0)
    for it in (one := animal(fast, STATES), other := animal(WinStayLoseShift(lapse=0.0), STATES)):
        it.live(2, 1, reward)
    for state in range(STATES):
        np.testing.assert_allclose(one.probabilities(state), other.probabilities(state), atol=1e-12)


def test_win_stay_lose_shift_forgets_what_the_other_action_brought_and_q_learning_does_not(animal):
    """So there is no limit in which they are one: both actions won, and then one lost."""
    fast = QLearning(learning_rate=1.0, discount=0.0, beta=100.0)
    for it in (one := animal(fast), other := animal(WinStayLoseShift(lapse=0.0))):
        it.live(0, 0, 1.0), it.live(0, 1, 1.0)
    assert one.probabilities(0) == pytest.approx([0.5, 0.5])
    assert other.probabilities(0).tolist() == [0.0, 1.0]
