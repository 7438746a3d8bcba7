"""ketamine_time and dose_response: their configs say what their experiments draw."""

import tempfile

import numpy as np
import pytest

from habenula_rl import Ketamine
from habenula_rl.analysis import readouts
from habenula_rl.config.bundled import bundled
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.experiment.recorded import load_trials
from habenula_rl.experiment.run import run
from habenula_rl.experiment.study_file import load_experiment


def experiment(name):
    return load_experiment(bundled("experiments") / f"{name}.py")


def trials(name, folder, subjects, *overrides):
    path = bundled("configs") / f"{name}.yaml"
    return load_trials(run(path, folder, subjects=subjects, overrides=overrides, figure=False, summary=False))


@pytest.fixture(scope="module")
def lowest_dose():
    """What is read of each mouse of dose_response, as the config has it."""
    with tempfile.TemporaryDirectory() as folder:
        return experiment("dose_response").behaviour(trials("dose_response", folder, None))


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


@pytest.mark.parametrize("measure", ["immobility", "preference"])
@pytest.mark.parametrize("trait", ["healthy", "helpless"])
def test_a_dose_that_blocks_next_to_nothing_leaves_mice_as_they_were(lowest_dose, measure, trait):
    """With other mice in each group, 0.1 mg/kg "worsened" despair by g = 0.86 at the config's own n and seed.

    Here each has its twin under vehicle. A helpless mouse at the edge of drinking may go over it by any block, and one
    of 12 that drink is then an effect of g = 0.24; so it is the mice that are compared, not their means.
    """
    mice = lowest_dose[lowest_dose["measure"] == measure].pivot(index="subject", columns="group", values="value")
    moved = (mice[f"{trait}_100ug"] - mice[f"{trait}_vehicle"]).dropna()
    assert len(moved) >= 10
    assert (moved.abs() < 3.0).sum() >= len(moved) - 1  # percentage points
    better = -moved if measure == "immobility" else moved
    assert better.mean() >= -0.2  # and nobody is the worse for a block of .2 %


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
