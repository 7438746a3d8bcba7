"""What the pages point at is there, and the index of docs/ reaches every page."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("*/README.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*?) *$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"\b(?:docs|tests|benchmarks|search|src)/[a-z0-9_/-]+\.[a-z]+\b")
MADE = re.compile(r"^```\w+\n# (\S+)$", re.MULTILINE)  # a file that a page shows whole


def links(page):
    """Each relative link of a page: (the file it leads to, the heading there or "")."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    for target in LINK.findall(text):
        if not re.match(r"[a-z]+:", target):
            name, _, heading = target.partition("#")
            yield (page.parent / name).resolve() if name else page, heading


def anchors(page):
    """The headings of a page as GitHub writes them in an address: `## Two commands` is #two-commands."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text)}


def tracked():
    """The project's files of text, as git lists them, but for the tests, which make files of their own."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a clone: git does not list the files")
    text = (".py", ".md", ".toml", ".yaml", "Makefile")
    names = [name for name in listed.stdout.split() if not name.startswith("tests/")]
    return [ROOT / name for name in names if name.endswith(text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target, heading in links(page):
        assert target.exists(), f"no {target}"
        assert not heading or heading in anchors(target), f"no heading #{heading} in {target.name}"


def test_headings_are_written_as_github_does():
    assert "a-config-from-somebody-else" in anchors(DOCS / "reference/configs.md")
    assert "two-commands" in anchors(ROOT / "README.md")


def test_the_index_reaches_every_page():
    reached = {target for target, _ in links(DOCS / "index.md")}
    assert {*DOCS.rglob("*.md")} - reached == {DOCS / "index.md"}


def test_every_image_is_shown_on_a_page():
    assert {*(DOCS / "images").iterdir()} <= {target for page in PAGES for target, _ in links(page)}


def test_files_that_code_and_pages_name_are_there():
    made = {name for page in PAGES for name in MADE.findall(page.read_text(encoding="utf-8"))}
    for path in tracked():
        for name in {*NAMED.findall(path.read_text(encoding="utf-8"))} - made:
            assert (ROOT / name).exists(), f"{path.relative_to(ROOT)} names {name}"
