"""Which claims there are: those in the studies' files of the package, and in ./experiments.

A file is read, not run, to know what claims it has; it is run where one of them is tested.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..compiler.source import statements
from ..config.bundled import bundled, is_bundled
from ..contract import nearest
from ..experiment.study_file import claims_in, load_experiment
from .claims import Claim


@dataclass(frozen=True)
class Written:
    """A claim as it stands in a study's file, which was read and not run."""

    id: str
    citation: str
    claim: str
    tested: str  # the docstring of the test
    path: Path
    words: Mapping[str, Any]  # what else is given as a constant: origin, origins, sure, sures, group_size

    @property
    def study(self) -> str:
        return self.path.stem


def written_claims() -> dict[str, Written]:
    """All claims by id: the package's, by study and in their file's order, and after them those in ./experiments.

    A file in ./experiments with the name of one of the package's is left out, and so is a claim with an id that there
    is already: the claims of the package are about its own studies.
    """
    paths = sorted(bundled("experiments").glob("*.py"))
    taken = {path.name for path in paths}
    paths += sorted(path for path in Path("experiments").glob("*.py") if path.name not in taken)
    found: dict[str, Written] = {}
    for claim in (claim for path in paths for claim in _written(path)):
        found.setdefault(claim.id, claim)
    return found


def _written(path: Path) -> tuple[Written, ...]:
    """The claims of a file, which is parsed again where it is another: `describe` alone asks five times for all."""
    try:
        return _read(path, path.read_bytes())
    except OSError:
        return ()


@functools.lru_cache(maxsize=128)
def _read(path: Path, content: bytes) -> tuple[Written, ...]:
    return tuple(_claims_in(statements(path), path))


def _claims_in(body: list[ast.stmt], path: Path) -> Iterator[Written]:
    """Those in CLAIMS = (Claim(...), ...), or under @claim(...), with texts that stand there or under a name."""
    texts = {t.id: s.value for s in body if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Name)}
    functions = {s.name: s for s in body if isinstance(s, ast.FunctionDef)}
    listed = texts.get("CLAIMS")
    calls = [*listed.elts] if isinstance(listed, ast.Tuple | ast.List) else []
    under: dict[int, ast.FunctionDef] = {}
    for function in functions.values() if listed is None else ():
        for call in function.decorator_list:
            if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] == "claim":
                calls.append(call)
                under[id(call)] = function
    for call in calls:
        if not isinstance(call, ast.Call):
            continue
        given = dict(zip(("id", "citation", "claim", "test"), call.args, strict=False))
        given |= {{"says": "claim"}.get(word.arg, word.arg): word.value for word in call.keywords if word.arg}
        values = {k: texts.get(v.id, v) if isinstance(v, ast.Name) and k != "test" else v for k, v in given.items()}
        said = {k: str(v.value) for k, v in values.items() if isinstance(v, ast.Constant)}
        if "id" in said:
            test = given.get("test")
            tests = under.get(id(call)) or (functions.get(test.id) if isinstance(test, ast.Name) else None)
            tested = ast.get_docstring(tests) or "" if tests else ""
            words = {name: _constant(given[name]) for name in WORDS if name in given}
            yield Written(said["id"], said.get("citation", ""), said.get("claim", ""), tested, path, words)


WORDS = ("origin", "origins", "sure", "sures", "group_size")


def _constant(node: ast.expr) -> Any:
    """What is written there, where that is a constant; else its text."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)


def chosen(ids: Iterable[str] | None) -> list[Written]:
    """The claims with these ids (None: all of the package's). Raises ValueError that names the nearest known one."""
    known = written_claims()
    if ids is None:
        return [claim for claim in known.values() if is_bundled(claim.path)]
    names = list(dict.fromkeys([ids] if isinstance(ids, str) else ids))
    for name in names:
        if name not in known:
            raise ValueError(f"there is no claim '{name}'{nearest(name, known)}; known: {', '.join(known)}")
    return [known[name] for name in names]


def loaded(path: Path) -> tuple[Any, dict[str, Claim]]:
    """The module of a study's file, which is run, and its claims by id. Raises as `load_experiment` does."""
    module = load_experiment(path)
    return module, {claim.id: claim for claim in claims_in(module)}


@functools.cache
def claims_of() -> Mapping[str, Claim]:
    """All claims of the package by id."""
    found: dict[str, Claim] = {}
    for path in dict.fromkeys(claim.path for claim in chosen(None)):
        found |= loaded(path)[1]
    return found
