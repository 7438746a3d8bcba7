"""The README's Python runs as it stands."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=[f"block {k}" for k in range(1, len(BLOCKS) + 1)])
def test_python_in_the_readme_runs(block, tmp_path, capsys):
    path = tmp_path / "example.py"
    path.write_text(block, encoding="utf-8")
    exec(compile(block, str(path), "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out


def test_there_are_examples():
    assert len(BLOCKS) == 2


def test_links_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "search" / "README.md"]:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
