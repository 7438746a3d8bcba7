"""Each task's rules against sequences worked out by hand; costs are powers of two, so that sums are exact."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import habenula_rl as hrl
from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.tasks import TASKS, ForcedSwim, ShuttleBox, SucrosePreference

STAY, CROSS = 0, 1
FLOAT, STRUGGLE = 0, 1
MORE, ENDED, CUT_OFF = (False, False), (True, False), (False, True)
COSTS = {"cost": 0.5, "effort": 0.25}


def played(task, *trials, seed=0):
    """What each trial of actions shows: its first state, then (state, reward, (terminated, truncated)) by step."""
    env = TaskEnvironment(task)
    shown = []
    for t, actions in enumerate(trials):
        first, _ = env.reset(seed=seed) if t == 0 else env.reset()
        steps = [env.step(action) for action in actions]
        names = task.states
        shown.append([names[first], *((names[state], reward, (te, tr)) for state, reward, te, tr, _ in steps)])
    return shown


def test_a_crossing_ends_the_shock():
    task = ShuttleBox(**COSTS)
    assert played(task, [STAY, CROSS]) == [["shock", ("shock", -0.5, MORE), ("safe", -0.5, ENDED)]]


def test_three_crossings_end_the_shock_whatever_lies_between_them():
    task = ShuttleBox(responses=3, **COSTS)
    [trial] = played(task, [CROSS, STAY, CROSS, CROSS])
    assert trial == [
        "shock",
        ("shock", -0.75, MORE),
        ("shock", -0.5, MORE),
        ("shock", -0.75, MORE),
        ("safe", -0.5, ENDED),
    ]


def test_crossings_are_counted_anew_in_each_trial():
    task = ShuttleBox(responses=2, **COSTS)
    _, second = played(task, [CROSS, CROSS], [CROSS, CROSS])
    assert second == ["shock", ("shock", -0.75, MORE), ("safe", -0.5, ENDED)]


def test_a_failure_is_truncated_not_terminated():
    task = ShuttleBox(max_shock_s=3, **COSTS)
    [trial] = played(task, [STAY, STAY, STAY])
    assert trial == ["shock", ("shock", -0.5, MORE), ("shock", -0.5, MORE), ("shock", -0.5, CUT_OFF)]
    assert task.max_steps == 3


def test_an_escape_in_the_last_second_is_terminated():
    [trial] = played(ShuttleBox(max_shock_s=3, **COSTS), [STAY, STAY, CROSS])
    assert trial[-1] == ("safe", -0.5, ENDED)


def test_inescapable_shocks_last_as_long_as_their_durations_and_repeat_them():
    task = ShuttleBox(escapable=False, durations_s=[2, 1], **COSTS)
    first, second, third = played(task, [CROSS, STAY], [CROSS], [STAY, CROSS])
    assert first == ["shock", ("shock", -0.75, MORE), ("safe", -0.5, CUT_OFF)]
    assert second == ["shock", ("safe", -0.75, CUT_OFF)]
    assert third == ["shock", ("shock", -0.5, MORE), ("safe", -0.75, CUT_OFF)]


def test_an_inescapable_shock_is_cut_off_at_the_longest_shock():
    task = ShuttleBox(escapable=False, durations_s=[9], max_shock_s=2, **COSTS)
    assert played(task, [STAY, STAY])[0][-1] == ("shock", -0.5, CUT_OFF)


def test_a_second_of_shock_costs_as_far_as_the_shock_lasts():
    task = ShuttleBox(escapable=False, durations_s=[2.5, 1.25], **COSTS)
    first, second = played(task, [STAY, STAY, CROSS], [STAY, STAY])
    assert first == ["shock", ("shock", -0.5, MORE), ("shock", -0.5, MORE), ("safe", -0.25 - 0.25, CUT_OFF)]
    assert second == ["shock", ("shock", -0.5, MORE), ("safe", -0.125, CUT_OFF)]


def test_a_crossing_can_halve_what_it_cannot_end():
    """Control over intensity alone: from the second after it on the shock is weaker, and lasts as long."""
    task = ShuttleBox(escapable=False, durations_s=[3], lessened=0.5, **COSTS)
    assert task.states[3:] == ("weaker shock",) and task.aversive == (0.0, 0.0, 1.0, 0.5)
    crossed, stayed = played(task, [CROSS, STAY, CROSS], [STAY, STAY, STAY])
    assert crossed == ["shock", ("weaker shock", -0.75, MORE), ("weaker shock", -0.25, MORE), ("safe", -0.5, CUT_OFF)]
    assert stayed[1:] == [("shock", -0.5, MORE), ("shock", -0.5, MORE), ("safe", -0.5, CUT_OFF)]


def test_an_animal_on_a_leash_can_only_cross_and_learns_about_shock():
    """In the second of three trials; a shock on a leash is made of shock, costs as much, and is escaped alike."""
    task = ShuttleBox(pulled=(1, 2), warning_s=1, max_shock_s=3, **COSTS)
    assert task.states == ("safe", "warning", "shock", "shock on a leash") and task.elements[3] == (2,)
    assert task.available == ((True, True),) * 3 + ((False, True),) and task.aversive == (0.0, 0.0, 1.0, 1.0)
    before, pulled, after = played(task, [STAY, STAY, CROSS], [STAY, CROSS], [STAY, CROSS])
    assert before == ["warning", ("shock", 0.0, MORE), ("shock", -0.5, MORE), ("safe", -0.5, ENDED)]
    assert pulled == ["warning", ("shock on a leash", 0.0, MORE), ("safe", -0.5, ENDED)]
    assert after == ["warning", ("shock", 0.0, MORE), ("safe", -0.5, ENDED)]


def test_a_leash_beside_weaker_shock_has_its_own_state():
    task = ShuttleBox(pulled=(0, 1), escapable=False, durations_s=[2], lessened=0.5, **COSTS)
    assert task.states[3:] == ("weaker shock", "shock on a leash")
    [trial] = played(task, [CROSS, CROSS])
    assert trial == ["shock on a leash", ("weaker shock", -0.75, MORE), ("safe", -0.5, CUT_OFF)]


@pytest.mark.parametrize("pulled", [(0, 0), (5, 5)])
def test_without_a_trial_on_a_leash_the_box_is_as_ever(pulled):
    box = ShuttleBox(pulled=pulled)
    assert (box.states, box.available, box.elements) == (ShuttleBox().states, (), ShuttleBox().elements)


def test_a_leash_needs_its_first_trial_and_the_one_after_its_last():
    with pytest.raises(ValueError, match="pulled must hold 2 numbers of trials, not 1"):
        ShuttleBox(pulled=(3,))
    with pytest.raises(ValueError, match="pulled must not end, at 3, before it begins, 7"):
        ShuttleBox(pulled=(7, 3))


def rows_of(task, *trials, seed=0):
    """What is recorded of one subject."""
    names = ["subject", "trial", "step", "state", "action", "outcome", "terminated", "truncated"]
    kinds = ["i4", "i4", "i4", "i2", "i2", "f4", "i1", "i1"]
    env, rows = TaskEnvironment(task), []
    for t, actions in enumerate(trials):
        state, _ = env.reset(seed=seed) if t == 0 else env.reset()
        for step, action in enumerate(actions):
            reached, reward, terminated, truncated, _ = env.step(action)
            rows.append((3, t, step, state, action, reward, terminated, truncated))
            state = reached
    return np.array(rows, list(zip(names, kinds, strict=True)))


@pytest.mark.parametrize("costs", [COSTS, {"cost": 0.1, "effort": 0.1}, {"cost": 0.1, "effort": 0.0}])
def test_yoked_subjects_pay_for_each_shock_what_their_partners_pay(costs):
    # escaped in the 3rd second, failed after 3, and escaped at once
    partner = ShuttleBox(max_shock_s=3, **costs)
    theirs = rows_of(partner, [STAY, STAY, CROSS], [STAY] * 3, [CROSS])
    durations = partner.durations(theirs, 3, 1, 3)
    assert durations.tolist() == [[2.5, 3.0, 0.5]]
    yoked = ShuttleBox(max_shock_s=3, escapable=False, **costs).replace(durations_s=durations[0, :2].tolist())
    given = rows_of(yoked, [STAY, STAY, CROSS], [STAY] * 3)
    assert yoked.durations(given, 3, 1, 2).tolist() == [[2.5, 3.0]]
    assert given["outcome"].tolist() == theirs["outcome"][theirs["trial"] < 2].tolist()


@pytest.mark.parametrize("costs", [{"cost": 0.0}, {"shock": 0.0}, {"effort": 0.0, "cost": 0.0}, {}])
def test_a_failure_lasts_the_longest_shock_whatever_it_costs(costs):
    box = ShuttleBox(max_shock_s=3, **costs)
    assert box.durations(rows_of(box, [STAY] * 3, [STAY, CROSS]), 3, 1, 2).tolist() == [[3.0, 1.5]]


def test_shocks_of_any_length_are_read_from_what_they_cost():
    box = ShuttleBox(escapable=False, max_shock_s=5, durations_s=[2.3, 4.0, 1.125, 9.0], lessened=0.47)
    shocked = rows_of(box, [CROSS, STAY, CROSS], [STAY] * 4, [STAY, CROSS], [CROSS] * 5)
    assert box.durations(shocked, 3, 1, 4).tolist() == [[2.3, 4.0, 1.125, 5.0]]


def test_the_last_second_of_a_shock_that_costs_nothing_is_not_guessed():
    box = ShuttleBox(escapable=False, durations_s=[2], lessened=0.0)
    shocked = box.durations(rows_of(box, [STAY, STAY], [CROSS, STAY]), 3, 1, 2)
    assert shocked[0, 0] == 2.0 and np.isnan(shocked[0, 1])


def test_the_shock_follows_the_warning_signal():
    task = ShuttleBox(warning_s=2, max_shock_s=2, **COSTS)
    [trial] = played(task, [STAY, STAY, STAY, STAY])
    assert trial == [
        "warning",
        ("warning", 0.0, MORE),
        ("shock", 0.0, MORE),
        ("shock", -0.5, MORE),
        ("shock", -0.5, CUT_OFF),
    ]
    assert task.max_steps == 4


def test_a_crossing_during_the_warning_signal_avoids_the_shock():
    [trial] = played(ShuttleBox(warning_s=2, **COSTS), [STAY, CROSS])
    assert trial == ["warning", ("warning", 0.0, MORE), ("safe", -0.25, ENDED)]


def test_a_crossing_during_the_warning_signal_counts_towards_the_ratio():
    [trial] = played(ShuttleBox(warning_s=1, responses=2, **COSTS), [CROSS, CROSS])
    assert trial == ["warning", ("shock", -0.25, MORE), ("safe", -0.5, ENDED)]


def test_a_warned_inescapable_shock_cannot_be_avoided():
    task = ShuttleBox(warning_s=1, escapable=False, durations_s=[1], **COSTS)
    assert played(task, [CROSS, STAY]) == [["warning", ("shock", -0.25, MORE), ("safe", -0.5, CUT_OFF)]]


def test_a_weak_shock_costs_and_hurts_less():
    task = ShuttleBox(shock=0.5, **COSTS)
    assert played(task, [STAY]) == [["shock", ("shock", -0.25, MORE)]]
    assert task.aversive == (0.0, 0.0, 0.5)


def test_the_swim_is_as_long_as_it_is_and_nothing_ends_it():
    task = ForcedSwim(length_s=3, water=0.5, **COSTS)
    assert played(task, [FLOAT, STRUGGLE, FLOAT]) == [
        ["water", ("water", -0.25, MORE), ("water", -0.5, MORE), ("water", -0.25, CUT_OFF)]
    ]
    assert (task.max_steps, task.aversive, task.passive) == (3, (0.5,), FLOAT)


def test_free_drinking_brings_sucrose_water_or_nothing():
    task = SucrosePreference(sucrose=1.0, water=0.5, effort=0.25)
    assert played(task, [0], [1], [2]) == [["spouts", ("spouts", reward, ENDED)] for reward in (0.0, 0.75, 0.25)]
    assert (task.actions, task.passive) == (("nothing", "sucrose", "water"), 0)


def test_a_forced_choice_has_no_passive_action():
    task = SucrosePreference(free=False, sucrose=1.0, water=0.5, effort=0.25)
    assert played(task, [0], [1]) == [["spouts", ("spouts", reward, ENDED)] for reward in (0.75, 0.25)]
    assert (task.actions, task.passive) == (("sucrose", "water"), -1)


def splitmix(key, counter):
    """Python integers instead of NumPy's: an independent account of the draw with this number."""
    z = (key + (counter + 1) * 0x9E3779B97F4A7C15) % 2**64
    return _finalised(z)


def _finalised(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


def test_a_drop_comes_when_the_draw_of_that_trial_is_below_delivery():
    seed, stream, subject, n = 9, 1, 0, 200
    key = splitmix(splitmix(_finalised(seed), stream), subject)
    dry = [(splitmix(key, trial << 28) >> 11) / 2**53 >= 0.25 for trial in range(n)]
    task = SucrosePreference(sucrose=1.0, effort=0.25, delivery=0.25)
    rewards = [trial[1][1] for trial in played(task, *([1] for _ in range(n)), seed=seed)]
    assert rewards == [-0.25 if none else 0.75 for none in dry]
    assert 0.6 < sum(dry) / n < 0.9


@pytest.mark.parametrize(("delivery", "reward"), [(0.0, -0.25), (1.0, 0.75)])
def test_delivery_never_and_always(delivery, reward):
    task = SucrosePreference(sucrose=1.0, effort=0.25, delivery=delivery)
    assert {trial[1][1] for trial in played(task, *([1] for _ in range(50)))} == {reward}


@settings(deadline=None, max_examples=60)
@given(
    escapable=st.booleans(),
    responses=st.integers(1, 4),
    warning_s=st.integers(0, 3),
    max_shock_s=st.integers(1, 6),
    durations_s=st.lists(st.integers(1, 8), min_size=1, max_size=3),
    actions=st.lists(st.sampled_from([STAY, CROSS]), min_size=9, max_size=9),
)
def test_every_trial_of_the_shuttle_box_ends_once_and_in_time(actions, **parameters):
    task = ShuttleBox(**parameters)
    env = TaskEnvironment(task)
    env.reset(seed=0)
    steps, end = 0, MORE
    while end == MORE:
        end = env.step(actions[steps])[2:4]
        steps += 1
    assert end in [ENDED, CUT_OFF]
    assert steps <= task.max_steps


@pytest.mark.parametrize("name", TASKS)
def test_choices_are_made_in_the_states_of_which_it_says_so(name):
    task = TASKS[name]()
    trials = hrl.simulate(hrl.agents.QLearning(), task, n_subjects=8, n_trials=60, seed=1).trials
    assert {*trials["state"].unique()} <= {*task.choice_states} <= {*range(len(task.states))}
    if len(task.choice_states) == 1 < len(task.states):
        table = trials.drop(columns="state")
        same = [hrl.log_likelihood(hrl.agents.QLearning(), t, task).tolist() for t in (trials, table)]
        assert same[0] == same[1]


@pytest.mark.parametrize("name", TASKS)
def test_a_task_describes_itself(name):
    task = TASKS[name]()
    assert len(task.aversive) == len(task.states)
    assert all(0.0 <= level <= 1.0 for level in task.aversive)
    assert -1 <= task.passive < len(task.actions)
    headings = ["Description", "Action space", "Observation space", "Start", "Outcomes", "End", "Source", "Version"]
    assert [heading for heading in headings if f"\n{heading}" not in inspect.cleandoc(task.__doc__)] == []
