"""Time that runs faster where more happens: a clock of busy days, by weekday, month, hour and holiday.

A process that is even in busy time follows the calendar in ordinary time. Over years an average day is one busy day, so that
rates a year mean the same on both clocks; what a holiday takes or growth adds is not made up for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sundog.lib.laws.law import describe_bad
from sundog.lib.laws.seasons import Season, find_season_faults, find_weekdays, spread_hours, weigh_days
from sundog.lib.laws.zones import DAY, ZoneTable, build_zone_table, check_zone, convert_from_wall, convert_to_wall

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
FIRST, LAST = -62_091, 84_005
"""Days since 1970-01-01 of the first and last day with a busy time: 1 January 1800 and 31 December 2199."""

_CYCLE = np.arange(11_323, 11_323 + 28 * 365 + 7)
"""Twenty-eight years, 2001 to 2028, in which every date falls on every weekday equally often."""


@dataclass(frozen=True, slots=True, eq=False)
class BusyTime:
    """How many busy days have passed at each instant.

    Attributes:
        weights: float64 (days,), busy days that each day from ``FIRST`` on counts.
        sums: float64 (days + 1,), busy days before each day, 0 at the anchor.
        hours: float64 (7, cells + 1), share of a weekday that has passed at the edge of each cell, from 0 to 1.
        zone: offsets of the wall clock.

    Limits: where clocks are set back, no event falls into the hour that comes again; the hour that is left out when they are
    set forward has its events in the hour after.
    """

    weights: Floats
    sums: Floats
    hours: Floats
    zone: ZoneTable

    def count(self, instants: Integers) -> Floats:
        """Busy days since the anchor, float64 (n,), at instants: int64 (n,), microseconds; ends of the calendar hold outside it."""
        walls = convert_to_wall(instants, self.zone)
        day = np.clip(walls // DAY, FIRST, LAST)
        place = np.clip((walls - day * DAY) / DAY, 0.0, 1.0)
        at, weekday = day - FIRST, find_weekdays(day)
        cells = self.hours.shape[1] - 1
        cell = np.minimum((place * cells).astype(np.int64), cells - 1)
        low, high = self.hours[weekday, cell], self.hours[weekday, cell + 1]
        return np.asarray(self.sums[at] + self.weights[at] * (low + (high - low) * (place * cells - cell)))

    def find(self, busy: Floats) -> Integers:
        """The instants, int64 (n,), microseconds, at which so many busy days have passed since the anchor: float64 (n,)."""
        # The last of equal sums: days of no weight are passed over.
        at = np.clip(np.searchsorted(self.sums, busy, side="right") - 1, 0, len(self.weights) - 1)
        weight = self.weights[at]
        share = np.clip((busy - self.sums[at]) / np.where(weight > 0.0, weight, 1.0), 0.0, 1.0 - 2.0**-53)
        return np.asarray(convert_from_wall((at + FIRST) * DAY + self.find_in_day(at + FIRST, share), self.zone))

    def find_in_day(self, days: Integers, share: Floats) -> Integers:
        """Microseconds after midnight, int64 (n,), at which a share of the day's business, float64 (n,) in [0, 1), has passed."""
        weekday = find_weekdays(days)
        cells = self.hours.shape[1] - 1
        found = np.empty(len(days), np.int64)
        for which in range(7):
            rows = np.flatnonzero(weekday == which)
            edges, p = self.hours[which], share[rows]
            cell = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, cells - 1)
            inner = (p - edges[cell]) / (edges[cell + 1] - edges[cell])
            width = DAY // cells
            found[rows] = cell * width + np.minimum((inner * width).astype(np.int64), width - 1)
        return found


def build_busy_time(season: Season, anchor: int, growth: float = 0.0, zone: str = "UTC") -> BusyTime:
    """The clock of a season without ``find_busy_faults``.

    Args:
        season: its own growth is not used.
        anchor: days since 1970-01-01 of the day on which busy time is 0 and growth has the factor 1.
        growth: a year, above -1; up to fifty years from the anchor, level beyond.
        zone: IANA name of the zone of the wall clock.
    """
    still = _leave_growth(season)
    days = np.arange(FIRST, LAST + 1)
    weights = weigh_days(still, days) / _weigh_cycle(still)
    if growth:
        weights *= (1.0 + growth) ** np.clip((days - anchor) / 365.25, -50.0, 50.0)
    middle = anchor - FIRST
    # Summed from the anchor to both sides: exact where the data are, whatever growth makes of far years.
    before, after = -np.cumsum(weights[:middle][::-1])[::-1], np.cumsum(weights[middle:])
    cells, _ = spread_hours(season)
    hours = np.concatenate([np.zeros((7, 1)), np.cumsum(cells, axis=1)], axis=1)
    hours /= hours[:, -1:]
    table = build_zone_table(zone, FIRST * DAY, LAST * DAY)
    return BusyTime(weights, np.concatenate([before, [0.0], after]), hours, table)


def find_busy_faults(season: Season, growth: float = 0.0, zone: str = "UTC") -> tuple[str, ...]:
    """Every fault of a season as a clock, in words."""
    faults = (*check_zone(zone), *find_season_faults(season))
    if faults:
        return faults
    total = _weigh_cycle(_leave_growth(season))
    return (
        *describe_bad("the weight of all days", "finite and above 0", total, 0 < total < math.inf),
        *describe_bad("growth", "above -1 and at most 2", growth, -1 < growth <= 2),
    )


def _leave_growth(season: Season) -> Season:
    return replace(season, growth_days=np.empty(0, np.int64), growth=np.empty(0))


def _weigh_cycle(season: Season) -> float:
    """Mean weight of a day without holidays."""
    plain = replace(season, holidays=np.empty(0, np.int64), holiday_factors=np.empty(0))
    return float(weigh_days(plain, _CYCLE).mean())
