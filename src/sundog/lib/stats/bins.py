"""Coarse bins of columns, and how well one table reproduces the joint shares of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from sundog.lib.stats.distances import cut_points, measure_variation
from sundog.lib.stats.frame import Frame
from sundog.lib.stats.intervals import GROUPS, row_groups


@dataclass(frozen=True, slots=True)
class Binned:
    """Rows as small codes.

    Attributes:
        codes: int16 (columns, rows); the last bin of a column holds missing values.
        sizes: number of bins of each column.
    """

    codes: NDArray[np.int16]
    sizes: tuple[int, ...]


def bin_frames(frames: Sequence[Frame], bins: int) -> list[Binned]:
    """Bin every frame by the first one.

    Numbers are cut at the first frame's quantiles into about ``bins`` bins; categories keep the ``bins`` most frequent
    values of the first frame and share one bin for the rest; one more bin holds missing values.
    """
    first = frames[0]
    sizes: list[int] = []
    coded: list[list[NDArray[np.int16]]] = [[] for _ in frames]
    for i, column in enumerate(first.columns):
        if column.numeric:
            values = first.values[i]
            ends = cut_points(np.asarray(values[~np.isnan(values)], np.float64), bins)
            size = len(ends) + 2
        else:
            size = min(len(column.labels), bins) + 2
        sizes.append(size)
        for frame, out in zip(frames, coded, strict=True):
            codes = (
                np.searchsorted(ends, frame.values[i], side="left")
                if column.numeric
                else np.minimum(frame.values[i], size - 2)
            )
            out.append(np.where(frame.missing(i), size - 1, codes).astype(np.int16))
    return [
        Binned(np.array(out, dtype=np.int16).reshape(len(sizes), frame.rows), tuple(sizes))
        for out, frame in zip(coded, frames, strict=True)
    ]


def count_joint(binned: Binned, columns: Sequence[int]) -> NDArray[np.float64]:
    """float64 (GROUPS, cells): how often each combination of bins of these columns occurs, by jackknife group."""
    size = 1
    cell = np.zeros(binned.codes.shape[1], dtype=np.int64)
    for column in columns:
        cell = cell * binned.sizes[column] + binned.codes[column]
        size *= binned.sizes[column]
    cell += row_groups(len(cell)) * size
    return np.bincount(cell, minlength=GROUPS * size).reshape(GROUPS, size).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How well joint shares agree.

    Attributes:
        sets: the column sets that were compared.
        each: float64 (sets,), 1 - total variation distance of each set.
        value: the mean of ``each``.
        left_out: float64 (GROUPS,), the mean without each group of rows.
    """

    sets: tuple[tuple[int, ...], ...]
    each: NDArray[np.float64]
    value: float
    left_out: NDArray[np.float64]


def measure_accuracy(real: Binned, other: Binned, sets: Sequence[tuple[int, ...]]) -> Accuracy:
    """One minus the total variation distance between joint shares, averaged over column sets.

    The accuracy that mostlyai-qa reports, with the real table's bins. Sampling noise lowers it: compare only at equal sizes.
    """
    each = np.zeros(len(sets))
    left_out = np.zeros(GROUPS)
    for k, columns in enumerate(sets):
        a, b = count_joint(real, columns), count_joint(other, columns)
        each[k] = 1.0 - float(measure_variation(a.sum(axis=0), b.sum(axis=0)))
        left_out += 1.0 - measure_variation(a.sum(axis=0) - a, b.sum(axis=0) - b)
    count = max(1, len(sets))
    return Accuracy(tuple(sets), each, float(each.sum() / count), left_out / count)


def choose_sets(columns: int, of: int, most: int, generator: np.random.Generator) -> tuple[tuple[int, ...], ...]:
    """All sets of ``of`` columns, or ``most`` of them drawn at random where there are more."""
    total = comb(columns, of)
    if total <= most:
        return tuple(combinations(range(columns), of))
    chosen: set[tuple[int, ...]] = set()
    while len(chosen) < most:
        draws = generator.integers(0, columns, size=(most, of))
        for row in np.sort(draws, axis=1).tolist():
            if len(set(row)) == of and len(chosen) < most:
                chosen.add(tuple(row))
    return tuple(sorted(chosen))
