"""Drugs at NMDA receptors: how they bind, and where each species puts them. Every number with its source.

"From memory" marks published values that were not looked up again, "set" what had to be chosen.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from . import kinetics as pk
from .occupancy import MAGNESIUM_FREE, Blocker

ROUTES = ("iv", "infusion", "ip", "sc", "intranasal")
SPECIES = ("mouse", "rat", "human")
Uptake = Mapping[str, tuple[float, float]]  # by route: half-life of absorption (min), fraction that gets into the blood


@dataclass(frozen=True)
class Drug:
    """A drug: binding, fraction free in plasma, half-life of the way to the brain, and species."""

    blocker: Blocker
    free_share: float
    equilibration_half_life_min: float
    dispositions: Mapping[str, pk.Disposition]
    uptake: Mapping[str, Uptake]

    @property
    def molar_mass_g_per_mol(self) -> float:
        """The same in every species."""
        return next(iter(self.dispositions.values())).molar_mass_g_per_mol


# Binding: Gilling 2009 has k_on .15 ± .05, k_off .22 ± .05 and an IC50 of .71 ± .03 µM (Hill .84 ± .02, taken as 1) and
# finds it fully trapped. The rates' quotient is 1.5; these are the nearest to both, in their errors, that give .71.
# Mouse: half-life 13 min (Ma 2023), volume set so that 10 mg/kg i.p. peaks near 5 µM in plasma
# (from memory). Rat: set, half-life 36 min. Human: clearance 95 L/h/70 kg (Fanta 2015); volumes and exchange set so
# that 0.5 mg/kg in 40 min peak near the published 0.78 µM (Zanos & Gould 2018), with a half-life of about 3 h. Free in
# plasma: 53.5 % bound in dogs (Kaka & Hayton 1980). Intranasal in humans: 45 % (Yanagihara 2003). Other uptakes: set.
KETAMINE = Drug(
    Blocker(0.204, 0.145, magnesium_free=MAGNESIUM_FREE),
    0.465,
    1.5,
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
)

# Binding: Gilling 2009: k_on .32 ± .11, k_off .53 ± .10, about a fifth untrapped. Human: half-life 60 to 80 h,
# volume 10 L/kg, 45 % bound (label; from memory). Rodents: half-life about 3.5 h, set.
MEMANTINE = Drug(
    Blocker(0.32, 0.53, magnesium_free=MAGNESIUM_FREE, untrapped=0.2),
    0.55,
    10.0,
    {
        "mouse": pk.Disposition(179.30, 7.0, 1.4),
        "rat": pk.Disposition(179.30, 7.0, 1.4),
        "human": pk.Disposition(179.30, 10.0, 0.1),
    },
    {name: {"ip": (8.0, 0.9), "sc": (12.0, 0.95), "intranasal": (10.0, 0.5)} for name in SPECIES},
)

# Binding: Huettner & Bean 1988 (from memory). Mouse: brain and plasma after 0.1 mg/kg i.p. and s.c. in table 2 of
# PMC6806415, s.c. taken as wholly available, half-life set. Free in plasma: set. No kinetics for rat and human.
MK801 = Drug(
    Blocker(25.0, 0.005, magnesium_free=MAGNESIUM_FREE),
    0.4,
    5.0,
    {"mouse": pk.Disposition(221.30, 25.0, 19.3)},
    {"mouse": {"ip": (5.0, 0.67), "sc": (5.0, 1.0), "intranasal": (5.0, 0.5)}},
)

AP5 = Blocker(10.0, 14.0, trapped=False)  # competes with glutamate: K_i 1.4 µM (Olverman 1988, from memory), rates set


DRUGS = {"ketamine": KETAMINE, "memantine": MEMANTINE, "MK-801": MK801}

OWN = -1.0  # given for a number below: the drug's own for the species and route
UPTAKE = tuple(route for route in ROUTES if route not in ("iv", "infusion"))
BODY = ("volume_l_per_kg", "clearance_l_per_h_per_kg", "peripheral_l_per_kg", "exchange_l_per_h_per_kg")
TAKEN_UP = ("absorption_half_life_min", "available_share")
SETTABLE = {  # meaning, unit, lowest and highest value
    "volume_l_per_kg": ("volume of distribution, of the central compartment where there are two", "L/kg", 0.01, 100.0),
    "clearance_l_per_h_per_kg": ("clearance", "L/h/kg", 0.01, 100.0),
    "peripheral_l_per_kg": ("volume of the second compartment", "L/kg", 0.0, 100.0),
    "exchange_l_per_h_per_kg": ("exchange with the second compartment, 0 for none", "L/h/kg", 0.0, 100.0),
    "absorption_half_life_min": ("half-life of uptake by ip, sc or intranasal", "min", 0.01, 1e4),
    "available_share": ("fraction that gets into the blood by ip, sc or intranasal", "fraction", 0.0, 1.0),
    "free_share": ("fraction that is free in plasma", "fraction", 0.0, 1.0),
    "equilibration_half_life_min": ("half-life of the way from plasma to the brain", "min", 0.01, 1e4),
}


def kinetics(drug: str, species: str, route: str, given: dict[str, float]) -> dict[str, float]:
    """The numbers of `SETTABLE` that this case needs: those given, else the drug's own.

    Raises ValueError that names what is missing, or what is given and has no meaning here.
    """
    found = _own(DRUGS[drug], species, route) | given
    misplaced = [name for name in TAKEN_UP if name in given and route not in UPTAKE]
    if misplaced:
        what = f"{misplaced[0]} is {given[misplaced[0]]:g}, but it belongs to routes with uptake"
        raise ValueError(f"{what} ({', '.join(UPTAKE)}), not to {route}")
    missing = [name for name in SETTABLE if name not in found and (name not in TAKEN_UP or route in UPTAKE)]
    if missing:
        names = " and ".join([", ".join(missing[:-1])] * (len(missing) > 1) + missing[-1:])
        known = ", ".join(DRUGS[drug].dispositions)
        raise ValueError(f"there are no kinetics of {drug} for {species}, only for {known}: give {names}")
    if given.get("peripheral_l_per_kg") and not found["exchange_l_per_h_per_kg"]:
        volume = given["peripheral_l_per_kg"]
        raise ValueError(f"peripheral_l_per_kg is {volume:g}, but exchange_l_per_h_per_kg is 0: nothing gets there")
    return found


def _own(drug: Drug, species: str, route: str) -> dict[str, float]:
    """What is known of a drug; one compartment where nothing is."""
    found: dict[str, float] = {
        "free_share": drug.free_share,
        "equilibration_half_life_min": drug.equilibration_half_life_min,
    }
    found |= {"peripheral_l_per_kg": 0.0, "exchange_l_per_h_per_kg": 0.0}
    if species in drug.dispositions:
        body = drug.dispositions[species]
        found |= {name: getattr(body, name) for name in BODY}
    return found | dict(zip(TAKEN_UP, drug.uptake.get(species, {}).get(route, ()), strict=False))


@functools.lru_cache(maxsize=256)
def course_of(
    drug: str,
    species: str,
    route: str,
    dose_mg_per_kg: float,
    infusion_min: float,
    unbound_ratio: float,
    given: tuple[tuple[str, float], ...] = (),
) -> pk.Course:
    """Free concentration (µM) at the receptors after a dose at time 0. ValueError where there is no such case."""
    known = kinetics(drug, species, route, dict(given))
    body = pk.Disposition(DRUGS[drug].molar_mass_g_per_mol, *(known[name] for name in BODY))
    if route == "iv":
        plasma = pk.bolus(body, dose_mg_per_kg)
    elif route == "infusion":
        plasma = pk.infusion(body, dose_mg_per_kg, infusion_min)
    else:
        plasma = pk.absorbed(body, dose_mg_per_kg, *(known[name] for name in TAKEN_UP))
    return pk.effect_site(plasma, known["free_share"], unbound_ratio, known["equilibration_half_life_min"])
