"""The lateral habenula: what drives it, how fast it fires, how much of it bursts, and what it sends on."""

import numpy as np

from .nonlinearity import logistic, softplus

RATE_SLOPE = 1.5
RATE_OFFSET = 1.0
REST_RATE = softplus(RATE_OFFSET)


def drive(delta: float, gain: float) -> float:
    """x = -κ·δ: LHb input, 0 when all goes as expected (dimensionless).

    Excited by outcomes worse than expected and inhibited by better ones alike (Matsumoto & Hikosaka 2007,
    doi 10.1038/nature05860); the firing rate, which cannot fall below 0, makes the inhibition the smaller of the two.
    What hurts counts as far as it is worse than expected (2009, doi 10.1038/nn.2233).
    """
    return -gain * delta


def tonic_rate(x: float) -> float:
    """R(x) = softplus(1.5·x + 1) / softplus(1): firing rate, in resting rates (20-30 spikes/s in monkeys)."""
    return softplus(RATE_SLOPE * x + RATE_OFFSET) / REST_RATE


def burst_share(x: float, hyperactivity: float, nmda: float, threshold: float, slope: float, power: float) -> float:
    """B = m^ν·σ((h + x - θ) / s): fraction of LHb neurons that burst.

    With the agent's threshold and slope, fitted to the neurons, h = 0 gives 9.5 % and h = 1 (congenitally helpless
    rats) 22 %, where 7 and 23 % were recorded; bursts need NMDA receptors m (Yang et al. 2018,
    doi 10.1038/nature25509; Cui et al. 2018, doi 10.1038/nature25752). A burst builds on itself, so that fewer
    receptors take away more bursts than in proportion: ν is above 1 (docs/explanation/neuron.md).
    """
    return bursts_left(nmda, power) * logistic((hyperactivity + x - threshold) / slope)


def bursts_left(channels: float, power: float) -> float:
    """channels^power: fraction of the bursts left with that fraction of a channel (docs/explanation/neuron.md)."""
    return np.exp(power * np.log(channels)) if channels > 0.0 else 0.0


def driven(bursts: float, light: float) -> float:
    """B + light·(1 - B): fraction that bursts where light makes a fraction of all neurons burst (Yang 2018)."""
    return bursts + light * (1.0 - bursts)


def output(x: float, bursts: float, burst_gain: float) -> float:
    """L = R(x) + g_B·B: what the midbrain receives, in resting rates; bursts weigh most (Yang 2018)."""
    return tonic_rate(x) + burst_gain * bursts
