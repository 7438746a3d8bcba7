"""Yang 2018's healthy and helpless rats differ in the hyperactivity of their habenula and in nothing else."""

import numpy as np
import pandas as pd
import pytest

from habenula_rl.config.bundled import bundled
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import load_study
from habenula_rl.experiment.units import run_unit, units_of

PATH = bundled("configs") / "yang2018.yaml"
PAIRS = [(f"healthy_{drug}", f"helpless_{drug}") for drug in ("vehicle", "ketamine")]
N = 200


def means(group, *settings):
    """Mean and squared standard error of every number of the subjects' table, by phase."""
    study = plan_of(load_study(PATH, ["record=summary", *settings], subjects=N))
    table = pd.concat([run_unit(study, unit).subjects for unit in units_of(study) if unit.group == group])
    by_phase = table.drop(columns=["group", "subject", "failed_reason"]).groupby("phase", observed=True)
    return by_phase.mean(), by_phase.var() / N


def distance(one, other):
    """How many standard errors lie between the means, at most, over all phases and columns."""
    (mean, error), (mean_2, error_2) = one, other
    gap, scale = np.abs(mean - mean_2), np.sqrt(error + error_2)
    return float(np.nanmax(np.where(gap < 1e-9, 0.0, gap / scale)))


@pytest.mark.parametrize(("healthy", "helpless"), PAIRS)
def test_the_config_gives_them_nothing_else(healthy, helpless):
    groups = plan_of(load_study(PATH)).config["groups"]
    one, other = groups[healthy], groups[helpless]
    assert one["parameters"].pop("hyperactivity") != other["parameters"].pop("hyperactivity")
    assert one == other


@pytest.mark.parametrize(("healthy", "helpless"), PAIRS)
def test_healthy_rats_with_their_hyperactivity_are_helpless_rats(healthy, helpless):
    trait = plan_of(load_study(PATH)).config["groups"][helpless]["parameters"]["hyperactivity"]
    target = means(helpless)
    assert distance(means(healthy), target) > 10
    assert distance(means(healthy, f"groups.{healthy}.parameters.hyperactivity={trait}"), target) < 4
