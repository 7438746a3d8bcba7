"""The dorsal raphe: tonic serotonin, and the readiness to act under adversity that it carries."""

from . import dopamine
from .nonlinearity import positive


def tonic(bursts: float, healthy_bursts: float, half: float, slope: float) -> float:
    """S: tonic serotonin, ½ in health, of the form of tonic dopamine.

    The habenula reaches the raphe through the same GABA neurons and directly (Amo et al. 2014,
    doi 10.1016/j.neuron.2014.10.035; Andalman et al. 2019, doi 10.1016/j.cell.2019.02.037).
    """
    return dopamine.tonic(bursts, healthy_bursts, half, slope)


def pavlovian_pull(value: float, control: float, serotonin: float, gain: float) -> float:
    """π·(1 - Ω)·([V]₊ - 2·(1 - S)·[-V]₊): what the state itself does to the readiness to act, in units of preference.

    Good prospects invigorate and bad ones paralyse (Guitart-Masip et al. 2012, doi 10.1016/j.neuroimage.2012.04.024);
    control over the outcome silences both (Dorfman & Gershman 2019, doi 10.1038/s41467-019-13737-7). Serotonin holds
    the paralysis down: raphe stimulation restores struggling in the forced swim (Warden et al. 2012,
    doi 10.1038/nature11617) and habenula-driven raphe silence brings passivity (Andalman 2019);
    docs/explanation/model.md has the evidence against. In health 2·(1 - S) is 1.
    """
    return gain * (1.0 - control) * (positive(value) - 2.0 * (1.0 - serotonin) * positive(-value))
