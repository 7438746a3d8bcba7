"""Tidy tables of what a study shows: subjects, groups and courses in one set of columns, all that its figure needs.

level is "subject" (one row each), "group" (mean, 95 % interval, standardised effect with its interval, n) or "trace"
(the same over time). A measure that a phase or a group does not have is simply absent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import statistics

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = [
    "level", "group", "phase", "measure", "subject", "time",
    "value", "low", "high", "effect", "effect_low", "effect_high", "n",
]  # fmt: skip
MIN_SHARE = 0.5  # a trace ends where fewer of the subjects still contribute


def subject_rows(readout: pd.DataFrame, measures: Sequence[str], percent: Sequence[str] = ()) -> pd.DataFrame:
    """One row a subject and measure from a readout's columns; those in `percent` are turned from shares to per cent."""
    wide = readout[["group", "phase", "subject", *measures]].astype({"group": str, "phase": str})
    scaled = wide.assign(**{name: wide[name] * 100.0 for name in percent})
    rows = scaled.melt(id_vars=["group", "phase", "subject"], value_vars=list(measures), var_name="measure")
    return rows.assign(level="subject", value=rows["value"].astype(float))


def group_rows(subjects: pd.DataFrame) -> pd.DataFrame:
    """Mean, interval and n of every group, phase and measure in `subject_rows`, in their order of appearance."""
    import pandas as pd

    rows = []
    for (group, phase, measure), part in subjects.groupby(["group", "phase", "measure"], sort=False):
        rows.append(estimate_row(statistics.mean_interval(part["value"]), group, phase, measure))
    return pd.DataFrame(rows)


def estimate_row(estimate: statistics.Estimate, group: Any, phase: Any, measure: Any) -> dict[str, Any]:
    """One group row."""
    return {
        "level": "group", "group": str(group), "phase": str(phase), "measure": str(measure),
        "value": estimate.value, "low": estimate.low, "high": estimate.high, "n": estimate.n,
    }  # fmt: skip


def values(subjects: pd.DataFrame, measure: str, group: str, phase: str) -> pd.Series:
    """One value a subject, by subject number, without those that have none."""
    chosen = (subjects["measure"] == measure) & (subjects["group"] == group) & (subjects["phase"] == phase)
    return subjects[chosen].set_index("subject")["value"].dropna().sort_index()


def with_effect(
    groups: pd.DataFrame, effect: statistics.Estimate, measure: str, group: str, phase: str
) -> pd.DataFrame:
    """The table with that effect written beside that group's mean."""
    chosen = (groups["measure"] == measure) & (groups["group"] == group) & (groups["phase"] == phase)
    table = groups.reindex(columns=COLUMNS)
    table.loc[chosen, ["effect", "effect_low", "effect_high"]] = [effect.value, effect.low, effect.high]
    return table


def trace_rows(course: pd.DataFrame, signals: Sequence[str]) -> pd.DataFrame:
    """The mean course over subjects with its interval, from `readouts.course`.

    A time at which fewer than half of the subjects contribute is left out: the few that remain are not the group.
    """
    import pandas as pd

    parts = []
    for (group, phase), rows in course.groupby(["group", "phase"], observed=True, sort=False):
        for signal in signals:
            table = rows.pivot(index="subject", columns="time", values=signal)
            table = table.loc[:, table.notna().mean() >= MIN_SHARE]
            mean, low, high, n = statistics.mean_intervals(table.to_numpy())
            named = {"level": "trace", "group": str(group), "phase": str(phase), "measure": signal}
            numbers = {"time": table.columns.to_numpy(float), "value": mean, "low": low, "high": high}
            parts.append(pd.DataFrame(named | numbers | {"n": n}))
    return pd.concat(parts, ignore_index=True)


def tidy(*parts: pd.DataFrame) -> pd.DataFrame:
    """The parts under one another, in the columns of every study's table."""
    import pandas as pd

    filled = [part.reindex(columns=COLUMNS) for part in parts if len(part)]
    numbers = dict.fromkeys(COLUMNS[5:12], float)
    table = pd.concat([part.astype(numbers) for part in filled], ignore_index=True)
    return table.astype({"subject": "Int64", "n": "Int64"})
