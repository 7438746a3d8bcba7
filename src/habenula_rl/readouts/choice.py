"""Choice learning: bandits and reversals, go/no-go, probabilistic reward and probabilistic selection."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from .reads import ANY, ZERO, reads
from .rows import WHO, in_phases

if TYPE_CHECKING:
    import pandas as pd

ARMS = 0  # a trial with arms ends in state ARMS + 1 + the best arm
AN_ARM = (ARMS + 1, np.inf)
GO = 1
CONDITIONS = ("go_to_win", "go_to_avoid", "no_go_to_win", "no_go_to_avoid")  # four states a set of cues
RICH, LEAN = 0, 1
SHOWN = 2  # a trial with rich and lean stimuli ends in state SHOWN + what was shown
A, B = 0, 1
PAIRS = np.array([(0, 0), *combinations(range(6), 2)])  # the stimuli of each state: the screen, then AB, AC, … EF
TRAINED = {"AB": 1, "CD": 10, "EF": 15}


@reads("Bandit or ReversalLearning", state=ZERO, step=ZERO, next_state=AN_ARM)
def best_choices(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, bin_trials: int | None = None
) -> pd.DataFrame:
    """Bandit and reversal learning: column best, the share (0 to 1) of choices of the arm that was best then.

    With `bin_trials`, a row for each bin of so many trials, with its first trial (from 0) in the column trial.
    """
    rows = _with_best(in_phases(trials, phases))
    rows = rows.assign(best=rows["action"] == rows["best_arm"])
    if bin_trials is None:
        return rows.groupby(WHO, observed=True)["best"].mean().reset_index()
    rows = rows.assign(trial=rows["trial"] // bin_trials * bin_trials)
    return rows.groupby([*WHO, "trial"], observed=True)["best"].mean().reset_index()


def stay_shift(trials: pd.DataFrame, phases: Sequence[str] | None = None, *, win: float = 0.0) -> pd.DataFrame:
    """Columns win_stay and lose_shift (shares, 0 to 1) and wins and losses, of how many choices they are the shares.

    A choice is compared with the one before in the same state: win_stay is how often it is repeated after an outcome
    above `win`, lose_shift how often it is changed after any other (Bari et al. 2010, doi 10.1038/npp.2009.233).
    After an outcome that was withheld neither is counted; without a win, or a loss, the share is NaN.
    """
    rows = in_phases(trials, phases).sort_values([*WHO, "trial"])
    before = rows.groupby([*WHO, "state"], observed=True)[["action", "outcome"]].shift()
    stay = rows["action"] == before["action"]
    won, lost = before["outcome"] > win, before["outcome"] <= win
    counted = rows[WHO].assign(wins=won, losses=lost, stayed=won & stay, shifted=lost & ~stay)
    table = counted.groupby(WHO, observed=True).sum().reset_index()
    shares = {"win_stay": table["stayed"] / table["wins"], "lose_shift": table["shifted"] / table["losses"]}
    return table.assign(**shares).drop(columns=["stayed", "shifted"])


@reads("Bandit or ReversalLearning", state=ZERO, step=ZERO, next_state=AN_ARM)
def stages(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, correct: int = 8, window: int = 8
) -> pd.DataFrame:
    """Reversal learning from one reversal to the next: a row for each stage, from stage 0 before the first reversal.

    Columns stage, first (its first trial, from 0), trials, errors (choices of another arm than the best), perseverative
    (choices of the formerly best arm before the first other choice, NaN in stage 0), and to_criterion (trials up to and
    with the one in which `correct` of the last `window` choices of the stage were of the best arm, NaN without one).
    Definitions: Bari et al. 2010, doi 10.1038/npp.2009.233 (8 in a row).
    """
    rows = _with_stages(_with_best(in_phases(trials, phases)))
    where = [*WHO, "stage"]
    rows = rows.assign(error=rows["action"] != rows["best_arm"])
    counted = rows.assign(place=rows.groupby(where, observed=True).cumcount() + 1)
    counted["right"] = _last_sum(~counted["error"], counted["place"], window)
    counted["reached"] = counted["place"].where(counted["right"] >= correct)
    held = counted["action"] == counted["formerly"]
    counted["held"] = held.astype(int).groupby([counted[name] for name in where], observed=True).cummin()
    table = counted.groupby(where, observed=True).agg(
        first=("trial", "min"), trials=("trial", "size"), errors=("error", "sum"), perseverative=("held", "sum"),
        to_criterion=("reached", "min"),
    ).reset_index()  # fmt: skip
    return table.assign(perseverative=table["perseverative"].where(table["stage"] > 0))


@reads("Bandit or ReversalLearning", state=ZERO, step=ZERO, next_state=AN_ARM)
def reversals(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, correct: int = 8, window: int = 8
) -> pd.DataFrame:
    """Reversal learning: columns reversals (how many there were), first_criterion (trials to the first criterion),
    to_criterion (mean over the stages that reached it), perseverative and errors (means a reversal), by `stages`.

    perseverative and errors are means over the stages between two reversals: the last stage, which the end of the
    phase cuts off, would make them too small. A subject that never reaches the criterion has NaN for the trials to it,
    one with fewer than two reversals for the last two.
    """
    rows = stages(trials, phases, correct=correct, window=window)
    first = rows["stage"] == 0
    finished = ~first & (rows["stage"] < rows.groupby(WHO, observed=True)["stage"].transform("max"))
    rows = rows.assign(first_criterion=rows["to_criterion"].where(first))
    rows[["perseverative", "errors"]] = rows[["perseverative", "errors"]].where(finished)
    table = rows.groupby(WHO, observed=True).agg(
        reversals=("stage", "max"), first_criterion=("first_criterion", "min"), to_criterion=("to_criterion", "mean"),
        perseverative=("perseverative", "mean"), errors=("errors", "mean"),
    )  # fmt: skip
    return table.reset_index()


def _with_best(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(best_arm=rows["next_state"].astype(int) - ARMS - 1)


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


@reads("GoNoGo", stays=True, step=ZERO, action=(0, 1), next_state=ANY)
def go_nogo_accuracy(
    trials: pd.DataFrame, phases: Sequence[str] | None = None, *, bin_exposures: int | None = None
) -> pd.DataFrame:
    """Go/no-go: columns condition, trials and accuracy (share of right responses, 0 to 1), a row for each condition.

    With `bin_exposures`, a row for each bin of so many exposures to the same cue, with the last one of the bin (from 1)
    in the column exposure; 1 gives the learning curve.
    """
    rows = in_phases(trials, phases)
    rows = rows.assign(condition=np.array(CONDITIONS)[rows["state"] % 4], right=_is_right(rows))
    where = [*WHO, "condition"]
    if bin_exposures is not None:
        seen = rows.sort_values("trial").groupby([*WHO, "state"], observed=True).cumcount()
        rows = rows.assign(exposure=(seen // bin_exposures + 1) * bin_exposures)
        where.append("exposure")
    table = rows.groupby(where, observed=True).agg(trials=("right", "size"), accuracy=("right", "mean"))
    return table.reset_index()


def _is_right(rows: pd.DataFrame) -> pd.Series:
    return (rows["action"] == GO) == (rows["state"] % 4 < 2)


@reads("GoNoGo", stays=True, step=ZERO, action=(0, 1), next_state=ANY)
def go_nogo_biases(trials: pd.DataFrame, phases: Sequence[str] | None = None) -> pd.DataFrame:
    """Go/no-go, a row for each subject: the accuracy of each condition, and what Pavlovian biases do to it.

    congruence: accuracy where the action is what the prospect prompts (go to win, no-go to avoid) less where it is not
    (go to avoid, no-go to win). go_bias: accuracy of go less that of no-go. Both from the means of the conditions
    (Zorowitz et al. 2025, doi 10.5334/cpsy.127). NaN where a condition is missing.
    """
    accuracy = go_nogo_accuracy(trials, phases)
    wide = accuracy.set_index([*WHO, "condition"])["accuracy"].unstack("condition").reindex(columns=list(CONDITIONS))
    wide.columns.name = None
    win, avoid, wait_to_win, wait_to_avoid = (wide[name] for name in CONDITIONS)
    return wide.assign(
        congruence=(win + wait_to_avoid - avoid - wait_to_win) / 2.0,
        go_bias=(win + avoid - wait_to_win - wait_to_avoid) / 2.0,
    ).reset_index()


@reads("ProbabilisticReward", state=(0, 1), step=ZERO, action=(0, 1), next_state=(SHOWN, SHOWN + 1))
def response_bias(trials: pd.DataFrame, phases: Sequence[str] | None = None, *, block: int = 100) -> pd.DataFrame:
    """Probabilistic reward task, a row for each block of `block` trials: bias, discriminability and accuracy.

    With the counts of right and wrong answers to the rich and the lean stimulus that was shown, each plus ½
    (Hautus 1995, doi 10.3758/BF03203619) and logarithms to base 10 (Pizzagalli et al. 2005,
    doi 10.1016/j.biopsych.2004.11.026):

    log_b = ½·log(rich right · lean wrong / (rich wrong · lean right)): above 0 where answers lean towards rich
    log_d = ½·log(rich right · lean right / (rich wrong · lean wrong)): 0 by chance

    Columns block (from 1), log_b, log_d, rich_accuracy and lean_accuracy (shares, 0 to 1, without the ½).
    """
    rows = in_phases(trials, phases)
    rich = rows["next_state"] == SHOWN + RICH
    right = rows["action"] == rows["next_state"] - SHOWN
    cells = rows[WHO].assign(
        block=rows["trial"] // block + 1, rich_right=rich & right, rich_wrong=rich & ~right, lean_right=~rich & right,
        lean_wrong=~rich & ~right,
    )  # fmt: skip
    count = cells.groupby([*WHO, "block"], observed=True).sum()
    log = np.log10(count + 0.5)
    rich_odds, lean_odds = log["rich_right"] - log["rich_wrong"], log["lean_right"] - log["lean_wrong"]
    return count.assign(
        log_b=(rich_odds - lean_odds) / 2.0,
        log_d=(rich_odds + lean_odds) / 2.0,
        rich_accuracy=count["rich_right"] / (count["rich_right"] + count["rich_wrong"]),
        lean_accuracy=count["lean_right"] / (count["lean_right"] + count["lean_wrong"]),
    ).drop(columns=list(count.columns)).reset_index()  # fmt: skip


@reads("ProbabilisticSelection", stays=True, state=(1, 15), step=ZERO, action=(0, 5), next_state=ANY)
def selection(trials: pd.DataFrame, phases: Sequence[str] | None = None) -> pd.DataFrame:
    """Probabilistic selection, a row for each subject: training and transfer, as shares (0 to 1) of choices.

    Columns AB, CD, EF: choices of the better stimulus in training. choose_a: choices of A in the new pairs with A, and
    avoid_b: choices of the other stimulus in the new pairs with B, both in the test, where outcomes are withheld (NaN);
    the pair AB is in neither (Frank, Seeberger & O'Reilly 2004, doi 10.1126/science.1102941). Choices of a stimulus
    that was not there do not count. NaN where there is nothing to count.
    """
    rows = in_phases(trials, phases)
    rows = rows[(PAIRS[rows["state"]] == rows[["action"]].to_numpy()).any(axis=1)]
    first, second = PAIRS[rows["state"]].T
    test, new = rows["outcome"].isna(), rows["state"] != TRAINED["AB"]
    picked = {name: (rows["action"] == first).where(~test & (rows["state"] == s)) for name, s in TRAINED.items()}
    picked["choose_a"] = (rows["action"] == A).where(test & new & (first == A))
    picked["avoid_b"] = (rows["action"] != B).where(test & new & ((first == B) | (second == B)))
    shares = rows[WHO].assign(**{name: share.astype(float) for name, share in picked.items()})
    table: pd.DataFrame = shares.groupby(WHO, observed=True).mean()
    return table.reset_index()
