"""Runs a command and reads what it cost, with the memory of all its processes together."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Ran:
    """What one command cost.

    Attributes:
        code: exit code.
        wall_s: seconds on the clock.
        cpu_s: user and system seconds of the command and its children.
        peak_mib: largest sum of resident sets over the process tree, MiB, looked at ten times a second.
        once_mib: the same with pages that several processes share counted once, looked at twice a second; 0 where it was not asked for.
        output: what it printed.
    """

    code: int
    wall_s: float
    cpu_s: float
    peak_mib: float
    output: str
    once_mib: float = 0.0


def run_command(command: Sequence[str], count_once: bool = False) -> Ran:
    """Run to the end; ``count_once`` measures memory with shared pages counted once, too (Linux alone)."""
    before = os.times()
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak = [0.0, 0.0]
    watcher = threading.Thread(target=_watch, args=(process.pid, peak, count_once), daemon=True)
    watcher.start()
    output, _ = process.communicate()
    wall = time.monotonic() - started
    after = os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    watcher.join(timeout=1)
    return Ran(process.returncode, wall, cpu, peak[0], output, peak[1])


def run_best(command: Sequence[str], times: int) -> Ran:
    """The run with the least wall time of several; others use the machine too."""
    return min((run_command(command) for _ in range(times)), key=lambda ran: ran.wall_s)


def find_sundog() -> str:
    """The command of this environment."""
    return str(Path(sys.executable).parent / "sundog")


def _watch(pid: int, peak: list[float], count_once: bool) -> None:
    for look in count():
        try:
            root = psutil.Process(pid)
            tree = [root, *root.children(recursive=True)]
            total, shared = 0, 0
            for process in tree:
                try:
                    total += process.memory_info().rss
                    shared += _read_share(process.pid) if count_once and look % 5 == 0 else 0
                except (psutil.NoSuchProcess, OSError):
                    continue
            peak[:] = max(peak[0], total / 2**20), max(peak[1], shared / 2**10)
            if root.status() == psutil.STATUS_ZOMBIE:
                return
        except psutil.NoSuchProcess:
            return
        time.sleep(0.1)


def _read_share(pid: int) -> int:
    """KiB of a process, each page divided by the number of processes that share it."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
