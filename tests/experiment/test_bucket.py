"""Runs in object storage: every unit is there when it is finished, another machine goes on from it, the same bytes.

On a real S3-compatible server where moto and s3fs are installed (extra s3-test), and else in fsspec's own memory.
"""

import importlib.util
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import habenula_rl as hrl
from habenula_rl.cli.commands import app
from habenula_rl.experiment import bucket
from habenula_rl.experiment.bucket import Bucket, is_address
from habenula_rl.experiment.run import UnitsFailedError, load_manifest, run
from habenula_rl.experiment.store import DamagedError, StoreError

pytest.importorskip("fsspec")
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning", "ignore::ResourceWarning")
SERVER = [name for name in ("moto", "s3fs", "flask", "flask_cors") if importlib.util.find_spec(name) is None]
STUDY = """
study: stored
seed: 1
sweep: {h: {linspace: [0, 2, 4]}}
groups:
  mice: {n: 2, parameters: {hyperactivity: $h}}
phases:
  - {name: only, task: SucrosePreference, trials: 2}
"""


@pytest.fixture(scope="session")
def server():
    """The address of a server, whose bucket is empty."""
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer(port=0)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture(params=["memory", "s3"])
def out(request, tmp_path, monkeypatch):
    """An address of an empty place, and a folder to work in on this machine."""
    monkeypatch.chdir(tmp_path)
    Path("stored.yaml").write_text(STUDY, encoding="utf-8")
    if request.param == "memory":
        yield f"memory://{tmp_path.name}/runs"
        return
    if SERVER:
        pytest.skip(f"a server of S3 needs {', '.join(SERVER)}: pip install 'habenula-rl[s3-test]'")
    import s3fs

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("server"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3fs.S3FileSystem.clear_instance_cache()
    name = "b" + "".join(filter(str.isalnum, tmp_path.name.lower()))[-40:]
    s3fs.S3FileSystem().mkdir(name)
    yield f"s3://{name}/runs"
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def another_machine(tmp_path, monkeypatch):
    """Call it, and this machine's folders are another's."""
    numbers = iter(range(9))

    def move():
        place = tmp_path / f"machine{next(numbers)}"
        place.mkdir(mode=0o700)
        monkeypatch.setattr("habenula_rl.compiler.cache.folder", lambda: place)

    move()
    return move


def found(out, folder):
    """The objects of a run by name."""
    there = Bucket.at(f"{out}/{folder.parent.name}/{folder.name}")
    return there, there.read(*there.names())


def test_a_run_is_there_as_it_is_here_and_loads_from_its_address(out, another_machine):
    here = run("stored.yaml", out, workers=1)
    there, objects = found(out, here)
    local = {str(path.relative_to(here)): path.read_bytes() for path in here.rglob("*") if path.is_file()}
    local.pop(".lock")
    assert objects == local and {"manifest.json", "subjects.parquet", "figures/stored.png"} <= {*objects}
    plain = run("stored.yaml", workers=1)
    assert (plain / "subjects.parquet").read_bytes() == objects["subjects.parquet"]
    another_machine()
    loaded = hrl.load(there.address)
    assert len(loaded.trials) >= 16 and len(loaded.subjects) == 8 and not loaded.summary.empty
    there.put("subjects.parquet", b"PAR1")
    another_machine()
    with pytest.raises(DamagedError):
        _ = hrl.load(there.address).subjects


def test_another_machine_computes_only_what_is_not_there(out, another_machine):
    first = run("stored.yaml", out, workers=1, summary=False)
    there, before = found(out, first)
    there.remove("manifest.json", "units/mice_h0-000000.json")
    damaged = "units/mice_h2-000000.parquet"
    there.put(damaged, before[damaged][:-1])
    another_machine()
    again = run("stored.yaml", out, workers=1, summary=False)
    assert again != first
    assert load_manifest(again)["units"] == {"computed": 2, "reused": 2}
    _, after = found(out, again)
    tables = [name for name in before if name.endswith(".parquet")]
    assert {name: after[name] for name in tables} == {name: before[name] for name in tables}


def test_shards_of_several_machines_are_merged_on_another(out, another_machine):
    whole = run("stored.yaml", workers=1, summary=False)
    for k in (1, 2):
        another_machine()
        run("stored.yaml", out, workers=1, shard=(k, 2))
    another_machine()
    merged = run("stored.yaml", out, summary=False, compute=False)
    _, objects = found(out, merged)
    tables = {str(path.relative_to(whole)): path.read_bytes() for path in whole.rglob("*.parquet")}
    assert {name: objects[name] for name in tables} == tables
    assert json.loads(objects["manifest.json"])["units"] == {"computed": 0, "reused": 4}


def test_a_put_that_fails_is_a_sentence_and_what_is_here_is_put_by_the_next_run(out, another_machine, monkeypatch):
    put = Bucket.put

    def failing(self, name, data):
        if name == "units/mice_h2-000000.json":
            self = Bucket(self.address, None, self.root)
        put(self, name, data)

    with monkeypatch.context() as broken:
        broken.setattr(Bucket, "put", failing)
        with pytest.raises(StoreError, match=f"^cannot reach {out}/stored/"):
            run("stored.yaml", out, workers=1, summary=False)
    (folder,) = (bucket.here(out) / "stored").iterdir()
    _, objects = found(out, folder)
    assert "manifest.json" not in objects and "units/mice_h2-000000.json" not in objects
    assert run("stored.yaml", out, workers=1, summary=False) == folder
    _, objects = found(out, folder)
    assert objects["units/mice_h2-000000.json"] == (folder / "units/mice_h2-000000.json").read_bytes()
    assert len(json.loads(objects["manifest.json"])["tables"]) == 9


def test_run_and_report_on_the_command_line(out, another_machine):
    made = CliRunner().invoke(app, ["run", "stored.yaml", "--out", out, "--no-figure"])
    assert made.exit_code == 0, made.output
    address = made.stdout.strip().splitlines()[-1].removeprefix("copied  ")
    assert address.startswith(f"{out}/stored/")
    there = Bucket.at(address)
    there.remove("report.html")
    another_machine()
    made = CliRunner().invoke(app, ["report", address])
    assert made.stdout == f"report  {address}/report.html\n"
    assert there.read("report.html")["report.html"].startswith(b"<!doctype html>")


def test_units_that_fail_leave_a_manifest_there_that_names_them(out, another_machine, monkeypatch):
    from habenula_rl.experiment import workers

    real = workers.computed
    monkeypatch.setattr(workers, "computed", lambda plan, unit: "bad" if "h2" in unit.name else real(plan, unit))
    with pytest.raises(UnitsFailedError):
        run("stored.yaml", out, workers=1, summary=False)
    (folder,) = (bucket.here(out) / "stored").iterdir()
    _, objects = found(out, folder)
    assert json.loads(objects["manifest.json"])["failed"] == {"mice_h2-000000": "bad"}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nowhere://bucket/x", r"Protocol not known: nowhere.*; for S3: pip install 'habenula-rl\[s3\]'"),
        ("memory://nothing/there", "memory://nothing/there holds no finished run"),
    ],
)
def test_what_is_not_there_is_said(address, said):
    with pytest.raises((ValueError, FileNotFoundError), match=said):
        hrl.load(address)


def test_names_of_objects_lead_nowhere_else(another_machine):
    there = Bucket.at("memory://hostile/run")
    for name in ("units/../../x.json", "units/.x.json", "shards/1-of-2/../units/x.json", "other/x.json"):
        assert not bucket.MARKER.fullmatch(name)
    there.put("manifest.json", json.dumps({"tables": {"../x": {"sha256": "0" * 64, "rows": 1}}}).encode())
    with pytest.raises(ValueError, match=r"manifest\.json"):
        hrl.load(there.address)


@pytest.mark.parametrize("where", ["s3:/bucket", "s3://", "s3:///", "gs:/b/runs"])
def test_half_an_address_is_no_folder(where):
    with pytest.raises(ValueError, match=r"is written .*://bucket/runs, not"):
        is_address(where)


@pytest.mark.parametrize("where", ["results", "c:/results", "a/s3:/b", "", "file"])
def test_a_folder_is_no_address(where):
    assert not is_address(where)
