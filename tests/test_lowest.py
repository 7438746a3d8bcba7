"""The lowest versions: constraints are made from pyproject.toml, and from nothing else."""

import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / ".ci/lowest"


@pytest.fixture
def lowest():
    return runpy.run_path(str(SCRIPT))["lowest"]


def project(*core, dev=("pytest>=8.3",)):
    return {"dependencies": [*core], "optional-dependencies": {"dev": [*dev]}}


def test_each_lower_bound_becomes_the_version(lowest):
    assert lowest(project("numpy>=2.0", "numba>=0.61,<0.69", "ruamel.yaml >= 0.18.6")) == [
        "numba==0.61",
        "numpy==2.0",
        "pytest==8.3",
        "ruamel.yaml==0.18.6",
    ]


@pytest.mark.parametrize("requirement", ["numpy", "numpy<3", "numpy==2.0", "numpy~=2.0"])
def test_a_dependency_without_a_lower_bound_is_named(lowest, requirement):
    with pytest.raises(SystemExit, match=re.escape(f"pyproject.toml: '{requirement}' does not begin with a lower")):
        lowest(project("pandas>=2.2", requirement))


def test_every_dependency_of_this_package_has_one():
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=True)
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.match(r"[\w.-]+", r)[0] for r in listed["dependencies"] + listed["optional-dependencies"]["dev"]}
    assert {line.partition("==")[0] for line in done.stdout.split()} == wanted
