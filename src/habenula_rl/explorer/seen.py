"""What a scene comes to: its config is run, and of each group the numbers are taken that the page shows."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents import HabenulaAgent
from ..agents.habenula import bursts_at, tonic_dopamine, tonic_serotonin
from ..analysis import statistics
from ..experiment.units import run_phases, units_of
from ..interventions import applied
from ..interventions.nmda import NmdaBlocker
from ..neurons import HELPLESS_KIR41, HabenulaNeurons, Recording, kinds, record
from .scene import DECIMALS, GAP_HOURS, TESTS, Paradigm, Scene

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
CELLS, SECONDS, SETTLE_S, SAMPLE_MS = 32, 2.0, 0.3, 0.5
HOURS = np.round(np.geomspace(1 / 60, 168.0, 25), DECIMALS)  # from a minute to a week


@dataclass(frozen=True)
class Group:
    """Animals in their test: resting levels when it begins, the course of what is measured, and one animal's steps.

    `curve` is (blocks, 3): mean and 95 % interval over animals; `overall` the same of the whole test. `steps` is the
    first animal's record, a row a step.
    """

    hyperactivity: float
    blocked: float
    bursts: float
    dopamine: float
    serotonin: float
    curve: Array
    overall: tuple[float, float, float]
    steps: Array


@dataclass(frozen=True)
class Neurons:
    """Cells that are the same whatever is done to them: a recording, each one's kind, and the cell that is drawn."""

    recording: Recording
    kinds: pd.Series[str]
    cell: int


def animals(scene: Scene) -> Group:
    """The group that the sliders move."""
    return _group(scene, "animals", "test")


@functools.lru_cache(maxsize=32)
def healthy(test: str) -> Group:
    """Healthy animals, untreated, in that test."""
    return _group(Scene(hyperactivity=0.0, test=test), "healthy", "reference")


def _group(scene: Scene, group: str, phase: str) -> Group:
    plan = scene.plan()
    (unit,) = (unit for unit in units_of(plan) if unit.group == group)
    agent, n = plan.groups[group].agent, plan.groups[group].n
    own = agent.values()
    h = np.full(n, own["hyperactivity"])
    for passed in run_phases(plan, unit, rows=False, until=phase):
        if passed.phase.name != phase:  # the shocks: what they left fades until the test
            left = passed.subjects.state.copy()
            type(agent).rest(passed.subjects.parameters, left, GAP_HOURS)
            h = left["hyperactivity"]
    rows, open_now = passed.result.rows, passed.subjects.parameters["nmda"]
    rest = [_rest(own, m, trait) for m, trait in zip(open_now.tolist(), h.tolist(), strict=True)]
    values = measured(rows, n, TESTS[scene.test])
    whole = statistics.mean_interval(np.nanmean(values, axis=1))
    return Group(
        hyperactivity=float(h.mean()),
        blocked=float(1.0 - open_now.mean()),
        **dict(zip(("bursts", "dopamine", "serotonin"), np.mean(rest, axis=0).tolist(), strict=True)),
        curve=np.column_stack(statistics.mean_intervals(values)[:3]),
        overall=(whole.value, whole.low, whole.high),
        steps=rows[rows["subject"] == 0],
    )


def _rest(own: Mapping[str, Any], nmda: float, hyperactivity: float) -> tuple[float, float, float]:
    """Burst share, tonic dopamine and serotonin of an animal to which nothing happens."""
    p, w = SimpleNamespace(**{**own, "nmda": nmda}), SimpleNamespace(hyperactivity=hyperactivity)
    return bursts_at(p, w, 0.0), tonic_dopamine(p, w), tonic_serotonin(p, w)


def measured(rows: Array, n: int, test: Paradigm) -> Array:
    """What the test measures, (n, blocks), NaN where a subject has no step in a block.

    In %, but for the outcome and signals. Blocks are of `test.block` trials, or of steps where there is one trial only.
    """
    if test.measure == "failed":
        ended = np.zeros((n, test.trials))
        np.maximum.at(ended, (rows["subject"], rows["trial"]), rows["terminated"])
        return np.asarray(100.0 * (1.0 - ended))
    what, _, action = test.measure.partition(" ")
    value = 100.0 * (rows["action"] == test.made().actions.index(action)) if what == "share" else rows[test.measure]
    block = (rows["trial"] if test.trials > 1 else rows["step"]) // test.block
    cell = rows["subject"] * (block.max() + 1) + block
    counts, sums = (np.bincount(cell, weights, n * (block.max() + 1)) for weights in (None, value))
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / counts).reshape(n, -1)


@functools.lru_cache(maxsize=256)
def occupied(drug: NmdaBlocker, hyperactivity: float) -> tuple[Array, Array]:
    """Fraction of NMDA receptors blocked at each of `HOURS` in healthy animals, and in those of that hyperactivity."""
    both: dict[str, Any] = HabenulaAgent().values() | {"hyperactivity": np.array([0.0, hyperactivity])}
    later = (drug.replace(hours_before=float(hours)) for hours in HOURS)
    blocked = np.array([1.0 - applied([dose], HabenulaAgent, both)["nmda"] for dose in later])
    return blocked[:, 0], blocked[:, 1]


@functools.lru_cache(maxsize=64)
def neurons(hyperactivity: float, open_now: float) -> Neurons:
    """The cells with the Kir4.1 that stands for that hyperactivity, and so many of their NMDA receptors open."""
    changed = HabenulaNeurons(kir41=HELPLESS_KIR41**hyperactivity, nmda=open_now)
    recording = record(changed, CELLS, SECONDS, settle_s=SETTLE_S, sample_ms=SAMPLE_MS)
    kind = kinds(recording)["kind"]
    return Neurons(recording, kind, shown_cell())


@functools.cache
def shown_cell() -> int:
    """The first cell that bursts in helpless animals and not in healthy ones."""
    quiet, helpless = (
        kinds(record(HabenulaNeurons(kir41=kir), CELLS, SECONDS))["kind"] == "bursting" for kir in (1.0, HELPLESS_KIR41)
    )
    return int(np.argmax(helpless & ~quiet))
