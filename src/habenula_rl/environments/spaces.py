"""Discrete spaces that know what an animal knows of its box: what hurts, reflexes, and how to do nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.spaces import Discrete
from gymnasium.vector.utils import batch_differing_spaces

from ..contract import NO_PASSIVE

if TYPE_CHECKING:
    Numbered = Discrete[np.int64]
else:
    Numbered = Discrete  # which takes no type before Gymnasium 1.2.2


class StateSpace(Numbered):
    """The states of a task, 0 to n - 1.

    `aversive` says how much each hurts, 0 to 1; `reflex`, by state and action, how far an animal does that there by
    nature, 0 to 1, and () where it has no reflexes; `elements` what each is made of, () where each is its own only
    element; `available`, by state and action, what can be chosen, () where everything can.
    """

    def __init__(
        self,
        aversive: Sequence[float],
        reflex: Sequence[Sequence[float]] = (),
        elements: Sequence[Sequence[int]] = (),
        available: Sequence[Sequence[bool]] = (),
        seed: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(len(aversive), seed=seed)
        self.aversive = tuple(float(level) for level in aversive)
        self.reflex = tuple(tuple(float(strength) for strength in row) for row in reflex)
        self.elements = tuple(tuple(int(element) for element in row) for row in elements)
        self.available = tuple(tuple(bool(one) for one in row) for row in available)

    def __repr__(self) -> str:
        return f"StateSpace({', '.join(f'{name}={value}' for name, value in self._known().items())})"

    def __eq__(self, other: Any) -> bool:
        alike = isinstance(other, StateSpace) and super().__eq__(other)
        return alike and self._known() == other._known()

    def _known(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("aversive", "reflex", "elements", "available")}


class ActionSpace(Numbered):
    """The actions of a task, 0 to n - 1; `passive` is the one that is doing nothing, -1 where there is none."""

    def __init__(self, n: int, passive: int = NO_PASSIVE, seed: int | np.random.Generator | None = None) -> None:
        super().__init__(n, seed=seed)
        self.passive = passive

    def __repr__(self) -> str:
        return f"ActionSpace({self.n}, passive={self.passive})"

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, ActionSpace) and super().__eq__(other) and self.passive == other.passive


# Gymnasium looks up this one by the exact type, all its other functions on spaces take a subclass for what it is.
for kind in (StateSpace, ActionSpace):
    batch_differing_spaces.register(kind, batch_differing_spaces.dispatch(Discrete))
