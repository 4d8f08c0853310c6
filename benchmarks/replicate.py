"""The whole of ``sundog replicate`` on adult, quick and full: ``python benchmarks/replicate.py``."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from command import find_sundog, run_command
from competitors import WORK
from real import load_dataset, write_half
from results import Bar, Sheet, judge_time, store_sheet

LIMITS = {"quick": 90, "full": 240}


def main() -> None:
    """Run each level of evidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--methods", nargs="+", default=["trees", "forest"])
    asked = parser.parse_args()
    data = load_dataset("adult")
    folder = WORK / "replicate"
    write_half(data, data.table, folder)
    rows: list[tuple[str, ...]] = []
    bars: list[Bar] = []
    for method in asked.methods:
        for level, limit in LIMITS.items():
            out = folder / f"{method}-{level}"
            shutil.rmtree(out, ignore_errors=True)
            command = [find_sundog(), "replicate", str(folder / "train.csv"), "-o", str(out), "--target", data.target]
            ran = run_command([*command, "--method", method, "--evidence", level])
            size = (
                sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / 2**20 if out.exists() else 0.0
            )
            print(
                method,
                level,
                ran.code,
                f"{ran.wall_s:.0f} s, {ran.cpu_s:.0f} cpu-s",
                ran.output.strip().splitlines()[-1:],
                flush=True,
            )
            cells = (f"{ran.wall_s:.0f}", f"{ran.cpu_s:.0f}", f"{ran.peak_mib:,.0f}", f"{size:.1f}", str(ran.code))
            rows.append((f"`{method}`", f"`{level}`", *cells))
            if method == "trees":
                what = f"`sundog replicate` of adult, `--evidence {level}`, 2 cores"
                bar = judge_time(what, ran.wall_s, ran.cpu_s, limit, os.getloadavg()[0], os.cpu_count() or 1)
                bars.append(bar if ran.code in (0, 3) else replace(bar, verdict=f"**no** (exit {ran.code})"))
    about = "48,842 rows from CSV to a sealed bundle with its report; wall time is an upper bound, since the machine was shared. Exit 3 means that a check withheld the bundle."
    columns = ("method", "evidence", "wall s", "cpu-s", "peak MiB of all processes", "bundle MiB", "exit")
    store_sheet(Sheet("replicate", "From CSV to report", about, columns, tuple(rows), tuple(bars)))


if __name__ == "__main__":
    main()
