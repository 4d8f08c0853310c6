"""How strongly columns hang together: one number in [-1, 1] a pair, for numbers and categories alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from sundog.lib.stats.frame import Frame

LABELS = 30
"""Categories that are kept apart; rarer ones count as one."""


def correlate_numbers(frame: Frame, ranks: bool) -> NDArray[np.float64]:
    """Correlations of the numeric columns over the rows where both have a value.

    Args:
        frame: rows; all of its columns are numeric.
        ranks: Spearman (ranks within each column) instead of Pearson.

    Returns:
        float64 (columns, columns); NaN where a column does not vary or fewer than three rows have both.
    """
    width = len(frame.columns)
    if width == 0:
        return np.zeros((0, 0))
    matrix = np.empty((frame.rows, width))
    for i, values in enumerate(frame.values):
        known = ~np.isnan(values)
        column = np.full(frame.rows, np.nan)
        if known.any():
            kept = rankdata(values[known]) if ranks else np.asarray(values[known], np.float64)
            spread = kept.std()
            column[known] = (kept - kept.mean()) / spread if spread > 0 and np.isfinite(spread) else 0.0
        matrix[:, i] = column
    known_cells = (~np.isnan(matrix)).astype(np.float64)
    filled = np.nan_to_num(matrix)
    both = known_cells.T @ known_cells
    sums = filled.T @ known_cells
    squares = (filled**2).T @ known_cells
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = (filled.T @ filled) / both - (sums / both) * (sums.T / both)
        variance = squares / both - (sums / both) ** 2
        result = covariance / np.sqrt(variance * variance.T)
    result = np.where((both >= 3) & (variance > 1e-12) & (variance.T > 1e-12), result, np.nan)
    return np.clip(result, -1.0, 1.0)


def measure_cramer(first: NDArray[np.int64], second: NDArray[np.int64], sizes: tuple[int, int]) -> float:
    """Cramer's V with Bergsma's correction for bias; NaN where a column does not vary.

    Args:
        first: int64 (n,), codes below ``sizes[0]``, no missing values.
        second: int64 (n,), codes below ``sizes[1]``.
        sizes: numbers of codes.

    Source: Bergsma, Journal of the Korean Statistical Society 42 (2013), doi:10.1016/j.jkss.2012.10.002.
    """
    n = len(first)
    table = np.bincount(first * sizes[1] + second, minlength=sizes[0] * sizes[1]).reshape(sizes).astype(np.float64)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    r, k = table.shape
    if n < 3 or r < 2 or k < 2:
        return float("nan")
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / n
    phi = float((((table - expected) ** 2) / expected).sum()) / n
    phi = max(0.0, phi - (k - 1) * (r - 1) / (n - 1))
    rows, columns = r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)
    least = min(rows, columns) - 1
    return float(np.sqrt(phi / least)) if least > 0 else float("nan")


def measure_ratio(codes: NDArray[np.int64], values: NDArray[np.float64], size: int) -> float:
    """Correlation ratio: root of the share of the variance of ``values`` that lies between the groups, corrected for the number of groups.

    Args:
        codes: int64 (n,), groups below ``size``.
        values: float64 (n,), no NaN.
        size: number of codes.
    """
    n = len(codes)
    total = float(values.var()) * n
    counts = np.bincount(codes, minlength=size).astype(np.float64)
    used = int((counts > 0).sum())
    if used < 2 or total <= 0 or n <= used:
        return float("nan")
    sums = np.bincount(codes, weights=values - values.mean(), minlength=size)
    between = float((sums[counts > 0] ** 2 / counts[counts > 0]).sum())
    # epsilon squared: the share expected by chance is taken off (Kelley 1935)
    corrected = 1.0 - (1.0 - between / total) * (n - 1) / (n - used)
    return float(np.sqrt(max(0.0, min(1.0, corrected))))


def associate(frame: Frame) -> NDArray[np.float64]:
    """Association of every pair: Spearman between numbers, Cramer's V between categories, correlation ratio (of ranks) between the two.

    Returns:
        float64 (columns, columns), symmetric, 1 on the diagonal, NaN where it is not defined.
    """
    width = len(frame.columns)
    result = np.eye(width)
    numeric = [i for i in range(width) if frame.columns[i].numeric]
    spearman = correlate_numbers(frame.select(numeric), ranks=True)
    for a, i in enumerate(numeric):
        for b, j in enumerate(numeric):
            if i != j:
                result[i, j] = spearman[a, b]
    ranked = {i: _rank(np.asarray(frame.values[i], np.float64)) for i in numeric}
    coded = {i: np.minimum(frame.values[i], LABELS).astype(np.int64) for i in range(width) if i not in ranked}
    for i, codes in coded.items():
        for j in range(width):
            if j == i or (j in coded and j < i):
                continue
            if j in coded:
                both = (codes >= 0) & (coded[j] >= 0)
                value = measure_cramer(codes[both], coded[j][both], (LABELS + 1, LABELS + 1))
            else:
                both = (codes >= 0) & ~np.isnan(ranked[j])
                value = measure_ratio(codes[both], ranked[j][both], LABELS + 1)
            result[i, j] = result[j, i] = value
    return result


def _rank(values: NDArray[np.float64]) -> NDArray[np.float64]:
    ranks = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    if known.any():
        ranks[known] = rankdata(values[known])
    return ranks


def compare_matrices(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (pairs,): absolute differences above the diagonal. A pair defined on one side only counts as 0 on the other; defined on neither, it is left out."""
    upper = np.triu_indices(len(first), 1)
    a, b = first[upper], second[upper]
    kept = ~(np.isnan(a) & np.isnan(b))
    return np.asarray(np.abs(np.nan_to_num(a[kept]) - np.nan_to_num(b[kept])), dtype=np.float64)
