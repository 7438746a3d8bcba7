"""The dorsal raphe: the readiness to act that prospects bring by themselves, and serotonin's part in it."""

from .nonlinearity import positive


def pavlovian_pull(value: float, control: float, serotonin: float, gain: float) -> float:
    """π·(1 - Ω)·v·(1 where v > 0, else 2·(1 - S)), v = V / (1 + |V|): what the state itself does to readiness.

    In units of preference. Good prospects invigorate and bad ones paralyse (Guitart-Masip et al. 2012,
    doi 10.1016/j.neuroimage.2012.04.024), never by more than π, 2π without serotonin; control over the outcome silences
    both (Dorfman & Gershman 2019, doi 10.1038/s41467-019-13737-7). Serotonin holds the paralysis down: raphe
    stimulation restores struggling in the forced swim (Warden et al. 2012, doi 10.1038/nature11617) and habenula-driven
    raphe silence brings passivity (Andalman et al. 2019, doi 10.1016/j.cell.2019.02.037); docs/explanation/model.md has
    the evidence against. In health 2·(1 - S) is 1.
    """
    bounded = value / (1.0 + positive(value) + positive(-value))
    return gain * (1.0 - control) * (positive(bounded) - 2.0 * (1.0 - serotonin) * positive(-bounded))
