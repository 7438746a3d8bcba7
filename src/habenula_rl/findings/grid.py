"""A matrix of claims and agents as a figure: a square for each, its shade by kind and a few words in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def painted(squares: Sequence[tuple[str, str, int, str]], shades: Sequence[str], note: str) -> Figure:
    """The figure of squares (row, column, index of its shade, text), rows and columns in the order they come in."""
    import pandas as pd
    from matplotlib.colors import ListedColormap

    from .. import figures

    table = pd.DataFrame(squares, columns=["row", "column", "level", "text"])
    rows, columns = table["row"].unique(), table["column"].unique()
    levels, texts = (  # the heat map's first row is the lowest
        table.pivot(index="row", columns="column", values=name).reindex(index=rows[::-1], columns=columns)
        for name in ("level", "text")
    )
    with figures.styled():
        drawn, axes = figures.canvas(["A"], height_mm=12.0 + 6.2 * len(rows))
        how: dict[str, Any] = {
            "annot": texts,
            "fmt": "",
            "annot_kws": {"size": 6},
            "cmap": ListedColormap([*shades]),
            "linewidths": 0.5,
        }
        figures.heat(axes["A"], levels, "", bar=False, vmin=0, vmax=len(shades) - 1, **how)
        axes["A"].set(xlabel="", ylabel="")
        figures.footnote(drawn, note)
    return drawn
