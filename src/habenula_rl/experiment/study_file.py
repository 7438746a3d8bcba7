"""A study's Python file, experiments/<study>.py: what is read of the trials, the summary, the figure and the claims.

    read(trials)       optional: the tables that all else is made from, as {"name": table}; called with the trials of
                       one group after the other, so that those of a large study are never in memory at once
    READ_BY            "subjects" where `read` looks at each subject by itself: it is called with a few hundred of them
                       at a time then, so that not even a group has to be in memory
    COLUMNS            the columns of the trials that are read, so that no other is in memory; group, phase, subject,
                       trial and step come with any. All, where it is not given
    READS, LIMITS      optional: {phase: function of its trials, that gives a column for each measure}, and the lowest
                       and highest value of measures that have some; they stand for a `read` whose one table has all
                       measures of all subjects, "subjects", and for its `summarise`
    summarise(trials)  a tidy table, of all trials, or where there is `read` of its tables, those of all groups joined
    figure(table)      a Matplotlib figure of that table
    story(table)       optional: what was found, a sentence for each number that matters most
    CLAIMS             the claims about the study (`findings.Claim`), each tested on what `summarise` takes; without it
                       those that stand there under `@claim`

Without `summarise` and `figure` a study has the standard ones; a file has both or, beside CLAIMS, neither.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import re
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..analysis import summary
from ..compiler.source import statements
from ..config.bundled import bundled
from ..config.loading import module_of
from ..config.study import study_name
from ..contract import short_repr
from ..errors import EndsError, ends_are_errors
from ..files import StoreError

if TYPE_CHECKING:
    import pandas as pd


WHOSE = ("group", "phase", "subject", "trial", "step")  # the columns that say of which step a row is


class ExperimentError(ValueError):
    """A study's experiments/<study>.py failed; the message says on which line."""


class NotRecordedError(ValueError):
    """A study's experiments/<study>.py reads signals that the study did not record; the message names them."""


class Trials(Protocol):
    """The trials of a study, one row a step, wherever they are; `columns` are those that any group has."""

    @property
    def columns(self) -> Collection[str]: ...

    def whole(self, columns: Collection[str] | None = None) -> pd.DataFrame:
        """Those of all groups, one after the other; all columns, or these."""
        ...

    def by_group(self, columns: Collection[str] | None = None) -> Iterable[pd.DataFrame]:
        """Those of each group, all with the same columns."""
        ...

    def by_subjects(self, columns: Collection[str] | None = None) -> Iterable[pd.DataFrame]:
        """Those of some subjects of a group, and then of the next, all with the same columns."""
        ...


def find_experiment(study: str) -> Path | None:
    """The study's Python file, or None: in ./experiments, or among those that the package brings.

    Raises ValueError where `study` cannot be the name of a study: no file outside these two folders is ever found.
    """
    file = f"{study_name(study)}.py"
    paths = [folder / file for folder in (Path("experiments"), bundled("experiments"))]
    return next((path for path in paths if path.is_file()), None)


def intent(study: str) -> dict[str, str]:
    """QUESTION and PREDICTION of the study's Python file, which is read and not run."""
    path = find_experiment(study)
    found: dict[str, str] = {}
    for node in statements(path) if path else ():
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name, value = node.targets[0].id, node.value
            if name in ("QUESTION", "PREDICTION") and isinstance(value, ast.Constant):
                found[name] = str(value.value)
    return found


def load_experiment(path: Path) -> Any:
    """The module in that file. Raises ExperimentError where it does not run or lacks `summarise` or `figure`."""
    with blamed(path):
        module: Any = module_of(path.absolute(), f"habenula_experiment_{path.stem}")
    if isinstance(getattr(module, "READS", None), Mapping) and not hasattr(module, "read"):
        module.read = lambda trials: {"subjects": summary.measured(trials, module.READS, getattr(module, "LIMITS", {}))}
        if not hasattr(module, "summarise"):
            module.summarise = lambda tables: summary.of_subjects(tables["subjects"])
    has = [name for name in ("summarise", "figure") if callable(getattr(module, name, None))]
    for name in ("summarise", "figure"):
        if name not in has and (has or not claims_in(module)):
            raise ExperimentError(f"{path} has no function {name}")
    return module


def claims_in(module: Any) -> tuple[Any, ...]:
    """The claims in a study's file, each with the study's name, which is the file's."""
    study = Path(module.__file__).stem
    made = [value for value in vars(module).values() if type(value).__name__ == "Claim" and hasattr(value, "citation")]
    return tuple(dataclasses.replace(claim, study=study) for claim in getattr(module, "CLAIMS", made))


def what_is_read(module: Any, trials: Trials) -> Any:
    """What `summarise` and the claims take: all trials, or the joined tables of the file's own `read`.

    Raises ExperimentError where COLUMNS or READ_BY are not what they can be.
    """
    named = getattr(module, "COLUMNS", None)
    if named is not None and (isinstance(named, str) or not all(isinstance(name, str) for name in named)):
        raise ExperimentError(f"COLUMNS must be names of columns, as in ('state', 'action'), not {short_repr(named)}")
    columns = None if named is None else {*WHOSE, *named}
    by = getattr(module, "READ_BY", "group")
    if by not in ("group", "subjects"):
        raise ExperimentError(f"READ_BY must be 'group' or 'subjects', not {short_repr(by)}")
    if not callable(getattr(module, "read", None)):
        return trials.whole(columns)
    import pandas as pd

    parts = trials.by_subjects(columns) if by == "subjects" else trials.by_group(columns)
    pieces = [module.read(part) for part in parts]
    names = dict.fromkeys(name for piece in pieces for name in piece)
    return {name: pd.concat([piece[name] for piece in pieces if name in piece], ignore_index=True) for name in names}


def completed(table: pd.DataFrame, columns: Collection[str]) -> pd.DataFrame:
    """The trials with all these columns, in their order: a signal that the agent lacks is NaN.

    In single precision, as signals are recorded: with more digits, sums over all groups would have more too.
    """
    missing = {name: np.full(len(table), np.nan, np.float32) for name in columns if name not in table}
    return table.assign(**missing)[[*columns]]


@contextlib.contextmanager
def blamed(path: Path, unrecorded: Callable[[], Collection[str]] = tuple) -> Iterator[None]:
    """Whatever goes wrong in a user's file becomes one sentence with the file's line, or says what was not recorded.

    What is wrong with the tables that it is given is not its fault: a StoreError goes through.
    """
    try:
        with ends_are_errors():
            yield
    except StoreError:
        raise
    except EndsError as error:
        raise ExperimentError(str(error)) from error
    except ExperimentError as error:
        raise ExperimentError(f"{path}: {error}") from error
    except Exception as error:
        if missed := sorted({*re.findall(r"\w+", str(error))} & {*unrecorded()}):
            raise NotRecordedError(f"{path} reads {', '.join(missed)}, which the study does not record") from error
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(path.absolute())]
        line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else (lines or [None])[-1]
        raise ExperimentError(f"{path}:{line or 1}: {type(error).__name__}: {error}") from error
