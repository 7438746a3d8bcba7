"""A readout refuses, in one sentence, trials that cannot be those of its task."""

import functools

import pytest

import habenula_rl as hrl
from habenula_rl import readouts, tasks
from habenula_rl.agents import QLearning

ARGUMENTS = {
    "approach": {"rewards": 3, "shocks": 3},
    "breakpoints": {"ratios": tasks.ProgressiveRatio().ratios},
    "discounting": {"blocks": 4, "free_trials": 10, "forced_trials": 8},
    "drinking": {"sucrose": 1, "water": 2},
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
ALIKE = {  # by numbers alone cues are not told from offers or levers, of which the user says how many there are
    "approach": ("GoNoGo", "PavlovianConditioning", "ProbabilisticReward"),
    "breakpoints": ("GoNoGo", "PavlovianConditioning", "ProbabilisticReward"),
    "discounting": ("GoNoGo", "SucrosePreference"),
    "effort_choices": ("GoNoGo", "SucrosePreference"),
}
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
    if name in (*OWN[readout], *ALIKE.get(readout, ())):
        return
    with pytest.raises(ValueError, match=f"^{readout} reads trials of .*{OWN[readout][0]}"):
        read(readout, trials(name))


def refused(readout, rows, *args, **others):
    with pytest.raises(ValueError) as caught:
        read(readout, rows, *args, **others)
    return str(caught.value)


PICK = "pick the phases of that task"
SENTENCES = [
    ("response_bias", "GoNoGo", "response_bias reads trials of ProbabilisticReward, where state is 0 to 1; in phase "
     f"'GoNoGo' it is 3: {PICK}"),
    ("breakpoints", "SucrosePreference", "breakpoints reads trials of ProgressiveRatio, where action is 0 to 1; in "
     f"phase 'SucrosePreference' it is 2: {PICK}, or say work of a task of your own"),
    ("selection", "GoNoGo", "selection reads trials of ProbabilisticSelection, where state is 1 to 15; in phase "
     f"'GoNoGo' it is 0: {PICK}"),
    ("go_nogo_biases", "ReversalLearning", "go_nogo_biases reads trials of GoNoGo, where each trial ends in its own "
     f"state; in phase 'ReversalLearning' state 0 is followed by 2: {PICK}"),
    ("effort_choices", "ProbabilisticReward", "effort_choices reads trials of EffortChoice, where each trial ends in "
     f"its own state; in phase 'ProbabilisticReward' state 1 is followed by 3: {PICK}"),
]  # fmt: skip


@pytest.mark.parametrize(("readout", "name", "sentence"), SENTENCES)
def test_the_sentences(readout, name, sentence):
    assert refused(readout, trials(name)) == sentence


def test_a_task_of_ones_own_is_read_by_its_own_numbers():
    read("breakpoints", trials("SucrosePreference"), work=2)
    read("avoidance", trials("PavlovianConditioning"), warning=4, shock=3)


def test_there_must_be_trials_with_the_columns_that_are_read():
    rows = trials("ProbabilisticReward")
    assert "the trials hold no next_state" in refused("response_bias", rows.drop(columns="next_state"))
    run = hrl.simulate(QLearning(), tasks.ProbabilisticReward(), n_subjects=2, n_trials=5, record="summary")
    assert refused("response_bias", run.trials).startswith("response_bias: there are no trials")


@pytest.mark.parametrize(
    ("readout", "where"), [("conditioned_response", "never comes on"), ("cue_value", "no step begins")]
)
def test_a_cue_that_never_occurs_is_refused_with_those_that_do(readout, where):
    said = refused(readout, trials("PavlovianConditioning"), cues=[4, 44])
    assert said.startswith(f"{readout}: cues has the state 44, ") and where in said
    assert said.endswith("; only 0, 1, 2, 3, 4, 5, 6, 7, did you mean '4'?")
    assert refused(readout, trials("PavlovianConditioning"), cues=["A"]) == (
        f"{readout}: cues takes numbers of states or actions, the place of its name in the task's states or actions, "
        "counted from 0, not ['A']"
    )


def test_a_cue_must_come_on():
    said = refused("conditioned_response", trials("GoNoGo"), cues=[1])
    assert said == "conditioned_response: cues has the state 1, which never comes on; none does"


def test_an_event_that_never_happens_is_refused():
    rows, events = trials("PavlovianConditioning"), {"cue": (4, 5), "other": (44,)}
    assert set(read("peri_event", rows, ["value"], events=events, at="cue")["other"]) == {-1}
    said = refused("peri_event", rows, ["value"], events=events, at="other")
    assert said.startswith("peri_event: events 'other' has the state 44, which never comes on; only")
    said = refused("peri_event", rows, ["value"], events={"cue": ("A",)}, at="cue")
    assert said.startswith("peri_event: events 'cue' takes numbers of states")
