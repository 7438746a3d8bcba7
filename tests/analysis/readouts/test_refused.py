"""A readout refuses, in one sentence, trials that cannot be those of its task."""

import functools

import pytest

import habenula_rl as hrl
from habenula_rl import tasks
from habenula_rl.agents import QLearning
from habenula_rl.analysis import readouts

ARGUMENTS = {
    "approach": {"task": tasks.ApproachAvoidance()},
    "breakpoints": {"task": tasks.ProgressiveRatio()},
    "discounting": {"task": tasks.ProbabilisticDiscounting()},
    "cue_value": {"task": tasks.PavlovianConditioning()},
    "conditioned_response": {"task": tasks.PavlovianConditioning()},
    "peri_event": {"task": tasks.PavlovianConditioning()},
}
OWN = {  # whose trials each readout takes
    "approach": ("ApproachAvoidance",),
    "avoidance": ("ActiveAvoidance", "ShuttleBox"),
    "best_choices": ("Bandit", "ReversalLearning"),
    "breakpoints": ("ProgressiveRatio",),
    "discounting": ("ProbabilisticDiscounting",),
    "drinking": ("SucrosePreference",),
    "effort_choices": ("EffortChoice",),
    "escapes": ("ActiveAvoidance", "ShuttleBox"),
    "go_nogo_accuracy": ("GoNoGo",),
    "go_nogo_biases": ("GoNoGo",),
    "helplessness": ("ActiveAvoidance", "ShuttleBox"),
    "immobility": ("ForcedSwim",),
    "response_bias": ("ProbabilisticReward",),
    "reversals": ("Bandit", "ReversalLearning"),
    "selection": ("ProbabilisticSelection",),
    "stages": ("Bandit", "ReversalLearning"),
    "step_through": ("PassiveAvoidance",),
}
FOREIGN = ("FrozenLake-v1", "GoNoGo", "PavlovianConditioning", "ProbabilisticReward", "SucrosePreference")
SHORT = {"ProgressiveRatio": {"session_s": 60}}


@functools.cache
def trials(name, **parameters):
    task = getattr(tasks, name)(**SHORT.get(name, {})) if name in tasks.TASKS else name
    return hrl.simulate(QLearning(), task, n_subjects=3, n_trials=30, seed=1, compiled=False).trials


def read(readout, rows, *args, **others):
    return getattr(readouts, readout)(rows, *args, **ARGUMENTS.get(readout, {}) | others)


@pytest.mark.parametrize(("readout", "name"), [(readout, name) for readout, names in OWN.items() for name in names])
def test_trials_of_its_own_task_are_taken(readout, name):
    assert len(read(readout, trials(name)))


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("readout", OWN)
def test_trials_of_other_tasks_are_refused(readout, name):
    if name in OWN[readout]:
        return
    with pytest.raises(ValueError, match=f"^{readout} reads trials of .*{OWN[readout][0]}"):
        read(readout, trials(name))


def refused(readout, rows, *args, **others):
    with pytest.raises(ValueError) as caught:
        read(readout, rows, *args, **others)
    return str(caught.value)


PICK = "pick the phases of that task, or give yours as task="
SENTENCES = [
    (
        "response_bias",
        "GoNoGo",
        "response_bias reads trials of ProbabilisticReward, where a step begins in looks "
        f"rich or looks lean; in phase 'late' one begins in lean was shown: {PICK}",
    ),
    (
        "breakpoints",
        "SucrosePreference",
        f"breakpoints reads trials of ProgressiveRatio, where action is 0 to 1; in phase 'late' it is 2: {PICK}",
    ),
    (
        "selection",
        "GoNoGo",
        "selection reads trials of ProbabilisticSelection, where a trial shows a pair of stimuli; "
        f"in phase 'late' one shows the screen: {PICK}",
    ),
    (
        "go_nogo_biases",
        "ReversalLearning",
        "go_nogo_biases reads trials of GoNoGo, where each trial ends in its own "
        f"state; in phase 'late' 'go to win, set 1' is followed by 'no-go to win, set 1': {PICK}",
    ),
    (
        "best_choices",
        "GoNoGo",
        f"best_choices reads trials of Bandit or ReversalLearning, where state is 0; in phase 'late' it is 3: {PICK}",
    ),
]


@pytest.mark.parametrize(("readout", "name", "sentence"), SENTENCES)
def test_the_sentences(readout, name, sentence):
    assert refused(readout, trials(name).assign(phase="late")) == sentence


def test_there_must_be_trials_with_the_columns_that_are_read():
    rows = trials("ProbabilisticReward")
    assert "response_bias needs a column 'next_state'" in refused("response_bias", rows.drop(columns="next_state"))
    run = hrl.simulate(QLearning(), tasks.ProbabilisticReward(), n_subjects=2, n_trials=5, record="summary")
    assert refused("response_bias", run.trials).startswith("response_bias: there are no trials")


@pytest.mark.parametrize(
    ("readout", "where"), [("conditioned_response", "never comes on"), ("cue_value", "no step begins")]
)
def test_a_cue_that_never_occurs_is_refused_with_those_that_do(readout, where):
    said = refused(readout, trials("PavlovianConditioning"), cues=["A", "AA"])
    assert said.startswith(f"{readout}: cues has 'AA', ") and where in said
    assert "; only " in said and said.endswith(", did you mean 'A'?")
    assert refused(readout, trials("PavlovianConditioning"), cues=[4]) == (
        f"{readout}: cues takes the names of states, as in the task, not 4"
    )


def test_a_cue_must_come_on():
    said = refused("conditioned_response", trials("GoNoGo").assign(phase="late"), cues=["A"])
    assert said == "conditioned_response: cues has 'A', which never comes on; none does"


def test_an_event_that_never_happens_is_refused():
    rows, events = trials("PavlovianConditioning"), {"cue": ("A", "B"), "other": ("AX",)}
    assert set(read("peri_event", rows, ["value"], events=events, at="cue")["other"]) == {""}
    said = refused("peri_event", rows, ["value"], events=events, at="other")
    assert said.startswith("peri_event: events 'other' has 'AX', which never comes on; only")
    said = refused("peri_event", rows, ["value"], events={"cue": (4,)}, at="cue")
    assert said == "peri_event: events 'cue' takes the names of states, as in the task, not 4"


OLD = [  # numbers that a user could get wrong, as they were once given
    ("drinking", "SucrosePreference", {"sucrose": 0, "water": 1}),
    ("avoidance", "ActiveAvoidance", {"cross": 0}),
    ("avoidance", "ActiveAvoidance", {"warning": 4, "shock": 3}),
    ("step_through", "PassiveAvoidance", {"enter": 0}),
    ("approach", "ApproachAvoidance", {"rewards": 3}),
    ("discounting", "ProbabilisticDiscounting", {"blocks": 4}),
    ("discounting", "ProbabilisticDiscounting", {"risky": 1, "small": 0}),
    ("breakpoints", "ProgressiveRatio", {"work": 0}),
    ("breakpoints", "ProgressiveRatio", {"ratios": [1]}),
    ("effort_choices", "EffortChoice", {"take": 2}),
    ("immobility", "ForcedSwim", {"action": 1}),
    ("conditioned_response", "PavlovianConditioning", {"response": 0}),
    ("shock_onset", "ShuttleBox", {"shock": 1}),
    ("hazards_hit", "GridWorld", {"hazards": [1], "goal": 3}),
]


@pytest.mark.parametrize(("readout", "name", "numbers"), OLD)
def test_numbers_are_refused_and_the_new_way_is_named(readout, name, numbers):
    said = refused(readout, trials(name), **numbers)
    assert said.startswith(
        f"{readout} takes no {next(iter(numbers))}=: numbers have their meaning from the task; give task="
    )
