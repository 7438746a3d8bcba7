"""Why a subject had to stop, in a sentence: which number was not finite, or which state the task does not have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..contract import Agent, Place, place_name

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
MOST = float(np.finfo(np.float32).max)  # of what is written down as "f4"


def reason(e: Any, y: Any, weights: float, w: Any, *, place: Place, agent: type[Agent], offset: int) -> str:
    """A sentence for a subject that stopped.

    The records of event, signals and state are as its last step left them; `weights` is the sum of that step's softmax
    weights, `offset` the number of the task's first state.
    """
    return f"{where(e['trial'], e['step'])}: {_what(e, y, float(weights), place, agent, offset)}{_in_state(w)}"


def where(trial: int, step: int) -> str:
    """The place in a phase, both counted from 0."""
    return f"trial {trial}, step {step}"


def refuse_nothing_run(subjects: Mapping[str, Any] | pd.DataFrame) -> None:
    """Raises ValueError with the first one's reason where all of these subjects failed in their very first step."""
    if _at_once(subjects):
        raise ValueError(why_nobody_finished(subjects))


def why_nobody_finished(subjects: Mapping[str, Any] | pd.DataFrame) -> str:
    """A sentence with the first one's reason where all of these subjects had to stop; "" where one went through."""
    if not (np.asarray(subjects["failed_trial"]) >= 0).all():
        return ""
    what = "in its first step, and nothing was recorded" if _at_once(subjects) else "before its last trial had ended"
    return f"every subject stopped {what}: {np.asarray(subjects['failed_reason'])[0]}"


def _at_once(subjects: Mapping[str, Any] | pd.DataFrame) -> bool:
    return bool(((subjects["failed_trial"] == 0) & (subjects["failed_step"] == 0)).all())


def recordable(outcome: float) -> bool:
    """Whether an outcome stays a number where it is written down, in 32 bits."""
    return abs(outcome) <= MOST


def _what(e: Any, y: Any, weights: float, place: Place, agent: type[Agent], offset: int) -> str:
    """The first thing that went wrong, in the order in which a step does them: state, choice, outcome, learning."""
    name, n_states = place_name(place), len(place.states)
    known = f"{name} has the states 0 to {n_states - 1}"
    state, next_state = int(e["state"]) - offset, int(e["next_state"]) - offset
    if not 0 <= state < n_states:
        return f"the trial began in state {state}, and {known}"
    if not math.isfinite(weights):
        return f"in state {state} ({place.states[state]}) the agent's preferences are not finite"
    if not 0 <= next_state < n_states:
        action = int(e["action"])
        return f"action {action} ({place.actions[action]}) led from state {state} to state {next_state}, and {known}"
    if not recordable(e["reward"]):
        beyond = ", more than a table holds" if math.isfinite(e["reward"]) else ""
        return f"{name} gave the reward {float(e['reward'])}{beyond}"
    for signal in agent.signals:
        if not math.isfinite(y[signal]):
            return f"the signal '{signal}' is {float(y[signal])}"
    return "reward and signals add up to more than a number can hold"


def _in_state(w: Any) -> str:
    """What of the agent's state is not finite, "" where all is."""
    for name in w.dtype.names or ():
        beyond = np.ravel(w[name])[~np.isfinite(np.ravel(w[name]))]
        if beyond.size:
            return f"; in the agent's state '{name}' holds {float(beyond[0])}"
    return ""
