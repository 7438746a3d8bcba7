"""Grid world with hazards: a way to a goal around cells that hurt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Task, parameter
from ..randomness import uniform
from .shuttle_box import ShuttleBox

LEFT, DOWN, RIGHT, UP = 0, 1, 2, 3


def begin(q: Any, x: Any, e: Any) -> None:
    """At the start."""
    x.column = q.start_column
    x.row = q.start_row
    e.state = int(x.row * q.width + x.column)


def step(q: Any, x: Any, e: Any) -> None:
    """One step, which may slip to a side; the edge of the map stops it."""
    move(q, x, e)
    e.next_state = int(x.row * q.width + x.column)
    hit = 0.0
    for k in range(q.hazards.size):
        if e.next_state == q.hazards[k]:
            hit = 1.0
    arrived = x.column == q.goal_column and x.row == q.goal_row
    e.reward = (q.goal if arrived else 0.0) - q.effort - q.cost * q.hazard * hit
    e.terminated = 1 if arrived or (hit > 0.0 and q.hazard_ends > 0.0) else 0


def move(q: Any, x: Any, e: Any) -> None:
    """Where the subject is after the step; a slip goes to either side of the direction meant."""
    across = 1.0 if e.action == RIGHT else (-1.0 if e.action == LEFT else 0.0)
    down = 1.0 if e.action == DOWN else (-1.0 if e.action == UP else 0.0)
    luck = uniform(e, 0)
    if luck < q.slip:
        side = 1.0 if luck < 0.5 * q.slip else -1.0
        across, down = side * down, side * across
    x.column = within(x.column + across, q.width)
    x.row = within(x.row + down, q.height)


def within(place: Any, size: Any) -> Any:
    """The place, or the edge of the map where it lies beyond."""
    return 0.0 if place < 0.0 else (size - 1.0 if place > size - 1.0 else place)


@dataclass(frozen=True)
class GridWorld(Task):
    """Grid world with hazards.

    Description: a map of `width` times `height` cells. The goal pays; entering a hazard hurts, and with `hazard_ends`
        ends the trial; with hazards of -1 there are none. Cells are numbered row by row from the top left, 0 to
        width·height - 1. The default map is the 4x4 map of FrozenLake, whose holes are here cold water.
    Action space: Discrete(4): 0 left, 1 down, 2 right, 3 up. With probability `slip` the step goes to one of the two
        sides of the direction meant. A step lasts 1 s.
    Observation space: Discrete(width·height), the cell; hazards are aversive.
    Start: at (start_column, start_row).
    Outcomes: `goal` at the goal, -cost·hazard for a step into a hazard, -effort for each step.
    End: terminated at the goal, with `hazard_ends` in a hazard; truncated after `limit_steps`.
    Source: FrozenLake of Gymnasium, Towers et al. 2024, doi 10.48550/arXiv.2407.17032; Sutton & Barto 2018,
        Reinforcement Learning, 2nd ed., ISBN 978-0-262-03924-6.
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("column", "row")

    width: int = parameter(4, doc="width of the map", unit="cells", low=1, high=30, source="FrozenLake 4x4")
    height: int = parameter(4, doc="height of the map", unit="cells", low=1, high=30, source="FrozenLake 4x4")
    hazards: tuple[float, ...] = parameter(
        (5.0, 7.0, 11.0, 12.0),
        doc="cells that hurt, -1 for none",
        unit="cell",
        low=-1,
        high=899,
        source="FrozenLake 4x4",
    )
    start_column: int = parameter(0, doc="start, from the left", unit="cells", low=0, high=29, source="FrozenLake 4x4")
    start_row: int = parameter(0, doc="start, from the top", unit="cells", low=0, high=29, source="FrozenLake 4x4")
    goal_column: int = parameter(3, doc="goal, from the left", unit="cells", low=0, high=29, source="FrozenLake 4x4")
    goal_row: int = parameter(3, doc="goal, from the top", unit="cells", low=0, high=29, source="FrozenLake 4x4")
    slip: float = parameter(
        0.0, doc="probability that a step goes to a side", low=0, high=1, source="FrozenLake; 2/3 where it is slippery"
    )
    goal: float = parameter(1.0, doc="what the goal is worth", unit="reward", low=-100, high=100, source="FrozenLake")
    hazard: float = parameter(
        1.0, doc="how much a hazard hurts, 1 is full aversion", low=0, high=1, source="set; 0 in FrozenLake"
    )
    hazard_ends: bool = parameter(True, doc="whether a hazard ends the trial", source="FrozenLake")
    cost: float = parameter(
        ShuttleBox.cost, doc="what a second of full aversion costs", unit="reward", low=0, high=100,
        source="as in the ShuttleBox",
    )  # fmt: skip
    effort: float = parameter(0.0, doc="what a step costs", unit="reward", low=0, high=100, source="FrozenLake")
    limit_steps: int = parameter(100, doc="longest trial", unit="steps", low=1, high=100_000, source="FrozenLake 4x4")

    def __post_init__(self) -> None:
        super().__post_init__()
        start, goal = (self.start_column, self.start_row), (self.goal_column, self.goal_row)
        for name, (column, row) in {"start": start, "goal": goal}.items():
            if column >= self.width or row >= self.height:
                raise ValueError(
                    f"GridWorld: the {name} at column {column}, row {row} is not on the map of {self.width} times "
                    f"{self.height} cells, whose rows and columns are numbered from 0"
                )
        for cell in self.hazards:
            if cell != int(cell) or cell >= self.width * self.height:
                raise ValueError(
                    f"GridWorld: hazards must be cells of the map, 0 to {self.width * self.height - 1}, not {cell:g}"
                )
            if cell in (self._cell(*start), self._cell(*goal)):
                raise ValueError(f"GridWorld: the hazard {cell:g} is the start or the goal")
        if start == goal:
            raise ValueError("GridWorld: start and goal must be two different cells")

    def _cell(self, column: int, row: int) -> int:
        return row * self.width + column

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(f"column {c}, row {r}" for r in range(self.height) for c in range(self.width))

    @property
    def actions(self) -> tuple[str, ...]:
        return ("left", "down", "right", "up")

    @property
    def aversive(self) -> tuple[float, ...]:
        return tuple(self.hazard if cell in self.hazards else 0.0 for cell in range(self.width * self.height))

    @property
    def step_s(self) -> float:
        return 1.0

    @property
    def max_steps(self) -> int:
        return self.limit_steps
