"""Which samples are asked for: consecutive samples of some devices, in any amount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LAST = 2**53
"""Numbers of samples lie below this, so that a float64 holds each of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Samples of devices, one window of consecutive samples each; rows run window by window.

    Attributes:
        units: uint64 (windows,), number of the device. A device may have several windows.
        starts: int64 (windows,), number of the first sample, counted from 0 when the device was switched on.
        counts: int64 (windows,), how many samples.
    """

    units: NDArray[np.uint64]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ByUnit:
    """A number for each device, such as when it was switched on.

    Attributes:
        units: uint64 (devices,), rising; see ``sort_by_unit``.
        values: float64 or int64 (devices,).
    """

    units: NDArray[np.uint64]
    values: NDArray[np.float64] | NDArray[np.int64]

    def look_up(self, windows: Windows) -> NDArray[np.float64] | NDArray[np.int64]:
        """(windows,): the number of each window's device, which must be among them."""
        return self.values[np.searchsorted(self.units, windows.units)]


def sort_by_unit(units: NDArray[np.uint64], values: NDArray[np.float64] | NDArray[np.int64]) -> ByUnit:
    """Numbers of devices in any order."""
    order = np.argsort(units, kind="stable")
    return ByUnit(units[order], values[order])


def make_windows(units: range, start: int, stop: int) -> Windows:
    """Samples ``start`` to ``stop - 1`` of each of these devices."""
    found = np.arange(units.start, units.stop, units.step, dtype=np.uint64)
    return Windows(found, np.full(len(found), start, np.int64), np.full(len(found), max(stop - start, 0), np.int64))


def check_windows(windows: Windows) -> tuple[str, ...]:
    """Every fault of the windows, in words."""
    found = []
    if not len(windows.units) == len(windows.starts) == len(windows.counts):
        found.append("units, starts and counts have different lengths")
    elif np.any(windows.starts < 0) or np.any(windows.counts < 0):
        found.append("a window starts before sample 0 or has a negative length")
    elif np.any(windows.starts > LAST - windows.counts):
        found.append("a window ends beyond sample 2**53")
    return tuple(found)


def count_rows(windows: Windows) -> int:
    """Number of samples in all windows."""
    return int(windows.counts.sum())


def find_offsets(windows: Windows) -> NDArray[np.int64]:
    """int64 (windows + 1,): first row of each window, and the number of all rows."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(windows.counts)])


def list_units(windows: Windows) -> NDArray[np.uint64]:
    """uint64 (rows,): device of each row."""
    return np.repeat(windows.units, windows.counts)


def list_samples(windows: Windows) -> NDArray[np.int64]:
    """int64 (rows,): number of the sample in each row."""
    offsets = find_offsets(windows)
    return np.arange(offsets[-1]) + np.repeat(windows.starts - offsets[:-1], windows.counts)


def spread_over_rows(windows: Windows, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (rows,): a value a window, float64 (windows,), given to each of its rows."""
    return np.repeat(values, windows.counts)


def extend_windows(windows: Windows, block: int, before: int) -> Windows:
    """The same windows, begun ``before`` samples ahead of the block that their first sample lies in, or at sample 0.

    What is computed forwards from there depends on the block and never on where a window starts.
    """
    starts = np.maximum(windows.starts // block * block - before, 0)
    return Windows(windows.units, starts, np.where(windows.counts > 0, windows.counts + windows.starts - starts, 0))


def cut_rows(outer: Windows, inner: Windows) -> NDArray[np.int64]:
    """int64 (rows of inner,): the row of ``outer`` that holds each row of ``inner``; window i lies in window i."""
    shift = find_offsets(outer)[:-1] + inner.starts - outer.starts - find_offsets(inner)[:-1]
    return np.arange(count_rows(inner)) + np.repeat(shift, inner.counts)


def take_points(units: NDArray[np.uint64], samples: NDArray[np.int64]) -> Windows:
    """Windows of one sample each."""
    return Windows(units, samples, np.ones(len(units), np.int64))
