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


def act(P: Any, W: Any, E: Any, z: Any, aversive: Any, key: Any, state: int, decision: int) -> int:
    """One choice of one subject, as in `population`. Records come as arrays of one, which Numba takes much faster."""
    e = E[0]
    e.state = state
    e.aversive = aversive[state]
    prefer(P[0], W[0], e, z)
    return choose(z, draw(key, U(decision)))


def observe(
    P: Any, W: Any, E: Any, Y: Any, aversive: Any,
    state: int, action: int, reward: float, next_state: int, terminated: int,
) -> None:  # fmt: skip
    """One step of learning of one subject, as in `population`."""
    e = E[0]
    e.state = state
    e.aversive = aversive[state]
    e.action = action
    e.reward = reward
    e.next_state = next_state
    e.punishment = aversive[next_state]
    e.terminated = terminated
    learn(P[0], W[0], e, Y[0])


def log_softmax(z: Any, action: int) -> Any:
    """The logarithm of the probability with which `choose` takes the action."""
    top = z[0]
    for a in range(1, z.size):
        top = z[a] if z[a] > top else top
    total = 0.0
    for a in range(z.size):
        total += np.exp(z[a] - top)
    return z[action] - top - np.log(total)


def score(P: Any, W: Any, E: Any, Y: Any, z: Any, aversive: Any, C: Any, first: Any, total: Any) -> None:
    """Add each subject's log-probability of its recorded choices, `C[first[i]]` to `C[first[i + 1] - 1]`, to `total`.

    An event shows `prefer` and `learn` what `population` shows them.
    """
    for i in range(P.shape[0]):
        p, w, e, y = P[i], W[i], E[i], Y[i]
        for k in range(first[i], first[i + 1]):
            c = C[k]
            e.state = c.state
            e.aversive = aversive[c.state]
            if c.scored > 0:
                prefer(p, w, e, z)
                total[i] += log_softmax(z, c.action)
            e.action, e.reward, e.next_state = c.action, c.reward, c.next_state
            e.terminated, e.truncated = c.terminated, c.truncated
            e.punishment = aversive[c.next_state]
            learn(p, w, e, y)
