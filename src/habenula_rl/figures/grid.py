"""A figure of small panels alike: of each measure its groups, every subject, and what was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

import numpy as np

from . import panels, style
from .colours import PALETTE
from .published import Marks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW_MM = 58.0


@dataclass(frozen=True)
class Panel:
    """One measure of `summary.subject_rows`, drawn for `groups` (name -> what stands below it) in this order.

    `published` has the published means, or the bounds of the claims' rows; `level` is where a line is drawn to compare
    with, `ends` what y shows, as of a percentage. With `by="phase"`, `groups` are phases through which the same
    subjects went.
    """

    measure: str
    axis: str
    title: str
    groups: Mapping[str, str]
    published: Marks = field(default_factory=dict)
    level: float | None = None
    ends: tuple[float, float] | None = None
    by: str = "group"

    def draw(self, axes: Axes, letter: str, table: pd.DataFrame, colours: Mapping[str, str]) -> None:
        """Every subject, the means with their intervals and what was published, named by letter and title."""
        look: dict[str, Any] = {"order": [*self.groups], "colours": colours, "published": self.published}
        if self.by == "phase":
            panels.paired(axes, table, self.measure, **look)
        else:
            panels.individuals(axes, table, self.measure, by=self.by, **look)
        panels.name_places(axes, table, self.measure, order=[*self.groups], by=self.by, labels=self.groups)
        axes.set_ylabel(self.axis)
        if self.ends:
            axes.set_ylim(*np.add(self.ends, np.ptp(self.ends) * np.array([-0.04, 0.04])))
        if self.level is not None:
            panels.level(axes, self.level)
        style.caption(axes, letter, self.title)


def grid(table: pd.DataFrame, shown: Sequence[Panel], what: str, note: str = "") -> Figure:
    """The panels, about three in a row, of a study's tidy table; `what` are the subjects, for the footnote.

    Groups with the same words below them have one colour in all of them.
    """
    groups = {name: words for panel in shown for name, words in panel.groups.items()}
    words = [*dict.fromkeys(groups.values())]
    colours = {name: PALETTE[words.index(said) % len(PALETTE)] for name, said in groups.items()}
    rows = style.rows_of(len(shown))
    with style.styled():
        figure, axes = style.canvas(rows, height_mm=ROW_MM * len(rows) + 12.0)
        for letter, panel in zip(ascii_uppercase, shown, strict=False):
            panel.draw(axes[letter], letter, table, colours)
        style.footnote(figure, "\n".join(filter(None, (panels.marks(figure, table, what), note))))
    return figure
