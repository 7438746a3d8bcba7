"""CartPole and MountainCar, learned by an agent of one's own and by the habenula agent.

`python docs/examples/classic_control.py` prints the table of docs/how-to/stepping.md; it takes about five minutes.
"""

from dataclasses import dataclass

import gymnasium
import numpy as np

import habenula_rl as hrl
from habenula_rl.contract import Agent, parameter


def start(p, w, reflex):
    w.Q[:] = 0.0


def prefer(p, w, e, z):
    for a in range(z.size):
        z[a] = p.beta * w.Q[e.state, a]


def learn(p, w, e, y):
    best = 0.0 if e.terminated else w.Q[e.next_state].max()
    y.rpe = e.reward + p.gamma * best - w.Q[e.state, e.action]
    w.Q[e.state, e.action] += p.alpha * y.rpe


@dataclass(frozen=True)
class QLearning(Agent):
    start, prefer, learn = start, prefer, learn
    signals = ("rpe",)
    alpha: float = parameter(0.1, doc="learning rate", low=0, high=1)
    gamma: float = parameter(0.99, doc="discount", low=0, high=1)
    beta: float = parameter(1.0, doc="choice consistency", low=0, high=100)

    @staticmethod
    def state(n_states, n_actions):
        return {"Q": (n_states, n_actions)}


def cartpole(n):
    """The pole's angle and its velocity in 6 bins each; where the cart is, and how fast, is left out."""
    envs = gymnasium.make_vec("CartPole-v1", num_envs=n, vectorization_mode="vector_entry_point")
    return hrl.BinnedVector(envs, bins=[1, 1, 6, 6], low=[0, 0, -0.2095, -2], high=[0, 0, 0.2095, 2])


def mountain_car(n):
    """Place and velocity in 12 bins each."""
    make = [lambda: gymnasium.make("MountainCar-v0", disable_env_checker=True)] * n
    return hrl.BinnedVector(gymnasium.vector.SyncVectorEnv(make), bins=12)


def returns(agent, envs, episodes, seed):
    """The returns of each environment's first episodes, shape (n, episodes); without an agent, of random actions."""
    live = hrl.LiveAgents(agent, envs, seed=seed) if agent else None
    envs.action_space.seed(seed)
    done, total = [[] for _ in range(envs.num_envs)], np.zeros(envs.num_envs)
    obs, _ = envs.reset(seed=seed)
    while min(map(len, done)) < episodes:
        actions = live.act(obs) if live else envs.action_space.sample()
        next_obs, rewards, terminated, truncated, infos = envs.step(actions)
        if live:
            live.learn(obs, actions, rewards, next_obs, terminated, truncated, infos)
        total += rewards
        for i in np.flatnonzero(terminated | truncated):
            done[i].append(total[i])
            total[i] = 0.0
        obs = next_obs
    return np.array([own[:episodes] for own in done])


HABENULA = hrl.HabenulaAgent(value_rate=0.1, trace_rate=0.05, trace_leak=0.003, beta=1.0, discount=0.995)
ROWS = [
    ("CartPole-v1", cartpole, 500, "random", None),
    ("CartPole-v1", cartpole, 500, "Q-learning", QLearning(alpha=0.1, gamma=0.995, beta=0.3)),
    ("CartPole-v1", cartpole, 500, "HabenulaAgent", HABENULA),
    ("MountainCar-v0", mountain_car, 2000, "random", None),
    ("MountainCar-v0", mountain_car, 2000, "Q-learning", QLearning(alpha=0.2, gamma=0.99, beta=20.0)),
    ("MountainCar-v0", mountain_car, 2000, "HabenulaAgent", HABENULA),
]
N, SEED, T_95 = 16, 100, 2.131  # agents; Student's t for 95 % of 15 degrees of freedom


def main():
    print(f"| task | agent | episodes | mean return of the last 100, 95 % interval over {N} agents | worst | best |")
    print("|---|---|---|---|---|---|")
    for task, make, episodes, name, agent in ROWS:
        last = returns(agent, make(N), 100 if agent is None else episodes, SEED)[:, -100:].mean(axis=1)
        half = T_95 * last.std(ddof=1) / N**0.5
        shown = "" if agent is None else str(episodes)
        print(
            f"| {task} | {name} | {shown} | {last.mean():.0f} ± {half:.0f} | {last.min():.0f} | {last.max():.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
