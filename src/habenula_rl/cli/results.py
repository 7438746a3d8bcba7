"""What commands print of a run, of verdicts, and of the code that runs for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import terminal


def show_run(folder: Path) -> None:
    """The summary's group means, the verdicts, and where everything is, by what the manifest names and nothing else."""
    import pandas as pd

    from .. import findings
    from ..experiment.manifest import load_manifest
    from ..files import inside

    manifest = load_manifest(folder)
    tables = manifest["tables"]
    if "summary.csv" in tables:
        terminal.print_table(terminal.summary_table(pd.read_csv(inside(folder, "summary.csv"))))
    for name in tables:
        if name.endswith(".png"):
            print(f"figure  {folder / name}")
    if stopped := manifest["stopped"]:
        print(f"failed  {stopped} of {tables['subjects.parquet']['rows']} rows of subjects.parquet: see failed_reason")
    if verdicts := findings.judge_run(folder):
        terminal.print_table(terminal.verdict_table(verdicts))
        print(f"claims  {findings.counted(verdicts)} criteria with these subjects: {folder / 'verdicts.json'}")
    if reason := manifest.get("not_judged"):
        print(f"claims  none judged: {reason}")
    print(f"folder  {folder}")


def write_verdicts(path: Path, verdicts: Sequence[Any]) -> None:
    from ..experiment.store import write_bytes, write_json

    if path.suffix == ".md":
        lines = [
            terminal.VERDICT_HEADS,
            ["---"] * len(terminal.VERDICT_HEADS),
            *(terminal.verdict_row(v) for v in verdicts),
        ]
        write_bytes(path, "".join(f"| {' | '.join(cells)} |\n" for cells in lines).encode())
    else:
        write_json(path, [verdict.as_json() for verdict in verdicts])


def say_what_runs(ids: Sequence[str] | None) -> None:
    """Whose code claims of the user's own run, and which config in ./configs is not run, for its study's name."""
    from ..config.bundled import instead_of, is_bundled
    from ..config.study import known_studies
    from ..experiment.user_code import code_line
    from ..findings.catalogue import chosen

    known = known_studies()
    for path in dict.fromkeys(claim.path for claim in chosen(ids)):
        study = path.stem
        if not is_bundled(path):
            terminal.say(code_line(study))
        elif instead_of(known[study], "configs", known[study].name):
            terminal.say(f"{study}: these are the numbers of the package's own study; {known[study]} is not run")
