"""Avoidance and conflict: avoided and escaped shocks, step-through latency, approach, hazards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .reads import Range, reads
from .rows import WHO, in_phases

if TYPE_CHECKING:
    import pandas as pd

WARNING, SHOCK, CROSS = 1, 2, 1  # of the ActiveAvoidance and of the ShuttleBox
LIGHT, ENTER = 0, 1  # of the PassiveAvoidance
APPROACH = 1  # of the ApproachAvoidance


@reads("ActiveAvoidance or ShuttleBox", own=("warning", "shock", "cross"), reached=(0, 2), state=(0, 2), action=(0, 1))
def avoidance(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, warning: int = WARNING, shock: int = SHOCK,
    cross: int = CROSS,
) -> pd.DataFrame:  # fmt: skip
    """Active avoidance: columns trials, avoided, escaped and failed (shares, 0 to 1) and latency (s).

    Avoided is a trial that a crossing ended during the warning signal, escaped one that it ended during the shock,
    failed every other, and so each one of the classical control, in which no crossing ends anything. The latency is the
    mean length of the trials from the onset of the signal, a failure counting with its full length.
    """
    rows = in_phases(trials, phases)
    ends = rows[rows["terminated"] | rows["truncated"]]
    crossed = ends["terminated"] & (ends["action"] == cross)
    avoided, escaped = crossed & (ends["state"] == warning), crossed & (ends["state"] == shock)
    ends = ends.assign(avoided=avoided, escaped=escaped, failed=~(avoided | escaped), latency=ends["step"] + 1.0)
    means = {name: (name, "mean") for name in ("avoided", "escaped", "failed", "latency")}
    return ends.groupby(WHO, observed=True).agg(trials=("step", "size"), **means).reset_index()


@reads("PassiveAvoidance", own=("light", "enter"), reached=(0, 2), state=(0, 2), action=(0, 1))
def step_through(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, light: int = LIGHT, enter: int = ENTER
) -> pd.DataFrame:
    """Passive avoidance: columns trials, entered (share, 0 to 1) and latency (s), the mean step-through latency.

    The latency is the number of seconds in the light, that of the entry included; a trial without an entry counts with
    its full length, the cutoff (Jarvik & Kopp 1967, doi 10.2466/pr0.1967.21.1.221). 1 - entered is the safe share.
    """
    rows = in_phases(trials, phases)
    lit = rows[rows["state"] == light]
    lit = lit.assign(entered=lit["action"] == enter)
    each = lit.groupby([*WHO, "trial"], observed=True).agg(latency=("step", "size"), entered=("entered", "max"))
    table = each.reset_index().groupby(WHO, observed=True)
    found = table.agg(trials=("trial", "size"), entered=("entered", "mean"), latency=("latency", "mean"))
    return found.reset_index()


def _offers_and_shocks(arguments: Mapping[str, Any]) -> Range:
    return 0, (arguments["rewards"] + 1) * arguments["shocks"] - 1


@reads("ApproachAvoidance", own=("action",), counted=("rewards", "shocks"), state=_offers_and_shocks, action=(0, 1))
def approach(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, rewards: int, shocks: int, action: int = APPROACH
) -> pd.DataFrame:
    """Approach-avoidance conflict: for each offer its columns reward and shock (levels, from 0) and approach (share).

    `rewards` and `shocks` are how many levels the task has of each.
    """
    rows = in_phases(trials, phases)
    offers = rows[rows["state"] < rewards * shocks]
    levels = {"reward": offers["state"] // shocks, "shock": offers["state"] % shocks}
    offers = offers.assign(**levels, approach=offers["action"] == action)
    return offers.groupby([*WHO, "reward", "shock"], observed=True)["approach"].mean().reset_index()


def approach_index(by_offer: pd.DataFrame, *, without_threat: int = 1) -> pd.DataFrame:
    """Of `approach`: columns safe and conflict (approach share without and with a threat), index and suppression.

    The first `without_threat` levels of shock are none. `index` is approach less avoidance under threat, from -1
    (never) to 1 (always). `suppression` is 1 - conflict/safe: how far the threat holds back what the reward alone
    invites, as punished against unpunished responding in the test of Geller & Seifter 1960 (doi 10.1007/BF00429273).
    Shares are means over offers, each offer counting alike; NaN where there was no such offer.
    """
    kind = by_offer["shock"].lt(without_threat).map({True: "safe", False: "conflict"})
    wide = by_offer.assign(kind=kind).pivot_table(index=WHO, columns="kind", values="approach", observed=True)
    table = wide.reindex(columns=["safe", "conflict"]).rename_axis(columns=None).reset_index()
    suppression = 1.0 - table["conflict"] / table["safe"].where(table["safe"] > 0.0)
    return table.assign(index=2.0 * table["conflict"] - 1.0, suppression=suppression)


@reads("GridWorld", counted=("hazards", "goal"))
def hazards_hit(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, hazards: Sequence[int], goal: int
) -> pd.DataFrame:
    """Grid world: columns trials, hazards (entered per trial), hit (share of trials with one), goal (share), steps.

    `hazards` and `goal` are the numbers of those cells; `steps` is the mean length of a trial.
    """
    rows = in_phases(trials, phases)
    reached = rows.assign(hazards=rows["next_state"].isin(list(hazards)), goal=rows["next_state"] == goal)
    columns = {"hazards": ("hazards", "sum"), "goal": ("goal", "max"), "steps": ("step", "size")}
    each = reached.groupby([*WHO, "trial"], observed=True).agg(**columns).reset_index()
    each["hit"] = each["hazards"] > 0
    means = {name: (name, "mean") for name in ("hazards", "hit", "goal", "steps")}
    return each.groupby(WHO, observed=True).agg(trials=("trial", "size"), **means).reset_index()
