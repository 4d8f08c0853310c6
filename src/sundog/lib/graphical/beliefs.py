"""Messages through a junction tree: from log-potentials of its groups to their tables of expected counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sundog.lib.graphical.junction import Clique, Junction

Table: TypeAlias = NDArray[np.float64]


class Layout:
    """Where the columns of each group lie along its axes, worked out once for a tree.

    Attributes:
        junction: the tree.
    """

    def __init__(self, junction: Junction) -> None:
        self.junction = junction
        self._hosts: dict[Clique, tuple[int, tuple[int, ...], tuple[int, ...]]] = {}
        self._up: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        self._down: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        for i, parent in enumerate(junction.parents):
            shared = junction.separator(i)
            self._up.append(_axes(junction, i, shared))
            self._down.append(_axes(junction, parent, shared) if parent >= 0 else ((), ()))

    def place(self, clique: Clique) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        """The group that holds some columns, its other axes, and the shape in which a table of the columns joins in."""
        if clique not in self._hosts:
            host = self.junction.host(clique)
            self._hosts[clique] = (host, *_axes(self.junction, host, clique))
        return self._hosts[clique]

    def project(self, beliefs: Sequence[Table], clique: Clique) -> Table:
        """Expected counts of some columns that lie within one group, with an axis for each."""
        host, others, _ = self.place(clique)
        return np.asarray(beliefs[host].sum(axis=others), np.float64)

    def propagate(self, potentials: Sequence[Table], total: float) -> tuple[list[Table], float]:
        """Tables of the groups that the potentials stand for.

        Args:
            potentials: logarithms, one table a group; minus infinity for what cannot be.
            total: rows.

        Returns:
            Tables that sum to ``total`` each and agree on what they share; and the logarithm of the potentials' sum over all
            combinations, minus infinity where none is possible (the tables are then 0).
        """
        parents = self.junction.parents
        beliefs: list[Table] = []
        log_sum = 0.0
        for potential in potentials:
            top = float(potential.max())
            if top == -np.inf:
                return [np.zeros_like(p) for p in potentials], -np.inf
            beliefs.append(np.exp(potential - top))
            log_sum += top
        for i in range(len(beliefs) - 1, -1, -1):
            parent = parents[i]
            others, _ = self._up[i]
            message = beliefs[i].sum(axis=others) if parent >= 0 else beliefs[i].sum()
            top = float(message.max())
            if top <= 0:
                return [np.zeros_like(p) for p in potentials], -np.inf
            log_sum += np.log(top)
            if parent >= 0:
                beliefs[i] /= top
                beliefs[parent] *= (message / top).reshape(self._down[i][1])
        for i, parent in enumerate(parents):
            if parent < 0:
                beliefs[i] *= total / beliefs[i].sum()
                continue
            wanted = beliefs[parent].sum(axis=self._down[i][0])
            there = beliefs[i].sum(axis=self._up[i][0])
            ratio = np.divide(wanted, there, out=np.zeros_like(wanted), where=there > 0)
            beliefs[i] *= ratio.reshape(self._up[i][1])
        return beliefs, log_sum


def _axes(junction: Junction, number: int, kept: Clique) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Axes of a group beside those kept, and the shape of a table of the kept ones that joins in."""
    group = junction.cliques[number]
    others = tuple(k for k, v in enumerate(group) if v not in kept)
    return others, tuple(junction.sizes[v] if v in kept else 1 for v in group)
