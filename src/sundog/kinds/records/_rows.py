"""The rows of a table while a shard is made: which unit each belongs to, and its random words."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.kernels.draws import draw_row_words, draw_unit_words, draw_words_of
from sundog.lib.kernels.relations import spread_children


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table.

    Attributes:
        span: the units, where each row is a unit and they follow one another; None for tables with a parent, and for
            units in any order.
        units: uint64 (n,), unit of each row.
        index: uint64 (n,), number of the row within its unit, over all parents of the unit.
        parents: int64 (n,), position of each row's parent among the rows of the parent's table; empty for the first table.
        offsets: int64 (n_parents + 1,), first row of each parent; empty for the first table.
    """

    span: range | None
    units: NDArray[np.uint64]
    index: NDArray[np.uint64]
    parents: NDArray[np.int64]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.units)

    @property
    def is_root(self) -> bool:
        """Whether the table has no parent."""
        return len(self.offsets) == 0

    def draw(self, key: Key) -> NDArray[np.uint64]:
        """One word for each row, uint64 (n,); it depends on the key, the unit and the number within the unit alone."""
        if self.span is not None:
            return draw_unit_words(key, self.span)
        if self.is_root:
            return draw_words_of(key, self.units)
        return draw_row_words(key, self.units, self.index)


def make_root_rows(units: range) -> Rows:
    """One row a unit."""
    numbers = np.arange(units.start, units.stop, dtype=np.uint64)
    nothing = np.zeros(0, np.int64)
    return Rows(units, numbers, np.zeros(len(units), np.uint64), nothing, nothing)


def list_root_rows(units: NDArray[np.uint64]) -> Rows:
    """Rows of the first table in any order, any number of times: uint64 (n,)."""
    nothing = np.zeros(0, np.int64)
    return Rows(None, units, np.zeros(len(units), np.uint64), nothing, nothing)


def make_child_rows(parent: Rows, counts: NDArray[np.int64]) -> Rows:
    """So many rows for each row of the parent's table, in their order.

    Args:
        parent: rows of the parent's table; rows of one unit stand together.
        counts: int64 (len(parent),), not negative.
    """
    offsets = np.zeros(len(parent) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    n = int(offsets[-1])
    parents, units, index = np.empty(n, np.int64), np.empty(n, np.uint64), np.empty(n, np.uint64)
    spread_children(parent.units, offsets, parents, units, index)
    return Rows(None, units, index, parents, offsets)


@dataclass(frozen=True, slots=True)
class Built:
    """A table as far as it is made.

    Attributes:
        key: of the table.
        rows: its rows.
        columns: field name to values.
        shared: what several fields of a row have in common (a person, a place, a locale), once it is drawn.
    """

    key: Key
    rows: Rows
    columns: dict[str, pa.Array] = field(default_factory=dict)
    shared: dict[str, object] = field(default_factory=dict)
