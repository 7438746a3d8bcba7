"""What a step of a subject costs against the numbers of subjects, states and actions."""

from collections.abc import Callable, Iterator

import habenula_rl as hrl
from habenula_rl.engine.population import Subjects

from .clock import interleaved, spread
from .models import SEED
from .opponent import Bandit, Opponent, Walk
from .scale import Scale
from .tables import Table

FEWEST_TRIALS = 20


def against_subjects(scale: Scale) -> Iterator[Table]:
    """From one subject to a million, as summary."""
    table = Table(
        'Cost against the number of subjects: opponent, record="summary", one thread',
        ["subjects × trials", "kernel, ns a trial", "simulate, ns a trial"],
    )
    n = 1
    while n <= scale.most:
        n_trials = max(FEWEST_TRIALS, scale.total // n)
        contestants = {"kernel": _kernel(Bandit(), n, n_trials), "simulate": _simulate(n, n_trials)}
        seconds = interleaved(contestants, min(scale.repeats, 5))
        table.rows.append([f"{n:,} × {n_trials:,}", *(_cost(seconds[name], n * n_trials) for name in contestants)])
        n *= 10
    yield table


def against_sizes(scale: Scale) -> Iterator[Table]:
    """The walk on a ring, with more states and with more actions."""
    table = Table(
        'Cost against the numbers of states and actions: opponent on a ring, record="summary", 100 subjects',
        ["states", "actions", "kernel, ns a step"],
        ["The number of states is rounded up to a power of two, and each power is compiled once."],
    )
    sizes = [(1, 2), (5, 2), (20, 2), (100, 2), (10, 3), (10, 5), (10, 8)]
    n_trials = max(1, scale.total // (100 * Walk.max_steps))
    contestants = {f"{s} {a}": _kernel(Walk(n_states=s, n_actions=a), 100, n_trials) for s, a in sizes}
    for prepare in contestants.values():
        prepare()()  # compiled, or read from the cache
    seconds = interleaved(contestants, min(scale.repeats, 5))
    for name, values in seconds.items():
        table.rows.append([*name.split(), _cost(values, 100 * n_trials * Walk.max_steps)])
    yield table


def _cost(seconds: list[float], steps: int) -> str:
    return spread([s / steps * 1e9 for s in seconds]).show(".0f")


def _kernel(task: Bandit | Walk, n: int, n_trials: int) -> Callable[[], Callable[[], object]]:
    def prepare() -> Callable[[], object]:
        subjects = Subjects(Opponent(), {"task": task}, n=n, seed=SEED)
        return lambda: subjects.run(task, n_trials, context="task", rows=False, compiled=True)

    return prepare


def _simulate(n: int, n_trials: int) -> Callable[[], Callable[[], object]]:
    options = {"n_subjects": n, "n_trials": n_trials, "seed": SEED, "record": "summary", "threads": 1}
    return lambda: lambda: hrl.simulate(Opponent(), Bandit(), **options)
