"""The command: `python -m benchmarks [--quick | --shared | --check] [--only SECTION ...] [--peers] [--write]`."""

import argparse
import datetime
import os
import platform
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from . import c_models, likelihoods, peers, population, scaling, startup, stepping
from .checks import Disagreement
from .scale import FULL, QUICK, SHARED, Scale
from .tables import Table, write_between_marks

PAGE = Path(__file__).parents[1] / "docs/reference/performance.md"
SECTIONS: dict[str, Callable[[Scale], Iterator[Table]]] = {
    "c": population.against_c,
    "threads": population.threads,
    "numpy": population.against_numpy,
    "subjects": scaling.against_subjects,
    "sizes": scaling.against_sizes,
    "stepping": stepping.stepping,
    "likelihood": likelihoods.likelihoods,
    "startup": startup.startup,
}


def options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed against C, NumPy and peers.")
    parser.add_argument("--quick", action="store_true", help="small sizes and few rounds, under a minute")
    parser.add_argument("--shared", action="store_true", help="a fourth of the work, three rounds: others are at work")
    parser.add_argument("--check", action="store_true", help="only check that all compute the same, and time nothing")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, help="these sections", metavar="SECTION")
    parser.add_argument("--peers", action="store_true", help="install cpm-toolbox into a folder of its own; compare")
    parser.add_argument("--write", action="store_true", help=f"write the tables into {PAGE.parent.name}/{PAGE.name}")
    chosen = parser.parse_args(words)
    if chosen.write and (chosen.quick or chosen.check):
        parser.error("--write is for sizes that decide: without --quick and --check")
    return chosen


def machine(names: list[str]) -> str:
    """Where and when, and what was left out, in one paragraph."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("habenula-rl", "numba", "numpy", "gymnasium"))
    load = f"load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else "load unknown"
    left_out = ", ".join(name for name in SECTIONS if name not in names)
    return (
        f"{datetime.date.today()}, {processor()}, {os.cpu_count()} cores ({load}), {platform.system()}; "
        f"Python {platform.python_version()}, {packages}; {c_models.version()}, {' '.join(c_models.FLAGS[:2])}."
        f"{f' Left out: {left_out}.' if left_out else ''}"
    )


def processor() -> str:
    """What /proc/cpuinfo calls the processor, where there is one."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    fields = dict(part.split(":", 1) for part in lines[::-1] if ":" in part)
    named = {name.strip(): value.strip() for name, value in fields.items()}
    model = f" (family {named.get('cpu family')}, model {named.get('model')})" if named else ""
    return named.get("model name", platform.processor() or platform.machine()) + model


def check() -> None:
    population.checks()
    print("population runs: C and NumPy compute the same averages")
    if likelihoods.available():
        likelihoods.check()
        print("likelihood: NumPy computes the same")


def measure(scale: Scale, names: list[str], with_peers: bool) -> str:
    """Print every table as soon as it is there; the whole as Markdown."""
    parts = [machine(names)]
    print(parts[0], end="\n\n", flush=True)
    sections = [SECTIONS[name] for name in names] + ([peers.against_peers] if with_peers else [])
    for section in sections:
        for table in section(scale):
            parts.append(table.markdown())
            print(parts[-1], flush=True)
    return "\n\n".join(part.strip() for part in parts)


def main(words: list[str] | None = None) -> int:
    chosen = options(words)
    if c_models.compiler() is None:
        print("benchmarks: no C compiler found (gcc or cc; or name one in CC)", file=sys.stderr)
        return 2
    try:
        check()
        if not chosen.check:
            text = measure(
                QUICK if chosen.quick else SHARED if chosen.shared else FULL,
                chosen.only or list(SECTIONS),
                chosen.peers,
            )
            if chosen.write:
                write_between_marks(PAGE, text)
    except Disagreement as problem:
        print(f"benchmarks: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
