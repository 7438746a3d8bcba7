"""Symbol names of compiled functions that say which record types they were compiled for.

Numba names a compiled function after its argument types, and a record type there by a number that only counts up within
one process. So a function that was cached by one process and one that was compiled by another can have the same symbol
for different records, and the linker keeps one of the two: the kernel then reads the state of 8 states with the
offsets of 4, without an error. (Numba 0.59 to 0.68, `types.Record.mangling_args`; nested arrays leave out their shape.)
"""

from __future__ import annotations

import hashlib
from typing import Any


def name_records_by_content() -> None:
    """Make Numba name record types, and arrays inside records, by what they are; doing it again changes nothing."""
    from numba import types

    for kind in (types.Record, types.NestedArray):
        kind.mangling_args = property(_by_content)  # type: ignore[assignment,method-assign]


def _by_content(kind: Any) -> tuple[str, tuple[str]]:
    return type(kind).__name__, (hashlib.sha256(str(kind).encode()).hexdigest(),)
