"""What subjects have been through, as far as it acts on their receptors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..circuit.habenula import bursts_left

Array = np.ndarray[Any, Any]
LEAST_LEFT = 1e-9  # fraction of the bursts; with fewer left it is not known how many there would be without a block


@dataclass(frozen=True)
class PhaseExposure:
    """A phase: when it began, how long it could last, and what the habenula did in it and was like after it.

    `hour` on the history's clock; `hours` it takes at most, and `share`, the fraction of them that it took, for each
    subject;
    `bursts` the mean burst share in it, as it would be without drugs at NMDA receptors, None where it is not known;
    `hyperactivity` from its end on.
    """

    hour: float
    hyperactivity: Any
    hours: float = 0.0
    share: Any = 1.0
    bursts: Any = None


@dataclass(frozen=True)
class Bound:
    """How much of a drug was bound (a number for each subject) at `hour`, after the `doses` until then."""

    hour: float
    level: Any
    doses: tuple[Any, ...]


@dataclass
class History:
    """Subjects up to the hour `now` of their clock: the phases, and what was bound when they were last looked at."""

    now: float = 0.0
    stays: list[PhaseExposure] = field(default_factory=list)
    bound: dict[Any, Bound] = field(default_factory=dict)

    def hyperactivity(self, hour: float, trait: Any) -> Any:
        """That of the last phase that was over at that hour, or else the trait."""
        over = [stay.hyperactivity for stay in self.stays if stay.hour + stay.hours <= hour]
        return over[-1] if over else trait

    def add(self, stay: PhaseExposure) -> None:
        """Add a phase. The one before it is over by then, however long it could have been."""
        if self.stays and (most := stay.hour - self.stays[-1].hour) < self.stays[-1].hours:
            last = self.stays[-1]
            share = np.minimum(last.share * last.hours / most, 1.0) if most > 0.0 else 0.0
            self.stays[-1] = replace(last, hours=most, share=share)
        self.stays.append(stay)

    def lived(
        self, values: Mapping[str, Any], state: Array, sums: Array, hours: float = 0.0, most_steps: int = 1
    ) -> None:
        """A phase more, which began `now`, as the subjects' receptors know it.

        It could take `hours` and `most_steps`; `values` are the parameters that were in force, `state` what the
        subjects have become and `sums` over its steps, records with one for each subject. Parameters go by name here,
        as in every intervention: an agent whose state has a field `hyperactivity` carries that parameter on. The bursts
        of a phase count where its signals have `burst` and it is in real time, `hours` above 0; others take no time.
        """
        if "hyperactivity" not in (state.dtype.names or ()):
            return
        after = state["hyperactivity"].copy()
        if hours > 0.0 and "burst" in (sums.dtype.names or ()):
            bursts = unblocked(sums["burst"] / np.maximum(sums["steps"], 1), values)
            self.add(PhaseExposure(self.now, after, hours, sums["steps"] / most_steps, bursts))
        else:
            self.add(PhaseExposure(self.now, after))

    def phase(self, hour: float) -> PhaseExposure | None:
        """The phase that was going on at that hour."""
        return next((stay for stay in self.stays if stay.hour <= hour < stay.hour + stay.hours), None)

    def hours(self) -> list[float]:
        """When phases began and ended."""
        return [hour for stay in self.stays for hour in (stay.hour, stay.hour + stay.hours)]


def unblocked(bursts: Any, values: Mapping[str, Any]) -> Any:
    """The burst share that would have been without a block of NMDA receptors, in subjects with these parameters.

    NaN where hardly any bursts remain.
    """
    p = SimpleNamespace(**values)
    active, free = p.habenula_output, 1.0 - p.burst_drive
    left = np.broadcast_to(
        active * free * np.vectorize(bursts_left, otypes=[float])(p.nmda, p.nmda_power), np.shape(bursts)
    )
    natural = np.full(np.shape(bursts), np.nan)
    np.divide(bursts - active * p.burst_drive, left, out=natural, where=left > LEAST_LEFT)
    return np.clip(natural, 0.0, 1.0)
