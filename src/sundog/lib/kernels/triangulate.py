"""Elimination of the nodes of a graph, which finds the groups of a triangulation."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def eliminate_nodes(tied: NDArray[np.bool_], weight: NDArray[np.float64], groups: NDArray[np.bool_]) -> int:
    """Take out node by node: first those whose neighbours are all tied to one another, else the one of the lightest group.

    Args:
        tied: bool (d, d), symmetric, False on the diagonal; changed on the way.
        weight: float64 (d,), the weight of a group is the sum over its nodes. Ties go to the lower number.
        groups: bool (d, d), gets a group a row, none within another.

    Returns:
        Number of groups.
    """
    d = len(weight)
    left = np.ones(d, np.bool_)
    found = 0
    for _ in range(d):
        best, chosen = np.inf, -1
        for v in range(d):
            if not left[v]:
                continue
            heavy = weight[v]
            whole = True
            for u in range(d):
                if tied[v, u]:
                    heavy += weight[u]
                    if whole:
                        for w in range(d):
                            if tied[v, w] and w != u and not tied[u, w]:
                                whole = False
                                break
            if not whole:
                heavy += 1e6
            if heavy < best:
                best, chosen = heavy, v
        within = False
        for g in range(found):
            inside = groups[g, chosen]
            for u in range(d):
                if tied[chosen, u] and not groups[g, u]:
                    inside = False
                    break
            if inside:
                within = True
                break
        if not within:
            groups[found] = tied[chosen]
            groups[found, chosen] = True
            found += 1
        for u in range(d):
            if tied[chosen, u]:
                for w in range(d):
                    if tied[chosen, w] and w != u:
                        tied[u, w] = True
                tied[u, chosen] = False
        for u in range(d):
            tied[chosen, u] = False
        left[chosen] = False
    return found
