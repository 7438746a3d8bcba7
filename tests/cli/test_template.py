"""What `habenula new` writes."""

import pytest

from habenula_rl.cli.template import write_new


def test_a_study_of_the_package_is_not_hidden(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="the package has a study wu2021 of its own, which this one would hide"):
        write_new("wu2021")
    assert not list(tmp_path.iterdir())


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
