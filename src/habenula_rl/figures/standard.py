"""The figure of a run, or of a study that draws none of its own: a panel for each measure of the standard table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from ..analysis.standard import STOPPED
from . import panels, style
from .colours import PALETTE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COUNTS = {"trials": "Trials", "steps_per_trial": "Steps per trial"}
MOST_PANELS, MOST_PLACES = len(ascii_uppercase), 60
ROW_MM, NAMED_ROW_MM, NOTE_MM = 40.0, 62.0, 16.0
WIDTH_IN_LETTERS = 100  # how many fit below the panels of a row
Places = list[tuple[str, str]]  # phase and group, from left to right


def figure(table: pd.DataFrame, config: Mapping[str, Any] | None = None) -> Figure:
    """A panel for each measure: every subject, and the groups' means with intervals, phase after phase.

    The groups have the order of `config`, the run's, whose `subjects` the note repeats; else that of the table.
    """
    measures = _drawn(table)
    shown = table[(table["level"] == "group") & (table["measure"] != STOPPED)]
    groups, phases = (list(dict.fromkeys(shown[x])) for x in ("group", "phase"))
    groups = [name for name in (config or {}).get("groups", groups) if name in groups]
    coloured = len(groups) <= len(PALETTE)
    keyed = coloured and len(groups) > 1 and len(phases) > 1
    longest = max(len(_places(table, measure)) for measure in measures)
    across = 3 if longest <= 4 else 2 if longest <= 12 else 1
    letters = ascii_uppercase[: len(measures)]
    rows = style.rows_of(len(letters), across)
    upright = not coloured or (len(phases) == 1 and longest > 3)
    with style.styled():
        height = len(rows) * (NAMED_ROW_MM if upright else ROW_MM) + NOTE_MM
        fig, axes = style.canvas(rows, height_mm=height)
        for letter, measure in zip(letters, measures, strict=True):
            places = _places(table, measure)[:MOST_PLACES]
            colours = {group: PALETTE[groups.index(group)] if coloured else style.BLUE for _, group in places}
            _panel(axes[letter], table, measure, places, colours)
            if coloured and len(phases) > 1:
                _name_phases(axes[letter], places, letter_width=len(places) * across / WIDTH_IN_LETTERS)
            else:
                _name_groups(axes[letter], places, upright=upright)
            name, unit = named(measure)
            alone = f", {places[0][0]}" if len(phases) > 1 and len(_middles(places)) == 1 else ""
            axes[letter].set_ylabel(unit)
            style.caption(axes[letter], letter, f"{name}{alone}")
        if keyed:
            _key(fig, groups)
        style.footnote(fig, _note(table, measures, (config or {}).get("subjects") if len(groups) > 1 else None))
    return fig


def _drawn(table: pd.DataFrame) -> list[str]:
    """The measures that have a panel: not the numbers of trials and steps, where all of a phase have the same."""
    found = []
    for measure, rows in table[table["level"] == "subject"].groupby("measure", sort=False):
        varies = (rows.groupby("phase")["value"].nunique() > 1).any()
        if varies or measure not in COUNTS:
            found.append(str(measure))
    return found[:MOST_PANELS]


def _places(table: pd.DataFrame, measure: str) -> Places:
    rows = panels.select(table, "group", measure)
    return [(str(phase), str(group)) for phase, group in zip(rows["phase"], rows["group"], strict=True)]


def _middles(places: Places) -> dict[str, float]:
    """Where the middle of each phase's groups is on x."""
    at = {phase: [x for x, (name, _) in enumerate(places) if name == phase] for phase, _ in places}
    return {phase: (x[0] + x[-1]) / 2.0 + 0.1 for phase, x in at.items()}


def _panel(axes: Axes, table: pd.DataFrame, measure: str, places: Places, colours: Mapping[str, str]) -> None:
    """The groups of a phase stand together, with a thin line before those of the next."""
    rows = table[table["measure"] == measure]
    by_place = {"\n".join(place): colours[place[1]] for place in places}
    placed = rows.assign(place=rows["phase"] + "\n" + rows["group"])
    panels.individuals(axes, placed, measure, order=[*by_place], by="place", colours=by_place)
    for at, (one, other) in enumerate(pairwise(places)):
        if one[0] != other[0]:
            axes.axvline(at + 0.58, color=style.GREY, linewidth=0.5, zorder=0)
    axes.margins(y=0.08)


def _name_phases(axes: Axes, places: Places, *, letter_width: float) -> None:
    """The phases below the middle of their groups, slanted where they would touch."""
    middles = _middles(places)
    axes.set_xticks(list(middles.values()), list(middles))
    reach = [(x - len(name) / 2 * letter_width, x + len(name) / 2 * letter_width) for name, x in middles.items()]
    if any(end > start for (_, end), (start, _) in pairwise(reach)):
        for label in axes.get_xticklabels():
            label.set(rotation=20, ha="right", rotation_mode="anchor")


def _name_groups(axes: Axes, places: Places, *, upright: bool) -> None:
    """The groups below their places and, where there are several phases, these above them."""
    axes.set_xticks([x + 0.1 for x in range(len(places))], [group for _, group in places])
    axes.tick_params(axis="x", labelrotation=90 if upright else 0, labelsize=5 if len(places) > 20 else 7)
    if len(middles := _middles(places)) == 1:
        return
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.25 * (high - low))
    for at, (phase, x) in enumerate(middles.items()):
        height = 0.99 - 0.1 * (at % 2)  # names of neighbours do not touch
        axes.annotate(phase, (x, height), xycoords=axes.get_xaxis_transform(), ha="center", va="top", fontsize=7)


def _key(fig: Figure, groups: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    marks = [Line2D([], [], marker="o", linestyle="", color=colour) for colour in PALETTE[: len(groups)]]
    fig.legend(marks, groups, loc="outside upper center", ncols=min(4, len(groups)), handletextpad=0.2)


def named(measure: str) -> tuple[str, str]:
    """What a panel is called, and the unit on its axis."""
    if measure in COUNTS:
        return COUNTS[measure], COUNTS[measure]
    if measure.startswith("share_"):
        return f"Action: {measure.removeprefix('share_').replace('_', ' ')}", "Fraction of steps"
    words = measure.upper() if measure in ("rpe", "lhb") else measure.replace("_", " ").capitalize()
    return words, "Mean over steps"


WHOSE = {"same": "groups are the same subjects", "independent": "groups are independent subjects"}


def _note(table: pd.DataFrame, measures: Sequence[str], subjects: str | None = None) -> str:
    stopped = table[table["measure"] == STOPPED]
    table = table[table["measure"] != STOPPED]
    n, shown = panels.most_subjects(table), panels.SHOWN
    points = f"the first {shown} of {n:,} subjects of each group" if n > shown else "single subjects"
    phases = table["phase"].unique()
    alone = f"Phase: {phases[0]}. " if len(phases) == 1 else ""
    lines = [f"{alone}Small points: {points}; large points: mean and 95 % interval; {panels.group_sizes(table)}."]
    if subjects in WHOSE:
        lines[0] = f"{lines[0][:-1]}; {WHOSE[subjects]}."
    if len(stopped):
        lines.append(_left_out(stopped))
    if any(len(_places(table, measure)) > MOST_PLACES for measure in measures):
        lines.append(f"The first {MOST_PLACES} groups of a panel are drawn; summary.csv has all.")
    if not {*table["measure"]} <= {*measures, *COUNTS}:
        lines.append(f"The first {MOST_PANELS} measures are drawn; summary.csv has all.")
    return "\n".join(lines)


def _left_out(stopped: pd.DataFrame) -> str:
    """A line on the subjects that are in no panel, of the first groups that have any."""
    rows = stopped.head(3).to_dict("records")
    where = [f"{row['value']:.0f} of {row['n']} of {row['group']} in {row['phase']}" for row in rows]
    more = f" and in {len(stopped) - 3} more groups and phases" if len(stopped) > 3 else ""
    return f"Left out, because they had to stop: {', '.join(where)}{more}."
