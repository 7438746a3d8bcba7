"""The study of docs/explanation/reversal406.md: a habenula's parameter in 406 people's choices, and their symptoms.

`python docs/examples/reversal406.py FOLDER` reads trials.csv, scores.csv and attention_checks.csv of Zorowitz et al.
2023 (doi 10.1038/s41562-023-01640-7, github.com/nivlab/sciops) from FOLDER, and makes the page's tables and figures
again. Nothing of the data is kept but what stands there.
"""

import re
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

import habenula_rl as hrl
from habenula_rl import figures
from habenula_rl.agents import (
    ActorCritic,
    DualRate,
    PavlovianGoNoGo,
    PearceHall,
    QLearning,
    WinStayLoseShift,
    WithChoiceKernel,
    action_values,
)
from habenula_rl.contract import Agent, parameter
from habenula_rl.fitting.ranges import range_of

DOCS = Path(__file__).parents[1]
PAGE = DOCS / "explanation/reversal406.md"
TASK = hrl.tasks.ReversalLearning(probabilities=(0.8, 0.2, 0.2), correct=0, block=15)
SYMPTOMS = {"shaps": "anhedonia (SHAPS)", "7d": "depression (7-down)", "gad7": "anxiety (GAD-7)"}
MEASURES = {"best": "best arm chosen", "win_stay": "stay after a reward", "lose_shift": "shift after none"}
SHOWN = ("QLearning", "HabenulaCritic + kernel", "ReducedHabenula + kernel")  # whose predictions are drawn


def learn(p: Any, w: Any, e: Any, y: Any) -> None:
    """A dip of d teaches as much as d dips of the size of a burst would, one after the other."""
    delta = e.reward - w.action_value[e.state, e.action]
    rate = p.value_rate if delta > 0.0 else 1.0 - np.exp(p.dip * np.log(1.0 - p.value_rate))
    w.action_value[e.state, e.action] += rate * delta
    y.rpe = delta


@dataclass(frozen=True)
class ReducedHabenula(Agent):
    """What this task leaves of a habenula: how much more a dip of dopamine teaches than a burst.

    δ = r - Q(a)        Q(a) += α·δ where δ > 0, else (1 - (1 - α)^d)·δ        P(a) ∝ exp(β·Q(a))

    At d = 1 it is QLearning, and at any d DualRate, with d in the place of its second rate.
    """

    start = action_values.start
    prefer = action_values.prefer
    learn = learn
    signals = ("rpe",)
    state = staticmethod(action_values.state)

    value_rate: float = parameter(0.4, symbol="α", doc="learning rate of a burst", low=0.0, high=1.0, source="set")
    dip: float = parameter(
        1.0, symbol="d", doc="what a dip teaches, in bursts as large: 1 in health", low=0.0, high=10.0, source="set"
    )
    beta: float = parameter(4.0, symbol="β", doc="choice consistency", low=0.0, high=100.0, source="set")


def start_critic(p: Any, w: Any, reflex: Any) -> None:
    """Nothing is expected, and nothing pulls."""
    for s in range(reflex.shape[0]):
        w.value[s] = 0.0
        for a in range(reflex.shape[1]):
            w.pull[s, a] = 0.0


def prefer_critic(p: Any, w: Any, e: Any, z: Any) -> None:
    """By the difference of the traces Go and NoGo, as HabenulaAgent has it."""
    for a in range(z.size):
        z[a] = p.beta * w.pull[e.state, a]


def learn_critic(p: Any, w: Any, e: Any, y: Any) -> None:
    """Bursts and dips teach the value of the place and the traces of what was done."""
    delta = e.reward - w.value[e.state]
    dopamine = delta if delta > 0.0 else p.dip * delta
    w.value[e.state] += p.value_rate * dopamine
    w.pull[e.state, e.action] += dopamine - p.trace_leak * w.pull[e.state, e.action]
    y.rpe = delta


@dataclass(frozen=True)
class HabenulaCritic(Agent):
    """HabenulaAgent's way of learning, an actor and a critic, with the circuit's work as one number d.

    δ = r - V        D = δ where δ > 0, else d·δ        V += α_V·D        W(a) += D - ℓ·W(a)        P(a) ∝ exp(β·W(a))

    W is G - N of HabenulaAgent but for one thing: there neither trace falls below 0.
    """

    start = start_critic
    prefer = prefer_critic
    learn = learn_critic
    signals = ("rpe",)

    value_rate: float = parameter(0.3, symbol="α_V", doc="learning rate of value", low=0.0, high=1.0, source="set")
    dip: float = parameter(1.0, symbol="d", doc="size of a dip, in bursts", low=0.0, high=10.0, source="set")
    trace_leak: float = parameter(0.2, symbol="ℓ", doc="leak of the traces", low=0.0, high=1.0, source="set")
    beta: float = parameter(3.0, symbol="β", doc="choice consistency", low=0.0, high=100.0, source="set")

    @staticmethod
    def state(n_states: int, n_actions: int) -> dict[str, tuple[int, ...]]:
        return {"value": (n_states,), "pull": (n_states, n_actions)}


# The whole agent in this task, with all values that matter here: the study does not change with the package's own set.
WHOLE = hrl.HabenulaAgent(
    value_rate=0.3, trace_rate=0.3, trace_leak=0.2, beta=5.0, error_gain=1.0, burst_threshold=2.24,
    burst_slope=0.994, burst_gain=0.98, nmda_power=1.32, habenula_share=0.93, lift_share=0.2, dopamine_half=0.162,
    dopamine_slope=0.032, dopamine_floor=0.4,
)  # fmt: skip
KERNEL = ("perseveration", "choice_rate")
MODELS: dict[str, tuple[Any, tuple[str, ...] | None]] = {
    "kernel alone": (WithChoiceKernel(QLearning)(beta=0.0), KERNEL),
    "WinStayLoseShift": (WinStayLoseShift, None),
    "ActorCritic": (ActorCritic, None),
    "PavlovianGoNoGo": (PavlovianGoNoGo, None),
    "QLearning": (QLearning, None),
    "PearceHall": (PearceHall, None),
    "DualRate": (DualRate, None),
    "ReducedHabenula": (ReducedHabenula, None),
    "HabenulaCritic": (HabenulaCritic, None),
    "HabenulaCritic + kernel": (WithChoiceKernel(HabenulaCritic), None),
    "QLearning + kernel": (WithChoiceKernel(QLearning), None),
    "PearceHall + kernel": (WithChoiceKernel(PearceHall), None),
    "DualRate + kernel": (WithChoiceKernel(DualRate), None),
    "ReducedHabenula + kernel": (WithChoiceKernel(ReducedHabenula), None),
}
CHOSEN, CRITIC = "ReducedHabenula + kernel", "HabenulaCritic + kernel"


def people(folder: Path) -> pd.DataFrame:
    """The choices, with each person's scores, and `failed`: attention checks failed, empty where nobody asked."""
    data = hrl.load_choices(folder / "trials.csv", outcomes=(0, 1), reset="never")
    scores = pd.read_csv(folder / "scores.csv").set_index("subject")[list(SYMPTOMS)]
    checks = pd.read_csv(folder / "attention_checks.csv").set_index("subject")["infreq"].rename("failed")
    attrs = data.attrs
    data = data.join(scores, on="subject").join(checks, on="subject")
    data.attrs.update(attrs)
    return data


def best_in_block(trials: pd.DataFrame) -> pd.DataFrame:
    """How often each person chose the best arm in the first, second, ... trial of their blocks."""
    best = trials["correct"] if "correct" in trials else trials["next_state"] - 1
    place = trials.groupby("subject").cumcount() % TASK.block + 1
    rows = pd.DataFrame({"subject": trials["subject"], "trial": place, "best": trials["action"] == best})
    return rows.groupby(["subject", "trial"])["best"].mean().reset_index()


def held(data: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    """Some of the people, with what was declared of the data."""
    part = data[rows]
    part.attrs.update(data.attrs)
    return part


def what_the_task_leaves() -> str:
    """The parameters of HabenulaAgent by what choices in this task depend on."""
    every = hrl.identify(WHOLE, TASK, n_trials=90)
    floats = list(every.table.index)
    left = [name for name in floats if name not in every.without_information]
    rows = [("no choice depends on them", every.without_information)]
    alone = {name: hrl.identify(WHOLE, TASK, parameters=["value_rate", "trace_leak", "beta", name], n_trials=90)
             for name in left if name not in ("value_rate", "trace_leak", "beta")}  # fmt: skip
    known = {name: float(found.table.loc[name, "r"]) for name, found in alone.items()}
    traded = [name for name, found in alone.items() if any(name in pair[:2] for pair in found.trade_offs)]
    ends = [name for name in known if name not in traded and np.isnan(known[name])]
    poor = [name for name in known if name not in traded and known[name] < 0.7]
    fine = [name for name in known if name not in (*traded, *ends, *poor)]
    rows += [
        ("the errors of each correlate by .8 or more with those of β or a rate", traded),
        ("each beside `value_rate`, `trace_leak` and `beta`: people's differences found with r under .7", poor),
        ("in health at an end of the range", ends),
        ("each, but only one of them, found beside the three with r of .7 or more", fine),
        ("found together", ["value_rate", "trace_leak", "beta"]),
    ]
    lines = [f"| {what} | {', '.join(f'`{name}`' for name in names)} |" for what, names in rows if names]
    return "\n".join(["| | parameters |", "|---|---|", *lines])


def compared(fits: Mapping[str, Any]) -> str:
    found = hrl.compare(fits).table
    lines = ["| model | parameters | iBIC | probability of a choice | protected exceedance |", "|---|---|---|---|---|"]
    for row in found.to_dict("records"):
        names = ", ".join(f"`{name}`" for name in fits[row["model"]].names) if row["model"] in fits else "–"
        numbers = f"{row['bic']:,.0f} | {row['probability']:.3f} | {row['protected']:.3f}"
        lines.append(f"| {row['model']} | {names} | {numbers} |")
    return "\n".join(lines)


def means(fitted: Any) -> str:
    lines = ["| parameter | mean person | 95 % interval | 80 % of people |", "|---|---|---|---|"]
    for row in fitted.group[fitted.group["term"] == "mean"].to_dict("records"):
        own = range_of(fitted.agent.fields()[row["parameter"]])
        spread = [float(own.from_line(row["on_line"] + side * 1.2816 * row["sd"])) for side in (-1, 1)]
        ends = [float(own.from_line(row[end])) for end in ("low", "high")]
        shown = " | ".join(f"{low:.2f} to {high:.2f}" for low, high in (ends, spread))
        lines.append(f"| `{row['parameter']}` | {row['value']:.2f} | {shown} |")
    return "\n".join(lines)


def recoveries(found: Any) -> str:
    lines = ["| parameter | r | coverage of 90 % intervals | |", "|---|---|---|---|"]
    for name, row in found.summary.iterrows():
        said = "not to be interpreted" if name in found.poor else ""
        lines.append(f"| `{name}` | {row['r']:.2f} | {row['coverage']:.2f} | {said} |")
    return "\n".join(lines)


def checks(predictions: Mapping[str, Mapping[str, Any]]) -> str:
    lines = ["| | people |" + "".join(f" {name} |" for name in predictions), "|---|---|" + "---|" * len(predictions)]
    first = next(iter(predictions.values()))
    for measure in ("win_stay", "lose_shift"):
        rows = {name: parts["stay"].table.set_index("measure").loc[measure] for name, parts in predictions.items()}
        seen = first["stay"].table.set_index("measure").loc[measure, "observed"]
        cells = "".join(f" {r['predicted']:.3f} ({r['low']:.3f} to {r['high']:.3f}) |" for r in rows.values())
        lines.append(f"| {MEASURES[measure]} | {seen:.3f} |{cells}")
    missed = "".join(f" {len(parts['curve'].missed)} |" for parts in predictions.values())
    return "\n".join([*lines, f"| trials of {TASK.block} in a block outside the 90 % interval | |{missed}"])


def effects(data: pd.DataFrame, fits: dict[str, Any]) -> pd.DataFrame:
    """What goes with each score, estimated inside the model, in all people and in those who failed no check."""
    agent, names = MODELS[CHOSEN]
    groups = {"all": data["failed"].notna() | True, "attentive": data["failed"] == 0}
    parts = []
    for who, rows in groups.items():
        for score in SYMPTOMS:
            made = hrl.fit(agent, held(data, rows), parameters=names, method="em", covariates=[score])
            fits[f"{who} {score}"] = made
            parts.append(made.group[made.group["term"] == score].assign(who=who, n=len(made.subjects)))
    asked = hrl.fit(agent, held(data, data["failed"].notna()), parameters=names, method="em", covariates=["failed"])
    parts.append(asked.group[asked.group["term"] == "failed"].assign(who="all asked", n=len(asked.subjects)))
    table = pd.concat(parts, ignore_index=True)
    table["holm"] = np.nan
    for who in groups:  # the tests that a reader would pick from
        rows = (table["who"] == who).to_numpy()
        order = np.argsort(table.loc[rows, "p"].to_numpy())
        steps = np.arange(rows.sum(), 0, -1) * table.loc[rows, "p"].to_numpy()[order]
        corrected = np.empty(rows.sum())
        corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
        table.loc[rows, "holm"] = corrected
    return table


def shown_effects(table: pd.DataFrame, score: str) -> str:
    lines = [
        "| parameter | people | n | effect per sd | 95 % interval | p | p, Holm |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in table[table["term"] == score].sort_values(["parameter", "who"], kind="stable").to_dict("records"):
        ends = f"{row['low']:+.2f} to {row['high']:+.2f}"
        holm = "" if np.isnan(row["holm"]) else _p(row["holm"])
        numbers = f"{row['n']} | {row['on_line']:+.2f} | {ends} | {_p(row['p'])} | {holm}"
        lines.append(f"| `{row['parameter']}` | {row['who']} | {numbers} |")
    return "\n".join(lines)


def _p(p: float) -> str:
    return f"{p:.4f}" if p >= 1e-4 else "< .0001"


def correlations(data: pd.DataFrame) -> str:
    """Spearman's correlation of scores with each person's own estimate, which no population drew anywhere."""
    agent, names = MODELS[CHOSEN]
    own = hrl.fit(agent, data, parameters=names, method="map").parameters
    scores = data.groupby("subject")[[*SYMPTOMS, "failed"]].first().reindex(own.index)
    lines = ["| parameter | people |" + "".join(f" {SYMPTOMS[s]} |" for s in SYMPTOMS), "|---|---|" + "---|" * 3]
    for name in own:
        for who, rows in (("all", scores["failed"].notna() | True), ("attentive", scores["failed"] == 0)):
            n, cells = int(rows.sum()), ""
            for score in SYMPTOMS:
                rho = stats.spearmanr(own.loc[rows, name], scores.loc[rows, score]).statistic
                half = 1.96 * np.sqrt((1.0 + rho**2 / 2.0) / (n - 3))  # Bonett & Wright 2000
                low, high = np.tanh(np.arctanh(rho) + half * np.array([-1.0, 1.0]))
                cells += f" {rho:+.2f} ({low:+.2f} to {high:+.2f}) |"
            lines.append(f"| `{name}` | {who} |{cells}")
    return "\n".join(lines)


def predictions_of(fits: Mapping[str, Any], shown: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    made = {}
    for name in shown:
        curve = hrl.posterior_predictive(fits[name], TASK, best_in_block, by="trial", draws=20)
        made[name] = {"curve": curve, "stay": hrl.posterior_predictive(fits[name], TASK, hrl.readouts.stay_shift)}
    return made


def main(folder: Path, page: Path = PAGE, images: Path = DOCS / "images") -> None:
    """Fit, and write the page's tables and figures; a minute or two on two cores."""
    data = people(folder)
    fits = {}
    for name, (agent, names) in MODELS.items():
        fits[name] = hrl.fit(agent, data, "plain", parameters=names, method="em")
        print(fits[name], flush=True)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "not recovered")  # the page says it
        found, of_critic = (hrl.recover(fits[name], TASK) for name in (CHOSEN, CRITIC))
    seen, with_scores = predictions_of(fits, SHOWN), {}
    table = effects(data, with_scores)
    blocks = {
        "leaves": what_the_task_leaves(),
        "comparison": compared(fits),
        "means": means(fits[CHOSEN]),
        "recovery": recoveries(found),
        "of_critic": means(fits[CRITIC]),
        "recovery_of_critic": recoveries(of_critic),
        "predictions": checks(seen),
        "correlations": correlations(data),
        **{score: shown_effects(table, score) for score in (*SYMPTOMS, "failed")},
    }
    text = page.read_text(encoding="utf-8")
    for name, block in blocks.items():
        mark = f"<!-- reversal406: {name} -->"
        if mark not in text:
            raise ValueError(f"{page}: there is no '{mark}'")
        text = re.sub(
            rf"{mark}\n.*?<!-- end -->", lambda _, b=block, m=mark: f"{m}\n{b}\n\n<!-- end -->", text, flags=re.S
        )
    page.write_text(text, encoding="utf-8")
    anhedonia = with_scores["attentive shaps"]
    curves = {name: anhedonia.effect(name, "shaps") for name in ("dip", "beta", "perseveration")}
    drawn = {
        "recovery": figures.recovered(found.table, found.summary),
        "correlation": figures.correlated(fits[CHOSEN].parameters.corr(), "correlation of people's estimates"),
        "curves": figures.predicted(
            {n: s["curve"].table for n, s in seen.items()}, "trial", labels=MEASURES | {"trial": "trial of a block"}
        ),
        "symptoms": figures.forest(
            table[table["who"] != "all asked"].assign(term=lambda t: t["term"].map(SYMPTOMS)), hue="who"
        ),
        "anhedonia": figures.against(anhedonia.parameters.join(anhedonia.covariates), curves, "shaps", labels=SYMPTOMS),
    }
    for name, figure in drawn.items():
        figure.savefig(images / f"reversal406_{name}.png", dpi=150)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1], "trials.csv").exists():
        sys.exit("give the folder that holds trials.csv, scores.csv and attention_checks.csv")
    main(Path(sys.argv[1]))
