"""Choices as people keep them, in files and tables of several conventions, made into one table under our names."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.readouts.rows import as_key
from ..contract import Task, nearest, short_repr
from .cells import finite_in, numbers_in, refuse_row, shown
from .choice_data import COLUMNS, DECLARED, Reset, recorded
from .coding import counted, declared_codes, numbered, refuse_shifted

if TYPE_CHECKING:
    import pandas as pd

TIMES = ("rt", "onset", "duration")
LOADED = (*COLUMNS, "gain", "loss", *TIMES)
CONVENTIONS = {  # for our names those of hBayesDM and of BIDS, in lower case without underscores
    "subject": ("subjid", "participantid"),
    "action": ("choice",),
    "rt": ("responsetime", "reactiontime"),
    "session": ("sessionid",),
}
HBAYESDM = "subjid"
ENTITIES = {"sub": "subject", "ses": "session", "run": "block"}  # of a BIDS file's name
PARQUET = (".parquet", ".pq")
TEXTS = (".csv", ".tsv", ".txt")


def load_choices(
    source: Any,
    columns: Mapping[str, str] | None = None,
    *,
    actions: Any = None,
    states: Any = None,
    missing: Any = (),
    outcomes: tuple[float, float] | None = None,
    where: Mapping[str, Any] | None = None,
    one_subject: bool = False,
    reset: Reset | None = None,
    task: Task | None = None,
) -> pd.DataFrame:
    """Recorded choices as a table with a row for each step, under this package's names and checked.

    `source` is a pandas table, a run of `simulate`, a file (.csv, .tsv, .txt, .parquet), a list of files, or a folder
    of a BIDS data set, of which all `*_beh.tsv` and `*_events.tsv` are read (of one kind only: a folder that has both
    is refused). In a BIDS file's name `sub-`, `ses-` and `run-` give subject, session and block; its JSON sidecar, one
    that applies to it by BIDS' rule of inheritance, gives the codes of actions and states (`Levels`), the range of
    outcomes (`Minimum`, `Maximum`) and the unit of response times.

    `columns` gives, for a name here, the table's own: {"action": "key", "outcome": "points"}. Beside those of
    docs/how-to/likelihood.md there are `gain` and `loss`, of which the outcome is made (gain - |loss|), `rt` (seconds),
    `onset` and `duration`. Without it the names of this package, of hBayesDM (subjID, choice, gain, loss, ...) and of
    BIDS (participant_id, response_time) are known, whatever their case. All other columns are kept as they are.

    `actions`   their number, the list of their codes in order, or a name for each code, {"f": "left", "j": "right"};
                names come in the order of the task's, or of the mapping. hBayesDM's choices count from 1.
    `where`     the rows that are choices: {"trial_type": "choice"}, or a list of values
    `states`, `missing`, `outcomes`, `one_subject`, `reset`   as in `Likelihood`

    In the table that comes back `action` and `state` are numbers from 0, and NaN where there was no response. What was
    declared (`actions`, `states`, `outcomes`, `reset`) goes with it, in its `attrs`, to `Likelihood`, `fit` and
    `signals`. Raises ValueError naming file, row (counted from 0, without the header) and column of the first thing
    that is wrong.
    """
    import pandas as pd

    files, tables, sidecar = _read(source, (columns or {}).get("subject"))
    table = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
    before = table.attrs.get(DECLARED, {})  # of a table that was loaded before
    if task is None:
        actions = before.get("actions") if actions is None else actions
        states = before.get("states") if states is None else states
    outcomes = before.get("outcomes") if outcomes is None else outcomes
    reset = before.get("reset") if reset is None else reset
    columns, hbayesdm = _known_names(table, columns)
    if where:
        table = _only(table, where)
    try:
        table = _renamed(table, columns)
        if one_subject and "subject" not in table:
            table = table.assign(subject=0)
        table = _with_outcome(table)
        for name in TIMES:
            if name in table:
                table[name] = _seconds(table, name, sidecar.get(columns.get(name, name), {}))
        said_of = {name: sidecar.get(columns.get(name, name), {}) for name in ("action", "state", "outcome")}
        levels = said_of["action"].get("Levels")
        if actions is None and levels and (task is None or {*levels} <= {*task.actions}):
            actions = {code: code for code in levels}
        if states is None and task is None and "Levels" in said_of["state"]:
            states = list(said_of["state"]["Levels"])
        if outcomes is None and {"Minimum", "Maximum"} <= said_of["outcome"].keys():
            outcomes = said_of["outcome"]["Minimum"], said_of["outcome"]["Maximum"]
        table, named, n_actions = _with_actions(table, actions, missing, task, hbayesdm)
        codes = declared_codes("state", states, task.states if task else None)
        if codes.codes is not None:
            table["state"] = numbered(table, "state", codes)
        recorded(
            table,
            task,
            actions=None if task else n_actions,
            states=None if task else codes.n,
            outcomes=outcomes,
            one_subject=one_subject,
            reset=reset,
        )
    except ValueError as error:
        raise ValueError(_in_their_words(str(error), files, tables, columns, table.index)) from None
    seen = table["outcome"].dropna().astype(float)
    said: dict[str, Any] = {
        "actions": n_actions,
        "states": codes.n,
        "outcomes": outcomes and [float(end) for end in outcomes],
    }
    named = before.get("action_names") if named is None and before.get("actions") == n_actions else named
    said |= {"reset": reset, "action_names": named, "seen": [float(seen.min()), float(seen.max())]}
    table.attrs = {DECLARED: {name: value for name, value in said.items() if value is not None}}
    return table.reset_index(drop=True)


# ---- files


def _read(source: Any, subject: Any) -> tuple[list[str], list[pd.DataFrame], dict[str, Any]]:
    """The names of the files, empty for what is none, their tables as they stand, and what sidecars say of columns."""
    import pandas as pd

    trials = getattr(source, "trials", source)  # of a run
    if isinstance(trials, pd.DataFrame):
        levels = [name for name in trials.index.names if name is not None]
        return [""], [trials.reset_index(level=levels).reset_index(drop=True) if levels else trials.copy()], {}
    if isinstance(source, str | Path):
        paths = _in_folder(Path(source)) if Path(source).is_dir() else [Path(source)]
    elif isinstance(source, Iterable):
        paths = [Path(name) for name in source]
    else:
        raise ValueError(f"load_choices takes a file, a folder, a list of files or a table, not {short_repr(source)}")
    if not paths:
        raise ValueError("load_choices: the list of files is empty")
    sidecars = [_sidecar(path) for path in paths]
    if any(sidecar != sidecars[0] for sidecar in sidecars):
        other = next(k for k, sidecar in enumerate(sidecars) if sidecar != sidecars[0])
        raise ValueError(
            f"{paths[other]}: its JSON sidecar says another thing than that of {paths[0]}; load them apart"
        )
    return [str(path) for path in paths], [_file(path, subject) for path in paths], sidecars[0]


def _in_folder(folder: Path) -> list[Path]:
    found = {kind: sorted(folder.rglob(f"*_{kind}.tsv")) for kind in ("beh", "events")}
    if all(found.values()):
        raise ValueError(f"{folder} has files *_beh.tsv and *_events.tsv: give the list of those that hold the choices")
    paths = found["beh"] or found["events"]
    if not paths:
        raise ValueError(f"{folder} has no file *_beh.tsv or *_events.tsv")
    return paths


def _file(path: Path, subject: Any) -> pd.DataFrame:
    """The file's table; `subject` is the column of the subjects' labels, where that was said."""
    import pandas as pd

    if not path.is_file():
        raise ValueError(f"{path}: there is no such file")
    if path.suffix.lower() in PARQUET:
        table: pd.DataFrame = pd.read_parquet(path)
        levels = [name for name in table.index.names if name is not None]
        return table.reset_index(level=levels).reset_index(drop=True)
    if path.suffix.lower() not in TEXTS:
        raise ValueError(f"{path}: a file of choices ends in .csv, .tsv, .txt or .parquet")
    try:
        with path.open(encoding="utf-8-sig") as lines:
            header = lines.readline().strip()
        separator = next((mark for mark in "\t;," if mark in header), ",")
        names = [name.strip('"').strip() for name in header.split(separator)]
        if twice := next((name for name in names if name and names.count(name) > 1), None):
            raise ValueError(f"{path}: two columns are called '{twice}'; give one of them another name")
        new = tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1)  # which reads every digit without being asked
        exact: Any = {} if new else {"float_precision": "round_trip"}
        labels = {name: str for name in names if name == subject or _plain(name) in _SUBJECTS}  # 07 is not 7
        table = pd.read_csv(
            path,
            sep=separator,
            decimal="," if separator == ";" else ".",
            na_values=["n/a"],
            encoding="utf-8-sig",
            dtype=labels,
            **exact,
        )
    except UnicodeDecodeError:
        raise ValueError(f"{path}: is no text in UTF-8; save it as 'CSV UTF-8'") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{path}: {' '.join(str(error).split())}") from None
    if not isinstance(table.index, pd.RangeIndex):  # which pandas makes of what has no name
        raise ValueError(
            f"{path}: its rows have more cells than its header has names: a separator at their ends, or a decimal "
            "comma, which takes semicolons between cells"
        )
    if separator == ";":
        for name in table.columns:
            _refuse_thousands(table, name, path)
    for entity, name in ENTITIES.items():
        label = re.search(rf"(?:^|_){entity}-([A-Za-z0-9]+)(?=_)", path.name)
        if label and name not in {meant_by(column) for column in table.columns}:
            value = label.group(1)
            table[name] = int(value) if name == "block" and value.isdigit() else value
    return table


def _refuse_thousands(table: pd.DataFrame, name: str, path: Path) -> None:
    """ValueError for a column of 1.000 where a comma is the decimal mark: a thousand, or 1?"""
    if table[name].dtype.kind in "iufb":
        return
    points = table[name].map(lambda cell: isinstance(cell, str) and "." in cell).to_numpy(bool)
    if points.any() and table[name][points].str.fullmatch(r"-?[1-9]\d{0,2}(\.\d{3})+").all():
        row = int(np.argmax(points))
        raise ValueError(
            f"{path}: row {row}, column '{name}': {shown(table[name].iloc[row])} may have a decimal point or one of "
            "thousands; write thousands without"
        )


def _sidecar(path: Path) -> dict[str, Any]:
    """What JSON files say of its columns: of BIDS those beside it and above whose name it has, the nearest last."""
    said: dict[str, Any] = {}
    suffix = path.stem.rpartition("_")[2]
    if path.suffix != ".tsv" or suffix not in ("events", "beh"):
        return said
    parts = set(path.stem.split("_"))
    top = next((up for up in path.parents if (up / "dataset_description.json").is_file()), path.parent)
    folders = [folder for folder in reversed(path.parents) if folder == top or top in folder.parents]
    for folder in folders:
        for other in sorted(folder.glob(f"*{suffix}.json"), key=lambda p: len(p.stem)):
            if set(other.stem.split("_")) <= parts:
                try:
                    said |= json.loads(other.read_text(encoding="utf-8"))
                except (ValueError, TypeError):
                    raise ValueError(f"{other}: it is no JSON object") from None
    return said


# ---- names


def _plain(name: Any) -> str:
    return re.sub(r"[\s_\"]", "", str(name)).lower()


_SUBJECTS = {"subject", *CONVENTIONS["subject"]}


def meant_by(name: Any) -> str | None:
    """Our name for a column that is called as in one of the conventions."""
    plain = _plain(name)
    for here in LOADED:
        if plain == _plain(here) or plain in CONVENTIONS.get(here, ()):
            return here
    return None


def _known_names(table: pd.DataFrame, columns: Any) -> tuple[dict[str, str], bool]:
    """For each of our names the table's column, by what was said and, for the others, by convention; and whether the
    table is hBayesDM's.
    """
    if columns is not None and not isinstance(columns, Mapping):
        raise ValueError(f"columns must give columns by name, as in {{'action': 'choice'}}, not {short_repr(columns)}")
    named = dict(columns or {})
    for here, there in named.items():
        if here not in LOADED:
            raise ValueError(f"columns: '{here}' is not read here{nearest(str(here), LOADED)}")
        if there not in table.columns:
            raise ValueError(
                f"columns: the table has no column '{there}'{nearest(str(there), map(str, table.columns))}"
            )
    taken = {*named.values()}
    for here in LOADED:
        if here in named or (here == "outcome" and {"gain", "loss"} & named.keys()):
            continue
        if here in ("gain", "loss") and "outcome" in named:
            continue
        found = [name for name in table.columns if meant_by(name) == here and name not in taken]
        exact = [name for name in found if name == here]
        if len(exact or found) > 1:
            both = " and ".join(f"'{name}'" for name in found[:2])
            raise ValueError(f"the table has the columns {both}: say which one is '{here}', columns={{'{here}': ...}}")
        if found:
            named[here] = (exact or found)[0]
    return named, any(_plain(name) == HBAYESDM for name in table.columns)


def _renamed(table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    back = {there: here for here, there in columns.items()}
    if len(back) < len(columns):
        twice = next(there for there in back if [*columns.values()].count(there) > 1)
        raise ValueError(f"columns: '{twice}' cannot be two things at once")
    hidden = {name: f"{name}_as_given" for name in table.columns if name in columns and name not in back}
    renamed = table.rename(columns=hidden | back)
    subject = renamed.get("subject")
    if subject is not None and subject.map(lambda cell: isinstance(cell, str) and _is_count(cell)).all():
        renamed["subject"] = subject.astype(int)
    return renamed


def _is_count(text: str) -> bool:
    """Whether a whole number is written as Python would, so that 07 stays a label."""
    return text.isascii() and text.isdigit() and text == str(int(text))


def _only(table: pd.DataFrame, where: Mapping[str, Any]) -> pd.DataFrame:
    for name, values in where.items():
        if name not in table.columns:
            raise ValueError(f"where: the table has no column '{name}'{nearest(str(name), map(str, table.columns))}")
        wanted = [values] if isinstance(values, str) or not isinstance(values, Collection) else list(values)
        keys = table[name].map(as_key)
        kept = keys.isin([as_key(value) for value in wanted])
        if not kept.any():
            raise ValueError(f"where: no row has {short_repr(values)} in column '{name}'")
        table = table[kept]
    return table.copy()


# ---- cells


def _with_outcome(table: pd.DataFrame) -> pd.DataFrame:
    """The outcome of a table that has what was gained and what was lost in two columns."""
    parts = [name for name in ("gain", "loss") if name in table]
    if not parts or "outcome" in table:
        return table
    if len(parts) == 1:
        other = "loss" if parts == ["gain"] else "gain"
        raise ValueError(
            f"trials has a column '{parts[0]}' but none for '{other}'; name it, or give columns={{'outcome': ...}}"
        )
    gain, loss = numbers_in(table, "gain"), numbers_in(table, "loss")
    refuse_row(gain < 0, table, "gain", "is below 0")
    signs = np.sign(loss[np.isfinite(loss) & (loss != 0)])
    if len({*signs.tolist()}) > 1:
        refuse_row(np.sign(loss) == -signs[0], table, "loss", "has another sign than the losses before it")
    alone = np.isnan(gain) != np.isnan(loss)
    refuse_row(alone & np.isnan(gain), table, "gain", "is empty, and the loss is not")
    refuse_row(alone & np.isnan(loss), table, "loss", "is empty, and the gain is not")
    return table.assign(outcome=gain - np.abs(loss))


def _seconds(table: pd.DataFrame, name: str, said: Mapping[str, Any]) -> Any:
    units = str(said.get("Units", "s"))
    factors = {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 0.001, "millisecond": 0.001}
    factors["milliseconds"] = 0.001
    if units not in factors:
        raise ValueError(f"the sidecar's Units of '{name}' must be s or ms, not {short_repr(units)}")
    times = finite_in(table, name, spared=table[name].isna().to_numpy())
    if name != "onset":
        refuse_row(times < 0, table, name, "is below 0")
    return times * factors[units]


def _with_actions(
    table: pd.DataFrame, actions: Any, missing: Any, task: Task | None, hbayesdm: bool
) -> tuple[pd.DataFrame, list[str] | None, int]:
    """The table with its actions as numbers, their names where they have some, and how many there are."""
    if "action" not in table:
        return table, None, 2  # which is refused by who reads the columns
    names = list(task.actions) if task else None
    if isinstance(actions, Mapping):
        names = names or list(dict.fromkeys(map(str, actions.values())))
        for name in actions.values():
            if str(name) not in names:
                raise ValueError(f"actions: the task has no action '{name}'{nearest(str(name), names)}")
        coded = declared_codes("action", list(actions), None, missing)
        place = numbered(table, "action", coded)
        number = np.array([names.index(str(name)) for name in actions.values()] + [np.nan])
        return (
            table.assign(action=number[np.where(np.isnan(place), len(actions), place).astype(int)]),
            names,
            len(names),
        )
    if actions is None and hbayesdm:
        actions = _from_1(table, missing, len(names) if names else None)
    codes = declared_codes("action", actions, names, missing)
    number = numbered(table, "action", codes)
    n = codes.n if codes.n is not None else counted(codes, number, "action")
    if codes.n is None and "subject" in table:
        refuse_shifted(number, table["subject"], n)
    if codes.codes is not None and names is None:
        names = [str(code) for code in codes.codes]
    return table.assign(action=number), names, n


def _from_1(table: pd.DataFrame, missing: Any, n_actions: int | None) -> list[int] | None:
    """hBayesDM's choices where they are 1 to n; None where they are not, and have to be declared or to count from 0.

    Of the `n_actions` of a task some may never be chosen. With the last they count from 1; ValueError where neither it
    nor 0 is there, which could be either.
    """
    absent = declared_codes("action", None, None, missing).missing
    keys = {as_key(cell) for cell in table["action"].dropna().unique().tolist()} - absent
    n = n_actions or len(keys)
    codes = {float(k) for k in range(1, n + 1)}
    if n_actions is not None and keys and n not in keys and keys <= codes:
        raise ValueError(
            f"trials, column 'action': neither 0 nor {n} occurs, so that these may count from 0 or from 1, as "
            f"hBayesDM's do: give actions={[*range(1, n + 1)]}, or actions={n} if they count from 0"
        )
    from_1 = keys == codes if n_actions is None else n in keys and keys <= codes
    return list(range(1, n + 1)) if n > 1 and from_1 else None


# ---- refusals


def _in_their_words(
    said: str, files: Sequence[str], tables: Sequence[pd.DataFrame], columns: Mapping[str, str], index: pd.Index[Any]
) -> str:
    """A refusal with the table's own names of columns, and, of a file, with its name and its own row."""
    for here, there in columns.items():
        if here != there:
            said = said.replace(f"column '{here}'", f"column '{there}'")
    row = re.search(r"\brow (\d+)\b", said)
    if not files[0]:
        return said
    if not row:
        return said.replace("trials", files[0] if len(files) == 1 else "the files", 1)
    number, k = int(index[int(row.group(1))]), 0
    while k + 1 < len(tables) and number >= len(tables[k]):
        number, k = number - len(tables[k]), k + 1
    said = said.replace(row.group(0), f"row {number}", 1)
    return said.replace("trials", files[k], 1) if "trials" in said[: row.start()] else f"{files[k]}: {said}"
