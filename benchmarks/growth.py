"""Fit time against rows and columns: ``python benchmarks/growth.py [--most-rows N]``. Stores each point and draws them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
from chart import Line, draw_chart
from competitors import WORK
from made_table import write_table
from measure import measure_fit
from real import HERE
from results import RESULTS, Bar, Sheet, say_reached, store_sheet

ROWS = (10_000, 30_000, 100_000, 300_000, 1_000_000, 5_000_000)
COLUMNS = (10, 20, 50, 100, 200, 500)
WIDTH, LENGTH = 20, 10_000
ALL_ROWS = 1_000_000
"""Up to here the fit is also measured with every row learned from (``learn_rows`` raised)."""
SLOPE = 1.15
"""Near-linear: the cost grows with at most this power of the rows."""

Point = dict[str, float | str]


def measure_points(most_rows: int, methods: Sequence[str]) -> list[Point]:
    """Measure what is not stored yet, smallest first."""
    path = RESULTS / "growth-points.json"
    points: list[Point] = json.loads(path.read_text()) if path.exists() else []
    wanted: list[tuple[int, int, str, int | None]] = [
        (rows, WIDTH, method, None) for rows in ROWS if rows <= most_rows for method in methods
    ]
    wanted += [
        (rows, WIDTH, method, ALL_ROWS)
        for rows in ROWS
        if 500_000 < rows <= min(most_rows, ALL_ROWS)
        for method in methods
    ]
    wanted += [(LENGTH, columns, method, None) for columns in COLUMNS if columns != WIDTH for method in methods]
    for rows, columns, method, learn in sorted(wanted, key=lambda w: w[0] * w[1]):
        asked: Point = {"rows": rows, "columns": columns, "method": method, "learn_rows": learn or 0}
        if any(all(point[name] == value for name, value in asked.items()) for point in points):
            continue
        table = WORK / "growth" / f"{rows}x{columns}.parquet"
        if not table.exists():
            write_table(table, rows, columns)
        found = measure_fit(table, method, 10_000, learn)
        points.append({**asked, **found, "rows": rows})
        path.write_text(json.dumps(points, indent=1) + "\n")
        print(asked, f"{found['fit_cpu_s']:.1f} cpu-s, {found['peak_mib']:,.0f} MiB", flush=True)
    return points


def fit_slope(points: Sequence[Point], by: str) -> float:
    """Slope of log cost on log size."""
    x = np.log([float(point[by]) for point in points])
    y = np.log([float(point["fit_cpu_s"]) for point in points])
    return float(np.polyfit(x, y, 1)[0]) if len(points) > 1 else float("nan")


def main() -> None:
    """Measure, draw and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most-rows", type=int, default=ROWS[-1])
    parser.add_argument("--methods", nargs="+", default=["trees", "forest"])
    parser.add_argument("--draw", action="store_true", help="measure nothing, draw what is stored")
    asked = parser.parse_args()
    points = measure_points(0 if asked.draw else asked.most_rows, [] if asked.draw else asked.methods)
    pictures: list[str] = []
    bars: list[Bar] = []
    for by, label in (("rows", f"rows, {WIDTH} columns"), ("columns", f"columns, {LENGTH:,} rows")):
        lines = []
        for method in asked.methods:
            for learn, note in ((0, ""), (ALL_ROWS, ", every row learned")):
                chosen = _choose(points, by, method, learn)
                if len(chosen) > 1:
                    lines.append(Line(f"{method}{note}", tuple((float(p[by]), float(p["fit_cpu_s"])) for p in chosen)))
        if lines:
            (RESULTS / f"growth-{by}.svg").write_text(draw_chart(f"Fit time against {by}", label, "cpu-seconds", lines))
            pictures.append(str((RESULTS / f"growth-{by}.svg").relative_to(HERE)))
    for method in asked.methods:
        everything = _choose(points, "rows", method, ALL_ROWS)
        larger = [p for p in everything if float(p["rows"]) >= 30_000]
        if len(larger) < 3:
            continue  # too few points to speak of growth
        slope = fit_slope(larger, "rows")
        span = f"{float(larger[0]['rows']):,.0f} to {float(larger[-1]['rows']):,.0f}"
        bars.append(
            Bar(
                f"growth of the fit with rows, `{method}`",
                f"power <= {SLOPE} of the rows",
                f"{slope:.2f} ({span} rows, all learned)",
                say_reached(slope <= SLOPE),
            )
        )
    rows = tuple(
        (
            f"`{p['method']}`",
            f"{float(p['rows']):,.0f}",
            f"{float(p['columns']):,.0f}",
            "all" if p["learn_rows"] else f"{min(float(p['rows']), 500_000):,.0f}",
            f"{float(p['fit_cpu_s']):.1f}",
            f"{10_000 / float(p['sample_cpu_s']):,.0f}",
            f"{float(p['peak_mib']):,.0f}",
        )
        for p in sorted(
            points, key=lambda p: (str(p["method"]), float(p["columns"]), float(p["rows"]), float(p["learn_rows"]))
        )
    )
    about = "Made-up tables (numbers, money, groups, towns on two hidden factors) read from Parquet, one processor. The default learns from at most 500,000 rows, drawn at random: beyond, only reading grows."
    columns = ("method", "rows", "columns", "rows learned", "fit cpu-s", "rows / cpu-s", "peak MiB")
    store_sheet(Sheet("growth", "Growth", about, columns, rows, tuple(bars), tuple(pictures)))


def _choose(points: Sequence[Point], by: str, method: str, learn: int) -> list[Point]:
    """The points of one line; "every row learned" is the same as the default where the default takes all rows."""
    found = [
        p for p in points if p["method"] == method and (p["columns"] == WIDTH if by == "rows" else p["rows"] == LENGTH)
    ]
    if learn:
        found = [p for p in found if p["learn_rows"] or float(p["rows"]) <= 500_000]
        found = found if by == "rows" else []
    else:
        found = [p for p in found if not p["learn_rows"]]
    return sorted(found, key=lambda p: float(p[by]))


if __name__ == "__main__":
    main()
