"""The page "Real against synthetic": eight dimensions filled with numbers instead of claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sundog.core.findings import Exhibit, Grid
from sundog.evidence.report.data import Report, RunFacts
from sundog.evidence.report.words import (
    count_of,
    name,
    plain,
    show,
    spell_bytes,
    spell_list,
    spell_seconds,
)

DIMENSIONS: Final[Mapping[str, str]] = {
    "source": "what it was made from",
    "privacy risk": "what it gives away",
    "cost": "what it took",
    "legal": "who allows what",
    "rare cases": "what is seldom in the real data",
    "quality ceiling": "what fresh real data score",
    "scale": "how much, how fast",
    "generation": "how far it is from real data",
}
"""The eight, in order, each with the question that it answers."""

_OTHER_NAMES: Final[Mapping[str, str]] = {
    "privacy": "privacy risk",
    "risk": "privacy risk",
    "rare-case coverage": "rare cases",
    "rare case coverage": "rare cases",
    "coverage": "rare cases",
    "quality": "quality ceiling",
    "ceiling": "quality ceiling",
    "licence": "legal",
    "license": "legal",
    "model collapse": "generation",
    "collapse": "generation",
}


def write_dimensions(report: Report, run: RunFacts) -> str:
    """The table of the eight, one for each part that has one; cost and scale come from the run."""
    grids = [e for e in report.exhibits if is_dimensions(e)]
    if not grids:
        return _table(report, run, Grid(columns=("dimension", "real", "synthetic"), rows=()), "")
    several = len({e.part for e in grids}) > 1
    return "".join(
        _table(report, run, e.drawing, e.part if several else "") for e in grids if isinstance(e.drawing, Grid)
    )


def is_dimensions(exhibit: Exhibit) -> bool:
    """Whether this exhibit belongs on the page and not in a section."""
    return exhibit.check.rsplit(".", 1)[-1] == "dimensions" and isinstance(exhibit.drawing, Grid)


def _table(report: Report, run: RunFacts, grid: Grid, part: str) -> str:
    columns = grid.columns[1:] or ("real", "synthetic")
    given = {_dimension(row[0]): row[1:] for row in grid.rows if row}
    filled = {"cost": describe_cost(run), "scale": describe_scale(report, run)}
    at = _synthetic_column(columns)
    head = "".join(f'<th scope="col" class="{_side(c)}">{name(c)}</th>' for c in columns)
    rows = []
    for dimension in (*DIMENSIONS, *(d for d in given if d not in DIMENSIONS)):
        cells = list(given.get(dimension, ()))
        cells += [""] * (len(columns) - len(cells))
        if filled.get(dimension):
            cells[at] = _join(filled[dimension], cells[at])
        if not any(c.strip() for c in cells):
            cells[at] = "Not measured for this kind of data."
        question = DIMENSIONS.get(dimension, "")
        small = f"<small>{question}</small>" if question else ""
        body = "".join(f'<td data-of="{name(c)}">{_sentences(v)}</td>' for c, v in zip(columns, cells, strict=False))
        rows.append(f'<tr><th scope="row">{show(dimension.capitalize(), 60)}{small}</th>{body}</tr>')
    caption = f"<caption>Part {name(part)}</caption>" if part else ""
    return (
        f'<div class="dims"><table>{caption}<thead><tr><th scope="col">dimension</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def describe_cost(run: RunFacts) -> str:
    """Processor time, memory and money of this run."""
    said = []
    if run.cpu_seconds is not None:
        said.append(f"{plain(run.cpu_seconds)} cpu-seconds")
    if run.peak_memory_bytes is not None:
        said.append(f"{spell_bytes(run.peak_memory_bytes)} of memory at the peak of one process")
    if run.tokens:
        said.append(f"{run.tokens:,} tokens")
    if said:
        said.append(f"{run.money:,.2f} {run.currency} paid" if run.money else "no money for tokens or rented machines")
    return spell_list(tuple(said))


def describe_scale(report: Report, run: RunFacts) -> str:
    """Engine, workers and rate."""
    nouns = {p.name: p.count_noun for p in report.parts}
    made = spell_list(tuple(count_of(p.accepted, p.count_noun) for p in report.parts))
    rates = spell_list(
        tuple(
            f"{rate:,.0f} {nouns.get(part, 'units')} a second{f' ({part})' if len(run.rates) > 1 else ''}"
            for part, rate in run.rates
        )
    )
    said = []
    if made:
        said.append(f"{made} made")
    if rates:
        said.append(rates)
    if run.engine:
        said.append(f"engine {run.engine} with {count_of(run.workers, 'workers')}")
    total = sum(s for _, s in run.seconds)
    if total:
        said.append(f"{spell_seconds(total)} in all")
    return "; ".join(said)


def _dimension(words: str) -> str:
    key = words.strip().lower()
    return key if key in DIMENSIONS else _OTHER_NAMES.get(key, key)


def _synthetic_column(columns: Sequence[str]) -> int:
    return next((i for i, c in enumerate(columns) if "synth" in c.lower()), len(columns) - 1)


def _side(column: str) -> str:
    low = column.lower()
    return "s" if "synth" in low else "r" if "real" in low else ""


def _join(measured: str, given: str) -> str:
    if given.strip().rstrip(".") in measured:
        return f"{measured}."
    return f"{measured}. {given}" if given.strip() else f"{measured}."


def _sentences(text: str) -> str:
    return show(text, 1200).replace("\n", "<br>") if text.strip() else '<span class="quiet">–</span>'
