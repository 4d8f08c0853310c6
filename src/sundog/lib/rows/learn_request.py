"""What is asked of a table before it is learned, held against its columns."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.tables import UNIT
from sundog.lib.rows.gathering import Learning
from sundog.lib.rows.rules import Candidate
from sundog.lib.rows.scale import Scale, parse_tick
from sundog.lib.rows.settings import CodecSettings, ColumnOverride
from sundog.lib.rows.steps import FixedStep


def check_request(table: pa.Table, settings: CodecSettings) -> None:
    """Refuse columns that are not there, and a table too small to protect anybody."""
    names = table.schema.names
    problems = [
        Problem("SD-TABLES-112", f"columns.{name}", f"{name!r} is not a column of the source", nearest(name, names))
        for name in (*settings.overrides, *settings.drop)
        if name not in names
    ]
    if UNIT in names and UNIT not in settings.drop:
        problems.append(
            Problem(
                "SD-TABLES-114",
                f"column {UNIT!r}",
                f"the source has a column {UNIT!r}; Sundog keeps this name for the numbers of its own rows",
                f"Rename the column, or leave it out with columns: {{{UNIT}: {{drop: true}}}} in the recipe.",
            )
        )
    if table.num_rows < max(settings.min_support, 2):
        problems.append(
            Problem(
                "SD-TABLES-113",
                settings.source,
                f"the source has {table.num_rows} {'row' if table.num_rows == 1 else 'rows'} to learn from; at least {max(settings.min_support, 2)} are needed before any value can be protected",
                "Give more rows, or hold out fewer.",
            )
        )
    if problems:
        raise RequestError(*problems)


def read_ends(name: str, override: ColumnOverride, scale: Scale) -> tuple[float | None, float | None]:
    """The stated ends of a column in ticks.

    Raises:
        RequestError: an end can't be read as a value of the column, or they are the wrong way round.
    """
    ends: list[float | None] = []
    for end, value in (("minimum", override.minimum), ("maximum", override.maximum)):
        try:
            ends.append(None if value is None else parse_tick(value, scale))
        except ValueError as error:
            written = {
                "date": "2024-12-31",
                "month": "2024-12-01",
                "time": "18:30",
                "timestamp": "2024-12-31T18:30:00",
            }.get(scale.kind)
            fix = "Write a number." if written is None else f"Write it as, for example, {written}."
            what = f"{value!r} is no value of this column: {error}"
            raise RequestError(Problem("SD-TABLES-119", f"columns.{name}.{end}", what, fix)) from error
    low, high = ends
    if low is not None and high is not None and low > high:
        what = f"the minimum {override.minimum} lies above the maximum {override.maximum}"
        raise RequestError(Problem("SD-TABLES-115", f"columns.{name}", what, "Exchange the two."))
    return low, high


def check_ends(learning: Learning, columns: Mapping[str, Candidate]) -> None:
    """Refuse ends of a column whose values have no ends: they would be passed over in silence."""
    fixed = {s.column for s in learning.steps if isinstance(s, FixedStep)}
    problems = [
        Problem(
            "SD-TABLES-118",
            f"columns.{name}.{'minimum' if override.minimum is not None else 'maximum'}",
            f"{name!r} is not learned as a number or a time, so it has no least and no greatest value",
            "Leave it out, or state the meaning of the column: integer, decimal.",
        )
        for name, override in learning.settings.overrides.items()
        if (override.minimum is not None or override.maximum is not None)
        and name not in fixed
        and name not in learning.settings.drop
        and not (name in columns and columns[name].line)
    ]
    if problems:
        raise RequestError(*problems)
