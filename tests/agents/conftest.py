"""An animal that is led through events by hand."""

import numpy as np
import pytest

from habenula_rl.engine import records


class Animal:
    """A subject and its event; `compounds` says of which states a state is made, `passive` what is doing nothing."""

    def __init__(self, agent, n_states=2, n_actions=2, passive=-1, compounds=None):
        self.kind, self.n_actions = type(agent), n_actions
        self.compounds = compounds or {}
        self.p = records.attributed(records.packed(records.parameter_type(self.kind), agent.values(), 1))[0]
        self.w = records.one(records.state_type(self.kind, n_states, n_actions))
        self.y = records.one(records.signal_type(self.kind))
        width = max([1, *map(len, self.compounds.values())])
        self.e = records.one(records.event_type(width, n_actions))
        self.e.passive = passive
        self.e.available[:] = self.e.next_available[:] = 1
        self.kind.start(self.p, self.w, np.zeros((n_states, n_actions)))

    def elements(self, state):
        made_of = self.compounds.get(state, (state,))
        return [*made_of, *[-1] * (self.e.elements.size - len(made_of))]

    def live(self, state, action, reward, next_state=None):
        """One step, after which the trial has terminated where no next state is given; the error it learned from."""
        self.e.state, self.e.action, self.e.reward = state, action, reward
        self.e.next_state = state if next_state is None else next_state
        self.e.terminated = 1 if next_state is None else 0
        self.e.elements[:], self.e.next_elements[:] = self.elements(state), self.elements(self.e.next_state)
        with np.errstate(all="ignore"):
            self.kind.learn(self.p, self.w, self.e, self.y)
        return float(self.y.rpe)

    def preferences(self, state):
        self.e.state = state
        self.e.elements[:] = self.elements(state)
        z = np.zeros(self.n_actions)
        with np.errstate(all="ignore"):
            self.kind.prefer(self.p, self.w, self.e, z)
        return z

    def probabilities(self, state):
        weights = np.exp(self.preferences(state) - self.preferences(state).max())
        return weights / weights.sum()

    def signals(self):
        return {name: float(self.y[name]) for name in self.kind.signals}


@pytest.fixture(scope="session")
def animal():
    return Animal
