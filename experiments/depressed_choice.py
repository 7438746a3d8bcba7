"""Treadway et al. 2012, Murphy et al. 2003, Taylor Tavares et al. 2008: work and misleading losses.

Where it falls short: little tonic dopamine makes any act rarer, hard or easy (`vigour`), so that people with the trait
leave out trials, and of the tasks that they choose the hard one is no smaller a part: effort itself is not weighed by
dopamine. Without `vigour` they choose it less. After a misleading loss dips are larger and bursts smaller with the
trait, which hardly changes whether the next choice differs: what was learned before has settled it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import figures
from habenula_rl.analysis import readouts, summary
from habenula_rl.analysis.statistics import Estimate
from habenula_rl.findings import Claim, Criterion, above, below, require, within

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

QUESTION = "Does a hyperactive habenula make people work less, and leave what is right after a loss that means nothing?"
PREDICTION = (
    "Little tonic dopamine makes work rarer; larger dips at omissions make losses count more, so that work follows the "
    "odds less and misleading losses are followed by a switch more often, while reversals are found as well."
)

STORY = (
    "Work (A, B, C): the hard task is chosen in {hard[controls]:.0f} % of choices by healthy people and in "
    "{hard[depressed]:.0f} % with a hyperactive habenula; from the worst to the best odds by {by_odds[controls]:+.0f} "
    "and {by_odds[depressed]:+.0f} points, from the least to the largest amount by {by_amount[controls]:+.0f} and "
    "{by_amount[depressed]:+.0f}. Treadway et al. (2012) found all three less in depression.",
    "Reversal (D, E): after a misleading loss they switch in {misled[controls]:.0f} and {misled[depressed]:.0f} %, and "
    "make {reversals[controls]:.1f} and {reversals[depressed]:.1f} reversals. Murphy et al. (2003) and Taylor Tavares "
    "et al. (2008) found more switches in depression, and Murphy et al. reversal as good.",
)
AMOUNTS, ODDS, LEARNED = 4, 3, 300  # offers are amounts within odds; trials before those that are read
WORK, TAKE = 2, 1
ALIKE = (0.8, 1.25)  # of the controls'


def effort(trials: pd.DataFrame) -> pd.DataFrame:
    """The hard task (% of choices), and how much more at the best odds than the worst, and for most than for least."""
    chosen = trials[(trials["trial"] >= LEARNED) & (trials["action"] >= TAKE)]
    rows = chosen.assign(
        hard=100.0 * (chosen["action"] == WORK), odds=chosen["state"] // AMOUNTS, amount=chosen["state"] % AMOUNTS
    )
    found = {"hard": rows.groupby(readouts.WHO, observed=True)["hard"].mean()}
    for name, most in (("odds", ODDS - 1), ("amount", AMOUNTS - 1)):
        means = rows.groupby([*readouts.WHO, name], observed=True)["hard"].mean().unstack(name)
        found[f"by_{name}"] = means[most] - means[0]
    return found["hard"].to_frame().assign(**found).reset_index()


def reversal(trials: pd.DataFrame) -> pd.DataFrame:
    """Switches after a misleading loss, one of the arm that was best (%), and reversals in all trials."""
    rows = trials.sort_values([*readouts.WHO, "trial"])
    after = rows.groupby(readouts.WHO, observed=True)["action"].shift(-1)
    misleading = (rows["action"] == rows["next_state"] - 1) & (rows["outcome"] <= 0.0) & after.notna()
    switched = rows.assign(misled=100.0 * (after != rows["action"]))[misleading]
    misled = switched.groupby(readouts.WHO, observed=True)["misled"].mean().reset_index()
    return misled.merge(readouts.reversals(trials)[[*readouts.WHO, "reversals"]], on=readouts.WHO)


READS = {"effort": effort, "reversal": reversal}
LIMITS = {"hard": (0.0, 100.0), "misled": (0.0, 100.0)}


def story(table: pd.DataFrame) -> list[str]:
    """Work and switches with the trait and without, and what the papers found."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """Work, its slopes over odds and amounts, switches after misleading losses, and reversals."""
    return figures.grid(
        table, PANELS, "people", "B: from the worst odds to the best; C: from the least amount to the most."
    )


PEOPLE = {"controls": "healthy", "depressed": "hyper-\nactive"}


def _less(row: str) -> dict[str, figures.Published]:
    return {"depressed": figures.less("controls", f"treadway2012/{row}")}


PANELS = (
    figures.Panel("hard", "Hard task (% of choices)", "Work", PEOPLE, _less("hard"), ends=(0.0, 100.0)),
    figures.Panel("by_odds", "Hard task (points of %)", "By the odds", PEOPLE, _less("odds"), level=0.0),
    figures.Panel("by_amount", "Hard task (points of %)", "By the amount", PEOPLE, _less("amount"), level=0.0),
    figures.Panel(
        "misled",
        "Switches (%)",
        "After a misleading loss",
        PEOPLE,
        {"depressed": figures.more("controls", "murphy2003/misled")},
        ends=(0.0, 100.0),
    ),
    figures.Panel(
        "reversals",
        "Reversals in 200 trials",
        "Reversals",
        PEOPLE,
        {"depressed": figures.Published(*ALIKE, "murphy2003/reversals", of=("controls",))},
    ),
)

# Claims. How each is read stands in the docstring; design and bounds were committed before any of them was first run.

TREADWAY = (
    "Treadway MT, Bossaller NA, Shelton RC, Zald DH (2012) Effort-based decision-making in major depressive disorder: "
    "a translational model of motivational anhedonia. J Abnorm Psychol 121:553-558, doi 10.1037/a0028813"
)
MURPHY = (
    "Murphy FC, Michael A, Robbins TW, Sahakian BJ (2003) Neuropsychological impairment in patients with major "
    "depressive disorder: the effects of feedback on task performance. Psychol Med 33:455-467; Taylor Tavares JV, "
    "Clark L, Furey ML, Williams GB, Sahakian BJ, Drevets WC (2008) Neural basis of abnormal response to negative "
    "feedback in unmedicated mood disorders. Neuroimage 42:1118-1126, doi 10.1016/j.neuroimage.2008.05.049"
)


def _change(tables: dict[str, pd.DataFrame], measure: str) -> Estimate:
    return summary.less(tables["subjects"], measure, "depressed", "controls")


def treadway2012(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Depressed people choose the hard task less, and follow its odds and its amount less: signs, whole intervals.

    "Less able to use information about magnitude and probability" is read as a smaller difference between the best odds
    and the worst, and between the largest amount and the least.
    """
    require(tables["subjects"], "depressed_choice", ["effort"], [*PEOPLE])
    of = "hard task in % of choices"
    return [
        below("hard", "depressed people work less", f"{of}, depressed - controls", _change(tables, "hard")),
        below("odds", "follow the odds less", f"{of}, best - worst, depressed - controls", _change(tables, "by_odds")),
        below("amount", "and the amount", f"{of}, most - least, depressed - controls", _change(tables, "by_amount")),
    ]


def murphy2003(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Depressed people switch more after a misleading loss, and reverse as well: 0.8 to 1.25 of it, which is ours."""
    rows = tables["subjects"]
    require(rows, "depressed_choice", ["reversal"], [*PEOPLE])
    both = summary.side_by_side(rows, "reversals", ["depressed", "controls"])
    as_well = summary.compared(np.divide, both["depressed"], both["controls"])
    more = _change(tables, "misled")
    return [
        above("misled", "misleading losses make depressed people switch", "switches in %, depressed - controls", more),
        within("reversals", "they reverse as well", "reversals, depressed over controls", as_well, *ALIKE),
    ]


CLAIMS = (
    Claim(
        "treadway2012",
        TREADWAY,
        "Depressed people work less for reward and follow odds and amounts less",
        treadway2012,
        sures={"odds": "D", "amount": "D"},
        group_size=20,
    ),
    Claim("murphy2003", MURPHY, "Misleading losses make depressed people switch", murphy2003, sures={"reversals": "D"}),
)
