"""The ensemble: sets of the searches' logs that hold up with new random numbers, and how they spread.

    python -m calibration.ensemble calibration/runs/*/log.jsonl --write

Those sets of the logs with the least distance are tried again with other seeds and more subjects, each with the tasks
as the package has them. Those that stay within `--beyond` of the best are the ensemble (`HabenulaAgent.ensemble()`);
the default is the one with the least distance of them all.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .rows import rows
from .search import defaults, distance, met
from .space import SPACE, at_an_end, encoded

PLACE = Path(__file__).parents[1] / "src" / "habenula_rl" / "agents" / "ensemble.json"
FIGURE = Path(__file__).parents[1] / "docs" / "images" / "ensemble.png"
FRESH = 777_000_001  # no search comes near this seed


def candidates(logs: Sequence[Path], most: int) -> list[dict[str, float]]:
    """The sets with the least distance, of the agent alone, as many of each log; none with a value at an end."""
    found = []
    for log in logs:
        tried = [json.loads(line) for line in log.read_text().splitlines()]
        inside = [one for one in tried if not at_an_end(one["values"])]
        inside.sort(key=lambda one: one["distance"])
        found += [one["values"] for one in inside[: most // len(logs)]]
    return [{name: value for name, value in values.items() if "." not in name} for values in found]


def again(values: dict[str, float], n: int, seeds: Sequence[int]) -> dict[str, Any]:
    """A set with new random numbers: the rows' means over the seeds."""
    tables = [rows(values, n, seed) for seed in seeds]
    found = {name: float(np.mean([table[name] for table in tables])) for name in tables[0]}
    return {"values": values, "distance": distance(found), "met": met(found)}


def figure(sets: Sequence[dict[str, float]], path: Path) -> None:
    """Each number's spread in its range, and the correlations between them."""
    import pandas as pd
    import seaborn as sns

    from habenula_rl import figures
    from habenula_rl.figures import style

    names = [name for name in SPACE if name in sets[0]]
    at = [list(SPACE).index(name) for name in names]
    places = pd.DataFrame(np.array([encoded(defaults() | one) for one in sets])[:, at], columns=names)
    now = np.array(encoded(defaults()))[at]
    with figures.styled():
        fig, axes = figures.canvas(["AB"], height_mm=95)
        sns.stripplot(data=places, orient="h", color=style.GREY, size=3, alpha=0.6, jitter=False, ax=axes["A"])
        axes["A"].plot(now, names, "|", color=style.VERMILION, markersize=12, markeredgewidth=2)
        axes["A"].set(xlim=(0, 1), xlabel="Place in the range that was searched", ylabel="")
        figures.caption(axes["A"], "A", f"{len(sets)} sets")
        figures.heat(
            axes["B"], places.corr().iloc[::-1], "correlation", cmap="RdBu_r", vmin=-1.0, vmax=1.0, square=True
        )
        figures.caption(axes["B"], "B", "Correlations of places")
        figures.footnote(fig, "A: a point is a set; upright lines: the default. The range's ends are 0 and 1.")
        fig.savefig(path, dpi=200)


def main() -> None:
    """Try them again, say which hold up, and with --write put them into the package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path, nargs="+")
    parser.add_argument("--candidates", type=int, default=80)
    parser.add_argument("--n", type=int, default=150, help="subjects a group")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--beyond", type=float, default=3.0, help="distance beyond the best's, to hold up")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    seeds = [FRESH + k for k in range(chosen.seeds)]
    found = []
    for values in candidates(chosen.logs, chosen.candidates):
        found.append(again(values, chosen.n, seeds))
        print(f"{found[-1]['distance']:.2f}, {found[-1]['met']} rows met", flush=True)
    found.sort(key=lambda one: one["distance"])
    kept = [one for one in found if one["distance"] <= found[0]["distance"] + chosen.beyond]
    print(f"{len(kept)} sets; the best: {json.dumps(kept[0])}")
    if chosen.write:
        names = list(kept[0]["values"])
        table = {
            "names": names,
            "sets": [[float(f"{one['values'][name]:.4g}") for name in names] for one in kept],
            "distance": [round(one["distance"], 2) for one in kept],
            "rows_met": [one["met"] for one in kept],
        }
        PLACE.write_text(json.dumps(table).replace("], [", "],\n  [") + "\n")
        figure([one["values"] for one in kept], FIGURE)


if __name__ == "__main__":
    main()
