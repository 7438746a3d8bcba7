"""Lateral habenula neurons: a population that is silent, tonic or bursting, and what that means for an agent."""

from .firing import bursts, kinds
from .mechanism import VARIED, manipulated, traces
from .population import HabenulaNeurons, drawn
from .recording import Pulse, Recording, record, record_cells
from .resting import at_rest
from .shares import HELPLESS_KIR41, BurstMap, Steepness, fitted, hyperactivity, shares

__all__ = [
    "HELPLESS_KIR41",
    "VARIED",
    "BurstMap",
    "HabenulaNeurons",
    "Pulse",
    "Recording",
    "Steepness",
    "at_rest",
    "bursts",
    "drawn",
    "fitted",
    "hyperactivity",
    "kinds",
    "manipulated",
    "record",
    "record_cells",
    "shares",
    "traces",
]
