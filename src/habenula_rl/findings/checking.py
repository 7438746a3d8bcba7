"""Running the claims: each study once, as many at a time as there are cores, then every claim that reads it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..computing import Lost, place
from ..config.bundled import is_bundled
from ..config.draft import DEFAULT_AGENT
from ..contract import Agent, refuse_more
from ..cores import cores
from ..experiment.study_file import what_is_read
from ..randomness import checked_seed
from .catalogue import Written, chosen, loaded, written_claims
from .expressing import Substitute, substitute
from .job import Job, run_job
from .trials import Progress, Table
from .verdict import Ensemble, Judged, Verdict

if TYPE_CHECKING:
    import pandas as pd


Found = Callable[[list[Verdict]], None]
LEAST_SUBJECTS, MOST_SUBJECTS = 8, 10_000_000
MOST_SEEDS = 1000
SUBJECTS, SUBJECTS_WITH_ENSEMBLE = 1000, 100  # in every group: fifty sets are fifty times the work


def checked_subjects(n: int, who: str) -> None:
    """Raises ValueError where so many subjects in a group say too little for an interval."""
    if isinstance(n, bool) or not isinstance(n, int) or n < LEAST_SUBJECTS:
        raise ValueError(f"{who} a whole number of at least {LEAST_SUBJECTS} subjects a group, not {n!r}")
    refuse_more("subjects", n, MOST_SUBJECTS)


def check(
    ids: Iterable[str] | None = None,
    n_subjects: int | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
    ensemble: Iterable[Agent] | None = None,
    seeds: int = 0,
    kept: bool = False,
    agent: Agent | Substitute | str | None = None,
    found: Found | None = None,
    dask: str | None = None,
) -> list[Verdict]:
    """The verdicts on the claims `ids`, a row for each part; a claim holds where all its parts pass.

    Without `ids` they are all claims of the package, about the studies that it brings, whatever lies in ./configs; by
    its id also one in ./experiments. A part passes where its 95 % interval lies within the bounds, fails where it lies
    outside, and is undecided at `n_subjects` where a bound lies in it.

    Every study that they need is simulated once, with `n_subjects` in every group and its config's own seed, or `seed`;
    several studies at the same time, each in a process of its own; with `dask`, the address of a scheduler or "local",
    on its workers, which need the package, and files of one's own, at the same paths. `progress` is called with
    subjects done, subjects in all, and a line or "", from several threads, and `found` with the verdicts on a claim as
    soon as they are there.

    With an `ensemble`, as `HabenulaAgent.ensemble()` gives it, every study is simulated with each of its sets too, on
    the same seed, and each verdict's `ensemble` says with how many of them the row passes. A set takes the place of
    those parameters of HabenulaAgents that the study does not set itself. What does not name the ensemble in a verdict
    is still of the default parameters. `n_subjects` is 1,000 where it is not given, with an ensemble or seeds 100.

    With `seeds` every study is simulated on that many seeds more, those after its own, and each verdict's `seeds` says
    with how many of them the row passes.

    With an `agent`, or its name as in "mine.py:Mine", the claims are judged of that agent in the place of HabenulaAgent
    (`findings.expressing` says what it needs); a claim that it cannot express has one line that says what is missing.

    `kept`: verdicts on the package's studies are kept on the disk, and those that were are not come to again
    (`findings.kept`); what was changed in memory alone is then overlooked.

    Raises ValueError for an unknown claim, fewer than 8 subjects (the published group size), a seed that is none or an
    ensemble that holds anything but HabenulaAgents, or nothing.
    """
    claims = chosen(ids)
    sets = [] if ensemble is None else _sets(ensemble)
    other = agent if agent is None or isinstance(agent, Substitute) else substitute(agent)
    if sets and other:
        raise ValueError("an ensemble is of HabenulaAgents: give either it or an agent of another kind")
    if isinstance(seeds, bool) or not isinstance(seeds, int) or seeds < 0:
        raise ValueError(f"check needs a whole number of seeds, 0 or more, not {seeds!r}")
    refuse_more("seeds", seeds, MOST_SEEDS)
    if n_subjects is None:
        n_subjects = SUBJECTS_WITH_ENSEMBLE if sets or seeds else SUBJECTS
    checked_subjects(n_subjects, "check needs")
    if seed is not None:
        checked_seed(seed)
    by_study = {claim.path: _judged_together(claim.path, claims) for claim in claims}
    variants: list[tuple[int, int, Mapping[str, Any] | None]] = [(0, k, None) for k in range(seeds + 1)]
    variants += [(number, 0, values) for number, values in enumerate(sets, 1)]
    jobs = [
        Job(path, ids, n_subjects, seed, number, values, later, kept, other)
        for number, later, values in variants
        for path, ids in by_study.items()
    ]
    done = [job.kept_rows() for job in jobs]
    fresh = [job for job, rows in zip(jobs, done, strict=True) if rows is None]
    ids = {claim.id for claim in claims}
    overall = _OverallProgress(progress, n_subjects, len(fresh), found and _only(ids, found))
    for job, kept_rows in zip(jobs, done, strict=True):
        overall.came(job, kept_rows or {})
    simulated = iter(_at_once(fresh, overall, dask) if fresh else ())
    by_variant: dict[tuple[int, int], dict[str, list[Judged]]] = {}
    for job, rows in zip(jobs, done, strict=True):
        by_variant.setdefault((job.number, job.later), {}).update(next(simulated) if rows is None else rows)

    def counted(claim: str, k: int, line: Verdict, which: Iterable[tuple[int, int]]) -> Ensemble:
        return Ensemble.of(line, [by_variant[v][claim][k] for v in which if claim in by_variant[v]])

    return [
        replace(
            line,
            ensemble=counted(claim.id, k, line, [v for v in by_variant if v[0]]) if sets else None,
            seeds=counted(claim.id, k, line, [v for v in by_variant if v[1]]) if seeds else None,
        )
        for claim in claims
        for k, (line, _) in enumerate(by_variant[0, 0][claim.id])
    ]


def _only(ids: Set[str], found: Found) -> Found:
    """`found`, of these claims alone."""
    return lambda rows: found(rows) if rows[0].id.partition("/")[0] in ids else None


def _judged_together(path: Path, claims: Iterable[Written]) -> tuple[str, ...]:
    """All claims on a study of the package, which are kept together; of a user's own those that were asked for."""
    known = written_claims().values() if is_bundled(path) else claims
    return tuple(claim.id for claim in known if claim.path == path)


def kept_verdicts(id: str) -> list[Verdict]:
    """The verdicts on a claim of the package that `check` has kept, with 1,000 subjects a group; else empty."""
    (claim,) = chosen([id])
    rows = Job(claim.path, _judged_together(claim.path, [claim]), SUBJECTS, None, kept=True).kept_rows() or {}
    return [found for found, _ in rows.get(id, [])]


def verdicts(*ids: str, n_subjects: int | None = None, seed: int | None = None, **how: Any) -> list[Verdict]:
    """`check` for tests: `assert all(v.passed for v in verdicts("wu2021", n_subjects=200))`; without ids all claims."""
    return check(ids or None, n_subjects, seed, **how)


def _sets(ensemble: Iterable[Agent]) -> list[Mapping[str, Any]]:
    """Each agent's parameter values. Raises ValueError where there is none, or something else."""
    advice = "an ensemble is made of HabenulaAgents, as HabenulaAgent.ensemble() gives them"
    if not isinstance(ensemble, Iterable) or isinstance(ensemble, str):
        raise ValueError(f"{advice}, not {ensemble!r}")
    agents = list(ensemble)
    if not agents:
        raise ValueError(f"{advice}; this one is empty")
    for agent in agents:
        if not isinstance(agent, Agent) or type(agent).__name__ != DEFAULT_AGENT:
            raise ValueError(f"{advice}; this one holds {agent!r}")
    return [agent.values() for agent in agents]


def judge(id: str, trials: pd.DataFrame, seed: int = 0) -> list[Verdict]:
    """The verdicts on one claim in trials that are already there, with its study's groups and phases."""
    (written,) = chosen([id])
    module, claims = loaded(written.path)
    return claims[id].verdicts(what_is_read(module, Table(trials)), seed)


def judge_run(folder: str | Path) -> list[Verdict]:
    """The verdicts that a finished run has come to, on the claims of its study and with the subjects that it has.

    Empty where no claim is about that study, a group has too few subjects, or the run did not record what a claim
    reads. Raises FileNotFoundError where there is no finished run, DamagedError where a file is not as it was written.
    """
    import json

    from ..experiment.manifest import load_manifest
    from ..experiment.store import read_verified
    from ..files import inside

    tables = load_manifest(folder)["tables"]
    if "verdicts.json" not in tables:
        return []
    data = read_verified(inside(Path(folder), "verdicts.json"), tables["verdicts.json"]["sha256"])
    undefined = {"value", "low", "high", "margin", "times_n", "power"}  # NaN, or infinite, which JSON does not have
    rows: list[dict[str, Any]] = [
        {k: math.nan if v is None and k in undefined else v for k, v in row.items()} for row in json.loads(data)
    ]
    return [Verdict(**row) for row in rows]


class _OverallProgress:
    """Progress over several studies, which all count alike: of each the fraction that is done of `n_subjects`."""

    def __init__(self, progress: Progress | None, n_subjects: int, studies: int, found: Found | None = None) -> None:
        self.progress, self.n, self.total, self.found = progress, n_subjects, n_subjects * studies, found
        self.done: dict[int, int] = {}

    def came(self, job: Job, rows: Mapping[str, list[Judged]]) -> None:
        """The verdicts of a study are there; only those on its own seed, of no set of an ensemble, are shown."""
        if self.found is not None and not (job.number or job.later):
            for of_claim in rows.values():
                self.found([verdict for verdict, _ in of_claim])

    def of(self, k: int) -> Progress:
        """The progress of one study, the k-th."""

        def report(subjects: int, total: int, line: str) -> None:
            if total:
                self.done[k] = self.n * subjects // total
            if self.progress is not None:
                self.progress(sum(self.done.values()), self.total, line)

        return report


def _at_once(jobs: Sequence[Job], progress: _OverallProgress, dask: str | None) -> list[dict[str, list[Judged]]]:
    """What each job finds, in their order.

    One study is run here; of several as many at a time as there are cores, in processes of their own, because pandas
    leaves little to threads; with `dask` all of them there.
    """
    allowed, found = cores(), dict[int, dict[str, list[Judged]]]()
    only_here = any(job.other and job.other.only_here for job in jobs)
    if dask is not None and only_here:
        raise ValueError("an agent for the workers of Dask stands in a file: --agent FILE:NAME")

    def came(k: int, rows: dict[str, list[Judged]]) -> None:
        found[k] = rows
        jobs[k].keep(rows)
        progress.came(jobs[k], rows)

    if dask is None and (len(jobs) == 1 or allowed == 1 or only_here):
        for k, job in enumerate(jobs):
            came(k, job.run(allowed, progress.of(k)))
    else:
        with (
            place(min(allowed, len(jobs)), dask=dask, said=lambda line: progress.of(0)(0, 0, line)) as compute,
            contextlib.closing(
                compute(run_job, [*enumerate(jobs)], hear=lambda one, *step: progress.of(one[0])(*step))
            ) as all,
        ):
            for (k, job), rows in all:
                if isinstance(rows, Lost):
                    raise ValueError(f"study {job.path.stem}: {rows}")
                progress.of(k)(1, 1, "")
                came(k, rows)
    return [found[k] for k in range(len(jobs))]
