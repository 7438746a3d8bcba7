"""How many processor cores this process may use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

MOST_WORKERS = 1024  # processes or threads that may be asked for
GROUPS = Path("/sys/fs/cgroup")
OWN_GROUP = Path("/proc/self/cgroup")


def cores() -> int:
    """The cores that the process is allowed, at least 1: those it is bound to (taskset, SLURM), and no more than the
    processor time that its control groups grant (containers), a part of a core counted as one.
    """
    if hasattr(os, "sched_getaffinity"):
        bound = len(os.sched_getaffinity(0))
    else:  # Windows and macOS
        bound = getattr(os, "process_cpu_count", os.cpu_count)() or 1
    return max(1, min([bound, *map(math.ceil, _granted())]))


def _granted() -> Iterator[float]:
    """Processor seconds a second that each control group around the process grants, of version 2 and of version 1."""
    try:
        lines = OWN_GROUP.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, _, controllers_and_path = line.partition(":")
        controllers, _, path = controllers_and_path.partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        top = GROUPS if not controllers else GROUPS / "cpu"
        folder = top / path.lstrip("/")
        for inner in (folder, *folder.parents):
            if inner.is_relative_to(top):
                yield from _quota(inner, version=1 if controllers else 2)


def _quota(folder: Path, version: int) -> Iterator[float]:
    try:
        if version == 2:
            quota, period = (folder / "cpu.max").read_text(encoding="ascii").split()
        else:
            files = (folder / f"cpu.cfs_{part}_us" for part in ("quota", "period"))
            quota, period = (file.read_text(encoding="ascii") for file in files)
        if quota.strip() not in ("max", "-1") and int(period) > 0:
            yield int(quota) / int(period)
    except (OSError, ValueError):
        return
