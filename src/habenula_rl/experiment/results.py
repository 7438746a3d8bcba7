"""What a finished run has left behind, and sweeps and whole studies in one call of Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config.from_python import written
from ..config.study import Study as StudyConfig
from ..config.study import load_study
from ..files import inside
from .bucket import fetched, is_address
from .manifest import load_manifest
from .recorded import load_subjects, load_trials
from .run import run

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Results:
    """A finished run's folder: `manifest`, `config`, and its tables, each read and checked when it is asked for."""

    folder: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What was run, when, and with what."""
        return load_manifest(self.folder)

    @property
    def config(self) -> dict[str, Any]:
        """The config with every default filled in."""
        return dict(self.manifest["config"])

    @cached_property
    def trials(self) -> pd.DataFrame:
        """One row a step. Raises ValueError where the study recorded none."""
        return load_trials(self.folder)

    @cached_property
    def subjects(self) -> pd.DataFrame:
        """One row a group, subject and phase."""
        return load_subjects(self.folder)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """The table behind the figure. Raises ValueError where the run made none."""
        import io

        import pandas as pd

        from .store import read_verified

        entry = self.manifest["tables"].get("summary.csv")
        if entry is None:
            raise ValueError(f"{self.folder} holds no summary.csv: the run made none")
        return pd.read_csv(io.BytesIO(read_verified(inside(self.folder, "summary.csv"), entry["sha256"])))

    def __repr__(self) -> str:
        groups, phases = self.config["groups"], self.config["phases"]
        counts = [f"{len(n)} {what}{'s' if len(n) != 1 else ''}" for n, what in ((groups, "group"), (phases, "phase"))]
        return f"<Results of {self.manifest['study']}: {', '.join(counts)}, in {self.folder}>"


def load(folder: str | Path) -> Results:
    """A finished run by its folder, as `habenula run` prints and `hrl.run` returns it, or by its address in object
    storage, "s3://bucket/runs/wu2021/0123abcd", of which all files are fetched into a folder of this machine.

    Raises FileNotFoundError where there is none, ValueError where its manifest is not what a run writes.
    """
    if is_address(folder):
        folder = fetched(str(folder))
    load_manifest(folder)
    return Results(Path(folder))


def sweep(
    study: str | Path | Mapping[str, Any], axes: Mapping[str, Any], out: str | Path = "results", **how: Any
) -> Results:
    """Run a study at every point of a sweep, and load what came of it.

    `axes` has for each axis a list of values, or what a config's `sweep` takes. An axis is a path in the study, as
    "groups.helpless.parameters.nmda" or "phases.test.gap_hours", or several with commas between them, that go together.
    Everything else is said of `run`.

        hrl.sweep("wu2021", {"groups.helpless.parameters.nmda": [1.0, 0.8, 0.6]})

    Raises ValueError for an `hrl.Study`, which is written out already: it takes its own `sweep`.
    """
    if isinstance(study, StudyConfig):
        raise ValueError("sweep takes a study's name, path or mapping; give an hrl.Study its axes by sweep=")
    overrides = [*how.pop("overrides", ())]
    loaded = load_study(study, overrides, how.pop("seed", None), how.pop("subjects", None), axes=axes)
    return load(run(loaded, out, **how))


def Study(
    groups: Mapping[str, Any],
    phases: Sequence[Any],
    *,
    n: int | None = None,
    seed: int = 0,
    name: str = "study",
    **keys: Any,
) -> StudyConfig:
    """A study written in Python, for `hrl.run`: the same as a config, and checked like one.

    `groups` has for each name an agent, or a mapping as in a config; `phases` are mappings as in a config, in which
    task and interventions may be objects. `n` is the number of subjects of each group that gives none. `keys` are the
    config's others: record, subjects, sweep, ... Train, treat two groups, and test in the same place:

        agent = hrl.HabenulaAgent(hyperactivity=0.0)
        study = hrl.Study(
            {"saline": agent, "ketamine": agent},
            [
                {"name": "train", "task": hrl.tasks.ShuttleBox(escapable=False), "trials": 60, "context": "box"},
                {
                    "name": "test", "task": hrl.tasks.ShuttleBox(), "trials": 30, "gap_hours": "24 h", "context": "box",
                    "interventions": [{"ketamine": {"dose": "10 mg/kg", "hours_before": 1}, "groups": ["ketamine"]}],
                },
            ],
            n=50,
        )
        hrl.load(hrl.run(study)).summary

    Raises ConfigError with all that is wrong.
    """
    return load_study(written({"study": name, "seed": seed, **keys, "groups": groups, "phases": phases}, n))
