"""Learning that is frozen in a phase, and parameters that change within a step: numbers, bits, refusals."""

from dataclasses import dataclass

import numpy as np
import pytest
from gymnasium import spaces

from habenula_rl.agents import AGENTS, HabenulaAgent, QLearning
from habenula_rl.agents.choice_kernel import WithChoiceKernel
from habenula_rl.contract import Agent, parameter
from habenula_rl.engine.live import LiveAgent
from habenula_rl.engine.population import Subjects, simulate
from habenula_rl.fitting.likelihood import Likelihood
from habenula_rl.interventions import Ketamine, Lesion, OptogeneticBursts, OptogeneticInhibition, applied, given
from habenula_rl.tasks import Bandit, ForcedSwim, PavlovianConditioning, ShuttleBox

FREEZING = [agent() for agent in AGENTS.values() if hasattr(agent, "show")] + [WithChoiceKernel(QLearning)()]


def phases(agent, task, *, learned=8, frozen=8, n=1, compiled=False):
    """A phase with learning, and one without: the state between them and after, and the two phases."""
    subjects = Subjects(agent, {"here": task}, n=n, seed=3)
    first = subjects.run(task, learned, context="here", stream=1, compiled=compiled) if learned else None
    before = subjects.state.copy()
    second = subjects.run(task, frozen, context="here", stream=2, compiled=compiled, learning=False)
    return before, subjects.state, first, second


@pytest.mark.parametrize("agent", FREEZING, ids=repr)
@pytest.mark.parametrize("task", [Bandit(), ShuttleBox(escapable=False, warning_s=2)], ids=["Bandit", "ShuttleBox"])
def test_a_frozen_phase_leaves_every_bit_of_the_state_and_shows_signals(agent, task):
    before, after, _, frozen = phases(agent, task)
    assert before.tobytes() == after.tobytes()
    assert np.unique(frozen.rows["rpe"]).size > 1


def test_every_agent_of_the_package_can_be_frozen_or_says_why_not():
    refused = {name for name, agent in AGENTS.items() if not hasattr(agent, "show")}
    assert refused == {"Sarsa", "Hybrid"}  # they learn from the step before, and read what they have just learned
    for name in refused:
        with pytest.raises(ValueError, match=f"learning cannot be frozen in {name}: it has no rule show"):
            phases(AGENTS[name](), Bandit(), learned=0)


def test_a_frozen_value_by_hand():
    """Every value is .5; frozen, every error is r - .5 and the value stays .5, which learning at .5 would move."""
    agent, task = QLearning(learning_rate=0.5, beta=0.0), Bandit()
    subjects = Subjects(agent, {"here": task}, n=1, seed=1)
    subjects.run(task, 1, context="here", compiled=False)
    subjects.state["action_value"][:] = 0.5
    rows = subjects.run(task, 6, context="here", stream=1, compiled=False, learning=False).rows
    np.testing.assert_allclose(rows["rpe"], rows["outcome"] - 0.5)
    assert set(rows["value"]) == {0.5}  # after learning it would be .5 + .5 * rpe
    assert (subjects.state["action_value"] == 0.5).all()


def test_frozen_phases_are_the_same_compiled_in_lanes_and_plain():
    for n in (1, 5):  # one at a time, and 16 side by side
        made = [
            phases(HabenulaAgent(), ShuttleBox(warning_s=2), n=n, compiled=compiled)[3] for compiled in (True, False)
        ]
        assert made[0].rows.tobytes() == made[1].rows.tobytes()


def test_naive_animals_can_be_tested_without_learning():
    _, after, _, frozen = phases(HabenulaAgent(control_prior=0.25), ForcedSwim(length_s=5), learned=0)
    assert after["control"][0] == 0.25 and not after["value"].any()
    assert (frozen.rows["rpe"] < 0).all()


def test_what_is_momentary_goes_on_and_is_put_back():
    """Eligibility by hand: in a frozen phase the trace of the step before is γ·λ, as while it learns."""
    agent = AGENTS["ExpectedSarsa"](discount=0.5, trace_decay=0.5, beta=0.0)
    live = LiveAgent(agent, spaces.Discrete(2), spaces.Discrete(1), compiled=False)
    live.learning = False
    live.learn(0, 0, 0.0, 1, False)
    live.learn(1, 0, 1.0, 0, False)
    assert live.state["eligibility"].tolist() == [[0.25], [1.0]]
    assert live.signals == {"rpe": 1.0, "value": 0.0} and not live.state["action_value"].any()
    live.learning = True
    assert not live.state["eligibility"].any()
    live.learn(1, 0, 1.0, 0, True)
    assert live.state["action_value"][1, 0] == pytest.approx(agent.learning_rate)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_live_agent_that_is_frozen_learns_nothing_and_then_goes_on(compiled):
    def fresh():
        return LiveAgent(HabenulaAgent(), spaces.Discrete(2), spaces.Discrete(2), seed=1, compiled=compiled)

    live, other = fresh(), fresh()
    for each in (live, other):
        each.learn(0, 1, 1.0, 1, True)
    saved = live.save()
    live.learning = False
    for act in (live.save, lambda: live.restore(saved)):
        with pytest.raises(ValueError, match="learning is frozen: set learning to True before save or restore"):
            act()
    before = live.state
    for reward in (1.0, -1.0, 0.5):
        live.learn(0, 1, reward, 1, True)
        assert live.signals["rpe"] == reward - before["value"][0] and live.signals["value"] == before["value"][0]
    live.learning = True
    for each in (live, other):
        each.learn(0, 1, -1.0, 1, True)
    assert live.signals == other.signals
    with pytest.raises(ValueError, match="learning must be one truth value"):
        live.learning = "no"


def test_an_agent_of_ones_own_needs_show_to_be_frozen():
    @dataclass(frozen=True)
    class Mine(Agent):
        signals = ("rpe",)
        rate: float = parameter(0.5, doc="rate", low=0.0, high=1.0)

        def start(p, w, reflex):
            w.value = 0.0

        def prefer(p, w, e, z):
            z[0] = w.value

        def learn(p, w, e, y):
            y.rpe = e.reward - w.value
            w.value += p.rate * y.rpe

        @staticmethod
        def state(n_states, n_actions):
            return {"value": ()}

    with pytest.raises(ValueError, match=r"cannot be frozen in Mine: it has no rule show\(p, w, e, y\)"):
        phases(Mine(), Bandit(), learned=0)


def test_a_learn_of_ones_own_needs_a_show_of_ones_own():
    """Inherited, `show` would write the value of the rule that was replaced."""

    @dataclass(frozen=True)
    class Scaled(QLearning):
        def learn(p, w, e, y):
            y.rpe = e.reward - w.action_value[e.state, e.action]
            w.action_value[e.state, e.action] += p.learning_rate * y.rpe
            y.value = 10.0 * w.action_value[e.state, e.action]

    with pytest.raises(ValueError, match="frozen in Scaled: it has a rule learn of its own and beside it no rule show"):
        phases(Scaled(), Bandit(), learned=0)
    with pytest.raises(ValueError, match="beside it no rule show"):
        phases(WithChoiceKernel(Scaled)(), Bandit(), learned=0)

    @dataclass(frozen=True)
    class Renamed(QLearning):
        pass

    phases(Renamed(), Bandit(), learned=0)


def test_a_parameter_by_moment():
    """A lesion of half always, and light that silences half more of the output at the outcome alone."""
    given_both = applied(
        [Lesion(extent=0.5), OptogeneticInhibition(share=0.5, at="outcome")], HabenulaAgent, HabenulaAgent().values()
    )
    assert given_both["habenula_output"] == 0.5
    by_moment = {m: given_both[f"habenula_output_at_{m}"] for m in ("choice", "cue", "outcome")}
    assert by_moment == {"choice": 0.5, "cue": 0.5, "outcome": 0.25}
    before = applied([OptogeneticBursts(share=0.3, at="before_outcome")], HabenulaAgent, HabenulaAgent().values())
    assert [before[f"burst_drive_at_{m}"] for m in ("choice", "cue", "outcome")] == [0.3, 0.3, 0.0]
    over = OptogeneticInhibition(at="cue", hours_before=2.0)  # an hour after it was switched off
    assert applied([over], HabenulaAgent, HabenulaAgent().values()) == HabenulaAgent().values()


SILENT = {"share": 1.0}


def stepped(at, *outcomes):
    """The habenula's output in steps of a live agent: (reward, what hurts where it is led, whether it ends)."""
    space = spaces.Discrete(2)
    space.aversive = (0.0, 1.0)
    live = LiveAgent(OptogeneticInhibition(**SILENT, at=at)(HabenulaAgent()), space, spaces.Discrete(2), compiled=False)
    found = []
    for reward, reached, ends in outcomes:
        live.learn(0, 0, reward, reached, ends)
        found.append(live.signals["lhb"] == 0.0)
    return found


STEPS = [(0.0, 0, False), (-0.1, 0, False), (1.0, 0, False), (0.0, 1, False), (0.0, 0, True)]


@pytest.mark.parametrize(
    ("at", "silent"),
    [
        ("always", [True] * 5),
        ("choice", [False] * 5),
        ("cue", [True, True, False, False, False]),
        ("before_outcome", [True, True, False, False, False]),
        ("outcome", [False, False, True, True, True]),
    ],
)
def test_light_is_on_in_its_moment_alone(at, silent):
    assert stepped(at, *STEPS) == silent


def test_light_while_it_chooses_changes_choices_and_no_signal_by_itself():
    agent = HabenulaAgent(hyperactivity=1.5, vigour=20.0)
    lit = OptogeneticInhibition(**SILENT, at="choice")(agent)
    space = spaces.Discrete(1)
    actions = spaces.Discrete(2)
    actions.passive = 0

    def active(agent):
        return sum(LiveAgent(agent, space, actions, subject=k, compiled=False).act(0) for k in range(60))

    assert active(lit) > active(agent) + 10  # without bursts tonic dopamine, and with it vigour, is back


@pytest.mark.parametrize("at", ["choice", "cue", "outcome"])
def test_light_by_moments_is_the_same_compiled_in_lanes_plain_and_alone(at):
    agent = OptogeneticInhibition(share=0.8, at=at)(HabenulaAgent())
    runs = [
        simulate(agent, PavlovianConditioning(), n_subjects=n, n_trials=2, seed=2, threads=1, compiled=compiled).trials
        for n, compiled in ((5, True), (5, False), (1, True))
    ]
    assert runs[0].equals(runs[1]) and runs[2].equals(runs[0][runs[0]["subject"] == 0])


def test_what_a_moment_cannot_be_given_with():
    light = OptogeneticInhibition(at="outcome")
    with pytest.raises(
        ValueError, match=r"OptogeneticInhibition locked to an event \(at: outcome\) and Ketamine cannot"
    ):
        given(HabenulaAgent(), [light, Ketamine()])
    assert given(HabenulaAgent(), [light, Ketamine(dose_mg_per_kg=0.0)]).interventions == (light,)
    with pytest.raises(ValueError, match="at must be always, choice, cue, before_outcome or outcome, not 'reward'"):
        OptogeneticInhibition(at="reward")
    with pytest.raises(ValueError, match="Lesion has no parameter 'at'"):
        Lesion(at="cue")


def test_a_likelihood_refuses_light_that_is_locked():
    trials = simulate(HabenulaAgent(), Bandit(), n_trials=5).trials
    with pytest.raises(ValueError, match="which a likelihood cannot express"):
        Likelihood(OptogeneticInhibition(at="cue")(HabenulaAgent()), trials, Bandit())
