"""Worker processes on this machine. They are started as programs of their own, so that a script or a notebook needs no
``if __name__ == "__main__"``, and talk in lines of JSON.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from sundog.core import errors
from sundog.core.errors import Fault, Incomplete, Problem, SundogError
from sundog.lib.processors import count_processors
from sundog.run.engines.worker import find_work

RETRIES = 2
"""How often a job is tried again after its worker died."""


def rebuild_error(said: Mapping[str, object]) -> SundogError:
    """The error that a worker told of."""
    if "error" in said:
        cls = getattr(errors, str(said["error"]), Fault)
        problems = [Problem(*p) for p in said["problems"]]  # type: ignore[attr-defined]
        return cls(*problems)
    return Fault(
        Problem(
            "SD-RUN-012",
            "worker",
            str(said["fault"]),
            "This is a fault of Sundog or of an extension; what is finished is kept, --resume goes on.",
        )
    )


@dataclass(frozen=True)
class LocalEngine:
    """Implements ``core.protocols.Engine`` with ``workers`` processes; with one worker or one job, in this process."""

    workers: int | None = None
    address: str | None = None

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
            function = find_work(work)
            for job in jobs:
                yield function(job)
            return
        yield from _spread(work, jobs, count)


def _spread(work: str, jobs: Sequence[str], count: int) -> Iterator[str]:
    waiting: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()
    for job in jobs:
        waiting.put((0, job))
    answers: queue.SimpleQueue[dict[str, object]] = queue.SimpleQueue()
    stop = threading.Event()
    crews: list[subprocess.Popen[str]] = []
    threads = [
        threading.Thread(target=_run_worker, args=(work, waiting, answers, stop, crews), daemon=True)
        for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in range(len(jobs)):
            said = answers.get()
            if "result" not in said:
                raise rebuild_error(said) if "died" not in said else _died(said)
            yield str(said["result"])
    finally:
        stop.set()
        for process in crews:
            if process.stdin is not None:
                process.stdin.close()
            process.kill()
        for thread in threads:
            thread.join(timeout=10)


def _died(said: Mapping[str, object]) -> Incomplete:
    return Incomplete(
        Problem(
            "SD-RUN-013",
            "worker",
            f"a worker process died {RETRIES + 1} times on the same shard (exit {said['died']}; -9 often means out of memory)",
            "Give fewer --workers or a smaller --shard-units, then run the same command with --resume.",
        )
    )


def _run_worker(
    work: str,
    waiting: queue.SimpleQueue[tuple[int, str]],
    answers: queue.SimpleQueue[dict[str, object]],
    stop: threading.Event,
    crews: list[subprocess.Popen[str]],
) -> None:
    process: subprocess.Popen[str] | None = None
    while not stop.is_set():
        try:
            tries, job = waiting.get_nowait()
        except queue.Empty:
            break
        if process is None or process.poll() is not None:
            process = _start(work)
            crews.append(process)
        said = _ask(process, job)
        if said is not None:
            answers.put(said)
        elif stop.is_set():
            break
        elif tries < RETRIES:
            waiting.put((tries + 1, job))
        else:
            answers.put({"died": process.wait()})
    if process is not None and process.stdin is not None:
        process.stdin.close()
        process.wait()


def _start(work: str) -> subprocess.Popen[str]:
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    return subprocess.Popen(
        [sys.executable, "-m", "sundog.run.engines.worker", work],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **single},
    )


def _ask(process: subprocess.Popen[str], job: str) -> dict[str, object] | None:
    """The answer, or None when the worker died."""
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None
    assert stdout is not None
    try:
        stdin.write(json.dumps(job) + "\n")
        stdin.flush()
        line = _read_line(stdout)
    except (BrokenPipeError, ValueError, OSError):
        return None
    if not line:
        process.wait()
        return None
    said: dict[str, object] = json.loads(line)
    return said


def _read_line(stream: IO[str]) -> str:
    line = stream.readline()
    return line if line.endswith("\n") else ""
