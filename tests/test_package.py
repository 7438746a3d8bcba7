"""The wheel: what it brings is found outside a clone of the repository."""

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHOWS = """
import habenula_rl
from habenula_rl.config.study import find_config
from habenula_rl.experiment.study_file import find_experiment
print(habenula_rl.__file__, find_config("wu2021"), find_experiment("wu2021"), sep="\\n")
"""


def test_the_version_is_the_same_wherever_it_stands():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", log, re.MULTILINE)
    assert log.count("\n## ") == len(versions) + log.count("## [Unreleased]")
    assert versions == sorted(versions, key=lambda entry: [int(n) for n in entry[0].split(".")], reverse=True)
    assert [day for _, day in versions] == sorted((day for _, day in versions), reverse=True)
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert versions[0][0] == project and f"version: {project}\ndate-released: {versions[0][1]}\n" in cited


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The wheel's content in a folder."""
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling builds the wheel, and is not installed: pip install -e '.[dev]'")
    if not (ROOT / "pyproject.toml").is_file():
        pytest.skip("the tests are not in a clone of the repository")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.fixture
def python(unpacked, tmp_path):
    """A function that runs Python with these words in an empty folder, with the wheel's package: its output."""

    def said(*words):
        environment = os.environ | {"PYTHONPATH": str(unpacked)}
        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return said


@pytest.mark.slow
def test_the_wheel_brings_its_studies(python, unpacked):
    """Package, config and experiment come out of the wheel, not out of the clone that is installed for editing."""
    for line in python("-c", SHOWS).splitlines():
        assert Path(line).is_relative_to(unpacked)
    listed = python("-m", "habenula_rl", "list").splitlines()
    studies = {line.split()[0] for line in listed[1 : listed.index("")]}
    assert studies == {path.stem for path in (ROOT / "configs").glob("*.yaml")}
    assert not any("cannot be read" in line for line in listed)


@pytest.mark.slow
def test_a_study_of_the_wheel_runs(python):
    said = python("-m", "habenula_rl", "run", "wu2021", "--subjects", "2")
    assert "figure  results/wu2021/" in said
