"""A study to simulate, and the verdicts on the claims about it: what `check` hands to a process or a cluster."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config.bundled import is_bundled
from ..config.draft import DEFAULT_AGENT
from ..config.study import bundled_study, find_config, load_study
from ..experiment.study_file import what_is_read
from . import kept
from .catalogue import loaded
from .claims import Claim
from .expressing import Substitute, with_agent
from .trials import Progress, Simulated
from .verdict import Judged

if TYPE_CHECKING:
    from ..config.study import Group, Study


@dataclass(frozen=True)
class Job:
    """A study to simulate, by the path of its Python file, and the claims about it.

    `values` are those of set `number` of an ensemble, counted from 1; None and 0 for the parameters that there are.
    The seed is the one that stands there, or `later` after it.
    """

    path: Path
    ids: tuple[str, ...]
    n_subjects: int
    seed: int | None
    number: int = 0
    values: Mapping[str, Any] | None = None
    later: int = 0
    kept: bool = False
    other: Substitute | None = None

    @property
    def config(self) -> Path:
        return bundled_study(self.path.stem) if is_bundled(self.path) else find_config(self.path.stem)

    @cached_property
    def key(self) -> str | None:
        """Under which its verdicts are kept, if they are."""
        if not self.kept or not is_bundled(self.path) or (self.other and not self.other.of_the_package):
            return None
        values = self.values and sorted(self.values.items())
        return kept.key(self.path, self.config, self.n_subjects, self.seed, self.later, values, self.other)

    def keep(self, rows: dict[str, list[Judged]]) -> None:
        if self.key:
            kept.keep(self.key, rows)

    def kept_rows(self) -> dict[str, list[Judged]] | None:
        """What was kept, or None."""
        return kept.found(self.key) if self.key else None

    def run(self, threads: int, progress: Progress) -> dict[str, list[Judged]]:
        """The verdicts by claim; none with a set of an ensemble where no HabenulaAgent takes part."""
        config = self.config
        study = load_study(config, seed=self.seed, subjects=self.n_subjects)
        study = study.model_copy(update={"seed": study.seed + self.later})
        if self.other:
            return self._of_other(self.other, study, config, threads, progress)
        if self.values is None:
            return self._judged(study, config, threads, progress)
        changed = with_set(study, self.values)
        if changed is None:
            progress(1, 1, "")
            return {}
        try:
            return self._judged(changed, config, threads, progress)
        except ValueError as error:
            raise ValueError(f"set {self.number} of the ensemble: {error}") from error

    def _of_other(
        self, other: Substitute, study: Study, config: Path, threads: int, progress: Progress
    ) -> dict[str, list[Judged]]:
        """The verdicts on what this agent can express, and a line for each claim that it cannot."""
        changed, missing = with_agent(study, other)
        if changed is not None:
            return self._judged(changed, config, threads, progress, missing)
        progress(1, 1, "")
        claims = loaded(self.path)[1]
        if not missing:  # no HabenulaAgent takes part, whose place it could take
            missing = ("a group whose place it could take",)
        return {id: [(claims[id].not_expressed(missing, study.seed), False)] for id in self.ids}

    def _judged(
        self, study: Study, config: Path, threads: int, progress: Progress, missing: tuple[str, ...] = ()
    ) -> dict[str, list[Judged]]:
        from ..config.plan import plan_of

        plan = plan_of(study)
        for line in plan.warnings if self.values is None else ():  # once, not with every set
            progress(0, 0, line)
        if not plan.records_trials:
            raise ValueError(f"{config} says record: summary, and claims are judged by trials")
        module, claims = loaded(self.path)
        unrecorded = tuple(name.removeprefix("signal ") for name in missing if name.startswith("signal "))
        read = what_is_read(module, Simulated(plan, threads, progress, unrecorded))
        return {id: self._rows(claims[id], read, plan.study.seed, missing) for id in self.ids}

    def _rows(self, claim: Claim, read: Any, seed: int, missing: tuple[str, ...]) -> list[Judged]:
        """The verdicts on a claim; where an agent lacks what it reads, the one line that says so."""
        try:
            rows = claim.judged(read, seed, self.n_subjects)
        except (ValueError, KeyError, IndexError):
            if not missing:
                raise
            return [(claim.not_expressed(missing, seed), False)]
        signals = [name for name in missing if name.startswith("signal ")]
        unknown = signals and any(math.isnan(found.value) for found, _ in rows)
        return [(claim.not_expressed(signals, seed), False)] if unknown else rows


def with_set(study: Study, values: Mapping[str, Any]) -> Study | None:
    """The study with these values where a group of HabenulaAgents sets no other; None where there is no such group."""
    own = {name: group for name, group in study.groups.items() if group.agent == DEFAULT_AGENT}

    def changed(name: str, group: Group) -> Group:
        return group.model_copy(update={"parameters": {**values, **group.parameters}}) if name in own else group

    return study.with_groups(changed) if own else None


def run_job(numbered: tuple[int, Job], say: Callable[..., None]) -> dict[str, list[Judged]]:
    """A job in another process."""
    _, job = numbered
    try:
        return job.run(1, say)
    except (ValueError, OSError):
        raise
    except Exception as error:
        raise ValueError(f"study {job.path.stem}: {type(error).__name__}: {error}") from error
