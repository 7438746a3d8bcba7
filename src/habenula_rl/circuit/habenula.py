"""The lateral habenula: what drives it, how fast it fires, how much of it bursts, and what it sends on."""

import numpy as np

from .nonlinearity import logistic, positive, softplus

RATE_SLOPE = 1.5
RATE_OFFSET = 1.0
REST_RATE = softplus(RATE_OFFSET)


def drive(delta: float, punishment: float, worse_gain: float, better_gain: float, punishment_gain: float) -> float:
    """x = κ₋·[-δ]₊ - κ₊·[δ]₊ + κ_p·punishment: LHb input, 0 when all goes as expected (dimensionless).

    Excited by outcomes worse than expected and by punishment, inhibited by better ones
    (Matsumoto & Hikosaka 2007, doi 10.1038/nature05860; 2009, doi 10.1038/nn.2233).
    """
    return worse_gain * positive(-delta) - better_gain * positive(delta) + punishment_gain * punishment


def tonic_rate(x: float) -> float:
    """R(x) = softplus(1.5·x + 1) / softplus(1): firing rate, in resting rates (20-30 spikes/s in monkeys)."""
    return softplus(RATE_SLOPE * x + RATE_OFFSET) / REST_RATE


def burst_share(x: float, hyperactivity: float, nmda: float, threshold: float, slope: float, power: float) -> float:
    """B = m^ν·σ((h + x - θ) / s): share of LHb neurons that burst.

    Hyperactivity h 0 gives 7 %, 1 (congenitally helpless rats) 23 %; bursts need NMDA receptors m
    (Yang et al. 2018, doi 10.1038/nature25509; Cui et al. 2018, doi 10.1038/nature25752). A burst builds on itself, so
    that fewer receptors take away more bursts than their share: ν is above 1 (docs/explanation/neuron.md).
    """
    return bursts_left(nmda, power) * logistic((hyperactivity + x - threshold) / slope)


def bursts_left(channels: float, power: float) -> float:
    """channels^power: share of the bursts that is left with that share of a channel (docs/explanation/neuron.md)."""
    return np.exp(power * np.log(channels)) if channels > 0.0 else 0.0


def driven(bursts: float, light: float) -> float:
    """B + light·(1 - B): share that bursts where light makes a share of all neurons burst (Yang 2018)."""
    return bursts + light * (1.0 - bursts)


def output(x: float, bursts: float, burst_gain: float) -> float:
    """L = R(x) + g_B·B: what the midbrain receives, in resting rates; bursts weigh most (Yang 2018)."""
    return tonic_rate(x) + burst_gain * bursts
