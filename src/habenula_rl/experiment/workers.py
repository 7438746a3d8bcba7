"""Where units are computed: in threads of this process, in processes of their own, which may die or be ended, on Dask.

All take the units one by one and yield each with why it failed, or None where `keep` has its files. What a unit does
wrong costs this unit and no other; a disk that fails and a memory that is full end the whole.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import RuleError, Stopped, ends_are_errors, sentence
from ..files import StoreError
from .store import Files, files_of

if TYPE_CHECKING:
    from ..config.plan import Plan
    from ..config.study import Study
    from .units import Unit

Keep = Callable[["Unit", Files], None]
Outcomes = Generator[tuple["Unit", str | None]]
INTERRUPTED = (Stopped, KeyboardInterrupt, GeneratorExit)  # the last where whoever takes the outcomes is
DEATHS = 3  # of the processes that compute a unit, before it is set aside
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def computed(plan: Plan, unit: Unit) -> Files | str:
    """A unit's files, or why it has none."""
    from .units import run_unit

    try:
        with ends_are_errors():
            return files_of(unit.name, run_unit(plan, unit))
    except (StoreError, MemoryError):
        raise
    except Exception as error:
        return sentence(error)


def in_threads(plan: Plan, units: Sequence[Unit], workers: int, keep: Keep, stopping: Callable[[], None]) -> Outcomes:
    """In so many threads. Interrupted, it calls `stopping`, begins no other unit, and keeps those under way."""

    def work(unit: Unit) -> str | None:
        found = computed(plan, unit)
        if isinstance(found, str):
            return found
        keep(unit, found)
        return None

    pool = ThreadPoolExecutor(workers)
    waiting, under_way = deque(units), dict[Future[str | None], "Unit"]()
    try:
        while waiting or under_way:
            while waiting and len(under_way) < 2 * workers:  # few at a time: a sweep has a million
                unit = waiting.popleft()
                under_way[pool.submit(work, unit)] = unit
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                why = future.result()
                yield under_way.pop(future), why
    except INTERRUPTED:
        stopping()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True)
class Job:
    """What a process needs in order to make the same plan, and the hash and rules by which it knows that it did."""

    study: Study
    own: tuple[str, ...]
    hash: str
    rules: str

    @classmethod
    def of(cls, plan: Plan) -> Job:
        from ..config.user_modules import loaded_files
        from .fingerprint import whole

        return cls(plan.study, loaded_files(), plan.hash, whole(plan))

    def plan(self) -> Plan:
        """The plan, made anew. Raises RuleError where it is another here, as when a rule was typed at a prompt."""
        from ..config.plan import plan_of
        from ..config.user_modules import load_own_files
        from .fingerprint import whole

        broken = None
        for file in self.own:
            try:
                load_own_files([file])
            except RuleError as error:  # of another study that this process's parent read, unless the plan misses it
                broken = broken or error
        try:
            plan = plan_of(self.study)
        except KeyError as missing:
            raise broken or RuleError(
                f"a worker process knows no {missing}: agents and tasks for worker processes stand in a file that the "
                "config lists under own"
            ) from None
        if plan.hash != self.hash or whole(plan) != self.rules:
            raise RuleError("a worker process has other rules or defaults than the run: run without processes")
        return plan


def in_processes(
    plan: Plan,
    units: Sequence[Unit],
    workers: int,
    keep: Keep,
    stopping: Callable[[], None],
    seconds: float | None = None,
) -> Outcomes:
    """In so many processes of one thread each, interrupted as `in_threads` is.

    Where a process dies (killed, out of memory, a fault in compiled code), its unit is tried again, alone in a new one,
    and set aside after `DEATHS`. One that takes longer than `seconds` is ended, and its unit set aside.
    """
    job = pickle.dumps(Job.of(plan))
    waiting: queue.SimpleQueue[Unit] = queue.SimpleQueue()
    for unit in units:
        waiting.put(unit)
    finished: queue.SimpleQueue[tuple[Unit, str | None] | BaseException] = queue.SimpleQueue()
    over = threading.Event()

    def supervise() -> None:
        worker = _Worker(job)
        try:
            while not over.is_set():
                try:
                    unit = waiting.get_nowait()
                except queue.Empty:
                    return
                found = worker.compute(unit, seconds)
                if isinstance(found, str):
                    finished.put((unit, found))
                else:
                    keep(unit, found)
                    finished.put((unit, None))
        except BaseException as error:
            finished.put(error)
        finally:
            worker.end()

    threads = [threading.Thread(target=supervise, daemon=True) for _ in range(min(workers, len(units)))]
    try:
        for thread in threads:
            thread.start()
        for _ in units:
            outcome = finished.get()
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome
    except INTERRUPTED:
        stopping()
        raise
    finally:
        over.set()
        for thread in threads:
            thread.join()


def on_dask(
    plan: Plan,
    units: Sequence[Unit],
    address: str,
    workers: int,
    keep: Keep,
    stopping: Callable[[], None],
    say: Callable[[str], None],
) -> Outcomes:
    """On the workers of the Dask cluster at that address, or, at "local", on one of so many processes that is started.

    Few units are under way at a time, so that memory here does not grow with their number. A unit whose worker dies is
    tried again by Dask, then alone, and set aside where it is killed then too. Interrupted, what is under way is left.

    Raises ValueError where Dask is not installed or nobody answers, ConnectionError where the cluster is lost.
    """
    try:
        import dask
        from dask.distributed import Client, LocalCluster
    except ImportError:
        raise ValueError("--dask needs Dask: pip install 'habenula-rl[dask]'") from None
    settings = {
        "distributed.scheduler.allowed-failures": DEATHS - 1,
        "distributed.admin.large-graph-warning-threshold": "1GB",
    }
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(settings))
        cluster: Any = address
        if address == "local":
            cluster = stack.enter_context(LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0"))
        try:
            client = stack.enter_context(Client(cluster, timeout="10s", set_as_default=False))
        except (OSError, ValueError) as error:
            raise ValueError(f"no Dask scheduler answers at {address}: {error}") from None
        say(f"Dask dashboard: {client.dashboard_link}")
        yield from _on_client(client, Job.of(plan), units, keep, stopping)


def _on_client(client: Any, job: Job, units: Sequence[Unit], keep: Keep, stopping: Callable[[], None]) -> Outcomes:
    from concurrent.futures import CancelledError

    from dask.distributed import KilledWorker, as_completed

    given, waiting = pickle.dumps(job), deque(units)
    suspects: list[Unit] = []
    ahead = max(8, 4 * sum(client.nthreads().values()))

    def submit(unit: Unit) -> Any:
        future = client.submit(remotely, given, unit, pure=False, key=f"{unit.name}-{job.hash}-{os.urandom(4).hex()}")
        under_way[future.key] = unit
        return future

    def finished(future: Any, unit: Unit) -> str | None:
        found: Files | str = future.result()
        if isinstance(found, str):
            return found
        keep(unit, found)
        return None

    under_way: dict[str, Unit] = {}
    try:
        first = [submit(waiting.popleft()) for _ in range(min(ahead, len(waiting)))]
        for future in (done := as_completed(first, loop=client.loop)):
            unit = under_way.pop(future.key)
            try:
                yield unit, finished(future, unit)
            except KilledWorker:
                suspects.append(unit)
            future.release()
            if waiting:
                done.add(submit(waiting.popleft()))
        for unit in suspects:  # beside others an innocent one may have been
            try:
                yield unit, finished(submit(unit), unit)
            except KilledWorker:
                yield unit, f"the workers that computed it died, {DEATHS} times when it was alone"
    except INTERRUPTED:
        stopping()
        raise
    except (CancelledError, TimeoutError) as error:
        raise ConnectionError(
            f"the Dask cluster was lost ({type(error).__name__}); what was finished is kept"
        ) from error


_plans: dict[bytes, Plan] = {}
_one_at_a_time = threading.Lock()


def remotely(job: bytes, unit: Unit) -> Files | str:
    """`computed` on a worker of a cluster, which makes the plan once."""
    with _one_at_a_time:
        if job not in _plans:
            _plans.clear()
            _plans[job] = pickle.loads(job).plan()
        plan = _plans[job]
    return computed(plan, unit)


class _Worker:
    """A process that computes units, started when it is first needed, and again where it has died."""

    def __init__(self, job: bytes) -> None:
        self.job = job
        self.process: subprocess.Popen[bytes] | None = None

    def compute(self, unit: Unit, seconds: float | None) -> Files | str:
        """The unit's files, or why there are none."""
        for _ in range(DEATHS):
            process = self.process = self.process or _started(self.job)
            assert process.stdin is not None and process.stdout is not None
            ended = threading.Event()

            def end(process: subprocess.Popen[bytes] = process, ended: threading.Event = ended) -> None:
                ended.set()
                process.kill()

            clock = threading.Timer(seconds, end) if seconds else None
            try:
                pickle.dump(unit, process.stdin)
                process.stdin.flush()
                if clock:
                    assert pickle.load(process.stdout) == "begun"  # Python and the plan are there: now the time counts
                    clock.start()
                kind, answer = pickle.load(process.stdout)
            except (EOFError, OSError, pickle.UnpicklingError):
                code = self.end()
                if ended.is_set():
                    return f"took longer than unit_seconds: {seconds:g}, and was ended"
                continue
            finally:
                if clock:
                    clock.cancel()
            if kind == "error":
                raise answer
            found: Files | str = answer
            return found
        return f"the process that computed it died {DEATHS} times, the last time {_death(code)}"

    def end(self) -> int:
        """End the process; its exit code."""
        process, self.process = self.process, None
        if process is None:
            return 0
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()
        try:
            return process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def _death(code: int) -> str:
    return f"by signal {-code}" if code < 0 else f"with exit code {code}"


def _started(job: bytes) -> subprocess.Popen[bytes]:
    """A Python that waits for units: __main__ is not run again in it."""
    command = [sys.executable, "-c", f"from {__name__} import serve; serve()"]
    path = os.pathsep.join(path or os.getcwd() for path in sys.path)
    environment = os.environ | {"PYTHONPATH": path} | dict.fromkeys(ONE_THREAD, "1")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # dead already: the next that is written says so
        process.stdin.write(job)
        process.stdin.flush()
    return process


def serve() -> None:
    """The other end of `_Worker`: a job and units come on the standard input, their files go to the standard output.

    What a user's code prints goes to the standard error. Ctrl-C is the parent's, which lets units end.
    """
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def say(what: Any) -> None:
        pickle.dump(what, answers)
        answers.flush()

    plan: Any = None
    job: Job = pickle.load(sys.stdin.buffer)
    while True:
        try:
            unit = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            plan = plan or job.plan()
            if job.study.unit_seconds:
                importlib.import_module("numba")  # with pandas the longest of what every process does first
                importlib.import_module("pyarrow.parquet")
                say("begun")
            say(("unit", computed(plan, unit)))
        except (ValueError, OSError, MemoryError) as error:
            if plan is None and job.study.unit_seconds:
                say("begun")
            say(("error", error))
