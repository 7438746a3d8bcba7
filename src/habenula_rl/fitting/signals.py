"""What an agent would have signalled at each of the choices that a person made, and its way into a scanner's model."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

import numpy as np

from ..analysis.readouts.rows import as_named_here
from ..contract import Agent, Task, nearest, require, short_repr
from ..engine.population import checked_values
from .cells import finite_in, numbers_in, refuse_row
from .choice_data import COLUMNS, Reading
from .likelihood import Likelihood

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]


def signals(
    agent: Any,
    trials: pd.DataFrame | None = None,
    task: Task | Literal["plain"] | None = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    compiled: bool = True,
    **reading: Unpack[Reading],
) -> pd.DataFrame:
    """Trial-by-trial signals for recorded choices, from the likelihood's own kernel.

    `agent` is an agent, with `parameters` for what differs between subjects as in `log_likelihood`, or what `fit`
    returned: then each subject has its own estimates, and `trials`, `task` and the reading are those of the fit.

    Returns the table under this package's names, row by row in its order, with the agent's signals (`rpe`, `value`,
    and of HabenulaAgent `lhb`, `burst`, `dopamine`, ..., in place of columns that have these names), `probability`
    of the choice that was made, before it was, and its logarithm `log_likelihood`, which sums to the likelihood. They
    are NaN where there was no response, the last two for a forced choice too, and signals where no outcome was shown.
    `value` is what `agent` says it is, for QLearning after learning.
    """
    if hasattr(agent, "likelihood"):  # a fit
        if trials is not None or task is not None or parameters or reading:
            raise ValueError("signals of a fit are of its own data and estimates: give the fit alone, or an agent")
        agent.refuse_within("signals")
        likelihood, trials, values = agent.likelihood, agent.trials, dict(agent.parameters.items())
        columns = agent.columns
    else:
        require(agent, Agent, "agent")
        if trials is None:
            raise ValueError("signals needs the table of choices: signals(agent, trials)")
        likelihood = Likelihood(agent, trials, task, threads=1, compiled=compiled, **reading)
        values = checked_values(type(agent), parameters or {}, len(likelihood.subjects), likelihood.subjects)
        columns = reading.get("columns")
    table = as_named_here(trials, columns, COLUMNS).reset_index(drop=True)
    logs, found = likelihood.trace(values)
    made = {name: found[name] for name in likelihood.agent.signals}
    return table.assign(**made, probability=np.exp(logs), log_likelihood=logs)


def to_bids_regressors(
    table: pd.DataFrame,
    names: Sequence[str] = ("rpe",),
    folder: str | Path | None = None,
    *,
    task: str = "task",
    onset: str = "onset",
    duration: str | float = 0.0,
    centred: bool = True,
) -> pd.DataFrame:
    """Parametric regressors of a scanner's model: a row for each subject, regressor and trial, in seconds.

    `table` is what `signals` gives, with a column `onset` (seconds); `duration` is a column, or one number of seconds
    for all. Columns of the result: subject, session and block where the table has them, onset, duration, trial_type
    (the regressor's name) and modulation, as nilearn's `make_first_level_design_matrix` reads the events of one run.
    `centred` takes the mean off each regressor within its run, so that it is not the trials' own regressor again; add
    that one yourself with modulation 1. Trials without the signal are left out.

    With a `folder` each run is written to `sub-<label>[_ses-..]_task-<task>[_run-..]_events.tsv`, with a JSON sidecar.
    Of a label only letters and digits go into a file's name. Raises ValueError for what the table does not have, for an
    onset that is no time or goes back within a run, and for labels that would be one file, as -1 and 1. Warns where
    onsets look like ms, and where a regressor does not vary in a run.
    """
    import pandas as pd

    names = [names] if isinstance(names, str) else list(names)
    for name in (*names, onset, *([duration] if isinstance(duration, str) else [])):
        if name not in table.columns:
            raise ValueError(f"to_bids_regressors: the table has no column '{name}'{nearest(name, table.columns)}")
    runs = [name for name in ("subject", "session", "block") if name in table.columns]
    table = table.reset_index(drop=True)
    at = finite_in(table, onset)
    lasting = table.assign(duration=duration) if not isinstance(duration, str) else table
    which = duration if isinstance(duration, str) else "duration"
    refuse_row(finite_in(lasting, which) < 0.0, lasting, which, "is below 0")
    _check_onsets(table, at, onset, runs)
    parts = []
    for name in names:
        part = table[runs].assign(onset=at, duration=numbers_in(lasting, which), trial_type=name)
        part["modulation"] = numbers_in(table, name)
        part = part[part["modulation"].notna()]
        if part.empty:
            raise ValueError(f"to_bids_regressors: '{name}' is empty in every row")
        found = part.groupby(runs, observed=True)["modulation"].agg(["size", "nunique"]) if runs else pd.DataFrame()
        if runs and (still := int(((found["size"] > 1) & (found["nunique"] < 2)).sum())):
            warnings.warn(
                f"to_bids_regressors: '{name}' does not vary in {still} runs, and modulates nothing there", stacklevel=2
            )
        if centred and runs:
            part["modulation"] -= part.groupby(runs, observed=True)["modulation"].transform("mean")
        elif centred:
            part["modulation"] -= part["modulation"].mean()
        parts.append(part)
    made = pd.concat(parts, ignore_index=True).sort_values([*runs, "onset"], kind="stable", ignore_index=True)
    if folder is not None:
        _write(made, Path(folder), runs, task)
    return made


def _check_onsets(table: pd.DataFrame, at: Array, onset: str, runs: list[str]) -> None:
    """ValueError where times go back within a run, which are two runs then; a warning where they look like ms."""
    order = [name for name in ("trial", "step") if name in table.columns]
    by = table.assign(time=at, run=table.groupby(runs, sort=False).ngroup() if runs else 0)
    by = by.sort_values(["run", *order], kind="stable") if order else by.sort_values("run", kind="stable")
    gap = np.diff(by["time"])[np.diff(by["run"]) == 0]
    back = (np.diff(by["time"]) < 0) & (np.diff(by["run"]) == 0)
    if back.any():
        row = int(by.index[1:][back].min())
        raise ValueError(
            f"to_bids_regressors: row {row}, column '{onset}': {at[row]:g} is before the trial before it: of two runs, "
            "which a column 'session' or 'block' has to name, or not the time of this trial"
        )
    if gap.size and np.median(gap) > 100.0:
        warnings.warn(
            f"to_bids_regressors: trials are {np.median(gap):g} s apart by '{onset}': is it in ms?", stacklevel=3
        )


def _write(made: pd.DataFrame, folder: Path, runs: list[str], task: str) -> None:
    """A file for each run, with BIDS' entities in its name, and one sidecar for all."""
    if not task.isalnum():
        raise ValueError(f"to_bids_regressors: task must be a label of letters and digits, not {short_repr(task)}")
    columns = ["onset", "duration", "trial_type", "modulation"]
    if "subject" not in runs:
        made, runs = made.assign(subject="01"), ["subject", *runs]
    taken: dict[str, Any] = {}
    files = []
    for labels, rows in made.groupby(runs, observed=True):
        of = {name: "".join(c for c in str(label) if c.isalnum()) for name, label in zip(runs, labels, strict=True)}
        stem = f"sub-{of['subject'].removeprefix('sub')}" + (f"_ses-{of['session']}" if "session" in of else "")
        stem += f"_task-{task}" + (f"_run-{of['block']}" if "block" in of else "")
        if (other := taken.setdefault(stem.casefold(), labels)) != labels:
            both = " and ".join(", ".join(map(str, one)) for one in (other, labels))
            raise ValueError(
                f"to_bids_regressors: {both} ({', '.join(runs)}) would both be {stem}: BIDS' labels are letters and "
                "digits, so give them others"
            )
        files.append((stem, rows))
    folder.mkdir(parents=True, exist_ok=True)
    for stem, rows in files:
        rows[columns].to_csv(folder / f"{stem}_events.tsv", sep="\t", index=False, na_rep="n/a")
    said = {
        "trial_type": {"Description": "signal of the agent that modulates the response"},
        "modulation": {"Description": "its value in that trial, from habenula_rl's signals"},
    }
    (folder / f"task-{task}_events.json").write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
