"""Effort choice against sequences worked out by hand and draws made a second time."""

from itertools import pairwise

import pytest

from habenula_rl.agents import QLearning
from habenula_rl.analysis import readouts
from habenula_rl.engine.population import simulate
from habenula_rl.tasks import EffortChoice

NOTHING, TAKE, WORK = 0, 1, 2


def test_what_was_chosen_is_carried_out_and_pays(played):
    task = EffortChoice(presses=3, easy=0.25, effort=0.125)
    outcomes = {NOTHING: 0.0, TAKE: 0.25, WORK: 0.625}
    for action, outcome in outcomes.items():
        assert played(task, [action]) == [["offer 1", ("offer 1", outcome, "ended")]]


def test_the_smaller_reward_may_take_some_work_too(played):
    task = EffortChoice(presses=5, easy=1.0, easy_presses=2, effort=0.125)
    assert played(task, [TAKE]) == [["offer 1", ("offer 1", 0.75, "ended")]]


def test_offers_and_wins_are_drawn_trial_by_trial(played, drawn):
    amounts, odds, seed = (1.0, 2.0, 4.0), (0.25, 0.5, 0.75), 11
    task = EffortChoice(amounts=amounts, odds=odds, presses=1, effort=0.0)
    trials = played(task, *[[WORK]] * 90, seed=seed)
    offers = [int(3 * drawn(seed, t, slot=1)) for t in range(90)]
    assert [trial[0] for trial in trials] == [f"offer {k + 1}" for k in offers]
    assert [trial[1][0] for trial in trials] == [trial[0] for trial in trials]
    assert [trial[1][1] for trial in trials] == [
        amounts[k] if drawn(seed, t) < odds[k] else 0.0 for t, k in enumerate(offers)
    ]
    assert set(offers) == {0, 1, 2}


def test_what_cannot_be_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="one number for each offer, not 2 amounts and 1 odds"):
        EffortChoice(amounts=(1.0, 2.0))


def worked(effort):
    """The share of trials in which a learner works."""
    run = simulate(QLearning(), EffortChoice(effort=effort), n_subjects=60, n_trials=200, seed=2)
    return readouts.effort_choices(run.trials)["worked"].mean()


def test_a_learner_mostly_works_where_effort_is_low_and_less_the_more_it_costs():
    shares = [worked(effort) for effort in (0.0, 0.05, 0.1, 0.2)]
    assert shares[0] > 0.6
    assert worked(EffortChoice().effort) > 0.5
    assert all(more > less + 0.05 for more, less in pairwise(shares))
