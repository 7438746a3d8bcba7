"""What each term of the model is there for: take it out, and see which rows turn red.

    python -m calibration.ablations [--n 150] [--seed 1]

The terms are those of `habenula ablations`, which does the same with the claims (habenula_rl/findings/ablated.py). A
term that turns no row red is said so: it ought to be deleted.
"""

from __future__ import annotations

import argparse
from typing import Any

from habenula_rl.computing import in_order, place
from habenula_rl.findings.ablated import ABLATIONS

from .rows import Candidate, rows
from .targets import TARGETS

NOTHING = "nothing"


def found(job: tuple[str, int, int], say: Any) -> dict[str, float]:
    """Every row without that term."""
    name, n, seed = job
    return rows({} if name == NOTHING else Candidate(ABLATIONS[name].values, ABLATIONS[name].kind), n, seed)


def main() -> None:
    """A line for each term: how the distance changes, and the rows that only its absence turns red."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=150, help="subjects a group")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--dask", metavar="ADDRESS", help="scheduler of a Dask cluster, or local")
    chosen = parser.parse_args()
    names = (NOTHING, *ABLATIONS)
    jobs = [(name, chosen.n, chosen.seed) for name in names]
    with place(chosen.workers, dask=chosen.dask, threads=chosen.workers == 1, said=print) as compute:
        whole: dict[str, float] = {}
        for name, table in zip(names, in_order(compute, found, jobs), strict=True):
            whole = whole or table
            distance = sum(target.distance(table[row]) for row, target in TARGETS.items())
            red = [row for row, t in TARGETS.items() if t.met(whole[row]) and not t.met(table[row])]
            said = "; ".join(f"{row} {table[row]:.2f}" for row in red)
            print(f"| {name} | {distance:.1f} | {len(red)} | {said or 'none'} |", flush=True)


if __name__ == "__main__":
    from calibration import ablations as module  # by this name other processes find what they are to compute

    module.main()
