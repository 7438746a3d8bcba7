"""The report: one page, all of the run in it, no text that a browser would obey, nothing from elsewhere."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from habenula_rl.experiment.run import run
from habenula_rl.report import page, write_report

ROOT = Path(__file__).parents[2]
EVIL = "<script>document.title='obeyed'</script><img src=http://example.org/x onerror=alert(1)>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return run(ROOT / "configs/wu2021.yaml", tmp_path_factory.mktemp("report"), subjects=8)


class Seen(HTMLParser):
    """Tags with their attributes, and the text of each heading."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.tags and self.tags[-1][0] == "h2" and data.strip():
            self.headings.append(data)


def test_everything_that_a_reader_needs_is_there(folder):
    seen = Seen(page(folder))
    assert seen.headings == [
        "Question",
        "Prediction",
        "Design",
        "What was found",
        "Figure",
        "Published findings",
        "Means",
        "Parameters",
        "How to cite",
        "How it was made",
    ]
    manifest = json.loads((folder / "manifest.json").read_text())
    for said in (
        "Does one dose of ketamine bring back the escape",
        "ShuttleBox, 30 trials",
        "ketamine (10 mg/kg",
        "Wu M, Minkow",
        manifest["config_hash"],
        manifest["tables"]["summary.csv"]["sha256"],
        manifest["story"][0],
        "nmda_power",
    ):
        assert said in seen.text
    for verdict in json.loads((folder / "verdicts.json").read_text()):
        assert verdict["statistic"] in seen.text


def test_the_picture_has_its_caption_as_alternative_text(folder):
    image = next(attributes for tag, attributes in Seen(page(folder)).tags if tag == "img")
    assert image["src"].startswith("data:image/svg+xml;base64,")
    assert image["alt"] == (folder / "figures/wu2021.txt").read_text().strip()


def test_nothing_is_asked_of_anybody_else(folder):
    seen = Seen(page(folder))
    places = [v for _, attributes in seen.tags for k, v in attributes.items() if k in ("src", "href", "data", "action")]
    assert places
    assert all(place.startswith("data:") for place in places)
    assert not {"script", "iframe", "object", "form"} & {tag for tag, _ in seen.tags}


def evil(folder: Path, to: Path) -> Path:
    """The run's folder with text that a browser would obey wherever a stranger can put one."""
    shutil.copytree(folder, to)
    manifest = json.loads((to / "manifest.json").read_text())
    manifest["config"]["description"] = EVIL
    manifest["story"] = [EVIL]
    group = manifest["config"]["groups"]["mice"]
    group["agent"], group["interventions"] = EVIL, [{EVIL: {"dose": EVIL}}]
    group["parameters"][EVIL] = EVIL
    manifest["config"]["phases"][0]["task"] = EVIL
    (to / "manifest.json").write_text(json.dumps(manifest))
    return to


def test_text_is_text(folder, tmp_path):
    written = page(evil(folder, tmp_path / "evil"))
    assert EVIL not in written
    assert written.count(html.escape(EVIL)) >= 6
    assert "onerror" not in {name for _, attributes in Seen(written).tags for name in attributes}


def test_a_damaged_table_is_no_report(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "damaged")
    with (tmp_path / "damaged/summary.csv").open("a") as file:
        file.write("x")
    with pytest.raises(OSError, match=r"summary\.csv"):
        page(tmp_path / "damaged")


def checked(folder: Path, to: Path) -> Path:
    """Verdicts as `habenula check --out` writes them, with text that a browser would obey."""
    rows = json.loads((folder / "verdicts.json").read_text())
    rows[0]["claim"] = EVIL
    rows[0]["ensemble"] = {"says": "12 of 30"}
    to.mkdir(parents=True)
    (to / "verdicts.json").write_text(json.dumps(rows))
    return to / "verdicts.json"


def fitted(folder: Path, to: Path) -> Path:
    """A folder as `habenula fit` writes it, with a figure, and text that a browser would obey."""
    to.mkdir(parents=True)
    long = "".join(f"{k},{EVIL},{k / 7}\n" for k in range(401))
    (to / "QLearning_table.csv").write_text(f"subject,parameter,estimate\n{long}")
    shutil.copy(folder / "figures/wu2021.svg", to / "QLearning.svg")
    (to / "QLearning.txt").write_text(f"A figure of {EVIL}")
    return to


def test_verdicts_have_a_page_of_their_own(folder, tmp_path):
    path = write_report(checked(folder, tmp_path / "checked"))
    assert path == tmp_path / "checked/verdicts.html"
    seen, rows = Seen(path.read_text()), json.loads((folder / "verdicts.json").read_text())
    counts = {kind: sum(row["verdict"] == kind for row in rows) for kind in ("pass", "fail", "undecided")}
    assert f"{counts['pass']} pass, {counts['fail']} fail, {counts['undecided']} undecided of {len(rows)}" in seen.text
    assert all(row["source"] in seen.text and row["statistic"] in seen.text for row in rows)
    assert "12 of 30" in seen.text and EVIL in seen.text and EVIL not in path.read_text()


def test_fits_have_a_page_of_what_is_in_their_folder(folder, tmp_path):
    path = write_report(fitted(folder, tmp_path / "people"))
    assert path == tmp_path / "people/report.html"
    seen = Seen(path.read_text())
    assert seen.headings == ["QLearning", "QLearning_table"]
    image = next(attributes for tag, attributes in seen.tags if tag == "img")
    assert image["alt"] == f"A figure of {EVIL}" and image["src"].startswith("data:image/svg+xml;base64,")
    assert "0.1429" in seen.text and "1 more rows are in QLearning_table.csv." in seen.text
    assert EVIL not in path.read_text()
    assert all(v.startswith("data:") for _, own in seen.tags for k, v in own.items() if k in ("src", "href"))


def swept(folder: Path, to: Path) -> Path:
    """A run of a sweep of 7 by 7 groups, with text that a browser would obey."""
    to.mkdir(parents=True)
    config = to / "swept.yaml"
    config.write_text(
        "study: swept\nseed: 1\n"
        f"description: '{EVIL.replace(chr(39), chr(39) * 2)}'\n"
        "sweep:\n  h: {linspace: [0, 1.5, 7]}\n  dose: [0.1, 0.3, 1, 3, 10, 20, 30]\n"
        "groups:\n  mice:\n    n: 2\n    parameters: {hyperactivity: $h}\n"
        "    interventions: [ketamine: {dose_mg_per_kg: $dose, hours_before: 1}]\n"
        "phases:\n  - {name: swim, task: ForcedSwim, trials: 1}\n"
    )
    return run(config, to / "results")


def test_a_sweep_has_its_axes_its_heat_maps_and_their_values_in_the_table(folder, tmp_path):
    made = swept(folder, tmp_path / "made")
    seen = Seen(page(made))
    assert seen.headings == [
        *("Design", "What was found", "Figure", "Means", "Parameters", "How to cite", "How it was made")
    ]
    assert "A sweep of 49 groups" in seen.text and "9 more groups are in the manifest." in seen.text
    assert "0.1, 0.3, 1, 3, 10, 20, 30" in seen.text  # the axis, as it was written
    assert "axis h" not in seen.text and EVIL in seen.text and EVIL not in page(made)
    row = re.search(r"<td>outcome</td><td>mice_h0.25_dose3</td><td>swim</td>(<td>.*?)</tr>", page(made))
    assert row and row[1].startswith("<td>0.25</td><td>3</td>")
    image = next(attributes for tag, attributes in seen.tags if tag == "img")
    assert "dose" in image["alt"] and "against" in image["alt"]  # two axes: heat maps


@pytest.mark.parametrize("text", ["{", "[1]", '{"a": 1}', '[{"verdict": "pass"}]'])
def test_what_is_no_file_of_verdicts_is_refused(text, tmp_path):
    (tmp_path / "some.json").write_text(text)
    with pytest.raises(ValueError, match="is not a file of verdicts, as habenula check --out"):
        write_report(tmp_path / "some.json")


def test_a_folder_without_tables_is_no_report(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no finished run"):
        write_report(tmp_path)


BROWSER = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), "")


@pytest.mark.slow
@pytest.mark.skipif(not BROWSER, reason="no chromium or google-chrome on this machine opens the page")
@pytest.mark.parametrize(
    ("made", "title", "headings"),
    [
        (evil, "wu2021", 10),
        (checked, "Published findings checked against the model", 2),
        (fitted, "people", 2),
        (swept, "swept", 7),
    ],
)
def test_a_browser_shows_it(made, title, headings, folder, tmp_path):
    """What the browser made of the page: its title and headings, nothing obeyed, and no error in its console."""
    path = write_report(made(folder, tmp_path / "people"))
    done = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            "--v=0",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert f"<title>{title}</title>" in done.stdout
    assert len(re.findall("<h2>", done.stdout)) == headings
    assert not [line for line in done.stderr.splitlines() if "CONSOLE" in line]
