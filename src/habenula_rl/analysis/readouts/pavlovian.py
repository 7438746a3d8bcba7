"""Pavlovian conditioning: the conditioned response, and what a cue has come to be worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...tasks import PavlovianConditioning
from .reads import Measure, known_states, reads
from .rows import WHO

if TYPE_CHECKING:
    import pandas as pd

CUE = [*WHO, "cue"]


@reads(
    "PavlovianConditioning",
    needs=("trial", "step", "state", "action", "next_state"),
    actions=("lick",),
    task_for="numbers",
    gone=("response",),
)
def conditioned_response(rows: pd.DataFrame, *, cues: Sequence[str], block: int | None = None) -> pd.DataFrame:
    """Columns cue, presentations, response, before and elevation; with `block`, block too.

    `cues` are names, as in the task's states. response is the fraction of the steps in the cue with a lick, before that
    of the steps just before it came, elevation the first less the second. `block` keeps apart every so many
    presentations of a cue, counted from 0: the curve of acquisition.
    """
    rows = rows.astype({"state": str, "next_state": str})
    reached = rows.loc[rows["next_state"] != rows["state"], "next_state"]
    known_states("conditioned_response", "cues", cues, reached, "which never comes on")
    rows = rows.assign(responded=(rows["action"] == "lick").astype(float))
    reaching = rows[rows["next_state"].isin(list(cues)) & (rows["next_state"] != rows["state"])]
    first = reaching.sort_values(["trial", "step"]).rename(columns={"next_state": "cue", "responded": "before"})
    onset = first.drop_duplicates([*CUE, "trial"])[[*CUE, "trial", "before"]].reset_index(drop=True)
    during = rows[rows["state"].isin(list(cues))].rename(columns={"state": "cue"})
    within = during.groupby([*CUE, "trial"], observed=True)["responded"].mean().rename("response").reset_index()
    table = onset.merge(within, on=[*CUE, "trial"])
    keys = CUE if block is None else [*CUE, "block"]
    if block is not None:
        table = table.assign(block=table.groupby(CUE, observed=True).cumcount() // block)
    found = table.groupby(keys, observed=True).agg(
        presentations=("trial", "size"), response=("response", "mean"), before=("before", "mean")
    )
    return found.assign(elevation=found["response"] - found["before"]).reset_index()


@reads("PavlovianConditioning", needs=("trial", "step", "state", "value"), task_for="numbers")
def cue_value(rows: pd.DataFrame, *, cues: Sequence[str], last: int = 10) -> pd.DataFrame:
    """Columns cue and value: what the cue was worth after each of its `last` presentations, on average."""
    rows = rows.astype({"state": str})
    known_states("cue_value", "cues", cues, rows["state"], "in which no step begins")
    final = rows[rows["state"].isin(list(cues))].rename(columns={"state": "cue"}).sort_values(["trial", "step"])
    final = final.drop_duplicates([*CUE, "trial"], keep="last")
    latest = final.groupby(CUE, observed=True).cumcount(ascending=False) < last
    return final[latest].groupby(CUE, observed=True)["value"].mean().reset_index()


MEASURES = {
    "PavlovianConditioning": Measure(
        "response to the 100 % cue less before, fraction",
        200,
        lambda t: conditioned_response(t, cues=["A"], task=PavlovianConditioning())["elevation"],
    )
}
