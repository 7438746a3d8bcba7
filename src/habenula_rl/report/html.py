"""What pages are made of: a document that asks nothing of anybody, sections, tables; every text escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

MOST_ROWS = 400  # of a long table
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


def document(title: str, parts: Sequence[str]) -> str:
    """The whole page: no script, and a browser is told to fetch nothing."""
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
    )
    body = "\n".join(parts)
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body><main>\n{body}\n</main></body></html>\n'


def section(title: str, content: str) -> Iterator[str]:
    """Nothing where there is nothing to say."""
    if content:
        yield f"<section><h2>{title}</h2>\n{content}</section>"


def paragraph(text: str | None) -> str:
    return f"<p>{escape(text)}</p>" if text else ""


def items(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>" if lines else ""


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """A table of cells that are HTML already."""
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    body = "".join(f"<tr>{''.join(row)}</tr>\n" for row in rows)
    return f'<div class="wide"><table class="{kind}"><thead><tr>{top}</tr></thead><tbody>\n{body}</tbody></table></div>'


def cell(value: Any, kind: str = "") -> str:
    return f'<td class="{kind}">{escape(str(value))}</td>' if kind else f"<td>{escape(str(value))}</td>"


def number(value: Any) -> str:
    return "" if value is None or value != value else f"{value:.3g}"


def interval(row: Mapping[Any, Any]) -> str:
    """The row's 95 % interval; nothing where it has none."""
    ends = [number(row[end]) for end in ("low", "high")]
    return f"[{', '.join(ends)}]" if all(ends) else ""


def left_out(more: int, file: str) -> str:
    """That a table goes on in its file; nothing where it does not."""
    return paragraph(f"{more:,} more rows are in {file}.") if more > 0 else ""


def picture(data: str, kind: str, caption: str) -> str:
    """A figure of base64 `data`, its caption as the alternative text too."""
    image = f'<img alt="{escape(caption)}" src="data:image/{kind};base64,{data}">'
    return f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>"


def verdict_table(found: Sequence[Mapping[str, Any]]) -> str:
    """Verdicts, as their JSON has them, with a line on what they mean; with an ensemble's where that was judged."""
    rows = [
        [
            cell(row["claim"]),
            cell(row["statistic"]),
            cell(f"{number(row['value'])} {interval(row)}", "number"),
            cell(row["expected"]),
            cell(number(row["margin"]), "number"),
            cell(f"{row['n']:,}", "number"),
            cell(row["verdict"], row["verdict"] if row["verdict"] in ("pass", "fail", "undecided") else ""),
            *([cell(row["ensemble"]["says"])] if row.get("ensemble") else []),
        ]
        for row in found
    ]
    heads = ["claim", "statistic", "value [95 %]", "expected", "margin", "n", "verdict"]
    heads += ["ensemble"] * any(row.get("ensemble") for row in found)
    said = (
        "Pass: the whole interval lies within what is expected; fail: outside; undecided: a bound lies in it, and more "
        "subjects decide. The margin is the distance from the nearest bound, in the statistic's unit."
    )
    return f"{table(heads, rows)}<p><small>{said}</small></p>"
