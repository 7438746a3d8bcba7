"""The striatum: Go and NoGo traces of what an action brought, the preference they give it, and what acting costs."""

from .nonlinearity import positive

MOST = 1e30  # of a weight: far beyond where it has settled every choice, and a number that tables of 32 bits can hold


def preference(go: float, nogo: float, dopamine: float, beta: float) -> float:
    """2β·(T·G - (1 - T)·N): tonic dopamine T tips the balance between the two pathways.

    At T = ½ it is β·(G - N) (Collins & Frank 2014, doi 10.1037/a0037015).
    """
    return 2.0 * beta * (dopamine * go - (1.0 - dopamine) * nogo)


def vigour_cost(dopamine: float, serotonin: float, vigour: float) -> float:
    """v·(1 - T - S): what it costs, in units of preference, to initiate anything; 0 in health, v without either.

    Tonic dopamine stands for the average rate of reward, which is what sloth forgoes (Niv et al. 2007,
    doi 10.1007/s00213-006-0502-4). Serotonin keeps animals at it: raphe stimulation restores struggling in the forced
    swim (Warden et al. 2012, doi 10.1038/nature11617) and persistence in foraging (Lottem et al. 2018,
    doi 10.1038/s41467-018-03438-y), and raphe silence brought about by the habenula brings passivity (Andalman et al.
    2019, doi 10.1016/j.cell.2019.02.037). That they weigh alike is an assumption; docs/explanation/model.md has the
    evidence against.
    """
    return vigour * (1.0 - dopamine - serotonin)


def hebbian(weight: float, evidence: float, rate: float) -> float:
    """G or N after one step of OpAL: [w·(1 + α·evidence)]₊, where evidence is δ for Go and -δ for NoGo.

    Learning in proportion to the weight itself makes Go good at distinguishing good actions and NoGo bad ones (Collins
    & Frank 2014, doi 10.1037/a0037015). A firing rate does not fall below 0, and none grows beyond `MOST`.
    """
    grown = positive(weight * (1.0 + rate * evidence))
    return grown if grown < MOST else MOST + grown * 0.0


def payoff(weight: float, evidence: float, rate: float, slope: float, leak: float) -> float:
    """G or N after one step: [w + α·f(evidence) - leak·w]₊, f(x) = x above 0 and slope·x below.

    Evidence is D for Go and -D for NoGo, so that each error also takes back a part of what the other pathway has
    learned. Where costs and payoffs follow each other, G comes to be the payoff and N the cost of an action (Mikhael &
    Bogacz 2016, doi 10.1371/journal.pcbi.1005062; Möller & Bogacz 2019, doi 10.1371/journal.pcbi.1006285).
    """
    weakened = evidence if evidence > 0.0 else slope * evidence
    return positive(weight + rate * weakened - leak * weight)
