"""A study as a config describes it: groups of subjects and the phases they go through.

`load_study` reads a YAML file, puts the command line's settings in, and reports every mistake at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from ..contract import nearest
from .bundled import bundled
from .checks import MOST, MOST_GROUPS, mistakes
from .draft import DEFAULT_AGENT, list_of, mapping_of
from .from_python import written
from .overrides import override, override_axes, override_seed, override_subjects
from .problems import ConfigError, KeyPath, Place, Problem, Source, shown
from .sweep import Swept, swept
from .times import hours_in
from .user_modules import UserModules
from .values import no_time
from .yaml_source import read_file

__all__ = ["ConfigError", "Group", "Phase", "Study", "find_config", "known_studies", "load_study", "read_study"]

NAME = re.compile(r"(?!\.)[A-Za-z0-9._-]{1,64}")
RESERVED = re.compile(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?|.*\.")
NAME_RULE = "must be 1 to 64 letters, digits, '.', '_' or '-', and not begin with '.'"


def study_name(name: str) -> str:
    """The name, where a study can have it: never a path out of a folder. Raises ValueError otherwise."""
    if not NAME.fullmatch(name):
        raise ValueError(f"a study's name {NAME_RULE}, which {shown(name)} does not keep to")
    return name


def _checked_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise PydanticCustomError("name", f"{NAME_RULE}; it is {{name}}", {"name": shown(name)})
    if RESERVED.fullmatch(name):
        raise PydanticCustomError(
            "name", "must be one that a file can have on Windows too; it is {name}", {"name": shown(name)}
        )
    return name


SUBJECTS = ("same", "independent")
Name = Annotated[str, AfterValidator(_checked_name)]
Whole = Annotated[int, Field(strict=True)]
Number = Annotated[float, Field(strict=True)]


class Written(BaseModel):
    """A part of a config: frozen, and a key that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Group(Written):
    """Subjects alike: `n` agents of one kind.

    `parameters` holds numbers and distributions, `interventions` what was done before the first phase, as in the YAML.
    Their contents are checked by `load_study`.
    """

    n: Whole = Field(ge=1, le=10_000_000, description="number of subjects")
    agent: str = Field(DEFAULT_AGENT, description="the agent that the subjects are")
    parameters: dict[str, Any] = Field(
        {}, description="values, or distributions over subjects, of the agent's parameters"
    )
    yoked_to: str | None = Field(None, description="the group whose subject of the same number is each one's partner")
    interventions: tuple[Any, ...] = Field(
        (), description="given before the group's first phase, or before each phase that an entry's phases name"
    )


class Phase(Written):
    """One task or environment, with a length and a gap before it.

    No `groups` means all; without `context` the phase is its own.
    """

    name: Name = Field(description="the phase's name")
    task: str | None = Field(None, description="the task")
    env: str | None = Field(None, description="or any environment of Gymnasium by its id, as in FrozenLake-v1")
    bins: Any = Field(None, description="how an env's Box observations are cut into bins: what Binned takes")
    parameters: dict[str, Any] = Field(
        {}, description="values of the task's parameters, or keyword arguments of gymnasium.make for an env"
    )
    trials: Whole = Field(ge=1, le=1_000_000, description="number of trials")
    gap_hours: Number = Field(0.0, ge=0, le=1e6, description="hours since the phase before")
    groups: tuple[str, ...] = Field((), min_length=1, description="the groups that take part; all where not given")
    replays: str | None = Field(
        None, description="an earlier phase: each yoked subject gets what its partner had there"
    )
    learning: bool = Field(
        True, strict=True, description="false: the agents act and their signals are recorded, and nothing is learned"
    )
    frozen: tuple[str, ...] = Field(
        (), min_length=1, description="of the groups that take part those that learn nothing in this phase"
    )
    context: Name | None = Field(
        None, description="phases in one context share what is learned there; by default the phase's name"
    )
    interventions: tuple[Any, ...] = Field(
        (), description="given hours_before this phase, to all or to an entry's groups, and in force from then on"
    )

    def learns(self, group: str) -> bool:
        """Whether this group learns in the phase."""
        return self.learning and group not in self.frozen


class Study(Written):
    """A whole study, as its config describes it; field names as in the YAML."""

    study: Name = Field(description="the study's name")
    description: str = Field("", description="what the study is")
    seed: Whole = Field(ge=0, lt=2**63, description="root of all random numbers")
    subjects: Literal["same", "independent"] | None = Field(
        None, description="same subjects in all groups, or other ones in each; same unless a group is yoked"
    )
    record: Literal["trials", "summary"] | tuple[str, ...] = Field(
        "trials", description="every step with all signals, sums only, or every step with these signals"
    )
    own: tuple[str, ...] = Field(
        (), description="your own files with agents and tasks, as paths from the config's folder"
    )
    unit_seconds: Number | None = Field(
        None,
        gt=0,
        le=1e7,
        description="the longest that a unit of work (256 subjects of a group) may take; units run in processes then",
    )
    sweep: dict[str, Any] | None = Field(
        None, description="axes of values by name; groups and phases use one as $name, and a group's name as {name}"
    )
    groups: dict[Name, Group] = Field(min_length=1, max_length=MOST_GROUPS, description="groups by name")
    phases: tuple[Phase, ...] = Field(min_length=1, max_length=MOST, description="phases in order")

    _worlds: tuple[Study, ...] = PrivateAttr(())
    _points: dict[str, dict[str, Any]] = PrivateAttr(default_factory=dict)
    _templates: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def worlds(self) -> tuple[Study, ...]:
        """Of a sweep over what phases say, a study for each combination; empty where phases are the same for all."""
        return self._worlds

    @property
    def points(self) -> dict[str, dict[str, Any]]:
        """Of a sweep each group's value by axis, None on an axis that the group is not on; else empty."""
        return self._points

    @property
    def templates(self) -> dict[str, str]:
        """Of a sweep for each group the key that it was made from; else empty."""
        return self._templates

    def sown(self, group: str) -> str:
        """The name that a group's subjects are drawn by, where groups have other ones.

        All points of a sweep have the same, unless the study says subjects: independent.
        """
        return group if self.subjects == "independent" else self._templates.get(group, group)

    def with_groups(self, change: Callable[[str, Group], Group]) -> Study:
        """The study with other groups of the same names, at all points of a sweep."""
        made = self.model_copy(update={"groups": {name: change(name, group) for name, group in self.groups.items()}})
        made._worlds = tuple(world.with_groups(change) for world in self._worlds)
        return made

    @property
    def independent(self) -> bool:
        """Whether each group is another draw of subjects: as the config says, else only where a group is yoked.

        A yoked subject with its partner's parameters would get the longest shocks where it is most easily harmed.
        """
        if self.subjects is not None:
            return self.subjects == "independent"
        return any(group.yoked_to is not None for group in self.groups.values())


def load_study(
    name_or_path: str | Path | Mapping[str, Any],
    overrides: Sequence[str] = (),
    seed: int | None = None,
    subjects: int | None = None,
    axes: Mapping[str, Any] | None = None,
) -> Study:
    """The study that a config describes: a file, or a mapping like one, in which agents, tasks and interventions may be
    objects; its paths begin in the folder that one works in.

    `overrides` are 'dotted.path=yaml value' settings; the last for a path wins, and phases go by name or index.
    `seed` takes the place of the config's, `subjects` that of every group's n. `axes` are a sweep's, more than the
    config's own, by the path of the value that they are for. Raises ConfigError with every mistake of
    the file and the settings.
    """
    if isinstance(name_or_path, Mapping):
        path = Path("study")
        source = Source(written(name_or_path), values={(): Place(1, 0, 0, "study")})
    else:
        path = find_config(name_or_path)
        source = read_file(path)
    if source.data is None and not source.problems:
        raise ConfigError(f"{path}: is empty, where a study should be")
    found = [*override(source, overrides), *override_axes(source, axes or {})]
    own = UserModules(mapping_of(source.data).get("own"), path.parent)
    found += own.problems
    if seed is not None:
        override_seed(source, seed)
    if subjects is not None:
        override_subjects(source, subjects)
    return _checked(source, found, own)


def read_study(path: Path) -> Study:
    """The study in a config as it is written, for showing: nothing that the config names is loaded or made.

    So agents, tasks and environments that are not the package's are not looked up, and what depends on them is not
    checked. Raises ConfigError with the mistakes that can be known.
    """
    source = read_file(path)
    if source.data is None and not source.problems:
        raise ConfigError(f"{path}: is empty, where a study should be")
    return _checked(source, [], runs_code=False)


def with_subjects(study: Study, subjects: int) -> Study:
    """The study with another n in every group, checked as a config is. Raises ConfigError where it cannot be."""
    for world in study.worlds or (study,):
        data = world.model_dump(mode="json", exclude_defaults=True)
        source = Source(data, values={(): Place(1, 0, 0, f"study {study.study}")})
        override_subjects(source, subjects)
        made = _checked(source, [])
    if not study.points:
        return made
    return study.with_groups(lambda name, group: group.model_copy(update={"n": subjects}))


def _checked(source: Source, found: list[Problem], own: UserModules | None = None, *, runs_code: bool = True) -> Study:
    """The study in the source's data. Raises ConfigError with its mistakes and those `found` already.

    Nothing is said of the names that a file of the user's `own` would have defined, had it been sound. Without
    `runs_code`, a config that names files of code or environments is checked for its shape alone.
    """
    groups, sweeps = mapping_of(source.data).get("groups"), mapping_of(source.data).get("sweep") is not None
    if len(mapping_of(groups)) > MOST:
        raise source.error([Problem(("groups",), f"groups must not hold more than {MOST}")]) or AssertionError
    made = swept(source.data) if sweeps else Swept([source.data])
    found, studies = [*found, *made.problems], list[Study]()
    for k, data in enumerate(made.worlds):
        hours_in(data)
        said: list[Problem] = []
        try:
            studies.append(Study.model_validate(data))
        except ValidationError as error:
            said += _structure(error)
        said += mistakes(data) if runs_code or not _names_code(data) else []
        found += [made.as_written(k, problem) for problem in said if own is None or not own.explains(problem)]
    if wrong := source.error(found):
        raise wrong
    return _together(studies, made)


def _together(studies: Sequence[Study], made: Swept) -> Study:
    """A sweep's worlds as one study, its groups in the order of their templates and points."""
    if not made.template:
        return studies[0]
    for world in studies:
        world._points = {name: made.points[name] for name in world.groups}
        world._templates = {name: made.template[name] for name in world.groups}
    if len(studies) == 1:
        return studies[0]
    groups = {name: group for world in studies for name, group in world.groups.items()}
    phases: dict[str, Phase] = {}
    for phase in (phase for world in studies for phase in world.phases):
        others = phases.setdefault(phase.name, phase)
        both = {key: (*getattr(others, key), *getattr(phase, key)) for key in ("groups", "frozen")}
        phases[phase.name] = others.model_copy(update={key: tuple(dict.fromkeys(names)) for key, names in both.items()})
    whole = studies[0].model_copy(
        update={"groups": {name: groups[name] for name in made.template}, "phases": tuple(phases.values())}
    )
    whole._worlds, whole._points, whole._templates = tuple(studies), dict(made.points), dict(made.template)
    return whole


def _names_code(data: Any) -> bool:
    """Whether a look at the config's agents, tasks and environments would run more than the package."""
    config = mapping_of(data)
    return "own" in config or any("env" in mapping_of(phase) for phase in list_of(config.get("phases")))


def _structure(error: ValidationError) -> Iterator[Problem]:
    """pydantic's errors as problems."""
    for details in error.errors(include_url=False):
        trail = details["loc"]
        if trail[:1] == ("record",):  # a choice of two shapes, of which pydantic reports both: see checks
            continue
        if details["type"] == "too_short" and details["input"]:  # pydantic counts the entries without mistakes
            continue
        if trail[-1:] == ("[key]",):
            yield Problem(trail[:-1], f"the name of a group {_sentence(details)}", at_key=True)
        else:
            yield _field_problem(trail, details)


def _field_problem(trail: KeyPath, details: ErrorDetails) -> Problem:
    where = ".".join(map(str, trail[:-1])) or "the study"
    if details["type"] == "extra_forbidden":
        model = Study if len(trail) == 1 else Group if trail[0] == "groups" else Phase
        known = tuple(model.model_fields)
        return Problem(
            trail, f"unknown key {shown(trail[-1])} in {where}", at_key=True, word=str(trail[-1]), known=known
        )
    if details["type"] == "literal_error":
        value = details["input"]
        what = f"subjects must be {' or '.join(SUBJECTS)}, not {shown(value)}"
        return Problem(trail, what, word=value if isinstance(value, str) else "", known=SUBJECTS)
    if details["type"] == "missing":
        return Problem(trail[:-1], f"{where} needs the key '{trail[-1]}'", at_key=True)
    hours = trail[-1:] == ("gap_hours",) and isinstance(details["input"], str)
    why = no_time(details["input"], "h") if hours else _sentence(details)
    return Problem(trail, f"{'.'.join(map(str, trail)) or 'a config'} {why}")


SENTENCES = {
    "int_type": "must be a whole number, not {value}",
    "int_from_float": "must be a whole number, not {value}",
    "float_type": "must be a number, not {value}",
    "finite_number": "must be finite, not {value}",
    "greater_than": "must be above {gt}, not {value}",
    "greater_than_equal": "must be at least {ge}, not {value}",
    "less_than_equal": "must be at most {le}, not {value}",
    "less_than": "must be below {lt}, not {value}",
    "bool_type": "must be true or false, not {value}",
    "string_type": "must be text, not {value}",
    "tuple_type": "must be a list, not {value}",
    "dict_type": "must be a mapping, not {value}",
    "model_type": "must be a mapping, not {value}",
    "too_short": "must not be empty",
    "too_long": "must not hold more than {max_length}",
}


def _sentence(details: ErrorDetails) -> str:
    template = SENTENCES.get(details["type"])
    if template is None:
        return details["msg"]
    limits = {name: int(limit) for name, limit in details.get("ctx", {}).items() if isinstance(limit, int | float)}
    return template.format(value=shown(details["input"]), **limits)


def find_config(name_or_path: str | Path) -> Path:
    """The config at a path, or of a known study. Raises ConfigError naming the nearest known study."""
    if os.path.isfile(name_or_path):
        return Path(name_or_path)
    name, known = str(name_or_path), known_studies()
    if name in known:
        return known[name]
    if os.path.isdir(name_or_path):
        raise ConfigError(f"{name}: is a folder, where a config should be")
    looks_like_path = os.sep in name or name.endswith((".yaml", ".yml"))
    what = "there is no such file" if looks_like_path else "no file and no known study has this name"
    raise ConfigError(f"{shown(name)[1:-1] or 'config'}: {what}{nearest(Path(name).stem[:64], known)}")


def known_studies() -> dict[str, Path]:
    """The configs that can be called by name, sorted. One in ./configs comes before one that the package brings."""
    paths = [path for folder in (bundled("configs"), Path("configs")) for path in folder.glob("*.yaml")]
    found = {path.stem: path for path in paths if NAME.fullmatch(path.stem)}
    return dict(sorted(found.items()))


def bundled_study(name: str) -> Path:
    """The config that the package brings, whatever lies in ./configs. Raises ConfigError where there is none."""
    path = bundled("configs") / f"{name}.yaml"
    if not path.is_file():
        raise ConfigError(f"{shown(name)[1:-1]}: the package brings no study of this name")
    return path
