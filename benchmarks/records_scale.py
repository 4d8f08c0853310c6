"""Records over cores, shards and rows: wall time of two workers, the same data however it is cut, memory of 10**8 rows, and the start."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from command import Ran, find_sundog, run_command
from competitors import WORK
from records_speed import RECIPES
from results import Bar, Sheet, judge_time, say_reached

from sundog import api

FOLDER = WORK / "records"
WIDE = 40_000_000
"""Rows of the comparison of one worker with two: so many that the start of two more processes hardly counts."""
TURNS = 3
LARGE = 100_000_000
MEMORY_MIB = 500


def make_bundle(recipe: Path, out: Path, *options: str, count_once: bool = False) -> Ran:
    """Run ``sundog make``; ``count_once`` as for ``run_command``.

    Raises:
        RuntimeError: it did not end well.
    """
    shutil.rmtree(out, ignore_errors=True)
    command = [find_sundog(), "make", str(recipe), "-o", str(out), "--evidence", "none", *options]
    ran = run_command(command, count_once)
    if ran.code != 0:
        raise RuntimeError(f"sundog make: exit {ran.code}: {ran.output[-1500:]}")
    return ran


def measure_workers() -> dict[str, Any]:
    """Wall seconds of the same rows with one worker and with two, in turn."""
    out = FOLDER / "workers"
    found: dict[str, list[float]] = {"1": [], "2": []}
    hashes = set()
    for _ in range(TURNS):
        for workers, walls in found.items():
            ran = make_bundle(RECIPES / "customers.yaml", out, "-n", str(WIDE), "--workers", workers)
            walls.append(ran.wall_s)
            hashes.add(json.loads((out / "manifest.json").read_text())["content_hash"])
    few = make_bundle(RECIPES / "customers.yaml", out, "-n", "10", "--workers", "1").wall_s
    shutil.rmtree(out)
    return {"walls": found, "hashes": sorted(hashes), "start": few, "load": os.getloadavg()[0], "core": _is_core()}


def hash_tables(bundle: Path) -> dict[str, str]:
    """SHA-256 of every column of every table, all files together, by ``table.column``."""
    found = {}
    for folder in sorted((bundle / "data" / "part").iterdir()):
        table = pa.concat_tables([pq.read_table(path) for path in sorted(folder.glob("*.parquet"))])
        found.update(hash_columns(folder.name, table))
    return found


def hash_columns(name: str, table: pa.Table) -> dict[str, str]:
    """SHA-256 of each column's values as one Arrow stream."""
    found = {}
    for column in table.column_names:
        one = pa.table({column: table[column]}).combine_chunks()
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, one.schema) as writer:
            writer.write_table(one)
        found[f"{name}.{column}"] = sha256(sink.getvalue()).hexdigest()
    return found


def compare_cuts() -> dict[str, Any]:
    """The shop in 4 shards and in 400, a range of it alone, and with another column: which columns differ."""
    units = 40_000
    recipe = RECIPES / "shop.yaml"
    sizes = (units // 4, units // 400)
    cuts = []
    for size in sizes:
        make_bundle(recipe, FOLDER / "cut", "-n", str(units), "--shard-units", str(size))
        cuts.append(hash_tables(FOLDER / "cut"))
    first, last = 12_345, 17_000
    fitted = api.fit(recipe)
    alone = fitted.sample(last - first, seed=1, start=first)
    inside = _cut_out(FOLDER / "cut", first, last)
    more = yaml.safe_load(recipe.read_text())
    for table in more["parts"]["part"]["tables"].values():
        table["fields"] = {"extra": {"type": "normal", "mean": 0, "sd": 1}, **table["fields"]}
    changed = FOLDER / "more.yaml"
    changed.write_text(yaml.safe_dump(more, sort_keys=False))
    make_bundle(changed, FOLDER / "cut", "-n", str(units))
    wider = hash_tables(FOLDER / "cut")
    shutil.rmtree(FOLDER / "cut")
    ranges = {k: v for name, table in alone.items() for k, v in hash_columns(name, table).items()}
    return {
        "rows": {name: table.num_rows for name, table in alone.items()},
        "columns": len(cuts[0]),
        "by shards": _differ(cuts[0], cuts[1]),
        "by range": _differ(ranges, inside),
        "by column": _differ(cuts[0], {k: v for k, v in wider.items() if not k.endswith(".extra")}),
    }


def _differ(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _cut_out(bundle: Path, first: int, last: int) -> dict[str, str]:
    """Hashes of the columns of the rows that belong to customers of this range of units."""
    found = {}
    keys = {"customers": "customer_id", "orders": "customer_id", "payments": "customer_id", "lines": "order_id"}
    whole = {
        name: pa.concat_tables([pq.read_table(p) for p in sorted((bundle / "data" / "part" / name).glob("*.parquet"))])
        for name in keys
    }
    wanted = {"customer_id": pa.array(range(first + 1, last + 1)), "order_id": None}
    for name, key in keys.items():
        mask = pa.compute.is_in(whole[name][key], value_set=wanted[key])
        rows = whole[name].filter(mask)
        if name == "orders":
            wanted["order_id"] = rows["order_id"].combine_chunks()
        found.update(hash_columns(name, rows))
    return found


def measure_memory(recipe: str, rows: int, workers: int) -> dict[str, Any]:
    """Peak memory of all processes of ``sundog make`` while it writes so many rows."""
    out = FOLDER / "memory"
    ran = make_bundle(RECIPES / f"{recipe}.yaml", out, "-n", str(rows), "--workers", str(workers), count_once=True)
    size = sum(path.stat().st_size for path in (out / "data").rglob("*.parquet"))
    shutil.rmtree(out)
    return {
        "rows": rows,
        "once_mib": ran.once_mib,
        "peak_mib": ran.peak_mib,
        "cpu_s": ran.cpu_s,
        "wall_s": ran.wall_s,
        "bytes": size,
        "core": _is_core(),
    }


def _is_core() -> bool:
    """Whether this is the core install: pyarrow loads pandas into every process where it is there."""
    return find_spec("pandas") is None


def measure_start() -> dict[str, Any]:
    """Wall and processor seconds of the first thing a user does, five times each."""
    out = FOLDER / "start"
    found: dict[str, Any] = {"load": os.getloadavg()[0]}
    commands = {
        "import": [sys.executable, "-c", "import sundog"],
        "nothing": [sys.executable, "-c", "pass"],
        "make": [find_sundog(), "make", "customers", "-n", "10", "-o", str(out)],
    }
    for name, command in commands.items():
        runs = []
        for _ in range(5):
            shutil.rmtree(out, ignore_errors=True)
            ran = run_command(command)
            if ran.code != 0:
                raise RuntimeError(ran.output[-1500:])
            runs.append((ran.wall_s, ran.cpu_s))
        found[name] = runs
    shutil.rmtree(out)
    return found


def make_sheet(stored: Mapping[str, Mapping[str, Any]]) -> Sheet:
    """The table of the steps that were measured."""
    rows: list[tuple[str, ...]] = []
    bars: list[Bar] = []
    if "workers" in stored:
        one, two = (median(stored["workers"]["walls"][n]) for n in ("1", "2"))
        speedup, load = one / two, stored["workers"]["load"]
        rows.append(
            (
                f"`sundog make`, {WIDE:,} customers, 1 and 2 workers",
                f"{one:.1f} and {two:.1f} s wall",
                f"load {load:.0f}",
            )
        )
        what = f"2 cores beside 1: wall time of `sundog make --workers`, {WIDE:,} customers"
        what += ", core install" if stored["workers"].get("core") else ""
        bars.append(
            Bar(
                what,
                ">= 1.7 x",
                f"{speedup:.2f} x, load {load:.0f} on {os.cpu_count()} cores",
                say_reached(speedup >= 1.7),
            )
        )
        same = len(stored["workers"]["hashes"]) == 1
        bars.append(
            Bar(
                "1 and 2 workers: same content hash of the bundle",
                "same",
                "same" if same else "other",
                say_reached(same),
            )
        )
    if "cuts" in stored:
        found = stored["cuts"]
        for name, what in (
            ("by shards", "4 shards or 400: same bytes of every column of the shop"),
            ("by range", "a range of customers alone: same rows as cut out of all"),
            ("by column", "another column in every table changes no other column"),
        ):
            wrong = found[name]
            bars.append(Bar(what, "0 columns differ", f"{len(wrong)} of {found['columns']}", say_reached(not wrong)))
    for name, found in stored.items():
        if name.startswith("memory"):
            recipe, workers = name.split()[1:]
            about = f"{found['rows']:,} rows of {recipe}, {workers} worker(s)"
            about += ", core install" if found.get("core") else ""
            cost = f"{found['cpu_s']:.0f} cpu-s, {found['wall_s']:.0f} s wall, {found['bytes'] / 1e9:.1f} GB"
            measured = f"{found['once_mib']:,.0f} MiB ({found['peak_mib']:,.0f} with shared pages counted in each)"
            rows.append((f"`sundog make`, {about}", measured, cost))
            if found["rows"] >= LARGE:
                what = f"memory of all processes, {about}"
                bars.append(Bar(what, f"<= {MEMORY_MIB} MiB", measured, say_reached(found["once_mib"] <= MEMORY_MIB)))
    if "start" in stored:
        found = stored["start"]
        for name, what in (
            ("nothing", "`python -c pass`"),
            ("import", "`import sundog`"),
            ("make", "`sundog make customers -n 10`"),
        ):
            wall, cpu = (median(run[i] for run in found[name]) for i in (0, 1))
            rows.append((what, f"{wall:.2f} s wall, {cpu:.2f} cpu-s", "median of 5"))
            if name == "make":
                said = "`sundog make customers -n 10`, kernels from the cache"
                bars.append(judge_time(said, wall, cpu, 3, found["load"], os.cpu_count() or 1))
    about = (
        "Through the command line, in a fresh process each time. Memory is the resident memory of all processes together, pages that several share"
        " counted once; pyarrow loads pandas into each process where it is installed, about 30 MiB, and the core install has none. Columns are compared by SHA-256 of their values as one Arrow stream."
    )
    return Sheet(
        "records-scale",
        "Records: cores, shards, memory, start",
        about,
        ("what", "measured", ""),
        tuple(rows),
        tuple(bars),
    )
