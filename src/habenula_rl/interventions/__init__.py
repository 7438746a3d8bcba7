"""Interventions: functions of parameters and time; they compose, and no agent knows of them."""

from __future__ import annotations

from dataclasses import dataclass

from .base import Dosed, Given, Intervention, InterventionContext, applied, contradiction, given, outlasting
from .channels import Ethosuximide, KirLoss, KirOverexpression, Mibefradil, hours
from .habenula import (
    DeepBrainStimulation,
    Lesion,
    Muscimol,
    OptogeneticBursts,
    OptogeneticInhibition,
    OptogeneticTonic,
)
from .history import History, PhaseExposure, unblocked
from .monoamines import SSRI, DopamineAgonist, DopamineAntagonist, SerotoninAgonist, SerotoninAntagonist
from .nmda import AP5, MK801, Ketamine, Memantine

__all__ = [
    "AP5",
    "INTERVENTIONS",
    "MK801",
    "SSRI",
    "DeepBrainStimulation",
    "DopamineAgonist",
    "DopamineAntagonist",
    "Dosed",
    "Ethosuximide",
    "Given",
    "History",
    "Intervention",
    "InterventionContext",
    "Ketamine",
    "KirLoss",
    "KirOverexpression",
    "Lesion",
    "Memantine",
    "Mibefradil",
    "Muscimol",
    "OptogeneticBursts",
    "OptogeneticInhibition",
    "OptogeneticTonic",
    "PhaseExposure",
    "SerotoninAgonist",
    "SerotoninAntagonist",
    "Vehicle",
    "applied",
    "contradiction",
    "given",
    "outlasting",
    "unblocked",
]


@dataclass(frozen=True)
class Vehicle(Intervention):
    """Vehicle: the injection without the drug; changes nothing."""

    hours_before: float = hours(1.0, "hours from injection to test", "set")


INTERVENTIONS: dict[str, type[Intervention]] = {
    "ap5": AP5,
    "deep_brain_stimulation": DeepBrainStimulation,
    "dopamine_agonist": DopamineAgonist,
    "dopamine_antagonist": DopamineAntagonist,
    "ethosuximide": Ethosuximide,
    "ketamine": Ketamine,
    "kir_loss": KirLoss,
    "kir_overexpression": KirOverexpression,
    "lesion": Lesion,
    "memantine": Memantine,
    "mibefradil": Mibefradil,
    "mk801": MK801,
    "muscimol": Muscimol,
    "optogenetic_bursts": OptogeneticBursts,
    "optogenetic_inhibition": OptogeneticInhibition,
    "optogenetic_tonic": OptogeneticTonic,
    "serotonin_agonist": SerotoninAgonist,
    "serotonin_antagonist": SerotoninAntagonist,
    "ssri": SSRI,
    "vehicle": Vehicle,
}
