"""A small opponent learner and a two-armed bandit, written as a user would in a file of their own."""

from dataclasses import dataclass

import numpy as np

from habenula_rl.contract import Agent, Task, parameter
from habenula_rl.randomness import uniform


def positive(x):
    return x if x.real > 0 else x * 0.0


def bursts(p, x):
    return p.nmda / (1.0 + np.exp(-(p.hyperactivity + x - 1.876) / 0.725))


def start(p, w, reflex):
    w.V[:] = 0.0
    w.G[:] = 0.0
    w.N[:] = 0.0


def prefer(p, w, e, z):
    for a in range(z.size):
        z[a] = p.beta * (w.G[e.state, a] - w.N[e.state, a])


def learn(p, w, e, y):
    s, a = e.state, e.action
    delta = e.reward - w.V[s]
    burst = bursts(p, p.k_neg * positive(-delta))
    dopamine = positive(delta) - positive(-delta) - p.burst_gain * (burst - bursts(p, 0.0))
    w.V[s] += p.alpha_v * dopamine
    w.G[s, a] += p.alpha_a * positive(dopamine) - p.leak * w.G[s, a]
    w.N[s, a] += p.alpha_a * positive(-dopamine) - p.leak * w.N[s, a]
    y.rpe = delta
    y.burst = burst
    y.dopamine = dopamine


@dataclass(frozen=True)
class Opponent(Agent):
    """Go and NoGo traces fed by a prediction error whose negative side passes through bursts."""

    start, prefer, learn = start, prefer, learn
    signals = ("rpe", "burst", "dopamine")

    alpha_v: float = parameter(0.15, doc="learning rate of value", low=0, high=1)
    alpha_a: float = parameter(0.2, doc="learning rate of Go and NoGo", low=0, high=1)
    leak: float = parameter(0.02, doc="leak of Go and NoGo", low=0, high=1)
    beta: float = parameter(3.0, doc="choice consistency", low=0, high=100)
    k_neg: float = parameter(1.5, doc="drive by a negative prediction error", low=0, high=10)
    hyperactivity: float = parameter(1.0, doc="0 healthy, 1 helpless", low=-3, high=6)
    nmda: float = parameter(1.0, doc="open receptors", unit="fraction", low=0, high=1)
    burst_gain: float = parameter(4.0, doc="weight of bursts", low=0, high=100)

    @staticmethod
    def state(n_states, n_actions):
        return {"V": (n_states,), "G": (n_states, n_actions), "N": (n_states, n_actions)}


def begin_bandit(q, x, e):
    e.state = 0


def pull(q, x, e):
    chance = q.left if e.action == 0 else q.right
    e.reward = 1.0 if uniform(e, 0) < chance else 0.0
    e.next_state = 0
    e.terminated = 1


@dataclass(frozen=True)
class Bandit(Task):
    """Two arms that pay 1 or 0."""

    begin, step = begin_bandit, pull
    states = ("room",)
    actions = ("left", "right")

    left: float = parameter(0.2, doc="chance of the left arm", unit="probability", low=0, high=1)
    right: float = parameter(0.8, doc="chance of the right arm", unit="probability", low=0, high=1)


def begin_walk(q, x, e):
    e.state = 0


def walk(q, x, e):
    to = e.state + e.action
    e.next_state = to - q.n_states if to >= q.n_states else to
    e.reward = 1.0 if uniform(e, 0) < 0.5 and e.action == 0 else 0.0


@dataclass(frozen=True)
class Walk(Task):
    """A ring of `n_states`; action a leads a places on, modulo the ring; a trial is 50 steps. No more actions than
    `n_states` + 1."""

    begin, step = begin_walk, walk
    max_steps = 50

    n_states: int = parameter(10, doc="places on the ring", low=1, high=1000)
    n_actions: int = parameter(2, doc="lengths of a step", low=1, high=100)

    @property
    def states(self):
        return tuple(map(str, range(self.n_states)))

    @property
    def actions(self):
        return tuple(map(str, range(self.n_actions)))
