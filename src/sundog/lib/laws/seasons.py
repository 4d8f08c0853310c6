"""How busy a day is: weekday, month, day of the month, holidays and growth over time, multiplied."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sundog.lib.laws.law import check_weights
from sundog.lib.laws.zones import DAY

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_HOUR_CELLS = (24, 48, 96)


def _make_ones(count: int) -> Floats:
    return np.ones(count)


@dataclass(frozen=True, slots=True, eq=False)
class Season:
    """Factors of the density of events over calendar days and hours.

    Attributes:
        weekdays: float64 (7,), Monday first.
        months: float64 (12,), January first.
        month_days: float64 (31,), the first of the month first.
        hours: float64 (24,), (48,) or (96,), or one such row for each weekday, (7, 24) ...; they say how a day is spread
            over its hours (halves, quarters), not how busy it is: only their ratios count.
        holidays: int64 (h,), days since 1970-01-01.
        holiday_factors: float64 (h,), what the density of each holiday is multiplied with.
        growth_days: int64 (g,), days since 1970-01-01, rising; g = 0 for no growth.
        growth: float64 (g,), factor at each of them; straight lines between, level outside.
    """

    weekdays: Floats = field(default_factory=lambda: _make_ones(7))
    months: Floats = field(default_factory=lambda: _make_ones(12))
    month_days: Floats = field(default_factory=lambda: _make_ones(31))
    hours: Floats = field(default_factory=lambda: _make_ones(24))
    holidays: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    holiday_factors: Floats = field(default_factory=lambda: np.empty(0))
    growth_days: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    growth: Floats = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        for name in ("weekdays", "months", "month_days", "hours", "holiday_factors", "growth"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))
        for name in ("holidays", "growth_days"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.int64))


def find_season_faults(season: Season) -> tuple[str, ...]:
    """Every fault of the factors, in words."""
    faults: list[str] = []
    for name, count in (("weekdays", 7), ("months", 12), ("month_days", 31)):
        weights = getattr(season, name)
        faults += check_weights(name, weights)
        if weights.shape != (count,):
            faults.append(f"{name} must be {count} numbers, not {weights.size}")
    rows = np.atleast_2d(season.hours)
    if rows.ndim != 2 or rows.shape[1] not in _HOUR_CELLS or len(rows) not in (1, 7):
        faults.append("hours must be 24, 48 or 96 numbers, or seven rows of them, one a weekday")
    else:
        faults += [fault for row in rows for fault in check_weights("hours", row)]
    for name, days, factors in (
        ("holiday", season.holidays, season.holiday_factors),
        ("growth", season.growth_days, season.growth),
    ):
        if days.shape != factors.shape or days.ndim != 1:
            faults.append(f"there must be one {name} factor for each of {days.size} {name} days, not {factors.size}")
        if not (np.isfinite(factors).all() and bool((factors >= 0).all())):
            faults.append(f"{name} factors must be finite and not negative")
    if bool((np.diff(season.growth_days) <= 0).any()):
        faults.append("growth days must rise")
    return tuple(faults)


def weigh_days(season: Season, days: Integers) -> Floats:
    """How busy each day is: int64 (n,), days since 1970-01-01, to float64 (n,)."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    of_year = months.astype(np.int64) % 12
    of_month = (dates - months.astype("datetime64[D]")).astype(np.int64)
    found = season.weekdays[find_weekdays(days)] * season.months[of_year] * season.month_days[of_month]
    if len(season.growth):
        found = found * np.interp(days, season.growth_days, season.growth)
    for holiday, factor in zip(season.holidays, season.holiday_factors, strict=True):
        found[days == holiday] *= factor
    return np.asarray(found, np.float64)


def find_weekdays(days: Integers) -> Integers:
    """0 for Monday .. 6 for Sunday: int64 (n,), days since 1970-01-01, to int64 (n,)."""
    return (days + 3) % 7


def spread_hours(season: Season) -> tuple[Floats, int]:
    """The density of each cell of a day over a mean of 1, float64 (7, cells), and the width of a cell in microseconds."""
    rows = np.broadcast_to(np.atleast_2d(season.hours), (7, season.hours.shape[-1]))
    return rows / rows.mean(axis=1, keepdims=True), DAY // rows.shape[1]
