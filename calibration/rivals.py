"""Rivals searched as HabenulaAgent was: the same rows as far as they can express them, the same distance, CMA-ES.

    python -m calibration.rivals [--agents DualRate,LowMotivation] [--generations 10] [--popsize 8] [--n 30] [--write]

Every number of a rival is searched but γ, in a range that follows from its declaration (`space_of`), and with it what
stands for hyperactivity in it. The budget is the same for each, and far smaller than that of HabenulaAgent's own
searches; so HabenulaAgent can be named too, and then begins where its first search did. The logs are under
calibration/runs/rivals; with --write the sets are put into the package, where `habenula rivals` finds them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from habenula_rl.agents import AGENTS, HabenulaAgent
from habenula_rl.findings.rivals import CALIBRATED, RIVALS, TRAITS

from .ensemble import FRESH
from .rows import rows
from .search import TRAIT, Searched, distance, met, search
from .space import SPACE, Space

FOLDER = Path(__file__).parent / "runs" / "rivals"
FIRST = Path(__file__).parent / "runs" / "1" / "start.json"  # where the first search of HabenulaAgent began
SET = ("discount",)  # set in HabenulaAgent, too
LEAST, MOST, WIDEST = 0.02, 50.0, 5.0  # of ranges that are declared wider than that


def space_of(name: str) -> Space:
    """The ranges of a rival's numbers, by what is declared of them: learning rates and weights on a logarithmic scale.

    The slope of what stands for hyperactivity goes from none to five times the one in `findings.rivals.TRAITS`.
    """
    if name == HabenulaAgent.__name__:
        return SPACE
    space: dict[str, tuple[float, float, bool]] = {}
    for parameter, about in AGENTS[name].fields().items():
        low, high = about.metadata["low"], about.metadata["high"]
        if parameter in SET:
            continue
        if about.metadata["doc"].startswith("learning rate"):
            space[parameter] = (0.01, high, True)
        elif low >= 0.0 and high > 1.0:
            space[parameter] = (max(low, LEAST), min(high, MOST), True)
        else:
            space[parameter] = (max(low, -WIDEST), min(high, WIDEST), False)
    slopes = {f"{TRAIT}{parameter}": (*sorted((0.0, 5.0 * more)), False) for parameter, _, more in TRAITS.get(name, ())}
    return space | slopes


def start_of(name: str) -> dict[str, float]:
    """Where the search begins: the values that the rival comes with, and the slopes in TRAITS."""
    if name == HabenulaAgent.__name__:
        return dict(json.loads(FIRST.read_text()))
    known = AGENTS[name]().values()
    for parameter, healthy, more in TRAITS.get(name, ()):
        known |= {parameter: healthy, f"{TRAIT}{parameter}": more}
    return {k: max(float(known[k]), low) for k, (low, _, _) in space_of(name).items()}


def calibrated(name: str, n: int, again: int, **budget: Any) -> dict[str, Any]:
    """What the package keeps of one: the middle of the last generation, and its rows with new random numbers.

    Beside it, at the same random numbers, the distance of where the search began, and of HabenulaAgent's default on the
    same rows.
    """
    what = Searched(AGENTS[name], space_of(name))
    values = search(FOLDER / name, 1, n=n, workers=1, start=start_of(name), what=what, **budget)["mean"]
    found, before = (rows(what.candidate(v), again, FRESH) for v in (values, start_of(name)))
    own = {row: value for row, value in rows({}, again, FRESH).items() if row in found}
    return {
        "values": {k: float(f"{v:.4g}") for k, v in values.items() if "." not in k},
        "slopes": {k.removeprefix(TRAIT): float(f"{v:.4g}") for k, v in values.items() if k.startswith(TRAIT)},
        "rows": len(found),
        "met": met(found),
        "distance": round(distance(found), 2),
        "before": round(distance(before), 2),
        "own_met": met(own),
        "own_distance": round(distance(own), 2),
        "budget": {"sets": budget["generations"] * budget["popsize"], "subjects": n},
    }


def main() -> None:
    """A line for each; with --write they are put into the package as soon as they are there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", default=",".join(RIVALS))
    parser.add_argument("--generations", type=int, default=10)
    parser.add_argument("--popsize", type=int, default=8, help="sets a generation")
    parser.add_argument("--n", type=int, default=30, help="subjects a group")
    parser.add_argument("--again", type=int, default=150, help="subjects a group for the rows of what was found")
    parser.add_argument("--spread", type=float, default=0.2, help="of the first generation, as part of a range")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    budget = {"generations": chosen.generations, "popsize": chosen.popsize, "spread": chosen.spread}
    for name in chosen.agents.split(","):
        found = calibrated(name, chosen.n, chosen.again, **budget)
        print(json.dumps({name: found}), flush=True)
        if chosen.write:
            known = json.loads(CALIBRATED.read_text()) if CALIBRATED.exists() else {}
            lines = (f" {json.dumps(key)}: {json.dumps(value)}" for key, value in (known | {name: found}).items())
            CALIBRATED.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
