"""Waelti 2001, Tobler 2003, Sadacca 2016, Bromberg-Martin 2009, 2010: what habenula and dopamine know of cues.

Where it falls short: values are learned from what follows, so that a cue whose sequel became good later has none. That
the habenula's answer to the other target moves after a reversal is no inference: the context that opens every trial has
lost worth, or gained it, and the target is compared with that; it is a tenth of the answer to what was experienced,
where monkeys' was of the same order. To know a reward beforehand changes no expected value, and so nothing here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import figures
from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.findings import Claim, Criterion, above, below, require
from habenula_rl.tasks import PavlovianConditioning

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.figure import Figure

QUESTION = "Do dopamine and habenula learn of cues by prediction error alone, or do they know more?"
PREDICTION = (
    "By prediction error alone: what is predicted already teaches nothing of a cue beside it, and a cue of none dips "
    "dopamine. A value that was never experienced is not inferred, whether by a chain of cues or from a reversal, and "
    "to know a reward beforehand is worth nothing."
)

STORY = (
    "Blocking (A): a cue beside a known one moves dopamine by {dopamine_blocked[blocking]:+.2f}, one that was needed "
    "by {dopamine_unblocked[blocking]:+.2f}. Waelti et al. (2001) found an answer to the second alone.",
    "Inhibition (B): the cue of no reward moves it by {dopamine_inhibitor[inhibition]:+.2f}, a neutral one by "
    "{dopamine_neutral[inhibition]:+.2f}, the cue of reward by {dopamine_excitor[inhibition]:+.2f}. Tobler et al. "
    "(2003) found depressions at the first and activations at the last.",
    "Preconditioning (C): a cue of a cue that was rewarded later moves it by {dopamine_chained[preconditioning]:+.3f}, "
    "its control by {dopamine_unchained[preconditioning]:+.3f}. Sadacca et al. (2016) found more at the first.",
    "Inference (D): once one target has changed, the habenula's answer to it moves by "
    "{lhb_experienced[inference]:+.2f} towards its new value, and that to the other, not yet seen to have changed, by "
    "{lhb_inferred[inference]:+.2f}. Bromberg-Martin et al. (2010) found both to move.",
    "Information (E, F): where the reward will be known beforehand dopamine moves by "
    "{dopamine_informing[information]:+.2f}, where not by {dopamine_uninforming[information]:+.2f}; the habenula by "
    "{lhb_informing[information]:+.2f} and {lhb_uninforming[information]:+.2f}. Bromberg-Martin and Hikosaka (2009, "
    "2011) found that monkeys and their neurons prefer to know.",
)
BLOCK = 24  # trials of a block of inference
SECOND_HALF = 80  # trials of information before those that are read
SIGNALS = ("lhb", "dopamine")
BLOCKING = PavlovianConditioning(schedule="30 A+ B- | 30 AX+ BY+ | 2 X- Y-")
INHIBITION = PavlovianConditioning(schedule="30 A+ | 30 A+ AX- Y- | 2 X- Y-")
PRECONDITIONING = PavlovianConditioning(schedule="12 A>B- C>D- | 30 B+ D- | 2 A- C-")
INFERENCE = PavlovianConditioning(schedule="12 P:A+ P:B- | 12 P:A- P:B+", interval_s=1.0, interval_spread=0.0)
INFORMATION = PavlovianConditioning(schedule="40 A>C+ B>X+50% A>D- B>Y+50%")


def _onsets(trials: pd.DataFrame, task: PavlovianConditioning, cues: Mapping[str, str]) -> pd.DataFrame:
    """The seconds in which one of these cues comes on, with what it is, and the habenula above its subject's rest."""
    words = {task.states.index(name): word for name, word in cues.items()}
    comes = trials["next_state"].isin([*words]) & (trials["state"] != trials["next_state"])
    rows = trials[comes].assign(cue=trials["next_state"][comes].map(words))
    rest = readouts.at_rest(trials, ["lhb"]).rename(columns={"lhb": "rest"})
    rows = rows.merge(rest, on=readouts.WHO)
    return rows.assign(lhb=rows["lhb"] - rows["rest"])


def _answers(rows: pd.DataFrame) -> pd.DataFrame:
    """Means of both signals over the rows, by what stands in `cue`: columns as dopamine_blocked."""
    wide = rows.groupby([*readouts.WHO, "cue"], observed=True)[list(SIGNALS)].mean().unstack("cue")
    wide.columns = [f"{signal}_{cue}" for signal, cue in wide.columns]
    return wide.reset_index()


def blocking(trials: pd.DataFrame) -> pd.DataFrame:
    """Both signals as X and Y come alone for the first time."""
    rows = _onsets(trials, BLOCKING, {"X": "blocked", "Y": "unblocked"})
    return _answers(rows.drop_duplicates([*readouts.WHO, "cue"]))


def inhibition(trials: pd.DataFrame) -> pd.DataFrame:
    """Both signals as X and Y come alone after training, and at A towards the end of it."""
    rows = _onsets(trials, INHIBITION, {"A": "excitor", "X": "inhibitor", "Y": "neutral"})
    tested = rows["trial"] >= rows["trial"].max() - 3
    trained = (rows["cue"] == "excitor") & (rows["trial"] >= 90)
    return _answers(rows[tested | trained].drop_duplicates([*readouts.WHO, "cue"], keep="first"))


def preconditioning(trials: pd.DataFrame) -> pd.DataFrame:
    """Both signals as A and C come alone for the first time after B was rewarded."""
    rows = _onsets(trials, PRECONDITIONING, {"A": "chained", "C": "unchained"})
    return _answers(rows[rows["trial"] >= rows["trial"].max() - 3].drop_duplicates([*readouts.WHO, "cue"]))


def inference(trials: pd.DataFrame) -> pd.DataFrame:
    """How far the habenula's answer to a target has moved towards its new value since the block before.

    Experienced is the target that has shown its new value once, in the first trial of the block, at its second time;
    inferred the other one at its first, before it has shown anything. Above 0 is towards the new value.
    """
    rows = _onsets(trials, INFERENCE, {"AP": "AP", "BP": "BP"}).sort_values([*readouts.WHO, "trial"])
    rows["before"] = rows.groupby([*readouts.WHO, "cue"], observed=True)["lhb"].shift(1)
    rows["earlier"] = rows.groupby([*readouts.WHO, "cue"], observed=True)["lhb"].shift(2)
    place, good = rows["trial"] % BLOCK, (rows["cue"] == "AP") == (rows["trial"] // BLOCK % 2 == 0)
    sign = np.where(good, -1.0, 1.0)  # a target that has become good excites the habenula less
    moved = {
        "lhb_inferred": (place == 1, sign * (rows["lhb"] - rows["before"])),
        "lhb_experienced": (place == 2, sign * (rows["lhb"] - rows["earlier"])),
    }
    later = rows["trial"] >= BLOCK
    found = rows.assign(**{name: change.where(here & later) for name, (here, change) in moved.items()})
    return found.groupby(readouts.WHO, observed=True)[[*moved]].mean().reset_index()


def information(trials: pd.DataFrame) -> pd.DataFrame:
    """Both signals at the target of information and at the other, in the second half."""
    rows = _onsets(trials, INFORMATION, {"A": "informing", "B": "uninforming"})
    return _answers(rows[rows["trial"] >= SECOND_HALF])


READS = {f.__name__: f for f in (blocking, inhibition, preconditioning, inference, information)}
COLUMNS = ("state", "next_state", "lhb", "dopamine")


def story(table: pd.DataFrame) -> list[str]:
    """What the signals are at each cue, and what electrodes saw."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """Dopamine at the cues of three designs; the habenula after a reversal; both at targets of information."""
    import pandas as pd

    moved = [
        table[table["measure"] == f"{panel.measure}_{cue}"].assign(measure=panel.measure, group=cue)
        for panel in PANELS
        for cue in panel.groups
    ]  # places are cues and not groups
    return figures.grid(
        pd.concat(moved), PANELS, "animals", "Lines: at rest. Dopamine in units of δ, D: towards the new."
    )


PHASIC, AT_REST = "Phasic dopamine (δ)", "LHb above rest (resting rates)"
UP = (0.0, math.inf)
INFORMS = {"informing": "informs", "uninforming": "does not"}
PANELS = (
    figures.Panel(
        "dopamine",
        PHASIC,
        "2001: blocking",
        {"blocked": "blocked", "unblocked": "control"},
        {
            "blocked": figures.less("unblocked", "waelti2001/blocked"),
            "unblocked": figures.Published(*UP, "waelti2001/control"),
        },
        level=0.0,
    ),
    figures.Panel(
        "dopamine",
        PHASIC,
        "2003: inhibition",
        {"excitor": "cue of\nreward", "inhibitor": "inhibitor", "neutral": "neutral"},
        {
            "excitor": figures.Published(*UP, "tobler2003/excitor"),
            "inhibitor": figures.less("neutral", "tobler2003/inhibitor"),
        },
        level=0.0,
    ),
    figures.Panel(
        "dopamine",
        PHASIC,
        "2016: preconditioning",
        {"chained": "cue of\nthe cue", "unchained": "control"},
        {"chained": figures.more("unchained", "sadacca2016/inferred")},
        level=0.0,
    ),
    figures.Panel(
        "lhb",
        "LHb, change (resting rates)",
        "2010: after a reversal",
        {"experienced": "seen\nto change", "inferred": "the\nother"},
        {
            "experienced": figures.Published(*UP, "bromberg2010/experienced"),
            "inferred": figures.Published(*UP, "bromberg2010/inferred"),
        },
        level=0.0,
    ),
    figures.Panel(
        "dopamine",
        PHASIC,
        "2009: information",
        INFORMS,
        {"informing": figures.more("uninforming", "bromberg2009/dopamine")},
        level=0.0,
    ),
    figures.Panel(
        "lhb",
        AT_REST,
        "2011: information",
        INFORMS,
        {"informing": figures.less("uninforming", "bromberg2009/habenula")},
        level=0.0,
    ),
)

# Claims. How each is read stands in the docstring; design and bounds were committed before any of them was first run.

WAELTI = (
    "Waelti P, Dickinson A, Schultz W (2001) Dopamine responses comply with basic assumptions of formal learning "
    "theory. Nature 412:43-48, doi 10.1038/35083500"
)
TOBLER = (
    "Tobler PN, Dickinson A, Schultz W (2003) Coding of predicted reward omission by dopamine neurons in a conditioned "
    "inhibition paradigm. J Neurosci 23:10402-10410, doi 10.1523/JNEUROSCI.23-32-10402.2003"
)
SADACCA = (
    "Sadacca BF, Jones JL, Schoenbaum G (2016) Midbrain dopamine neurons compute inferred and cached value prediction "
    "errors in a common framework. eLife 5:e13665, doi 10.7554/eLife.13665"
)
INFERRED = (
    "Bromberg-Martin ES, Matsumoto M, Hong S, Hikosaka O (2010) A pallidus-habenula-dopamine pathway signals inferred "
    "stimulus values. J Neurophysiol 104:1068-1076, doi 10.1152/jn.00158.2010"
)
INFORMED = (
    "Bromberg-Martin ES, Hikosaka O (2009) Midbrain dopamine neurons signal preference for advance information about "
    "upcoming rewards. Neuron 63:119-126, doi 10.1016/j.neuron.2009.06.009; (2011) Lateral habenula neurons signal "
    "errors in the prediction of reward information. Nat Neurosci 14:1209-1216, doi 10.1038/nn.2902"
)


def _found(tables: dict[str, pd.DataFrame], design: str) -> pd.DataFrame:
    """The measures of one design: a row for each subject, a column for each measure."""
    rows = tables["subjects"]
    require(rows, "associations", [design], [design])
    return rows[rows["group"] == design].pivot(index="subject", columns="measure", values="value")


def waelti2001(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """The control cue excites dopamine as it first comes alone, and the blocked one less: signs, whole intervals."""
    found = _found(tables, "blocking")
    less = summary.compared(np.subtract, found["dopamine_blocked"], found["dopamine_unblocked"])
    control = statistics.mean_interval(found["dopamine_unblocked"])
    return [
        above("control", "a cue beside one that announced nothing excites dopamine", "dopamine at the cue", control),
        below("blocked", "one beside a cue of the reward less", "dopamine, blocked - control", less),
    ]


def tobler2003(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """A cue of reward excites dopamine; a conditioned inhibitor depresses it, below a neutral cue: signs."""
    found = _found(tables, "inhibition")
    excitor, inhibitor = (statistics.mean_interval(found[f"dopamine_{cue}"]) for cue in ("excitor", "inhibitor"))
    less = summary.compared(np.subtract, found["dopamine_inhibitor"], found["dopamine_neutral"])
    return [
        above("excitor", "a cue of reward excites dopamine", "dopamine at the cue", excitor),
        below("depressed", "a conditioned inhibitor depresses it", "dopamine at the cue", inhibitor),
        below("inhibitor", "more than a neutral cue", "dopamine, inhibitor - neutral", less),
    ]


def sadacca2016(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Dopamine answers more to a cue of a cue that was rewarded later than to that of one that was not: a sign."""
    found = _found(tables, "preconditioning")
    more = summary.compared(np.subtract, found["dopamine_chained"], found["dopamine_unchained"])
    return [above("inferred", "a cue of a cue rewarded later excites dopamine", "dopamine, cue - control", more)]


def bromberg2010(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """After a reversal the habenula's answers move towards the new values, of both targets: signs, whole intervals."""
    found = _found(tables, "inference")
    seen, other = (statistics.mean_interval(found[f"lhb_{name}"]) for name in ("experienced", "inferred"))
    of = "habenula's answer, towards the new value"
    return [
        above("experienced", "one trial changes the answer to its target", of, seen),
        above("inferred", "and that to the other target", of, other),
    ]


def bromberg2009(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """A target that will tell which reward comes excites dopamine more, and the habenula less, than one that will not.

    Signs, whole intervals. Monkeys chose between the targets; here each comes as often.
    """
    found = _found(tables, "information")
    dopamine, lhb = (
        summary.compared(np.subtract, found[f"{signal}_informing"], found[f"{signal}_uninforming"])
        for signal in ("dopamine", "lhb")
    )
    return [
        above("dopamine", "the target of information excites dopamine more", "dopamine, informs - does not", dopamine),
        below("habenula", "and the habenula less", "LHb, informs - does not", lhb),
    ]


CLAIMS = (
    Claim("waelti2001", WAELTI, "A predicted reward teaches dopamine nothing of a cue", waelti2001),
    Claim("tobler2003", TOBLER, "A conditioned inhibitor depresses dopamine", tobler2003),
    Claim("sadacca2016", SADACCA, "Dopamine knows values inferred from a chain of cues", sadacca2016),
    Claim("bromberg2010", INFERRED, "The habenula infers a target's value from another's", bromberg2010),
    Claim("bromberg2009", INFORMED, "Dopamine and habenula value advance information", bromberg2009),
)
