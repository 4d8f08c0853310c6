"""Writes ``benchmarks/README.md`` from the stored results, and measures nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bars import check_bars
from competitors import CAP_S, COMPETITORS
from judge import SETTINGS
from machine import MACHINE
from real import HERE, SPLIT_SEED
from results import RESULTS, Bar, Run, Score, combine_aucs, combine_numbers, load_runs, load_sheets

INTRO = """\
# Benchmarks

Written by `benchmarks/run.py` from `benchmarks/results/`{day}; do not edit.

Every table is cut into two halves (seed {seed}). A method is fitted on one half, makes as many rows, and is judged against the other half,
which it never saw; then the halves change places and the results are averaged. Sundog runs with three seeds, rivals with one (both halves),
each rival in an environment of its own, at its own defaults, to the end, on one thread; a fit that takes more than {cap:,} processor seconds
is marked *cut*. Intervals (95 %) join the judge's sampling error with the spread between seeds. The first row of each table is real rows in
the place of synthetic ones: what nobody should be expected to beat.

* **C2ST**: AUC with which boosted trees tell synthetic from real rows, 0.5 is perfect. *unseen*: against the other half. *fitted*: against the
  rows that were learned from; under 0.5 means that rows lie nearer to them than fresh real rows do.
* **pairs, triples**: 1 - total variation distance of all pairs and triples of columns to the fitted half.
* **utility**: AUC (R2 for numbers) of a model trained on synthetic rows and tested on the unseen half, over the same trained on the real half.
* **copies**: share of rows equal to a fitted row; between the real halves it is what chance gives.
* **membership**: AUC of guessing from the nearest synthetic row whether a real row was learned from, 0.5 is nothing learned.
* **cpu-s**: processor seconds; the machine was shared, so wall time is not compared. **peak**: resident memory of the whole process.
"""


def write_page(day: str) -> None:
    """Write the page."""
    lines = [INTRO.format(day=f" ({day})" if day else "", seed=SPLIT_SEED, cap=CAP_S)]
    lines += ["## Machine", "", f"{MACHINE} A table that was measured on another one says so.", ""]
    names = sorted({path.stem.rpartition("-")[0] for path in RESULTS.glob("*-real.json")}, key=_order_data)
    lines += _write_bars(check_bars(names))
    for name in names:
        lines += _write_data(name)
    lines += _write_sheets()
    lines += ["## Versions", "", *_list_versions(names), ""]
    lines += ["## The judge", "", SETTINGS, ""]
    (HERE / "README.md").write_text("\n".join(lines).rstrip() + "\n")


def _order_data(name: str) -> tuple[int, str]:
    known = ("adult", "default", "beijing")
    return (known.index(name) if name in known else len(known), name)


def _write_bars(bars: Sequence[Bar]) -> list[str]:
    lines = ["## What it must reach", "", "| bar | limit | measured | reached |", "|---|---|---|---|"]
    lines += [f"| {bar.what} | {bar.limit} | {bar.measured} | {bar.verdict} |" for bar in bars]
    return [*lines, ""]


def _write_data(name: str) -> list[str]:
    reference = load_runs(name, "real")
    lines = [f"## {name}", ""]
    lines += [
        "| method | C2ST unseen | C2ST fitted | pairs | triples | utility | ratio | copies | membership | fit cpu-s | rows / cpu-s | peak MiB |"
    ]
    lines += [
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
        _write_row("real rows, the other half", reference, same_rows=True),
    ]
    missing = []
    for method, competitor in COMPETITORS.items():
        runs = load_runs(name, method)
        if runs:
            lines.append(_write_row(competitor.title + _mark(runs, competitor.seeds), runs))
        else:
            missing.append(competitor.title)
    lines.append("")
    if missing:
        lines += [f"Not run yet: {', '.join(missing)}.", ""]
    return lines


def _mark(runs: Sequence[Run], seeds: int) -> str:
    if any(run.judgement is None for run in runs):
        return " (cut)"
    return "" if len(runs) == 2 * seeds else f" ({len(runs)} of {2 * seeds} runs)"


def _write_row(title: str, runs: Sequence[Run], same_rows: bool = False) -> str:
    judged = [run.judgement for run in runs if run.judgement is not None]
    cells = [title]
    cells += [_interval(combine_aucs(runs, "unseen", same_rows)), _interval(combine_aucs(runs, "fitting", same_rows))]
    cells += [_number([j.pairs for j in judged], ".4f"), _number([j.triples for j in judged], ".4f")]
    cells += [_number([j.synthetic_utility for j in judged], ".4f")]
    cells += [_spread(combine_numbers([j.synthetic_utility / j.real_utility for j in judged]), 4)]
    cells += [_number([j.copies for j in judged], ".5f"), _interval(combine_aucs(runs, "membership"))]
    costs = [run.cost for run in runs]
    cells += [_number(_numbers(costs, "fit_cpu_s"), ".1f")]
    rates = [float(str(c["rows"])) / float(str(c["sample_cpu_s"])) for c in costs if "sample_cpu_s" in c]
    cells += [_number(rates, ",.0f"), _number(_numbers(costs, "peak_mib"), ",.0f")]
    return "| " + " | ".join(cells) + " |"


def _numbers(costs: Sequence[dict[str, object]], name: str) -> list[float]:
    return [float(str(cost[name])) for cost in costs if name in cost]


def _number(values: Sequence[float], style: str) -> str:
    return format(float(np.mean(values)), style) if values else ""


def _interval(score: Score | None) -> str:
    return f"{score.value:.4f} ({score.low:.4f}, {score.high:.4f})" if score else ""


def _spread(score: Score | None, places: int) -> str:
    if score is None:
        return ""
    reach = score.high - score.value
    return f"{score.value:.{places}f}" + (f" ± {reach:.{places}f}" if reach > 0 else "")


def _write_sheets() -> list[str]:
    lines = []
    for sheet in load_sheets():
        elsewhere = "" if sheet.machine == MACHINE else f" Measured on {sheet.machine}"
        lines += [f"## {sheet.title}", "", sheet.about + elsewhere, ""]
        lines += ["| " + " | ".join(sheet.columns) + " |", "|" + "---|" * len(sheet.columns)]
        lines += ["| " + " | ".join(row) + " |" for row in sheet.rows]
        lines += ["", *[f"![{sheet.title}]({picture})" for picture in sheet.pictures], ""]
    return lines


def _list_versions(names: Sequence[str]) -> list[str]:
    lines = []
    for method, competitor in COMPETITORS.items():
        found = [run.cost.get("versions") for name in names for run in load_runs(name, method)]
        if found and isinstance(found[-1], dict):
            lines.append(
                f"* {competitor.title}: " + ", ".join(f"{package} {version}" for package, version in found[-1].items())
            )
    return lines
