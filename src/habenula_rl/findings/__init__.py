"""Published findings as executable claims.

>>> from habenula_rl import findings
>>> for verdict in findings.check(["wu2021"], n_subjects=200):      # doctest: +SKIP
...     print(verdict.id, verdict.value, verdict.expected, verdict.verdict)

In a test of your own: `assert all(v.passed for v in findings.verdicts("wu2021", n_subjects=200))`. A verdict is "pass",
"fail" or "undecided", where a bound lies in the interval: more subjects decide it.
"""

from .checking import CLAIMS, check, judge, judge_run, verdicts
from .verdict import Claim, Verdict, counted

__all__ = ["CLAIMS", "Claim", "Verdict", "check", "counted", "judge", "judge_run", "verdicts"]
