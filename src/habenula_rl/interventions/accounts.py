"""Rival accounts of what ketamine does: each says through which of the agent's parameters which drugs act.

Named beside the drugs, an account takes the place of what they would do: `[direct_opioid: {}, ketamine: {...}]`. Two
can hold together, and then both act. The free gain of each, which no paper gives, is set so that 10 mg/kg of ketamine
end most of what keeps helpless mice floating, at the time at which the account has it at its best.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..contract import parameter
from ..pharmacology import accounts
from ..pharmacology import kinetics as pk
from .base import Account, InterventionContext
from .ligands import HNK, NBQX, Ligand, Morphine, Naltrexone, Rapamycin
from .nmda import Ketamine, NmdaBlocker


def _since() -> Any:
    return parameter(0.0, doc="hours that it has held for: always the same", unit="h", low=0.0, high=1e6, source="set")


def _gain(default: float, doc: str, high: float, source: str = "set: 10 mg/kg of ketamine in mice") -> Any:
    return parameter(default, doc=doc, low=0.0, high=high, source=source)


def _hours(default: float, doc: str, source: str) -> Any:
    return parameter(default, doc=doc, unit="h", low=0.01, high=1e5, source=source)


def _free_um(dose: NmdaBlocker) -> float:
    """Concentration (µM) in the brain now."""
    return float(dose.course()(dose.hours_before * pk.HOUR_S))


def _x(scene: InterventionContext, drug: type[Ligand]) -> float:
    """All doses of a drug together, now, over what holds half of the receptors."""
    return sum(dose.x() for dose in scene.doses(drug))


@dataclass(frozen=True)
class HabenulaBlock(Account):
    """The account of this package, and what holds without any: a block of NMDA receptors ends the habenula's bursts.

    Yang 2018, Ma 2023. Opioids, AMPA receptors and mTORC1 have no part in it.
    """

    excludes = ("PermissiveOpioid",)
    hours_before: float = _since()

    @property
    def targets(self) -> tuple[str, ...]:
        return ("nmda",)

    def heard(self, free: Any, scene: InterventionContext) -> Any:
        """What the drug has left."""
        return free


@dataclass(frozen=True)
class PermissiveOpioid(Account):
    """The block of the habenula works as far as opioid receptors are free, u: m = 1 - O·u.

    Blocking opioid receptors prevents what ketamine does, and a µ agonist does not do it (Klein 2020, PNAS 117:2656).
    What counts are the receptors during the test, so that what ketamine has bound acts again once naltrexone is gone.
    """

    excludes = ("HabenulaBlock",)
    hours_before: float = _since()

    @property
    def targets(self) -> tuple[str, ...]:
        return ("nmda",)

    def heard(self, free: Any, scene: InterventionContext) -> Any:
        """1 - O·u, u the opioid receptors that naltrexone leaves."""
        return 1.0 - (1.0 - free) * (1.0 - accounts.held(_x(scene, Naltrexone)))


@dataclass(frozen=True)
class DirectOpioid(Account):
    """Ketamine is a µ opioid, itself or by the opioids that it releases, which silence what the habenula sends on.

    λ ← λ·(1 - κ·µ), µ = x / (1 + x + y) with x of ketamine and morphine, y of naltrexone. µ agonists inhibit some
    neurons of the habenula (Margolis & Fields 2016, doi 10.1371/journal.pone.0159097) and those of the RMTg below it
    (Jalabert 2011, from memory). Analgesia is not in the model: it would lower what a shock drives as well.
    """

    hours_before: float = _since()
    affinity_um: float = parameter(
        42.0, symbol="K_i", doc="of ketamine", unit="µM", low=0.01, high=1e5, source="Hirota 1999: pK_i 4.38"
    )
    release: float = _gain(15.0, "effect of opioids that ketamine releases, over its own", 1e4)
    reach: float = parameter(
        0.9,
        symbol="κ",
        doc="habenula output that µ receptors can silence",
        unit="fraction",
        low=0.0,
        high=1.0,
        source="set",
    )

    @property
    def targets(self) -> tuple[str, ...]:
        return ("habenula_output",)

    def effect(self, scene: InterventionContext) -> Mapping[str, Any]:
        """1 - κ·µ of the habenula's output."""
        released = self.release / self.affinity_um * sum(_free_um(dose) for dose in scene.doses(Ketamine))
        mu = accounts.agonism(released + _x(scene, Morphine), _x(scene, Naltrexone))
        return {"habenula_output": 1.0 - self.reach * mu}


@dataclass(frozen=True)
class AmpaPlasticity(Account):
    """Ketamine and HNK raise AMPA throughput, which acts at once and, through mTORC1, makes synapses that act for days.

    v ← v·(1 - E): what initiating costs without tonic dopamine weighs less where prefrontal synapses are strong.
    E = g·A·(1 - N)·(2^(-t/T) + kept·made(t)), at most 1: A = dose / (dose + half dose), N the AMPA receptors that NBQX
    holds now, T the half-life of the surge, kept what NBQX and rapamycin left of it, made the new synapses. Of several
    doses each counts by what it adds to A, so that a dose in two parts is one. Zanos 2016
    (doi 10.1038/nature17998), Li 2010 (doi 10.1126/science.1190287); rapamycin spares the first hour (Autry 2011, doi
    10.1038/nature10130, from memory).
    """

    hours_before: float = _since()
    gain: float = _gain(1.5, "effect of full throughput, in what tonic dopamine's loss takes", 100.0)
    half_dose_mouse: float = parameter(
        3.0, doc="dose of ketamine in mice that brings half of it about", unit="mg/kg", low=0.01, high=1e3, source="set"
    )
    surge_hours: float = _hours(1.0, "half-life of raised throughput", "set")
    rise_hours: float = _hours(2.0, "time constant with which synapses are made", "Li 2010: within hours; set")
    fall_hours: float = _hours(120.0, "time constant with which they are lost", "Li 2010: a week; set")

    @property
    def targets(self) -> tuple[str, ...]:
        return ("vigour",)

    def effect(self, scene: InterventionContext) -> Mapping[str, Any]:
        """1 - E of the cost of initiating."""
        nbqx = [(i.at_first, i.half_life, i.hours_before) for i in scene.doses(NBQX)]
        mtor = [(i.block / max(1.0 - i.block, 1e-9), i.half_life_hours, i.hours_before) for i in scene.doses(Rapamycin)]
        effect = 0.0
        raising: list[Ketamine | HNK] = [*scene.doses(Ketamine), *scene.doses(HNK)]
        raising.sort(key=lambda dose: -dose.hours_before)
        halves = [d.half_dose if isinstance(d, Ligand) else self.half_dose_mouse / MOUSE_MG[d.species] for d in raising]
        given = [(d.dose_mg_per_kg / half, d.hours_before) for d, half in zip(raising, halves, strict=True)]
        for (_, t), throughput in zip(given, accounts.brought(given, self.surge_hours), strict=True):
            kept = accounts.remains(self.surge_hours, [(x, own, since - t) for x, own, since in nbqx])
            kept *= accounts.remains(math.log(2.0) * self.rise_hours, [(x, own, since - t) for x, own, since in mtor])
            made = kept * accounts.synapses(t, self.rise_hours, self.fall_hours)
            effect += throughput * (0.5 ** (t / self.surge_hours) + made)
        return {"vigour": max(0.0, 1.0 - self.gain * effect * (1.0 - accounts.held(_x(scene, NBQX))))}


MOUSE_MG = {"mouse": 1.0, "rat": 2.0, "human": 12.3}  # mg/kg in mice for 1 mg/kg, by body surface (FDA 2005)


@dataclass(frozen=True)
class NmdaElsewhere(Account):
    """NMDA receptors are blocked elsewhere, on neurons that hold dopamine down, as prefrontal interneurons do.

    c_T ← c_T·(1 + g·O): O = C / (C + K) of all blockers, in balance, since neurons that fire let the drug in and out.
    Ketamine raises prefrontal glutamate and dopamine (Moghaddam 1997, doi 10.1523/JNEUROSCI.17-08-02921.1997), and its
    effect needs dopamine (Wu 2021). It acts in healthy animals as well.
    """

    hours_before: float = _since()
    gain: float = _gain(2.4, "effect of a full block on tonic dopamine", 100.0)

    @property
    def targets(self) -> tuple[str, ...]:
        return ("dopamine_tone",)

    def effect(self, scene: InterventionContext) -> Mapping[str, Any]:
        """1 + g·O of tonic dopamine."""
        x = sum(_free_um(dose) / dose.blocker.affinity_um for dose in scene.doses(NmdaBlocker))
        return {"dopamine_tone": 1.0 + self.gain * accounts.held(x)}
