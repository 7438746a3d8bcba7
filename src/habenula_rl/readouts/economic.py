"""Choices by value, risk and effort: shares, discounting, switching after a shift, breakpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .reads import ANY, ZERO, Range, reads
from .rows import WHO, Array, in_phases

if TYPE_CHECKING:
    import pandas as pd

PRESS = 1  # of the ProgressiveRatio: work at the lever
TAKE, WORK = 1, 2  # of the EffortChoice


@reads("a task with such actions", counted=("action", "among"))
def choice_share(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, action: int, among: Sequence[int],
    from_trial: int = 0, until_trial: int | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Column share (0 to 1): how often `action` was chosen of all choices of an action in `among`.

    The risky share of the RiskChoice, the share of the safe side, or that of the shifted side in the trials from
    `from_trial` to before `until_trial`. NaN for a subject that made none of these choices.
    """
    rows = in_phases(trials, phases)
    inside = (rows["trial"] >= from_trial) & (rows["trial"] < (np.inf if until_trial is None else until_trial))
    rows = rows[inside]
    chosen = rows.assign(share=(rows["action"] == action).where(rows["action"].isin(list(among))).astype(float))
    return chosen.groupby(WHO, observed=True)["share"].mean().reset_index()


def _levers(arguments: Mapping[str, Any]) -> Range:
    return 0, 3 * arguments["blocks"] - 1


@reads("ProbabilisticDiscounting", own=("risky", "small"), stays=True, step=ZERO, next_state=ANY, state=_levers)
def discounting(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, blocks: int, free_trials: int, forced_trials: int,
    risky: int = 1, small: int = 0, last_sessions: int | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Probabilistic discounting: columns block (from 0) and risky, the share (0 to 1) of risky choices in that block.

    `blocks`, `free_trials` and `forced_trials` are those of the task. Trials without a choice and forced trials do not
    count (St Onge & Floresco 2009, doi 10.1038/npp.2008.121). `last_sessions` leaves the sessions before them out.
    """
    rows = in_phases(trials, phases)
    in_block, session = forced_trials + free_trials, blocks * (forced_trials + free_trials)
    sessions = rows.groupby(WHO, observed=True)["trial"].transform("max") // session + 1
    kept = rows["trial"] % in_block >= forced_trials
    if last_sessions is not None:
        kept &= rows["trial"] // session >= sessions - last_sessions
    rows = rows[kept & rows["action"].isin([risky, small])]
    by_block = rows.assign(block=rows["trial"] % session // in_block, risky=(rows["action"] == risky).astype(float))
    return by_block.groupby([*WHO, "block"], observed=True)["risky"].mean().reset_index()


def discounting_slope(by_block: pd.DataFrame) -> pd.DataFrame:
    """Of `discounting`: columns risky, the mean over blocks, and slope, its change from one block to the next.

    The slope is that of the least-squares line through the blocks; 0 where choice does not follow the odds, as with the
    lateral habenula off (Stopper & Floresco 2014, doi 10.1038/nn.3587). NaN for a subject with a single block.
    """
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


@reads("a task of one step a trial", counted=("action",), step=ZERO)
def switch_latency(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, action: int, shift: int, of: int = 10,
    at_least: int = 8,
) -> pd.DataFrame:  # fmt: skip
    """Columns switched (0 or 1) and latency: trials after trial `shift` until the preference has gone over to `action`.

    The preference has gone over with the first `of` trials in a row that hold at least `at_least` choices of it; the
    latency counts the trials before them, and is NaN where that never happens. For tasks of one step a trial.
    """
    rows = in_phases(trials, phases)
    after = rows[rows["trial"] >= shift].sort_values("trial")
    chosen = after.assign(chosen=(after["action"] == action).astype(float))
    found = chosen.groupby(WHO, observed=True)["chosen"].agg(lambda each: _first_window(each.to_numpy(), of, at_least))
    table = found.rename("latency").reset_index()
    return table.assign(switched=table["latency"].notna().astype(float))[[*WHO, "switched", "latency"]]


def _first_window(chosen: Array, of: int, at_least: int) -> float:
    counts = np.convolve(chosen, np.ones(of), mode="valid") if len(chosen) >= of else np.zeros(0)
    found = np.flatnonzero(counts >= at_least - 0.5)
    return float(found[0]) if found.size else float("nan")


def _ratios(arguments: Mapping[str, Any]) -> Range:
    return 0, len(arguments["ratios"]) - 1


def _ratios_and_done(arguments: Mapping[str, Any]) -> Range:
    return 0, len(arguments["ratios"])


@reads("ProgressiveRatio", own=("work",), state=_ratios, action=(0, 1), next_state=_ratios_and_done)
def breakpoints(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, ratios: Sequence[float], work: int = PRESS,
    last_sessions: int | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Progressive ratio: columns sessions and, as means over sessions, breakpoint, rewards and bouts (steps at work).

    The breakpoint is the last ratio that was completed, 0 where none was (Hodos 1961,
    doi 10.1126/science.134.3483.943). `ratios` is the task's list; state k is the one in which ratio k is worked for.
    `last_sessions` leaves the sessions before them out: animals are trained before they are tested.
    """
    rows = in_phases(trials, phases)
    rows = rows.assign(rewards=rows["next_state"], bouts=rows["action"] == work)
    each = rows.groupby([*WHO, "trial"], observed=True).agg({"rewards": "max", "bouts": "sum"}).reset_index()
    each["breakpoint"] = np.array([0, *ratios], dtype=float)[each["rewards"]]
    if last_sessions is not None:
        sessions = each.groupby(WHO, observed=True)["trial"].transform("max") + 1
        each = each[each["trial"] >= sessions - last_sessions]
    means = {name: (name, "mean") for name in ("breakpoint", "rewards", "bouts")}
    return each.groupby(WHO, observed=True).agg(sessions=("trial", "size"), **means).reset_index()


@reads("EffortChoice", own=("work", "take"), stays=True, step=ZERO, action=(0, 2), next_state=ANY)
def effort_choices(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, work: int = WORK, take: int = TAKE
) -> pd.DataFrame:
    """Effort choice: columns worked, took and omitted, shares of the trials, and hard, worked over worked and took.

    `hard` is what Treadway et al. 2009 (doi 10.1371/journal.pone.0006598) report; NaN without any choice.
    """
    rows = in_phases(trials, phases)
    worked, took = rows["action"] == work, rows["action"] == take
    rows = rows.assign(worked=worked, took=took, omitted=~(worked | took))
    table = rows.groupby(WHO, observed=True)[["worked", "took", "omitted"]].mean().reset_index()
    chosen = table["worked"] + table["took"]
    return table.assign(hard=table["worked"] / chosen.where(chosen > 0.0))
