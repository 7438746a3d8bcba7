"""What the command line shows: progress, lists and tables."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from ..experiment.run import Progress

WIDTH_OF_FILES = 140  # where the output is not a terminal
SHOWN = 60


def say(line: str) -> None:
    """A line on the standard error."""
    print(printable(line), file=sys.stderr, flush=True)


def section(title: str, lines: Mapping[str, str]) -> None:
    """A title with a line for each name below it; nothing where there are none."""
    if lines:
        width = max(len(name) for name in lines)
        print(f"{title}\n" + "".join(f"  {name:{width}}  {printable(line)}\n" for name, line in lines.items()))


def printable(text: str) -> str:
    """The text with what a terminal would obey, an escape say, in Python's way of writing; it may be anybody's."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


@contextlib.contextmanager
def progress_of(title: str, of: str = "subjects") -> Iterator[Progress]:
    """A bar with the time left on a terminal, else a line for each tenth."""
    if not sys.stderr.isatty():
        yield lines_of(title, of)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=None)

        def progress(done: int, total: int, line: str) -> None:
            if line:
                bar.console.print(line, markup=False, highlight=False)
            else:
                bar.update(task, completed=done, total=total)

        yield progress


def lines_of(title: str, of: str = "subjects") -> Callable[[int, int, str], None]:
    """A progress function that writes a line on the standard error for each tenth of what there is."""
    shown_tenth = -1

    def progress(done: int, total: int, line: str) -> None:
        nonlocal shown_tenth
        tenth = 10 * done // max(total, 1)
        if line:
            say(line)
        elif tenth > shown_tenth:
            shown_tenth = tenth
            say(f"{title}: {done} of {total} {of}")

    return progress


def summary_table(summary: pd.DataFrame) -> Table:
    """The rows of level "group", with the interval in one column."""
    if "level" in summary:
        summary = summary[summary["level"] == "group"]
    names = [name for name in ("group", "phase", "measure", "value", "effect", "n") if name in summary]
    names = names or list(summary.columns)
    rows = [[_cell(row[name], row, name) for name in names] for row in summary.head(SHOWN).to_dict("records")]
    caption = f"{len(summary) - SHOWN} more rows in summary.csv" if len(summary) > SHOWN else None
    return table([f"{name} [95 %]" if name in ("value", "effect") else name for name in names], rows, caption)


def _cell(value: Any, row: Mapping[Any, Any], name: str) -> str:
    """A number, with its interval where the row has one; nothing where there is no number."""
    if value != value or value is None:
        return ""
    ends = {"value": ("low", "high"), "effect": ("effect_low", "effect_high")}.get(name, ())
    limits = [row[end] for end in ends if row.get(end) == row.get(end, float("nan"))]
    return _number(value) + (f" [{_number(limits[0])}, {_number(limits[1])}]" if len(limits) == 2 else "")


def _number(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)


VERDICT_HEADS = ["id", "claim", "statistic [95 %]", "expected", "margin", "power", "origin", "verdict"]


def verdict_table(verdicts: Sequence[Any]) -> Table:
    """A row for each verdict under `verdict_heads`."""
    return table(verdict_heads(verdicts), [verdict_row(verdict) for verdict in verdicts])


def verdict_heads(verdicts: Sequence[Any]) -> list[str]:
    """`VERDICT_HEADS`, and "ensemble" and "seeds" where they were judged."""
    return [*VERDICT_HEADS, *(name for name in ("ensemble", "seeds") if any(getattr(v, name) for v in verdicts))]


def verdict_row(v: Any) -> list[str]:
    """A verdict's cells, in the order of `verdict_heads`."""
    interval = f" [{v.low:.3g}, {v.high:.3g}]" if v.low == v.low else ""  # NaN where there is none
    measured = v.statistic if v.verdict == "not expressed" else f"{v.statistic} = {v.value:.3g}{interval}"
    margin = f"{v.margin:+.3g}" if v.margin == v.margin else ""
    if v.times_n == v.times_n:
        margin += ", >×100 n" if v.times_n > 100.0 else f", ×{v.times_n:.2g} n"  # known roughly
    power = f"{v.power:.2f} at n = {v.group_size}" if v.power == v.power else ""
    outcome = "FAIL" if v.verdict == "fail" else v.verdict
    cells = [v.id, v.claim, measured, str(v.expected), margin, power, v.origin, outcome]
    return [*cells, *(str(count) for count in (v.ensemble, v.seeds) if count)]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], caption: str | None = None) -> Table:
    """Cells under heads."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, caption=caption)
    for head in heads:
        drawn.add_column(Text(head), overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(printable(cell)) for cell in row))
    return drawn


def print_table(table: Table) -> None:
    """The table on the standard output, as wide as the terminal, or `WIDTH_OF_FILES` where there is none."""
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:  # rich ends the program here; a print says BrokenPipeError, as all else does
            raise

    Plain(width=None if sys.stdout.isatty() else WIDTH_OF_FILES).print(table)


def megabytes(size: int) -> str:
    """A number of bytes, as in 1.3 MB."""
    return f"{size / 1e6:.1f} MB"
