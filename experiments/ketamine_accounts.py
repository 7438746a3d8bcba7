"""Five accounts of ketamine (Yang 2018, Klein 2020, Williams 2018, Zanos 2016, Moghaddam 1997), drug by drug."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from habenula_rl import figures, tasks
from habenula_rl.analysis import readouts, summary
from habenula_rl.findings import Claim, Criterion, above, below, require, within

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "Which experiment tells a block of the habenula from the other accounts of what ketamine does?"
PREDICTION = (
    "No test of behaviour does by itself, since every account ends helplessness. Blockers and time do: naltrexone "
    "shows the opioid accounts, NBQX, HNK and a week the synapses, and healthy mice a block elsewhere."
)

STORY = (
    "Forced swim (A): half an hour after ketamine {immobility_undone[ketamine_habenula_30min]:.0f} % of helpless "
    "mice's deficit is undone by the habenula's block, {immobility_undone[ketamine_permissive_30min]:.0f} and "
    "{immobility_undone[ketamine_direct_30min]:.0f} % by the two opioid accounts, "
    "{immobility_undone[ketamine_plasticity_30min]:.0f} % by plasticity and "
    "{immobility_undone[ketamine_elsewhere_30min]:.0f} % by a block elsewhere; a week later "
    "{immobility_undone[ketamine_habenula_7d]:.0f}, {immobility_undone[ketamine_permissive_7d]:.0f}, "
    "{immobility_undone[ketamine_direct_7d]:.0f}, {immobility_undone[ketamine_plasticity_7d]:.0f} and "
    "{immobility_undone[ketamine_elsewhere_7d]:.0f} %.",
    "Naltrexone in people (D): a day after ketamine it leaves {sucrose_undone[people_naltrexone_habenula_24h]:.0f} "
    "of {sucrose_undone[people_habenula_24h]:.0f} % by the habenula's block, and "
    "{sucrose_undone[people_naltrexone_permissive_24h]:.0f} of {sucrose_undone[people_permissive_24h]:.0f} and "
    "{sucrose_undone[people_naltrexone_direct_24h]:.0f} of {sucrose_undone[people_direct_24h]:.0f} % by the opioid "
    "accounts. In patients it took ketamine's effect on days 1 and 3 (Williams et al. 2018).",
    "Rapamycin in people (D): two weeks after ketamine {sucrose_undone[people_rapamycin_habenula_14d]:.0f} % is "
    "undone with it and {sucrose_undone[people_habenula_14d]:.0f} % without by the habenula's block, "
    "{sucrose_undone[people_rapamycin_plasticity_14d]:.0f} and {sucrose_undone[people_plasticity_14d]:.0f} % by "
    "plasticity. In patients more responded with it (Abdallah et al. 2020).",
)

ACCOUNTS = {
    "habenula": "habenula's NMDA block",
    "permissive": "opioid, permissive",
    "direct": "opioid, direct",
    "plasticity": "AMPA, plasticity",
    "elsewhere": "NMDA block elsewhere",
}
DRUGS = {
    "ketamine": "ketamine",
    "naltrexone": "+ naltrexone",
    "nbqx": "+ NBQX",
    "rapamycin": "+ rapamycin",
    "hnk": "HNK",
    "memantine": "memantine",
    "morphine": "morphine",
    "well": "ketamine, healthy",
}
TIMES = {"30min": "30 min", "24h": "24 h", "7d": "7 d"}
PEOPLE = {"people": "ketamine", "people_naltrexone": "+ naltrexone", "people_rapamycin": "+ rapamycin"}
DAYS = {"24h": "day 1", "3d": "day 3", "14d": "day 14"}
MEASURES = {"immobility": "forced_swim", "sucrose": "sucrose", "failures": "shuttle"}
TITLES = {"immobility": "Forced swim", "sucrose": "Sucrose", "failures": "Shuttle box"}
UNDONE = "deficit undone (%)"  # 100 is healthy; of healthy mice what the drug changes, against the same deficit


def read(trials: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Of each animal: seconds afloat, visits with a drink of sucrose, trials without escape, all in %."""
    swim, sucrose, shuttle = MEASURES.values()
    tests = {swim: _swim, sucrose: _sucrose, shuttle: _shuttle}
    return {"subjects": summary.measured(trials, tests)[["group", "phase", "measure", "subject", "value", "level"]]}


def _swim(rows: pd.DataFrame) -> pd.DataFrame:
    found = readouts.immobility(rows)
    return found[[*readouts.WHO]].assign(immobility=100.0 * found["immobility"])


def _sucrose(rows: pd.DataFrame) -> pd.DataFrame:
    found = readouts.drinking(rows, task=tasks.SucrosePreference(free=True))
    return found[[*readouts.WHO]].assign(sucrose=100.0 * (found["drinks"] * found["preference"]).fillna(0.0))


def _shuttle(rows: pd.DataFrame) -> pd.DataFrame:
    found = readouts.escapes(rows)
    return found[[*readouts.WHO]].assign(failures=100.0 * found["failed"])


def places() -> list[tuple[str, str, str, str]]:
    """Group, drug, account and time of every group with a drug in which a test was done."""
    mice = [(f"{d}_{a}_{t}", d, a, t) for d in DRUGS for a in ACCOUNTS for t in TIMES]
    return mice + [(f"{d}_{a}_{t}", d, a, t) for d in PEOPLE for a in ACCOUNTS for t in DAYS]


def undone(subjects: pd.DataFrame, measure: str) -> pd.DataFrame:
    """What each drug does to the mean of a measure, in % of the way from helpless to healthy animals.

    Of healthy animals the way is from themselves. Columns drug, account, time and value.
    """
    import pandas as pd

    means = subjects[subjects["measure"] == measure].groupby("group", observed=True)["value"].mean()
    way = (means["healthy"] - means["vehicle"]) / 100.0
    rows = [
        (drug, account, time, (means[group] - means["healthy" if drug == "well" else "vehicle"]) / way)
        for group, drug, account, time in places()
        if group in means
    ]
    return pd.DataFrame(rows, columns=["drug", "account", "time", "value"])


def summarise(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """All means, each drug's effect against animals without, and group by group how much of the deficit it undoes."""
    subjects = tables["subjects"]
    groups = summary.group_rows(subjects)
    samples = {key: part.set_index("subject")["value"] for key, part in _samples(subjects)}
    rows = []
    for measure, phase in MEASURES.items():
        for group, drug, _, _ in places():
            control = samples["healthy" if drug == "well" else "vehicle", measure]
            if (group, measure) in samples:
                effect = summary.effect(samples[group, measure], control)
                groups = summary.with_effect(groups, effect, measure, group, phase)
        shown = undone(subjects, measure)
        named = shown["drug"] + "_" + shown["account"] + "_" + shown["time"]
        rows.append(shown[["value"]].assign(level="group", group=named, phase=phase, measure=f"{measure}_undone", n=1))
    return summary.tidy(groups, *rows)


def _samples(subjects: pd.DataFrame) -> Any:
    return subjects.groupby(["group", "measure"], observed=True)


def story(table: pd.DataFrame) -> list[str]:
    """What each account makes of ketamine, naltrexone and rapamycin, and what the trials found."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """For each test, account by drug and time: how much of the deficit is undone; below, the same in people."""
    with figures.styled():
        fig, axes = figures.canvas(["A", "B", "C", "D"], height_mm=205)
        for letter, measure in zip("ABC", MEASURES, strict=True):
            _map(axes[letter], table, measure, DRUGS, TIMES, bar=False)
            figures.caption(axes[letter], letter, f"{TITLES[measure]}, mice")
        _map(axes["D"], table, "sucrose", PEOPLE, DAYS, bar=True)
        figures.caption(axes["D"], "D", "Sucrose, people's doses")
        figures.footnote(
            fig,
            "Numbers: deficit of helpless animals undone (%), 100 is healthy. Of healthy mice, what ketamine changes, "
            "against the same deficit.\n+: with ketamine, at the same time. Trials in people: naltrexone took the "
            "effect on days 1 and 3 (Williams 2018);\nrapamycin left it on day 1, and 41 against 13 % responded on "
            "day 14 (Abdallah 2020).",
        )
    return fig


def _map(
    axes: Axes, table: pd.DataFrame, measure: str, drugs: dict[str, str], times: dict[str, str], bar: bool
) -> None:
    import pandas as pd

    rows = figures.select(table, "group", f"{measure}_undone").set_index("group")["value"]
    order = [(drug, time) for drug in drugs for time in times]
    wide = pd.DataFrame(
        [[rows.get(f"{drug}_{account}_{time}", math.nan) for drug, time in order] for account in reversed(ACCOUNTS)],
        index=[ACCOUNTS[account] for account in reversed(ACCOUNTS)],
        columns=[times[time] for _, time in order],
    )
    labels = wide.round().astype(int).astype(str).to_numpy()
    how = {"vmin": 0.0, "vmax": 100.0, "annot": labels, "fmt": "", "annot_kws": {"size": 5.5}, "linewidths": 0.3}
    figures.heat(axes, wide, UNDONE, cmap="cividis", bar=bar, **how)
    axes.tick_params(axis="x", labelrotation=90, labelsize=6, length=0)
    axes.tick_params(axis="y", labelsize=6.5, length=0)
    for k, name in enumerate(drugs.values()):
        if k:
            axes.axvline(k * len(times), color="white", linewidth=2.0)
        axes.text((k + 0.5) * len(times), len(ACCOUNTS) + 0.12, name, ha="center", va="bottom", fontsize=6.5)
    axes.title.set_position((axes.title.get_position()[0], 1.0))
    axes.set_title(axes.get_title(), pad=16)


# Claims. All are signs, and were fixed before the first run. Those of this package's own account are predictions, also
# where it cannot but fail, so that they count. A rival's row stands beside them where the rival says so in as many
# words: it is built in, and not counted.

WILLIAMS = (
    "Williams NR, Heifets BD, Blasey C, Sudheimer K, Pannu J, Pankow H, Hawkins J, Birnbaum J, Lyons DM, Rodriguez CI, "
    "Schatzberg AF (2018) Attenuation of antidepressant effects of ketamine by opioid receptor antagonism. Am J "
    "Psychiatry 175:1205-1215, doi 10.1176/appi.ajp.2018.18020138"
)
ABDALLAH = (
    "Abdallah CG, Averill LA, Gueorguieva R, Goktas S, Purohit P, Ranganathan M, Sherif M, Ahn KH, D'Souza DC, Formica "
    "R, Southwick SM, Duman RS, Sanacora G, Krystal JH (2020) Modulation of the antidepressant effects of ketamine by "
    "the mTORC1 inhibitor rapamycin. Neuropsychopharmacology 45:990-997, doi 10.1038/s41386-020-0644-9"
)
KLEIN = (
    "Klein ME, Chandra J, Sheriff S, Malinow R (2020) Opioid system is necessary but not sufficient for antidepressive "
    "actions of ketamine in rodents. PNAS 117:2656-2662, doi 10.1073/pnas.1916570117"
)
MAENG = (
    "Maeng S, Zarate CA, Du J, Schloesser RJ, McCammon J, Chen G, Manji HK (2008) Cellular mechanisms underlying the "
    "antidepressant effects of ketamine: role of AMPA receptors. Biol Psychiatry 63:349-352, "
    "doi 10.1016/j.biopsych.2007.05.028"
)
HIGHLAND = (
    "Highland JN, Morris PJ, Zanos P, Lovett J, Ghosh S, Wang AQ, Zarate CA, Thomas CJ, Moaddel R, Gould TD (2018) "
    "Mouse, rat, and dog bioavailability and mouse oral antidepressant efficacy of (2R,6R)-hydroxynorketamine. "
    "J Psychopharmacol 33:12-24, doi 10.1177/0269881118812095"
)
LI = (
    "Li N, Lee B, Liu RJ, Banasr M, Dwyer JM, Iwata M, Li XY, Aghajanian G, Duman RS (2010) mTOR-dependent synapse "
    "formation underlies the rapid antidepressant effects of NMDA antagonists. Science 329:959-964, "
    "doi 10.1126/science.1190287"
)
OURS = "habenula"
NOTHING = 10.0  # % of visits: as much is no change
SWEET, AFLOAT = "visits with sucrose in %", "immobility in %"


def difference(tables: dict[str, pd.DataFrame], measure: str, one: str, other: str) -> Any:
    """Mean of a measure in one group less that in the other, of the same animals."""
    require(tables["subjects"], "ketamine_accounts", [MEASURES[measure]], [one, other])
    both = summary.side_by_side(tables["subjects"], measure, [one, other])
    return summary.compared(np.subtract, both[one], both[other])


def williams2018(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """In people naltrexone before ketamine lowers what it does on days 1 and 3: a sign, whole interval.

    The score of depression is read as visits with sucrose.
    """
    return [
        below(
            f"{account}_{day}",
            f"naltrexone takes from ketamine's effect in people, {DAYS[day]}: {ACCOUNTS[account]}",
            f"{SWEET}, naltrexone and ketamine - ketamine",
            difference(tables, "sucrose", f"people_naltrexone_{account}_{day}", f"people_{account}_{day}"),
        )
        for account in (OURS, "permissive")
        for day in ("24h", "3d")
    ]


def abdallah2020(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """In people rapamycin before ketamine changes nothing on day 1, and two weeks later more of them are well.

    Nothing is read as within 10 % of visits with sucrose, a test of equivalence; more is a sign, whole interval.
    """
    change = {
        day: difference(tables, "sucrose", f"people_rapamycin_{OURS}_{day}", f"people_{OURS}_{day}") for day in DAYS
    }
    of = f"{SWEET}, rapamycin and ketamine - ketamine"
    return [
        within("day1", "rapamycin leaves ketamine's effect in people", of, change["24h"], -NOTHING, NOTHING),
        above("day14", "and two weeks later it is larger than without", of, change["14d"]),
    ]


def klein2020(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """In rodents naltrexone prevents what ketamine does, and a µ agonist does nothing for anhedonia.

    The first is a sign, whole interval; nothing is within 10 % of visits with sucrose, a test of equivalence.
    """
    rows = []
    for account in (OURS, "permissive"):
        lost = difference(tables, "sucrose", f"naltrexone_{account}_30min", f"ketamine_{account}_30min")
        rows.append(
            below(
                f"{account}_naltrexone",
                f"naltrexone takes from ketamine's effect: {ACCOUNTS[account]}",
                f"{SWEET}, naltrexone and ketamine - ketamine",
                lost,
            )
        )
    agonist = difference(tables, "sucrose", f"morphine_{OURS}_30min", "vehicle")
    what = "a µ agonist does nothing for anhedonia"
    return [*rows, within("agonist", what, f"{SWEET}, morphine - vehicle", agonist, -NOTHING, NOTHING)]


def maeng2008(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """NBQX before ketamine attenuates what it does in the forced swim: a sign, whole interval."""
    return [
        above(
            f"{account}_nbqx",
            f"NBQX takes from ketamine's effect in the swim: {ACCOUNTS[account]}",
            f"{AFLOAT}, NBQX and ketamine - ketamine",
            difference(tables, "immobility", f"nbqx_{account}_30min", f"ketamine_{account}_30min"),
        )
        for account in (OURS, "plasticity")
    ]


def highland2018(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """(2R,6R)-HNK lowers immobility in mice and reverses their learned helplessness: signs, whole intervals.

    Read as 24 h after it. Shirayama & Hashimoto 2018 (doi 10.1093/ijnp/pyx108) find none of it in helpless rats.
    """
    return [
        below(
            f"{account}_{measure}",
            f"HNK acts in the {TITLES[measure].lower()}: {ACCOUNTS[account]}",
            f"{measure} in %, HNK - vehicle",
            difference(tables, measure, f"hnk_{account}_24h", "vehicle"),
        )
        for account in (OURS, "plasticity")
        for measure in ("immobility", "failures")
    ]


def li2010(tables: dict[str, pd.DataFrame]) -> list[Criterion]:
    """Rapamycin before ketamine takes what it does in rodents a day later: a sign, whole interval, in swim and box."""
    return [
        above(
            f"{account}_{measure}",
            f"rapamycin takes from ketamine's effect after a day: {ACCOUNTS[account]}",
            f"{measure} in %, rapamycin and ketamine - ketamine",
            difference(tables, measure, f"rapamycin_{account}_24h", f"ketamine_{account}_24h"),
        )
        for account in (OURS, "plasticity")
        for measure in ("immobility", "failures")
    ]


CLAIMS = (
    Claim(
        "williams2018",
        WILLIAMS,
        "Naltrexone takes ketamine's effect in people",
        williams2018,
        origins={"permissive_24h": "built in", "permissive_3d": "built in"},
        group_size=12,
    ),
    Claim(
        "abdallah2020",
        ABDALLAH,
        "Rapamycin does not block ketamine's effect in people, and prolongs it",
        abdallah2020,
        origins={"day1": "built in"},
        sures={"day1": "set"},
        group_size=20,
    ),
    Claim(
        "klein2020",
        KLEIN,
        "Opioid receptors are needed for what ketamine does, and not enough for it",
        klein2020,
        origins={"permissive_naltrexone": "built in", "agonist": "built in"},
        sures={"agonist": "set"},
    ),
    Claim(
        "maeng2008",
        MAENG,
        "NBQX attenuates what ketamine does in mice",
        maeng2008,
        origins={"plasticity_nbqx": "built in"},
    ),
    Claim(
        "highland2018",
        HIGHLAND,
        "A metabolite that blocks no NMDA receptor acts as ketamine does",
        highland2018,
        origins={"plasticity_immobility": "built in", "plasticity_failures": "built in"},
    ),
    Claim(
        "li2010",
        LI,
        "Rapamycin takes what ketamine does in rodents after a day",
        li2010,
        origins={"plasticity_immobility": "built in", "plasticity_failures": "built in"},
        sure="H",
    ),
)
