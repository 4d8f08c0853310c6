"""What a sensor makes of a true value: it follows late, is off by a gain, an offset and a drift, is noisy, clips and rounds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.kernels.draws import draw_row_words
from sundog.lib.laws.elementary import compute_exp, invert_normals, spread_words
from sundog.lib.signals.channels import draw_by_unit
from sundog.lib.signals.memory import RandomWalk, make_memory
from sundog.lib.signals.windows import Windows, find_offsets, list_samples, list_units, spread_over_rows

Floats = NDArray[np.float64]
LAG_ERROR = 1e-9
"""A lagging sensor forgets what lies so far back that it would count for less than this share."""
_LONGEST_LAG = 100_000.0


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor of a channel; what it does to a value, in the order in which it is done.

    Attributes:
        lag: time constant of the first-order response, in samples; 0 follows at once.
        gain: factor of all devices; 1 is right.
        gain_spread: standard deviation of the factor from device to device.
        offset: what is added in all devices, in the unit of the channel.
        offset_spread: standard deviation of the offset from device to device.
        drift: standard deviation of one step of the random walk of the offset, a sample.
        noise: standard deviation of independent noise, a sample.
        low: smallest value that it can show.
        high: largest value that it can show.
        resolution: step between the values that it can show, multiples of it; 0 shows every value.
    """

    lag: float = 0.0
    gain: float = 1.0
    gain_spread: float = 0.0
    offset: float = 0.0
    offset_spread: float = 0.0
    drift: float = 0.0
    noise: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    resolution: float = 0.0


def check_sensor(sensor: Sensor) -> tuple[str, ...]:
    """Every fault of the parameters, in words."""
    found = []
    for name in ("gain_spread", "offset_spread", "drift", "noise", "resolution"):
        value = getattr(sensor, name)
        if not (math.isfinite(value) and value >= 0):
            found.append(f"{name} is {value}: it must be a number of at least 0")
    if not 0 <= sensor.lag <= _LONGEST_LAG:
        found.append(f"lag is {sensor.lag} samples: it must lie in 0 to {_LONGEST_LAG:.0f}")
    if not (math.isfinite(sensor.gain) and math.isfinite(sensor.offset)):
        found.append("gain and offset must be finite numbers")
    if not sensor.low < sensor.high:
        found.append(f"low {sensor.low} does not lie below high {sensor.high}")
    return tuple(found)


def measure_lag(sensor: Sensor) -> tuple[int, int]:
    """How a lagging sensor is computed: in blocks of so many samples, each begun so many samples before it.

    A block begins as if the sensor had stood at the true value then. What is left of that in the block is at most
    ``LAG_ERROR`` of the way between two true values; the values of a block are the same in every window.
    """
    if sensor.lag <= 0:
        return 1, 0
    before = math.ceil(-math.log(LAG_ERROR) * sensor.lag)
    return max(256, before), before


def follow_slowly(sensor: Sensor, windows: Windows, true: Floats) -> Floats:
    """The first-order response: float64 (rows,). The windows must begin as ``extend_windows(..., *measure_lag(sensor))`` has it.

    Rows ahead of the first block are only there to be begun with: cut them off.
    """
    if sensor.lag <= 0:
        return true
    block, before = measure_lag(sensor)
    found = np.empty(len(true))
    _follow(true, windows.starts, find_offsets(windows), -compute_exp(-1.0 / sensor.lag) + 1.0, block, before, found)
    return found


def distort(sensor: Sensor, key: Key, windows: Windows, values: Floats) -> Floats:
    """Gain, offset, drift and noise: float64 (rows,). Row i depends on (key, unit, sample, value) alone."""
    gain = np.full(len(windows.units), sensor.gain)
    if sensor.gain_spread > 0:
        gain += sensor.gain_spread * draw_by_unit(key.child("gain"), windows)
    offset = np.full(len(windows.units), sensor.offset)
    if sensor.offset_spread > 0:
        offset += sensor.offset_spread * draw_by_unit(key.child("offset"), windows)
    found = values * spread_over_rows(windows, gain) + spread_over_rows(windows, offset)
    if sensor.drift > 0:
        found += make_memory((RandomWalk(sensor.drift),), key.child("drift"), windows)
    if sensor.noise > 0:
        found += sensor.noise * draw_normals(key.child("noise"), windows)
    return found


def show(sensor: Sensor, values: Floats) -> Floats:
    """What it can show of these values: clipped, then rounded to its resolution (float64 (rows,), halves to even)."""
    found = np.clip(values, sensor.low, sensor.high) if sensor.low > -math.inf or sensor.high < math.inf else values
    if sensor.resolution > 0:
        # A resolution such as .1 is no binary number, ten to the metre is: dividing gives the number that is written .3.
        per_unit = 1.0 / sensor.resolution
        whole = round(per_unit)
        exact = whole >= 1 and abs(per_unit - whole) < 1e-9 * per_unit
        found = np.rint(found * whole) / whole if exact else np.rint(found / sensor.resolution) * sensor.resolution
        if sensor.low > -math.inf or sensor.high < math.inf:
            found = np.clip(found, sensor.low, sensor.high)
    return found


def draw_normals(key: Key, windows: Windows) -> Floats:
    """float64 (rows,): independent standard normal numbers."""
    words = draw_row_words(key, list_units(windows), list_samples(windows).astype(np.uint64))
    return np.asarray(invert_normals(spread_words(words)))


@njit(cache=True, nogil=True)
def _follow(
    true: Floats,
    starts: NDArray[np.int64],
    offsets: NDArray[np.int64],
    share: float,
    block: int,
    before: int,
    found: Floats,
) -> None:
    for w in range(len(starts)):
        at, length = offsets[w], offsets[w + 1] - offsets[w]
        if length == 0:
            continue
        # Blocks that this window reaches, each from its own beginning.
        first = 0 if starts[w] == 0 else (starts[w] + before) // block
        for b in range(first, (starts[w] + length - 1) // block + 1):
            begin = max(b * block - before, 0)
            shown = true[at + begin - starts[w]]
            for i in range(begin, min((b + 1) * block, starts[w] + length)):
                shown += share * (true[at + i - starts[w]] - shown)
                if i >= b * block or b == first:
                    found[at + i - starts[w]] = shown
