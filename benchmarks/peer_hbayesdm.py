"""Run by the Python of the peer's own environment: hBayesDM's bandit2arm_delta, sampled by PyStan 3, timed.

Arguments: the package's folder of Stan files, a CSV of subject, choice (1, 2) and outcome. Prints one line of JSON. The
package itself asks for PyStan 2, which no Python of today builds; the model's text is its own, but for arrays, which
Stan writes otherwise since 2.33.
"""

import json
import re
import sys
from pathlib import Path

import pandas as pd
import stan
from httpstan.services_stub import executor


def main(folder: str, choices: str) -> None:
    text = (Path(folder) / "bandit2arm_delta.stan").read_text().replace("#include /pre/license.stan", "")
    kinds = r"^(\s*)((?:int|real|vector)(?:<[^>]*>)?)\s+(\w+)\[([^\]]+)\];"
    table = pd.read_csv(choices)
    people = [rows for _, rows in table.groupby("subject")]
    n_trials = [len(rows) for rows in people]
    data = {"N": len(people), "T": max(n_trials), "Tsubj": n_trials}
    data |= {name: [rows[name].tolist() for rows in people] for name in ("choice", "outcome")}
    model = stan.build(re.sub(kinds, r"\1array[\4] \2 \3;", text, flags=re.M), data=data, random_seed=1)
    begun = children()
    fit = model.sample(num_chains=2, num_samples=500, num_warmup=500)
    executor.shutdown()  # whose processes count when they have ended
    seconds = children() - begun
    found = {name: [fit[name].mean(axis=1).tolist(), fit[name].std(axis=1).tolist()] for name in ("A", "tau")}
    print(json.dumps({"seconds": seconds, "found": found}))


def children() -> float:
    """CPU seconds of this process and of those that it has started, which have ended."""
    import resource

    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


if __name__ == "__main__":
    main(*sys.argv[1:])
