"""Five accounts of ketamine (Yang 2018, Klein 2020, Williams 2018, Zanos 2016, Moghaddam 1997), drug by drug."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from habenula_rl import figures, tasks
from habenula_rl.analysis import readouts, summary

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
    "well": "healthy, ketamine",
}
TIMES = {"30min": "30 min", "24h": "24 h", "7d": "7 d"}
PEOPLE = {"people": "ketamine", "people_naltrexone": "+ naltrexone", "people_rapamycin": "+ rapamycin"}
DAYS = {"24h": "day 1", "3d": "day 3", "14d": "day 14"}
MEASURES = {"immobility": "forced_swim", "sucrose": "sucrose", "failures": "shuttle"}
TITLES = {"immobility": "Forced swim", "sucrose": "Sucrose", "failures": "Shuttle box"}
UNDONE = "deficit undone (%)"  # 100 is healthy; of healthy mice what the drug changes, against the same deficit


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


READS = {"sucrose": sucrose, "forced_swim": swim, "shuttle": shuttle}
LIMITS = dict.fromkeys(MEASURES, (0.0, 100.0))


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
    import pandas as pd

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
        name = shown["drug"] + "_" + shown["account"] + "_" + shown["time"]
        named = {"group": name, "phase": phase, "measure": f"{measure}_undone", "value": shown["value"]}
        rows.append(pd.DataFrame(named).assign(level="group"))
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
        axes.annotate(
            name.replace(", ", ",\n"),
            ((k + 0.5) * len(times), 0.0),
            (0, -28),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=6.5,
        )
