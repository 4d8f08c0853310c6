"""Inversion of a step function in constant time: which cell of a cumulated share holds p.

A guide says for each of m equal steps of p where the search begins; with m at least twice the number of cells, it goes
less than one cell further on average, whatever the weights. Unlike an alias table it rises with p, which a copula needs.

Source: Chen and Asau 1974; Devroye, Non-Uniform Random Variate Generation, 1986, section III.2.4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_MOST_STEPS = 1 << 24


class GuideTable(NamedTuple):
    """Cells of [0, 1).

    Attributes:
        edges: float64 (cells + 1,), rising from 0 to 1: cell j is [edges[j], edges[j + 1]).
        guide: int32 (m,), m a power of two: first cell that reaches beyond i / m.
    """

    edges: Floats
    guide: NDArray[np.int32]


def build_guide_table(weights: Floats) -> GuideTable:
    """Cells as wide as their share of the weights.

    Args:
        weights: float64 (cells,), not negative, with a sum above 0.
    """
    cumulated = np.cumsum(weights)
    return build_guide_from_edges(np.concatenate(([0.0], cumulated / cumulated[-1])))


def build_guide_from_edges(edges: Floats) -> GuideTable:
    """The guide of edges that are known: float64 (cells + 1,), rising, the first 0."""
    edges = np.asarray(edges, np.float64).copy()
    # Cells of weight 0 at the end stay empty.
    edges[np.searchsorted(edges, edges[-1]) :] = 1.0
    steps = 2
    while steps < 2 * len(edges) and steps < _MOST_STEPS:
        steps *= 2
    guide = np.searchsorted(edges, np.arange(steps) / steps, side="right") - 1
    return GuideTable(edges, np.minimum(guide, len(edges) - 2).astype(np.int32))


@njit(cache=True, nogil=True, error_model="numpy")
def find_cells(p: Floats, edges: Floats, guide: NDArray[np.int32]) -> NDArray[np.int64]:
    """Number of the cell of each p: float64 (n,) in [0, 1) to int64 (n,)."""
    found = np.empty(len(p), np.int64)
    steps = np.float64(len(guide))
    for i in range(len(p)):
        cell = np.int64(guide[np.int64(p[i] * steps)])
        while edges[cell + 1] <= p[i]:
            cell += 1
        found[i] = cell
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def split_cells(p: Floats, edges: Floats, guide: NDArray[np.int32]) -> NDArray[np.int64]:
    """Number of the cell of each p, and how far p lies within it: a uniform that is independent of the cell.

    Args:
        p: float64 (n,) in [0, 1); overwritten with the place within the cell, in [2**-53, 1 - 2**-53].
        edges: of the table.
        guide: of the table.

    Returns:
        int64 (n,).
    """
    found = np.empty(len(p), np.int64)
    steps = np.float64(len(guide))
    for i in range(len(p)):
        cell = np.int64(guide[np.int64(p[i] * steps)])
        while edges[cell + 1] <= p[i]:
            cell += 1
        found[i] = cell
        place = (p[i] - edges[cell]) / (edges[cell + 1] - edges[cell])
        p[i] = min(max(place, 2.0**-53), 1.0 - 2.0**-53)
    return found
