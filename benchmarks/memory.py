"""Whether 5 million rows x 50 columns fit in 8 GiB: ``python benchmarks/memory.py``. The process is killed by nothing; its peak is read."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from competitors import WORK
from made_table import write_table
from measure import measure_fit
from results import Bar, Sheet, say_reached, store_sheet


def main() -> None:
    """Measure both methods on the large table and on a wide one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--methods", nargs="+", default=["forest", "trees"])
    asked = parser.parse_args()
    table = WORK / "growth" / f"{asked.rows}x{asked.columns}.parquet"
    if not table.exists():
        write_table(table, asked.rows, asked.columns)
    rows, bars = [], []
    for method in asked.methods:
        found = measure_fit(table, method, 100_000)
        print(method, found, flush=True)
        rows.append(
            (
                f"`{method}`",
                f"{asked.rows:,} x {asked.columns}",
                f"{found['fit_cpu_s']:.0f}",
                f"{found['fit_wall_s']:.0f}",
                f"{found['peak_mib']:,.0f}",
            )
        )
        measured = f"{found['peak_mib'] / 1024:.1f} GiB"
        bars.append(
            Bar(
                f"{asked.rows:,} rows x {asked.columns} columns, `{method}`",
                "<= 8 GiB",
                measured,
                say_reached(found["peak_mib"] <= 8192),
            )
        )
    about = "Read from Parquet, learned from 500,000 rows drawn at random (the default), 100,000 rows sampled; peak resident memory of the process."
    store_sheet(
        Sheet(
            "memory",
            "Memory",
            about,
            ("method", "table", "fit cpu-s", "fit wall s", "peak MiB"),
            tuple(rows),
            tuple(bars),
        )
    )


if __name__ == "__main__":
    main()
