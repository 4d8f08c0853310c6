"""The tree of column groups in which a set of tables hangs together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sundog.lib.kernels.triangulate import eliminate_nodes

Clique: TypeAlias = tuple[int, ...]
"""Columns by number, ascending."""


@dataclass(frozen=True, slots=True)
class Junction:
    """A junction tree: what two groups share is in every group on the way between them.

    Attributes:
        sizes: codes of each column.
        cliques: groups of columns, none within another, each after its parent.
        parents: place of each group's parent among the groups; -1 for a root.
    """

    sizes: tuple[int, ...]
    cliques: tuple[Clique, ...]
    parents: tuple[int, ...]

    def shape(self, number: int) -> tuple[int, ...]:
        """Codes of each column of a group."""
        return tuple(self.sizes[v] for v in self.cliques[number])

    def separator(self, number: int) -> Clique:
        """Columns that a group shares with its parent."""
        parent = self.parents[number]
        return () if parent < 0 else tuple(v for v in self.cliques[number] if v in self.cliques[parent])

    def host(self, clique: Clique) -> int:
        """The smallest group that holds all these columns.

        Raises:
            ValueError: none does.
        """
        wanted = set(clique)
        found = [i for i, c in enumerate(self.cliques) if wanted <= set(c)]
        if not found:
            raise ValueError(f"no group of the tree holds the columns {clique}")
        return min(found, key=lambda i: math.prod(self.shape(i)))

    @property
    def cells(self) -> int:
        """Cells of all groups together."""
        return sum(math.prod(self.shape(i)) for i in range(len(self.cliques)))


def find_cliques(sizes: Sequence[int], cliques: Iterable[Clique]) -> tuple[Clique, ...]:
    """The largest groups of a triangulation in which each of ``cliques`` lies within a group.

    Columns are taken out one by one: first those whose neighbours are all tied to one another, else the one whose group has
    the fewest cells (minimum weight).

    Args:
        sizes: codes of each column.
        cliques: groups that must lie within a group.
    """
    tied = _tie(len(sizes), cliques)
    groups = np.zeros_like(tied)
    count = eliminate_nodes(tied, np.log(np.asarray(sizes, np.float64)), groups)
    return tuple(tuple(np.flatnonzero(g).tolist()) for g in groups[:count])


def _tie(columns: int, cliques: Iterable[Clique]) -> NDArray[np.bool_]:
    """Which columns lie in a group together: bool (columns, columns)."""
    tied = np.zeros((columns, columns), np.bool_)
    for clique in cliques:
        tied[np.ix_(clique, clique)] = True
    np.fill_diagonal(tied, False)
    return tied


def count_cells(sizes: Sequence[int], cliques: Iterable[Clique], more: Sequence[Clique] = ((),)) -> NDArray[np.float64]:
    """Cells of the junction tree that some groups need together with each of ``more``: float64 (len(more),)."""
    tied = _tie(len(sizes), cliques)
    weight = np.log(np.asarray(sizes, np.float64))
    out = np.empty(len(more))
    groups = np.zeros_like(tied)
    for i, clique in enumerate(more):
        own = tied.copy()
        for v in clique:
            for u in clique:
                own[v, u] = v != u
        count = eliminate_nodes(own, weight, groups)
        out[i] = np.exp(groups[:count] @ weight).sum()
    return out


def build_junction(sizes: Sequence[int], cliques: Iterable[Clique]) -> Junction:
    """The junction tree of these groups: a spanning tree of the triangulation's groups with the most shared columns.

    Args:
        sizes: codes of each column, at least 1.
        cliques: groups that must lie within a group of the tree; columns in none of them get a group of their own.
    """
    groups = find_cliques(sizes, cliques)
    sets = [set(g) for g in groups]
    order: list[int] = []
    parents: list[int] = []
    at: dict[int, int] = {}
    left = set(range(len(groups)))
    # Prim's algorithm; ties go to the lower number, so that the tree depends on its input alone.
    nearest = dict.fromkeys(left, (0, -1))
    while left:
        i = max(left, key=lambda j: (nearest[j][0], -j))
        shared, parent = nearest[i]
        left.discard(i)
        at[i] = len(order)
        order.append(i)
        parents.append(at[parent] if shared else -1)
        for j in left:
            common = len(sets[i] & sets[j])
            if common > nearest[j][0]:
                nearest[j] = (common, i)
    return Junction(tuple(sizes), tuple(groups[i] for i in order), tuple(parents))
