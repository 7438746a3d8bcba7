"""The same study in threads, in three shards, on Dask with a worker killed: the same bytes."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import habenula_rl
from habenula_rl.experiment.run import UnitsFailedError, load_manifest, run

STUDY = """
study: spread
seed: 1
record: summary
sweep: {h: {linspace: [0, 2, 7]}}
groups:
  mice: {n: 2, parameters: {hyperactivity: $h}}
phases:
  - {name: only, task: SucrosePreference, trials: 2}
"""
DEADLY = """
import gymnasium, os, signal
from pathlib import Path

class Deadly(gymnasium.Env):
    observation_space, action_space = gymnasium.spaces.Discrete(2), gymnasium.spaces.Discrete(2)

    def __init__(self, marker):
        self.marker = marker

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        if not self.marker or not Path(self.marker).exists():
            if self.marker:
                Path(self.marker).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return 1, 1.0, True, False, {}

gymnasium.registry.pop("Deadly-v0", None)
gymnasium.register("Deadly-v0", entry_point=Deadly, max_episode_steps=5)
"""


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("spread.yaml").write_text(STUDY, encoding="utf-8")


def tables(folder):
    paths = [*folder.glob("units/*.parquet"), folder / "subjects.parquet"]
    return {path.name: path.read_bytes() for path in paths if path.exists()}


def test_shards_merge_into_the_same_bytes():
    whole = run("spread.yaml", "whole", workers=1, summary=False)
    shards = [run("spread.yaml", "merged", workers=1, shard=(k, 3)) for k in (1, 2, 3)]
    assert [len([*shard.glob("units/*.parquet")]) for shard in shards] == [3, 2, 2]
    assert not any((shard / "manifest.json").exists() for shard in shards)
    merged = run("spread.yaml", "merged", summary=False, compute=False)
    assert tables(merged) == tables(whole)
    assert load_manifest(merged)["units"] == {"computed": 0, "reused": 7}


def test_what_no_shard_has_is_named_or_computed():
    run("spread.yaml", workers=1, shard=(1, 3))
    with pytest.raises(ValueError, match=r"4 of 7 units are in no shard of results.*: mice_h0\.333333-000000, "):
        run("spread.yaml", summary=False, compute=False)
    assert load_manifest(run("spread.yaml", workers=1, summary=False))["units"] == {"computed": 4, "reused": 3}


def test_a_damaged_shard_is_not_taken_over():
    shard = run("spread.yaml", workers=1, shard=(1, 1))
    (shard / "units/mice_h2-000000.parquet").write_bytes(b"PAR1")
    with pytest.raises(ValueError, match="1 of 7 units are in no shard"):
        run("spread.yaml", summary=False, compute=False)


@pytest.mark.parametrize("shard", [(0, 3), (4, 3)])
def test_a_shard_is_one_of_so_many(shard):
    with pytest.raises(ValueError, match="a shard is one of so many, as 2/8"):
        run("spread.yaml", shard=shard)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_on_dask_with_workers_killed():
    """One unit kills its worker once, another always: the others end with the same bytes."""
    pytest.importorskip("distributed")
    marker = Path("died").resolve()
    Path("deadly.py").write_text(DEADLY, encoding="utf-8")
    text = STUDY.replace("seed: 1", "seed: 1\nown: [deadly.py]").replace(
        "phases:\n",
        f"""\
  once: {{n: 2}}
  always: {{n: 2}}
phases:
  - {{name: first, groups: [once], env: Deadly-v0, parameters: {{marker: "{marker}"}}, trials: 1}}
  - {{name: second, groups: [always], env: Deadly-v0, parameters: {{marker: ""}}, trials: 1}}
""",
    )
    text = text.replace("name: only,", "name: only, groups: [mice],")
    Path("spread.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UnitsFailedError) as raised:
        run("spread.yaml", "dask", workers=2, dask="local", summary=False)
    assert [*raised.value.failed] == ["always-000000"]
    (on_dask,) = Path("dask/spread").iterdir()
    with pytest.raises(UnitsFailedError):
        run("spread.yaml", "processes", workers=1, processes=True, summary=False)
    (in_processes,) = Path("processes/spread").iterdir()
    assert len(tables(on_dask)) == 9 and tables(on_dask) == tables(in_processes)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_same_bytes_in_a_thread_in_processes_on_dask_with_a_worker_killed_and_in_shards():
    pytest.importorskip("distributed")
    marker = Path("died").resolve()
    Path("deadly.py").write_text(DEADLY, encoding="utf-8")
    once = f'  - {{name: once, groups: [once], env: Deadly-v0, parameters: {{marker: "{marker}"}}, trials: 1}}\n'
    text = STUDY.replace("seed: 1", "seed: 1\nown: [deadly.py]").replace(
        "phases:\n", "  once: {n: 2}\nphases:\n" + once
    )
    Path("spread.yaml").write_text(text.replace("name: only,", "name: only, groups: [mice],"), encoding="utf-8")
    on_dask = run("spread.yaml", "dask", workers=2, dask="local", summary=False)
    assert marker.exists()  # a worker was killed in the middle; from here on none is
    found = [tables(on_dask)]
    found.append(tables(run("spread.yaml", "thread", workers=1, summary=False)))
    found.append(tables(run("spread.yaml", "processes", workers=2, processes=True, summary=False)))
    for k in (1, 2, 3):
        run("spread.yaml", "shards", workers=1, shard=(k, 3))
    found.append(tables(run("spread.yaml", "shards", summary=False, compute=False)))
    assert len(found[0]) == 9 and all(other == found[0] for other in found)


SCHEDULER = """
import sys, time
from dask.distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_is_lost_costs_nothing_that_was_finished():
    pytest.importorskip("distributed")
    many = STUDY.replace("[0, 2, 7]", "[0, 2, 60]")
    Path("spread.yaml").write_text(many, encoding="utf-8")
    Path("scheduler.py").write_text(SCHEDULER, encoding="utf-8")
    child = subprocess.Popen([sys.executable, "scheduler.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    address = child.stdout.readline().strip()

    def lose(done, total, line):
        if done >= 6:
            child.kill()

    with child, pytest.raises(ConnectionError, match=r"the Dask cluster was lost .*; what was finished"):
        run("spread.yaml", "lost", dask=address, summary=False, progress=lose)
    again = run("spread.yaml", "lost", workers=1, summary=False)
    counts = load_manifest(again)["units"]
    assert counts["reused"] >= 3 and counts["computed"] >= 1
    assert tables(again) == tables(run("spread.yaml", "whole", workers=1, summary=False))


def test_the_slurm_script_is_a_script_and_runs_shards(tmp_path):
    from habenula_rl.cli.template import slurm_script

    Path("spread.slurm").write_text(slurm_script("spread"), encoding="utf-8")
    stub = 'srun() { echo "$@"; }; SLURM_ARRAY_TASK_ID=2 SLURM_ARRAY_TASK_COUNT=8; . ./spread.slurm'
    done = subprocess.run(["bash", "-c", stub], capture_output=True, text=True, check=True)
    assert done.stdout == "habenula run spread --no-figure --shard 2/8\n"
    with pytest.raises(ValueError, match="a study's name must be"):
        slurm_script("x; rm -rf y")


SBATCH = """#!/bin/bash
# As SLURM does: each task of the array by itself, with its number and their count.
array=$(sed -n 's/^#SBATCH --array=1-\\([0-9]*\\).*/\\1/p' "$1")
for task in $(seq "$array"); do SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_COUNT=$array bash "$1" || exit 1; done
"""


@pytest.mark.slow
def test_the_slurm_script_under_a_stand_in_for_sbatch_and_srun(tmp_path):
    from habenula_rl.cli.template import slurm_script

    Path("configs").mkdir()
    Path("configs/spread.yaml").write_text(STUDY, encoding="utf-8")
    Path("spread.slurm").write_text(slurm_script("spread").replace("1-8", "1-3"), encoding="utf-8")
    tools = {"sbatch": SBATCH, "srun": '#!/bin/bash\nexec "$@"\n'}
    tools["habenula"] = f'#!/bin/bash\nexec {shlex.quote(sys.executable)} -m habenula_rl "$@"\n'
    for name, text in tools.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    environment["PYTHONPATH"] = str(Path(habenula_rl.__file__).parents[1])
    subprocess.run(["sbatch", "spread.slurm"], env=environment, check=True)
    merged = run("spread", summary=False, compute=False)
    assert load_manifest(merged)["units"]["computed"] == 0
    assert tables(merged) == tables(run("spread", "alone", workers=1, summary=False))
