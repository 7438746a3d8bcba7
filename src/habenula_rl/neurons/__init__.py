"""Lateral habenula neurons: a population that is silent, tonic or bursting, and what that means for an agent."""

from .firing import bursts, kinds
from .mechanism import manipulated, traces
from .population import HabenulaNeurons, drawn
from .recording import Pulse, Recording, record, record_cells
from .resting import at_rest
from .shares import BurstMap, fitted, shares

__all__ = [
    "BurstMap",
    "HabenulaNeurons",
    "Pulse",
    "Recording",
    "at_rest",
    "bursts",
    "drawn",
    "fitted",
    "kinds",
    "manipulated",
    "record",
    "record_cells",
    "shares",
    "traces",
]
