"""The event: what rules read and write of one step, each field with its NumPy type."""

EVENT_FIELDS = (
    ("state", "i8"),  # the state the subject is in
    ("action", "i8"),  # what it does there
    ("reward", "f8"),  # what that brings
    ("next_state", "i8"),  # where that leads
    ("aversive", "f8"),  # how much `state` hurts, 0 to 1
    ("punishment", "f8"),  # how much `next_state` hurts, 0 to 1
    ("terminated", "i8"),  # 1 where the trial has ended by its own rule: no value beyond
    ("truncated", "i8"),  # 1 where it was only cut off: value goes on; not known when stepping in an environment
    ("feedback", "i8"),  # 1; a task sets it to 0 where the subject is not shown what its action brought
    ("passive", "i8"),  # the number of the action that is doing nothing, -1 for none
    ("trial", "i8"),  # for tasks: an agent stepping in an environment does not see it
    ("step", "i8"),  # likewise
    ("decision", "i8"),  # likewise: how many choices came before in this phase
    ("scripted", "f8"),  # the task's script for this trial, NaN without one
    ("key", "u8"),  # key of the task's draws
)
MOMENTS = ("choice", "cue", "outcome")
"""The moments of a step: it chooses, and then another state is reached and nothing more, or there is an outcome.

An outcome is a reward above 0, a state that hurts, or the end of the trial by its own rule. A cost alone, as of a lick,
is none; nor is an omission after which the trial goes on: nothing but the task's state shows it.
"""
EVENT_LISTS = ("elements", "next_elements")  # for agents: what `state` and `next_state` are made of, filled up with -1
EVENT_MASKS = ("available", "next_available")  # likewise: for each action 1 where it can be chosen there, else 0
EVENT_RANKS = {name: 0 for name, _ in EVENT_FIELDS} | dict.fromkeys((*EVENT_LISTS, *EVENT_MASKS), 1)


def in_moment(parameter: str, moment: str) -> str:
    """The name of what a parameter is in one moment of a step, where it is not the same in all of them."""
    return f"{parameter}_at_{moment}"
