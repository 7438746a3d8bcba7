"""The jobs of CI are what docs/reference/reliability.md says: they cannot be run here, but they can be read."""

import re
import tomllib
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
JOBS = YAML(typ="safe").load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]


def test_every_system_and_python_has_a_job():
    matrix = JOBS["tests"]["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    assert matrix["python-version"] == ["3.11", "3.12", "3.13", "3.14"]
    assert JOBS["tests"]["runs-on"] == "${{ matrix.os }}"


def test_what_the_jobs_run_is_there():
    steps = [step["run"] for job in JOBS.values() for step in job["steps"] if "run" in step]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert ".ci/run" in steps and (ROOT / ".ci/run").exists()
    assert "make test-lowest" in steps and "test-lowest:" in (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {name for step in steps for found in re.findall(r"\.\[(.+?)\]", step) for name in found.split(",")}
    assert named == {"dev", "s3-test"} <= {*extras}
    assert all((ROOT / path).exists() for step in steps for path in re.findall(r"tests/\S+", step))
