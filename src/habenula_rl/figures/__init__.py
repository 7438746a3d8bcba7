"""Figures: style in one place, and panels that read a study's tidy table and never simulate."""

from .panels import (
    counts,
    event,
    from_zero,
    individuals,
    key,
    level,
    marks,
    most_subjects,
    name_places,
    paired,
    scatter,
    select,
    shared_key,
    thinned,
    trace,
    whole_ticks,
)
from .style import canvas, caption, footnote, styled

__all__ = [
    "canvas",
    "caption",
    "counts",
    "event",
    "footnote",
    "from_zero",
    "individuals",
    "key",
    "level",
    "marks",
    "most_subjects",
    "name_places",
    "paired",
    "scatter",
    "select",
    "shared_key",
    "styled",
    "thinned",
    "trace",
    "whole_ticks",
]
