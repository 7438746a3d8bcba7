"""Drugs that act on behaviour only as an account of ketamine says: `accounts.py` reads them, alone they are refused.

"From memory" marks published values that were not looked up again, "set" what had to be chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..contract import parameter
from ..pharmacology import accounts, drugs
from .base import Dosed, InterventionContext
from .channels import half_life
from .systemic import Systemic, mg_per_kg, since_injection, whose


def _own(doc: str, unit: str) -> Any:
    said = f"{doc}; {drugs.OWN:g}: the drug's own"
    return parameter(drugs.OWN, doc=said, unit=unit, low=drugs.OWN, high=1e6, source="KINETICS of its class")


@dataclass(frozen=True, kw_only=True)
class Ligand(Systemic):
    """A drug in balance with its receptors: it holds x / (1 + x) of them, x = dose / half dose · 2^(-t / half-life).

    KINETICS has of each species the dose (mg/kg) that holds half of the receptors at first, and the half-life (h).
    """

    by_account: ClassVar[bool] = True
    KINETICS: ClassVar[Mapping[str, tuple[float, float]]]
    species: str = whose()
    half_dose_mg_per_kg: float = _own("dose that holds half of the receptors at first", "mg/kg")
    half_life_hours: float = _own("half-life at the receptors", "h")

    def check(self) -> None:
        """Raises ValueError for a species without kinetics, and for a number that is neither the drug's own nor one."""
        for name in ("half_dose_mg_per_kg", "half_life_hours"):
            value = getattr(self, name)
            if value <= 0.0 and value != drugs.OWN:
                raise ValueError(f"{name} must be above 0, or {drugs.OWN:g} for the drug's own, not {value:g}")

    @property
    def half_dose(self) -> float:
        """The dose (mg/kg) that holds half of the receptors at first."""
        given = self.half_dose_mg_per_kg
        return self.KINETICS[self.species][0] if given == drugs.OWN else given

    @property
    def half_life(self) -> float:
        """Hours in which its concentration falls by half."""
        given = self.half_life_hours
        return self.KINETICS[self.species][1] if given == drugs.OWN else given

    @property
    def at_first(self) -> float:
        """x when it is given."""
        return self.dose_mg_per_kg / self.half_dose

    def x(self) -> float:
        """Its concentration now, over that which holds half of the receptors."""
        return float(accounts.relative(self.dose_mg_per_kg, self.half_dose, self.hours_before, self.half_life))

    @classmethod
    def together(cls, doses: Sequence[Any], scene: InterventionContext) -> Mapping[str, Any]:
        """Nothing by itself."""
        return {}


@dataclass(frozen=True)
class Naltrexone(Ligand):
    """Naltrexone: holds opioid receptors and does not activate them.

    People: 50 mg hold 92 to 98 % of µ receptors and 5 mg 43 to 58 % (Rabiner 2011, in table 1 of Trøstheim 2022,
    doi 10.1038/s41386-022-01416-z), so that .05 mg/kg holds half; the half-time of that block is 72 to 108 h (Lee
    1988), which a half-life of 23 h brings about. Rats: 8 h in brain (Misra 1976). Mice: half-life set.
    """

    KINETICS = {"mouse": (0.05, 1.0), "rat": (0.05, 8.0), "human": (0.05, 23.0)}  # noqa: RUF012
    dose_mg_per_kg: float = mg_per_kg(10.0, "set, mice; Williams 2018: 50 mg, .71 mg/kg, by mouth")
    hours_before: float = since_injection(1.0, "set")


@dataclass(frozen=True)
class Morphine(Ligand):
    """Morphine: activates µ opioid receptors.

    Half doses from antinociception, some mg/kg in rodents and .15 in people, from memory; half-lives likewise.
    """

    KINETICS = {"mouse": (5.0, 0.5), "rat": (3.0, 1.0), "human": (0.15, 2.5)}  # noqa: RUF012
    dose_mg_per_kg: float = mg_per_kg(10.0, "set")
    hours_before: float = since_injection(0.5, "set")


@dataclass(frozen=True)
class NBQX(Ligand):
    """NBQX: competes with glutamate for AMPA receptors.

    Half dose set, so that 10 mg/kg, which stop the effects of ketamine in mice (Maeng 2008, doi
    10.1016/j.biopsych.2007.05.028; Zanos 2016), hold most. Half-life .75 h in people's plasma (doi
    10.1097/00045391-199412000-00009), taken for all.
    """

    KINETICS = dict.fromkeys(drugs.SPECIES, (1.0, 0.75))
    dose_mg_per_kg: float = mg_per_kg(10.0, "Zanos 2016, from memory")
    hours_before: float = since_injection(1.0, "half an hour before ketamine: set")


@dataclass(frozen=True)
class HNK(Ligand):
    """(2R,6R)-hydroxynorketamine, a metabolite of ketamine that binds to none of its receptors.

    Its half dose is that of AMPA throughput, set: mice float less from 15 mg/kg by mouth on, 62 % of which get as far
    as i.p. (Highland 2019, doi 10.1177/0269881118812095). Other species by body surface. Half-life set.
    """

    KINETICS = {"mouse": (3.0, 0.5), "rat": (1.5, 1.0), "human": (0.25, 6.0)}  # noqa: RUF012
    dose_mg_per_kg: float = mg_per_kg(10.0, "Zanos 2016, from memory")
    hours_before: float = since_injection(24.0, "Zanos 2016, from memory")


@dataclass(frozen=True)
class Rapamycin(Dosed):
    """Rapamycin: blocks mTORC1, without which no synapses are made.

    Given as the block that it comes to in the brain: Li 2010 infuse it there, and nothing is known of how much of a
    dose by mouth gets there in people.
    """

    by_account: ClassVar[bool] = True
    block: float = parameter(
        0.9, doc="fraction of mTORC1 that it blocks at first", unit="fraction", low=0.0, high=1.0, source="set"
    )
    hours_before: float = since_injection(24.5, "half an hour before ketamine: Li 2010, from memory")
    half_life_hours: float = half_life(24.0, "set; 60 h in people's blood, from memory")

    @property
    def inert(self) -> bool:
        return self.block == 0.0

    @classmethod
    def together(cls, doses: Sequence[Any], scene: InterventionContext) -> Mapping[str, Any]:
        """Nothing by itself."""
        return {}
