"""Nothing is timed before it is known to compute the same: the averages of every contestant against the package's."""

import numpy as np

from habenula_rl.randomness import TRIAL_STRIDE, U, draw, stream_key

from .models import SEED, Model
from .numpy_models import Record, loop, vectorised

SAME_ACTIONS = 0.9999  # fraction of trials; rounding of exp may tip one over, and what that subject does next
TOLERANCE = 1e-5  # of each average, absolute and relative; columns of recorded steps are single precision
AVERAGES = ("action", "outcome", "rpe", "burst", "dopamine")


class Disagreement(RuntimeError):
    """A contestant computes something else."""


def check_average(who: str, name: str, other: float, ours: float) -> None:
    if not abs(other - ours) <= TOLERANCE * (1.0 + abs(ours)):
        raise Disagreement(f"{who}: the average of {name} is {other!r}, the package's is {ours!r}")


def check_actions(who: str, other: np.ndarray, ours: np.ndarray) -> None:
    same = float(np.mean(other == ours))
    if not same >= SAME_ACTIONS:
        raise Disagreement(f"{who}: only {same:.4%} of the actions are the package's")


def check_c(model: Model, n: int, n_trials: int, rows: bool) -> None:
    """Every C version of the model: sums of every subject's trials, and every column of the recorded steps."""
    ours = model.kernel(model.subjects(n), n_trials, rows)
    for version in model.versions:
        who = f"{model.name} in C ({version}), {n} subjects × {n_trials} trials"
        table, sums = model.in_c(version).run(n, n_trials, SEED, rows)
        for name in sums.dtype.names:
            for other, own in zip(_by_action(sums[name]), _by_action(ours.sums[name]), strict=True):
                check_average(who, name, other / n_trials, own / n_trials)
        if rows:
            check_actions(who, table["action"], ours.rows["action"])
            for name in table.dtype.names:
                check_average(who, name, _mean(table[name]), _mean(ours.rows[name]))


def _by_action(sums: np.ndarray) -> np.ndarray:
    return np.atleast_1d(np.mean(sums, axis=0))


def _mean(column: np.ndarray) -> float:
    return float(np.mean(column, dtype=float))


def draws(stream: int, stride: int, n: int, n_trials: int) -> np.ndarray:
    """The package's draws of a stream, (trials, subjects)."""
    with np.errstate(over="ignore"):
        keys = stream_key(U(SEED), U(stream), np.arange(n, dtype=np.uint64))
        counters = np.arange(n_trials, dtype=np.uint64) * U(stride)
        return draw(keys[None, :], counters[:, None])


class Replay:
    """Gives one number after the other."""

    def __init__(self, numbers: np.ndarray) -> None:
        self.random = iter(numbers.tolist()).__next__


def check_numpy(model: Model, n: int, n_trials: int) -> None:
    """The loop and the vectorised version, fed with the package's draws."""
    ours = model.kernel(model.subjects(n), n_trials, True).rows
    choices, outcomes = draws(0, 1, n, n_trials), draws(1, int(TRIAL_STRIDE), n, n_trials)
    sources = [(Replay(choices[:, i]), Replay(outcomes[:, i])) for i in range(n)]
    p, task = model.agent, model.task
    check_record("NumPy loop", loop(p, task, n, n_trials, sources.__getitem__), ours)
    rows = (choices.__getitem__, outcomes.__getitem__)
    check_record("NumPy vectorised", vectorised(p, task, n, n_trials, *rows), ours)


def check_record(who: str, other: Record, ours: np.ndarray) -> None:
    check_actions(who, other.action.ravel(), ours["action"])
    for name in AVERAGES:
        check_average(who, name, _mean(getattr(other, name)), _mean(ours[name]))
