"""Parts that add up: an amount of the parent over its rows, an amount of the row over its fields; and values row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem
from sundog.core.keys import Key
from sundog.kinds.records._rows import Built
from sundog.lib.expressions.program import RowRefused
from sundog.lib.kernels.relations import share_totals, walk_states
from sundog.lib.laws.shaped import Gamma

_MOST = 2.0**53
"""Whole numbers up to here are exact in float64."""


def share_out(
    totals: NDArray[np.float64], weights: NDArray[np.float64], offsets: NDArray[np.int64], decimals: int, where: str
) -> NDArray[np.int64]:
    """Parts of each total by weight, whole numbers of the last decimal that add up to it.

    Args:
        totals: float64 (segments,).
        weights: float64 (n,), not negative.
        offsets: int64 (segments + 1,), the parts of each total.
        decimals: of the parts.
        where: place in the recipe.

    Returns:
        int64 (n,), in units of 10**-decimals.

    Raises:
        RowRefused: a total is so large that its last decimal is not exact in float64.
    """
    whole = np.rint(totals * 10.0**decimals)
    wrong = np.flatnonzero(~(np.abs(whole) <= _MOST))
    if len(wrong):
        name = f"row {wrong[0]}"
        what = f"{totals[wrong[0]]:.15g} has no {decimals} exact decimals, in {name}"
        problem = Problem("SD-RECORDS-028", where, what, "Keep the amount below 2**53 of its last decimal.")
        raise RowRefused(problem, int(wrong[0]), name)
    parts = np.empty(len(weights), np.int64)
    share_totals(whole.astype(np.int64), weights, offsets, parts)
    return parts


def _as_amounts(parts: NDArray[np.int64], missing: NDArray[np.bool_], decimals: int) -> pa.Array:
    if decimals == 0:
        return pa.array(parts, mask=missing)
    return pa.array(parts / 10.0**decimals, mask=missing)


def _read_totals(values: pa.Array) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """float64 (n,), 0 where missing; and which are missing."""
    missing = np.asarray(values.is_null().to_numpy(zero_copy_only=False), np.bool_)
    floats = values.cast(pa.float64()).fill_null(0.0).to_numpy(zero_copy_only=False)
    return np.asarray(floats, np.float64), missing


@dataclass(frozen=True, slots=True)
class SplitColumn:
    """Parts of an amount of the parent, one for each of its rows; shares have a Dirichlet law.

    Attributes:
        parent: table.
        of: its field.
        evenness: parameter of the Dirichlet law.
        decimals: of the parts.
        where: place in the recipe.
    """

    parent: str
    of: str
    evenness: float
    decimals: int
    where: str

    @property
    def type(self) -> pa.DataType:
        """Of the parts."""
        return pa.int64() if self.decimals == 0 else pa.float64()

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``; a missing amount has missing parts."""
        totals, missing = _read_totals(tables[self.parent].columns[self.of])
        weights = Gamma(self.evenness, 1.0).draw(table.rows.draw(key))
        parts = share_out(totals, weights, table.rows.offsets, self.decimals, self.where)
        return _as_amounts(parts, missing[table.rows.parents], self.decimals)


@dataclass(frozen=True, slots=True)
class PieceColumn:
    """One of the pieces of an amount of the row; shares have a Dirichlet law.

    Attributes:
        of: field that is cut up.
        names: fields that are its pieces.
        place: of this one among them.
        alphas: parameters of the Dirichlet law.
        decimals: of the pieces.
        where: place in the recipe.
    """

    of: str
    names: tuple[str, ...]
    place: int
    alphas: tuple[float, ...]
    decimals: int
    where: str

    @property
    def type(self) -> pa.DataType:
        """Of the pieces."""
        return pa.int64() if self.decimals == 0 else pa.float64()

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``; all pieces of a row are cut at once."""
        totals, missing = _read_totals(table.columns[self.of])
        name, many = f"pieces of {self.of}", len(self.names)
        found = table.shared.get(name)
        if found is None:
            own = table.key.child("pieces").child(self.of)
            drawn = [
                Gamma(alpha, 1.0).draw(table.rows.draw(own.child(field)))
                for field, alpha in zip(self.names, self.alphas, strict=True)
            ]
            offsets = np.arange(len(totals) + 1, dtype=np.int64) * many
            found = share_out(totals, np.stack(drawn, axis=1).ravel(), offsets, self.decimals, self.where).reshape(
                -1, many
            )
            table.shared[name] = found
        assert isinstance(found, np.ndarray)
        return _as_amounts(found[:, self.place], missing, self.decimals)


@dataclass(frozen=True, slots=True)
class StatesColumn:
    """A Markov chain along the rows of each parent.

    Attributes:
        states: their names.
        start: float64 (states,), cumulated weights of the first row.
        moves: float64 (states, states), cumulated weights of the next row.
    """

    states: tuple[str, ...]
    start: NDArray[np.float64]
    moves: NDArray[np.float64]

    @property
    def type(self) -> pa.DataType:
        """Text."""
        return pa.string()

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        found = np.empty(len(table.rows), np.int64)
        walk_states(table.rows.draw(key), table.rows.offsets, self.start, self.moves, found)
        return pa.array(self.states).take(pa.array(found))


@dataclass(frozen=True, slots=True)
class ListedColumn:
    """Stated values, one for each row of a table that belongs to no unit."""

    values: pa.Array

    @property
    def type(self) -> pa.DataType:
        """Of the values."""
        return self.values.type

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        return self.values.take(pa.array(table.rows.units))
