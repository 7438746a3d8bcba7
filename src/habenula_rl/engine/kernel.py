# ruff: noqa: F821
"""The loop: subjects, trials, steps. Written once; the compiler binds the rules that it leaves open, declared below."""

from typing import Any

import numpy as np

from ..contract import Rule
from ..randomness import U, draw, stream_key

start: Rule
prefer: Rule
learn: Rule
begin: Rule
step: Rule
keep: Rule
tally: Rule
signal_sum: Rule


def choose(z: Any, u: float) -> int:
    """The action whose softmax interval holds u, uniform in [0, 1)."""
    top = z[0]
    for a in range(1, z.size):
        top = z[a] if z[a] > top else top
    total = 0.0
    for a in range(z.size):
        total += np.exp(z[a] - top)
    u *= total
    for a in range(z.size - 1):
        u -= np.exp(z[a] - top)
        if u < 0.0:
            return a
    return int(z.size - 1)


def begin_all(P: Any, W: Any, reflex: Any) -> None:
    """Make every subject naive."""
    for i in range(P.shape[0]):
        start(P[i], W[i], reflex)


def population(
    P: Any, W: Any, Q: Any, X: Any, e: Any, y: Any, z: Any, aversive: Any, offset: int, script: Any,
    seed: Any, stream: Any, first: int, n_trials: int, max_steps: int, rows: Any, sums: Any, failed: Any,
) -> int:  # fmt: skip
    """Run each subject through `n_trials`; returns how many `rows` were written (none where `rows` is empty).

    A subject whose reward or preference is not finite stops there, and `failed` holds its trial and step.
    """
    n_rows = 0
    for i in range(P.shape[0]):
        p, w, q, x = P[i], W[i], Q[i], X[i]
        subject = U(first + i)
        choice_key = stream_key(U(seed), U(2 * stream), subject)
        e.key = stream_key(U(seed), U(2 * stream + 1), subject)
        decisions = 0
        for t in range(n_trials):
            e.trial, e.step, e.scripted = t, 0, script[i, t % script.shape[1]]
            begin(q, x, e)
            e.state += offset
            for k in range(max_steps):
                e.step = k
                e.aversive = aversive[e.state]
                prefer(p, w, e, z)
                e.action = choose(z, draw(choice_key, U(decisions)))
                decisions += 1
                e.state -= offset
                e.reward, e.terminated, e.truncated = 0.0, 0, 0
                step(q, x, e)
                if k + 1 == max_steps and not e.terminated:
                    e.truncated = 1
                e.state += offset
                e.next_state += offset
                e.punishment = aversive[e.next_state]
                learn(p, w, e, y)
                if not np.isfinite(e.reward + z.sum() + signal_sum(y)):
                    failed[i, 0], failed[i, 1] = t, k
                    break
                tally(sums[i], e, y)
                if rows.size > 0:
                    keep(rows[n_rows], e, y, first + i, offset)
                    n_rows += 1
                if e.terminated or e.truncated:
                    break
                e.state = e.next_state
            if failed[i, 0] >= 0:
                break
    return n_rows


def decide(p: Any, w: Any, e: Any, z: Any, aversive: Any, key: Any, state: int, decision: int) -> int:
    """One choice of one subject, as in `population`."""
    e.state = state
    e.aversive = aversive[state]
    prefer(p, w, e, z)
    return choose(z, draw(key, U(decision)))


def experience(
    p: Any, w: Any, e: Any, y: Any, aversive: Any,
    state: int, action: int, reward: float, next_state: int, terminated: int,
) -> None:  # fmt: skip
    """One step of learning of one subject, as in `population`."""
    e.state = state
    e.aversive = aversive[state]
    e.action = action
    e.reward = reward
    e.next_state = next_state
    e.punishment = aversive[next_state]
    e.terminated = terminated
    learn(p, w, e, y)


def act(P: Any, W: Any, E: Any, z: Any, aversive: Any, key: Any, state: int, decision: int) -> int:
    """The only subject's choice. Records come as arrays of one, which Numba takes much faster."""
    return decide(P[0], W[0], E[0], z, aversive, key, state, decision)


def observe(
    P: Any, W: Any, E: Any, Y: Any, aversive: Any,
    state: int, action: int, reward: float, next_state: int, terminated: int,
) -> None:  # fmt: skip
    """The only subject's step of learning."""
    experience(P[0], W[0], E[0], Y[0], aversive, state, action, reward, next_state, terminated)


def act_all(
    P: Any, W: Any, E: Any, z: Any, aversive: Any, keys: Any, states: Any, decisions: Any, resting: Any, actions: Any
) -> None:
    """A choice of every subject that does not rest, written into `actions`; counts them in `decisions`."""
    for i in range(P.shape[0]):
        if not resting[i]:
            actions[i] = decide(P[i], W[i], E[0], z, aversive, keys[i], states[i], decisions[i])
            decisions[i] += 1


def observe_all(
    P: Any, W: Any, E: Any, Y: Any, aversive: Any,
    states: Any, actions: Any, rewards: Any, next_states: Any, terminated: Any, resting: Any,
) -> None:  # fmt: skip
    """A step of learning of every subject that does not rest."""
    for i in range(P.shape[0]):
        if not resting[i]:
            over = 1 if terminated[i] else 0
            experience(P[i], W[i], E[0], Y[i], aversive, states[i], actions[i], rewards[i], next_states[i], over)
