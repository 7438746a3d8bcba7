"""The likelihood of recorded choices: by hand, by other code, as the simulation has it; its gradient; bad data."""

import functools
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import habenula_rl as hrl
from habenula_rl.agents import HabenulaAgent
from habenula_rl.contract import Agent, parameter
from habenula_rl.engine.live import LiveAgent
from habenula_rl.environments.task_environment import TaskEnvironment
from habenula_rl.errors import RuleError
from habenula_rl.fitting.likelihood import Likelihood
from habenula_rl.tasks import ForcedSwim, ShuttleBox, SucrosePreference

TASKS = {
    "escapable, warned": ShuttleBox(warning_s=2, max_shock_s=8),
    "inescapable": ShuttleBox(escapable=False, durations_s=(3, 6)),
    "swim": ForcedSwim(length_s=40),
    "free": SucrosePreference(delivery=0.5),
    "forced": SucrosePreference(free=False, delivery=0.5),
}
CHOICES = pd.DataFrame({"subject": 0, "action": [0, 0, 1], "outcome": [1.0, 0.0, 1.0]})
MISSING = "ignore:.* responses are missing"


def rw_start(p, w, reflex):
    w.Q[:] = p.first


def rw_prefer(p, w, e, z):
    for a in range(z.size):
        z[a] = p.beta * w.Q[e.state, a]


def rw_learn(p, w, e, y):
    future = 0.0 if e.terminated else p.discount * w.Q[e.next_state].max()
    y.rpe = e.reward + future - w.Q[e.state, e.action]
    w.Q[e.state, e.action] += p.alpha * y.rpe


@dataclass(frozen=True)
class RescorlaWagner(Agent):
    start, prefer, learn = rw_start, rw_prefer, rw_learn
    signals = ("rpe",)
    alpha: float = parameter(0.5, doc="learning rate", low=0, high=1)
    beta: float = parameter(1.0, doc="choice consistency", low=0, high=1e300)
    discount: float = parameter(0.9, doc="weight of the next step", low=0, high=1)
    first: float = parameter(0.0, doc="value to start with", low=-1e300, high=1e300)
    levels: int = parameter(2, doc="a whole number", low=0, high=9)
    flag: bool = parameter(False, doc="yes or no")

    @staticmethod
    def state(n_states, n_actions):
        return {"Q": (n_states, n_actions)}


RW = RescorlaWagner()


def sigmoid(x):
    return 1.0 / (1.0 + math.exp(-x))


# ---- by hand


@pytest.mark.parametrize("compiled", [True, False])
def test_three_trials_by_hand(compiled):
    # Q: 0, 0 -> .5, 0 -> .25, 0. p: 1/2, σ(.5) = .6224593, 1 - σ(.25) = .4378235
    # ln: -.6931472 - .4740770 - .8259394 = -1.9931636
    value = hrl.log_likelihood(RW, CHOICES, compiled=compiled)
    assert value.tolist() == [pytest.approx(-1.9931636, abs=1e-6)]
    assert value.name == "log_likelihood" and value.index.name == "subject"


def test_the_gradient_of_three_trials_by_hand():
    # ℓ = ln ½ + ln σ(βα) + ln σ(-β(α - α²)); at α = ½, β = 1:
    # dℓ/dβ = α(1 - σ(.5)) - (α - α²)σ(.25) = .1887703 - .1405441; dℓ/dα = β(1 - σ(.5)) - β(1 - 2α)σ(.25) = .3775407
    slopes = hrl.log_likelihood_gradient(RW, CHOICES, ["beta", "alpha"])
    assert list(slopes) == ["beta", "alpha"]
    assert slopes.to_numpy().tolist() == [[pytest.approx(0.0482262, abs=1e-6), pytest.approx(0.3775407, abs=1e-6)]]


# ---- against other code


def oracle(rows, alpha, beta, discount, n_states, n_actions):
    """One subject's log-likelihood in NumPy, from rows in order that say everything."""
    Q, total = np.zeros((n_states, n_actions)), 0.0
    for row in rows.itertuples():
        if row.action == -1:
            continue
        if not row.forced:
            p = np.exp(beta * Q[row.state])
            total += np.log(p[row.action] / p.sum())
        future = 0.0 if row.terminated else discount * Q[row.next_state].max()
        Q[row.state, row.action] += alpha * (row.outcome + future - Q[row.state, row.action])
    return total


@st.composite
def tables(draw_from):
    """Up to 4 subjects with up to 8 trials of up to 3 steps, some responses missing and some forced."""
    rows = []
    for subject in range(draw_from(st.integers(1, 4))):
        for trial in range(draw_from(st.integers(1, 8))):
            n = draw_from(st.integers(1, 3))
            for step in range(n):
                state, next_state = draw_from(st.tuples(st.integers(0, 3), st.integers(0, 3)))
                outcome, action = draw_from(st.floats(-2, 2)), draw_from(st.integers(-1, 1))
                end = step == n - 1 and draw_from(st.booleans())
                forced = draw_from(st.booleans())
                rows.append((subject, trial, step, state, action, outcome, next_state, end, forced))
    names = ["subject", "trial", "step", "state", "action", "outcome", "next_state", "terminated", "forced"]
    return pd.DataFrame(rows, columns=names)


@pytest.mark.filterwarnings(MISSING)
@settings(deadline=None, max_examples=40)
@given(table=tables(), alpha=st.floats(0, 1), beta=st.floats(0, 5), seed=st.integers(0, 9))
def test_numpy_agrees_on_any_data_in_any_order(table, alpha, beta, seed):
    expected = [oracle(rows, alpha, beta, 0.9, 4, 2) for _, rows in table.groupby("subject")]
    agent = RescorlaWagner(alpha=alpha, beta=beta)
    shuffled = table.sample(frac=1.0, random_state=seed)
    for compiled in (True, False):
        value = hrl.log_likelihood(agent, shuffled, compiled=compiled, states=4, actions=2, missing=-1)
        np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)
        assert value.index.tolist() == sorted(set(table.subject))


def lived(agent, task, subject, n_trials):
    """A subject's rows by a live agent, and the log-probability with which it chose what it chose."""
    env = TaskEnvironment(task)
    live = LiveAgent(agent, env.observation_space, env.action_space, seed=4, subject=subject, compiled=False)
    rows, total = [], 0.0
    for trial in range(n_trials):
        state, _ = env.reset(seed=4, options={"subject": subject}) if trial == 0 else env.reset()
        step, over = 0, False
        while not over:
            action = live.act(state)
            weights = live._preference  # what `choose` leaves there
            total += np.log(weights[action] / weights.sum())
            next_state, outcome, terminated, truncated, _ = env.step(action)
            live.learn(state, action, outcome, next_state, terminated)
            rows.append((subject, trial, step, state, action, outcome, next_state, terminated, truncated))
            state, step, over = next_state, step + 1, terminated or truncated
    return rows, total


@pytest.mark.parametrize("name", TASKS)
def test_it_is_the_probability_with_which_the_simulation_chose(name):
    """Live agents choose as `simulate` does, bit for bit; the table has outcomes as 32-bit numbers."""
    agent, task = hrl.HabenulaAgent(hyperactivity=0.5, vigour=2.0), TASKS[name]
    parts = [lived(agent, task, subject, 8) for subject in range(3)]
    expected = [total for _, total in parts]
    run = hrl.simulate(agent, task, n_subjects=3, n_trials=8, seed=4)
    columns = ["subject", "trial", "step", "state", "action", "outcome", "next_state", "terminated", "truncated"]
    table = pd.DataFrame([row for rows, _ in parts for row in rows], columns=columns)
    pd.testing.assert_frame_equal(run.trials[columns], table, check_dtype=False, rtol=1e-6)
    np.testing.assert_allclose(hrl.log_likelihood(agent, table, task), expected, rtol=1e-11)
    np.testing.assert_allclose(hrl.log_likelihood(agent, run.trials, task), expected, rtol=1e-5)
    np.testing.assert_allclose(hrl.log_likelihood(agent, table, task, compiled=False), expected, rtol=1e-11)
    assert max(expected) < -0.1


def test_next_state_and_end_of_a_trial_follow_from_the_rows():
    told = pd.DataFrame(
        {
            "subject": 0,
            "trial": [0, 0, 1, 1, 2, 2],
            "step": [0, 1] * 3,
            "state": [0, 3] * 3,
            "action": [0, 1, 1, 0, 0, 1],
            "outcome": [0.0, 5, 0, 1, 0, 1],
            "next_state": 3,
            "terminated": [False, True] * 3,
        }
    )
    hopeful = RescorlaWagner(first=1.0)
    score = functools.partial(hrl.log_likelihood, states=4)
    expected = score(hopeful, told)
    untold = told.drop(columns=["next_state", "terminated"])
    assert score(hopeful, untold).equals(expected)
    assert score(hopeful, untold.assign(next_state=[3, None, None, 3, None, None])).equals(expected)
    cut = told.assign(terminated=False)
    cut_untold = untold.assign(truncated=[False, True] * 3)
    assert score(hopeful, cut_untold).equals(score(hopeful, cut))
    assert not score(hopeful, cut).equals(expected)


# ---- missing, forced, few


@pytest.mark.filterwarnings(MISSING)
@pytest.mark.parametrize("missing", [np.nan, -1, None, pd.NA, 9, "late"])
def test_a_missing_response_is_no_choice_and_teaches_nothing(missing):
    gap = pd.DataFrame({"subject": 0, "action": [0, missing, 0, 1], "outcome": [1.0, np.nan, 0.0, 1.0]})
    assert hrl.log_likelihood(RW, gap, missing=[-1, 9, "late"]).equals(hrl.log_likelihood(RW, CHOICES))


def test_a_forced_choice_is_learned_from_but_does_not_count():
    forced = CHOICES.assign(forced=[True, False, False])
    # without the first choice's ln ½, with what it taught
    assert hrl.log_likelihood(RW, forced)[0] == pytest.approx(-1.9931636 - math.log(0.5), abs=1e-6)


@pytest.mark.filterwarnings(MISSING)
def test_one_trial_of_one_subject_and_a_subject_without_a_response():
    table = pd.DataFrame({"subject": ["b", "a"], "action": [1, np.nan], "outcome": [1.0, 0.0]})
    value = hrl.log_likelihood(RW, table, actions=2)
    assert value.to_dict() == {"a": 0.0, "b": pytest.approx(math.log(0.5))}
    assert hrl.log_likelihood_gradient(RW, table, actions=2).loc["a"].eq(0.0).all()


def test_the_same_choice_over_and_over_is_still_one_of_two():
    same = pd.DataFrame({"subject": 0, "action": [0, 0], "outcome": [0.0, 0.0]})
    assert hrl.log_likelihood(RW, same, actions=2)[0] == pytest.approx(2 * math.log(0.5))


def test_labels_that_cannot_be_sorted_keep_the_order_of_the_table():
    table = pd.DataFrame({"subject": pd.Series([(1, 2), 1], dtype=object), "action": [0, 1], "outcome": [0.0, 0.0]})
    assert len(hrl.log_likelihood(RW, table)) == 2


def test_the_table_stays_as_it_is():
    table = CHOICES.iloc[::-1].assign(trial=[2, 1, 0]).set_index("subject")
    before = table.copy()
    hrl.log_likelihood(RW, table)
    pd.testing.assert_frame_equal(table, before)


# ---- many subjects


@pytest.fixture(scope="module")
def hundred():
    rng = np.random.default_rng(1)
    n = rng.integers(1, 30, size=100)
    return pd.DataFrame(
        {
            "subject": np.repeat(np.arange(100), n),
            "action": rng.integers(0, 2, n.sum()),
            "outcome": rng.normal(size=n.sum()),
        }
    )


@pytest.mark.parametrize("threads", [2, 3, 200])
def test_threads_change_nothing(hundred, threads):
    for what in (hrl.log_likelihood, hrl.log_likelihood_gradient):
        one, many = (what(RW, hundred, parameters={"alpha": np.linspace(0, 1, 100)}, threads=n) for n in (1, threads))
        np.testing.assert_array_equal(one.to_numpy(), many.to_numpy())


def test_each_subject_has_its_own_parameters(hundred):
    alpha = np.linspace(0, 1, 100)
    together = hrl.log_likelihood(RW, hundred, parameters={"alpha": alpha, "beta": 2.0})
    for k in (0, 41, 99):
        alone = hrl.log_likelihood(RescorlaWagner(alpha=alpha[k], beta=2.0), hundred[hundred.subject == k])
        assert alone.tolist() == [together[k]]


def test_a_likelihood_packed_once_gives_what_the_functions_give(hundred):
    packed = Likelihood(RescorlaWagner, hundred)
    assert packed.subjects.tolist() == list(range(100))
    np.testing.assert_array_equal(packed.value({"alpha": 0.2}), hrl.log_likelihood(RescorlaWagner(alpha=0.2), hundred))
    slopes = hrl.log_likelihood_gradient(RescorlaWagner(alpha=0.2), hundred)
    np.testing.assert_array_equal(packed.gradient({"alpha": 0.2}), slopes)
    assert list(slopes) == ["alpha", "beta", "discount", "first"]
    assert packed.gradient(names=[]).shape == (100, 0)


def test_numbers_that_are_not_finite_spoil_one_subject_alone(hundred):
    beta = np.ones(100)
    beta[7] = 1e300
    first = np.where(beta > 1, 1e300, 0.0)
    value = hrl.log_likelihood(RW, hundred, parameters={"beta": beta, "first": first})
    assert np.flatnonzero(np.isneginf(value)).tolist() == [7] and np.isfinite(np.delete(value.to_numpy(), 7)).all()
    slopes = hrl.log_likelihood_gradient(RW, hundred, parameters={"beta": beta, "first": first})
    assert np.flatnonzero(slopes.isna().all(axis=1)).tolist() == [7]
    assert np.isfinite(slopes.drop(index=7).to_numpy()).all()


def test_preferences_of_any_size_do_not_overflow():
    value = hrl.log_likelihood(RescorlaWagner(beta=1e5), CHOICES)[0]
    assert value == pytest.approx(math.log(0.5) - 25_000)
    assert np.isfinite(hrl.log_likelihood_gradient(RescorlaWagner(beta=1e5), CHOICES)).all(axis=None)


# ---- the gradient


def differences(likelihood, values, name):
    """Central differences of fourth order, for several steps: too long ones bend, too short ones are rounded off."""
    x = values[name]
    for h in np.array([1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5]) * max(abs(x), 0.03):
        at = [likelihood.value(values | {name: x + k * h}) for k in (-2, -1, 1, 2)]
        yield (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * h)


def assert_exact(likelihood, values, names=None):
    names = likelihood.checked_names(names)
    slopes = likelihood.gradient(values, names).sum(axis=0)
    for name, slope in zip(names, slopes, strict=True):
        errors = [abs(d.sum() - slope) for d in differences(likelihood, values, name)]
        assert min(errors) <= 1e-6 * max(abs(slope), 1e-3), (name, slope, min(errors))
    return dict(zip(names, slopes, strict=True))


@pytest.mark.parametrize("name", ["escapable, warned", "inescapable", "swim", "forced"])
@pytest.mark.parametrize("kind", [HabenulaAgent])
def test_the_gradient_is_that_of_central_differences(kind, name):
    task = TASKS[name]
    trials = hrl.simulate(kind(), task, n_subjects=4, n_trials=10, seed=3).trials
    inside = {"hyperactivity": 0.4, "nmda": 0.9, "habenula_output": 0.8, "dopamine_drive": 0.01}  # off every kink
    values = kind().values() | {name: value for name, value in inside.items() if name in kind.fields()}
    slopes = assert_exact(Likelihood(kind, trials, task), values)
    assert sum(slope != 0.0 for slope in slopes.values()) > 8


ROOT_2 = 2.0**0.5


def odd_start(p, w, reflex):
    w.level = p.first * 1.0
    w.many[:] = 0.0


def odd_prefer(p, w, e, z):
    scratch = np.zeros(2)
    scratch[1] = p.b * w.level
    if not w.level:
        scratch[1] = -p.b
    for a in range(z.size):
        z[a] = scratch[a] + math.tanh(p.a) * min(max(w.many[a], -p.c), 2.0 * p.c)
    z[0] += max(p.a, p.b, w.level) * min(abs(w.level), 0.7)


def bounded(x):
    return np.maximum(x, -1.5) if x < 0.0 or x == 0.5 else np.sqrt(x)


def odd_learn(p, w, e, y):
    """Whatever a rule may use."""
    change = 0.0
    if e.reward != 0.0 and not e.reward < -1.0:
        change = (e.reward - w.level) ** 2 - p.a**p.b
    k = int(abs(change) + 0.5) % 2
    w.many[k] += 1.0 / (1.0 + np.exp(-(change - 1.0) * p.steep)) + 0.1 * math.atan(change) + 0.1 * np.log1p(p.c)
    w.many *= 1.0 - 0.1 * p.c
    w.many += 0.01 * np.exp(-np.abs(w.many))
    w.level += 0.3 * bounded(change * p.a) + 0.01 * math.pow(p.b, ROOT_2) + np.floor(w.level) * 0.01 + float(p.c) * 0.01
    while w.level > 3.0:
        w.level **= 0.5
    y.change = change


@dataclass(frozen=True)
class Odd(Agent):
    start, prefer, learn = odd_start, odd_prefer, odd_learn
    signals = ("change",)
    a: float = parameter(0.6, doc="one")
    b: float = parameter(0.9, doc="two")
    c: float = parameter(0.4, doc="three")
    steep: float = parameter(2.0, doc="of the sigmoid")
    first: float = parameter(0.3, doc="level to start with")

    @staticmethod
    def state(n_states, n_actions):
        return {"level": (), "many": (n_actions,)}


@pytest.fixture(scope="module")
def odd_choices():
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "subject": np.repeat([0, 1, 2], 15),
            "action": rng.integers(0, 2, 45),
            "outcome": rng.choice([-1.3, -0.4, 0.0, 0.8, 1.7], 45),
        }
    )


def test_rules_need_not_be_written_for_complex_numbers(odd_choices):
    slopes = assert_exact(Likelihood(Odd, odd_choices), Odd().values())
    assert all(slope != 0.0 for slope in slopes.values())


def test_an_exponential_that_overflows_on_the_way_leaves_the_gradient_alone(odd_choices):
    likelihood = Likelihood(Odd, odd_choices)
    assert np.isfinite(likelihood.value({"steep": 5000.0})).all()
    assert np.isfinite(likelihood.gradient({"steep": 5000.0})).all()


def unfit_learn(p, w, e, y):
    y.rpe = e.reward % p.alpha


@dataclass(frozen=True)
class Unfit(RescorlaWagner):
    learn = unfit_learn


def test_a_rule_without_a_gradient_says_so():
    assert hrl.log_likelihood(Unfit(), CHOICES)[0] == pytest.approx(3 * math.log(0.5))
    said = r"^Unfit has no gradient: .*in unfit_learn: % cannot be applied to a number and a number, a complex number$"
    with pytest.raises(RuleError, match=said):
        hrl.log_likelihood_gradient(Unfit(), CHOICES)


def test_a_rule_without_source_says_so():
    scope = {}
    exec("def learn(p, w, e, y):\n    y.rpe = p.alpha\n", scope)
    typed = dataclass(frozen=True)(type("Typed", (RescorlaWagner,), {"learn": scope["learn"]}))
    with pytest.raises(RuleError, match="in learn: a gradient needs the rule's source; write the rule into a file"):
        hrl.log_likelihood_gradient(typed(), CHOICES, task="plain")


def test_parameters_come_back_from_choices():
    """50 subjects alike, 300 trials each of two options that pay with .8 and .2, fitted together with the gradient."""
    from scipy.optimize import minimize

    rng, true = np.random.default_rng(5), {"alpha": 0.3, "beta": 3.0}
    rows = []
    for subject in range(50):
        Q = np.zeros(2)
        for _ in range(300):
            action = int(rng.random() < sigmoid(true["beta"] * (Q[1] - Q[0])))
            outcome = float(rng.random() < (0.8, 0.2)[action])
            rows.append((subject, action, outcome))
            Q[action] += true["alpha"] * (outcome - Q[action])
    likelihood = Likelihood(RescorlaWagner, pd.DataFrame(rows, columns=["subject", "action", "outcome"]))

    def loss(x):
        values = dict(zip(true, x, strict=True))
        return -likelihood.value(values).sum(), -likelihood.gradient(values, list(true)).sum(axis=0)

    fit = minimize(loss, [0.6, 1.0], jac=True, bounds=[(0, 1), (0, 20)], method="L-BFGS-B")
    assert fit.success
    assert fit.x == pytest.approx(list(true.values()), rel=0.1)


# ---- what is refused

TWO = pd.DataFrame(
    {"subject": [1, 1], "trial": [0, 1], "step": [0, 0], "state": [0, 0], "action": [0, 1], "outcome": [1.0, 0]}
)
BAD = [
    ([1, 2], "trials must be a pandas DataFrame with a row for each step, not [1, 2]"),
    (TWO.iloc[:0], "trials has no rows"),
    (
        TWO.drop(columns="outcome"),
        "trials has no column 'outcome'; name the one that holds it, columns={'outcome': ...}",
    ),
    (TWO.rename(columns={"action": "actions"}), "trials has no column 'action', did you mean 'actions'?"),
    (
        TWO.drop(columns="trial"),
        "trials has a column 'step' but no column 'trial', which would say where a trial begins",
    ),
    (pd.concat([TWO, TWO[["state"]]], axis=1), "trials has more than one column 'state'"),
    (
        TWO.assign(phase=["a", "b"]),
        "trials has the rows of 2 phases; give those of one phase at a time, or, if all are of one task, "
        "columns={'session': 'phase'}",
    ),
    (
        TWO.assign(group=["a", "b"]),
        "trials: row 1, column 'group': subject 1 is in group 'b' here and in 'a' before; give those of one group at a "
        "time, or each subject a label of its own",
    ),
    (TWO.assign(subject=[1, None]), "trials: row 1, column 'subject': nan names no subject"),
    (TWO.assign(trial=[0, 0.5]), "trials: row 1, column 'trial': 0.5 is not a whole number"),
    (
        TWO.assign(trial=0),
        "trials: row 1, columns 'subject', 'trial', 'step': subject 1, trial 0, step 0 is there twice; trial numbers "
        "that start anew need a column 'block' or 'session'",
    ),
    (
        TWO.assign(trial=0).drop(columns="step"),
        "trials: row 1, columns 'subject', 'trial': subject 1, trial 0 is there twice; trial numbers that start "
        "anew need a column 'block' or 'session'; the steps of a trial need a column 'step'",
    ),
    (TWO.assign(state=[0, np.nan]), "trials: row 1, column 'state': nan names no state"),
    (
        TWO.assign(state=[0, -1]),
        "trials: row 1, column 'state': -1 is not the number of a state, 0 to 999999; "
        "give states=[-1, 0] to map the codes that occur",
    ),
    (
        TWO.assign(state=[0, 10**9]),
        "trials: row 1, column 'state': 1000000000 is not the number of a state, 0 to 999999; give "
        "states=[0, 1000000000] to map the codes that occur",
    ),
    (
        TWO.assign(next_state=[-1, 0]),
        "trials: row 0, column 'next_state': -1 is not the number of a state, 0 to 999999; give states=[-1, 0] to map "
        "the codes that occur",
    ),
    (TWO.assign(action=[0, 0.5]), "trials: row 1, column 'action': 0.5 is not a whole number"),
    (
        TWO.assign(action=[-2, 0]),
        "trials: row 0, column 'action': -2 is not the number of an action, 0 to 999999; "
        "give actions=[-2, 0] to map the codes that occur, or missing=-2 if it is no response",
    ),
    (TWO.assign(action=[0, np.inf]), "trials: row 1, column 'action': inf is not finite"),
    (
        TWO.assign(action=["left", 0]),
        "trials: row 0, column 'action': 'left' is not a number; "
        "give actions=['left', 0] to map the codes that occur, or missing='left' if it is no response",
    ),
    (TWO.assign(outcome=[np.inf, 0]), "trials: row 0, column 'outcome': inf is not finite"),
    (TWO.assign(outcome=[0, -np.inf]), "trials: row 1, column 'outcome': -inf is not finite"),
    (TWO.assign(forced=[0, 2]), "trials: row 1, column 'forced': 2 is neither true nor false"),
    (TWO.assign(terminated=[True, None]), "trials: row 1, column 'terminated': None is neither true nor false"),
]


@pytest.mark.parametrize(("trials", "message"), BAD, ids=[message[-40:] for _, message in BAD])
def test_bad_data_is_refused_with_row_and_column(trials, message):
    with pytest.raises(ValueError) as caught:
        hrl.log_likelihood(RW, trials)
    assert str(caught.value) == message


def test_a_task_says_which_states_and_actions_there_are():
    with pytest.raises(ValueError, match=r"^trials: row 1, column 'state': 1 is not one of the 1 states, 0 to 0$"):
        hrl.log_likelihood(RW, TWO.assign(state=[0, 1]), ForcedSwim())
    with pytest.raises(
        ValueError,
        match=r"^trials: row 0, column 'action': 2 is not one of the 2 actions, 0 to 1; "
        r"give actions=\[1, 2\] to map the codes that occur, or missing=2 if it is no response$",
    ):
        hrl.log_likelihood(RW, TWO.assign(action=[2, 1]), ForcedSwim())
    with pytest.raises(ValueError, match=r"^trials: row 1, column 'next_state': 5 is not one of the 1 states, 0 to 0$"):
        hrl.log_likelihood(RW, TWO.assign(next_state=[0, 5]), ForcedSwim())
    three = hrl.log_likelihood(RescorlaWagner(alpha=0.0), TWO, SucrosePreference(), compiled=False)
    assert three.tolist() == [pytest.approx(2 * math.log(1 / 3))]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"agent": RescorlaWagner},
            "agent must be an Agent, not the class RescorlaWagner, did you mean RescorlaWagner()?",
        ),
        ({"task": ForcedSwim}, "task must be a Task, not the class ForcedSwim, did you mean ForcedSwim()?"),
        ({"threads": 0}, "threads must be a whole number of at least 1, not 0"),
        ({"threads": True}, "threads must be a whole number of at least 1, not True"),
        ({"parameters": {"alpha": 2.0}}, "RescorlaWagner: alpha must be between 0 and 1, not 2.0"),
        ({"parameters": {"alpah": 0.5}}, "RescorlaWagner has no parameter 'alpah', did you mean 'alpha'?"),
        (
            {"parameters": {"alpha": [0.5, 0.5]}},
            "parameters: 'alpha' must be one number or 1 of them, one for each subject",
        ),
        ({"names": ["alpha", "betta"]}, "RescorlaWagner has no parameter 'betta', did you mean 'beta'?"),
        ({"names": ["levels"]}, "RescorlaWagner: levels is of type int and has no derivative"),
        ({"names": "flag"}, "RescorlaWagner: flag is of type bool and has no derivative"),
    ],
)
def test_bad_arguments_are_refused_by_name(arguments, message):
    given_arguments = {"agent": RW, "trials": CHOICES} | arguments
    for what in (hrl.log_likelihood, hrl.log_likelihood_gradient):
        if what is hrl.log_likelihood and "names" in arguments:
            continue
        with pytest.raises(ValueError) as caught:
            what(**given_arguments)
        assert str(caught.value) == message


def test_a_packed_likelihood_refuses_unknown_names_and_other_lengths():
    with pytest.raises(ValueError, match="no parameter 'alpah', did you mean 'alpha'"):
        Likelihood(RW, CHOICES).value({"alpah": 0.5})
    with pytest.raises(ValueError, match="'alpha' must be one number or 1 of them"):
        Likelihood(RW, CHOICES).gradient({"alpha": np.ones(3)})


def sparing_start(p, w, reflex):
    w.level = 0.0


def sparing_prefer(p, w, e, z):
    if e.state == 0:
        z[1] = p.beta * w.level  # the others are 0, as everywhere


def sparing_learn(p, w, e, y):
    w.level += 0.5 * (e.reward - w.level)
    y.level = w.level


@dataclass(frozen=True)
class Sparing(Agent):
    start, prefer, learn = sparing_start, sparing_prefer, sparing_learn
    signals = ("level",)
    beta: float = parameter(2.0, doc="choice consistency", low=0, high=100)

    @staticmethod
    def state(n_states, n_actions):
        return {"level": ()}


@pytest.mark.parametrize("compiled", [True, False])
def test_a_preference_that_a_rule_leaves_out_is_0_as_in_a_simulation(compiled):
    trials = pd.DataFrame({"subject": 0, "state": [0, 0, 1], "action": [1, 1, 0], "outcome": [1.0, 1.0, 1.0]})
    expected = np.log(0.5) + np.log(1 / (1 + np.exp(-2.0 * 0.5))) + np.log(0.5)  # by hand; levels 0, .5, .75
    found = hrl.log_likelihood(Sparing(), trials, compiled=compiled)
    assert found.iloc[0] == pytest.approx(expected, rel=1e-12)
