"""Panels: each draws rows of a study's tidy table into axes, and computes nothing that is not in the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 100  # individuals drawn at most; the first ones, which are a random sample as good as any
SWARM_WIDTH = 0.56  # of the room between two categories
MEAN_BESIDE = 0.36  # where the mean stands, right of the middle of its points


def select(table: pd.DataFrame, level: str, measure: str, **where: str) -> pd.DataFrame:
    """The rows of one level and measure, and of one group or phase where given."""
    rows = table[(table["level"] == level) & (table["measure"] == measure)]
    for column, name in where.items():
        rows = rows[rows[column] == name]
    return rows


def individuals(
    axes: Axes, table: pd.DataFrame, measure: str, *, order: Sequence[str], by: str, colours: Mapping[str, str]
) -> None:
    """Subjects as points and, beside them, the group's mean with its 95 % interval.

    Each name in `order` has its place on x; `by` is the column of those names, "group" or "phase".
    """
    for place, name in enumerate(order):
        values = _shown(select(table, "subject", measure, **{by: name}))["value"].dropna().to_numpy()
        if values.size:
            x = place - 0.12 + swarm(values, _span(table, measure))
            axes.scatter(x, values, s=_size(values.size), color=colours[name], alpha=_alpha(values.size), linewidths=0)
        _mean(axes, select(table, "group", measure, **{by: name}), place + MEAN_BESIDE, colours[name])
    _places(axes, order)


def over(
    axes: Axes, table: pd.DataFrame, measure: str, *, places: Mapping[str, float], colour: str, label: str,
    room: float = 0.1,
) -> None:  # fmt: skip
    """Subjects as points at the place on x of their group, and the groups' means, joined, with 95 % intervals.

    For a scale on x, as of time or of dose, on which the points of a group spread over `room`. The first place is for
    those that had no drug: no line leads to it, but a thin flat one goes from it, to measure the others against.
    """
    span = _span(table, measure)
    for group, x in places.items():
        values = _shown(select(table, "subject", measure, group=group))["value"].dropna().to_numpy()
        shift = room * swarm(values, span) / SWARM_WIDTH
        axes.scatter(x + shift, values, s=_size(values.size), color=colour, alpha=_alpha(values.size), linewidths=0)
        _mean(axes, select(table, "group", measure, group=group), x, colour)
    means = [select(table, "group", measure, group=group)["value"].mean() for group in places]
    axes.plot(list(places.values())[1:], means[1:], color=colour, zorder=3, label=label)
    axes.axhline(means[0], color=colour, linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)


def paired(axes: Axes, table: pd.DataFrame, measure: str, *, order: Sequence[str], colours: Mapping[str, str]) -> None:
    """The same subjects through the phases in `order`: points, a thin line each, means with intervals."""
    rows = _shown(select(table, "subject", measure))
    wide = rows.pivot(index="subject", columns="phase", values="value").reindex(columns=list(order))
    x = _own_place(wide.index.to_numpy())[:, None] + np.arange(len(order))
    y = wide.to_numpy(float)
    axes.plot(x.T, y.T, color=style.GREY, alpha=0.5 if len(wide) <= 30 else 0.15, linewidth=0.6, zorder=1)
    for place, name in enumerate(order):
        size, alpha = _size(len(wide)), _alpha(len(wide))
        axes.scatter(x[:, place], y[:, place], s=size, color=colours[name], alpha=alpha, linewidths=0, zorder=2)
        _mean(axes, select(table, "group", measure, phase=name), place + 0.26, colours[name])
    _places(axes, order)


def scatter(
    axes: Axes, table: pd.DataFrame, across: str, up: str, *, order: Sequence[str], by: str, colours: Mapping[str, str]
) -> None:
    """One point a subject and name in `order`: measure `across` on x against measure `up` on y."""
    for name in order:
        x, y = (
            _shown(select(table, "subject", m, **{by: name})).set_index(["group", "phase", "subject"])["value"]
            for m in (across, up)
        )
        axes.scatter(
            x, y.reindex(x.index), s=_size(len(x)), color=colours[name], alpha=_alpha(len(x)), linewidths=0, label=name
        )


def trace(
    axes: Axes, table: pd.DataFrame, measure: str, *, order: Sequence[str], by: str, colours: Mapping[str, str],
    labels: Mapping[str, str] | None = None, dashes: Mapping[str, str] | None = None, **where: str,
) -> None:  # fmt: skip
    """A signal's mean course with its 95 % interval as a band, a line for each name in `order`."""
    for name in order:
        rows = select(table, "trace", measure, **(where | {by: name})).sort_values("time")
        label = (labels or {}).get(name, name)
        line = (dashes or {}).get(name, "-")
        axes.plot(rows["time"], rows["value"], line, color=colours[name], label=label, zorder=3)
        if len(rows) == 1:
            axes.plot(rows["time"], rows["value"], "o", color=colours[name])
        axes.fill_between(
            rows["time"], rows["low"], rows["high"], color=colours[name], alpha=0.22, linewidth=0, zorder=2
        )


def counts(
    axes: Axes, table: pd.DataFrame, measure: str, *, order: Sequence[str], by: str, colours: Mapping[str, str],
    labels: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """How the subjects' values are spread: the fraction of them (%) at each value, a line for each name in `order`.

    The rows are of level "trace", with the value in question as their time.
    """
    for name in order:
        rows = select(table, "trace", measure, **{by: name}).sort_values("time")
        label = (labels or {}).get(name, name)
        axes.plot(rows["time"], rows["value"], "-o", markersize=3, color=colours[name], label=label)


def event(axes: Axes, at: float = 0.0) -> None:
    """A thin upright line at the event."""
    axes.axvline(at, color=style.GREY, linewidth=0.7, linestyle=(0, (2, 2)), zorder=1)


def level(axes: Axes, at: float) -> None:
    """A thin flat line to measure against."""
    axes.axhline(at, color=style.GREY, linewidth=0.7, zorder=1)


def alike(*panels: Axes) -> None:
    """One scale of y, from 0, for panels that are compared."""
    top = max(axes.get_ylim()[1] for axes in panels)
    for axes in panels:
        axes.set_ylim(-0.04 * top, 1.04 * top)


def name_places(
    axes: Axes, table: pd.DataFrame, measure: str, *, order: Sequence[str], by: str,
    labels: Mapping[str, str] | None = None, lines: int = 0,
) -> None:  # fmt: skip
    """Names below the places on x, and the number of subjects: once where it is the same for all, else for each.

    `lines` empty lines are left between the two for whatever else names the groups.
    """
    n = [int(select(table, "group", measure, **{by: name})["n"].sum()) for name in order]
    names = [(labels or {}).get(name, name) for name in order]
    alike = len(set(n)) == 1
    axes.set_xticks(range(len(order)), names if alike else [f"{name}\n{k}" for name, k in zip(names, n, strict=True)])
    below = f"n = {n[0]} each" if alike else "n below each group"
    axes.set_xlabel("\n" * lines + below, fontsize=7)


def key(axes: Axes) -> None:
    """A legend inside the axes, where it hides least."""
    axes.legend(loc="best", handlelength=1.4, borderaxespad=0.2, labelspacing=0.3)


def shared_key(figure: Figure, axes: Axes) -> None:
    """One legend for all panels, above them, from the lines of one."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), handlelength=2.4)


def most_subjects(table: pd.DataFrame) -> int:
    """The number of subjects of the largest group."""
    return int(table.loc[table["level"] == "subject", "subject"].max()) + 1


def group_sizes(table: pd.DataFrame) -> str:
    """How many subjects the groups have, for a footnote."""
    n = table.loc[table["level"] == "group", "n"]
    return f"n = {n.min()} each" if n.min() == n.max() else f"n = {n.min()} to {n.max()}"


def from_zero(axes: Axes) -> None:
    """Begin y at 0, with room for the marks that stand on either end."""
    top = axes.get_ylim()[1]
    axes.set_ylim(-0.04 * top, 1.04 * top)


def whole_ticks(axes: Axes) -> None:
    """Whole numbers on x, for seconds and trials."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))


def thinned(figure: Figure, table: pd.DataFrame, what: str, *, joined: bool = False) -> None:
    """Below all panels, what the marks mean and, where not all individuals are drawn, how many are.

    `joined`: thin lines join the points of one individual.
    """
    ending = "A trace ends where fewer than half of a group still contribute."
    style.footnote(figure, f"{marks(table, what, joined=joined)}\n{ending}")


def marks(table: pd.DataFrame, what: str, *, joined: bool = False) -> str:
    """What the marks mean, in two sentences, with how many individuals are drawn where not all are."""
    n = most_subjects(table)
    points = f"the first {SHOWN} of {n:,} {what}" if n > SHOWN else f"single {what}"
    small = "Small points and thin lines" if joined else "Small points"
    return f"{small}: {points}. Large points and bands: mean and 95 % interval."


def swarm(values: np.ndarray[Any, Any], span: float) -> np.ndarray[Any, Any]:
    """How far each point moves sideways so that equal values stand beside one another, within ± half of SWARM_WIDTH.

    Values are alike when they fall into the same fortieth of `span`.
    """
    bins = np.round(values / (span / 40.0)) if span > 0.0 else np.zeros(len(values))
    shift = np.zeros(len(values))
    for value in np.unique(bins):
        members = np.flatnonzero(bins == value)
        shift[members] = np.arange(len(members)) - (len(members) - 1) / 2
    widest = np.ptp(shift)
    step = min(0.09, SWARM_WIDTH / widest) if widest > 0 else 0.0
    return shift * step


def _mean(axes: Axes, rows: pd.DataFrame, x: float, colour: str) -> None:
    for value, low, high in rows[["value", "low", "high"]].to_numpy(float):
        reach = [[max(0.0, value - low)], [max(0.0, high - value)]] if np.isfinite(high - low) else None
        axes.errorbar(
            x, value, yerr=reach, fmt="o", markersize=4.5, color=colour, markeredgecolor=style.BLACK,
            markeredgewidth=0.7, ecolor=style.BLACK, elinewidth=1.1, capsize=2.2, zorder=4,
        )  # fmt: skip


def _own_place(subjects: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A small sideways shift of each subject's own, the same in every phase, spread evenly by the golden ratio."""
    return (subjects * 0.6180339887 % 1.0 - 0.5) * 0.2


def _places(axes: Axes, order: Sequence[str]) -> None:
    axes.set_xticks(range(len(order)), list(order))
    axes.set_xlim(-0.55, len(order) - 0.3)


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["subject"] < SHOWN]


def _span(table: pd.DataFrame, measure: str) -> float:
    values = select(table, "subject", measure)["value"]
    return float(values.max() - values.min())


def _size(n: int) -> float:
    return 11.0 if n <= 30 else 6.0


def _alpha(n: int) -> float:
    return 0.75 if n <= 30 else 0.4
