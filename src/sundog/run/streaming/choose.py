"""Which table of a recipe is streamed, and by which of its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pyarrow as pa

from sundog.core.errors import Problem, RequestError, nearest
from sundog.run.streaming.times import is_instant, is_time

Order: TypeAlias = Literal["time", "either", "own"]


@dataclass(frozen=True, slots=True)
class ChosenTable:
    """What is streamed.

    Attributes:
        part: name of the part.
        table: name of the table.
        schema: its columns.
        time: column that its rows are ordered by; None for the recipe's own order.
    """

    part: str
    table: str
    schema: pa.Schema
    time: str | None


def choose_table(
    schemas: Mapping[str, Mapping[str, pa.Schema]], table: str | None, time: str | None, order: Order
) -> ChosenTable:
    """The table and the time to go by.

    Args:
        schemas: part to table to columns.
        table: TABLE or PART.TABLE; without it the only table, or the only one with a time.
        time: column; without it the first timestamp.
        order: ``time`` needs one, ``either`` takes one where there is one, ``own`` takes none that is not asked for.

    Raises:
        RequestError: there is no such table or column, or there are several to choose from.
    """
    every = [(p, t, schema) for p, tables in schemas.items() for t, schema in tables.items()]
    fitting = [c for c in every if table is None or table in (c[1], f"{c[0]}.{c[1]}")]
    if not fitting:
        known = [t for _, t, _ in every] + [f"{p}.{t}" for p, t, _ in every]
        raise RequestError(
            Problem("SD-STREAM-001", "--table", f"there is no table {table!r}", nearest(table or "", known))
        )
    if len(fitting) > 1 and time is not None:
        fitting = [c for c in fitting if time in c[2].names] or fitting
    if len(fitting) > 1:
        fitting = [c for c in fitting if _first_instant(c[2]) is not None] or fitting
    if len(fitting) > 1:
        names = [t for _, t, _ in fitting]
        shown = ", ".join(t if names.count(t) == 1 else f"{p}.{t}" for p, t, _ in fitting)
        raise RequestError(
            Problem("SD-STREAM-002", "--table", "several tables could be streamed", f"Choose one: {shown}.")
        )
    part, name, schema = fitting[0]
    return ChosenTable(part, name, schema, _choose_time(name, schema, time, order))


def _choose_time(table: str, schema: pa.Schema, time: str | None, order: Order) -> str | None:
    if time is None:
        found = None if order == "own" else _first_instant(schema)
        if found is None and order == "time":
            others = [
                n for n in schema.names if pa.types.is_temporal(schema.field(n).type) and is_time(schema.field(n).type)
            ]
            mend = "Give --rate ROWS_PER_SECOND or --speed max: rows then come in the recipe's own order."
            if others:
                mend = f"Order by another column (--time {others[0]}), or give --rate ROWS_PER_SECOND."
            raise RequestError(Problem("SD-STREAM-003", "--time", f"table {table!r} has no timestamp to go by", mend))
        return found
    if time not in schema.names:
        what = f"table {table!r} has no column {time!r}"
        raise RequestError(Problem("SD-STREAM-004", "--time", what, nearest(time, schema.names)))
    times = [n for n in schema.names if pa.types.is_temporal(schema.field(n).type)]
    kind, what = schema.field(time).type, ""
    mend = f"Columns of times: {', '.join(times)}." if times else "The table has no column of times: give --rate."
    if not is_time(kind):
        what = f"{time!r} is {kind}, which is no time"
    elif times and not pa.types.is_temporal(kind) and not _SAYS_TIME & set(_split(time)):
        what = f"{time!r} is a number, and nothing in its name says that it counts seconds"
        mend = f"{mend} A number that counts seconds has a name such as {time}_seconds."
    if what:
        raise RequestError(Problem("SD-STREAM-005", "--time", what, mend))
    return time


def _split(name: str) -> list[str]:
    """Words of a column's name, in lower case."""
    return [w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


_SAYS_TIME = frozenset(
    (
        "time",
        "times",
        "timestamp",
        "seconds",
        "second",
        "secs",
        "sec",
        "s",
        "t",
        "ts",
        "epoch",
        "unix",
        "clock",
        "elapsed",
        "offset",
        "at",
        "when",
    )
)
"""Words that say that a number is a time. Money would be taken for seconds without a word."""


def _first_instant(schema: pa.Schema) -> str | None:
    return next((n for n in schema.names if is_instant(schema.field(n).type)), None)
