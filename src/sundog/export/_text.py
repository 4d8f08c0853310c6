"""Arrow columns as texts, the same in CSV and JSON Lines. Whole columns at a time, no loop over plain values."""

from __future__ import annotations

import base64
import datetime
import json
import math
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def join_texts(*pieces: pa.Array | str, between: str = "", missing: str | None = None) -> pa.Array:
    """large_string (rows,): the pieces of each row joined; one that is missing makes the whole missing, or is replaced."""
    large = pa.large_string()
    scalars = [pa.scalar(p, large) if isinstance(p, str) else p for p in (*pieces, between)]
    if missing is None:
        return pc.binary_join_element_wise(*scalars)
    return pc.binary_join_element_wise(*scalars, null_handling="replace", null_replacement=missing)


def is_text(kind: pa.DataType) -> bool:
    """Whether values of this type are texts themselves."""
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_nested(kind: pa.DataType) -> bool:
    """Whether values of this type are lists, structs or tensors: written as JSON."""
    return bool(pa.types.is_nested(kind) or isinstance(kind, pa.ExtensionType | pa.BaseExtensionType))


def to_texts(column: pa.Array) -> pa.Array:
    """large_string (rows,): each value as text, null where it is missing.

    Numbers are written with the fewest digits that read back as the same number (a float that is whole as ``12.0``,
    NaN as missing), booleans as true and false, times as ISO 8601 (those with a zone in UTC, with Z), durations as ISO 8601
    (``P1DT2H``), bytes as base64, lists and structs as JSON.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return to_texts(column.cast(kind.value_type))
    if is_text(kind):
        return column.cast(pa.large_string())
    if pa.types.is_floating(kind):
        texts = pc.cast(column, pa.large_string())
        texts = pc.if_else(pc.is_null(column, nan_is_null=True), pa.scalar(None, pa.large_string()), texts)
        return pc.replace_substring_regex(texts, r"^(-?\d+)$", r"\1.0")
    if pa.types.is_timestamp(kind):
        wall = pc.cast(column, pa.timestamp(kind.unit))  # of a time with a zone: its UTC
        if kind.unit != "s" and _is_whole(wall, _PER_SECOND[kind.unit]):
            wall = wall.cast(pa.timestamp("s"))  # no fraction that is written first and cut off then
        texts = pc.replace_substring(pc.cast(wall, pa.large_string()), " ", "T", max_replacements=1)
        texts = texts if wall.type.unit == "s" else _trim(texts)
        return texts if kind.tz is None else join_texts(texts, "Z")
    if pa.types.is_time(kind):
        return _trim(pc.cast(column, pa.large_string()))
    if pa.types.is_duration(kind):
        ticks = column.cast(pa.int64()).to_pylist()
        return pa.array(
            [None if t is None else _iso_duration(t, _PER_SECOND[kind.unit]) for t in ticks], pa.large_string()
        )
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.array(
            [None if v is None else base64.b64encode(v).decode() for v in column.to_pylist()], pa.large_string()
        )
    if is_nested(kind):
        return pa.array(
            [None if v is None else json.dumps(plain(v), ensure_ascii=False) for v in column.to_pylist()],
            pa.large_string(),
        )
    if pa.types.is_null(kind):
        return pa.nulls(len(column), pa.large_string())
    return pc.cast(column, pa.large_string())


def plain(value: Any) -> Any:
    """A nested value as JSON can hold it."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime.timedelta):
        return _iso_duration(value // datetime.timedelta(microseconds=1), 1_000_000)
    if isinstance(value, datetime.date | datetime.time | datetime.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def _is_whole(column: pa.Array, per_second: int) -> bool:
    """Whether all times are whole seconds; a missing one may be anything."""
    ticks = column.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return not (ticks % per_second).any()


def _trim(texts: pa.Array) -> pa.Array:
    """Fractions of seconds without trailing zeros."""
    return pc.replace_substring_regex(pc.replace_substring_regex(texts, r"(\.\d*?)0+$", r"\1"), r"\.$", "")


def _iso_duration(ticks: int, per_second: int) -> str:
    sign, ticks = ("-", -ticks) if ticks < 0 else ("", ticks)
    seconds, rest = divmod(ticks, per_second)
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    digits = len(str(per_second)) - 1
    fraction = f"{rest:0{digits}d}".rstrip("0") if rest else ""
    second = f"{seconds}.{fraction}S" if fraction else (f"{seconds}S" if seconds else "")
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + second
    day = f"{days}D" if days else ""
    return f"{sign}P{day}" + (f"T{clock}" if clock else "" if day else "T0S")
