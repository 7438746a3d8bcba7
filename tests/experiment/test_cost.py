"""What a large run says of its size before it starts, and of its time by its first units."""

import time

import pytest

from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.experiment import cost
from habenula_rl.experiment.run import run

SWIM = {"name": "swim", "task": "ForcedSwim", "trials": 3}


def study(n, points=1, *phases, **keys):
    groups = {"mice": {"n": n, "parameters": {"hyperactivity": "$h"}}}
    sweep = {"h": {"linspace": [0, 1, points]}}
    return {"study": "s", "seed": 1, "record": "summary", "sweep": sweep, "groups": groups} | {
        "phases": [SWIM, *phases]
    }


def size(*args):
    return cost.size_of(plan_of(load_study(study(*args))))


def test_units_subjects_and_trials_by_hand():
    assert size(256, 99) is None
    assert size(257, 50, SWIM | {"name": "later", "trials": 5}) == (
        "100 units of work: 12,850 subjects, 102,800 trials"  # 50 groups of 2 units, 257 subjects with 3 + 5 trials
    )


def test_a_million_subjects_at_a_thousand_points_are_counted_in_no_time():
    plan = plan_of(load_study(study(1_000_000, 1000)))
    start = time.process_time()
    assert cost.size_of(plan) == "3,907,000 units of work: 1,000,000,000 subjects, 3,000,000,000 trials"
    assert time.process_time() - start < 1.0


def test_what_the_first_units_took_is_extrapolated_once():
    times = iter([100.0, 116.0])  # the first is kept at 100 s, eight more by 116 s: 2 s a unit
    pace = cost.Pace(109, lambda: next(times))
    said = [pace.keep(2**19) for _ in range(20)]
    assert said[8] == "by the first 9 units: about 3 min more, 54.5 MiB of tables"  # 100 units, 200 s
    assert [line for k, line in enumerate(said) if k != 8] == [None] * 19


@pytest.mark.parametrize(("seconds", "said"), [(0.4, "0 s"), (119, "119 s"), (600, "10 min"), (9000, "2.5 h")])
def test_times_are_short(seconds, said):
    assert cost._time(seconds) == said


def test_a_run_says_it_and_a_small_one_does_not(tmp_path, monkeypatch):
    lines = []

    def told(n):
        lines.clear()
        run(study(1, n), tmp_path, figure=False, progress=lambda done, total, line: lines.append(line))
        return [line for line in lines if "units" in line]

    monkeypatch.setattr(cost, "MANY", 12)
    assert told(11) == []
    first, later = told(12)
    assert first == "12 units of work: 12 subjects, 36 trials" and later.startswith("by the first 9 units: about ")
    assert told(12) == [first]  # all are there
