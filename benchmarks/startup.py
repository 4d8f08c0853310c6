"""How long a user waits before anything happens: ``python benchmarks/startup.py`` (kernels warm after its first run)."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from command import Ran, find_sundog, run_best, run_command
from competitors import WORK
from real import load_dataset, write_half
from results import Sheet, judge_time, store_sheet

SAMPLE = "import sys, sundog.api as s; print(s.load_fitted(sys.argv[1]).sample(1))"
TIMES = 3
LIMIT_S = 5


def main() -> None:
    """Run each command a few times and keep the best."""
    data = load_dataset("adult")
    folder = WORK / "startup"
    write_half(data, data.table, folder)
    model = folder / "fitted"
    if not model.exists():
        source = {"path": str(folder / "train.csv")}
        recipe = {"name": "adult", "parts": {"rows": {"kind": "tables", "units": 1, "source": source}}}
        fit = run_command([sys.executable, "-c", f"import sundog.api as s; s.fit({recipe!r}).save({str(model)!r})"])
        if fit.code != 0:
            raise RuntimeError(fit.output[-2000:])
    out = folder / "one"

    def replicate_one() -> Ran:
        shutil.rmtree(out, ignore_errors=True)
        options = ["-n", "1", "-o", str(out), "--evidence", "none"]
        return run_command([find_sundog(), "replicate", str(folder / "train.csv"), *options])

    measured = {
        "`python -c pass` (for comparison)": run_best([sys.executable, "-c", "pass"], TIMES),
        "`import sundog`": run_best([sys.executable, "-c", "import sundog"], TIMES),
        "`sundog --help`": run_best([find_sundog(), "--help"], TIMES),
        "`sundog kinds`": run_best([find_sundog(), "kinds"], TIMES),
        "first row of a stored model of adult, `trees`": run_best([sys.executable, "-c", SAMPLE, str(model)], TIMES),
        "`sundog replicate adult.csv -n 1 --evidence none`, fit included": min(
            (replicate_one() for _ in range(2)), key=lambda r: r.wall_s
        ),
    }
    for name, ran in measured.items():
        print(name, ran.code, f"{ran.wall_s:.2f} s", ran.output[-300:] if ran.code else "", flush=True)
    first = measured["first row of a stored model of adult, `trees`"]
    if first.code != 0:
        raise RuntimeError(first.output[-2000:])
    what = "first row of a stored model, from the start of the process"
    bars = (judge_time(what, first.wall_s, first.cpu_s, LIMIT_S, os.getloadavg()[0], os.cpu_count() or 1),)
    rows = tuple(
        (name, f"{ran.wall_s:.2f}", f"{ran.cpu_s:.2f}", f"{ran.peak_mib:,.0f}", str(ran.code))
        for name, ran in measured.items()
    )
    about = f"Best of {TIMES} (the last: of 2), warm kernel cache. On a busy machine the wall times are upper bounds; one core does all of it, so cpu-s is what an idle one takes."
    store_sheet(Sheet("startup", "Start", about, ("command", "wall s", "cpu-s", "peak MiB", "exit"), rows, bars))


if __name__ == "__main__":
    main()
