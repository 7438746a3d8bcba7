"""One parameter set for all studies: how it was searched for, and how far it is from each target.

python search/search.py --show             the rows that the defaults reach, against their targets
python search/search.py --minutes 30       go on searching from the defaults (needs `pip install cma`)

The search sees behaviour only through the studies' own configs and readouts, plus three choice tests of Shabel 2014
that no config has yet. Distances add up over all targets at once, each in units of its tolerance.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from habenula_rl.agents import HabenulaAgent
from habenula_rl.analysis import readouts, statistics
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import Study, load_study
from habenula_rl.contract import Task, parameter
from habenula_rl.engine.population import simulate
from habenula_rl.experiment.units import run_unit, units_of
from habenula_rl.interventions import Ketamine
from habenula_rl.randomness import uniform
from habenula_rl.tasks import ForcedSwim, ShuttleBox

# what is searched: name -> (lowest, highest, on a logarithmic scale); a dot stands before a task's parameter
SPACE: dict[str, tuple[float, float, bool]] = {
    "worse_gain": (0.3, 4.0, True),
    "better_gain": (0.1, 1.5, True),
    "punishment_gain": (0.1, 1.5, True),
    "burst_gain": (2.0, 30.0, True),
    "habenula_share": (0.6, 1.0, False),
    "dopamine_slope": (0.055, 0.085, False),
    "serotonin_slope": (0.055, 0.2, False),
    "value_rate": (0.03, 0.5, True),
    "trace_rate": (0.02, 0.4, True),
    "trace_leak": (0.0005, 0.05, True),
    "beta": (0.3, 6.0, True),
    "bias": (-6.0, 1.0, False),
    "reflex_go": (0.0, 6.0, False),
    "pavlovian": (0.3, 10.0, True),
    "control_prior": (0.3, 0.9, False),
    "control_rate": (0.02, 0.4, True),
    "control_loss": (5e-5, 0.01, True),
    "growth": (0.002, 0.1, True),
    "hyperactivity_max": (1.3, 2.6, False),
    "ShuttleBox.crossing_reflex": (0.05, 1.0, False),
    "ForcedSwim.water": (0.005, 0.15, True),
    "ForcedSwim.effort": (0.002, 0.05, True),
}

# row -> (low, high, tolerance, weight); where the numbers come from: search/README.md
TARGETS: dict[str, tuple[float, float, float, float]] = {
    "wu2021 failed, baseline": (0.02, 0.18, 0.1, 1.0),
    "wu2021 failed, helpless": (0.5, 0.8, 0.1, 1.5),
    "wu2021 failed, ketamine": (0.15, 0.4, 0.1, 1.5),
    "wu2021 eta2, failures": (0.7, 0.92, 0.1, 1.0),
    "wu2021 eta2, latency": (0.7, 0.92, 0.1, 1.0),
    "wu2021 r": (0.9, 1.0, 0.05, 1.0),
    "seligman1967 failed, escapable": (0.15, 0.37, 0.1, 1.0),
    "seligman1967 failed, naive": (0.13, 0.33, 0.1, 1.5),
    "seligman1967 failed, yoked": (0.64, 0.84, 0.1, 1.5),
    "seligman1967 escapable - naive": (-0.15, 0.12, 0.1, 1.0),
    "seligman1967 immunised, from naive 0 to yoked 1": (-0.3, 0.15, 0.1, 2.0),
    "seligman1967 yoked failing 9 of 10": (0.5, 0.9, 0.15, 1.0),
    "seligman1967 yoked 4 to 6 minus the rarer end": (-1.0, -0.06, 0.08, 1.0),
    "seligman1967 naive failing 9 of 10": (0.0, 0.2, 0.1, 1.0),
    "seligman1967 h, escapable": (-0.2, 0.4, 0.3, 0.5),
    "seligman1967 h, yoked": (0.9, 3.0, 0.3, 0.5),
    "yang2018 immobile, healthy": (0.3, 0.6, 0.1, 1.0),
    "yang2018 immobile, helpless - healthy": (0.15, 0.5, 0.1, 1.0),
    "yang2018 immobile, helpless + ketamine - healthy": (-0.12, 0.05, 0.05, 1.0),
    "yang2018 immobile, healthy + ketamine - healthy": (-0.06, 0.04, 0.04, 1.0),
    "yang2018 preference, healthy": (0.74, 0.92, 0.1, 1.0),
    "yang2018 preference, healthy - helpless": (0.12, 0.4, 0.05, 1.0),
    "yang2018 preference, helpless + ketamine - healthy": (-0.05, 0.05, 0.05, 1.0),
    "yang2018 preference, healthy + ketamine - healthy": (-0.05, 0.05, 0.05, 1.0),
    "yang2018 drinks, healthy": (0.6, 0.98, 0.1, 0.5),
    "yang2018 drinks, healthy - helpless": (0.1, 0.6, 0.1, 0.5),
    "yang2018 failed, healthy": (0.0, 0.15, 0.1, 1.0),
    "yang2018 failed, helpless - healthy": (0.25, 0.8, 0.1, 1.0),
    "yang2018 failed, helpless + ketamine - healthy": (-0.1, 0.06, 0.05, 1.0),
    "belujon2014 helpless / healthy": (0.45, 0.56, 0.05, 1.0),
    "belujon2014 helpless + ketamine / healthy": (0.93, 1.07, 0.05, 1.0),
    "pessimism bias, helpless": (-0.3, -0.04, 0.03, 2.0),
    "pessimism bias, healthy": (-0.01, 0.035, 0.03, 1.0),
    "shabel2014 safe, healthy": (0.35, 0.7, 0.1, 0.5),
    "shabel2014 safe, helpless - healthy": (0.12, 0.6, 0.05, 1.0),
    "shabel2014 safe, helpless + ketamine - healthy": (-0.12, 0.12, 0.1, 0.5),
    "shabel2014 upshifted side, healthy - helpless": (0.04, 0.5, 0.03, 0.7),
    "shabel2014 downshifted side, healthy - helpless": (0.03, 0.5, 0.03, 0.7),
}
RATS = ("healthy_vehicle", "healthy_ketamine", "helpless_vehicle", "helpless_ketamine")
MOST_DISTANCE = 6.0  # in tolerances: a row that is far off shall not drown the others


def begin(q: Any, x: Any, e: Any) -> None:
    """A trial of the two-sided box."""
    e.state = 0


def step(q: Any, x: Any, e: Any) -> None:
    """Side 0 pays for certain, something else from `shift_at` on; side 1 pays `other` with probability `chance`."""
    certain = q.shifted if e.trial >= q.shift_at else q.paid
    risky = q.other if uniform(e, 0) < q.chance else 0.0
    e.reward = certain if e.action == 0 else risky
    e.next_state = 0
    e.terminated = 1


@dataclass(frozen=True)
class TwoSides(Task):
    """A free choice between a certain and a risky side, with a shift of the certain one."""

    begin = begin
    step = step
    paid: float = parameter(0.5, doc="reward on side 0")
    shifted: float = parameter(0.5, doc="reward on side 0 after the shift")
    other: float = parameter(0.5, doc="reward on side 1")
    chance: float = parameter(1.0, doc="probability of that reward", low=0, high=1)
    shift_at: int = parameter(200, doc="trial of the shift", low=0)

    @property
    def states(self) -> tuple[str, ...]:
        return ("box",)

    @property
    def actions(self) -> tuple[str, ...]:
        return ("left", "right")


def rows(values: dict[str, float], n: int, seed: int) -> dict[str, float]:
    """Every row of TARGETS for one parameter set, with n subjects a group."""
    agent = {name: value for name, value in values.items() if "." not in name}

    def trials(name: str) -> pd.DataFrame:
        plan = plan_of(varied(load_study(name, seed=seed), values, n))
        return pd.concat([run_unit(plan, unit).trials for unit in units_of(plan)], ignore_index=True)

    found: dict[str, float] = {}
    for part in (wu2021, seligman1967, yang2018, belujon2014, pessimism):
        found |= {f"{part.__name__} {row}": float(value) for row, value in part(trials(part.__name__))}
    return found | {f"shabel2014 {row}": value for row, value in shabel2014(HabenulaAgent(**agent), n, seed)}


def varied(study: Study, values: dict[str, float], n: int) -> Study:
    """The study with other agents, other tasks and another n."""
    agent = {name: value for name, value in values.items() if "." not in name}
    groups = {
        name: group.model_copy(update={"n": n, "parameters": agent | group.parameters})
        for name, group in study.groups.items()
    }
    phases = tuple(
        phase.model_copy(update={"parameters": phase.parameters | of_task(values, phase.task)})
        for phase in study.phases
    )
    return study.model_copy(update={"groups": groups, "phases": phases})


def of_task(values: dict[str, float], task: str) -> dict[str, float]:
    return {name.split(".")[1]: value for name, value in values.items() if name.startswith(f"{task}.")}


def means(readout: pd.DataFrame, measure: str, groups: Sequence[str]) -> dict[str, float]:
    return {name: float(np.nanmean(found)) for name, found in readouts.by_group(readout, measure, groups).items()}


def wu2021(trials: pd.DataFrame) -> Iterator[tuple[str, float]]:
    phases = ["baseline", "helpless", "ketamine"]
    table = readouts.escapes(trials, phases)
    failed, latency = (readouts.by_phase(table, measure, phases) for measure in ("failed", "latency"))
    for phase in phases:
        yield f"failed, {phase}", failed[phase].mean()
    for name, measure in (("failures", failed), ("latency", latency)):
        yield f"eta2, {name}", np.median(statistics.in_experiments(eta_squared, measure, size=8))
    yield "r", np.median(statistics.in_experiments(correlation, failed, latency, size=8))


def eta_squared(table: Any) -> float:
    return statistics.repeated_measures_anova(table).eta_squared


def correlation(x: Any, y: Any) -> float:
    return statistics.pearson(x.ravel(), y.ravel()).value


def seligman1967(trials: pd.DataFrame) -> Iterator[tuple[str, float]]:
    groups = ("escapable", "naive", "yoked", "immunised")
    table = readouts.helplessness(trials, ["test"])
    failed = means(table, "failed", groups)
    for group in ("escapable", "naive", "yoked"):
        yield f"failed, {group}", failed[group]
    yield "escapable - naive", failed["escapable"] - failed["naive"]
    distance = max(failed["yoked"] - failed["naive"], 0.05)
    yield "immunised, from naive 0 to yoked 1", (failed["immunised"] - failed["naive"]) / distance
    criterion = means(table, "failing_9_of_10", groups)
    for group in ("yoked", "naive"):
        yield f"{group} failing 9 of 10", criterion[group]
    yoked = readouts.by_group(table, "failures_per_10", ["yoked"])["yoked"]
    few, between, many = readouts.failure_classes(yoked).mean(axis=0)
    yield "yoked 4 to 6 minus the rarer end", between - min(few, many)
    h = means(readouts.at_rest(trials, ["hyperactivity"], ["test"]), "hyperactivity", groups)
    for group in ("escapable", "yoked"):
        yield f"h, {group}", h[group]


def yang2018(trials: pd.DataFrame) -> Iterator[tuple[str, float]]:
    swim = readouts.immobility(trials, ["forced_swim"])
    bottles = readouts.drinking(trials, ["sucrose"])
    healthy, healthy_drug, helpless, helpless_drug = means(swim, "immobility", RATS).values()
    yield "immobile, healthy", healthy
    yield "immobile, helpless - healthy", helpless - healthy
    yield "immobile, helpless + ketamine - healthy", helpless_drug - healthy
    yield "immobile, healthy + ketamine - healthy", healthy_drug - healthy
    healthy, healthy_drug, helpless, helpless_drug = means(bottles, "preference", RATS).values()
    yield "preference, healthy", healthy
    yield "preference, healthy - helpless", healthy - helpless
    yield "preference, helpless + ketamine - healthy", helpless_drug - healthy
    yield "preference, healthy + ketamine - healthy", healthy_drug - healthy
    healthy, _, helpless, _ = means(bottles, "drinks", RATS).values()
    yield "drinks, healthy", healthy
    yield "drinks, healthy - helpless", healthy - helpless
    healthy, _, helpless, helpless_drug = means(readouts.escapes(trials, ["shuttle"]), "failed", RATS).values()
    yield "failed, healthy", healthy
    yield "failed, helpless - healthy", helpless - healthy
    yield "failed, helpless + ketamine - healthy", helpless_drug - healthy


def belujon2014(trials: pd.DataFrame) -> Iterator[tuple[str, float]]:
    rest = means(readouts.at_rest(trials, ["tonic_dopamine"]), "tonic_dopamine", RATS)
    yield "helpless / healthy", rest["helpless_vehicle"] / rest["healthy_vehicle"]
    yield "helpless + ketamine / healthy", rest["helpless_ketamine"] / rest["healthy_vehicle"]


def pessimism(trials: pd.DataFrame) -> Iterator[tuple[str, float]]:
    bias = means(readouts.value_bias(trials), "bias", ("helpless", "healthy"))
    for group in ("helpless", "healthy"):
        yield f"bias, {group}", bias[group]


def shabel2014(agent: HabenulaAgent, n: int, seed: int) -> Iterator[tuple[str, float]]:
    groups = {"healthy": agent, "helpless": agent.replace(hyperactivity=1.0)}
    groups["helpless + ketamine"] = Ketamine(dose_mg_per_kg=25.0)(groups["helpless"])

    def chosen(task: TwoSides, first: int, last: int) -> dict[str, float]:
        runs = {name: simulate(one, task, n_subjects=2 * n, n_trials=400, seed=seed) for name, one in groups.items()}
        late = {name: run.trials[run.trials.trial.between(first, last - 1)] for name, run in runs.items()}
        return {name: float((trials.action == 0).mean()) for name, trials in late.items()}

    safe = chosen(TwoSides(other=1.0, chance=0.5), 200, 400)
    yield "safe, healthy", safe["healthy"]
    yield "safe, helpless - healthy", safe["helpless"] - safe["healthy"]
    yield "safe, helpless + ketamine - healthy", safe["helpless + ketamine"] - safe["healthy"]
    for name, shifted in (("upshifted", 1.0), ("downshifted", 0.25)):
        side = chosen(TwoSides(shifted=shifted), 200, 230)
        yield f"{name} side, healthy - helpless", side["healthy"] - side["helpless"]


def distance(row: str, value: float) -> float:
    """How far a row is from its target, in weighted tolerances to the power 1.5; 0 inside."""
    low, high, tolerance, weight = TARGETS[row]
    return weight * min((max(low - value, 0.0) + max(value - high, 0.0)) / tolerance, MOST_DISTANCE) ** 1.5


def defaults() -> dict[str, float]:
    known = HabenulaAgent().values()
    for task in (ForcedSwim(), ShuttleBox()):
        known |= {f"{type(task).__name__}.{name}": value for name, value in task.values().items()}
    return {name: known[name] for name in SPACE}


def encoded(values: dict[str, float]) -> list[float]:
    """Values as places between 0 and 1."""
    return [
        float(np.log(values[k] / low) / np.log(high / low) if log else (values[k] - low) / (high - low))
        for k, (low, high, log) in SPACE.items()
    ]


def decoded(places: Any) -> dict[str, float]:
    pairs = zip(np.clip(places, 0.0, 1.0), SPACE.items(), strict=True)
    return {k: float(low * (high / low) ** u if log else low + (high - low) * u) for u, (k, (low, high, log)) in pairs}


def show(values: dict[str, float], n: int, seed: int) -> None:
    found = rows(values, n, seed)
    for row, value in found.items():
        low, high, _, _ = TARGETS[row]
        print(f"{row:52} {value:7.3f}   {low:g} to {high:g}   {'ok' if low <= value <= high else 'off'}")
    print(f"distance {sum(distance(row, value) for row, value in found.items()):.2f}")


def search(minutes: float, seed: int, n: int) -> None:
    """CMA-ES from the defaults; each generation sees other random numbers, so that none are fitted."""
    import cma

    start = np.clip(encoded(defaults()), 0.02, 0.98)
    strategy = cma.CMAEvolutionStrategy(start, 0.08, {"seed": seed, "popsize": 16, "bounds": [0, 1], "verbose": -9})
    begun, generation = time.monotonic(), 0
    while time.monotonic() - begun < 60 * minutes:
        places = strategy.ask()
        found = [rows(decoded(p), n, seed + 1000 * generation) for p in places]
        strategy.tell(places, [sum(distance(row, value) for row, value in f.items()) for f in found])
        generation += 1
        print(f"generation {generation}: median distance {np.median(strategy.fit.fit):.2f}", flush=True)
    best = decoded(strategy.result.xfavorite)
    print(json.dumps(best, indent=1))
    show(best, 10 * n, seed + 999_999)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--show", action="store_true")
    arguments.add_argument("--minutes", type=float, default=30.0)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--n", type=int, default=40, help="subjects a group")
    chosen = arguments.parse_args()
    if chosen.show:
        show(defaults(), 10 * chosen.n, chosen.seed + 999_999)
    else:
        search(chosen.minutes, chosen.seed, chosen.n)
