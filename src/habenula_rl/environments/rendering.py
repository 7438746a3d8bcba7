"""Watching an animal: the environment's own picture, and below it what electrodes in the agent see."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, SupportsFloat

import numpy as np
from gymnasium import Env, Wrapper

from ..contract import nearest
from ..engine.answers import answer, name_of
from ..figures.colours import BLUE, GREEN, PINK, VERMILION
from .canvas import FAINT, INK, Canvas, signed

Array = np.ndarray[Any, Any]
STEPS = 60
LANE, MARGIN, LABELS = 78, 16, 96
COLOURS = {"lhb": VERMILION, "burst": PINK, "dopamine": BLUE, "serotonin": GREEN}
NAMES = {"lhb": "habenula", "burst": "bursting"}
AT_REST = {"lhb": 1.0}
LEAST_SPAN = 0.2  # of a lane, so that next to nothing looks like it


class Observable(Protocol):
    """A LiveAgent, or anything with signals."""

    @property
    def signals(self) -> Mapping[str, float]: ...


class RenderSignals(Wrapper[Any, Any, Any, Any]):
    """An environment whose `render` shows, below its own picture, the last 60 steps of the signals of the agent in it.

    `env` is any with render_mode "rgb_array", `live` the LiveAgent that acts and learns in it, `signals` which of its
    signals to show, by default habenula and dopamine. Call `render` behind `live.learn`: a signal is what the last
    step that was learned from gave. Steps that are not rendered are in the trace too.

    Raises ValueError where `env` draws no picture or the agent has no such signal.
    """

    def __init__(self, env: Env[Any, Any], live: Observable, signals: Sequence[str] | None = None) -> None:
        if env.render_mode != "rgb_array":
            raise ValueError(f"RenderSignals needs render_mode 'rgb_array', not {env.render_mode!r}")
        super().__init__(env)
        self.live = live
        known = [*live.signals]
        self.names = [*(signals or [n for n in ("lhb", "dopamine") if n in known] or known[:2])]
        for name in self.names:
            if name not in known:
                raise ValueError(f"the agent has no signal {name!r}{nearest(str(name), known)}")
        self._seen: deque[list[float]] = deque(maxlen=STEPS)
        self._open: bool | None = None  # whether the last step was shown to the agent; None where it is in the trace

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        self._close()
        seen, reward, terminated, truncated, info = answer(name_of(self.env), self.env.step, action)
        self._open = info.get("feedback") is not False
        return seen, reward, terminated, truncated, info

    def reset(self, **options: Any) -> tuple[Any, dict[str, Any]]:
        self._close()
        seen, info = answer(name_of(self.env), self.env.reset, **options)
        return seen, info

    def render(self) -> Any:
        """The environment's picture with a lane for each signal below it, uint8 (height, width, 3)."""
        picture = np.asarray(self.env.render())
        drawn = self._lanes(picture.shape[1])
        return np.concatenate([picture[..., :3], drawn])

    def _close(self) -> None:
        """Take the last step's signals into the trace."""
        if self._open is not None:
            self._seen.append(self._now())
            self._open = None

    def _now(self) -> list[float]:
        seen = self.live.signals
        return [seen[name] if self._open else 0.0 for name in self.names]

    def _lanes(self, width: int) -> Array:
        canvas = Canvas(width, LANE * len(self.names) + MARGIN)
        seen = [*self._seen, *([self._now()] if self._open is not None else [])][-STEPS:]
        for k, name in enumerate(self.names):
            self._lane(canvas, LANE * k + 6.0, name, [values[k] for values in seen])
        return canvas.array()

    def _lane(self, canvas: Canvas, top: float, name: str, values: list[float]) -> None:
        colour, rest = COLOURS.get(name, INK), AT_REST.get(name, 0.0)
        low, span = _scale([rest, *values])
        wide, bottom = (canvas.width - MARGIN - LABELS) / STEPS, top + LANE - 12

        def height(value: float) -> float:
            return bottom - (value - low) / span * (LANE - 18)

        canvas.text(MARGIN, top + 14, NAMES.get(name, name.replace("_", " ")), 12, colour, room=LABELS - MARGIN - 4)
        canvas.text(MARGIN, top + 34, signed(values[-1]).lstrip("+") if values else "", 14)
        canvas.line([(LABELS, height(rest)), (canvas.width - MARGIN, height(rest))], FAINT)
        canvas.text(MARGIN, top + 54, f"line at {rest:g}", 9, FAINT)
        points = [(canvas.width - MARGIN - (len(values) - k - 0.5) * wide, height(v)) for k, v in enumerate(values)]
        if len(points) > 1:
            canvas.line(points, colour, 2)
        if points:
            canvas.disc(*points[-1], 7, 7, colour)


def _scale(values: Sequence[float]) -> tuple[float, float]:
    """The lower end of a lane that holds them, and how far it reaches."""
    low, high = min(values), max(values)
    span = max(high - low, LEAST_SPAN)
    return (low + high - span) / 2, span


Watched = RenderSignals  # its name in 0.3.0 and before
