"""Published findings as executable claims.

>>> from habenula_rl import findings
>>> for verdict in findings.check(["wu2021"], n_subjects=200):      # doctest: +SKIP
...     print(verdict.id, verdict.value, verdict.expected, verdict.passed)

In a test of your own: `assert all(v.passed for v in findings.verdicts("wu2021", n_subjects=200))`.
"""

from .checking import CLAIMS, check, judge, judge_run, verdicts
from .verdict import Claim, Verdict

__all__ = ["CLAIMS", "Claim", "Verdict", "check", "judge", "judge_run", "verdicts"]
