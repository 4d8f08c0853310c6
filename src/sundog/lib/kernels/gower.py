"""Nearest rows by Gower's distance: the sum over columns of |difference|, held to 1 a column.

A table is float32 (columns, rows): a number as its rank in [0, 1], a category as its code, a missing number as -5. Two
categories or a missing and a known number are then at distance 1, and two values are never farther apart than that.

Source: Gower, Biometrics 27 (1971), doi:10.2307/2528823.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

STEP = 2048
"""Rows whose distances are held at once: 8 kB, which stays in the first cache."""


@njit(cache=True, nogil=True)
def _add_up(
    table: NDArray[np.float32],
    columns: NDArray[np.int64],
    target: NDArray[np.float32],
    start: int,
    stop: int,
    sums: NDArray[np.float32],
) -> None:
    # slices, not start + r: only then does the compiler use whole vectors
    held = sums[: stop - start]
    for r in range(len(held)):
        held[r] = np.float32(0.0)
    for j in columns:
        row, value = table[j, start:stop], target[j]
        for r in range(len(held)):
            held[r] += min(abs(row[r] - value), np.float32(1.0))


@njit(cache=True, nogil=True)
def find_near(
    table: NDArray[np.float32],
    columns: NDArray[np.int64],
    targets: NDArray[np.float32],
    skip: NDArray[np.int64],
    gaps: NDArray[np.float32],
    places: NDArray[np.int64],
) -> None:
    """The nearest rows of each target, nearest first; of rows equally far the earlier ones.

    Args:
        table: float32 (columns, n).
        columns: int64 (c,), columns that count.
        targets: float32 (m, columns).
        skip: int64 (m,), a row that is not looked at (the target itself), -1 for none.
        gaps: float32 (m, k), out: distances, infinite where there are fewer than k rows.
        places: int64 (m, k), out: rows, -1 where there are fewer.
    """
    n = table.shape[1]
    most = gaps.shape[1]
    sums = np.empty(STEP, dtype=np.float32)
    for t in range(targets.shape[0]):
        for i in range(most):
            gaps[t, i] = np.inf
            places[t, i] = -1
        for start in range(0, n, STEP):
            stop = min(n, start + STEP)
            _add_up(table, columns, targets[t], start, stop, sums)
            for r in range(stop - start):
                gap = sums[r]
                if gap >= gaps[t, most - 1] or start + r == skip[t]:
                    continue
                i = most - 1
                while i > 0 and gaps[t, i - 1] > gap:
                    gaps[t, i] = gaps[t, i - 1]
                    places[t, i] = places[t, i - 1]
                    i -= 1
                gaps[t, i] = gap
                places[t, i] = start + r


@njit(cache=True, nogil=True)
def find_without(
    table: NDArray[np.float32], targets: NDArray[np.float32], gaps: NDArray[np.float32], places: NDArray[np.int64]
) -> None:
    """For each target and each column: the nearest row by all other columns; of rows equally far the earliest.

    Args:
        table: float32 (columns, n).
        targets: float32 (m, columns).
        gaps: float32 (m, columns), out: distances without the column.
        places: int64 (m, columns), out: rows.
    """
    width, n = table.shape
    every = np.arange(width)
    sums = np.empty(STEP, dtype=np.float32)
    for t in range(targets.shape[0]):
        worst = np.float32(np.inf)
        for j in range(width):
            gaps[t, j] = np.inf
            places[t, j] = -1
        for start in range(0, n, STEP):
            stop = min(n, start + STEP)
            _add_up(table, every, targets[t], start, stop, sums)
            for r in range(stop - start):
                # leaving a column out takes off 1 at most
                if sums[r] - np.float32(1.0) > worst:
                    continue
                better = False
                for j in range(width):
                    gap = sums[r] - min(abs(table[j, start + r] - targets[t, j]), np.float32(1.0))
                    # a hair of rounding must not part rows that are equally far
                    if gap < gaps[t, j] - np.float32(1e-5):
                        gaps[t, j] = gap
                        places[t, j] = start + r
                        better = True
                if better:
                    worst = np.float32(0.0)
                    for j in range(width):
                        worst = max(worst, gaps[t, j])


@njit(cache=True, nogil=True)
def find_common(
    table: NDArray[np.float32],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    targets: NDArray[np.float32],
    reach: NDArray[np.float32],
    other_reach: NDArray[np.float32],
    common: NDArray[np.bool_],
) -> None:
    """Whether some row lies within one reach of a target by the first columns and within the other by the second.

    Args:
        table: float32 (columns, n).
        first: int64 (c,), columns.
        second: int64 (d,), columns.
        targets: float32 (m, columns).
        reach: float32 (m, k), by the first columns.
        other_reach: float32 (m, k), by the second.
        common: bool (m, k), out.
    """
    n = table.shape[1]
    one = np.empty(STEP, dtype=np.float32)
    for t in range(targets.shape[0]):
        widest, widest_other = reach[t].max(), other_reach[t].max()
        for i in range(reach.shape[1]):
            common[t, i] = False
        for start in range(0, n, STEP):
            stop = min(n, start + STEP)
            _add_up(table, first, targets[t], start, stop, one)
            for r in range(stop - start):
                if one[r] > widest:
                    continue
                two = np.float32(0.0)
                for j in second:
                    two += min(abs(table[j, start + r] - targets[t, j]), np.float32(1.0))
                    if two > widest_other:
                        break
                for i in range(reach.shape[1]):
                    if one[r] <= reach[t, i] and two <= other_reach[t, i]:
                        common[t, i] = True


@njit(cache=True, nogil=True)
def count_equal(table: NDArray[np.float32], targets: NDArray[np.float32], most: NDArray[np.int64]) -> None:
    """How many columns the row that shares most of them with the target shares with it.

    Args:
        table: float32 (columns, n).
        targets: float32 (m, columns).
        most: int64 (m,), out.
    """
    width, n = table.shape
    counts = np.empty(STEP, dtype=np.int32)
    for t in range(targets.shape[0]):
        best = np.int32(0)
        for start in range(0, n, STEP):
            stop = min(n, start + STEP)
            held = counts[: stop - start]
            for r in range(len(held)):
                held[r] = 0
            for j in range(width):
                row, value = table[j, start:stop], targets[t, j]
                for r in range(len(held)):
                    held[r] += np.int32(row[r] == value)
            for r in range(len(held)):
                best = max(best, held[r])
        most[t] = best
