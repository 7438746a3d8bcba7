"""The table of a run or a study that has no summary of its own: what every study has, and no more.

It is made of the table of subjects, so what records nothing else has it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import summary

if TYPE_CHECKING:
    import pandas as pd

SENTENCES = 3  # of a study that says nothing of its own
STOPPED = "stopped"  # the measure of how many subjects of a group a phase has lost
BESIDE = {"group", "phase", "subject", "steps", "terminated", "outcome", "failed_trial", "failed_step", "failed_reason"}
AT_ONCE = 1 << 14  # subjects' rows of one measure that are in memory together
PREFIXES = ("share_", "final_", "trait_", "axis_")
"""Of a subject's actions, of what it carries on, of what it was born with, of its place in a sweep."""


def summarise(subjects: pd.DataFrame, config: Mapping[str, Any]) -> pd.DataFrame:
    """Of each subject in each phase, and of each group: trials, steps a trial, outcome, actions, signals.

    `subjects` is a run's subjects.parquet, `config` its config with every default filled in. Outcome and signals are
    means over steps, `share_` of an action the fraction of steps; of the signals there are those that the config
    records. Subjects that had to stop are left out of the phases in which they did: n counts the others, and a row
    "stopped" of each such group and phase has their number, out of n.
    """
    import pandas as pd

    return pd.concat(pieces(subjects, config), ignore_index=True)


def pieces(subjects: pd.DataFrame, config: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    """The same table a piece after the other, so that a large one is never in memory: groups first, then subjects."""
    import pandas as pd

    subjects = subjects.sort_values(["phase", "group"], kind="stable")  # both in the config's order
    going = subjects[subjects["failed_trial"] < 0]
    if going.empty:
        yield summary.tidy(_stopped(subjects))
        return
    worlds = config.get("worlds") or [{"groups": [*config["groups"]], "phases": config["phases"]}]
    of = {(g, p["name"]): p["trials"] for world in worlds for g in world["groups"] for p in world["phases"]}
    who = zip(going["group"].astype(str), going["phase"].astype(str), strict=True)
    trials = pd.Series([of[one] for one in who], going.index)
    record = config["record"]  # a list of signals, or a word for all that the agents have
    signals = [name for name in signals_in(going) if isinstance(record, str) or name in record]
    points: Mapping[str, Mapping[str, Any]] = config.get("sweep", {})
    axes = [*next(iter(points.values()), {})]
    at = pd.Series(subjects["group"].astype(str).unique())
    places = {name: at.map({g: point[name] for g, point in points.items()}).set_axis(at) for name in axes}

    def placed(table: pd.DataFrame) -> pd.DataFrame:
        groups = table["group"].astype(str)
        return table.assign(**{f"axis_{name}": found.loc[groups].array for name, found in places.items()})

    measures = measures_of(going, signals)
    rows = (summary.group_rows(subjects_of(going, trials, [name])) for name in measures)
    yield placed(summary.tidy(pd.concat(rows, ignore_index=True), _stopped(subjects)))
    for name in measures:
        for first in range(0, len(going), AT_ONCE):
            some = slice(first, first + AT_ONCE)
            part = subjects_of(going.iloc[some], trials.iloc[some], [name])
            if len(part):
                yield placed(summary.tidy(part))


def story(table: pd.DataFrame) -> list[str]:
    """Where the groups differ most, of the standard table: `SENTENCES` sentences at most, with 95 % intervals.

    How far they differ is in standard deviations within them, of each measure in its phase. Where there is one group
    only its means are said.
    """
    import numpy as np

    found: list[tuple[float, str]] = []
    subjects = table[table["level"] == "subject"]
    means = table[(table["level"] == "group") & ~table["measure"].isin(["trials", STOPPED])].dropna(subset="value")
    for (phase, measure), rows in means.groupby(["phase", "measure"], sort=False):
        own = subjects[(subjects["phase"] == phase) & (subjects["measure"] == measure)]
        within = float(np.sqrt(own.groupby("group")["value"].var().mean()))
        ordered = [_said(row) for row in rows.sort_values("value").to_dict("records")]
        away = float(np.ptp(rows["value"]))
        what = f"{str(measure).replace('_', ' ')} in {phase}"
        if len(rows) == 1:
            found.append((0.0, f"{what}: {ordered[0]}."))
        elif away > 0.0:
            more = f", the highest of {len(rows)} groups" if len(rows) > 2 else ""
            said = f"{what}: {ordered[-1]}{more}; {ordered[0]}{', the lowest' if more else ''}."
            found.append((away / within if within > 0.0 else np.inf, said))
    first = sorted(found, key=lambda pair: -pair[0])[:SENTENCES]
    return [said[0].upper() + said[1:] for _, said in first]


def _said(row: Mapping[Any, Any]) -> str:
    interval = f" [{row['low']:.3g}, {row['high']:.3g}]" if row["low"] == row["low"] else ""
    return f"{row['value']:.3g}{interval} in {row['group']}"


def measures_of(subjects: pd.DataFrame, signals: Sequence[str]) -> list[str]:
    """What there is to say of each subject, in the order of the table."""
    actions = [str(name) for name in subjects if str(name).startswith("share_")]
    return ["trials", "steps_per_trial", "outcome", *actions, *signals]


def subjects_of(subjects: pd.DataFrame, trials: Any, measures: Sequence[str]) -> pd.DataFrame:
    """A row for each of these measures and each subject that did not stop; `trials` is how many there were."""
    going = subjects[subjects["failed_trial"] < 0]
    table = going.assign(trials=trials, steps_per_trial=going["steps"] / trials)
    shares = (name for name in measures if name.startswith("share_"))
    return summary.subject_rows(table, measures, within=dict.fromkeys(shares, (0.0, 1.0))).dropna(subset="value")


def _stopped(subjects: pd.DataFrame) -> pd.DataFrame:
    """How many subjects of a group had to stop in a phase, where any did."""
    failed = subjects["failed_trial"] >= 0
    lost = failed.groupby([subjects["group"].astype(str), subjects["phase"].astype(str)], sort=False)
    rows = lost.agg(["sum", "size"]).reset_index()
    rows = rows[rows["sum"] > 0].rename(columns={"sum": "value", "size": "n"})
    return rows.assign(level="group", measure=STOPPED)


def signals_in(subjects: pd.DataFrame) -> list[str]:
    """The columns of subjects.parquet that hold a signal's mean over steps."""
    return [str(name) for name in subjects if name not in BESIDE and not str(name).startswith(PREFIXES)]
