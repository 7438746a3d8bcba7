"""Observations counted from 0: by hand, one by one and in batches, and what is in no space."""

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector.utils import concatenate, create_empty_array
from hypothesis import given, settings
from hypothesis import strategies as st

from habenula_rl.engine.space_index import action_numbering, numbering, tables_of


def test_observations_are_numbered_with_the_last_part_fastest():
    n, number, _ = numbering(spaces.MultiDiscrete([[2, 3]], start=[[0, 10]]))
    assert (n, number(np.array([[1, 12]])), number(np.array([[0, 11]]))) == (6, 5, 1)
    n, number, _ = numbering(spaces.Tuple((spaces.Discrete(4), spaces.MultiDiscrete([2, 3]))))
    assert (n, number((2, np.array([1, 1])))) == (24, 2 * 6 + 1 * 3 + 1)
    n, number, _ = numbering(spaces.Dict(b=spaces.Discrete(5), a=spaces.Discrete(2)))
    assert (n, number({"b": 3, "a": 1})) == (10, 1 * 5 + 3)  # by name, so b varies fastest


def test_parts_that_differ_in_what_they_observe_are_numbered_together():
    space = spaces.Dict(b=spaces.Discrete(5, start=-1), a=spaces.MultiDiscrete([2, 3]))
    obs = {"b": np.array([-1, 3, 0]), "a": np.array([[0, 0], [1, 2], [0, 1]])}
    assert numbering(space).many(obs).tolist() == [0, (1 * 3 + 2) * 5 + 4, 1 * 5 + 1]


countable = st.recursive(
    st.builds(spaces.Discrete, st.integers(1, 4), start=st.integers(-3, 3))
    | st.builds(spaces.MultiDiscrete, st.lists(st.integers(1, 3), min_size=1, max_size=2))
    | st.just(spaces.MultiDiscrete([[2, 3], [1, 2]], start=[[0, -1], [4, 0]])),
    lambda parts: (
        st.lists(parts, min_size=1, max_size=2).map(spaces.Tuple)
        | st.dictionaries(st.sampled_from("abc"), parts, min_size=1, max_size=2).map(spaces.Dict)
    ),
    max_leaves=4,
)


@settings(deadline=None, max_examples=50)
@given(space=countable, seed=st.integers(0, 2**32 - 1))
def test_different_observations_have_different_numbers(space, seed):
    space.seed(seed)
    n, number, _ = numbering(space)
    seen = {}
    for obs in (space.sample() for _ in range(60)):
        assert 0 <= number(obs) < n
        assert seen.setdefault(number(obs), repr(obs)) == repr(obs)


@settings(deadline=None, max_examples=50)
@given(space=countable, seed=st.integers(0, 2**32 - 1))
def test_a_batch_has_the_numbers_of_its_members(space, seed):
    space.seed(seed)
    members = [space.sample() for _ in range(7)]
    batch = concatenate(space, members, create_empty_array(space, n=7))
    n, one, many = numbering(space)
    assert many(batch).tolist() == [one(member) for member in members]
    assert many(batch).max() < n


def test_a_row_that_is_in_no_grid_is_named():
    many = numbering(spaces.MultiDiscrete([2, 3], start=[0, 1])).many
    assert many([[0, 1], [1, 3]]).tolist() == [0, 5]
    for batch in ([[0, 1], [1, 4]], [[0, 1], [-1, 1]]):
        with pytest.raises(ValueError, match=r"of environment 1, is not 2 whole numbers from \[0 1\] to \[1 3\]"):
            many(batch)
    for batch in ([[0, 1, 0], [0, 1, 0]], [[0.0, 1.0]], 1):
        with pytest.raises(ValueError, match="of environment 0, is not 2 whole numbers"):
            many(batch)


def test_a_value_that_is_not_in_the_space_is_named():
    _, one, many = numbering(spaces.Discrete(3, start=5))
    assert (one(5), one(np.int64(7)), many([7, 5]).tolist()) == (0, 2, [2, 0])
    for value in (4, 8, 5.0, "5", None):
        with pytest.raises(ValueError, match=r"is not a whole number from 5 to 7$"):
            one(value)
    with pytest.raises(ValueError, match=r"^8, of environment 1, is not a whole number from 5 to 7$"):
        many([5, 8])


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (spaces.Box(0.0, 1.0), "LiveAgent needs Discrete, MultiDiscrete, or Tuple or Dict observations of these"),
        (spaces.MultiDiscrete([1000, 1001]), "the observation space has 1001000 states, LiveAgent can hold 1000000"),
    ],
)
def test_what_cannot_be_counted_is_named(space, message):
    with pytest.raises(ValueError, match=message):
        numbering(space)


def test_only_discrete_actions_are_counted():
    assert action_numbering(spaces.Discrete(2, start=1)).one(2) == 1
    with pytest.raises(ValueError, match=r"LiveAgent needs Discrete actions, not .*; LiveAgents steps in vector"):
        action_numbering(spaces.MultiDiscrete([2, 2]))


def test_what_a_space_says_of_its_states():
    space = spaces.Discrete(2)
    assert tables_of(space, 2, 2) == dict.fromkeys(("aversive", "reflex", "elements", "available"), ())
    space.aversive = np.array([0.0, 1.0])
    assert tables_of(space, 2, 2)["aversive"] == (0.0, 1.0)
    with pytest.raises(ValueError, match=r"^the observation space: "):
        tables_of(space, 3, 2)
