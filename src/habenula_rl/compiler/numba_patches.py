"""Symbol names of compiled functions that say which record types they were compiled for, and for which Numba.

Numba names a compiled function after its argument types, and a record type there by a number that only counts up within
one process. So a function that was cached by one process and one that was compiled by another can have the same symbol
for different records, and the linker keeps one of the two: the kernel then reads the state of 8 states with the
offsets of 4, without an error. (Numba 0.59 to 0.68, `types.Record.mangling_args`; nested arrays leave out their shape.)

This, the cache, the vectors and the sentences about what cannot be compiled rely on inner parts of Numba, which may
change with any version of it: only versions with which the tests have passed are let in.
"""

from __future__ import annotations

import hashlib
from typing import Any

OLDEST, NEWEST = (0, 61), (0, 68)  # as in pyproject.toml; a test compares them


def check_numba() -> None:
    """Raises ValueError where this Numba is none that was tested: it could give wrong numbers without an error."""
    import numba

    if not OLDEST <= tuple(map(int, numba.__version__.split(".")[:2])) <= NEWEST:
        oldest, newest = (f"{major}.{minor}" for major, minor in (OLDEST, NEWEST))
        wanted = f"numba>={oldest},<{NEWEST[0]}.{NEWEST[1] + 1}"
        raise ValueError(
            f"habenula_rl was tested with Numba {oldest} to {newest}, on whose inner parts it relies, and "
            f"{numba.__version__} is installed: pip install '{wanted}', or set NUMBA_DISABLE_JIT=1 for plain Python"
        )


def name_records_by_content() -> None:
    """Make Numba name record types, and arrays inside records, by what they are; doing it again changes nothing."""
    from numba import types

    for kind in (types.Record, types.NestedArray):
        kind.mangling_args = property(_by_content)  # type: ignore[assignment,method-assign]


def _by_content(kind: Any) -> tuple[str, tuple[str]]:
    return type(kind).__name__, (hashlib.sha256(str(kind).encode()).hexdigest(),)
