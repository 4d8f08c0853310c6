"""Shards as tasks of a Ray cluster: Ray's own scheduler places them, tries them again when a worker or a machine dies.

Every worker writes to the output URL itself, so the cluster must share it: an object store, or a folder that all machines mount.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ray
import ray.exceptions

from sundog import __version__
from sundog.core.errors import Fault, Incomplete, Problem, RequestError
from sundog.lib.processors import count_processors
from sundog.run.engines.local import RETRIES, Said, give_up, take_result
from sundog.run.engines.worker import answer, find_work

WINDOW = 1_000
"""Most tasks that wait or run at once; more would only fill the scheduler's memory."""

_STORE_BYTES = 100_000_000  # only short texts pass through Ray


@dataclass
class RayEngine:
    """Implements ``core.protocols.Engine`` on a Ray cluster.

    Attributes:
        workers: how many tasks at once; without it as many as the cluster has processors for.
        address: of a running cluster (``RAY_ADDRESS`` in the environment says the same); without it, a cluster of this one
            machine is started, and stopped by ``close``.
    """

    workers: int | None = None
    address: str | None = None
    _ours: bool = field(default=False, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Connect, so that a wrong address is found before anything is written.

        Raises:
            RequestError: there is no such cluster.
        """
        if ray.is_initialized():
            return  # the caller's own connection: used, and never shut down
        # Ray reports what it is used for over the network unless it is told not to.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        address = self.address or os.environ.get("RAY_ADDRESS") or "local"
        try:
            if address == "local":
                ray.init(
                    "local",
                    num_cpus=self.workers or count_processors(),
                    include_dashboard=False,
                    object_store_memory=_STORE_BYTES,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                )
            else:
                ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, OSError, RuntimeError, ValueError) as error:
            what = f"no Ray cluster answers at {address!r}: {str(error).splitlines()[0] if str(error) else error!r}"
            mend = "Start one with `ray start --head` and give its address, or leave --address out."
            raise RequestError(Problem("SD-RUN-040", "--address", what, mend)) from error
        self._ours = True

    def describe(self) -> Mapping[str, str | int]:
        """Name, tasks at once and machines, for run.json."""
        nodes: list[Mapping[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
        resources: Mapping[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        machines, processors = sum(bool(n["Alive"]) for n in nodes), int(resources.get("CPU", 1))
        return {"engine": "ray", "workers": self.workers or processors, "machines": machines}

    def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        if self._ours:
            self._ours = False
            ray.shutdown()

    def map(self, work: str, jobs: Sequence[str]) -> Iterator[str]:
        """Results as they come.

        Args:
            work: ``package.module:function`` of a function from text to text.
            jobs: one text a job.

        Raises:
            Incomplete: a task died again and again, or the cluster was lost; what is finished is kept.
        """
        task = ray.remote(num_cpus=1, max_retries=RETRIES)(_answer_task)
        left = iter(jobs)
        running: list[ray.ObjectRef[Any]] = []
        try:
            while True:
                while len(running) < (self.workers or WINDOW) and (job := next(left, None)) is not None:
                    running.append(task.remote(__version__, work, job))
                if not running:
                    return
                done, running = ray.wait(running, num_returns=1)
                yield take_result(_fetch(done[0]))
        finally:
            for reference in running:
                with contextlib.suppress(ray.exceptions.RayError, ValueError):
                    ray.cancel(reference, force=True)


def _answer_task(version: str, work: str, job: str) -> Said:
    """One job, on whatever machine it was placed."""
    if version != __version__:
        what = f"this machine has Sundog {__version__}, and the run was started by {version}"
        mend = "Install the same version on every machine; another one may make other data."
        problem = Problem("SD-RUN-041", os.uname().nodename, what, mend)
        return {"error": "Fault", "problems": [[problem.code, problem.where, problem.what, problem.fix]]}
    return answer(find_work(work), job)


def _fetch(reference: ray.ObjectRef[Any]) -> Said:
    try:
        said: Said = ray.get(reference)
        return said
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.NodeDiedError, ray.exceptions.OutOfMemoryError) as error:
        raise give_up(_first_line(error)) from error
    except ray.exceptions.RayTaskError as error:  # the task could not even begin: Sundog is not installed there
        mend = "Install Sundog and the extensions of the recipe on every machine of the cluster."
        raise Fault(Problem("SD-RUN-042", "worker", _first_line(error.cause), mend)) from error
    except ray.exceptions.RayError as error:
        mend = "See to the cluster, then run the same command with --resume: what is finished is kept."
        raise Incomplete(Problem("SD-RUN-043", "engine", f"Ray failed: {_first_line(error)}", mend)) from error


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
