"""Wall clocks: offsets of IANA time zones as tables, and what Arrow calls dates and timestamps.

An instant is int64, microseconds since 1970-01-01 UTC. A wall time is int64, the microseconds that a clock and a calendar on
the wall show. Where clocks are set forward, some wall times do not exist: they count as the same time after the old offset,
which the clock then shows later by the gap. Where clocks are set back, some exist twice: the first is meant (PEP 495, fold 0).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Integers = NDArray[np.int64]
SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
"""Microseconds."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = -62_135_596_800 * SECOND + 2 * DAY, 253_402_300_799 * SECOND - 2 * DAY
"""Two days within what a calendar of the years 1 to 9999 can say."""


class ZoneTable(NamedTuple):
    """When the offset of a zone changes.

    Attributes:
        changes: int64 (k,), rising, instants of the changes.
        offsets: int64 (k + 1,), microseconds that the wall clock is ahead of UTC before each change, and after the last.
    """

    changes: Integers
    offsets: Integers


@lru_cache(maxsize=64)
def build_zone_table(zone: str, start: int, stop: int) -> ZoneTable:
    """The changes of a zone from some days before ``start`` to some days after ``stop``, both instants.

    Limits: offsets are looked up once a day, so that two changes within a day that cancel each other are not seen.
    """
    if zone == "UTC":
        return ZoneTable(np.empty(0, np.int64), np.zeros(1, np.int64))
    clock = ZoneInfo(zone)
    days = range(max(start // DAY - 2, EARLIEST // DAY), min(stop // DAY + 3, LATEST // DAY) + 1)
    changes, offsets = [], [_measure_offset(clock, days.start * DAY)]
    for day in days[1:]:
        after = _measure_offset(clock, day * DAY)
        if after == offsets[-1]:
            continue
        # The first second with the new offset.
        low, high = (day - 1) * DAY // SECOND, day * DAY // SECOND
        while high - low > 1:
            middle = (low + high) // 2
            same = _measure_offset(clock, middle * SECOND) == offsets[-1]
            low, high = (middle, high) if same else (low, middle)
        changes.append(high * SECOND)
        offsets.append(after)
    return ZoneTable(np.array(changes, np.int64), np.array(offsets, np.int64))


def check_zone(zone: str) -> tuple[str, ...]:
    """Whether there is such a zone."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return (f"{zone!r} is not a time zone of the IANA database, such as 'Europe/Berlin'",)
    return ()


def convert_to_wall(instants: Integers, table: ZoneTable) -> Integers:
    """Wall times of instants: int64 (n,) to int64 (n,)."""
    return instants + table.offsets[np.searchsorted(table.changes, instants, side="right")]


def convert_from_wall(walls: Integers, table: ZoneTable) -> Integers:
    """Instants of wall times: int64 (n,) to int64 (n,). Gaps and folds: see the top of this page."""
    # The new offset is meant once both clocks, the old and the new, are past the change.
    past = table.changes + np.maximum(table.offsets[:-1], table.offsets[1:])
    return walls - table.offsets[np.searchsorted(past, walls, side="right")]


def as_timestamps(instants: Integers, zone: str | None = "UTC") -> pa.TimestampArray:
    """Arrow timestamps in microseconds: int64 (n,) to timestamp[us, zone] (n,), without a copy; no zone for wall times."""
    return pa.array(instants).view(pa.timestamp("us", tz=zone))


def as_dates(days: Integers) -> pa.Date32Array:
    """Arrow dates: int64 (n,), days since 1970-01-01, to date32 (n,)."""
    return pa.array(days.astype(np.int32)).view(pa.date32())


def as_durations(spans: Integers) -> pa.DurationArray:
    """Arrow durations in microseconds: int64 (n,) to duration[us] (n,), without a copy."""
    return pa.array(spans).view(pa.duration("us"))


def _measure_offset(clock: ZoneInfo, instant: int) -> int:
    offset = (_EPOCH + timedelta(microseconds=instant)).astimezone(clock).utcoffset()
    return 0 if offset is None else round(offset.total_seconds()) * SECOND
