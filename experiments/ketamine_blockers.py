"""Naltrexone, NBQX, rapamycin, HNK and a µ agonist beside ketamine, as published, in accounts that speak of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from habenula_rl import figures, tasks
from habenula_rl.analysis import readouts, summary
from habenula_rl.findings import Claim, Criterion, above, below, require, within

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

QUESTION = "Does a block of the habenula agree with what was found when other receptors were blocked beside it?"
PREDICTION = (
    "It does not: naltrexone, NBQX and rapamycin have no place in it, and neither has a metabolite that blocks no NMDA "
    "receptor. Accounts that were made for one of these findings have it built in."
)

STORY = (
    "Naltrexone (A, B): helpless mice take sucrose at {sucrose[untreated]:.0f} % of visits untreated, at "
    "{sucrose[opioid_ketamine_habenula]:.0f} % half an hour after ketamine that blocks the habenula, and at "
    "{sucrose[opioid_naltrexone_habenula]:.0f} % with naltrexone too; by the opioid account at "
    "{sucrose[opioid_ketamine_permissive]:.0f} and {sucrose[opioid_naltrexone_permissive]:.0f} %. Klein et al. 2020 "
    "and Williams et al. 2018 found that naltrexone takes ketamine's effect.",
    "NBQX (C): helpless mice float in {immobility[vehicle]:.0f} % of minutes 3 to 6 without a drug, in "
    "{immobility[ketamine_habenula_30min]:.0f} % after ketamine and {immobility[nbqx_habenula_30min]:.0f} % with "
    "NBQX too; by the account of plasticity in {immobility[ketamine_plasticity_30min]:.0f} and "
    "{immobility[nbqx_plasticity_30min]:.0f} %. Maeng et al. 2008 found that NBQX takes the effect.",
    "Rapamycin and HNK (D, E): a day after ketamine mice fail in {failures[ketamine_habenula_24h]:.0f} % of trials, "
    "with rapamycin too in {failures[rapamycin_habenula_24h]:.0f} %; a day after HNK in "
    "{failures[hnk_habenula_24h]:.0f} %, by the account of plasticity in {failures[hnk_plasticity_24h]:.0f} %. Li et "
    "al. 2010 found that rapamycin takes the effect, Highland et al. 2018 that HNK has one.",
)

TESTS = {"immobility": "forced_swim", "sucrose": "sucrose", "failures": "shuttle"}
TITLES = {"immobility": "forced swim", "failures": "shuttle box"}
ACCOUNTS = {"habenula": "habenula's block", "permissive": "permissive opioid", "plasticity": "AMPA, plasticity"}
DAYS = {"24h": "day 1", "3d": "day 3", "14d": "day 14"}


def swim(rows: pd.DataFrame) -> pd.DataFrame:
    """Time afloat (%)."""
    return summary.percent(readouts.immobility(rows, task=tasks.ForcedSwim()), "immobility")


def sucrose(rows: pd.DataFrame) -> pd.DataFrame:
    """Visits with a drink of sucrose (%)."""
    found = readouts.drinking(rows, task=tasks.SucrosePreference(free=True))
    return found[[*readouts.WHO]].assign(sucrose=100.0 * (found["drinks"] * found["preference"]).fillna(0.0))


def shuttle(rows: pd.DataFrame) -> pd.DataFrame:
    """Trials without escape (%)."""
    return summary.percent(readouts.escapes(rows), failures="failed")


READS = {"forced_swim": swim, "sucrose": sucrose, "shuttle": shuttle}
LIMITS = dict.fromkeys(TESTS, (0.0, 100.0))


def story(table: pd.DataFrame) -> list[str]:
    """What each blocker leaves of ketamine, and what the papers found."""
    return summary.told(table, STORY)


def figure(table: pd.DataFrame) -> Figure:
    """Each finding's groups, in this package's account and in the one that was made for it."""
    note = "block: habenula's NMDA block; perm.: permissive opioid; plast.: AMPA and plasticity; none: no drug."
    return figures.grid(table, PANELS, "animals", note)


def _beside(drug: str, other: str, accounts: dict[str, str], at: str) -> dict[str, str]:
    """Groups with the drug alone and with the other, in each account, and what stands below them."""
    names = {drug: "", other: "\n+"}
    return {
        at.format(given, account): f"{below}{sign}"
        for account, below in accounts.items()
        for given, sign in names.items()
    }


OPIOID, STRONG = {"habenula": "block", "permissive": "perm."}, {"habenula": "block", "plasticity": "plast."}
PANELS = (
    figures.Panel(
        "sucrose",
        "Visits with sucrose (%)",
        "Mice, 30 min; + naltrexone",
        {"untreated": "none"} | _beside("opioid_ketamine", "opioid_naltrexone", OPIOID, "{}_{}"),
        {f"opioid_naltrexone_{a}": figures.less(f"opioid_ketamine_{a}", f"klein2020/{a}_naltrexone") for a in OPIOID},
    ),
    figures.Panel(
        "sucrose",
        "Visits with sucrose (%)",
        "People, day 1; + naltrexone",
        {"untreated": "none"} | _beside("people", "people_naltrexone", OPIOID, "{}_{}_24h"),
        {f"people_naltrexone_{a}_24h": figures.less(f"people_{a}_24h", f"williams2018/{a}_24h") for a in OPIOID},
    ),
    figures.Panel(
        "immobility",
        "Immobile in min 3-6 (%)",
        "Mice, 30 min; + NBQX",
        {"vehicle": "none"} | _beside("ketamine", "nbqx", STRONG, "{}_{}_30min"),
        {f"nbqx_{a}_30min": figures.more(f"ketamine_{a}_30min", f"maeng2008/{a}_nbqx") for a in STRONG},
    ),
    figures.Panel(
        "failures",
        "Failures (%)",
        "Mice, 24 h; + rapamycin",
        {"vehicle": "none"} | _beside("ketamine", "rapamycin", STRONG, "{}_{}_24h"),
        {f"rapamycin_{a}_24h": figures.more(f"ketamine_{a}_24h", f"li2010/{a}_failures") for a in STRONG},
    ),
    figures.Panel(
        "failures",
        "Failures (%)",
        "HNK, 24 h",
        {"vehicle": "none"} | {f"hnk_{account}_24h": below for account, below in STRONG.items()},
        {f"hnk_{a}_24h": figures.less("vehicle", f"highland2018/{a}_failures") for a in STRONG},
    ),
    figures.Panel(
        "sucrose",
        "Visits with sucrose (%)",
        "People, day 14; + rapamycin",
        {"untreated": "none", "people_habenula_14d": "block", "people_rapamycin_habenula_14d": "block\n+"},
        {"people_rapamycin_habenula_14d": figures.more("people_habenula_14d", "abdallah2020/day14")},
    ),
)

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
    require(tables["subjects"], "ketamine_blockers", [TESTS[measure]], [one, other])
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
        lost = difference(tables, "sucrose", f"opioid_naltrexone_{account}", f"opioid_ketamine_{account}")
        rows.append(
            below(
                f"{account}_naltrexone",
                f"naltrexone takes from ketamine's effect: {ACCOUNTS[account]}",
                f"{SWEET}, naltrexone and ketamine - ketamine",
                lost,
            )
        )
    agonist = difference(tables, "sucrose", f"morphine_{OURS}_30min", "untreated")
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
            f"HNK acts in the {TITLES[measure]}: {ACCOUNTS[account]}",
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
