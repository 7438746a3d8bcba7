"""The study of docs/explanation/accounts.md: which experiment tells accounts of ketamine apart, with how many animals.

`python docs/examples/accounts.py` runs ketamine_accounts, and makes the page's tables and figure again.
"""

import itertools
import math
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import habenula_rl as hrl
from habenula_rl.analysis import summary
from habenula_rl.config.bundled import bundled
from habenula_rl.experiment.recorded import load_trials
from habenula_rl.experiment.study_file import load_experiment

DOCS = Path(__file__).parents[1]
STUDY = load_experiment(bundled("experiments") / "ketamine_accounts.py")
FEWEST = 3  # in a group: with less no experimenter would go by a test of means
LEAST = 5.0  # points of 100: a smaller change is none that an experiment would be made for
SPREAD = 25.0  # points of 100: a standard deviation of animals that differ in more than these do; set
NOTHING = 10.0  # points of 100: as much counts as no change where a paper found none
EVIDENCE = (  # paper, what it found, measure, group, its control, sign
    ("Yang 2018", "ketamine works within the hour", "sucrose", "ketamine_{}_30min", "vehicle", 1),
    ("Yang 2018", "and hardly changes healthy animals", "immobility", "well_{}_30min", "healthy", 0),
    ("Ma 2023", "it still works after a day", "immobility", "ketamine_{}_24h", "vehicle", -1),
    ("Zarate 2006", "in people too", "sucrose", "people_{}_24h", "vehicle", 1),
    ("Klein 2020", "naltrexone prevents it in rodents", "sucrose", "naltrexone_{}_30min", "ketamine_{}_30min", -1),
    ("Klein 2020", "a µ agonist does nothing for anhedonia", "sucrose", "morphine_{}_30min", "vehicle", 0),
    (
        "Williams 2018",
        "naltrexone lowers it in people, day 1",
        "sucrose",
        "people_naltrexone_{}_24h",
        "people_{}_24h",
        -1,
    ),
    ("Williams 2018", "and on day 3", "sucrose", "people_naltrexone_{}_3d", "people_{}_3d", -1),
    ("Yoon 2025", "naltrexone changes nothing in drinkers", "sucrose", "people_naltrexone_{}_24h", "people_{}_24h", 0),
    ("Maeng 2008", "NBQX lowers it", "immobility", "nbqx_{}_30min", "ketamine_{}_30min", 1),
    ("Highland 2018", "HNK works in mice, swim", "immobility", "hnk_{}_24h", "vehicle", -1),
    ("Highland 2018", "and after inescapable shock", "failures", "hnk_{}_24h", "vehicle", -1),
    ("Shirayama 2018", "HNK does nothing in helpless rats", "failures", "hnk_{}_24h", "vehicle", 0),
    ("Li 2010", "rapamycin takes it after a day", "failures", "rapamycin_{}_24h", "ketamine_{}_24h", 1),
    ("Abdallah 2020", "rapamycin leaves it in people, day 1", "sucrose", "people_rapamycin_{}_24h", "people_{}_24h", 0),
    ("Abdallah 2020", "and prolongs it, day 14", "sucrose", "people_rapamycin_{}_14d", "people_{}_14d", 1),
)
Samples = dict[tuple[str, str], pd.Series]


def standardised(a: np.ndarray, b: np.ndarray) -> float:
    """Cohen's d of a against b, without its sign; infinite where the means differ and no animal does."""
    spread = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2.0)
    gap = abs(float(a.mean() - b.mean()))
    return gap / spread if spread > 0.0 else math.inf if gap > 0.0 else 0.0


def needed(d: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Animals in each of two groups with which a two-sided t-test finds this d in four of five experiments, 3 at least.

    Exact for normal groups of equal variance: 1 - F(t_crit; 2n - 2, d·√(n/2)).
    """
    from scipy.stats import nct, t

    if not d > 0.0:
        raise ValueError(f"no number of animals finds an effect of {d}")
    n = FEWEST
    while math.isfinite(d) and d * math.sqrt(n / 2.0) < 10.0:
        critical = float(t.ppf(1.0 - alpha / 2.0, 2 * n - 2))
        if nct.sf(critical, 2 * n - 2, d * math.sqrt(n / 2.0)) >= power:
            break
        n += 1
    return n


def control_of(drug: str, account: str, time: str) -> str:
    """With whom a drug's group is compared: a blocker's with ketamine alone, the others with animals without a drug."""
    if drug == "well":
        return "healthy"
    return f"ketamine_{account}_{time}" if STUDY.DRUGS[drug].startswith("+") else "vehicle"


def found(samples: Samples, measure: str, group: str, control: str) -> str:
    """Animals that an experiment needs for it in each group, or – where nothing changes that one would see."""
    a, b = (samples[name, measure].to_numpy() for name in (group, control))
    return str(needed(standardised(a, b))) if abs(a.mean() - b.mean()) >= LEAST else "–"


def table_of_power(samples: Samples) -> str:
    """For each experiment and account the animals needed, in swim / sucrose / shuttle box."""
    lines = [f"| experiment | {' | '.join(STUDY.ACCOUNTS.values())} |", "|---" * (len(STUDY.ACCOUNTS) + 1) + "|"]
    for drug, name in STUDY.DRUGS.items():
        against = "ketamine" if name.startswith("+") else "healthy, no drug" if drug == "well" else "no drug"
        for time, when in STUDY.TIMES.items():
            cells = [
                " / ".join(found(samples, m, f"{drug}_{a}_{time}", control_of(drug, a, time)) for m in STUDY.MEASURES)
                for a in STUDY.ACCOUNTS
            ]
            cells = ["–" if cell == "– / – / –" else cell for cell in cells]
            lines.append(f"| {name} against {against}, {when} | {' | '.join(cells)} |")
    return "\n".join(lines)


def table_of_pairs(samples: Samples, undone: dict[str, pd.Series]) -> str:
    """For each two accounts the experiment in which their animals differ most, and how many it takes to see that.

    With the simulated animals' own spread, and with SPREAD, by which the experiment is chosen.
    """
    heads = ("accounts", "experiment", "test", "deficit undone (%)", "n a group", f"n, sd {SPREAD:.0f}")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for one, other in itertools.combinations(STUDY.ACCOUNTS, 2):
        options = []
        for drug, time, measure in itertools.product(STUDY.DRUGS, STUDY.TIMES, STUDY.MEASURES):
            a, b = (samples[f"{drug}_{account}_{time}", measure].to_numpy() for account in (one, other))
            if abs(a.mean() - b.mean()) >= LEAST:
                shown = [undone[measure][drug, account, time] for account in (one, other)]
                wide = needed(abs(a.mean() - b.mean()) / SPREAD)
                options.append((wide, needed(standardised(a, b)), drug, time, measure, shown))
        wide, n, drug, time, measure, shown = min(options)
        names = f"{STUDY.ACCOUNTS[one]} – {STUDY.ACCOUNTS[other]}"
        what = f"{STUDY.DRUGS[drug]}, {STUDY.TIMES[time]}"
        gap = f"{round(shown[0])} – {round(shown[1])}"
        lines.append(f"| {names} | {what} | {STUDY.TITLES[measure].lower()} | {gap} | {n} | {wide} |")
    return "\n".join(lines)


def agrees(samples: Samples, measure: str, group: str, control: str, sign: int) -> bool:
    """Whether the change has the published sign, whole interval and a point of 100 at least, or is none (sign 0)."""
    change = summary.compared(np.subtract, samples[group, measure], samples[control, measure])
    if sign == 0:
        return -NOTHING <= change.low and change.high <= NOTHING
    return sign * change.value >= 1.0 and min(sign * change.low, sign * change.high) > 0.0


def table_of_evidence(samples: Samples) -> str:
    """For each finding and account whether they agree; at the end how many do."""
    lines = [f"| paper | found | {' | '.join(STUDY.ACCOUNTS.values())} |", "|---" * (len(STUDY.ACCOUNTS) + 2) + "|"]
    total = dict.fromkeys(STUDY.ACCOUNTS, 0)
    for paper, finding, measure, group, control, sign in EVIDENCE:
        cells = []
        for account in STUDY.ACCOUNTS:
            good = agrees(samples, measure, group.format(account), control.format(account), sign)
            total[account] += good
            cells.append("yes" if good else "**no**")
        lines.append(f"| {paper} | {finding} | {' | '.join(cells)} |")
    counts = [f"{k} of {len(EVIDENCE)}" for k in total.values()]
    return "\n".join([*lines, f"| | agrees with | {' | '.join(counts)} |"])


def main(n: int = 100, page: Path = DOCS / "explanation/accounts.md", images: Path = DOCS / "images") -> None:
    """Runs the study with n animals a group, and renews the page's tables and its figure."""
    with tempfile.TemporaryDirectory() as folder:
        run = hrl.run("ketamine_accounts", folder, subjects=n, figure=False, summary=False)
        trials = load_trials(run)
    by_group = trials.groupby("group", observed=True)
    pieces = [summary.measured(rows, STUDY.READS, STUDY.LIMITS) for _, rows in by_group]
    subjects = pd.concat(pieces, ignore_index=True)
    groups = subjects.groupby(["group", "measure"], observed=True)
    samples: Any = {key: part.set_index("subject")["value"] for key, part in groups}
    undone = {m: STUDY.undone(subjects, m).set_index(["drug", "account", "time"])["value"] for m in STUDY.MEASURES}
    tables = {"pairs": table_of_pairs(samples, undone), "power": table_of_power(samples)}
    tables["evidence"] = table_of_evidence(samples)
    text = page.read_text(encoding="utf-8")
    for name, table in tables.items():
        mark = f"<!-- accounts: {name} -->"
        text = re.sub(
            f"{mark}\n.*?<!-- end -->", lambda _, m=mark, t=table: f"{m}\n{t}\n<!-- end -->", text, flags=re.S
        )
    page.write_text(text, encoding="utf-8")
    STUDY.figure(STUDY.summarise({"subjects": subjects})).savefig(images / "accounts.png", dpi=150)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
