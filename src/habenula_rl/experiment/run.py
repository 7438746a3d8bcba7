"""`habenula run`: a study's units over threads into one folder, where what is there and sound is not run again."""

from __future__ import annotations

import contextlib
import functools
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..computing import place
from ..config.bundled import instead_of
from ..config.study import Study, find_config, load_study, with_subjects
from ..contract import refuse_more
from ..cores import MOST_WORKERS, cores
from ..errors import ends_are_errors
from .bucket import opened
from .cost import Pace, size_of
from .manifest import load_manifest as load_manifest
from .provenance import origin
from .publish import Published, derived, publish
from .recorded import Files, RecordedTrials, columns_by_group, in_batches, joined, load_subjects
from .store import Store, parquet_pieces, write_json, write_pieces
from .study_file import ExperimentError, NotRecordedError, find_experiment

if TYPE_CHECKING:
    import pandas as pd

    from ..config.plan import Plan
    from .store import Files as UnitFiles
    from .units import Unit

MOST_NAMED = 20  # units that a sentence names
BATCH = 1 << 16  # rows of subjects.parquet that are in memory together, and in one row group

Progress = Callable[[int, int, str], None]
"""Called with the subjects done, the subjects in all, and a line worth showing, or an empty one."""


@ends_are_errors()
def run(
    study: str | Path | Mapping[str, Any] | Study,
    out: str | Path = "results",
    *,
    overrides: Sequence[str] = (),
    seed: int | None = None,
    workers: int | None = None,
    processes: bool = False,
    dask: str | None = None,
    shard: tuple[int, int] | None = None,
    compute: bool = True,
    subjects: int | None = None,
    progress: Progress | None = None,
    figure: bool = True,
    summary: bool = True,
) -> Path:
    """Run a study and return its folder, `out`/<study>/<config hash>; started again, it does only what is missing.

    Where `out` is an address of object storage, as "s3://bucket/runs", the folder is this machine's copy of it.

    `study` is a name, a path, a mapping like a config, or a Study; `overrides` are texts like "groups.helpless.n=1000";
    `subjects` sets n of every group. Without `figure` nothing is drawn; without `summary` experiments/<study>.py is
    left alone altogether.

    The tables do not depend on where units are computed: by default in `workers` threads, one a core that the process
    may use; with `processes`, or where the config has `unit_seconds`, in so many processes, so that a unit that is
    killed or takes too long costs itself alone; with `dask`, the address of a scheduler or "local", on its workers.
    `shard` (2, 8) computes each eighth unit from the second on into a folder of its own, and concludes nothing; a run
    without one takes over what shards have, and with `compute` False computes nothing.

    Raises UnitsFailedError (after all others are kept) where units fail, ConfigError for a config that is wrong,
    ValueError for an argument that is and (after the tables are written) where a phase stopped every subject,
    ExperimentError (after the tables are written) where experiments/<study>.py fails, NotRecordedError (likewise) where
    it reads signals that the study does not record, StoreError where the disk fails, LockedError while another run is
    at work in the folder, OutsideError where a link leads out of `out` or out of the run's folder, EndsError where code
    of the study's ends the program.
    """
    from ..config.plan import plan_of

    report = progress or (lambda done, total, line: None)
    if isinstance(study, str | Path):
        report_what_runs(study, report)
    plan = plan_of(chosen_study(study, overrides, seed, subjects))
    n_workers = _whole("workers", cores() if workers is None else workers)
    refuse_more("workers", n_workers, MOST_WORKERS)
    if compute and (size := size_of(plan)):
        report(0, 0, size)
    folder = f"{plan.study.study}/{plan.hash}"
    if shard is not None:
        number, shards = shard
        if not 1 <= number <= shards:
            raise ValueError(f"a shard is one of so many, as 2/8, not {number}/{shards}")
        folder = f"{folder}/shards/{number}-of-{shards}"
    store = opened(out, folder)
    with store.locked():
        store.clear_temporary()
        how: dict[str, Any] = {"processes": processes, "dask": dask, "shard": shard, "compute": compute}
        counts, failed = _run_units(plan, store, n_workers, report, **how)
        if shard is not None:
            if failed:
                raise UnitsFailedError(failed, counts["computed"] + counts["reused"] + len(failed), store.folder)
            return store.folder
        _conclude(plan, store, counts, failed, report, figure, summary)
    return store.folder


def report_what_runs(study: str | Path, report: Progress) -> None:
    """Say which file it is where one of the user's stands before the package's own study of that name."""
    path = find_config(study)
    if instead := instead_of(path, "configs", f"{study}.yaml"):
        report(0, 0, f"{study} is {path}, {instead}")


def chosen_study(
    study: str | Path | Mapping[str, Any] | Study,
    overrides: Sequence[str] = (),
    seed: int | None = None,
    subjects: int | None = None,
) -> Study:
    """The study with everything that the caller wants different."""
    n = None if subjects is None else _whole("subjects", subjects)
    if not isinstance(study, Study):
        return load_study(study, overrides, seed, n)
    if overrides or seed is not None:
        raise ValueError("overrides and seed go with a study's name or path; a Study has them already")
    return study if n is None else with_subjects(study, n)


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, not {value!r}")
    return value


class UnitsFailedError(ValueError):
    """Some units of a run failed; the message names them and says why, and `failed` has all of them by name.

    Where all of them failed for one reason, as by a mistake in a rule, it is that reason.
    """

    def __init__(self, failed: Mapping[str, str], total: int, folder: Path) -> None:
        self.failed = dict(failed)
        if len(failed) == total and len({*failed.values()}) == 1:
            super().__init__(f"{next(iter(failed.values()))}\n{total} of {total} units failed by it; none is kept")
            return
        named = [f"  {name}: {why}" for name, why in failed.items()][:MOST_NAMED]
        more = [f"  and {len(failed) - MOST_NAMED} more"] if len(failed) > MOST_NAMED else []
        kept = f"the others are kept in {folder}, without summary and figure" if len(failed) < total else "none is kept"
        super().__init__("\n".join([f"{len(failed)} of {total} units failed; {kept}", *named, *more]))


def _run_units(
    plan: Plan,
    store: Store,
    workers: int,
    report: Progress,
    *,
    processes: bool,
    dask: str | None,
    shard: tuple[int, int] | None,
    compute: bool,
) -> tuple[dict[str, int], dict[str, str]]:
    """Bring every unit into the store; how many were computed and how many were there, and why which ones failed."""
    from .fingerprint import fingerprints
    from .units import units_of
    from .workers import Job, computed

    for line in plan.warnings:
        report(0, 0, line)
    units = units_of(plan)
    if shard is not None:
        units = units[shard[0] - 1 :: shard[1]]
    rules = fingerprints(plan)
    for unit in units if (store.folder / "shards").is_dir() else ():
        store.adopt(unit.name, rules[unit.group], trials=plan.records_trials)
    missing = [unit for unit in units if not _sound(store, unit, rules[unit.group], plan.records_trials, report)]
    if missing and not compute:
        names = ", ".join(unit.name for unit in missing[:MOST_NAMED])
        raise ValueError(f"{len(missing)} of {len(units)} units are in no shard of {store.folder}: {names}")
    total = sum(unit.n for unit in units)
    done = total - sum(unit.n for unit in missing)
    report(done, total, "")
    if missing:
        store.clear_derived("manifest.json", *derived(plan.study.study))  # they speak of a run that is over
        import_tables()
    made = origin()

    sizes, pace = list[int](), Pace(len(missing))

    def keep(unit: Unit, found: UnitFiles | str) -> None:
        if not isinstance(found, str):
            sizes.append(sum(len(data) for data, _ in found.values()))
            store.commit_files(unit.name, found, rules[unit.group], made)

    def stopping() -> None:
        report(0, 0, "Stopping when the units under way are finished; asked once more, it ends at once")

    failed, seconds = dict[str, str](), plan.study.unit_seconds
    in_threads = dask is None and not processes and seconds is None
    if dask is not None and seconds is not None:
        report(0, 0, "unit_seconds ends no unit on Dask, whose workers are not ours to end")

    def here(unit: Unit, say: Callable[..., None]) -> UnitFiles | str:
        return computed(plan, unit)

    with contextlib.ExitStack() as stack:
        outcomes: Iterable[tuple[Unit, UnitFiles | str]] = ()
        if missing:
            said = functools.partial(report, 0, 0)
            computing = stack.enter_context(place(workers, dask=dask, threads=in_threads, seconds=seconds, said=said))
            work = here if in_threads else Job.of(plan)
            # closed: interrupted, what is under way is finished, and only then the lock goes
            outcomes = stack.enter_context(contextlib.closing(computing(work, missing, keep=keep, stopping=stopping)))
        for unit, found in outcomes:
            if isinstance(found, str):
                failed[unit.name] = found
                report(0, 0, f"{unit.name} failed: {found}")
            elif expected := pace.keep(sizes.pop()):
                report(0, 0, expected)
            done += unit.n
            report(done, total, "")
    counts = {"computed": len(missing) - len(failed), "reused": len(units) - len(missing)}
    return counts, {unit.name: failed[unit.name] for unit in missing if unit.name in failed}


def _sound(store: Store, unit: Unit, rules: str, trials: bool, report: Progress) -> bool:
    found = store.verify(unit.name, rules, trials=trials)
    if found == "damaged":
        report(0, 0, f"{unit.name} was damaged: moved to {store.folder / 'damaged'}, computed again")
    if found == "outdated":
        report(0, 0, f"{unit.name} was made by other rules or defaults: computed again")
    return found == "done"


def import_tables() -> None:
    """Before threads want them: two importing at once can get in each other's way."""
    import pandas  # noqa: F401
    import pyarrow.parquet  # noqa: F401


def _conclude(
    plan: Plan,
    store: Store,
    counts: Mapping[str, int],
    failed: Mapping[str, str],
    report: Progress,
    figure: bool,
    summary: bool,
) -> None:
    """The joined table, summary and figure, and last the manifest; of a run that is not whole the table alone."""
    from .units import units_of

    units = units_of(plan)
    broken = UnitsFailedError(failed, len(units), store.folder) if failed else None
    if broken and len(failed) == len(units):
        raise broken
    markers = [store.marker(unit.name) for unit in units if unit.name not in failed]
    files: dict[str, Any] = {path: entry for marker in markers for path, entry in marker["files"].items()}
    store.make_way("subjects.parquet", "manifest.json")
    columns = {*map(tuple, columns_by_group(store.folder, files, "units/"))}
    most = BATCH if len(columns) == 1 else math.inf  # where groups differ in them, only all together know them
    batches = in_batches(store.folder, files, plan.config, most)
    made = write_pieces(store.path("subjects.parquet"), parquet_pieces(batches))
    summarised = {name for names in columns for name in names if not name.startswith(("final_", "trait_", "axis_"))}
    subjects = joined(store.folder, files, "units/", plan.config, summarised)
    files["subjects.parquet"] = {"sha256": made, "rows": len(subjects)}
    stopped = int((subjects["failed_trial"] >= 0).sum())
    if stopped and not failed:
        try:
            refuse_empty_phases(subjects)
        except ValueError as error:
            raise ValueError(f"{error}\nthe tables are kept in {store.folder}") from None
        report(0, 0, _stopped(subjects, stopped))
    published, problem = Published(), None
    if summary and not failed:
        published, problem = _published(plan, store, files, subjects, report, figure)
    study = plan.study
    write_json(
        store.path("manifest.json"),
        {"study": study.study, "config_hash": plan.hash, "config": plan.config, "seed": study.seed}
        | _history(markers)
        | {"warnings": plan.warnings, "units": dict(counts), "stopped": stopped}
        | ({"failed": dict(failed)} if failed else {})
        | _made(published, files),
    )
    if broken:
        raise broken
    if isinstance(problem, NotRecordedError):
        hint = "run it with record: trials, which goes to another folder"
        raise NotRecordedError(f"{problem}; {hint}\nthe tables are kept in {store.folder}") from problem
    if problem:
        mended = f"the tables are kept in {store.folder}: mend the file, then habenula figure {store.folder}"
        raise ExperimentError(f"{problem}\n{mended}") from problem


def _made(published: Published, tables: Files) -> dict[str, Any]:
    """What the manifest says of verdicts and files: of a verdict what was found, and how far from its bounds."""
    said = ("id", "verdict", "value", "low", "high", "expected", "margin", "n")
    verdicts = [{name: verdict[name] for name in said} for verdict in published.verdicts]
    beside = {"not_judged": published.not_judged, "story": [*published.story]}
    return {"verdicts": verdicts, **beside, "tables": {**tables, **published.files}}


def _stopped(subjects: pd.DataFrame, n: int) -> str:
    first = subjects[subjects["failed_trial"] >= 0].iloc[0]
    who = ", ".join(f"{name} {first[name]}" for name in ("group", "subject", "phase"))
    rows = f"{n} of the {len(subjects)}" if n < len(subjects) else f"all {n}"
    return f"{rows} rows of subjects.parquet have a failed_reason; the first, {who}: {first['failed_reason']}"


def refuse_empty_phases(subjects: pd.DataFrame) -> None:
    """Raises ValueError where a phase stopped every subject: it would be missing from the summary and the figure."""
    from ..engine.stopped import why_nobody_finished

    for name, phase in subjects.groupby("phase", observed=True):
        if why := why_nobody_finished(phase):
            raise ValueError(f"phase '{name}': {why}")


def _history(markers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """When and with what the tables were made, by what each unit says: a run that only finds them adds nothing.

    Where several runs made them, versions, git and machine are the last one's, and `earlier_runs` has the others'.
    """
    origins = {json.dumps(marker["origin"], sort_keys=True): marker["origin"] for marker in markers}
    runs: list[dict[str, Any]] = sorted(origins.values(), key=lambda made: str(made["started"]))
    ended = max(str(marker["ended"]) for marker in markers)
    return runs[-1] | {"started": runs[0]["started"], "ended": ended, "earlier_runs": runs[:-1]}


def _published(
    plan: Plan, store: Store, files: Files, subjects: pd.DataFrame, report: Progress, figure: bool
) -> tuple[Published, ExperimentError | NotRecordedError | None]:
    if not plan.records_trials and find_experiment(plan.study.study):
        report(0, 0, "record: summary keeps no trials, so summary.csv and the figure are the standard ones")
    trials = RecordedTrials(store.folder, files, plan.config) if plan.records_trials else None
    try:
        return publish(store.folder, plan.config, subjects, trials, figure=figure), None
    except (ExperimentError, NotRecordedError) as problem:
        return Published(), problem


@ends_are_errors()
def redraw(folder: str | Path) -> Published:
    """Make verdicts, summary and figure again from a finished run's tables.

    The code that runs is that of `run`: ./experiments/<study>.py, or the package's. Raises as `load_trials` does, and
    as `publish`; then the folder holds none of them.
    """
    store = Store(Path(folder))
    manifest = load_manifest(folder)
    if failed := manifest.get("failed"):
        raise ValueError(f"{folder} is not whole: {len(failed)} units failed; run the study again")
    with store.locked():
        config = manifest["config"] | {"study": manifest["study"]}  # the name that was checked
        whole = manifest["config"]["record"] != "summary"
        trials = RecordedTrials(store.folder, manifest["tables"], config) if whole else None
        subjects = load_subjects(folder)
        kept = {name: entry for name, entry in manifest["tables"].items() if name not in derived(manifest["study"])}
        write_json(store.path("manifest.json"), manifest | _made(Published(), kept))
        published = publish(store.folder, config, subjects, trials)
        write_json(store.path("manifest.json"), manifest | _made(published, kept))
    return published
