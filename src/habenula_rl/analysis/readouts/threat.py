"""Avoidance and conflict: avoided and escaped shocks, step-through latency, approach, hazards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...tasks import ApproachAvoidance, GridWorld
from .reads import Measure, derived_from, reads
from .rows import WHO, of_readout

if TYPE_CHECKING:
    import pandas as pd


@reads(
    "ActiveAvoidance",
    "ShuttleBox",
    needs=("trial", "step", "state", "action", "terminated", "truncated"),
    actions=("cross",),
    states=("warning", "shock"),
    gone=("warning", "shock", "cross"),
)
def avoidance(rows: pd.DataFrame) -> pd.DataFrame:
    """Active avoidance: columns trials, avoided, escaped and failed (fractions) and latency (s).

    Avoided is a trial that a crossing ended during the warning signal, escaped one that it ended during the shock,
    failed every other, and so each one of the classical control, in which no crossing ends anything. The latency is the
    mean length of the trials from the onset of the signal, a failure counting with its full length.
    """
    ends = rows[rows["terminated"] | rows["truncated"]]
    crossed = ends["terminated"] & (ends["action"] == "cross")
    avoided, escaped = crossed & (ends["state"] == "warning"), crossed & (ends["state"] == "shock")
    ends = ends.assign(avoided=avoided, escaped=escaped, failed=~(avoided | escaped), latency=ends["step"] + 1.0)
    means = {name: (name, "mean") for name in ("avoided", "escaped", "failed", "latency")}
    return ends.groupby(WHO, observed=True).agg(trials=("step", "size"), **means).reset_index()


@reads(
    "PassiveAvoidance",
    needs=("trial", "step", "state", "action"),
    actions=("enter",),
    states=("light",),
    gone=("light", "enter"),
)
def step_through(rows: pd.DataFrame) -> pd.DataFrame:
    """Passive avoidance: columns trials, entered (fraction) and latency (s), the mean step-through latency.

    The latency is the number of seconds in the light, that of the entry included; a trial without an entry counts with
    its full length, the cutoff (Jarvik & Kopp 1967, doi 10.2466/pr0.1967.21.1.221). 1 - entered is the safe fraction.
    """
    lit = rows[rows["state"] == "light"]
    lit = lit.assign(entered=lit["action"] == "enter")
    each = lit.groupby([*WHO, "trial"], observed=True).agg(latency=("step", "size"), entered=("entered", "max"))
    table = each.reset_index().groupby(WHO, observed=True)
    found = table.agg(trials=("trial", "size"), entered=("entered", "mean"), latency=("latency", "mean"))
    return found.reset_index()


@reads(
    "ApproachAvoidance",
    needs=("state", "action"),
    actions=("approach",),
    task_for="numbers",
    gone=("rewards", "shocks", "action"),
)
def approach(rows: pd.DataFrame) -> pd.DataFrame:
    """Approach-avoidance conflict: for each offer reward and shock (levels, from 0) and the fraction approach.

    Offers are the states named as in the task, "reward 1, shock 2".
    """
    levels = {
        name: tuple(int(part.split()[1]) - 1 for part in name.split(", "))
        for name in rows["state"].cat.categories
        if name.startswith("reward ")
    }
    offers = rows[rows["state"].isin(list(levels))]
    reward, shock = np.array([levels[name] for name in offers["state"]], dtype=int).reshape(-1, 2).T
    offers = offers.assign(reward=reward, shock=shock, approach=offers["action"] == "approach")
    return offers.groupby([*WHO, "reward", "shock"], observed=True)["approach"].mean().reset_index()


@derived_from(approach)
def approach_index(by_offer: pd.DataFrame, *, without_threat: int = 1) -> pd.DataFrame:
    """Of `approach`: columns safe and conflict (fraction approached without and with a threat), index and suppression.

    The first `without_threat` levels of shock are none. `index` is approach less avoidance under threat, from -1
    (never) to 1 (always). `suppression` is 1 - conflict/safe: how far the threat holds back what the reward alone
    invites, as punished against unpunished responding in the test of Geller & Seifter 1960 (doi 10.1007/BF00429273).
    Fractions are means over offers, each offer counting alike; NaN where there was no such offer.
    """
    of_readout("approach_index", by_offer, "approach", [*WHO, "reward", "shock", "approach"])
    kind = by_offer["shock"].lt(without_threat).map({True: "safe", False: "conflict"})
    wide = by_offer.assign(kind=kind).pivot_table(index=WHO, columns="kind", values="approach", observed=True)
    table = wide.reindex(columns=["safe", "conflict"]).rename_axis(columns=None).reset_index()
    suppression = 1.0 - table["conflict"] / table["safe"].where(table["safe"] > 0.0)
    return table.assign(index=2.0 * table["conflict"] - 1.0, suppression=suppression)


@reads("GridWorld", needs=("trial", "step", "next_state"), task_for="all", gone=("hazards", "goal"))
def hazards_hit(rows: pd.DataFrame, *, task: GridWorld) -> pd.DataFrame:
    """Grid world: columns trials, hazards (entered per trial), hit and goal (fractions of trials with one), steps.

    Hazards are the cells that hurt, goals those that pay; `steps` is the mean length of a trial.
    """
    cells = rows["next_state"].cat.codes.to_numpy()
    hurts, pays = np.array(task.hurts)[cells] > 0.0, np.array(task.pays)[cells] != 0.0
    columns = {"hazards": ("hazards", "sum"), "goal": ("goal", "max"), "steps": ("step", "size")}
    each = rows.assign(hazards=hurts, goal=pays).groupby([*WHO, "trial"], observed=True).agg(**columns).reset_index()
    each["hit"] = each["hazards"] > 0
    means = {name: (name, "mean") for name in ("hazards", "hit", "goal", "steps")}
    return each.groupby(WHO, observed=True).agg(trials=("trial", "size"), **means).reset_index()


MEASURES = {
    "ActiveAvoidance": Measure("avoided, fraction", 60, lambda t: avoidance(t)["avoided"]),
    "ApproachAvoidance": Measure(
        "approach under threat, fraction",
        300,
        lambda t: approach_index(approach(t, task=ApproachAvoidance()))["conflict"],
    ),
    "GridWorld": Measure("goal reached, fraction", 500, lambda t: hazards_hit(t, task=GridWorld())["goal"]),
    "PassiveAvoidance": Measure("step-through latency, s", 20, lambda t: step_through(t)["latency"]),
}
