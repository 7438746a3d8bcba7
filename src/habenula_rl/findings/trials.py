"""The trials that claims are judged by: a table that is there, or made as they are asked for."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ..experiment.study_file import completed

if TYPE_CHECKING:
    import pandas as pd

    from ..config.plan import Plan

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Table:
    """Trials that are there as one table."""

    trials: pd.DataFrame

    @property
    def columns(self) -> Sequence[str]:
        return [str(name) for name in self.trials]

    def whole(self, columns: Collection[str] | None = None) -> pd.DataFrame:
        return self.trials if columns is None else self.trials[[name for name in self.columns if name in columns]]

    def by_group(self, columns: Collection[str] | None = None) -> Iterator[pd.DataFrame]:
        trials = self.whole(columns)
        return (trials[trials["group"] == name] for name in trials["group"].unique())

    by_subjects = by_group  # they are in memory anyway


@dataclass(frozen=True)
class Simulated:
    """Trials that are made when they are asked for, and are the same as those that a run would put on the disk."""

    plan: Plan
    threads: int
    progress: Progress
    unrecorded: tuple[str, ...] = ()  # signals that claims may read and no agent here has: NaN
    subjects: list[pd.DataFrame] = field(default_factory=list)

    @cached_property
    def columns(self) -> dict[str, None]:
        """Those that any group has."""
        from ..engine.tables import BEHAVIOUR

        signals = (name for group in self.plan.groups.values() for name in group.signals)
        axes = (f"axis_{name}" for name in self.plan.axes)
        return dict.fromkeys(["group", "phase", *BEHAVIOUR, *signals, *axes, *self.unrecorded])

    def whole(self, columns: Collection[str] | None = None) -> pd.DataFrame:
        return self._joined([*self.by_subjects(columns)])

    def by_group(self, columns: Collection[str] | None = None) -> Iterator[pd.DataFrame]:
        """Raises ValueError where a phase stopped every subject."""
        for _, of_group in itertools.groupby(self._by_unit(columns), key=lambda made: made[0]):
            yield self._joined([part for _, part in of_group])

    def by_subjects(self, columns: Collection[str] | None = None) -> Iterator[pd.DataFrame]:
        """Raises ValueError where a phase stopped every subject."""
        return (part for _, part in self._by_unit(columns))

    def _by_unit(self, columns: Collection[str] | None) -> Iterator[tuple[str, pd.DataFrame]]:
        """Of each unit the group, and its trials."""
        from ..engine import chunks
        from ..experiment.run import import_tables, refuse_empty_phases
        from ..experiment.units import run_unit, units_of

        import_tables()
        units = units_of(self.plan)
        wanted = [name for name in self.columns if columns is None or name in columns]
        done, total = 0, sum(unit.n for unit in units)
        self.progress(done, total, "")
        results = chunks.in_order(functools.partial(run_unit, self.plan), units, self.threads)  # type: ignore[arg-type]
        with contextlib.closing(results):
            for unit, result in zip(units, results, strict=True):
                assert result.trials is not None
                self.subjects.append(result.subjects)
                done += unit.n
                self.progress(done, total, "")
                yield unit.group, self._joined([completed(self._named(result.trials), wanted)])
        refuse_empty_phases(self._joined([self._named(table) for table in self.subjects]))

    def _named(self, table: pd.DataFrame) -> pd.DataFrame:
        """With all groups and phases among the categories."""
        table["group"] = table["group"].cat.set_categories([*self.plan.groups])
        table["phase"] = table["phase"].cat.set_categories([phase.name for phase in self.plan.study.phases])
        return table

    def _joined(self, parts: list[pd.DataFrame]) -> pd.DataFrame:
        import pandas as pd

        table = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
        table.attrs["seed"] = self.plan.study.seed
        return table
