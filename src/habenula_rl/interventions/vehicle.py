"""The control of every injection."""

from __future__ import annotations

from dataclasses import dataclass

from .base import Intervention
from .channels import hours


@dataclass(frozen=True)
class Vehicle(Intervention):
    """Vehicle: the injection without the drug; changes nothing."""

    hours_before: float = hours(1.0, "hours from injection to test", "set")
