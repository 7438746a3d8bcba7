"""What is chosen in the explorer, and the config of it: what the page shows is a run of that config."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..contract import nearest
from ..interventions import INTERVENTIONS
from ..interventions.nmda import NmdaBlocker
from ..interventions.systemic import milligrams
from ..pharmacology.drugs import ROUTES, SPECIES
from ..tasks import TASKS

if TYPE_CHECKING:
    from ..config.plan import Plan
    from ..config.study import Study
    from ..contract import Task

NONE = "none"
DRUGS = (NONE, *(name for name, kind in INTERVENTIONS.items() if issubclass(kind, NmdaBlocker)))
SUBJECTS, SEED = 200, 1
MOST_SHOCKS = 360
GAP_HOURS = 24.0  # from the shocks to the test
DECIMALS = 10  # of an hour, as the studies' configs write a third of one


@dataclass(frozen=True)
class Paradigm:
    """A task as it is shown, and what is drawn of it: the mean of `measure` over blocks of so many trials (or steps).

    `measure` is "failed" (% of trials that did not end by their own rule), "share ACTION" (% of steps), "outcome"
    or the name of a signal.
    """

    label: str
    task: str
    parameters: Mapping[str, Any]
    trials: int
    measure: str
    axis: str
    block: int = 1

    def made(self) -> Task:
        """The task with its parameters."""
        return TASKS[self.task](**self.parameters)


TESTS: Mapping[str, Paradigm] = {
    "shuttle_box": Paradigm(
        "Shuttle box: escape a shock within 10 s",
        "ShuttleBox",
        {"escapable": True, "max_shock_s": 10},
        30,
        "failed",
        "Shocks not escaped (%)",
    ),
    "shuttle_box_30s": Paradigm(
        "Shuttle box: escape a shock within 30 s",
        "ShuttleBox",
        {"escapable": True, "max_shock_s": 30},
        30,
        "failed",
        "Shocks not escaped (%)",
    ),
    "shuttle_box_warned": Paradigm(
        "Shuttle box with a warning of 10 s",
        "ShuttleBox",
        {"escapable": True, "warning_s": 10, "max_shock_s": 50},
        10,
        "failed",
        "Shocks not escaped (%)",
    ),
    "forced_swim": Paradigm("Forced swim, 6 min", "ForcedSwim", {}, 1, "share float", "Time immobile (%)", 30),
    "sucrose": Paradigm(
        "Sucrose or water, free to leave both",
        "SucrosePreference",
        {"free": True},
        300,
        "share sucrose",
        "Visits to the sucrose (%)",
        20,
    ),
    "spouts": Paradigm(
        "Two spouts that give a drop half of the time",
        "SucrosePreference",
        {"free": False, "sucrose": 1.0, "water": 1.0, "delivery": 0.5, "effort": 0.0},
        400,
        "value",
        "Outcome that is expected (0.5 comes)",
        20,
    ),
    "effort": Paradigm(
        "Work for a larger reward, or take the small one",
        "EffortChoice",
        {},
        100,
        "share work",
        "Choices of work (%)",
        10,
    ),
    "reversal": Paradigm(
        "Two arms; the better one changes",
        "ReversalLearning",
        {"probabilities": [0.8, 0.2], "correct": 0, "block": 50},
        200,
        "outcome",
        "Outcome of a choice",
        10,
    ),
    "reversal_by_criterion": Paradigm(
        "Two arms; the better one changes after eight right choices",
        "ReversalLearning",
        {},
        200,
        "outcome",
        "Outcome of a choice",
        10,
    ),
    "avoidance": Paradigm("Active avoidance", "ActiveAvoidance", {}, 50, "outcome", "Outcome a second", 5),
    "go_no_go": Paradigm("Go or no-go, reward and loss", "GoNoGo", {}, 240, "outcome", "Outcome a trial", 20),
    "shuttle_box_twice": Paradigm(
        "Shuttle box: two crossings end a shock",
        "ShuttleBox",
        {"responses": 2, "max_shock_s": 30},
        25,
        "failed",
        "Shocks not escaped (%)",
    ),
    "risk": Paradigm(
        "A sure amount or a risky one", "RiskChoice", {}, 300, "share safe", "Choices of the sure amount (%)", 20
    ),
    "bias": Paradigm(
        "Two stimuli, one rewarded more often", "ProbabilisticReward", {}, 300, "outcome", "Reward a trial", 20
    ),
    "saccades": Paradigm(
        "Cues of reward and of none, which change places",
        "PavlovianConditioning",
        {"schedule": "12 P:A+ P:B- | 12 P:A- P:B+", "interval_s": 1, "interval_spread": 0},
        96,
        "rpe",
        "Prediction error, mean of a trial",
        4,
    ),
}
PRESETS = {  # of each study that has one of these tests: a group, a phase, and the test that is its task
    "antagonists": ("ketamine", "forced_swim", "forced_swim"),
    "antidepressants": ("helpless", "shuttle", "shuttle_box_30s"),
    "associations": ("inference", "inference", "saccades"),
    "avoidance": ("intact", "active", "avoidance"),
    "belujon2014": ("helpless_ketamine", "rest", "sucrose"),
    "burst_mechanism": ("healthy", "shuttle", "shuttle_box_30s"),
    "depressed_choice": ("depressed", "reversal", "reversal_by_criterion"),
    "dose_response": ("helpless_10mg", "forced_swim", "forced_swim"),
    "habenula_output": ("helpless", "forced_swim", "forced_swim"),
    "habenula_silenced": ("rats_off", "barrier_off", "effort"),
    "healthy_learning": ("healthy", "effort", "effort"),
    "helplessness_fades": ("shocked_24h", "test_24h", "shuttle_box"),
    "ketamine_accounts": ("vehicle", "forced_swim", "forced_swim"),
    "ketamine_blockers": ("ketamine_habenula_30min", "forced_swim", "forced_swim"),
    "ketamine_time": ("helpless_mouse_4h", "shuttle", "shuttle_box"),
    "mastery": ("naive", "test_day", "shuttle_box"),
    "pessimism": ("helpless", "spouts", "spouts"),
    "phase_diagram": ("h100_block00", "forced_swim", "forced_swim"),
    "probabilistic_choice": ("depressed", "bias", "bias"),
    "recordings": ("saccades", "saccades", "saccades"),
    "recovery": ("ketamine", "ketamine", "sucrose"),
    "seligman1967": ("yoked", "test", "shuttle_box_warned"),
    "shabel2014": ("helpless", "risk", "risk"),
    "uncontrollable": ("stressed", "test", "shuttle_box_twice"),
    "wu2021": ("mice", "ketamine", "shuttle_box"),
    "yang2018": ("helpless_ketamine", "shuttle", "shuttle_box_30s"),
    "yang2018_pattern": ("no_light", "forced_swim", "forced_swim"),
}
WRITTEN = """\
# What `habenula explore` showed. It runs as it is:  habenula run explored.yaml
study: explored
description: {description}
seed: {seed}
record: trials
subjects: same                                  # healthy and other animals differ in what is written here alone
groups:
  healthy:
    n: {n}
    parameters: {{hyperactivity: 0.0}}
  animals:
    n: {n}
    parameters: {{hyperactivity: {hyperactivity!r}}}
phases:
{shocks}  - name: reference                             # healthy animals, untreated
    groups: [healthy]
    gap_hours: {gap}
    task: {task}
    parameters: {parameters}
    trials: {trials}
  - name: test
    groups: [animals]
    task: {task}
    parameters: {parameters}
    trials: {trials}
{drug}"""
SHOCKS = """\
  - name: shocks                                # 3 s each, whatever the animal does, the day before
    groups: [animals]
    task: ShuttleBox
    parameters: {{escapable: false, durations_s: [3]}}
    trials: {shocks}
"""
DRUG = """\
    interventions:
      - {drug}: {{dose: {dose:g} mg/kg, route: {route}, species: {species}, hours_before: {hours!r}}}
"""


@dataclass(frozen=True)
class Scene:
    """Animals, what they were given, and the test that they are in.

    hyperactivity: 0 healthy, 1 congenitally helpless. shocks: inescapable ones of 3 s, 24 hours before the test.
    dose in mg/kg, hours from the dose to the test. Raises ValueError with a sentence where something cannot be.
    """

    hyperactivity: float = 1.0
    shocks: int = 0
    drug: str = NONE
    dose: float = 10.0
    route: str = "ip"
    species: str = "mouse"
    hours: float = 1.0
    test: str = "shuttle_box"

    def __post_init__(self) -> None:
        for name, known in (("drug", DRUGS), ("route", ROUTES), ("species", SPECIES), ("test", tuple(TESTS))):
            if getattr(self, name) not in known:
                near = nearest(str(getattr(self, name)), known)
                raise ValueError(f"there is no {name} '{getattr(self, name)}'{near}")
        for name, low, high in (("hyperactivity", -1.0, 2.4), ("shocks", 0, MOST_SHOCKS), ("dose", 0, 1000)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise ValueError(f"{name} must be a number from {low:g} to {high:g}, not {value!r}")
        if self.shocks != int(self.shocks):
            raise ValueError(f"shocks must be a whole number, not {self.shocks!r}")
        self.given()

    def given(self) -> NmdaBlocker | None:
        """The drug as it is at the test; ValueError where its kinetics are not known, or a number is out of range."""
        if self.drug == NONE:
            return None
        kind: Any = INTERVENTIONS[self.drug]
        made: NmdaBlocker = kind(
            dose_mg_per_kg=self.dose, route=self.route, species=self.species, hours_before=self.hours
        )
        return made

    def config(self) -> str:
        """The config, as text: `habenula run` takes it."""
        test = TESTS[self.test]
        known = {
            name: str(value).lower() if isinstance(value, bool) else value for name, value in test.parameters.items()
        }
        drug = DRUG.format(**vars(self)) if self.given() else ""
        return WRITTEN.format(
            description=self.described(),
            seed=SEED,
            n=SUBJECTS,
            hyperactivity=float(self.hyperactivity),
            shocks=SHOCKS.format(shocks=int(self.shocks)) if self.shocks else "",
            gap=f"{GAP_HOURS:g}" if self.shocks else 0,
            task=test.task,
            parameters=f"{{{', '.join(f'{name}: {value}' for name, value in known.items())}}}",
            trials=test.trials,
            drug=drug,
        )

    def described(self) -> str:
        """It in a sentence without a colon, as YAML likes it."""
        shocked = f", {self.shocks:g} inescapable shocks the day before" if self.shocks else ""
        drug = (
            f", {self.drug} {self.dose:g} mg/kg {self.route} ({self.species}) {self.hours:.3g} h before"
            if self.given()
            else ""
        )
        return f"Animals with hyperactivity {self.hyperactivity:g}{shocked}{drug}, beside healthy ones"

    def plan(self) -> Plan:
        """The config read and made as `habenula run` does it."""
        from ..config.plan import plan_of
        from ..config.study import load_study

        with TemporaryDirectory() as folder:
            path = Path(folder) / "explored.yaml"
            path.write_text(self.config(), encoding="utf-8")
            return plan_of(load_study(path))


@functools.cache
def presets() -> dict[str, Scene]:
    """For each of the package's studies that has one of the tests: the scene of a group of it in a phase of it."""
    from ..config.study import bundled_study, read_study

    return {name: _preset(read_study(bundled_study(name)), *chosen) for name, chosen in PRESETS.items()}


def _preset(study: Study, group: str, phase: str, test: str) -> Scene:
    """The numbers as the config has them; of a trait that differs between subjects its mean."""
    names = [one.name for one in study.phases]
    before = [one for one in study.phases[: names.index(phase)] if not one.groups or group in one.groups]
    trait = study.groups[group].parameters.get("hyperactivity", 0.0)
    found: dict[str, Any] = {"hyperactivity": trait["normal"]["mean"] if isinstance(trait, Mapping) else trait}
    found["shocks"] = sum(one.trials for one in before if one.parameters.get("escapable") is False)
    for entry in (*study.groups[group].interventions, *study.phases[names.index(phase)].interventions):
        for drug, values in entry.items():
            if drug in DRUGS:
                dose = values["dose_mg_per_kg"] if "dose_mg_per_kg" in values else milligrams(str(values["dose"]))
                own = {name: values[name] for name in ("route", "species") if name in values}
                found |= {"drug": drug, "dose": dose, "hours": values["hours_before"], **own}
    return Scene(**found, test=test)
