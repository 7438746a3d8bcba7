"""The figures of docs/tutorial/from_channel_to_behaviour.md, from the neuron's channels to what an animal does.

`python docs/examples/from_channel_to_behaviour.py` makes all four again, in docs/images, in about half a minute.
"""

import sys
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import numpy as np

import habenula_rl as hrl
from habenula_rl import figures
from habenula_rl.agents.habenula import bursts_at, tonic_dopamine, tonic_serotonin
from habenula_rl.analysis import summary
from habenula_rl.circuit.habenula import output
from habenula_rl.experiment.recorded import load_trials
from habenula_rl.experiment.study_file import find_experiment, load_experiment
from habenula_rl.figures import style

IMAGES = Path(__file__).parents[1] / "images"
TRAITS = {"healthy (h = 0)": 0.0, "helpless (h = 1)": 1.0, "stressed (h = 1.34)": 1.34}
COLOURS = dict(zip(TRAITS, (style.BLUE, style.VERMILION, style.PINK), strict=True))
DASHES = dict(zip(TRAITS, ("-", "--", "-."), strict=True))
DRUG = hrl.Ketamine(dose="25 mg/kg", species="rat", hours_before=1.0)  # as in yang2018
MEASURES = {
    "immobility": ("Forced swim", "Immobile in min 3-6 (%)"),
    "preference": ("Two spouts", "Sucrose (% of drinks)"),
    "failures": ("Shuttle box", "No escape (%)"),
}


def neuron(folder, subjects):
    """Figure 1: the study burst_mechanism."""
    with TemporaryDirectory() as results:
        made = hrl.run("burst_mechanism", results, subjects=subjects)
        copy(made / "figures" / "burst_mechanism.png", folder)


def agent(folder):
    """Figure 2: what bursts do to the habenula's output and to tonic dopamine and serotonin."""
    with figures.styled():
        fig, axes = figures.canvas(["ABC"], height_mm=68)
        _over_drive(axes["A"], axes["B"])
        _over_hyperactivity(axes["C"])
        figures.shared_key(fig, axes["A"])
        figures.footnote(fig, "Dotted in C: healthy, and congenitally helpless.")
        fig.savefig(folder / "channel_agent.png", dpi=200)


def _over_drive(bursting, sent):
    x, p = np.linspace(-1.0, 2.0, 100), hrl.HabenulaAgent()
    for name, h in TRAITS.items():
        bursts = [bursts_at(p, SimpleNamespace(hyperactivity=h), float(v)) for v in x]
        lhb = [output(float(v), b, p.burst_gain) for v, b in zip(x, bursts, strict=True)]
        bursting.plot(x, 100.0 * np.array(bursts), DASHES[name], color=COLOURS[name], label=name)
        sent.plot(x, lhb, DASHES[name], color=COLOURS[name])
    bursting.set(xlabel="Drive x of the LHb", ylabel="Bursting neurons (%)", ylim=(-4, 104))
    sent.set(xlabel="Drive x of the LHb", ylabel="LHb output (resting rates)", ylim=(0, None))
    figures.caption(bursting, "A", "Bursts")
    figures.caption(sent, "B", "What the midbrain receives")


def _over_hyperactivity(axes):
    h, p = np.linspace(-1.0, 2.44, 100), hrl.HabenulaAgent()
    for tonic, name, colour, line in (
        (tonic_dopamine, "dopamine", style.GREEN, "-"),
        (tonic_serotonin, "serotonin", style.ORANGE, "--"),
    ):
        level = [tonic(p, SimpleNamespace(hyperactivity=float(v))) for v in h]
        axes.plot(h, level, line, color=colour, label=name)
    axes.set(xlabel="Hyperactivity h", ylabel="Tonic level (healthy 0.5)", ylim=(0, None))
    figures.event(axes, 0.0)
    figures.event(axes, 1.0)
    axes.legend(loc="lower left", handlelength=1.8, frameon=True, framealpha=1.0, edgecolor="none")
    figures.caption(axes, "C", "Dopamine and serotonin")


def drug(folder):
    """Figure 3: the concentration of a dose, the receptors that it holds, and the bursts that are left."""
    hours = np.geomspace(1 / 60, 168.0, 80)
    with figures.styled():
        fig, axes = figures.canvas(["ABC"], height_mm=68)
        axes["A"].plot(hours, DRUG.course()(3600.0 * hours), color=style.BLACK)
        axes["A"].set(yscale="log", ylim=(1e-3, 20.0), ylabel="Free ketamine at receptors (µM)")
        for name, h in TRAITS.items():
            blocked = np.array([DRUG.replace(hours_before=float(t)).block(h) for t in hours])
            bursts = [
                bursts_at(hrl.HabenulaAgent(nmda=1.0 - float(b)), SimpleNamespace(hyperactivity=h), 0.0)
                for b in blocked
            ]
            axes["B"].plot(hours, 100.0 * blocked, DASHES[name], color=COLOURS[name], label=name)
            axes["C"].plot(hours, 100.0 * np.array(bursts), DASHES[name], color=COLOURS[name])
        axes["B"].set(ylabel="NMDA receptors blocked (%)", ylim=(-4, 104))
        axes["C"].set(ylabel="Bursting neurons at rest (%)", ylim=(-2, 52))
        figures.shared_key(fig, axes["B"])
        for letter, text in zip("ABC", ("Concentration", "Block", "Bursts"), strict=True):
            axes[letter].set(xscale="log", xlabel="Time since injection")
            axes[letter].set_xticks([1 / 60, 1 / 6, 1, 6, 24, 168], ["1 min", "10 min", "1 h", "6 h", "1 d", "7 d"])
            axes[letter].minorticks_off()
            figures.caption(axes[letter], letter, text)
        figures.footnote(fig, "Ketamine, 25 mg/kg i.p. in rats.")
        fig.savefig(folder / "channel_drug.png", dpi=200)


def behaviour(folder, subjects):
    """Figure 4: the study yang2018."""
    study = load_experiment(find_experiment("yang2018"))
    with TemporaryDirectory() as results:
        made = hrl.run("yang2018", results, subjects=subjects, figure=False, summary=False)
        rows = study.behaviour(load_trials(made))
    table = summary.tidy(summary.group_rows(rows), rows)
    with figures.styled():
        fig, axes = figures.canvas(["ABC"], height_mm=68)
        labels = {name: name.replace("_", "\n") for name in study.GROUPS}
        for letter, (measure, (title, axis)) in zip("ABC", MEASURES.items(), strict=True):
            panel = figures.Panel(measure, axis, title, labels, study.PUBLISHED.get(measure, {}), ends=(0.0, 100.0))
            panel.draw(axes[letter], letter, table, study.COLOURS)
        figures.footnote(fig, figures.marks(fig, table, "rats"))
        fig.savefig(folder / "channel_behaviour.png", dpi=200)
    return table


def main(folder=IMAGES, subjects=20):
    """All four, into `folder`."""
    neuron(folder, subjects)
    agent(folder)
    drug(folder)
    table = behaviour(folder, subjects)
    means = table[table["level"] == "group"].pivot(index="group", columns="measure", values="value")
    print(means[list(MEASURES)].round(1).to_string())


if __name__ == "__main__":
    main(*(Path(name) for name in sys.argv[1:2]))
