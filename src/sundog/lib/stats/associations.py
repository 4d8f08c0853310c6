"""How strongly columns hang together: one number in [-1, 1] a pair, for numbers and categories alike.

Every measure is computed from sums that add up over groups of rows, so that its value without each group (what the
jackknife needs) comes at little more than the price of one. All results have 1 + GROUPS entries along their first axis: over
all rows, then without each group.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sundog.lib.stats.frame import Frame
from sundog.lib.stats.intervals import GROUPS, row_groups
from sundog.lib.stats.ranks import rank_values

LABELS = 30
"""Categories that are kept apart; rarer ones count as one."""

Floats = NDArray[np.float64]


def with_and_without(groups: Floats) -> Floats:
    """Sums over all groups, then over all but each: float64 (GROUPS, ...) to (1 + GROUPS, ...)."""
    total = groups.sum(axis=0)
    return np.concatenate([total[None], total[None] - groups])


def correlate_numbers(frame: Frame, ranks: bool) -> Floats:
    """Correlations of the numeric columns over the rows where both have a value.

    Args:
        frame: rows; all of its columns are numeric.
        ranks: Spearman (ranks within each column over all rows) instead of Pearson.

    Returns:
        float64 (1 + GROUPS, columns, columns); NaN where a column does not vary or fewer than three rows have both.
    """
    width = len(frame.columns)
    matrix = np.full((frame.rows, width), np.nan)
    for i, values in enumerate(frame.values):
        known = ~np.isnan(values)
        if known.any():
            kept = rank_values(values[known]) if ranks else np.asarray(values[known], np.float64)
            spread = kept.std()
            matrix[known, i] = (kept - kept.mean()) / spread if spread > 0 else 0.0
    groups = row_groups(frame.rows)
    known_cells = (~np.isnan(matrix)).astype(np.float64)
    filled = np.nan_to_num(matrix)
    moments = np.zeros((4, GROUPS, width, width))
    for g in range(GROUPS):
        x, k = filled[groups == g], known_cells[groups == g]
        moments[:, g] = k.T @ k, x.T @ k, (x * x).T @ k, x.T @ x
    both, sums, squares, products = (with_and_without(m) for m in moments)
    across = sums.transpose(0, 2, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = products / both - (sums / both) * (across / both)
        variance = squares / both - (sums / both) ** 2
        other = variance.transpose(0, 2, 1)
        result = covariance / np.sqrt(variance * other)
    usable = (both >= 3) & (variance > 1e-12) & (other > 1e-12)
    return np.clip(np.where(usable, result, np.nan), -1.0, 1.0)


def measure_cramer(first: NDArray[np.int64], second: NDArray[np.int64], groups: NDArray[np.int64]) -> Floats:
    """Cramer's V with Bergsma's correction for bias; NaN where a column does not vary.

    Args:
        first: int64 (n,), codes up to LABELS, no missing values.
        second: int64 (n,), the same.
        groups: int64 (n,), below GROUPS.

    Returns:
        float64 (1 + GROUPS,).

    Source: Bergsma, Journal of the Korean Statistical Society 42 (2013), doi:10.1016/j.jkss.2012.10.002.
    """
    rows = int(first.max(initial=0)) + 1
    columns = int(second.max(initial=0)) + 1
    cells = (groups * rows + first) * columns + second
    counts = np.bincount(cells, minlength=GROUPS * rows * columns).astype(np.float64)
    table = with_and_without(counts.reshape(GROUPS, rows, columns))
    n = table.sum(axis=(1, 2))
    down, along = table.sum(axis=2), table.sum(axis=1)
    r, k = (down > 0).sum(axis=1), (along > 0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = down[:, :, None] * along[:, None, :] / n[:, None, None]
        parts = np.where(expected > 0, (table - expected) ** 2 / np.where(expected > 0, expected, 1.0), 0.0)
        phi = np.maximum(0.0, parts.sum(axis=(1, 2)) / n - (k - 1) * (r - 1) / (n - 1))
        least = np.minimum(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
        result = np.sqrt(phi / least)
    return np.where((n >= 3) & (r >= 2) & (k >= 2) & (least > 0), np.minimum(result, 1.0), np.nan)


def measure_ratio(codes: NDArray[np.int64], values: Floats, groups: NDArray[np.int64]) -> Floats:
    """Correlation ratio: root of the share of the variance of ``values`` that lies between codes, less what chance explains.

    Args:
        codes: int64 (n,), up to LABELS.
        values: float64 (n,), no NaN.
        groups: int64 (n,), below GROUPS.

    Returns:
        float64 (1 + GROUPS,); NaN where a column does not vary.

    Source: epsilon squared, Kelley, PNAS 21 (1935), doi:10.1073/pnas.21.9.554.
    """
    if len(codes) == 0:
        return np.full(1 + GROUPS, np.nan)
    size = int(codes.max()) + 1
    centred = values - values.mean()
    cells = groups * size + codes

    def add(weights: Floats | None) -> Floats:
        return with_and_without(
            np.bincount(cells, weights, minlength=GROUPS * size).astype(np.float64).reshape(GROUPS, size)
        )

    counts, sums, squares = add(None), add(centred), add(centred * centred)
    n, used = counts.sum(axis=1), (counts > 0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = sums.sum(axis=1) ** 2 / n
        total = squares.sum(axis=1) - middle
        between = np.where(counts > 0, sums**2 / np.where(counts > 0, counts, 1.0), 0.0).sum(axis=1) - middle
        corrected = 1.0 - (1.0 - between / total) * (n - 1) / (n - used)
        result = np.sqrt(np.clip(corrected, 0.0, 1.0))
    return np.where((used >= 2) & (total > 0) & (n > used), result, np.nan)


def associate(frame: Frame) -> Floats:
    """Association of every pair: Spearman between numbers, Cramer's V between categories, correlation ratio (of ranks) between the two.

    Returns:
        float64 (1 + GROUPS, columns, columns), symmetric, 1 on the diagonal, NaN where it is not defined.
    """
    width = len(frame.columns)
    result = np.tile(np.eye(width), (1 + GROUPS, 1, 1))
    numeric = [i for i in range(width) if frame.columns[i].numeric]
    spearman = correlate_numbers(frame.select(numeric), ranks=True)
    for a, i in enumerate(numeric):
        for b, j in enumerate(numeric):
            if i != j:
                result[:, i, j] = spearman[:, a, b]
    groups = row_groups(frame.rows)
    ranked = {i: _rank(np.asarray(frame.values[i], np.float64)) for i in numeric}
    coded = {i: np.minimum(frame.values[i], LABELS).astype(np.int64) for i in range(width) if i not in ranked}
    for i, codes in coded.items():
        for j in range(width):
            if j == i or (j in coded and j < i):
                continue
            if j in coded:
                both = (codes >= 0) & (coded[j] >= 0)
                value = measure_cramer(codes[both], coded[j][both], groups[both])
            else:
                both = (codes >= 0) & ~np.isnan(ranked[j])
                value = measure_ratio(codes[both], ranked[j][both], groups[both])
            result[:, i, j] = result[:, j, i] = value
    return result


def _rank(values: Floats) -> Floats:
    ranks = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    if known.any():
        ranks[known] = rank_values(values[known])
    return ranks


def compare_matrices(first: Floats, second: Floats) -> Floats:
    """Mean absolute difference above the diagonal.

    Args:
        first: float64 (1 + GROUPS, columns, columns).
        second: the same shape.

    Returns:
        float64 (1 + GROUPS,); NaN where no pair is defined. A pair that is defined on one side only counts as 0 on the other;
        defined on neither, it is left out.
    """
    upper = np.triu_indices(first.shape[1], 1)
    a, b = first[:, upper[0], upper[1]], second[:, upper[0], upper[1]]
    kept = ~(np.isnan(a[0]) & np.isnan(b[0]))
    if not kept.any():
        return np.full(len(first), np.nan)
    return np.asarray(np.abs(np.nan_to_num(a[:, kept]) - np.nan_to_num(b[:, kept])).mean(axis=1), dtype=np.float64)
