"""Speed of records by rule, beside the tools that make such tables: rows per processor second, with and without the start of the process."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from command import find_sundog, run_command
from competitors import WORK, Competitor, make_environment
from real import HERE
from results import Bar, Sheet, say_reached

RECIPES = HERE / "recipes"
REPEATS = 3
RATE = 1_000_000
Run = dict[str, object]


@dataclass(frozen=True)
class Tool:
    """A tool of the comparison.

    Attributes:
        name: of its script and its environment.
        title: in the table.
        rows: so many that a run takes some seconds.
        customers: first table of the shop for as long a run; 0 where it cannot make one.
        makes: what its rows are, and how they differ from ours.
    """

    name: str
    title: str
    rows: int
    customers: int
    makes: str


OURS = Tool(
    "ours",
    "Sundog, in one process, Parquet snappy",
    8_000_000,
    1_000_000,
    "persons with their e-mail, places with their street, post code and telephone area; keyed, any range alone",
)
COMMAND = Tool(
    "command",
    "Sundog, `sundog make` (zstd, hashes, checks, bundle)",
    8_000_000,
    1_000_000,
    "the same rows",
)
TOOLS = (
    Tool(
        "duckdb",
        "DuckDB SQL",
        4_000_000,
        1_000_000,
        "names from short lists, all alike; e-mail of the person; post code of no place",
    ),
    Tool(
        "dbldatagen",
        "dbldatagen (Spark)",
        400_000,
        0,
        "names from short lists, e-mail and telephone from templates, each on its own",
    ),
    Tool("mimesis", "Mimesis", 200_000, 0, "lists without weights, each field on its own"),
    Tool("snowfakery", "Snowfakery", 20_000, 5_000, "as Faker, by a recipe; shop without totals and balances"),
    Tool("faker", "Faker", 20_000, 20_000, "weighted lists, each field on its own; the shop is a loop by hand"),
    Tool("polyfactory", "polyfactory", 8_000, 0, "as Faker, through a typed model"),
    Tool(
        "datadesigner",
        "NeMo Data Designer, samplers",
        20_000,
        0,
        "persons by Faker as a whole, taken apart in pandas; no model asked",
    ),
)
LONGEST = 900


def run_tool(tool: Tool, work: str) -> Run:
    """Make ``customers`` or ``shop`` once.

    Raises:
        RuntimeError: the tool ended with an error.
    """
    rows = tool.rows if work == "customers" else tool.customers
    folder = WORK / "records" / tool.name
    shutil.rmtree(folder, ignore_errors=True)
    if tool is COMMAND:
        return _run_make(work, rows)
    if tool is OURS:
        command = [sys.executable, str(HERE / "ours_records.py"), str(RECIPES / f"{work}.yaml"), str(folder)]
    else:
        python = make_environment(Competitor(tool.name, tool.title, tool.name))
        command = [str(python), str(HERE / "rivals" / "records_runner.py"), tool.name, work, str(folder)]
    ran = run_command(["timeout", str(LONGEST), *command, "--rows", str(rows)])
    shutil.rmtree(folder, ignore_errors=True)
    last = next((line for line in reversed(ran.output.replace("\r", "\n").splitlines()) if '{"rows"' in line), "")
    if ran.code != 0 or not last:
        raise RuntimeError(f"{tool.name}: exit {ran.code}: {ran.output[-1500:]}")
    said = json.loads(last[last.index('{"rows"') :])
    return {**said, "with_start_cpu_s": max(float(said["with_start_cpu_s"]), ran.cpu_s), "peak_mib": ran.peak_mib}


def _run_make(work: str, rows: int) -> Run:
    """``sundog make`` with one worker; without the start means without what ten units cost."""
    few, all_rows = (_make(work, count) for count in (10, rows))
    return {**all_rows, "cpu_s": float(str(all_rows["with_start_cpu_s"])) - float(str(few["with_start_cpu_s"]))}


def _make(work: str, rows: int) -> Run:
    out = WORK / "records" / "command"
    shutil.rmtree(out, ignore_errors=True)
    command = [find_sundog(), "make", str(RECIPES / f"{work}.yaml"), "-n", str(rows), "-o", str(out), "--workers", "1"]
    ran = run_command(command)
    if ran.code != 0:
        raise RuntimeError(f"sundog make: exit {ran.code}: {ran.output[-1500:]}")
    tables = json.loads((out / "manifest.json").read_text())["parts"]["part"]["tables"]
    size = sum(entry["bytes"] for table in tables.values() for entry in table["files"])
    shutil.rmtree(out)
    return {
        "rows": {name: table["rows"] for name, table in tables.items()},
        "with_start_cpu_s": ran.cpu_s,
        "wall_s": ran.wall_s,
        "bytes": size,
        "peak_mib": ran.peak_mib,
    }


def list_runs(work: str) -> Iterator[tuple[str, Tool]]:
    """What the step runs, by name; each tool again only when all had their turn, so that a slow hour is shared."""
    tools = (OURS, COMMAND, *TOOLS) if work == "customers" else (OURS, COMMAND, *(t for t in TOOLS if t.customers))
    for turn in range(REPEATS):
        for tool in tools:
            yield f"{tool.name} {turn + 1}", tool


def make_sheet(work: str, stored: Mapping[str, Run], load: str) -> Sheet:
    """The table of a step."""
    rows: list[tuple[str, ...]] = []
    rates: dict[str, float] = {}
    for tool in (OURS, COMMAND, *TOOLS):
        runs = [run for name, run in stored.items() if name.split()[0] == tool.name]
        done = [run for run in runs if "error" not in run]
        if not done:
            if runs:
                rows.append((tool.title, "not run", "", "", "", "", str(runs[0]["error"])[:120].replace("|", "/")))
            continue
        made = sum(int(n) for n in dict(done[0]["rows"]).values())  # type: ignore[call-overload]
        without, with_start = (
            median(made / float(str(r[name])) for r in done) for name in ("cpu_s", "with_start_cpu_s")
        )
        rates[tool.name] = without
        size = median(float(str(r["bytes"])) for r in done) / made
        peak = max(float(str(r["peak_mib"])) for r in done)
        cells = (f"{made:,}", f"{without:,.0f}", f"{with_start:,.0f}", f"{size:.0f}", f"{peak:,.0f}", tool.makes)
        version = next(iter(dict(done[0].get("versions") or {}).values()), "")  # type: ignore[call-overload]
        rows.append((f"{tool.title} {version}".strip() if tool in TOOLS else tool.title, *cells))
    what = (
        "12-column customer table" if work == "customers" else "4-table shop with running balances, rows of all tables"
    )
    bars = []
    best = max((rate for name, rate in rates.items() if name not in ("ours", "command")), default=0.0)
    for name, said in (("ours", "to Parquet (snappy), one core"), ("command", "through `sundog make`, one worker")):
        if name in rates:
            measured = f"{rates[name]:,.0f}" + (f" ({rates[name] / best:,.1f} x the fastest rival's)" if best else "")
            bars.append(
                Bar(f"{what}, {said}", f">= {RATE:,} rows per cpu-s", measured, say_reached(rates[name] >= RATE))
            )
    about = (
        f"{what.capitalize()}, one core, median of {REPEATS} runs in turn, {load}. *Without start*: the interpreter, imports, word lists, Spark and"
        " kernels from the cache are there already (for `sundog make`: less what ten units cost). *Peak*: all processes together. What each"
        " rival makes, and does not, is said in `rivals/records_*.py`."
    )
    columns = ("tool", "rows", "rows / cpu-s without start", "with start", "bytes / row", "peak MiB", "what it makes")
    title = "Records: customers" if work == "customers" else "Records: a shop of four tables"
    return Sheet(f"records-{work}", title, about, columns, tuple(rows), tuple(bars))
