"""The claims about the burst mechanism: made-up neurons and animals that behave as published pass, others fail."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from habenula_rl import findings, neurons
from habenula_rl.agents.habenula import HabenulaAgent
from habenula_rl.circuit.habenula import burst_share
from habenula_rl.config.bundled import bundled
from habenula_rl.experiment.study_file import load_experiment
from habenula_rl.neurons import HELPLESS_KIR41, VARIED

bursts = load_experiment(bundled("experiments") / "burst_mechanism.py")
N = 1000
GROUPS = (bursts.HEALTHY, bursts.LESS, bursts.MORE, *bursts.BLOCKS.values())


def cells(share, silent=lambda name, value: 0) -> pd.DataFrame:
    """N cells of which so many in a thousand burst and are silent, for each parameter and value."""
    parts = []
    for name, values in VARIED.items():
        for value in values:
            kind = np.full(N, "tonic", dtype=object)
            kind[: share(name, value)] = "bursting"
            kind[N - silent(name, value) :] = "silent"
            parts.append(pd.DataFrame({"parameter": name, "value": value, "cell": range(N), "kind": kind}))
    return pd.concat(parts, ignore_index=True)


def agents(name: str, value: float) -> int:
    return round(10.0 * bursts.agents_share(name, value))


def animals(rest: dict[str, float], failures: dict[str, int]) -> pd.DataFrame:
    """20 animals in each group: the share that bursts at rest, and failures in 10 trials."""
    parts = []
    for group in GROUPS:
        for subject in range(20):
            who = {"group": group, "subject": subject, "step": 0, "state": 0, "action": 0, "outcome": 0.0}
            parts.append(pd.DataFrame(who | {"phase": "rest", "trial": [0], "burst": rest[group]}))
            failed = np.arange(10) < failures[group]
            shock = {"phase": "shuttle", "trial": np.arange(10), "terminated": ~failed, "truncated": failed}
            parts.append(pd.DataFrame(who | shock))
    table = pd.concat(parts, ignore_index=True)
    ends = {name: table[name].map({True: True, False: False}) for name in ("terminated", "truncated")}
    return table.assign(terminated=ends["terminated"].ne(False), truncated=ends["truncated"].eq(True))


REST = dict(zip(GROUPS, (0.08, 0.03, 0.2, 0.0, 0.01), strict=True))
FAILURES = dict(zip(GROUPS, (3, 1, 8, 0, 0), strict=True))


def failed(id: str, table: pd.DataFrame) -> set[str]:
    return {v.id.removeprefix(f"{id}/") for v in findings.judge(id, table) if v.verdict == "fail"}


@pytest.fixture
def recorded(monkeypatch):
    """Puts made-up neurons in the place of a recording."""
    return lambda made: monkeypatch.setattr(neurons, "manipulated", lambda seed: made)


def test_neurons_and_animals_as_published_pass_but_where_the_agent_is_none_of_them(recorded):
    recorded(cells(lambda name, value: min(agents(name, value), 200)))
    assert failed("yang2018_bursts", animals(REST, FAILURES)) == {"alike_kir41"}


def test_as_many_bursts_under_block_or_in_health_fail(recorded):
    recorded(cells(lambda name, value: 200))
    wrong = failed("yang2018_bursts", animals(REST | {"kir_more_nmda_block": 0.05, "healthy": 0.15}, FAILURES))
    neuronal = {"neurons_healthy", "neurons_helpless", "neurons_nmda", "neurons_t_type"}
    alike = {f"alike_{name}" for name in VARIED}
    assert wrong == neuronal | alike | {"agents_healthy", "agents_helpless", "agents_nmda"}


def test_a_block_that_silences_neurons_fails(recorded):
    recorded(cells(agents, lambda name, value: 500 if name == "nmda" and value == 0.0 else 0))
    assert "neurons_nmda_tonic" in failed("yang2018_bursts", animals(REST, FAILURES))
    assert "neurons_t_type_tonic" not in failed("yang2018_bursts", animals(REST, FAILURES))


def test_the_largest_difference_by_hand(recorded):
    recorded(cells(lambda name, value: agents(name, value) + (70 if name == "nmda" and value == 0.6 else 0)))
    found = {v.id: v for v in findings.judge("yang2018_bursts", animals(REST, FAILURES))}
    assert found["yang2018_bursts/alike_nmda"].value == pytest.approx(7.0, abs=0.06)
    assert found["yang2018_bursts/alike_t_type"].value < 0.06


def test_the_agents_share_is_its_equation():
    p = HabenulaAgent()
    whole = burst_share(0.0, 1.0, 1.0, p.burst_threshold, p.burst_slope, p.nmda_power)
    assert bursts.agents_share("kir41", HELPLESS_KIR41) == pytest.approx(100.0 * whole)
    assert bursts.agents_share("nmda", 0.8) == pytest.approx(100.0 * whole * 0.8**p.nmda_power)
    assert bursts.agents_share("t_type", 0.8) == pytest.approx(100.0 * whole * 0.8**p.t_type_power)
    assert bursts.agents_share("kir41", 1.0) == pytest.approx(9.5, abs=0.1)  # σ(-2.24/0.994)


def test_a_chain_as_published_passes_and_each_link_can_break(recorded):
    recorded(cells(agents))
    assert failed("cui2018", animals(REST, FAILURES)) == set()
    assert failed("cui2018", animals(REST, FAILURES | {bursts.MORE: 3, bursts.LESS: 3})) == {
        "more_failures",
        "less_failures",
    }
    recorded(cells(lambda name, value: 100))
    assert failed("cui2018", animals(REST, FAILURES)) == {"more_bursts", "less_bursts"}


def test_kir_that_does_not_hyperpolarise_fails(recorded, monkeypatch):
    recorded(cells(agents))
    flat = SimpleNamespace(to_numpy=lambda: np.full(N, -45.0))
    monkeypatch.setattr(neurons, "at_rest", lambda cells, n, seed: {"rest_mv": flat})
    assert failed("cui2018", animals(REST, FAILURES)) == {"more_potential", "less_potential"}


def test_the_neurons_are_those_of_the_runs_seed(monkeypatch):
    seeds = []
    monkeypatch.setattr(neurons, "manipulated", lambda seed: seeds.append(seed) or cells(agents))
    table = animals(REST, FAILURES)
    findings.judge("yang2018_bursts", table)
    table.attrs["seed"] = 7
    findings.judge("yang2018_bursts", table)
    assert seeds == [0, 7]
