"""A finished run as one self-contained HTML page: no script, no request to anywhere, every text escaped."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from ..experiment.manifest import load_manifest
from ..experiment.store import read_verified, write_bytes
from ..experiment.study_file import intent
from ..files import inside

MOST_ROWS = 400  # of the table of means
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"  # a browser refuses whatever else there were
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #111; background: #fff }
body { max-width: 68rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.7rem } h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid #bbb }
table { border-collapse: collapse; font-size: .85rem }
th, td { padding: .25rem .6rem; text-align: left; vertical-align: top } td.number { text-align: right }
tr { border-bottom: 1px solid #ddd } thead { border-bottom: 2px solid #777 } td.number { white-space: nowrap }
.wide { overflow-x: auto } img { width: 100%; height: auto }
figcaption, small { color: #444; font-size: .85rem; font-weight: normal }
.timeline th { border-left: 3px solid #0072B2 } .timeline td { border-left: 3px solid #56B4E9 }
.away { background: #f0f0f0; color: #555 }
.pass { color: #006046 } .fail { color: #a03c00; font-weight: bold } .undecided { color: #555 }
pre { background: #f6f6f6; padding: .6rem; overflow-x: auto; font-size: .8rem }
"""


def write_report(folder: str | Path) -> Path:
    """Write a finished run's report.html into its folder, and return its path.

    Raises as `page` does, and StoreError where the disk fails.
    """
    path = inside(Path(folder), "report.html")
    write_bytes(path, page(folder).encode())
    return path


def page(folder: str | Path) -> str:
    """The page's HTML: question, prediction, design, findings, figures, table, verdicts, parameters, manifest.

    Raises FileNotFoundError where there is no finished run, DamagedError where a file is not as it was written.
    """
    folder = Path(folder)
    manifest = load_manifest(folder)
    config, name = manifest["config"], manifest["study"]
    asked = intent(name)
    parts = [
        f"<h1>{escape(name)}</h1><p>{escape(str(config.get('description', '')))}</p>",
        *_section("Question", _paragraph(asked.get("QUESTION"))),
        *_section("Prediction", _paragraph(asked.get("PREDICTION"))),
        *_section("Design", _design(config)),
        *_section("What was found", _items(manifest.get("story", ()))),
        *_section("Figure", _figure(folder, manifest)),
        *_section("Published findings", _verdicts(folder, manifest)),
        *_section("Means", _means(folder, manifest)),
        *_section("Parameters", _parameters(config)),
        *_section("How to cite", _cite(folder, manifest)),
        *_section("How it was made", _manifest(manifest)),
    ]
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{escape(name)}</title><style>{STYLE}</style>"
    )
    body = "\n".join(parts)
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body><main>\n{body}\n</main></body></html>\n'


def _section(title: str, content: str) -> Iterator[str]:
    """Nothing where there is nothing to say."""
    if content:
        yield f"<section><h2>{title}</h2>\n{content}</section>"


def _paragraph(text: str | None) -> str:
    return f"<p>{escape(text)}</p>" if text else ""


def _items(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>" if lines else ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """A table of cells that are HTML already."""
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    body = "".join(f"<tr>{''.join(row)}</tr>\n" for row in rows)
    return f'<div class="wide"><table class="{kind}"><thead><tr>{top}</tr></thead><tbody>\n{body}</tbody></table></div>'


def _cell(value: Any, kind: str = "") -> str:
    return f'<td class="{kind}">{escape(str(value))}</td>' if kind else f"<td>{escape(str(value))}</td>"


def _number(value: Any) -> str:
    return "" if value is None or value != value else f"{value:.3g}"


def _interval(row: Mapping[Any, Any]) -> str:
    """The row's 95 % interval; nothing where it has none."""
    ends = [_number(row[end]) for end in ("low", "high")]
    return f"[{', '.join(ends)}]" if all(ends) else ""


def _given(interventions: Sequence[Mapping[str, Any]]) -> str:
    """Interventions with the numbers that were given, as "ketamine (10 mg/kg, 1 h before)" or by their settings."""
    said = []
    for entry in interventions:
        for name, values in entry.items():
            dose = values.get("dose") or (f"{values['dose_mg_per_kg']:g} mg/kg" if "dose_mg_per_kg" in values else "")
            hours = f"{values['hours_before']:g} h before" if "hours_before" in values else ""
            given = ", ".join(part for part in (str(dose), hours) if part)
            said.append(f"{name} ({given})" if given else name)
    return "; ".join(said)


def _design(config: Mapping[str, Any]) -> str:
    """A timeline: phases from left to right with the hour at which they begin, a row for each group."""
    hour, heads = 0.0, ["group"]
    for phase in config["phases"]:
        hour += float(phase.get("gap_hours") or 0.0)
        place = phase.get("task") or phase.get("env") or ""
        where = f"{escape(str(place))}, {phase['trials']:,} trial{'s' * (phase['trials'] > 1)}"
        heads.append(f"{escape(phase['name'])}<br><small>{where}<br>from hour {hour:g}</small>")
    rows = []
    for name, group in config["groups"].items():
        own = (f"{group['n']:,} × {group['agent']}", _given(group.get("interventions") or ()))
        first = ", ".join(filter(None, own))
        yoked = f"; each gets what its partner in {group['yoked_to']} got" if group.get("yoked_to") else ""
        cells = [f'<th scope="row">{escape(name)}<br><small>{escape(first + yoked)}</small></th>']
        for phase in config["phases"]:
            there = not phase.get("groups") or name in phase["groups"]
            given = _given(phase.get("interventions") or ())
            cells.append(_cell(given) if there else _cell("not in it", "away"))
        rows.append(cells)
    return _table(heads, rows, "timeline")


def _read(folder: Path, manifest: Mapping[str, Any], name: str) -> bytes | None:
    entry = manifest["tables"].get(name)
    return read_verified(inside(folder, name), entry["sha256"]) if entry else None


def _figure(folder: Path, manifest: Mapping[str, Any]) -> str:
    study = manifest["study"]
    drawn, said = (_read(folder, manifest, f"figures/{study}.{kind}") for kind in ("svg", "txt"))
    if drawn is None:
        return ""
    caption = (said or b"").decode().strip()
    data = base64.b64encode(drawn).decode()
    image = f'<img alt="{escape(caption)}" src="data:image/svg+xml;base64,{data}">'
    return f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>"


def _verdicts(folder: Path, manifest: Mapping[str, Any]) -> str:
    found = json.loads(_read(folder, manifest, "verdicts.json") or b"[]")
    if not found:
        return _paragraph(manifest.get("not_judged"))
    rows = [
        [
            _cell(row["claim"]),
            _cell(row["statistic"]),
            _cell(f"{_number(row['value'])} {_interval(row)}", "number"),
            _cell(row["expected"]),
            _cell(_number(row["margin"]), "number"),
            _cell(f"{row['n']:,}", "number"),
            _cell(row["verdict"], row["verdict"] if row["verdict"] in ("pass", "fail", "undecided") else ""),
        ]
        for row in found
    ]
    heads = ("claim", "statistic", "value [95 %]", "expected", "margin", "n", "verdict")
    said = (
        "Pass: the whole interval lies within what is expected; fail: outside; undecided: a bound lies in it, and more "
        "subjects decide. The margin is the distance from the nearest bound, in the statistic's unit."
    )
    return f"{_table(heads, rows)}<p><small>{said}</small></p>"


def _means(folder: Path, manifest: Mapping[str, Any]) -> str:
    import pandas as pd

    data = _read(folder, manifest, "summary.csv")
    if data is None:
        return ""
    table = pd.read_csv(io.BytesIO(data), dtype={"group": str, "phase": str, "measure": str}, keep_default_na=True)
    if not {"level", "group", "phase", "measure", "value", "low", "high", "n"} <= {*table}:
        return _paragraph("The study's own table has other columns: summary.csv.")
    rows = []
    of_groups = table[table["level"] == "group"]
    for row in of_groups.head(MOST_ROWS).to_dict("records"):
        names = [_cell(row[column]) for column in ("measure", "group", "phase")]
        numbers = (_number(row["value"]), _interval(row), _number(row["n"]))
        rows.append([*names, *(_cell(number, "number") for number in numbers)])
    more = len(of_groups) - MOST_ROWS
    left = _paragraph(f"{more:,} more rows are in summary.csv.") if more > 0 else ""
    return _table(("measure", "group", "phase", "mean", "95 % interval", "n"), rows) + left


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
            same = len(shown) == 1
            text = next(iter(shown)) if same else "; ".join(f"{group}: {value}" for group, value in values.items())
            about = fields[name].metadata if name in fields else {}
            rows.append([_cell(name), _cell(text), *(_cell(about.get(key) or "") for key in ("unit", "doc", "source"))])
        parts.append(f"<h3>{escape(kind)}</h3>{_table(('parameter', 'value', 'unit', 'meaning', 'source'), rows)}")
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
    return _items([own, *dict.fromkeys(str(row["source"]) for row in found)])


def _manifest(manifest: Mapping[str, Any]) -> str:
    kept = {key: manifest[key] for key in manifest if key not in ("config", "tables", "verdicts", "story")}
    files = {name: entry["sha256"] for name, entry in manifest["tables"].items()}
    text = json.dumps(kept | {"sha256": files}, indent=1, ensure_ascii=False)
    title = "Versions, machine, seed and the sha256 of every file"
    return f"<details><summary>{title}</summary><pre>{escape(text)}</pre></details>"
