"""What the calibrated set says of findings that were held out: signs and sizes, none of which was searched for.

python -m calibration.predictions [--n 400] [--seed 1]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np

from habenula_rl import readouts, statistics
from habenula_rl.agents import HabenulaAgent
from habenula_rl.interventions import DeepBrainStimulation, DopamineAntagonist, Ketamine, Lesion, OptogeneticInhibition
from habenula_rl.tasks import TASKS

from .rows import trials

HEALTHY, HELPLESS = 0.0, 1.0


def predictions(n: int, seed: int) -> Iterator[tuple[str, str, float, float]]:
    """The finding, what is expected of two numbers, and the two."""
    healthy, helpless = HabenulaAgent(), HabenulaAgent(hyperactivity=HELPLESS)
    drug = Ketamine(dose="25 mg/kg", species="rat", hours_before=1.0)

    def selection(agent: HabenulaAgent) -> float:
        table = readouts.selection(trials({}, "ProbabilisticSelection", n, 420, seed, agent=agent))
        return float((table["avoid_b"] - table["choose_a"]).mean())

    yield "frank2004", "avoid B - choose A rises with h", selection(healthy), selection(helpless)
    yield "frank2004", "and falls with ketamine", selection(helpless), selection(drug(helpless))
    antagonist = DopamineAntagonist(block=0.5)
    yield "frank2004", "and rises with a dopamine antagonist", selection(healthy), selection(antagonist(healthy))

    def risk(agent: HabenulaAgent) -> Any:
        table = trials({}, "RiskChoice", n, 200, seed, agent=agent)
        return readouts.choice_share(table, action="safe", task=TASKS["RiskChoice"](), from_trial=100)["share"]

    yield "shabel2014", "helpless prefer the constant amount", risk(healthy).mean(), risk(helpless).mean()

    def shifted(agent: HabenulaAgent, amount: float) -> float:
        table = trials({}, "MagnitudeShift", n, 140, seed, agent=agent, shifted=amount)
        task = TASKS["MagnitudeShift"](shifted=amount)
        share = readouts.choice_share(table, action="shifting", task=task, from_trial=100, until_trial=130)["share"]
        return float(share.mean())

    yield "shabel2014", "helpless take to the upshifted side less", shifted(healthy, 0.75), shifted(helpless, 0.75)
    yield "shabel2014", "helpless leave the downshifted side sooner", shifted(healthy, 0.25), shifted(helpless, 0.25)

    def licking(agent: HabenulaAgent) -> float:
        table = trials({}, "PavlovianConditioning", n, 100, seed, agent=agent)
        task = TASKS["PavlovianConditioning"]()
        return float(readouts.conditioned_response(table, cues=["A"], task=task)["elevation"].mean())

    yield "shabel2014", "helpless condition less", licking(healthy), licking(helpless)

    def right(agent: HabenulaAgent) -> float:
        table = trials({}, "ReversalLearning", n, 60, seed, agent=agent, probabilities=(1.0, 0.0), correct=0)
        return float(readouts.best_choices(table)["best"].mean())

    yield "shabel2014", "helpless are more accurate between two", right(healthy), right(helpless)
    h = np.random.default_rng(seed).normal(0.5, 0.5, n)
    safe = readouts.choice_share(
        trials({}, "RiskChoice", n, 300, seed, hyperactivity=h), action="safe", task=TASKS["RiskChoice"]()
    )["share"]
    bias = readouts.value_bias(trials({}, "RiskChoice", n, 300, seed, ["value"], hyperactivity=h), last=200)["bias"]
    yield "shabel2014", "r of negative bias and risk aversion above 0", 0.0, statistics.pearson(-bias, safe).value

    def avoided(agent: HabenulaAgent) -> float:
        return float(readouts.avoidance(trials({}, "ActiveAvoidance", n, 60, seed, agent=agent))["avoided"].mean())

    def threat(agent: HabenulaAgent) -> float:
        table = trials({}, "ActiveAvoidance", n, 30, seed, ["value"], agent=agent, escapable=False)
        return float(table[(table["state"] == 1) & (table["trial"] >= 20)]["value"].mean())

    yield "amo2014", "a lesion impairs active avoidance", avoided(healthy), avoided(Lesion()(healthy))
    yield "amo2014", "and leaves the warning's value", threat(healthy), threat(Lesion()(healthy))

    def latency(agent: HabenulaAgent) -> float:
        table = trials({}, "PassiveAvoidance", n, 5, seed, agent=agent)
        return float(readouts.step_through(table[table["trial"] >= 1])["latency"].mean())

    yield "avoidance", "without a habenula punishment is learned less", latency(healthy), latency(Lesion()(healthy))

    def failed(agent: HabenulaAgent) -> float:
        return float(readouts.escapes(trials({}, "ShuttleBox", n, 30, seed, agent=agent))["failed"].mean())

    yield "li2011", "stimulation of the habenula rescues", failed(helpless), failed(DeepBrainStimulation()(helpless))
    shock = trials({}, "ShuttleBox", n, 120, seed, ["burst", "hyperactivity"], escapable=False)
    first, last = (shock[shock["trial"].isin(some)] for some in (range(10), range(110, 120)))
    yield "andalman2019", "bursts rise in inescapable shock", first["burst"].mean(), last["burst"].mean()
    still = trials(
        {}, "ShuttleBox", n, 120, seed, ["hyperactivity"], escapable=False, agent=OptogeneticInhibition()(healthy)
    )
    last_h, still_h = (table.groupby("subject")["hyperactivity"].last().mean() for table in (shock, still))
    yield "andalman2019", "and inhibition prevents it: h", last_h, still_h
    yield from monkeys(n, seed)


def monkeys(n: int, seed: int) -> Iterator[tuple[str, str, float, float]]:
    """Habenula to the cues of matsumoto2009, by the change of its output at the cue."""
    task = TASKS["PavlovianConditioning"](schedule="matsumoto2009")
    table = trials({}, "PavlovianConditioning", n, 4 * len(task.script), seed, ["lhb"], schedule="matsumoto2009")
    late, states = table[table["trial"] >= 2 * len(task.script)], list(task.states)
    for block, change, cues in (("rewarded", "less", ("AP", "BP", "CP")), ("punished", "more", ("DQ", "XQ", "YQ"))):
        seen = [late[(late["next_state"] == states.index(cue)) & (late["state"] != late["next_state"])] for cue in cues]
        for often, seldom in ((0, 1), (1, 2)):
            what = f"cue {cues[often][0]}, more often {block} than {cues[seldom][0]}, drives {change}"
            yield "matsumoto2009", what, seen[seldom]["lhb"].mean(), seen[often]["lhb"].mean()


def main() -> None:
    """A line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=400, help="subjects a group")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    for finding, what, before, after in predictions(chosen.n, chosen.seed):
        print(f"| {finding} | {what} | {before:.3f} | {after:.3f} |", flush=True)


if __name__ == "__main__":
    main()
