"""hBayesDM's models by their published equations, in plain Python, against the agents that the page of peers names."""

import math

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.agents import DualRate, Hybrid, PavlovianGoNoGo, QLearning


def logit_of(x):
    return 1.0 / (1.0 + math.exp(-x))


def bandit2arm_delta(rows, A, tau):
    """Rescorla-Wagner with a softmax."""
    ev, total = [0.0, 0.0], 0.0
    for a, r in zip(rows.action, rows.outcome, strict=True):
        total += math.log(logit_of(tau * (ev[a] - ev[1 - a])))
        ev[a] += A * (r - ev[a])
    return total


def prl_rp(rows, Apun, Arew, beta):
    """den Ouden et al. 2013: the rate is chosen by the outcome's sign, not by the error's."""
    ev, total = [0.0, 0.0], 0.0
    for a, r in zip(rows.action, rows.outcome, strict=True):
        total += math.log(logit_of(beta * (ev[a] - ev[1 - a])))
        ev[a] += (Arew if r > 0 else Apun) * (r - ev[a])
    return total


def gng_m4(rows, xi, ep, b, pi, rhoRew, rhoPun):
    """Cavanagh et al. 2013, model 5."""
    q, v, total = {}, {}, 0.0
    for cue, a, r in zip(rows.state, rows.action, rows.outcome, strict=True):
        go = q.get((cue, 1), 0.0) + b + pi * v.get(cue, 0.0)
        p_go = (1 - xi) * logit_of(go - q.get((cue, 0), 0.0)) + xi / 2
        total += math.log(p_go if a == 1 else 1 - p_go)
        felt = (rhoRew if r >= 0 else rhoPun) * r
        v[cue] = v.get(cue, 0.0) + ep * (felt - v.get(cue, 0.0))
        q[cue, a] = q.get((cue, a), 0.0) + ep * (felt - q.get((cue, a), 0.0))
    return total


def ts_par7(rows, a1, beta1, a2, beta2, pi, lam):
    """hBayesDM's form of Daw et al. 2011 with w = 0: the second error reaches stage 1 after stage 2 has learned."""
    first, second, before, total = [0.0, 0.0], {}, None, 0.0
    for _, trial in rows.groupby("trial"):
        (one, two), (_, there), r = trial.action, trial.state, float(trial.outcome.iloc[-1])
        odds = beta1 * (first[1] - first[0]) + (0.0 if before is None else pi * (2 * before - 1))
        total += math.log(logit_of(odds if one == 1 else -odds))
        total += math.log(logit_of(beta2 * (second.get((there, two), 0.0) - second.get((there, 1 - two), 0.0))))
        first[one] += a1 * (second.get((there, two), 0.0) - first[one])
        second[there, two] = second.get((there, two), 0.0) + a2 * (r - second.get((there, two), 0.0))
        first[one] += lam * a1 * (r - second[there, two])
        before = one
    return total


def pst_gainloss_Q(rows, pairs, alpha_pos, alpha_neg, beta):
    """Frank et al. 2007."""
    ev, total = dict.fromkeys("ABCDEF", 0.0), 0.0
    for pair, a, r in zip(rows.state, rows.action, rows.outcome, strict=True):
        chosen, pair = "ABCDEF"[a], pairs[pair]
        other = pair.replace(chosen, "")
        total += math.log(logit_of(beta * (ev[chosen] - ev[other])))
        ev[chosen] += (alpha_pos if r >= ev[chosen] else alpha_neg) * (r - ev[chosen])
    return total


def recorded(outcomes, n_trials=80):
    rng = np.random.default_rng(5)
    columns = {"action": rng.integers(0, 2, n_trials), "outcome": rng.choice(outcomes, n_trials)}
    return pd.DataFrame({"subject": 0, **columns})


def lived(agent, task, n_trials):
    return hrl.simulate(agent, task, n_subjects=1, n_trials=n_trials, seed=2).trials


def test_bandit2arm_delta():
    rows = recorded([-1.0, 0.0, 2.0])
    ours = hrl.log_likelihood(QLearning(learning_rate=0.3, beta=1.7), rows, "plain", actions=2)
    assert ours[0] == pytest.approx(bandit2arm_delta(rows, A=0.3, tau=1.7), abs=1e-10)


def test_prl_rp_where_outcomes_are_1_and_minus_1_and_nowhere_else():
    agent = DualRate(rate_better=0.4, rate_worse=0.2, beta=2.5)
    for outcomes, same in (([-1.0, 1.0], True), ([0.1, 1.0], False)):
        rows = recorded(outcomes)
        theirs = prl_rp(rows, Arew=0.4, Apun=0.2, beta=2.5)
        ours = hrl.log_likelihood(agent, rows, "plain", actions=2)[0]
        assert (abs(ours - theirs) < 1e-10) == same


def test_gng_m4():
    task = hrl.tasks.GoNoGo(sets=1)
    rows = lived(QLearning(learning_rate=0.3), task, 100)
    agent = PavlovianGoNoGo(
        learning_rate=0.2, reward_sensitivity=4.0, punishment_sensitivity=6.0, go_bias=0.7, pavlovian=0.4, lapse=0.05
    )
    theirs = gng_m4(rows, xi=0.05, ep=0.2, b=0.7, pi=0.4, rhoRew=4.0, rhoPun=6.0)
    assert hrl.log_likelihood(agent, rows, task)[0] == pytest.approx(theirs, abs=1e-10)


def test_ts_par7_without_planning():
    task = hrl.tasks.TwoStep()
    rows = lived(Hybrid(), task, 80)
    agent = Hybrid(  # λ is theirs times 1 - a2, and p their π / β1
        rate_first=0.5, beta_first=4.0, rate_later=0.4, beta_later=3.0, perseveration=0.6 / 4.0, model_weight=0.0,
        trace_decay=0.7 * (1 - 0.4),
    )  # fmt: skip
    theirs = ts_par7(rows, a1=0.5, beta1=4.0, a2=0.4, beta2=3.0, pi=0.6, lam=0.7)
    assert hrl.log_likelihood(agent, rows, task)[0] == pytest.approx(theirs, abs=1e-10)


def test_pst_gainloss_q():
    task = hrl.tasks.ProbabilisticSelection()
    rows = lived(QLearning(learning_rate=0.3), task, 60)
    agent = DualRate(rate_better=0.3, rate_worse=0.15, beta=3.0)
    theirs = pst_gainloss_Q(rows, task.states, alpha_pos=0.3, alpha_neg=0.15, beta=3.0)
    assert hrl.log_likelihood(agent, rows, task)[0] == pytest.approx(theirs, abs=1e-10)


@pytest.mark.parametrize(
    ("model_weight", "theirs"), [(0.0, -21.50158608471152), (0.6, -20.772913092946116), (1.0, -20.393621345026315)]
)
def test_hybrid_against_the_numbers_of_pyem(model_weight, theirs):
    """pyEM's hybrid_mbmf (rl_mb._twostep_negll at 4, 3, .5, .4, .6, w, .1) of these 12 trials, in which one mapping of
    the transitions is ahead after every one; theirs adds 1e-12 to each probability."""
    first, second = [0, 0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1], [0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1]
    there, outcome = [0, 0, 1, 1, 1, 1, 0, 1, 0, 0, 0, 1], [1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0]
    assert (np.cumsum(np.where(np.equal(first, there), 1, -1)) > 0).all()
    rows = [
        {"subject": 0, "trial": t, "step": k, "state": (0, 1 + there[t])[k], "action": (first, second)[k][t]}
        | {"outcome": (0, outcome[t])[k]}
        for t in range(12)
        for k in (0, 1)
    ]
    agent = Hybrid(
        rate_first=0.5,
        rate_later=0.4,
        beta_first=4.0,
        beta_later=3.0,
        perseveration=0.1,
        model_weight=model_weight,
        trace_decay=0.6,
    )
    found = hrl.log_likelihood(agent, pd.DataFrame(rows), hrl.tasks.TwoStep())
    assert found[0] == pytest.approx(theirs, abs=2e-10)
