"""Tidy tables of what a study shows: subjects, groups and courses in one set of columns, all that its figure needs.

level is "subject" (one row each), "group" (mean, 95 % interval, standardised effect with its interval, n) or "trace"
(the same over time). A measure that a phase or a group does not have is simply absent.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import readouts, statistics

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = [
    "level",
    "group",
    "phase",
    "measure",
    "subject",
    "time",
    "value",
    "low",
    "high",
    "effect",
    "effect_low",
    "effect_high",
    "n",
]
MIN_SHARE = 0.5  # a trace ends where fewer of the subjects still contribute


def subject_rows(
    readout: pd.DataFrame,
    measures: Sequence[str],
    percent: Sequence[str] = (),
    within: Mapping[str, tuple[float, float]] | None = None,
) -> pd.DataFrame:
    """One row a subject and measure from a readout's columns; those in `percent` are turned from fractions to per cent.

    `within` gives the lowest and highest value that a measure can have, where it is none of these; intervals of groups
    end there.
    """
    wide = readout[["group", "phase", "subject", *measures]].astype({"group": str, "phase": str})
    scaled = wide.assign(**{name: wide[name] * 100.0 for name in percent})
    rows = scaled.melt(
        id_vars=["group", "phase", "subject"], value_vars=list(measures), var_name="measure", value_name="_"
    )
    rows = rows.rename(columns={"_": "value"}).astype({"value": float}).assign(level="subject")  # a signal is "value"
    bounds = dict.fromkeys(percent, (0.0, 100.0)) | dict(within or {})
    ends = [bounds.get(name, (-np.inf, np.inf)) for name in rows["measure"]]
    return rows.assign(lowest=[low for low, _ in ends], highest=[high for _, high in ends])


def percent(readout: pd.DataFrame, *columns: str, **named: str) -> pd.DataFrame:
    """Whose it is, and these fractions of a readout in %; `failures="failed"` gives one another name."""
    wanted = dict(zip(columns, columns, strict=True)) | named
    return readout[[*readouts.WHO]].assign(**{name: 100.0 * readout[column] for name, column in wanted.items()})


def measured(
    trials: pd.DataFrame,
    by_phase: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]],
    within: Mapping[str, tuple[float, float]] | None = None,
) -> pd.DataFrame:
    """The `subject_rows` of each phase that there is, by a function of its trials.

    What it gives has the columns group, phase and subject, and one for each measure. A measure has one phase; `within`
    gives the lowest and highest value of those that have some.
    """
    import pandas as pd

    parts = []
    for phase in readouts.present(trials, list(by_phase)):
        found = by_phase[phase](readouts.in_phases(trials, [phase]))
        measures = [str(name) for name in found if name not in ("group", "phase", "subject")]
        parts.append(subject_rows(found, measures, within=within))
    return pd.concat(parts, ignore_index=True)


def side_by_side(subjects: pd.DataFrame, measure: str, groups: Sequence[str]) -> pd.DataFrame:
    """A measure's values from `subject_rows`: a row for each subject number, a column for each group."""
    rows = subjects[(subjects["measure"] == measure) & subjects["group"].isin(list(groups))]
    return rows.pivot(index="subject", columns="group", values="value").reindex(columns=list(groups))


def of_subjects(subjects: pd.DataFrame) -> pd.DataFrame:
    """The tidy table of `subject_rows` and their groups."""
    return tidy(group_rows(subjects), subjects)


def told(table: pd.DataFrame, sentences: Sequence[str], **known: Any) -> list[str]:
    """The sentences with the groups' means in them: `{failures[yoked]:.0f}` is the mean of the measure in that group.

    In brackets stands a group or a phase that has one such mean, or both, as "mice/ketamine"; `{failures_n[yoked]:g}`
    is how many subjects it is of. `known` are other numbers, as published ones. A sentence is left out where a number
    that it names is not there, as where a group took no part.
    """
    found: dict[str, Any] = dict(known)
    rows = table[table["level"] == "group"].dropna(subset="value")
    for measure, of_one in rows.groupby("measure"):
        for name, column in ((f"{measure}", "value"), (f"{measure}_n", "n")):
            both = of_one["group"].astype(str) + "/" + of_one["phase"].astype(str)
            found[name] = dict(zip(both, of_one[column], strict=True))
            for where in ("group", "phase"):
                single = of_one[~of_one[where].duplicated(keep=False)]
                found[name] |= dict(zip(single[where].astype(str), single[column], strict=True))
    lines = []
    for sentence in sentences:
        with contextlib.suppress(KeyError):
            lines.append(sentence.format_map(found))
    return lines


def group_rows(subjects: pd.DataFrame) -> pd.DataFrame:
    """Mean, interval and n of every group, phase and measure in `subject_rows`, in their order of appearance.

    An interval is cut where no mean can lie (below 0 %, say): that loses none of its coverage.
    """
    import pandas as pd

    rows = []
    for (group, phase, measure), part in subjects.groupby(["group", "phase", "measure"], sort=False):
        row = estimate_row(statistics.mean_interval(part["value"]), group, phase, measure)
        if {"lowest", "highest"} <= {*part}:
            low, high = np.clip([row["low"], row["high"]], part["lowest"].iloc[0], part["highest"].iloc[0])
            row |= {"low": float(low), "high": float(high)}
        rows.append(row)
    return pd.DataFrame(rows)


def estimate_row(estimate: statistics.Estimate, group: Any, phase: Any, measure: Any) -> dict[str, Any]:
    """One group row."""
    return {
        "level": "group",
        "group": str(group),
        "phase": str(phase),
        "measure": str(measure),
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "n": estimate.n,
    }


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


def compared(of: Callable[..., Any], *groups: pd.Series) -> statistics.Estimate:
    """`of` the groups' means, as in `compared(lambda a, b: a - b, treated, control)`, with its interval.

    A group is one value a subject, by subject number, as `values` and the columns of `readouts.matched` are. Subjects
    of one number are taken as one subject under each treatment: where groups are the same subjects, their differences
    alone make the interval; where groups are independent the pairs are arbitrary, and it is about as wide as one of
    independent samples. `of` has to work on arrays. Only subjects that every group has count, and n counts them.
    """
    table = _matched(groups).to_numpy(float)
    return statistics.contrast(lambda means: of(*np.moveaxis(means, -1, 0)), table)


def less(subjects: pd.DataFrame, measure: str, one: str, other: str) -> statistics.Estimate:
    """A measure's mean in group `one` less that in `other`, of `measured` subjects, as `compared` has it."""
    both = side_by_side(subjects, measure, [one, other])
    return compared(np.subtract, both[one], both[other])


def effect(treated: pd.Series, control: pd.Series) -> statistics.Estimate:
    """Hedges' g of two groups, as `statistics.hedges_g` has it, with an interval as `compared` has.

    It is in standard deviations between subjects, so that it compares with that of a paper whose groups were other
    animals. Only subjects that both groups have count; n counts both groups'.
    """
    pairs = _matched([treated, control]).to_numpy(float)
    g, df = statistics.hedges_g(*pairs.T), 2 * len(pairs) - 2
    if len(pairs) < 2:
        return g
    scale = (1.0 - 3.0 / (4.0 * df - 1.0)) * np.sqrt((len(pairs) - 1) / len(pairs))

    def standardised(a: Any, b: Any, square_a: Any, square_b: Any) -> Any:
        variance = (square_a - a**2 + square_b - b**2) / 2.0
        return scale * (a - b) / np.sqrt(np.maximum(variance, 0.0))

    centred = pairs - pairs.mean()  # or the squares of large numbers would cancel
    found = statistics.contrast(
        lambda means: standardised(*np.moveaxis(means, -1, 0)), np.concatenate([centred, centred**2], axis=1)
    )
    return statistics.Estimate(g.value, found.low, found.high, g.n)


def _matched(groups: Sequence[pd.Series]) -> pd.DataFrame:
    """The groups side by side, a row for each subject number that all of them have."""
    import pandas as pd

    return pd.concat(groups, axis=1, join="inner").dropna()


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
