"""A small picture to draw on: flat shapes and text, smooth at twice the size and then halved."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL import ImageFont

SCALE = 2
PAPER, INK, FAINT, PALE = "#FFFFFF", "#222222", "#999999", "#EEEEEE"


class Canvas:
    """A picture of `width` × `height` pixels; places and sizes are in pixels from its upper left corner."""

    def __init__(self, width: int, height: int) -> None:
        from PIL import Image, ImageDraw

        self.width, self.height = width, height
        self._image = Image.new("RGB", (width * SCALE, height * SCALE), PAPER)
        self._draw: Any = ImageDraw.Draw(self._image)

    def box(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        fill: str,
        *,
        outline: str | None = None,
        radius: float = 0.0,
        line: float = 1.0,
    ) -> None:
        """A rectangle with rounded corners."""
        corners = _scaled((x, y, x + w, y + h))
        self._draw.rounded_rectangle(corners, radius * SCALE, fill, outline, round(line * SCALE))

    def disc(self, x: float, y: float, across: float, down: float, fill: str) -> None:
        """An ellipse around x, y."""
        self._draw.ellipse(_scaled((x - across / 2, y - down / 2, x + across / 2, y + down / 2)), fill)

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: float = 1.0) -> None:
        """A line through the points."""
        self._draw.line([_scaled(point) for point in points], colour, round(width * SCALE), "curve")

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: int = 12,
        colour: str = INK,
        *,
        anchor: str = "lm",
        room: float | None = None,
    ) -> None:
        """A line of text; `anchor` is Pillow's (left, middle, right; middle of its height), `room` cuts it off."""
        font = _font(size * SCALE)
        while room is not None and words and font.getlength(words) > room * SCALE:
            words = words[:-2] + "…" if len(words) > 2 else ""
        self._draw.text(_scaled((x, y)), words, colour, font, anchor)

    def fits(self, words: str, size: int, room: float) -> bool:
        """Whether a line of text has room."""
        return bool(_font(size * SCALE).getlength(words) <= room * SCALE)

    def array(self) -> np.ndarray[Any, Any]:
        """The picture, uint8 of shape (height, width, 3)."""
        return np.array(self._image.reduce(SCALE), np.uint8)


def mixed(colour: str, fraction: float) -> str:
    """The colour thinned with white; `fraction` 1 is the colour itself."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 + (part - 255) * fraction):02x}" for part in parts)


def signed(number: float) -> str:
    """A number as a label shows it."""
    return f"{number:+.3g}".replace("-", "−") if number else "0"


def _scaled(numbers: Sequence[float]) -> tuple[float, ...]:
    return tuple(number * SCALE for number in numbers)


@functools.lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    """The one that Matplotlib brings."""
    from pathlib import Path

    import matplotlib as mpl
    from PIL import ImageFont

    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"), size)
