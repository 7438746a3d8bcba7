"""The search: CMA-ES over all rows at once, resumable, the same from the same seed.

    python -m calibration.search --folder calibration/runs/1 --seed 1 --generations 200

Run it again with the same folder and it goes on from its last generation. The folder holds `log.jsonl`, a line for each
set that was tried (generation, distance, rows met, values), and `state.pickle`, from which it goes on. All sets of a
generation see the same random numbers, those of the next one others: no seed is fitted.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from habenula_rl.agents import HabenulaAgent
from habenula_rl.computing import in_order, place
from habenula_rl.contract import Agent
from habenula_rl.tasks import TASKS

from .rows import Candidate, rows
from .space import EDGE, SPACE, Space, decoded, encoded
from .targets import MOST, TARGETS

WORST = sum(target.weight * MOST**1.5 for target in TARGETS.values())  # the distance of a set that meets nothing
TRAIT = "trait."
SEEDS = 1000  # apart from one generation's random numbers to the next's


def defaults() -> dict[str, float]:
    """The values that the package has now."""
    known: dict[str, float] = dict(HabenulaAgent().values())
    for task in ("ForcedSwim", "ShuttleBox"):
        known |= {f"{task}.{name}": value for name, value in TASKS[task]().values().items()}
    return {name: float(known[name]) for name in SPACE}


def distance(found: dict[str, float]) -> float:
    """Over all rows that there are."""
    return sum(TARGETS[name].distance(value) for name, value in found.items())


def met(found: dict[str, float]) -> int:
    """How many rows lie within their targets."""
    return sum(TARGETS[name].met(value) for name, value in found.items())


def beyond(places: Any) -> float:
    """What a set pays for places nearer than EDGE to an end of their range, in squared tenths of the range."""
    u = np.asarray(places)
    over = np.maximum(EDGE - u, 0.0) + np.maximum(u - (1.0 - EDGE), 0.0)
    return float(((over / 0.1) ** 2).sum())


@dataclass(frozen=True)
class Searched:
    """What is searched: an agent, and the ranges of its numbers; those that begin with TRAIT are its trait's slopes.

    A slope is what a hyperactivity of 1 adds to the parameter of that name.
    """

    kind: type[Agent] = HabenulaAgent
    space: Space = field(default_factory=lambda: SPACE)

    def candidate(self, values: Mapping[str, float]) -> Candidate:
        """The set as `rows` takes it."""
        own = {name: value for name, value in values.items() if not name.startswith(TRAIT)}
        slopes = {name.removeprefix(TRAIT): value for name, value in values.items() if name.startswith(TRAIT)}
        return Candidate(own, self.kind, [(name, own[name], more) for name, more in slopes.items()])


def tried(job: tuple[Any, int, int, Searched], say: Any) -> dict[str, Any]:
    """One set, at these places, with so many subjects a group and these random numbers."""
    places, n, seed, what = job
    values = decoded(places, what.space)
    try:
        found = rows(what.candidate(values), n, seed)
    except ValueError as error:  # animals that do nothing at all leave a readout nothing to read
        return {"distance": WORST, "beyond": beyond(places), "met": 0, "values": values, "error": str(error)}
    return {"distance": distance(found), "beyond": beyond(places), "met": met(found), "values": values, "rows": found}


def search(
    folder: Path,
    seed: int,
    generations: int,
    n: int,
    workers: int,
    start: dict[str, float],
    *,
    popsize: int = 16,
    spread: float = 0.12,
    dask: str | None = None,
    what: Searched | None = None,
) -> dict[str, Any]:
    """Go on until that many generations are done; the middle of the last one. `spread` is part of a range.

    The sets of a generation are tried in so many processes, or on a Dask cluster.
    """
    import cma

    what = what or Searched()
    folder.mkdir(parents=True, exist_ok=True)
    state, log = folder / "state.pickle", folder / "log.jsonl"
    if state.exists():
        strategy, done = pickle.loads(state.read_bytes())
    else:
        options = {"seed": seed, "popsize": popsize, "verbose": -9, "maxfevals": np.inf}
        strategy, done = cma.CMAEvolutionStrategy(np.clip(encoded(start, what.space), 0.06, 0.94), spread, options), 0
    with place(workers, dask=dask, threads=workers == 1, said=print) as compute, log.open("a") as lines:
        for generation in range(done, generations):
            places = strategy.ask()
            jobs = [(p, n, seed * 1_000_003 + SEEDS * generation, what) for p in places]
            found = in_order(compute, tried, jobs)
            strategy.tell(places, [f["distance"] + f["beyond"] for f in found])
            for one in found:
                lines.write(json.dumps({"generation": generation, **_logged(one)}) + "\n")
            lines.flush()
            state.write_bytes(pickle.dumps((strategy, generation + 1)))
            best = min(found, key=lambda f: f["distance"])
            middle = np.median([f["distance"] for f in found])
            print(f"{generation}: best {best['distance']:.2f}, met {best['met']}, median {middle:.2f}", flush=True)
    return {"mean": decoded(strategy.mean, what.space)}


def _logged(one: dict[str, Any]) -> dict[str, Any]:
    """What the log keeps of a set; its rows follow from its values."""
    values = {name: float(f"{value:.6g}") for name, value in one["values"].items()}
    kept = {"distance": round(one["distance"], 3), "beyond": round(one["beyond"], 4), "met": one["met"]}
    return kept | {"values": values} | ({"error": one["error"]} if "error" in one else {})


def main() -> None:
    """Search, and print the middle of the last generation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("calibration/runs/1"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--generations", type=int, default=200)
    parser.add_argument("--n", type=int, default=90, help="subjects a group")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--dask", metavar="ADDRESS", help="scheduler of a Dask cluster, or local")
    parser.add_argument("--popsize", type=int, default=16, help="sets a generation")
    parser.add_argument("--spread", type=float, default=0.12, help="of the first generation, as part of a range")
    parser.add_argument("--start", type=Path, help="a JSON file with the values to begin from; else the defaults")
    chosen = parser.parse_args()
    start = json.loads(chosen.start.read_text()) if chosen.start else defaults()
    size = {"popsize": chosen.popsize, "spread": chosen.spread, "dask": chosen.dask}
    what = chosen.folder, chosen.seed, chosen.generations, chosen.n, chosen.workers, start
    print(json.dumps(search(*what, **size), indent=1))


if __name__ == "__main__":
    from calibration import search as module  # by this name other processes find what they are to compute

    module.main()
