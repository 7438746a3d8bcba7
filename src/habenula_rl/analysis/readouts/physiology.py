"""What an electrode would see: signals at rest and around an event, and what is expected against what comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...contract import nearest, short_repr
from .reads import Reading, check_values, known_states, of_a_run, outcomes, prepared, whole
from .rows import WHO, in_phases, needs

if TYPE_CHECKING:
    import pandas as pd

    from ...contract import Task

EVENTS = Reading(needs=("trial", "step", "state", "next_state"), task_for="numbers", names_states=True)


def at_rest(
    trials: pd.DataFrame,
    signals: Sequence[str] = ("tonic_dopamine", "serotonin", "hyperactivity"),
    phases: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The tonic signals with which a subject entered a phase: their values in the phase's first step, one column each.

    Tonic levels follow hyperactivity and drugs, not single outcomes, so the first step still shows the resting level.
    """
    needs(trials, (*signals, "subject", "trial", "step") if not isinstance(signals, str) else signals)
    rows = in_phases(_counted("at_rest", trials), phases)
    first = rows[(rows["trial"] == 0) & (rows["step"] == 0)]
    return first[[*WHO, *signals]].reset_index(drop=True)


def value_bias(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, last: int = 100, own_unit: bool = False
) -> pd.DataFrame:
    """Pessimism over the `last` trials: columns expected (mean value), received (mean outcome), bias (difference).

    HabenulaAgent's values are in the outcomes' unit only where these are at most 1 (beyond it they are of utility over
    the largest met); `own_unit` says that the agent's are in any case. Raises ValueError for outcomes beyond 1 without.
    """
    needs(trials, ["value", "outcome", "subject", "trial"])
    check_values("value_bias", {"last": last})
    rows = in_phases(_counted("value_bias", trials), phases)
    rows = rows.assign(outcome=outcomes("value_bias", rows, of_a_run(trials)))
    if not own_unit and (largest := rows["outcome"].abs().max()) > 1.0:
        raise ValueError(
            f"value_bias: an outcome of size {largest:g}: beyond 1 HabenulaAgent's values are of utility over the "
            "largest met, not in the outcomes' unit; own_unit=True is for agents whose values are"
        )
    count = rows.groupby(WHO, observed=True)["trial"].transform("max") + 1
    rows = rows[rows["trial"] >= count - last]
    means = rows.groupby(WHO, observed=True)[["value", "outcome"]].mean().reset_index()
    means = means.rename(columns={"value": "expected", "outcome": "received"})
    return means.assign(bias=means["expected"] - means["received"])


def _counted(readout: str, trials: pd.DataFrame) -> pd.DataFrame:
    """The trials with numbers for trials and steps, which may be texts."""
    names = [name for name in ("trial", "step") if name in trials.columns]
    return trials.assign(**{name: whole(readout, trials, name) for name in names})


def course(trials: pd.DataFrame, signals: Sequence[str], time: pd.Series, *, bin_width: float = 1.0) -> pd.DataFrame:
    """Signals around an event: for each group, phase, subject and bin of `time` (one number for each row) their mean.

    Columns group, phase, subject, time (the middle of the bin), and the signals. Rows without a time are left out.
    """
    needs(trials, signals)
    check_values("course", {"bin_width": bin_width})
    trials = in_phases(trials, None)
    middle = time if bin_width == 1.0 else (np.floor(time / bin_width) + 0.5) * bin_width
    timed = trials[[*WHO, *signals]].assign(time=middle)
    return timed.dropna(subset=["time"]).groupby([*WHO, "time"], observed=True)[list(signals)].mean().reset_index()


def peri_event(
    trials: pd.DataFrame,
    signals: Sequence[str] = ("lhb", "burst", "dopamine", "serotonin"),
    phases: Sequence[str] | None = None,
    *,
    events: Mapping[str, Sequence[str]],
    at: str,
    task: Task | None = None,
    from_s: float = -2.0,
    until_s: float = 4.0,
    step_s: float = 1.0,
) -> pd.DataFrame:
    """Peri-event averages: signals in time around one event, kept apart by what the event was and the others were.

    `events` names kinds of event, each with the states that are one, by their names in the `task`: {"cue": ("A", "B"),
    "outcome": ("reward", "nothing")}. A trial's event is the first step that reaches one of them. Columns group, phase,
    subject, then for each kind the state that was reached, "" for none, time (s, 0 is the step that reaches the event
    `at`; from_s to until_s) and the signals. Trials without the event `at` are left out. Raises ValueError where `at`
    is none of the events.
    """
    check_values("peri_event", {"from_s": from_s, "until_s": until_s, "step_s": step_s})
    if at not in events:
        raise ValueError(
            f"peri_event: at is '{at}', which is none of the events {', '.join(events)}{nearest(at, events)}"
        )
    needs(trials, signals)
    rows = prepared("peri_event", EVENTS, trials, phases, task).astype({"state": str, "next_state": str})
    for kind, states in events.items():
        if numbered := [state for state in states if not isinstance(state, str)]:
            raise ValueError(
                f"peri_event: events '{kind}' takes the names of states, as in the task, not {short_repr(numbered[0])}"
            )
    reached = rows.loc[rows["next_state"] != rows["state"], "next_state"]
    if not reached.isin(list(events[at])).any():
        known_states("peri_event", f"events '{at}'", events[at], reached, "which never comes on")
    kept = rows[[*WHO, "trial", "step", *signals]]
    for kind, states in events.items():
        kept = kept.merge(_first_reached(rows, kind, states), how="left", on=[*WHO, "trial"])
    kept = kept.assign(time=(kept["step"] - kept[f"step of {at}"]) * step_s)
    kept = kept[kept["time"].between(from_s, until_s)]
    kinds = kept[list(events)].astype(object).fillna("")
    keys = [*WHO, *events, "time"]
    return kept.assign(**kinds).groupby(keys, observed=True)[list(signals)].mean().reset_index()


def _first_reached(rows: pd.DataFrame, kind: str, states: Sequence[str]) -> pd.DataFrame:
    """For each trial that reaches one of the states: which, in the column `kind`, and at which step."""
    reaching = rows[rows["next_state"].isin(list(states)) & (rows["next_state"] != rows["state"])]
    first = reaching.sort_values("step").drop_duplicates([*WHO, "trial"])[[*WHO, "trial", "step", "next_state"]]
    return first.rename(columns={"next_state": kind, "step": f"step of {kind}"})
