"""The agent's rules: one step worked out by hand, limits, and an effect of every parameter."""

import numpy as np
import pytest

from habenula_rl.agents import HabenulaAgent
from habenula_rl.agents import habenula as rules
from habenula_rl.engine import records

# no habenula (φ = 0), no leak, no pull: what is left is a plain opponent actor-critic
PLAIN = {
    "habenula_share": 0.0,
    "pain_share": 0.0,
    "lift_share": 0.0,
    "trace_leak": 0.0,
    "pavlovian": 0.0,
    "reflex_go": 0.0,
    "discount": 0.5,
    "value_rate": 0.1,
    "trace_rate": 0.2,
    "beta": 2.0,
    "growth": 0.0,
}


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


@pytest.mark.parametrize("delta", [-0.5, 0.5])
def test_a_healthy_error_of_a_half_moves_dopamine_by_a_half(delta):
    p, w, e, y = subject(HabenulaAgent(habenula_share=0.7, lift_share=0.4))
    rules.learn(p, w, event(e, action=0, reward=delta, terminated=1), y)
    assert y.dopamine == pytest.approx(delta)


@pytest.mark.parametrize(
    ("reward", "aversive", "punishment", "left"),
    [
        (-0.5, 0.0, 0.0, 0.3),  # an omission: what does not pass through the habenula
        (-0.5, 0.0, 1.0, 0.9),  # pain that sets in passes it by
        (-0.5, 1.0, 0.0, 0.9),  # and pain in its last second, after which nothing hurts
        (-0.5, 0.0, 0.5, 0.6),
        (-0.5, 0.5, 0.2, 0.6),
        (0.5, 0.0, 0.0, 0.8),  # the habenula cannot fall silent
    ],
)
def test_a_lesion_leaves_of_dopamine_what_passes_the_habenula_by(reward, aversive, punishment, left):
    intact = {"habenula_share": 0.7, "pain_share": 0.1, "lift_share": 0.2, "dopamine_floor": 1.0}  # T is ½ throughout
    p, w, e, y = subject(HabenulaAgent(**intact, habenula_output=0.0))
    felt = {"aversive": aversive, "punishment": punishment}
    rules.learn(p, w, event(e, action=0, reward=reward, terminated=1, **felt), y)
    assert y.dopamine == pytest.approx(left * reward)


@pytest.mark.parametrize(("value", "share"), [(0.0, 0.1), (0.5, 0.4), (1.0, 0.5)])
def test_what_announces_harm_counts_as_harm(value, share):
    """The part of the dip that a cue of value -0.5 brings: all of it, half where 0.5 was expected, a third where 1."""
    agent = HabenulaAgent(habenula_share=0.7, pain_share=0.1, habenula_output=0.0, discount=1.0)
    p, w, e, y = subject(agent)
    w.value[:] = value, -0.5
    rules.learn(p, w, event(e, action=0, next_state=1), y)
    assert y.dopamine == pytest.approx(-(value + 0.5) * (1.0 - share))


def test_bursts_shrink_with_the_number_of_active_neurons_and_dips_do_not():
    answers = []
    for tone in (1.0, 0.5):
        for reward in (1.0, -1.0):
            p, w, e, y = subject(HabenulaAgent(dopamine_tone=tone, habenula_share=0.0, lift_share=0.0))
            rules.learn(p, w, event(e, action=0, reward=reward, terminated=1), y)
            answers.append(float(y.dopamine))
    assert answers == pytest.approx([1.0, -1.0, 0.5, -1.0])


def test_hyperactivity_deepens_the_dip_and_ketamine_flattens_it():
    dips = []
    for values in ({}, {"hyperactivity": 1.0}, {"hyperactivity": 1.0, "nmda": 0.1}):
        p, w, e, y = subject(HabenulaAgent(**values))
        rules.learn(p, w, event(e, action=0, reward=-0.3, terminated=1), y)
        dips.append(y.dopamine)
    healthy, helpless, treated = dips
    assert helpless < healthy < treated < 0.0


def test_doing_nothing_is_learned_about_and_only_acting_takes_readiness():
    agent = HabenulaAgent(**PLAIN | {"vigour": 4.0, "pavlovian": 2.0, "control_prior": 0.5}, dopamine_tone=0.5)
    p, w, e, _ = subject(agent, n_actions=3)
    w.go[0, :3], w.nogo[0, 2], w.value[0] = (0.5, 1.0, 0.0), 0.25, 1.0
    z = np.empty(3)
    rules.prefer(p, w, event(e, state=0, passive=0), z)
    # 2·(G - N); readiness: -4·(1 - ¼ - ½) + 2·½·1/2
    assert z == pytest.approx([1.0, 2.0 - 0.5, -0.5 - 0.5])
    rules.prefer(p, w, event(e, state=0, passive=-1), z)
    assert z == pytest.approx([1.0, 2.0, -0.5])


def test_control_is_learned_where_it_hurts_or_a_loss_is_expected_and_nowhere_else():
    p, w, e, y = subject(HabenulaAgent(control_prior=0.0, control_rate=0.1, control_loss=0.5, value_rate=0.0))
    hurt = {"state": 1, "passive": 0, "aversive": 1.0}
    rules.learn(p, w, event(e, state=0, action=1, passive=0), y)
    assert w.tried.tolist() == [0.0, 0.0]
    for _ in range(3):
        rules.learn(p, w, event(e, action=1, punishment=0.0, **hurt), y)  # relief
        rules.learn(p, w, event(e, action=0, punishment=1.0, **hurt), y)  # none
    assert (w.tried.tolist(), w.relief.tolist()) == ([3.0, 3.0], [0.0, 1.0])
    # (3 + ½)/4 = 0.875, 0.875·0.125/4 = 0.027344, twice: √0.054688 = 0.233854
    assert w.control == pytest.approx(1.0 - 0.233854, abs=1e-6)
    w.value[0] = -0.5
    rules.learn(p, w, event(e, state=0, action=1, aversive=0.0, punishment=0.0, reward=-0.1, terminated=1), y)
    assert w.tried[1] == pytest.approx(3.5)  # a loss of 0.5 was at stake, 0.1 came: relief 0.8
    assert w.relief[1] == pytest.approx(1.0 + 0.5 / 3.5 * (0.8 - 1.0))


def test_rest_takes_the_state_back_to_the_trait():
    agent = HabenulaAgent(hyperactivity=0.25, recovery_days=2.0)
    p = records.packed(records.parameter_type(HabenulaAgent), agent.values(), 2)
    w = np.zeros(2, records.state_type(HabenulaAgent, 1, 1))
    w["hyperactivity"] = 1.25, 0.25
    agent.rest(p, w, 48.0)
    assert w["hyperactivity"] == pytest.approx([0.25 + np.exp(-1.0), 0.25])


def test_rest_gives_back_the_belief_in_control_that_was_lost_and_takes_none_that_was_found():
    agent = HabenulaAgent(control_prior=0.5, recovery_days=2.0)
    p = records.packed(records.parameter_type(HabenulaAgent), agent.values(), 3)
    w = np.zeros(3, records.state_type(HabenulaAgent, 1, 1))
    w["control"] = 0.1, 0.5, 0.9
    agent.rest(p, w, 48.0)
    assert w["control"] == pytest.approx([0.5 - 0.4 * np.exp(-1.0), 0.5, 0.9])


def test_outcomes_count_by_their_utility_over_the_largest_met():
    p, w, e, y = subject(HabenulaAgent(value_rate=0.0))
    for reward, delta in ((0.5, 0.5), (np.e, 1.0), (1.0, 0.5), (-np.e, -1.0)):  # e is worth 2, and from then on 2 is 1
        rules.learn(p, w, event(e, action=1, aversive=0.0, punishment=0.0, reward=reward, terminated=1), y)
        assert y.rpe == pytest.approx(delta)


def test_a_reflex_is_there_from_the_start_and_does_not_leak_away():
    p, w, e, y = subject(HabenulaAgent(reflex_go=3.0, beta=2.0, trace_leak=1.0), reflex=((0.0, 0.0), (0.0, 0.5)))
    for _ in range(2):  # β·G₀·reflex = 2·3·½
        rules.prefer(p, w, event(e, state=1, passive=-1), z := np.empty(2))
        assert z.tolist() == [0.0, 3.0]
        rules.learn(p, w, event(e, state=1, action=1, aversive=0.0, reward=0.0, next_state=1, terminated=0), y)


def test_control_that_was_only_assumed_is_given_up_faster_than_what_was_found():
    agent = HabenulaAgent(control_prior=0.5, control_rate=0.1, control_loss=0.01)
    for belief, rate in ((0.5, 0.1), (0.4, 0.1), (0.6, 0.01)):
        p, w, e, y = subject(agent)
        w.control = belief
        rules.learn(p, w, event(e, action=1, aversive=1.0, punishment=1.0, reward=-0.3, terminated=0), y)
        assert w.control == pytest.approx(belief * (1.0 - rate))  # nothing was found


def signature(agent):
    """What a little of everything does to an agent: signals and preferences over a fixed series of events.

    Acting helps in the first 30 of them; every other reward stays away.
    """
    p, w, e, y = subject(agent, reflex=((0.0, 0.0), (0.0, 0.5)), n_actions=3)
    seen, z = [], np.empty(3)
    for k in range(40):
        state, hurts = k % 2, 1.0 if k % 2 else 0.0
        event(e, state=state, action=k % 3, passive=0, aversive=hurts, punishment=hurts * (k % 3 == 0 or k >= 30))
        event(e, reward=0.5 * (k % 4 > 0) - hurts, next_state=1 - state, terminated=1 if k % 5 == 0 else 0)
        rules.prefer(p, w, e, z)
        rules.learn(p, w, e, y)
        seen += [*z, *(float(y[name]) for name in y.dtype.names)]
    rested = {"hyperactivity": w.hyperactivity, "control": w.control}
    agent.rest(p, rested, 24.0)
    return np.array([*seen, rested["hyperactivity"]])


@pytest.mark.parametrize("name", list(HabenulaAgent.fields()))
def test_every_parameter_has_an_effect(name):
    """Somewhere: where receptors are blocked, so that it matters how steeply; and where control is there to be lost."""
    blocked = HabenulaAgent(nmda=0.7, t_type=0.8)
    start = blocked.values()[name]
    low, high = (HabenulaAgent.fields()[name].metadata[k] for k in ("low", "high"))
    other = start * 0.8 if low <= start * 0.8 <= high and start else min(high, start + 0.1)
    bases = (blocked, blocked.replace(control_prior=0.0, control_rate=0.3))
    found = [np.abs(signature(base.replace(**{name: other})) - signature(base)).max() for base in bases]
    assert max(found) > 1e-6


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
    """A fifth blocked leaves 0.8 to the power of ν of the bursts, whatever the hyperactivity."""
    p, hyperactivity = HabenulaAgent(), np.array([0.0, 1.0, 2.0])
    natural = np.array([rules.resting_bursts(p, h, 1.0) for h in hyperactivity])
    np.testing.assert_allclose(rules.receptors_blocked(p, natural * 0.8**p.nmda_power, hyperactivity), 0.2)
    np.testing.assert_allclose(rules.receptors_blocked(p, natural, hyperactivity), 0.0, atol=1e-15)


def test_the_ensemble_is_many_agents_the_nearest_first():
    agents = HabenulaAgent.ensemble()
    assert len({tuple(agent.values().values()) for agent in agents}) == len(agents) > 10
    searched = {name for name in agents[0].values() if agents[0].values()[name] != agents[1].values()[name]}
    assert "beta" in searched and "burst_threshold" not in searched  # what is measured is the same in all
