"""What a piece of work cost: processor seconds, wall seconds and peak memory of this process and its children.

Standard library only, because it runs inside the environments of the rivals too.
"""

from __future__ import annotations

import resource
import signal
import time
from dataclasses import dataclass
from types import FrameType


class Cut(BaseException):
    """Raised in the process that has used up its processor seconds; not an ``Exception``, so that no rival swallows it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of one step.

    Attributes:
        cpu_s: user and system seconds of this process and of the children that it has waited for.
        wall_s: seconds on the clock; on a shared machine only an upper bound.
        peak_mib: largest resident set of the process since it began, MiB, or of its largest child.
    """

    cpu_s: float
    wall_s: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Started:
    """The meters at the start of a step."""

    cpu_s: float
    wall_s: float


def _read_cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def start_meter() -> Started:
    """Read the meters before a step."""
    return Started(_read_cpu(), time.monotonic())


def read_meter(started: Started) -> Cost:
    """Cost since ``started``."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = max(own.ru_maxrss, children.ru_maxrss) / 1024
    return Cost(_read_cpu() - started.cpu_s, time.monotonic() - started.wall_s, peak)


def limit_cpu(seconds: int) -> None:
    """Raise ``Cut`` in this process once it has used so many processor seconds; the kernel kills it a minute later."""

    def stop(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGXCPU, signal.SIG_IGN)  # it comes again every second
        raise Cut(f"more than {seconds} processor seconds")

    signal.signal(signal.SIGXCPU, stop)
    used = int(_read_cpu())
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, used + seconds + 60))
