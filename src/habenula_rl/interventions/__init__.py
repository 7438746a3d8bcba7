"""Interventions: functions of parameters and time; they compose, and no agent knows of them. A line here registers one.

In a config an intervention has the name of its class in lower case, its words joined by underscores.
"""

import re

from .accounts import AmpaPlasticity as AmpaPlasticity
from .accounts import DirectOpioid as DirectOpioid
from .accounts import HabenulaBlock as HabenulaBlock
from .accounts import NmdaElsewhere as NmdaElsewhere
from .accounts import PermissiveOpioid as PermissiveOpioid
from .base import Account as Account
from .base import Dosed as Dosed
from .base import Given as Given
from .base import Intervention as Intervention
from .base import InterventionContext as InterventionContext
from .base import applied as applied
from .base import contradiction as contradiction
from .base import given as given
from .base import outlasting as outlasting
from .channels import Ethosuximide as Ethosuximide
from .channels import KirLoss as KirLoss
from .channels import KirOverexpression as KirOverexpression
from .channels import Mibefradil as Mibefradil
from .habenula import DeepBrainStimulation as DeepBrainStimulation
from .habenula import Lesion as Lesion
from .habenula import Muscimol as Muscimol
from .habenula import OptogeneticBursts as OptogeneticBursts
from .habenula import OptogeneticInhibition as OptogeneticInhibition
from .habenula import OptogeneticTonic as OptogeneticTonic
from .history import History as History
from .history import PhaseExposure as PhaseExposure
from .history import unblocked as unblocked
from .ligands import HNK as HNK
from .ligands import NBQX as NBQX
from .ligands import Morphine as Morphine
from .ligands import Naltrexone as Naltrexone
from .ligands import Rapamycin as Rapamycin
from .monoamines import SSRI as SSRI
from .monoamines import DopamineAgonist as DopamineAgonist
from .monoamines import DopamineAntagonist as DopamineAntagonist
from .monoamines import OptogeneticDopamine as OptogeneticDopamine
from .monoamines import SerotoninAgonist as SerotoninAgonist
from .monoamines import SerotoninAntagonist as SerotoninAntagonist
from .nmda import AP5 as AP5
from .nmda import MK801 as MK801
from .nmda import Ketamine as Ketamine
from .nmda import Memantine as Memantine
from .vehicle import Vehicle as Vehicle


def name_in_configs(kind: type[Intervention]) -> str:
    """Its class's name in lower case: deep_brain_stimulation, ap5, ssri."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.__name__).lower()


INTERVENTIONS: dict[str, type[Intervention]] = {
    name_in_configs(kind): kind
    for _, kind in sorted(globals().items(), key=lambda entry: entry[0].lower())
    if isinstance(kind, type) and issubclass(kind, Intervention) and kind.__module__ != Intervention.__module__
}
