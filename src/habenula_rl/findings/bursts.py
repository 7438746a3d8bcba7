"""Why the habenula bursts: Yang et al. 2018 and Cui et al. 2018, in neurons and in the agent's burst share alike.

Where the finding is stated loosely, the plain reading that is tested stands beside it; all were fixed before the claims
were first run. The tables of docs/neuron.md were known by then: bursting over Kir4.1 to 1.7^1.67, and over NMDA block.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import neurons, readouts, statistics, summary
from ..agents.habenula import HabenulaAgent, bursts_at
from ..statistics import Estimate
from .depression import YANG
from .verdict import Claim, Part, above, at_least, at_most, below, require, within

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
HEALTHY, LESS, MORE = "healthy", "kir_loss", "kir_more"
BLOCKS = {"nmda": "kir_more_nmda_block", "t_type": "kir_more_t_type_block"}
CHANNELS = {"kir41": "Kir4.1", "nmda": "NMDA receptors", "t_type": "T-type channels"}
NEAR_ZERO = 0.1  # of the bursts without a block
ALIKE = 5.0  # percentage points of all neurons
STRESSED = 2.5  # hyperactivity: stress drives it to 2.44


def yang2018_bursts(trials: pd.DataFrame) -> list[Part]:
    """Under 10 % bursting in health, 2 to 3 times that in helpless animals, near zero under NMDA or T-type block.

    Neurons and agents alike: both are asked. Helpless is the Kir4.1 that hyperactivity 1 stands for; blocks are those
    of slices, of all channels. Near zero is read as at most a tenth of the bursts without the block; "leaves tonic
    spiking" as no fewer tonic neurons than before. "Alike" is also asked of every degree of Kir4.1 (hyperactivity -1
    to 2.5, a little beyond where stress drives it at most) and of block: agent and neurons within 5 percentage points.
    """
    require(trials, "burst_mechanism", ["rest"], [HEALTHY, MORE, *BLOCKS.values()])
    cells = neurons.manipulated(seed=_seed(trials))
    rest = readouts.at_rest(trials, ["burst"], ["rest"])
    agents = 100.0 * readouts.matched(rest, "burst", [HEALTHY, MORE, *BLOCKS.values()])
    return [
        *_shares("neurons", _bursting(cells)),
        *(_tonic(name, cells) for name in BLOCKS),
        *_shares("agents", agents),
        *(_alike(name, cells) for name in CHANNELS),
    ]


def _seed(trials: pd.DataFrame) -> int:
    """The seed of the run that the trials are from; 0 for trials of no run."""
    return int(trials.attrs.get("seed", 0))


def _of(cells: pd.DataFrame, parameter: str, value: float, kind: str = "bursting") -> Array:
    """100 for each cell of that kind, 0 for another."""
    rows = cells[(cells["parameter"] == parameter) & np.isclose(cells["value"], value)]
    found: Array = 100.0 * (rows["kind"] == kind).to_numpy()
    return found


def _bursting(cells: pd.DataFrame) -> pd.DataFrame:
    """The neurons' samples by the names of the agents' groups: the same neurons in all of them."""
    import pandas as pd

    kir = {HEALTHY: _of(cells, "kir41", 1.0), MORE: _of(cells, "kir41", neurons.HELPLESS_KIR41)}
    return pd.DataFrame(kir | {group: _of(cells, name, 0.0) for name, group in BLOCKS.items()})


def _shares(who: str, samples: pd.DataFrame) -> list[Part]:
    healthy = statistics.mean_interval(samples[HEALTHY])
    times = summary.compared(np.divide, samples[MORE], samples[HEALTHY])
    parts = [
        at_most(f"{who}_healthy", f"few neurons burst in health ({who})", "bursting neurons in %", healthy, 10.0),
        within(f"{who}_helpless", f"2-3 times as many in helpless animals ({who})", "helpless / healthy", times, 2, 3),
    ]
    for name, group in BLOCKS.items():
        left = summary.compared(np.divide, samples[group], samples[MORE])
        claim = f"hardly any without {CHANNELS[name]} ({who})"
        parts.append(at_most(f"{who}_{name}", claim, "share of the bursts that is left", left, NEAR_ZERO))
    return parts


def _tonic(name: str, cells: pd.DataFrame) -> Part:
    free, blocked = _of(cells, "kir41", neurons.HELPLESS_KIR41, "tonic"), _of(cells, name, 0.0, "tonic")
    found = statistics.contrast(lambda mean: mean[..., 1] / mean[..., 0], np.stack([free, blocked], axis=1))
    claim = f"without {CHANNELS[name]} neurons spike on, one by one"
    return at_least(f"neurons_{name}_tonic", claim, "tonic neurons, blocked / not blocked", found, 1.0)


def _alike(name: str, cells: pd.DataFrame) -> Part:
    """The cells are the same under all values, so they are resampled as wholes."""
    values = [v for v in neurons.VARIED[name] if name != "kir41" or neurons.hyperactivity(v) < STRESSED + 0.01]
    shares = np.stack([_of(cells, name, value) for value in values], axis=1)
    agents = np.array([agents_share(name, value) for value in values])
    found = statistics.contrast(lambda mean: np.abs(mean - agents).max(axis=-1), shares)
    claim = f"the agent's burst share follows the neurons over {CHANNELS[name]}"
    return at_most(f"alike_{name}", claim, "largest difference in % of all neurons", found, ALIKE)


def agents_share(name: str, value: float) -> float:
    """Bursting neurons (%) at rest by the agent's equation: `name` and `value` as in `neurons.manipulated`."""
    healthy = name == "kir41"
    h = neurons.hyperactivity(value) if healthy else 1.0
    agent = HabenulaAgent() if healthy else HabenulaAgent().replace(**{name: value})
    return 100.0 * bursts_at(agent, SimpleNamespace(hyperactivity=h), 0.0)


def cui2018(trials: pd.DataFrame) -> list[Part]:
    """More Kir4.1: hyperpolarised, more bursts, more failures; less Kir4.1: the reverse at each of the three.

    Each is read as a difference from healthy, whole interval. Potential (at rest, spikes blocked) and bursts are those
    of the neurons, each against itself; failures are those of animals whose hyperactivity is that Kir4.1's. Of the
    potential only the sign is asked: the paper's abstract says that Kir4.1 regulates the degree of hyperpolarisation
    and gives no number; the recordings in its figures were not at hand. The neurons' change is 4 mV in the mean,
    1 mV in most.
    """
    groups = (HEALTHY, LESS, MORE)
    require(trials, "burst_mechanism", ["shuttle"], groups)
    failed = readouts.matched(readouts.escapes(trials, ["shuttle"]), "failed", groups)
    seed, kir = (
        _seed(trials),
        dict(zip(groups, (1.0, 1.0 / neurons.HELPLESS_KIR41, neurons.HELPLESS_KIR41), strict=True)),
    )
    cells = neurons.manipulated(seed=seed)
    bursts = {group: _of(cells, "kir41", value) for group, value in kir.items()}
    n = len(bursts[HEALTHY])
    rest = {g: neurons.at_rest(neurons.HabenulaNeurons(kir41=k), n, seed)["rest_mv"].to_numpy() for g, k in kir.items()}
    return [*_step("more", MORE, rest, bursts, failed), *_step("less", LESS, rest, bursts, failed)]


def _step(name: str, group: str, rest: dict[str, Array], bursts: dict[str, Array], failed: pd.DataFrame) -> list[Part]:
    """`above` and `below` as they are for more Kir4.1, and the other way round for less."""
    up, down = (above, below) if name == "more" else (below, above)
    of = f"{name} Kir4.1 - healthy"
    potential = statistics.mean_interval(rest[group] - rest[HEALTHY])
    share: Estimate = statistics.mean_interval(bursts[group] - bursts[HEALTHY])
    failures = summary.compared(np.subtract, 100.0 * failed[group], 100.0 * failed[HEALTHY])
    words = {"more": ("hyperpolarises neurons", "more"), "less": ("depolarises neurons", "less")}[name]
    return [
        down(f"{name}_potential", f"{name} Kir4.1 {words[0]}", f"potential at rest in mV, {of}", potential),
        up(f"{name}_bursts", f"{words[1]} of them burst", f"bursting neurons in %, {of}", share),
        up(f"{name}_failures", f"animals fail {words[1]} to escape", f"failures in % of trials, {of}", failures),
    ]


CUI = (
    "Cui Y, Yang Y, Ni Z, Dong Y, Cai G, Foncelle A, Ma S, Sang K, Tang S, Li Y, Shen Y, Berry H, Wu S, Hu H (2018) "
    "Astroglial Kir4.1 in the lateral habenula drives neuronal bursts in depression. Nature 554:323-327, "
    "doi 10.1038/nature25752"
)
CLAIMS = (
    Claim(
        "yang2018_bursts", YANG, "Few neurons burst in health, more in helplessness, none without their channels",
        "burst_mechanism", yang2018_bursts,
    ),
    Claim("cui2018", CUI, "Kir4.1 makes the habenula burst and the animal fail", "burst_mechanism", cui2018),
)  # fmt: skip
