"""What every intervention does at its defaults, in healthy and helpless animals: a table of
docs/reference/pharmacology.md. What acts by an account of ketamine alone is in docs/explanation/accounts.md.
"""

import sys

import numpy as np

import habenula_rl as hrl
from habenula_rl.interventions import INTERVENTIONS, Account, given

TESTS = {
    "immobile": (hrl.tasks.ForcedSwim(), 1, lambda subjects: subjects.share_float),
    "failing": (hrl.tasks.ShuttleBox(), 30, lambda subjects: 1.0 - subjects.terminated / 30),
    "drinks sucrose": (hrl.tasks.SucrosePreference(), 200, lambda subjects: subjects.share_sucrose),
}


def measured(agent: hrl.agents.HabenulaAgent, n: int) -> list[np.ndarray]:
    """Points of 100 in each test, (n,) each; the subjects are the same for every agent."""
    runs = [
        (hrl.simulate(agent, task, n_subjects=n, n_trials=k, seed=1, record="summary"), of)
        for task, k, of in TESTS.values()
    ]
    return [100.0 * of(run.subjects).to_numpy() for run, of in runs]


def change(treated: np.ndarray, control: np.ndarray) -> str:
    """The mean difference with its 95 % interval, the same subjects with and without."""
    difference = treated - control
    half = 1.96 * difference.std(ddof=1) / np.sqrt(difference.size)
    return f"{difference.mean():+.1f} ± {half:.1f}"


def main(n: int = 1000) -> None:
    heads = [f"{name}, h = {h}" for h in (0, 1) for name in TESTS]
    print("| intervention |", " | ".join(heads), "|\n|---|" + "---|" * len(heads))
    animals = [hrl.HabenulaAgent(hyperactivity=float(h)) for h in (0, 1)]
    controls = [measured(animal, n) for animal in animals]
    untreated = [f"{values.mean():.1f}" for control in controls for values in control]
    print("| none |", " | ".join(untreated), "|")
    alone = {name: k for name, k in INTERVENTIONS.items() if not (k.by_account or issubclass(k, Account))}
    for name, kind in alone.items():
        pairs = zip(animals, controls, strict=True)
        changes = [
            change(*both)
            for animal, control in pairs
            for both in zip(measured(given(animal, [kind()]), n), control, strict=True)
        ]
        print(f"| `{name}` |", " | ".join(changes), "|")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
