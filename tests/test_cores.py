"""The number of cores: those that a process is bound to, and never more than its control groups grant."""

import os

import pytest

from habenula_rl import cores


def groups(tmp_path, monkeypatch, own, **files):
    """Control groups in a folder of ours: `own` is /proc/self/cgroup, `files` what stands in which."""
    monkeypatch.setattr(cores, "GROUPS", tmp_path)
    monkeypatch.setattr(cores, "OWN_GROUP", tmp_path / "own")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(64)), raising=False)
    (tmp_path / "own").write_text(own, encoding="utf-8")
    for name, text in files.items():
        path = tmp_path / name.replace("__", "/").replace("_max", ".max").replace("cfs_", "cpu.cfs_")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("own", "files", "expected"),
    [
        ("0::/\n", {"cpu_max": "max 100000\n"}, 64),
        ("0::/\n", {"cpu_max": "250000 100000\n"}, 3),
        ("0::/a/b\n", {"a__b__cpu_max": "max 100000\n", "a__cpu_max": "50000 100000\n"}, 1),  # of the group above
        ("0::/a\n", {"a__cpu_max": "broken"}, 64),
        ("4:cpu,cpuacct:/x\n3:memory:/x\n", {"cpu__x__cfs_quota_us": "400000", "cpu__x__cfs_period_us": "100000"}, 4),
        ("4:cpu:/x\n", {"cpu__x__cfs_quota_us": "-1", "cpu__x__cfs_period_us": "100000"}, 64),
    ],
)
def test_what_control_groups_grant(tmp_path, monkeypatch, own, files, expected):
    groups(tmp_path, monkeypatch, own, **files)
    assert cores.cores() == expected


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="processes cannot be bound to cores here")
def test_cores_that_the_process_is_bound_to(monkeypatch, tmp_path):
    groups(tmp_path, monkeypatch, "")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 5})
    assert cores.cores() == 2
    monkeypatch.delattr(os, "sched_getaffinity")  # as on macOS and Windows
    monkeypatch.setattr(os, "process_cpu_count", lambda: 7, raising=False)
    assert cores.cores() == 7
