"""The two-step task: whether a first choice is repeated, by what it brought and by which transition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .reads import Measure, reads
from .rows import WHO

if TYPE_CHECKING:
    import pandas as pd

NEEDS = ("trial", "state", "action", "outcome")
STATES = ("first stage", "pink", "blue")
CELLS = ("common_rewarded", "common_unrewarded", "rare_rewarded", "rare_unrewarded")


@reads("TwoStep", needs=NEEDS, actions=("left", "right"), states=STATES, responds=True)
def stays(rows: pd.DataFrame) -> pd.DataFrame:
    """Two-step task: how often the first choice is the same as in the trial before, by what that trial was.

    Columns common_rewarded, common_unrewarded, rare_rewarded and rare_unrewarded (fractions; NaN where no such trial
    was followed by another), and trials, how many were followed. Rewarded is an outcome above 0 at the second stage;
    common are left to pink and right to blue (Daw et al. 2011, doi 10.1016/j.neuron.2011.02.027). A table has a row for
    each stage; a trial without both, as one with a response missing, is left out, and what follows it is compared with
    the trial before it.
    """
    return _stays("stays", rows)


@reads("TwoStep", needs=NEEDS, actions=("left", "right"), states=STATES, responds=True)
def two_step_indices(rows: pd.DataFrame) -> pd.DataFrame:
    """Two-step task: columns model_free and model_based, from the four fractions of `stays`.

    model_free is the main effect of reward, the mean fraction of stays after a reward less that without:
    (common_rewarded + rare_rewarded - common_unrewarded - rare_unrewarded)/2.
    model_based is the interaction of reward and transition:
    (common_rewarded + rare_unrewarded - common_unrewarded - rare_rewarded)/2.

    Both from -1 to 1, 0 without an effect, NaN where one of the four is missing. They describe choices and depend on
    the task as well: where the reward probabilities do not add up to 1 a transition has an effect of its own in a
    model-based agent (Feher da Silva & Hare 2018, doi 10.1371/journal.pone.0195328); a likelihood asks for the weight
    itself. Effects after Daw et al. 2011, doi 10.1016/j.neuron.2011.02.027.
    """
    table = _stays("two_step_indices", rows)
    common, common_lost, rare, rare_lost = (table[name] for name in CELLS)
    return table[WHO].assign(
        model_free=(common + rare - common_lost - rare_lost) / 2.0,
        model_based=(common + rare_lost - common_lost - rare) / 2.0,
    )


def _stays(readout: str, rows: pd.DataFrame) -> pd.DataFrame:
    at_first = rows["state"] == "first stage"
    for stage, of_stage in (("first", rows[at_first]), ("second", rows[~at_first])):
        if (twice := of_stage.duplicated([*WHO, "trial"]).to_numpy()).any():
            row = of_stage[twice].iloc[0]
            raise ValueError(
                f"{readout}: subject {row['subject']} has two choices at the {stage} stage in trial {row['trial']}"
            )
    second = rows.loc[~at_first, [*WHO, "trial", "state", "outcome"]].astype({"state": str})
    trials = rows.loc[at_first, [*WHO, "trial", "action"]].astype({"action": str}).merge(second, on=[*WHO, "trial"])
    if trials.empty:
        raise ValueError(f"{readout}: no trial has a choice at the first stage and one at the second")
    trials = trials.sort_values([*WHO, "trial"])
    common = (trials["action"] == "left") == (trials["state"] == "pink")
    was = np.where(common, "common", "rare").astype(object) + np.where(
        trials["outcome"] > 0.0, "_rewarded", "_unrewarded"
    )
    following = trials.groupby(WHO, observed=True)["action"].shift(-1)
    stayed = (following == trials["action"]).astype(float)
    followed = following.notna() & trials["outcome"].notna()
    cells = {name: stayed.where(followed & (was == name)) for name in CELLS}
    table = trials[WHO].assign(**cells, trials=followed).groupby(WHO, observed=True)
    return table.agg({**dict.fromkeys(CELLS, "mean"), "trials": "sum"}).reset_index()


MEASURES = {
    "TwoStep": Measure("interaction of reward and transition", 201, lambda t: two_step_indices(t)["model_based"])
}
