"""Claims on measures of subjects: made-up animals as published pass, and each row fails where its measure is turned."""

from pathlib import Path
from string import ascii_uppercase

import numpy as np
import pandas as pd
import pytest

from habenula_rl.experiment.study_file import load_experiment
from habenula_rl.findings.catalogue import loaded, written_claims

ROOT = Path(__file__).parents[2]
STUDIES = (
    "antagonists",
    "associations",
    "avoidance",
    "depressed_choice",
    "habenula_output",
    "habenula_silenced",
    "mastery",
    "probabilistic_choice",
    "recordings",
    "shabel2014",
    "uncontrollable",
)

PHASES = ("active", "forced_swim", "sucrose", "bias", "selection", "odds", "odds_off")
PHASES += ("saccades", "blocks", "odours", "test", "risk", "shuttle")
PHASES += ("shuttling", "therapy", "waiting", "crossing_twice", "test_day", "test_week", "test_month")
PHASES += ("extinction", "matching", "reversal_off", "levers_off", "barrier_off", "no_barrier_off")
PHASES += ("effort", "reversal", "blocking", "inhibition", "preconditioning", "inference", "information")

# claim -> measure -> group: mean of a made-up animal, as the finding has it
PUBLISHED = {
    "avoidance": {
        "gained": {"intact": 30, "unlearning": 0},
        "latency": {"intact_passive": 50, "lesioned_passive": 20},
        "best": {"intact_rewarded": 80, "lesioned_rewarded": 79},
    },
    "amo2014": {"gained": {"intact": 30, "lesioned": 5}, "threat": {"intact_afraid": -10, "lesioned_afraid": -9.5}},
    "song2017": {
        "avoided_early": {"intact": 20, "lesioned": 40},
        "threat": {"intact_afraid": -10, "lesioned_afraid": -10},
        "threat_left": {"intact_afraid": -8, "lesioned_afraid": -3},
    },
    "li2013": {
        "immobility": {"healthy": 40, "raised": 70, "helpless": 70, "lowered": 40},
        "preference": {"healthy": 90, "raised": 60, "helpless": 60, "lowered": 90},
    },
    "pizzagalli2008": {
        "bias_gained": {"controls": 10},
        "bias": {"controls": 20, "depressed": 10},
        "discriminability": {"controls": 50, "depressed": 50},
    },
    "frank2004": {
        "avoids": {"choosing": 0.5, "less_dopamine": 20, "more_dopamine": -20, "helpless": 20, "helpless_ketamine": 0.5}
    },
    "stopper2014": {
        "slope": {"rats": -20, "rats_off": 0.5},
        "risky": {"rats": 50, "rats_off": 50},
        "larger": {"rats": 95, "rats_off": 95},
    },
    "matsumoto2007": {
        f"{signal}_{event}": {"saccades": sign * turn * 10}
        for event, sign in {"no_reward_cue": 1, "omission": 1, "reward_cue": -1, "unexpected_reward": -1}.items()
        for signal, turn in (("lhb", 1), ("dopamine", -1))
    }
    | {"lhb_reward": {"saccades": -1}},
    "matsumoto2009": {
        f"lhb_{event}": {"blocks": mean}
        for event, mean in {
            "juice_100": -20,
            "juice_50": 0.5,
            "juice_0": 20,
            "puff_0": -20,
            "puff_50": 0.5,
            "puff_100": 20,
            "juice_100_reward": -5,
            "juice_50_reward": -20,
            "juice_50_nothing": 20,
            "juice_0_nothing": 5,
            "puff_50_puff": 20,
            "puff_100_puff": 5,
            "puff_0_nothing": -5,
            "puff_50_nothing": -20,
        }.items()
    },
    "tian2015": {
        "dopamine_A_nothing": {"intact": -20, "lesioned": -5},
        "dopamine_D_puff": {"intact": -20, "lesioned": -19},
        "dopamine_D_cue": {"intact": -20, "lesioned": -19},
        "dopamine_A_cue": {"intact": 20, "lesioned": 20},
    },
    "autry2011": {"immobility": {"vehicle": 60, "ketamine": 30, "mk801": 35}},
    "gideons2014": {"immobility": {"vehicle": 60, "ketamine": 30, "memantine": 59}},
    "waelti2001": {"dopamine_unblocked": {"blocking": 20}, "dopamine_blocked": {"blocking": 0.5}},
    "tobler2003": {
        "dopamine_excitor": {"inhibition": 20},
        "dopamine_inhibitor": {"inhibition": -20},
        "dopamine_neutral": {"inhibition": 0.5},
    },
    "sadacca2016": {"dopamine_chained": {"preconditioning": 20}, "dopamine_unchained": {"preconditioning": 0.5}},
    "bromberg2010": {"lhb_experienced": {"inference": 20}, "lhb_inferred": {"inference": 15}},
    "bromberg2009": {
        "dopamine_informing": {"information": 20},
        "dopamine_uninforming": {"information": 5},
        "lhb_informing": {"information": -20},
        "lhb_uninforming": {"information": -5},
    },
    "treadway2012": {
        "hard": {"controls": 40, "depressed": 30},
        "by_odds": {"controls": 40, "depressed": 20},
        "by_amount": {"controls": 40, "depressed": 20},
    },
    "murphy2003": {"misled": {"controls": 20, "depressed": 40}, "reversals": {"controls": 60, "depressed": 58}},
    "donaire2019": {"licks": {"sham": 30, "lesioned": 60}},
    "thapa2019": {"win_stay": {"sham": 60, "lesioned": 50}, "lose_shift": {"sham": 60, "lesioned": 61}},
    "baker2015": {"reversals": {"rats": 12, "rats_off": 6}, "perseverative": {"rats": 4, "rats_off": 8}},
    "jean2014": {"suppressed": {"rats": 80, "rats_off": 78}},
    "sevigny2021": {"work": {"rats": 70, "rats_off": 50}, "level": {"rats": 90, "rats_off": 89}},
    "volpicelli1983": {
        "crossing_late": {"new": 20, "mastering": 60, "resigned": 5},
        "crossing_change": {"new": -30, "mastering": 0.5},
    },
    "seligman1968": {"failures_before": {"dragged": 14, "left": 14}, "failures_after": {"dragged": 0.2, "left": 9}},
    "transfer": {"failures": {"untreated": 10, "shocked": 70, "immunised": 15}},
    "hunziker2007": {"failures": {"naive": 10, "day": 70, "month": 70}},
    "seligman1970": {"failures": {"naive": 10, "week": 12, "repeated_week": 70}},
    "controllability": {"failures": {"escapable": 10, "lessened": 15, "stressed": 70}},
    "amat2001": {"failures": {"naive": 10, "stressed": 70, "lesioned": 20}},
    "andalman2019": {
        "burst_change": {"stressed": 20, "silenced": 0.5},
        "crossing_change": {"stressed": -30, "silenced": -2},
        "failures": {"stressed": 70, "silenced": 20},
    },
}


def tables(claim: str, **other: dict[str, float]) -> dict[str, pd.DataFrame]:
    """40 made-up animals in each group, a little different from one another; `other` replaces what a measure has."""
    rows = []
    for measure, groups in (PUBLISHED[claim] | other).items():
        for group, mean in groups.items():
            spread = np.random.default_rng([len(measure), len(group)]).normal(0.0, 1.0, 40)
            values = mean + spread - spread.mean()
            rows.append(pd.DataFrame({"group": group, "measure": measure, "subject": range(40), "value": values}))
    each = pd.concat(rows).assign(phase="made up")
    groups = each.drop_duplicates("group")
    there = [groups.assign(phase=phase, measure=f"none in {phase}", value=np.nan) for phase in PHASES]
    return {"subjects": pd.concat([each, *there], ignore_index=True)}


def not_passed(claim: str, **other: dict[str, float]) -> set[str]:
    found = loaded(written_claims()[claim].path)[1][claim]
    return {part.name for part in found.test(tables(claim, **other)) if part.outcome != "pass"}


@pytest.mark.parametrize("claim", PUBLISHED)
def test_made_up_animals_as_published_pass(claim):
    assert not_passed(claim) == set()


@pytest.mark.parametrize(
    ("claim", "other", "fails"),
    [
        ("avoidance", {"gained": {"intact": 1, "unlearning": 5}}, {"learned"}),
        ("avoidance", {"latency": {"intact_passive": 20, "lesioned_passive": 21}}, {"passive"}),
        ("avoidance", {"best": {"intact_rewarded": 80, "lesioned_rewarded": 60}}, {"reward"}),
        ("amo2014", {"gained": {"intact": 5, "lesioned": 30}}, {"active"}),
        ("amo2014", {"threat": {"intact_afraid": -10, "lesioned_afraid": -6}}, {"fear"}),
        ("song2017", {"avoided_early": {"intact": 40, "lesioned": 20}}, {"learning"}),
        ("song2017", {"threat_left": {"intact_afraid": -3, "lesioned_afraid": -8}}, {"extinction"}),
        ("li2013", {"immobility": {"healthy": 70, "raised": 40, "helpless": 70, "lowered": 40}}, {"more_immobile"}),
        ("li2013", {"preference": {"healthy": 90, "raised": 60, "helpless": 60, "lowered": 50}}, {"less_sucrose"}),
        ("pizzagalli2008", {"bias_gained": {"controls": -5}}, {"bias"}),
        ("pizzagalli2008", {"bias": {"controls": 10, "depressed": 20}}, {"less"}),
        ("pizzagalli2008", {"discriminability": {"controls": 50, "depressed": 30}}, {"discriminability"}),
        ("stopper2014", {"slope": {"rats": -20, "rats_off": -18}}, {"flat"}),
        ("stopper2014", {"slope": {"rats": 3, "rats_off": 0.5}}, {"follows"}),
        ("stopper2014", {"risky": {"rats": 50, "rats_off": 75}}, {"half"}),
        ("stopper2014", {"larger": {"rats": 95, "rats_off": 50}}, {"equal_cost"}),
        ("matsumoto2007", {"lhb_omission": {"saccades": -10}}, {"habenula_omission"}),
        ("matsumoto2007", {"dopamine_reward_cue": {"saccades": -10}}, {"dopamine_reward_cue"}),
        ("matsumoto2007", {"lhb_reward": {"saccades": -9}}, {"known_reward"}),
        ("matsumoto2009", {"lhb_juice_100": {"blocks": 5}}, {"juice_50"}),
        ("matsumoto2009", {"lhb_puff_100": {"blocks": -5}}, {"puff_100"}),
        ("matsumoto2009", {"lhb_puff_100_puff": {"blocks": 30}}, {"puff"}),
        ("tian2015", {"dopamine_A_nothing": {"intact": -20, "lesioned": -18}}, {"omission"}),
        ("tian2015", {"dopamine_D_puff": {"intact": -20, "lesioned": -5}}, {"puff"}),
        ("tian2015", {"dopamine_A_cue": {"intact": 20, "lesioned": -3}}, {"excitation"}),
        ("autry2011", {"immobility": {"vehicle": 60, "ketamine": 30, "mk801": 65}}, {"mk801"}),
        ("gideons2014", {"immobility": {"vehicle": 60, "ketamine": 30, "memantine": 40}}, {"memantine"}),
        ("gideons2014", {"immobility": {"vehicle": 60, "ketamine": 62, "memantine": 59}}, {"apart"}),
        ("waelti2001", {"dopamine_blocked": {"blocking": 30}}, {"blocked"}),
        (
            "tobler2003",
            {"dopamine_inhibitor": {"inhibition": -5}, "dopamine_neutral": {"inhibition": -20}},
            {"inhibitor"},
        ),
        ("tobler2003", {"dopamine_excitor": {"inhibition": -5}}, {"excitor"}),
        ("sadacca2016", {"dopamine_chained": {"preconditioning": -5}}, {"inferred"}),
        ("bromberg2010", {"lhb_inferred": {"inference": -5}}, {"inferred"}),
        ("bromberg2009", {"lhb_informing": {"information": 5}}, {"habenula"}),
        ("treadway2012", {"hard": {"controls": 30, "depressed": 40}}, {"hard"}),
        ("treadway2012", {"by_amount": {"controls": 20, "depressed": 40}}, {"amount"}),
        ("murphy2003", {"misled": {"controls": 40, "depressed": 20}}, {"misled"}),
        ("murphy2003", {"reversals": {"controls": 60, "depressed": 30}}, {"reversals"}),
        ("donaire2019", {"licks": {"sham": 60, "lesioned": 30}}, {"delayed"}),
        ("thapa2019", {"lose_shift": {"sham": 60, "lesioned": 50}}, {"lose_shift"}),
        ("thapa2019", {"win_stay": {"sham": 50, "lesioned": 60}}, {"win_stay"}),
        ("baker2015", {"perseverative": {"rats": 8, "rats_off": 4}}, {"perseverative"}),
        ("jean2014", {"suppressed": {"rats": 80, "rats_off": 30}}, {"spared"}),
        ("jean2014", {"suppressed": {"rats": -5, "rats_off": -5}}, {"punished", "spared"}),
        ("sevigny2021", {"level": {"rats": 90, "rats_off": 70}}, {"no_barrier"}),
        ("volpicelli1983", {"crossing_late": {"new": 20, "mastering": 10, "resigned": 5}}, {"mastery"}),
        ("volpicelli1983", {"crossing_change": {"new": -30, "mastering": -20}}, {"unabated"}),
        ("seligman1968", {"failures_after": {"dragged": 9, "left": 7}}, {"complete", "by_dragging"}),
        ("transfer", {"failures": {"untreated": 10, "shocked": 70, "immunised": 50}}, {"near"}),
        ("hunziker2007", {"failures": {"naive": 10, "day": 70, "month": 9}}, {"month"}),
        ("seligman1970", {"failures": {"naive": 10, "week": 75, "repeated_week": 70}}, {"more"}),
        ("controllability", {"failures": {"escapable": 10, "lessened": 50, "stressed": 70}}, {"near"}),
        ("controllability", {"failures": {"escapable": 70, "lessened": 70, "stressed": 70}}, {"harm", "less", "near"}),
        ("amat2001", {"failures": {"naive": 10, "stressed": 70, "lesioned": 80}}, {"prevented"}),
        ("andalman2019", {"burst_change": {"stressed": -5, "silenced": 0}}, {"activity"}),
        ("andalman2019", {"crossing_change": {"stressed": -5, "silenced": -9}}, {"silenced"}),
        ("andalman2019", {"failures": {"stressed": 20, "silenced": 70}}, {"after"}),
    ],
)
def test_a_measure_that_is_turned_fails_its_row_alone(claim, other, fails):
    assert not_passed(claim, **other) == fails


@pytest.mark.parametrize("study", STUDIES)
def test_every_panel_has_its_groups_and_every_claim_its_measures(study, tmp_path):
    """A run with few subjects: the figure draws, no panel is empty, and nothing that a claim reads is missing."""
    from habenula_rl.experiment.recorded import load_trials
    from habenula_rl.experiment.run import run

    folder = run(ROOT / "configs" / f"{study}.yaml", tmp_path, subjects=4, figure=False)
    module = load_experiment(ROOT / "experiments" / f"{study}.py")
    table = module.read(load_trials(folder))
    drawn = module.summarise(table)
    figure = module.figure(drawn)
    letters = [text.get_text() for axes in figure.axes for text in axes.texts if text.get_gid() == "letter"]
    assert letters == [*ascii_uppercase[: len(module.PANELS)]]
    for panel in module.PANELS:
        of_panel = drawn[drawn["measure"].str.startswith(panel.measure) & (drawn["level"] == "group")]
        assert not of_panel.empty and of_panel["value"].notna().any(), panel
    for claim in module.CLAIMS:
        assert all(part.estimate.n > 0 for part in claim.test(table)), claim.id


READS_ALONE = """
from habenula_rl.analysis import readouts
from habenula_rl.findings import Claim

READS = {"box": lambda trials: readouts.escapes(trials)[[*readouts.WHO, "failed"]]}
def figure(table): ...
CLAIMS = (Claim("mine", "doi 10.", "Mine", lambda tables: []),)
"""


def test_a_file_with_reads_alone_gives_each_subjects_measures_and_their_means(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(READS_ALONE)
    module = load_experiment(path)
    trials = pd.DataFrame({"group": "mice", "phase": "box", "subject": [0, 0, 1, 1], "trial": [0, 1, 0, 1], "step": 0})
    trials = trials.assign(state=2, action=0, outcome=0.0, terminated=[1, 0, 0, 0], truncated=[0, 1, 1, 1])
    found = module.read(trials)
    assert found["subjects"].sort_values("subject")["value"].tolist() == [0.5, 1.0]  # one of two trials failed; both
    table = module.summarise(found)
    assert table.query("level == 'group'")["value"].tolist() == [0.75]
