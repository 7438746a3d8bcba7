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
clear: Rule


def choose(z: Any, u: float) -> int:
    """The action whose softmax interval holds u, uniform in [0, 1); `z` holds the weights afterwards."""
    top = z[0]
    for a in range(1, z.size):
        top = z[a] if z[a] > top else top
    total = 0.0
    for a in range(z.size):
        z[a] = np.exp(z[a] - top)
        total += z[a]
    u *= total
    for a in range(z.size - 1):
        u -= z[a]
        if u < 0.0:
            return a
    return int(z.size - 1)


def present_elements(elements: Any, seen: Any, state: int) -> None:
    """What a state is made of into `seen`: only itself where there are no compounds."""
    if elements.size == 0:
        seen[0] = state
    else:
        for k in range(seen.size):
            seen[k] = elements[state, k]


def available_actions(available: Any, seen: Any, state: int) -> None:
    """What can be chosen in a state into `seen`: everything where nothing is masked."""
    for a in range(seen.size):
        seen[a] = 1 if available.size == 0 else available[state, a]


def present(e: Any, aversive: Any, elements: Any, available: Any, state: int) -> None:
    """The subject is in a state: what it hurts, what it is made of, what can be done there."""
    e.state = state
    e.aversive = aversive[state]
    present_elements(elements, e.elements, state)
    available_actions(available, e.available, state)


def outcome(e: Any, aversive: Any, elements: Any, available: Any, next_state: int) -> None:
    """Its action led to a state: the same of that one."""
    e.next_state = next_state
    e.punishment = aversive[next_state]
    present_elements(elements, e.next_elements, next_state)
    available_actions(available, e.next_available, next_state)


def preferences(p: Any, w: Any, e: Any, z: Any) -> None:
    """The preference of every action into `z`: 0 where the rule leaves one out, -inf where it cannot be chosen."""
    for a in range(z.size):
        z[a] = 0.0
    prefer(p, w, e, z)
    for a in range(z.size):
        if e.available[a] == 0:
            z[a] = -np.inf


def choice(p: Any, w: Any, e: Any, z: Any, u: float) -> int:
    """What the agent does in the event's state."""
    preferences(p, w, e, z)
    return choose(z, u)


def begin_all(P: Any, W: Any, reflex: Any) -> None:
    """Make every subject naive."""
    for i in range(P.shape[0]):
        make_naive(P[i], W[i], reflex)


def make_naive(p: Any, w: Any, reflex: Any) -> None:
    """A subject that has not met anything yet; a name by which `lanes` finds the rule."""
    start(p, w, reflex)


def advance(
    p: Any,
    w: Any,
    q: Any,
    x: Any,
    e: Any,
    y: Any,
    z: Any,
    c: Any,
    aversive: Any,
    elements: Any,
    available: Any,
    offset: int,
    n_states: int,
    max_steps: int,
    key: Any,
) -> bool:
    """One step of one subject; returns whether its numbers are finite and its states the task's.

    Where they are not, `e`, `y` and `c.weights`, the sum of the softmax weights, hold what `stopped` reads.
    """
    known, began = True, e.state
    if e.step == 0:
        e.state = 0
        begin(q, x, e)
        known, began = 0 <= e.state < n_states, e.state + offset
        e.state = began if known else offset
    present(e, aversive, elements, available, e.state)
    e.action = choice(p, w, e, z, draw(key, U(e.decision)))
    e.state -= offset
    e.next_state, e.reward, e.terminated, e.truncated, e.feedback = e.state, 0.0, 0, 0, 1
    step(q, x, e)
    known = known and 0 <= e.next_state < n_states
    if e.step + 1 == max_steps and not e.terminated:
        e.truncated = 1
    e.state += offset
    reached = e.next_state + offset
    outcome(e, aversive, elements, available, reached if known else offset)
    if e.feedback > 0:
        learn(p, w, e, y)
    else:
        clear(y)
    c.weights = 0.0
    for a in range(z.size):
        c.weights += z[a]
    if not known:
        e.state, e.next_state = began, reached
    return known and finite(e.reward + signal_sum(y) + c.weights)


def finite(number: float) -> bool:
    """Whether it is neither infinite nor NaN."""
    return number - number == 0.0


def reset_event(e: Any) -> None:
    """Nothing has happened to this subject."""
    e.state, e.action, e.next_state, e.trial, e.step, e.decision = 0, 0, 0, 0, 0, 0
    e.reward, e.aversive, e.punishment, e.terminated, e.truncated, e.feedback = 0.0, 0.0, 0.0, 0, 0, 1


def advance_clock(e: Any) -> None:
    """To the subject's next step, or to its next trial."""
    e.decision += 1
    if e.terminated or e.truncated:
        e.trial += 1
        e.step = 0
    else:
        e.step += 1
        e.state = e.next_state


def step_and_record(
    p: Any,
    w: Any,
    q: Any,
    x: Any,
    e: Any,
    y: Any,
    z: Any,
    total: Any,
    row: Any,
    c: Any,
    aversive: Any,
    elements: Any,
    available: Any,
    offset: int,
    n_states: int,
    n_trials: int,
    max_steps: int,
    subject: int,
    key: Any,
) -> None:
    """One step of a subject, summed and recorded, unless it is through: `c` says whether it still runs."""
    c.kept = 0
    if c.running:
        if advance(p, w, q, x, e, y, z, c, aversive, elements, available, offset, n_states, max_steps, key):
            tally(total, e, y)
            keep(row, e, y, subject, offset)
            c.kept = 1
            advance_clock(e)
            c.running = 1 if e.trial < n_trials else 0
        else:
            c.failed, c.running = 1, 0


def subject_keys(seed: Any, stream: Any, subject: Any) -> tuple[Any, Any]:
    """The keys of a subject's choices and of its task's draws in one phase."""
    choices = stream_key(U(seed), U(2 * stream), U(subject))
    return choices, stream_key(U(seed), U(2 * stream + 1), U(subject))


def population(
    P: Any,
    W: Any,
    Q: Any,
    X: Any,
    E: Any,
    Y: Any,
    z: Any,
    C: Any,
    aversive: Any,
    elements: Any,
    available: Any,
    offset: int,
    n_states: int,
    script: Any,
    seed: Any,
    stream: Any,
    first: int,
    n_trials: int,
    max_steps: int,
    begun: int,
    record: int,
    rows: Any,
    sums: Any,
) -> int:
    """Run each subject through `n_trials`; returns how many `rows` were written. Without `record` there is one, unused.

    Where they have `begun`, those that `C` says are running go on from their records, up to that trial.

    A subject whose reward, preference or signals are not finite, or that comes into a state that the task does not
    have, stops there: its record in `C` says so, and those in `E` and `Y` stay as they were in that step.
    """
    n_rows = 0
    for i in range(P.shape[0]):
        subject = first + i
        e, y, c = E[i], Y[i], C[i]
        key, e.key = subject_keys(seed, stream, subject)
        if not begun:
            reset_event(e)
            c.running, c.failed = 1, 0
            clear(y)
        while c.running:
            e.scripted = script[i, e.trial % script.shape[1]]
            step_and_record(
                P[i],
                W[i],
                Q[i],
                X[i],
                e,
                y,
                z,
                sums[i],
                rows[n_rows],
                c,
                aversive,
                elements,
                available,
                offset,
                n_states,
                n_trials,
                max_steps,
                subject,
                key,
            )
            n_rows += record * c.kept
    return n_rows


def decide(
    p: Any, w: Any, e: Any, z: Any, aversive: Any, elements: Any, available: Any, key: Any, state: int, decision: int
) -> int:
    """One choice of one subject, as in `population`."""
    present(e, aversive, elements, available, state)
    return choice(p, w, e, z, draw(key, U(decision)))


def experience(
    p: Any,
    w: Any,
    e: Any,
    y: Any,
    aversive: Any,
    elements: Any,
    available: Any,
    state: int,
    action: int,
    reward: float,
    next_state: int,
    terminated: int,
) -> None:
    """One step of learning of one subject, as in `population`."""
    present(e, aversive, elements, available, state)
    e.action, e.reward, e.terminated = action, reward, terminated
    outcome(e, aversive, elements, available, next_state)
    learn(p, w, e, y)


def act(
    P: Any, W: Any, E: Any, z: Any, aversive: Any, elements: Any, available: Any, key: Any, state: int, decision: int
) -> int:
    """The only subject's choice. Records come as arrays of one, which Numba takes much faster."""
    return decide(P[0], W[0], E[0], z, aversive, elements, available, key, state, decision)


def observe(
    P: Any,
    W: Any,
    E: Any,
    Y: Any,
    aversive: Any,
    elements: Any,
    available: Any,
    state: int,
    action: int,
    reward: float,
    next_state: int,
    terminated: int,
) -> None:
    """The only subject's step of learning."""
    experience(P[0], W[0], E[0], Y[0], aversive, elements, available, state, action, reward, next_state, terminated)


def act_all(
    P: Any,
    W: Any,
    E: Any,
    z: Any,
    aversive: Any,
    elements: Any,
    available: Any,
    keys: Any,
    states: Any,
    decisions: Any,
    resting: Any,
    actions: Any,
) -> None:
    """A choice of every subject that does not rest, written into `actions`; counts them in `decisions`."""
    for i in range(P.shape[0]):
        if not resting[i]:
            actions[i] = decide(P[i], W[i], E[0], z, aversive, elements, available, keys[i], states[i], decisions[i])
            decisions[i] += 1


def observe_all(
    P: Any,
    W: Any,
    E: Any,
    Y: Any,
    aversive: Any,
    elements: Any,
    available: Any,
    states: Any,
    actions: Any,
    rewards: Any,
    next_states: Any,
    terminated: Any,
    resting: Any,
) -> None:
    """A step of learning of every subject that does not rest."""
    for i in range(P.shape[0]):
        if not resting[i]:
            over = 1 if terminated[i] else 0
            experience(
                P[i],
                W[i],
                E[0],
                Y[i],
                aversive,
                elements,
                available,
                states[i],
                actions[i],
                rewards[i],
                next_states[i],
                over,
            )


def log_softmax(z: Any, action: int) -> Any:
    """The logarithm of the probability with which `choose` takes the action."""
    top = z[0]
    for a in range(1, z.size):
        top = z[a] if z[a] > top else top
    total = 0.0
    for a in range(z.size):
        total += np.exp(z[a] - top)
    return z[action] - top - np.log(total)


def scored(p: Any, w: Any, e: Any, y: Any, z: Any, aversive: Any, elements: Any, available: Any, c: Any) -> Any:
    """The log-probability of one recorded choice, 0 where it was forced; then the subject learns from it.

    The event shows `prefer` and `learn` what `population` shows them.
    """
    found = 0.0
    present(e, aversive, elements, available, c.state)
    if c.scored > 0:
        preferences(p, w, e, z)
        found = log_softmax(z, c.action)
    e.action, e.reward = c.action, c.reward
    e.terminated, e.truncated, e.feedback = c.terminated, c.truncated, c.feedback
    outcome(e, aversive, elements, available, c.next_state)
    if c.feedback > 0:
        learn(p, w, e, y)
    return found


def score(
    P: Any,
    W: Any,
    E: Any,
    Y: Any,
    z: Any,
    aversive: Any,
    elements: Any,
    available: Any,
    C: Any,
    first: Any,
    last: Any,
    total: Any,
) -> None:
    """Add each subject's log-probability of its recorded choices, `C[first[i]]` to `C[last[i] - 1]`, to `total`."""
    for i in range(P.shape[0]):
        for k in range(first[i], last[i]):
            total[i] += scored(P[i], W[i], E[i], Y[i], z, aversive, elements, available, C[k])


def trace(
    P: Any,
    W: Any,
    E: Any,
    Y: Any,
    z: Any,
    aversive: Any,
    elements: Any,
    available: Any,
    C: Any,
    first: Any,
    last: Any,
    chosen: Any,
) -> None:
    """The same, step by step: the log-probability of choice k into `chosen[k]`, what `learn` shows of it into `Y[k]`.

    Signals are written and never read, so a subject's record may be another one at each step.
    """
    for i in range(P.shape[0]):
        for k in range(first[i], last[i]):
            chosen[k] = scored(P[i], W[i], E[i], Y[k], z, aversive, elements, available, C[k])
