"""Verdicts that were come to before, kept by the content of all that decides them.

That is every file of the package, a study's config and Python file, the subjects, the seed, an agent's values, and the
versions of what computes: where any of it changes, the study is simulated again. A process in which a file of the
package has changed since it was imported takes and keeps nothing, because what it runs is not what lies on the disk.
Only studies of the package are kept: a user's file may read anything. The folder is that of compiled programs
(`habenula cache info`), and as little believed: a file that cannot be read is none.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..compiler import cache
from ..compiler.kept_files import read, write_whole
from ..computing import code, edited
from .verdict import Ensemble, Judged, Verdict


def key(study: Path, config: Path, *what: Any) -> str | None:
    """What names the verdicts of a study under `what` else decides them, of which each has a text that says all.

    None where none are to be kept: a file of the package has changed since this process imported it.
    """
    if edited():
        return None
    text = hashlib.sha256(code())
    for part in (study.read_bytes(), config.read_bytes(), repr(what).encode()):
        text.update(hashlib.sha256(part).digest())
    return text.hexdigest()[:32]


def found(name: str) -> dict[str, list[Judged]] | None:
    """The verdicts by claim that were kept under that key, with whether each value alone holds; or None."""
    place = cache.folder()
    try:
        kept = json.loads(read(place / cache.VERDICTS / f"{name}.json")) if place else None
        return kept and {id: [(_verdict(row), bool(holds)) for row, holds in rows] for id, rows in kept.items()}
    except (ValueError, TypeError, AttributeError):
        return None


def keep(name: str, rows: dict[str, list[Judged]]) -> None:
    """Keep them, where anything can be written."""
    place = cache.folder()
    if place is not None:
        (place / cache.VERDICTS).mkdir(mode=0o700, exist_ok=True)
        plain = {id: [(asdict(verdict), holds) for verdict, holds in of_claim] for id, of_claim in rows.items()}
        write_whole(place / cache.VERDICTS / f"{name}.json", json.dumps(plain).encode())


def _verdict(row: dict[str, Any]) -> Verdict:
    with_sets = {name: row[name] and Ensemble(**row[name]) for name in ("ensemble", "seeds")}
    return Verdict(**row | with_sets)
