"""Likelihoods against plain Python that knows nothing of the package, written from the equations of docs/reference."""

import math

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.agents import ActorCritic, DualRate, PearceHall, QLearning, WinStayLoseShift, WithChoiceKernel

ARMS = 3


def softmax(z):
    top = max(z)
    total = sum(math.exp(v - top) for v in z)
    return [math.exp(v - top) / total for v in z]


def q_learning(p):
    q = [0.0] * ARMS

    def learn(a, r):
        q[a] += p["learning_rate"] * (r - q[a])

    return lambda: softmax([p["beta"] * v for v in q]), learn


def dual_rate(p):
    q = [0.0] * ARMS

    def learn(a, r):
        delta = r - q[a]
        q[a] += (p["rate_better"] if delta > 0 else p["rate_worse"]) * delta

    return lambda: softmax([p["beta"] * v for v in q]), learn


def pearce_hall(p):
    q, alpha = [0.0] * ARMS, [p["initial_associability"]]

    def learn(a, r):
        delta = r - q[a]
        q[a] += p["learning_rate"] * alpha[0] * delta
        alpha[0] = min(1.0, p["associability_rate"] * abs(delta) + (1 - p["associability_rate"]) * alpha[0])

    return lambda: softmax([p["beta"] * v for v in q]), learn


def actor_critic(p):
    h, v = [0.0] * ARMS, [0.0]

    def learn(a, r):
        delta = r - v[0]
        v[0] += p["learning_rate"] * delta
        h[a] += p["actor_rate"] * delta

    return lambda: softmax([p["beta"] * x for x in h]), learn


def win_stay(p):
    last = []

    def chances():
        plain = [1 / ARMS] * ARMS
        if last:
            a, won = last
            plain = [float(k == a) if won else (0.0 if k == a else 1 / (ARMS - 1)) for k in range(ARMS)]
        return [(1 - p["lapse"]) * x + p["lapse"] / ARMS for x in plain]

    def learn(a, r):
        last[:] = [a, r > p["aspiration"]]

    return chances, learn


def kernel(p):
    q, c = [0.0] * ARMS, [0.0] * ARMS

    def learn(a, r):
        q[a] += p["learning_rate"] * (r - q[a])
        for k in range(ARMS):
            c[k] += p["choice_rate"] * (float(k == a) - c[k])

    return lambda: softmax([p["beta"] * q[k] + p["perseveration"] * c[k] for k in range(ARMS)]), learn


PAIRS = [
    (QLearning, q_learning),
    (DualRate, dual_rate),
    (PearceHall, pearce_hall),
    (ActorCritic, actor_critic),
    (WinStayLoseShift, win_stay),
    (WithChoiceKernel(QLearning), kernel),
]


@pytest.mark.parametrize(("agent", "oracle"), PAIRS, ids=lambda x: x.__name__)
def test_to_ten_digits(agent, oracle):
    rng = np.random.default_rng(1)
    n, n_trials = 6, 90
    trials = pd.DataFrame(
        {
            "subject": np.repeat(np.arange(n), n_trials),
            "action": rng.integers(0, ARMS, n * n_trials),
            "outcome": rng.choice([-1.0, 0.0, 0.5, 1.0], n * n_trials),
        }
    )
    names = [name for name, f in agent.fields().items() if isinstance(f.default, float)]
    values = {name: np.clip(agent.fields()[name].default * rng.uniform(0.5, 1.5, n) + 0.01, 0.0, 8.0) for name in names}
    values |= {name: np.minimum(v, 0.99) for name, v in values.items() if agent.fields()[name].metadata["high"] == 1.0}
    found = hrl.Likelihood(agent, trials).value(values)
    for subject, rows in trials.groupby("subject"):
        chances, learn = oracle({name: float(v[subject]) for name, v in values.items()})
        total = 0.0
        for row in rows.itertuples():
            total += math.log(chances()[row.action])
            learn(row.action, row.outcome)
        assert found[subject] == pytest.approx(total, rel=1e-10, abs=1e-10)
