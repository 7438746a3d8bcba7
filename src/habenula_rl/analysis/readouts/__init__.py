"""What papers report, read out of a table of trials: one row a group, subject and phase.

Every function takes trials as `habenula run` writes them (one row a step, with columns group, phase, subject, trial,
step, state, action, outcome, next_state, terminated, truncated and the signals), or a user's table with the columns
that it needs, and leaves them as they are. `phases` picks the phases that the readout means something in; None takes
all. What a number of an action or a state means is read from the task, never given as a number (`reads`). An unknown
phase raises ValueError, and so do trials that cannot be those of the readout's task. `by_phase`, `by_group` and
`matched` turn a readout into what statistics take.
"""

from .avoidance import (
    approach,
    approach_index,
    avoidance,
    hazards_hit,
    step_through,
)
from .choice import (
    best_choices,
    go_nogo_accuracy,
    go_nogo_biases,
    response_bias,
    reversals,
    selection,
    stages,
    stay_shift,
)
from .economic import (
    breakpoints,
    choice_share,
    discounting,
    discounting_slope,
    effort_choices,
    switch_latency,
)
from .helplessness import (
    drinking,
    escapes,
    failing,
    failure_classes,
    failure_course,
    helplessness,
    immobility,
    shock_onset,
)
from .pavlovian import (
    conditioned_response,
    cue_value,
)
from .physiology import (
    at_rest,
    course,
    peri_event,
    value_bias,
)
from .rows import (
    WHO,
    by_group,
    by_phase,
    in_groups,
    in_phases,
    matched,
    needs,
    present,
)

__all__ = [
    "WHO",
    "approach",
    "approach_index",
    "at_rest",
    "avoidance",
    "best_choices",
    "breakpoints",
    "by_group",
    "by_phase",
    "choice_share",
    "conditioned_response",
    "course",
    "cue_value",
    "discounting",
    "discounting_slope",
    "drinking",
    "effort_choices",
    "escapes",
    "failing",
    "failure_classes",
    "failure_course",
    "go_nogo_accuracy",
    "go_nogo_biases",
    "hazards_hit",
    "helplessness",
    "immobility",
    "in_groups",
    "in_phases",
    "matched",
    "needs",
    "peri_event",
    "present",
    "response_bias",
    "reversals",
    "selection",
    "shock_onset",
    "stages",
    "stay_shift",
    "step_through",
    "switch_latency",
    "value_bias",
]
