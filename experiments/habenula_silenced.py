"""Donaire 2019, Baker 2015, Thapa 2019, Jean-Richard-Dit-Bressel 2014, Sevigny 2021: choice without a habenula.

Where it falls short: what is learned of doing one thing is here also what the dips taught of the other. Without them
lesioned rats expect a reward wherever one has come, so that neither wins nor losses are news: both win-stay and
lose-shift go to chance, where lose-shift was spared (with half of the dip passing by the habenula, `habenula_share` .5,
it would be). To choose nearly at random is also not to persevere. In extinction value falls more slowly,
but they had come to lick less (they did not learn from having missed a drop), and after ten visits the leak of Go takes
as much as the dips do: over 50 visits nothing is left of the delay.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import figures
from habenula_rl.analysis import readouts, statistics, summary
from habenula_rl.analysis.statistics import Estimate
from habenula_rl.findings import Claim, Criterion, above, below, require, within
from habenula_rl.tasks import ApproachAvoidance, EffortChoice, SucrosePreference

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

QUESTION = "What can rats not do without a lateral habenula?"
PREDICTION = (
    "Without its dips at omissions they extinguish late, reverse late and shift less after a loss; punishment, whose "
    "dip passes by it, holds them back as before, and the effort that they have learned about is worth as much."
)

STORY = (
    "Extinction (A): rats go on to lick an empty spout at {licks[sham]:.0f} % of visits, lesioned ones at "
    "{licks[lesioned]:.0f} %. Donaire et al. (2019) found extinction delayed.",
    "Repeating (B, C): after a win they stay in {win_stay[sham]:.0f} and {win_stay[lesioned]:.0f} %, after a loss they "
    "shift in {lose_shift[sham]:.0f} and {lose_shift[lesioned]:.0f} %. Thapa et al. (2019) found win-stay lowered and "
    "lose-shift intact.",
    "Reversal (D): {reversals[rats]:.1f} reversals in 200 trials, {reversals[rats_off]:.1f} with it silenced. "
    "Baker et al. (2015) found reversal impaired.",
    "Punishment (E): {suppressed[rats]:.0f} and {suppressed[rats_off]:.0f} points fewer presses where a press hurts. "
    "Jean-Richard-Dit-Bressel and McNally (2014) found no effect on it.",
    "Effort (F): more is worked for in {work[rats]:.0f} and {work[rats_off]:.0f} % of choices, and taken without a "
    "barrier in {level[rats]:.0f} and {level[rats_off]:.0f} %. Sevigny et al. (2021) found work lowered, and the other "
    "preference as before.",
)
ALIKE, INTACT, AS_BEFORE = (0.8, 1.2), 5.0, 10.0  # of the other; points of lose-shift; points of preference


def extinction(trials: pd.DataFrame) -> pd.DataFrame:
    """Licks at the spout that has run dry, % of visits."""
    return summary.percent(readouts.choice_share(trials, action="sucrose", task=SucrosePreference()), licks="share")


def matching(trials: pd.DataFrame) -> pd.DataFrame:
    """How often a win is repeated and a loss is not (%)."""
    return summary.percent(readouts.stay_shift(trials), "win_stay", "lose_shift")


def reversal(trials: pd.DataFrame) -> pd.DataFrame:
    """Reversals, and errors before the first other choice after one."""
    return readouts.reversals(trials)[[*readouts.WHO, "reversals", "perseverative"]]


def levers(trials: pd.DataFrame) -> pd.DataFrame:
    """How much less the lever that hurts is pressed, in the second half (points of %)."""
    box = ApproachAvoidance(response=False, rewards=(0.3,), shocks=(0.0, 1.0), risk=1.0)
    later = trials[trials["trial"] >= trials["trial"].max() // 2]
    found = readouts.approach_index(readouts.approach(later, task=box))
    return found.assign(suppressed=100.0 * (found["safe"] - found["conflict"]))[[*readouts.WHO, "suppressed"]]


def barrier(trials: pd.DataFrame) -> pd.DataFrame:
    """Work for more, in % of choices."""
    found = readouts.choice_share(trials, action="work", among=["take", "work"], task=EffortChoice())
    return summary.percent(found, work="share")


def no_barrier(trials: pd.DataFrame) -> pd.DataFrame:
    """More, where it takes no more, in % of choices."""
    return barrier(trials).rename(columns={"work": "level"})


READS = {"extinction": extinction, "matching": matching}
READS |= {f"{phase.__name__}{off}": phase for phase in (reversal, levers, barrier, no_barrier) for off in ("", "_off")}
LIMITS = dict.fromkeys(("licks", "win_stay", "lose_shift", "work", "level"), (0.0, 100.0))


def story(table: pd.DataFrame) -> list[str]:
    """What there is with a habenula and without, and what the papers found."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """Each test with a habenula and without."""
    return figures.grid(table, PANELS, "rats", "E: presses of a lever that pays, less those of one that also hurts.")


LESION = {"sham": "habenula", "lesioned": "lesion"}
SILENT = {"rats": "habenula", "rats_off": "silent"}
PANELS = (
    figures.Panel(
        "licks",
        "Licks (% of visits)",
        "Extinction",
        LESION,
        {"lesioned": figures.more("sham", "donaire2019/delayed")},
        ends=(0.0, 100.0),
    ),
    figures.Panel(
        "win_stay",
        "Win-stay (%)",
        "After a win",
        LESION,
        {"lesioned": figures.less("sham", "thapa2019/win_stay")},
        ends=(0.0, 100.0),
    ),
    figures.Panel(
        "lose_shift",
        "Lose-shift (%)",
        "After a loss",
        LESION,
        {"lesioned": figures.Published(-INTACT, INTACT, "thapa2019/lose_shift", "sham")},
        ends=(0.0, 100.0),
    ),
    figures.Panel(
        "reversals",
        "Reversals in 200 trials",
        "Reversal",
        SILENT,
        {"rats_off": figures.less("rats", "baker2015/reversals")},
    ),
    figures.Panel(
        "suppressed",
        "Fewer presses (points)",
        "Punishment",
        SILENT,
        {"rats_off": figures.Published(*ALIKE, "jean2014/spared", of=("rats",))},
        level=0.0,
    ),
    figures.Panel(
        "work",
        "Work for more (%)",
        "Effort",
        SILENT,
        {"rats_off": figures.less("rats", "sevigny2021/barrier")},
        ends=(0.0, 100.0),
    ),
)

# Claims. How each is read stands in the docstring; design and bounds were committed before any of them was first run.

DONAIRE = (
    "Donaire R, Morón I, Blanco S, Villatoro Á, Gámiz F, Papini MR, Torres C (2019) Lateral habenula lesions disrupt "
    "appetitive extinction, but do not affect voluntary alcohol consumption. Neurosci Lett 703:184-190, doi "
    "10.1016/j.neulet.2019.03.044"
)
THAPA = (
    "Thapa R, Donovan CH, Wong SA, Sutherland RJ, Gruber AJ (2019) Lesions of lateral habenula attenuate win-stay but "
    "not lose-shift responses in a competitive choice task. Neurosci Lett 692:159-166, doi 10.1016/j.neulet.2018.10.056"
)
BAKER = (
    "Baker PM, Oh SE, Kidder KS, Mizumori SJY (2015) Ongoing behavioral state information signaled in the lateral "
    "habenula guides choice flexibility in freely moving rats. Front Behav Neurosci 9:295, doi "
    "10.3389/fnbeh.2015.00295; Baker PM, Raynor SA, Francis NT, Mizumori SJY (2017) Lateral habenula integration of "
    "proactive and retroactive information mediates behavioral flexibility. Neuroscience 345:89-98, doi "
    "10.1016/j.neuroscience.2016.02.010"
)
JEAN = (
    "Jean-Richard-Dit-Bressel P, McNally GP (2014) The role of the lateral habenula in punishment. PLoS One 9:e111699, "
    "doi 10.1371/journal.pone.0111699"
)
SEVIGNY = (
    "Sevigny JP, Bryant EN, Encarnacion É, Smith DF, Acosta R, Baker PM (2021) Lateral habenula inactivation alters "
    "willingness to exert physical effort using a maze task in rats. Front Behav Neurosci 15:652793, doi "
    "10.3389/fnbeh.2021.652793"
)


def _less(tables: dict[str, pd.DataFrame], measure: str, one: str, other: str) -> Estimate:
    return summary.less(tables["subjects"], measure, one, other)


def donaire2019(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Lesioned rats lick more over all visits to a spout that has run dry: a sign, whole interval."""
    require(tables["subjects"], "habenula_silenced", ["extinction"], [*LESION])
    more = _less(tables, "licks", "lesioned", "sham")
    return [above("delayed", "without a habenula extinction is delayed", "licks in % of visits, lesion - sham", more)]


def thapa2019(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Lesioned rats repeat wins less; "lose-shift intact" is read as within 5 % of choices. The 5 are ours."""
    require(tables["subjects"], "habenula_silenced", ["matching"], [*LESION])
    stay, shift = (_less(tables, name, "lesioned", "sham") for name in ("win_stay", "lose_shift"))
    of = "% of choices, lesion - sham"
    return [
        below("win_stay", "without a habenula wins are repeated less", f"win-stay in {of}", stay),
        within("lose_shift", "and losses avoided as before", f"lose-shift in {of}", shift, -INTACT, INTACT),
    ]


def baker2015(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Fewer reversals with the habenula silenced, and more perseverative errors in each: signs, whole intervals.

    That errors were perseverative is from a maze with tones (2017).
    """
    require(tables["subjects"], "habenula_silenced", ["reversal_off"], ["rats_off"])
    fewer, more = (_less(tables, name, "rats_off", "rats") for name in ("reversals", "perseverative"))
    return [
        below("reversals", "with the habenula silenced rats reverse less", "reversals in 200 trials, off - on", fewer),
        above("perseverative", "since they persevere", "errors a reversal, off - on", more),
    ]


def jean2014(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Punishment holds rats back, and as much with the habenula silenced: read as within 20 %, the 20 are ours."""
    rows = tables["subjects"]
    require(rows, "habenula_silenced", ["levers_off"], ["rats_off"])
    both = summary.side_by_side(rows, "suppressed", ["rats_off", "rats"])
    holds, kept = statistics.mean_interval(both["rats"]), summary.compared(np.divide, both["rats_off"], both["rats"])
    if not holds.value > 0.0:
        kept = Estimate(math.nan, math.nan, math.nan, kept.n)
    return [
        above("punished", "punishment holds rats back", "presses in %, unpunished - punished", holds),
        within("spared", "with the habenula silenced as much", "that difference, off over on", kept, *ALIKE),
    ]


def sevigny2021(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Silenced rats work less for more; without a barrier they take more as often: within 10 %, which is ours."""
    require(tables["subjects"], "habenula_silenced", ["barrier_off", "no_barrier_off"], ["rats_off"])
    work, level = (_less(tables, name, "rats_off", "rats") for name in ("work", "level"))
    of = "in % of choices, off - on"
    return [
        below("barrier", "with the habenula silenced rats work less for more", f"work {of}", work),
        within(
            "no_barrier", "and take more as often where it takes no work", f"more {of}", level, -AS_BEFORE, AS_BEFORE
        ),
    ]


CLAIMS = (
    Claim("donaire2019", DONAIRE, "A habenula lesion delays appetitive extinction", donaire2019, group_size=12),
    Claim(
        "thapa2019",
        THAPA,
        "A habenula lesion lowers win-stay and leaves lose-shift",
        thapa2019,
        sures={"lose_shift": "D"},
    ),
    Claim("baker2015", BAKER, "Reversal depends on the habenula", baker2015, sure="H", sures={"perseverative": "D"}),
    Claim("jean2014", JEAN, "Punishment does not depend on the habenula", jean2014, sures={"spared": "D"}),
    Claim(
        "sevigny2021",
        SEVIGNY,
        "The willingness to work for more depends on the habenula",
        sevigny2021,
        sures={"no_barrier": "D"},
    ),
)
