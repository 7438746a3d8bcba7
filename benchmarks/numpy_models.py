"""The model of opponent.py in NumPy, as peers write it: a loop over trials, and vectorised over subjects."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import gymnasium
import numpy as np

from .opponent import Bandit, Opponent


class Draws(Protocol):
    """A source of uniform numbers, as `numpy.random.Generator` is one."""

    def random(self) -> float: ...


class BanditEnvironment(gymnasium.Env):
    """Two arms; a step is an episode."""

    observation_space = gymnasium.spaces.Discrete(1)
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, task: Bandit, draws: Draws) -> None:
        self.chances, self.draws = (task.left, task.right), draws

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        return 0, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        return 0, float(self.draws.random() < self.chances[action]), True, False, {}


def logistic(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-x))


class LoopAgent:
    """One subject with NumPy arrays as its state."""

    def __init__(self, p: Opponent, draws: Draws) -> None:
        self.p, self.draws = p, draws
        self.V, self.G, self.N = np.zeros(1), np.zeros((1, 2)), np.zeros((1, 2))

    def act(self, s: int) -> int:
        z = self.p.beta * (self.G[s] - self.N[s])
        weights = np.exp(z - z.max())
        return int(np.searchsorted(np.cumsum(weights), self.draws.random() * weights.sum(), side="right"))

    def learn(self, s: int, a: int, r: float) -> tuple[float, float, float]:
        p = self.p
        delta = r - self.V[s]
        burst = p.nmda * logistic((p.hyperactivity + p.k_neg * max(-delta, 0.0) - 1.876) / 0.725)
        rest = p.nmda * logistic((p.hyperactivity - 1.876) / 0.725)
        dopamine = delta - p.burst_gain * (burst - rest)
        self.V[s] += p.alpha_v * dopamine
        self.G[s, a] += p.alpha_a * max(dopamine, 0.0) - p.leak * self.G[s, a]
        self.N[s, a] += p.alpha_a * max(-dopamine, 0.0) - p.leak * self.N[s, a]
        return delta, burst, dopamine


@dataclass(frozen=True)
class Record:
    """What every subject did in every trial, arrays (subjects, trials)."""

    action: np.ndarray
    outcome: np.ndarray
    rpe: np.ndarray
    burst: np.ndarray
    dopamine: np.ndarray


def empty_record(n_subjects: int, n_trials: int) -> Record:
    return Record(np.empty((n_subjects, n_trials), np.int16), *np.empty((4, n_subjects, n_trials), np.float32))


def loop(
    p: Opponent, task: Bandit, n_subjects: int, n_trials: int, draws: Callable[[int], tuple[Draws, Draws]]
) -> Record:
    """Step by step; `draws(i)` gives subject i's source of choices and its source of outcomes."""
    kept = empty_record(n_subjects, n_trials)
    for i in range(n_subjects):
        choices, outcomes = draws(i)
        agent, env = LoopAgent(p, choices), BanditEnvironment(task, outcomes)
        for t in range(n_trials):
            state, _ = env.reset()
            action = agent.act(state)
            _, reward, *_ = env.step(action)
            kept.action[i, t], kept.outcome[i, t] = action, reward
            kept.rpe[i, t], kept.burst[i, t], kept.dopamine[i, t] = agent.learn(state, action, reward)
    return kept


def vectorised(
    p: Opponent,
    task: Bandit,
    n_subjects: int,
    n_trials: int,
    choices: Callable[[int], np.ndarray],
    outcomes: Callable[[int], np.ndarray],
) -> Record:
    """All subjects at once, trial by trial; `choices(t)` and `outcomes(t)` give their draws, arrays (subjects,)."""
    kept = empty_record(n_subjects, n_trials)
    V, G, N = np.zeros(n_subjects), np.zeros((n_subjects, 2)), np.zeros((n_subjects, 2))
    chances, everyone = np.array([task.left, task.right]), np.arange(n_subjects)
    rest = p.nmda * logistic((p.hyperactivity - 1.876) / 0.725)
    for t in range(n_trials):
        worth = G - N
        action = (choices(t) * (1.0 + np.exp(p.beta * (worth[:, 1] - worth[:, 0]))) >= 1.0).astype(np.intp)
        reward = (outcomes(t) < chances[action]).astype(float)
        delta = reward - V
        burst = p.nmda * logistic((p.hyperactivity + p.k_neg * np.maximum(-delta, 0.0) - 1.876) / 0.725)
        dopamine = delta - p.burst_gain * (burst - rest)
        V += p.alpha_v * dopamine
        G[everyone, action] += p.alpha_a * np.maximum(dopamine, 0.0) - p.leak * G[everyone, action]
        N[everyone, action] += p.alpha_a * np.maximum(-dopamine, 0.0) - p.leak * N[everyone, action]
        kept.action[:, t], kept.outcome[:, t] = action, reward
        kept.rpe[:, t], kept.burst[:, t], kept.dopamine[:, t] = delta, burst, dopamine
    return kept
