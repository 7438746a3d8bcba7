"""Figures: style in one place, and panels that read a study's tidy table with seaborn and never simulate.

Begin with `panels`; `grid` draws several alike; `standard` draws the figure of a study, or of a run, that has none of
its own, `fits` those of fits. Importing this package imports neither seaborn nor matplotlib: each function does, when
it draws.
"""

from .fits import against, confused, correlated, forest, predicted, recovered
from .grid import Panel, grid
from .panels import (
    alike,
    ends,
    event,
    from_zero,
    group_sizes,
    heat,
    individuals,
    key,
    level,
    marks,
    most_subjects,
    name_places,
    over,
    paired,
    scatter,
    select,
    shared_key,
    trace,
    whole_ticks,
)
from .published import Marks, Published, less, mark, more
from .style import canvas, caption, described, footnote, set_style, styled

__all__ = [
    "Marks",
    "Panel",
    "Published",
    "against",
    "alike",
    "canvas",
    "caption",
    "confused",
    "correlated",
    "described",
    "ends",
    "event",
    "footnote",
    "forest",
    "from_zero",
    "grid",
    "group_sizes",
    "heat",
    "individuals",
    "key",
    "less",
    "level",
    "mark",
    "marks",
    "more",
    "most_subjects",
    "name_places",
    "over",
    "paired",
    "predicted",
    "recovered",
    "scatter",
    "select",
    "set_style",
    "shared_key",
    "styled",
    "trace",
    "whole_ticks",
]
