"""What was published of a group, drawn beside what was simulated: a number, or the bounds of a claim's row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

from . import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ARROW = 13.0  # points
NO_GAP = {"shrinkA": 0, "shrinkB": 0}  # between the arrow and its ends
BOX = 0.09  # half the width of a range, where groups stand 1 apart
VALUE, RANGE, WAY = "published", "published range", "published way"


@dataclass(frozen=True)
class Published:
    """The bounds that a claim's row sets, for one group of a panel; an infinite one is open, as of a mere sign.

    They are of the group's mean, in the panel's unit; with `than`, of how far it lies from that group's mean. With `of`
    they are fractions: of one group's mean, or of the difference of two, as `of=("full", "none")` of the way from full
    control to none. `row` names the claim's row, as "li2013/more_immobile".
    """

    low: float
    high: float
    row: str
    than: str = ""
    of: tuple[str, ...] = ()

    def bounds(self, means: Mapping[str, float]) -> tuple[float, float]:
        """In the panel's unit, by the groups' means; NaN where one that is needed is missing."""
        missing = float("nan")
        base = means.get(self.than, missing) if self.than else 0.0
        scale = [means.get(name, missing) for name in self.of]
        unit = scale[-1] - (scale[0] if len(scale) > 1 else 0.0) if scale else 1.0
        low, high = sorted(base + (unit * end if end else 0.0) for end in (self.low, self.high))
        return low, high


def more(than: str, row: str) -> Published:
    """More than that group."""
    return Published(0.0, inf, row, than)


def less(than: str, row: str) -> Published:
    """Less than that group."""
    return Published(-inf, 0.0, row, than)


Marks = Mapping[str, float | Published]  # by group: a number, or bounds


def mark(
    axes: Axes,
    marks: Marks,
    places: Mapping[str, float],
    means: Mapping[str, float],
    colours: Mapping[str, str],
    box: float = BOX,
) -> None:
    """An open diamond at a number, an open box over a range, an arrow from the one bound of an open one.

    `places` has where on x each group's mark stands, `means` what bounds that are relative rest on, `colours` that of
    each group, so that it is seen whose the mark is. A mark without a place or without a mean that it needs is left
    out; so is one without any bound.
    """
    for group, what in marks.items():
        if group not in places:
            continue
        low, high = what.bounds(means) if isinstance(what, Published) else (what, what)
        x, colour = places[group], colours.get(group, style.BLACK)
        if low == high:
            look: Any = {"markerfacecolor": "white", "markeredgecolor": colour, "markeredgewidth": 1.0}
            axes.plot([x], [low], "D", markersize=4.0, zorder=5, label=VALUE, **look)
        elif isfinite(low) and isfinite(high):
            _box(axes, x, low, high, colour, box)
        elif isfinite(low) or isfinite(high):
            _arrow(axes, x, *((low, ARROW) if isfinite(low) else (high, -ARROW)), colour)


def _box(axes: Axes, x: float, low: float, high: float, colour: str, half: float) -> None:
    from matplotlib.patches import Rectangle

    look: Any = {"facecolor": "none", "edgecolor": colour, "linewidth": 1.0, "gid": RANGE, "zorder": 4.5}
    axes.add_patch(Rectangle((x - half, low), 2.0 * half, high - low, **look))
    axes.update_datalim([(x, low), (x, high)])
    axes.autoscale_view(scalex=False)


def _arrow(axes: Axes, x: float, y: float, length: float, colour: str) -> None:
    """From the bound, which a short line marks, in the direction in which it is open."""
    look = {"arrowstyle": "<|-", "mutation_scale": 7, "edgecolor": colour, "facecolor": "white", "linewidth": 1.0}
    way: Any = {"textcoords": "offset points", "arrowprops": look | NO_GAP, "annotation_clip": False, "gid": WAY}
    axes.annotate("", (x, y), (0.0, length), **way).set_in_layout(False)
    axes.plot([x], [y], "_", color=colour, markersize=6, markeredgewidth=1.0, zorder=5)


def drawn(axes: Axes) -> list[str]:
    """Which kinds of marks the panel has, as a footnote names them."""
    kinds = {
        "open diamonds: published values": any(line.get_label() == VALUE for line in axes.lines),
        "open boxes: what a published finding allows": any(patch.get_gid() == RANGE for patch in axes.patches),
        "arrows: a published direction, from the mean compared with": any(text.get_gid() == WAY for text in axes.texts),
    }
    return [name for name, there in kinds.items() if there]
