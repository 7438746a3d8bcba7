"""What each term of the model is there for: take it out, and see which rows turn red.

    python -m calibration.ablations [--n 150] [--seed 1]

A term is taken out by its parameters where a number does it, and else by another function in the place of its own.
Each runs in a process of its own, because a process compiles an agent's rules once. A term that turns no row red is
said so: it ought to be deleted.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from habenula_rl.agents import HabenulaAgent
from habenula_rl.agents import habenula as rules
from habenula_rl.circuit import control, dopamine, elements, raphe, striatum
from habenula_rl.circuit.nonlinearity import positive
from habenula_rl.computing import in_order, place

from .rows import rows
from .targets import TARGETS

FOUND_LOSS = HabenulaAgent().control_loss


def burst_of_all(delta: float, release: float, habenula_share: float, tonic: float) -> float:
    """A burst that needs no active neurons."""
    return (1.0 - habenula_share) * positive(delta) + habenula_share * positive(release) + 0.0 * tonic


def unbounded_pull(value: float, control: float, serotonin: float, gain: float) -> float:
    """The pull in proportion to value."""
    return gain * (1.0 - control) * (positive(value) - 2.0 * (1.0 - serotonin) * positive(-value))


def pull_without_serotonin(value: float, control: float, serotonin: float, gain: float) -> float:
    """The pull that serotonin does not touch."""
    return gain * (1.0 - control) * value / (1.0 + positive(value) + positive(-value)) + 0.0 * serotonin


def sure_contingency(relief_active: float, tried_active: float, relief_passive: float, tried_passive: float) -> float:
    """The difference as it was found, whatever it rests on."""
    return positive(relief_active - relief_passive + 0.0 * (tried_active + tried_passive))


def unsigned_contingency(
    relief_active: float, tried_active: float, relief_passive: float, tried_passive: float
) -> float:
    """The difference either way, whatever it rests on."""
    found = relief_active - relief_passive + 0.0 * (tried_active + tried_passive)
    return positive(found) + positive(-found)


def harm_felt(punishment: float, future: float, delta: float) -> float:
    """What hurts, and nothing that announces it."""
    return punishment + 0.0 * (future + delta)


def payoff_kept(weight: float, evidence: float, rate: float, slope: float, leak: float) -> float:
    """An error of one sign takes back nothing of what the other pathway learned."""
    return positive(weight + rate * positive(evidence) - leak * weight + 0.0 * slope)


def given_up_alike(belief: float, found: float, loss: float) -> float:
    """Control that was assumed is given up as slowly as control that was found."""
    slowly = loss if loss < FOUND_LOSS else FOUND_LOSS + loss * 0.0
    return found if found > belief else belief + slowly * (found - belief)


def prefer_all_alike(p: Any, w: Any, e: Any, z: Any) -> None:
    """Doing nothing is the zero, and is not learned about."""
    expected = elements.expected(w.value, e.elements)
    pull = raphe.pavlovian_pull(expected, w.control, rules.tonic_serotonin(p, w), p.pavlovian)
    readiness = pull - p.vigour * (1.0 - 2.0 * rules.tonic_dopamine(p, w))
    for a in range(z.size):
        go, nogo = elements.expected_of(w.go, e.elements, a), elements.expected_of(w.nogo, e.elements, a)
        z[a] = p.beta * elements.expected_of(w.innate, e.elements, a)
        if a != e.passive:
            z[a] += p.beta * (go - nogo) + (readiness if e.passive >= 0 else 0.0)


@dataclass(frozen=True)
class Ablation:
    """Parameters that take a term out, and functions (module, name, other) in the place of its own."""

    values: Mapping[str, float] = field(default_factory=dict)
    patches: tuple[tuple[Any, str, Callable[..., Any]], ...] = ()


ABLATIONS: dict[str, Ablation] = {
    "nothing": Ablation(),
    "vigour": Ablation({"vigour": 0.0}),
    "learning about doing nothing": Ablation(patches=((rules.HabenulaAgent, "prefer", prefer_all_alike),)),
    "errors that take back": Ablation(patches=((striatum, "payoff", payoff_kept),)),
    "leak of Go and NoGo": Ablation({"trace_leak": 0.0}),
    "reflexes": Ablation({"reflex_go": 0.0}),
    "Pavlovian pull": Ablation({"pavlovian": 0.0}),
    "bound of the pull": Ablation(patches=((raphe, "pavlovian_pull", unbounded_pull),)),
    "serotonin in the pull": Ablation(patches=((raphe, "pavlovian_pull", pull_without_serotonin),)),
    "weight of bursts": Ablation({"burst_gain": 0.0}),
    "dips past the habenula (φ 1)": Ablation({"habenula_share": 1.0, "pain_share": 1.0}),
    "pain apart from omissions (φ_p = φ)": Ablation({"pain_share": 0.93}),
    "harm announced": Ablation(patches=((dopamine, "harm", harm_felt),)),
    "bursts as the habenula's silence": Ablation({"lift_share": 0.0}),
    "bursts in proportion to tonic dopamine": Ablation(patches=((dopamine, "burst", burst_of_all),)),
    "floor of tonic dopamine": Ablation({"dopamine_floor": 0.0}),
    "prior control": Ablation({"control_prior": 0.0}),
    "memory of control": Ablation({"control_loss": 1.0}),
    "assumed control is given up faster": Ablation(patches=((control, "control", given_up_alike),)),
    "sign of control": Ablation(patches=((control, "contingency", unsigned_contingency),)),
    "standard error of control": Ablation(patches=((control, "contingency", sure_contingency),)),
    "growth of hyperactivity": Ablation({"growth": 0.0}),
    "recovery of hyperactivity": Ablation({"recovery_days": 1e4}),
}


def alone(job: tuple[str, int, int], say: Any) -> dict[str, float]:
    """`found` in a process of its own, because a process compiles an agent's rules once."""
    with place(1) as compute:
        return in_order(compute, found, [job])[0]


def found(job: tuple[str, int, int], say: Any) -> dict[str, float]:
    """Every row without that term."""
    name, n, seed = job
    ablation = ABLATIONS[name]
    for owner, attribute, other in ablation.patches:
        setattr(owner, attribute, other)
    return rows(ablation.values, n, seed)


def main() -> None:
    """A line for each term: how the distance changes, and the rows that only its absence turns red."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=150, help="subjects a group")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--dask", metavar="ADDRESS", help="scheduler of a Dask cluster, or local")
    chosen = parser.parse_args()
    jobs = [(name, chosen.n, chosen.seed) for name in ABLATIONS]
    with place(chosen.workers, dask=chosen.dask, threads=True, said=print) as compute:
        whole: dict[str, float] = {}
        for name, table in zip(ABLATIONS, in_order(compute, alone, jobs), strict=True):
            whole = whole or table
            distance = sum(target.distance(table[row]) for row, target in TARGETS.items())
            red = [row for row, t in TARGETS.items() if t.met(whole[row]) and not t.met(table[row])]
            said = "; ".join(f"{row} {table[row]:.2f}" for row in red)
            print(f"| {name} | {distance:.1f} | {len(red)} | {said or 'none'} |", flush=True)


if __name__ == "__main__":
    from calibration import ablations as module  # by this name other processes find what they are to compute

    module.main()
