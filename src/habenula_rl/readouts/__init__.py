"""What papers report, read out of a table of trials: one row a group, subject and phase.

Every function takes trials as `habenula run` writes them (one row a step, with columns group, phase, subject, trial,
step, state, action, outcome, next_state, terminated, truncated and the signals) and leaves them as they are. `phases`
picks the phases that the readout means something in; None takes all. An unknown phase raises ValueError. `by_phase` and
`by_group` turn a readout into the arrays that statistics take.
"""

from .helplessness import drinking, escapes, failing, failure_classes, helplessness, immobility, shock_onset
from .physiology import at_rest, course, value_bias
from .rows import WHO, by_group, by_phase, in_groups, in_phases, needs

__all__ = [
    "WHO", "at_rest", "by_group", "by_phase", "course", "drinking", "escapes", "failing", "failure_classes",
    "helplessness", "immobility", "in_groups", "in_phases", "needs", "shock_onset", "value_bias",
]  # fmt: skip
