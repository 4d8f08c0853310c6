"""When a device samples, and the battery that makes it sample less often towards its end."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.kernels.draws import draw_row_words
from sundog.lib.kernels.mixing import scale_words
from sundog.lib.laws.elementary import exponentiate
from sundog.lib.signals.channels import draw_by_unit
from sundog.lib.signals.waves import HOUR
from sundog.lib.signals.windows import ByUnit, Windows, list_samples

Floats = NDArray[np.float64]
LITHIUM = ((0.0, 2.0), (0.05, 2.5), (0.1, 2.7), (0.3, 2.85), (0.8, 2.95), (1.0, 3.1))
"""(charge left, volts) of two flat cells in series, in round numbers."""


@dataclass(frozen=True, slots=True)
class Battery:
    """What feeds a device.

    Attributes:
        capacity: milliampere-hours when new.
        spread: standard deviation of the logarithm of the capacity from device to device.
        each: milliampere-hours that a sample takes, with its sending.
        idle: milliampere-hours that an hour takes.
        curve: (charge left in 0 to 1, volts), rising in both; straight lines between.
        knee: charge left below which the device saves: it samples ``slower`` times less often.
        slower: factor of the interval below the knee, at least 1.
        replaced: whether an empty battery is replaced at once by a new one; otherwise the device falls silent.
    """

    capacity: float = 2000.0
    spread: float = 0.0
    each: float = 0.02
    idle: float = 0.01
    curve: tuple[tuple[float, float], ...] = LITHIUM
    knee: float = 0.2
    slower: float = 4.0
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """When devices sample.

    Attributes:
        start: microseconds since 1970-01-01T00:00Z, sample 0; of all devices, or int64 of each.
        interval: microseconds between samples.
        stagger: whether devices start at different times: each between ``start`` and one interval later.
        battery: what feeds the devices; None where power never ends.
    """

    start: int | ByUnit
    interval: int
    stagger: bool = False
    battery: Battery | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Power:
    """The clock and the battery at each sample.

    Attributes:
        times: int64 (rows,), microseconds since 1970-01-01T00:00Z, true time.
        charge: float64 (rows,), charge left in 0 to 1; 1 throughout without a battery.
        volts: float64 (rows,); NaN without a battery.
        alive: bool (rows,), whether the device still had power.
    """

    times: NDArray[np.int64]
    charge: Floats
    volts: Floats
    alive: NDArray[np.bool_]


def check_schedule(schedule: Schedule) -> tuple[str, ...]:
    """Every fault of the parameters, in words."""
    found = []
    if schedule.interval <= 0:
        found.append(f"the interval is {schedule.interval} microseconds: it must be longer than 0")
    battery = schedule.battery
    if battery is None:
        return tuple(found)
    amounts = {name: getattr(battery, name) for name in ("capacity", "each", "spread", "idle")}
    for name, amount in amounts.items():
        least = "above 0" if name in ("capacity", "each") else "a number of at least 0"
        if not math.isfinite(amount) or amount < 0 or (amount == 0 and least == "above 0"):
            found += [f"the battery's {name} is {amount}: it must be {least}"]
    if not 0 <= battery.knee < 1:
        found.append(f"the battery's knee is {battery.knee}: it must lie in 0 to 1")
    if not (math.isfinite(battery.slower) and battery.slower >= 1):
        found.append(f"the battery's slower is {battery.slower}: it must be at least 1")
    charges, volts = [c for c, _ in battery.curve], [v for _, v in battery.curve]
    if len(charges) < 2 or charges[0] != 0 or charges[-1] != 1:
        found.append("the battery's curve must run from charge 0 to charge 1")
    if any(b <= a for a, b in pairwise(charges)):
        found.append("the charges of the battery's curve must rise")
    if any(b < a for a, b in pairwise(volts)):
        found.append("the volts of the battery's curve must not fall as the charge rises")
    return tuple(found)


def count_life(schedule: Schedule, key: Key, windows: Windows) -> NDArray[np.int64]:
    """int64 (windows,): samples that the battery of each window's device lasts; very many where it does not end."""
    battery = schedule.battery
    if battery is None or battery.replaced:
        return np.full(len(windows.units), np.iinfo(np.int64).max)
    _, fast, late = _measure_lives(schedule, battery, key, windows)
    return fast + late


def _take_each(schedule: Schedule, battery: Battery) -> tuple[float, float]:
    """Milliampere-hours of a sample above and below the knee, with the time until the next."""
    slow = round(schedule.interval * battery.slower)
    return tuple(battery.each + battery.idle * interval / HOUR for interval in (schedule.interval, slow))  # type: ignore[return-value]


def _measure_lives(
    schedule: Schedule, battery: Battery, key: Key, windows: Windows
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Capacity of each window's device, and samples that it lasts above and below its knee; each (windows,)."""
    sizes: Floats = np.full(len(windows.units), battery.capacity)
    if battery.spread > 0:
        sizes *= exponentiate(battery.spread * draw_by_unit(key.child("capacity"), windows))
    each_fast, each_slow = _take_each(schedule, battery)
    fast = np.floor(sizes * (1 - battery.knee) / each_fast).astype(np.int64) + 1
    late = np.maximum(np.floor((sizes - fast * each_fast) / each_slow), 0).astype(np.int64)
    return sizes, fast, late


def tell_power(schedule: Schedule, key: Key, windows: Windows) -> Power:
    """Time, charge and voltage of each sample, in closed form: row i depends on (key, unit, sample) alone."""
    samples = list_samples(windows)
    starts: NDArray[np.int64] = np.empty(len(windows.units), np.int64)
    starts[:] = schedule.start.look_up(windows) if isinstance(schedule.start, ByUnit) else schedule.start
    if schedule.stagger:
        words = draw_row_words(key.child("stagger"), windows.units, np.zeros(len(windows.units), np.uint64))
        starts += scale_words(words, schedule.interval).astype(np.int64)
    starts = np.repeat(starts, windows.counts)
    battery = schedule.battery
    if battery is None:
        ones = np.ones(len(samples))
        return Power(starts + samples * schedule.interval, ones, ones * np.nan, np.ones(len(samples), np.bool_))
    slow = round(schedule.interval * battery.slower)
    each_fast, each_slow = _take_each(schedule, battery)
    sizes, fast, late = _measure_lives(schedule, battery, key, windows)
    fast_rows, late_rows = np.repeat(fast, windows.counts), np.repeat(late, windows.counts)
    size_rows = np.repeat(sizes, windows.counts)
    life = fast_rows + late_rows
    worn = samples // life if battery.replaced else np.zeros(len(samples), np.int64)
    within = samples - worn * life
    above, below = np.minimum(within, fast_rows), np.maximum(within - fast_rows, 0)
    charge = np.clip(1 - (above * each_fast + below * each_slow) / size_rows, 0, 1)
    times = (
        starts + worn * (fast_rows * schedule.interval + late_rows * slow) + above * schedule.interval + below * slow
    )
    volts = np.interp(charge, [c for c, _ in battery.curve], [v for _, v in battery.curve])
    return Power(times, charge, volts, within < life)
