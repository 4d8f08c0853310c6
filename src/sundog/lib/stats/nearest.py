"""Distances to the nearest row, in a space where columns weigh alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.lib.stats.frame import Frame

WIDTH = 2048
"""Most coordinates; categories beyond it share one coordinate a column."""

_CELLS = 8_000_000
"""Entries of the distance block held at once: 32 MB of float32."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """Distances between two sets of rows.

    Attributes:
        queries: float64 (m,), Euclidean distance of each query to its nearest row.
        rows: float64 (n,), distance of each row to its nearest query among those of each kind, as (kinds, n).
    """

    queries: NDArray[np.float64]
    rows: NDArray[np.float64]


def embed_frames(fit: Frame, frames: list[Frame]) -> list[NDArray[np.float32]]:
    """Rows as points.

    A number or time becomes its rank among the values of ``fit``, in [0, 1] (a missing one lies at .5, with one coordinate
    for being missing); a category becomes a one-hot vector of length sqrt(.5), so that two different values are at distance 1.

    Returns:
        float32 (rows, width), width <= about WIDTH, for each frame.
    """
    coded = [i for i, c in enumerate(fit.columns) if not c.numeric]
    most = max(1, (WIDTH - 2 * (len(fit.columns) - len(coded))) // max(1, len(coded)) - 2)
    points = []
    sorted_values = {i: np.sort(v[~np.isnan(v)]) for i, v in enumerate(fit.values) if fit.columns[i].numeric}
    root = np.float32(np.sqrt(0.5))
    for frame in frames:
        blocks: list[NDArray[np.float32]] = []
        for i, column in enumerate(fit.columns):
            values, missing = frame.values[i], frame.missing(i)
            if column.numeric:
                known = sorted_values[i]
                ranks = (np.searchsorted(known, values, side="left") + np.searchsorted(known, values, side="right")) / (
                    2 * max(1, len(known))
                )
                blocks.append(np.stack([np.where(missing, 0.5, ranks), missing * root], axis=1).astype(np.float32))
            else:
                size = min(len(column.labels), most) + 2
                codes = np.where(missing, size - 1, np.minimum(values, size - 2)).astype(np.int64)
                one_hot = np.zeros((frame.rows, size), dtype=np.float32)
                one_hot[np.arange(frame.rows), codes] = root
                blocks.append(one_hot)
        points.append(np.concatenate(blocks, axis=1) if blocks else np.zeros((frame.rows, 0), dtype=np.float32))
    return points


def find_nearest(queries: NDArray[np.float32], rows: NDArray[np.float32], kinds: NDArray[np.int64]) -> Nearest:
    """Nearest row of each query, and nearest query of each kind for each row, in one pass by brute force.

    Args:
        queries: float32 (m, width).
        rows: float32 (n, width).
        kinds: int64 (m,), kind of each query, 0, 1, ...

    Candidates are found in float32 and their distances computed again in float64 and rounded to 1e-6, so that equal
    points are at exactly 0 and the result does not depend on the order in which a matrix product adds up.
    """
    m, n = len(queries), len(rows)
    count = int(kinds.max()) + 1 if m else 1
    best_rows = np.full((count, n), np.inf, dtype=np.float32)
    best_query = np.zeros((count, n), dtype=np.int64)
    best_row = np.zeros(m, dtype=np.int64)
    squares = (rows * rows).sum(axis=1)
    order = np.argsort(kinds, kind="stable")
    step = max(1, _CELLS // max(1, n))
    for kind in range(count):
        members = order[kinds[order] == kind]
        for start in range(0, len(members), step):
            chosen = members[start : start + step]
            block = queries[chosen]
            distance = block @ rows.T
            distance *= -2.0
            distance += squares
            best_row[chosen] = distance.argmin(axis=1)
            distance += (block * block).sum(axis=1)[:, None]
            nearest = distance.argmin(axis=0)
            least = distance[nearest, np.arange(n)]
            better = least < best_rows[kind]
            best_rows[kind][better] = least[better]
            best_query[kind][better] = chosen[nearest[better]]
    from_rows = np.stack(
        [
            _exact(rows, queries[best_query[kind]]) if (kinds == kind).any() else np.full(n, np.inf)
            for kind in range(count)
        ]
    )
    return Nearest(_exact(queries, rows[best_row]) if n else np.full(m, np.inf), from_rows)


def _exact(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    gaps = np.empty(len(first))
    for start in range(0, len(first), 8192):
        block = first[start : start + 8192].astype(np.float64) - second[start : start + 8192]
        gaps[start : start + 8192] = np.sqrt((block * block).sum(axis=1))
    return np.round(gaps, 6)
