"""The week and the month in dates: no Sundays, many first days of a month; found among dates that few rows share, and drawn again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MIN_ROWS = 200
_MIN_EXCESS = 0.03  # total variation between seen and even shares


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Shares of kinds of days.

    Attributes:
        first_of_year: share of 1 January.
        first_of_month: share of first days of other months.
        cumulative: float64 (7,) cumulative shares of Monday to Sunday among the other days.
    """

    first_of_year: float
    first_of_month: float
    cumulative: NDArray[np.float64]


def find_weekdays(days: NDArray[np.int64]) -> Weekdays | None:
    """The shares among dates (days since 1970-01-01), or None where they are what chance gives."""
    if len(days) < _MIN_ROWS or np.abs(days).max() > 10**6 or days.max() - days.min() < 28:
        return None
    new_year, new_month = _starts(days, "Y") == days, _starts(days, "M") == days
    year, month = float(new_year.mean()), float((new_month & ~new_year).mean())
    rest = days[~new_month]
    if len(rest) < _MIN_ROWS // 2:
        shares: NDArray[np.float64] = np.full(7, 1 / 7)
    else:
        shares = np.bincount((rest + 3) % 7, minlength=7) / len(rest)
    noise = 1.5 / np.sqrt(len(days))
    uneven = float(np.abs(shares - 1 / 7).sum() / 2) >= max(_MIN_EXCESS, noise)
    heaped = year + month - 12 / 365.25 >= max(_MIN_EXCESS, noise)
    if not uneven and not heaped:
        return None
    if not heaped:
        year, month = 0.0, 0.0
    cumulative = np.cumsum(shares if uneven else np.full(7, 1 / 7))
    cumulative[-1] = 1.0
    return Weekdays(year, month, cumulative)


def move_to_weekdays(weekdays: Weekdays, days: NDArray[np.int64], uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    """Dates of the kind that ``uniform`` draws, near the dates given: int64 (n,)."""
    year, month = weekdays.first_of_year, weekdays.first_of_month
    rest = np.clip((uniform - year - month) / max(1.0 - year - month, 1e-12), 0.0, 1.0)
    weekday = np.minimum(np.searchsorted(weekdays.cumulative, rest, side="right"), 6)
    moved: NDArray[np.int64] = days - (days + 3) % 7 + weekday
    if year + month > 0:
        moved = np.where(uniform < year + month, _starts(days, "M"), moved)
        moved = np.where(uniform < year, _starts(days, "Y"), moved)
    return moved


def _starts(days: NDArray[np.int64], unit: str) -> NDArray[np.int64]:
    """First day of each day's month (M) or year (Y)."""
    dates: NDArray[np.datetime64] = days.astype("datetime64[D]")
    starts: NDArray[np.int64] = dates.astype(f"datetime64[{unit}]").astype("datetime64[D]").astype(np.int64)
    return starts
