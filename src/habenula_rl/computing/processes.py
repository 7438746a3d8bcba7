"""Processes of our own, one thread each: one that dies, or is ended, costs the item that it computed alone."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from .work import DEATHS, INTERRUPTED, Asked, Compute, Item, Lost, Result, Work, pickled, sendable, unpickled

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Processes(Compute):
    """So many processes; an item that takes longer than `seconds` is ended with its process, and lost.

    Where a process dies (killed, out of memory, a fault in compiled code), its item is tried again, alone in a new one,
    and lost after `DEATHS`.
    """

    workers: int
    seconds: float | None = None

    def each(self, asked: Asked[Item, Result]) -> Generator[tuple[Item, Result | Lost]]:
        given, items, keep = pickled(asked.work), asked.items, asked.keep
        waiting: queue.SimpleQueue[Item] = queue.SimpleQueue()
        for item in items:
            waiting.put(item)
        finished: queue.SimpleQueue[tuple[Item, Result | Lost] | BaseException] = queue.SimpleQueue()
        workers = [_Worker(given, self.seconds) for _ in range(min(self.workers, len(items)))]
        over = threading.Event()

        def supervise(worker: _Worker) -> None:
            try:
                while not over.is_set():
                    try:
                        item = waiting.get_nowait()
                    except queue.Empty:
                        return
                    result = worker.compute(item, asked.hear)
                    if keep and not isinstance(result, Lost):
                        keep(item, result)
                    finished.put((item, result))
            except BaseException as error:
                finished.put(error)
            finally:
                worker.end()

        threads = [threading.Thread(target=supervise, args=[worker], daemon=True) for worker in workers]
        try:
            for thread in threads:
                thread.start()
            for _ in items:
                outcome = finished.get()
                if isinstance(outcome, BaseException):
                    raise outcome
                yield outcome
        except INTERRUPTED:
            if keep and asked.stopping:
                asked.stopping()
            raise
        finally:
            over.set()
            if not keep:
                for worker in workers:
                    worker.give_up()
            for thread in threads:
                thread.join()


@dataclass
class _Worker:
    """A process that computes items, started when it is first needed, and again where it has died."""

    given: bytes
    seconds: float | None
    process: subprocess.Popen[bytes] | None = None
    given_up: threading.Event = field(default_factory=threading.Event)

    def compute(self, item: Any, hear: Callable[..., None] | None) -> Any:
        """The item's result, or Lost. Raises what the work raised."""
        code = 0
        for _ in range(DEATHS):
            if self.given_up.is_set():
                return Lost("was given up")
            process = self.process = self.process or _started(self.given)
            late = threading.Event()

            def end(process: subprocess.Popen[bytes] = process, late: threading.Event = late) -> None:
                late.set()
                process.kill()

            clock = threading.Timer(self.seconds, end) if self.seconds else None
            try:
                for kind, *what in _answers(process, item):
                    if kind == "begun" and clock:  # Python and what the work prepares are there: now the time counts
                        clock.start()
                    if kind == "said" and hear:
                        hear(item, *what)
                    if kind == "error":
                        raise what[0]
                    if kind == "result":
                        return what[0]
            finally:
                if clock:
                    clock.cancel()
            code = self.end()
            if late.is_set():
                return Lost(f"took longer than {self.seconds:g} s, and was ended")
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        return Lost(f"the process that computed it died {DEATHS} times, the last time {how}")

    def give_up(self) -> None:
        """Compute nothing any more, from another thread."""
        self.given_up.set()
        if process := self.process:
            process.kill()

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


def _answers(process: subprocess.Popen[bytes], item: Any) -> Generator[tuple[Any, ...]]:
    """What the process says when it is given the item, until it dies."""
    assert process.stdin is not None and process.stdout is not None
    try:
        pickle.dump(item, process.stdin)
        process.stdin.flush()
    except OSError:
        return
    while True:
        try:
            answer = pickle.load(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            return
        yield answer


def _started(given: bytes) -> subprocess.Popen[bytes]:
    """A Python that waits for items: __main__ is not run again in it."""
    command = [sys.executable, "-c", f"from {__name__} import serve; serve()"]
    path = os.pathsep.join(path or os.getcwd() for path in sys.path)
    environment = os.environ | {"PYTHONPATH": path} | dict.fromkeys(ONE_THREAD, "1")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # dead already: the next that is written shows it
        pickle.dump(given, process.stdin)
        process.stdin.flush()
    return process


def serve() -> None:
    """The other end of `_Worker`: work and items come on the standard input, results go to the standard output.

    What a user's code prints goes to the standard error. Ctrl-C is the parent's, which lets items end, or kills.
    """
    import signal

    # Ignored by a handler of ours: so `errors` knows that a KeyboardInterrupt comes from the user's code.
    signal.signal(signal.SIGINT, lambda signum, frame: None)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def answer(*what: Any) -> None:
        answers.write(pickle.dumps(what))
        answers.flush()

    given: bytes = pickle.load(sys.stdin.buffer)
    work: Work[Any, Any] | None = None
    while True:
        try:
            item = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            work = work or unpickled(given)
            answer("begun")
            answer("result", work(item, lambda *what: answer("said", *what)))
        except Exception as error:
            answer("error", sendable(error))
