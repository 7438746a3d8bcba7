"""Matsumoto & Hikosaka 2007, 2009, Tian & Uchida 2015: what electrodes saw in habenula and midbrain."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from habenula_rl import figures
from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.findings import Claim, Criterion, above, at_most, below, require, within
from habenula_rl.tasks import PavlovianConditioning

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

QUESTION = "Do habenula and dopamine neurons answer to cues and outcomes, and to a lesion, as electrodes saw it?"
PREDICTION = (
    "The habenula is excited by what is worse than expected and inhibited by what is better, dopamine the other way "
    "round; without a habenula dopamine no longer dips where reward is omitted, and still does at an air-puff."
)

STORY = (
    "Matsumoto and Hikosaka 2007 (A, B): above rest the habenula answers a cue of reward with "
    "{lhb_reward_cue[saccades]:+.2f}, one of none with {lhb_no_reward_cue[saccades]:+.2f}, an unexpected reward with "
    "{lhb_unexpected_reward[saccades]:+.2f} and an omitted one with {lhb_omission[saccades]:+.2f}; dopamine with "
    "{dopamine_reward_cue[saccades]:+.2f}, {dopamine_no_reward_cue[saccades]:+.2f}, "
    "{dopamine_unexpected_reward[saccades]:+.2f} and {dopamine_omission[saccades]:+.2f}. In monkeys the habenula was "
    "inhibited, excited, inhibited and excited, and dopamine neurons the other way round.",
    "2009 (C): cues of juice in all, half and none of the trials move the habenula by {lhb_juice_100[blocks]:+.2f}, "
    "{lhb_juice_50[blocks]:+.2f} and {lhb_juice_0[blocks]:+.2f}, those of an air-puff by "
    "{lhb_puff_100[blocks]:+.2f}, {lhb_puff_50[blocks]:+.2f} and {lhb_puff_0[blocks]:+.2f}. In monkeys it was more, "
    "the less juice and the more puffs.",
    "Tian and Uchida 2015 (D, E): where water fails to come dopamine moves by {dopamine_A_nothing[intact]:+.2f}, "
    "without a habenula by {dopamine_A_nothing[lesioned]:+.2f}; at an air-puff by {dopamine_D_puff[intact]:+.2f} and "
    "{dopamine_D_puff[lesioned]:+.2f}. In mice a lesion greatly lessened the first dip and left the second.",
)
HALF, ALIKE = 0.5, (0.8, 1.2)  # of the other answer: does little or is greatly diminished, and is unimpaired

SACCADES = PavlovianConditioning(schedule="12 P:A+ P:B- | 12 P:A- P:B+", interval_s=1.0, interval_spread=0.0)
BLOCKS = PavlovianConditioning(schedule="matsumoto2009")
ODOURS = PavlovianConditioning(schedule="60 A+90% C- D!90%")
IN_BLOCK, NEW, LEARNED = 24, 2, 12  # trials: of a block, of its first two (one with each target), before those read
BLOCKS_READ, ODOURS_READ = 240, 90  # trials before those that are read
CUES = {"AP": "juice_100", "BP": "juice_50", "CP": "juice_0", "DQ": "puff_100", "XQ": "puff_50", "YQ": "puff_0"}
SIGNALS = ("lhb", "dopamine")


def saccades(trials: pd.DataFrame) -> pd.DataFrame:
    """Habenula, against its first second, and dopamine: at cues and rewards that are known, and at the new ones.

    The first reward after a reversal is unexpected, and the first that fails to come is an omission.
    """
    rows, event = _events(trials, SACCADES)
    place = rows["trial"] % IN_BLOCK
    even = rows["trial"] // IN_BLOCK % 2 == 0  # the blocks in which A is rewarded
    cue = np.where((rows["cue"] == "AP") == even, "reward_cue", "no_reward_cue")
    known = np.where(event == "cue", cue, event)
    changed = np.select([event == "reward", event == "nothing"], ["unexpected_reward", "omission"], "")
    new = (place < NEW) & (rows["trial"] >= IN_BLOCK)
    return _by_event(trials, rows, np.where(place >= LEARNED, known, np.where(new, changed, "")))


def blocks(trials: pd.DataFrame) -> pd.DataFrame:
    """Habenula and dopamine at the six cues, and at what follows them."""
    rows, event = _events(trials, BLOCKS)
    cue = rows["cue"].map(CUES)
    named = np.where(event == "cue", cue, cue + "_" + event)
    return _by_event(trials, rows, np.where(rows["trial"] >= BLOCKS_READ, named, ""))


def odours(trials: pd.DataFrame) -> pd.DataFrame:
    """Dopamine at the odours of water and of the air-puff, at what they announce, and where it fails to come."""
    rows, event = _events(trials, ODOURS)
    named = rows["cue"] + "_" + event
    return _by_event(trials, rows, np.where(rows["trial"] >= ODOURS_READ, named, "")).filter(regex="^(?!lhb)")


def _events(trials: pd.DataFrame, task: PavlovianConditioning) -> tuple[pd.DataFrame, Any]:
    """The seconds in which a cue comes on or its outcome does, with the name of the `cue`; and what it was.

    "cue", or the name of the outcome's state.
    """
    names = np.array(task.states)
    state, after = names[trials["state"]], names[trials["next_state"]]
    cues = [*names[4 : 4 + len(task.stimuli)]]
    comes, ends = np.isin(after, cues) & (state != after), np.isin(state, cues)
    chosen = comes | ends
    rows = trials[chosen].assign(cue=np.where(comes, after, state)[chosen])
    return rows, np.where(comes, "cue", after)[chosen]


def _by_event(trials: pd.DataFrame, rows: pd.DataFrame, event: Any) -> pd.DataFrame:
    """Means of the signals over the events with a name, a column for each of both: lhb_omission. Subjects' own rest."""
    who = readouts.WHO
    means = rows.assign(event=event)[event != ""].groupby([*who, "event"], observed=True)[list(SIGNALS)].mean()
    wide = means.unstack("event")
    wide.columns = [f"{signal}_{name}" for signal, name in wide.columns]
    rest = readouts.at_rest(trials, ["lhb"]).set_index(who)["lhb"]
    of_habenula = [name for name in wide if name.startswith("lhb_")]
    wide[of_habenula] = wide[of_habenula].sub(rest, axis=0)
    return wide.reset_index()


READS = {"saccades": saccades, "blocks": blocks, "odours": odours}


def story(table: pd.DataFrame) -> list[str]:
    """What the signals are at each event, and what electrodes saw."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """The eight answers of 2007; the habenula at the cues of 2009; dopamine with a habenula and without."""
    return figures.grid(
        _by_place(table), PANELS, "animals", "Horizontal lines: at rest. Dopamine in units of δ, the prediction error."
    )


def _by_place(table: pd.DataFrame) -> pd.DataFrame:
    """For panels whose places are events and not groups: the event becomes the group."""
    import pandas as pd

    moved = [table]
    for panel in PANELS:
        for event in panel.groups:
            rows = table[table["measure"] == f"{panel.measure}_{event}"]
            moved.append(rows.assign(measure=panel.measure, group=event))
    return pd.concat(moved, ignore_index=True)


OF_2007 = {"reward_cue": "reward\ncue", "no_reward_cue": "other\ncue", "unexpected_reward": "new\nreward"}
OF_2007 |= {"omission": "omis-\nsion", "reward": "known\nreward"}
OF_2009 = {name: name.replace("_", "\n") for name in CUES.values()}
WITH, WITHOUT = "habenula", "lesion"
AT_REST, PHASIC = "LHb above rest (resting rates)", "Phasic dopamine (δ)"


def _signs(turn: float, who: str) -> dict[str, figures.Published]:
    """What cues and outcomes do to the habenula (1), and the reverse of it (-1), as the claim's rows ask."""
    signs = {event: turn * sign for event, (_, sign) in EXCITED.items()}
    bounds = {event: (0.0, math.inf) if sign > 0 else (-math.inf, 0.0) for event, sign in signs.items()}
    return {event: figures.Published(*ends, f"matsumoto2007/{who}_{event}") for event, ends in bounds.items()}


EXCITED = {
    "no_reward_cue": ("the cue of no reward", 1.0),
    "omission": ("an omitted reward", 1.0),
    "reward_cue": ("the cue of reward", -1.0),
    "unexpected_reward": ("an unexpected reward", -1.0),
}
LESION = {"intact": WITH, "lesioned": WITHOUT}
PANELS = (
    figures.Panel(
        "lhb",
        AT_REST,
        "2007: habenula",
        OF_2007,
        _signs(1.0, "habenula")
        | {"reward": figures.Published(-HALF, HALF, "matsumoto2007/known_reward", of=("unexpected_reward",))},
        level=0.0,
    ),
    figures.Panel("dopamine", PHASIC, "2007: dopamine", OF_2007, _signs(-1.0, "dopamine"), level=0.0),
    figures.Panel(
        "lhb",
        AT_REST,
        "2009: habenula at cues",
        OF_2009,
        {
            "juice_50": figures.more("juice_100", "matsumoto2009/juice_50"),
            "juice_0": figures.more("juice_50", "matsumoto2009/juice_0"),
            "puff_100": figures.more("puff_50", "matsumoto2009/puff_100"),
            "puff_50": figures.more("puff_0", "matsumoto2009/puff_50"),
        },
        level=0.0,
    ),
    figures.Panel(
        "dopamine_A_nothing",
        PHASIC,
        "2015: omission",
        LESION,
        {
            "intact": figures.Published(-math.inf, 0.0, "tian2015/intact_dips"),
            "lesioned": figures.Published(-math.inf, HALF, "tian2015/omission", of=("intact",)),
        },
        level=0.0,
    ),
    figures.Panel(
        "dopamine_D_puff",
        PHASIC,
        "2015: air-puff",
        LESION,
        {"lesioned": figures.Published(*ALIKE, "tian2015/puff", of=("intact",))},
        level=0.0,
    ),
    figures.Panel(
        "dopamine_A_cue",
        PHASIC,
        "2015: odour of water",
        LESION,
        {"lesioned": figures.Published(0.0, math.inf, "tian2015/excitation")},
        level=0.0,
    ),
)

# Claims. How each is read stands in the docstring; the bounds were fixed before the claims were first run.

MATSUMOTO_2007 = (
    "Matsumoto M, Hikosaka O (2007) Lateral habenula as a source of negative reward signals in dopamine neurons. "
    "Nature 447:1111-1115, doi 10.1038/nature05860"
)
MATSUMOTO_2009 = (
    "Matsumoto M, Hikosaka O (2009) Representation of negative motivational value in the primate lateral habenula. "
    "Nat Neurosci 12:77-84, doi 10.1038/nn.2233"
)
TIAN = (
    "Tian J, Uchida N (2015) Habenula lesions reveal that multiple mechanisms underlie dopamine prediction errors. "
    "Neuron 87:1304-1316, doi 10.1016/j.neuron.2015.08.028"
)


def _means(tables: dict[str, pd.DataFrame], group: str) -> pd.DataFrame:
    """The measures of one group: a row for each subject, a column for each measure."""
    rows = tables["subjects"]
    return rows[rows["group"] == group].pivot(index="subject", columns="measure", values="value")


def matsumoto2007(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Eight signs, each the whole interval, and a known reward that moves the habenula at most half as much as a new.

    "Does little" is read as at most half; the half is ours. Known are cues and rewards from the 13th trial of a block
    on; a new reward and an omission are those of the first two trials after a reversal.
    """
    require(tables["subjects"], "recordings", ["saccades"], ["saccades"])
    found, parts = _means(tables, "saccades"), []
    for event, (words, sign) in EXCITED.items():
        for signal, name, turn in (("lhb", "the habenula", 1.0), ("dopamine", "dopamine", -1.0)):
            make, does = (above, "excites") if sign * turn > 0 else (below, "inhibits")
            mean = statistics.mean_interval(found[f"{signal}_{event}"])
            parts.append(make(f"{name.split()[-1]}_{event}", f"{words} {does} {name}", f"{signal} above rest", mean))
    known = summary.compared(
        lambda known, new: np.abs(known) / np.abs(new), found["lhb_reward"], found["lhb_unexpected_reward"]
    )
    little = at_most("known_reward", "a known reward does little", "habenula's answer, known over new", known, HALF)
    return [*parts, little]


def matsumoto2009(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Both orders of the habenula's answers to cues, and outcomes that move it less the more they were announced.

    Each is a difference between two cues or two outcomes, whole interval, over the last two blocks of each kind.
    """
    require(tables["subjects"], "recordings", ["blocks"], ["blocks"])
    found = _means(tables, "blocks")

    def more(name: str, claim: str, one: str, other: str) -> Criterion:
        less = summary.compared(np.subtract, found[f"lhb_{one}"], found[f"lhb_{other}"])
        return above(name, claim, "LHb output, difference", less)

    return [
        more("juice_50", "juice in half of the trials excites more than in all", "juice_50", "juice_100"),
        more("juice_0", "and in none more than in half", "juice_0", "juice_50"),
        more("puff_50", "air-puff in half of the trials excites more than in none", "puff_50", "puff_0"),
        more("puff_100", "and in all more than in half", "puff_100", "puff_50"),
        more("reward", "juice inhibits less where it was certain", "juice_100_reward", "juice_50_reward"),
        more("no_reward", "no juice excites less where it was certain", "juice_50_nothing", "juice_0_nothing"),
        more("puff", "the air-puff excites less where it was certain", "puff_50_puff", "puff_100_puff"),
        more("no_puff", "no air-puff inhibits less where it was certain", "puff_0_nothing", "puff_50_nothing"),
    ]


def tian2015(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """A lesion at least halves the dip at an omission, and leaves those to air-puff and its odour within 20 %.

    "Greatly diminished" is read as at most half, "unimpaired" as within 20 % (both an interval of a ratio: a test of
    equivalence), "excitation remains" as above 0 in lesioned mice.
    """
    require(tables["subjects"], "recordings", ["odours"], ["intact", "lesioned"])

    def left(measure: str) -> statistics.Estimate:
        both = summary.side_by_side(tables["subjects"], measure, ["lesioned", "intact"])
        return summary.compared(np.divide, both["lesioned"], both["intact"])

    of = "dip of dopamine, lesioned over intact"
    cue = statistics.mean_interval(_means(tables, "lesioned")["dopamine_A_cue"])
    return [
        above("intact_dips", "dopamine dips where water fails to come", "dip of dopamine, intact", _dip(tables)),
        at_most("omission", "without a habenula hardly", of, left("dopamine_A_nothing"), HALF),
        within("puff", "the dip to an air-puff is unimpaired", of, left("dopamine_D_puff"), *ALIKE),
        within("puff_odour", "and so is that to its odour", of, left("dopamine_D_cue"), *ALIKE),
        above("excitation", "the odour of water still excites dopamine", "dopamine at the odour, lesioned", cue),
    ]


def _dip(tables: dict[str, pd.DataFrame]) -> statistics.Estimate:
    return statistics.mean_interval(-_means(tables, "intact")["dopamine_A_nothing"])


CLAIMS = (
    Claim(
        "matsumoto2007",
        MATSUMOTO_2007,
        "The habenula is excited by what is worse than expected, and dopamine does the opposite",
        matsumoto2007,
        sures={"known_reward": "set"},
    ),
    Claim("matsumoto2009", MATSUMOTO_2009, "The habenula orders cues by how bad what they announce is", matsumoto2009),
    Claim(
        "tian2015",
        TIAN,
        "The habenula carries dopamine's dip at omissions, and not that at air-puffs",
        tian2015,
        origin="target",
        sures={"omission": "D", "puff": "D", "puff_odour": "D"},
    ),
)
