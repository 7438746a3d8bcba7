"""Grid world with hazards: a way to a goal around cells that hurt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Task, parameter
from ..randomness import uniform
from .shuttle_box import ShuttleBox

LEFT, DOWN, RIGHT, UP = 0, 1, 2, 3


def begin(q: Any, x: Any, e: Any) -> None:
    """At the start, top left."""
    x.column = 0.0
    x.row = 0.0
    e.state = 0


def step(q: Any, x: Any, e: Any) -> None:
    """One step, which may slip to a side; the edge of the map stops it."""
    move(q, x, e)
    e.next_state = int(x.row * q.width + x.column)
    hurts, pays = q.hurts[e.next_state], q.pays[e.next_state]
    e.reward = pays - q.effort - q.cost * hurts
    e.terminated = 1 if pays != 0.0 or (hurts > 0.0 and q.hazard_ends > 0.0) else 0


def move(q: Any, x: Any, e: Any) -> None:
    """Where the subject is after the step; a slip goes to either side of the direction meant."""
    across = 1.0 if e.action == RIGHT else (-1.0 if e.action == LEFT else 0.0)
    down = 1.0 if e.action == DOWN else (-1.0 if e.action == UP else 0.0)
    luck = uniform(e, 0)
    if luck < q.slip:
        side = 1.0 if luck < 0.5 * q.slip else -1.0
        across, down = side * down, side * across
    x.column = within(x.column + across, q.width)
    x.row = within(x.row + down, q.hurts.size / q.width)


def within(place: Any, size: Any) -> Any:
    """The place, or the edge of the map where it lies beyond."""
    return 0.0 if place < 0.0 else (size - 1.0 if place > size - 1.0 else place)


@dataclass(frozen=True)
class GridWorld(Task):
    """Grid world with hazards.

    Description: a map, given row by row from the top left: `hurts` says how much each cell hurts, `pays` what it pays.
        A cell that pays is a goal and ends the trial; one that hurts is a hazard and ends it with `hazard_ends`. The
        default is the 4x4 map of FrozenLake, whose holes are here cold water.
    Action space: Discrete(4): 0 left, 1 down, 2 right, 3 up. With probability `slip` the step goes to one of the two
        sides of the direction meant. A step lasts 1 s.
    Observation space: Discrete(n), the cell, numbered as the map is given; hazards are aversive.
    Start: in cell 0, top left.
    Outcomes: what the cell pays, -cost times how much it hurts, -effort for each step.
    End: terminated at a goal, with `hazard_ends` in a hazard; truncated after `limit_steps`.
    Source: FrozenLake of Gymnasium, Towers et al. 2024, doi 10.48550/arXiv.2407.17032; Sutton & Barto 2018,
        Reinforcement Learning, 2nd ed., ISBN 978-0-262-03924-6.
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("column", "row")

    width: int = parameter(4, doc="cells in a row", unit="cells", low=1, high=30, source="FrozenLake 4x4")
    hurts: tuple[float, ...] = parameter(
        (0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0),
        doc="how much each cell hurts, 1 is full aversion, row by row",
        low=0,
        high=1,
        source="FrozenLake 4x4; that holes hurt is set",
    )
    pays: tuple[float, ...] = parameter(
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
        doc="what each cell pays, row by row",
        unit="reward",
        low=-100,
        high=100,
        source="FrozenLake 4x4",
    )
    slip: float = parameter(
        0.0, doc="probability that a step goes to a side", low=0, high=1, source="FrozenLake; 2/3 where it is slippery"
    )
    hazard_ends: bool = parameter(True, doc="whether a hazard ends the trial", source="FrozenLake")
    cost: float = parameter(
        ShuttleBox.cost,
        doc="what a second of full aversion costs",
        unit="reward",
        low=0,
        high=100,
        source="as in the ShuttleBox",
    )
    effort: float = parameter(0.0, doc="what a step costs", unit="reward", low=0, high=100, source="FrozenLake")
    limit_steps: int = parameter(100, doc="longest trial", unit="steps", low=1, high=100_000, source="FrozenLake 4x4")

    def __post_init__(self) -> None:
        super().__post_init__()
        cells = len(self.hurts)
        if len(self.pays) != cells:
            raise ValueError(
                f"GridWorld: hurts and pays must have one number for each cell, not {cells} and {len(self.pays)}"
            )
        if cells % self.width:
            raise ValueError(f"GridWorld: a map of {cells} cells has no rows of width {self.width}")

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(f"column {k % self.width}, row {k // self.width}" for k in range(len(self.hurts)))

    @property
    def aversive(self) -> tuple[float, ...]:
        return self.hurts

    @property
    def actions(self) -> tuple[str, ...]:
        return ("left", "down", "right", "up")

    @property
    def step_s(self) -> float:
        return 1.0

    @property
    def max_steps(self) -> int:
        return self.limit_steps
