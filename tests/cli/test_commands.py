"""The command line: quick help, plain errors, what it prints."""

import json
import math
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from habenula_rl.cli import commands as cli
from habenula_rl.config.schema import schema_text

HEAVY = ("numba", "pandas", "matplotlib", "gymnasium", "seaborn", "pyarrow", "scipy")
STUDY = """\
study: small
description: two mice in a box
seed: 3
groups:
  mice: {n: 2}
phases:
  - {name: box, task: ShuttleBox, parameters: {max_shock_s: 5}, trials: 4}
"""
EXPERIMENT = """\
def summarise(trials):
    import pandas as pd
    rows = [["group", 0.25, 0.125, 0.375, 2.0], ["subject", 0.5, None, None, 1]]
    table = pd.DataFrame(rows, columns=["level", "value", "low", "high", "n"])
    return table.assign(group="mice", phase="box", measure="failures")

def figure(table):
    from matplotlib.figure import Figure
    return Figure(figsize=(1, 1))
"""


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def small():
    Path("configs").mkdir()
    Path("experiments").mkdir()
    Path("configs/small.yaml").write_text(STUDY, encoding="utf-8")
    Path("experiments/small.py").write_text(EXPERIMENT, encoding="utf-8")


@pytest.fixture
def habenula(monkeypatch, capsys):
    """A function that runs the command with these words: exit code, output, errors."""

    def called(*words):
        monkeypatch.setattr(sys, "argv", ["habenula", *words])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return SimpleNamespace(code=code, out=out, err=err)

    return called


@pytest.mark.parametrize("words", [("--help",), ("run", "--help"), ("--version",)])
def test_help_imports_nothing_heavy(words):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "habenula_rl", *words], capture_output=True, text=True, check=True
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "typer" in imported
    assert imported.isdisjoint(HEAVY)


def test_help_names_every_command(habenula):
    help_text = habenula("--help").out
    for word in (
        "run",
        "figure",
        "report",
        "explore",
        "fit",
        "recover",
        "list",
        "describe",
        "new",
        "merge",
        "schema",
        "check",
        "cache",
        "--version",
    ):
        assert f"  {word} " in help_text
    assert "..." not in help_text.partition("Commands:")[2]  # no description is cut short


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("habenula run wu", ["wu2021"]), ("habenula re", ["report", "recover"]), ("habenula run o", ["own"])],
)
def test_the_tab_key_offers_commands_and_studies(typed, offered, tmp_path):
    """Those of ./configs too; as bash asks for them, and without loading anything heavy."""
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs/own.yaml").write_text("")
    asked = {"_HABENULA_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    command = [sys.executable, "-X", "importtime", "-c", "from habenula_rl.cli.commands import main; main()"]
    done = subprocess.run(command, cwd=tmp_path, env=os.environ | asked, capture_output=True, text=True, check=True)
    assert done.stdout.split() == offered
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert imported.isdisjoint(HEAVY)


@pytest.mark.parametrize(
    ("words", "near"),
    [(("rum",), "'run'"), (("run", "x", "--sed", "1"), "--seed"), (("--verson",), "--version"), (("run",), "STUDY")],
)
def test_wrong_words_end_with_2_and_the_nearest(habenula, words, near):
    done = habenula(*words)
    assert done.code == 2
    assert near in done.err


def test_version(habenula):
    import habenula_rl

    assert habenula("--version").out == f"habenula_rl {habenula_rl.__version__}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "smal"), "did you mean 'small'"),
        (("run", "small", "--set", "groups.nosuch.n=3"), "nosuch"),
        (("run", "small", "--workers", "0"), "workers must be a whole number of at least 1, not 0"),
        (("run", "small", "--subjects", "-1"), "subjects must be a whole number of at least 1, not -1"),
        (("run", "small", "--seed", "-1"), "seed"),
        (("run", "small", "--seed", "one"), "--seed"),
        (("figure", "nowhere"), "nowhere holds no finished run"),
        (("new", "../x"), "a study's name must be"),
        (("new", "small"), "configs/small.yaml is there already"),
    ],
)
def test_wrong_input_ends_with_2(habenula, small, words, message):
    done = habenula(*words)
    assert done.code == 2
    assert message in done.err


COUNTS = [
    "run small --workers",
    "run small --processes --workers",
    "run small --subjects",
    "run small --shard",
    "run small --set groups.mice.n=",
    "run small --set phases.0.trials=",
    "run small --set unit_seconds=",
    "merge small --subjects",
    "check wu2021 --subjects",
    "check wu2021 --seeds",
    "rivals wu2021 --subjects",
    "ablations wu2021 --subjects",
    "falsifiers --subjects",
    "stability wu2021 --subjects",
    "stability wu2021 --seeds",
    "stability wu2021 --sets",
    "explore --no-browser --port",
    "fit no.yaml --workers",
    "recover no.yaml --workers",
]


@pytest.mark.parametrize("words", COUNTS)
def test_a_count_that_cannot_be_meant_is_refused_at_once(habenula, small, words):
    *before, last = words.split()
    for count in ("-1", "nan", "inf", "1.5.5", "100000000000000", "9" * 30):
        start = time.process_time()
        done = habenula(*before, *([last + count] if last.endswith("=") else [last, count]))
        assert done.code == 2, count
        assert 1 <= len(done.err.splitlines()) <= 12 and "Traceback" not in done.err
        assert time.process_time() - start < 5.0, count  # imports
    assert not Path("results").exists()


def test_every_mistake_of_a_config_is_told(habenula, small):
    wrong = STUDY.replace("description", "descripton").replace("ShuttleBox", "ShutleBox").replace("trials", "trails")
    Path("configs/small.yaml").write_text(wrong, encoding="utf-8")
    done = habenula("run", "small")
    assert done.code == 2
    for near in ("'description'", "'ShuttleBox'", "'trials'"):
        assert f"did you mean {near}" in done.err


def test_a_failing_disk_ends_with_1(habenula, small):
    Path("file").write_text("here", encoding="utf-8")
    done = habenula("run", "small", "--out", "file")
    assert done.code == 1
    assert "cannot write" in done.err
    assert "Not a directory" in done.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_ends_with_1(habenula, small):
    Path("closed").mkdir(mode=0o500)
    done = habenula("run", "small", "--out", "closed")
    assert done.code == 1
    assert "Permission denied" in done.err


def test_run_prints_summary_figure_and_folder(habenula, small):
    done = habenula("run", "small", "--out", "a folder")
    assert done.code == 0
    (manifest,) = Path("a folder").rglob("manifest.json")
    line = next(line for line in done.out.splitlines() if "failures" in line)
    assert line.split() == ["mice", "box", "failures", "0.25", "[0.125,", "0.375]", "2"]
    assert done.out.count("failures") == 1  # the group's line, not the subjects'
    assert f"figure  {manifest.parent / 'figures/small.png'}" in done.out
    assert f"folder  {manifest.parent}" in done.out
    assert done.err.splitlines() == [
        "runs code of: experiments/small.py",
        "small: 0 of 2 subjects",
        "small: 2 of 2 subjects",
    ]


def test_run_says_how_many_failed(habenula, small):
    assert "failed" not in habenula("run", "small").out
    (folder,) = Path("results/small").iterdir()
    manifest = json.loads((folder / "manifest.json").read_text()) | {"stopped": 2}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    done = habenula("figure", str(folder))
    assert "failed  2 of 2 rows of subjects.parquet: see failed_reason\n" in done.out


def test_run_passes_every_option_on(habenula, small):
    done = habenula(
        "run", "small", "--subjects", "3", "--seed", "9", "--workers", "1", "--no-figure", "--set", "record=[rpe]"
    )
    assert done.code == 0
    (path,) = Path("results").rglob("manifest.json")
    config = json.loads(path.read_text())["config"]
    assert (config["seed"], config["groups"]["mice"]["n"], config["record"]) == (9, 3, ["rpe"])
    assert "figure  " not in done.out


def test_figure_draws_again(habenula, small):
    habenula("run", "small")
    (folder,) = Path("results/small").iterdir()
    (folder / "figures/small.png").unlink()
    done = habenula("figure", str(folder))
    assert done.code == 0
    assert (folder / "figures/small.png").exists()
    Path("experiments/small.py").unlink()
    assert habenula("figure", str(folder)).code == 0  # the standard one


def test_an_experiment_that_finds_nothing_ends_with_2_and_says_what_there_was(habenula, small):
    text = "def summarise(trials):\n    return trials[trials['phase'] == 'tst']\nfigure = summarise\n"
    Path("experiments/small.py").write_text(text, encoding="utf-8")
    done = habenula("run", "small")
    assert done.code == 2
    assert "summarise found nothing; it looks for 'tst', no phase or group of this study: the trials have" in done.err
    assert "the tables are kept in" in done.err


def test_a_failing_experiment_ends_with_2(habenula, small):
    Path("experiments/small.py").write_text("1 / 0", encoding="utf-8")
    done = habenula("run", "small")
    assert done.code == 2
    assert "experiments/small.py:1: ZeroDivisionError" in done.err


def test_what_was_not_recorded_is_not_blamed_on_the_experiment(habenula):
    done = habenula("run", "wu2021", "--subjects", "2", "--set", "record=[rpe]")
    assert done.code == 2
    assert (
        "reads hyperactivity, tonic_dopamine, which the study does not record; run it with record: trials" in done.err
    )
    assert "ValueError" not in done.err


def test_only_what_the_run_made_is_shown(habenula, small):
    folder = Path(habenula("run", "small").out.splitlines()[-1].split()[-1])
    (folder / "figures/old.png").write_bytes(b"")
    assert "old.png" not in habenula("run", "small").out
    shown = habenula("run", "small", "--no-figure").out
    assert "failures" in shown
    assert "figure  " not in shown


def test_old_verdicts_go_where_none_can_be_given(habenula):
    habenula("run", "pessimism", "--no-figure", "--subjects", "8")
    (verdicts,) = Path("results").rglob("verdicts.json")
    Path("experiments").mkdir()
    Path("experiments/pessimism.py").write_text(EXPERIMENT, encoding="utf-8")  # which claims nothing
    habenula("run", "pessimism", "--no-figure", "--subjects", "8")
    assert not verdicts.exists()
    assert json.loads((verdicts.parent / "manifest.json").read_text(encoding="utf-8"))["verdicts"] == []


def test_too_little_memory_is_told(habenula, small, monkeypatch):
    def full(*args, **kwargs):
        raise MemoryError("Unable to allocate 58 TiB")

    monkeypatch.setattr("habenula_rl.experiment.run.run", full)
    done = habenula("run", "small")
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("habenula: not enough memory; try fewer subjects")


def test_stopping_promises_what_is_true(habenula, small, findings, monkeypatch):
    def stopped(*args, **kwargs):
        raise cli.Stopped(2)

    monkeypatch.setattr("habenula_rl.experiment.run.run", stopped)
    done = habenula("run", "small", "--seed", "4")
    assert done.code == 130
    assert done.err.endswith("kept; this goes on from there:\n  habenula run small --seed 4\n")
    monkeypatch.setattr("habenula_rl.findings.check", stopped)
    done = habenula("check")
    assert (done.code, done.err) == (130, "Stopped.\n")


def test_list_tells_what_there_is(habenula, small):
    done = habenula("list")
    assert done.code == 0
    for text in ("small", "two mice in a box", "wu2021", "HabenulaAgent", "ShuttleBox", "ketamine"):
        assert text in done.out
    Path("configs/small.yaml").write_text("study: [", encoding="utf-8")
    assert "cannot be read" in habenula("list").out


def test_new_studies_run(habenula):
    done = habenula("new", "mine")
    assert done.out.splitlines() == [
        "wrote configs/mine.yaml",
        "wrote experiments/mine.py",
        "wrote configs/study.schema.json",
        "next: habenula run mine",
    ]
    assert habenula("run", "mine", "--subjects", "3").code == 0
    assert habenula("new", "mine").code == 2


def test_new_studies_name_their_schema_and_leave_one_that_is_there(habenula):
    habenula("new", "mine")
    first = Path("configs/mine.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=study.schema.json"
    assert Path("configs/study.schema.json").read_text(encoding="utf-8") == habenula("schema").out
    Path("configs/study.schema.json").write_text("{}", encoding="utf-8")
    assert "schema" not in habenula("new", "other").out
    assert Path("configs/study.schema.json").read_text(encoding="utf-8") == "{}"


@pytest.mark.parametrize("name", ["2021", "true", "null", "1e5", "no.2", "-"])
def test_new_studies_may_have_any_name_that_a_config_may(habenula, name):
    from habenula_rl.config.study import load_study

    assert habenula("new", "--", name).code == 0
    assert load_study(name).study == name


def test_schema_is_the_file(habenula):
    printed = habenula("schema").out
    assert printed == schema_text()
    assert set(json.loads(printed)["properties"]) >= {"study", "seed", "groups", "phases", "record"}


VERDICT = SimpleNamespace(
    id="wu2021",
    claim="stress makes mice fail",
    statistic="η²",
    value=0.8,
    low=0.7,
    high=0.9,
    expected="0.6 to 0.95",
    verdict="pass",
    passed=True,
    margin=0.1,
    times_n=math.nan,
    n=8,
    seed=1,
    source="Wu 2021",
    ensemble=None,
    seeds=None,
    origin="target",
    power=0.9,
    group_size=8,
)


@pytest.fixture
def findings(monkeypatch):
    """Findings with one claim that holds, one that does not, and one of which nobody knows."""
    asked = []
    fails = SimpleNamespace(**vars(VERDICT) | {"id": "pessimism", "verdict": "fail", "margin": -0.2})
    open = SimpleNamespace(**vars(VERDICT) | {"id": "cui2018", "verdict": "undecided", "margin": 0.02, "times_n": 3.4})

    def check(ids, n_subjects, seed, progress, **_):
        asked.append((ids, n_subjects, seed))
        progress(1, 2, "")
        if ids and set(ids) - {"wu2021", "pessimism", "cui2018"}:
            raise ValueError("there is no claim 'wu201', did you mean 'wu2021'?")
        return [verdict for verdict in (VERDICT, fails, open) if not ids or verdict.id in ids]

    monkeypatch.setattr("habenula_rl.findings.check", check)
    return asked


def test_check_prints_verdicts_and_fails_with_them(habenula, findings):
    good = habenula("check", "wu2021", "--subjects", "20", "--seed", "4")
    assert good.code == 0
    line = next(line for line in good.out.splitlines() if "wu2021" in line)
    assert "η² = 0.8 [0.7, 0.9]" in line
    assert line.split()[-8:] == ["+0.1", "0.90", "at", "n", "=", "8", "target", "pass"]
    assert good.out.splitlines()[-1] == "1 of 1 rows pass, 0 fail, 0 undecided; 0 of 0 predictions pass"
    bad = habenula("check")
    assert bad.code == 1
    assert next(line for line in bad.out.splitlines() if "pessimism" in line).split()[-1] == "FAIL"
    assert bad.out.splitlines()[-1] == "1 of 3 rows pass, 1 fail, 1 undecided; 0 of 0 predictions pass"
    assert findings == [(["wu2021"], 20, 4), (None, None, None)]


def test_an_undecided_claim_says_how_many_subjects_would_decide_and_fails_nothing(habenula, findings):
    done = habenula("check", "cui2018")
    assert done.code == 0
    line = next(line for line in done.out.splitlines() if "cui2018" in line)
    assert line.split()[-10:-7] == ["+0.02,", "×3.4", "n"] and line.split()[-1] == "undecided"
    assert done.out.splitlines()[-1] == "0 of 1 rows pass, 0 fail, 1 undecided; 0 of 0 predictions pass"


def test_check_writes_verdicts_as_a_table(habenula, findings, tmp_path):
    assert habenula("check", "wu2021", "--out", "verdicts.md").code == 0
    head, rule, row = Path("verdicts.md").read_text(encoding="utf-8").splitlines()
    assert head == "| id | claim | statistic [95 %] | expected | margin | power | origin | verdict |"
    assert rule == "| --- | --- | --- | --- | --- | --- | --- | --- |"
    cells = (
        "wu2021",
        "stress makes mice fail",
        "η² = 0.8 [0.7, 0.9]",
        "0.6 to 0.95",
        "+0.1",
        "0.90 at n = 8",
        "target",
    )
    assert row == f"| {' | '.join(cells)} | pass |"


def test_a_page_with_marks_keeps_its_words(habenula, findings, tmp_path):
    Path("page.md").write_text("# Words\n\n<!-- verdicts -->\nold\n<!-- end -->\n\nmore\n", encoding="utf-8")
    habenula("check", "wu2021", "--out", "page.md")
    lines = Path("page.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# Words" and lines[-1] == "more" and "old" not in lines
    assert lines[2] == "<!-- verdicts -->" and lines[3].startswith("| id | claim |") and lines[6] == "<!-- end -->"


def test_check_of_an_unknown_claim_ends_with_2(habenula, findings):
    done = habenula("check", "wu201")
    assert done.code == 2
    assert "did you mean 'wu2021'" in done.err


def test_a_run_of_a_claimed_study_is_judged(habenula):
    done = habenula("run", "pessimism", "--no-figure")
    folder = Path(next(Path("results/pessimism").iterdir()))
    verdicts = json.loads((folder / "verdicts.json").read_text(encoding="utf-8"))
    assert {v["id"] for v in verdicts} == {"pessimism/helpless", "pessimism/healthy", "pessimism/difference"}
    found = [v["verdict"] for v in verdicts]
    counts = ", ".join(f"{found.count(name)} {name}" for name in ("pass", "fail"))
    assert f"claims  {counts} of 3 criteria with these subjects\n" in done.out
    assert (folder / "report.html").is_file()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert [(v["id"], v["margin"]) for v in manifest["verdicts"]] == [(v["id"], v["margin"]) for v in verdicts]
    assert "verdicts.json" in manifest["tables"] and manifest["not_judged"] == ""
    assert all(v["id"] in done.out for v in verdicts)  # printed, each with its margin
    before = (folder / "verdicts.json").read_bytes()
    habenula("figure", str(folder))
    assert (folder / "verdicts.json").read_bytes() == before


def test_what_a_study_reads_and_a_run_does_not_record_is_said(habenula):
    done = habenula("run", "pessimism", "--no-figure", "--set", "record=[rpe]")
    assert done.code == 2
    assert "pessimism.py reads value, which the study does not record" in done.err


def test_too_few_subjects_are_not_judged(habenula):
    done = habenula("run", "pessimism", "--no-figure", "--subjects", "3")
    assert done.code == 0
    assert "claims" not in done.out


def test_what_few_subjects_cannot_decide_is_no_failure(habenula):
    """Eight mice: the criteria that 1,000 decide are counted apart, and the sentences of the story stand at the end."""
    done = habenula("run", "wu2021", "--no-figure")
    found = re.search(r"(\d) of 9 criteria can be decided with so few subjects: (\d) pass, (\d) fail; ", done.out)
    decided, passed, failed = map(int, found.groups())
    assert decided == passed + failed < 9
    assert "habenula check wu2021 takes 1,000 subjects a group" in done.out
    assert "epsilon" not in done.out
    story = done.out.partition("8 subjects in 1 group, through baseline, induction, helpless, ketamine.\n")[2]
    assert [line[:10] for line in story.splitlines()[:3]] == ["- Failures", "- Dopamine", "- Size of "]


def test_report_writes_a_finished_runs_page_again(habenula, small):
    habenula("run", "small")
    (folder,) = Path("results/small").iterdir()
    path = folder / "report.html"
    first = path.read_bytes()
    path.unlink()
    assert habenula("report", str(folder)).out == f"report  {path}\n"
    assert path.read_bytes() == first


@pytest.mark.parametrize("command", ["check", "rivals", "ablations", "falsifiers", "stability"])
@pytest.mark.parametrize(("out", "said"), [("", "must be a file"), (".", "must be a file"), ("x/y.md", "its folder")])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_computed(
    command, out, said, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_text("a file, where a folder should be")
    monkeypatch.setattr(sys, "argv", ["habenula", command, "--out", out])
    monkeypatch.setattr("habenula_rl.findings.checking.check", lambda *_, **__: pytest.fail("computed"))
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("option", [("ablations", "--terms", "bursts,,"), ("rivals", "--agents", "")])
def test_an_empty_name_among_names_is_refused(option, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["habenula", *option])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    assert f"{option[1]} must be names with commas between" in capsys.readouterr().err
