"""A population run: subjects alike, carried from phase to phase, in chunks over threads."""

from __future__ import annotations

import contextlib
import functools
import importlib
import itertools
import os
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..computing.shown import bar
from ..contract import Agent, Place, Task, nearest, place_name, refuse_more, require, short_repr, why_invalid
from ..contract.shape import Shape, shape_of
from ..cores import MOST_WORKERS, cores
from ..randomness import checked_seed
from . import chunks, records, tables
from .binding import beginner, plain_is_quicker, program
from .conditions import NORMAL, Conditions, conditions_of, keep
from .lane_program import WIDTH
from .layout import Layout, layout
from .phase import InPieces, Phase, Program, Setting
from .state_tables import StateTables, state_tables
from .stopped import refuse_nothing_run, why_nobody_finished
from .streaming import TrialFile, checked_target, read_trials

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]
MOST = 10**12  # subjects or trials, which no machine lives to see


@dataclass(frozen=True)
class Places:
    """The places that subjects will meet, by context: shapes, tables of all states, and where in them each begins."""

    shapes: Mapping[str, Shape]
    tables: StateTables
    offsets: Mapping[str, int]


def places_of(contexts: Mapping[str, Place]) -> Places:
    """Those of these tasks and environments; ValueError for a task that is misshapen."""
    shapes = {context: shape_of(place) for context, place in contexts.items()}
    ends = itertools.accumulate(len(shape.states) for shape in shapes.values())
    return Places(shapes, state_tables(list(shapes.values())), dict(zip(shapes, (0, *ends), strict=False)))


@dataclass(frozen=True)
class Bound:
    """An agent's rules and a task or environment, ready to run."""

    place: Place
    shape: Shape
    program: Program
    conditions: Conditions = NORMAL


class Subjects:
    """Subjects of one agent: parameters and state as records, one a subject, carried from phase to phase.

    `contexts` names the places that the subjects will meet, each with a task or an environment that has its states and
    actions; what is learned in a context stays with it. `parameters` holds one number or an array (n,) for each
    parameter. A subject's draws depend on `seed`, the phase's stream and its global number, `first` plus its place,
    alone. `types` are the records' types, where they are made already.
    """

    def __init__(
        self,
        agent: Agent,
        contexts: Mapping[str, Place] | Places,
        *,
        n: int,
        seed: int,
        first: int = 0,
        parameters: Mapping[str, Any] | None = None,
        types: Layout | None = None,
    ) -> None:
        self.agent, self.n, self.first, self.seed = agent, n, first, seed
        self.places = contexts if isinstance(contexts, Places) else places_of(contexts)
        tables = self.places.tables
        kind = records.parameter_type(type(agent))
        state = types.state if types else records.state_type(type(agent), tables.n_states, tables.n_actions)
        self.state, self._naive = np.zeros(n, state), True
        self._kind = kind
        self.set_parameters(agent.in_force(parameters or {}))

    def set_parameters(self, values: Mapping[str, Any]) -> None:
        """Other parameter values from the next phase on, one number or an array (n,) each; the state stays as it is."""
        self._in_force, self.parameters = values, records.packed(self._kind, values, self.n)

    def rest(self, hours: float) -> None:
        """So many hours without a task; naive subjects have nothing to lose."""
        if not self._naive and hours > 0.0:
            type(self.agent).rest(self.parameters, self.state, hours)

    def run(
        self,
        task: Place | Bound,
        n_trials: int,
        *,
        context: str,
        stream: int = 0,
        rows: bool = True,
        script: Array | None = None,
        compiled: bool = True,
        learning: bool = True,
    ) -> Phase:
        """One phase: `n_trials` of the task for every subject; their state goes on from where it was.

        `script` (n, k) holds a number for each subject and trial, used over again after k trials; it takes the place of
        the task's own. `compiled` False runs the rules as plain Python, and so does NUMBA_DISABLE_JIT. A task that is
        bound already records, and is compiled, as it was bound.

        Without `learning` they act, and their signals are there, and what they have learned stays as it is; after the
        phase their whole state is, bit for bit, what it was before. Raises ValueError where an agent cannot do so.
        """
        bound = task if isinstance(task, Bound) else self._bound(task, rows, compiled, learning)
        setting = self._setting(bound, n_trials, context, stream, script)
        if bound.conditions.frozen:
            return self._frozen(bound, self._parameters(bound), setting, compiled)
        self._naive = False
        return bound.program.run(self._parameters(bound), self.state, setting)

    def pieces(self, bound: Bound, n_trials: int, most: int, *, context: str) -> Iterator[Phase]:
        """`run` of one subject, so many trials at a time, as `InPieces` has it."""
        setting = self._setting(bound, n_trials, context, 0, None)
        self._naive = False
        program: InPieces = bound.program  # type: ignore[assignment]  # a task's, which all can
        return program.pieces(self._parameters(bound), self.state, setting, most)

    def _parameters(self, bound: Bound) -> Array:
        """The parameters' records as the program reads them."""
        if not (bound.conditions.moved or bound.conditions.frozen):
            return self.parameters
        kind = bound.conditions.parameter_type(type(self.agent), self.state.dtype)
        return records.packed(kind, self._in_force, self.n)

    def _setting(self, bound: Bound, n_trials: int, context: str, stream: int, script: Array | None) -> Setting:
        own = bound.shape.script
        script = np.broadcast_to(np.array(own, dtype=float), (self.n, len(own))) if script is None else script
        if script.ndim != 2 or script.shape[0] != self.n or script.shape[1] < 1:  # compiled code does not check bounds
            raise ValueError(f"script must have a row for each of the {self.n} subjects, not the shape {script.shape}")
        return Setting(
            agent=type(self.agent),
            place=bound.place,
            shape=bound.shape,
            tables=self.places.tables,
            offset=self.places.offsets[context],
            n_trials=n_trials,
            script=np.ascontiguousarray(script),
            seed=self.seed,
            stream=stream,
            first=self.first,
            naive=self._naive,
        )

    def _frozen(self, bound: Bound, parameters: Array, setting: Setting, compiled: bool) -> Phase:
        agent = type(self.agent)
        if self._naive:
            form = np.asarray if compiled and jit_allowed() else records.attributed
            begin = beginner(agent, compiled=compiled and jit_allowed())
            begin(form(self.parameters), form(self.state), setting.tables.reflex)
            self._naive = False
        keep(parameters, self.state, agent)
        return bound.program.run(parameters, self.state.copy(), replace(setting, naive=False))

    def _bound(self, task: Place, rows: bool, compiled: bool, learning: bool) -> Bound:
        shape, agent = shape_of(task), type(self.agent)
        conditions = conditions_of(agent, self._in_force, learning=learning)
        types = layout(agent, task, shape, self.places.tables, record=rows, conditions=conditions)
        ruled = conditions.agent(agent, types.state)
        run = program(ruled, task, types, n_subjects=self.n, compiled=compiled and jit_allowed())
        return Bound(task, shape, run, conditions)


def jit_allowed() -> bool:
    """Whether Numba's own switch leaves compiled code on."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")


@dataclass(frozen=True, repr=False)
class Run:
    """A run's tables. The phase is the task's name.

    `subjects` has a row for each subject, `failed` one for each that had to stop, because a number was not finite or
    its task or environment led to a state that it does not have: subject, trial, step, reason (a sentence that says
    what was wrong there), and the values of its parameters.
    """

    subjects: pd.DataFrame
    failed: pd.DataFrame
    _recorded: pd.DataFrame | Path
    agent: Agent
    task: Place
    n_trials: int
    seed: int

    def __repr__(self) -> str:
        """One line: whose run it is, and what to ask it for."""
        what = f"{len(self.subjects):,} subjects, {self.n_trials:,} trials of {place_name(self.task)}"
        lost = f", {len(self.failed):,} of them stopped (.failed)" if len(self.failed) else ""
        return f"<Run of {self.agent!r}: {what}, seed {self.seed}{lost}; .subjects .trials .summary .plot()>"

    def _repr_html_(self) -> str:
        """For a notebook: that line, and the means over subjects."""
        import html

        means = self.summary.groupby("measure", sort=False)["value"].agg(["mean", "std", "count"])
        return f"<p>{html.escape(repr(self))}</p>{means.to_html(float_format='{:.4g}'.format)}"

    @property
    def trial_file(self) -> Path | None:
        """Where `to` put the trial record."""
        return self._recorded if isinstance(self._recorded, Path) else None

    @functools.cached_property
    def trials(self) -> pd.DataFrame:
        """A row for each step (none with record="summary"), read from `trial_file` when it is first asked for."""
        return read_trials(self._recorded) if isinstance(self._recorded, Path) else self._recorded

    @functools.cached_property
    def summary(self) -> pd.DataFrame:
        """One value a row, tidy, as seaborn likes it: level "subject", group (the agent), phase (the task), measure,
        subject, value; the other columns of a study's table (docs/reference/figures.md) are empty.

        Measures: trials, steps_per_trial, outcome and each signal (means over steps), share_ of each action (fraction
        of steps). Subjects that had to stop have no rows.
        """
        from ..analysis import standard

        table = self.subjects.assign(group=type(self.agent).__name__)
        return standard.subjects_of(table, self.n_trials, standard.measures_of(table, standard.signals_in(table)))

    def plot(self) -> Figure:
        """Every subject and the mean with its 95 % interval, a panel for each measure of `summary`.

        It opens nothing: a notebook shows it, `run.plot().savefig("run.pdf")` keeps it.
        """
        from ..analysis import summary
        from ..figures import standard

        if self.summary.empty:
            raise ValueError("nothing to draw: every subject had to stop; run.failed says why")
        return standard.figure(summary.tidy(summary.group_rows(self.summary), self.summary))


def simulate(
    agent: Agent,
    task: Place | str,
    *,
    n_subjects: int = 1,
    n_trials: int = 100,
    seed: int = 0,
    record: str | Sequence[str] = "trials",
    parameters: Mapping[str, Any] | None = None,
    threads: int | None = None,
    chunk: int | None = None,
    compiled: bool | None = None,
    to: str | os.PathLike[str] | None = None,
) -> Run:
    """Simulate subjects alike in one task.

    `task` may be an `Environment` or the id of one, as "FrozenLake-v1": a trial is an episode then, and steps take
    Python's time, so that threads do not make it quicker.

    `record` is "trials" (every step, every signal), "summary" (one row a subject) or a list of the signals to keep
    beside the behaviour. `parameters` gives single parameters one value for each subject, shape (n_subjects,). The
    tables do not depend on `threads` (default: one for each core) or `chunk`, the number of subjects that a thread
    takes at a time (default: by the size of what it records). `compiled` False runs the same rules as plain Python, for
    breakpoints and print, with the same numbers; by default a run does so by itself where it has so few steps that
    they are done before compiled code is loaded, and the rules are such that every bit is the same.

    `to` names a .parquet file that takes the trial record while the run goes on, so that only some chunks of it are in
    memory, of a subject with very many trials in a task some of these; it is there, whole, when the run has ended, in
    the place of a file of that name. `run.trials` reads it.

    Raises ValueError naming the argument that is out of range, and where every subject had to stop in its first step,
    with the reason; StoreError (an OSError) where `to` cannot be written. Where every one had to stop later, what was
    recorded until then is returned, and a warning has the first one's reason.
    """
    import pandas  # noqa: F401  # before threads want it

    require(agent, Agent, "agent")
    task = checked_place(task)
    threads = cores() if threads is None else threads
    counts = {
        "n_subjects": n_subjects,
        "n_trials": n_trials,
        "threads": threads,
        "chunk": 1 if chunk is None else chunk,
    }
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"simulate: {name} must be a whole number of at least 1, not {short_repr(value)}")
        refuse_more(f"simulate: {name}", int(value), MOST_WORKERS if name == "threads" else MOST)
    seed = checked_seed(seed)
    signals = checked_record(record, type(agent))
    values = checked_values(type(agent), parameters or {}, n_subjects)
    target = None if to is None else checked_target(to, record)
    if agent.treatment and isinstance(task, Task):
        for ends in agent.treatment.outlasted(task.longest_hours(n_trials)):
            warnings.warn(ends, stacklevel=2)
    places, rows = places_of({"task": task}), record != "summary"
    shape = places.shapes["task"]
    conditions = conditions_of(type(agent), agent.in_force({}))
    types = layout(type(agent), task, shape, places.tables, record=rows, conditions=conditions)
    ruled = conditions.agent(type(agent), types.state)
    if compiled is None:
        steps = n_subjects * n_trials * shape.max_steps
        compiled = not isinstance(task, Task) or not plain_is_quicker(ruled, task, types, steps)
    one_step = shape.max_steps == 1 and isinstance(task, Task)
    known = n_subjects * n_trials if one_step and target is None and rows else 0
    room = tables.Trials.empty(types.row, signals, known)
    size, wide = _size(types, shape, n_trials), min(n_subjects, WIDTH * threads)
    piece = 0
    if target and chunk is None and isinstance(task, Task) and wide * size > chunks.MOST_ROOM:
        piece, chunk = max(1, chunks.ROOM // _size(types, shape, 1)), 1
    chunk = chunk or chunks.chosen(n_subjects, threads, n_trials * shape.max_steps, size)
    cut, compiled = chunks.cut(n_subjects, chunk), compiled and jit_allowed()
    run = program(ruled, task, types, n_subjects=len(cut[0]), compiled=compiled)
    many = compiled and rows and n_subjects * n_trials * shape.max_steps >= tables.MANY
    work = _Work(agent, Bound(task, shape, run, conditions), n_trials, seed, values, signals, many, room, places, types)
    pieces: list[tables.Trials] = []
    name = place_name(task)
    with TrialFile(target, name) if target else contextlib.nullcontext() as file:
        done = chunks.one_ahead(work.in_pieces(cut, piece)) if piece else chunks.in_order(work, cut, threads)
        subjects = _through(done, cut, file.add if file else pieces.append)
        refuse_nothing_run(subjects)
    if why := why_nobody_finished(subjects):
        warnings.warn(why, stacklevel=2)
    failed = tables.failed_table(agent, values, subjects)
    recorded = target or tables.labelled(tables.joined(pieces, room, threads).columns, name)
    return Run(tables.labelled(subjects, name), failed, recorded, agent, task, n_trials, seed)


Done = tuple[range, tables.Trials, tables.Columns | None]  # of a chunk; without columns a subject's, not its last


@dataclass(frozen=True)
class _Work:
    """What is done for each chunk of subjects.

    `room` holds all trials where their number is known beforehand; `many` says that compiled code shall copy them.
    """

    agent: Agent
    bound: Bound
    n_trials: int
    seed: int
    values: Mapping[str, Array]
    signals: Sequence[str]
    many: bool
    room: tables.Trials
    places: Places
    types: Layout

    def __call__(self, chunk: range) -> Done:
        """The chunk's trials and subjects."""
        subjects, n = self._subjects(chunk), len(chunk)
        phase = subjects.run(self.bound, self.n_trials, context="task")
        room = self.room.part(chunk.start * self.n_trials, n * self.n_trials)
        if not self.room.n:
            room = tables.Trials.empty(phase.rows.dtype, self.signals, len(phase.rows))
        trials = room.filled(phase.rows, compiled=self.many)
        return chunk, trials, tables.subject_columns(phase, subjects, self.bound.shape.actions)

    def in_pieces(self, places: Sequence[range], most: int) -> Iterator[Done]:
        """One subject after the other, so many trials at a time; what is said of the subject comes last."""
        for place in places:
            subjects = self._subjects(place)
            for phase in subjects.pieces(self.bound, self.n_trials, most, context="task"):
                yield place, self.room.like(len(phase.rows)).filled(phase.rows, compiled=self.many), None
            yield place, self.room, tables.subject_columns(phase, subjects, self.bound.shape.actions)

    def _subjects(self, chunk: range) -> Subjects:
        own = {name: values[chunk.start : chunk.stop] for name, values in self.values.items()}
        return Subjects(
            self.agent, self.places, parameters=own, n=len(chunk), seed=self.seed, first=chunk.start, types=self.types
        )


def _size(types: Layout, shape: Shape, n_trials: int) -> int:
    """Bytes of a subject's records in a run."""
    own = sum(kind.itemsize for kind in (types.state, types.sums, types.parameters, types.task))
    steps = n_trials * shape.max_steps if types.record else 0
    return own + 8 * len(shape.script) + steps * types.row.itemsize


def checked_place(task: Any) -> Place:
    """A task, an environment, or the environment of that id; ValueError where it is none of these."""
    if isinstance(task, str):  # looked up by name: environments are built on the engine, and it knows none of them
        task = importlib.import_module("habenula_rl.environments.gymnasium_task").Environment(task)
    if isinstance(task, Task) or not hasattr(task, "program") or isinstance(task, type):
        require(task, Task, "task")
    place: Place = task
    return place


def _through(done: Generator[Done], places: Sequence[range], keep: Callable[[tables.Trials], None]) -> tables.Columns:
    """Take what is done, chunk after chunk: `keep` takes the trials, the columns of all subjects come back."""
    summary: tables.Columns = {}
    total = places[-1].stop
    one = len(places) == 1  # it has nothing to say on the way
    with contextlib.closing(done), contextlib.nullcontext() if one else bar("simulate", "subjects", total) as advance:
        for place, trials, subjects in done:
            keep(trials)
            if subjects is not None:
                tables.put(summary, place, subjects, total)
                if advance:
                    advance(len(place))
    return summary


def by_subject(name: str, value: Any, labels: Iterable[Any]) -> Any:
    """A pandas Series of a parameter in the order of the subjects' labels; anything else as it is.

    Raises ValueError where the Series is not labelled by just these subjects.
    """
    if not (hasattr(value, "index") and hasattr(value, "reindex")):
        return value
    labels = list(labels)
    if value.index.is_unique and len(value) == len(labels) and value.index.isin(labels).all():
        return value.reindex(labels).to_numpy()
    raise ValueError(
        f"parameters: '{name}' is a Series whose index is not the subjects' labels, {short_repr(labels)}; give it "
        "their labels, or its to_numpy() if it is in their order"
    )


def checked_values(
    agent: type[Agent], values: Mapping[str, Any], n: int, labels: Iterable[Any] | None = None
) -> dict[str, Array]:
    """Parameter values as arrays (n,), or ValueError naming the first that is unknown or wrong.

    A Series goes by `labels`, those of the subjects, 0 to n - 1 by default.
    """
    arrays = {}
    for name, value in values.items():
        field = agent.fields().get(name)
        if field is None:
            raise ValueError(f"{agent.__name__} has no parameter '{name}'{nearest(name, agent.fields())}")
        try:
            array = np.asarray(by_subject(name, value, range(n) if labels is None else labels))
        except ValueError:  # lists of different lengths inside a list
            if hasattr(value, "reindex"):
                raise
            array = np.empty((0, 0))
        if array.shape not in ((), (n,)):
            raise ValueError(f"parameters: '{name}' must be one number or {n} of them, one for each subject")
        allowed = array.dtype.kind == "f" and array.size > 1 and _all_between(array, field)
        why = None if allowed else next((w for w in (why_invalid(field, v) for v in array.ravel().tolist()) if w), None)
        if why:
            raise ValueError(f"{agent.__name__}: {name} {why}")
        arrays[name] = np.broadcast_to(array.astype(float), n)
    return arrays


def _all_between(array: Array, field: Field[Any]) -> bool:
    """Whether they are all numbers that the parameter may have, at once: `why_invalid` takes a microsecond for each."""
    whole = not isinstance(field.default, int) or bool((array == np.floor(array)).all())
    within = (array >= field.metadata["low"]) & (array <= field.metadata["high"]) & np.isfinite(array)
    return not isinstance(field.default, bool | tuple) and whole and bool(within.all())


def checked_record(record: str | Sequence[str], agent: type[Agent]) -> tuple[str, ...]:
    """The signals to keep; ValueError names one that the agent does not have."""
    if record in ("trials", "summary"):
        return agent.signals
    if isinstance(record, str) or not isinstance(record, Iterable):
        known = ["trials", "summary"]
        raise ValueError(
            f"record must be 'trials', 'summary' or a list of signals, not {short_repr(record)}"
            f"{nearest(str(record), known)}"
        )
    for name in record:
        if name not in agent.signals:
            raise ValueError(f"{agent.__name__} has no signal {name!r}{nearest(str(name), agent.signals)}")
    return tuple(record)
