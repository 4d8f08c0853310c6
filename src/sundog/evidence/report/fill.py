"""Puts numbers of findings where a grid names them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sundog.core.findings import Answer, Exhibit, Finding, Grid
from sundog.evidence.report.words import measure

_NAMED = re.compile(r"\{(value|baseline|interval):([a-z0-9_.]+)\}")


def fill_grids(answer: Answer) -> Answer:
    """The same answer, with ``{value:CHECK}``, ``{baseline:CHECK}`` and ``{interval:CHECK}`` in the cells of grids replaced
    by the numbers of the first finding of that check. A line that names a number nobody measured is dropped.
    """
    first: dict[tuple[str, str], Finding] = {}
    for finding in answer.findings:
        first.setdefault((finding.part, finding.check), finding)
    return answer.model_copy(update={"exhibits": tuple(_fill_exhibit(e, first) for e in answer.exhibits)})


def _fill_exhibit(exhibit: Exhibit, first: Mapping[tuple[str, str], Finding]) -> Exhibit:
    grid = exhibit.drawing
    if not isinstance(grid, Grid) or not any(_NAMED.search(cell) for row in grid.rows for cell in row):
        return exhibit
    rows = tuple(tuple(_fill_cell(cell, exhibit.part, first) for cell in row) for row in grid.rows)
    return exhibit.model_copy(update={"drawing": grid.model_copy(update={"rows": rows})})


def _fill_cell(cell: str, part: str, first: Mapping[tuple[str, str], Finding]) -> str:
    lines = []
    for line in cell.split("\n"):
        said = {m.group(0): _say(first.get((part, m.group(2))), m.group(1)) for m in _NAMED.finditer(line)}
        if "" in said.values():
            continue
        for named, number in said.items():
            line = line.replace(named, number)
        lines.append(line)
    return "\n".join(lines)


def _say(finding: Finding | None, what: str) -> str:
    if finding is None or finding.value is None:
        return ""
    if what == "interval":
        return "" if finding.interval is None else " to ".join(measure(end, finding.unit) for end in finding.interval)
    number = finding.value if what == "value" else finding.baseline
    return "" if number is None else measure(number, finding.unit)
