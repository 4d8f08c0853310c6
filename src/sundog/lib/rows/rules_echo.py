"""Columns that often repeat another's value: a payment that settles the bill, a second reading equal to the first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sundog.lib.rows.rules import Candidate, align

MIN_EXCESS = 0.005
"""Share of rows in which two columns are equal beyond chance before that is learned."""

MAX_ECHOES = 3
"""Most columns that one column may repeat."""


def find_echoes(columns: Sequence[Candidate], rows: int, support: int, bins: int) -> dict[str, tuple[str, ...]]:
    """For each column the earlier columns whose value it repeats most often, the most frequent first.

    Args:
        columns: lines with sampled rows, in the order in which they are made.
        rows: number of all rows.
        support: rows that must repeat another column before that is learned.
        bins: codes of a number; a value that fills half of one has a code of its own and is not counted.
    """
    found: dict[str, tuple[str, ...]] = {}
    for family in sorted({c.family for c in columns if c.family}):
        group = [c for c in columns if c.family == family and c.scale is not None and c.scale.integral]
        if len(group) < 2:
            continue
        decimals = max(c.scale.decimals for c in group if c.scale is not None)
        lines = np.column_stack([align(c)(decimals).values for c in group])
        present = np.column_stack([c.ticks.finite for c in group])
        for j in range(1, len(group)):
            loose = present[:, j] & ~_is_frequent(lines[:, j], len(lines) / (2 * bins))
            equal = (lines[:, :j] == lines[:, j : j + 1]) & present[:, :j] & loose[:, None]
            shares = equal.mean(axis=0)
            excess = {
                i: float(shares[i]) - _chance(lines[present[:, i], i], lines[present[:, j], j])
                for i in np.flatnonzero(shares >= MIN_EXCESS)
            }
            best = sorted(
                (i for i, e in excess.items() if e >= MIN_EXCESS and e * rows >= support), key=lambda i: (-excess[i], i)
            )
            if best:
                found[group[j].name] = tuple(group[i].name for i in best[:MAX_ECHOES])
    return found


def _is_frequent(values: NDArray[np.int64], share: float) -> NDArray[np.bool_]:
    """Whether each value comes so often in the sample."""
    _, owner, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(counts[owner.reshape(-1)] >= max(2.0, share), dtype=bool)


def _chance(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """Share of equal pairs if the columns had nothing to do with one another."""
    x, p = np.unique(a, return_counts=True)
    y, q = np.unique(b, return_counts=True)
    _, i, j = np.intersect1d(x, y, assume_unique=True, return_indices=True)
    return float((p[i] / len(a)) @ (q[j] / len(b))) if len(a) and len(b) else 0.0
