"""Choice learning: bandits and reversals, go/no-go, probabilistic reward and probabilistic selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .reads import PICK, Measure, check_phases, of_a_run, reads, shown
from .rows import WHO, as_numbers

if TYPE_CHECKING:
    import pandas as pd

CONDITIONS = ("go_to_win", "go_to_avoid", "no_go_to_win", "no_go_to_avoid")
CHOSEN = ("trial", "action")
ARMS = ("Bandit", "ReversalLearning")
ARMED = "{} reads trials of Bandit or ReversalLearning"


@reads(needs=CHOSEN, from_first=True, reported=ARMS)
def best_choices(rows: pd.DataFrame, *, bin_trials: int | None = None) -> pd.DataFrame:
    """Bandit and reversal learning: column best, the fraction of choices of the arm that was best then.

    Which arm that was stands in the column `best`, named as in `action`; in trials of the Bandit and of
    ReversalLearning it is read from next_state. With `bin_trials`, a row for each bin of so many trials, with its first
    trial (from 0) in the column trial.
    """
    rows = _with_best("best_choices", rows)
    rows = rows.assign(best=rows["action"] == rows["best_arm"])
    if bin_trials is None:
        return rows.groupby(WHO, observed=True)["best"].mean().reset_index()
    rows = rows.assign(trial=rows["trial"] // bin_trials * bin_trials)
    return rows.groupby([*WHO, "trial"], observed=True)["best"].mean().reset_index()


@reads(needs=(*CHOSEN, "outcome"), reported=(*ARMS, "GoNoGo", "ProbabilisticSelection"))
def stay_shift(rows: pd.DataFrame, *, win: float = 0.0) -> pd.DataFrame:
    """Columns win_stay and lose_shift (fractions) and wins and losses, of how many choices they are the fractions.

    A choice is compared with the one before, in the same state where there is a column state: win_stay is how often it
    is repeated after an outcome above `win`, lose_shift how often it is changed after any other (Bari et al. 2010,
    doi 10.1038/npp.2009.233). After an outcome that was withheld neither is counted; without a win, or a loss, the
    fraction is NaN. Trials without a response are left out.
    """
    rows = rows.sort_values([*WHO, "trial", "step"])
    where = [*WHO, "state"] if "state" in rows.columns else WHO
    before = rows.groupby(where, observed=True)[["action", "outcome"]].shift()
    stay = rows["action"] == before["action"]
    won, lost = before["outcome"] > win, before["outcome"] <= win
    counted = rows[WHO].assign(wins=won, losses=lost, stayed=won & stay, shifted=lost & ~stay)
    table = counted.groupby(WHO, observed=True).sum().reset_index()
    fractions = {"win_stay": table["stayed"] / table["wins"], "lose_shift": table["shifted"] / table["losses"]}
    return table.assign(**fractions).drop(columns=["stayed", "shifted"])


@reads(needs=CHOSEN, from_first=True, reported=("ReversalLearning",))
def stages(rows: pd.DataFrame, *, correct: int = 8, window: int = 8) -> pd.DataFrame:
    """Reversal learning from one reversal to the next: a row for each stage, from stage 0 before the first reversal.

    Columns stage, first (its first trial, from 0), trials, errors (choices of another arm than the best), perseverative
    (choices of the formerly best arm before the first other choice, NaN in stage 0), and to_criterion (trials up to and
    with the one in which `correct` of the last `window` choices of the stage were of the best arm, NaN without one).
    Definitions: Bari et al. 2010, doi 10.1038/npp.2009.233 (8 in a row). The best arm is read as in `best_choices`.
    """
    return _stages("stages", rows, correct, window)


def _stages(readout: str, rows: pd.DataFrame, correct: int, window: int) -> pd.DataFrame:
    rows = _with_stages(_with_best(readout, rows))
    where = [*WHO, "stage"]
    rows = rows.assign(error=rows["action"] != rows["best_arm"])
    counted = rows.assign(place=rows.groupby(where, observed=True).cumcount() + 1)
    counted["right"] = _last_sum(~counted["error"], counted["place"], window)
    counted["reached"] = counted["place"].where(counted["right"] >= correct)
    held = counted["action"] == counted["formerly"]
    counted["held"] = held.astype(int).groupby([counted[name] for name in where], observed=True).cummin()
    table = (
        counted.groupby(where, observed=True)
        .agg(
            first=("trial", "min"),
            trials=("trial", "size"),
            errors=("error", "sum"),
            perseverative=("held", "sum"),
            to_criterion=("reached", "min"),
        )
        .reset_index()
    )
    return table.assign(perseverative=table["perseverative"].where(table["stage"] > 0))


@reads(needs=CHOSEN, from_first=True, reported=("ReversalLearning",))
def reversals(rows: pd.DataFrame, *, correct: int = 8, window: int = 8) -> pd.DataFrame:
    """Reversal learning: columns reversals (how many there were), first_criterion (trials to the first criterion),
    to_criterion (mean over the stages that reached it), perseverative and errors (means a reversal), by `stages`.

    perseverative and errors are means over the stages between two reversals: the last stage, which the end of the
    phase cuts off, would make them too small. A subject that never reaches the criterion has NaN for the trials to it,
    one with fewer than two reversals for the last two.
    """
    rows = _stages("reversals", rows, correct, window)
    first = rows["stage"] == 0
    finished = ~first & (rows["stage"] < rows.groupby(WHO, observed=True)["stage"].transform("max"))
    rows = rows.assign(first_criterion=rows["to_criterion"].where(first))
    rows[["perseverative", "errors"]] = rows[["perseverative", "errors"]].where(finished)
    table = rows.groupby(WHO, observed=True).agg(
        reversals=("stage", "max"),
        first_criterion=("first_criterion", "min"),
        to_criterion=("to_criterion", "mean"),
        perseverative=("perseverative", "mean"),
        errors=("errors", "mean"),
    )
    return table.reset_index()


def _with_best(readout: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with action and best_arm as numbers of the same arms, from 0."""
    import pandas as pd

    if (rows["step"] != 0).any():
        row = rows[rows["step"] != 0].iloc[0]
        where = f"where step is 0; in phase '{row['phase']}' it is {row['step']:g}"
        raise ValueError(f"{ARMED.format(readout)}, {where}: {PICK}")
    if "best" in rows.columns:
        best = rows["best"]
        if rows["action"].dtype.kind in "iuf" and best.dtype.kind not in "iuf":
            best = pd.Series(as_numbers(best), best.index).where(lambda number: number.notna(), best)
    else:
        best = _best_by_task(readout, rows)
    never = sorted({*best.dropna()} - {*rows["action"]}, key=str) if "best" in rows.columns else []
    if best.isna().any() or never:
        what = f"is {shown(never[0])}, which nobody chose" if never else "has an empty cell"
        raise ValueError(f"{readout}: the best arm {what}; column 'best' names arms as column 'action' does")
    codes = pd.factorize(pd.concat([best.astype(object), rows["action"].astype(object)]))[0]
    return rows.assign(best_arm=codes[: len(rows)], action=codes[len(rows) :])


def _best_by_task(readout: str, rows: pd.DataFrame) -> pd.Series:
    """A trial with arms begins in state 0 and ends in state 1 + the best arm."""
    from pandas.api.types import is_numeric_dtype

    for name in ("state", "next_state"):
        if name not in rows.columns or not is_numeric_dtype(rows[name]):
            raise ValueError(
                f"{readout} needs a column 'best' with the arm that was best in each trial: name yours with "
                "columns={'best': ...}"
            )
    check_phases(ARMED.format(readout), rows, ARMS)
    if not of_a_run(rows) and not set(rows["phase"].astype(str)) <= {*ARMS}:
        raise ValueError(
            f"{readout}: nothing says that columns 'state' and 'next_state' are those of a Bandit or ReversalLearning: "
            "give a column 'best' with the arm that was best in each trial"
        )
    for name, right, span in (("state", rows["state"] == 0, "0"), ("next_state", rows["next_state"] >= 1, "1 or more")):
        if not right.all():
            row = rows[~right].iloc[0]
            where = f"where {name} is {span}; in phase '{row['phase']}' it is {row[name]:g}"
            raise ValueError(f"{ARMED.format(readout)}, {where}: {PICK}")
    return rows["next_state"] - 1


def _with_stages(rows: pd.DataFrame) -> pd.DataFrame:
    """Which stage a trial is in, and which arm was the best in the stage before, -1 in the first."""
    rows = rows.sort_values([*WHO, "trial"])
    before = rows.groupby(WHO, observed=True)["best_arm"].shift(fill_value=-1)
    changed = (before >= 0) & (before != rows["best_arm"])
    stage = changed.astype(int).groupby([rows[name] for name in WHO], observed=True).cumsum()
    rows = rows.assign(stage=stage, formerly=before.where(changed | (before < 0)))
    return rows.assign(formerly=rows.groupby(WHO, observed=True)["formerly"].ffill())


def _last_sum(counted: pd.Series, place: pd.Series, window: int) -> pd.Series:
    """How many of the last `window` are counted; `place` is 1 where the count begins anew."""
    so_far = counted.astype(int).cumsum()
    reach = np.minimum(place.to_numpy(), window)
    at = np.arange(len(place)) - reach
    before = np.where(at >= 0, so_far.to_numpy()[at], 0)
    return so_far - before


@reads("GoNoGo", needs=("trial", "state", "action"), actions=("go",), one_step=True, stays=True, responds=True)
def go_nogo_accuracy(rows: pd.DataFrame, *, bin_exposures: int | None = None) -> pd.DataFrame:
    """Go/no-go: columns condition, trials and accuracy (fraction of right responses), a row for each condition.

    States are cues, named as in the task: "no-go to win, set 1". With `bin_exposures`, a row for each bin of so many
    exposures to the same cue, with the last one of the bin (from 1) in the column exposure; 1 gives the learning curve.
    """
    return _accuracy(rows, bin_exposures)


def _accuracy(rows: pd.DataFrame, bin_exposures: int | None = None) -> pd.DataFrame:
    conditions = [
        name.split(",")[0].replace("no-go", "no_go").replace(" ", "_") for name in rows["state"].cat.categories
    ]
    condition = np.array(conditions)[rows["state"].cat.codes]
    right = (rows["action"] == "go") != np.char.startswith(condition, "no_go")
    rows = rows.assign(condition=condition, right=right)
    where = [*WHO, "condition"]
    if bin_exposures is not None:
        seen = rows.sort_values("trial").groupby([*WHO, "state"], observed=True).cumcount()
        rows = rows.assign(exposure=(seen // bin_exposures + 1) * bin_exposures)
        where.append("exposure")
    table = rows.groupby(where, observed=True).agg(trials=("right", "size"), accuracy=("right", "mean"))
    return table.reset_index()


@reads("GoNoGo", needs=("trial", "state", "action"), actions=("go",), one_step=True, stays=True, responds=True)
def go_nogo_biases(rows: pd.DataFrame) -> pd.DataFrame:
    """Go/no-go, a row for each subject: the accuracy of each condition, and what Pavlovian biases do to it.

    congruence: accuracy where the action is what the prospect prompts (go to win, no-go to avoid) less where it is not
    (go to avoid, no-go to win). go_bias: accuracy of go less that of no-go. Both from the means of the conditions
    (Zorowitz et al. 2025, doi 10.5334/cpsy.127). NaN where a condition is missing.
    """
    accuracy = _accuracy(rows)
    wide = accuracy.set_index([*WHO, "condition"])["accuracy"].unstack("condition").reindex(columns=list(CONDITIONS))
    wide.columns.name = None
    win, avoid, wait_to_win, wait_to_avoid = (wide[name] for name in CONDITIONS)
    return wide.assign(
        congruence=(win + wait_to_avoid - avoid - wait_to_win) / 2.0,
        go_bias=(win + avoid - wait_to_win - wait_to_avoid) / 2.0,
    ).reset_index()


@reads(
    "ProbabilisticReward",
    from_first=True,
    needs=("trial", "action", "next_state"),
    actions=("rich", "lean"),
    begins=("looks rich", "looks lean"),
    ends=("rich was shown", "lean was shown"),
    one_step=True,
)
def response_bias(rows: pd.DataFrame, *, block: int = 100) -> pd.DataFrame:
    """Probabilistic reward task, a row for each block of `block` trials: bias, discriminability and accuracy.

    With the counts of right and wrong answers to the rich and the lean stimulus that was shown, each plus ½
    (Hautus 1995, doi 10.3758/BF03203619) and logarithms to base 10 (Pizzagalli et al. 2005,
    doi 10.1016/j.biopsych.2004.11.026):

    log_b = ½·log(rich right · lean wrong / (rich wrong · lean right)): above 0 where answers lean towards rich
    log_d = ½·log(rich right · lean right / (rich wrong · lean wrong)): 0 by chance

    Columns block (from 1), log_b, log_d, rich_accuracy and lean_accuracy (fractions, without the ½).
    """
    rich = rows["next_state"] == "rich was shown"
    right = (rows["action"] == "rich") == rich
    cells = rows[WHO].assign(
        block=rows["trial"] // block + 1,
        rich_right=rich & right,
        rich_wrong=rich & ~right,
        lean_right=~rich & right,
        lean_wrong=~rich & ~right,
    )
    count = cells.groupby([*WHO, "block"], observed=True).sum()
    log = np.log10(count + 0.5)
    rich_odds, lean_odds = log["rich_right"] - log["rich_wrong"], log["lean_right"] - log["lean_wrong"]
    return (
        count.assign(
            log_b=(rich_odds - lean_odds) / 2.0,
            log_d=(rich_odds + lean_odds) / 2.0,
            rich_accuracy=count["rich_right"] / (count["rich_right"] + count["rich_wrong"]),
            lean_accuracy=count["lean_right"] / (count["lean_right"] + count["lean_wrong"]),
        )
        .drop(columns=list(count.columns))
        .reset_index()
    )


@reads(
    "ProbabilisticSelection", needs=("state", "action", "outcome"), one_step=True, stays=True, actions=tuple("ABCDEF")
)
def selection(rows: pd.DataFrame) -> pd.DataFrame:
    """Probabilistic selection, a row for each subject: training and transfer, as fractions of choices.

    Columns AB, CD, EF: choices of the better stimulus in training. choose_a: choices of A in the new pairs with A, and
    avoid_b: choices of the other stimulus in the new pairs with B, both in the test, where outcomes are withheld (NaN);
    the pair AB is in neither (Frank, Seeberger & O'Reilly 2004, doi 10.1126/science.1102941). Choices of a stimulus
    that was not there do not count. NaN where there is nothing to count.
    """
    pairs = rows["state"].cat.categories.to_numpy(str)[rows["state"].cat.codes]
    if (pairs == "screen").any():
        phase = rows["phase"].to_numpy()[pairs == "screen"][0]
        raise ValueError(
            "selection reads trials of ProbabilisticSelection, where a trial shows a pair of stimuli; in phase "
            f"'{phase}' one shows the screen: {PICK}"
        )
    choice = rows["action"].cat.categories.to_numpy(str)[rows["action"].cat.codes]
    first, second = pairs.astype("U1"), np.array([pair[1:] for pair in pairs])
    there = (choice == first) | (choice == second)
    test, new = rows["outcome"].isna().to_numpy(), pairs != "AB"
    counted = {name: (choice == name[0], ~test & (pairs == name)) for name in ("AB", "CD", "EF")}
    counted["choose_a"] = (choice == "A", test & new & (first == "A"))
    counted["avoid_b"] = (choice != "B", test & new & ((first == "B") | (second == "B")))
    picked = {name: np.where(among & there, chosen.astype(float), np.nan) for name, (chosen, among) in counted.items()}
    table: pd.DataFrame = rows[WHO].assign(**picked).groupby(WHO, observed=True).mean()
    return table.reset_index()


MEASURES = {
    "Bandit": Measure("best arm, fraction", 300, lambda t: best_choices(t)["best"]),
    "GoNoGo": Measure(
        "accuracy, mean of conditions", 240, lambda t: go_nogo_accuracy(t).groupby("subject")["accuracy"].mean()
    ),
    "ProbabilisticReward": Measure(
        "response bias log b, block 3", 300, lambda t: response_bias(t).loc[lambda found: found["block"] == 3, "log_b"]
    ),
    "ProbabilisticSelection": Measure(
        "avoid B less choose A", 420, lambda t: selection(t).pipe(lambda found: found["avoid_b"] - found["choose_a"])
    ),
    "ReversalLearning": Measure("reversals in 200 trials", 200, lambda t: reversals(t)["reversals"]),
}
