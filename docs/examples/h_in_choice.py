"""The study of docs/explanation/h_in_choice.md: is a hyperactive habenula seen in choices alone?

`python docs/examples/h_in_choice.py` simulates patients with h = 0, ½ and 1 in the package's tasks, and makes the
page's tables and figure again.
"""

import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import habenula_rl as hrl
from habenula_rl import figures
from habenula_rl.agents import LowMotivation
from habenula_rl.figures.colours import PALETTE
from habenula_rl.fitting.ranges import range_of

DOCS = Path(__file__).parents[1]
TASKS = {
    "ReversalLearning": hrl.tasks.ReversalLearning(),
    "Bandit": hrl.tasks.Bandit(),
    "ProbabilisticSelection": hrl.tasks.ProbabilisticSelection(),
    "GoNoGo": hrl.tasks.GoNoGo(),
    "SucrosePreference": hrl.tasks.SucrosePreference(free=False),
    "EffortChoice": hrl.tasks.EffortChoice(),
    "ShuttleBox": hrl.tasks.ShuttleBox(),
}
TRIALS = (25, 50, 100, 200)
LEVELS = (0.0, 0.5, 1.0)
SPREAD = {"beta": 0.5, "value_rate": 0.5, "trace_rate": 0.5}  # sd of people on the line of each parameter's range
POWER = 1.959964 + 0.841621  # two-sided .05, power .80


def differing(n: int, seed: int) -> dict[str, np.ndarray]:
    """People who differ in how they learn and choose, as all people do."""
    rng, fields, agent = np.random.default_rng(seed), hrl.HabenulaAgent.fields(), hrl.HabenulaAgent()
    lines = {name: range_of(fields[name]) for name in SPREAD}
    return {
        name: own.from_line(own.to_line(getattr(agent, name)) + SPREAD[name] * rng.standard_normal(n))
        for name, own in lines.items()
    }


def lived(task: hrl.tasks.Bandit, h: float, n: int, n_trials: int) -> tuple[hrl.Run, dict[str, np.ndarray]]:
    """Patients with this h; each level has people of its own."""
    seed = 10 + round(10 * h)
    people = differing(n, seed)
    run = hrl.simulate(
        hrl.HabenulaAgent(hyperactivity=h), task, n_subjects=n, n_trials=n_trials, seed=seed, parameters=people
    )
    return run, people


def evidence(task: hrl.tasks.Bandit, run: hrl.Run, people: dict[str, np.ndarray], h: float) -> np.ndarray:
    """How much likelier each person's choices are at this h than at 0, (n,), all else about the person known."""
    likelihood = hrl.Likelihood(hrl.HabenulaAgent(), run.trials, task)
    found: np.ndarray = likelihood.value(people | {"hyperactivity": h}) - likelihood.value(
        people | {"hyperactivity": 0.0}
    )
    return found


def standardised(a: np.ndarray, b: np.ndarray) -> float:
    """Cohen's d of b against a; 0 where nobody differs."""
    spread = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    return float((b.mean() - a.mean()) / spread) if spread > 0 else 0.0


def best_measure(healthy: pd.DataFrame, patients: pd.DataFrame) -> tuple[str, float]:
    """The measure of behaviour that separates the first half of people best, and its d in the second half, who did not
    choose it.
    """
    found = {}
    for measure, rows in healthy[~healthy["measure"].isin(hrl.HabenulaAgent.signals)].groupby("measure"):
        other = patients[patients["measure"] == measure]
        halves = []
        for half in (0, 1):
            a, b = (t.loc[t["subject"] % 2 == half, "value"].dropna().to_numpy() for t in (rows, other))
            halves.append(standardised(a, b) if min(a.size, b.size) > 2 else 0.0)
        found[str(measure)] = halves
    name = max(found, key=lambda m: abs(found[m][0]))
    return name, found[name][1] * np.sign(found[name][0])


def seen(n: int) -> pd.DataFrame:
    """A row for each task, number of trials and h above 0: what single people and groups show."""
    rows = []
    for name, task in TASKS.items():
        for n_trials in TRIALS:
            healthy, known = lived(task, 0.0, n, n_trials)
            for h in LEVELS[1:]:
                patients, own = lived(task, h, n, n_trials)
                right = [evidence(task, healthy, known, h) < 0, evidence(task, patients, own, h) > 0]
                measure, d = best_measure(healthy.summary, patients.summary)
                need = max(2.0, 2 * (POWER / d) ** 2) if d > 0 else np.inf
                rows.append((name, n_trials, h, float(np.mean(right)), measure, d, need))
        print(name, flush=True)
    return pd.DataFrame(rows, columns=["task", "trials", "h", "right", "measure", "d", "need"])


def mistaken(n: int, n_trials: int = 200) -> str:
    """What a plain Q-learner with a cost of acting makes of the same people: medians, and d between h 1 and 0."""
    lines = ["| task | parameter | h = 0 | h = ½ | h = 1 | d, h = 1 against 0 |", "|---|---|---|---|---|---|"]
    for name, task in TASKS.items():
        fits = []
        for h in LEVELS:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                trials = lived(task, h, n, n_trials)[0].trials
                names = ["learning_rate", "beta", *(["burden"] if task.passive >= 0 else [])]
                fits.append(hrl.fit(LowMotivation, trials, task, parameters=names))
        for k, parameter in enumerate(fits[0].names):
            middle = " | ".join(f"{made.parameters[parameter].median():.2g}" for made in fits)
            d = standardised(fits[0].posterior.modes[:, k], fits[-1].posterior.modes[:, k])
            lines.append(f"| {name} | `{parameter}` | {middle} | {d:+.2f} |")
    return "\n".join(lines)


def needed(table: pd.DataFrame) -> str:
    lines = ["| task | readout | 50 trials | 200 trials | one person, 200 trials |", "|---|---|---|---|---|"]
    wide = table[table["h"] == 1.0].set_index(["task", "trials"])
    for name in TASKS:
        cells = [wide.loc[(name, n), "need"] for n in (50, 200)]
        shown = " | ".join(f"{int(np.ceil(need)):,}" if need < 1e5 else "more than 100,000" for need in cells)
        last = wide.loc[(name, 200)]
        lines.append(f"| {name} | {last['measure'].replace('_', ' ')} | {shown} | {last['right']:.0%} |")
    return "\n".join(lines)


def drawn(table: pd.DataFrame) -> Figure:
    import seaborn as sns

    colours = dict(zip(TASKS, PALETTE, strict=False))
    with figures.styled():
        figure, axes = figures.canvas(["AB", "CD"], height_mm=130)
        for letter, h, column in (("A", 0.5, "right"), ("B", 1.0, "right"), ("C", 0.5, "need"), ("D", 1.0, "need")):
            rows = table[table["h"] == h].assign(need=lambda t: t["need"].clip(2, 1e4))
            sns.lineplot(
                data=rows,
                x="trials",
                y=column,
                hue="task",
                style="task",
                palette=colours,
                markers=True,
                dashes=False,
                legend=letter == "B",
                ax=axes[letter],
            )
            axes[letter].set(xscale="log", xlabel="trials")
            axes[letter].set_xticks(TRIALS, [str(n) for n in TRIALS])
            axes[letter].minorticks_off()
            if column == "right":
                axes[letter].set(ylabel="people recognised (fraction)", ylim=(0.4, 1.03))
                figures.level(axes[letter], 0.5)
            else:
                axes[letter].set(ylabel="people in each group", yscale="log", ylim=(1.5, 2e4))
            what = "single people, all else known" if column == "right" else "groups, by the best readout"
            figures.caption(axes[letter], letter, f"h = {h:g} against 0: {what}")
        lines, names = axes["B"].get_legend_handles_labels()
        axes["B"].get_legend().remove()
        figure.legend(lines, names, loc="outside upper center", ncols=4)
        figures.footnote(
            figure, "C, D: for a power of .80 at .05; 10,000 stands for more than that, or for no difference."
        )
    return figure


def main(n: int = 120, page: Path = DOCS / "explanation/h_in_choice.md", images: Path = DOCS / "images") -> None:
    table = seen(n)
    blocks = {"needed": needed(table), "mistaken": mistaken(n)}
    text = page.read_text(encoding="utf-8")
    for name, block in blocks.items():
        mark = f"<!-- h_in_choice: {name} -->"
        text = re.sub(
            rf"{mark}\n.*?<!-- end -->", lambda _, b=block, m=mark: f"{m}\n{b}\n\n<!-- end -->", text, flags=re.S
        )
    page.write_text(text, encoding="utf-8")
    drawn(table).savefig(images / "h_in_choice.png", dpi=150)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
