"""What commands print of a run, of verdicts, and of the code that runs for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import terminal

BLOCK = re.compile(r"(<!-- verdicts -->\n).*?(<!-- end -->)", re.DOTALL)


def show_run(folder: Path) -> None:
    """What was simulated and found, and where everything is, by what the manifest names and nothing else."""
    import pandas as pd

    from .. import findings
    from ..experiment.manifest import load_manifest
    from ..files import inside

    manifest = load_manifest(folder)
    tables = manifest["tables"]
    if "summary.csv" in tables:
        terminal.print_table(terminal.summary_table(pd.read_csv(inside(folder, "summary.csv"))))
    if stopped := manifest["stopped"]:
        print(f"failed  {stopped} of {tables['subjects.parquet']['rows']} rows of subjects.parquet: see failed_reason")
    if verdicts := findings.judge_run(folder):
        terminal.print_table(terminal.verdict_table(verdicts))
        print(f"claims  {_decided(verdicts, manifest['study'])}")
    if reason := manifest.get("not_judged"):
        print(f"claims  none judged: {reason}")
    print(f"\n{_simulated(manifest)}")
    for sentence in manifest.get("story", ()):
        print(f"- {terminal.printable(sentence)}")
    for name in (*tables, "report.html"):
        if name.endswith((".png", ".html")) and (folder / name).is_file():
            print(f"{'report' if name.endswith('l') else 'figure'}  {folder / name}")
    print(f"folder  {folder}")


def _simulated(manifest: Mapping[str, Any]) -> str:
    config = manifest["config"]
    n, phases = [group["n"] for group in config["groups"].values()], [phase["name"] for phase in config["phases"]]
    who = f"{sum(n):,} subjects in {len(n)} group{'s' * (len(n) > 1)}"
    what = terminal.printable(str(config.get("description", "")))
    what = what if what.endswith(("?", "!", ".")) else f"{what or 'a study'}."
    return f"{manifest['study']}: {what} Simulated: {who}, through {', '.join(phases)}."


def _decided(verdicts: Sequence[Any], study: str) -> str:
    """What could be decided with these subjects; where not all, how to decide the rest."""
    open_ = sum(verdict.verdict == "undecided" for verdict in verdicts)
    passed = sum(verdict.verdict == "pass" for verdict in verdicts)
    said = f"{passed} pass, {len(verdicts) - open_ - passed} fail"
    if not open_:
        return f"{said} of {len(verdicts)} criteria with these subjects"
    ids = " ".join(dict.fromkeys(verdict.id.partition("/")[0] for verdict in verdicts))
    decided = f"{len(verdicts) - open_} of {len(verdicts)} criteria can be decided with so few subjects: {said}"
    return f"{decided}; habenula check {ids} takes 1,000 subjects a group for all of them"


def said_of_ensemble(sets: int, n: int, verdicts: Sequence[Any]) -> Iterator[str]:
    """What the column "ensemble" of these verdicts means, in as many lines as it has kinds of cells."""
    yield f"ensemble: with how many of {sets} sets of parameters the row passes; {n:,} subjects in every group"
    if any(verdict.ensemble.by_value for verdict in verdicts):
        yield "by value: undecided at this number of subjects; such a set counts where the value is within the bounds"
    if any(verdict.ensemble.one_value for verdict in verdicts):
        yield "one value: every set comes to the same number, as where the row does not depend on what was searched"


def write_report(what: Path) -> Path:
    """The HTML page of a run's folder, of a folder of tables, or of a file of verdicts."""
    from ..report import write_report

    return write_report(what)


def write_report_of(what: str) -> str:
    """The page of what lies there, an address too; where it stands."""
    from ..experiment.bucket import Bucket, fetched, is_address

    if not is_address(what):
        return str(write_report(Path(what)))
    page = write_report(fetched(what))
    Bucket.at(what).put(page.name, page.read_bytes())
    return f"{what.rstrip('/')}/{page.name}"


def report_run(folder: Path, out: str) -> None:
    """A finished run's page and what is printed of it; in object storage its page goes there, too."""
    from ..experiment.bucket import Bucket, is_address

    page = write_report(folder)
    show_run(folder)
    if is_address(out):
        address = f"{out.rstrip('/')}/{folder.parent.name}/{folder.name}"
        Bucket.at(address).put(page.name, page.read_bytes())
        print(f"copied  {address}")


def write_verdicts(path: Path, verdicts: Sequence[Any]) -> None:
    from ..experiment.store import write_bytes, write_json

    if path.suffix == ".md":
        heads = terminal.verdict_heads(verdicts)
        lines = [heads, ["---"] * len(heads), *(terminal.verdict_row(v) for v in verdicts)]
        table = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
        page = path.read_text(encoding="utf-8") if path.is_file() else ""
        if BLOCK.search(page):  # a page with words around its table
            table = BLOCK.sub(lambda marks: f"{marks[1]}{table}{marks[2]}", page)
        write_bytes(path, table.encode())
    elif path.suffix == ".xml":
        write_bytes(path, junit(verdicts))
    else:
        write_json(path, [verdict.as_json() for verdict in verdicts])


def junit(verdicts: Sequence[Any]) -> bytes:
    """The verdicts as JUnit's XML: a row is a test, an undecided one or one that cannot be expressed is skipped."""
    from xml.etree import ElementTree as Xml

    outcomes = [verdict.verdict for verdict in verdicts]
    skipped = str(len(outcomes) - outcomes.count("pass") - outcomes.count("fail"))
    counts = {"tests": str(len(outcomes)), "failures": str(outcomes.count("fail")), "skipped": skipped}
    suite = Xml.Element("testsuite", {"name": "habenula check"} | counts)
    for v in verdicts:
        claim, _, row = v.id.partition("/")
        test = Xml.SubElement(suite, "testcase", {"classname": claim, "name": row or claim})
        if v.verdict != "pass":
            said = f"{v.claim}: {v.statistic} = {v.value:.3g}, expected {v.expected}" if v.expected else v.statistic
            Xml.SubElement(test, "failure" if v.verdict == "fail" else "skipped", {"message": said})
    text: bytes = Xml.tostring(suite, encoding="utf-8", xml_declaration=True)
    return text


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
