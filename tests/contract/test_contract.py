"""Parameters hold what they declare, whole numbers whole; anything else is refused in one sentence."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

from habenula_rl.agents import HabenulaAgent
from habenula_rl.contract import Parameters, parameter
from habenula_rl.tasks import ForcedSwim, ShuttleBox


@dataclass(frozen=True)
class Mixed(Parameters):
    whole: int = parameter(3, doc="a count", low=0, high=1000)
    real: float = parameter(0.5, doc="a number without a range")
    switch: bool = parameter(True, doc="on or off")
    several: tuple[float, ...] = parameter((1.0,), doc="numbers", low=0)
    counts: tuple[int, ...] = parameter((1, 2), doc="whole numbers", low=0)
    partly: tuple[float, ...] = parameter((1, 0.5), doc="numbers, some of them whole", low=0)


@pytest.mark.parametrize(
    ("name", "given", "stored"),
    [
        ("whole", 10.0, 10),
        ("whole", np.int64(10), 10),
        ("whole", np.float64(10.0), 10),
        ("real", 2, 2.0),
        ("real", np.float64(0.25), 0.25),
        ("real", Fraction(1, 4), 0.25),
        ("switch", False, False),
        ("several", [1, np.float64(2.5)], (1.0, 2.5)),
        ("counts", [3.0, np.int64(4)], (3, 4)),
        ("partly", [1, 0.25], (1.0, 0.25)),
    ],
)
def test_a_value_is_stored_as_the_kind_that_the_parameter_declares(name, given, stored):
    value = getattr(Mixed(**{name: given}), name)
    assert value == stored
    assert type(value) is type(stored)
    if isinstance(stored, tuple):
        assert [type(part) for part in value] == [type(part) for part in stored]


def test_whole_numbers_written_with_a_point_are_counts_of_steps():
    assert type(ShuttleBox(max_shock_s=10.0, warning_s=2.0).max_steps) is int
    assert type(ForcedSwim(length_s=10.0).max_steps) is int


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("whole", 2.5, "Mixed: whole must be a whole number, not 2.5"),
        ("whole", np.bool_(True), f"Mixed: whole must be a number, not {np.bool_(True)!r}"),
        ("real", np.array([0.0, 1.0]), "Mixed: real must be a number, not array([0., 1.])"),
        ("real", np.array(1.0), "Mixed: real must be a number, not array(1.)"),
        ("real", 1j, "Mixed: real must be a number, not 1j"),
        ("real", None, "Mixed: real must be a number, not None"),
        ("real", float("nan"), "Mixed: real must be finite, not nan"),
        ("real", -np.inf, "Mixed: real must be finite, not -inf"),
        ("several", 1.0, "Mixed: several must be a list, not 1.0"),
        ("several", [1.0, None], "Mixed: several must be a number, not None"),
        ("counts", [3, 2.5], "Mixed: counts must be a whole number, not 2.5"),
        ("switch", 1, "Mixed: switch must be true or false, not 1"),
    ],
)
def test_what_cannot_be_a_value_is_named(name, given, message):
    with pytest.raises(ValueError) as caught:
        Mixed(**{name: given})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "given", "start"),
    [
        ("whole", 10**400, "Mixed: whole must be between 0 and 1000, not 1000"),
        ("real", -(10**400), "Mixed: real must be smaller in size than 1.79769e+308, not -1000"),
        ("real", 10**6000, "Mixed: real must be smaller in size than 1.79769e+308, not "),
        ("real", Fraction(10**400), "Mixed: real must be smaller in size than 1.79769e+308, not "),
        ("real", np.zeros((50, 50)), "Mixed: real must be a number, not array([["),
    ],
    ids=["whole", "real", "too long for repr", "fraction", "array"],
)
def test_no_value_makes_the_sentence_long(name, given, start):
    with pytest.raises(ValueError) as caught:
        Mixed(**{name: given})
    assert str(caught.value).startswith(start)
    assert len(str(caught.value)) < 140
    assert "\n" not in str(caught.value)


def test_a_value_for_each_subject_does_not_go_into_an_agent():
    with pytest.raises(ValueError, match="HabenulaAgent: hyperactivity must be a number, not array"):
        HabenulaAgent(hyperactivity=np.array([0.0, 1.0]))


def test_equal_parameters_are_equal_however_they_were_written():
    assert repr(Mixed(whole=4.0, real=1, several=[2])) == repr(Mixed(whole=4, real=1.0, several=(2.0,)))
