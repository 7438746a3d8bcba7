"""Box observations in bins, so that an agent with one value for each state can learn from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import Env, ObservationWrapper, spaces
from gymnasium.utils import RecordConstructorArgs
from gymnasium.vector import VectorEnv, VectorWrapper
from gymnasium.vector.utils import batch_space

from ..contract import short_repr
from ..engine.answers import answer, name_of

Array = np.ndarray[Any, Any]
Numbers = float | Sequence[float] | Array
MOST_BINS = 1_000_000
if TYPE_CHECKING:
    Vectors = VectorWrapper[Any, Any, Any, Any, Any]
else:
    Vectors = VectorWrapper  # which takes no types before Gymnasium 1.3
UNBOUNDED = float(np.finfo(np.float32).max)  # what some environments say for infinity


class Bins:
    """The bins of a Box, as `Binned` defines them: observations in, their bins out.

    `inner_edges` (d, most bins - 1) holds where each bin but the first begins; NaN, which nothing reaches, fills it up.
    """

    def __init__(self, space: Any, bins: int | Sequence[int], low: Numbers | None, high: Numbers | None) -> None:
        if not isinstance(space, spaces.Box):
            raise ValueError(f"Binned needs Box observations, not {space}")
        self.shape = space.shape
        self.bins = self._spread("bins", bins).astype(np.int64)
        lows = self._spread("low", space.low if low is None else low)
        highs = self._spread("high", space.high if high is None else high)
        self.inner_edges = np.full((self.bins.size, self.bins.max(initial=1) - 1), np.nan)
        for d in np.flatnonzero(self.bins > 1):
            self._check_bounds(d, float(lows[d]), float(highs[d]))
            self.inner_edges[d, : self.bins[d] - 1] = np.linspace(lows[d], highs[d], self.bins[d] + 1)[1:-1]

    def _spread(self, name: str, value: Any) -> Array:
        """One number for each dimension, flattened."""
        try:
            array = np.asarray(value)
        except ValueError:  # lists of different lengths inside a list
            array = np.empty(0)
        size = int(np.prod(self.shape))
        fits = array.dtype.kind in "iuf" and array.shape in ((), self.shape, (size,))
        if name == "bins":
            fits = fits and bool(np.all((array >= 1) & (array <= MOST_BINS) & (array == np.floor(array))))
        if not fits:
            kind = f"a whole number from 1 to {MOST_BINS}" if name == "bins" else "a number"
            raise ValueError(
                f"{name} must be {kind}, or one for each of the {size} dimensions of the observations, "
                f"not {short_repr(value)}"
            )
        return np.broadcast_to(array.ravel() if array.ndim else array, size).astype(float)

    def _dimension(self, d: Any) -> str:
        return f"dimension {', '.join(map(str, np.unravel_index(d, self.shape or (1,))))} of the observations"

    def _check_bounds(self, d: Any, low: float, high: float) -> None:
        if not (abs(low) < UNBOUNDED and abs(high) < UNBOUNDED):
            raise ValueError(
                f"{self._dimension(d)} goes from {low:g} to {high:g}, where no bins fit: "
                "give low and high, or 1 bin to leave it out"
            )
        if not low < high:
            raise ValueError(f"{self._dimension(d)} must have its low below its high, not {low:g} and {high:g}")

    def __call__(self, obs: Any) -> Array:
        """The bins of one observation, shape (d,), or of a batch of n, shape (n, d)."""
        try:
            array = np.asarray(obs, dtype=float)
        except (TypeError, ValueError):  # no numbers, or lists of different lengths inside a list
            raise ValueError(f"{short_repr(obs)} is no observation of the shape {self.shape}") from None
        batch = array.shape[: array.ndim - len(self.shape)]
        if array.shape != batch + self.shape:
            raise ValueError(f"an observation has the shape {array.shape} where {self.shape} is needed")
        flat = array.reshape(*batch, self.bins.size)
        unknown = np.isnan(flat)
        if unknown.any():
            raise ValueError(f"{self._dimension(np.argwhere(unknown)[0, -1])} is not a number (NaN)")
        return np.asarray(np.count_nonzero(flat[..., None] >= self.inner_edges, axis=-1))


class Binned(ObservationWrapper[Any, Any, Any], RecordConstructorArgs):
    """An environment whose Box observations are given as equal bins: MultiDiscrete, for LiveAgent.

    A Box of any shape is flattened in row-major order to d dimensions. Dimension k is cut between `low[k]` and
    `high[k]` into `bins[k]` bins of width w = (high[k] - low[k]) / bins[k]; an x with low + j·w ≤ x < low + (j + 1)·w
    is in bin j, what lies below in the first and what lies above, `high` itself too, in the last. So the observations
    become MultiDiscrete(bins), shape (d,), of bins[0] · bins[1] · ... states, of which LiveAgent can hold a million.

    `bins`, `low` and `high` are one number for all dimensions or one for each, flat or in the Box's shape; `low` and
    `high` are the Box's own where they are not given. A dimension with 1 bin is left out and needs no bounds.

    Bins, not tiles: tile coding sums the weights of several overlapping grids, while rules here read and write the one
    state that a subject is in, and stay readable for it.

    Raises ValueError where the observations are no Box, a number is none, a dimension with more than 1 bin has no
    finite bounds (CartPole's velocities: give `low` and `high`), or an observation is NaN or of another shape.
    """

    def __init__(
        self, env: Env[Any, Any], bins: int | Sequence[int], low: Numbers | None = None, high: Numbers | None = None
    ) -> None:
        RecordConstructorArgs.__init__(self, bins=bins, low=low, high=high)
        ObservationWrapper.__init__(self, env)
        self.bins = Bins(env.observation_space, bins, low, high)
        self.observation_space = spaces.MultiDiscrete(self.bins.bins)

    def observation(self, observation: Any) -> Array:
        """The bin of each dimension, shape (d,)."""
        return self.bins(observation)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        obs, info = answer(name_of(self.env), self.env.reset, seed=seed, options=options)
        return self.observation(obs), info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        obs, *others = answer(name_of(self.env), self.env.step, action)
        return self.observation(obs), *others


class BinnedVector(Vectors):
    """`Binned` for a vector environment: all its observations at once, shape (n, d), and what episodes ended with.

    The same bins come out, slower, of a `Binned` around each part: `gymnasium.make_vec(..., wrappers=[...])`.
    """

    def __init__(
        self,
        env: VectorEnv[Any, Any, Any],
        bins: int | Sequence[int],
        low: Numbers | None = None,
        high: Numbers | None = None,
    ) -> None:
        super().__init__(env)
        self.bins = Bins(env.single_observation_space, bins, low, high)
        self.single_observation_space = spaces.MultiDiscrete(self.bins.bins)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        obs, infos = answer(name_of(self.env), self.env.reset, seed=seed, options=options)
        return self.bins(obs), infos

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        obs, rewards, terminated, truncated, infos = answer(name_of(self.env), self.env.step, actions)
        if "final_obs" in infos:  # None where no episode ended
            final = np.full(self.num_envs, None, dtype=object)
            for i in np.flatnonzero(terminated | truncated):
                final[i] = self.bins(infos["final_obs"][i])
            infos = infos | {"final_obs": final}
        return self.bins(obs), rewards, terminated, truncated, infos
