"""Light on the habenula: Yang et al. 2018.

Where the criterion is stated loosely, the plain reading that is tested stands beside it; it was fixed before the claim
was first run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..analysis import readouts, summary
from ..tasks import ForcedSwim, SucrosePreference
from .depression import YANG
from .verdict import Claim, Criterion, above, at_most, below, require

if TYPE_CHECKING:
    import pandas as pd

LIGHT = ("no_light", "tonic_30", "bursts_30")


def yang2018_pattern(trials: pd.DataFrame) -> list[Criterion]:
    """Bursts evoked in healthy animals raise immobility and lower sucrose preference; as many single spikes do not.

    Read as: a change under bursts against no light, whole interval; a change under tonic light of no more than 25 % of
    that, as "hardly" is read in yang2018_rescue; and a difference between the two patterns, whole interval.
    """
    require(trials, "yang2018_pattern", ["forced_swim", "sucrose"], LIGHT)
    swim = readouts.immobility(trials, ["forced_swim"], task=ForcedSwim())
    bottles = readouts.drinking(trials, ["sucrose"], task=SucrosePreference(free=True))
    return [
        *_patterned("immobility", "immobility", "raise", _by_light(swim, "immobility")),
        *_patterned("preference", "sucrose preference", "lower", _by_light(bottles, "preference")),
    ]


def _by_light(readout: pd.DataFrame, measure: str) -> list[pd.Series]:
    """The values of the three groups by subject, in per cent, in the order of LIGHT."""
    values = 100.0 * readouts.matched(readout, measure, LIGHT)
    return [values[group] for group in LIGHT]


def _patterned(measure: str, name: str, do: str, samples: list[pd.Series]) -> list[Criterion]:
    dark, tonic, bursts = samples
    worse = above if do == "raise" else below
    hardly = summary.compared(lambda d, t, b: np.abs(t - d) / np.abs(b - d), dark, tonic, bursts)
    changed = summary.compared(np.subtract, bursts, dark)
    apart = summary.compared(np.subtract, bursts, tonic)
    of = f"{name} in %"
    return [
        worse(f"{measure}_bursts", f"bursts {do} {name}", f"{of}, bursts - no light", changed),
        at_most(
            f"{measure}_tonic", f"as many single spikes hardly change {name}",
            "size of the change over that under bursts", hardly, 0.25,
        ),
        worse(f"{measure}_pattern", f"bursts {do} it more than single spikes", f"{of}, bursts - tonic", apart),
    ]  # fmt: skip


CLAIMS = (
    Claim(
        "yang2018_pattern", YANG, "Bursts of the habenula make healthy animals despair, as many single spikes do not",
        "yang2018_pattern", yang2018_pattern,
    ),
)  # fmt: skip
