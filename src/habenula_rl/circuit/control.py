"""Control: how much acting changes the odds of relief, and what stress without it does to the habenula."""

from .nonlinearity import positive


def relief(aversive: float, punishment: float) -> float:
    """[1 - punishment/aversive]₊: the share of what hurt (`aversive`, above 0) that has gone one step later, 0 to 1.

    Written so that it stays finite however little hurt.
    """
    return positive(aversive - punishment) / aversive


def expected_relief(expected: float, relieved: float, rate: float) -> float:
    """P(relief | act) or P(relief | no act) after one more step, by a delta rule."""
    return expected + rate * (relieved - expected)


def control(belief: float, relief_active: float, relief_passive: float, gain_rate: float, loss_rate: float) -> float:
    """Ω after one more step: it approaches |P(relief | act) - P(relief | no act)|.

    Up at `gain_rate`, down at `loss_rate`, both 0 to 1 a step.

    The contingency by which Seligman & Maier (1967) defined control; learned fast and forgotten slowly, so that it
    outlasts what contradicts it (Maier & Seligman 2016, doi 10.1037/rev0000033).
    """
    difference = relief_active - relief_passive
    contingency = difference if difference > 0 else -difference
    rate = gain_rate if contingency > belief else loss_rate
    return belief + rate * (contingency - belief)


def sensitised(
    hyperactivity: float, bursts: float, control: float, stress: float, rate: float, ceiling: float
) -> float:
    """h after one second of stress without control: h + η·stress·B·(1 - Ω)·[h_max - h]₊.

    Stress potentiates the habenula's excitatory inputs in proportion to its own activity (Li et al. 2011,
    doi 10.1038/nature09742; Li et al. 2013, doi 10.1126/science.1240729).
    """
    return hyperactivity + rate * stress * bursts * (1.0 - control) * positive(ceiling - hyperactivity)
