"""Keys of rows of the first table that are referred to from anywhere: found from the unit's number, without making the row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.kinds.records._columns import Column
from sundog.kinds.records._rows import Built, Rows
from sundog.lib.kernels.draws import as_uniform

_NOTHING: NDArray[np.int64] = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class ReferenceColumn:
    """The key of a unit that is drawn.

    Attributes:
        table: the first table.
        field: the field that holds the key.
        target: how that field is made; it depends on the unit's number alone.
        units: how many units there are.
        earlier: whether only units before the row's own are drawn.
        skew: how much the first ones are preferred: the place among the units is u to the power 1 + skew.
    """

    table: str
    field: str
    target: Column
    units: int
    earlier: bool
    skew: float

    @property
    def type(self) -> pa.DataType:
        """Of the key."""
        return self.target.type

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``; without an earlier unit there is no value."""
        place = as_uniform(table.rows.draw(key)) ** (1.0 + self.skew)
        room = table.rows.units.astype(np.float64) if self.earlier else np.full(len(place), float(self.units))
        drawn = np.minimum(np.floor(place * room), np.maximum(room - 1.0, 0.0)).astype(np.uint64)
        # The words of the key's field are those of its own rows, so the field is made as it was made there.
        own = tables[self.table].key
        rows = Rows(None, drawn, np.zeros(len(drawn), np.uint64), _NOTHING, _NOTHING)
        found = self.target.make(own.child("fields").child(self.field), Built(own, rows), tables)
        return found if not self.earlier else pc.if_else(pa.array(room > 0), found, pa.scalar(None, found.type))
