"""A picture of any task, from what it declares: its states, where the animal is, what it did, what that brought."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..contract import Task
from ..figures.colours import BLUE, GREEN, ORANGE, SKY, VERMILION
from .canvas import FAINT, INK, PALE, PAPER, Canvas, mixed, signed

WIDTH, HEIGHT = 640, 360
MARGIN, LABELS = 16, 96  # the labels' column, left of a lane
STEPS = 60  # that a lane goes back
NAMED = 40  # states; where there are more, their boxes are too small for names
CELL = re.compile(r"column (\d+), row (\d+)")
Box = tuple[float, float, float, float]  # left, top, width, height
SIGNS = {True: BLUE, False: VERMILION}  # of better and worse


class Picture:
    """What has happened in the last steps, and how it looks; `draw` gives 640 × 360 pixels."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.steps: deque[tuple[float, float]] = deque(maxlen=STEPS)  # outcome, NaN where not shown, and aversion
        self.action = -1

    def begin(self) -> None:
        """A trial begins."""
        self.action = -1

    def moved(self, action: int, outcome: float, aversive: float) -> None:
        """A step was taken in a state that hurts so much."""
        self.action = action
        self.steps.append((outcome, aversive))

    def draw(self, state: int, heading: str) -> np.ndarray[Any, Any]:
        """Heading, states, actions, and the outcomes of the last steps."""
        canvas = Canvas(WIDTH, HEIGHT)
        canvas.text(MARGIN, 20, type(self.task).__name__, 16, room=260)
        canvas.text(WIDTH - MARGIN, 20, heading, 12, FAINT, anchor="rm", room=320)
        self._states(canvas, state)
        self._actions(canvas, state)
        self._outcomes(canvas)
        return canvas.array()

    def _states(self, canvas: Canvas, state: int) -> None:
        pays = getattr(self.task, "pays", ())
        boxes = _boxes(self.task.states, (MARGIN, 42, WIDTH - 2 * MARGIN, 170))
        for s, (name, (x, y, w, h)) in enumerate(zip(self.task.states, boxes, strict=True)):
            hurts, here = self.task.aversive[s], s == state
            fill = mixed(VERMILION, 0.25 + 0.5 * hurts) if hurts else mixed(SKY, 0.45) if here else PALE
            canvas.box(x, y, w, h, fill, outline=INK if here else PAPER, radius=6, line=2.5 if here else 1)
            if s < len(pays) and pays[s] > 0.0:  # a goal
                canvas.disc(x + w / 2, y + h / 2, min(w, h) * 0.7, min(w, h) * 0.7, mixed(GREEN, 0.6))
            head = _name(canvas, name, x, y, w, h) if len(boxes) <= NAMED else 0
            if hurts and head and h > 60:
                canvas.text(x + w / 2, y + h - 12, f"hurts {hurts:.2g}", 10, room=w - 8, anchor="mm")
            if here:
                _animal(canvas, x + w / 2, y + (h + head) / 2, min(w * 0.6, (h - head) * 1.4, 70))

    def _actions(self, canvas: Canvas, state: int) -> None:
        canvas.text(MARGIN, 236, "action", 12)
        names, room = self.task.actions, WIDTH - MARGIN - LABELS
        possible = self.task.available[state] if self.task.available else (True,) * len(names)
        w = min(130.0, room / len(names))
        gap = min(6.0, w / 6)
        for a, name in enumerate(names):
            done = a == self.action
            fill = ORANGE if done else PALE
            canvas.box(LABELS + a * w, 224, w - gap, 24, fill, outline=INK if done else None, radius=12, line=2)
            colour = INK if possible[a] or done else mixed(FAINT, 0.6)
            canvas.text(LABELS + a * w + w / 2 - 3, 236, name, 12, colour, anchor="mm", room=w - 12 if w > 20 else 0.0)

    def _outcomes(self, canvas: Canvas) -> None:
        top, height = 268.0, 76.0
        canvas.text(MARGIN, top + 14, "outcome", 12)
        shown = [outcome for outcome, _ in self.steps if outcome == outcome]
        if self.steps:
            last = self.steps[-1][0]
            label = signed(last) if last == last else "not shown"
            canvas.text(MARGIN, top + 34, label, 14 if last == last else 11, SIGNS[last >= 0] if last else INK)
        shade(canvas, [aversive for _, aversive in self.steps], top, height)
        most, middle = max([abs(outcome) for outcome in shown] or [1.0]) or 1.0, top + height / 2
        canvas.text(MARGIN, top + 54, f"up to ±{most:.2g}", 9, FAINT)
        canvas.line([(LABELS, middle), (WIDTH - MARGIN, middle)], FAINT)
        for (outcome, _), x in zip(self.steps, places(len(self.steps)), strict=True):
            if outcome == outcome and outcome != 0.0:
                size = abs(outcome) / most * (height / 2 - 2)
                canvas.box(x, middle - size if outcome > 0 else middle, _wide() - 2, size, SIGNS[outcome > 0])


def places(n: int) -> list[float]:
    """Where in a lane each of the last `n` steps begins; the newest is on the right."""
    return [WIDTH - MARGIN - (n - k) * _wide() for k in range(n)]


def shade(canvas: Canvas, aversive: list[float], top: float, height: float) -> None:
    """The steps in states that hurt, as a band behind the lane."""
    for hurts, x in zip(aversive, places(len(aversive)), strict=True):
        if hurts:
            canvas.box(x, top, _wide(), height, mixed(VERMILION, 0.08 + 0.14 * hurts))


def _wide() -> float:
    return (WIDTH - MARGIN - LABELS) / STEPS


def _boxes(names: Sequence[str], room: Box) -> list[Box]:
    """A box for each state: where its name says, as in a grid world, or row by row, as nearly square as it goes."""
    n, width, height = len(names), room[2], room[3]
    cells = [CELL.fullmatch(name) for name in names]
    columns = n if n <= 6 else math.ceil(math.sqrt(n * width / height / 1.6))
    places = [(int(cell[1]), int(cell[2])) for cell in cells if cell]
    if len(places) < n:
        places = [(s % columns, s // columns) for s in range(n)]
    return _grid(places, room)


def _grid(places: Sequence[tuple[int, int]], room: Box) -> list[Box]:
    """Boxes in these columns and rows."""
    left, top, width, height = room
    columns, rows = (max(place[k] for place in places) + 1 for k in range(2))
    gap = min(8.0, width / columns / 6, height / rows / 6)
    w, h = (width + gap) / columns, (height + gap) / rows
    return [(left + column * w, top + row * h, w - gap, h - gap) for column, row in places]


def _name(canvas: Canvas, name: str, x: float, y: float, w: float, h: float) -> float:
    """A state's name at the upper edge of its box, in two lines where it is long; its height, 0 in a grid."""
    if CELL.fullmatch(name):
        return 0.0
    lines = [name]
    if ", " in name and h > 50 and not canvas.fits(name, 12, w - 8):
        lines = name.split(", ", 1)
    for k, line in enumerate(lines):
        canvas.text(x + w / 2, y + 13 + 14 * k, line, 12, room=w - 8, anchor="mm")
    return 6.0 + 14 * len(lines)


def _animal(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A rodent from above: tail, body, ears and nose."""
    grey, pink = "#5A5A5A", "#E8A9B8"
    tail = [(x - size * (0.34 + 0.03 * k), y + size * 0.06 * math.sin(k * 1.1)) for k in range(8)]
    canvas.line(tail, pink, max(1.0, size / 22))
    canvas.disc(x - size * 0.06, y, size * 0.62, size * 0.40, grey)
    for side in (-1, 1):
        canvas.disc(x + size * 0.18, y + side * size * 0.19, size * 0.2, size * 0.2, pink)
    canvas.disc(x + size * 0.28, y, size * 0.34, size * 0.26, grey)
    canvas.disc(x + size * 0.45, y, size * 0.07, size * 0.07, pink)
