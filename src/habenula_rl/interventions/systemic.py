"""A dose by weight, as a number of mg/kg or as a text with its unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..contract import parameter
from ..pharmacology import drugs
from .base import Dosed

MILLIGRAMS = {"mg/kg": 1.0, "ug/kg": 1e-3, "µg/kg": 1e-3, "μg/kg": 1e-3, "g/kg": 1e3}
WRITTEN = re.compile(r"\s*([0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(\S*)\s*")


def milligrams(written: str) -> float:
    """A dose such as '10 mg/kg' in mg/kg. Raises ValueError where the number or the unit is none."""
    found = WRITTEN.fullmatch(written)
    try:
        number = float(found[1]) if found else None
    except ValueError:
        number = None
    if found is None or number is None:
        raise ValueError(f"dose must be a number and its unit, as in '10 mg/kg', not {written!r}")
    if found[2] not in MILLIGRAMS:
        which = f"the unit {found[2]!r} is not known" if found[2] else "it has no unit"
        raise ValueError(f"dose must be written as in '10 mg/kg': {which} in {written!r}")
    return number * MILLIGRAMS[found[2]]


def mg_per_kg(default: float, source: str) -> Any:
    """The parameter `dose_mg_per_kg`."""
    return parameter(default, doc="systemic dose", unit="mg/kg", low=0.0, high=1000.0, source=source)


def since_injection(default: float, source: str) -> Any:
    """The parameter `hours_before`."""
    return parameter(default, doc="hours from injection to test", unit="h", low=0.0, high=1e6, source=source)


def whose() -> Any:
    """The parameter `species`."""
    return parameter("mouse", doc="whose kinetics: mouse, rat or human", source="set", choices=drugs.SPECIES)


def _is_written(values: Mapping[str, Any]) -> bool:
    """Whether a dose with its unit is among them."""
    return isinstance(values.get("dose"), str) and values["dose"] != ""


@dataclass(frozen=True, kw_only=True)
class Systemic(Dosed):
    """A drug given by weight: `dose_mg_per_kg`, or `dose` with its unit in its place."""

    dose_mg_per_kg: float
    hours_before: float
    dose: str = parameter(
        "", doc="systemic dose with its unit, in the place of dose_mg_per_kg", unit="mg/kg", source="set"
    )

    def __new__(cls, *args: Any, **values: Any) -> Self:
        if _is_written(values) and "dose_mg_per_kg" in values:
            raise ValueError(f"{cls.__name__}: give dose or dose_mg_per_kg, not both")
        return super().__new__(cls, *args, **values)

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            if self.dose:
                object.__setattr__(self, "dose_mg_per_kg", milligrams(self.dose))
                object.__setattr__(self, "dose", "")
                super().__post_init__()
            self.check()
        except ValueError as error:
            raise ValueError(f"{type(self).__name__}: {str(error).removeprefix(type(self).__name__ + ': ')}") from None

    def check(self) -> None:
        """Raises ValueError for numbers that have no meaning together."""

    def replace(self, **values: Any) -> Self:
        """A copy with other values; a dose with its unit takes the place of the number that there was."""
        kept = self.values()
        if _is_written(values):
            del kept["dose_mg_per_kg"]
        return type(self)(**(kept | values))

    @property
    def inert(self) -> bool:
        return self.dose_mg_per_kg == 0.0
