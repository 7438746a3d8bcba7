"""The same work in threads, processes and on Dask: the same results, and what is lost is said."""

import sys
import time
from pathlib import Path

import pytest

from habenula_rl import computing
from habenula_rl.computing import Lost, in_order, place, work

PLACES = ["threads", "processes", "dask"]
JOBS = """
import os, signal, time
from pathlib import Path

class Squared:
    prepared = 0

    def prepare(self):
        self.prepared += 1

    def __call__(self, item, say):
        if item == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if item == "once" and not Path("died").exists():
            Path("died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if item == "hang":
            Path("hangs").touch()
            time.sleep(300)
        if item == "raise":
            raise Odd(1, 2)
        say("at", item)
        return item if isinstance(item, str) else item**2, self.prepared

def where(item, say):
    time.sleep(0.1)
    return os.getpid()

class Odd(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")
"""


@pytest.fixture(autouse=True)
def jobs(tmp_path, monkeypatch):
    (tmp_path / "jobs_here.py").write_text(JOBS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    import jobs_here

    yield jobs_here
    sys.modules.pop("jobs_here")


def opened(where, **how):
    if where == "dask":
        pytest.importorskip("distributed")
        how["dask"] = "local"
    return place(2, threads=where == "threads", **how)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("where", PLACES)
def test_every_place_gives_each_item_with_its_result(jobs, where):
    kept, heard = {}, []
    with opened(where) as compute:
        found = compute(jobs.Squared(), range(20), keep=kept.__setitem__, hear=lambda *what: heard.append(what))
        found = dict(found)
        assert found == kept == {k: (k * k, 0 if where == "threads" else 1) for k in range(20)}
        assert [*compute(jobs.Squared(), [])] == []
        assert [result for result, _ in in_order(compute, jobs.Squared(), [3, 1, 2])] == [9, 1, 4]
        if where != "dask":  # there the last words may be lost
            assert sorted(heard) == [(k, "at", k) for k in range(20)]
        assert {*heard} <= {(k, "at", k) for k in range(20)} and heard
        with pytest.raises(Exception, match="1 and 2"):  # which no other process can make anew
            [*compute(jobs.Squared(), ["raise"])]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("where", PLACES[1:])
def test_an_item_is_tried_again_and_lost_after_three_deaths(jobs, where):
    with opened(where) as compute:
        found = dict(compute(jobs.Squared(), ["die", "once", 3, 4]))
    assert isinstance(lost := found.pop("die"), Lost) and "died" in lost and " 3 times" in lost
    assert found == {"once": ("once", 1), 3: (9, 1), 4: (16, 1)}


def test_in_order_refuses_to_leave_one_out(jobs):
    with place(1) as compute, pytest.raises(ValueError, match="number 1 of 2, from 0: the process that computed it"):
        in_order(compute, jobs.Squared(), [1, "die"])


def test_an_item_that_hangs_is_ended(jobs):
    with place(1, seconds=0.5) as compute:
        found = dict(compute(jobs.Squared(), ["hang", 2]))
    assert found == {"hang": Lost("took longer than 0.5 s, and was ended"), 2: (4, 1)}


def test_a_worker_with_other_code_is_refused(jobs, monkeypatch):
    monkeypatch.setattr(work, "code", lambda: b"edited")
    with place(1) as compute, pytest.raises(ValueError, match="a worker has another version of habenula-rl"):
        [*compute(jobs.Squared(), [1])]


def test_work_that_stands_in_no_module_is_refused_in_a_sentence(jobs):
    made = type("Nowhere", (jobs.Squared,), {"__module__": "jobs_here", "__qualname__": "Nowhere"})
    jobs.Nowhere = made
    with place(1) as compute, pytest.raises(ValueError, match="a worker cannot import what it is to compute"):
        [*compute(made(), [1])]


def test_without_keep_nothing_is_waited_for(jobs):
    with place(2) as compute:
        found = compute(jobs.Squared(), [1, "hang"])
        assert next(found) == (1, (1, 1))
        while not Path("hangs").exists():
            time.sleep(0.05)
        start = time.monotonic()
        found.close()
        assert time.monotonic() - start < 20


def test_an_error_crosses_only_where_it_can_be_made_anew(jobs):
    with pytest.raises(jobs.Odd) as raised:
        jobs.Squared()("raise", print)
    refused = computing.work.sendable(raised.value)
    assert type(refused) is ValueError and str(refused).endswith("jobs_here.py:21: Odd: 1 and 2")
    known = FileNotFoundError("x")
    assert computing.work.sendable(known) is known


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_workers_that_come_later_take_their_part(jobs):
    """The cluster has none at first, which is said; the second comes in the middle."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=None) as cluster:

        def said(line):
            if "has no worker" in line:
                cluster.scale(1)

        with place(1, dask=cluster.scheduler_address, said=said) as compute:
            found = []
            for k, (_, process) in enumerate(compute(jobs.where, range(400))):
                found.append(process)
                if k == 3:
                    cluster.scale(2)
                if len({*found}) == 2:
                    break
    assert len({*found}) == 2


@pytest.mark.parametrize("address", ["nowhere", "", "locl", "tcp://host", "tcp://host:"])
def test_what_is_no_address_of_a_scheduler_is_refused_at_once(address):
    pytest.importorskip("distributed")
    with pytest.raises(ValueError, match="must be local, or a scheduler's address"), place(1, dask=address):
        pass
