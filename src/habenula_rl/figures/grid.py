"""A figure of small panels alike: of each measure its groups, every subject, and what was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import TYPE_CHECKING

from . import panels, style
from .colours import PALETTE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

A_ROW, ROW_MM = 3, 58.0


@dataclass(frozen=True)
class Panel:
    """One measure of `summary.subject_rows`, drawn for `groups` (name -> what stands below it) in this order.

    `published` has the published means, where numbers are known; `level` is where a line is drawn to compare with.
    """

    measure: str
    axis: str
    title: str
    groups: Mapping[str, str]
    published: Mapping[str, float] = field(default_factory=dict)
    level: float | None = None


def grid(table: pd.DataFrame, shown: Sequence[Panel], what: str, note: str = "") -> Figure:
    """The panels, three in a row, of a study's tidy table; `what` are the subjects, for the footnote.

    Groups with the same words below them have one colour in all of them.
    """
    groups = {name: words for panel in shown for name, words in panel.groups.items()}
    words = [*dict.fromkeys(groups.values())]
    colours = {name: PALETTE[words.index(said) % len(PALETTE)] for name, said in groups.items()}
    letters = ascii_uppercase[: len(shown)]
    rows = [letters[k : k + A_ROW].ljust(A_ROW, ".") for k in range(0, len(letters), A_ROW)]
    with style.styled():
        figure, axes = style.canvas(rows, height_mm=ROW_MM * len(rows) + 12.0)
        for letter, panel in zip(letters, shown, strict=True):
            order, where = [*panel.groups], axes[letter]
            panels.individuals(
                where, table, panel.measure, order=order, by="group", colours=colours, published=panel.published
            )
            panels.name_places(where, table, panel.measure, order=order, by="group", labels=panel.groups)
            where.set_ylabel(panel.axis)
            if panel.level is not None:
                panels.level(where, panel.level)
            style.caption(where, letter, panel.title)
        style.footnote(figure, "\n".join(filter(None, (panels.marks(figure, table, what), note))))
    return figure
