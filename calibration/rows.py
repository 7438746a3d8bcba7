"""Every row of the targets for one parameter set, by the package's own tasks, studies and readouts.

Of another agent than HabenulaAgent only those that it can express: a rival has no habenula to record or to silence, and
rows of helpless animals ask for a trait that stands for hyperactivity.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from habenula_rl import readouts, register, statistics
from habenula_rl.agents import HabenulaAgent
from habenula_rl.config.plan import plan_of
from habenula_rl.config.study import Study, bundled_study, load_study
from habenula_rl.contract import Agent
from habenula_rl.engine import records
from habenula_rl.engine.population import Subjects, simulate
from habenula_rl.experiment.units import run_unit, units_of
from habenula_rl.findings.expressing import Substitute, with_agent
from habenula_rl.interventions import Ketamine, Lesion
from habenula_rl.tasks import TASKS

from .targets import TARGETS

Values = Mapping[str, float]  # a parameter's name -> its value; a dot stands behind a task's name; or a Candidate
Row = tuple[str, float]

RATS = ("healthy_vehicle", "healthy_ketamine", "helpless_vehicle", "helpless_ketamine")
LEVELS = np.arange(0.0, 1.51, 0.25)  # hyperactivity
LONG_S = 6.0  # shocks
REST_HOURS = 24.0
TWO_SPOUTS = {"free": False, "sucrose": 1.0, "water": 1.0, "delivery": 0.5, "effort": 0.0}


class Candidate(dict[str, float]):
    """Values of another agent; `traits` says what stands for hyperactivity in it, as in `findings.expressing`."""

    def __init__(
        self, values: Mapping[str, float], kind: type[Agent], traits: Sequence[tuple[str, float, float]] = ()
    ) -> None:
        super().__init__(values)
        self.kind, self.traits = kind, tuple(traits)


def kind_of(values: Values) -> type[Agent]:
    return values.kind if isinstance(values, Candidate) else HabenulaAgent


def has_habenula(values: Values) -> bool:
    return issubclass(kind_of(values), HabenulaAgent)


def at_hyperactivity(values: Values, h: Any) -> dict[str, Any]:
    """The parameters that a hyperactivity of h stands for; none where the agent has no such trait."""
    if isinstance(values, Candidate) and not has_habenula(values):
        fields = values.kind.fields()
        return {
            name: np.clip(healthy + more * h, fields[name].metadata["low"], fields[name].metadata["high"])
            for name, healthy, more in values.traits
        }
    return {"hyperactivity": h}


def rows(values: Values, n: int = 150, seed: int = 1) -> dict[str, float]:
    """Every row that can be expressed, with n subjects a group."""
    found: dict[str, float] = {}
    parts = [learning, seligman1967, long_shocks, yang2018, graded, helpless_learning, stopper]
    for part in [*parts, physiology, wu2021] if has_habenula(values) else parts:
        found |= dict(part(values, n, seed))
    return {name: float(value) for name, value in found.items()}


def agent_of(values: Values, **others: float) -> Agent:
    """The agent with these values."""
    return kind_of(values)(**{name: value for name, value in values.items() if "." not in name} | others)


def untaught(values: Values) -> Agent:
    """The agent that learns nothing: all of its learning rates are 0."""
    fields = kind_of(values).fields()
    return agent_of(
        values, **{name: 0.0 for name, f in fields.items() if f.metadata["doc"].startswith("learning rate")}
    )


def of_task(values: Values, task: str) -> dict[str, float]:
    """The values that belong to a task; the box is the same in every task that is about it."""
    owner = "ShuttleBox" if task == "ActiveAvoidance" else task
    return {name.split(".")[1]: value for name, value in values.items() if name.startswith(f"{owner}.")}


def trials(
    values: Values,
    task: str,
    n: int,
    n_trials: int,
    seed: int,
    signals: Sequence[str] = (),
    *,
    agent: Agent | None = None,
    hyperactivity: Any = None,
    **parameters: Any,
) -> pd.DataFrame:
    """The trials of n subjects in a task."""
    place = TASKS[task](**of_task(values, task) | parameters)
    own = {} if hyperactivity is None else at_hyperactivity(values, hyperactivity)
    run = simulate(
        agent or agent_of(values),
        place,
        n_subjects=n,
        n_trials=n_trials,
        seed=seed,
        record=list(signals),
        parameters=own,
        threads=1,
        compiled=True,
    )
    return run.trials


def learning(values: Values, n: int, seed: int) -> Iterator[Row]:
    """Healthy agents in the tasks that they ought to learn."""
    table = readouts.go_nogo_accuracy(trials(values, "GoNoGo", n, 240, seed)).groupby("condition")["accuracy"].mean()
    for condition in readouts.choice.CONDITIONS:
        yield condition.replace("no_go", "no-go").replace("_", " "), table[condition]
    avoided = {}
    for name, agent in (("taught", None), ("untaught", untaught(values))):
        table = trials(values, "ActiveAvoidance", n, 100, seed, agent=agent)
        avoided[name] = readouts.avoidance(table[table["trial"] >= 80])["avoided"].mean()
    yield "avoided, trials 81-100", avoided["taught"]
    yield "avoided beyond no learning", avoided["taught"] - avoided["untaught"]
    for name, odds in (("80/20", (0.8, 0.2)), ("100/0", (1.0, 0.0))):
        table = trials(values, "ReversalLearning", n, 200, seed, probabilities=odds, correct=0, block=50)
        yield f"reversal {name}, best arm", readouts.best_choices(table)["best"].mean()
    table = trials(values, "ReversalLearning", n, 90, seed, probabilities=(0.8, 0.2, 0.2), correct=0, block=15)
    right = table["action"] == table["next_state"] - 1
    yield "three arms, best at trial 15", right[table["trial"] % 15 >= 12].mean()
    stay = readouts.stay_shift(table)
    yield "three arms, stay after reward", stay["win_stay"].mean()
    yield "three arms, stay after none", 1.0 - stay["lose_shift"].mean()
    yield "four-armed bandit, best arm", readouts.best_choices(trials(values, "Bandit", n, 300, seed))["best"].mean()
    table = readouts.selection(trials(values, "ProbabilisticSelection", n, 420, seed))
    yield "probabilistic selection, A over B", table["AB"].mean()
    table = trials(values, "EffortChoice", n, 100, seed)
    late = readouts.effort_choices(table[table["trial"] >= 50])
    yield "hard work chosen", late["hard"].mean()
    yield "trials omitted", late["omitted"].mean()
    table = trials(values, "GridWorld", max(n // 3, 20), 500, seed)
    yield "goal of the grid reached", readouts.hazards_hit(table, task=TASKS["GridWorld"]())["goal"].mean()
    for name, responses, max_shock_s in (("two crossings", 2, 30), ("two in 10 s", 2, 10), ("three crossings", 3, 30)):
        table = trials(values, "ShuttleBox", n, 30, seed, responses=responses, max_shock_s=max_shock_s)
        late = table[table["trial"] >= 20]
        yield f"{name}, failures, trials 21-30", readouts.escapes(late)["failed"].mean()


def rules_of(values: Values) -> SimpleNamespace:
    """The equations by which this kind of HabenulaAgent learns."""
    return SimpleNamespace(**kind_of(values).learn.__globals__)


def physiology(values: Values, n: int, seed: int) -> Iterator[Row]:
    """What the equations say of single cells, without anybody simulated."""
    healthy, rules = agent_of(values), rules_of(values)
    p, w = SimpleNamespace(**healthy.values()), SimpleNamespace(hyperactivity=0.0)
    rest, excited, inhibited = (rules.firing_at(p, w, x) for x in (0.0, p.error_gain, -p.error_gain))
    yield "habenula, inhibition over excitation", (rest - inhibited) / (excited - rest)
    lesioned = Lesion()(healthy)
    for name, values_of, event in (
        ("omission's dip", (1.0, 0.0), {"reward": 0.0, "terminated": 1}),
        ("air-puff's dip", (0.0, 0.0), {"reward": -0.5, "punishment": 1.0}),
        ("air-puff's cue's dip", (0.0, -0.5), {"reward": 0.0}),
        ("reward's burst", (0.0, 0.0), {"reward": 1.0, "terminated": 1}),
    ):
        yield f"lesion, {name} left", dopamine(lesioned, values_of, event) / dopamine(healthy, values_of, event)
    yield "habenula at rest, h 1 over 0", rules.firing_at(p, SimpleNamespace(hyperactivity=1.0), 0.0) / rest
    tonic = rules.tonic_dopamine(p, w)
    helpless = agent_of(values, hyperactivity=1.0)
    drug = Ketamine(dose="5 mg/kg", species="rat", hours_before=1 / 3)
    for name, agent in (
        ("h 1 over 0", helpless),
        ("h 1 with ketamine", drug(helpless)),
        ("lesion over none", lesioned),
    ):
        state = SimpleNamespace(hyperactivity=agent.hyperactivity)
        yield f"tonic dopamine, {name}", rules.tonic_dopamine(agent, state) / tonic


def dopamine(agent: Agent, values: Sequence[float], event: Mapping[str, float]) -> float:
    """The phasic answer of a naive animal but for the values of this state and the next, by the agent's own rule."""
    p = records.packed(records.parameter_type(type(agent)), agent.values(), 1).view(np.recarray)[0]
    w = records.one(records.state_type(type(agent), 2, 2))
    type(agent).start(p, w, np.zeros((2, 2)))
    e, y = records.one(records.event_type(1, 2)), records.one(records.signal_type(type(agent)))
    for name, number in {"passive": -1, "next_state": 1, **event}.items():
        setattr(e, name, number)
    e.elements[0], e.next_elements[0], w.value[:] = 0, 1, values
    type(agent).learn(p, w, e, y)
    return float(y.dopamine)


@functools.lru_cache(maxsize=16)  # a search goes on to new seeds
def study_of(name: str, n: int, seed: int) -> Study:
    """A bundled study with n subjects in every group."""
    study = load_study(str(bundled_study(name)), seed=seed)
    return study.model_copy(update={"groups": {k: g.model_copy(update={"n": n}) for k, g in study.groups.items()}})


def of_study(values: Values, name: str, n: int, seed: int) -> pd.DataFrame:
    """The trials of a bundled study with other agents and other tasks."""
    agent = {k: value for k, value in values.items() if "." not in k}
    study, kind = study_of(name, n, seed), kind_of(values)
    if kind is not HabenulaAgent:
        traits = values.traits if isinstance(values, Candidate) else ()
        changed, _ = with_agent(study, Substitute(register(kind).__name__, agent_of(values).values(), traits=traits))
        assert changed is not None
        study, agent = changed, {}
    groups = {k: g.model_copy(update={"parameters": agent | g.parameters}) for k, g in study.groups.items()}
    phases = tuple(
        p.model_copy(update={"parameters": p.parameters | of_task(values, str(p.task))}) for p in study.phases
    )
    varied = study.model_copy(update={"groups": groups, "phases": phases})
    plan = plan_of(varied)
    return pd.concat([run_unit(plan, unit).trials for unit in units_of(plan)], ignore_index=True)


def means(readout: pd.DataFrame, measure: str, groups: Sequence[str]) -> dict[str, float]:
    """The mean of each group that there is."""
    groups = [name for name in groups if name in set(readout["group"])]
    return {name: float(np.nanmean(found)) for name, found in readouts.by_group(readout, measure, groups).items()}


def wu2021(values: Values, n: int, seed: int) -> Iterator[Row]:
    """The same mice three times."""
    table, phases = of_study(values, "wu2021", n, seed), ["baseline", "helpless", "ketamine"]
    escaped = readouts.escapes(table, phases)
    failed, latency = (readouts.by_phase(escaped, m, phases) for m in ("failed", "latency"))
    for phase in phases:
        yield f"wu2021 failed, {phase}", failed[phase].mean()
    yield "wu2021 eta2, failures", statistics.repeated_measures_anova(failed).eta_squared
    yield "wu2021 r", statistics.pearson(failed.to_numpy().ravel(), latency.to_numpy().ravel()).value
    rest = readouts.by_phase(readouts.at_rest(table, ["tonic_dopamine"], phases), "tonic_dopamine", phases).mean()
    yield "tonic dopamine, shocked over naive", rest["helpless"] / rest["baseline"]


def seligman1967(values: Values, n: int, seed: int) -> Iterator[Row]:
    """The triad, and dogs that were immunised."""
    groups = ("escapable", "naive", "yoked", "immunised")
    table = readouts.helplessness(of_study(values, "seligman1967", n, seed), ["test"])
    failures = means(table, "failures_per_10", groups)
    for group in groups[:3]:
        yield f"seligman1967 failures, {group}", failures[group]
    yield "seligman1967 escapable - naive", failures["escapable"] - failures["naive"]
    yield "immunised, from naive 0 to yoked 1", place(failures["naive"], failures["yoked"], failures["immunised"])
    criterion = means(table, "failing_9_of_10", groups)
    for group in ("yoked", "naive"):
        yield f"seligman1967 {group} failing 9 of 10", criterion[group]
    yoked = readouts.by_group(table, "failures_per_10", ["yoked"])["yoked"]
    few, between, many = readouts.failure_classes(yoked).mean(axis=0)
    yield "seligman1967 yoked, rarer end - middle", min(few, many) - between


def place(naive: float, yoked: float, immunised: float) -> float:
    """Where the immunised lie between the two; no harm to prevent counts as none prevented."""
    return (immunised - naive) / (yoked - naive) if yoked - naive > 0.5 else 1.0


def long_shocks(values: Values, n: int, seed: int) -> Iterator[Row]:
    """Immunisation as in seligman1967, against 64 shocks that last LONG_S each."""
    box = TASKS["ShuttleBox"](**of_task(values, "ShuttleBox"), warning_s=10, max_shock_s=50)
    harness = TASKS["ShuttleBox"](**of_task(values, "ShuttleBox"), escapable=False, durations_s=(LONG_S,))
    failures = {}
    for group, phases in (
        ("naive", ()),
        ("yoked", ((harness, 64, "harness"),)),
        ("immunised", ((box, 10, "box"), (harness, 64, "harness"))),
    ):
        h = np.random.default_rng(seed).normal(0.0, 0.5, n)
        own = at_hyperactivity(values, h) if has_habenula(values) else {}
        subjects = Subjects(agent_of(values), {"box": box, "harness": harness}, n=n, seed=seed, parameters=own)
        for stream, (task, n_trials, context) in enumerate(phases, 1):
            subjects.run(task, n_trials, context=context, stream=stream, rows=False)
            subjects.rest(REST_HOURS)
        ended = subjects.run(box, 10, context="box", stream=9).rows["terminated"].sum()
        failures[group] = 10.0 - ended / n
    yield "immunised at shocks of 6 s", place(*(failures[group] for group in ("naive", "yoked", "immunised")))


def yang2018(values: Values, n: int, seed: int) -> Iterator[Row]:
    """Born helpless, with and without ketamine: what is left of the deficit, and the effect in health over it."""
    table = of_study(values, "yang2018", n, seed)
    bottles = readouts.drinking(table, ["sucrose"], task=TASKS["SucrosePreference"]())
    for name, readout, measure in (
        ("immobile", readouts.immobility(table, ["forced_swim"]), "immobility"),
        ("preference", bottles, "preference"),
        ("failed", readouts.escapes(table, ["shuttle"]), "failed"),
    ):
        level = means(readout, measure, RATS)
        healthy = level["healthy_vehicle"]
        yield f"yang2018 {name}, healthy", healthy
        if "helpless_vehicle" not in level:
            continue
        less = name == "preference"
        deficit = (healthy - level["helpless_vehicle"]) * (1.0 if less else -1.0)
        yield f"yang2018 {name}, " + ("healthy - helpless" if less else "helpless - healthy"), deficit
        if "helpless_ketamine" not in level:
            continue
        size = (-1.0 if less else 1.0) * max(deficit, 0.02)
        yield f"yang2018 {name}, ketamine left", (level["helpless_ketamine"] - healthy) / size
        if name == "immobile":
            yield f"yang2018 {name}, ketamine in health", (level["healthy_ketamine"] - healthy) / size
    yield "yang2018 drinks, healthy", means(bottles, "drinks", RATS)["healthy_vehicle"]


def graded(values: Values, n: int, seed: int) -> Iterator[Row]:
    """Failures, immobility and pessimism from one level of hyperactivity to the next."""
    n = max(2 * n // 3, 20)
    h = np.repeat(LEVELS, n)
    place = {"n": h.size, "seed": seed, "hyperactivity": h}
    if not at_hyperactivity(values, h):
        return

    def steps(readout: pd.DataFrame, measure: str) -> Any:
        return np.diff(readout.sort_values("subject")[measure].to_numpy(float).reshape(-1, n).mean(axis=1))

    failed = steps(readouts.escapes(trials(values, "ShuttleBox", n_trials=30, **place)), "failed")
    yield "graded, largest rise of failures", failed.max()
    yield "graded, largest fall of failures", max(-failed.min(), 0.0)
    immobile = steps(readouts.immobility(trials(values, "ForcedSwim", n_trials=1, **place)), "immobility")
    yield "graded, largest fall of immobility", max(-immobile.min(), 0.0)
    table = trials(values, "SucrosePreference", n_trials=400, signals=["value"], **place, **TWO_SPOUTS)
    bias = readouts.value_bias(table, last=300)
    yield "graded, largest rise of pessimism's bias", steps(bias, "bias").max()
    level = bias.sort_values("subject")["bias"].to_numpy().reshape(-1, n).mean(axis=1)
    yield "pessimism bias, h 0", level[0]
    yield "pessimism bias, h 1 - h 0", level[list(LEVELS).index(1.0)] - level[0]


def helpless_learning(values: Values, n: int, seed: int) -> Iterator[Row]:
    """The probabilistic reward task in health and helplessness: means over the second and third block."""
    found = {}
    for h in (0.0, 1.0):
        table = readouts.response_bias(trials(values, "ProbabilisticReward", n, 300, seed, hyperactivity=h))
        found[h] = table[table["block"] >= 2][["log_b", "log_d"]].mean()
    yield "response bias, healthy", found[0.0]["log_b"]
    if not at_hyperactivity(values, 1.0):
        return
    yield "response bias, h 1 - h 0", found[1.0]["log_b"] - found[0.0]["log_b"]
    yield "discriminability, h 1 over h 0", found[1.0]["log_d"] / found[0.0]["log_d"]


def stopper(values: Values, n: int, seed: int) -> Iterator[Row]:
    """Discounting of odds, and more against less at equal cost, with the habenula and without its output."""
    n = max(n // 2, 20)
    slope, larger = {}, {}
    lesions: dict[str, dict[str, float]] = {"healthy": {}}
    if has_habenula(values):
        lesions["habenula off"] = {"habenula_output": 0.0}
    for name, lesion in lesions.items():
        agent = agent_of(values, **lesion)
        task = TASKS["ProbabilisticDiscounting"]()
        table = trials(values, "ProbabilisticDiscounting", n, 720, seed, agent=agent)
        by_block = readouts.discounting(table, task=task, last_sessions=5)
        slope[name] = readouts.discounting_slope(by_block)["slope"].mean()
        same = TASKS["ProbabilisticDiscounting"](odds=(1.0,))
        table = trials(values, "ProbabilisticDiscounting", n, 180, seed, agent=agent, odds=(1.0,))
        larger[name] = readouts.discounting(table, task=same, last_sessions=5)["risky"].mean()
        yield f"discounting's slope, {name}", slope[name]
    yield "equal cost, larger chosen", larger["healthy"]
    if "habenula off" in larger:
        yield "equal cost, larger chosen, off over on", larger["habenula off"] / larger["healthy"]


def main() -> None:
    """The default's rows against their targets."""
    parser = argparse.ArgumentParser(prog="python -m calibration.rows", description=main.__doc__)
    parser.add_argument("--n", type=int, default=400, help="subjects a group")
    parser.add_argument("--seed", type=int, default=99)
    chosen = parser.parse_args()
    found = rows({}, chosen.n, chosen.seed)
    print("| row | target | value | met | finding, source | sure |\n|---|---|---|---|---|---|")
    for row, target in TARGETS.items():
        said = "yes" if target.met(found[row]) else "**no**"
        wanted = f"{target.low:g} to {target.high:g}"
        print(f"| {row} | {wanted} | {found[row]:.3f} | {said} | {target.finding}: {target.source} | {target.sure} |")
    met = sum(target.met(found[row]) for row, target in TARGETS.items())
    print(f"\n{met} of {len(TARGETS)} met; distance {sum(t.distance(found[row]) for row, t in TARGETS.items()):.2f}")


if __name__ == "__main__":
    main()
