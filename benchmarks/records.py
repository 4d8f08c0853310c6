"""Every bar of records made by rule, rivals in the same run: ``python benchmarks/records.py``, 15 to 25 minutes on two quiet cores.

Each run is stored in ``results/records.json`` when it ends, and a run that is there is not made again: what was stopped goes on.
``--only STEP ...`` narrows it, ``--again STEP ...`` forgets what is stored of a step, ``--again all`` of all of them. The sheets are written
after every step; ``run.py --tables --date DAY`` puts them on the page.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent))

import records_scale as scale
import records_speed as speed
import records_truth as truth
from results import RESULTS, store_sheet

STORE = RESULTS / "records.json"
MEMORY = {
    f"{recipe} {workers}": (recipe, scale.LARGE, workers)
    for recipe, workers in (("readings", 1), ("readings", 2), ("customers", 1), ("customers", 2))
}


def list_steps() -> dict[str, dict[str, Callable[[], Any]]]:
    """What each step runs, by name."""
    speeds = {
        work: {name: lambda tool=tool, work=work: speed.run_tool(tool, work) for name, tool in speed.list_runs(work)}  # type: ignore[misc]
        for work in ("customers", "shop")
    }
    return {
        "laws": {"laws": truth.check_laws},
        "ranks": {"ranks": truth.check_ranks},
        "keys": {"keys": truth.check_keys},
        "weather": {"weather": truth.check_weather},
        "start": {"start": scale.measure_start},
        "cuts": {"cuts": scale.compare_cuts},
        "workers": {"workers": scale.measure_workers},
        **speeds,
        "memory": {
            f"memory {name}": lambda said=said: scale.measure_memory(*said)  # type: ignore[misc]
            for name, said in MEMORY.items()
        },
    }


def load_store() -> dict[str, dict[str, Any]]:
    """What was measured, by step and run."""
    return dict(json.loads(STORE.read_text())) if STORE.exists() else {}


def save_store(stored: Mapping[str, Mapping[str, Any]]) -> None:
    """Write it whole."""
    part = STORE.with_suffix(".part")
    part.write_text(json.dumps(stored, indent=1) + "\n")
    part.replace(STORE)


def run_step(step: str, runs: Mapping[str, Callable[[], Any]], stored: dict[str, dict[str, Any]]) -> list[str]:
    """Make what is missing of a step; what went wrong."""
    there = stored.setdefault(step, {})
    failed = []
    for name, run in runs.items():
        if name in there and "error" not in there[name]:
            continue
        started = time.monotonic()
        try:
            there[name] = {**run(), "load": os.getloadavg()[0]} if step in ("customers", "shop", "memory") else run()
        except Exception as problem:  # noqa: BLE001 - the other runs go on, and the page says what is missing
            there[name] = {"error": f"{type(problem).__name__}: {problem}"}
            failed.append(f"{step}, {name}: {problem}")
        save_store(stored)
        print(f"{step}: {name}: {time.monotonic() - started:.0f} s {_shorten(there[name])}", flush=True)
    return failed


def _shorten(found: Mapping[str, Any]) -> str:
    if "error" in found:
        return str(found["error"])[-300:]
    if "rows" in found and "cpu_s" in found:
        rows = sum(found["rows"].values()) if isinstance(found["rows"], dict) else found["rows"]
        return f"{rows / found['cpu_s']:,.0f} rows per cpu-s, {found['peak_mib']:,.0f} MiB"
    return json.dumps(found)[:300]


def write_sheets(stored: Mapping[str, Mapping[str, Any]]) -> None:
    """The sheets of what is there."""
    for work in ("customers", "shop"):
        runs = stored.get(work, {})
        if runs:
            loads = [float(run["load"]) for run in runs.values() if "load" in run]
            load = f"load {min(loads):.0f} to {max(loads):.0f} on {os.cpu_count()} cores" if loads else "nothing ran"
            store_sheet(speed.make_sheet(work, runs, load))
    flat = {name: found for runs in stored.values() for name, found in runs.items() if "error" not in found}
    if any(step in stored for step in ("workers", "cuts", "memory", "start")):
        store_sheet(scale.make_sheet(flat))
    if any(step in stored for step in ("laws", "ranks", "keys", "weather")):
        store_sheet(truth.make_sheet(flat))


def main() -> None:
    """The command line."""
    steps = list_steps()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="+", default=list(steps), choices=list(steps), metavar="STEP", help=", ".join(steps)
    )
    parser.add_argument("--again", nargs="+", default=[], choices=[*steps, "all"], metavar="STEP")
    asked = parser.parse_args()
    stored = load_store()
    for step in steps if "all" in asked.again else asked.again:
        stored.pop(step, None)
    failed = []
    for step in asked.only:
        failed += run_step(step, steps[step], stored)
        write_sheets(stored)
    for problem in failed:
        print(problem, file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
