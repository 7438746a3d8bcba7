"""Reinforcement learning models of the lateral habenula, of helplessness, and of its reversal by ketamine.

Importing this package imports nothing heavy: each public name is loaded when it is first used. Its environments are
registered with Gymnasium now, or, where Gymnasium has not been imported yet, as soon as it is.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from . import imported_at as _imported_at  # noqa: F401  first of all
from .environments import import_hook

if TYPE_CHECKING:
    from . import agents, figures, findings, interventions, neurons, report, tasks
    from .agents import HabenulaAgent
    from .analysis import readouts, statistics, summary
    from .engine.live import LiveAgent, LiveAgents
    from .engine.population import Run, simulate
    from .environments.binning import Binned, BinnedVector
    from .environments.gymnasium_task import Environment
    from .environments.rendering import RenderSignals, Watched
    from .experiment.results import Study, load, sweep
    from .experiment.run import run
    from .fitting.comparison import compare, held_out
    from .fitting.estimates import fit
    from .fitting.examples import example_data
    from .fitting.likelihood import Likelihood, log_likelihood, log_likelihood_gradient
    from .fitting.loading import load_choices
    from .fitting.predictive import posterior_predictive
    from .fitting.recovery import confuse, identify, recover
    from .fitting.sampling import sample
    from .fitting.saving import save_choices
    from .fitting.signals import signals, to_bids_regressors
    from .interventions import Ketamine, Lesion, Vehicle, given
    from .registry import register

    __version__: str

__all__ = [
    "Binned",
    "BinnedVector",
    "Environment",
    "HabenulaAgent",
    "Ketamine",
    "Lesion",
    "Likelihood",
    "LiveAgent",
    "LiveAgents",
    "RenderSignals",
    "Run",
    "Study",
    "Vehicle",
    "Watched",
    "__version__",
    "agents",
    "compare",
    "confuse",
    "example_data",
    "figures",
    "findings",
    "fit",
    "given",
    "held_out",
    "identify",
    "interventions",
    "load",
    "load_choices",
    "log_likelihood",
    "log_likelihood_gradient",
    "neurons",
    "posterior_predictive",
    "readouts",
    "recover",
    "register",
    "report",
    "run",
    "sample",
    "save_choices",
    "signals",
    "simulate",
    "statistics",
    "summary",
    "sweep",
    "tasks",
    "to_bids_regressors",
]

_HOMES = {
    "Binned": "environments.binning",
    "BinnedVector": "environments.binning",
    "Environment": "environments.gymnasium_task",
    "HabenulaAgent": "agents",
    "Ketamine": "interventions",
    "Lesion": "interventions",
    "Likelihood": "fitting.likelihood",
    "LiveAgent": "engine.live",
    "LiveAgents": "engine.live",
    "Run": "engine.population",
    "Vehicle": "interventions",
    "RenderSignals": "environments.rendering",
    "Watched": "environments.rendering",
    "compare": "fitting.comparison",
    "confuse": "fitting.recovery",
    "example_data": "fitting.examples",
    "fit": "fitting.estimates",
    "given": "interventions",
    "held_out": "fitting.comparison",
    "identify": "fitting.recovery",
    "Study": "experiment.results",
    "load": "experiment.results",
    "sweep": "experiment.results",
    "load_choices": "fitting.loading",
    "log_likelihood": "fitting.likelihood",
    "log_likelihood_gradient": "fitting.likelihood",
    "posterior_predictive": "fitting.predictive",
    "recover": "fitting.recovery",
    "register": "registry",
    "run": "experiment.run",
    "sample": "fitting.sampling",
    "save_choices": "fitting.saving",
    "signals": "fitting.signals",
    "simulate": "engine.population",
    "to_bids_regressors": "fitting.signals",
}
_PARTS = {name: f"analysis.{name}" for name in ("readouts", "statistics", "summary")}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    if name == "__version__":
        value: Any = importlib.import_module(".experiment.provenance", __name__).version()
    elif name in _HOMES:
        value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    else:
        value = importlib.import_module(f".{_PARTS.get(name, name)}", __name__)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """What is public: tab completion offers nothing else."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


import_hook.register_environments()
