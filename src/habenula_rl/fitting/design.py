"""Which people differ by what: a population's groups and covariates as a matrix, from columns of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..contract import nearest
from .cells import shown
from .likelihood import Likelihood

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
        if labels.isna().any():
            raise ValueError(f"groups: subject {labels.index[labels.isna()][0]} has no label in column '{groups}'")
        group, found = pd.factorize(labels, sort=True)
        terms = [str(label) for label in found]
        few = np.bincount(group).min()
        if few < 3:
            raise ValueError(
                f"groups: '{terms[int(np.bincount(group).argmin())]}' has {few} subjects; a variance needs 3"
            )
    design = np.eye(len(terms))[group]
    as_given = pd.DataFrame(index=subjects)
    if covariates is not None:
        named = [covariates] if isinstance(covariates, str) else covariates
        for name in named:
            if isinstance(covariates, pd.DataFrame):
                if not subjects.isin(covariates.index).all():
                    lost = subjects[~subjects.isin(covariates.index)][0]
                    raise ValueError(f"covariates has no row for subject {shown(lost)}")
                column = covariates[name].reindex(subjects)
            else:
                column = _one_each(table, name, subjects, "covariates")
            numbers = pd.to_numeric(column, errors="coerce").to_numpy(float)
            if not np.isfinite(numbers).all():
                who = subjects[int(np.argmin(np.isfinite(numbers)))]
                raise ValueError(f"covariates: '{name}' of subject {shown(who)} is not a number; leave them out, or it")
            if not numbers.std() > 0.0:
                raise ValueError(f"covariates: '{name}' is the same for all subjects")
            design = np.column_stack([design, (numbers - numbers.mean()) / numbers.std(ddof=1)])
            terms.append(str(name))
            as_given[str(name)] = numbers
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise ValueError("covariates: one of them follows from the others, or from the groups; leave it out")
    return design, tuple(terms), group, as_given


def _one_each(table: pd.DataFrame, name: Any, subjects: pd.Index[Any], what: str) -> pd.Series[Any]:
    """A column's value for each subject; ValueError where one has two."""
    if name not in table.columns:
        raise ValueError(f"{what}: trials has no column '{name}'{nearest(str(name), map(str, table.columns))}")
    if "subject" not in table.columns:
        raise ValueError(f"{what}: trials has no column 'subject'")
    by = table.groupby("subject")[name]
    several = by.nunique(dropna=False)
    if (several > 1).any():
        who = several.index[several.to_numpy() > 1][0]
        raise ValueError(f"{what}: '{name}' is not the same in all rows of subject {shown(who)}")
    found: pd.Series[Any] = by.first().reindex(subjects)
    return found
