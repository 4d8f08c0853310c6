"""Make one table, or the shop, with one tool inside the tool's own environment, on one core, and say what it cost.

``python records_runner.py TOOL WORK FOLDER --rows N``: WORK is ``customers`` or ``shop``; rows of the first table. FOLDER gets Parquet
files, snappy. The last line printed is JSON: rows of every table, processor seconds without the start of the process and the imports, and
with them. Standard library only.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import shutil
import sys
import time
from pathlib import Path

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS")
for _name in _THREADS:
    os.environ[_name] = "1"

_TICKS = os.sysconf("SC_CLK_TCK")


def read_cpu() -> float:
    """User and system seconds of this process, of children that ended, and of those that still run (Spark's Java is one)."""
    own = os.times()
    return own.user + own.system + own.children_user + own.children_system + sum(_read_living())


def _read_living() -> list[float]:
    parents: dict[int, list[int]] = {}
    spent: dict[int, float] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        parents.setdefault(int(fields[1]), []).append(int(folder.name))
        spent[int(folder.name)] = sum(int(ticks) for ticks in fields[11:15]) / _TICKS
    found: list[float] = []
    waiting = list(parents.get(os.getpid(), []))
    while waiting:
        one = waiting.pop()
        found.append(spent[one])
        waiting += parents.get(one, [])
    return found


def use_one_core() -> None:
    """Keep this process and what it starts on one core."""
    allowed = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {allowed[-1]})


def main() -> None:
    """Run once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("work", choices=("customers", "shop"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    use_one_core()
    shutil.rmtree(asked.folder, ignore_errors=True)
    asked.folder.mkdir(parents=True)
    rival = importlib.import_module(f"records_{asked.tool}")
    rival.start()
    before, clock = read_cpu(), time.monotonic()
    rows = getattr(rival, f"make_{asked.work}")(asked.rows, asked.seed, asked.folder)
    cpu, wall = read_cpu() - before, time.monotonic() - clock
    answer = {
        "rows": rows,
        "cpu_s": cpu,
        "wall_s": wall,
        "with_start_cpu_s": read_cpu(),
        "bytes": sum(path.stat().st_size for path in asked.folder.rglob("*.parquet")),
        "versions": {name: importlib.metadata.version(name) for name in rival.PACKAGES},
    }
    sys.stdout.flush()
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
