"""A unit's files, or why it has none, wherever it is computed. What a unit does wrong costs this unit and no other; a
disk that fails and a memory that is full end the whole.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import RuleError, ends_are_errors, sentence
from ..files import StoreError
from .store import Files, files_of

if TYPE_CHECKING:
    from ..config.plan import Plan
    from ..config.study import Study
    from .units import Unit


def computed(plan: Plan, unit: Unit) -> Files | str:
    """A unit's files, or why it has none."""
    from .units import run_unit

    try:
        with ends_are_errors():
            return files_of(unit.name, run_unit(plan, unit))
    except (StoreError, MemoryError):
        raise
    except Exception as error:
        return sentence(error)


@dataclass(frozen=True)
class Job:
    """`computed` in another process: what it needs in order to make the same plan, and the hash and rules by which it
    knows that it did.
    """

    study: Study
    own: tuple[str, ...]
    hash: str
    rules: str

    @classmethod
    def of(cls, plan: Plan) -> Job:
        from ..config.user_modules import loaded_files
        from .fingerprint import whole

        return cls(plan.study, loaded_files(), plan.hash, whole(plan))

    def __call__(self, unit: Unit, say: Callable[..., None]) -> Files | str:
        return computed(self.plan, unit)

    def prepare(self) -> None:
        """What every process does first: the plan, and with it the longest imports."""
        assert self.plan
        importlib.import_module("numba")
        importlib.import_module("pyarrow.parquet")

    @cached_property
    def plan(self) -> Plan:
        """The plan, made anew. Raises RuleError where it is another here, as when a rule was typed at a prompt."""
        from ..config.plan import plan_of
        from ..config.user_modules import load_own_files
        from .fingerprint import whole

        broken = None
        for file in self.own:
            try:
                load_own_files([file])
            except RuleError as error:  # of another study that this process's parent read, unless the plan misses it
                broken = broken or error
        try:
            plan = plan_of(self.study)
        except KeyError as missing:
            raise broken or RuleError(
                f"a worker process knows no {missing}: agents and tasks for worker processes stand in a file that the "
                "config lists under own"
            ) from None
        if plan.hash != self.hash or whole(plan) != self.rules:
            raise RuleError("a worker process has other rules or defaults than the run: run without processes")
        return plan
