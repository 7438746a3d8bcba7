"""Which rows of a table of trials a readout is taken from, and the arrays that statistics take."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...contract import nearest, short_repr

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
    check_table(table)
    if columns is not None and not isinstance(columns, Mapping):
        raise ValueError(f"columns must give columns by name, as in {{'action': 'choice'}}, not {short_repr(columns)}")
    levels = [name for name in table.index.names if name is not None]
    for name in levels:
        if name in table.columns:
            raise ValueError(f"the table has '{name}' as a column and in its index; drop one of them")
    table = table.reset_index(level=levels) if levels else table
    taken: dict[str, str] = {}
    for here, there in (columns or {}).items():
        if not isinstance(there, Hashable):
            raise ValueError(f"columns: '{here}' must be the name of one column, not {short_repr(there)}")
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
    table = table.rename(columns={there: here for here, there in (columns or {}).items()})
    for name in known:
        if list(table.columns).count(name) > 1:
            raise ValueError(f"trials has more than one column '{name}'")
    return table


def check_table(table: Any, what: str = "trials", row: str = "step") -> None:
    """ValueError for what is no table, or one with several levels of columns."""
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"{what} must be a pandas DataFrame with a row for each {row}, not {short_repr(table)}")
    if table.columns.nlevels > 1:
        raise ValueError(f"{what} has {table.columns.nlevels} levels of column names: give each column one name")


def as_key(code: Any) -> Any:
    """By what cells are compared: 1, 1.0, True and '1' are one."""
    if isinstance(code, str) and "_" in code:  # which Python takes for a number's thousands
        return code
    try:
        number = float(code)
    except (TypeError, ValueError, OverflowError):
        return code
    return number if np.isfinite(number) or not isinstance(code, str) else code


def as_numbers(column: pd.Series[Any]) -> Array:
    """A column as floats, texts of numbers too; NaN where a cell is empty or no number.

    Texts are read by Python, since pandas 2 reads some to a neighbour of the number that they stand for.
    """
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=float, na_value=np.nan)
    keys = map(as_key, column.astype(object))
    return np.array([key if isinstance(key, float) else np.nan for key in keys], dtype=float)


def empty(column: pd.Series[Any]) -> Array:
    """Which cells are empty, or hold a text of nothing but blanks."""
    blank: Array = column.isna().to_numpy()
    if column.dtype.kind in "OSUT" or column.dtype.name in ("category", "string", "str"):
        blank = blank | column.map(lambda cell: isinstance(cell, str) and not cell.strip()).to_numpy(bool)
    return blank


def in_phases(trials: pd.DataFrame, phases: Sequence[str] | None) -> pd.DataFrame:
    """The rows of those phases; ValueError for a phase that the table does not have.

    A table without groups, as `simulate` makes it, is one group, "all", and one without phases one phase, "all"; so
    is one in which the column is empty. Raises ValueError where it is empty in some rows only.
    """
    check_table(trials)
    absent = [name for name in ("group", "phase") if name not in trials.columns or trials[name].isna().all()]
    trials = trials.assign(**dict.fromkeys(absent, "all")) if absent else trials
    for name in ("group", "phase"):
        if trials[name].isna().any():
            row = int(np.argmax(trials[name].isna().to_numpy()))
            raise ValueError(f"the trials have no {name} in row {row}, and one in others: fill the column, or drop it")
    return trials if phases is None else _chosen(trials, "phase", phases)


def present(trials: pd.DataFrame, phases: Sequence[str]) -> list[str]:
    """Those of the phases that the trials have, in the order given: one group may not take part in all."""
    there = {*trials["phase"].unique()}
    return [name for name in phases if name in there]


def in_groups(trials: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """The rows of those groups, of trials or of a readout. Raises ValueError for a group that it does not have."""
    check_table(trials)
    if "group" not in trials.columns:
        raise ValueError("the table has no column 'group'")
    return _chosen(trials, "group", groups)


def _chosen(table: pd.DataFrame, column: str, names: Sequence[str]) -> pd.DataFrame:
    if isinstance(names, str) or not isinstance(names, Sequence | np.ndarray):
        raise ValueError(f"{column}s must be a list of names, as in [{short_repr(names)}], not {short_repr(names)}")
    labels = {str(label): label for label in table[column].unique()}
    for name in names:
        if str(name) not in labels:
            raise ValueError(f"the trials have no {column} '{name}'{nearest(str(name), labels)}")
        if labels[str(name)] != name:
            raise ValueError(
                f"the trials have no {column} {short_repr(name)}, did you mean {short_repr(labels[str(name)])}?"
            )
    return table[table[column].isin(list(names))]


def needs(trials: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raises ValueError where the trials lack a signal, because the study was told to record less."""
    check_table(trials)
    if isinstance(columns, str):
        raise ValueError(f"signals must be a list of names, as in [{short_repr(columns)}], not {short_repr(columns)}")
    missing = [str(name) for name in columns if name not in trials.columns]
    if missing:
        raise ValueError(f"the trials hold no {', '.join(missing)}; run the study with record: trials")


def of_readout(function: str, table: Any, readout: str, columns: Sequence[str]) -> None:
    """Raises ValueError where the table is not what that readout gives."""
    check_table(table, f"{function}: the readout", "subject")
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise ValueError(
            f"{function} takes what {readout} gives, which has a column '{missing[0]}'; this table has none"
        )


def by_phase(readout: pd.DataFrame, measure: str, phases: Sequence[str]) -> pd.DataFrame:
    """A measure of one group as (subjects, phases), by subject number, of the subjects that have it in all `phases`.

    Raises ValueError for a phase that the readout does not have, and where it has more than one group, or a subject
    more than one row in a phase.
    """
    rows = _one_row_each("by_phase", in_phases(readout, phases), measure, "phase", "group")
    wide = rows.pivot(index="subject", columns="phase", values=measure)
    return wide[list(phases)].dropna().sort_index()


def matched(readout: pd.DataFrame, measure: str, groups: Sequence[str]) -> pd.DataFrame:
    """A measure of one phase as (subjects, groups), by subject number; NaN where a group's subject has none.

    In a study with the same subjects in all groups a row is one subject under each of the treatments. Raises ValueError
    for a group that the readout does not have, and where it has more than one phase, or a subject more than one row.
    """
    rows = _one_row_each("matched", in_groups(readout, groups), measure, "group", "phase")
    wide = rows.pivot(index="subject", columns="group", values=measure)
    return wide[list(groups)].sort_index()


def by_group(readout: pd.DataFrame, measure: str, groups: Sequence[str]) -> dict[str, Array]:
    """A measure of one phase as {group: (subjects,)}, in the order of `groups`; NaN where a subject has none.

    Raises ValueError for a group that the readout does not have, and where it has more than one phase, or a subject
    more than one row.
    """
    rows = _one_row_each("by_group", in_groups(readout, groups), measure, "group", "phase")
    return {name: rows.loc[rows["group"] == name, measure].to_numpy(float) for name in groups}


def _one_row_each(function: str, rows: pd.DataFrame, measure: str, kept_apart: str, one: str) -> pd.DataFrame:
    """The rows, each of a subject of its own; ValueError where several would be pooled."""
    known = [name for name in rows.columns if name not in WHO]
    if measure not in known:
        raise ValueError(f"{function}: the readout has no measure {short_repr(measure)}{nearest(str(measure), known)}")
    found = [str(name) for name in rows[one].unique()] if one in rows.columns else []
    if len(found) > 1:
        raise ValueError(f"{function}: the readout has the {one}s {', '.join(found)}; pick one of them with in_{one}s")
    who = [name for name in (kept_apart, "subject") if name in rows.columns]
    twice = rows.duplicated(who).to_numpy() if "subject" in who else np.zeros(len(rows), bool)
    if twice.any():
        row = rows[twice].iloc[0]
        raise ValueError(
            f"{function}: subject {row['subject']} has several rows in {kept_apart} '{row[kept_apart]}'; pick "
            "one of them, or average them first"
        )
    return rows
