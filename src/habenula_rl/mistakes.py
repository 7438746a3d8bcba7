"""What is said of a user's mistakes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class RuleError(ValueError):
    """An agent, a task or one of their rules is written so that it cannot work; the message names file and line."""


def nearest(word: str, known: Iterable[str]) -> str:
    """`, did you mean 'x'?`, or an empty string where nothing is near."""
    candidates = list(known)
    begun_alike = [name for name in candidates if word and name.lower().startswith(word.lower())]
    close = begun_alike or difflib.get_close_matches(word, candidates, n=1, cutoff=0.5)
    return f", did you mean '{close[0]}'?" if close else ""
