"""Fine cells of a column: where its rows are counted by themselves, before cells are joined for counts with other columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.kinds.tables._marginals_stated import StatedColumn, scale_of
from sundog.lib.rows.cells import TYPES, Form, read_cells
from sundog.lib.rows.infer_kinds import MISSING
from sundog.lib.rows.scale import Numbers, Scale, to_ticks

MOST_EACH = 150
"""Values of a range of whole numbers or days that get a cell each."""

EVEN, NEAR = 64, 32
"""Even parts of a longer range, and parts that grow by a factor, from its end that is nearer to 0."""


@dataclass(frozen=True, slots=True)
class FineColumn:
    """The cells of one column; each row lies in one of them.

    Attributes:
        name: of the column.
        form: what its text is read as.
        scale: line of the values of a number, a date or a timestamp.
        edges: ticks, (cells + 1,), int64 or float64, ascending: cell i holds edges[i] <= value < edges[i + 1]; what lies beyond
            is moved to the outer cells. Empty for categories.
        values: of a category, a cell each; then come other values, and none.
        written: how the text is written.
        stated: whether the domain was stated, not found.
    """

    name: str
    form: Form
    scale: Scale
    edges: Numbers
    values: tuple[str, ...]
    written: str
    stated: bool

    @property
    def is_line(self) -> bool:
        """Whether its cells are parts of a line."""
        return self.form not in ("category", "boolean")

    @property
    def known(self) -> int:
        """Cells of values that are known, the first ones."""
        return len(self.edges) - 1 if self.is_line else len(self.values)

    @property
    def other(self) -> int:
        """Cell of values that are not known; -1 where there is none."""
        return self.known if self.form == "category" else -1

    @property
    def missing(self) -> int:
        """Cell of rows without a value, the last one."""
        return self.known + (self.form == "category")

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.missing + 1


def fine_column(
    stated: StatedColumn, form: Form, decimals: int | None, low: float, high: float, cuts: Sequence[float] = ()
) -> FineColumn:
    """Cells of a number, a date, a timestamp or a boolean.

    Args:
        stated: what is known of it.
        form: what it is read as.
        decimals: places.
        low: least value in ticks; not used for booleans.
        high: greatest value.
        cuts: ticks at which a cell must begin.
    """
    scale = scale_of(form, decimals)
    if form == "boolean":
        return FineColumn(stated.name, form, scale, np.zeros(0, np.int64), ("false", "true"), stated.written, True)
    edges = lay_edges(low, high, scale)
    inside = [c for c in cuts if edges[0] < c < edges[-1]]
    edges = np.unique(np.concatenate([edges, np.asarray(inside, edges.dtype)]))
    return FineColumn(stated.name, form, scale, edges, (), stated.written, stated.low is not None)


def stated_column(said: StatedColumn, cuts: Sequence[float] = ()) -> FineColumn:
    """Cells of a column whose domain is stated whole."""
    assert said.form is not None
    if said.form == "category":
        scale = scale_of(said.form, None)
        return FineColumn(said.name, said.form, scale, np.zeros(0, np.int64), said.values, said.written, True)
    return fine_column(said, said.form, said.decimals, said.low or 0.0, said.high or 0.0, cuts)


def lay_edges(low: float, high: float, scale: Scale) -> Numbers:
    """Edges of the cells of a range, in ticks: (cells + 1,).

    A short range of whole ticks has a cell each. A longer one is cut into even parts, into finer ones towards 0 where it does
    not reach over it, and has cells for exactly 0 and for its ends, where rows heap up that were cut off there.
    """
    whole = scale.kind != "float"
    grain = 86_400_000_000 if scale.kind == "timestamp" else 1
    if whole:
        low, high = np.floor(low / grain) * grain, np.ceil(high / grain) * grain
        if (high - low) / grain < MOST_EACH:
            return np.asarray(np.arange(int(low), int(high) + 2 * grain, grain), np.int64)
    edges = np.linspace(low, high, EVEN + 1)
    if scale.kind not in ("date", "timestamp") and low >= 0:
        edges = np.concatenate([edges, low + (high - low) * np.geomspace(1e-4, 1, NEAR)])
    if scale.kind not in ("date", "timestamp") and high <= 0:
        edges = np.concatenate([edges, high - (high - low) * np.geomspace(1e-4, 1, NEAR)])
    if not whole:
        ends = [low, high, np.nextafter(high, np.inf)]
        zero = [0.0, np.nextafter(0.0, 1.0)] if low <= 0 < high else []
        return np.asarray(np.unique(np.concatenate([edges, ends, zero])), np.float64)
    ends = [low, low + grain, high, high + grain]
    zero = [0.0, 1.0] if low <= 0 < high and grain == 1 and scale.kind != "date" else []
    edges = np.floor(np.concatenate([edges, ends, zero]) / grain) * grain
    return np.asarray(np.unique(edges), np.int64)


def type_of(column: FineColumn) -> pa.DataType:
    """Arrow type of the column that is made."""
    return TYPES[column.form]


def find_cells(text: pa.Array | pa.ChunkedArray, column: FineColumn) -> NDArray[np.int32]:
    """The cell of each row: int32 (n,). It depends on that row's text alone."""
    if column.form == "category":
        return _find_values(text, column)
    array = read_cells(text, type_of(column), column.written)
    if column.form == "boolean":
        codes = array.cast(pa.int8()).fill_null(2).to_numpy(zero_copy_only=False)
        return np.asarray(codes, np.int32)
    ticks = to_ticks(array, column.scale)
    at = np.searchsorted(column.edges, ticks.values, side="right") - 1
    codes = np.clip(at, 0, column.known - 1).astype(np.int32)
    codes[ticks.missing] = column.missing
    if ticks.infinite is not None:
        codes[ticks.infinite != 0] = column.missing
    return codes


def read_words(text: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Text without blanks around it: string (n,)."""
    array = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    return pc.utf8_trim_whitespace(array.cast(pa.string()))


def _find_values(text: pa.Array | pa.ChunkedArray, column: FineColumn) -> NDArray[np.int32]:
    words = read_words(text)
    at = pc.index_in(words, value_set=pa.array(column.values, pa.string()), skip_nulls=True)
    codes = np.asarray(at.fill_null(column.other).to_numpy(zero_copy_only=False), np.int32).copy()
    blank = pc.or_kleene(words.is_null(), pc.is_in(words, value_set=pa.array(MISSING)))
    codes[np.asarray(blank.to_numpy(zero_copy_only=False)) & (codes == column.other)] = column.missing
    return codes
