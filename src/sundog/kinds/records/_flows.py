"""How events of one kind come about in the windows of a parent's rows: by chance at a rate, or once a month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.kinds.records._formula import Formula
from sundog.kinds.records._rows import Built
from sundog.lib.kernels.draws import as_uniform, draw_row_words
from sundog.lib.laws.busy_time import FIRST, LAST, BusyTime
from sundog.lib.laws.events import draw_hawkes_times, find_hawkes_faults
from sundog.lib.laws.law import describe_bad
from sundog.lib.laws.seasons import find_weekdays
from sundog.lib.laws.zones import convert_from_wall, convert_to_wall

DAY = 86_400_000_000
"""Microseconds."""

YEAR = 365.25
"""Days."""

_MONTHS = 12 * 400
"""More months than any window has."""

Number = float | Formula
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Windows(NamedTuple):
    """When events of each row of a parent may happen.

    Attributes:
        numbers: uint64 (parents,), names of the rows.
        begin: int64 (parents,), microseconds.
        end: int64 (parents,), not included, nor before the beginning; the same where a row has no events.
    """

    numbers: NDArray[np.uint64]
    begin: Integers
    end: Integers


class Flow(Protocol):
    """Events of one kind."""

    def find_faults(self, windows: Windows, parent: Built) -> tuple[str, ...]:
        """What is wrong with the values of the parent's rows, in words."""
        ...

    def draw(self, key: Key, windows: Windows, parent: Built) -> tuple[Integers, Integers]:
        """How many events each row has, int64 (parents,), and their instants, int64 (events,), rising within a row."""
        ...


@dataclass(frozen=True, slots=True)
class RandomFlow:
    """Events by chance: Poisson, or Hawkes where each sets off others.

    Attributes:
        rate: events a year that nothing sets off: a number, or an expression.
        excited: how many events an event sets off.
        decay: days after which those come, on average; busy days where there is a calendar.
        busy: the calendar that they follow; None where all times are alike.
    """

    rate: Number
    excited: float
    decay: float
    busy: BusyTime | None = None

    def find_faults(self, windows: Windows, parent: Built) -> tuple[str, ...]:
        """See ``Flow``."""
        daily, length, _ = self._measure(windows, parent)
        faults = find_hawkes_faults(daily, self.excited, 1.0 / self.decay, np.maximum(length, 1e-9))
        return faults if self.busy is None else (*faults, *find_far_windows(windows))

    def draw(self, key: Key, windows: Windows, parent: Built) -> tuple[Integers, Integers]:
        """See ``Flow``."""
        daily, length, passed = self._measure(windows, parent)
        found = draw_hawkes_times(key, windows.numbers, daily, self.excited, 1.0 / self.decay, length)
        counts = np.diff(found.offsets)
        begin = np.repeat(windows.begin, counts)
        if self.busy is None:
            return counts, begin + np.floor(found.times * DAY).astype(np.int64)
        instants = self.busy.find(np.repeat(passed, counts) + found.times)
        # Both ends are the same instants after rounding; the order is that of busy time.
        return counts, np.clip(instants, begin, np.repeat(windows.end, counts) - 1)

    def _measure(self, windows: Windows, parent: Built) -> tuple[Floats, Floats, Floats]:
        """Events a day, days of the window (busy ones, with a calendar), and busy days before it: float64 (parents,)."""
        daily = evaluate(self.rate, parent) / YEAR
        length: Floats = (windows.end - windows.begin) / DAY
        passed: Floats = np.zeros(len(daily))
        if self.busy is not None:
            passed = self.busy.count(windows.begin)
            length = np.where(windows.end > windows.begin, self.busy.count(windows.end) - passed, 0.0)
        known = np.isfinite(daily)
        return np.where(known, daily, 0.0), np.where(known, np.maximum(length, 0.0), 0.0), passed


@dataclass(frozen=True, slots=True)
class MonthlyFlow:
    """Events once a month, on the same day.

    Attributes:
        day: of the month, from 1 on; the last one where a month has no such day. A number, or an expression.
        share: of the months that have the event: a number, or an expression.
        weekend: what becomes of a Saturday or Sunday: it stays, or the Friday before or the Monday after is taken.
        busy: at which hours of the day.
    """

    day: Number
    share: Number
    weekend: Literal["stay", "before", "after"]
    busy: BusyTime

    def find_faults(self, windows: Windows, parent: Built) -> tuple[str, ...]:
        """See ``Flow``."""
        day, share = evaluate(self.day, parent), evaluate(self.share, parent)
        return (
            *find_far_windows(windows),
            *describe_bad("the day of the month", "from 1 to 31", day, ~((day < 1) | (day > 31))),
            *describe_bad("share", "from 0 to 1", share, ~((share < 0) | (share > 1))),
        )

    def draw(self, key: Key, windows: Windows, parent: Built) -> tuple[Integers, Integers]:
        """See ``Flow``."""
        zone = self.busy.zone
        wall = [convert_to_wall(edge, zone) // DAY for edge in (windows.begin, windows.end)]
        first, last = (edge.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) for edge in wall)
        # A month more on each side: a weekend may move an event into the next month.
        months = np.where(windows.end > windows.begin, last - first + 3, 0)
        owner = np.repeat(np.arange(len(months)), months)
        number = np.arange(len(owner)) - np.repeat(np.cumsum(months) - months, months) + first[owner] - 1
        names, index = windows.numbers[owner], (number + _MONTHS).astype(np.uint64)
        day, share = evaluate(self.day, parent)[owner], evaluate(self.share, parent)[owner]
        days = _find_days(number, np.where(np.isfinite(day), day, 1.0))
        weekday = find_weekdays(days)
        if self.weekend != "stay":
            moves = (-1, -2) if self.weekend == "before" else (2, 1)
            days = days + np.where(weekday == 5, moves[0], 0) + np.where(weekday == 6, moves[1], 0)
        clock = self.busy.find_in_day(days, as_uniform(draw_row_words(key.child("hour"), names, index)))
        instants = convert_from_wall(days * DAY + clock, zone)
        drawn = as_uniform(draw_row_words(key.child("share"), names, index)) < share
        kept = drawn & np.isfinite(day) & (instants >= windows.begin[owner]) & (instants < windows.end[owner])
        return np.bincount(owner[kept], minlength=len(months)).astype(np.int64), instants[kept]


def _find_days(months: Integers, day: Floats) -> Integers:
    """Days since 1970-01-01 of a day of each month, or of its last one: int64 (n,), months since 1970-01."""
    begin, following = (
        m.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) for m in (months, months + 1)
    )
    return np.asarray(np.minimum(begin + np.rint(day).astype(np.int64) - 1, following - 1))


def find_far_windows(windows: Windows) -> tuple[str, ...]:
    """Windows that leave the years of the calendar, in words."""
    inside = (windows.begin >= FIRST * DAY) & (windows.end <= LAST * DAY)
    return describe_bad(
        "the window of events with a calendar, in days since 1970",
        "in the years 1800 to 2199",
        np.where(windows.begin < FIRST * DAY, windows.begin, windows.end) / DAY,
        inside | (windows.begin == windows.end),
    )


def evaluate(value: Number, parent: Built) -> Floats:
    """A number for each row of the parent, float64 (parents,), NaN where it is missing."""
    if isinstance(value, Formula):
        return as_floats(value.run(parent.columns, len(parent.rows)))
    return np.full(len(parent.rows), value, np.float64)


def as_floats(values: pa.Array) -> Floats:
    """float64 (n,), NaN where missing."""
    return np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
