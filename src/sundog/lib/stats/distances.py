"""How far apart two samples of one column are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.lib.stats.frame import Column
from sundog.lib.stats.intervals import GROUPS, row_groups

CELLS = 512
"""Cells into which numbers are cut for the jackknife; the value itself is exact."""


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance between two samples.

    Attributes:
        value: in [0, 1].
        left_out: float64 (GROUPS,), the distance without each group of rows, for ``jackknife_interval``.
    """

    value: float
    left_out: NDArray[np.float64]


def measure_ks(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Kolmogorov-Smirnov distance: the greatest gap between two distribution functions.

    Args:
        first: float64 (m,), no NaN.
        second: float64 (n,), no NaN.
    """
    if len(first) == 0 or len(second) == 0:
        return 0.0 if len(first) == len(second) else 1.0
    a, b = np.sort(first), np.sort(second)
    points = np.concatenate([a, b])
    gaps = np.searchsorted(a, points, side="right") / len(a) - np.searchsorted(b, points, side="right") / len(b)
    return float(np.abs(gaps).max())


def measure_wasserstein(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Earth mover's distance between two samples, in the unit of the values (float64, no NaN)."""
    if len(first) == 0 or len(second) == 0:
        return 0.0
    a, b = np.sort(first), np.sort(second)
    points = np.sort(np.concatenate([a, b]))
    below = np.searchsorted(a, points[:-1], side="right") / len(a)
    other = np.searchsorted(b, points[:-1], side="right") / len(b)
    return float(np.sum(np.abs(below - other) * np.diff(points)))


def measure_variation(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Total variation distance between count vectors, half the sum of the differences of shares.

    Args:
        first: float64 (..., cells), counts.
        second: float64 (..., cells), counts.

    Returns:
        float64 (...,). Two empty samples are at 0, one empty sample is at 1.
    """
    a, b = first.sum(axis=-1), second.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = 0.5 * np.abs(first / a[..., None] - second / b[..., None]).sum(axis=-1)
    gap = np.where((a == 0) & (b == 0), 0.0, np.where((a == 0) | (b == 0), 1.0, gap))
    return np.asarray(gap, dtype=np.float64)


def compare_values(
    column: Column, real: NDArray[np.float64] | NDArray[np.int32], other: NDArray[np.float64] | NDArray[np.int32]
) -> Distance:
    """Distance between the values (missing ones left out) of one column: KS for numbers and times, total variation for codes."""
    if column.numeric:
        return _compare_numbers(np.asarray(real, np.float64), np.asarray(other, np.float64))
    size = len(column.labels)
    a = _count_groups(np.asarray(real, np.int64), size)
    b = _count_groups(np.asarray(other, np.int64), size)
    value = float(measure_variation(a.sum(axis=0), b.sum(axis=0)))
    return Distance(value, measure_variation(a.sum(axis=0) - a, b.sum(axis=0) - b))


def _compare_numbers(real: NDArray[np.float64], other: NDArray[np.float64]) -> Distance:
    a, b = real[~np.isnan(real)], other[~np.isnan(other)]
    value = measure_ks(a, b)
    edges = cut_points(np.concatenate([a, b]), CELLS)
    left, right = np.searchsorted(edges, real, side="left"), np.searchsorted(edges, other, side="left")
    left[np.isnan(real)] = -1
    right[np.isnan(other)] = -1
    counts, others = _count_groups(left, len(edges) + 1), _count_groups(right, len(edges) + 1)
    rest, others_rest = counts.sum(axis=0) - counts, others.sum(axis=0) - others
    totals, others_totals = rest.sum(axis=1), others_rest.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        gaps = np.cumsum(rest, axis=1) / totals[:, None] - np.cumsum(others_rest, axis=1) / others_totals[:, None]
    left_out = np.abs(gaps).max(axis=1)
    return Distance(value, np.where(np.isfinite(left_out), left_out, value))


def cut_points(values: NDArray[np.float64], cells: int) -> NDArray[np.float64]:
    """Upper ends of at most ``cells`` cells with about equal numbers of values; the last cell is open.

    A value equal to an end lies in the cell below it (``np.searchsorted(ends, value, side="left")``), so a value that is
    very frequent has a cell of its own.
    """
    if len(values) == 0:
        return np.empty(0, dtype=np.float64)
    ordered = np.sort(values)
    ends = ordered[(np.arange(1, cells) * len(ordered)) // cells]
    # the value below each frequent value closes the cell before it
    starts = np.searchsorted(ordered, ends, side="left")
    before = ordered[np.maximum(starts - 1, 0)][starts > 0]
    ends = np.unique(np.concatenate([ends, before[: len(before)]])) if _has_spikes(ends) else np.unique(ends)
    return np.asarray(ends[ends < ordered[-1]], dtype=np.float64)


def _has_spikes(ends: NDArray[np.float64]) -> bool:
    return bool(len(np.unique(ends)) < len(ends))


def _count_groups(codes: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    known = codes >= 0
    groups = row_groups(len(codes))[known]
    counts = np.bincount(groups * size + codes[known], minlength=GROUPS * size) if size else np.zeros(0, np.int64)
    return counts.reshape(GROUPS, size).astype(np.float64)
