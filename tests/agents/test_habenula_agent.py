"""The agent's rules: one step worked out by hand, limits, and an effect of every parameter."""

import numpy as np
import pytest

from habenula_rl.agents import HabenulaAgent
from habenula_rl.agents import habenula as rules
from habenula_rl.engine import records

# no habenula (φ = 0), no leak, no pull: what is left is a plain opponent actor-critic
PLAIN = {
    "habenula_share": 0.0, "trace_leak": 0.0, "pavlovian": 0.0, "bias": 0.0, "reflex_go": 0.0,
    "discount": 0.5, "value_rate": 0.1, "trace_rate": 0.2, "beta": 2.0, "growth": 0.0,
}  # fmt: skip


def subject(agent, reflex=((0.0, 0.0), (0.0, 0.0)), n_actions=2):
    p = records.packed(records.parameter_type(type(agent)), agent.values(), 1).view(np.recarray)[0]
    w = records.one(records.state_type(type(agent), len(reflex), n_actions))
    rules.start(p, w, np.array(reflex))
    return p, w, records.one(records.event_type(1, n_actions)), records.one(records.signal_type(type(agent)))


def event(e, **fields):
    for name, value in fields.items():
        setattr(e, name, value)
    e.elements[0], e.next_elements[0] = e.state, e.next_state
    return e


@pytest.mark.parametrize(
    ("reward", "next_value", "terminated", "delta"),
    [
        (1.0, 0.0, 1, 1.0),
        (0.0, 4.0, 0, 2.0),  # 0 + 0.5·4 - 0
        (0.0, 4.0, 1, 0.0),  # no value beyond termination
        (-1.0, -2.0, 0, -2.0),  # -1 - 0.5·2
    ],
)
def test_prediction_error_and_what_is_learned_from_it(reward, next_value, terminated, delta):
    p, w, e, y = subject(HabenulaAgent(**PLAIN))
    w.value[1] = next_value
    rules.learn(p, w, event(e, action=1, reward=reward, next_state=1, terminated=terminated), y)
    assert y.rpe == pytest.approx(delta)
    assert y.dopamine == pytest.approx(delta)  # φ = 0: dopamine is the prediction error
    assert w.value[0] == pytest.approx(0.1 * delta)
    assert w.go[0, 1] == pytest.approx(0.2 * max(delta, 0.0))
    assert w.nogo[0, 1] == pytest.approx(0.2 * max(-delta, 0.0))
    assert w.go[0, 0] == w.nogo[0, 0] == 0.0  # the action not taken learns nothing


def test_truncation_bootstraps_like_any_other_step():
    p, w, e, y = subject(HabenulaAgent(**PLAIN))
    w.value[1] = 4.0
    rules.learn(p, w, event(e, action=0, reward=0.0, next_state=1, truncated=1), y)
    assert y.rpe == pytest.approx(2.0)


def test_a_healthy_error_of_minus_one_is_a_dip_of_minus_one():
    p, w, e, y = subject(HabenulaAgent(habenula_share=0.7))
    rules.learn(p, w, event(e, action=0, reward=-1.0, terminated=1), y)
    assert y.dopamine == pytest.approx(-1.0)


def test_a_lesion_leaves_only_the_dip_that_passes_the_habenula_by():
    p, w, e, y = subject(HabenulaAgent(habenula_share=0.7, habenula_output=0.0))
    rules.learn(p, w, event(e, action=0, reward=-1.0, terminated=1), y)
    assert y.dopamine == pytest.approx(-0.3)


def test_hyperactivity_deepens_the_dip_and_ketamine_flattens_it():
    dips = []
    for values in ({}, {"hyperactivity": 1.0}, {"hyperactivity": 1.0, "nmda": 0.1}):
        p, w, e, y = subject(HabenulaAgent(**values))
        rules.learn(p, w, event(e, action=0, reward=-0.3, terminated=1), y)
        dips.append(y.dopamine)
    healthy, helpless, treated = dips
    assert helpless < healthy < treated < 0.0


def test_the_passive_action_is_the_zero_and_the_active_ones_carry_the_readiness():
    p, w, e, _ = subject(HabenulaAgent(**PLAIN | {"bias": -0.5}), n_actions=3)
    w.go[0, :3] = (9.0, 1.0, 0.0)
    z = np.empty(3)
    rules.prefer(p, w, event(e, state=0, passive=0), z)
    assert z == pytest.approx([0.0, 1.5, -0.5])  # 2·2·½·G - 0.5, at tonic dopamine ½
    rules.prefer(p, w, event(e, state=0, passive=-1), z)
    assert z == pytest.approx([17.5, 1.5, -0.5])


def test_control_is_learned_only_where_it_hurts():
    agent = HabenulaAgent(control_prior=0.5, control_rate=0.5, control_loss=0.1)
    p, w, e, y = subject(agent)
    rules.learn(p, w, event(e, state=0, action=1, passive=0, aversive=0.0), y)
    assert (w.relief[0], w.relief[1], w.control) == (0.0, 0.5, 0.5)
    rules.learn(p, w, event(e, state=1, action=1, passive=0, aversive=1.0, punishment=0.0), y)
    assert (w.relief[0], w.relief[1], w.control) == (0.0, 0.75, 0.625)  # relief while acting
    rules.learn(p, w, event(e, state=1, action=0, passive=0, aversive=1.0, punishment=0.0), y)
    assert w.relief[0] == 0.5  # relief without acting
    assert w.control == pytest.approx(0.625 + 0.1 * (0.25 - 0.625))


def test_a_reflex_is_there_from_the_start():
    _, w, _, _ = subject(HabenulaAgent(reflex_go=3.0), reflex=((0.0, 0.0), (0.0, 0.5)))
    assert w.go.tolist() == [[0.0, 0.0], [0.0, 1.5]]


def signature(agent):
    """What a little of everything does to an agent: signals and preferences over a fixed series of events."""
    p, w, e, y = subject(agent, reflex=((0.0, 0.0), (0.0, 0.5)), n_actions=3)
    seen, z = [], np.empty(3)
    for k in range(40):
        state, hurts = k % 2, 1.0 if k % 2 else 0.0
        event(e, state=state, action=k % 3, passive=0, aversive=hurts, punishment=1.0 if k % 4 == 1 else 0.0)
        event(e, reward=0.5 - hurts, next_state=1 - state, terminated=1 if k % 5 == 0 else 0)
        rules.prefer(p, w, e, z)
        rules.learn(p, w, e, y)
        seen += [*z, *(float(y[name]) for name in y.dtype.names)]
    return np.array(seen)


@pytest.mark.parametrize("name", list(HabenulaAgent.fields()))
def test_every_parameter_has_an_effect(name):
    blocked = HabenulaAgent(nmda=0.7, t_type=0.8)  # so that it matters how steeply bursts hang on the channels
    start = blocked.values()[name]
    low, high = (HabenulaAgent.fields()[name].metadata[k] for k in ("low", "high"))
    other = start * 0.8 if low <= start * 0.8 <= high and start else min(high, start + 0.1)
    assert np.abs(signature(blocked.replace(**{name: other})) - signature(blocked)).max() > 1e-6


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("name", list(HabenulaAgent.fields()))
def test_every_number_stays_finite_at_both_ends_of_a_range(name, end):
    agent = HabenulaAgent(**{name: HabenulaAgent.fields()[name].metadata[end]})
    with np.errstate(all="ignore"):  # as in a run: an exponential may overflow on its way to 0
        assert np.isfinite(signature(agent)).all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"hyperactivty": 1.0}, "HabenulaAgent has no parameter 'hyperactivty', did you mean 'hyperactivity'?"),
        ({"nmda": 1.5}, "HabenulaAgent: nmda must be between 0 and 1, not 1.5"),
        ({"beta": float("nan")}, "HabenulaAgent: beta must be finite, not nan"),
        ({"beta": True}, "HabenulaAgent: beta must be a number, not True"),
        ({"beta": "2"}, "HabenulaAgent: beta must be a number, not '2'"),
    ],
)
def test_bad_parameters_are_refused_by_name(values, message):
    with pytest.raises(ValueError) as caught:
        HabenulaAgent(**values)
    assert str(caught.value) == message


def test_parameters_are_frozen():
    with pytest.raises(AttributeError):
        HabenulaAgent().beta = 3.0


def test_bursts_at_rest_tell_how_many_receptors_are_blocked():
    """A fifth blocked leaves 0.8 to the power of 4.7 of the bursts, whatever the hyperactivity."""
    p, hyperactivity = HabenulaAgent(), np.array([0.0, 1.0, 2.0])
    natural = np.array([rules.resting_bursts(p, h, 1.0) for h in hyperactivity])
    np.testing.assert_allclose(rules.receptors_blocked(p, natural * 0.8**4.7, hyperactivity), 0.2)
    np.testing.assert_allclose(rules.receptors_blocked(p, natural, hyperactivity), 0.0, atol=1e-15)
