"""What returns with the calendar: harmonics whose amplitude may swell and fade, and the profile of a week."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
YEAR = 31_556_952 * SECOND
"""Microseconds; a year is the mean one of the calendar, 365.2425 days."""
_MONDAY = 4 * DAY
"""The first Monday after 1970-01-01, which was a Thursday."""


@dataclass(frozen=True, slots=True)
class Harmonic:
    """amplitude (1 + swing cos(2 pi (t - swing_peak) / swing_period)) cos(2 pi (t - peak) / period).

    Attributes:
        period: microseconds (``DAY``, ``YEAR``, ``DAY // 2`` ...).
        amplitude: half of the way from trough to peak, in the unit of the channel.
        peak: microseconds after the start of a period, counted from 1970-01-01T00:00Z, at which it is highest.
        swing: share in [0, 1] by which the amplitude itself goes up and down.
        swing_period: microseconds.
        swing_peak: microseconds, when the amplitude is largest.
    """

    period: int
    amplitude: float
    peak: int = 0
    swing: float = 0.0
    swing_period: int = YEAR
    swing_peak: int = 0


@dataclass(frozen=True, slots=True)
class WeekProfile:
    """What is added at each hour of the week; straight lines run from the middle of each hour to that of the next.

    Attributes:
        hours: 168 numbers in the unit of the channel, from Monday 00:00-01:00 on.
        scale: factor of all of them.
        ahead: microseconds by which local time is ahead of UTC.
    """

    hours: tuple[float, ...]
    scale: float = 1.0
    ahead: int = 0


def check_harmonic(harmonic: Harmonic) -> tuple[str, ...]:
    """Every fault of the parameters, in words."""
    found = []
    if harmonic.period <= 0 or harmonic.swing_period <= 0:
        found.append("the period of a harmonic must be longer than 0")
    if not math.isfinite(harmonic.amplitude):
        found.append("the amplitude of a harmonic must be a finite number")
    if not 0 <= harmonic.swing <= 1:
        found.append(f"the swing of a harmonic's amplitude is {harmonic.swing}: it must lie in 0 to 1")
    return tuple(found)


def check_week(week: WeekProfile) -> tuple[str, ...]:
    """Every fault of the parameters, in words."""
    found = []
    if len(week.hours) != 168:
        found.append(f"a profile of the week has {len(week.hours)} hours: it must have 168")
    if not all(math.isfinite(v) for v in (*week.hours, week.scale)):
        found.append("a profile of the week holds something that is not a finite number")
    return tuple(found)


def add_harmonics(harmonics: tuple[Harmonic, ...], times: Times, values: Floats) -> None:
    """Add the harmonics at these times to ``values``.

    Args:
        harmonics: what to add.
        times: int64 (rows,), microseconds since 1970-01-01T00:00Z.
        values: float64 (rows,), changed in place.
    """
    for h in harmonics:
        _add_harmonic(
            times, float(h.period), float(h.peak), h.amplitude, h.swing, float(h.swing_period), float(h.swing_peak), values
        )  # fmt: skip


def add_week(week: WeekProfile, times: Times, values: Floats) -> None:
    """Add the profile of the week at these times to ``values``; arguments as in ``add_harmonics``."""
    hours = np.array(week.hours) * week.scale
    _add_week(times, week.ahead - _MONDAY - HOUR // 2, np.append(hours, hours[0]), values)


@njit(cache=True, nogil=True)
def cos_turns(turns: Any) -> Any:
    """cos(2 pi turns) within 2e-15, the same bits on every machine: a Taylor polynomial of the sine on a quarter turn."""
    part = turns - np.floor(turns)
    x = (abs(part - 0.5) - 0.25) * 6.283185307179586
    y = x * x
    p = 1.0 / 51090942171709440000.0
    p = p * y - 1.0 / 121645100408832000.0
    p = p * y + 1.0 / 355687428096000.0
    p = p * y - 1.0 / 1307674368000.0
    p = p * y + 1.0 / 6227020800.0
    p = p * y - 1.0 / 39916800.0
    p = p * y + 1.0 / 362880.0
    p = p * y - 1.0 / 5040.0
    p = p * y + 1.0 / 120.0
    p = p * y - 1.0 / 6.0
    return x + x * y * p


@njit(cache=True, nogil=True, error_model="numpy")
def _add_harmonic(
    times: Times, period: float, peak: float, amplitude: float, swing: float, swing_period: float, swing_peak: float,
    values: Floats,
) -> None:  # fmt: skip
    if swing == 0.0:
        for i in range(len(times)):
            values[i] += amplitude * cos_turns((times[i] - peak) / period)
    else:
        for i in range(len(times)):
            size = amplitude * (1.0 + swing * cos_turns((times[i] - swing_peak) / swing_period))
            values[i] += size * cos_turns((times[i] - peak) / period)


@njit(cache=True, nogil=True)
def _add_week(times: Times, shift: int, hours: Floats, values: Floats) -> None:
    for i in range(len(times)):
        at = ((times[i] + shift) % (168 * HOUR)) / HOUR
        hour = np.int64(at)
        part = at - hour
        values[i] += hours[hour] * (1.0 - part) + hours[hour + 1] * part
