"""What `habenula describe` shows of an agent, a task, an intervention, a readout, a study or a claim."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract import Agent, Parameters, Task, nearest
from ..contract.shape import shape_of
from . import terminal
from .pages import call, cells, declared, readouts

if TYPE_CHECKING:
    from rich.table import Table

    from ..config.study import Study
    from ..findings.catalogue import Written
    from ..findings.verdict import Verdict

HEADS = ("parameter", "meaning", "unit", "range", "default", "source")
WHAT = "agent, task, intervention, readout, study or claim"
VERDICTS = """\
Verdicts: pass, where the 95 % interval lies within the bounds; fail, where it lies outside; undecided, where a bound is
in it: the subjects are too few to say, and the margin has about how many times as many (as ×4 n) would decide.
"""
Shown = Iterator["str | Table"]


def described(name: str) -> Shown:
    """Texts and tables about all that has this name: a study and a claim about it may share one.

    Raises ValueError naming the nearest where nothing has it.
    """
    known = dict.fromkeys([*_kinds(), *readouts(), *_studies(), *_claims()])
    if not name.strip():
        raise ValueError(f"describe takes the name of an {WHAT}; habenula list shows them all")
    if name not in known:
        near = nearest(name, known) or "; habenula list shows them all, and --own FILE takes one of your own"
        raise ValueError(f"there is no {WHAT} '{name}'{near}")
    if name in _kinds():
        yield from _parts(_kinds()[name])
    if name in readouts():
        yield f"{name} (readout)\n\nhrl.readouts.{call(readouts()[name])}\n\n{inspect.getdoc(readouts()[name])}\n"
    if name in _studies():
        yield from _study(name, _studies()[name])
    if name in _claims():
        yield from _claim(_claims()[name])


def _kinds() -> dict[str, type[Parameters]]:
    """Agents, tasks and interventions; these by their names in configs too."""
    from ..interventions import INTERVENTIONS

    return declared() | dict(INTERVENTIONS)


def _studies() -> dict[str, Path]:
    from ..config.study import known_studies

    return known_studies()


def _claims() -> Mapping[str, Written]:
    from ..findings.catalogue import written_claims

    return written_claims()


def _parts(kind: type[Parameters]) -> Shown:
    role = "agent" if issubclass(kind, Agent) else "task" if issubclass(kind, Task) else "intervention"
    yield f"{kind.__name__} ({role})\n\n{inspect.cleandoc(kind.__doc__ or '')}\n"
    if issubclass(kind, Agent) and "Signals:" not in (kind.__doc__ or ""):
        yield f"Signals: {', '.join(kind.signals)}\n"
    if issubclass(kind, Task):
        yield from _task(kind())
    if kind.fields():
        yield terminal.table(HEADS, [[field.name, *cells(field)[2:]] for field in kind.fields().values()])


def _task(task: Task) -> Shown:
    from ..environments.registration import environment_id

    shape_of(task)
    yield f"States: {_numbered(task.states)}\nActions: {_numbered(task.actions)}"
    yield f"In Gymnasium: {environment_id(type(task).__name__)}\n"


def _numbered(names: Sequence[str]) -> str:
    return "; ".join(f"{number} {name}" for number, name in enumerate(names))


def _study(name: str, path: Path) -> Shown:
    from ..config.bundled import instead_of
    from ..config.study import read_study
    from ..experiment.study_file import intent

    study = read_study(path)
    yield f"{name} (study)\n\n{study.description}"
    for what, words in intent(study.study).items():
        yield f"{what.capitalize()}: {words}"
    yield f"Seed: {study.seed}"
    yield ", ".join(filter(None, (f"Config: {path}", instead_of(path, "configs", path.name))))
    yield from _code(study, path.parent)
    yield f"Run it with: habenula run {name}\n"
    groups = [
        [name, str(g.n), g.agent, _mapping(g.parameters), g.yoked_to or "", _given(g.interventions)]
        for name, g in study.groups.items()
    ]
    yield terminal.table(("group", "n", "agent", "parameters", "yoked to", "interventions"), groups)
    phases = [
        [
            p.name,
            f"{p.gap_hours:g}",
            p.task or p.env or "",
            _mapping(p.parameters),
            str(p.trials),
            ", ".join(p.groups) or "all",
            _given(p.interventions),
        ]
        for p in study.phases
    ]
    yield terminal.table(("phase", "hours later", "task", "parameters", "trials", "groups", "interventions"), phases)


def _code(study: Study, folder: Path) -> Iterator[str]:
    """Whose code a run of it would run, and what can be said of its own agents and tasks without that."""
    from ..config.user_modules import classes_in
    from ..experiment.user_code import config_code, experiment_code

    data = study.model_dump(mode="json")
    if code := [*experiment_code(data), *config_code(data, folder)]:
        yield f"When it is run, it runs code of: {', '.join(code)}"
    found = {kind: (file, text) for file in study.own for kind, text in classes_in(folder / file).items()}
    named = {group.agent: "agent" for group in study.groups.values()}
    named |= {phase.task: "task" for phase in study.phases if phase.task}
    for kind, role in named.items():
        if kind in found and kind not in declared():
            file, text = found[kind]
            yield f"{kind} ({role} of {file}, which is read here and not run): {text.partition(chr(10))[0]}"
        elif kind not in declared():
            yield f"{kind} ({role}): cannot be known without running code"


def _given(interventions: tuple[Any, ...]) -> str:
    """Interventions with their numbers, and the groups or phases that they name."""
    from ..config.given import REACH

    said = []
    for entry in interventions:
        ((name, values),) = [item for item in entry.items() if item[0] not in REACH]
        named = [f"{key}: {', '.join(entry[key])}" for key in REACH if key in entry]
        said.append(" ".join([f"{name} ({_mapping(values)})", *named]))
    return "; ".join(said)


def _mapping(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in values.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(
            f"{name}({_mapping(shape)})" if isinstance(shape, Mapping) else f"{name} {shape}"
            for name, shape in value.items()
        )
    return str(value).lower() if isinstance(value, bool) else str(value)


def _claim(claim: Written) -> Shown:
    from ..findings.checking import kept_verdicts

    yield f"{claim.id} (claim)\n\n{claim.claim}\n"
    yield f"Source: {claim.citation}\nStudy: {claim.study}\nCheck it with: habenula check {claim.id}\n"
    yield f"What is tested:\n{claim.tested}\n"
    yield _origins(claim)
    if rows := kept_verdicts(claim.id):
        heads = ("row", "statistic", "expected", "origin", "sure", "power", "verdict with 1,000 subjects a group")
        yield terminal.table(heads, [_row(row) for row in rows])
    else:
        yield f"Thresholds and power of each row: habenula check {claim.id}\n"
    yield VERDICTS


def _row(row: Verdict) -> list[str]:
    power = "" if row.power != row.power else f"{row.power:.2f}"
    what = [row.id.partition("/")[2], row.statistic, row.expected, row.origin, row.sure, power]
    return [*what, f"{row.value:.3g}, {row.verdict}"]


def _origins(claim: Written) -> str:
    """Where the rows are from, how sure their thresholds are, and of what size an experiment the power is."""
    from ..findings.catalogue import WORDS
    from ..findings.claims import CERTAINTY, Claim

    plain = Claim("", "", "", list)
    said = {name: claim.words.get(name, getattr(plain, name)) for name in WORDS}

    def of_rows(name: str) -> str:
        """As in "target; but built in (r, r_n8)"."""
        others = dict.fromkeys(said[f"{name}s"].values())
        rows = {other: ", ".join(row for row, of in said[f"{name}s"].items() if of == other) for other in others}
        return "; but ".join([said[name], *(f"{other} ({which})" for other, which in rows.items())])

    known = dict.fromkeys([said["sure"], *said["sures"].values()])
    return (
        f"Origin of its rows: {of_rows('origin')}\n"
        f"How sure the thresholds are: {of_rows('sure')}\n"
        + "".join(f"  {name}: {CERTAINTY[name]}\n" for name in known)
        + f"Power is that of an experiment with {said['group_size']} subjects a group.\n"
    )
