"""Agents: parameters, a state and three rules, composed from the circuit's equations."""

from ..contract import Agent
from .habenula import HabenulaAgent

AGENTS: dict[str, type[Agent]] = {"HabenulaAgent": HabenulaAgent}

__all__ = ["AGENTS", "HabenulaAgent"]
