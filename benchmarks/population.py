"""Population runs against C and NumPy, on one thread and on two."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .checks import check_c, check_numpy
from .clock import CPU, WALL, Prepare, interleaved, ratio, spread
from .models import MODELS, SEED, Model
from .numpy_models import loop, vectorised
from .scale import Scale
from .tables import Table

RECORDS = ("trials", "summary")


def against_c(scale: Scale) -> Iterator[Table]:
    """The kernel, and the whole of simulate, against each C version."""
    for model in MODELS:
        names = [f"C {name}" for name in model.versions]
        table = Table(
            f"{model.name}: population run against C, one thread",
            ["record", "subjects × trials", "kernel, ns a trial", *names, "simulate against C tuned"],
            [
                "C: seconds of C divided by seconds of the kernel. Last column: seconds of C tuned divided by those of "
                "`simulate(threads=1)`, with its tables."
            ],
        )
        for record in RECORDS:
            for n in scale.subjects:
                check_c(model, n, scale.trials(n), record == "trials")
                table.rows.append(_against_c(model, n, scale.trials(n), record, scale.repeats))
        yield table


def _against_c(model: Model, n: int, n_trials: int, record: str, repeats: int) -> list[str]:
    rows = record == "trials"
    contestants = {version: _c(model, version, n, n_trials, rows) for version in model.versions}
    contestants |= {"kernel": _kernel(model, n, n_trials, rows), "simulate": _simulate(model, n, n_trials, record, 1)}
    seconds = interleaved(contestants, repeats)
    cost = spread([s / (n * n_trials) * 1e9 for s in seconds["kernel"]])
    ratios = [ratio(seconds[version], seconds["kernel"]).show() for version in model.versions]
    whole = ratio(seconds["tuned"], seconds["simulate"]).show()
    return [record, f"{n:,} × {n_trials:,}", cost.show(".0f"), *ratios, whole]


def _kernel(model: Model, n: int, n_trials: int, rows: bool) -> Prepare:
    def prepare() -> Callable[[], object]:
        subjects = model.subjects(n)
        return lambda: model.kernel(subjects, n_trials, rows)

    return prepare


def _c(model: Model, version: str, n: int, n_trials: int, rows: bool) -> Prepare:
    in_c = model.in_c(version)
    return lambda: lambda: in_c.run(n, n_trials, SEED, rows)


def _simulate(model: Model, n: int, n_trials: int, record: str, threads: int) -> Prepare:
    return lambda: lambda: model.simulate(n, n_trials, record, threads)


def threads(scale: Scale) -> Iterator[Table]:
    """The whole of simulate on two threads against one, by the clock on the wall."""
    table = Table(
        "Two threads against one",
        ["model", "record", "subjects × trials", "simulate, 1 thread / 2 threads", "C, the same"],
        [
            "Wall time. C does the work in two halves, one after the other or at once, sharing nothing: its ratio is "
            "what the machine had to give in that round, 2 where nothing else ran on two cores."
        ],
    )
    for model in MODELS:
        for record in RECORDS:
            table.rows.append(_two_threads(model, record, scale))
    yield table


def _two_threads(model: Model, record: str, scale: Scale) -> list[str]:
    n = scale.subjects[-1]
    n_trials = (10 if record == "summary" else 2) * scale.trials(
        n
    )  # long enough for what is done in one thread not to count
    contestants = {f"ours {k}": _simulate(model, n, n_trials, record, k) for k in (1, 2)}
    half = _c(model, "tuned", n // 2, n_trials, record == "trials")()
    contestants |= {f"C {k}": _halves(half, k) for k in (1, 2)}
    seconds = interleaved(contestants, scale.repeats, WALL)
    shown = [ratio(seconds[f"{who} 1"], seconds[f"{who} 2"]).show() for who in ("ours", "C")]
    return [model.name, record, f"{n:,} × {n_trials:,}", *shown]


def _halves(half: Callable[[], object], threads: int) -> Prepare:
    def work() -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda _: half(), range(2)))

    return lambda: work


def against_numpy(scale: Scale) -> Iterator[Table]:
    """The small model against NumPy: a loop in a Gymnasium environment, and vectorised over subjects."""
    model = MODELS[0]
    table = Table(
        "opponent: population run against NumPy, trials recorded, one thread",
        ["subjects × trials", "NumPy loop in a Gymnasium environment", "NumPy vectorised over subjects"],
        [
            "Cost of a trial there divided by its cost in the kernel; NumPy runs fewer trials where it is slow. "
            "NumPy draws with `Generator.random`."
        ],
    )
    for n in scale.subjects:
        check_numpy(model, min(n, 20), 300)
        table.rows.append(_against_numpy(model, n, scale))
    yield table


def _against_numpy(model: Model, n: int, scale: Scale) -> list[str]:
    n_trials = scale.trials(n)
    n_loop = min(n, 100)
    sizes = {"kernel": (n, n_trials), "loop": (n_loop, scale.slow // n_loop)}
    sizes["vectorised"] = (n, min(n_trials, scale.slow // 4))
    contestants = {"kernel": _kernel(model, n, n_trials, True)}
    contestants["loop"] = lambda: lambda: _loop(model, *sizes["loop"])
    contestants["vectorised"] = lambda: lambda: _vectorised(model, *sizes["vectorised"])
    seconds = interleaved(contestants, min(scale.repeats, 5), CPU)
    cost = {name: [s / np.prod(sizes[name]) for s in values] for name, values in seconds.items()}
    shown = [ratio(cost[name], cost["kernel"]).show(".3g") for name in ("loop", "vectorised")]
    return [f"{n:,} × {n_trials:,}", *shown]


def _loop(model: Model, n: int, n_trials: int) -> object:
    rng = np.random.default_rng(SEED)
    return loop(model.agent, model.task, n, n_trials, lambda i: (rng, rng))


def _vectorised(model: Model, n: int, n_trials: int) -> object:
    rng = np.random.default_rng(SEED)
    return vectorised(model.agent, model.task, n, n_trials, lambda t: rng.random(n), lambda t: rng.random(n))


def checks() -> None:
    """Small sizes, among them one that does not fill the lanes."""
    for model in MODELS:
        for n, n_trials in ((1, 3000), (37, 300)):
            for record in RECORDS:
                check_c(model, n, n_trials, record == "trials")
    check_numpy(MODELS[0], 7, 300)
