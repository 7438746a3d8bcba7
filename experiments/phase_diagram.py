"""Hyperactivity of the habenula against the fraction of its NMDA receptors that is blocked: where helplessness ends.

The prediction was written before the first run and is wrong in its last part: from hyperactivity 1.5 on, pessimism is
the first to come back. In the first run the shuttle box came first; its shock raised hyperactivity before the rest was
measured, so it is the last test now.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from habenula_rl import Ketamine, figures, tasks
from habenula_rl.analysis import readouts, summary
from habenula_rl.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "How much block does it take to undo how much hyperactivity, and what comes back first?"
PREDICTION = (
    "The more hyperactive the habenula, the more block. Dopamine, and with it escape, struggling and drinking, comes "
    "back at a small block, once fewer neurons burst at rest; the pessimism that bursts in dips have taught comes last."
)

STORY = (
    "Hyperactivity 1 (A-E): half of the failures to escape are gone at a block of {half_failures[h100]:.0f} % of "
    "NMDA receptors, half of the floating at {half_immobility[h100]:.0f} %, half of the pessimism at "
    "{half_pessimism[h100]:.0f} %, half of the loss of dopamine at {half_tonic_dopamine[h100]:.0f} %.",
    "Hyperactivity 2 (F): at {half_failures[h200]:.0f} %, {half_immobility[h200]:.0f} %, {half_pessimism[h200]:.0f} "
    "% and {half_tonic_dopamine[h200]:.0f} %.",
    "Without block (A): animals fail in {failures[h000_block00]:.0f} % of trials at hyperactivity 0, in "
    "{failures[h100_block00]:.0f} % at 1 and {failures[h200_block00]:.0f} % at 2. No paper has this diagram: it is a "
    "prediction of the model.",
)

NAME = re.compile(r"h(\d+)_block(\d+)")
HEALTHY = "h000_block00"
TRAITS = (100, 200)  # hundredths of hyperactivity whose recovery is drawn in full
MEASURES = {
    "tonic_dopamine": "spouts",
    "failures": "shuttle",
    "immobility": "forced_swim",
    "preference": "sucrose",
    "pessimism": "spouts",
}
LABELS = {
    "tonic_dopamine": "dopamine at rest",
    "failures": "helplessness",
    "immobility": "despair",
    "preference": "anhedonia",
    "pessimism": "pessimism",
}
COLOURS = dict(zip(MEASURES, (style.BLACK, style.VERMILION, style.BLUE, style.GREEN, style.PINK), strict=True))
DOSE = "10 mg/kg"  # of ketamine in mice, as in wu2021, an hour before: where on the diagram a drug would put them
DASHES = {name: "--" if name == "tonic_dopamine" else "-" for name in MEASURES}
Cells = dict[tuple[int, int], "pd.Series"]


def read(trials: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """All that is read of the trials, of one group at a time: a hundred groups are more than a small memory holds."""
    return {
        "escapes": readouts.escapes(trials, ["shuttle"]),
        "immobility": readouts.immobility(trials, ["forced_swim"]),
        "drinking": readouts.drinking(trials, ["sucrose"], task=tasks.SucrosePreference(free=True)),
        "bias": readouts.value_bias(trials, ["spouts"], last=100),
        "rest": readouts.at_rest(trials, ["tonic_dopamine"], ["spouts"]),
    }


def summarise(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every group's means, how much of each deficit is left under each block, and the block that halves it.

    A deficit is a measure's distance from that of healthy animals without block. Rows of level "trace", group h100:
    what is left (%) at hyperactivity 1.00, with the block (%) as their time. Measure "half_<measure>": the smallest
    block (%) that leaves half; absent where there is no deficit at all or no block in the diagram leaves half. Measure
    "ketamine_block": the block (%) that a dose comes to, with the hyperactivity as its time.
    """
    subjects = behaviour(tables)
    groups = summary.group_rows(subjects)
    return summary.tidy(groups, subjects, *_recoveries(subjects), _drug())


def behaviour(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every animal's readouts: failures, immobility, preference (%), pessimism (received - expected), dopamine."""
    import pandas as pd

    escaped = tables["escapes"].drop(columns="failures").rename(columns={"failed": "failures"})
    parts = (
        summary.subject_rows(escaped, ["failures"], percent=["failures"]),
        summary.subject_rows(tables["immobility"], ["immobility"], percent=["immobility"]),
        summary.subject_rows(tables["drinking"], ["preference"], percent=["preference"]),
        summary.subject_rows(tables["bias"].assign(pessimism=lambda t: -t["bias"]), ["pessimism"]),
        summary.subject_rows(tables["rest"], ["tonic_dopamine"]),
    )
    return pd.concat(parts, ignore_index=True)


def place(group: str) -> tuple[int, int]:
    """Hyperactivity in hundredths and block in per cent, from the group's name."""
    found = NAME.fullmatch(group)
    if found is None:
        raise ValueError(f"phase_diagram: a group is named as h100_block20, not '{group}'")
    return int(found[1]), int(found[2])


def _recoveries(subjects: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for measure, phase in MEASURES.items():
        rows = subjects[subjects["measure"] == measure]
        cells = {place(str(name)): part.set_index("subject")["value"] for name, part in rows.groupby("group")}
        for trait in sorted({h for h, _ in cells if h > 0}):
            yield from _recovery(cells, measure, phase, trait)


def _recovery(cells: Cells, measure: str, phase: str, trait: int) -> Iterator[pd.DataFrame]:
    """What is left at one hyperactivity under each block, and the block that halves it, where there is a deficit."""
    import pandas as pd

    blocks = sorted(b for h, b in cells if h == trait)
    healthy, without = cells[0, 0], cells[trait, 0]
    deficit = summary.compared(np.subtract, without, healthy)
    if deficit.low <= 0.0 <= deficit.high:
        return
    rows = []
    for block in blocks:
        left = summary.compared(_left, healthy, without, cells[trait, block])
        rows.append(summary.estimate_row(left, f"h{trait:03d}", phase, measure) | {"level": "trace", "time": block})
    half = summary.compared(_halved_at(blocks), healthy, *(cells[trait, block] for block in blocks))
    if np.isfinite(half.value):
        rows.append(summary.estimate_row(half, f"h{trait:03d}", phase, f"half_{measure}"))
    yield pd.DataFrame(rows)


def _drug() -> pd.DataFrame:
    """The block that one dose comes to depends on hyperactivity, because the drug binds where neurons burst."""
    import pandas as pd

    dose, traits = Ketamine(dose=DOSE, hours_before=1.0), np.linspace(0.0, 2.25, 19)
    named = {"level": "trace", "group": DOSE, "measure": "ketamine_block", "phase": "all"}
    return pd.DataFrame(named | {"time": traits, "value": [100.0 * dose.block(float(h)) for h in traits]})


def _left(healthy: Any, without: Any, treated: Any) -> Any:
    """How much of the deficit is left, in per cent."""
    return 100.0 * (treated - healthy) / (without - healthy)


def _halved_at(blocks: list[int]) -> Callable[..., Any]:
    """The smallest block that leaves half of the deficit, straight between the blocks of the diagram; NaN if none."""

    def halved(healthy: Any, *by_block: Any) -> Any:
        left = np.stack([np.atleast_1d(_left(healthy, by_block[0], mean)) for mean in by_block])
        after = np.argmax(left <= 50.0, axis=0)  # 0 where none is: the first is always 100
        high, low = (np.take_along_axis(left, k[None], 0)[0] for k in (np.maximum(after - 1, 0), after))
        start, end = np.asarray(blocks, float)[np.maximum(after - 1, 0)], np.asarray(blocks, float)[after]
        with np.errstate(divide="ignore", invalid="ignore"):
            at = start + (end - start) * (high - 50.0) / (high - low)
        found = np.where(after > 0, at, np.nan)
        return found if found.size > 1 else found[0]

    return halved


def story(table: pd.DataFrame) -> list[str]:
    """The block that halves each deficit, and failures without any."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """The four planes with the line where half of the deficit is gone; below, what comes back in which order."""
    with figures.styled():
        fig, axes = figures.canvas(["AB", "CD", "EFG"], height_mm=200)
        for letter, measure, text, label in (
            ("A", "failures", "Helplessness", "Without escape (%)"),
            ("B", "immobility", "Despair", "Immobile in min 3-6 (%)"),
            ("C", "preference", "Anhedonia", "Sucrose (% of drinks)"),
            ("D", "pessimism", "Pessimism", "Got - expected (reward)"),
        ):
            plane = _plane(axes[letter], table, measure, label)
            _boundary(axes[letter], table, measure, plane)
            figures.caption(axes[letter], letter, text)
            axes[letter].set(xlabel="NMDA block (%)", ylabel="Hyperactivity")
        for letter, trait in zip("EF", TRAITS, strict=True):
            _remains(axes[letter], table, trait)
            figures.caption(axes[letter], letter, f"Deficit left, hyperactivity {trait / 100:g}")
        axes["E"].set_ylabel("Deficit left (%)")
        _order(axes["G"], table)
        figures.caption(axes["G"], "G", "Block that halves the deficit")
        figures.shared_key(fig, axes["E"])
        figures.footnote(
            fig,
            "Hyperactivity: 0 healthy, 1 congenitally helpless. White line: half of the deficit against healthy "
            f"animals is gone; dotted: what {DOSE} of ketamine hold in mice after 1 h. White in C: fewer than half "
            "of the animals drink at all. Below 0 % in E and F: better than healthy animals without block. "
            "Bands: 95 % interval.",
        )
    return fig


def _plane(axes: Axes, table: pd.DataFrame, measure: str, label: str) -> pd.DataFrame:
    """A measure's mean in every group, yellow where animals are worst; the means, hyperactivity by block.

    Where fewer than half of the animals have the measure it stays white: the few that still drink are not the group.
    """
    rows = figures.select(table, "group", measure)
    rows = rows.assign(value=rows["value"].where(rows["n"] >= summary.MIN_SHARE * rows["n"].max()))
    at = rows["group"].map(place)
    placed = rows.assign(h=at.str[0] / 100.0, block=at.str[1])
    plane = placed.pivot(index="h", columns="block", values="value")
    figures.heat(axes, plane, label, cmap="cividis_r" if measure == "preference" else "cividis")
    axes.tick_params(labelsize=6)
    return plane


def _boundary(axes: Axes, table: pd.DataFrame, measure: str, plane: pd.DataFrame) -> None:
    """Where half of the deficit is gone, and where a dose of ketamine puts animals, straight between the cells."""
    half = figures.select(table, "group", f"half_{measure}")
    dose = figures.select(table, "trace", "ketamine_block")

    def cell(values: Any, axis: pd.Index) -> Any:
        return np.interp(values, axis.to_numpy(float), np.arange(len(axis)) + 0.5)

    x, y = cell(half["value"], plane.columns), cell(half["group"].str[1:].astype(float) / 100.0, plane.index)
    for colour, width in ((style.BLACK, 2.6), ("white", 1.4)):
        axes.plot(x, y, "-", color=colour, linewidth=width)
    axes.plot(cell(dose["value"], plane.columns), cell(dose["time"], plane.index), ":", color="white")


def _remains(axes: Axes, table: pd.DataFrame, trait: int) -> None:
    for measure in MEASURES:
        name = f"h{trait:03d}"
        figures.trace(
            axes,
            table,
            measure,
            order=[name],
            by="group",
            colours={name: COLOURS[measure]},
            labels={name: LABELS[measure]},
            dashes={name: DASHES[measure]},
        )
    figures.level(axes, 0.0)
    axes.set(xlabel="NMDA block (%)", ylim=(-40.0, 140.0))


def _order(axes: Axes, table: pd.DataFrame) -> None:
    for measure in MEASURES:
        rows = figures.select(table, "group", f"half_{measure}")
        h = rows["group"].str[1:].astype(float) / 100.0
        axes.plot(h, rows["value"], DASHES[measure], color=COLOURS[measure])
        axes.fill_between(h, rows["low"], rows["high"], color=COLOURS[measure], alpha=0.22, linewidth=0)
    axes.set(xlabel="Hyperactivity", ylabel="NMDA block (%)", ylim=(0.0, None), xticks=(0.5, 1.0, 1.5, 2.0))
