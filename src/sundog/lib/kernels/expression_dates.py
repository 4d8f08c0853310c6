"""Months, ages and dates from their parts, on days since 1970-01-01 in the proleptic Gregorian calendar.

Method: years begin in March, so that the leap day is the last; eras of 400 years have 146,097 days. Source: the calendar's own
arithmetic, as in Richards, Mapping Time, 1998, chapter 25. Limits: years 1 to 9999.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_DAY_LOW, _DAY_HIGH = -719_162, 2_932_896
"""0001-01-01 and 9999-12-31."""


@njit(cache=True, nogil=True)
def split_day(day: Any) -> tuple[Any, Any, Any]:
    """Year, month and day of the month. A day outside of the years 1 to 9999 (behind a missing value stands anything) counts as
    the nearest inside; told these ends, the compiler turns every quotient into one multiplication.
    """
    z = min(max(day, _DAY_LOW), _DAY_HIGH) + 719_468  # days since 0000-03-01
    era = z // 146_097
    in_era = z - era * 146_097
    year = (in_era - in_era // 1_460 + in_era // 36_524 - in_era // 146_096) // 365
    in_year = in_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * in_year + 2) // 153  # March is 0
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year + era * 400 + (1 if month <= 2 else 0), month, in_year - (153 * shifted + 2) // 5 + 1


@njit(cache=True, nogil=True)
def join_day(year: Any, month: Any, day: Any) -> Any:
    """The day of a year, a month in 1..12 and a day of the month; a day past the month's end runs into the next."""
    y = year - (1 if month <= 2 else 0)
    era = y // 400
    in_era = y - era * 400
    in_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + in_era * 365 + in_era // 4 - in_era // 100 + in_year - 719_468


@njit(cache=True, nogil=True)
def count_days(year: Any, month: Any) -> Any:
    """Days of a month."""
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    long = 30 + ((month + month // 8) & 1)
    return (28 + leap) if month == 2 else long


@njit(cache=True, nogil=True)
def shift_months(
    days: NDArray[np.int64], months: NDArray[np.int64], found: NDArray[np.int32], beyond: NDArray[np.bool_]
) -> None:
    """Days moved by months, cut to the end of a shorter month.

    Args:
        days: int64 (n,), days since 1970-01-01.
        months: int64 (n,).
        found: int32 (n,), written.
        beyond: bool (n,), written: whether the day leaves the years 1 to 9999.
    """
    for i in range(len(days)):
        year, month, day = split_day(days[i])
        wanted = year * 12 + month - 1 + min(max(months[i], -200_000), 200_000)
        count = min(max(wanted, 12), 119_999)
        beyond[i] = wanted != count
        year, month = count // 12, count % 12 + 1
        found[i] = join_day(year, month, min(day, count_days(year, month)))


@njit(cache=True, nogil=True)
def find_month_ends(days: NDArray[np.int64], last: bool, found: NDArray[np.int32]) -> None:
    """The first day of each day's month, or the last: int64 (n,) to int32 (n,)."""
    for i in range(len(days)):
        year, month, of_month = split_day(days[i])
        found[i] = days[i] - of_month + (count_days(year, month) if last else 1)


@njit(cache=True, nogil=True)
def count_birthdays(born: NDArray[np.int64], at: NDArray[np.int64], found: NDArray[np.int64]) -> None:
    """Whole years from one day to another, below 0 when ``at`` lies before ``born``; 29 February counts on 1 March.

    Args:
        born: int64 (n,), days since 1970-01-01.
        at: int64 (n,).
        found: int64 (n,), written.
    """
    for i in range(len(born)):
        year, month, day = split_day(born[i])
        year_at, month_at, day_at = split_day(at[i])
        before = month_at < month or (month_at == month and day_at < day)
        found[i] = year_at - year - (1 if before else 0)


@njit(cache=True, nogil=True)
def join_days(
    years: NDArray[np.int64],
    months: NDArray[np.int64],
    days: NDArray[np.int64],
    found: NDArray[np.int32],
    beyond: NDArray[np.bool_],
) -> None:
    """Days since 1970-01-01 (int32 (n,)) of years, months and days of the month, all int64 (n,); ``beyond`` where there is none."""
    for i in range(len(years)):
        year, month = min(max(years[i], 1), 9999), min(max(months[i], 1), 12)
        day = min(max(days[i], 1), count_days(year, month))
        beyond[i] = year != years[i] or month != months[i] or day != days[i]
        found[i] = join_day(year, month, day)
