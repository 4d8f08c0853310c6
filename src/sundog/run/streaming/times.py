"""Which columns are times that rows can be ordered by, and those times as numbers."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_EPOCH = datetime.datetime(1970, 1, 1)  # noqa: DTZ001 - shown as the table shows it: without a zone


@dataclass(frozen=True, slots=True)
class Ticks:
    """The times of some rows.

    Attributes:
        at: int64 or float64 (rows,), ticks; 0 where there is none.
        known: bool (rows,), False where the time is missing.
    """

    at: NDArray[Any]
    known: NDArray[np.bool_]


def is_instant(kind: pa.DataType) -> bool:
    """Whether a table is ordered by a column of this type without being asked."""
    return bool(pa.types.is_timestamp(kind))


def is_time(kind: pa.DataType) -> bool:
    """Whether a column of this type can be asked for: instants, days, durations, and numbers, which count seconds."""
    return bool(
        pa.types.is_timestamp(kind)
        or pa.types.is_date(kind)
        or pa.types.is_duration(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
    )


def ticks_per_second(kind: pa.DataType) -> float:
    """How many ticks of ``tell_ticks`` make a second."""
    if pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
        return float(_PER_SECOND[kind.unit])
    if pa.types.is_date32(kind):
        return 1 / 86_400
    return 1_000.0 if pa.types.is_date64(kind) else 1.0


def tell_ticks(column: pa.Array | pa.ChunkedArray) -> Ticks:
    """The times of a column for which ``is_time`` holds, in the column's own unit, so that none is rounded."""
    kind = column.type
    if pa.types.is_date32(kind):
        column = column.cast(pa.int32())
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_uint64(kind):
        column = column.cast(pa.float64())
        known = pc.fill_null(pc.is_finite(column), False)
        column = pc.if_else(known, column, 0.0)
    else:
        column = column.cast(pa.int64())
        known = pc.is_valid(column)
        column = pc.fill_null(column, 0)
    return Ticks(np.asarray(column.to_numpy()), np.asarray(known.to_numpy(zero_copy_only=False), dtype=np.bool_))


def describe_tick(tick: float, kind: pa.DataType) -> str:
    """A time as people read it."""
    seconds = float(tick) / ticks_per_second(kind)
    if not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
        return f"{seconds:g} s"
    try:
        told = (_EPOCH + datetime.timedelta(seconds=round(seconds))).isoformat(sep=" ")
    except OverflowError:
        return f"{seconds:g} s"
    return told[:10] if pa.types.is_date(kind) else told


def describe_seconds(seconds: float) -> str:
    """How long something takes, as people say it."""
    for size, unit in ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds:,.1f} s"
