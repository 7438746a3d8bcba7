"""What `habenula fit` and `habenula recover` do: a config of data and models, their fits, and tables in a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..agents import AGENTS, WithChoiceKernel
from ..config.problems import ConfigError, Problem, Source
from ..config.yaml_source import read_file
from ..contract import Task
from ..files import as_store_error, replaced
from ..tasks import TASKS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ..fitting.result import Fit

KEYS = {
    "data": "the file of choices, or a list",
    "models": "agents by name, or {agent, parameters, values, kernel}",
    "columns": "as in load_choices",
    "actions": "as in load_choices",
    "states": "as in load_choices",
    "missing": "as in load_choices",
    "outcomes": "as in load_choices",
    "where": "as in load_choices",
    "reset": "as in load_choices",
    "task": "a task by name, or {name, and its parameters}, or plain",
    "method": "as in fit",
    "priors": "as in fit",
    "groups": "as in fit",
    "covariates": "as in fit",
    "within": "as in fit",
    "seed": "as in fit",
}
MODEL = ("agent", "parameters", "values", "kernel", "name")
READING = ("columns", "actions", "states", "missing", "outcomes", "where", "reset")
FITTING = ("method", "priors", "groups", "covariates", "within", "seed")


def read_fit_config(path: Path) -> dict[str, Any]:
    """The config's data, `models` as {name: (agent, names of parameters or None)} and `task` as a task.

    Raises ConfigError with file, line and column of everything that is wrong with its keys and names.
    """
    source = read_file(path)
    if error := source.error(_wrong(source)):
        raise error
    made = dict(source.data)
    try:
        made["task"] = _task(made.get("task"))
        models = [_model(model) for model in made["models"]]
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from None
    names = [name for name, *_ in models]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"{path}: models has '{twice}' twice; give one of them another `name`")
    made["models"] = {name: (agent, parameters) for name, agent, parameters in models}
    files = [made["data"]] if isinstance(made["data"], str) else made["data"]
    found = [str(path.parent / name) for name in files]
    made["data"] = found[0] if isinstance(made["data"], str) else found
    return made


def _wrong(source: Source) -> Iterator[Problem]:
    data = source.data
    if not isinstance(data, Mapping):
        yield Problem((), f"must have the keys {', '.join(list(KEYS)[:2])}, as a config of a fit has")
        return
    for key in data:
        if key not in KEYS:
            yield Problem((key,), f"unknown key '{key}'", True, str(key), tuple(KEYS))
    for key in ("data", "models"):
        if not data.get(key):
            yield Problem((), f"needs the key '{key}': {KEYS[key]}")
    if not isinstance(data.get("models") or [], list):
        yield Problem(("models",), "models must be a list")
        return
    for k, model in enumerate(data.get("models") or []):
        where = ("models", k)
        if isinstance(model, Mapping):
            for key in model:
                if key not in MODEL:
                    yield Problem((*where, key), f"unknown key '{key}'", True, str(key), MODEL)
        name = model.get("agent") if isinstance(model, Mapping) else model
        if name not in AGENTS:
            yield Problem(where, f"there is no agent '{name}'", False, str(name), tuple(AGENTS))
    task = data.get("task")
    name = task.get("name") if isinstance(task, Mapping) else task
    if task is not None and name != "plain" and name not in TASKS:
        yield Problem(("task",), f"there is no task '{name}'", False, str(name), tuple(TASKS))


def _task(said: Any) -> Any:
    if said is None or said == "plain":
        return said
    values = dict(said) if isinstance(said, Mapping) else {"name": said}
    return TASKS[values.pop("name")](**values)


def _model(said: Any) -> tuple[str, Any, Any]:
    model = dict(said) if isinstance(said, Mapping) else {"agent": said}
    kind: Any = AGENTS[model["agent"]]
    kind = WithChoiceKernel(kind) if model.get("kernel") else kind
    return str(model.get("name", kind.__name__)), kind(**model.get("values", {})), model.get("parameters")


def fitted(config: Mapping[str, Any]) -> Iterator[tuple[str, Fit]]:
    """The models one after the other, fitted to the config's data."""
    from ..fitting.estimates import checked_point, fit
    from ..fitting.loading import load_choices

    task = config["task"]
    reading = {key: config[key] for key in READING if key in config}
    data = load_choices(config["data"], task=task if isinstance(task, Task) else None, **reading)
    options = {key: config[key] for key in FITTING if key in config}
    checked_point(options.get("method", "map"), "a config of fits")
    for name, (agent, parameters) in config["models"].items():
        yield name, fit(agent, data, task, parameters=parameters, **options)


def write_fits(config: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Fit all models and write their tables and figures; yields what to print as it goes.

    Figures: the correlation of people's estimates, and where there are covariates their effects (a forest), and each
    parameter against each.
    """
    from .. import figures
    from ..fitting.comparison import compare

    fits: dict[str, Fit] = {}
    for name, made in fitted(config):
        fits[name] = made
        for part in ("table", "subjects", "group", "priors"):
            table: pd.DataFrame = getattr(made, part)
            if len(table):
                _write(table, folder / f"{name}_{part}.csv", index=part == "subjects")
        if len(made.names) > 1:
            correlations = made.parameters.corr()
            _draw(figures.correlated(correlations, "correlation of estimates"), folder / f"{name}_correlation.png")
        if len(made.covariates.columns):
            effects = made.group[made.group["term"].isin(made.covariates.columns)]
            _draw(figures.forest(effects), folder / f"{name}_effects.png")
        for score in made.covariates:
            curves = {parameter: made.effect(parameter, str(score)) for parameter in made.names}
            drawn = figures.against(made.parameters.join(made.covariates), curves, str(score))
            _draw(drawn, folder / f"{name}_{score}.png")
        yield repr(made)
    compared = compare(fits, seed=config.get("seed", 0))
    _write(compared.table, folder / "comparison.csv")
    yield repr(compared)


def write_recoveries(config: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Fit all models, simulate and fit their people again, and write what came of it, with a scatter of true and
    estimated values; of several models, which is found where which one simulated.
    """
    from .. import figures
    from ..fitting.recovery import confuse, identify, recover

    task = config["task"]
    if not isinstance(task, Task):
        raise ValueError("recover needs the config's key 'task': what the simulated people do")
    fits: dict[str, Fit] = {}
    for name, made in fitted(config):
        fits[name] = made
        middle = made.agent.replace(
            **{parameter: float(made.parameters[parameter].median()) for parameter in made.names}
        )
        yield repr(identify(middle, task, parameters=made.names, n_trials=int(made.subjects["n_choices"].median())))
        found = recover(made, task, seed=config.get("seed", 0))
        _write(found.table, folder / f"{name}_recovery.csv")
        _write(found.summary, folder / f"{name}_recovery_summary.csv", index=True)
        _draw(figures.recovered(found.table, found.summary), folder / f"{name}_recovery.png")
        yield repr(found)
    if len(fits) > 1:
        people = int(next(iter(fits.values())).subjects["n_choices"].median())
        confusion = confuse(fits, task, n_subjects=min(100, len(made.subjects)), n_trials=people)
        _write(confusion, folder / "confusion.csv", index=True)
        _draw(figures.confused(confusion), folder / "confusion.png")
        yield f"which model is chosen where which simulated (fraction of people)\n{confusion.round(2)}"


def _write(table: pd.DataFrame, path: Path, index: bool = False) -> None:
    with as_store_error(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as file:
            file.write(table.to_csv(index=index).encode())


def _draw(figure: Figure, path: Path) -> None:
    with as_store_error(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as file:
            figure.savefig(file, format="png", dpi=200)
