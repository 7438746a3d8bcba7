"""Drugs at NMDA receptors: a dose becomes a concentration, and with the habenula's own activity a block."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from ..agents.habenula import bursts_at
from ..circuit import habenula
from ..contract import parameter
from ..pharmacology import drugs, occupancy
from ..pharmacology import kinetics as pk
from .base import Dosed, Intervention, InterventionContext
from .history import Bound, PhaseExposure
from .systemic import Systemic, mg_per_kg, since_injection, whose

HOUR_S = pk.HOUR_S
ACTIVITY = (  # all that decides how much of the habenula bursts
    "hyperactivity",
    "hyperpolarisation",
    "t_type",
    "t_type_power",
    "burst_drive",
    "tonic_drive",
    "burst_threshold",
    "burst_slope",
    "habenula_output",
)
OPENERS = {"nmda", *ACTIVITY}  # what else can open or shut receptors
SAME_HOUR = 9  # decimals of an hour to which two doses are at the same time
HALVINGS = 12  # after which an antagonist is gone


def _rate(default: float, symbol: str, unit: str, source: str) -> Any:
    doc = {"k_on": "binding to open channels", "k_off": "leaving of open channels"}[symbol]
    return parameter(default, symbol=symbol, doc=doc, unit=unit, low=1e-6, high=1e3, source=source)


def _on(drug: str, source: str) -> Any:
    return _rate(drugs.DRUGS[drug].blocker.k_on_per_um_s, "k_on", "1/µM/s", source)


def _untrapped(drug: str, source: str) -> Any:
    return parameter(
        drugs.DRUGS[drug].blocker.untrapped,
        doc="fraction of the block that leaves closed channels",
        unit="fraction",
        low=0.0,
        high=1.0,
        source=source,
    )


def _off(drug: str, source: str) -> Any:
    return _rate(drugs.DRUGS[drug].blocker.k_off_per_s, "k_off", "1/s", source)


def _unbound(default: float, source: str) -> Any:
    doc = "free concentration in the brain over that in plasma"
    return parameter(default, symbol="K_p,uu", doc=doc, low=0.01, high=100.0, source=source)


def _own(name: str) -> Any:
    """A number of the drug's kinetics, which a user can give in the place of the drug's own."""
    doc, unit, _, most = drugs.SETTABLE[name]
    doc = f"{doc}; {drugs.OWN:g}: the drug's own"
    return parameter(drugs.OWN, doc=doc, unit=unit, low=drugs.OWN, high=most, source="pharmacology/drugs.py")


@dataclass(frozen=True, kw_only=True)
class NmdaBlocker(Systemic):
    """A drug that gets into open NMDA channels and is trapped when they close.

    The dose in mg/kg (`dose_mg_per_kg`, or `dose` with its unit) by `route` gives the free concentration at the
    receptors; what binds follows from the subject's own burst share (docs/reference/pharmacology.md). Doses of one drug
    add up; blocks of different drugs multiply, as if each had a site of its own. Kinetics that are not given are the
    drug's own for the species and route.
    """

    traps: ClassVar[bool] = True
    drug: ClassVar[str]
    route: str = parameter(
        "ip", doc="way into the body: iv (bolus), infusion, ip, sc or intranasal", source="set", choices=drugs.ROUTES
    )
    species: str = whose()
    infusion_min: float = parameter(
        40.0, doc="length of an infusion", unit="min", low=0.1, high=1e5, source="Zarate 2006"
    )
    unbound_ratio: float = _unbound(1.0, "free drug crosses alike: set")
    k_on_per_um_s: float
    k_off_per_s: float
    untrapped: float
    volume_l_per_kg: float = _own("volume_l_per_kg")
    clearance_l_per_h_per_kg: float = _own("clearance_l_per_h_per_kg")
    peripheral_l_per_kg: float = _own("peripheral_l_per_kg")
    exchange_l_per_h_per_kg: float = _own("exchange_l_per_h_per_kg")
    absorption_half_life_min: float = _own("absorption_half_life_min")
    available_share: float = _own("available_share")
    free_share: float = _own("free_share")
    equilibration_half_life_min: float = _own("equilibration_half_life_min")

    def check(self) -> None:
        """Raises ValueError for a number that is neither the drug's own nor one, or that has no meaning here."""
        for name, value in self.given().items():
            _, _, least, most = drugs.SETTABLE[name]
            if value < least:
                raise ValueError(
                    f"{name} must be {least:g} to {most:g}, or {drugs.OWN:g} for the drug's own, not {value:g}"
                )
        if self.route != "infusion" and self.infusion_min != self.fields()["infusion_min"].default:
            belongs = f"it belongs to route infusion, not to {self.route}"
            raise ValueError(f"infusion_min is {self.infusion_min:g}, but {belongs}")
        self.course()

    def given(self) -> dict[str, float]:
        """The numbers of its kinetics that stand in the place of the drug's own."""
        return {name: value for name in drugs.SETTABLE if (value := getattr(self, name)) != drugs.OWN}

    @property
    def targets(self) -> tuple[str, ...]:
        """The parameter that it changes, and those on which its binding depends."""
        return ("nmda", *ACTIVITY)

    @property
    def touches(self) -> tuple[str, ...]:
        return ("nmda",)

    @property
    def blocker(self) -> occupancy.Blocker:
        """How it binds."""
        binding = drugs.DRUGS[self.drug].blocker
        return replace(
            binding, k_on_per_um_s=self.k_on_per_um_s, k_off_per_s=self.k_off_per_s, untrapped=self.untrapped
        )

    def course(self) -> pk.Course:
        """Free concentration (µM) at the habenula's receptors from the injection on (s)."""
        what = self.drug, self.species, self.route, self.dose_mg_per_kg, self.infusion_min, self.unbound_ratio
        return drugs.course_of(*what, tuple(self.given().items()))

    def block(self, hyperactivity: float = 0.0) -> float:
        """Fraction of NMDA receptors blocked `hours_before` hours after the injection, with all else by default."""
        from ..agents import HabenulaAgent

        return 1.0 - self(HabenulaAgent(hyperactivity=hyperactivity)).nmda

    @classmethod
    def together(cls, doses: Sequence[Any], scene: InterventionContext) -> Mapping[str, Any]:
        """1 - O now, as an account of ketamine has it where one is in force.

        Doses given other binding constants than the rest count as another drug.
        """
        free: Any = 1.0
        for blocker in dict.fromkeys(dose.blocker for dose in doses):
            free = free * (1.0 - held([dose for dose in doses if dose.blocker == blocker], blocker, scene))
        if heard := [account.heard(free, scene) for account in scene.accounts]:
            free = math.prod(heard)
        return {"nmda": free}


def held(doses: Sequence[NmdaBlocker], blocker: occupancy.Blocker, scene: InterventionContext) -> Any:
    """O now, after these doses of one drug. It goes on from what was bound when it was last asked for.

    The activity of every time is that of the interventions in force then, so nothing given later changes it.
    """
    now, drug = scene.history.now, type(doses[0])
    begun = tuple(sorted(((round(now - dose.hours_before, SAME_HOUR), _untimed(dose)) for dose in doses), key=repr))
    last = scene.history.bound.get((drug, blocker))
    if last is None or last.doses != tuple((hour, dose) for hour, dose in begun if hour <= last.hour):
        last = Bound(min(hour for hour, _ in begun), 0.0, ())
    course, level = _course(begun), last.level
    for begin, end in itertools.pairwise(scene.hours(last.hour, OPENERS)):
        entering, leaving = openings(scene, 0.5 * (begin + end))
        level = occupancy.trapped(level, entering, leaving, course, blocker, begin * HOUR_S, end * HOUR_S)
    scene.history.bound[drug, blocker] = Bound(now, level, begun)
    level = blocker.held(level, course(now * HOUR_S))
    return level if np.ndim(scene.values["hyperactivity"]) or np.size(level) > 1 else float(np.ravel(level)[0])


@functools.lru_cache(maxsize=1024)
def _untimed(dose: NmdaBlocker) -> NmdaBlocker:
    return dose.replace(hours_before=0.0)


@functools.lru_cache(maxsize=256)
def _course(begun: tuple[tuple[float, NmdaBlocker], ...]) -> pk.Course:
    """The concentration that doses given at these hours come to; a dose given twice counts twice."""
    return pk.superposed([dose.course().later(hour * HOUR_S) for hour, dose in begun])


def openings(scene: InterventionContext, hour: float) -> tuple[Any, Any]:
    """P of free receptors, whose neurons burst as they would without the drug, and of bound ones, in silenced neurons.

    Light makes neurons burst whose receptors are blocked, so it opens both. What silences the habenula opens neither,
    and neither does an antagonist in glutamate's place.
    """
    begun = scene.begun(hour, OPENERS)
    values = scene.under(begun)
    p = SimpleNamespace(**(values | {"nmda": 1.0}))
    recovery_days = values.get("recovery_days", np.inf)  # an agent of a user's may know no rest
    hyperactivity = np.atleast_1d(scene.history.hyperactivity(hour, values["hyperactivity"], recovery_days))
    rest = _at_rest(p, hyperactivity)
    rate = np.vectorize(habenula.tonic_rate, otypes=[float])(p.tonic_drive) if np.any(p.tonic_drive) else 1.0
    entering, leaving = (
        vacant(begun) * occupancy.open_probability(p.habenula_output * bursts, p.habenula_output * rate)
        for bursts in (_driven(rest, scene.history.phase(hour), p), p.burst_drive)
    )
    return entering, leaving


def _at_rest(p: Any, hyperactivity: Any) -> Any:
    """`bursts_at` without a drive, for arrays too: the power of T-type channels is taken subject by subject."""
    natural = bursts_at(
        SimpleNamespace(**{**vars(p), "t_type": 1.0, "burst_drive": 0.0}),
        SimpleNamespace(hyperactivity=hyperactivity),
        0.0,
    )
    left = np.vectorize(habenula.bursts_left, otypes=[float])(p.t_type, p.t_type_power)
    return np.asarray(habenula.driven(left * natural, p.burst_drive))


def _driven(rest: Any, phase: PhaseExposure | None, p: Any) -> Any:
    """The burst share that counts: that of the phase for the fraction of its time that it took, else that at rest.

    A receptor opens with the cube of it, so it is the cubes that are averaged.
    """
    if phase is None or phase.bursts is None:
        return rest
    natural: Any = np.where(np.isnan(phase.bursts), rest, phase.bursts)
    busy = np.where(np.isnan(phase.bursts), rest, habenula.driven(natural, p.burst_drive))
    return np.cbrt(phase.share * busy**3 + (1.0 - phase.share) * rest**3)


def vacant(interventions: Sequence[Intervention]) -> float:
    """The fraction of receptors that no competitive antagonist holds."""
    return 1.0 / (1.0 + sum(i.concentration_now_um() / i.affinity_um for i in interventions if isinstance(i, AP5)))


@dataclass(frozen=True)
class Ketamine(NmdaBlocker):
    """Ketamine: blocks NMDA receptors where they open, and with them the habenula's bursts.

    Gone from plasma within hours (half-life 13 min in mice), it stays trapped for a day where it has silenced the
    neurons (Ma et al. 2023, doi 10.1038/s41586-023-06624-1).
    """

    drug = "ketamine"
    dose_mg_per_kg: float = mg_per_kg(10.0, "Wu 2021: 10; Yang 2018: 25")
    hours_before: float = since_injection(1.0, "Yang 2018")
    k_on_per_um_s: float = _on("ketamine", "Gilling 2009: 0.15 ± 0.05, moved to its IC50 of 0.71 µM")
    k_off_per_s: float = _off("ketamine", "Gilling 2009: 0.22 ± 0.05, moved to its IC50 of 0.71 µM")
    untrapped: float = _untrapped("ketamine", "fully trapped: Gilling 2009")
    unbound_ratio: float = _unbound(2.2, "geometric middle of 1, passive, and 5, from rats' brains (Cohen 1973)")


@dataclass(frozen=True)
class Memantine(NmdaBlocker):
    """Memantine: in and out faster than ketamine, less of it, a fifth untrapped; long in the body."""

    drug = "memantine"
    dose_mg_per_kg: float = mg_per_kg(10.0, "set")
    hours_before: float = since_injection(1.0, "set")
    k_on_per_um_s: float = _on("memantine", "Gilling 2009: 0.32 ± 0.11")
    k_off_per_s: float = _off("memantine", "Gilling 2009: 0.53 ± 0.10")
    untrapped: float = _untrapped("memantine", "Gilling 2009: around 20 %")


@dataclass(frozen=True)
class MK801(NmdaBlocker):
    """MK-801 (dizocilpine): binds hard and hardly leaves."""

    drug = "MK-801"
    dose_mg_per_kg: float = mg_per_kg(0.1, "set")
    hours_before: float = since_injection(1.0, "set")
    k_on_per_um_s: float = _on("MK-801", "Huettner & Bean 1988, from memory")
    k_off_per_s: float = _off("MK-801", "Huettner & Bean 1988, from memory")
    untrapped: float = _untrapped("MK-801", "set")


@dataclass(frozen=True)
class AP5(Dosed):
    """D-AP5 infused into the lateral habenula: competes with glutamate for NMDA receptors, and is not trapped."""

    concentration_um: float = parameter(
        50.0, doc="concentration at the receptors right after the infusion", unit="µM", low=0.0, high=1e4, source="set"
    )
    hours_before: float = since_injection(0.5, "within the hour: Yang 2018")
    half_life_min: float = parameter(
        30.0, doc="half-life of that concentration", unit="min", low=0.1, high=1e5, source="set"
    )
    affinity_um: float = parameter(
        drugs.AP5.affinity_um,
        symbol="K_i",
        doc="concentration that holds half of the receptors",
        unit="µM",
        low=1e-3,
        high=1e3,
        source="1.4: Olverman 1988, from memory",
    )

    @property
    def targets(self) -> tuple[str, ...]:
        return ("nmda",)

    @property
    def inert(self) -> bool:
        return self.concentration_um == 0.0

    def concentration_now_um(self) -> float:
        """Concentration (µM) at the receptors `hours_before` hours after the infusion."""
        return float(self.concentration_um * 0.5 ** (60.0 * self.hours_before / self.half_life_min))

    @property
    def changes(self) -> tuple[float, ...]:
        """Each half-life, as long as any of it is there."""
        return tuple(self.half_life_min / 60.0 * n for n in range(HALVINGS))

    @classmethod
    def together(cls, doses: Sequence[Any], scene: InterventionContext) -> Mapping[str, Any]:
        """In balance with the concentration, within milliseconds; the concentrations of several infusions add up."""
        return {"nmda": vacant(doses)}
