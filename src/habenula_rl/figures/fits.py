"""Figures of fits: what can be recovered, which model, what it predicts, and how a parameter goes with a symptom.

Each takes a table that `habenula_rl` has made, draws it with seaborn, and computes nothing that is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

import numpy as np

from . import panels, style
from .colours import PALETTE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW_MM = 52.0
LOG_FROM = 30.0  # times as large as the smallest: values so far apart are drawn on a scale of decades


def _grid(n: int, across: int, row_mm: float = ROW_MM) -> tuple[Figure, list[Axes]]:
    """So many lettered panels, left to right and then down; a page is as wide as they are."""
    rows = style.rows_of(n, min(across, n))
    figure, axes = style.canvas(rows, row_mm * len(rows) + 12, style.WIDTH_MM * min(1.0, 0.5 * len(rows[0])))
    return figure, [axes[letter] for letter in ascii_uppercase[:n]]


def _decades(*values: Any) -> bool:
    """Whether all are above 0 and far apart."""
    every = np.concatenate([np.asarray(v, float).ravel() for v in values])
    every = every[np.isfinite(every)]
    return bool(every.size and every.min() > 0.0 and np.quantile(every, 0.98) > LOG_FROM * np.quantile(every, 0.02))


def recovered(table: pd.DataFrame, summary: pd.DataFrame | None = None) -> Figure:
    """True and estimated values of each parameter, from `hrl.recover(...).table`: a point for each simulated person,
    with the diagonal; `summary`, of the same, adds its correlation and the coverage of 90 % intervals.

    Values that span decades are drawn on a logarithmic scale.
    """
    import seaborn as sns

    names = list(dict.fromkeys(table["parameter"]))
    with style.styled():
        figure, axes = _grid(len(names), 3)
        for letter, name, ax in zip(ascii_uppercase, names, axes, strict=False):
            rows = table[table["parameter"] == name]
            few = len(rows) <= 100
            sns.scatterplot(
                data=rows,
                x="true",
                y="estimate",
                s=10 if few else 5,
                alpha=0.7 if few else 0.35,
                color=style.BLUE,
                linewidth=0,
                ax=ax,
            )
            ends = [rows[["true", "estimate"]].min().min(), rows[["true", "estimate"]].max().max()]
            ax.plot(ends, ends, color=style.GREY, linewidth=0.7, zorder=1)
            if _decades(rows["true"], rows["estimate"]):
                ax.set(xscale="log", yscale="log")
            ax.autoscale_view()
            ax.set(xlabel="true", ylabel="estimated", ylim=ax.get_xlim())
            style.caption(ax, letter, name)
            if summary is not None:
                ax.set_xlabel("true (r {r:.2f}, coverage {coverage:.2f})".format_map(summary.loc[name]))
        style.footnote(
            figure, "A point is a simulated person; line: estimate and truth are equal; coverage: of 90 % intervals."
        )
    return figure


def correlated(correlations: pd.DataFrame, label: str = "correlation") -> Figure:
    """A square table of correlations, as of estimates' errors (`hrl.identify(...).correlations`) or of people's
    estimates (`fit.parameters.corr()`), as a heat map with its numbers.
    """
    return _numbers(correlations, label, cmap="RdBu_r", vmin=-1.0)


def confused(table: pd.DataFrame) -> Figure:
    """`hrl.confuse(...)` as a heat map: which model is chosen where which one simulated; a row sums to 1."""
    figure = _numbers(table, "fraction of people")
    figure.axes[0].set(xlabel="chosen", ylabel="simulated")
    return figure


def _numbers(table: pd.DataFrame, label: str, *, vmin: float = 0.0, **how: Any) -> Figure:
    """A square table as a heat map up to 1, with its numbers in the cells, as wide as it needs."""
    with style.styled():
        side = 32.0 + 11.0 * len(table)
        figure, axes = style.canvas(["A"], side + 10.0, min(side + 12.0, style.WIDTH_MM))
        how |= {"vmin": vmin, "vmax": 1.0, "annot": True, "fmt": ".2f", "annot_kws": {"fontsize": 7}, "square": True}
        panels.heat(axes["A"], table.iloc[::-1], label, **how)
        axes["A"].set_xticks(axes["A"].get_xticks(), [*map(str, table)], rotation=45, ha="right")
    return figure


def predicted(
    tables: Mapping[str, pd.DataFrame],
    over: str | None = None,
    *,
    measures: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """What models predict over what people did, from `hrl.posterior_predictive(...).table` by the model's name.

    With `over`, a column of places such as "trial", each measure is a panel: people as black points, a line with its
    90 % band for each model. Without it, each model is a point with its interval, and people are a line. `labels` names
    measures and `over` for the axes.
    """
    import pandas as pd
    import seaborn as sns

    first = next(iter(tables.values()))
    shown = list(measures or dict.fromkeys(first["measure"]))
    colours = dict(zip(tables, PALETTE, strict=False))
    every = pd.concat([table.assign(model=name) for name, table in tables.items()], ignore_index=True)
    called = labels or {}
    with style.styled():
        figure, axes = _grid(len(shown), 2, 62.0)
        for letter, measure, ax in zip(ascii_uppercase, shown, axes, strict=False):
            rows = every[every["measure"] == measure]
            if over is None:
                ends = panels.ends(rows[["model", "predicted", "low", "high"]].rename(columns={"predicted": "value"}))
                sns.pointplot(
                    data=ends,
                    x="y",
                    y="model",
                    hue="model",
                    palette=colours,
                    order=list(tables),
                    hue_order=list(tables),
                    linestyle="none",
                    markersize=4,
                    capsize=0.1,
                    err_kws={"linewidth": 1.1},
                    legend=False,
                    ax=ax,
                    **panels.INTERVAL,
                )
                ax.axvline(rows["observed"].iloc[0], color=style.BLACK, linewidth=1.0, label="people")
                ax.set(xlabel=called.get(measure, measure), ylabel="")
            else:
                renamed = rows[["model", over, "predicted", "low", "high"]].rename(columns={"predicted": "value"})
                sns.lineplot(
                    data=panels.ends(renamed),
                    x=over,
                    y="y",
                    hue="model",
                    palette=colours,
                    hue_order=list(tables),
                    style="model",
                    ax=ax,
                    legend=letter == "A",
                    **panels.INTERVAL,
                )
                people = rows[rows["model"] == next(iter(tables))]
                sns.scatterplot(
                    data=people,
                    x=over,
                    y="observed",
                    color=style.BLACK,
                    s=12,
                    linewidth=0,
                    zorder=4,
                    label="people" if letter == "A" else None,
                    ax=ax,
                )
                ax.set(xlabel=called.get(over, over), ylabel=called.get(measure, measure))
                panels.whole_ticks(ax)
            style.caption(ax, letter, called.get(measure, measure))
        if over is not None:
            axes[0].legend(handlelength=2.2)
        drawn = "line" if over is None else "points"
        style.footnote(
            figure, f"Black {drawn}: people. In colour: fitted people simulated anew, mean and 90 % interval."
        )
    return figure


def against(
    people: pd.DataFrame, curves: Mapping[str, pd.DataFrame], score: str, *, labels: Mapping[str, str] | None = None
) -> Figure:
    """A parameter against a symptom: each person's estimate, and the population's mean with its 95 % interval.

    `people` has a column `score` and one for each parameter (`fit.parameters.join(fit.covariates)`), `curves` for each
    parameter `fit.effect(parameter, score)`. The line is the model's own; it is not drawn through the points, which lie
    nearer to the population's mean than the truth does.
    """
    import seaborn as sns

    called = labels or {}
    rng = np.random.default_rng(0)
    spread = np.diff(np.unique(people[score].dropna())).min(initial=1.0)
    aside = people.assign(**{score: people[score] + rng.uniform(-0.3, 0.3, len(people)) * spread})
    with style.styled():
        figure, axes = _grid(len(curves), 3)
        for letter, (name, curve), ax in zip(ascii_uppercase, curves.items(), axes, strict=False):
            sns.scatterplot(data=aside, x=score, y=name, s=5, alpha=0.4, color=style.GREY, linewidth=0, ax=ax)
            ax.fill_between(curve[score], curve["low"], curve["high"], color=style.BLUE, alpha=0.3, linewidth=0)
            ax.plot(curve[score], curve[name], color=style.BLUE)
            if _decades(people[name]):
                ax.set_yscale("log")
            ax.set(xlabel=called.get(score, score), ylabel=called.get(name, name))
            style.caption(ax, letter, called.get(name, name))
        style.footnote(
            figure, "Points: single people, moved a little sideways. Line and band: the population's mean, 95 %."
        )
    return figure


def forest(
    table: pd.DataFrame,
    *,
    value: str = "on_line",
    rows: str = "parameter",
    panel: str = "term",
    hue: str | None = None,
    label: str = "effect per standard deviation",
) -> Figure:
    """Estimates with their intervals one below the other, from columns `value`, low and high: `fit.group` without its
    means, or several of them with a column `hue`, as of all people and of those who were attentive.
    """
    shown = list(dict.fromkeys(table[panel]))
    places = list(dict.fromkeys(table[rows]))
    kinds = list(dict.fromkeys(table[hue])) if hue else [""]
    with style.styled():
        figure, axes = _grid(len(shown), 3, 20.0 + 6.5 * len(places))
        for k, (name, ax) in enumerate(zip(shown, axes, strict=False)):
            for j, kind in enumerate(kinds):
                here = table[table[panel] == name]
                here = here[here[hue] == kind] if hue else here
                at = np.array([places.index(place) for place in here[rows]]) + 0.28 * (j - (len(kinds) - 1) / 2)
                off = np.abs(here[["low", "high"]].to_numpy(float).T - here[value].to_numpy(float))
                ax.errorbar(
                    here[value], at, xerr=off, fmt="o", markersize=3.5, capsize=2, color=PALETTE[j], label=kind, lw=1.1
                )
            ax.axvline(0.0, color=style.GREY, linewidth=0.7, zorder=1)
            place: Any = ax.get_subplotspec()
            ax.set_yticks(range(len(places)), places if place.is_first_col() else [""] * len(places))
            ax.set_ylim(len(places) - 0.5, -0.5)
            ax.set_xlabel(label)
            style.caption(ax, ascii_uppercase[k], str(name))
        if hue:
            panels.shared_key(figure, axes[0])
        style.footnote(figure, "Points and lines: estimates with 95 % intervals, on the line of the parameter's range.")
    return figure
