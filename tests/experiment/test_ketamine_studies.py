"""ketamine_time and dose_response: their configs say what their experiments draw."""

import tempfile

import numpy as np
import pytest

from habenula_rl import Ketamine
from habenula_rl.analysis import readouts
from habenula_rl.config.bundled import bundled
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.experiment.run import load_trials, run
from habenula_rl.experiment.study_file import load_experiment


def experiment(name):
    return load_experiment(bundled("experiments") / f"{name}.py")


def trials(name, folder, subjects, *overrides):
    path = bundled("configs") / f"{name}.yaml"
    return load_trials(run(path, folder, subjects=subjects, overrides=overrides, figure=False, summary=False))


def given(name):
    """What the config's groups are given."""
    groups = plan_of(load_study(bundled("configs") / f"{name}.yaml")).config["groups"]
    return {group: dict(settings["interventions"][0]) for group, settings in groups.items()}


def test_the_groups_of_ketamine_time_are_what_their_names_say():
    study, doses = experiment("ketamine_time"), given("ketamine_time")
    for group in (
        study.group_of(*x)
        for x in np.array(np.meshgrid([*study.TRAITS], [*study.DOSES], [*study.HOURS])).reshape(3, -1).T
    ):
        _, species, time = group.split("_")
        told = Ketamine(**doses.pop(group)["ketamine"])
        assert told.replace(hours_before=1.0) == study.DOSES[species]
        assert told.hours_before == pytest.approx(study.HOURS[time])
    assert {name: list(drug) for name, drug in doses.items()} == {
        f"{trait}_vehicle": ["vehicle"] for trait in study.TRAITS
    }


def test_the_groups_of_dose_response_are_what_their_names_say():
    study, doses = experiment("dose_response"), given("dose_response")
    for trait in study.TRAITS:
        assert list(doses.pop(f"{trait}_vehicle")) == ["vehicle"]
        for name, dose in study.DOSES.items():
            told = Ketamine(**doses.pop(f"{trait}_{name}")["ketamine"])
            assert told == Ketamine(dose_mg_per_kg=dose)
    assert doses == {}


def test_a_dose_that_blocks_next_to_nothing_shows_no_effect():
    """With other mice in each group, 0.1 mg/kg "worsened" despair by g = 0.86 at the config's own n and seed."""
    with tempfile.TemporaryDirectory() as folder:
        table = trials("dose_response", folder, None)
        found = experiment("dose_response").summarise(table)
    low = found[(found["level"] == "group") & found["group"].str.endswith("_100ug")].set_index(["group", "measure"])
    effects = low["effect"]
    for measure in ("immobility", "preference"):
        for trait in ("healthy", "helpless"):
            assert abs(effects[f"{trait}_100ug", measure]) < 0.2
    assert low.loc[("helpless_100ug", "immobility"), "effect_low"] < 0.0  # a block of .2 % does not worsen anything


@pytest.mark.parametrize(
    ("name", "group", "drug"),
    [
        (
            "ketamine_time",
            "helpless_human_4h",
            Ketamine(dose="0.5 mg/kg", route="infusion", species="human", hours_before=4),
        ),
        ("ketamine_time", "helpless_mouse_24h", Ketamine(hours_before=24)),
        ("dose_response", "healthy_30mg", Ketamine(dose="30 mg/kg")),
    ],
)
def test_the_block_that_bursts_tell_is_the_drugs(tmp_path, name, group, drug):
    """Read off the recorded bursts, against the occupancy of the pharmacology at each subject's own hyperactivity."""
    table = trials(name, tmp_path, 2)
    rows = experiment(name).behaviour(table)
    found = rows[(rows["group"] == group) & (rows["measure"] == "blocked")].set_index("subject")["value"]
    rest = readouts.at_rest(table, ["hyperactivity"], ["rest"])
    traits = rest[rest["group"] == group].set_index("subject")["hyperactivity"]
    expected = [100 * drug.block(float(h)) for h in traits.reindex(found.index)]
    assert found.to_numpy() == pytest.approx(expected, abs=0.03)
