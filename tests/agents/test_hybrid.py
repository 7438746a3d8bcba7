"""The hybrid against the published equations, written out anew for the two-step task alone."""

import math

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.agents import Hybrid, QLearning
from habenula_rl.analysis import readouts
from habenula_rl.tasks import Bandit, TwoStep

OTHER = Hybrid(
    beta_first=3.0, beta_later=2.0, rate_first=0.7, rate_later=0.3, trace_decay=0.8, model_weight=0.6, perseveration=0.2
)


def published(agent, choices):
    """Log-likelihood of (first choice, state reached, second choice, reward) by trial: Daw et al. 2011, equation by
    equation. States are 0 and 1 here, counted among the second stage's.
    """
    q_first, q_second, counts, last, total = [0.0, 0.0], [[0.0, 0.0], [0.0, 0.0]], [[0, 0], [0, 0]], None, 0.0
    for first, state, second, reward in choices:
        lead = counts[0][0] + counts[1][1] - counts[0][1] - counts[1][0]
        straight = 0.7 if lead > 0 else 0.3 if lead < 0 else 0.5
        transition = [[straight, 1 - straight], [1 - straight, straight]]
        model_based = [sum(transition[a][s] * max(q_second[s]) for s in (0, 1)) for a in (0, 1)]
        net = [
            agent.model_weight * model_based[a]
            + (1 - agent.model_weight) * q_first[a]
            + (agent.perseveration if a == last else 0.0)
            for a in (0, 1)
        ]
        total += log_softmax([agent.beta_first * value for value in net], first)
        total += log_softmax([agent.beta_later * value for value in q_second[state]], second)
        first_error = q_second[state][second] - q_first[first]
        second_error = reward - q_second[state][second]
        q_first[first] += agent.rate_first * (first_error + agent.trace_decay * second_error)
        q_second[state][second] += agent.rate_later * second_error
        counts[first][state] += 1
        last = first
    return total


def log_softmax(preferences, chosen):
    return preferences[chosen] - math.log(sum(math.exp(value) for value in preferences))


def trials_of(run):
    """For each subject its (first choice, state reached, second choice, reward) by trial."""
    for _, rows in run.trials.groupby("subject"):
        first, second = rows[rows["step"] == 0], rows[rows["step"] == 1]
        columns = (first["action"], second["state"] - 1, second["action"], second["outcome"])
        yield list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize("agent", [Hybrid(), OTHER, Hybrid(model_weight=1.0), Hybrid(model_weight=0.0)])
@pytest.mark.parametrize("compiled", [True, False])
def test_the_likelihood_is_that_of_the_published_equations(agent, compiled):
    run = hrl.simulate(QLearning(beta=1.0), TwoStep(), n_subjects=10, n_trials=201, seed=4)
    likelihood = hrl.Likelihood(agent, run.trials, TwoStep(), compiled=compiled)
    expected = [published(agent, choices) for choices in trials_of(run)]
    np.testing.assert_allclose(likelihood.value(), expected, rtol=1e-12, atol=1e-10)


def test_the_gradient_is_that_of_central_differences_of_the_published_equations():
    run = hrl.simulate(Hybrid(), TwoStep(), n_subjects=3, n_trials=100, seed=4)
    names, h = list(OTHER.fields()), 1e-5
    slopes = hrl.Likelihood(OTHER, run.trials, TwoStep()).gradient(OTHER.values(), names)
    for subject, choices in enumerate(trials_of(run)):
        for k, name in enumerate(names):
            up, down = (published(OTHER.replace(**{name: getattr(OTHER, name) + d}), choices) for d in (h, -h))
            assert slopes[subject, k] == pytest.approx((up - down) / (2 * h), rel=1e-6, abs=1e-6), name


@pytest.mark.parametrize("n_subjects", [3, 40])  # one at a time, and side by side in lanes
def test_every_way_of_running_gives_the_same_bits(n_subjects):
    size = {"n_subjects": n_subjects, "n_trials": 25, "seed": 7}
    plain = hrl.simulate(OTHER, TwoStep(), compiled=False, **size).trials
    pd.testing.assert_frame_equal(hrl.simulate(OTHER, TwoStep(), compiled=True, **size).trials, plain, check_exact=True)


def test_it_steps_in_an_environment_as_it_runs():
    import gymnasium

    rows = hrl.simulate(OTHER, TwoStep(), n_subjects=2, n_trials=25, seed=7, compiled=False).trials
    env = gymnasium.make("habenula_rl/TwoStep-v0")
    live = hrl.LiveAgent(OTHER, env.observation_space, env.action_space, seed=7, subject=1, compiled=False)
    lived = []
    for trial in range(25):
        state, _ = env.reset(seed=7, options={"subject": 1}) if trial == 0 else env.reset()
        over = False
        while not over:
            action = live.act(state)
            reached, reward, over, _, _ = env.step(action)
            live.learn(state, action, reward, reached, over)
            lived.append((action, *live.signals.values()))
            state = reached
    own = rows.loc[rows["subject"] == 1, ["action", *Hybrid.signals]].to_numpy()
    np.testing.assert_array_equal(np.array(lived, dtype="f4"), own.astype("f4"))


def indices(weight):
    """Mean and standard error over 200 subjects of 201 trials."""
    run = hrl.simulate(Hybrid(model_weight=weight), TwoStep(), n_subjects=200, n_trials=201, seed=1)
    found = readouts.two_step_indices(run.trials)[["model_free", "model_based"]]
    return found.mean(), found.std() / math.sqrt(len(found))


def test_without_a_model_reward_alone_counts_and_with_nothing_but_a_model_the_interaction():
    """With standard errors of at most .0055 an effect of .026, a sixth of the other, is seen in 95 of 100 runs."""
    free, free_error = indices(0.0)
    based, based_error = indices(1.0)
    assert max(free_error.max(), based_error.max()) < 0.0055
    assert free["model_free"] > 0.15 and abs(free["model_based"]) < 3 * free_error["model_based"]
    assert based["model_based"] > 0.10 and abs(based["model_free"]) < 3 * based_error["model_free"]


def test_the_weight_between_gives_both():
    mean, error = indices(0.39)
    assert (mean > 5 * error).all()


def test_a_first_choice_is_repeated_for_its_own_sake(animal):
    it = animal(Hybrid(perseveration=0.5, beta_first=2.0, beta_later=3.0), n_states=3)
    it.live(0, 1, 0.0, 2)
    assert it.preferences(2).tolist() == [0.0, 0.0]  # not at the second stage
    it.live(2, 0, 0.0)
    assert it.preferences(0).tolist() == [0.0, 1.0]  # 2·0.5


def test_a_trial_by_hand(animal):
    it = animal(
        Hybrid(rate_first=0.5, rate_later=0.25, trace_decay=0.5, model_weight=0.5, beta_first=1.0, perseveration=0.0),
        n_states=3,
    )
    it.live(0, 0, 0.0, 1)
    it.live(1, 1, 1.0)  # Q(1, 1) = .25·1, Q(0, 0) = .5·.5·1
    assert it.w.action_value[1].tolist() == [0.0, 0.25] and it.w.action_value[0].tolist() == [0.25, 0.0]
    # M: .7·.25 for the action that led there, .3·.25 for the other
    assert it.preferences(0) == pytest.approx([0.5 * 0.175 + 0.5 * 0.25, 0.5 * 0.075])
    it.live(0, 1, 0.0, 1)
    it.live(1, 0, 0.0)  # both actions led there as often: .5 each
    # Q(0, 1) = .5·(0 - 0)
    assert it.preferences(0) == pytest.approx([0.5 * 0.125 + 0.5 * 0.25, 0.5 * 0.125])


def test_elsewhere_it_counts_where_actions_led(animal):
    """Of three actions one led to state 1 twice and to state 2 once, and paid 1 each time."""
    agent = Hybrid(rate_first=0.5, rate_later=1.0, trace_decay=0.0, model_weight=1.0, beta_first=1.0, perseveration=0.0)
    it = animal(agent, n_states=4, n_actions=3)
    for state, reward in ((1, 3.0), (1, 3.0), (2, 6.0)):
        it.live(0, 2, 1.0, state)
        it.live(state, 0, reward)
    paid = 0.875  # 1 - .5³
    assert it.preferences(0)[2] == pytest.approx(paid + 2 / 3 * 3.0 + 1 / 3 * 6.0)
    it.live(0, 2, 1.0)  # and once it ended the trial
    assert it.preferences(0)[2] == pytest.approx(0.9375 + 2 / 4 * 3.0 + 1 / 4 * 6.0)


def test_in_trials_of_one_step_the_weight_has_no_effect():
    runs = [
        hrl.simulate(Hybrid(model_weight=w), Bandit(), n_subjects=5, n_trials=100, seed=2, compiled=False).trials
        for w in (0.0, 1.0)
    ]
    pd.testing.assert_frame_equal(*runs)


def test_the_parameters_of_simulated_people_come_back():
    """The weight that makes the data most likely, from 20 people of 201 trials each: within .1 of the true one."""
    run = hrl.simulate(Hybrid(model_weight=0.6), TwoStep(), n_subjects=20, n_trials=201, seed=3)
    likelihood = hrl.Likelihood(Hybrid, run.trials, TwoStep())
    weights = np.linspace(0.0, 1.0, 21)
    total = [likelihood.value({"model_weight": weight}).sum() for weight in weights]
    assert abs(weights[np.argmax(total)] - 0.6) <= 0.1
