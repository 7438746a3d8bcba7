"""What the agent is calibrated to, and what is held out: written down before the first search.

`USED` are the published findings whose rows are targets, `HELD_OUT` those that are predictions: no row of them enters
the distance, and no equation was changed for them once this was committed, but for one row of `avoidance`: that active
avoidance is learned is among `LEARNING` since an agent that learns nothing was seen to meet the row before it. That
the belief in control recovers at rest was added after two rows of `helplessness_fades` had failed, which are marked as
targets there and in no distance. A row's target is an interval; outside it the distance grows with every `tolerance`.

`sure` is how well the number is known: "V" seen in the published abstract, legend or table; "C" computed from open
data; "D" derived from those; "H", "M" remembered with high or medium confidence; "set" a size that is ours, where the
source gives a sign alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

USED = (
    "matsumoto2007",
    "tian2015",
    "yang2018_bursts",
    "yang2018_rescue",
    "wu2021",
    "seligman1967",
    "immunisation",
    "belujon2014",
    "stopper2014",
    "gonogo",
    "pizzagalli2008",
    "pessimism",
)
HELD_OUT = (
    "matsumoto2009",
    "yang2018_pattern",
    "cui2018",
    "controllability",
    "shabel2014",
    "li2011",
    "li2013",
    "amo2014",
    "andalman2019",
    "ketamine_time",
    "frank2004",
    "avoidance",
)
LEARNING = "learning"  # rows of healthy agents in tasks, beside the findings

MOST = 5.0  # tolerances that a row adds at most: one that is far off shall not drown the others


@dataclass(frozen=True)
class Target:
    """A row: the interval that it should lie in, how far off counts as one, where that is from, and how sure it is."""

    low: float
    high: float
    tolerance: float
    finding: str
    source: str
    sure: str
    weight: float = 1.0

    def met(self, value: float) -> bool:
        """Whether it lies in the interval."""
        return self.low <= value <= self.high

    def distance(self, value: float) -> float:
        """0 within, then tolerances to the power 1.5, up to MOST of them; a row without a number is at most off."""
        off = MOST if math.isnan(value) else max(self.low - value, value - self.high, 0.0) / self.tolerance
        return float(self.weight * min(off, MOST) ** 1.5)


ZOROWITZ = "Zorowitz 2025, doi 10.5334/cpsy.127, 103 people"
PEOPLE = "Zorowitz 2023, doi 10.1038/s41562-023-01640-7, 406 people"
SELIGMAN = "Seligman & Maier 1967, doi 10.1037/h0024514"
MAIER = "Maier, Albin & Testa 1973: naive rats escape"
WU = "Wu 2021, doi 10.7554/eLife.64041"
YANG = "Yang 2018, doi 10.1038/nature25509"
BELUJON = "Belujon & Grace 2014, doi 10.1016/j.biopsych.2014.04.014"
TIAN = "Tian & Uchida 2015, doi 10.1016/j.neuron.2015.08.028"
PIZZAGALLI = "Pizzagalli 2008, doi 10.1016/j.jpsychires.2008.03.001"
STOPPER = "Stopper & Floresco 2014, doi 10.1038/nn.3587"

TARGETS: dict[str, Target] = {
    # healthy agents learn
    "go to win": Target(0.877, 0.997, 0.06, "gonogo", ZOROWITZ, "C"),
    "go to avoid": Target(0.772, 0.892, 0.06, "gonogo", ZOROWITZ, "C"),
    "no-go to win": Target(0.640, 0.760, 0.06, "gonogo", ZOROWITZ, "C"),
    "no-go to avoid": Target(0.748, 0.868, 0.06, "gonogo", ZOROWITZ, "C"),
    "avoided, trials 81-100": Target(0.6, 0.97, 0.1, LEARNING, "rodents in two-way avoidance", "M"),
    "avoided beyond no learning": Target(0.4, 0.97, 0.1, LEARNING, "the same, which is learned", "M"),
    "reversal 80/20, best arm": Target(0.70, 0.85, 0.05, LEARNING, "two arms, blocks of 50", "H"),
    "reversal 100/0, best arm": Target(0.85, 1.0, 0.05, LEARNING, "two arms, blocks of 50", "H"),
    "three arms, best at trial 15": Target(0.60, 0.78, 0.06, LEARNING, PEOPLE, "C"),
    "three arms, stay after reward": Target(0.80, 0.95, 0.05, LEARNING, PEOPLE, "C"),
    "three arms, stay after none": Target(0.25, 0.47, 0.08, LEARNING, PEOPLE, "C"),
    "four-armed bandit, best arm": Target(0.40, 1.0, 0.05, LEARNING, "≥ QLearning's .40; asked .5", "set"),
    "probabilistic selection, A over B": Target(0.70, 0.85, 0.05, LEARNING, "Frank 2004, training", "H"),
    "hard work chosen": Target(0.75, 1.0, 0.1, LEARNING, "Salamone 1994", "M"),
    "trials omitted": Target(0.0, 0.2, 0.1, LEARNING, "Salamone 1994", "M"),
    "goal of the grid reached": Target(0.64, 1.0, 0.1, LEARNING, "≥ .95 of QLearning's .68", "set"),
    "two crossings, failures, trials 21-30": Target(0.0, 0.25, 0.1, LEARNING, MAIER, "M"),
    "two in 10 s, failures, trials 21-30": Target(0.0, 0.25, 0.1, LEARNING, "as with 30 s, the chance is .99", "set"),
    "three crossings, failures, trials 21-30": Target(0.0, 0.25, 0.1, LEARNING, "as with two", "set"),
    # habenula, dopamine
    "habenula, inhibition over excitation": Target(0.5, 2.0, 0.25, "matsumoto2007", "doi 10.1038/nature05860", "M"),
    "lesion, omission's dip left": Target(0.0, 0.5, 0.1, "tian2015", TIAN, "V"),
    "lesion, air-puff's dip left": Target(0.8, 1.2, 0.1, "tian2015", TIAN, "V"),
    "lesion, air-puff's cue's dip left": Target(0.8, 1.2, 0.1, "tian2015", TIAN, "V"),
    "lesion, reward's burst left": Target(0.5, 0.95, 0.05, "tian2015", "excitation less reliable, but left: sign", "V"),
    "habenula at rest, h 1 over 0": Target(1.05, 3.0, 0.1, "yang2018_bursts", "sign: Li 2011, Yang 2018", "set"),
    "tonic dopamine, h 1 over 0": Target(0.42, 0.58, 0.05, "belujon2014", BELUJON, "V"),
    "tonic dopamine, shocked over naive": Target(0.40, 0.62, 0.06, "belujon2014", BELUJON, "V"),
    "tonic dopamine, h 1 with ketamine": Target(0.92, 1.08, 0.05, "belujon2014", BELUJON, "V"),
    "tonic dopamine, lesion over none": Target(1.03, 1.5, 0.02, "belujon2014", "a lesion raises it: set", "set"),
    # helplessness
    "wu2021 failed, baseline": Target(0.02, 0.18, 0.08, "wu2021", WU, "M"),
    "wu2021 failed, helpless": Target(0.5, 0.8, 0.1, "wu2021", WU, "M", 1.5),
    "wu2021 failed, ketamine": Target(0.12, 0.42, 0.1, "wu2021", WU, "M"),
    "wu2021 eta2, failures": Target(0.65, 0.93, 0.08, "wu2021", WU, "V"),
    "wu2021 r": Target(0.88, 1.0, 0.04, "wu2021", WU, "V"),
    "seligman1967 failures, escapable": Target(1.3, 3.9, 1.0, "seligman1967", SELIGMAN, "H"),
    "seligman1967 failures, naive": Target(1.0, 3.5, 1.0, "seligman1967", SELIGMAN, "H"),
    "seligman1967 failures, yoked": Target(6.0, 8.5, 1.0, "seligman1967", SELIGMAN, "H", 1.5),
    "seligman1967 escapable - naive": Target(-1.2, 1.2, 0.7, "seligman1967", SELIGMAN, "V"),
    "seligman1967 yoked failing 9 of 10": Target(0.5, 0.9, 0.15, "seligman1967", SELIGMAN, "H"),
    "seligman1967 naive failing 9 of 10": Target(0.0, 0.2, 0.08, "seligman1967", SELIGMAN, "H"),
    "seligman1967 yoked, rarer end - middle": Target(0.04, 1.0, 0.05, "seligman1967", SELIGMAN, "H"),
    "immunised, from naive 0 to yoked 1": Target(-0.6, 0.2, 0.1, "immunisation", SELIGMAN, "V", 1.5),
    "immunised at shocks of 6 s": Target(-0.6, 0.35, 0.15, "immunisation", "sign: as above, longer shocks", "set"),
    "yang2018 immobile, healthy": Target(0.25, 0.6, 0.1, "yang2018_rescue", YANG, "set"),
    "yang2018 immobile, helpless - healthy": Target(0.15, 0.6, 0.08, "yang2018_rescue", YANG, "set"),
    "yang2018 immobile, ketamine left": Target(-0.3, 0.25, 0.15, "yang2018_rescue", YANG, "V"),
    "yang2018 immobile, ketamine in health": Target(-0.2, 0.2, 0.1, "yang2018_rescue", YANG, "V"),
    "yang2018 preference, healthy": Target(0.8, 0.99, 0.05, "yang2018_rescue", YANG, "M"),
    "yang2018 preference, healthy - helpless": Target(0.1, 0.4, 0.04, "yang2018_rescue", YANG, "set"),
    "yang2018 preference, ketamine left": Target(-0.3, 0.25, 0.15, "yang2018_rescue", YANG, "V"),
    "yang2018 drinks, healthy": Target(0.8, 1.0, 0.08, LEARNING, "rats drink on most visits", "M"),
    "yang2018 failed, healthy": Target(0.0, 0.15, 0.08, "yang2018_rescue", YANG, "set"),
    "yang2018 failed, helpless - healthy": Target(0.25, 0.8, 0.1, "yang2018_rescue", YANG, "set"),
    "yang2018 failed, ketamine left": Target(-0.3, 0.25, 0.15, "yang2018_rescue", YANG, "V"),
    # graded in hyperactivity: steps of .25
    "graded, largest rise of failures": Target(0.0, 0.45, 0.1, LEARNING, "no step above 25 points per .1: set", "set"),
    "graded, largest fall of failures": Target(-0.01, 0.05, 0.05, LEARNING, "monotone: set", "set"),
    "graded, largest fall of immobility": Target(-0.01, 0.05, 0.05, LEARNING, "monotone: set", "set"),
    "graded, largest rise of pessimism's bias": Target(-1.0, 0.01, 0.01, "pessimism", "monotone: set", "set"),
    # learning under hyperactivity
    "pessimism bias, h 0": Target(-0.04, 0.04, 0.02, "pessimism", "the thesis", "set"),
    "pessimism bias, h 1 - h 0": Target(-0.3, -0.04, 0.02, "pessimism", "the thesis", "set"),
    "response bias, healthy": Target(0.1, 0.35, 0.05, "pizzagalli2008", "Pizzagalli 2005: .1 to .3", "M"),
    "response bias, h 1 - h 0": Target(-0.4, -0.03, 0.03, "pizzagalli2008", PIZZAGALLI, "V"),
    "discriminability, h 1 over h 0": Target(0.9, 1.1, 0.05, "pizzagalli2008", PIZZAGALLI, "V"),
    "discounting's slope, healthy": Target(-0.4, -0.1, 0.05, "stopper2014", STOPPER, "V"),
    "discounting's slope, habenula off": Target(-0.05, 0.05, 0.03, "stopper2014", STOPPER, "V"),
    "equal cost, larger chosen, off over on": Target(0.85, 1.2, 0.08, "stopper2014", STOPPER, "V"),
    "equal cost, larger chosen": Target(0.75, 1.0, 0.05, "stopper2014", STOPPER, "M"),
}
