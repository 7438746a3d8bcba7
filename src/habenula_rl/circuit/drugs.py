"""Drugs at NMDA receptors: how they bind, and where each species puts them. Every number with its source.

"From memory" marks published values that were not looked up again, "set" what had to be chosen.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from . import pharmacokinetics as pk
from .blockade import Blocker

ROUTES = ("iv", "infusion", "ip", "sc", "intranasal")
SPECIES = ("mouse", "rat", "human")
Uptake = Mapping[str, tuple[float, float]]  # by route: half-life of absorption (min), share that gets into the blood


@dataclass(frozen=True)
class Drug:
    """A drug: binding, share free in plasma, half-life of the way to the brain, and species."""

    blocker: Blocker
    free_share: float
    equilibration_half_life_min: float
    dispositions: Mapping[str, pk.Disposition]
    uptake: Mapping[str, Uptake]


# Binding: Gilling 2009. Mouse: half-life 13 min (Ma 2023), volume set so that 10 mg/kg i.p. peaks near 5 µM in plasma
# (from memory). Rat: set, half-life 36 min. Human: clearance 95 L/h/70 kg (Fanta 2015); volumes and exchange set so
# that 0.5 mg/kg in 40 min peak near the published 0.78 µM (Zanos & Gould 2018), with a half-life of about 3 h. Free in
# plasma: 53.5 % bound in dogs (Kaka & Hayton 1980). Intranasal in humans: 45 % (Yanagihara 2003). Other uptakes: set.
KETAMINE = Drug(
    Blocker(0.15, 0.22), 0.465, 1.5,
    {
        "mouse": pk.Disposition(237.73, 3.0, 9.6),
        "rat": pk.Disposition(237.73, 3.5, 4.0),
        "human": pk.Disposition(237.73, 1.5, 1.36, 3.0, 1.6),
    },
    {
        "mouse": {"ip": (3.0, 0.6), "sc": (5.0, 0.8), "intranasal": (4.0, 0.5)},
        "rat": {"ip": (4.0, 0.6), "sc": (8.0, 0.8), "intranasal": (5.0, 0.5)},
        "human": {"ip": (10.0, 0.6), "sc": (15.0, 0.8), "intranasal": (10.0, 0.45)},
    },
)  # fmt: skip

# Binding: K_d near 1 µM, as fast as ketamine (Gilling 2009; from memory). Human: half-life 60 to 80 h, volume 10 L/kg,
# 45 % bound (label; from memory). Rodents: half-life about 3.5 h, set.
MEMANTINE = Drug(
    Blocker(0.3, 0.3), 0.55, 10.0,
    {
        "mouse": pk.Disposition(179.30, 7.0, 1.4),
        "rat": pk.Disposition(179.30, 7.0, 1.4),
        "human": pk.Disposition(179.30, 10.0, 0.1),
    },
    {name: {"ip": (8.0, 0.9), "sc": (12.0, 0.95), "intranasal": (10.0, 0.5)} for name in SPECIES},
)  # fmt: skip

# Binding: Huettner & Bean 1988 (from memory). Mouse: brain and plasma after 0.1 mg/kg i.p. and s.c. in table 2 of
# PMC6806415, s.c. taken as wholly available, half-life set. Free in plasma: set. No kinetics for rat and human.
MK801 = Drug(
    Blocker(25.0, 0.005), 0.4, 5.0,
    {"mouse": pk.Disposition(221.30, 25.0, 19.3)},
    {"mouse": {"ip": (5.0, 0.67), "sc": (5.0, 1.0), "intranasal": (5.0, 0.5)}},
)  # fmt: skip

AP5 = Blocker(10.0, 14.0, trapped=False)  # competes with glutamate: K_i 1.4 µM (Olverman 1988, from memory), rates set


@functools.lru_cache(maxsize=256)
def course_of(
    drug: str, species: str, route: str, dose_mg_per_kg: float, infusion_min: float, unbound_ratio: float
) -> pk.Course:
    """Free concentration (µM) at the receptors after a dose at time 0. ValueError where there is no such case."""
    known = DRUGS[drug]
    if species not in known.dispositions:
        raise ValueError(f"there are no kinetics of {drug} for {species}, only for {', '.join(known.dispositions)}")
    body = known.dispositions[species]
    if route == "iv":
        plasma = pk.bolus(body, dose_mg_per_kg)
    elif route == "infusion":
        plasma = pk.infusion(body, dose_mg_per_kg, infusion_min)
    else:
        plasma = pk.absorbed(body, dose_mg_per_kg, *known.uptake[species][route])
    return pk.effect_site(plasma, known.free_share, unbound_ratio, known.equilibration_half_life_min)


DRUGS = {"ketamine": KETAMINE, "memantine": MEMANTINE, "MK-801": MK801}
