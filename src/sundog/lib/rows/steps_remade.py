"""A column of identifiers: new values of the same pattern, one a row or coming back as often as in the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.rows.makers import Maker, make_values, spread_words
from sundog.lib.rows.steps import Codes, Drawing

_MIXING = 64.0


@dataclass(frozen=True, slots=True)
class RemadeStep:
    """Identifiers.

    Attributes:
        column: their column.
        index: coded column that says whether there is one (code 1: missing), or -1 where every row has one.
        maker: their pattern.
        repeats: rows for each value; 1 gives every row its own. Columns with the same number come back together, so that a person's
            identifier, name and address belong together.
    """

    column: str
    index: int
    maker: Maker
    repeats: float


def encode_remade_step(step: RemadeStep, array: pa.Array, codes: Codes) -> None:
    """Write whether the value is missing."""
    if step.index >= 0:
        codes[:, step.index] = np.asarray(pc.is_null(array).to_numpy(zero_copy_only=False), dtype=np.int32)


def draw_remade_step(step: RemadeStep, codes: Codes, key: Key, units: range, drawing: Drawing) -> None:
    """Put the column into ``drawing``."""
    own = key.child(step.column)
    index: NDArray[np.uint64] = np.arange(units.start, units.stop, dtype=np.uint64)
    if step.repeats > 1:  # a value comes back among the rows near by, whatever the number of rows
        place = index.astype(np.float64) + _MIXING * step.repeats * key.child("repeats").uniform(units)[:, 0]
        index = (place / step.repeats).astype(np.uint64)
    made = make_values(step.maker, own, index, spread_words(own.child("words"), index), key)
    kind = drawing.schema.field(step.column).type
    if pa.types.is_dictionary(kind):
        made = made.cast(kind.value_type).dictionary_encode()
    made = made.cast(kind)
    if step.index >= 0:
        absent = codes[:, step.index] == 1
        made = pc.if_else(pa.array(~absent), made, pa.nulls(len(made), kind)) if absent.any() else made
    drawing.put(step.column, made)
