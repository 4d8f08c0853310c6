"""In which order columns are drawn, which earlier columns each of them looks at, and through what codes."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.kinds.tables._codes import Codes

GROUPS = 250
"""Most codes of a column as a feature; LightGBM's 255 bins hold them without merging."""

_COARSE = 16
_ROWS = 20_000


def measure_entropy(codes: Codes, weights: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Entropy of each column's codes, float64 (n_columns,), nats."""
    found = np.zeros(len(codes.sizes))
    for j, size in enumerate(codes.sizes):
        share = np.bincount(codes.values[:, j], weights, minlength=int(size)).astype(np.float64)
        share = share[share > 0] / share.sum()
        found[j] = -(share * np.log(share)).sum()
    return found


def order_columns(codes: Codes, weights: NDArray[np.float64] | None, first: tuple[int, ...]) -> NDArray[np.int32]:
    """Columns in the order in which they are drawn, int32 (n_columns,).

    Columns in ``first`` lead, as they stand; the others follow by falling entropy (ties: as in the table). Columns with
    many values come first because their own questions then need few features, and those with few values, often what is
    to be predicted, see everything.
    """
    entropy = measure_entropy(codes, weights)
    rest = [int(j) for j in np.argsort(-entropy, kind="stable") if int(j) not in first]
    return np.array([*first, *rest], np.int32)


def group_codes(mass: NDArray[np.float64], nominal: bool) -> NDArray[np.uint8]:
    """Feature code of each code, uint8 (size,): the code itself where there are few; the frequent categories, or runs of
    about equal mass, where there are many.
    """
    size = len(mass)
    if size <= GROUPS:
        return np.arange(size, dtype=np.uint8)
    if nominal:
        return np.asarray(np.minimum(np.arange(size), GROUPS - 1), np.uint8)
    smoothed = mass + 1e-9 * mass.sum() / size
    middle = (np.cumsum(smoothed) - smoothed / 2) / smoothed.sum()
    group = np.minimum(middle * GROUPS, GROUPS - 1).astype(np.int64)
    return np.asarray(np.unique(group, return_inverse=True)[1], np.uint8)


def choose_features(groups: NDArray[np.uint8], order: NDArray[np.int32], limit: int) -> tuple[NDArray[np.int32], ...]:
    """For each column, the earlier columns that it looks at: all, or the ``limit`` that tell the most about it.

    What a column tells is the mutual information on at most 20,000 evenly spaced rows and 16 coarse codes a column, so
    that choosing costs the square of the number of columns but little for each pair.

    Args:
        groups: uint8 (n_columns, n_rows), feature codes.
        order: int32 (n_columns,).
        limit: most columns to look at.

    Returns:
        n_columns arrays of int32, in the order of ``order``, each ascending in that order.
    """
    n_columns, n_rows = groups.shape
    if n_columns - 1 <= limit:
        return tuple(order[:q].copy() for q in range(n_columns))
    coarse = _coarsen(groups[:, :: max(1, n_rows // _ROWS)])
    chosen = []
    for q in range(n_columns):
        if q <= limit:
            chosen.append(order[:q].copy())
            continue
        told = _share_information(coarse, int(order[q]), order[:q].astype(np.int64))
        best = np.sort(np.argsort(-told, kind="stable")[:limit])
        chosen.append(order[:q][best])
    return tuple(chosen)


def draw_words(key: Key, n_words: int, units: range) -> NDArray[np.uint32]:
    """Random words, uint32 (n_words, len(units)): column i depends on (key, units[i]) alone."""
    blocks = [key.child(b).words(units).view(np.uint32) for b in range(-(-n_words // 8))]
    if not blocks:
        return np.zeros((0, len(units)), np.uint32)
    return np.ascontiguousarray(np.concatenate(blocks, axis=1)[:, :n_words].T)


def _coarsen(groups: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Equal-mass groups of the feature codes, uint8 (n_columns, n_rows), below 16."""
    found = np.empty_like(groups)
    for j, column in enumerate(groups):
        count = np.bincount(column, minlength=256)
        middle = np.cumsum(count) - count / 2
        found[j] = np.minimum(middle * _COARSE / len(column), _COARSE - 1).astype(np.uint8)[column]
    return np.ascontiguousarray(found)


@njit(cache=True, nogil=True)
def _share_information(coarse: NDArray[np.uint8], target: int, others: NDArray[np.int64]) -> NDArray[np.float64]:
    n_rows = coarse.shape[1]
    told = np.zeros(len(others))
    count = np.zeros((16, 16), np.int64)
    for q in range(len(others)):
        other = others[q]
        count[:] = 0
        for r in range(n_rows):
            count[coarse[target, r], coarse[other, r]] += 1
        for a in range(16):
            row = count[a].sum()
            for b in range(16):
                if count[a, b] > 0:
                    told[q] += count[a, b] * np.log(count[a, b] * n_rows / (row * count[:, b].sum()))
        told[q] /= n_rows
    return told
