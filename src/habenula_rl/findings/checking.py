"""Running the claims: each study once, then every part of every claim that reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..contract import nearest
from ..randomness import checked_seed
from . import bursts, depression, helplessness, ketamine, optogenetics, recovery
from .verdict import Claim, Verdict, verdict

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int, int, str], None]
LEAST_SUBJECTS = 8

PARTS = (helplessness, depression, bursts, ketamine, optogenetics, recovery)
CLAIMS: dict[str, Claim] = {claim.id: claim for part in PARTS for claim in part.CLAIMS}


def check(
    ids: Iterable[str] | None = None, n_subjects: int = 1000, seed: int | None = None, progress: Progress | None = None
) -> list[Verdict]:
    """The verdicts on the claims `ids` (None: all), a row for each part; a claim holds where all its parts pass.

    A part passes where its 95 % interval lies within the bounds, fails where it lies outside, and is undecided at
    `n_subjects` where a bound lies in it.

    Every study that they need is run once, in a temporary folder, with `n_subjects` in every group and its config's own
    seed, or `seed`. `progress` is called as by `experiment.run.run`: subjects done, subjects in all, a line or "".

    Raises ValueError for an unknown claim, fewer than 8 subjects (the published group size) or a seed that is none.
    """
    chosen = _chosen(ids)
    if isinstance(n_subjects, bool) or not isinstance(n_subjects, int) or n_subjects < LEAST_SUBJECTS:
        raise ValueError(
            f"check needs a whole number of at least {LEAST_SUBJECTS} subjects a group, not {n_subjects!r}"
        )
    if seed is not None:
        checked_seed(seed)
    studies = list(dict.fromkeys(claim.study for claim in chosen))
    found: dict[str, list[Verdict]] = {}
    for done, name in enumerate(studies):
        trials, used = simulated(name, n_subjects, seed, _after(progress, done, len(studies)))
        found |= {claim.id: judge(claim.id, trials, used) for claim in chosen if claim.study == name}
    return [line for claim in chosen for line in found[claim.id]]


def verdicts(*ids: str, n_subjects: int = 1000, seed: int | None = None) -> list[Verdict]:
    """`check` for tests: `assert all(v.passed for v in verdicts("wu2021", n_subjects=200))`; without ids all claims."""
    return check(ids or None, n_subjects, seed)


def judge(id: str, trials: pd.DataFrame, seed: int = 0) -> list[Verdict]:
    """The verdicts on one claim in trials that are already there, with its study's groups and phases."""
    claim = _chosen([id])[0]
    return [verdict(claim, part, seed) for part in claim.test(trials)]


def judge_run(folder: str | Path) -> list[Verdict]:
    """The verdicts on all claims about a finished run's study, with the subjects that it has.

    Empty where no claim is about that study, or a group has fewer than 8 subjects. Raises as `load_trials` does, and
    ValueError where the run did not record what a claim reads.
    """
    from ..experiment.run import load_manifest, load_trials

    manifest = load_manifest(folder)
    claims = [claim.id for claim in CLAIMS.values() if claim.study == manifest["study"]]
    few = any(group["n"] < LEAST_SUBJECTS for group in manifest["config"]["groups"].values())
    if few or not claims:
        return []
    trials = load_trials(folder)
    return [line for id in claims for line in judge(id, trials, int(manifest["seed"]))]


def simulated(
    study: str, n_subjects: int, seed: int | None = None, progress: Progress | None = None
) -> tuple[pd.DataFrame, int]:
    """A study's trials with that many subjects in every group, and the seed that made them.

    The study is the one that the package brings: a claim says nothing of a config that lies in ./configs.
    """
    from tempfile import TemporaryDirectory

    from ..config.study import bundled_study
    from ..experiment.run import load_manifest, load_trials, run

    with TemporaryDirectory(prefix="habenula-check-") as folder:
        path = bundled_study(study)
        results = run(path, folder, seed=seed, subjects=n_subjects, progress=progress, summary=False)
        return load_trials(results), int(load_manifest(results)["seed"])


def _chosen(ids: Iterable[str] | None) -> Sequence[Claim]:
    if ids is None:
        return list(CLAIMS.values())
    names = list(dict.fromkeys([ids] if isinstance(ids, str) else ids))
    for name in names:
        if name not in CLAIMS:
            raise ValueError(f"there is no claim '{name}'{nearest(name, CLAIMS)}; known: {', '.join(CLAIMS)}")
    return [CLAIMS[name] for name in names]


def _after(progress: Progress | None, done: int, studies: int) -> Progress | None:
    """Progress over several studies, each counted in full once: as if all were as long as the one under way."""
    if progress is None:
        return None

    def told(subjects: int, total: int, line: str) -> None:
        progress(done * total + subjects, studies * total, line)

    return told
