"""Functions of the children of each parent and of the rows before a row, by the offsets of their segments.

Segment i of ``offsets`` (int64, parents + 1) holds the rows ``offsets[i]`` to ``offsets[i + 1]``, exclusive. Missing values
(``valid`` false) are passed over. Sums run from the first row to the last, so the same rows give the same bits.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def sum_whole(
    values: NDArray[np.int64],
    valid: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    running: bool,
    found: NDArray[np.int64],
) -> int:
    """Sums of each segment (int64 (parents,)), or with ``running`` the sum up to each row (int64 (rows,)).

    Returns:
        The first parent, or row, whose sum passes int64; -1 when none does.
    """
    for p in range(len(offsets) - 1):
        total = np.int64(0)
        for i in range(offsets[p], offsets[p + 1]):
            if valid[i]:
                after = total + values[i]
                if ((total ^ after) & (values[i] ^ after)) < 0:
                    return i if running else p
                total = after
            if running:
                found[i] = total
        if not running:
            found[p] = total
    return -1


@njit(cache=True, nogil=True)
def sum_floats(
    values: NDArray[np.float64],
    valid: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    running: bool,
    found: NDArray[np.float64],
) -> None:
    """The same for float64."""
    for p in range(len(offsets) - 1):
        total = 0.0
        for i in range(offsets[p], offsets[p + 1]):
            if valid[i]:
                total += values[i]
            if running:
                found[i] = total
        if not running:
            found[p] = total


@njit(cache=True, nogil=True)
def add_above(
    values: NDArray[np.float64],
    valid: NDArray[np.bool_],
    start: NDArray[np.float64],
    floor: NDArray[np.float64],
    known: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    found: NDArray[np.float64],
) -> None:
    """What is there after each row: the start, and the amounts so far that were let through.

    An amount below 0 that would take it below the floor of its row, by more than a millionth, is passed over.

    Args:
        values: float64 (rows,), amounts.
        valid: bool (rows,), whether there is one.
        start: float64 (rows,); that of the segment's first row with a start and a floor counts.
        floor: float64 (rows,).
        known: bool (rows,), whether a row has a start and a floor; others let nothing through and get no value.
        offsets: int64 (parents + 1,).
        found: float64 (rows,), written.
    """
    for p in range(len(offsets) - 1):
        total, begun = 0.0, False
        for i in range(offsets[p], offsets[p + 1]):
            if not known[i]:
                continue
            if not begun:
                total, begun = start[i], True
            if valid[i] and (values[i] >= 0.0 or total + values[i] >= floor[i] - 1e-6):
                total += values[i]
            found[i] = total


@njit(cache=True, nogil=True)
def count_valid(valid: NDArray[np.bool_], offsets: NDArray[np.int64], found: NDArray[np.int64]) -> None:
    """How many rows of each segment are not missing: int64 (parents,)."""
    for p in range(len(offsets) - 1):
        count = 0
        for i in range(offsets[p], offsets[p + 1]):
            count += 1 if valid[i] else 0
        found[p] = count


@njit(cache=True, nogil=True)
def find_ends(valid: NDArray[np.bool_], offsets: NDArray[np.int64], last: bool, found: NDArray[np.int64]) -> None:
    """Row of the first (or last) value of each segment that is not missing, -1 where there is none: int64 (parents,)."""
    for p in range(len(offsets) - 1):
        found[p] = -1
        for i in range(offsets[p], offsets[p + 1]):
            if valid[i]:
                found[p] = i
                if not last:
                    break


@njit(cache=True, nogil=True)
def find_extremes(
    values: NDArray[np.int64],
    valid: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    largest: bool,
    found: NDArray[np.int64],
) -> None:
    """Row of the smallest (or largest) value of each segment, the first of equals; -1 where there is none: int64 (parents,)."""
    for p in range(len(offsets) - 1):
        best = -1
        for i in range(offsets[p], offsets[p + 1]):
            if valid[i] and (best < 0 or (values[i] > values[best] if largest else values[i] < values[best])):
                best = i
        found[p] = best


@njit(cache=True, nogil=True)
def number_rows(offsets: NDArray[np.int64], found: NDArray[np.int64]) -> None:
    """Number of each row within its segment, from 1: int64 (rows,)."""
    for p in range(len(offsets) - 1):
        for i in range(offsets[p], offsets[p + 1]):
            found[i] = i - offsets[p] + 1


@njit(cache=True, nogil=True)
def find_parents(offsets: NDArray[np.int64], found: NDArray[np.int64]) -> None:
    """Segment of each row: int64 (rows,)."""
    for p in range(len(offsets) - 1):
        for i in range(offsets[p], offsets[p + 1]):
            found[i] = p
