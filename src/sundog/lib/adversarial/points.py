"""Rows as the attacks see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.lib.kernels.gower import find_near, find_without
from sundog.lib.stats.frame import Frame

MISSING = np.float32(-5.0)
"""Place of a missing number: farther than 1 from every rank, at 0 from another missing one."""


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest rows of some targets.

    Attributes:
        gaps: float32 (targets, k), Gower's distance, nearest first.
        places: int64 (targets, k), position of the row.
    """

    gaps: NDArray[np.float32]
    places: NDArray[np.int64]


def place_rows(scale: Frame, frame: Frame) -> NDArray[np.float32]:
    """Coordinates for Gower's distance.

    Args:
        scale: rows among whose values a number is ranked (the attacker has the synthetic ones).
        frame: rows with the same columns.

    Returns:
        float32 (rows, columns): ranks in [0, 1] of numbers and times, codes of categories.
    """
    points = np.empty((frame.rows, len(frame.columns)), dtype=np.float32)
    for i, column in enumerate(frame.columns):
        values = frame.values[i]
        if not column.numeric:
            points[:, i] = values
            continue
        known = np.sort(scale.values[i][~scale.missing(i)])
        ranks = np.searchsorted(known, values, side="left") + np.searchsorted(known, values, side="right")
        points[:, i] = np.where(frame.missing(i), MISSING, ranks / (2 * max(1, len(known))))
    return points


def search_near(
    rows: NDArray[np.float32],
    targets: NDArray[np.float32],
    k: int,
    columns: Sequence[int] | None = None,
    themselves: bool = False,
) -> Near:
    """The k nearest rows of each target by some of the columns (default: all).

    Args:
        rows: float32 (n, columns).
        targets: float32 (m, columns).
        k: how many.
        columns: positions that count.
        themselves: targets are the rows, and none is its own neighbour.
    """
    used = np.arange(rows.shape[1]) if columns is None else np.array(columns, dtype=np.int64)
    gaps = np.empty((len(targets), k), dtype=np.float32)
    places = np.empty((len(targets), k), dtype=np.int64)
    skip = np.arange(len(targets)) if themselves else np.full(len(targets), -1)
    find_near(np.ascontiguousarray(rows.T), used, np.ascontiguousarray(targets), skip, gaps, places)
    return Near(gaps, places)


def search_without(rows: NDArray[np.float32], targets: NDArray[np.float32]) -> Near:
    """For each target and column, the nearest row by all other columns; ``k`` is the number of columns."""
    shape = (len(targets), rows.shape[1])
    gaps, places = np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.int64)
    find_without(np.ascontiguousarray(rows.T), np.ascontiguousarray(targets), gaps, places)
    return Near(gaps, places)


def measure_outlying(reference: NDArray[np.float32], rows: NDArray[np.float32], k: int = 5) -> NDArray[np.float64]:
    """How far each row lies from other people: the mean distance to its k nearest reference rows.

    Args:
        reference: float32 (n, columns), people who are neither members nor asked about.
        rows: float32 (m, columns).
        k: neighbours.

    Returns:
        float64 (m,).
    """
    near = search_near(reference, rows, min(k, len(reference)))
    return np.asarray(near.gaps.mean(axis=1), dtype=np.float64)
