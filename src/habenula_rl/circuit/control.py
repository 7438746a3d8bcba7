"""Control: how much acting changes the odds of relief, and what stress without it does to the habenula."""

import numpy as np

from .nonlinearity import positive


def relief(aversive: float, punishment: float) -> float:
    """[1 - punishment/aversive]₊: the fraction of what hurt (`aversive`, above 0) that has gone one step later, 0 to 1.

    Written so that it stays finite however little hurt.
    """
    return positive(aversive - punishment) / aversive


def memory(tried: float, stake: float, rate: float) -> float:
    """How much experience a belief about relief rests on after one more step, at most 1/rate steps at full stake."""
    more = tried + stake
    return more if rate * more < 1.0 else more * 0.0 + 1.0 / rate


def contingency(relief_active: float, tried_active: float, relief_passive: float, tried_passive: float) -> float:
    """[P(relief | act) - P(relief | no act) - s]₊: control, above what chance alone may bring about.

    The contingency by which Seligman & Maier (1967, doi 10.1037/h0024514) defined control, less its standard error s,
    with half an observation added on either side of each: what is not sure is not counted, so that estimates are too
    low, as people's are after stress (Ligneul et al. 2022, doi 10.1038/s41562-022-01306-w).
    """
    variance = _variance(relief_active, tried_active) + _variance(relief_passive, tried_passive)
    return positive(relief_active - relief_passive - np.sqrt(variance))


def _variance(fraction: float, tried: float) -> float:
    """Of a fraction that was found in so many tries."""
    likely = (fraction * tried + 0.5) / (tried + 1.0)
    return likely * (1.0 - likely) / (tried + 1.0)


def control(belief: float, found: float, loss: float) -> float:
    """Ω after one more step: at once what is found where that is more, else down to it by the fraction `loss`, 0 to 1.

    Learned fast and forgotten slowly, so that it outlasts what contradicts it (Maier & Seligman 2016,
    doi 10.1037/rev0000033).
    """
    return found if found > belief else belief + loss * (found - belief)


def sensitised(
    hyperactivity: float, bursts: float, control: float, stress: float, rate: float, ceiling: float
) -> float:
    """h after one second of stress without control: h + η·stress·B·(1 - Ω)²·[h_max - h]₊.

    Stress potentiates the habenula's excitatory inputs in proportion to its own activity (Li et al. 2011,
    doi 10.1038/nature09742; Li et al. 2013, doi 10.1126/science.1240729).
    """
    lack = (1.0 - control) * (1.0 - control)
    return hyperactivity + rate * stress * bursts * lack * positive(ceiling - hyperactivity)


def recovered(hyperactivity: float, trait: float, days: float, time_constant: float) -> float:
    """h after that many days of rest: what stress added to the trait decays with the time constant (days).

    Helplessness by one session of shock is there after a day and gone within some (Overmier & Seligman 1967,
    doi 10.1037/h0024166; Maier 2001, doi 10.1016/S0006-3223(00)01095-7).
    """
    return trait + (hyperactivity - trait) * np.exp(-days / time_constant)  # type: ignore[no-any-return]
