"""Choices by value, risk and effort: fractions, discounting, switching after a shift, breakpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...tasks import MagnitudeShift, ProbabilisticDiscounting, ProgressiveRatio, RiskChoice
from .reads import Measure, derived_from, known_actions, reads
from .rows import WHO, Array, of_readout

if TYPE_CHECKING:
    import pandas as pd

    from ...contract import Task


@reads(needs=("action",), task_for="numbers", from_first=True, reported=("MagnitudeShift", "RiskChoice"))
def choice_share(
    rows: pd.DataFrame,
    *,
    action: str,
    among: Sequence[str] | None = None,
    from_trial: int = 0,
    until_trial: int | None = None,
) -> pd.DataFrame:
    """Column share (a fraction): how often `action` was chosen of all choices of an action in `among`, by default all.

    Actions are names: `choice_share(trials, action="risky", task=RiskChoice())`, or those of the table. The fraction of
    risky choices in the RiskChoice, or that of the shifted side in the trials from `from_trial` to before
    `until_trial`. NaN for a subject that made none of these choices.
    """
    known_actions("choice_share", "action", action, rows["action"])
    known_actions("choice_share", "among", () if among is None else among, rows["action"])
    if from_trial or until_trial is not None:
        if "trial" not in rows.columns:
            raise ValueError(
                "choice_share needs a column 'trial' for from_trial= and until_trial=: name yours with "
                "columns={'trial': ...}"
            )
        rows = rows[(rows["trial"] >= from_trial) & (rows["trial"] < (np.inf if until_trial is None else until_trial))]
    counted = rows["action"].isin(list(rows["action"].cat.categories if among is None else among))
    chosen = rows.assign(share=(rows["action"] == action).where(counted).astype(float))
    return chosen.groupby(WHO, observed=True)["share"].mean().reset_index()


@reads(
    "ProbabilisticDiscounting",
    needs=("trial", "action"),
    actions=("small", "risky"),
    task_for="all",
    one_step=True,
    from_first=True,
    stays=True,
    gone=("blocks", "free_trials", "forced_trials", "risky", "small"),
)
def discounting(
    rows: pd.DataFrame, *, task: ProbabilisticDiscounting, last_sessions: int | None = None
) -> pd.DataFrame:
    """Probabilistic discounting: columns block (from 0) and risky, the fraction of risky choices in that block.

    How long a block and a session are follows from the `task`. Trials without a choice and forced trials do not count
    (St Onge & Floresco 2009, doi 10.1038/npp.2008.121). `last_sessions` leaves the sessions before them out.
    """
    in_block = task.forced_trials + task.free_trials
    session = len(task.odds) * in_block
    sessions = rows.groupby(WHO, observed=True)["trial"].transform("max") // session + 1
    kept = rows["trial"] % in_block >= task.forced_trials
    if last_sessions is not None:
        kept &= rows["trial"] // session >= sessions - last_sessions
    rows = rows[kept & rows["action"].isin(["risky", "small"])]
    by_block = rows.assign(block=rows["trial"] % session // in_block, risky=(rows["action"] == "risky").astype(float))
    return by_block.groupby([*WHO, "block"], observed=True)["risky"].mean().reset_index()


@derived_from(discounting)
def discounting_slope(by_block: pd.DataFrame) -> pd.DataFrame:
    """Of `discounting`: columns risky, the mean over blocks, and slope, its change from one block to the next.

    The slope is that of the least-squares line through the blocks; 0 where choice does not follow the odds, as with the
    lateral habenula off (Stopper & Floresco 2014, doi 10.1038/nn.3587). NaN for a subject with a single block.
    """
    of_readout("discounting_slope", by_block, "discounting", [*WHO, "block", "risky"])
    wide = by_block.pivot_table(index=WHO, columns="block", values="risky", observed=True)
    table = wide.mean(axis=1).rename("risky").to_frame()
    table["slope"] = [_slope(wide.columns.to_numpy(float), row) for row in wide.to_numpy(float)]
    return table.reset_index()


def _slope(x: Array, y: Array) -> float:
    known = ~np.isnan(y)
    x, y = x[known], y[known]
    if len(x) < 2:
        return float("nan")
    return float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())


@reads(needs=("trial", "action"), task_for="numbers", one_step=True, from_first=True, reported=("MagnitudeShift",))
def switch_latency(
    rows: pd.DataFrame, *, action: str, task: Task | None, shift: int | None = None, of: int = 10, at_least: int = 8
) -> pd.DataFrame:
    """Columns switched (0 or 1) and latency: trials after trial `shift` until the preference has gone over to `action`.

    `shift` is by default the task's `baseline_trials`. The preference has gone over with the first `of` trials in a row
    that hold at least `at_least` choices of the action; the latency counts the trials before them, and is NaN where
    that never happens. For tasks of one step a trial.
    """
    known_actions("switch_latency", "action", action, rows["action"])
    shift = getattr(task, "baseline_trials", None) if shift is None else shift
    if shift is None:
        raise ValueError("switch_latency needs shift=, the trial of the shift, or a task that has baseline_trials")
    after = rows[rows["trial"] >= shift].sort_values("trial")
    chosen = after.assign(chosen=(after["action"] == action).astype(float))
    found = chosen.groupby(WHO, observed=True)["chosen"].agg(lambda each: _first_window(each.to_numpy(), of, at_least))
    table = found.rename("latency").reset_index()
    return table.assign(switched=table["latency"].notna().astype(float))[[*WHO, "switched", "latency"]]


def _first_window(chosen: Array, of: int, at_least: int) -> float:
    counts = np.convolve(chosen, np.ones(of), mode="valid") if len(chosen) >= of else np.zeros(0)
    found = np.flatnonzero(counts >= at_least - 0.5)
    return float(found[0]) if found.size else float("nan")


@reads(
    "ProgressiveRatio",
    needs=("trial", "step", "action", "next_state"),
    actions=("work",),
    task_for="all",
    from_first=True,
    gone=("ratios", "work"),
)
def breakpoints(rows: pd.DataFrame, *, task: ProgressiveRatio, last_sessions: int | None = None) -> pd.DataFrame:
    """Progressive ratio: columns sessions and, as means over sessions, breakpoint, rewards and bouts (steps at work).

    The breakpoint is the last of the task's ratios that was completed, 0 where none was (Hodos 1961,
    doi 10.1126/science.134.3483.943). `last_sessions` leaves the sessions before them out: animals are trained before
    they are tested.
    """
    rows = rows.assign(rewards=rows["next_state"].cat.codes.astype(int), bouts=rows["action"] == "work")
    each = rows.groupby([*WHO, "trial"], observed=True).agg({"rewards": "max", "bouts": "sum"}).reset_index()
    each["breakpoint"] = np.array([0, *task.ratios], dtype=float)[each["rewards"]]
    if last_sessions is not None:
        sessions = each.groupby(WHO, observed=True)["trial"].transform("max") + 1
        each = each[each["trial"] >= sessions - last_sessions]
    means = {name: (name, "mean") for name in ("breakpoint", "rewards", "bouts")}
    return each.groupby(WHO, observed=True).agg(sessions=("trial", "size"), **means).reset_index()


@reads("EffortChoice", actions=("take", "work"), one_step=True, stays=True, responds=True, gone=("work", "take"))
def effort_choices(rows: pd.DataFrame) -> pd.DataFrame:
    """Effort choice: columns worked, took and omitted, fractions of the trials, and hard, worked over worked and took.

    `hard` is what Treadway et al. 2009 (doi 10.1371/journal.pone.0006598) report; NaN without any choice.
    """
    worked, took = rows["action"] == "work", rows["action"] == "take"
    rows = rows.assign(worked=worked, took=took, omitted=~(worked | took))
    table = rows.groupby(WHO, observed=True)[["worked", "took", "omitted"]].mean().reset_index()
    chosen = table["worked"] + table["took"]
    return table.assign(hard=table["worked"] / chosen.where(chosen > 0.0))


MEASURES = {
    "EffortChoice": Measure("worked, fraction", 100, lambda t: effort_choices(t)["worked"]),
    "MagnitudeShift": Measure(
        "chosen after upshift, fraction",
        200,
        lambda t: choice_share(t, action="shifting", task=MagnitudeShift(), from_trial=100)["share"],
    ),
    "ProbabilisticDiscounting": Measure(
        "slope of risky choice, a block",
        72 * 10,
        lambda t: discounting_slope(discounting(t, task=ProbabilisticDiscounting(), last_sessions=5))["slope"],
    ),
    "ProgressiveRatio": Measure(
        "breakpoint, last 10 of 60 sessions",
        60,
        lambda t: breakpoints(t, task=ProgressiveRatio(), last_sessions=10)["breakpoint"],
    ),
    "RiskChoice": Measure(
        "constant chosen, fraction", 200, lambda t: choice_share(t, action="safe", task=RiskChoice())["share"]
    ),
}
