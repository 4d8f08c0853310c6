"""Tables of counts of many groups of columns at once."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray


def tally_cells(
    codes: NDArray[np.int32], groups: Sequence[tuple[int, ...]], sizes: Sequence[int]
) -> list[NDArray[np.int64]]:
    """Rows in each cell of each group of columns.

    Args:
        codes: int32 (n, n_columns), each in [0, sizes[j]).
        groups: columns of each table.
        sizes: codes of each column.

    Returns:
        For each group int64 (cells,), the last of its columns running fastest.
    """
    by_column = np.ascontiguousarray(codes.T)
    out: list[NDArray[np.int64]] = []
    for group in groups:
        counts = np.zeros(math.prod(sizes[v] for v in group), np.int64)
        widths = np.array([sizes[v] for v in group], np.int64)
        _add_rows(by_column, np.array(group, np.int64), widths, counts)
        out.append(counts)
    return out


@njit(cache=True, nogil=True)
def _add_rows(
    codes: NDArray[np.int32], columns: NDArray[np.int64], widths: NDArray[np.int64], counts: NDArray[np.int64]
) -> None:
    if len(columns) == 2:
        one, two, wide = codes[columns[0]], codes[columns[1]], widths[1]
        for i in range(codes.shape[1]):
            counts[one[i] * wide + two[i]] += 1
        return
    if len(columns) == 3:
        one, two, three = codes[columns[0]], codes[columns[1]], codes[columns[2]]
        wide, last = widths[1], widths[2]
        for i in range(codes.shape[1]):
            counts[(one[i] * wide + two[i]) * last + three[i]] += 1
        return
    for i in range(codes.shape[1]):
        at = 0
        for k in range(len(columns)):
            at = at * widths[k] + codes[columns[k], i]
        counts[at] += 1
