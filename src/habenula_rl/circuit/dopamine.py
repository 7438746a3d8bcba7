"""Midbrain dopamine: the phasic answer to an outcome and the tonic level that the habenula leaves standing."""

import numpy as np

from .nonlinearity import logistic, positive

HEALTHY = 0.5


def dip(delta: float, inhibition: float, habenula_share: float) -> float:
    """(1 - φ)·[-δ]₊ + φ·[inhibition]₊: how far dopamine dips, in units of δ.

    `inhibition` is the change of LHb output against rest, scaled so that a healthy δ of -½ gives ½. The rest, 1 - φ,
    of the dip reaches dopamine past the habenula (Tian & Uchida 2015, doi 10.1016/j.neuron.2015.08.028).
    """
    return (1.0 - habenula_share) * positive(-delta) + habenula_share * positive(inhibition)


def burst(delta: float, release: float, habenula_share: float, tonic: float) -> float:
    """2T·((1 - φ₊)·[δ]₊ + φ₊·[release]₊): how far dopamine bursts, in units of δ.

    `release` is the fall of LHb output below rest, scaled so that a healthy δ of ½ gives ½: a habenula that falls
    silent disinhibits dopamine neurons (Matsumoto & Hikosaka 2007, doi 10.1038/nature05860). Only neurons that are
    spontaneously active can be driven to burst, so the size goes with their number, the tonic level T (Lodge & Grace
    2006, doi 10.1038/sj.npp.1300963).
    """
    return tonic / HEALTHY * ((1.0 - habenula_share) * positive(delta) + habenula_share * positive(release))


def utility(outcome: float) -> float:
    """u(r) = r where |r| ≤ 1, and beyond it sign(r)·(1 + ln|r|): what an outcome is worth.

    Dopamine neurons answer to utility, which grows ever less with size (Stauffer et al. 2014,
    doi 10.1016/j.cub.2014.08.064); outcomes of this package's studies are at most 1.
    """
    size = positive(outcome) + positive(-outcome)
    if size > 1.0:
        return (1.0 + np.log(size)) * (outcome / size)  # type: ignore[no-any-return]
    return outcome


def largest(before: float, worth: float) -> float:
    """The largest |u| met so far. Dopamine neurons adapt to the range of outcomes: what counts is u over the largest.

    Tobler et al. 2005 (doi 10.1126/science.1105370).
    """
    size = positive(worth) + positive(-worth)
    return size if size > before else before


def harm(hurts: float, future: float, delta: float) -> float:
    """The larger of `hurts` and [-γ·V(s')]₊ / [-δ]₊, at most 1: what hurts, or how much of a dip announces a loss.

    An omission has none of it. A lesion of the habenula spares the dip by an air-puff and by its cue (Tian & Uchida
    2015, doi 10.1016/j.neuron.2015.08.028).
    """
    threat, dipped = positive(-future), positive(-delta)
    announced = threat / dipped if threat < dipped else 1.0 + threat * 0.0
    return hurts if hurts > announced else announced


def tonic(bursts: float, healthy_bursts: float, half: float, slope: float, floor: float) -> float:
    """T = ½·(f + (1 - f)·σ((B½ - B) / s_T) / σ((B½ - B₀) / s_T)): ½ in health, less the more of the habenula bursts.

    The number of spontaneously active dopamine neurons falls by half in helpless rats and not in resistant ones;
    ketamine restores it within 20 minutes (Belujon & Grace 2014, doi 10.1016/j.biopsych.2014.04.014). It saturates on
    both sides: other inputs than the habenula keep dopamine neurons from firing much more than in health, and keep the
    fraction f of them firing however much of it bursts.
    """
    spared = logistic((half - bursts) / slope) / logistic((half - healthy_bursts) / slope)
    return HEALTHY * (floor + (1.0 - floor) * spared)
