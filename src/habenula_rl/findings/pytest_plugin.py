"""Every claim as a test of an agent of yours: `pytest --habenula-agent mine.py:Mine`.

A claim is one test: it fails with its rows that fail, and is skipped where the agent cannot express it, or too few
subjects decide it. Those in ./experiments are tested too. `--habenula-subjects` is the number of subjects a group.
Nothing happens without `--habenula-agent`; pytest's own --junitxml writes the results for other programs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .verdict import Verdict

SUBJECTS = 200


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("habenula")
    group.addoption("--habenula-agent", metavar="FILE:NAME", help="judge this agent by every claim of habenula_rl")
    group.addoption("--habenula-claims", metavar="ID[,ID]", help="those claims alone")
    group.addoption(
        "--habenula-subjects", metavar="N", type=int, default=SUBJECTS, help=f"subjects a group, {SUBJECTS} by default"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    agent = config.getoption("--habenula-agent")
    if not agent:
        return
    from .catalogue import chosen, written_claims
    from .expressing import substitute

    wanted = config.getoption("--habenula-claims")
    try:
        claims = chosen(wanted.split(",") if wanted else list(written_claims()))
        judged = _Judged(substitute(agent), [claim.id for claim in claims], config.getoption("--habenula-subjects"))
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    items += [ClaimItem.from_parent(session, name=f"{agent}[{claim.id}]", id=claim.id, of=judged) for claim in claims]


class _Judged:
    """The verdicts of all claims, come to when the first is asked for: studies are then simulated at the same time."""

    def __init__(self, agent: Any, ids: list[str], n_subjects: int) -> None:
        self.agent, self.ids, self.n = agent, ids, n_subjects
        self.found: dict[str, list[Verdict]] | None = None

    def rows(self, id: str) -> list[Verdict]:
        if self.found is None:
            from .checking import check

            self.found = {}
            for verdict in check(self.ids, self.n, agent=self.agent):
                self.found.setdefault(verdict.id.partition("/")[0], []).append(verdict)
        return self.found[id]


class ClaimFailed(Exception):
    """A claim does not hold for this agent; the message has a line for each row that fails."""


class ClaimItem(pytest.Item):
    """One claim as a test."""

    def __init__(self, *, id: str, of: _Judged, **words: Any) -> None:
        super().__init__(**words)
        self.claim, self.judged = id, of

    def runtest(self) -> None:
        rows = self.judged.rows(self.claim)
        if missing := [row.statistic for row in rows if row.verdict == "not expressed"]:
            pytest.skip(missing[0])
        if failed := [row for row in rows if row.verdict == "fail"]:
            raise ClaimFailed("\n".join(_line(row) for row in failed))
        if undecided := [row.id for row in rows if row.verdict == "undecided"]:
            pytest.skip(f"undecided with {self.judged.n} subjects a group: {', '.join(undecided)}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if excinfo.errisinstance(ClaimFailed) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, None, str]:
        return self.path, None, self.name


def _line(row: Verdict) -> str:
    return f"{row.id}: {row.claim}: {row.statistic} = {row.value:.3g}, expected {row.expected}"
