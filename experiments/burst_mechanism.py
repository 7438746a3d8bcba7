"""Cui et al. 2018, doi 10.1038/nature25752, and Yang et al. 2018, doi 10.1038/nature25509: why the habenula bursts."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from habenula_rl import figures, neurons
from habenula_rl.agents.habenula import HabenulaAgent, bursts_at
from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.analysis.statistics import Estimate
from habenula_rl.figures import style
from habenula_rl.findings import Claim, Criterion, above, at_least, at_most, below, require, within

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]
QUESTION = (
    "Do Kir4.1, NMDA receptors and T-type channels do to bursts in the agent what they do in neurons, and to escape?"
)
PREDICTION = (
    "Kir4.1 hyperpolarises neurons, more of them burst, and animals fail to escape; without NMDA receptors or T-type "
    "channels neurons spike one by one and animals escape. The agent's burst share follows the neurons over all of it."
)

STORY = (
    "Neurons (E): spikes blocked, they rest at {rest_mv[kir_loss]:.1f} mV with less Kir4.1, {rest_mv[healthy]:.1f} "
    "mV in health and {rest_mv[kir_more]:.1f} mV with more. Cui et al. 2018 found that more Kir4.1 hyperpolarises "
    "and less depolarises.",
    "Bursts (B-D, F): at rest {bursts[healthy]:.0f} % of an animal's habenula neurons burst in health, "
    "{bursts[kir_more]:.0f} % with more Kir4.1, {bursts[kir_more_nmda_block]:.0f} % with NMDA receptors blocked too "
    "and {bursts[kir_more_t_type_block]:.0f} % with T-type channels blocked. Yang et al. 2018 found fewer than 10 % "
    "in health, 2 to 3 times as many in helpless rats, and next to none under either block.",
    "Behaviour (G): animals fail to escape in {failures[healthy]:.0f} % of trials in health, "
    "{failures[kir_more]:.0f} % with more Kir4.1, {failures[kir_more_nmda_block]:.0f} and "
    "{failures[kir_more_t_type_block]:.0f} % with the blocks. Cui et al. 2018: more Kir4.1 is enough for despair, "
    "and less of it ends despair.",
)

FEW, TIMES, NEAR_ZERO = 10.0, (2.0, 3.0), 0.1  # % of neurons; helpless over healthy; left of the bursts under a block
PUBLISHED = {
    "healthy": figures.Published(0.0, FEW, "yang2018_bursts/agents_healthy"),
    "kir_more": figures.Published(*TIMES, "yang2018_bursts/agents_helpless", of=("healthy",)),
    "kir_more_nmda_block": figures.Published(0.0, NEAR_ZERO, "yang2018_bursts/agents_nmda", of=("kir_more",)),
    "kir_more_t_type_block": figures.Published(0.0, NEAR_ZERO, "yang2018_bursts/agents_t_type", of=("kir_more",)),
}
GROUPS = ("kir_loss", "healthy", "kir_more", "kir_more_nmda_block", "kir_more_t_type_block")
LABELS = ("less", "healthy", "more", "NMDA\nblock", "T-type\nblock")
SHORT = dict(zip(GROUPS, LABELS, strict=True))
COLOURS = dict(zip(GROUPS, (style.SKY, style.BLUE, style.VERMILION, style.ORANGE, style.PINK), strict=True))
KIR41 = dict(zip(GROUPS[:3], (1.0 / neurons.HELPLESS_KIR41, 1.0, neurons.HELPLESS_KIR41), strict=True))
KINDS = {"silent": (style.GREY, "s"), "tonic": (style.BLUE, "^"), "bursting": (style.VERMILION, "o")}
CHANNELS = {
    "kir41": ("Kir4.1, no block", "Kir4.1 (healthy = 1)"),
    "nmda": ("NMDA block", "NMDA receptors blocked (%)"),
    "t_type": ("T-type block", "T-type channels blocked (%)"),
}
GAP_S, BAR_S, SHOWN_S = 0.08, 0.1, 0.8


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """Animals: bursts at rest and failures (%). Neurons: potential at rest, fractions of their kinds, traces.

    Fractions of neurons (%) are of level "trace": phase is what was changed, time to which value; group "agent" is the
    agent's burst share for the same. The effect beside a group is that against healthy animals.
    """
    seed = int(trials.attrs.get("seed", 0))
    cells = neurons.manipulated(seed=seed)
    animals, rest = behaviour(trials), _potential(int(cells["cell"].max()) + 1, seed)
    groups = summary.group_rows(animals)
    for group in (g for g in GROUPS if g != "healthy"):
        for measure, phase in (("bursts", "rest"), ("failures", "shuttle")):
            pair = [summary.values(animals, measure, g, phase) for g in (group, "healthy")]
            groups = summary.with_effect(groups, summary.effect(*pair), measure, group, phase)
    return summary.tidy(groups, summary.group_rows(rest), animals, rest, _shares(cells), _equation(), _traces(seed))


def behaviour(trials: pd.DataFrame) -> pd.DataFrame:
    """Every animal's bursts at rest and failures, in per cent, as subject rows."""
    import pandas as pd

    rest = readouts.at_rest(trials, ["burst"], ["rest"]).rename(columns={"burst": "bursts"})
    escaped = readouts.escapes(trials, ["shuttle"])[[*readouts.WHO, "failed"]].rename(columns={"failed": "failures"})
    parts = ((rest, "bursts"), (escaped, "failures"))
    return pd.concat([summary.subject_rows(t, [m], percent=[m]) for t, m in parts], ignore_index=True)


def _potential(n: int, seed: int) -> pd.DataFrame:
    """Every neuron's potential at rest (mV, spikes blocked), as subject rows: the same neuron in each phase."""
    import pandas as pd

    parts = []
    for name, kir41 in KIR41.items():
        table = neurons.at_rest(neurons.HabenulaNeurons(kir41=kir41), n, seed)
        parts.append(table.rename(columns={"cell": "subject"}).assign(group="neurons", phase=name))
    return summary.subject_rows(pd.concat(parts), ["rest_mv"])


def _shares(cells: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for (parameter, value), part in cells.groupby(["parameter", "value"], sort=False):
        for kind in KINDS:
            found = statistics.mean_interval(100.0 * (part["kind"] == kind))
            rows.append(summary.estimate_row(found, "neurons", parameter, kind) | {"level": "trace", "time": value})
    return pd.DataFrame(rows)


def _equation() -> pd.DataFrame:
    import pandas as pd

    parts = []
    for name, values in neurons.VARIED.items():
        times = np.geomspace(values[0], values[-1], 60) if name == "kir41" else np.linspace(0.0, 1.0, 60)
        line = {"time": times, "value": [agents_share(name, float(x)) for x in times]}
        parts.append(pd.DataFrame({"level": "trace", "group": "agent", "phase": name, "measure": "bursting"} | line))
    return pd.concat(parts)


def _traces(seed: int) -> pd.DataFrame:
    helpless = neurons.HabenulaNeurons(kir41=neurons.HELPLESS_KIR41)
    found = neurons.traces(helpless, seconds=SHOWN_S, sample_ms=0.25, seed=seed)
    columns = {"kind": "phase", "cell": "subject", "time_s": "time", "potential_mv": "value"}
    return found.rename(columns=columns).assign(level="trace", group="neurons", measure="potential_mv")


def story(table: pd.DataFrame) -> list[str]:
    """What the channels do to neurons, bursts and escape, and what the two papers found."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """Neurons of each kind; their fractions, with the agent's equation; and what Kir4.1 and blocks do to animals."""
    with figures.styled():
        fig, axes = figures.canvas(["A", "BCD", "EFG"], height_mm=165)
        _potentials(axes["A"], table)
        for letter, name in zip("BCD", CHANNELS, strict=True):
            _kinds(axes[letter], table, name)
            figures.caption(axes[letter], letter, CHANNELS[name][0])
        axes["B"].set_ylabel("Neurons (%)")
        figures.key(axes["C"], loc="center right")
        figures.paired(axes["E"], _neurons_only(table), "rest_mv", order=list(KIR41), colours=COLOURS)
        axes["E"].set_xticks(range(3), [SHORT[name] for name in KIR41])
        axes["E"].set(xlabel="Kir4.1", ylabel="Potential at rest (mV)")
        figures.caption(axes["E"], "E", "Neurons, spikes blocked")
        for letter, measure, label, text in (
            ("F", "bursts", "Bursting at rest (%)", "Animals: habenula"),
            ("G", "failures", "Trials without escape (%)", "Animals: shuttle box"),
        ):
            panel = figures.Panel(measure, label, text, SHORT, PUBLISHED if letter == "F" else {})
            panel.draw(axes[letter], letter, table, COLOURS)
        axes["G"].set_ylim(-4, 104)
        figures.from_zero(axes["F"])
        figures.footnote(fig, _note(table))
    return fig


def _neurons_only(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["group"] == "neurons"]


def _note(table: pd.DataFrame) -> str:
    n = int(table.loc[table["measure"] == "bursting", "n"].max())
    return (
        f"A, C, D: Kir4.1 of 1.7. B-D: {n:,} neurons, the same at every value, bars: 95 % interval. Line: the agent's "
        f"burst share.\nE: small points and thin lines: the first {figures.panels.SHOWN} of them. F, G: small points: "
        "single animals; blocks at more Kir4.1.\n"
        f"E-G: large points: mean and 95 % interval (E: of all {n:,}); open boxes: what a published finding allows."
    )


def _potentials(axes: Axes, table: pd.DataFrame) -> None:
    """Potential in time, one kind beside the other, with a bar for the time."""
    start = 0.0
    for kind, (colour, _) in KINDS.items():
        rows = figures.select(table, "trace", "potential_mv", phase=kind)
        axes.plot(start + rows["time"], rows["value"], color=colour, linewidth=0.6)
        axes.text(start, -92.0, kind, color=colour)
        start += SHOWN_S + GAP_S
    axes.plot([SHOWN_S - BAR_S, SHOWN_S], [-88.0, -88.0], color=style.BLACK, linewidth=1.0)
    axes.text(SHOWN_S - BAR_S - 0.01, -88.0, f"{1000 * BAR_S:.0f} ms", fontsize=7, ha="right", va="center")
    axes.spines["bottom"].set_visible(False)
    axes.set(xticks=[], ylim=(-97.0, 55.0), yticks=[-80, -40, 0, 40], xlabel="Time", ylabel="Membrane potential (mV)")
    axes.margins(x=0.01)
    figures.caption(axes, "A", "A neuron of each kind")


def _kinds(axes: Axes, table: pd.DataFrame, name: str) -> None:
    """The kinds' fractions against one parameter as points, and the agent's burst share as a line."""
    import seaborn as sns

    rows = table[(table["level"] == "trace") & (table["phase"] == name)]
    rows = rows.assign(x=rows["time"] if name == "kir41" else 100.0 * (1.0 - rows["time"]))
    cells, agent = (rows[rows["group"] == who] for who in ("neurons", "agent"))
    sns.lineplot(
        data=figures.ends(cells),
        x="x",
        y="y",
        hue="measure",
        hue_order=list(KINDS),
        style="measure",
        palette={kind: colour for kind, (colour, _) in KINDS.items()},
        dashes=False,
        markers={kind: marker for kind, (_, marker) in KINDS.items()},
        markersize=4,
        markeredgewidth=0,
        linestyle="",
        err_style="bars",
        err_kws={"linewidth": 0.9},
        **figures.panels.INTERVAL,
        zorder=3,
        ax=axes,
    )
    axes.plot(agent["x"], agent["value"], color=style.BLACK, linewidth=1.1, label="agent, bursting", zorder=2)
    if legend := axes.get_legend():
        legend.remove()
    axes.set_ylabel("")
    if name == "kir41":
        axes.set_xscale("log", base=2)
        axes.set_xticks([0.5, 1.0, 2.0, 4.0, 8.0], ["0.5", "1", "2", "4", "8"])
    axes.set(ylim=(-4.0, 104.0), xlabel=CHANNELS[name][1])


# Claims. Where a finding is stated loosely, the plain reading that is tested stands in the test's docstring; all were
# fixed before the claims were first run. The tables of docs/explanation/neuron.md were known by then: bursting over
# Kir4.1 to 1.7^1.67, and over NMDA block.

HEALTHY, LESS, MORE = "healthy", "kir_loss", "kir_more"
BLOCKS = {"nmda": "kir_more_nmda_block", "t_type": "kir_more_t_type_block"}
ALIKE = 5.0  # percentage points of all neurons
STRESSED = 2.5  # hyperactivity: stress drives it to 2.44
NAMES = {"kir41": "Kir4.1", "nmda": "NMDA receptors", "t_type": "T-type channels"}
YANG = (
    "Yang Y, Cui Y, Sang K, Dong Y, Ni Z, Ma S, Hu H (2018) Ketamine blocks bursting in the lateral habenula to "
    "rapidly relieve depression. Nature 554:317-322, doi 10.1038/nature25509"
)
CUI = (
    "Cui Y, Yang Y, Ni Z, Dong Y, Cai G, Foncelle A, Ma S, Sang K, Tang S, Li Y, Shen Y, Berry H, Wu S, Hu H (2018) "
    "Astroglial Kir4.1 in the lateral habenula drives neuronal bursts in depression. Nature 554:323-327, "
    "doi 10.1038/nature25752"
)


def yang2018_bursts(trials: pd.DataFrame) -> list[Criterion]:
    """Under 10 % bursting in health, 2 to 3 times that in helpless animals, near zero under NMDA or T-type block.

    Neurons and agents alike: both are asked. Helpless is the Kir4.1 that hyperactivity 1 stands for; blocks are those
    of slices, of all channels. Near zero is read as at most a tenth of the bursts without the block; "leaves tonic
    spiking" as no fewer tonic neurons than before. "Alike" is also asked of every degree of Kir4.1 (hyperactivity -1
    to 2.5, a little beyond where stress drives it at most) and of block: agent and neurons within 5 percentage points.
    """
    require(trials, "burst_mechanism", ["rest"], [HEALTHY, MORE, *BLOCKS.values()])
    cells = neurons.manipulated(seed=_seed(trials))
    rest = readouts.at_rest(trials, ["burst"], ["rest"])
    agents = 100.0 * readouts.matched(rest, "burst", [HEALTHY, MORE, *BLOCKS.values()])
    of_agents = _kinds_of("agents", agents)
    of_neurons = [*_kinds_of("neurons", _bursting(cells)), *(_tonic(name, cells) for name in BLOCKS)]
    alike = [_alike(name, cells) for name in NAMES]
    return [*map(_of_neurons, of_neurons), *of_agents, *map(_of_neurons, alike)]


def _of_neurons(part: Criterion) -> Criterion:
    """The neurons are as many whatever the number of animals is."""
    return replace(part, of_subjects=False)


def _seed(trials: pd.DataFrame) -> int:
    """The seed of the run that the trials are from; 0 for trials of no run."""
    return int(trials.attrs.get("seed", 0))


def _of(cells: pd.DataFrame, parameter: str, value: float, kind: str = "bursting") -> Array:
    """100 for each cell of that kind, 0 for another."""
    rows = cells[(cells["parameter"] == parameter) & np.isclose(cells["value"], value)]
    found: Array = 100.0 * (rows["kind"] == kind).to_numpy()
    return found


def _bursting(cells: pd.DataFrame) -> pd.DataFrame:
    """The neurons' samples by the names of the agents' groups: the same neurons in all of them."""
    import pandas as pd

    kir = {HEALTHY: _of(cells, "kir41", 1.0), MORE: _of(cells, "kir41", neurons.HELPLESS_KIR41)}
    return pd.DataFrame(kir | {group: _of(cells, name, 0.0) for name, group in BLOCKS.items()})


def _kinds_of(who: str, samples: pd.DataFrame) -> list[Criterion]:
    healthy = statistics.mean_interval(samples[HEALTHY])
    times = summary.compared(np.divide, samples[MORE], samples[HEALTHY])
    parts = [
        at_most(f"{who}_healthy", f"few neurons burst in health ({who})", "bursting neurons in %", healthy, FEW),
        within(
            f"{who}_helpless", f"2-3 times as many in helpless animals ({who})", "helpless / healthy", times, *TIMES
        ),
    ]
    for name, group in BLOCKS.items():
        left = summary.compared(np.divide, samples[group], samples[MORE])
        claim = f"hardly any without {NAMES[name]} ({who})"
        parts.append(at_most(f"{who}_{name}", claim, "fraction of the bursts that is left", left, NEAR_ZERO))
    return parts


def _tonic(name: str, cells: pd.DataFrame) -> Criterion:
    free, blocked = _of(cells, "kir41", neurons.HELPLESS_KIR41, "tonic"), _of(cells, name, 0.0, "tonic")
    found = statistics.contrast(lambda mean: mean[..., 1] / mean[..., 0], np.stack([free, blocked], axis=1))
    claim = f"without {NAMES[name]} neurons spike on, one by one"
    return at_least(f"neurons_{name}_tonic", claim, "tonic neurons, blocked / not blocked", found, 1.0)


def _alike(name: str, cells: pd.DataFrame) -> Criterion:
    """The cells are the same under all values, so they are resampled as wholes."""
    values = [v for v in neurons.VARIED[name] if name != "kir41" or neurons.hyperactivity(v) < STRESSED + 0.01]
    fractions = np.stack([_of(cells, name, value) for value in values], axis=1)
    agents = np.array([agents_share(name, value) for value in values])
    found = statistics.contrast(lambda mean: np.abs(mean - agents).max(axis=-1), fractions)
    claim = f"the agent's burst share follows the neurons over {NAMES[name]}"
    return at_most(f"alike_{name}", claim, "largest difference in % of all neurons", found, ALIKE)


def agents_share(name: str, value: float) -> float:
    """Bursting neurons (%) at rest by the agent's equation: `name` and `value` as in `neurons.manipulated`."""
    healthy = name == "kir41"
    h = neurons.hyperactivity(value) if healthy else 1.0
    agent = HabenulaAgent() if healthy else HabenulaAgent().replace(**{name: value})
    return 100.0 * bursts_at(agent, SimpleNamespace(hyperactivity=h), 0.0)


def cui2018(trials: pd.DataFrame) -> list[Criterion]:
    """More Kir4.1: hyperpolarised, more bursts, more failures; less Kir4.1: the reverse at each of the three.

    Each is read as a difference from healthy, whole interval. Potential (at rest, spikes blocked) and bursts are those
    of the neurons, each against itself; failures are those of animals whose hyperactivity is that Kir4.1's. Of the
    potential only the sign is asked: the paper's abstract says that Kir4.1 regulates the degree of hyperpolarisation
    and gives no number; the recordings in its figures were not at hand. The neurons' change is 4 mV in the mean,
    1 mV in most.
    """
    groups = (HEALTHY, LESS, MORE)
    require(trials, "burst_mechanism", ["shuttle"], groups)
    failed = readouts.matched(readouts.escapes(trials, ["shuttle"]), "failed", groups)
    seed, kir = (
        _seed(trials),
        dict(zip(groups, (1.0, 1.0 / neurons.HELPLESS_KIR41, neurons.HELPLESS_KIR41), strict=True)),
    )
    cells = neurons.manipulated(seed=seed)
    bursts = {group: _of(cells, "kir41", value) for group, value in kir.items()}
    n = len(bursts[HEALTHY])
    rest = {g: neurons.at_rest(neurons.HabenulaNeurons(kir41=k), n, seed)["rest_mv"].to_numpy() for g, k in kir.items()}
    return [*_step("more", MORE, rest, bursts, failed), *_step("less", LESS, rest, bursts, failed)]


def _step(
    name: str, group: str, rest: dict[str, Array], bursts: dict[str, Array], failed: pd.DataFrame
) -> list[Criterion]:
    """`above` and `below` as they are for more Kir4.1, and the other way round for less."""
    up, down = (above, below) if name == "more" else (below, above)
    of = f"{name} Kir4.1 - healthy"
    potential = statistics.mean_interval(rest[group] - rest[HEALTHY])
    bursting: Estimate = statistics.mean_interval(bursts[group] - bursts[HEALTHY])
    failures = summary.compared(np.subtract, 100.0 * failed[group], 100.0 * failed[HEALTHY])
    words = {"more": ("hyperpolarises neurons", "more"), "less": ("depolarises neurons", "less")}[name]
    return [
        _of_neurons(
            down(f"{name}_potential", f"{name} Kir4.1 {words[0]}", f"potential at rest in mV, {of}", potential)
        ),
        _of_neurons(up(f"{name}_bursts", f"{words[1]} of them burst", f"bursting neurons in %, {of}", bursting)),
        up(f"{name}_failures", f"animals fail {words[1]} to escape", f"failures in % of trials, {of}", failures),
    ]


CLAIMS = (
    Claim(
        "yang2018_bursts",
        YANG,
        "Few neurons burst in health, more in helplessness, none without their channels",
        yang2018_bursts,
        origin="target",
        origins={
            "agents_healthy": "built in",
            "agents_helpless": "built in",
            "agents_nmda": "built in",
            "agents_t_type": "built in",
        },
        sure="M",
        sures={"alike_kir41": "set", "alike_nmda": "set", "alike_t_type": "set"},
    ),
    Claim(
        "cui2018",
        CUI,
        "Kir4.1 makes the habenula burst and the animal fail",
        cui2018,
        origins={"more_failures": "target"},
    ),
)
