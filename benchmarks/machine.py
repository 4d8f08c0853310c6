"""Which machine a measurement ran on."""

from __future__ import annotations

import os
import platform
from pathlib import Path

MACHINE = "AMD EPYC, 2 cores, 24 GiB of memory, Python 3.11.7, Linux."
"""Where most of the stored measurements ran."""


def describe_machine() -> str:
    """Processor, cores and memory of this machine, in one line."""
    model = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = found[0] if found else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB of memory, Python {platform.python_version()}, {platform.system()}."
