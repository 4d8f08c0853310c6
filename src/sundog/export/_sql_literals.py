"""Columns as SQL literals, whole columns at a time."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.errors import Problem, RequestError
from sundog.export._sql_types import Dialect, name_type, strip_column
from sundog.export._text import join_texts, to_texts

_CARRIAGE = {
    # A carriage return is spelled out: some clients take it for the end of a line, and change it.
    "sqlite": ("('", "'||char(13)||'", "')"),
    "postgresql": ("E'", "\\r", "'"),
    "duckdb": ("E'", "\\r", "'"),
    "mysql": ("'", "\\r", "'"),
}


def spell_literals(column: pa.Array, dialect: Dialect, where: str) -> pa.Array:
    """large_string (rows,): each value as a literal of the dialect, NULL where it is missing.

    Raises:
        RequestError: a text holds the character 0, which literals cannot.
    """
    column = strip_column(column)
    kind = column.type
    if pa.types.is_boolean(kind):
        texts = pc.if_else(column, pa.scalar("TRUE", pa.large_string()), pa.scalar("FALSE", pa.large_string()))
    elif pa.types.is_integer(kind):
        texts = to_texts(column)
    elif pa.types.is_floating(kind):
        texts = _spell_floats(column, dialect)
    elif _is_bytes(kind):
        texts = _spell_bytes(column, dialect)
    elif pa.types.is_decimal(kind) and dialect in ("postgresql", "mysql"):
        texts = to_texts(column)
        if "decimal" not in name_type(kind, dialect) and "numeric" not in name_type(kind, dialect):
            texts = join_texts("'", texts, "'")
    elif pa.types.is_duration(kind) and dialect in ("postgresql", "duckdb"):
        ticks = pc.cast(column.cast(pa.duration("us"), safe=False).cast(pa.int64()), pa.large_string())
        texts = (
            join_texts("'", ticks, " microseconds'")
            if dialect == "postgresql"
            else join_texts("to_microseconds(", ticks, ")")
        )
    else:
        texts = to_texts(column)
        if pa.types.is_timestamp(kind) and dialect == "mysql":
            texts = pc.replace_substring(texts, "Z", "")  # which it does not read; times are in UTC
        texts = _quote(texts, dialect, where)
    return pc.fill_null(texts, "NULL")


def _quote(texts: pa.Array, dialect: Dialect, where: str) -> pa.Array:
    if _may_hold(texts, "\x00") and pc.any(pc.match_substring(texts, "\x00")).as_py():
        what = "a text holds the character 0, which no SQL text can"
        mend = "Choose rows without it (--select), or export to another format."
        raise RequestError(Problem("SD-EXPORT-031", where, what, mend))
    doubled = pc.replace_substring(texts, "'", "''") if _may_hold(texts, "'") else texts
    if dialect == "mysql" and _may_hold(texts, "\\"):
        doubled = pc.replace_substring(doubled, "\\", "\\\\")
    plain = join_texts("'", doubled, "'")
    if not _may_hold(texts, "\r"):
        return plain
    carriage = pc.match_substring(texts, "\r")
    before, between, after = _CARRIAGE[dialect]
    if dialect in ("postgresql", "duckdb"):
        doubled = pc.replace_substring(doubled, "\\", "\\\\")
    spelled = join_texts(before, pc.replace_substring(doubled, "\r", between), after)
    return pc.if_else(carriage, spelled, plain)


def _may_hold(texts: pa.Array, letter: str) -> bool:
    """Whether a letter of ASCII stands in the memory of the texts: no UTF-8 of another letter holds its byte."""
    data = texts.buffers()[2]
    return data is not None and bool((np.frombuffer(data, np.uint8) == ord(letter)).any())


def _spell_floats(column: pa.Array, dialect: Dialect) -> pa.Array:
    """The fewest digits that read back as the same number; infinities as the database has them (MySQL has none: NULL)."""
    texts = pc.cast(column, pa.large_string())
    if dialect in ("duckdb", "mysql"):  # which read 0.1 as a decimal, and would round on the way to a double
        texts = pc.if_else(pc.match_substring(texts, "e"), texts, join_texts(texts, "e0"))
    elif dialect == "sqlite":
        texts = pc.replace_substring_regex(texts, r"^(-?\d+)$", r"\1.0")
    infinite = pc.is_inf(column)
    if not pc.any(infinite).as_py():
        return texts
    high, low = {
        "sqlite": ("9e999", "-9e999"),
        "mysql": (None, None),
        "postgresql": ("'Infinity'", "'-Infinity'"),
        "duckdb": ("'Infinity'", "'-Infinity'"),
    }[dialect]
    signed = pc.if_else(pc.greater(column, 0), pa.scalar(high, pa.large_string()), pa.scalar(low, pa.large_string()))
    return pc.if_else(infinite, signed, texts)


def _spell_bytes(column: pa.Array, dialect: Dialect) -> pa.Array:
    before, after = {
        "postgresql": ("'\\x", "'"),
        "duckdb": ("from_hex('", "')"),
        "sqlite": ("x'", "'"),
        "mysql": ("x'", "'"),
    }[dialect]
    spelled = [None if v is None else f"{before}{v.hex()}{after}" for v in column.to_pylist()]
    return pa.array(spelled, pa.large_string())


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))
