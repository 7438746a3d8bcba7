"""What `habenula new` writes."""

from itertools import pairwise

import pytest

from habenula_rl.cli.template import write_new


def test_a_study_of_the_package_is_not_hidden(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="the package has a study wu2021 of its own, which this one would hide"):
        write_new("wu2021")
    assert not list(tmp_path.iterdir())


def test_the_labels_of_many_groups_do_not_overlap(tmp_path, monkeypatch):
    import importlib.util

    import pandas as pd

    monkeypatch.chdir(tmp_path)
    spec = importlib.util.spec_from_file_location("mine", next(p for p in write_new("mine") if p.suffix == ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for groups in (["naive", "stressed"], [f"ketamine_hyper0.5_dose{dose}mgkg" for dose in range(18)]):
        rows = [(level, group, 0.5, 0.4, 0.6) for group in groups for level in ("group", "subject")]
        drawn = module.figure(pd.DataFrame(rows, columns=["level", "group", "value", "low", "high"]))
        drawn.canvas.draw()
        boxes = [label.get_window_extent() for label in drawn.axes[0].get_xticklabels()]
        assert len(boxes) == len(groups)
        assert all(one.x1 < other.x0 for one, other in pairwise(boxes))


def test_the_intervals_are_those_of_the_package(tmp_path, monkeypatch):
    """Student's t for the mean of two animals, which fail in 0 and 2 of 4 trials, within 0 and 1."""
    import importlib.util

    import pandas as pd

    monkeypatch.chdir(tmp_path)
    path = next(p for p in write_new("mine") if p.suffix == ".py")
    spec = importlib.util.spec_from_file_location("mine", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows = [("naive", "test", s, t, s == 0 or t > 1) for s in range(2) for t in range(4)]
    trials = pd.DataFrame(rows, columns=["group", "phase", "subject", "trial", "terminated"])
    mean = module.summarise(trials).query("level == 'group'").iloc[0]
    assert (mean["value"], mean["low"], mean["high"], mean["n"]) == (0.25, 0.0, 1.0, 2)
