"""Run the comparison and write ``benchmarks/README.md``.

``python benchmarks/run.py --date 2026-11-24`` runs what is not stored yet; ``--data``, ``--methods`` and ``--rivals`` narrow it,
``--again METHOD`` makes a method's runs anew, ``--tables`` only writes the page from what is stored.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent))

from competitors import COMPETITORS, OURS, RIVALS, Competitor, locate_run, read_output, run_competitor
from judge import judge_reference, judge_table
from real import Dataset, load_dataset, split_halves
from results import RESULTS, Run, load_runs, store_runs
from tables import write_page


def compare(competitor: Competitor, data: Dataset, nice: int, judge_only: bool = False) -> None:
    """Run and judge one method on both halves with all its seeds, storing after each; ``judge_only`` runs nothing new."""
    halves = dict(zip("ab", split_halves(data), strict=True))
    runs = load_runs(data.name, competitor.name)
    for seed in range(competitor.seeds):
        for half, other in (("a", "b"), ("b", "a")):
            if any(run.half == half and run.seed == seed for run in runs):
                continue
            if judge_only and not (locate_run(competitor, data, half, seed) / "cost.json").exists():
                continue
            cost = run_competitor(competitor, data, halves[half], half, seed, nice)
            judged = None
            if cost["status"] == "done":
                judged = judge_table(data, halves[half], halves[other], read_output(competitor, data, half, seed))
            runs.append(Run(half, seed, cost, judged))
            store_runs(data.name, competitor.name, runs)
            print(f"{data.name} {competitor.name} {half} seed {seed}: {cost['status']}", flush=True)


def refer(data: Dataset) -> None:
    """Judge real rows by the same measures."""
    if load_runs(data.name, "real"):
        return
    one, two = split_halves(data)
    runs = [Run(half, 0, {}, judge_reference(data, *sides)) for half, sides in (("a", (one, two)), ("b", (two, one)))]
    store_runs(data.name, "real", runs)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", default=["adult", "default", "beijing"], metavar="NAME_OR_CSV")
    parser.add_argument("--target", help="target column of a CSV given by path (default: its last)")
    parser.add_argument("--methods", nargs="*", default=list(OURS), choices=OURS)
    parser.add_argument("--rivals", nargs="*", default=list(RIVALS), choices=RIVALS)
    parser.add_argument(
        "--again", nargs="*", default=[], choices=[*OURS, *RIVALS], help="forget the stored runs of these"
    )
    parser.add_argument("--judge-only", action="store_true", help="judge the runs that are there and start none")
    parser.add_argument("--tables", action="store_true", help="only write the page")
    parser.add_argument("--nice", type=int, default=10)
    parser.add_argument("--date", default="", help="day of the measurement, for the page")
    asked = parser.parse_args()
    failed = []
    for name in [] if asked.tables else asked.data:
        data = load_dataset(name, asked.target)
        refer(data)
        for method in [*asked.methods, *asked.rivals]:
            competitor = COMPETITORS[method]
            if method in asked.again:
                (RESULTS / f"{data.name}-{method}.json").unlink(missing_ok=True)
                shutil.rmtree(locate_run(competitor, data, "a", 0).parent, ignore_errors=True)
            try:
                compare(competitor, data, asked.nice, asked.judge_only)
            except RuntimeError as problem:
                failed.append(str(problem))
                print(problem, file=sys.stderr, flush=True)
    write_page(asked.date)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
