"""Which people differ by what: a population's groups and covariates as a matrix, from columns of the table."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.readouts.rows import as_key
from ..contract import nearest
from .cells import refuse_alike, shown
from .coding import implausible
from .likelihood import Likelihood
from .loading import meant_by

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]


def design_of(
    likelihood: Likelihood, table: pd.DataFrame, groups: Any, covariates: Any
) -> tuple[Array, tuple[str, ...], Array, pd.DataFrame]:
    """A column for each group's mean and each covariate, their names, each subject's variance group, and the
    covariates as they were given, a row for each subject.
    """
    import pandas as pd

    subjects = likelihood.subjects
    if groups is None and "group" in table and table["group"].nunique() > 1:
        raise ValueError(
            f"trials has {table['group'].nunique()} groups: give groups='group' for means and variances of their own, "
            "or groups=False if all are drawn from one population"
        )
    group, terms = np.zeros(len(subjects), int), ["mean"]
    if groups:
        labels = _one_each(table, groups, subjects, "groups")
        refuse_alike(table, groups, "group")
        if labels.isna().any():
            raise ValueError(f"groups: subject {labels.index[labels.isna()][0]} has no label in column '{groups}'")
        group, found = pd.factorize(labels, sort=True)
        terms = [str(label) for label in found]
    sizes = np.bincount(group, likelihood.counts["choices"].to_numpy() > 0).astype(int)
    if sizes.min() < 3:
        which = f"groups: '{terms[int(sizes.argmin())]}' has" if groups else "a population by method='em' is of"
        people = "1 subject" if sizes.min() == 1 else f"{sizes.min()} subjects"
        alone = "" if groups else "; fit each alone by method='map'"
        raise ValueError(f"{which} {people} with choices, and a variance needs 3{alone}")
    design = np.eye(len(terms))[group]
    as_given = pd.DataFrame(index=subjects)
    if covariates is not None:
        named = [covariates] if isinstance(covariates, str) else covariates
        if isinstance(covariates, pd.DataFrame):
            covariates = named = _by_subject(covariates, subjects)
        elif not isinstance(covariates, str | list | tuple):
            kind = type(covariates).__name__
            raise ValueError(
                f"covariates must be names of columns, or a table with a row for each subject, not a {kind}"
            )
        for name in named:
            if isinstance(covariates, pd.DataFrame):
                column = covariates[name].reindex(subjects)
            else:
                column = _one_each(table, name, subjects, "covariates")
            numbers = pd.to_numeric(column, errors="coerce").to_numpy(float)
            if not np.isfinite(numbers).all():
                who = subjects[int(np.argmin(np.isfinite(numbers)))]
                raise ValueError(f"covariates: '{name}' of subject {shown(who)} is not a number; leave them out, or it")
            if not numbers.std() > 1e-9 * np.abs(numbers).max():  # as far as numbers of this size differ at all
                raise ValueError(f"covariates: '{name}' is the same for all subjects")
            if (odd := implausible(numbers, None)[0]).any():
                who = shown(subjects[int(np.argmax(odd))])
                warnings.warn(
                    f"covariates: '{name}' of subject {who} is {numbers[int(np.argmax(odd))]:g}, far from all others: "
                    "if it is a code for a missing score, leave it out",
                    stacklevel=2,
                )
            design = np.column_stack([design, (numbers - numbers.mean()) / numbers.std(ddof=1)])
            terms.append(str(name))
            as_given[str(name)] = numbers
    levels = np.linalg.svd(design, compute_uv=False)
    if len(levels) < design.shape[1] or levels[-1] < 1e-6 * levels[0]:
        raise ValueError("covariates: one of them follows from the others, or from the groups; leave it out")
    if (n := int(sizes.sum())) < len(terms) + 2:
        raise ValueError(
            f"covariates: {n} subjects with choices cannot tell {len(terms)} terms apart ({', '.join(terms)}) and "
            f"leave a variance: give {n - 2} at most"
        )
    return design, tuple(terms), group, as_given


def _by_subject(scores: pd.DataFrame, subjects: pd.Index[Any]) -> pd.DataFrame:
    """Scores by subject, whose labels may be the index, or a column; ValueError where one has no row, or two."""
    if labels := next((name for name in scores.columns if meant_by(name) == "subject"), None):
        scores = scores.set_index(labels)
    if scores.index.has_duplicates:
        twice = scores.index[scores.index.duplicated()][0]
        raise ValueError(f"covariates has two rows for subject {shown(twice)}; leave one")
    lost = subjects[~subjects.isin(scores.index)]
    if len(lost):
        alike = [label for label in scores.index if as_key(label) == as_key(lost[0])]
        kinds = f"; it has one for {shown(alike[0])}: make both numbers, or both texts" if alike else ""
        if not kinds and len(lost) == len(subjects) and len(scores):
            kinds = f"; its index has to hold subjects' labels, and begins with {shown(scores.index[0])}"
        others = f" and {len(lost) - 1} others" if len(lost) > 1 and not kinds else ""
        raise ValueError(
            f"covariates has no row for subject {shown(lost[0])}{others}{kinds or '; leave out their choices'}"
        )
    return scores


def _one_each(table: pd.DataFrame, name: Any, subjects: pd.Index[Any], what: str) -> pd.Series[Any]:
    """A column's value for each subject; ValueError where one has two."""
    if name not in table.columns:
        file = "; read a file with pandas first" if str(name).endswith((".csv", ".tsv", ".txt", ".xlsx")) else ""
        raise ValueError(f"{what}: trials has no column '{name}'{file or nearest(str(name), map(str, table.columns))}")
    if "subject" not in table.columns:
        raise ValueError(f"{what}: trials has no column 'subject'")
    by = table.groupby("subject")[name]
    several = by.nunique(dropna=False)
    if (several > 1).any():
        who = several.index[several.to_numpy() > 1][0]
        raise ValueError(f"{what}: '{name}' is not the same in all rows of subject {shown(who)}")
    found: pd.Series[Any] = by.first().reindex(subjects)
    return found
