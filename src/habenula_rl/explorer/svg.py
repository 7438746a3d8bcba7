"""Panels as SVG text. Matplotlib takes 100 ms and more for one, which is too long behind a slider that moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from ..environments.canvas import FAINT, INK

Array = np.ndarray[Any, Any]
LEFT, RIGHT, TOP, BOTTOM = 62.0, 16.0, 10.0, 40.0  # pixels around the axes


@dataclass
class Panel:
    """Axes from `x` to `y` limits, 480 pixels wide, onto which marks are put; `text` is the finished SVG.

    Ticks are at round numbers, or at those given with a label each. `log` is of the x axis.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    xlabel: str = ""
    ylabel: str = ""
    height: float = 200.0
    xticks: Mapping[float, str] | None = None
    log: bool = False
    width: float = 480.0
    marks: list[str] = field(default_factory=list)
    names: list[tuple[str, str, str]] = field(default_factory=list)  # of the key: name, colour, dashes

    def line(self, x: Any, y: Any, colour: str, name: str = "", dashes: str = "", width: float = 2.0) -> None:
        """A line through the points; NaN are left out. With a name it stands in the key."""
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(self._across(x), self._up(y), strict=True) if b == b)
        style = f'fill="none" stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dashes}"'
        self.marks.append(f'<polyline points="{points}" {style}/>')
        if name:
            self.names.append((name, colour, dashes))

    def band(self, x: Any, low: Any, high: Any, colour: str) -> None:
        """The area between two lines."""
        x, ends = self._across(x), [self._up(low), self._up(high)]
        there = np.isfinite(ends[0]) & np.isfinite(ends[1])
        path = [*zip(x[there], ends[0][there], strict=True), *zip(x[there][::-1], ends[1][there][::-1], strict=True)]
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in path)
        self.marks.append(f'<polygon points="{points}" fill="{colour}" fill-opacity="0.22"/>')

    def ticks(self, x: Any, y: Any, colour: str, size: float = 6.0) -> None:
        """A short upright stroke at each point."""
        strokes = "".join(
            f"M{a:.1f} {b - size / 2:.1f}v{size}" for a, b in zip(self._across(x), self._up(y), strict=True)
        )
        self.marks.append(f'<path d="{strokes}" stroke="{colour}" stroke-width="1.2"/>')

    def point(self, x: float, y: float, colour: str) -> None:
        """A disc."""
        (a,), (b,) = self._across([x]), self._up([y])
        self.marks.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="5.5" fill="{colour}" stroke="#fff"/>')

    def upright(self, x: float) -> None:
        """A thin line over the whole height."""
        (a,) = self._across([x])
        self.marks.append(f'<path d="M{a:.1f} {TOP}V{self.height - BOTTOM}" stroke="{INK}" stroke-width="1"/>')

    def text(self, alt: str) -> str:
        """The SVG; `alt` says what it shows to those who do not see it."""
        head = f'<svg role="img" aria-label="{escape(alt)}" viewBox="0 0 {self.width:g} {self.height:g}" class="panel">'
        return "".join([head, *self._frame(), *self.marks, *self._key(), "</svg>"])

    def _across(self, x: Any) -> Array:
        values, (low, high) = np.asarray(x, float), self.x
        if self.log:
            values, low, high = np.log(values), np.log(low), np.log(high)
        return np.asarray(LEFT + (values - low) / (high - low) * (self.width - LEFT - RIGHT))

    def _up(self, y: Any) -> Array:
        low, high = self.y
        bottom = self.height - BOTTOM
        return np.asarray(bottom - (np.asarray(y, float) - low) / (high - low) * (bottom - TOP))

    def _frame(self) -> Iterator[str]:
        bottom, right = self.height - BOTTOM, self.width - RIGHT
        yield f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="{INK}"/>'
        xticks = _round_numbers(*self.x, 6) if self.xticks is None else self.xticks
        for value, label in xticks.items():
            (a,) = self._across([value])
            yield f'<path d="M{a:.1f} {bottom}v5" stroke="{INK}"/>'
            yield f'<text x="{a:.1f}" y="{bottom + 17}" text-anchor="middle">{escape(label)}</text>'
        for value, label in _round_numbers(*self.y, 4).items():
            (b,) = self._up([value])
            yield f'<path d="M{LEFT} {b:.1f}h-5" stroke="{INK}"/><path d="M{LEFT} {b:.1f}H{right}" stroke="{FAINT}44"/>'
            yield f'<text x="{LEFT - 8}" y="{b + 4:.1f}" text-anchor="end">{escape(label)}</text>'
        yield f'<text x="{(LEFT + right) / 2}" y="{self.height - 5}" text-anchor="middle">{escape(self.xlabel)}</text>'
        middle = (TOP + bottom) / 2
        yield (
            f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">'
            f"{escape(self.ylabel)}</text>"
        )

    def _key(self) -> Iterator[str]:
        """Upper right, in the order in which the lines were drawn."""
        for k, (name, colour, dashes) in enumerate(self.names):
            y = TOP + 8 + 16 * k
            style = f'stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dashes}"'
            yield f'<path d="M{self.width - 26} {y}h18" {style}/>'
            yield f'<text class="key" x="{self.width - 32}" y="{y + 4}" text-anchor="end">{escape(name)}</text>'


def _round_numbers(low: float, high: float, most: int) -> dict[float, str]:
    """About so many round numbers within the limits, as they are written."""
    rough = (high - low) / most
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(k * power for k in (1, 2, 5, 10) if k * power >= rough * 0.999)
    values = step * np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1)
    return {float(value): f"{value:g}" for value in np.round(values, 12) + 0.0}
