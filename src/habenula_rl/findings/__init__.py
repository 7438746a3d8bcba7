"""Published findings as executable claims. The claims stand in the studies' files, experiments/<study>.py.

>>> from habenula_rl import findings
>>> for verdict in findings.check(["wu2021"], n_subjects=200):      # doctest: +SKIP
...     print(verdict.id, verdict.value, verdict.expected, verdict.verdict)

In a test of your own: `assert all(v.passed for v in findings.verdicts("wu2021", n_subjects=200))`. A verdict is "pass",
"fail" or "undecided", where a bound lies in the interval: more subjects decide it.

Begin with `claims`, what a claim is, `criterion`, what its parts are held against, and `verdict`, what comes of them;
`catalogue` finds the claims, and `checking` runs their studies, each a `job`. `CLAIMS`
are those of the package, by id; reading it runs the studies' files.

Beside them, a module and a command each: `rivals` judges other agents by the same claims, `ablations` HabenulaAgent
without its terms (`ablated` has them), `stability` every row over seeds and sets, and `falsifiers` has what speaks
against the model.
"""

from typing import Any

from .catalogue import claims_of
from .checking import check, judge, judge_run, verdicts
from .claims import Claim, claim, require
from .criterion import Criterion, Estimate, above, at_least, at_most, below, within
from .verdict import Ensemble, Verdict, counted

__all__ = [
    "CLAIMS",
    "Claim",
    "Criterion",
    "Ensemble",
    "Estimate",
    "Verdict",
    "above",
    "at_least",
    "at_most",
    "below",
    "check",
    "claim",
    "counted",
    "judge",
    "judge_run",
    "require",
    "verdicts",
    "within",
]


def __getattr__(name: str) -> Any:
    if name == "CLAIMS":
        return claims_of()
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
