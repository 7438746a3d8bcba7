"""Pavlovian conditioning: the conditioned response, and what a cue has come to be worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .reads import ANY, known_states, reads
from .rows import WHO, in_phases

if TYPE_CHECKING:
    import pandas as pd

LICK = 1
CUE = [*WHO, "cue"]


@reads("PavlovianConditioning", counted=("cues", "response"), state=ANY, next_state=ANY)
def conditioned_response(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, cues: Sequence[int], response: int = LICK,
    block: int | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Columns cue (its state), presentations, response, before and elevation; with `block`, block too.

    response is the share (0 to 1) of the steps in the cue with the action `response`, before that of the steps just
    before it came, elevation the first less the second. `block` keeps apart every so many presentations of a cue,
    counted from 0: the curve of acquisition.
    """
    rows = in_phases(trials, phases)
    reached = rows.loc[rows["next_state"] != rows["state"], "next_state"]
    known_states("conditioned_response", "cues", cues, reached, "which never comes on")
    rows = rows.assign(responded=(rows["action"] == response).astype(float))
    onset = _onsets(rows, cues).rename(columns={"responded": "before"})
    during = rows[rows["state"].isin(list(cues))].rename(columns={"state": "cue"})
    share = during.groupby([*CUE, "trial"], observed=True)["responded"].mean().rename("response").reset_index()
    table = onset.merge(share, on=[*CUE, "trial"])
    keys = CUE if block is None else [*CUE, "block"]
    if block is not None:
        table = table.assign(block=table.groupby(CUE, observed=True).cumcount() // block)
    found = table.groupby(keys, observed=True).agg(
        presentations=("trial", "size"), response=("response", "mean"), before=("before", "mean")
    )
    return found.assign(elevation=found["response"] - found["before"]).reset_index()


@reads("PavlovianConditioning", counted=("cues",), state=ANY, value=ANY)
def cue_value(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, cues: Sequence[int], last: int = 10
) -> pd.DataFrame:
    """Columns cue (its state) and value: what the cue was worth after each of its `last` presentations, on average."""
    rows = in_phases(trials, phases)
    known_states("cue_value", "cues", cues, rows["state"], "in which no step begins")
    final = rows[rows["state"].isin(list(cues))].rename(columns={"state": "cue"}).sort_values(["trial", "step"])
    final = final.drop_duplicates([*CUE, "trial"], keep="last")
    latest = final.groupby(CUE, observed=True).cumcount(ascending=False) < last
    return final[latest].groupby(CUE, observed=True)["value"].mean().reset_index()


def _onsets(rows: pd.DataFrame, cues: Sequence[int]) -> pd.DataFrame:
    """The first step in each trial that reaches each of the cues, in the order of the trials."""
    reaching = rows[rows["next_state"].isin(list(cues)) & (rows["next_state"] != rows["state"])]
    first = reaching.sort_values(["trial", "step"]).rename(columns={"next_state": "cue"})
    return first.drop_duplicates([*CUE, "trial"])[[*CUE, "trial", "responded"]].reset_index(drop=True)
