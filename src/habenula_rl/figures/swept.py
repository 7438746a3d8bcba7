"""The figure of a sweep that draws none of its own: each measure over the axes, as lines or as a heat map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from ..analysis.standard import STOPPED
from . import panels, standard, style
from .colours import PALETTE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 9
FEWEST_ON_A_SIDE = 3  # values of an axis of a heat map; fewer are lines
MOST_FLAT = 6  # values below a heat map that have room beside each other


def figure(table: pd.DataFrame, config: Mapping[str, Any]) -> Figure:
    """Measures of the last phase over the sweep's axes.

    Over two axes of numbers, a heat map of the means; else lines with their intervals, over the axis of numbers that
    has most values, one for each combination of the others' values. Without an axis of numbers, or with more lines than
    colours, it is the standard figure.
    """
    points: Mapping[str, Mapping[str, Any]] = config["sweep"]
    axes = {f"axis_{name}": _values(points, name) for name in next(iter(points.values()))}
    axes = {name: values for name, values in axes.items() if len(values) > 1}
    numeric = [name for name, values in axes.items() if all(isinstance(v, int | float) for v in values)]
    numeric.sort(key=lambda name: -len(axes[name]))
    shown = table[(table["level"] == "group") & (table["measure"] != STOPPED)]
    phase = str(shown["phase"].iloc[-1])
    rows = shown[shown["phase"] == phase]
    varied = rows.groupby("measure", sort=False)["value"].nunique()
    measures = [str(name) for name in rows["measure"].unique() if varied[name] > 1][:MOST_PANELS]
    if not numeric or not measures:
        return standard.figure(table, config)
    two = len(axes) == 2 and len(numeric) == 2 and len(axes[numeric[1]]) >= FEWEST_ON_A_SIDE
    heat = two and not rows.duplicated(["measure", *numeric]).any()
    x, others = numeric[0], [name for name in axes if name != numeric[0]]
    templates: Mapping[str, str] = config["templates"]
    several = len({templates[name] for name in rows["group"]}) > 1

    def label(row: Any) -> str:
        of_axes = [f"{_plain(name)} {_short(row[name])}" for name in others if row[name] == row[name]]
        return ", ".join([templates[row["group"]].replace("{", "").replace("}", "")] * several + of_axes)

    lines = rows.apply(label, axis=1)
    on = rows[x].notna()
    if not heat and lines[on].nunique() > len(PALETTE):
        return standard.figure(table, config)
    letters = ascii_uppercase[: len(measures)]
    grid = style.rows_of(len(letters))
    with style.styled():
        fig, places = style.canvas(grid, height_mm=len(grid) * 56.0 + 14.0)
        for letter, measure in zip(letters, measures, strict=True):
            name, unit = standard.named(measure)
            of_measure = rows[on & (rows["measure"] == measure)]
            if heat:
                wide = of_measure.pivot(index=numeric[1], columns=x, values="value")
                panels.heat(
                    places[letter], wide.set_axis(ticks(wide.index)).set_axis(ticks(wide.columns), axis=1), unit
                )
                places[letter].tick_params(axis="x", labelrotation=0 if wide.shape[1] <= MOST_FLAT else 90)
                places[letter].set(xlabel=_plain(x), ylabel=_plain(numeric[1]))
            else:
                _lines(places[letter], of_measure, x, lines)
                places[letter].set(xlabel=_plain(x), ylabel=unit)
            style.caption(places[letter], letter, name)
        if not heat and lines[on].nunique() > 1:
            panels.shared_key(fig, places["A"])
        bands = "" if heat else "; bands: 95 % interval"
        off = rows.loc[~on, "group"].nunique()
        left_out = f" Not drawn: {off} groups that are not on the axis {_plain(x)}." if off else ""
        style.footnote(fig, f"Means of the groups in phase {phase}{bands}; {panels.group_sizes(table)}.{left_out}")
    return fig


def _values(points: Mapping[str, Mapping[str, Any]], axis: str) -> Sequence[Any]:
    return list(dict.fromkeys(at[axis] for at in points.values() if at[axis] is not None))


def _lines(axes: Axes, rows: pd.DataFrame, x: str, lines: pd.Series[Any]) -> None:
    for colour, (label, part) in zip(PALETTE, rows.groupby(lines.loc[rows.index], sort=False), strict=False):
        part = part.sort_values(x)
        axes.plot(part[x], part["value"], "o-", color=colour, markersize=3, label=str(label))
        axes.fill_between(part[x], part["low"], part["high"], color=colour, alpha=0.2, linewidth=0)


def ticks(values: Iterable[Any]) -> list[str]:
    """Numbers as the cells' names, to as few digits, 3 at least, as keep them apart."""
    numbers = [float(value) for value in values]
    for digits in range(3, 17):
        labels = [f"{value:.{digits}g}" for value in numbers]
        if len({*labels}) == len({*numbers}):
            break
    return labels


def _plain(column: str) -> str:
    return column.removeprefix("axis_").replace("_", " ")


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
