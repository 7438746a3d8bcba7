"""The documentation as a site: `make docs` builds it, from pages and docstrings, without a warning."""

import importlib.util
import inspect
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import habenula_rl as hrl
from habenula_rl.cli import pages
from habenula_rl.tasks import Bandit

ROOT = Path(__file__).parents[1]
PYTHON_PAGE = ROOT / "docs/reference/python.md"
docstrings = runpy.run_path(str(ROOT / "docs/docstrings.py"))
restructured, escaped, parameters = docstrings["restructured"], docstrings["escaped"], docstrings["parameters"]


def on_the_python_page():
    """The full names that the page lists."""
    lines = PYTHON_PAGE.read_text(encoding="utf-8").splitlines()
    return [line.strip().removeprefix("~") for line in lines if line.startswith("   ~")]


def needs(package):
    if not importlib.util.find_spec(package):
        pytest.skip(f"{package} is not installed: `make docs` installs it")


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_leads_from_page_to_page(tmp_path):
    needs("sphinx")
    needs("myst_nb")
    shutil.rmtree(ROOT / "docs/reference/generated", ignore_errors=True)  # may hold a name that is gone
    command = [sys.executable, "-m", "sphinx", "-q", "-E", "-W", "--keep-going", "-c", "docs", ".", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr  # -W: a warning is an error; kernels of the tutorials speak there too
    assert 'url=docs/index.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")
    notebook = (tmp_path / "docs/tutorial/test_an_assumption.html").read_text(encoding="utf-8")
    assert "stress leaves no trace</th>" in notebook  # a row of a table that a cell has made
    first = (tmp_path / "docs/index.html").read_text(encoding="utf-8")
    assert 'href="explanation/model.html#what-would-make-the-model-wrong"' in first
    assert 'href="../README.html#two-commands"' in first
    agent = (tmp_path / "docs/reference/generated/habenula_rl.agents.HabenulaAgent.html").read_text(encoding="utf-8")
    assert "hyperactivity: 0 healthy, 1 congenitally helpless" in agent
    assert 'href="../../explanation/model.html"' in agent


def test_every_public_class_and_function_is_on_the_python_page_once():
    listed = on_the_python_page()
    assert len({*listed}) == len(listed)
    public = {name: getattr(hrl, name) for name in hrl.__all__}
    parts = [value for value in public.values() if inspect.ismodule(value)]
    shown = {name.rpartition(".")[2] for name in listed}
    for where in (public, *({n: getattr(part, n) for n in getattr(part, "__all__", ())} for part in parts)):
        assert {n for n, value in where.items() if inspect.isclass(value) or inspect.isfunction(value)} <= shown
    own = {name for name, kind in hrl.agents.AGENTS.items() if kind.__module__.startswith("habenula_rl.")}
    assert {f"habenula_rl.agents.{name}" for name in own} <= {*listed}  # other tests register agents of theirs


def test_a_part_lists_what_is_defined_there_and_the_package_what_no_part_has():
    package, agents = pages.names("habenula_rl"), pages.names("agents")
    assert "   ~habenula_rl.simulate\n" in package and "HabenulaAgent" not in package
    assert "   ~habenula_rl.agents.HabenulaAgent\n" in agents and "Agent\n" not in agents.replace("HabenulaAgent", "")
    assert "   ~habenula_rl.analysis.readouts.immobility\n" in pages.names("readouts")
    assert "~habenula_rl.findings.Estimate" not in pages.names("findings")  # it is of statistics


def test_no_two_pages_of_names_are_one_file_where_case_does_not_count():
    renamed = runpy.run_path(str(ROOT / "docs/conf.py"))["autosummary_filename_map"]
    files = [renamed.get(name, name).lower() for name in on_the_python_page()]
    assert {f for f in files if files.count(f) > 1} == set() and {*renamed} <= {*on_the_python_page()}


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ("One line,\nand on it goes.", "One line, and on it goes.\n"),
        ("Head.\n\nδ = r - V        V += α·δ\nP = 1\n\nSo.", "Head.\n\n| δ = r - V\n| V += α·δ\n\n| P = 1\n\nSo.\n"),
        ("One that does not\n(α = 0), or so.", "One that does not (α = 0), or so.\n"),
        ("Start: here,\n    there.\nEnd: nowhere.", "**Start:** here, there.\n\n**End:** nowhere.\n"),
        ("How:\n`a` or b   first\n    and\n`c`  next", "How:\n\n``a`` or b\n    first and\n\n``c``\n    next\n"),
        ("`a`  first\nThen text.", "``a``\n    first\n\nThen text.\n"),
        ("share_ of |δ| is 2*3", "share\\_ of \\|δ\\| is 2\\*3\n"),
        ("`share_`, or (`fit`)", "``share_``\\ , or (\\ ``fit``\\ )\n"),
        ("As in docs/how-to/likelihood.md.", "As in :doc:`/docs/how-to/likelihood`.\n"),
        (">>> fit(  a)\n1", ">>> fit(  a)\n1\n"),
    ],
)  # fmt: skip
def test_a_docstring_as_restructured_text(docstring, expected):
    assert restructured(docstring) == expected


@given(st.text(st.sampled_from("ab _*|`\\·.,:()δ<>"), min_size=1))
def test_text_means_itself(text):
    needs("docutils")
    from docutils.core import publish_doctree

    text = f"a {text} b"
    shown = publish_doctree(escaped(text), settings_overrides={"report_level": 5, "smart_quotes": False})
    assert not list(shown.findall(lambda node: node.tagname in ("problematic", "system_message", "emphasis")))
    assert " ".join(shown.astext().replace("`", "").split()) == " ".join(text.replace("`", "").split())


def test_the_table_of_parameters_has_a_row_for_each():
    table = parameters(Bandit)
    assert table.count("   * - ") == 1 + len(Bandit.fields())
    assert all(f"``{name}``" in table for name in Bandit.fields())
    assert table.splitlines()[3].startswith("   * - symbol")
