"""Models side by side: selection against an integral, chance, other data refused, blocks held out."""

import numpy as np
import pytest
from scipy import integrate

import habenula_rl as hrl
from habenula_rl.agents import QLearning, WithChoiceKernel
from habenula_rl.fitting.comparison import select

TASK = hrl.tasks.ReversalLearning()


def test_selection_against_the_integral_over_frequencies():
    rng = np.random.default_rng(1)
    evidence = np.column_stack([rng.normal(1.0, 2.0, 12), rng.normal(0.0, 2.0, 12)])

    def likelihood(r):
        return np.prod(r * np.exp(evidence[:, 0]) + (1 - r) * np.exp(evidence[:, 1]))

    total, above = (integrate.quad(likelihood, low, 1.0)[0] for low in (0.0, 0.5))
    mean = integrate.quad(lambda r: r * likelihood(r), 0.0, 1.0)[0] / total
    same = likelihood(0.5)
    found = select(evidence)
    assert found.frequency[0] == pytest.approx(mean, abs=0.05)
    assert found.exceedance[0] == pytest.approx(above / total, abs=0.08)
    assert found.omnibus_risk == pytest.approx(same / (same + total), abs=0.12)
    np.testing.assert_allclose(found.attribution.sum(axis=1), 1.0)
    assert found.protected.sum() == pytest.approx(1.0)


def test_selection_of_models_alike_and_of_one_that_is_everyones():
    alike = select(np.zeros((40, 3)))
    np.testing.assert_allclose(alike.protected, 1 / 3, atol=0.02)
    assert alike.omnibus_risk > 0.9
    clear = select(np.column_stack([np.zeros(40), np.full(40, 5.0), np.zeros(40)]))
    assert clear.protected[1] > 0.99 and clear.frequency[1] > 0.9
    with pytest.raises(ValueError, match="finite log evidence"):
        select(np.zeros((4, 1)))


@pytest.fixture(scope="module")
def trials():
    agent = WithChoiceKernel(QLearning)(learning_rate=0.4, beta=3.0, perseveration=2.0)
    made = hrl.simulate(agent, TASK, n_subjects=30, n_trials=120, seed=4).trials
    return made.assign(block=made["trial"] // 40)


@pytest.mark.parametrize("method", ["mle", "map", "em"])
def test_the_model_that_made_the_choices_is_first_and_chance_is_last(trials, method):
    kinds = (QLearning, WithChoiceKernel(QLearning))
    found = hrl.compare([hrl.fit(kind, trials, TASK, method=method, reset="never") for kind in kinds])
    assert found.table["model"].tolist() == ["QLearningWithChoiceKernel", "QLearning", "chance"]
    chance = found.table.iloc[-1]
    assert chance["log_likelihood"] == pytest.approx(-30 * 120 * np.log(2)) and chance["probability"] == pytest.approx(
        0.5
    )
    assert found.table["protected"][0] > 0.95 and not found.notes
    assert "chance" in repr(found) and "chance" in found._repr_html_()


def test_what_is_not_comparable_is_refused_and_a_missing_kernel_is_said(trials):
    one = hrl.fit(QLearning, trials, TASK, reset="never")
    assert "none has a choice kernel" in hrl.compare([one]).notes[0]
    fewer = hrl.fit(QLearning, trials[trials.trial < 60], TASK, reset="never")
    with pytest.raises(ValueError, match="'b' is a fit of other choices than 'a'"):
        hrl.compare({"a": one, "b": fewer})
    with pytest.raises(ValueError, match="'b' was fitted by 'mle', 'a' by 'map'"):
        hrl.compare({"a": one, "b": hrl.fit(QLearning, trials, TASK, method="mle", reset="never")})


def test_blocks_are_held_out_once_each(trials):
    found = hrl.held_out([QLearning, WithChoiceKernel(QLearning)], trials, TASK, reset="never").set_index("model")
    assert found.index.tolist() == ["QLearningWithChoiceKernel", "QLearning", "chance"]
    assert found.loc["chance", "log_likelihood"] == pytest.approx(-30 * 120 * np.log(2))
    inside = hrl.fit(WithChoiceKernel(QLearning), trials, TASK, method="mle", reset="never").log_likelihood
    assert found["log_likelihood"].iloc[0] < inside
    with pytest.raises(ValueError, match="no column 'blok', did you mean 'block'"):
        hrl.held_out([QLearning], trials, TASK, by="blok")
