"""The burst mechanism: what the three kinds of habenula neurons do, and what makes and unmakes bursts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"silent": style.GREY, "tonic": style.BLUE, "bursting": style.VERMILION}
LABELS = {"kir41": "Kir4.1 (healthy = 1)", "nmda": "NMDA receptors open", "t_type": "T-type channels open"}
TITLES = {"kir41": "hyperpolarisation", "nmda": "ketamine, AP5", "t_type": "mibefradil, ethosuximide"}
GAP_S, BAR_S = 0.08, 0.1


def burst_mechanism(traces: pd.DataFrame, shares: pd.DataFrame) -> Figure:
    """One trace of each kind above; below, shares of the kinds against Kir4.1, NMDA and T-type block.

    `traces` and `shares` are the tables of `neurons.traces` and `neurons.manipulated`.
    """
    with style.styled():
        figure, axes = style.canvas(["A", "BCD"], 115.0)
        potential(axes["A"], traces)
        style.caption(axes["A"], "A", "a neuron of each kind")
        for letter, (name, label) in zip("BCD", LABELS.items(), strict=True):
            share(axes[letter], shares[shares["parameter"] == name], label)
            style.caption(axes[letter], letter, TITLES[name])
        axes["B"].set_ylabel("share of neurons (%)")
        axes["D"].legend(loc="center right")
    return figure


def potential(axes: Axes, traces: pd.DataFrame) -> None:
    """Potential in time, one kind beside the other, with a bar for the time."""
    start = 0.0
    for kind, rows in traces.groupby("kind", sort=False):
        time = rows["time_s"].to_numpy()
        axes.plot(start + time, rows["potential_mv"], color=COLOURS[str(kind)], linewidth=0.6)
        axes.text(start, -94.0, str(kind), color=COLOURS[str(kind)])
        start += time[-1] + GAP_S
    axes.plot([0.0, BAR_S], [-20.0, -20.0], color=style.BLACK, linewidth=1.0)
    axes.text(0.0, -16.0, f"{1000 * BAR_S:.0f} ms", fontsize=7)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    axes.set_ylim(-98.0, 55.0)
    axes.set_yticks([-80.0, -40.0, 0.0, 40.0])
    axes.set_ylabel("membrane potential (mV)")


def share(axes: Axes, table: pd.DataFrame, label: str) -> None:
    """The three kinds' shares against one parameter."""
    for kind, colour in COLOURS.items():
        axes.plot(table["value"], 100.0 * table[kind], color=colour, marker="o", markersize=3, label=kind)
    if table["value"].max() > 2.0:
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter("{x:g}")
    axes.set_ylim(-3.0, 103.0)
    axes.set_xlabel(label)
