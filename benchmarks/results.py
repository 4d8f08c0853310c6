"""Stored results: one JSON file a method and table, so that a run that stops goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from judge import VERSION, Auc, Judgement
from machine import MACHINE, describe_machine
from real import HERE

RESULTS = HERE / "results"
Z95 = 1.959964


@dataclass(frozen=True)
class Run:
    """One fit on one half with one seed, what it cost, and how it was judged (None if it was cut)."""

    half: str
    seed: int
    cost: dict[str, object]
    judgement: Judgement | None


@dataclass(frozen=True)
class Score:
    """Mean over halves and seeds with a 95 % interval.

    The interval joins the judge's own sampling error (the two halves judge on different rows, seeds on the same ones) and the spread
    between seeds where there are several.
    """

    value: float
    low: float
    high: float


def store_runs(data: str, method: str, runs: Sequence[Run]) -> None:
    """Write all runs of a method on a table."""
    RESULTS.mkdir(exist_ok=True)
    body = {"data": data, "method": method, "judge": VERSION, "runs": [asdict(run) for run in runs]}
    path = RESULTS / f"{data}-{method}.json"
    part = path.with_suffix(".part")
    part.write_text(json.dumps(body, indent=1) + "\n")
    part.replace(path)


def load_runs(data: str, method: str) -> list[Run]:
    """The stored runs; none if there are none or another version of the judge made them."""
    path = RESULTS / f"{data}-{method}.json"
    if not path.exists():
        return []
    body = json.loads(path.read_text())
    return list(_parse_runs(body["runs"])) if body["judge"] == VERSION else []


def parse_judgement(stored: dict[str, Any]) -> Judgement:
    """A judgement as it was stored."""
    fields: dict[str, Any] = {name: Auc(**v) if isinstance(v, dict) else v for name, v in stored.items()}
    return Judgement(**fields)


def _parse_runs(runs: Sequence[dict[str, object]]) -> Iterator[Run]:
    for run in runs:
        judged = run["judgement"]
        judgement = None
        if isinstance(judged, dict):
            judgement = parse_judgement(judged)
        cost = run["cost"]
        assert isinstance(cost, dict)
        yield Run(str(run["half"]), int(str(run["seed"])), cost, judgement)


def combine_aucs(runs: Sequence[Run], name: str, same_rows: bool = False) -> Score | None:
    """Mean of an AUC over runs, with its interval; None if nothing was judged.

    ``same_rows``: both directions looked at the same rows (real half against real half), so they are no two measurements.
    """
    judged = [(run.seed, getattr(run.judgement, name)) for run in runs if run.judgement is not None]
    found = [(seed, auc) for seed, auc in judged if auc is not None]
    if not found:
        return None
    halves = 1 if same_rows else max(1, len({run.half for run in runs}))
    value = float(np.mean([auc.value for _, auc in found]))
    judge = float(np.mean([auc.error**2 for _, auc in found])) / halves
    by_seed = [np.mean([auc.value for s, auc in found if s == seed]) for seed in {s for s, _ in found}]
    seeds = float(np.var(by_seed, ddof=1)) / len(by_seed) if len(by_seed) > 1 else 0.0
    reach = Z95 * (judge + seeds) ** 0.5
    return Score(value, value - reach, value + reach)


def combine_numbers(values: Sequence[float]) -> Score | None:
    """Mean of a number over runs, with the spread between them as a normal interval (no interval from fewer than three)."""
    if not values:
        return None
    value = float(np.mean(values))
    reach = Z95 * float(np.std(values, ddof=1)) / len(values) ** 0.5 if len(values) > 2 else 0.0
    return Score(value, value - reach, value + reach)


@dataclass(frozen=True)
class Bar:
    """One line of the table of bars: what is asked, the limit, what was measured and whether that reaches it."""

    what: str
    limit: str
    measured: str
    verdict: str


@dataclass(frozen=True)
class Sheet:
    """What one of the smaller measurements (speed, growth, memory, replicate, startup) found, ready for the page.

    Attributes:
        name: file name under ``results/``.
        title: heading.
        about: what was run, in a few sentences.
        columns: headings of the table.
        rows: cells.
        bars: the bars that it decides.
        pictures: SVG files, relative to this folder.
        machine: where it ran; the one it is stored on, unless it is stated.
    """

    name: str
    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[Bar, ...] = ()
    pictures: tuple[str, ...] = ()
    machine: str = ""


SHEETS = (
    "speed",
    "growth",
    "memory",
    "replicate",
    "startup",
    "language",
    "marginals",
    "records-customers",
    "records-shop",
    "records-scale",
    "records-truth",
    "battery",
    "battery-cover",
    "battery-anonymeter",
    "duplicates",
    "reasoning",
    "texts",
    "distill-labelled",
    "distill-reasoning",
    "distill-star",
    "distill-model",
    "text",
)


def store_sheet(sheet: Sheet) -> None:
    """Write a sheet as JSON."""
    RESULTS.mkdir(exist_ok=True)
    body = asdict(sheet) | {"machine": sheet.machine or describe_machine()}
    (RESULTS / f"sheet-{sheet.name}.json").write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n")


def load_sheets() -> list[Sheet]:
    """The stored sheets, in the order of the page."""
    sheets = []
    for name in SHEETS:
        path = RESULTS / f"sheet-{name}.json"
        if path.exists():
            body = json.loads(path.read_text())
            sheets.append(
                Sheet(
                    name=body["name"],
                    title=body["title"],
                    about=body["about"],
                    columns=tuple(body["columns"]),
                    rows=tuple(tuple(row) for row in body["rows"]),
                    bars=tuple(Bar(**bar) for bar in body["bars"]),
                    pictures=tuple(body["pictures"]),
                    machine=body.get("machine", MACHINE),
                )
            )
    return sheets


def say_reached(reached: bool) -> str:
    """How a verdict is written."""
    return "yes" if reached else "**no**"


def judge_time(what: str, wall_s: float, cpu_s: float, limit_s: float, load: float, cores: int) -> Bar:
    """A bar on wall time. Where others kept the processors busy (load above the cores), processor seconds decide instead: work that is
    bound by the processor takes no more wall time than that on an idle machine. The cell says which of the two decided.
    """
    busy = load > cores
    measured = f"{wall_s:.1f} s wall, {cpu_s:.1f} cpu-s, load {load:.0f} on {cores} cores"
    reached = min(wall_s, cpu_s) <= limit_s if busy else wall_s <= limit_s
    by = ", by cpu-s" if busy and reached and wall_s > limit_s else ""
    return Bar(what, f"<= {limit_s:g} s", measured, say_reached(reached) + by)
