"""What is said of a user's mistakes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MOST = 5  # names that a sentence lists


class RuleError(ValueError):
    """An agent, a task or one of their rules is written so that it cannot work; the message names file and line."""


def nearest(word: str, known: Iterable[str], likeness: float = 0.5) -> str:
    """`, did you mean 'x'?`, or an empty string where nothing is near; of several that begin with the word, all.

    `likeness` is how like the word a name must be, 0 to 1; names of drugs, which share their endings, need more.
    """
    candidates = list(known)
    begun_alike = [name for name in candidates if word and name.lower().startswith(word.lower())]
    close = begun_alike[:MOST] or difflib.get_close_matches(word, candidates, n=1, cutoff=likeness)
    *others, last = [f"'{name}'" for name in close] or [""]
    return f", did you mean {', '.join(others)}{' or ' if others else ''}{last}?" if close else ""
