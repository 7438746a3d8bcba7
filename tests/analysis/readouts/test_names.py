"""Readouts read names: of the task where the table has numbers, of the table where it has words."""

import functools
import inspect
import pkgutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl import tasks
from habenula_rl.agents import QLearning
from habenula_rl.analysis import readouts
from habenula_rl.analysis.readouts.reads import papers

SIX = tasks.Bandit(probabilities=(0.2, 0.8, 0.1, 0.1, 0.3, 0.2), rewards=(1,) * 6, punishments=(0,) * 6)


def needed(readout):
    """The arguments that it cannot do without."""
    return {name for name, p in inspect.signature(readout).parameters.items() if p.default is p.empty}


VARIANTS = [  # a readout, a task with parameters that change numbers or sizes, and further arguments
    ("approach", tasks.ApproachAvoidance(rewards=(1.0, 2.0), shocks=(0.0, 0.2, 0.5, 1.0)), {}),
    ("avoidance", tasks.ActiveAvoidance(warning_s=2, max_shock_s=2), {}),
    ("avoidance", tasks.ShuttleBox(durations_s=(3,)), {}),
    ("best_choices", tasks.Bandit(probabilities=(0.2, 0.8), rewards=(1,) * 2, punishments=(0,) * 2), {}),
    ("best_choices", SIX, {}),
    ("breakpoints", tasks.ProgressiveRatio(ratios=(2, 30), session_s=60), {}),
    ("choice_share", tasks.MagnitudeShift(free=False), {"action": "shifting"}),
    ("choice_share", tasks.MagnitudeShift(free=True), {"action": "shifting"}),
    ("choice_share", tasks.RiskChoice(free=True), {"action": "risky", "among": ("safe", "risky")}),
    ("conditioned_response", tasks.PavlovianConditioning(schedule="30 X+ Y-"), {"cues": ["X", "Y"]}),
    ("discounting", tasks.ProbabilisticDiscounting(odds=(1.0, 0.5), forced_trials=2, free_trials=3), {}),
    ("discounting", tasks.ProbabilisticDiscounting(cued=False, free=True, forced_trials=0, free_trials=5), {}),
    ("drinking", tasks.SucrosePreference(free=True), {}),
    ("drinking", tasks.SucrosePreference(free=False), {}),
    ("effort_choices", tasks.EffortChoice(amounts=(1.0, 2.0), odds=(0.5, 1.0)), {}),
    ("escapes", tasks.ShuttleBox(durations_s=(2, 4)), {}),
    ("failure_course", tasks.ShuttleBox(durations_s=(2, 4)), {}),
    ("go_nogo_accuracy", tasks.GoNoGo(sets=1), {}),
    ("go_nogo_accuracy", tasks.GoNoGo(sets=3), {"bin_exposures": 2}),
    ("go_nogo_biases", tasks.GoNoGo(sets=3), {}),
    ("hazards_hit", tasks.GridWorld(width=2, hurts=(0, 1, 0, 0), pays=(0, 0, 0, 1)), {}),
    ("helplessness", tasks.ShuttleBox(durations_s=(2, 4)), {}),
    ("immobility", tasks.ForcedSwim(), {"from_s": 10, "until_s": 20}),
    ("response_bias", tasks.ProbabilisticReward(), {}),
    ("reversals", tasks.ReversalLearning(probabilities=(0.8, 0.2, 0.2)), {}),
    ("selection", tasks.ProbabilisticSelection(), {}),
    ("shock_onset", tasks.ShuttleBox(durations_s=(3,)), {}),
    ("stages", tasks.ReversalLearning(), {}),
    ("stay_shift", tasks.Bandit(), {}),
    ("step_through", tasks.PassiveAvoidance(cutoff_s=10), {}),
    ("switch_latency", tasks.MagnitudeShift(free=True, baseline_trials=5), {"action": "shifting"}),
]
DEFAULTS = [  # and every readout that needs nothing but trials and their task, in that task with its defaults
    (name, tasks.TASKS[papers(readout)[0]](), {})
    for name, readout in readouts.READOUTS.items()
    if papers(readout) and "trials" in inspect.signature(readout).parameters and needed(readout) <= {"trials", "task"}
]
PLAIN = {"best_choices", "reversals", "stages", "stay_shift"}  # compare choices, whatever they are called


@functools.cache
def run(task):
    return hrl.simulate(QLearning(), task, n_subjects=4, n_trials=40, seed=3, compiled=False).trials


def in_words(rows, task):
    """The table as someone would write it who has never seen a number."""
    named = {"action": task.actions, "state": task.states, "next_state": task.states}
    return rows.assign(**{column: np.array(names)[rows[column]] for column, names in named.items()})


@pytest.mark.parametrize(("readout", "task", "more"), [*VARIANTS, *DEFAULTS], ids=lambda one: str(one)[:60])
def test_numbers_with_their_task_read_as_the_words_that_they_stand_for(readout, task, more):
    given = more | ({} if readout in PLAIN else {"task": task})
    by_number = getattr(readouts, readout)(run(task), **given)
    rows = in_words(run(task), task)
    if readout in PLAIN:
        rows = rows.assign(best=rows["next_state"].str.removesuffix(" was best")).drop(columns=["state", "next_state"])
    same = pd.testing.assert_series_equal if readout == "shock_onset" else pd.testing.assert_frame_equal
    same(getattr(readouts, readout)(rows, **given), by_number)


def test_every_readout_of_a_task_is_tried():
    tried = {readout for readout, *_ in [*VARIANTS, *DEFAULTS]} | {"cue_value"}  # which is tried in test_pavlovian.py
    takes = {name: inspect.signature(readout).parameters for name, readout in readouts.READOUTS.items()}
    derived = {name for name in takes if "trials" not in takes[name]}
    signals = {name for name in takes if not papers(readouts.READOUTS[name])}
    assert {*takes} == tried | derived | signals
    assert derived >= {"approach_index", "discounting_slope", "failing", "failure_classes"}
    assert signals == {"at_rest", "course", "peri_event", "value_bias"}


def test_every_public_function_beside_the_others_is_a_readout():
    assert readouts.escapes is readouts.READOUTS["escapes"] is readouts.despair.escapes
    assert not {"reads", "prepared", "as_named_here", "papers", "by_group"} & {*readouts.READOUTS}
    assert readouts.__all__ == sorted({*readouts.READOUTS, *readouts.__all__})
    modules = {module.name for module in pkgutil.iter_modules(readouts.__path__)}
    assert not modules & {*readouts.READOUTS}, "a readout may not be called as a module is"


def test_every_task_of_the_package_has_a_measure_and_each_is_of_its_task():
    assert {*readouts.MEASURES} <= {*tasks.TASKS} and len(readouts.MEASURES) >= 18


@pytest.mark.parametrize("free", [True, False])
def test_preference_counts_licks_by_the_tasks_own_numbers(free):
    task = tasks.SucrosePreference(free=free)
    rows = run(task)
    sweet = (rows["action"] == task.actions.index("sucrose")).sum()
    water = (rows["action"] == task.actions.index("water")).sum()
    found = readouts.drinking(rows.assign(subject=0, trial=range(len(rows))), task=task)["preference"].iloc[0]
    assert found == pytest.approx(sweet / (sweet + water))


def test_nothing_that_is_passed_makes_another_preference_of_the_default_task():
    rows = hrl.simulate(QLearning(), tasks.SucrosePreference(), n_subjects=200, n_trials=30, seed=1).trials
    assert readouts.drinking(rows)["preference"].mean() == pytest.approx(0.831, abs=0.01)  # 0 and 1 as actions: .127
    for wrong in (
        {"sucrose": 0, "water": 1},
        {"actions": {"sucrose": 0, "water": 1}},
        {"actions": {"sucrose": "nothing", "water": "nothing"}},
        {"task": tasks.SucrosePreference(free=False)},
        {"task": tasks.ForcedSwim()},
        {"columns": {"action": "next_state"}},
    ):
        with pytest.raises(ValueError, match=r"drinking|columns"):
            readouts.drinking(rows, **wrong)


def test_trials_of_forced_drinking_are_not_taken_for_free_ones():
    with pytest.raises(ValueError, match=r"no action is 'water' in the default SucrosePreference, .*; say which"):
        readouts.drinking(run(tasks.SucrosePreference(free=False)))


PEOPLE = pd.DataFrame(
    {
        "who": ["ann"] * 5 + ["bob"] * 4,
        "n": [1, 2, 3, 4, 5, 1, 2, 3, 4],
        "pick": ["left", "left", "right", None, "left", "right", "right", "left", "left"],
        "points": [1, 0, 1, np.nan, 1, 0, 0, 1, 0],
        "good": ["left", "left", "left", "left", "right", "right", "right", "right", "right"],
    }
)
COLUMNS = {"subject": "who", "trial": "n", "action": "pick", "outcome": "points", "best": "good"}


def test_a_plain_table_of_choices():
    # ann: stays after a win, shifts after a loss, shifts after a win (over the missed trial); bob: stays, shifts, stays
    columns = {name: COLUMNS[name] for name in ("subject", "trial", "action", "outcome")}
    found = readouts.stay_shift(PEOPLE, columns=columns).set_index("subject")
    assert found[["wins", "losses"]].to_numpy().tolist() == [[2, 1], [1, 2]]
    assert found["win_stay"].to_dict() == {"ann": 0.5, "bob": 1.0}
    assert found["lose_shift"].to_dict() == {"ann": 1.0, "bob": 0.5}
    assert found[["group", "phase"]].drop_duplicates().to_numpy().tolist() == [["all", "all"]]
    best = readouts.best_choices(PEOPLE, columns=COLUMNS)
    assert best["best"].tolist() == [0.5, 0.5]
    assert readouts.reversals(PEOPLE, columns=COLUMNS)["reversals"].tolist() == [1, 0]
    share = readouts.choice_share(PEOPLE, action="left", columns=columns)
    assert share["share"].tolist() == [0.75, 0.5]


def test_names_of_ones_own():
    rows = pd.DataFrame({"subject": 1, "trial": range(5), "action": ["L", "L", "R", "-", "L"]})
    names = {"sucrose": "L", "water": "R", "nothing": "-"}
    assert readouts.drinking(rows, actions=names)["preference"].tolist() == pytest.approx([0.75])
    assert readouts.drinking(rows.replace("-", "R"), actions={"sucrose": "L", "water": "R"})["drinks"].tolist() == [1.0]
    with pytest.raises(
        ValueError, match=r"drinking: action '-' is none of nothing, sucrose, water; say what it is with"
    ):
        readouts.drinking(rows, actions={"sucrose": "L", "water": "R"})
    with pytest.raises(ValueError, match="there is no action 'sucrse', did you mean 'sucrose'"):
        readouts.drinking(rows, actions=names | {"sucrse": "L2"})
    with pytest.raises(ValueError, match="has one name for two"):
        readouts.drinking(rows, actions=names | {"water": "L"})


def test_go_nogo_of_people_with_cues_of_their_own():
    rows = pd.DataFrame(
        {"subject": 1, "trial": range(6), "cue": list("abcdab"), "response": ["go", "go", "go", "no-go", "go", "no-go"]}
    )
    cues = dict(
        zip(
            [f"{name}, set 1" for name in ("go to win", "go to avoid", "no-go to win", "no-go to avoid")],
            "abcd",
            strict=True,
        )
    )
    columns = {"state": "cue", "action": "response"}
    found = readouts.go_nogo_accuracy(rows, columns=columns, states=cues).set_index("condition")
    assert found["accuracy"].to_dict() == {
        "go_to_avoid": 0.5,
        "go_to_win": 1.0,
        "no_go_to_avoid": 1.0,
        "no_go_to_win": 0.0,
    }
    silent = rows.assign(response=["go", "go", "go", None, "go", None])
    with pytest.raises(ValueError, match="subject 1 has no action in row 3; where to do nothing is an action"):
        readouts.go_nogo_accuracy(silent, columns=columns, states=cues)


def test_a_task_of_ones_own_is_read_by_its_own_names():
    class Bottles(tasks.SucrosePreference):
        @property
        def actions(self):
            return ("left", "right", "neither")

    rows = pd.DataFrame({"subject": 1, "trial": range(4), "action": [0, 0, 1, 2]})
    own = Bottles()
    with pytest.raises(ValueError, match="the actions left, right, neither have no 'sucrose'; say which it is with"):
        readouts.drinking(rows, task=own)
    found = readouts.drinking(rows, task=own, actions={"sucrose": "left", "water": "right"}).iloc[0]
    assert (found["preference"], found["drinks"]) == (pytest.approx(2 / 3), 0.75)


@pytest.mark.parametrize("column", ["subject", "trial", "action", "outcome"])
def test_a_missing_column_is_named(column):
    rows = PEOPLE.rename(columns={there: here for here, there in COLUMNS.items()}).drop(columns=["best", column])
    with pytest.raises(ValueError, match=rf"^stay_shift needs a column '{column}', which the trials do not have"):
        readouts.stay_shift(rows)


def test_what_a_table_of_choices_cannot_mean_is_refused():
    rows = pd.DataFrame({"subject": 1, "trial": range(6), "action": [0, 1, 1, 0, 1, 0], "outcome": 1.0})
    for action, why in (
        ([0, 1, 99, 0, 1, 0], "actions 0, 1, 99 occur, 2 to 98 never: give missing=99 if that is no response"),
        ([-1, 1, 1, -1, 1, 1], "actions -1 and 1 occur"),
        ([0, 1, -9, 0, 1, 0], "actions -9, 0, 1 occur"),
        ([None] * 6, "no response in any trial"),
    ):
        with pytest.raises(ValueError, match=why):
            readouts.stay_shift(rows.assign(action=pd.Series(action, dtype=float)))
    with pytest.raises(ValueError, match="the best arm is 2, which nobody chose"):
        readouts.best_choices(rows.assign(best=[1, 2, 2, 1, 2, 1]))
    with pytest.raises(ValueError, match="row 2 has no subject"):
        readouts.stay_shift(rows.assign(subject=[1, 1, None, 1, 1, 1]))
    with pytest.raises(ValueError, match=r"subject 1 has trial 0 twice; .* a column 'block' or 'session'"):
        readouts.stay_shift(rows.assign(trial=[0, 1, 2] * 2))


def test_trials_that_begin_anew_in_each_block_are_counted_through():
    rows = pd.DataFrame(
        {"subject": 1, "trial": range(6), "action": [0, 1, 1, 0, 1, 0], "outcome": [1.0, 0, 1, 0, 1, 0]}
    )
    anew = rows.assign(trial=[1, 2, 3] * 2, block=[1] * 3 + [2] * 3).sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(readouts.stay_shift(anew), readouts.stay_shift(rows))


def test_a_subject_in_the_index_is_read():
    rows = PEOPLE.rename(columns={there: here for here, there in COLUMNS.items()})
    pd.testing.assert_frame_equal(readouts.stay_shift(rows.set_index("subject")), readouts.stay_shift(rows))


SHARED = next((p / "shared" / "data" for p in Path(__file__).parents if (p / "shared" / "data").is_dir()), None)


@pytest.mark.skipif(SHARED is None, reason="the public data set lies beside the checkout of the developers only")
def test_a_public_data_set_gives_what_was_counted_in_it():
    """Zorowitz et al. 2023, doi 10.1038/s41562-023-01640-7: stay after reward .868, after none .353."""
    people = pd.read_csv(SHARED / "reversal_learning" / "trials.csv")
    columns = {"action": "choice", "best": "correct"}
    found = readouts.stay_shift(people, columns=columns)
    assert len(found) == 406
    assert np.average(found["win_stay"], weights=found["wins"]) == pytest.approx(0.868, abs=5e-4)
    assert 1.0 - np.average(found["lose_shift"], weights=found["losses"]) == pytest.approx(0.353, abs=5e-4)
    best = readouts.best_choices(people, columns=columns)
    assert best["best"].mean() == pytest.approx(people["accuracy"].mean())
    assert set(readouts.reversals(people, columns=columns)["reversals"]) <= set(range(6))
