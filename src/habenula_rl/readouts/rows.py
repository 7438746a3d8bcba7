"""Which rows of a table of trials a readout is taken from, and the arrays that statistics take."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..contract import brief, nearest

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
WHO = ["group", "phase", "subject"]


def as_named_here(
    table: pd.DataFrame, columns: Mapping[str, str] | None = None, known: Sequence[str] = ()
) -> pd.DataFrame:
    """A user's table under the names that this package reads, with the named levels of its index as columns.

    `columns` gives, for a name of this package, the column of the table that holds it: {"action": "choice"}. `known`
    are the names that can be given; none means any. Raises ValueError for a column that the table does not have, for a
    name that nobody reads, and where a column and a level of the index, or two columns, would have one name.
    """
    levels = [name for name in table.index.names if name is not None]
    for name in levels:
        if name in table.columns:
            raise ValueError(f"the table has '{name}' as a column and in its index; drop one of them")
    table = table.reset_index(level=levels) if levels else table
    taken: dict[str, str] = {}
    for here, there in (columns or {}).items():
        if not isinstance(there, Hashable):
            raise ValueError(f"columns: '{here}' must be the name of one column, not {brief(there)}")
        if there in taken:
            raise ValueError(f"columns: '{there}' cannot be both '{taken[there]}' and '{here}'")
        taken[there] = here
        if known and here not in known:
            raise ValueError(f"columns: '{here}' is not read here{nearest(str(here), known)}")
        if there not in table.columns:
            near = nearest(str(there), map(str, table.columns))
            raise ValueError(f"columns: the table has no column '{there}'{near}")
        if here != there and here in table.columns and here not in (columns or {}).values():
            raise ValueError(f"columns: '{there}' would be '{here}', and the table has a column '{here}' already")
    return table.rename(columns={there: here for here, there in (columns or {}).items()})


def in_phases(trials: pd.DataFrame, phases: Sequence[str] | None) -> pd.DataFrame:
    """The rows of those phases; ValueError for a phase that the table does not have.

    A table without groups, as `simulate` makes it, is one group, "all", and one without phases one phase, "all".
    """
    absent = [name for name in ("group", "phase") if name not in trials.columns]
    trials = trials.assign(**dict.fromkeys(absent, "all")) if absent else trials
    return trials if phases is None else _chosen(trials, "phase", phases)


def in_groups(trials: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """The rows of those groups, of trials or of a readout. Raises ValueError for a group that it does not have."""
    return _chosen(trials, "group", groups)


def _chosen(table: pd.DataFrame, column: str, names: Sequence[str]) -> pd.DataFrame:
    known = [str(name) for name in table[column].unique()]
    for name in names:
        if name not in known:
            raise ValueError(f"the trials have no {column} '{name}'{nearest(name, known)}")
    return table[table[column].isin(list(names))]


def needs(trials: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raises ValueError where the trials lack a signal, because the study was told to record less."""
    missing = [name for name in columns if name not in trials.columns]
    if missing:
        raise ValueError(f"the trials hold no {', '.join(missing)}; run the study with record: trials")


def by_phase(readout: pd.DataFrame, measure: str, phases: Sequence[str]) -> pd.DataFrame:
    """A measure of one group as (subjects, phases), by subject number, of the subjects that have it in all `phases`.

    Raises ValueError for a phase that the readout does not have, and where it has more than one group.
    """
    rows = in_phases(readout, phases)
    groups = [str(name) for name in rows["group"].unique()]
    if len(groups) > 1:
        raise ValueError(f"by_phase: the readout has the groups {', '.join(groups)}; pick one of them with in_groups")
    wide = rows.pivot(index="subject", columns="phase", values=measure)
    return wide[list(phases)].dropna().sort_index()


def matched(readout: pd.DataFrame, measure: str, groups: Sequence[str]) -> pd.DataFrame:
    """A measure of one phase as (subjects, groups), by subject number; NaN where a group's subject has none.

    In a study with the same subjects in all groups a row is one subject under each of the treatments. Raises ValueError
    for a group that the readout does not have.
    """
    wide = in_groups(readout, groups).pivot(index="subject", columns="group", values=measure)
    return wide[list(groups)].sort_index()


def by_group(readout: pd.DataFrame, measure: str, groups: Sequence[str]) -> dict[str, Array]:
    """A measure of one phase as {group: (subjects,)}, in the order of `groups`; NaN where a subject has none.

    Raises ValueError for a group that the readout does not have.
    """
    rows = in_groups(readout, groups)
    return {name: rows.loc[rows["group"] == name, measure].to_numpy(float) for name in groups}
