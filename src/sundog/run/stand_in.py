"""A table that stands in for real records of which only the layout is known: made by rule from declared columns, no record read.

Rows belong to one of four groups, in each of which columns are independent of one another; the groups differ in every column. So each
column hangs together with each other one, and shares fall off as those of real categories tend to (as 1, 1/2, 1/3, ...). How far real
records hang together in the same way nobody knows beforehand: what is measured on the stand-in is an order of magnitude.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sundog.core.errors import Problem, RequestError
from sundog.core.recipe import Recipe
from sundog.run.recipe_files import validate_recipe

GROUPS: Final = 4
GROUP: Final = "group_of_the_row"
"""Name of the helper column, which is left out of what is written."""

PEAKS: Final = (0.15, 0.4, 0.65, 0.9)
"""Where in its range a number is most frequent, group by group."""


def write_stand_in(columns: Mapping[str, Any], rows: int, seed: int, where: str) -> Recipe:
    """The recipe of kind records that makes the stand-in.

    Args:
        columns: what a recipe of kind tables declares of each column: ``meaning``, ``minimum``, ``maximum``, ``decimals``, ``values``.
        rows: how many.
        seed: of the recipe.
        where: place of the columns, for errors.

    Raises:
        RequestError: of a column too little is declared.
    """
    problems = tuple(_find_gaps(columns, where))
    if problems:
        raise RequestError(*problems)
    fields: dict[str, Any] = {
        GROUP: {"type": "category", "values": {f"g{i}": 1.0 / (i + 1) for i in range(GROUPS)}, "keep": False}
    }
    for place, (name, column) in enumerate(columns.items()):
        if not column.drop:
            cases = {f"g{i}": _law(column, i, place) for i in range(GROUPS)}
            fields[name] = {"type": "conditional", "given": GROUP, "cases": cases}
    return validate_recipe(
        {
            "name": "stand-in",
            "seed": seed,
            "parts": {"table": {"kind": "records", "units": rows, "tables": {"rows": {"fields": fields}}}},
            "evidence": {"level": "none"},
        }
    )


def _find_gaps(columns: Mapping[str, Any], where: str) -> Iterator[Problem]:
    if not any(not c.drop for c in columns.values()):
        what = "no column is declared"
        yield Problem(
            "SD-ADVISE-010", where, what, "State each column: age: {minimum: 0, maximum: 99}, sex: {values: [F, M]}."
        )
    for name, column in columns.items():
        if not column.drop and _form(column) is None:
            what = "neither its values nor both ends of its range are declared, and the data are not looked at"
            yield Problem(
                "SD-ADVISE-004", f"{where}.{name}", what, "State values, or minimum and maximum, or drop: true."
            )


def _form(column: Any) -> str | None:
    if column.values is not None:
        return "category"
    if column.meaning == "boolean":
        return "boolean"
    if column.minimum is None or column.maximum is None:
        return None
    if isinstance(column.minimum, str) or isinstance(column.maximum, str):
        return "date" if len(str(column.minimum)) <= 10 and len(str(column.maximum)) <= 10 else "timestamp"
    return "number"


def _law(column: Any, group: int, place: int) -> dict[str, Any]:
    """The law of a column in a group: other values are frequent in each."""
    form = _form(column)
    if form == "category":
        count = len(column.values)
        turned = {
            v: 1.0 / (1 + (i - group * max(1, count // GROUPS) - place) % count) for i, v in enumerate(column.values)
        }
        return {"type": "category", "values": turned}
    if form == "boolean":
        return {"type": "boolean", "share": (0.15, 0.35, 0.6, 0.85)[(group + place) % GROUPS]}
    peak = (
        PEAKS[group] if place % 2 == 0 else PEAKS[GROUPS - 1 - group]
    )  # numbers rise together, or one falls as the other rises
    if form in ("date", "timestamp"):
        return _period(column, form, peak)
    low, high = float(column.minimum), float(column.maximum)
    if low == high:
        return {"type": "constant", "value": column.minimum}
    whole = column.meaning == "integer" or column.decimals == 0 or (column.decimals is None and _are_whole(low, high))
    decimals = 0 if whole else 6 if column.decimals is None else column.decimals
    return {"type": "triangular", "low": low, "high": high, "mode": low + peak * (high - low), "decimals": decimals}


def _are_whole(low: float, high: float) -> bool:
    return math.isclose(low, round(low)) and math.isclose(high, round(high))


def _period(column: Any, form: str, peak: float) -> dict[str, Any]:
    """A third of the range, lying where the group's peak is."""
    start, stop = (datetime.datetime.fromisoformat(str(end)) for end in (column.minimum, column.maximum))
    span = (stop - start) / 3
    begin = start + (stop - start - span) * peak
    if form == "date":
        return {"type": "date", "start": begin.date().isoformat(), "stop": (begin + span).date().isoformat()}
    return {"type": "timestamp", "start": begin.isoformat(), "stop": (begin + span).isoformat()}
