"""What `habenula fit` and `habenula recover` do: a config of data and models, their fits, and tables in a folder."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents import AGENTS, WithChoiceKernel
from ..computing import Lost, Say, code, place
from ..config.problems import ConfigError, Problem, Source
from ..config.yaml_source import read_file
from ..contract import Task
from ..files import as_store_error, replaced
from ..tasks import TASKS
from . import terminal

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ..fitting.prepared import Prepared
    from ..fitting.result import Fit

KEYS = {
    "data": "the file of choices, or a list, or an example's name",
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
CONFUSION = " of models"  # beside models, whose names begin with no space
MODEL = ("agent", "parameters", "values", "kernel", "name")
READING = ("columns", "actions", "states", "missing", "outcomes", "where", "reset")


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
    found = [str(_file(path.parent, name)) for name in files]
    made["data"] = found[0] if isinstance(made["data"], str) else found
    return made


def _file(folder: Path, name: str) -> Path:
    """A file beside the config, or an example data set by its name."""
    from ..fitting.examples import EXAMPLES, example_data

    beside = folder / name
    return example_data(name) if name in EXAMPLES and not beside.exists() else beside


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
    files = data.get("data") or []
    if not all(isinstance(name, str) for name in (files if isinstance(files, list) else [files])):
        yield Problem(("data",), f"data must be the file of choices, or a list, not {files!r}")
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


@dataclass(frozen=True)
class Fitting:
    """Work: a model of the config fitted, as arrays. With `threads` 1 where several processes share the cores."""

    config: Mapping[str, Any]
    threads: int | None

    @cached_property
    def data(self) -> pd.DataFrame:
        from ..fitting.loading import load_choices

        task = self.config["task"]
        reading = {key: self.config[key] for key in READING if key in self.config}
        return load_choices(self.config["data"], task=task if isinstance(task, Task) else None, **reading)

    def prepared(self, name: str) -> Prepared:
        from ..fitting.estimates import checked_point
        from ..fitting.prepared import Prepared

        agent, parameters = self.config["models"][name]
        method = checked_point(self.config.get("method", "map"), "a config of fits")
        given = {key: self.config.get(key) for key in ("priors", "groups", "covariates", "within")}
        return Prepared(
            agent, self.data, self.config["task"], method, parameters, threads=self.threads, reading={}, **given
        )

    def __call__(self, name: str, say: Say) -> dict[str, Any]:
        from ..fitting.estimates import STARTS
        from ..fitting.kept import arrays_of

        return arrays_of(self.prepared(name).found(STARTS, self.config.get("seed", 0)))


@dataclass(frozen=True)
class Recovering:
    """Work: people like those of a fit, simulated and fitted again, as arrays."""

    fits: Mapping[str, Fit]
    config: Mapping[str, Any]
    threads: int | None

    def __call__(self, name: str, say: Say) -> dict[str, Any]:
        from ..fitting.kept import arrays_of
        from ..fitting.recovery import confuse, recover

        task, seed = self.config["task"], self.config.get("seed", 0)
        if name in self.fits:
            return arrays_of(recover(self.fits[name], task, seed=seed, threads=self.threads))
        one = next(iter(self.fits.values())).subjects
        n_trials = int(one["n_choices"].median())
        found = confuse(self.fits, task, n_subjects=min(100, len(one)), n_trials=n_trials, threads=self.threads)
        return {"confusion": found.to_numpy()}


@dataclass(frozen=True)
class Place:
    """Where fits are computed and kept: a folder; so many processes, or a Dask cluster; and who hears of each."""

    folder: Path
    workers: int = 1
    dask: str | None = None
    progress: Callable[[int, int, str], None] = lambda done, total, line: None

    @property
    def threads(self) -> int | None:
        return 1 if self.workers > 1 or self.dask else None

    def results(self, work: Fitting | Recovering, kind: str, keys: Mapping[str, bytes]) -> dict[str, Any]:
        """The arrays of each name: those that are kept in the folder under the same key, and the others computed."""
        found = {name: kept for name, key in keys.items() if (kept := self._kept(kind, name, key)) is not None}
        missing = [name for name in keys if name not in found]
        if found:
            self.progress(len(found), len(keys), f"{kind}: {len(found)} of {len(keys)} were there")

        def keep(name: str, arrays: dict[str, Any]) -> None:
            found[name] = arrays
            path = self._path(kind, name)
            with as_store_error(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                with replaced(path) as file:
                    np.savez(file, key=np.frombuffer(keys[name], np.uint8), **arrays)
            self.progress(len(found), len(keys), "")

        if not self.dask and min(self.workers, len(missing)) <= 1:
            for name in missing:
                keep(name, work(name, lambda *what: None))
            return found
        with place(self.workers, dask=self.dask, said=terminal.say) as compute:
            for name, arrays in compute(work, missing, keep=keep):
                if isinstance(arrays, Lost):
                    raise ValueError(f"{kind} of {name}: {arrays}")
        return found

    def _path(self, kind: str, name: str) -> Path:
        return self.folder / "kept" / f"{kind}_{name.strip()}.npz"

    def _kept(self, kind: str, name: str, key: bytes) -> dict[str, Any] | None:
        try:
            with np.load(self._path(kind, name), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return None
        return arrays if arrays.pop("key", np.empty(0, np.uint8)).tobytes() == key else None


def fitted(config: Mapping[str, Any], at: Place) -> tuple[dict[str, Fit], dict[str, bytes]]:
    """The models fitted to the config's data, and of each the hash of all that its fit depends on."""
    import pandas as pd

    from ..fitting.kept import found_of

    work = Fitting(config, at.threads)
    prepared = {name: work.prepared(name) for name in config["models"]}  # what is wrong is refused before any search
    rows = pd.util.hash_pandas_object(work.data.reset_index(drop=True)).to_numpy().tobytes()
    options = {key: value for key, value in config.items() if key not in ("data", "models")}
    said = repr((sorted(options.items(), key=str), [*work.data.columns], work.data.attrs)).encode()
    keys = {
        name: sha256(b"".join([code(), rows, said, repr(config["models"][name]).encode()])).digest()
        for name in prepared
    }
    found = at.results(work, "fit", keys)
    return {name: one.fit(found_of(found[name])) for name, one in prepared.items()}, keys


def write_fits(config: Mapping[str, Any], at: Place) -> Iterator[str]:
    """Fit all models and write their tables and figures; yields what to print.

    Figures: the correlation of people's estimates, and where there are covariates their effects (a forest), and each
    parameter against each.
    """
    from .. import figures
    from ..fitting.comparison import compare

    folder = at.folder
    fits, _ = fitted(config, at)
    for name, made in fits.items():
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


def write_recoveries(config: Mapping[str, Any], at: Place) -> Iterator[str]:
    """Fit all models, simulate and fit their people again, and write what came of it, with a scatter of true and
    estimated values; of several models, which is found where which one simulated.
    """
    import pandas as pd

    from .. import figures
    from ..fitting.kept import recovery_of
    from ..fitting.recovery import identify

    task, folder = config["task"], at.folder
    if not isinstance(task, Task):
        raise ValueError("recover needs the config's key 'task': what the simulated people do")
    if config.get("within"):
        raise ValueError("recover needs one value of each parameter: leave the key 'within' out of the config")
    fits, keys = fitted(config, at)
    for made in fits.values():
        values = {parameter: float(made.parameters[parameter].median()) for parameter in made.names}
        n_trials = int(made.subjects["n_choices"].median())
        yield repr(identify(made.agent.replace(**values), task, parameters=made.names, n_trials=n_trials))
    if len(fits) > 1:
        keys[CONFUSION] = sha256(b"".join(keys.values())).digest()
    arrays = at.results(Recovering(fits, config, at.threads), "recovery", keys)
    for name in fits:
        found = recovery_of(arrays[name])
        _write(found.table, folder / f"{name}_recovery.csv")
        _write(found.summary, folder / f"{name}_recovery_summary.csv", index=True)
        _draw(figures.recovered(found.table, found.summary), folder / f"{name}_recovery.png")
        yield repr(found)
    if len(fits) > 1:
        names = [*fits]
        confusion = pd.DataFrame(
            arrays[CONFUSION]["confusion"], pd.Index(names, name="simulated"), pd.Index(names, name="chosen")
        )
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
