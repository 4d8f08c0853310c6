"""Kills runs at chosen steps and resumes them. A program of its own, with one thread, so that it may fork.

``python -m sundog_toy.crash FOLDER COUNT`` makes one bundle undisturbed, then kills ``COUNT`` runs with SIGKILL, each at another
step between two changes of the file system, resumes each, and prints what differs as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet  # noqa: F401 - loaded before the forks, so that each of them is quick

from sundog.core.extension import implementation, installed
from sundog.core.keys import Key
from sundog.run import make as _make  # noqa: F401
from sundog_toy.bundles import make, read_content

RECIPE: dict[str, Any] = {
    "name": "crash",
    "seed": 3,
    "parts": {
        "people": {"kind": "shop", "units": 24, "odd": 0.3, "secret": 0.1, "codes": 300},
        "notes": {"kind": "note", "of": "people", "blank": 0.2},
    },
    "checks": [{"kind": "toy_limit", "of": "people"}, {"kind": "toy_verdict"}],
}
SHARD = 9


def watch_steps(tick: Callable[[], None]) -> None:
    """Call ``tick`` before every change of the file system that the run makes."""

    def before(owner: Any, name: str) -> None:
        good = getattr(owner, name)

        def act(*args: Any, **named: Any) -> Any:
            tick()
            return good(*args, **named)

        setattr(owner, name, act)

    for name in ("replace", "rename", "unlink", "rmdir", "mkdir", "fsync"):
        before(os, name)


def in_child(work: Callable[[], None]) -> int:
    """Run the work in a process of its own; gives its exit status, negative for a signal."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setpgid(0, 0)
            work()
            status = 0
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def count_steps(folder: Path) -> int:
    """Steps of an undisturbed run."""
    told = folder / "steps"

    def work() -> None:
        steps = [0]

        def tick() -> None:
            steps[0] += 1

        watch_steps(tick)
        make(RECIPE, folder / "whole", shard_units=SHARD)
        told.write_text(str(steps[0]))

    if in_child(work) != 0:
        raise SystemExit("the undisturbed run failed")
    return int(told.read_text())


def kill_at(step: int, out: Path, *, resume: bool) -> int:
    """Run until this step and die there."""

    def work() -> None:
        left = [step]

        def tick() -> None:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        watch_steps(tick)
        make(RECIPE, out, shard_units=SHARD, resume=resume)

    return in_child(work)


def main() -> None:
    """Kill, resume, compare."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    for group in ("sundog.checks", "sundog.kinds"):
        for kind, extension in installed(group).items():
            if kind.startswith(("toy", "shop", "note")) or "quick" in getattr(extension, "when", ()):
                implementation(group, kind)
    total = count_steps(folder)
    whole = read_content(folder / "whole")
    words = Key.root(20).child("instants").words(range(count))
    results = []
    for i in range(count):
        low, high = total * i // count, total * (i + 1) // count  # one in each stretch, so that none is left out
        step = low + int(words[i, 0] % max(high - low, 1))
        out = folder / "out"
        died = kill_at(step, out, resume=False)
        again = int(words[i, 1] % max(total - step, 1))
        twice = kill_at(again, out, resume=True) if i % 3 == 0 and died < 0 else 0
        ended = in_child(lambda: _resume(folder / "out"))
        now = read_content(out) if ended == 0 else {}
        different = sorted(k for k in whole.keys() | now.keys() if whole.get(k) != now.get(k))
        results.append({"step": step, "died": died, "twice": twice, "ended": ended, "different": different})
        shutil.rmtree(out, ignore_errors=True)
    print(json.dumps({"total": total, "files": len(whole), "kills": results}))


def _resume(out: Path) -> None:
    make(RECIPE, out, shard_units=SHARD, resume=True)


if __name__ == "__main__":
    main()
