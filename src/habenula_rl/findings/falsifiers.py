"""What would make the model wrong: findings that it was never tuned to, beside what it predicts for them.

Each has the published sign, as far as it was seen, and a simulation of the model that gives a number for it. Where the
number's 95 % interval lies on the other side the finding contradicts the model. Nothing here is counted as a claim.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents import HabenulaAgent
from ..analysis import readouts, statistics
from ..interventions import Ketamine, Lesion
from ..randomness import checked_seed
from ..tasks import TASKS
from .checking import checked_subjects
from .claims import CERTAINTY
from .criterion import Criterion, above, below

if TYPE_CHECKING:
    import pandas as pd

SUBJECTS, SEED = 400, 15
SAID = {"pass": "agrees", "fail": "contradicts", "undecided": "undecided"}
SHOCKS, SHOCK_S = 120, 3.0  # of the stress that makes helpless; none can be escaped
SPREAD = 0.3  # of hyperactivity, as the studies' mice and rats have it
CUE = 4  # PavlovianConditioning's first stimulus


@dataclass(frozen=True)
class Falsifier:
    """A finding: what was found, how sure that is (CERTAINTY), what is simulated for it, and the rows that come of it.

    Without `test` the model has nothing that could express it, as `simulated` then says.
    """

    id: str
    citation: str
    found: str
    sure: str
    simulated: str
    test: Callable[[HabenulaAgent, int, int], list[Criterion]] | None = None


@dataclass(frozen=True)
class Row:
    """A line: the finding, what the model's number is with its interval, the published sign, and how they compare."""

    id: str
    citation: str
    found: str
    sure: str
    simulated: str
    statistic: str
    value: float
    low: float
    high: float
    published: str
    outcome: str  # one of SAID, or "cannot express"


def rows(agent: HabenulaAgent | None = None, n_subjects: int = SUBJECTS, seed: int = SEED) -> list[Row]:
    """Every line, for HabenulaAgent's default parameters or others, with that many subjects in every group.

    Raises ValueError for fewer than 8 of them, whose intervals say nothing, as `findings.check` does.
    """
    checked_subjects(n_subjects, "falsifiers need")
    checked_seed(seed)
    agent = HabenulaAgent() if agent is None else agent
    found = []
    for one in FALSIFIERS:
        about = (one.citation, one.found, one.sure, one.simulated)
        if one.test is None:
            found.append(Row(one.id, *about, "", np.nan, np.nan, np.nan, "", "cannot express"))
        for part in one.test(agent, n_subjects, seed) if one.test else ():
            number = part.estimate
            numbers = part.statistic, float(number.value), float(number.low), float(number.high)
            found.append(Row(f"{one.id}/{part.name}", *about, *numbers, part.expected, SAID[part.outcome]))
    return found


def lawson(agent: HabenulaAgent, n: int, seed: int) -> list[Criterion]:
    """The habenula at the onset of a cue for shock in four of five trials: the last ten trials against the first."""
    change = {}
    for h in (0.0, 1.0):
        table = _trials(agent.replace(hyperactivity=h), "PavlovianConditioning", n, 60, seed, schedule="60 D!80%")
        onset = table[(table["next_state"] == CUE) & (table["state"] != CUE)]
        first, last = (_by_subject(onset[chosen], "lhb") for chosen in (onset["trial"] < 10, onset["trial"] >= 50))
        change[h] = statistics.mean_interval(last - first)
    said = "habenula at the cue in resting rates, learned - new, "
    return [
        above("healthy", "it rises in health", f"{said}h 0", change[0.0]),
        below("depressed", "it falls in depression", f"{said}h 1", change[1.0]),
    ]


def nuno_perez(agent: HabenulaAgent, n: int, seed: int) -> list[Criterion]:
    """The same mice after 120 inescapable shocks of 3 s and after none: hyperactivity, and choices of the worse arm."""
    arms = TASKS["ReversalLearning"](probabilities=(0.8, 0.2), correct=0, block=50)
    h, worse = {}, {}
    for stressed in (False, True):
        h[stressed], table = _after(agent, arms, 100, n, seed, shocked=stressed)
        worse[stressed] = 1.0 - readouts.best_choices(table).sort_values("subject")["best"].to_numpy(float)
    strength = statistics.mean_interval(h[True] - h[False])
    errors = statistics.mean_interval(100.0 * (worse[True] - worse[False]))
    return [
        below("synapses", "stress weakens excitation", "hyperactivity, stressed - not", strength),
        above("errors", "and makes errors", "worse arm chosen in % of trials, stressed - not", errors),
    ]


def zhou(agent: HabenulaAgent, n: int, seed: int) -> list[Criterion]:
    """Helpless mice in the forced swim 24 h after ketamine, with a habenula and without: what the drug changes."""
    drug = Ketamine(dose="10 mg/kg", species="mouse", hours_before=24.0)
    helpless = agent.replace(hyperactivity=1.0)
    change = {}
    for name, animal in (("intact", helpless), ("lesioned", Lesion()(helpless))):
        given, none = (_immobility(one, n, seed) for one in (drug(animal), animal))
        change[name] = statistics.mean_interval(100.0 * (given - none))
    said = "immobility in % 24 h after, ketamine - none, "
    return [
        below("intact", "the effect is sustained", f"{said}habenula intact", change["intact"]),
        below("lesioned", "without the habenula's part, too", f"{said}habenula lesioned", change["lesioned"]),
    ]


def song_trusel(agent: HabenulaAgent, n: int, seed: int) -> list[Criterion]:
    """Active avoidance with a habenula and without, by the same animals: trials 1-40, as in the claim song2017."""
    own = {"hyperactivity": agent.hyperactivity + np.random.default_rng(seed).normal(0.0, SPREAD, n)}
    avoided = [
        _by_subject(readouts.avoidance(_trials(one, "ActiveAvoidance", n, 40, seed, own)), "avoided")
        for one in (Lesion()(agent), agent)
    ]
    change = statistics.mean_interval(100.0 * (avoided[0] - avoided[1]))
    said = "avoided in % of trials, lesion - none"
    return [
        above("song2017", "a lesion speeds avoidance (Song 2017)", said, change),
        below("trusel2019", "silenced inputs disrupt it (Trusel 2019)", said, change),
    ]


def shabel(agent: HabenulaAgent, n: int, seed: int) -> list[Criterion]:
    """Water half of the time after an odour, with and without such shocks before: the habenula against its rest."""
    odour = TASKS["PavlovianConditioning"](schedule="60 A+50%")
    at: dict[tuple[bool, str], Any] = {}
    for stressed in (False, True):
        _, table = _after(agent, odour, 60, n, seed, shocked=stressed)
        late = table[table["trial"] >= 20]
        rest = _by_subject(late[late["rpe"].abs() < 0.05], "lhb")
        for name, state in (("reward", 1), ("omission", 2)):
            at[stressed, name] = _by_subject(late[(late["next_state"] == state) & (late["state"] == CUE)], "lhb") - rest
    said = "habenula in resting rates above rest, "
    calm, after = (statistics.mean_interval(at[stress, "reward"]) for stress in (False, True))
    more = statistics.mean_interval(at[True, "omission"] - at[False, "omission"])
    return [
        below("reward_before", "reward inhibits it", f"{said}reward, not stressed", calm),
        above("reward", "under stress reward excites it", f"{said}reward, stressed", after),
        above("omission", "and omission excites it more", f"{said}omission, stressed - not", more),
    ]


FALSIFIERS = (
    Falsifier(
        "lawson2017",
        "Lawson et al. 2017, doi 10.1038/mp.2016.81",
        "in healthy people the habenula's response to a cue grows with its association with shock; in depressed people "
        "it falls",
        "V",
        " ".join((lawson.__doc__ or "").split()),
        lawson,
    ),
    Falsifier(
        "nuno_perez2021",
        "Nuno-Perez et al. 2021, doi 10.1016/j.neuron.2021.01.008",
        "stress weakens AMPA transmission onto habenula neurons, and mice choose the unrewarded side more often",
        "V",
        " ".join((nuno_perez.__doc__ or "").split()),
        nuno_perez,
    ),
    Falsifier(
        "zhou2021",
        "Zhou et al. 2021, doi 10.1523/JNEUROSCI.2521-20.2021",
        "the sustained effect of ketamine is independent of the habenula (title; the experiment was not seen)",
        "M",
        " ".join((zhou.__doc__ or "").split()),
        zhou,
    ),
    Falsifier(
        "lesion_and_avoidance",
        "Song et al. 2017, doi 10.1016/j.bbr.2016.10.013; Trusel et al. 2019, doi 10.1016/j.neuron.2019.01.025",
        "rats with a habenula lesion learn active avoidance sooner; mice whose hypothalamic inputs to the habenula, or "
        "its AMPA receptors, are silenced learn it worse: no model of a lesion alone agrees with both",
        "V",
        " ".join((song_trusel.__doc__ or "").split()),
        song_trusel,
    ),
    Falsifier(
        "shabel2019",
        "Shabel et al. 2019, doi 10.1073/pnas.1903334116",
        "under stress reward no longer inhibits habenula neurons but excites them, and omission excites them more",
        "V",
        " ".join((shabel.__doc__ or "").split()),
        shabel,
    ),
    Falsifier(
        "wu2021_prefrontal",
        "Wu et al. 2021, doi 10.7554/eLife.64041",
        "exciting prefrontal neurons with Drd1 receptors does what ketamine does",
        "V",
        "nothing: the model has no prefrontal cortex",
    ),
)


def _trials(
    agent: HabenulaAgent,
    task: str,
    n: int,
    n_trials: int,
    seed: int,
    own: dict[str, Any] | None = None,
    **parameters: Any,
) -> pd.DataFrame:
    """The trials of n subjects in a task; `own` gives parameters a value for each subject."""
    from ..engine.population import simulate

    place = TASKS[task](**parameters)
    return simulate(agent, place, n_subjects=n, n_trials=n_trials, seed=seed, parameters=own, threads=1).trials


def _by_subject(rows: pd.DataFrame, name: str) -> Any:
    """Each subject's mean, in the subjects' order."""
    return rows.groupby("subject")[name].mean().to_numpy(float)


def _immobility(agent: HabenulaAgent, n: int, seed: int) -> Any:
    return _by_subject(readouts.immobility(_trials(agent, "ForcedSwim", n, 1, seed)), "immobility")


def _after(
    agent: HabenulaAgent, task: Any, n_trials: int, n: int, seed: int, *, shocked: bool
) -> tuple[Any, pd.DataFrame]:
    """Mice in a task, after inescapable shock or none: hyperactivity when it begins, and its trials."""
    from ..engine.population import Subjects
    from ..engine.tables import trial_table

    chamber = TASKS["ShuttleBox"](escapable=False, durations_s=(SHOCK_S,))
    mice = Subjects(agent, {"task": task, "chamber": chamber}, n=n, seed=seed)
    if shocked:
        mice.run(chamber, SHOCKS, context="chamber", stream=1, rows=False)
        h = mice.state["hyperactivity"].copy()
    else:
        h = np.full(n, agent.hyperactivity)
    rows = mice.run(task, n_trials, context="task", stream=2).rows
    return h, trial_table(rows, ["rpe", "lhb"]).assign(group="mice", phase="task")


def summary(found: Sequence[Row]) -> str:
    """How many lines agree and contradict, and which findings contradict."""
    outcomes = [row.outcome for row in found]
    against = dict.fromkeys(row.id.partition("/")[0] for row in found if row.outcome == "contradicts")
    counts = ", ".join(f"{outcomes.count(name)} {verb[outcomes.count(name) != 1]}" for name, verb in COUNTED.items())
    return f"{len(found)} lines: {counts}. Against the model: {', '.join(against) or 'none'}."


COUNTED = {
    "agrees": ("agrees", "agree"),
    "contradicts": ("contradicts", "contradict"),
    "undecided": ("undecided", "undecided"),
    "cannot express": ("cannot be expressed", "cannot be expressed"),
}


def number(row: Row) -> str:
    """The model's number with its interval."""
    return f"{row.value:.3g} [{row.low:.3g}, {row.high:.3g}]" if row.statistic else "–"


def page(found: Sequence[Row], n_subjects: int) -> str:
    """The lines as a page in Markdown."""
    lines = ["# What would make the model wrong", "", summary(found), "", " ".join(WHAT.split()), ""]
    lines += [f"Made by `habenula falsifiers --subjects {n_subjects} --out docs/explanation/falsifiers.md`.", ""]
    lines += ["| id | the model predicts [95 %] | | found | |", "| --- | --- | --- | --- | --- |"]
    for row in found:
        outcome = f"**{row.outcome}**" if row.outcome == "contradicts" else row.outcome
        lines.append(f"| {row.id} | {row.statistic or '–'} | {number(row)} | {row.published or '–'} | {outcome} |")
    for row in {row.id.partition("/")[0]: row for row in found}.values():
        sure = CERTAINTY[row.sure]
        lines += ["", f"**{row.id.partition('/')[0]}** ({row.citation}): {row.found} ({row.sure}: {sure})."]
        lines += [f"Simulated: {row.simulated}"]
    return "\n".join([*lines, ""])


WHAT = """
Findings that speak against a habenula of this kind, or against each other. No number of the model was searched or set
for any of them, and they are not among the claims. The model's number comes from a simulation; "contradicts" says that
its whole 95 % interval lies on the other side of what was found, or at no effect.
"""


def write(found: Sequence[Row], path: Path, n_subjects: int) -> None:
    """The page for .md, else the lines as JSON."""
    from ..experiment.store import write_bytes, write_json

    if path.suffix == ".md":
        write_bytes(path, page(found, n_subjects).encode())
    else:
        plain = [{k: None if v != v else v for k, v in asdict(row).items()} for row in found]
        write_json(path, plain)
