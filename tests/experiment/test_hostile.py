"""A folder from a stranger: nothing in it runs, and nothing is removed or written, that was not asked for.

Each test makes such a folder. Its payloads write the file `RAN` into the folder above it, or stand for what a stranger
would like to have removed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from habenula_rl.agents import AGENTS
from habenula_rl.cli import commands as cli
from habenula_rl.errors import EndsError
from habenula_rl.experiment import provenance
from habenula_rl.experiment.manifest import load_manifest
from habenula_rl.experiment.recorded import load_subjects, load_trials
from habenula_rl.experiment.run import redraw, run
from habenula_rl.experiment.store import OutsideError, sha256
from habenula_rl.experiment.study_file import ExperimentError, find_experiment

STUDY = """\
study: small
description: two mice in a box
seed: 3
groups:
  mice: {n: 2}
  rats: {n: 3}
phases:
  - {name: box, task: ShuttleBox, parameters: {max_shock_s: 5}, trials: 4}
"""
EXPERIMENT = """\
def summarise(trials):
    return trials.groupby("group", observed=True)["rpe"].mean().rename("value").reset_index()

def figure(table):
    from matplotlib.figure import Figure
    return Figure(figsize=(1, 1))
"""
AGENT = '''
from dataclasses import dataclass
from habenula_rl.contract import Agent, parameter

def start(p, w, reflex):
    w.Q[:] = 0.0

def prefer(p, w, e, z):
    for a in range(z.size):
        z[a] = w.Q[e.state, a]

def learn(p, w, e, y):
    y.rpe = e.reward - w.Q[e.state, e.action]
    w.Q[e.state, e.action] += p.alpha * y.rpe

@dataclass(frozen=True)
class Stranger(Agent):
    """An agent that nobody has seen."""
    start, prefer, learn, signals = start, prefer, learn, ("rpe",)
    alpha: float = parameter(0.3, doc="learning rate", low=0, high=1)

    @staticmethod
    def state(n_states, n_actions):
        return {"Q": (n_states, n_actions)}
'''


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder to work in, with one study; the folder above it is where a payload would leave its mark."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    Path("configs").mkdir()
    Path("experiments").mkdir()
    Path("configs/small.yaml").write_text(STUDY, encoding="utf-8")
    Path("experiments/small.py").write_text(EXPERIMENT, encoding="utf-8")
    known = dict(AGENTS)
    yield tmp_path
    for name in AGENTS.keys() - known:
        del AGENTS[name]


def payload(folder):
    """Python that leaves the mark."""
    return f"import pathlib; pathlib.Path({str(folder / 'RAN')!r}).touch()\n"


def ran(folder):
    return (folder / "RAN").exists()


@pytest.fixture
def habenula(monkeypatch, capsys):
    """A function that runs the command with these words: exit code, output, errors."""

    def called(*words):
        monkeypatch.setattr(sys, "argv", ["habenula", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return SimpleNamespace(code=code, out=out, err=err)

    return called


def changed(results, **values):
    """The manifest with other values."""
    path = results / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values), encoding="utf-8")


# Names in a manifest


@pytest.mark.parametrize(
    "name", ["{above}/evil", "../evil", "../../evil", "..", "a/b", "a\0b", "", "small\n", 3, None, ["small"]]
)
def test_a_study_in_a_manifest_is_a_name_and_no_path(folder, habenula, name):
    results = run("small", figure=False)
    for place in (folder, folder / "work", folder / "work/experiments"):
        (place / "evil.py").write_text(payload(folder) + EXPERIMENT, encoding="utf-8")
    changed(results, study=name.format(above=folder) if isinstance(name, str) else name)
    done = habenula("figure", results)
    assert done.code == 2
    assert "manifest.json is not as a run writes it: study: " in done.err
    assert not ran(folder)
    with pytest.raises(ValueError):
        redraw(results)
    assert not ran(folder)


def test_no_experiment_is_found_by_a_path(folder):
    (folder / "evil.py").write_text(EXPERIMENT, encoding="utf-8")
    for name in (f"{folder}/evil", "../evil", "../../evil"):
        with pytest.raises(ValueError, match="a study's name must be 1 to 64 letters"):
            find_experiment(name)


@pytest.mark.parametrize(
    "table", ["../../victim.png", "{above}/victim.png", "figures/../../victim.png", ".lock", "", "a//b"]
)
def test_a_table_in_a_manifest_is_in_its_folder(folder, habenula, table):
    results = run("small", figure=False)
    tables = load_manifest(results)["tables"]
    changed(results, tables=tables | {table.format(above=folder): {"sha256": sha256(b"")}})
    done = habenula("figure", results)
    assert (done.code, "tables" in done.err) == (2, True)


def test_figure_removes_no_picture_outside(folder, habenula):
    """The case of the report: `study: ../../victim` and `figures/../../victim.png`."""
    results = run("small", figure=False)
    victim = results.parent / "victim.png"
    victim.write_bytes(b"a picture")
    changed(results, study="../../victim")
    assert habenula("figure", results).code == 2
    assert victim.read_bytes() == b"a picture"


@pytest.mark.parametrize(
    "values",
    [
        {"config": None},
        {"config": {}},
        {"tables": {}},
        {"tables": {"subjects.parquet": {"sha256": "0" * 64}}},
        {"tables": [1]},
        {"stopped": "x"},
        {"stopped": -1},
        {"seed": "1"},
        {"config": {"record": "trials", "seed": 1, "groups": {"../x": {"n": 2}}, "phases": [{"name": "a"}]}},
        {"config": {"record": "trials", "seed": 1, "groups": {"a": {"n": 2}}, "phases": [{"name": 3}]}},
    ],
)
def test_a_manifest_that_no_run_writes_is_one_sentence(habenula, values):
    results = run("small", figure=False)
    changed(results, **values)
    done = habenula("figure", results)
    assert done.code == 2
    assert "manifest.json is not as a run writes it" in done.err and len(done.err.splitlines()) <= 2


def test_a_manifest_nested_without_end_is_not_readable():
    results = run("small", figure=False)
    (results / "manifest.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(ValueError, match=r"is not readable|is not as a run writes it"):
        load_manifest(results)


def test_tables_of_another_kind_are_damage(habenula):
    import pandas as pd

    results = run("small", figure=False)
    pd.DataFrame({"group": [1]}).to_parquet(results / "units/mice-000000.parquet")
    data = (results / "units/mice-000000.parquet").read_bytes()
    tables = load_manifest(results)["tables"]
    trials = {name: {"sha256": sha256(data), "rows": 1} for name in tables if name.startswith("trials/")}
    for name in trials:
        (results / name).write_bytes(data)
    changed(results, tables=tables | trials)
    done = habenula("figure", results)
    assert done.code == 1 and "is damaged: trials is not as a run writes it" in done.err


# Links in a folder of results


@pytest.mark.parametrize("name", ["figures", "summary.csv", "manifest.json", "subjects.parquet", "units", "trials"])
def test_a_link_out_of_the_results_is_not_followed(folder, habenula, name):
    results = run("small")
    away = folder / "elsewhere"
    (results / name).rename(away)
    (results / name).symlink_to(away)
    before = sorted(
        (path, path.read_bytes()) for path in (away.rglob("*") if away.is_dir() else [away]) if path.is_file()
    )
    Path("experiments/small.py").write_text(EXPERIMENT.replace("(1, 1)", "(2, 2)"), encoding="utf-8")
    for words in (("figure", results), ("run", "small"), ("run", "small", "--no-figure")):
        done = habenula(*words)
        if words[0] == "run" or name not in ("units", "subjects.parquet"):  # which no figure needs
            assert (done.code, f"out of {results}: remove this link first" in done.err) == (2, True), (words, done.err)
    after = sorted(
        (path, path.read_bytes()) for path in (away.rglob("*") if away.is_dir() else [away]) if path.is_file()
    )
    assert after == before


def test_a_folder_of_results_that_leads_out_of_results_is_not_written(folder):
    results = run("small", figure=False)
    results.rename(folder / "elsewhere")
    results.symlink_to(folder / "elsewhere")
    with pytest.raises(OutsideError, match="out of results: remove this link first"):
        run("small")
    redraw(results)  # named by its user, who may keep it where he likes


def test_results_may_be_a_link_itself(folder):
    (folder / "large disk").mkdir()
    Path("results").symlink_to(folder / "large disk")
    assert len(load_subjects(run("small"))) == 5


@pytest.mark.parametrize("make", [os.symlink, os.link])
def test_a_lock_that_is_another_file_is_not_written(folder, habenula, make):
    results = run("small", figure=False)
    victim = folder / "victim"
    victim.write_text("precious", encoding="utf-8")
    (results / ".lock").unlink()
    make(victim, results / ".lock")
    for words in (("run", "small"), ("figure", results)):
        done = habenula(*words)
        assert done.code == 2
        assert "remove it first" in done.err
    assert victim.read_text(encoding="utf-8") == "precious"


def test_a_lock_that_is_a_pipe_is_not_waited_for(habenula):
    results = run("small", figure=False)
    (results / ".lock").unlink()
    os.mkfifo(results / ".lock")
    assert "is not a plain file" in habenula("run", "small").err


def test_only_files_half_written_by_a_run_go(folder):
    results = run("small", figure=False)
    mine, theirs = results / "trials/.mice-000000.parquet.99-7.tmp", results / "notes/.draft.99-7.tmp"
    theirs.parent.mkdir()
    others = [theirs, results / ".draft.tmp", results / "trials/.99.tmp"]
    for path in (mine, *others):
        path.write_bytes(b"half")
    run("small", figure=False)
    assert not mine.exists() and all(path.exists() for path in others)


# Markers of units


def _marked(results, unit, files):
    path = results / f"units/{unit}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"files": files}), encoding="utf-8")


def _files(results, unit):
    return json.loads((results / f"units/{unit}.json").read_text())["files"]


CASES = {
    "another unit's": lambda mine, theirs: theirs,
    "another unit's trials": lambda mine, theirs: dict([[*mine.items()][1], next(iter(theirs.items()))]),
    "one more": lambda mine, theirs: mine | dict([next(iter(theirs.items()))]),
    "trials only": lambda mine, theirs: {n: e for n, e in mine.items() if n.startswith("trials")},
    "subjects only": lambda mine, theirs: {n: e for n, e in mine.items() if n.startswith("units")},
    "none": lambda mine, theirs: {},
    "out of the folder": lambda mine, theirs: {f"../{n}": e for n, e in mine.items()},
    "no rows": lambda mine, theirs: {n: {"sha256": e["sha256"]} for n, e in mine.items()},
    "rows below 0": lambda mine, theirs: {n: e | {"rows": -1} for n, e in mine.items()},
}


@pytest.mark.parametrize("files", CASES.values(), ids=CASES)
def test_a_marker_names_the_files_of_its_unit_or_is_damage(files):
    results = run("small", figure=False)
    trials, subjects = load_trials(results), load_subjects(results)
    _marked(results, "mice-000000", files(_files(results, "mice-000000"), _files(results, "rats-000000")))
    lines = []
    assert run("small", figure=False, progress=lambda done, total, line: lines.append(line)) == results
    assert any("mice-000000 was damaged" in line for line in lines)
    assert load_manifest(results)["units"] == {"computed": 1, "reused": 1}
    assert load_trials(results).equals(trials) and load_subjects(results).equals(subjects)


def test_a_summary_has_one_table_a_unit():
    results = run("small", overrides=["record=summary"])
    assert load_manifest(run("small", overrides=["record=summary"]))["units"] == {"computed": 0, "reused": 2}
    assert [*_files(results, "mice-000000")] == ["units/mice-000000.parquet"]


# Reading runs nothing


def hostile(folder, monkeypatch):
    """Configs whose own file, module and experiment leave the mark."""
    for name in ("mine", "evil_module"):
        Path(f"{name}.py").write_text(payload(folder) + AGENT, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder / "work"))
    monkeypatch.delitem(sys.modules, "evil_module", raising=False)
    Path("configs/mine.py").write_text(payload(folder) + AGENT, encoding="utf-8")
    own = STUDY.replace("study: small", "study: foreign\nown: [mine.py]").replace("{n: 2}", "{n: 2, agent: Stranger}")
    Path("configs/foreign.yaml").write_text(own, encoding="utf-8")
    Path("experiments/foreign.py").write_text(payload(folder) + EXPERIMENT, encoding="utf-8")
    env = STUDY.replace("study: small", "study: world").replace("task: ShuttleBox", "env: 'evil_module:Lake-v0'")
    Path("configs/world.yaml").write_text(env.replace("{max_shock_s: 5}", "{}"), encoding="utf-8")


def test_list_and_describe_run_nothing(folder, habenula, monkeypatch):
    hostile(folder, monkeypatch)
    listed = habenula("list")
    lines = {line.split()[0]: line for line in listed.out.splitlines() if line.startswith("  ")}
    assert lines["foreign"].endswith("two mice in a box (runs code of configs/mine.py)")
    assert lines["world"].endswith("two mice in a box (runs code of module evil_module)")
    assert lines["small"].endswith("two mice in a box")
    said = habenula("describe", "foreign").out
    assert "When it is run, it runs code of: experiments/foreign.py, configs/mine.py" in said
    assert "Stranger (agent of mine.py, which is read here and not run): An agent that nobody has seen." in said
    assert "runs code of: module evil_module" in habenula("describe", "world").out
    assert not ran(folder)


def test_what_cannot_be_known_without_running_is_said(folder, habenula, monkeypatch):
    hostile(folder, monkeypatch)
    Path("configs/mine.py").write_text(payload(folder) + "exec('class Stranger: pass')", encoding="utf-8")
    assert "Stranger (agent): cannot be known without running code" in habenula("describe", "foreign").out
    Path("configs/mine.py").write_text("def (", encoding="utf-8")
    Path("experiments/foreign.py").write_text("QUESTION = ", encoding="utf-8")
    assert habenula("describe", "foreign").code == 0
    assert not ran(folder)


def test_a_description_cannot_command_the_terminal(habenula):
    Path("configs/small.yaml").write_text(
        STUDY.replace("two mice", '"\\e[2Jtwo').replace("a box", 'a box"'), encoding="utf-8"
    )
    for words in (("list",), ("describe", "small"), ("run", "small")):
        done = habenula(*words)
        assert "\x1b" not in done.out + done.err
        assert "a character that text cannot hold: '\\x1b'" in done.out + done.err


def test_what_stands_in_the_folder_is_no_module_of_the_command(folder):
    """`python -m` puts the folder before all others; the command itself does not."""
    Path("typer.py").write_text(payload(folder), encoding="utf-8")
    Path("numpy.py").write_text(payload(folder), encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "habenula_rl", "list"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "two mice in a box" in done.stdout, done.stderr
    assert not ran(folder)


# Running says whose code it runs


def test_a_run_says_once_whose_code_it_runs(folder, habenula, monkeypatch):
    hostile(folder, monkeypatch)
    done = habenula("run", "foreign", "--no-figure")
    assert done.code == 0
    line = "runs code of: experiments/foreign.py, configs/mine.py"
    assert done.err.splitlines()[0] == line and done.err.count("runs code of") == 1
    done = habenula("run", "world")
    assert done.err.splitlines()[0] == "runs code of: module evil_module"
    done = habenula("run", "small", "--set", "own=[../mine.py]")
    assert done.err.splitlines()[0] == "runs code of: experiments/small.py, configs/../mine.py"


def test_a_study_of_the_package_runs_nobodys_code(habenula):
    done = habenula("run", "burst_mechanism", "--set", "nosuch=1")
    assert "runs code" not in done.err


def test_figure_says_whose_code_it_runs(folder, habenula):
    results = run("small", figure=False)
    done = habenula("figure", results)
    assert (done.code, done.err) == (0, "runs code of: experiments/small.py\n")


@pytest.mark.parametrize("page", ["README.md", "docs/reference/configs.md"])
def test_the_pages_say_that_a_config_is_code(page):
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    assert "To run a config from a stranger is to run their code" in text


# git


GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]


def git(*words):
    return subprocess.run([*GIT, *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(folder):
    """A repository with one commit, and the path of a program that leaves the mark."""
    program = folder / "trap.sh"
    program.write_text(f"#!/bin/sh\ntouch '{folder / 'RAN'}'\ncat\n", encoding="utf-8")
    program.chmod(0o755)
    git("init", "-q")
    Path("data.txt").write_text("one\n", encoding="utf-8")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    return program


TRAPS = {
    "monitor": [("core.fsmonitor", "{trap}")],
    "clean filter": [("filter.x.clean", "{trap}"), ("filter.x.required", "true")],
    "smudge filter": [("filter.x.smudge", "{trap}")],
    "filter process": [("filter.x.process", "{trap}")],
    "filter with a sign in its name": [("filter.x=y.clean", "{trap}")],
    "text conversion": [("diff.x.textconv", "{trap}"), ("diff.external", "{trap}")],
    "hooks": [("core.hooksPath", "{hooks}")],
    "alias": [("alias.status", "!{trap}"), ("alias.rev-parse", "!{trap}"), ("alias.config", "!{trap}")],
    "pager": [("core.pager", "{trap}"), ("pager.status", "{trap}"), ("pager.rev-parse", "{trap}")],
    "partial clone": [
        ("extensions.partialClone", "far"),
        ("remote.far.url", "ssh://host/x"),
        ("remote.far.promisor", "true"),
        ("core.sshCommand", "{trap}"),
        ("core.repositoryFormatVersion", "1"),
    ],
}


@pytest.mark.parametrize("settings", TRAPS.values(), ids=TRAPS)
def test_a_repository_runs_nothing(folder, repository, settings):
    hooks = folder / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "fsmonitor-watchman", "reference-transaction"):
        (hooks / hook).symlink_to(repository)
    for name, value in settings:
        git("config", name, value.format(trap=repository, hooks=hooks))
    Path(".git/info/attributes").write_text("* filter=x diff=x\n*.txt filter=x=y\n", encoding="utf-8")
    Path(".gitattributes").write_text("* filter=x diff=x\n", encoding="utf-8")
    (folder / "RAN").unlink(missing_ok=True)
    os.utime("data.txt", ns=(1, 1))  # so that git reads it again
    found = provenance.origin()["git"]
    assert not ran(folder)
    assert found["changed"] is True and len(found["commit"]) == 40


def test_the_traps_are_traps(folder, repository):
    """git itself, asked as it was before, steps into two of them: the tests above are of something."""
    for name, value in (("core.fsmonitor", str(repository)), ("filter.x.clean", str(repository))):
        git("config", name, value)
        Path(".git/info/attributes").write_text("* filter=x\n", encoding="utf-8")
        Path("data.txt").write_text("two\n", encoding="utf-8")
        subprocess.run(["git", "status", "--porcelain"], capture_output=True, check=False)
        assert ran(folder), name
        (folder / "RAN").unlink()
        git("config", "--unset", name)


def test_the_state_of_a_repository_is_that_of_git_status(folder, repository):
    def said():
        found = provenance.origin()["git"]
        assert found["commit"] == git("rev-parse", "HEAD")
        assert found["changed"] == bool(git("status", "--porcelain"))
        return found["changed"]

    assert said() is False
    os.utime("data.txt", ns=(1, 1))
    assert said() is False  # read again, and the same
    Path("data.txt").write_text("two\n", encoding="utf-8")
    assert said() is True
    git("add", ".")
    assert said() is True
    git("commit", "-q", "-m", "second")
    assert said() is False
    Path("new").write_text("", encoding="utf-8")
    assert said() is True
    Path(".git/info/exclude").write_text("new\n", encoding="utf-8")
    assert said() is False
    git("config", "core.fileMode", "false")
    Path("data.txt").chmod(0o755)
    assert said() is False
    git("worktree", "add", "-q", str(folder / "second"))
    os.chdir(folder / "second")
    assert said() is False
    os.chdir(folder / "work/configs")
    assert said() is False
    Path("../data.txt").unlink()
    assert said() is True


def test_what_git_cannot_say_is_not_said(repository):
    Path(".git/index").write_bytes(b"no index")
    assert provenance.origin()["git"]["changed"] is None
    Path(".git/HEAD").write_text("nonsense", encoding="utf-8")
    assert provenance.origin()["git"] is None


# Code that ends the program


ENDS = {
    "sys.exit()": "import sys; sys.exit()",
    "sys.exit(0)": "import sys; sys.exit(0)",
    "exit": "exit(3)",
    "raise SystemExit": "raise SystemExit('bye')",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "one of its own": "raise type('Quit', (BaseException,), {})('now')",
    "GeneratorExit": "raise GeneratorExit",
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_an_experiment_that_ends_the_program_fails_like_any_other(habenula, end):
    text = EXPERIMENT.replace("    return trials", f"    {end}\n    return trials")
    Path("experiments/small.py").write_text(text, encoding="utf-8")
    done = habenula("run", "small")
    assert done.code == 2
    assert "habenula: experiments/small.py:2 ends the program, with " in done.err
    (manifest,) = Path("results").rglob("manifest.json")
    assert "summary.csv" not in load_manifest(manifest.parent)["tables"]
    assert len(load_subjects(manifest.parent)) == 5
    assert habenula("figure", manifest.parent).code == 2
    Path("experiments/small.py").write_text(f"{end}\n", encoding="utf-8")
    assert "small.py:1 ends the program" in habenula("run", "small").err
    if end != ENDS["KeyboardInterrupt"]:  # which in Python may be the user's own Ctrl-C
        with pytest.raises(ExperimentError, match=r"small\.py:1 ends the program"):
            run("small")
    assert "two mice in a box" in habenula("list").out


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_own_code_that_ends_the_program_is_a_mistake_of_the_config(habenula, end):
    Path("configs/mine.py").write_text(f"\n{end}\n", encoding="utf-8")
    Path("configs/small.yaml").write_text(STUDY.replace("seed: 3", "seed: 3\nown: [mine.py]"), encoding="utf-8")
    done = habenula("run", "small")
    assert done.code == 2
    assert "habenula: configs/small.yaml:4:7: configs/mine.py:2 ends the program, with " in done.err
    assert "two mice in a box" in habenula("list").out


LAKE = """
import gymnasium, sys

class Lake(gymnasium.Env):
    observation_space, action_space = gymnasium.spaces.Discrete(2), gymnasium.spaces.Discrete(2)
    def __init__(self):
        {made}
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        {reset}
        return 0, {{}}
    def step(self, action):
        {step}
        return 1, 1.0, True, False, {{}}

{module}
gymnasium.register("Lake-v0", entry_point=Lake, max_episode_steps=5)
"""


@pytest.mark.parametrize("where", ["module", "made", "reset", "step"])
def test_an_environment_that_ends_the_program_is_a_mistake(folder, habenula, monkeypatch, where):
    import gymnasium

    parts = dict.fromkeys(("module", "made", "reset", "step"), "pass") | {where: "sys.exit()"}
    Path("hostile_lake.py").write_text(LAKE.format(**parts), encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder / "work"))
    monkeypatch.delitem(sys.modules, "hostile_lake", raising=False)
    monkeypatch.delitem(gymnasium.registry, "Lake-v0", raising=False)
    text = STUDY.replace("task: ShuttleBox, parameters: {max_shock_s: 5}", "env: 'hostile_lake:Lake-v0'")
    Path("configs/small.yaml").write_text(text, encoding="utf-8")
    done = habenula("run", "small", "--workers", "2")
    assert done.code == 2
    assert "hostile_lake.py:" in done.err and "ends the program, with SystemExit()" in done.err
    gymnasium.registry.pop("Lake-v0", None)


def test_code_anywhere_else_that_ends_the_program_is_a_mistake(habenula, monkeypatch):
    def ends(*args, **kwargs):
        sys.exit(0)

    monkeypatch.setattr("habenula_rl.config.plan.plan_of", ends)
    with pytest.raises(EndsError, match=r"test_hostile\.py:\d+ ends the program, with SystemExit\(0\)"):
        run("small")
    monkeypatch.setattr("habenula_rl.config.study.known_studies", ends)
    assert habenula("list").code == 2


def test_a_reader_who_goes_away_is_no_mistake():
    """As `habenula describe ShuttleBox | head -1` is: the command ends, and blames nobody."""
    command = [sys.executable, "-m", "habenula_rl", "describe", "HabenulaAgent"]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")


def test_ctrl_c_still_stops(monkeypatch):
    def stopped(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("habenula_rl.config.plan.plan_of", stopped)
    with pytest.raises(KeyboardInterrupt):
        run("small")


# A name that the package has too


def test_which_file_runs_under_a_name_of_the_package_is_said(habenula):
    shadow = STUDY.replace("study: small", "study: pessimism")
    Path("configs/pessimism.yaml").write_text(shadow, encoding="utf-8")
    said = "configs/pessimism.yaml, in place of the package's own configs/pessimism.yaml"
    assert f"pessimism is {said}" in habenula("run", "pessimism").err.splitlines()
    line = next(line for line in habenula("list").out.splitlines() if line.startswith("  pessimism"))
    assert line.endswith(f"two mice in a box ({said})")
    assert f"Config: {said}" in habenula("describe", "pessimism").out
    done = habenula("check", "pessimism", "--subjects", "8")
    assert done.err.splitlines()[0] == (
        "pessimism: these are the numbers of the package's own study; configs/pessimism.yaml is not run"
    )
    lines = []
    run("pessimism", progress=lambda done, total, line: lines.append(line), summary=False)
    assert lines[0] == f"pessimism is {said}"


def test_whose_experiment_runs_is_said(habenula):
    Path("experiments/wu2021.py").write_text(EXPERIMENT, encoding="utf-8")
    said = "experiments/wu2021.py (in place of the package's own experiments/wu2021.py)"
    done = habenula("run", "wu2021", "--subjects", "2", "--no-figure")
    assert done.err.splitlines()[0] == f"runs code of: {said}"
    assert said in habenula("describe", "wu2021").out


def test_a_file_beside_the_package_is_nobodys_shadow(habenula, monkeypatch):
    """In the repository itself ./configs is the package's own."""
    monkeypatch.chdir(Path(__file__).parents[2])
    assert "in place of" not in habenula("list").out
    assert "in place of" not in habenula("describe", "wu2021").out
