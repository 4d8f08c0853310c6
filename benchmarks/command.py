"""Runs a command and reads what it cost, with the memory of all its processes together."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
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
        output: what it printed.
    """

    code: int
    wall_s: float
    cpu_s: float
    peak_mib: float
    output: str


def run_command(command: Sequence[str]) -> Ran:
    """Run to the end."""
    before = os.times()
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process.pid, peak), daemon=True)
    watcher.start()
    output, _ = process.communicate()
    wall = time.monotonic() - started
    after = os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    watcher.join(timeout=1)
    return Ran(process.returncode, wall, cpu, peak[0], output)


def run_best(command: Sequence[str], times: int) -> Ran:
    """The run with the least wall time of several; others use the machine too."""
    return min((run_command(command) for _ in range(times)), key=lambda ran: ran.wall_s)


def find_sundog() -> str:
    """The command of this environment."""
    return str(Path(sys.executable).parent / "sundog")


def _watch(pid: int, peak: list[float]) -> None:
    while True:
        try:
            root = psutil.Process(pid)
            tree = [root, *root.children(recursive=True)]
            total = 0
            for process in tree:
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            peak[0] = max(peak[0], total / 2**20)
            if root.status() == psutil.STATUS_ZOMBIE:
                return
        except psutil.NoSuchProcess:
            return
        time.sleep(0.1)
