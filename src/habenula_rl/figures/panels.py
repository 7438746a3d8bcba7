"""Panels: seaborn draws rows of a study's tidy table into axes; nothing is computed that is not in the table.

Intervals are the package's own, from the table's columns low and high: seaborn gets value, low and high as three rows
(`ends`) and draws their median and the way from the lowest to the highest of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import style
from .published import Marks, drawn, mark

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 100  # individuals drawn at most; the first ones, which are a random sample as good as any
FEW = 30  # with more individuals in a group points may cover one another: the shape of their distribution is behind
POINTS_BESIDE, MEAN_BESIDE, PUBLISHED_BESIDE = -0.17, 0.28, 0.43  # where points, mean and the paper's stand on x
WIDTH_OF_SWARM = 0.6  # of the distance between groups, for points of one height
HEIGHTS = 26  # that are told apart: about so many points stand one above the other in a panel
LINES: dict[str, Any] = {"-": "", "--": (4, 1.5), ":": (1, 1)}
INTERVAL: dict[str, Any] = {"estimator": "median", "errorbar": ("pi", 100)}  # of the three rows of `ends`


def select(table: pd.DataFrame, level: str, measure: str, **where: str) -> pd.DataFrame:
    """The rows of one level and measure, and of one group or phase where given."""
    rows = table[(table["level"] == level) & (table["measure"] == measure)]
    for column, name in where.items():
        rows = rows[rows[column] == name]
    return rows


def ends(rows: pd.DataFrame) -> pd.DataFrame:
    """Each row three times, with its value, low and high as `y`: what `INTERVAL` makes a mean with its interval of.

    A row without an interval stands once.
    """
    others = [name for name in rows if name not in ("value", "low", "high")]
    return rows.melt(others, ["value", "low", "high"], var_name="end", value_name="y").dropna(subset="y")


def individuals(
    axes: Axes,
    table: pd.DataFrame,
    measure: str,
    *,
    order: Sequence[str],
    by: str,
    colours: Mapping[str, str],
    published: Marks | None = None,
) -> None:
    """Subjects as a swarm and, beside them, the group's mean with its 95 % interval and what was published.

    Each name in `order` has its place on x; `by` is the column of those names, "group" or "phase". Where groups have
    more than `FEW` subjects a violin of all of them stands behind the first `SHOWN`.
    """
    place = {name: float(x) for x, name in enumerate(order)}
    points = _at(select(table, "subject", measure), by, place, POINTS_BESIDE)
    _swarm(axes, points, by, colours, across=len(order), room=WIDTH_OF_SWARM)
    means = _at(select(table, "group", measure), by, place, MEAN_BESIDE)
    _means(axes, means, by, colours)
    _mark(axes, published, means, by, colours, {name: x + PUBLISHED_BESIDE for name, x in place.items()})
    _places(axes, order, room=0.15 if published else 0.0)


def paired(
    axes: Axes,
    table: pd.DataFrame,
    measure: str,
    *,
    order: Sequence[str],
    colours: Mapping[str, str],
    published: Marks | None = None,
) -> None:
    """The same subjects through the phases in `order`: points, a thin line each, means with intervals."""
    import seaborn as sns

    place = {name: float(x) for x, name in enumerate(order)}
    points = _shown(_at(select(table, "subject", measure), "phase", place))
    n = points["subject"].nunique()
    own = points["subject"].to_numpy(float) * 0.6180339887 % 1.0 - 0.5  # spread evenly by the golden ratio
    points = points.assign(x=points["x"] + 0.2 * own)
    faint = 0.5 if n <= FEW else 0.15
    sns.lineplot(
        data=points,
        x="x",
        y="value",
        units="subject",
        estimator=None,
        color=style.GREY,
        alpha=faint,
        linewidth=0.6,
        zorder=1,
        ax=axes,
    )
    sns.scatterplot(
        data=points,
        x="x",
        y="value",
        hue="phase",
        hue_order=_there(points, "phase", order),
        palette=dict(colours),
        s=11 if n <= FEW else 6,
        alpha=0.75 if n <= FEW else 0.4,
        linewidth=0,
        legend=False,
        zorder=2,
        ax=axes,
    )
    means = _at(select(table, "group", measure), "phase", place, 0.26)
    _means(axes, means, "phase", colours)
    _mark(axes, published, means, "phase", colours, {name: x + 0.42 for name, x in place.items()})
    _places(axes, order, room=0.1 if published else 0.0)


def over(
    axes: Axes,
    table: pd.DataFrame,
    measure: str,
    *,
    places: Mapping[str, Mapping[str, float]],
    colours: Mapping[str, str],
    published: Marks | None = None,
) -> None:
    """Subjects over a scale, as of time or of dose, and on their right their groups' means, joined, with intervals.

    `places` has, for each kind of subject, the place on x of its groups. The first is for those that had no drug: no
    line leads to it, but a thin flat one goes from it, to measure the others against.
    """
    import seaborn as sns

    kinds = {group: kind for kind, own in places.items() for group in own}
    place = {group: x for own in places.values() for group, x in own.items()}
    span, apart = float(np.ptp([*place.values()])), float(np.diff(sorted(set(place.values()))).min()) / len(places)
    aside = {kind: apart * (k - (len(places) - 1) / 2.0) for k, kind in enumerate(places)}
    points, means = (
        _at(select(table, level, measure), "group", place, shift)
        .assign(kind=lambda rows: rows["group"].map(kinds))
        .assign(x=lambda rows: rows["x"] + rows["kind"].map(aside))
        for level, shift in (("subject", -0.3 * apart), ("group", 0.0))
    )
    _swarm(axes, points, "kind", colours, across=1.1 * span, room=0.5 * apart)
    first = {next(iter(own)) for own in places.values()}
    sns.lineplot(
        data=means[~means["group"].isin(first)],
        x="x",
        y="value",
        hue="kind",
        hue_order=list(places),
        palette=dict(colours),
        estimator=None,
        zorder=3,
        ax=axes,
    )
    if legend := axes.get_legend():
        legend.remove()
    _means(axes, means, "kind", colours)
    for row in means[means["group"].isin(first)].to_dict("records"):
        axes.axhline(row["value"], color=colours[row["kind"]], linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)
    beside = 0.012 * span
    at = {group: place[group] + aside[kinds[group]] + 2.0 * beside for group in place}
    of_group = {group: colours[kind] for group, kind in kinds.items()}
    mark(axes, published or {}, at, dict(zip(means["group"], means["value"], strict=True)), of_group, box=0.5 * beside)


def trace(
    axes: Axes,
    table: pd.DataFrame,
    measure: str,
    *,
    order: Sequence[str],
    by: str,
    colours: Mapping[str, str],
    labels: Mapping[str, str] | None = None,
    dashes: Mapping[str, str] | None = None,
    **where: str,
) -> None:
    """A signal's mean course with its 95 % interval as a band, a line for each name in `order`."""
    import seaborn as sns

    rows = select(table, "trace", measure, **where).dropna(subset="value")
    if not (there := _there(rows, by, order)):
        return
    called = {name: (labels or {}).get(name, name) for name in there}
    rows = rows[rows[by].isin(there)].assign(line=lambda rows: rows[by].map(called))
    look = {"hue": "line", "hue_order": [*called.values()], "palette": {called[n]: colours[n] for n in there}}
    sns.lineplot(
        data=ends(rows),
        x="time",
        y="y",
        style="line",
        style_order=[*called.values()],
        dashes={called[n]: LINES[(dashes or {}).get(n, "-")] for n in there},
        **look,
        **INTERVAL,
        err_kws={"alpha": 0.22, "linewidth": 0},
        zorder=3,
        ax=axes,
    )
    if legend := axes.get_legend():
        legend.remove()
    alone = rows[rows.groupby("line")["time"].transform("size") == 1]
    if len(alone):
        sns.scatterplot(data=alone, x="time", y="value", **look, legend=False, zorder=3, ax=axes)
    axes.set(xlabel="", ylabel="")


def scatter(
    axes: Axes, table: pd.DataFrame, across: str, up: str, *, order: Sequence[str], by: str, colours: Mapping[str, str]
) -> None:
    """One point a subject and name in `order`: measure `across` on x against measure `up` on y."""
    import seaborn as sns

    who = list(dict.fromkeys(["group", "phase", "subject", by]))
    both = [
        _shown(select(table, "subject", measure)).set_index(who)["value"].rename(measure) for measure in (across, up)
    ]
    rows = both[0].to_frame().join(both[1]).reset_index()
    few = len(rows) <= FEW * len(order)
    sns.scatterplot(
        data=rows,
        x=across,
        y=up,
        hue=by,
        hue_order=_there(rows, by, order),
        palette=dict(colours),
        s=11 if few else 6,
        alpha=0.75 if few else 0.4,
        linewidth=0,
        ax=axes,
    )
    if legend := axes.get_legend():
        legend.remove()


def heat(axes: Axes, wide: pd.DataFrame, label: str, *, cmap: str = "cividis", bar: bool = True, **how: Any) -> None:
    """A table (rows on y, columns on x) as a heat map with a bar for its scale, which `label` names with its unit.

    The first row stands at the bottom; cell k of an axis has its middle at k + ½. `how` goes to seaborn's heatmap.
    """
    import seaborn as sns

    below = {"location": "bottom", "label": label, "aspect": 14, "pad": 0.03} if bar else None
    sns.heatmap(wide, cmap=cmap, cbar=bar, cbar_kws=below, rasterized=True, ax=axes, **how)
    axes.invert_yaxis()
    axes.set(xlabel="", ylabel="")
    axes.tick_params(axis="y", labelrotation=0)


def level(axes: Axes, at: float) -> None:
    """A thin flat line to measure against."""
    axes.axhline(at, color=style.GREY, linewidth=0.7, zorder=1)


def event(axes: Axes, at: float = 0.0) -> None:
    """A thin upright line at the event."""
    axes.axvline(at, color=style.GREY, linewidth=0.7, linestyle=(0, (2, 2)), zorder=1)


def alike(*panels: Axes) -> None:
    """One scale of y, from 0, for panels that are compared."""
    top = max(axes.get_ylim()[1] for axes in panels)
    for axes in panels:
        axes.set_ylim(-0.04 * top, 1.04 * top)


def name_places(
    axes: Axes,
    table: pd.DataFrame,
    measure: str,
    *,
    order: Sequence[str],
    by: str,
    labels: Mapping[str, str] | None = None,
    lines: int = 0,
) -> None:
    """Names below the places on x, and the number of subjects: once where it is the same for all, else for each.

    `lines` empty lines are left between the two for whatever else names the groups.
    """
    n = [int(select(table, "group", measure, **{by: name})["n"].sum()) for name in order]
    names = [(labels or {}).get(name, name) for name in order]
    alike = len(set(n)) == 1
    axes.set_xticks(range(len(order)), names if alike else [f"{name}\n{k}" for name, k in zip(names, n, strict=True)])
    if len(order) > 4:
        axes.tick_params(axis="x", labelsize=6)
    below = f"n = {n[0]} each" if alike else "n below each group"
    axes.set_xlabel("\n" * lines + below, fontsize=7)


def key(axes: Axes, **where: Any) -> None:
    """A legend inside the axes, where it hides least or where matplotlib's legend is asked to put it."""
    look: dict[str, Any] = {"loc": "best", "handlelength": 1.4, "borderaxespad": 0.2, "labelspacing": 0.3}
    named = _named(axes)
    axes.legend([*named.values()], [*named], **look | where)


def shared_key(figure: Figure, axes: Axes) -> None:
    """One legend for all panels, above them, from the lines of one."""
    named = _named(axes)
    figure.legend([*named.values()], [*named], loc="outside upper center", ncols=len(named), handlelength=2.4)


def _named(axes: Axes) -> dict[str, Any]:
    """What a legend shows by its label, once each: every published value has the same."""
    handles, labels = axes.get_legend_handles_labels()
    return {label: handles[labels.index(label)] for label in labels}


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


def marks(figure: Figure, table: pd.DataFrame, what: str) -> str:
    """What the marks in these panels mean, with how many individuals are drawn where not all are.

    It speaks of thin lines, bands, violins and published findings only where a panel has them.
    """
    from matplotlib.collections import PolyCollection

    n = most_subjects(table)
    lines = [line for axes in figure.axes for line in axes.lines]
    thin = any(line.get_alpha() and line.get_color() == style.GREY for line in lines)
    filled = [c for axes in figure.axes for c in axes.collections if isinstance(c, PolyCollection)]
    shapes, bands = (any((c.get_gid() == "violin") is is_shape for c in filled) for is_shape in (True, False))
    points = f"the first {SHOWN} of {n:,} {what}" if n > SHOWN else f"single {what}"
    parts = [f"Small points{' and thin lines' if thin else ''}: {points}"]
    if shapes:
        parts.append("shapes behind them: the distribution of all")
    parts.append(f"large points{' and bands' if bands else ''}: mean and 95 % interval")
    parts += dict.fromkeys(kind for axes in figure.axes for kind in drawn(axes))
    return f"{'; '.join(parts)}."


def _at(rows: pd.DataFrame, by: str, place: Mapping[str, float], shift: float = 0.0) -> pd.DataFrame:
    """The rows that have a place, with it, moved sideways, as `x`; those without a value are left out."""
    there = rows[rows[by].isin(place)].dropna(subset="value")
    return there.assign(x=there[by].map(place).astype(float) + shift)


def _there(rows: pd.DataFrame, by: str, order: Sequence[str]) -> list[str]:
    """The names in `order` that have rows: seaborn wants no colour for the others."""
    found = {*rows[by]}
    return [name for name in order if name in found]


def _swarm(
    axes: Axes, points: pd.DataFrame, by: str, colours: Mapping[str, str], *, across: float, room: float
) -> None:
    """Points of about one height stand side by side around their place, before the shape of all where many.

    They take `room` on x at most, and grow smaller for it, then closer; `across` is what the axes span in all.
    """
    import seaborn as sns

    if points.empty:
        return
    look: dict[str, Any] = {"x": "x", "y": "value", "hue": by, "hue_order": _there(points, by, list(colours))}
    look |= {"palette": dict(colours), "linewidth": 0, "legend": False, "ax": axes}
    if points.groupby([by, "x"]).size().max() > FEW:
        before = len(axes.collections)
        shape = {"inner": None, "cut": 0, "density_norm": "width", "alpha": 0.25, "dodge": False, "native_scale": True}
        sns.violinplot(data=points, **look, **shape)
        for violin in axes.collections[before:]:
            violin.set_gid("violin")
    shown = _shown(points)
    height = (shown["value"] / (float(np.ptp(shown["value"])) or 1.0) * HEIGHTS).round()
    alike = shown.groupby(["x", height])["x"]
    count = alike.transform("size")
    unit = 72.0 * axes.bbox.width / axes.figure.dpi / across  # 1 of x, in points
    size = float(np.clip(room * unit / count.max(), 2.2, 3.6))
    beside = (alike.cumcount() - (count - 1) / 2.0) * np.minimum(room / count, 1.1 * size / unit)
    sns.scatterplot(data=shown.assign(x=shown["x"] + beside), **look, s=size**2, alpha=0.8, zorder=2)
    axes.set(xlabel="", ylabel="")


def _means(axes: Axes, rows: pd.DataFrame, by: str, colours: Mapping[str, str]) -> None:
    import seaborn as sns

    if rows.empty:
        return
    sns.pointplot(
        data=ends(rows),
        x="x",
        y="y",
        hue=by,
        hue_order=_there(rows, by, list(colours)),
        palette=dict(colours),
        **INTERVAL,
        native_scale=True,
        linestyle="none",
        markersize=4.5,
        markeredgecolor=style.BLACK,
        markeredgewidth=0.7,
        capsize=0.08,
        err_kws={"color": style.BLACK, "linewidth": 1.1},
        zorder=4,
        legend=False,
        ax=axes,
    )
    axes.set(xlabel="", ylabel="")


def _mark(
    axes: Axes,
    published: Marks | None,
    means: pd.DataFrame,
    by: str,
    colours: Mapping[str, str],
    places: Mapping[str, float],
) -> None:
    mark(axes, published or {}, places, dict(zip(means[by], means["value"], strict=True)), colours)


def _places(axes: Axes, order: Sequence[str], room: float = 0.0) -> None:
    axes.set_xticks(range(len(order)), list(order))
    axes.set_xlim(-0.55, len(order) - 0.3 + room)


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["subject"] < SHOWN]
