"""Fit and sampling speed on adult at its usual size, 39,073 rows: ``python benchmarks/speed.py``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import pyarrow as pa
from competitors import WORK
from measure import measure_fit
from real import SPLIT_SEED, load_dataset, write_half
from results import Bar, Sheet, say_reached, store_sheet

from sundog.core.keys import Key

ROWS = 39_073
SAMPLE = {"trees": 200_000, "forest": 1_000_000}
RATES = {"trees": 50_000, "forest": 300_000}
REPEATS = 3


def main() -> None:
    """Measure both methods and keep the median of three."""
    data = load_dataset("adult")
    order = Key.root(SPLIT_SEED).child("speed").generator().permutation(data.table.num_rows)[:ROWS]
    folder = WORK / "speed"
    write_half(data, data.table.take(pa.array(order)), folder)
    rows, bars = [], []
    for method, sample in SAMPLE.items():
        found = sorted(
            (measure_fit(folder / "train.csv", method, sample) for _ in range(REPEATS)), key=lambda f: f["fit_cpu_s"]
        )
        middle = found[REPEATS // 2]
        rate = sorted(sample / f["sample_cpu_s"] for f in found)[REPEATS // 2]
        cells = (
            f"{middle['fit_cpu_s']:.1f}",
            f"{rate:,.0f}",
            f"{middle['fit_peak_mib']:,.0f}",
            f"{middle['peak_mib']:,.0f}",
        )
        rows.append((f"`{method}`", *cells))
        reached = middle["fit_cpu_s"] <= 12 and middle["fit_peak_mib"] <= 1024
        measured = f"{middle['fit_cpu_s']:.1f} cpu-s, {middle['fit_peak_mib']:,.0f} MiB"
        bars.append(
            Bar(f"fit on adult (39k x 15), `{method}`", "<= 12 cpu-s, peak <= 1 GiB", measured, say_reached(reached))
        )
        limit = f">= {RATES[method]:,} rows per cpu-s"
        bars.append(Bar(f"sampling adult, `{method}`", limit, f"{rate:,.0f}", say_reached(rate >= RATES[method])))
    about = f"Fit on {ROWS:,} rows of adult from a CSV (reading included), one processor, median of {REPEATS}; sampling after the first row, kernels from the cache."
    columns = (
        "method",
        "fit cpu-s",
        "rows / cpu-s",
        "peak MiB of the fit",
        f"peak MiB with the sample ({', '.join(f'{n:,}' for n in SAMPLE.values())} rows)",
    )
    store_sheet(Sheet("speed", "Speed on adult", about, columns, tuple(rows), tuple(bars)))


if __name__ == "__main__":
    main()
