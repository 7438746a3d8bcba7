"""Overmier & Seligman 1967, Maier 2001: after one session of shock helplessness stays a day and fades in days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from habenula_rl import HabenulaAgent, figures
from habenula_rl.analysis import readouts, summary
from habenula_rl.analysis.statistics import Estimate
from habenula_rl.circuit.control import recovered
from habenula_rl.figures import style
from habenula_rl.findings import Claim, Criterion, above, at_most, below, require

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "How long does one session of inescapable shock keep mice from escaping?"
PREDICTION = (
    "As long as the habenula stays hyperactive: for a day or two most still fail, and as what the stress added to it "
    "fades, with a time constant of three days, they escape again within a week."
)

STORY = (
    "Failures (A): mice that had no shock fail in {failures[unshocked]:.0f} % of trials; shocked ones in "
    "{failures[shocked_1h]:.0f} % after an hour, {failures[shocked_24h]:.0f} % after a day, "
    "{failures[shocked_48h]:.0f} % after two, {failures[shocked_7d]:.0f} % after 7 and {failures[shocked_14d]:.0f} % "
    "after 14 days. After one session dogs and rats failed a day later, and no longer within a week (Seligman and "
    "Maier 1967, Overmier and Seligman 1967, Maier 2001).",
    "Habenula (B): hyperactivity is {hyperactivity[shocked_1h]:.2f} after an hour, {hyperactivity[shocked_24h]:.2f} "
    "after a day and {hyperactivity[shocked_7d]:.2f} after 7 days; {hyperactivity[unshocked]:.2f} in unshocked mice.",
)
GONE = 10.0  # % of trials

UNSHOCKED = "unshocked"
DAYS = {"1h": 1 / 24, "24h": 1.0, "48h": 2.0, "7d": 7.0, "14d": 14.0}
SHOCKED = {f"shocked_{time}": days for time, days in DAYS.items()}
TESTS = tuple(f"test_{time}" for time in DAYS)
ASIDE = -1.5  # where those that were never shocked stand on the scale of days
KIND = {"mice": style.VERMILION}
PUBLISHED = {
    "shocked_24h": figures.more(UNSHOCKED, "helplessness_fades/day"),
    "shocked_7d": figures.Published(-np.inf, GONE, "helplessness_fades/week", UNSHOCKED),
}


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """Failures (%) and the hyperactivity with which each mouse came to its test; effects against unshocked mice."""
    subjects = summary.subject_rows(behaviour(trials), ["failures", "hyperactivity"], within={"failures": (0, 100)})
    groups = summary.group_rows(subjects)
    for group, test in zip(SHOCKED, TESTS, strict=True):
        for measure in ("failures", "hyperactivity"):
            pair = [summary.values(subjects, measure, *where) for where in ((group, test), (UNSHOCKED, TESTS[0]))]
            groups = summary.with_effect(groups, summary.effect(*pair), measure, group, test)
    return summary.tidy(groups, subjects)


def behaviour(trials: pd.DataFrame) -> pd.DataFrame:
    """A row for each mouse: failures in % of its trials, and hyperactivity in the first second of the test."""
    tests = readouts.in_phases(trials, TESTS)
    failed = summary.percent(readouts.escapes(tests), failures="failed")
    return failed.merge(readouts.at_rest(tests, ["hyperactivity"]), on=readouts.WHO)


def story(table: pd.DataFrame) -> list[str]:
    """Failures and hyperactivity over days, and when helplessness was gone."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """Failures and hyperactivity against days since the shocks, every mouse."""
    with figures.styled():
        fig, axes = figures.canvas(["A", "B"], height_mm=120)
        for letter, measure in zip("AB", ("failures", "hyperactivity"), strict=True):
            places, published = {"mice": {UNSHOCKED: ASIDE} | SHOCKED}, PUBLISHED if letter == "A" else None
            figures.over(axes[letter], table, measure, places=places, colours=KIND, published=published)
            axes[letter].set_xticks([ASIDE, *DAYS.values()], ["no\nshock", "1 h", "1", "2", "7", "14"])
            axes[letter].set_xlim(ASIDE - 0.8, 14.8)
        axes["A"].set(ylabel="Failures (%)", ylim=(-4, 104))
        figures.caption(axes["A"], "A", "Trials without escape")
        axes["B"].set(ylabel="Hyperactivity (1 = born so)", xlabel="Days since inescapable shock")
        _draw_recovery(axes["B"], table)
        figures.caption(axes["B"], "B", "Hyperactivity of the habenula at the test")
        once = f"each tested once, {figures.group_sizes(table)}"
        what = (
            "Dashed: mean of mice that had no shock. B, black: what would be left of the mean after 1 h with the\n"
            f"agent's time constant, τ_h = {HabenulaAgent().recovery_days:g} d (dotted: where 37 % is left)."
        )
        figures.footnote(fig, f"{figures.marks(fig, table, f'mice, {once}')}\n{what}")
    return fig


def _draw_recovery(axes: Axes, table: pd.DataFrame) -> None:
    """The exponential from the mean at the first test to that of unshocked mice."""
    means = figures.select(table, "group", "hyperactivity").set_index("group")["value"]
    if not {UNSHOCKED, *SHOCKED} <= {*means.index}:
        return
    first, tau = next(iter(SHOCKED)), HabenulaAgent().recovery_days
    days = np.linspace(SHOCKED[first], max(DAYS.values()), 200)
    left = [recovered(means[first], means[UNSHOCKED], day - SHOCKED[first], tau) for day in days]
    axes.plot(days, left, color=style.BLACK, linewidth=0.8, zorder=2)
    figures.event(axes, SHOCKED[first] + tau)


# Claims. How each is read stands in the docstring; all bounds were fixed before the claims were first run.

FADES = (
    "Seligman MEP, Maier SF (1967) Failure to escape traumatic shock. J Exp Psychol 74:1-9, doi 10.1037/h0024514; "
    "Overmier JB, Seligman MEP (1967) Effects of inescapable shock upon subsequent escape and avoidance responding. "
    "J Comp Physiol Psychol 63:28-33, doi 10.1037/h0024166; Maier SF (2001) Exposure to the stressor environment "
    "prevents the temporal dissipation of behavioral depression/learned helplessness. Biol Psychiatry 49:763-773, "
    "doi 10.1016/S0006-3223(00)01095-7"
)


def helplessness_fades(trials: pd.DataFrame) -> list[Criterion]:
    """There after 24 h, gone after 7 d, and less at each time than at the one before.

    There is read as more failures than unshocked mice have, whole interval (Seligman & Maier 1967; Overmier & Seligman
    1967, in whose dogs it was gone after 48 h; that is not asked for); gone as at most 10 % of trials more than they
    have (Maier 2001, one session). Until it is gone failures fall from each time to the next, whole interval, and from
    7 to 14 d they do not come back by more than those 10 %.
    """
    for group, test in zip((UNSHOCKED, *SHOCKED), (TESTS[0], *TESTS), strict=True):
        require(trials, "helplessness_fades", [test], [group])
    tested = behaviour(trials).assign(phase="test")  # one test for each mouse, whenever it was
    failures = readouts.matched(tested, "failures", [UNSHOCKED, *SHOCKED])
    change = "change of failures in % of trials"
    excess = "failures in % of trials, shocked - unshocked"

    def less(group: str, other: str) -> Estimate:
        return summary.compared(np.subtract, failures[group], failures[other])

    return [
        above("day", "mice still fail 24 h after the shocks", excess, less("shocked_24h", UNSHOCKED)),
        at_most("week", "it is gone within a week", excess, less("shocked_7d", UNSHOCKED), GONE),
        below("fall_24h", "fewer failures after 24 h than after 1 h", change, less("shocked_24h", "shocked_1h")),
        below("fall_48h", "fewer after 48 h than after 24 h", change, less("shocked_48h", "shocked_24h")),
        below("fall_7d", "fewer after 7 d than after 48 h", change, less("shocked_7d", "shocked_48h")),
        at_most("stays_away", "they stay away until 14 d", change, less("shocked_14d", "shocked_7d"), GONE),
    ]


CLAIMS = (
    Claim(
        "helplessness_fades",
        FADES,
        "Helplessness after one session of shock is there after a day and gone within a week",
        helplessness_fades,
        origins={"week": "target", "fall_48h": "target"},  # control recovers since these were seen to fail
        sure="M",
        sures={"day": "V", "week": "set", "stays_away": "set"},
    ),
)
