"""HabenulaAgent without one of its terms each, and what is said beforehand to depend on that term.

A term is taken out by its parameters where a number does it, and else by a subclass with another function in the place
of the term's own. This file is read as a user's file with agents is (`habenula check --agent FILE:NAME`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

from habenula_rl.agents import HabenulaAgent
from habenula_rl.agents import habenula as rules
from habenula_rl.circuit import control, dopamine, elements, raphe, striatum
from habenula_rl.circuit.nonlinearity import positive

HEALTHY = 0.5  # serotonin
WHOLE = HabenulaAgent()
PRIOR, SLOWER = WHOLE.control_prior, WHOLE.control_loss / WHOLE.control_rate  # given up so much slower when found


def with_others(*owners: ModuleType, **others: Callable[..., Any]) -> tuple[Any, Any, Any]:
    """The three rules of HabenulaAgent with `others` in the place of these functions of parts of the circuit.

    ValueError for a name that none of the parts has, which would take out nothing.
    """
    if unknown := others.keys() - {name for owner in owners for name in vars(owner)}:
        raise ValueError(f"{', '.join(owner.__name__ for owner in owners)} has no function '{min(unknown)}'")
    scope: dict[str, Any] = dict(vars(rules))
    for owner in owners:
        part = ModuleType(owner.__name__)
        vars(part).update(vars(owner) | {name: other for name, other in others.items() if name in vars(owner)})
        scope |= {name: part for name, value in vars(rules).items() if value is owner}
    for name, value in vars(rules).items():
        if isinstance(value, FunctionType) and value.__module__ == rules.__name__:
            scope[name] = FunctionType(value.__code__, scope, name, value.__defaults__, value.__closure__)
    return scope["start"], scope["prefer"], scope["learn"]


def dip_flipped(delta: float, inhibition: float, habenula_share: float) -> float:
    """A dip where the habenula falls silent."""
    return dopamine.dip(delta, -inhibition, habenula_share)


def burst_flipped(delta: float, release: float, habenula_share: float, tonic: float) -> float:
    """A burst where the habenula is excited."""
    return dopamine.burst(delta, -release, habenula_share, tonic)


def tonic_flipped(bursts: float, healthy_bursts: float, half: float, slope: float, floor: float) -> float:
    """More tonic dopamine the more of the habenula bursts; ½ in health."""
    return 2.0 * dopamine.HEALTHY - dopamine.tonic(bursts, healthy_bursts, half, slope, floor)


@dataclass(frozen=True)
class FlippedHabenula(HabenulaAgent):
    """The habenula excites dopamine and serotonin neurons, where it inhibits them."""

    start, prefer, learn = with_others(dopamine, dip=dip_flipped, burst=burst_flipped, tonic=tonic_flipped)


def none_found(belief: float, found: float, loss: float) -> float:
    """No control, whatever was found."""
    return 0.0 * (belief + found + loss)


@dataclass(frozen=True)
class NoControl(HabenulaAgent):
    """Nothing that it does is believed to change anything; its `control_prior` is to be 0."""

    start, prefer, learn = with_others(control, control=none_found)


def pull_without_serotonin(value: float, control: float, serotonin: float, gain: float) -> float:
    """The pull at healthy serotonin, whatever there is of it."""
    return raphe.pavlovian_pull(value, control, HEALTHY + 0.0 * serotonin, gain)


def vigour_without_serotonin(dopamine: float, serotonin: float, vigour: float) -> float:
    """The cost of vigour at healthy serotonin, whatever there is of it."""
    return striatum.vigour_cost(dopamine, HEALTHY + 0.0 * serotonin, vigour)


@dataclass(frozen=True)
class NoSerotonin(HabenulaAgent):
    """Serotonin touches neither the Pavlovian pull nor vigour."""

    start, prefer, learn = with_others(
        raphe, striatum, pavlovian_pull=pull_without_serotonin, vigour_cost=vigour_without_serotonin
    )


def unbounded_pull(value: float, control: float, serotonin: float, gain: float) -> float:
    """The pull in proportion to value."""
    return gain * (1.0 - control) * (positive(value) - 2.0 * (1.0 - serotonin) * positive(-value))


@dataclass(frozen=True)
class UnboundedPull(HabenulaAgent):
    """A Pavlovian pull in proportion to value."""

    start, prefer, learn = with_others(raphe, pavlovian_pull=unbounded_pull)


def burst_of_all(delta: float, release: float, habenula_share: float, tonic: float) -> float:
    """A burst that needs no active neurons."""
    return dopamine.burst(delta, release, habenula_share, dopamine.HEALTHY + 0.0 * tonic)


@dataclass(frozen=True)
class BurstOfAll(HabenulaAgent):
    """Bursts of dopamine do not depend on its tonic level."""

    start, prefer, learn = with_others(dopamine, burst=burst_of_all)


def harm_felt(hurts: float, future: float, delta: float) -> float:
    """What hurts, and nothing that announces it."""
    return hurts + 0.0 * (future + delta)


@dataclass(frozen=True)
class HarmFelt(HabenulaAgent):
    """What announces harm dips dopamine as an omission does."""

    start, prefer, learn = with_others(dopamine, harm=harm_felt)


def sure_contingency(relief_active: float, tried_active: float, relief_passive: float, tried_passive: float) -> float:
    """The difference as it was found, whatever it rests on."""
    return positive(relief_active - relief_passive + 0.0 * (tried_active + tried_passive))


@dataclass(frozen=True)
class SureContingency(HabenulaAgent):
    """Control without its standard error."""

    start, prefer, learn = with_others(control, contingency=sure_contingency)


def unsigned_contingency(
    relief_active: float, tried_active: float, relief_passive: float, tried_passive: float
) -> float:
    """The difference either way, less its standard error as before: one of the two is 0."""
    acting = control.contingency(relief_active, tried_active, relief_passive, tried_passive)
    return acting + control.contingency(relief_passive, tried_passive, relief_active, tried_active)


@dataclass(frozen=True)
class UnsignedContingency(HabenulaAgent):
    """That doing nothing brings relief is control, too."""

    start, prefer, learn = with_others(control, contingency=unsigned_contingency)


def given_up_alike(belief: float, found: float, loss: float) -> float:
    """Control that was assumed is given up as slowly as control that was found, whatever is at stake."""
    return control.control(belief, found, loss if belief > PRIOR else SLOWER * loss)


@dataclass(frozen=True)
class GivenUpAlike(HabenulaAgent):
    """Assumed control is given up as slowly as control that was found."""

    start, prefer, learn = with_others(control, control=given_up_alike)


def payoff_kept(weight: float, evidence: float, rate: float, slope: float, leak: float) -> float:
    """An error of one sign takes back nothing of what the other pathway learned."""
    return positive(weight + rate * positive(evidence) - leak * weight + 0.0 * slope)


@dataclass(frozen=True)
class PayoffKept(HabenulaAgent):
    """Go and NoGo only add up."""

    start, prefer, learn = with_others(striatum, payoff=payoff_kept)


def prefer_all_alike(p: Any, w: Any, e: Any, z: Any) -> None:
    """Doing nothing is the zero, and is not learned about."""
    expected = elements.expected(w.value, e.elements)
    serotonin = rules.tonic_serotonin(p, w)
    pull = raphe.pavlovian_pull(expected, w.control, serotonin, p.pavlovian)
    readiness = pull - striatum.vigour_cost(rules.tonic_dopamine(p, w), serotonin, p.vigour)
    for a in range(z.size):
        go, nogo = elements.expected_of(w.go, e.elements, a), elements.expected_of(w.nogo, e.elements, a)
        z[a] = p.beta * elements.expected_of(w.innate, e.elements, a)
        if a != e.passive:
            z[a] += p.beta * (go - nogo) + (readiness if e.passive >= 0 else 0.0)


@dataclass(frozen=True)
class ActionsAlone(HabenulaAgent):
    """Doing nothing is not learned about."""

    prefer = prefer_all_alike


@dataclass(frozen=True)
class Ablation:
    """Another kind of HabenulaAgent, or other values of its parameters, and the claims that depend on the term.

    `depends` was written down before the term was first taken out, from the equations alone; it is None where nothing
    was said, as of terms that only the calibration takes out.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    kind: type[HabenulaAgent] = HabenulaAgent
    depends: tuple[str, ...] | None = None

    def agent(self, **values: Any) -> HabenulaAgent:
        """The agent without the term, and with these values besides."""
        return self.kind(**(values | dict(self.values)))


SHOCKED = (
    *("seligman1967", "immunisation", "wu2021", "helplessness_fades", "recovery", "amat2001", "andalman2019"),
    *("transfer", "hunziker2007"),
)
TRAIT = (  # hyperactivity in behaviour
    *("cui2018", "li2011", "li2013", "ketamine_time", "yang2018_rescue", "shabel2014"),
    *("treadway2012", "autry2011"),
)
OMISSIONS = (
    *("gonogo", "three_arms", "competence", "pizzagalli2008", "frank2004", "stopper2014", "matsumoto2009"),
    *("thapa2019", "baker2015", "tobler2003"),
)
DOPAMINE = (
    *("belujon2014", "matsumoto2007", "tian2015", "pessimism", "avoidance", "song2017", "yang2018_pattern"),
    "bromberg2010",
)
AVOIDANCE = ("avoidance", "amo2014", "song2017")
VIGOUR = (
    *(*SHOCKED, "cui2018", "li2011", "li2013", "ketamine_time", "yang2018_rescue", "yang2018_pattern"),
    *("page1999", "valentine2008"),
)
BOXES = ("seligman1967", "immunisation", "wu2021", "helplessness_fades", "recovery", "controllability", "transfer")

ABLATIONS: dict[str, Ablation] = {
    "sign of the habenula": Ablation(kind=FlippedHabenula, depends=(*SHOCKED, *TRAIT, *OMISSIONS, *DOPAMINE)),
    "habenula": Ablation({"habenula_output": 0.0}, depends=(*SHOCKED, *TRAIT, *OMISSIONS, *DOPAMINE)),
    "bursts": Ablation(
        {"burst_threshold": 10.0}, depends=(*SHOCKED, *TRAIT, "belujon2014", "pessimism", "yang2018_bursts")
    ),
    "control": Ablation(
        {"control_prior": 0.0},
        kind=NoControl,
        depends=(*BOXES, "ketamine_time", "cui2018", "yang2018_rescue", "competence", *AVOIDANCE, "gonogo"),
    ),
    "serotonin": Ablation(kind=NoSerotonin, depends=VIGOUR),
    "growth of hyperactivity": Ablation({"growth": 0.0}, depends=(*SHOCKED, "belujon2014", "controllability")),
    "Pavlovian pull": Ablation({"pavlovian": 0.0}, depends=("gonogo", "seligman1967", "immunisation", "wu2021")),
    "vigour": Ablation({"vigour": 0.0}, depends=VIGOUR),
    "learning about doing nothing": Ablation(kind=ActionsAlone),
    "errors that take back": Ablation(kind=PayoffKept),
    "leak of Go and NoGo": Ablation({"trace_leak": 0.0}),
    "reflexes": Ablation({"reflex_go": 0.0}),
    "bound of the pull": Ablation(kind=UnboundedPull),
    "weight of bursts": Ablation({"burst_gain": 0.0}),
    "dips past the habenula (φ 1)": Ablation({"habenula_share": 1.0, "pain_share": 1.0}),
    "pain apart from omissions (φ_p = φ)": Ablation({"pain_share": WHOLE.habenula_share}),
    "harm announced": Ablation(kind=HarmFelt),
    "bursts as the habenula's silence": Ablation({"lift_share": 0.0}),
    "bursts in proportion to tonic dopamine": Ablation(kind=BurstOfAll),
    "floor of tonic dopamine": Ablation({"dopamine_floor": 0.0}),
    "prior control": Ablation({"control_prior": 0.0}),
    "memory of control": Ablation({"control_loss": 1.0}),
    "assumed control is given up faster": Ablation(kind=GivenUpAlike),
    "sign of control": Ablation(kind=UnsignedContingency),
    "standard error of control": Ablation(kind=SureContingency),
    "recovery of hyperactivity": Ablation({"recovery_days": 1e4}),
}
