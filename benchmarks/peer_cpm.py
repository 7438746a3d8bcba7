"""Run by the Python of the peer's own environment: a Rescorla-Wagner learner on two arms in cpm-toolbox, timed.

Arguments: subjects, trials, learning rate, inverse temperature, chances of the two arms, for a simulation; or "fit" and
a CSV of choices. Prints one line of JSON.
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
from cpm.optimisation import FminBound, minimise


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


def fit(choices: str) -> None:
    """Each subject's most likely parameters of the choices in a CSV of subject, action and outcome."""
    table = pd.read_csv(choices)
    data = pd.DataFrame({"ppt": table["subject"], "arm_1": 0, "arm_2": 1, "response": table["action"]})
    data = data.assign(reward_1=table["outcome"], reward_2=table["outcome"], observed=table["action"])
    model = RLRW(data=data[data.ppt == data.ppt.iloc[0]], dimensions=2, parameters_settings=[[0.5, 0, 1], [3, 0, 100]])

    def found(rows: pd.DataFrame) -> pd.DataFrame:
        own = {
            "number_of_starts": 5,
            "minimisation": minimise.LogLikelihood.bernoulli,
            "ppt_identifier": "ppt",
            "approx_grad": True,
        }
        search = FminBound(model=model, data=rows, **own)
        search.optimise(display=False)
        return search.export()

    found(data[data.ppt < 2])
    begun = time.process_time()
    made = found(data)
    seconds = time.process_time() - begun
    values = {"learning_rate": made["x_0"].tolist(), "beta": made["x_1"].tolist()}
    print(json.dumps({"seconds": seconds, "found": values, "fun": made["fun"].tolist()}))


def main(words: list[str]) -> None:
    if words[0] == "fit":
        return fit(words[1])
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
