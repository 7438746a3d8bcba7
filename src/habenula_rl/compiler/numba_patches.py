"""All that touches Numba's inner parts, which may change with any version of it: only tested versions are let in.

What each is for, and what it gains:

`name_records_by_content`: right numbers. Numba names a compiled function after its argument types, and a record type
there by a number that only counts up within one process. So a function that was cached by one process and one that was
compiled by another can have the same symbol for different records, and the linker keeps one of the two: the kernel then
reads the state of 8 states with the offsets of 4, without an error. (Numba 0.59 to 0.68, `types.Record.mangling_args`;
nested arrays leave out their shape.)

`keep_machine_code`: a first `simulate` of a process in half the time (2.0 times as fast as compiling, 3 runs); Numba's
own cache would give that too, but mixes up processes that compile at once, and believes damaged files.

`on_compiling`: an error in the rule's own words at no cost; a wrapper around each call would make it 1.3 times as slow
(0.62 to 0.80 µs).

The intrinsic of `lanes.llvm`, the overload of `portable_math` and `forceinline` are Numba's public interface.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .kept_files import read, write_whole

DIGEST = hashlib.sha256().digest_size
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


def on_compiling(dispatcher: Any, instead: Callable[..., Any]) -> Any:
    """The dispatcher, which now asks `instead(compile_for, *args)` to compile it for the arguments of a call.

    Only Numba's way to compile for new argument types is wrapped, so that a call of what is compiled costs no more.
    """
    compile_for = getattr(dispatcher, "_compile_for_args", None)
    if compile_for is not None:  # with NUMBA_DISABLE_JIT it is plain Python
        dispatcher._compile_for_args = lambda *args, **keywords: instead(compile_for, *args, **keywords)
    return dispatcher


def keep_machine_code(dispatcher: Any, base: Path) -> None:
    """Keep the dispatcher's compiled forms in files whose names begin with `base`, and take them from there."""
    dispatcher._cache = MachineCode(base)


class MachineCode:
    """The compiled forms of one function, a file for each; stands in a Numba dispatcher for Numba's own cache.

    Numba's keeps an index beside numbered files (0.61 to 0.68). Two processes that compile at once can write the same
    number into two indexes, and then run the machine code for one record type on another; and neither file is checked,
    so that a damaged one ends in a traceback, a crash or a wrong number. Here the file's name and content say what it
    is for, and its first bytes are the checksum of the rest. What is read has been pickled, as all that Numba keeps:
    the folder has to be the user's own, and its files can be read by no one else.
    """

    def __init__(self, base: Path) -> None:
        self.base = base
        self.cache_path = str(base.parent)

    def load_overload(self, signature: Any, context: Any) -> Any:
        """The compiled form for that signature, None where it is not there whole."""
        import pickle

        from numba.core.compiler import CompileResult

        context.refresh()
        key = _key(signature, context.codegen())
        content = read(self._path(key))
        checksum, data = content[:DIGEST], content[DIGEST:]
        if hashlib.sha256(data).digest() != checksum:
            return None
        kept_for, payload = pickle.loads(data)
        if kept_for != key:
            return None
        return CompileResult._rebuild(context, *payload)  # type: ignore[no-untyped-call]

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep a compiled form. A folder that cannot take it any more costs the next start some seconds, no more."""
        from numba.core.serialize import dumps

        if result.library.has_dynamic_globals or any(not lifted.can_cache for lifted in result.lifted):
            return
        key = _key(signature, result.codegen)
        data = dumps((key, result._reduce()))  # type: ignore[no-untyped-call]
        write_whole(self._path(key), hashlib.sha256(data).digest() + data)

    def _path(self, key: str) -> Path:
        return self.base.with_name(f"{self.base.name}.{hashlib.sha256(key.encode()).hexdigest()[:16]}.bin")

    def enable(self) -> None:
        """For Numba, which never finds it disabled."""

    def flush(self) -> None:
        """For Numba's `recompile`: forget the compiled forms of this function."""
        for path in self.base.parent.glob(f"{self.base.name}.*"):
            path.unlink(missing_ok=True)


def _key(signature: Any, codegen: Any) -> str:
    """The argument types, records field by field, and the processor."""
    return f"{[str(kind) for kind in signature]} {codegen.magic_tuple()}"
