"""What is said of a user's mistakes."""

from __future__ import annotations

import contextlib
import difflib
import os
import signal
import traceback
from collections.abc import Iterable, Iterator

MOST = 5  # names that a sentence lists
ENDERS = (
    "<frozen _sitebuiltins>",
    "_sitebuiltins.py",
    "argparse.py",
)  # of Python's own: what calls sys.exit for somebody else


class RuleError(ValueError):
    """An agent, a task or one of their rules is written so that it cannot work; the message names file and line."""


class EndsError(RuleError):
    """Code that was called ends the program, as sys.exit does; the message names file and line."""


class Stopped(BaseException):
    """The process was asked to end, by Ctrl-C or SIGTERM."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.advice = "Stopped."


@contextlib.contextmanager
def ends_are_errors() -> Iterator[None]:
    """Around a user's code: where it ends the program, as sys.exit does, EndsError. Ctrl-C and SIGTERM go through."""
    try:
        yield
    except Exception:
        raise
    except BaseException as error:
        if _asked_for(error):
            raise
        raise EndsError(f"{_raised_at(error)} ends the program, with {error!r}") from error


def _asked_for(error: BaseException) -> bool:
    """Whether the user stops the process. Where SIGINT has a handler of ours, KeyboardInterrupt comes from code."""
    if isinstance(error, KeyboardInterrupt):
        handler = getattr(signal.getsignal(signal.SIGINT), "__module__", None) or ""
        return handler.partition(".")[0] != __package__
    return isinstance(error, Stopped)


def sentence(error: Exception) -> str:
    """What went wrong, in a line or a few: our own sentence, or else where in whose code, and Python's."""
    if isinstance(error, ValueError | OSError) and str(error):
        return str(error)
    return f"{_raised_at(error)}: {type(error).__name__}: {error}"


def _raised_at(error: BaseException) -> str:
    """File and line, the file as seen from the folder one works in where it lies there."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = [frame for frame in frames if not frame.filename.endswith(ENDERS)][-1]
    near = os.path.relpath(frame.filename)
    return f"{frame.filename if near.startswith(os.pardir) else near}:{frame.lineno}"


def nearest(word: str, known: Iterable[str], likeness: float = 0.5) -> str:
    """`, did you mean 'x'?`, or an empty string where nothing is near; of several that begin with the word, all.

    `likeness` is how like the word a name must be, 0 to 1; names of drugs, which share their endings, need more.
    """
    candidates = list(known)
    begun_alike = [name for name in candidates if word and name.lower().startswith(word.lower())]
    close = begun_alike[:MOST] or difflib.get_close_matches(word, candidates, n=1, cutoff=likeness)
    *others, last = [f"'{name}'" for name in close] or [""]
    return f", did you mean {', '.join(others)}{' or ' if others else ''}{last}?" if close else ""
