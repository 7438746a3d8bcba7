"""How every figure looks: colours that the colour-blind distinguish, type readable in print, lettered panels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from itertools import groupby
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from .colours import BLACK as BLACK
from .colours import BLUE as BLUE
from .colours import GREEN as GREEN
from .colours import GREY as GREY
from .colours import ORANGE as ORANGE
from .colours import PINK as PINK
from .colours import SKY as SKY
from .colours import VERMILION as VERMILION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MM = 1 / 25.4
WIDTH_MM = 180.0  # two columns of a journal
LETTERS = 132  # of a footnote that fit on a line of two columns, in the widest of the fonts
NOTE = "#555555"  # of footnotes: contrast to white 7.5 to 1
SETTINGS: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["Arial", "Helvetica", "Liberation Sans", "DejaVu Sans"],
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.linewidth": 0.7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "svg.fonttype": "none",
    "svg.hashsalt": "habenula_rl",
    "pdf.fonttype": 42,
    "savefig.dpi": 300,
    "figure.facecolor": "white",
}


_own: dict[str, Any] = {}  # what the user has set, over SETTINGS
_open: list[list[Figure]] = []  # the figures that each `styled` that has not ended has made


def set_style(settings: Mapping[str, Any] | None = None) -> None:
    """Matplotlib settings for all figures of the package from now on, over its own; without any, its own alone.

    As in `set_style({"font.size": 9})`. A figure takes them from here and nowhere else: what a matplotlibrc, a style
    sheet or seaborn's theme say changes none. Raises ValueError for a setting that Matplotlib does not have, or a value
    that it cannot take.
    """
    import difflib

    import matplotlib

    chosen = dict(settings or {})
    for name, value in chosen.items():
        if name not in matplotlib.rcParamsDefault:
            near = difflib.get_close_matches(name, list(matplotlib.rcParamsDefault), 1)
            raise ValueError(f"Matplotlib has no setting '{name}'{f'; did you mean {near[0]}?' if near else ''}")
        try:
            matplotlib.RcParams({name: value})
        except ValueError as error:
            raise ValueError(f"'{name}' cannot be {value!r}: {error}") from None
    _own.clear()
    _own.update(chosen)


@contextmanager
def styled() -> Iterator[None]:
    """Within it, everything is drawn in this style, and in nothing of the user's; outside, settings are untouched.

    Figures of `canvas` are laid out before it ends: what Matplotlib would make later, ticks say, is of this style too.
    """
    import logging

    import matplotlib

    fonts = logging.getLogger("matplotlib.font_manager")
    level = fonts.level
    settings: Any = SETTINGS | _own
    fonts.setLevel(logging.ERROR)  # silent where a machine has none of the first fonts
    try:
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(settings)
            _open.append([])
            try:
                yield
                for figure in _open[-1]:
                    figure.draw_without_rendering()
            finally:
                _open.pop()
    finally:
        fonts.setLevel(level)


def canvas(rows: Sequence[str], height_mm: float, width_mm: float = WIDTH_MM) -> tuple[Figure, dict[str, Axes]]:
    """A figure, two columns wide, with lettered panels: one string of letters a row, as in ["ABC", "DEF"].

    Rows may differ in how many panels they hold; "." stays empty.
    """
    figure = _shown()(figsize=(width_mm * MM, height_mm * MM), layout="constrained")
    layout: Any = figure.get_layout_engine()
    layout.set(w_pad=1.5 * MM, h_pad=1.5 * MM, wspace=0.03, hspace=0.04)
    blocks = [[list(row) for row in block] for _, block in groupby(rows, key=len)]  # rows alike keep common columns
    mosaic: Any = blocks[0] if len(blocks) == 1 else [[block] for block in blocks]
    heights = [1.0] * len(rows) if len(blocks) == 1 else [float(len(block)) for block in blocks]
    axes = figure.subplot_mosaic(mosaic, height_ratios=heights)
    if _open:
        _open[-1].append(figure)
    return figure, {str(name): ax for name, ax in axes.items()}


@cache
def _shown() -> type[Figure]:
    """Figures that a notebook shows, as those of pyplot are, without loading pyplot."""
    from matplotlib import figure

    class Figure(figure.Figure):
        def _repr_png_(self) -> bytes:
            file = BytesIO()
            with styled():
                self.savefig(file, format="png", dpi=110)
            return file.getvalue()

    return Figure


def rows_of(n: int, across: int = 3) -> list[str]:
    """The rows of `canvas` for `n` lettered panels, `across` beside each other, or one less or more of them where the
    last row would else have a single one.
    """
    letters = ascii_uppercase[:n]
    wide = next((k for k in (across, across - 1, across + 1) if k > 1 and n % k != 1), across)
    return [letters[k : k + wide].ljust(wide, ".") for k in range(0, n, wide)]


def caption(axes: Axes, letter: str, text: str) -> None:
    """The panel's letter and, beside it, what it shows in a few words."""
    from matplotlib.transforms import ScaledTranslation

    axes.set_title(text, pad=7)
    shift = ScaledTranslation(-26 / 72, 7 / 72, axes.figure.dpi_scale_trans)
    axes.text(
        0,
        1,
        letter,
        transform=axes.transAxes + shift,
        fontsize=10,
        fontweight="bold",
        ha="left",
        va="baseline",
        in_layout=False,
        gid="letter",
    )


def footnote(figure: Figure, text: str) -> None:
    """Lines below all panels; one that is too long for the page goes on in the next."""
    import textwrap

    fit = int(LETTERS * figure.get_figwidth() / (WIDTH_MM * MM))
    wrapped = "\n".join(part for line in text.splitlines() for part in textwrap.wrap(line, fit))
    figure.supxlabel(wrapped, fontsize=7, color=NOTE, x=0.01, ha="left")


def described(figure: Figure) -> str:
    """The figure's caption as text, from what stands in it: each panel's letter, name and axes, then the footnote."""
    panels = []
    for axes in figure.axes:
        letter = next((text.get_text() for text in axes.texts if text.get_gid() == "letter"), "")
        if letter:
            up, across = (" ".join(name.split()) for name in (axes.get_ylabel(), axes.get_xlabel()))
            of = " against ".join(name for name in (up, across) if name and not name.startswith("n "))
            panels.append(f"{letter}, {axes.get_title(loc='left')}{f': {of}' if of else ''}.")
    note = " ".join(figure.get_supxlabel().split())
    return " ".join([*panels, note]).strip()
