"""References to rows of the first table, found from the unit's number without making the row, and to tables that belong to no unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.kinds.records._columns import Column
from sundog.kinds.records._rows import Built, list_root_rows
from sundog.lib.kernels.draws import as_uniform
from sundog.lib.kernels.relations import grow_trees, pick_apart
from sundog.lib.laws.choices import Categorical

_NO_EDGES = np.zeros(0)


@dataclass(frozen=True, slots=True)
class ReferenceColumn:
    """The key of a row that is drawn.

    Attributes:
        name: of the field.
        table: that is referred to.
        field: of it, that holds the key.
        target: how the key is made from the unit's number, where the first table is referred to; None for one that belongs to no unit.
        size: how many rows there are.
        earlier: whether only rows before the row's own are drawn.
        fan_out: how many rows each has below it, or 0: any.
        skew: how much the first ones are preferred: the place among the rows is u to the power 1 + skew.
        weight: field of the table that says how often each row is drawn, or None.
        distinct: whether no row is drawn twice for one parent.
    """

    name: str
    table: str
    field: str
    target: Column | None
    size: int
    type: pa.DataType
    earlier: bool
    fan_out: int
    skew: float
    weight: str | None
    distinct: bool

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``; where there is no row left to refer to, there is no value."""
        places = self._draw(key, table, tables)
        table.shared[f"place {self.name}"] = places
        there = places >= 0
        rows = np.where(there, places, 0)
        if self.target is None:
            found = tables[self.table].columns[self.field].take(pa.array(rows))
        else:
            # The words of the key's field are those of its own rows, so the field is made as it was made there.
            own = tables[self.table].key
            other = Built(own, list_root_rows(rows.astype(np.uint64)))
            found = self.target.make(own.child("fields").child(self.field), other, tables)
        return found if there.all() else pc.if_else(pa.array(there), found, pa.scalar(None, found.type))

    def _draw(self, key: Key, table: Built, tables: Mapping[str, Built]) -> NDArray[np.int64]:
        """The place of the row that each row refers to: int64 (n,), -1 for none."""
        if self.earlier:
            return self._draw_earlier(key, table)
        words = table.rows.draw(key)
        weights = None if self.weight is None else as_weights(tables[self.table].columns[self.weight])
        if self.distinct:
            found = np.empty(len(words), np.int64)
            offsets = table.rows.offsets if not table.rows.is_root else np.array([0, len(words)])
            edges = _NO_EDGES if weights is None else np.cumsum(weights)
            pick_apart(words, offsets, self.size, 1.0 + self.skew, edges, found)
            return found
        if weights is not None:
            shared = tables[self.table].shared  # lives as long as the model is open, so that the table is built once
            law = shared.get(f"law {self.weight}")
            if law is None:
                law = shared[f"law {self.weight}"] = Categorical(weights)
            assert isinstance(law, Categorical)
            return law.draw(words)
        place = as_uniform(words)
        place = place if not self.skew else place ** (1.0 + self.skew)
        return np.minimum(np.floor(place * self.size).astype(np.int64), self.size - 1)

    def _draw_earlier(self, key: Key, table: Built) -> NDArray[np.int64]:
        own = table.rows.units.astype(np.int64)
        if self.fan_out:
            return np.where(own > 0, (own - 1) // self.fan_out, -1)
        place = as_uniform(table.rows.draw(key)) ** (1.0 + self.skew)
        return np.minimum(np.floor(place * own.astype(np.float64)).astype(np.int64), own - 1)


def as_weights(values: pa.Array) -> NDArray[np.float64]:
    """Weights of rows: float64 (n,), 0 where missing."""
    return np.asarray(values.cast(pa.float64()).fill_null(0.0).to_numpy(zero_copy_only=False), np.float64)


def get_places(table: Built, by: str) -> NDArray[np.int64]:
    """The place of the row that a reference of each row is to: int64 (n,), -1 where there is none."""
    places = table.shared[f"place {by}"]
    assert isinstance(places, np.ndarray)
    values = table.columns[by]
    if not values.null_count:
        return places
    return np.where(values.is_valid().to_numpy(zero_copy_only=False), places, -1)


@dataclass(frozen=True, slots=True)
class Needed:
    """A field of the first table that a row of it has, wherever it is made."""

    field: str
    column: Column


@dataclass(frozen=True, slots=True)
class ReferredColumn:
    """A field of the row that a reference is to.

    Attributes:
        by: the reference.
        table: that it is to.
        field: of that table.
        needed: how the field, and what it depends on, are made for units in any order; empty for a table that belongs to no unit.
        type: of the values.
    """

    by: str
    table: str
    field: str
    needed: tuple[Needed, ...]
    type: pa.DataType

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``; rows of the first table are made once for all fields that are asked of them."""
        places = get_places(table, self.by)
        there = pa.array(places >= 0)
        if not self.needed:
            rows = pc.if_else(there, pa.array(places), pa.scalar(None, pa.int64()))
            return tables[self.table].columns[self.field].take(rows)
        own = tables[self.table].key
        other = table.shared.get(f"row of {self.by}")
        if other is None:
            units = np.where(places >= 0, places, 0).astype(np.uint64)
            other = table.shared[f"row of {self.by}"] = Built(own, list_root_rows(units))
        assert isinstance(other, Built)
        for step in self.needed:
            if step.field not in other.columns:
                other.columns[step.field] = step.column.make(own.child("fields").child(step.field), other, tables)
        return pc.if_else(there, other.columns[self.field], pa.scalar(None, self.type))


@dataclass(frozen=True, slots=True)
class UnderColumn:
    """The key of an earlier row of the same parent.

    Attributes:
        key: field of the same table.
        roots: share of the rows that hang under none.
        depth: most steps from the top.
        fan_out: most rows under one.
        type: of the key.
    """

    key: str
    roots: float
    depth: int
    fan_out: int
    type: pa.DataType

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        words = table.rows.draw(key)
        offsets = table.rows.offsets if not table.rows.is_root else np.array([0, len(words)])
        found, depths = np.empty(len(words), np.int64), np.empty(len(words), np.int64)
        grow_trees(words, offsets, self.roots, self.depth, self.fan_out, found, depths)
        rows = pc.if_else(pa.array(found >= 0), pa.array(found), pa.scalar(None, pa.int64()))
        return table.columns[self.key].take(rows)
