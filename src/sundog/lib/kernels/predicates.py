"""Counts the people whom conditions on columns single out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

EQUAL, AT_MOST, AT_LEAST, MISSING = 0, 1, 2, 3
"""Forms of one condition."""


@njit(cache=True, nogil=True)
def _holds(value: float, form: int, bound: float) -> Any:
    if form == 0:
        return value == bound
    if form == 1:
        return value <= bound
    if form == 2:
        return value >= bound
    return np.isnan(value)


@njit(cache=True, nogil=True)
def count_people(
    table: NDArray[np.float64],
    people: NDArray[np.int64],
    starts: NDArray[np.int64],
    columns: NDArray[np.int64],
    forms: NDArray[np.int64],
    bounds: NDArray[np.float64],
    most: int,
    counts: NDArray[np.int64],
    first: NDArray[np.int64],
) -> None:
    """How many different people meet all conditions of each query.

    Args:
        table: float64 (columns, n), NaN where missing.
        people: int64 (n,), the person of each row; rows of one person lie together.
        starts: int64 (queries + 1,), where the conditions of each query start in the next three.
        columns: int64 (conditions,), column of each condition.
        forms: int64 (conditions,), equal, at most, at least, or missing.
        bounds: float64 (conditions,), what the value is compared with.
        most: counting stops there.
        counts: int64 (queries,), out: people, ``most`` at most.
        first: int64 (queries,), out: row that met the query first, -1 for none.
    """
    n = table.shape[1]
    for q in range(len(starts) - 1):
        found = 0
        first[q] = -1
        last = np.int64(-1)
        for r in range(n):
            meets = True
            for c in range(starts[q], starts[q + 1]):
                if not _holds(table[columns[c], r], forms[c], bounds[c]):
                    meets = False
                    break
            if meets and (found == 0 or people[r] != last):
                if found == 0:
                    first[q] = r
                last = people[r]
                found += 1
                if found >= most:
                    break
        counts[q] = found
