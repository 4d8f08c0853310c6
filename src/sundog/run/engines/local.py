"""Worker processes on this machine. They are started as programs of their own, so that a script or a notebook needs no
``if __name__ == "__main__"``, and talk in lines of JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from sundog.core import errors
from sundog.core.errors import Fault, Incomplete, Problem, SundogError
from sundog.lib.processors import count_processors
from sundog.run.engines.worker import answer, find_work

RETRIES = 2
"""How often a job is tried again after its worker died."""

Said = Mapping[str, object]


def take_result(said: Said) -> str:
    """The result in a worker's answer; an error that the worker told of is raised here.

    Raises:
        SundogError: as the work raised it; ``Fault`` for whatever else went wrong.
    """
    if "result" in said:
        return str(said["result"])
    raise rebuild_error(said)


def rebuild_error(said: Said) -> SundogError:
    """The error that a worker told of."""
    if "error" in said:
        cls = getattr(errors, str(said["error"]), Fault)
        problems = [Problem(*p) for p in cast(list[list[str]], said["problems"])]
        return cls(*problems)
    if "died" in said:
        return give_up(f"exit {said['died']}; -9 often means out of memory")
    mend = "This is a fault of Sundog or of an extension; what is finished is kept, --resume goes on."
    return Fault(Problem("SD-RUN-012", "worker", str(said["fault"]), mend))


def give_up(how: str) -> Incomplete:
    """What a worker that dies again and again on the same shard means to the user."""
    what = f"a worker process died {RETRIES + 1} times on the same shard ({how})"
    mend = "Give fewer --workers or a smaller --shard-units, then run the same command with --resume."
    return Incomplete(Problem("SD-RUN-013", "worker", what, mend))


@dataclass
class _Crew:
    """The worker processes of an engine. They stay for the next ``map``: starting one takes longer than many a shard."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    idle: list[subprocess.Popen[str]] = field(default_factory=list)
    fresh: set[int] = field(default_factory=set)
    dismissed: bool = False

    def assemble(self, count: int, names: Sequence[str]) -> None:
        """Start so many processes, which import what they will need while nobody waits for them."""
        with self.lock:
            started = [_start(names) for _ in range(count - len(self.processes))]
            self.processes += started
            self.idle += started
            self.fresh.update(process.pid for process in started)

    def hire(self) -> subprocess.Popen[str] | None:
        """A process with nothing to do, or None when everybody was sent home."""
        with self.lock:  # so that nobody is hired while everybody is sent home
            while self.idle and not self.dismissed:
                process = self.idle.pop()
                self.fresh.discard(process.pid)
                if process.poll() is None:
                    return process
            if self.dismissed:
                return None
            process = _start()
            self.processes.append(process)
            return process

    def release(self, process: subprocess.Popen[str]) -> None:
        """Take back a process that has nothing in hand."""
        with self.lock:
            self.idle.append(process)

    def dismiss(self) -> None:
        """Stop all processes at once: what is not finished is made again by the run that resumes."""
        with self.lock:
            self.dismissed = True
            for process in self.processes:
                process.kill()
            _hang_up(self.processes)

    def part(self) -> None:
        """Let all processes end; none of them has anything in hand."""
        with self.lock:
            self.dismissed = True
            for process in self.processes:
                if process.pid in self.fresh:  # it may still be importing, for nothing
                    process.kill()
            _hang_up(self.processes)


@dataclass
class LocalEngine:
    """Implements ``core.protocols.Engine`` and ``Expecting`` with ``workers`` processes; with one worker or one job, in this process."""

    workers: int | None = None
    address: str | None = None
    _crew: _Crew = field(default_factory=_Crew, init=False, repr=False, compare=False)

    def describe(self) -> Mapping[str, str | int]:
        """Name and number of workers, for run.json."""
        return {"engine": "local", "workers": self.workers or count_processors()}

    def map(self, work: str, jobs: Sequence[str]) -> Iterator[str]:
        """Results as they come.

        Args:
            work: ``package.module:function`` of a function from text to text.
            jobs: one text a job.
        """
        count = min(self.workers or count_processors(), len(jobs))
        if count <= 1:
            for job in jobs:
                yield take_result(answer(find_work(work), job))
            return
        if self._crew.dismissed:
            self._crew = _Crew()
        yield from _spread(self._crew, work, jobs, count)

    def expect(self, work: str, kinds: Sequence[str], jobs: int) -> None:
        """Start the workers of so many jobs; they import the work and the kinds while the caller prepares."""
        count = min(self.workers or count_processors(), jobs)
        if count > 1 and not self._crew.dismissed:
            self._crew.assemble(count, (work, *kinds))

    def close(self) -> None:
        """Let the workers end."""
        self._crew.part()


@dataclass(frozen=True)
class _Round:
    """The jobs of one ``map``: how often each was tried, and what came of it."""

    work: str
    waiting: queue.SimpleQueue[tuple[int, str]] = field(default_factory=queue.SimpleQueue)
    answers: queue.SimpleQueue[Said] = field(default_factory=queue.SimpleQueue)


def _spread(crew: _Crew, work: str, jobs: Sequence[str], count: int) -> Iterator[str]:
    done = _Round(work)
    for job in jobs:
        done.waiting.put((0, job))
    threads = [threading.Thread(target=_keep_busy, args=(crew, done), daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(len(jobs)):
            yield take_result(done.answers.get())
    except BaseException:
        crew.dismiss()
        raise
    finally:
        for thread in threads:
            thread.join()


def _keep_busy(crew: _Crew, done: _Round) -> None:
    """Give one process job after job; a new process takes the place of one that died."""
    process: subprocess.Popen[str] | None = None
    try:
        while not crew.dismissed:
            try:
                tries, job = done.waiting.get_nowait()
            except queue.Empty:
                break
            if process is None or process.poll() is not None:
                process = crew.hire()
                if process is None:
                    break
            said = _ask(process, done.work, job)
            if said is not None:
                done.answers.put(said)
            elif tries < RETRIES:
                done.waiting.put((tries + 1, job))
            else:
                done.answers.put({"died": process.wait()})
        if process is not None:
            crew.release(process)
    except Exception:  # noqa: BLE001 - a thread that ends in silence would leave the run waiting for ever
        done.answers.put({"fault": traceback.format_exc()})


def _start(names: Sequence[str] = ()) -> subprocess.Popen[str]:
    # the system's allocator gives back what a shard no longer needs: 25 MiB less a worker than Arrow's own, at the same speed
    frugal = {"ARROW_DEFAULT_MEMORY_POOL": os.environ.get("ARROW_DEFAULT_MEMORY_POOL", "system")}
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    return subprocess.Popen(
        # -P: a file in the current folder must not stand in for a module
        [sys.executable, "-P", "-m", "sundog.run.engines.worker", *names],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **single, **frugal},
    )


def _ask(process: subprocess.Popen[str], work: str, job: str) -> Said | None:
    """The answer, or None when the worker died."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps([work, job]) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
    except (OSError, ValueError):
        line = ""
    if not line.endswith("\n"):
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:  # alive, and it does not answer any more
            process.kill()
            process.wait()
        return None
    said: Said = json.loads(line)
    return said


def _hang_up(processes: Sequence[subprocess.Popen[str]]) -> None:
    """Close the pipes, at which the workers end side by side, and wait for them."""
    for pipe in (pipe for process in processes for pipe in (process.stdin, process.stdout)):
        if pipe is not None:
            with contextlib.suppress(OSError, ValueError):  # a dead worker left something unread in the pipe
                pipe.close()
    for process in processes:
        process.wait()
