"""Data as they are on a bad day: whatever would be a wrong number without a word is refused, or said."""

import warnings

import numpy as np
import pandas as pd
import pytest

import habenula_rl as hrl
from habenula_rl.agents import QLearning
from habenula_rl.fitting.ranges import Range

TASK = hrl.tasks.ReversalLearning()
NAMES = ["learning_rate", "beta"]


@pytest.fixture(scope="module")
def data():
    trials = hrl.simulate(QLearning(learning_rate=0.4, beta=4.0), TASK, n_subjects=6, n_trials=40, seed=2).trials
    table = trials[["subject", "trial", "state", "action", "outcome"]]
    return table.assign(
        score=np.array([3, 1, 4, 1, 5, 9])[table["subject"]], group=np.where(table["subject"] < 3, "a", "b")
    )


def fit(table, method="map", **options):
    if method == "em":
        options = {"groups": False} | options
    return hrl.fit(QLearning, table, TASK, parameters=NAMES, method=method, threads=1, starts=1, **options)


def spoilt(table, name, value, who=slice(None)):
    """The table with another value in a column, for these subjects."""
    rows = table["subject"].isin(np.atleast_1d(np.arange(6)[who]))
    return table.assign(**{name: table[name].astype(float).where(~rows, value)})


# ---- a population


@pytest.mark.parametrize(
    ("change", "options", "why"),
    [
        (lambda d: d[d["subject"] == 0], {}, "is of 1 subject with choices, and a variance needs 3; fit each alone"),
        (lambda d: spoilt(d, "action", np.nan, slice(2, None)), {}, "is of 2 subjects with choices"),
        (
            lambda d: d.assign(group=np.where(d["subject"] < 1, "a", "b")),
            {"groups": "group"},
            "groups: 'a' has 1 subject with choices, and a variance needs 3",
        ),
        (
            lambda d: spoilt(d, "outcome", np.nan, slice(3, None)),
            {"groups": "group"},
            "in group 'b' nobody's choices depend on learning_rate, beta, as where no outcome is shown",
        ),
        (lambda d: d, {"covariates": [f"c{k}" for k in range(5)]}, "6 subjects with choices cannot tell 6 terms apart"),
        (lambda d: d.assign(s=1e9 + 1e-7 * d["subject"]), {"covariates": ["s"]}, "'s' is the same for all subjects"),
        (
            lambda d: d.assign(s=d["score"] + 1e-9 * d["subject"]),
            {"covariates": ["score", "s"]},
            "one of them follows from the others",
        ),
        (lambda d: spoilt(d, "score", np.nan, 2), {"covariates": ["score"]}, "'score' of subject 2 is not a number"),
        (
            lambda d: d.assign(site=np.where(d["subject"] == 0, "x ", np.where(d["subject"] < 3, "x", "y"))),
            {"groups": "site"},
            "'x ' and 'x' would be two groups",
        ),
        (
            lambda d: d,
            {"covariates": pd.DataFrame({"s": np.arange(7.0)}, [0, 1, 2, 3, 4, 5, 5])},
            "covariates has two rows for subject 5",
        ),
        (
            lambda d: d,
            {"covariates": pd.DataFrame({"s": np.arange(6.0)}, list("012345"))},
            "covariates has no row for subject 0; it has one for '0': make both numbers, or both texts",
        ),
        (lambda d: d, {"covariates": pd.DataFrame({"s": []})}, "covariates has no row for subject 0 and 5 others"),
        (lambda d: d, {"covariates": pd.Series(np.arange(6.0))}, "covariates must be names of columns, or a table"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*responses are missing")
def test_a_population_that_cannot_be_estimated_is_refused(data, change, options, why):
    table = data.assign(**{f"c{k}": np.random.default_rng(k).normal(size=6)[data["subject"]] for k in range(5)})
    with pytest.raises(ValueError, match=why):
        fit(change(table), method="em", **options)


def test_a_score_that_looks_like_a_code_is_said(data):
    coded = spoilt(data, "score", -999.0, 1)
    with pytest.warns(UserWarning, match="'score' of subject 1 is -999, far from all others"):
        fit(coded, method="em", covariates=["score"])


# ---- people of whom the choices say nothing


@pytest.mark.filterwarnings("ignore:.*responses are missing")
def test_whoever_says_nothing_is_named_in_the_flags(data):
    """Without an outcome other than 0 all values stay 0, without a choice there is no likelihood: the estimates are
    the prior's, whose middle is .5 of a rate."""
    still = fit(spoilt(data, "outcome", 0.0, 0))
    assert still.still == {"learning_rate": 1, "beta": 1}
    assert "nothing that 1 of 6 subjects chose depends on beta: their estimates are the prior's" in still.flags
    assert still.parameters["learning_rate"][0] == pytest.approx(0.5, abs=1e-6)
    none = fit(spoilt(data, "action", np.nan, 0))
    assert "1 of 6 subjects made no choice: their estimates are the prior's" in none.flags
    assert not any("no better than by chance" in flag for flag in none.flags) and none.still == {}
    same = fit(spoilt(data, "action", 1.0, slice(0, 2)))
    assert "2 of 6 subjects chose one action only, which says little of how they learn" in same.flags
    assert not [flag for flag in fit(data).flags if "one action" in flag or "no choice" in flag or "depends" in flag]


# ---- tables


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        (("p{}", "p{} "), "'p0' and 'p0 ' would be two subjects"),
        (("p{}", "P{}"), "'p0' and 'P0' would be two subjects"),
        (("{}", "0{}"), "'0' and '00' would be two subjects"),
        (("{}", "{}.0"), "'0' and '0.0' would be two subjects"),
    ],
)
def test_one_person_under_two_labels_is_refused(data, labels, why):
    with pytest.raises(ValueError, match=why):
        fit(data.assign(subject=[labels[k % 2].format(s) for k, s in enumerate(data["subject"])]))


def test_rows_that_are_there_twice_are_refused_without_trial_numbers(data):
    plain = data.drop(columns="trial")
    for twice in (pd.concat([plain, plain]), plain.loc[plain.index.repeat(2)].reset_index(drop=True)):
        with pytest.raises(ValueError, match="all rows of subject 0 are there twice"):
            fit(twice)
    fit(plain)


def test_whether_rows_are_there_twice_is_seen_at_once_in_thousands_of_people(monkeypatch):
    """By their choices: no table is taken out for a person whose choices are not there twice."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"subject": np.repeat(range(50), 40), "action": rng.integers(0, 2, 2000), "outcome": 1.0})
    monkeypatch.setattr(pd.DataFrame, "equals", None)
    hrl.Likelihood(QLearning, table)


def test_choices_that_count_from_0_in_some_and_from_1_in_others_are_refused(data):
    mixed = data.drop(columns="state").assign(action=data["action"] + (data["subject"] > 2))
    why = "subject 0 has 0 to 1, subject 3 has 1 to 2, and nobody all 3: number them alike, or give actions=3"
    for read in (lambda t: hrl.fit(QLearning, t, threads=1), hrl.load_choices):
        with pytest.raises(ValueError, match=why):
            read(mixed)
    hrl.Likelihood(QLearning, mixed, actions=3)


@pytest.mark.parametrize(
    ("header", "row", "why"),
    [
        ("subject,choice,outcome", "{s},{c},{o},", "rows have more cells than its header has names"),
        ("subject,choice,outcome", "{s},{c},{o},5", "rows have more cells than its header .*decimal comma"),
        ("subject,choice,outcome,outcome", "{s},{c},{o},1", "two columns are called 'outcome'"),
        (
            "subject,choice,outcome",
            '{s},{c},"{o},5"',
            "row 0, column 'outcome': '0,5' is not a number; write it with a",
        ),
        ("subject;choice;outcome", "{s};{c};1.{o}00", "row 0, column 'outcome': '1.000' may have a decimal point or"),
    ],
)
def test_files_whose_cells_may_be_read_in_two_ways_are_refused(tmp_path, header, row, why):
    rows = [row.format(s=s, c=(7 * s + 3 * t) % 2, o=(s + t) % 2) for s in range(3) for t in range(8)]
    (tmp_path / "data.csv").write_text("\n".join([header, *rows]) + "\n")
    with pytest.raises(ValueError, match=f"data.csv.*{why}"):
        hrl.load_choices(tmp_path / "data.csv")


def test_decimal_commas_and_points_between_semicolons_are_the_same_numbers(tmp_path):
    found = []
    for mark in ",.":
        rows = [f"{s};{t % 2};{t}{mark}125" for s in range(3) for t in range(4)]
        (tmp_path / "data.csv").write_text("\n".join(["subject;choice;outcome", *rows]) + "\n")
        found.append(hrl.load_choices(tmp_path / "data.csv", outcomes=(0, 4))["outcome"].astype(float).tolist())
    assert found[0] == found[1] == [0.125, 1.125, 2.125, 3.125] * 3


def test_a_file_that_is_not_utf_8_is_refused_in_words(tmp_path):
    (tmp_path / "data.csv").write_bytes("subject,choice,outcome\nMüller,0,1\n".encode("latin1"))
    with pytest.raises(ValueError, match="is no text in UTF-8; save it as 'CSV UTF-8'"):
        hrl.load_choices(tmp_path / "data.csv")


# ---- what is made of a fit


def test_fits_of_other_choices_are_not_compared_though_there_are_as_many(data):
    one, other = fit(data), fit(data.assign(action=1 - data["action"]))
    with pytest.raises(ValueError, match="compare: 'other' is a fit of other choices than 'one'"):
        hrl.compare({"one": one, "other": other})
    hrl.compare({"one": one, "again": fit(data.sample(frac=1.0, random_state=1))})


def test_outcomes_of_another_size_than_the_data_s_are_said(data):
    large = fit(data.assign(outcome=100 * data["outcome"]))
    said = "the data's outcomes go from 0 to 100 and the task's from 0 to 1"

    def mean(trials):
        return trials.groupby("subject")["outcome"].mean().reset_index()

    with pytest.warns(UserWarning, match=f"posterior_predictive: {said}"):
        hrl.posterior_predictive(large, TASK, mean, draws=2)
    with warnings.catch_warnings(record=True) as met:
        warnings.simplefilter("always")
        hrl.recover(large, TASK, threads=1)
    assert any(f"recover: {said}" in str(one.message) for one in met)
    with pytest.raises(ValueError, match="the readout's 'outcome' is empty in every row"):
        hrl.posterior_predictive(fit(data), TASK, lambda t: mean(t).assign(outcome=np.nan), draws=2)


def test_too_few_people_for_a_correlation_or_an_information_are_refused(data):
    for n in (0, -1, 2, 2.5):
        with pytest.raises(ValueError, match=f"recover: n_subjects must be a whole number of 3 or more, not {n}"):
            hrl.recover(QLearning, TASK, n_subjects=n, parameters=NAMES)
    found = hrl.recover(QLearning, TASK, n_subjects=np.int64(3), n_trials=np.int64(20), parameters=NAMES, threads=1)
    assert found.table["subject"].nunique() == 3  # NumPy's whole numbers are whole numbers
    with pytest.raises(ValueError, match="are drawn from 3 or more, and it has 1"):
        hrl.recover(fit(data[data["subject"] == 0]), TASK)
    with pytest.raises(ValueError, match="identify: n_subjects must be 8 or more for 2 parameters"):
        hrl.identify(QLearning, TASK, parameters=NAMES, n_subjects=7)


def test_rows_that_no_block_would_hold_out_are_refused(data):
    half = data["trial"] // 20
    with pytest.raises(ValueError, match="row 0, column 'part': nan is no label"):
        hrl.held_out([QLearning], data.assign(part=half.where(data["trial"] > 3)), TASK, by="part")
    for agents in ([], [QLearning, QLearning]):
        with pytest.raises(ValueError, match="held_out needs agents, each under a name of its own"):
            hrl.held_out(agents, data.assign(part=half), TASK, by="part")
    alone = data.assign(part=half.where(data["subject"] > 0, 0))
    with pytest.raises(ValueError, match="subject 0 has one part only, so that nothing is left to fit"):
        hrl.held_out([QLearning], alone, TASK, by="part", method="mle")
    texts = data.assign(part=half, forced=np.where(data["trial"] == 0, "1", "0"))
    numbers = texts.assign(forced=texts["forced"].astype(int))
    found = [
        hrl.held_out([QLearning], table, TASK, by="part", parameters={"QLearning": NAMES}) for table in (texts, numbers)
    ]
    pd.testing.assert_frame_equal(*found)


@pytest.mark.parametrize(
    ("change", "options", "why"),
    [
        ({"onset": "a"}, {}, "row 0, column 'onset': 'a' is not a number"),
        ({"onset": lambda d: d["trial"] % 20 * 4.0}, {}, "row 20, column 'onset': 0 is before the trial before it"),
        ({}, {"duration": -1.0}, "row 0, column 'duration': -1.0 is below 0"),
        ({"rt": np.nan}, {"duration": "rt"}, "row 0, column 'rt': nan is not finite"),
        ({"rpe": np.nan}, {}, "'rpe' is empty in every row"),
        ({"rpe": "x"}, {}, "row 0, column 'rpe': 'x' is not a number"),
    ],
)
def test_a_regressor_whose_times_or_values_are_none_is_refused(data, change, options, why):
    found = hrl.signals(QLearning(), data, TASK).assign(onset=lambda d: 4.0 * d["trial"]).assign(**change)
    with pytest.raises(ValueError, match=why):
        hrl.to_bids_regressors(found, ["rpe"], **options)


def test_a_regressor_in_ms_or_without_variance_is_said(data):
    found = hrl.signals(QLearning(), data, TASK).assign(onset=lambda d: 4000.0 * d["trial"])
    with pytest.warns(UserWarning, match="trials are 4000 s apart by 'onset': is it in ms"):
        hrl.to_bids_regressors(found, ["rpe"])
    still = found.assign(onset=found["onset"] / 1000, rpe=found["rpe"].where(found["subject"] > 0, 0.0))
    with pytest.warns(UserWarning, match="'rpe' does not vary in 1 runs"):
        hrl.to_bids_regressors(still, ["rpe"])


# ---- a newcomer's first calls


def test_scores_may_have_the_labels_as_a_column_and_people_without_are_counted(data):
    plain, table = data.drop(columns=["score", "group"]), data.groupby("subject")["score"].first().reset_index()
    by_index, by_column = (fit(plain, method="em", covariates=t) for t in (table.set_index("subject"), table))
    pd.testing.assert_frame_equal(by_index.group, by_column.group)
    with pytest.raises(ValueError, match="no row for subject 4 and 1 others; leave out their choices"):
        fit(plain, method="em", covariates=table.set_index("subject").iloc[:4])


def test_first_mistakes_are_answered_with_what_was_meant(data):
    with pytest.raises(TypeError, match="fit takes no argument 'covariate', did you mean 'covariates'"):
        hrl.fit(QLearning, data, TASK, covariate=["score"])
    with pytest.raises(ValueError, match=r"as hrl\.agents\.QLearning, not 'QLearning'"):
        hrl.fit("QLearning", data, TASK)
    with pytest.raises(ValueError, match=r"a task is an object, as hrl\.tasks\.ReversalLearning"):
        hrl.fit(QLearning, data, "ReversalLearning")
    with pytest.raises(ValueError, match=r"not 'choices\.csv'; load_choices makes one of a file"):
        hrl.fit(QLearning, "choices.csv", TASK)
    with pytest.raises(ValueError, match=r"trials has no column 'scores\.csv'; read a file with pandas first"):
        fit(data, method="em", covariates="scores.csv")


@pytest.mark.filterwarnings("ignore")
def test_a_fit_goes_to_arviz_by_its_weighted_points(data):
    """The means of so many draws are the posterior's, within four of their standard errors."""
    pytest.importorskip("arviz", reason="needs arviz: pip install 'habenula_rl[bayes]'")
    made = fit(data)
    posterior = made.to_arviz(draws=2000).posterior
    assert posterior["beta"].sizes == {"chain": 1, "draw": 2000, "subject": 6}
    line = Range(0, 100).to_line(posterior["beta"].to_numpy()[0])
    error = np.sqrt(made.weighted.covariance[:, 1, 1] / 2000)
    assert (np.abs(line.mean(axis=0) - made.weighted.mean[:, 1]) < 4 * error + 0.03).all()
    with pytest.raises(ValueError, match="to_arviz needs a posterior"):
        fit(data, "mle").to_arviz()
