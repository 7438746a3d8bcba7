"""A progress bar in a terminal or a notebook."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

SHOWN_AFTER_S = 2.0  # what takes longer shows it


@contextlib.contextmanager
def bar(said: str, unit: str, total: int | None = None) -> Iterator[Callable[[int], Any]]:
    """From the third second on, and gone at the end; what it gives is called with how much more is done.

    Without a `total` it counts. In a notebook without ipywidgets it is text, and nothing is said of that.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "IProgress not found")
        from tqdm.auto import tqdm

    look: dict[str, Any] = {"desc": said, "unit": f" {unit}", "delay": SHOWN_AFTER_S, "leave": False}
    elsewhere = None if "ipykernel" not in sys.modules else False  # None: not where no person looks, as in a file
    with tqdm(total=total, disable=elsewhere, **look) as shown:
        yield shown.update
