"""Pavlovian conditioning: its rules against trials worked out by hand, its notation, and what it refuses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.tasks import PavlovianConditioning
from habenula_rl.tasks.designs import DESIGNS

NONE, LICK = 0, 1
MORE, ENDED = (False, False), (True, False)
SHORT = {"interval_s": 1, "interval_spread": 0}


def shown(task, n_trials=1, seed=0, act=NONE):
    """For each trial its first state, then (state, reward, (terminated, truncated)) of each step until it ends."""
    env = TaskEnvironment(task)
    trials = []
    for t in range(n_trials):
        first, _ = env.reset(seed=seed) if t == 0 else env.reset()
        steps, over = [], False
        while not over:
            state, reward, *end, _ = env.step(act)
            steps.append((task.states[state], reward, tuple(end)))
            over = any(end)
        trials.append([task.states[first], *steps])
    return trials


def names(trial):
    return [trial[0], *(name for name, *_ in trial[1:])]


def test_a_rewarded_trial_second_by_second():
    [trial] = shown(PavlovianConditioning(schedule="1 A+*2", interval_s=3, interval_spread=0, cue_s=2))
    assert trial == [
        "interval",
        ("interval", 0.0, MORE),
        ("interval", 0.0, MORE),
        ("A", 0.0, MORE),
        ("A", 0.0, MORE),
        ("reward", 2.0, MORE),
        ("interval", 0.0, ENDED),
    ]


def test_licking_costs_effort_and_brings_nothing():
    [trial] = shown(PavlovianConditioning(schedule="1 A+", **SHORT, effort=0.25), act=LICK)
    assert trial[1:] == [("A", -0.25, MORE), ("reward", 0.75, MORE), ("interval", -0.25, ENDED)]


def test_omission_and_compound_and_one_cue_after_another():
    plain, both, serial = shown(PavlovianConditioning(schedule="1 A- AX- B>A-", **SHORT), 3)
    assert names(plain) == ["interval", "A", "nothing", "interval"]
    assert names(both) == ["interval", "AX", "nothing", "interval"]
    assert names(serial) == ["interval", "B", "A", "nothing", "interval"]


def test_each_second_of_air_puff_costs_as_it_comes_and_hurts():
    task = PavlovianConditioning(schedule="1 D!", **SHORT, cost=0.5, puff=0.5, puff_s=2)
    [trial] = shown(task)
    assert trial[1:] == [("D", 0.0, MORE), ("puff", -0.25, MORE), ("puff", -0.25, MORE), ("interval", 0.0, ENDED)]
    assert task.aversive == (0.0, 0.0, 0.0, 0.5, 0.0)


def test_a_reward_that_no_cue_announces():
    assert names(shown(PavlovianConditioning(schedule="1 +", stimuli=[1], **SHORT))[0]) == [
        "interval",
        "reward",
        "interval",
    ]


def test_a_context_is_there_before_the_cue_and_with_it():
    task = PavlovianConditioning(schedule="1 P:A+ Q:A-", interval_s=2, interval_spread=0)
    first, second = shown(task, 2)
    assert names(first) == ["P", "P", "AP", "reward", "interval"]
    assert names(second) == ["Q", "Q", "AQ", "nothing", "interval"]
    made = dict(zip(task.states, task.elements, strict=True))
    assert [task.states[k] for k in made["AP"]] == ["A", "P"]


def test_a_compound_is_made_of_its_cues_and_they_of_themselves():
    task = PavlovianConditioning(schedule="1 AX+ A-")
    assert task.states == ("interval", "reward", "nothing", "puff", "A", "AX", "X")
    assert task.elements == ((0,), (1,), (2,), (3,), (4,), (4, 6), (6,))


def test_the_order_is_followed_and_begun_again():
    task = PavlovianConditioning(schedule="2 A+ B- | 1 A-", **SHORT)
    assert task.order == (1, 2, 1, 2, 3)
    cues = [names(trial)[1:3] for trial in shown(task, 7)]
    once = [["A", "reward"], ["B", "nothing"]] * 2 + [["A", "nothing"]]
    assert cues == once + once[:2]


def test_sorts_are_drawn_by_their_shares():
    task = PavlovianConditioning(shares=[3, 0, 1, 0], **SHORT)
    cues = [names(trial)[1] for trial in shown(task, 400)]
    assert set(cues) == {"A", "C"}
    assert abs(cues.count("A") - 300) < 35  # 4 standard deviations


def mixed(z):
    """SplitMix64's finaliser with Python's integers: an independent account of the draws."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


def after(key, counter):
    return mixed((key + (counter + 1) * 0x9E3779B97F4A7C15) % 2**64)


def test_the_outcome_is_the_draw_of_its_step():
    seed, stream, subject, slot, step = 5, 1, 0, 2, 1
    key = after(after(mixed(seed), stream), subject)
    draws = [(after(key, (trial << 28) + 16 * step + slot) >> 11) / 2**53 for trial in range(200)]
    task = PavlovianConditioning(
        stimuli=[1], first=[1], second=[0], before=[0], reward=[0.5], amount=[1], punishment=[0.25], shares=[1], **SHORT
    )
    outcomes = [names(trial)[2] for trial in shown(task, 200, seed=seed)]
    assert outcomes == ["reward" if u < 0.5 else "puff" if u < 0.75 else "nothing" for u in draws]


def test_intervals_are_spread_evenly_around_their_mean():
    lengths = [
        names(trial).index("A")
        for trial in shown(PavlovianConditioning(schedule="1 A-", interval_s=6, interval_spread=0.5), 400)
    ]
    assert set(lengths) == {3, 4, 5, 6, 7, 8, 9}
    assert sum(lengths) / 400 == pytest.approx(6.0, abs=0.4)  # 4 standard errors


@settings(deadline=None, max_examples=60)
@given(
    notation=st.sampled_from(sorted(DESIGNS.values())),
    cue_s=st.integers(1, 3),
    puff_s=st.integers(1, 3),
    interval_s=st.floats(1, 9),
    interval_spread=st.floats(0, 1),
    seed=st.integers(0, 99),
)
def test_a_trial_ends_once_in_time_and_whatever_the_subject_does(notation, seed, **parameters):
    task = PavlovianConditioning(schedule=notation, **parameters)
    still, licking = (shown(task, 3, seed, act) for act in (NONE, LICK))
    assert [names(trial) for trial in still] == [names(trial) for trial in licking]
    for trial in still:
        assert trial[-1][2] == ENDED
        assert len(trial) - 1 <= task.max_steps


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_shows_every_sort_of_trial_and_every_stimulus(name):
    task = PavlovianConditioning(schedule=name)
    assert set(task.order) == set(range(1, 1 + len(task.first)))
    assert {*task.first, *task.second, *task.before} - {0} == set(task.stimuli)


def test_the_notation_by_hand():
    task = PavlovianConditioning(schedule="2 A+50%*0.5 D!25% | 1 P:B>A-")
    assert task.stimuli == (1, 4, 8, 18, 28)
    assert (task.before, task.first, task.second) == ((0, 0, 8), (1, 4, 28), (0, 0, 18))
    assert (task.reward, task.amount, task.punishment) == ((0.5, 0, 0), (0.5, 1, 1), (0, 0.25, 0))
    assert task.order == (1, 2, 1, 2, 3)
    assert PavlovianConditioning(schedule="1 XA+").states == PavlovianConditioning(schedule="1 AX+").states


@pytest.mark.parametrize(
    ("notation", "message"),
    [
        ("A+", "'A+' is no phase; it is written as in 60 AX+ BY+"),
        ("0 A+", "'0 A+' is no phase; it is written as in 60 AX+ BY+"),
        ("5 E+", "'E+' cannot be read: there is no cue 'E', only ABCDXYZPQ"),
        ("5 A?", "'A?' cannot be read: a sort of trial is written as in A+, AX-, B>A-, P:A+50%, A+*0.5 or D!"),
        ("5 AA+", "AA is no stimulus; its digits must rise and be of 1 to 9, as in 15 for A with X"),
        ("5 A+150%", "reward must be between 0 and 1, not 1.5"),
    ],
)
def test_what_cannot_be_read_is_named(notation, message):
    with pytest.raises(ValueError) as caught:
        PavlovianConditioning(schedule=notation)
    assert str(caught.value).removeprefix("PavlovianConditioning: ").removeprefix("schedule: ") == message


def test_what_is_given_besides_replaces_what_the_schedule_says():
    task = PavlovianConditioning(schedule="matsumoto2009", interval_s=5, amount=[2] * 6)
    assert (task.interval_s, task.interval_spread, task.amount, task.schedule) == (5, 0, (2,) * 6, "")
    assert task.replace(cue_s=2).order == task.order


def test_an_unknown_design_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="there is no design 'bloking', did you mean 'blocking'"):
        PavlovianConditioning(schedule="bloking")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"stimuli": [1, 1]}, "stimuli must be different whole numbers, not 1, 1"),
        ({"stimuli": [1.5, 2]}, "stimuli must be different whole numbers, not 1.5, 2"),
        ({"stimuli": [51]}, "stimuli: 51 is no stimulus; its digits must rise and be of 1 to 9, as in 15 for A with X"),
        ({"first": [1, 2, 5, 4]}, "first has 5, which is none of the stimuli 1, 2, 3, 4"),
        ({"order": [1, 5]}, "order must hold whole numbers from 0 to 4, the sorts of trial, not 5"),
        ({"reward": [1]}, "reward must have a number for each sort of trial, 4 as first has, not 1"),
        ({"punishment": [0.5, 0, 0, 0]}, "reward and punishment of a sort of trial must not add up to more than 1"),
        ({"shares": [0, 0, 0, 0]}, "shares must not all be 0"),
    ],
)
def test_a_schedule_without_meaning_is_refused(values, message):
    with pytest.raises(ValueError) as caught:
        PavlovianConditioning(**values)
    assert str(caught.value) == f"PavlovianConditioning: {message}"
