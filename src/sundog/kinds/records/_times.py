"""Days and instants as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.kinds.records.fields_words import Calendar
from sundog.lib.laws.instants import Days, Instants
from sundog.lib.laws.seasons import Season

_EPOCH = date(1970, 1, 1)
_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class DateColumn:
    """Days of a law."""

    law: Days

    @property
    def type(self) -> pa.DataType:
        """Dates."""
        return pa.date32()

    def draw(self, words: NDArray[np.uint64], columns: Mapping[str, pa.Array]) -> pa.Array:
        """See ``Drawn``."""
        return pa.array(self.law.draw(words).astype(np.int32)).cast(pa.date32())


@dataclass(frozen=True, slots=True)
class TimestampColumn:
    """Instants of a law; without a zone, what a clock on the wall shows."""

    law: Instants
    zone: str | None
    seconds: bool

    @property
    def type(self) -> pa.DataType:
        """Timestamps in microseconds."""
        return pa.timestamp("us", tz=self.zone)

    def draw(self, words: NDArray[np.uint64], columns: Mapping[str, pa.Array]) -> pa.Array:
        """See ``Drawn``."""
        found = self.law.draw(words)
        if self.seconds:
            found = np.maximum(found // 1_000_000 * 1_000_000, -(-self.law.start // 1_000_000) * 1_000_000)
        return pa.array(found).cast(self.type)


def build_days(start: date, stop: date, calendar: Calendar) -> Days:
    """The law of days from ``start`` to ``stop``, both included."""
    return Days(to_day(start), to_day(stop), build_season(calendar, start, stop))


def build_instants(start: datetime, stop: datetime, zone: str | None, calendar: Calendar) -> Instants:
    """The law of instants from ``start`` on and before ``stop``; times without a zone are in ``zone``, or on the wall."""
    season = build_season(calendar, start.date(), stop.date())
    return Instants(to_microseconds(start, zone), to_microseconds(stop, zone), season, zone or "UTC")


def build_season(calendar: Calendar, start: date, stop: date) -> Season:
    """The shape of a calendar between two days."""
    ones = np.ones
    holidays = np.array(sorted(to_day(day) for day in calendar.holidays), np.int64)
    growth_days: NDArray[np.int64] = np.zeros(0, np.int64)
    growth: NDArray[np.float64] = np.zeros(0)
    if calendar.growth and stop > start:
        # Straight lines between months follow the exponential to better than one in a thousand at 50 % a year.
        growth_days = np.unique(np.append(np.arange(to_day(start), to_day(stop), 30), to_day(stop)))
        growth = (1.0 + calendar.growth) ** ((growth_days - growth_days[0]) / _YEAR)
    return Season(
        weekdays=ones(7) if calendar.weekdays is None else np.array(calendar.weekdays),
        months=ones(12) if calendar.months is None else np.array(calendar.months),
        month_days=ones(31) if calendar.month_days is None else np.array(calendar.month_days),
        hours=ones(24) if calendar.hours is None else np.array(calendar.hours),
        holidays=holidays,
        holiday_factors=np.full(len(holidays), calendar.holiday_factor),
        growth_days=growth_days,
        growth=growth,
    )


def to_day(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def to_microseconds(at: datetime, zone: str | None) -> int:
    """Microseconds since 1970-01-01 UTC; a time without a zone is taken in ``zone``, or as it is."""
    aware = at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(zone) if zone else UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
