"""Run by the Python of the peer's own environment: a Rescorla-Wagner learner on two arms in cpm-toolbox, timed.

Arguments: subjects, trials, learning rate, inverse temperature, chances of the two arms. Prints one line of JSON.
"""

import json
import sys
import time
import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd
from cpm.applications.reinforcement_learning import RLRW
from cpm.generators import Simulator


def experiment(n_subjects: int, n_trials: int, chances: list[float]) -> pd.DataFrame:
    """What the package asks for: every arm's reward in every trial, drawn beforehand."""
    rng, n = np.random.default_rng(3), n_subjects * n_trials
    columns = {"ppt": np.repeat(np.arange(n_subjects), n_trials), "arm_1": np.zeros(n, int), "arm_2": np.ones(n, int)}
    rewards = {f"reward_{k}": (rng.random(n) < chance).astype(float) for k, chance in enumerate(chances, 1)}
    return pd.DataFrame(columns | rewards | {"response": np.zeros(n, int), "observed": np.zeros(n, int)})


def run(data: pd.DataFrame, settings: list[list[float]]) -> pd.DataFrame:
    one = data[data.ppt == data.ppt.iloc[0]]
    model = RLRW(data=one, dimensions=2, parameters_settings=settings, generate=True)
    simulator = Simulator(wrapper=model, data=data.groupby("ppt"), parameters=model.parameters)
    simulator.run()
    return simulator.export()


def main(words: list[str]) -> None:
    n_subjects, n_trials = map(int, words[:2])
    alpha, beta, *chances = map(float, words[2:])
    settings = [[alpha, 0, 1], [beta, 0, 100]]
    data = experiment(n_subjects, n_trials, chances)
    run(data[data.ppt < 2], settings)  # compiled, or read from its cache
    begun = time.process_time()
    table = run(data, settings)
    seconds = time.process_time() - begun
    (response,) = [name for name in table.columns if name.startswith("response")]
    line = {"seconds": seconds, "rows": len(table), "right": float(table[response].mean())}
    print(json.dumps(line | {"version": version("cpm-toolbox")}))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1:])
