"""Likelihoods against plain Python that knows nothing of the package, written from the equations of docs/reference."""

import math

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.agents import (
    AGENTS,
    ActorCritic,
    DualRate,
    ExpectedSarsa,
    HabenulaAgent,
    Hybrid,
    LowMotivation,
    OpAL,
    PavlovianGoNoGo,
    PayoffCost,
    PearceHall,
    QLearning,
    Sarsa,
    WinStayLoseShift,
    WithChoiceKernel,
)

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


def opponent(p):
    g, n, v = [1.0] * ARMS, [1.0] * ARMS, [0.0]

    def learn(a, r):
        delta = r - v[0]
        v[0] += p["learning_rate"] * delta
        scaled = delta / p["outcome_range"]
        g[a] = max(0.0, g[a] * (1 + p["go_rate"] * scaled))
        n[a] = max(0.0, n[a] * (1 - p["nogo_rate"] * scaled))

    t = p["dopamine"]
    return lambda: softmax([2 * p["beta"] * (t * g[k] - (1 - t) * n[k]) for k in range(ARMS)]), learn


def payoff_cost(p):
    g, n = [p["initial_weight"]] * ARMS, [p["initial_weight"]] * ARMS

    def f(x):
        return x if x > 0 else p["slope"] * x

    def learn(a, r):
        delta = r - (g[a] - n[a]) / 2
        g[a], n[a] = (
            max(0.0, w + p["learning_rate"] * f(e) - p["leak"] * w) for w, e in ((g[a], delta), (n[a], -delta))
        )

    t = p["dopamine"]
    return lambda: softmax([p["beta"] * (t * g[k] - (1 - t) * n[k]) for k in range(ARMS)]), learn


def hybrid(p):
    """In trials of one step what is planned is what was reinforced."""
    q, last = [0.0] * ARMS, []

    def learn(a, r):
        q[a] += p["rate_first"] * (r - q[a])
        last[:] = [a]

    return lambda: softmax([p["beta_first"] * (q[k] + p["perseveration"] * ([k] == last)) for k in range(ARMS)]), learn


def pavlovian(p):
    """Without a passive action bias and pull are alike for all."""
    q = [0.0] * ARMS

    def learn(a, r):
        felt = (p["reward_sensitivity"] if r > 0 else p["punishment_sensitivity"]) * r
        q[a] += p["learning_rate"] * (felt - q[a])

    return lambda: [(1 - p["lapse"]) * x + p["lapse"] / ARMS for x in softmax(q)], learn


def logistic(x):
    return 1 / (1 + math.exp(-x))


def softplus(x):
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


class Habenula:
    """Equations of docs/explanation/model.md, for trials of one step in which nothing hurts the body."""

    def __init__(self, p, n_actions, passive=None):
        self.p, self.n_actions, self.passive = p, n_actions, passive
        self.v, self.g, self.n, self.innate = {}, {}, {}, {}
        self.control, self.relief, self.tried = p["control_prior"], [0.0, 0.0], [0.0, 0.0]
        self.largest = 1.0
        self.t = p["dopamine_tone"] * self.tonic()
        self.s = p["serotonin_tone"] * self.tonic()
        healthy = {x: self.healthy(x * p["error_gain"]) for x in (-0.5, 0.0, 0.5)}
        self.dip_weight, self.lift_weight = 0.5 / (healthy[0.5] - healthy[0.0]), 0.5 / (healthy[0.0] - healthy[-0.5])

    def bursts(self, x, h=None, m=1.0):
        return m ** self.p["nmda_power"] * logistic((h + x - self.p["burst_threshold"]) / self.p["burst_slope"])

    def healthy(self, x):
        return softplus(1.5 * x + 1) / softplus(1) + self.p["burst_gain"] * self.bursts(x, 0.0)

    def bursting(self, x):
        p = self.p
        natural = (
            self.bursts(x, p["hyperactivity"] + p["hyperpolarisation"], p["nmda"]) * p["t_type"] ** p["t_type_power"]
        )
        return natural + p["burst_drive"] * (1 - natural)

    def fires(self, x):
        p = self.p
        return p["habenula_output"] * (
            softplus(1.5 * (x + p["tonic_drive"]) + 1) / softplus(1) + p["burst_gain"] * self.bursting(x)
        )

    def tonic(self):
        p = self.p
        heard, usual = p["habenula_output"] * self.bursting(0.0), self.bursts(0.0, 0.0)
        here, there = (logistic((p["dopamine_half"] - b) / p["dopamine_slope"]) for b in (heard, usual))
        return 0.5 * (p["dopamine_floor"] + (1 - p["dopamine_floor"]) * here / there)

    def chances(self, state):
        p, v = self.p, self.v.get(state, 0.0)
        v = v / (1 + abs(v))
        pull = p["pavlovian"] * (1 - self.control) * (v if v > 0 else 2 * (1 - self.s) * v)
        ready = pull - p["vigour"] * (1 - self.t - self.s)
        z = []
        for a in range(self.n_actions):
            initiated = self.passive is not None and a != self.passive
            innate, g, n = (weights.get((state, a), 0.0) for weights in (self.innate, self.g, self.n))
            z.append(p["beta"] * (innate + g - n) + (ready if initiated else 0))
        return softmax(z)

    def learn(self, state, a, r):
        p, v = self.p, self.v.get(state, 0.0)
        worth = math.copysign(1 + math.log(abs(r)), r) if abs(r) > 1 else r
        self.largest = max(self.largest, abs(worth))
        r = worth / self.largest
        delta = r - v
        change = self.fires(-p["error_gain"] * delta) - self.fires(0.0)
        up, down = max(delta, 0.0), max(-delta, 0.0)
        lift, phi = p["lift_share"], p["habenula_share"]
        burst = 2 * self.t * ((1 - lift) * up + lift * max(-self.lift_weight * change, 0.0))
        d = burst - (1 - phi) * down - phi * max(self.dip_weight * change, 0.0) + p["dopamine_drive"]
        self.learn_control(-v, a, -r)
        self.v[state] = v + p["value_rate"] * d
        for weights, evidence in ((self.g, d), (self.n, -d)):
            w = weights.get((state, a), 0.0)
            weights[state, a] = max(0.0, w + p["trace_rate"] * evidence - p["trace_leak"] * w)

    def learn_control(self, threat, a, loss):
        if threat <= 0:
            return
        stake, came, k = min(threat, 1.0), max(0.0, threat - max(loss, 0.0)) / threat, int(a != self.passive)
        self.tried[k] = min(self.tried[k] + stake, 1 / self.p["control_rate"])
        self.relief[k] += stake / self.tried[k] * (came - self.relief[k])
        variance = 0.0
        for f, n in zip(self.relief, self.tried, strict=True):
            likely = (f * n + 0.5) / (n + 1)
            variance += likely * (1 - likely) / (n + 1)
        found = max(0.0, self.relief[1] - self.relief[0] - math.sqrt(variance))
        assumed = self.control <= self.p["control_prior"]
        gives_up = stake * self.p["control_rate" if assumed else "control_loss"] * (found - self.control)
        self.control = found if found > self.control else self.control + gives_up


def habenula(p):
    made = Habenula(p, ARMS)
    return lambda: made.chances(0), lambda a, r: made.learn(0, a, r)


PAIRS = [
    (QLearning, q_learning),
    (DualRate, dual_rate),
    (PearceHall, pearce_hall),
    (ActorCritic, actor_critic),
    (WinStayLoseShift, win_stay),
    (WithChoiceKernel(QLearning), kernel),
    (Sarsa, q_learning),  # in trials of one step
    (ExpectedSarsa, q_learning),
    (LowMotivation, q_learning),  # where no action is doing nothing
    (OpAL, opponent),
    (PayoffCost, payoff_cost),
    (Hybrid, hybrid),
    (PavlovianGoNoGo, pavlovian),
    (HabenulaAgent, habenula),
]


def test_every_agent_has_an_oracle():
    own = {kind for kind in AGENTS.values() if kind.__module__.startswith("habenula_rl.")}  # others register theirs
    assert own <= {agent for agent, _ in PAIRS}


def drawn(agent, names, n, rng):
    """Values about the defaults, and off every end."""
    values = {name: np.clip(agent.fields()[name].default * rng.uniform(0.5, 1.5, n) + 0.01, 0.0, 8.0) for name in names}
    return values | {n: np.minimum(v, 0.99) for n, v in values.items() if agent.fields()[n].metadata["high"] == 1.0}


@pytest.mark.parametrize(("agent", "oracle"), PAIRS, ids=lambda x: x.__name__)
def test_to_ten_digits(agent, oracle):
    rng = np.random.default_rng(1)
    n, n_trials = 6, 90
    trials = pd.DataFrame(
        {
            "subject": np.repeat(np.arange(n), n_trials),
            "action": rng.integers(0, ARMS, n * n_trials),
            "outcome": rng.choice([-4.0, -1.0, 0.0, 0.5, 1.0, 2.0], n * n_trials),
        }
    )
    names = [name for name, f in agent.fields().items() if isinstance(f.default, float)]
    values = drawn(agent, names, n, rng)
    found = hrl.Likelihood(agent, trials, "plain").value(values)
    for subject, rows in trials.groupby("subject"):
        chances, learn = oracle({name: float(v[subject]) for name, v in values.items()})
        total = 0.0
        for row in rows.itertuples():
            total += math.log(chances()[row.action])
            learn(row.action, row.outcome)
        assert found[subject] == pytest.approx(total, rel=1e-10, abs=1e-10)


def with_nothing(p, of):
    """Q of two actions by cue; `of` what is added to the preference of acting."""
    q, v = {}, {}

    def chances(state):
        go, nogo = q.get((state, GO), 0.0), q.get((state, NOGO), 0.0)
        return of(p, go, nogo, v.get(state, 0.0))

    def learn(state, a, r):
        felt = r
        if "reward_sensitivity" in p:
            felt = (p["reward_sensitivity"] if r > 0 else p["punishment_sensitivity"]) * r
        q[state, a] = q.get((state, a), 0.0) + p["learning_rate"] * (felt - q.get((state, a), 0.0))
        v[state] = v.get(state, 0.0) + p["learning_rate"] * (felt - v.get(state, 0.0))

    return chances, learn


def burdened(p):
    return with_nothing(
        p, lambda p, go, nogo, v: _by_action(softmax([p["beta"] * (go - p["burden"]), p["beta"] * nogo]))
    )


def biased(p):
    def chances(p, go, nogo, v):
        weighed = softmax([go + p["go_bias"] + p["pavlovian"] * v, nogo])
        return _by_action([(1 - p["lapse"]) * x + p["lapse"] / 2 for x in weighed])

    return with_nothing(p, chances)


def _by_action(go_first):
    return {GO: go_first[0], NOGO: go_first[1]}


def habenula_with_nothing(p):
    made = Habenula(p, 2, passive=NOGO)
    made.innate = {(state, GO): p["reflex_go"] * CUES.go_reflex for state in range(len(CUES.states))}
    return made.chances, made.learn


CUES = hrl.tasks.GoNoGo()
NOGO = CUES.passive
GO = 1 - NOGO


@pytest.mark.parametrize(
    ("agent", "oracle"),
    [(LowMotivation, burdened), (PavlovianGoNoGo, biased), (HabenulaAgent, habenula_with_nothing)],
    ids=lambda x: x.__name__,
)
def test_to_ten_digits_where_doing_nothing_is_an_action(agent, oracle):
    """Cues, wins and losses: what a bias, a burden, vigour, prospects and control do."""
    rng, n = np.random.default_rng(2), 5
    trials = hrl.simulate(QLearning(learning_rate=0.3), CUES, n_subjects=n, n_trials=120, seed=4).trials
    names = [name for name, f in agent.fields().items() if isinstance(f.default, float)]
    values = drawn(agent, names, n, rng)
    found = hrl.Likelihood(agent, trials, CUES).value(values)
    moved = {name for name in names if hrl.Likelihood(agent, trials, CUES).gradient(values, [name]).any()}
    assert moved >= {"vigour", "pavlovian", "control_prior"} if agent is HabenulaAgent else moved >= {"learning_rate"}
    for subject, rows in trials.groupby("subject"):
        chances, learn = oracle({name: float(v[subject]) for name, v in values.items()})
        total = 0.0
        for row in rows.itertuples():
            total += math.log(chances(row.state)[row.action])
            learn(row.state, row.action, row.outcome)
        assert found[subject] == pytest.approx(total, rel=1e-10, abs=1e-10)
