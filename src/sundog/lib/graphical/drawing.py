"""Rows from a graphical model, each by its own key and unit: exact, also where codes are given or ruled out.

The groups of the tree are drawn from the root outward, each given the columns that it shares with the ones before. Conditions
are put into the tree before that (Lauritzen and Spiegelhalter 1988): the draw then has the conditional distribution, whatever
columns are given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.graphical.beliefs import Layout, Table
from sundog.lib.graphical.junction import Junction

Allowed = tuple[NDArray[np.bool_] | None, ...]
"""For each column the codes that it may take, bool (size,); None: all. An empty tuple: all of all."""


@dataclass(frozen=True, slots=True)
class GraphicalModel:
    """A density over rows of codes, as it is stored.

    Attributes:
        sizes: codes of each column.
        cliques: groups of columns of a junction tree, each after its parent.
        parents: place of each group's parent; -1 for a root.
        potentials: log-potential of each group, float64, one axis a column; minus infinity for what cannot be.
    """

    sizes: tuple[int, ...]
    cliques: tuple[tuple[int, ...], ...]
    parents: tuple[int, ...]
    potentials: tuple[Table, ...]

    @property
    def junction(self) -> Junction:
        """The tree."""
        return Junction(self.sizes, self.cliques, self.parents)


@dataclass(frozen=True, slots=True)
class _Walk:
    """How one group is drawn: codes of the new columns by a cumulative table for each combination of the shared ones.

    Attributes:
        shared, new: columns.
        cumulative: float64 (n_shared * n_new,), group g of shared codes at [g * n_new, (g + 1) * n_new), from g to g + 1.
    """

    shared: tuple[int, ...]
    new: tuple[int, ...]
    cumulative: Table


class Drawer:
    """Draws from one model; keeps what was worked out for the conditions that it met last.

    Args:
        model: the density.
    """

    def __init__(self, model: GraphicalModel) -> None:
        self.model = model
        self.layout = Layout(model.junction)
        self._walks = lru_cache(maxsize=64)(self._prepare)

    def draw(
        self, key: Key, units: range, given: NDArray[np.int32] | None = None, allowed: Allowed = ()
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Rows of codes.

        Args:
            key: names the random stream.
            units: row i depends on (model, key, units[i], given[i], allowed) alone.
            given: int32 (len(units), n_columns), -1 where free; None: nothing is given.
            allowed: codes that each column may take.

        Returns:
            codes, int32 (len(units), n_columns), and whether each row is possible, bool (len(units),); the codes of an
            impossible row mean nothing.
        """
        rows = len(units)
        codes = np.zeros((rows, len(self.model.sizes)), np.int32)
        possible = np.ones(rows, np.bool_)
        uniform = [key.child(n).uniform(units) for n in range((len(self.model.cliques) + 3) // 4)]
        if given is None:
            given = np.full((rows, len(self.model.sizes)), -1, np.int32)
        patterns, of_row = np.unique(given, axis=0, return_inverse=True)
        masks = tuple(None if a is None else a.tobytes() for a in allowed)
        order = np.argsort(of_row, kind="stable")
        ends = np.cumsum(np.bincount(of_row, minlength=len(patterns)))
        for number, pattern in enumerate(patterns):
            at = order[ends[number - 1] if number else 0 : ends[number]]
            walks = self._walks(tuple(pattern.tolist()), masks)
            if walks is None:
                possible[at] = False
                continue
            for i, walk in enumerate(walks):
                codes[at] = _step(walk, codes[at], uniform[i // 4][at, i % 4], self.model.sizes)
        return codes, possible

    def log_probability(self, pattern: Sequence[int]) -> float:
        """Logarithm of the probability of some codes, -1 where free; minus infinity where they cannot be."""
        free = tuple(-1 for _ in self.model.sizes)
        whole = self._weigh(free, ())[1]
        return self._weigh(tuple(pattern), ())[1] - whole

    def _weigh(self, pattern: tuple[int, ...], masks: tuple[bytes | None, ...]) -> tuple[list[Table], float]:
        tables = list(self.model.potentials)
        for column, code in enumerate(pattern):
            mask = masks[column] if masks else None
            if code < 0 and mask is None:
                continue
            fits = np.ones(self.model.sizes[column], np.bool_) if mask is None else np.frombuffer(mask, np.bool_)
            if code >= 0:
                fits = fits & (np.arange(self.model.sizes[column]) == code)
            host, _, shape = self.layout.place((column,))
            tables[host] = tables[host] + np.where(fits, 0.0, -np.inf).reshape(shape)
        return self.layout.propagate(tables, 1.0)

    def _prepare(self, pattern: tuple[int, ...], masks: tuple[bytes | None, ...]) -> tuple[_Walk, ...] | None:
        beliefs, log_sum = self._weigh(pattern, masks)
        if log_sum == -np.inf:
            return None
        return tuple(_make_walk(self.model.junction, i, b) for i, b in enumerate(beliefs))


def _make_walk(junction: Junction, number: int, belief: Table) -> _Walk:
    group, shared = junction.cliques[number], junction.separator(number)
    new = tuple(v for v in group if v not in shared)
    table = belief.transpose([group.index(v) for v in (*shared, *new)])
    table = table.reshape(math.prod(junction.sizes[v] for v in shared), -1)
    mass = table.sum(axis=1, keepdims=True)
    share = np.where(mass > 0, table / np.where(mass > 0, mass, 1.0), 1.0 / table.shape[1])
    cumulative = np.cumsum(share, axis=1)
    cumulative /= cumulative[:, -1:]
    return _Walk(shared, new, (cumulative + np.arange(len(table))[:, None]).ravel())


def _step(
    walk: _Walk, codes: NDArray[np.int32], uniform: NDArray[np.float64], sizes: tuple[int, ...]
) -> NDArray[np.int32]:
    """The rows with the codes of one more group."""
    codes = codes.copy()
    group: NDArray[np.int64] = np.zeros(len(codes), np.int64)
    for v in walk.shared:
        group = group * sizes[v] + codes[:, v]
    many = math.prod(sizes[v] for v in walk.new)
    at = np.searchsorted(walk.cumulative, group + uniform, side="right") - group * many
    # A cumulative share of exactly 1 at the end of a combination and a place beyond it differ by a rounding only.
    last = np.unravel_index(np.minimum(at, many - 1), tuple(sizes[v] for v in walk.new))
    for v, found in zip(walk.new, last, strict=True):
        codes[:, v] = found
    return codes
