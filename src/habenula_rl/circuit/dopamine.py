"""Midbrain dopamine: the phasic answer to an outcome and the tonic level that the habenula leaves standing."""

from .nonlinearity import logistic, positive

HEALTHY = 0.5


def phasic(delta: float, inhibition: float, habenula_share: float) -> float:
    """D = [δ]₊ - (1 - φ)·[-δ]₊ - φ·inhibition: phasic dopamine, in units of δ.

    `inhibition` is the change of LHb output against rest, scaled so that a healthy δ of -1 gives 1. The rest, 1 - φ,
    of the dip reaches dopamine past the habenula (Tian & Uchida 2015, doi 10.1016/j.neuron.2015.08.028).
    """
    return positive(delta) - (1.0 - habenula_share) * positive(-delta) - habenula_share * inhibition


def tonic(bursts: float, healthy_bursts: float, half: float, slope: float) -> float:
    """T = ½·σ((B½ - B) / s_T) / σ((B½ - B₀) / s_T): tonic level, ½ in health, less the more of the habenula bursts.

    The number of spontaneously active dopamine neurons falls by half in helpless rats, in which B is near B½, and not
    in resistant ones; ketamine restores it within 20 minutes (Belujon & Grace 2014,
    doi 10.1016/j.biopsych.2014.04.014). It saturates below B₀, because other inputs than the habenula keep dopamine
    neurons from firing more than in health.
    """
    return HEALTHY * logistic((half - bursts) / slope) / logistic((half - healthy_bursts) / slope)
