"""What was computed as one self-contained HTML page: no script, no request to anywhere, every text escaped."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from ..config.given import Dose, doses, intervention_in
from ..experiment.manifest import load_manifest
from ..experiment.store import read_verified, write_bytes
from ..experiment.study_file import intent
from ..files import inside
from .html import (
    MOST_ROWS,
    cell,
    document,
    interval,
    items,
    left_out,
    number,
    paragraph,
    picture,
    section,
    table,
    verdict_table,
)
from .tables import page_of_tables, page_of_verdicts

MOST_GROUPS = 40  # of a timeline, and of a parameter's values by group; a sweep can have thousands


def write_report(what: str | Path) -> Path:
    """Write the report, and return its path: report.html in a folder, or beside a file of verdicts, as its .html.

    Raises as `page` does, and StoreError where the disk fails.
    """
    source = Path(what)
    path = source.with_suffix(".html") if source.suffix == ".json" else inside(source, "report.html")
    write_bytes(path, page(source).encode())
    return path


def page(what: str | Path) -> str:
    """The page's HTML, of a run's folder, of a folder of tables, or of a file of verdicts.

    A run: question, prediction, design, findings, figures, table, verdicts, parameters, manifest. The folder of
    `habenula fit` or `recover`: its tables and figures. The JSON file of `habenula check --out`: its verdicts.

    Raises FileNotFoundError where there is no finished run, DamagedError where a file is not as it was written,
    ValueError for a file that is not one of verdicts.
    """
    folder = Path(what)
    if folder.suffix == ".json":
        return page_of_verdicts(folder)
    if not (folder / "manifest.json").exists() and any(folder.glob("*.csv")):
        return page_of_tables(folder)
    manifest = load_manifest(folder)
    config, name = manifest["config"], manifest["study"]
    asked = intent(name)
    parts = [
        f"<h1>{escape(name)}</h1><p>{escape(str(config.get('description', '')))}</p>",
        *section("Question", paragraph(asked.get("QUESTION"))),
        *section("Prediction", paragraph(asked.get("PREDICTION"))),
        *section("Design", _axes(config) + _design(config)),
        *section("What was found", items(manifest.get("story", ()))),
        *section("Figure", _figure(folder, manifest)),
        *section("Published findings", _verdicts(folder, manifest)),
        *section("Means", _means(folder, manifest)),
        *section("Parameters", _parameters(config)),
        *section("How to cite", _cite(folder, manifest)),
        *section("How it was made", _manifest(manifest)),
    ]
    return document(name, parts)


def _given(doses: Sequence[Dose]) -> str:
    """Interventions with the numbers that were given, as "ketamine (10 mg/kg, 1 h before)" or by their settings."""
    said = []
    for name, values in filter(None, (intervention_in(dose.entry) for dose in doses)):
        dose = values.get("dose") or (f"{values['dose_mg_per_kg']:g} mg/kg" if "dose_mg_per_kg" in values else "")
        hours = f"{values['hours_before']:g} h before" if "hours_before" in values else ""
        given = ", ".join(part for part in (str(dose), hours) if part)
        said.append(f"{name} ({given})" if given else name)
    return "; ".join(said)


def _axes(config: Mapping[str, Any]) -> str:
    """Of a sweep: each axis with its values, how many groups use it, and of which templates they are made."""
    points: Mapping[str, Mapping[str, Any]] = config.get("sweep", {})
    rows = []
    for name in next(iter(points.values()), {}):
        on = {group: at[name] for group, at in points.items() if at[name] is not None}
        templates = ", ".join(dict.fromkeys(config["templates"][group] for group in on))
        values = ", ".join(dict.fromkeys(map(_value, on.values())))
        rows.append([cell(name), cell(values), cell(f"{len(on):,}", "number"), cell(templates)])
    if not rows:
        return ""
    said = f"A sweep of {len(points):,} groups: each is made once for each combination of the axes that it uses."
    return paragraph(said) + table(("axis", "values", "groups", "made of"), rows)


def _design(config: Mapping[str, Any]) -> str:
    """A timeline: phases from left to right with the hour at which they begin, a row for each group."""
    hour, heads = 0.0, ["group"]
    for phase in config["phases"]:
        hour += float(phase.get("gap_hours") or 0.0)
        place = phase.get("task") or phase.get("env") or ""
        where = f"{escape(str(place))}, {phase['trials']:,} trial{'s' * (phase['trials'] > 1)}"
        heads.append(f"{escape(phase['name'])}<br><small>{where}<br>from hour {hour:g}</small>")
    own_entries = {name: group.get("interventions") or () for name, group in config["groups"].items()}
    phases = [
        (phase["name"], [name for name in own_entries if name in (phase.get("groups") or own_entries)], entries)
        for phase in config["phases"]
        for entries in [phase.get("interventions") or ()]
    ]
    given = doses(own_entries, phases)
    rows = []
    for name, group in [*config["groups"].items()][:MOST_GROUPS]:
        brought = [dose for dose in given[name] if dose.trail[0] == "groups" and "phases" not in dose.entry]
        own = (f"{group['n']:,} × {group['agent']}", _given(brought))
        first = ", ".join(filter(None, own))
        yoked = f"; each gets what its partner in {group['yoked_to']} got" if group.get("yoked_to") else ""
        cells = [f'<th scope="row">{escape(name)}<br><small>{escape(first + yoked)}</small></th>']
        for index, (_, members, _) in enumerate(phases):
            now = _given([dose for dose in given[name] if dose.phase == index and dose not in brought])
            cells.append(cell(now) if name in members else cell("not in it", "away"))
        rows.append(cells)
    more = len(own_entries) - len(rows)
    return table(heads, rows, "timeline") + paragraph(f"{more:,} more groups are in the manifest." if more else "")


def _read(folder: Path, manifest: Mapping[str, Any], name: str) -> bytes | None:
    entry = manifest["tables"].get(name)
    return read_verified(inside(folder, name), entry["sha256"]) if entry else None


def _figure(folder: Path, manifest: Mapping[str, Any]) -> str:
    study = manifest["study"]
    drawn, said = (_read(folder, manifest, f"figures/{study}.{kind}") for kind in ("svg", "txt"))
    if drawn is None:
        return ""
    caption = (said or b"").decode().strip()
    return picture(base64.b64encode(drawn).decode(), "svg+xml", caption)


def _verdicts(folder: Path, manifest: Mapping[str, Any]) -> str:
    found = json.loads(_read(folder, manifest, "verdicts.json") or b"[]")
    if not found:
        return paragraph(manifest.get("not_judged"))
    return verdict_table(found)


def _means(folder: Path, manifest: Mapping[str, Any]) -> str:
    import pandas as pd

    data = _read(folder, manifest, "summary.csv")
    if data is None:
        return ""
    means = pd.read_csv(io.BytesIO(data), dtype={"group": str, "phase": str, "measure": str}, keep_default_na=True)
    if not {"level", "group", "phase", "measure", "value", "low", "high", "n"} <= {*means}:
        return paragraph("The study's own table has other columns: summary.csv.")
    rows = []
    of_groups = means[means["level"] == "group"]
    axes = [str(name) for name in means if str(name).startswith("axis_")]
    for row in of_groups.head(MOST_ROWS).to_dict("records"):
        names = [cell(row[column]) for column in ("measure", "group", "phase")]
        names += [cell("" if row[axis] != row[axis] else _value(row[axis])) for axis in axes]
        numbers = (number(row["value"]), interval(row), number(row["n"]))
        rows.append([*names, *(cell(number, "number") for number in numbers)])
    left = left_out(len(of_groups) - MOST_ROWS, "summary.csv")
    heads = ("measure", "group", "phase", *(escape(name.removeprefix("axis_")) for name in axes))
    return table((*heads, "mean", "95 % interval", "n"), rows) + left


def _parameters(config: Mapping[str, Any]) -> str:
    """Of each kind of agent its parameters: what they are, and the values that the groups have."""
    from ..agents import AGENTS

    parts = []
    for kind in dict.fromkeys(group["agent"] for group in config["groups"].values()):
        groups = {name: group["parameters"] for name, group in config["groups"].items() if group["agent"] == kind}
        fields = AGENTS[kind].fields() if kind in AGENTS else {}
        rows = []
        for name in dict.fromkeys(name for own in groups.values() for name in own):
            values = {group: _value(own[name]) for group, own in groups.items() if name in own}
            shown = dict.fromkeys(values.values())
            text = "; ".join(f"{group}: {value}" for group, value in values.items())
            if len(shown) == 1 or len(values) > MOST_GROUPS:
                text = ", ".join(shown)
            about = fields[name].metadata if name in fields else {}
            rows.append([cell(name), cell(text), *(cell(about.get(key) or "") for key in ("unit", "doc", "source"))])
        parts.append(f"<h3>{escape(kind)}</h3>{table(('parameter', 'value', 'unit', 'meaning', 'source'), rows)}")
    return "".join(parts)


def _value(value: Any) -> str:
    """A number, or how it differs between subjects, as in "normal: mean 0, sd 0.3"."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_value(shape)}" for name, shape in value.items()).replace(": ", " ")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _cite(folder: Path, manifest: Mapping[str, Any]) -> str:
    version = manifest.get("versions", {}).get("habenula-rl", "")
    which = f"study {manifest['study']}, configuration {manifest.get('config_hash', '')}, seed {manifest['seed']}"
    own = f"The habenula_rl authors: habenula_rl, version {version} ({which})."
    found = json.loads(_read(folder, manifest, "verdicts.json") or b"[]")
    return items([own, *dict.fromkeys(str(row["source"]) for row in found)])


def _manifest(manifest: Mapping[str, Any]) -> str:
    kept = {key: manifest[key] for key in manifest if key not in ("config", "tables", "verdicts", "story")}
    files = {name: entry["sha256"] for name, entry in manifest["tables"].items()}
    text = json.dumps(kept | {"sha256": files}, indent=1, ensure_ascii=False)
    title = "Versions, machine, seed and the sha256 of every file"
    return f"<details><summary>{title}</summary><pre>{escape(text)}</pre></details>"
