"""Fields of streams and of planted faults as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.core.tables import with_unit
from sundog.kinds.records._rows import Built
from sundog.kinds.records._streams import MOST_SAMPLES, STREAM, MadeStream, StreamRows, Taken, list_planted
from sundog.lib.signals.faults import FAULT_KINDS

PLANTED = "planted faults"


def describe_field(name: str, column: object) -> pa.Field:
    """A field of a schema; readings carry their unit."""
    inner = getattr(column, "inner", column)
    unit = inner.unit if isinstance(inner, NumbersColumn) else ""
    return with_unit(pa.field(name, column.type), unit)  # type: ignore[attr-defined]


def _get_stream(table: Built) -> MadeStream:
    made = table.shared[STREAM]
    assert isinstance(made, MadeStream)
    return made


@dataclass(frozen=True, slots=True)
class NumbersColumn:
    """Numbers of a stream as they are; NaN is missing.

    Attributes:
        name: of the array in ``MadeStream.arrays``.
        type: of the values.
        unit: of the values, for exports.
        decimals: places that are kept; None for all.
    """

    name: str
    type: pa.DataType
    unit: str = ""
    decimals: int | None = None

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        values = _get_stream(table).arrays[self.name]
        if self.decimals is not None:
            values = np.round(values.astype(np.float64, copy=False), self.decimals)
        gone = np.isnan(values) if values.dtype == np.float64 else None
        return pa.array(values, mask=gone if gone is not None and gone.any() else None)


@dataclass(frozen=True, slots=True)
class InstantsColumn:
    """Instants of a stream.

    Attributes:
        name: of the array, or empty for the true times.
        type: timestamps.
        seconds: whether they are cut to whole seconds.
        unless: array of rows that have none, or empty.
    """

    name: str
    type: pa.DataType
    seconds: bool
    unless: str = ""

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        stream = _get_stream(table)
        times = np.asarray(stream.arrays[self.name] if self.name else stream.times)
        gone = stream.arrays[self.unless] if self.unless else None
        return pa.array(
            times // 1_000_000 * 1_000_000 if self.seconds else times,
            mask=gone if gone is not None and np.any(gone) else None,
        ).cast(self.type)


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """The faults that each reading lies in.

    Attributes:
        channels: any of these.
        form: words, list or any.
        healthy: the word where there is none.
    """

    channels: tuple[str, ...]
    form: Literal["words", "list", "any"]
    healthy: str

    @property
    def type(self) -> pa.DataType:
        """Text, a list of texts, or truth values."""
        return {"words": pa.string(), "list": pa.list_(pa.string()), "any": pa.bool_()}[self.form]

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        arrays = _get_stream(table).arrays
        labels = np.zeros(len(table.rows), np.uint8)
        for name in self.channels:
            labels |= arrays[f"label {name}"].astype(np.uint8, copy=False)
        if self.form == "any":
            return pa.array(labels > 0)
        return _list_labels(self.form, self.healthy).take(pa.array(labels))


@lru_cache(maxsize=32)
def _list_labels(form: str, healthy: str) -> pa.Array:
    """What each label from 0 to 127 says."""
    kinds = [[k for i, k in enumerate(FAULT_KINDS) if label >> i & 1] for label in range(2 ** len(FAULT_KINDS))]
    if form == "list":
        return pa.array(kinds, pa.list_(pa.string()))
    return pa.array(["+".join(found) or healthy for found in kinds])


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """Planted faults of which a row of the readings can tell, device by device, in the order of their starts.

    Attributes:
        channels: int64 (faults,), place among the channels that have faults.
        names: of these channels.
        kinds: uint8 (faults,), place in ``FAULT_KINDS``.
        starts: int64 (faults,), true time of the first row in it.
        ends: int64 (faults,), true time of the last one.
        sizes: float64 (faults,), 0 where there is none.
        rows: int64 (faults,), how many rows lie in it.
    """

    channels: NDArray[np.int64]
    names: tuple[str, ...]
    kinds: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    sizes: NDArray[np.float64]
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PlantedRows:
    """The faults planted in another table of the same parent.

    Attributes:
        table: with the stream.
        stream: how its rows are made.
    """

    table: str
    stream: StreamRows

    def make(self, key: Key, readings: Built) -> tuple[NDArray[np.int64], Planted]:
        """Number of faults of each row of the parent, int64 (parents,), and what they are.

        Args:
            key: that of the stream.
            readings: the table with the stream.
        """
        taken = _get_stream(readings).taken
        assert taken is not None
        tables = list_planted(self.stream, key, taken)
        names = tuple(tables)
        which = np.repeat(np.arange(len(names)), [len(t.starts) for t in tables.values()])
        device, kinds, starts, stops, sizes = (
            np.concatenate([np.zeros(0, kind), *(getattr(t, part) for t in tables.values())])
            for part, kind in (("windows", np.int64), ("kinds", np.uint8), ("starts", np.int64), ("stops", np.int64), ("sizes", np.float64))
        )  # fmt: skip
        first, last, rows = _find_rows(taken, device, starts, stops)
        at = np.flatnonzero(rows > 0)
        at = at[np.lexsort((kinds[at], which[at], starts[at], device[at]))]
        found = Planted(
            which[at], names, kinds[at], taken.times[first[at]], taken.times[last[at] - 1], sizes[at] + 0.0, rows[at]
        )
        return np.bincount(device[at], minlength=len(taken.devices)), found


def _find_rows(
    taken: Taken, device: NDArray[np.int64], starts: NDArray[np.int64], stops: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """First sample of each fault that is among the rows, the one after its last, and how many rows it has; int64 (faults,)."""
    begin = device * MOST_SAMPLES
    low = np.searchsorted(taken.places, begin + np.maximum(starts, 0))
    high = np.searchsorted(taken.places, begin + np.minimum(stops, taken.counts[device]))
    # Of the samples low .. high, those that arrived: the first is the one after which one more has been seen than before low.
    first = np.searchsorted(taken.seen, taken.seen[low] + 1) - 1
    last = np.searchsorted(taken.seen, taken.seen[high])
    return first, last, taken.seen[high] - taken.seen[low]


@dataclass(frozen=True, slots=True)
class PlantedColumn:
    """One side of the planted faults.

    Attributes:
        part: which.
        type: of the values.
    """

    part: Literal["channel", "kind", "start", "end", "size", "rows"]
    type: pa.DataType

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``; stuck and dropout have no size."""
        found = table.shared[PLANTED]
        assert isinstance(found, Planted)
        if self.part == "channel":
            return pa.array(found.names, pa.string()).take(pa.array(found.channels))
        if self.part == "kind":
            return pa.array(FAULT_KINDS, pa.string()).take(pa.array(found.kinds))
        if self.part == "size":
            none = pc.is_in(pa.array(found.kinds), value_set=pa.array(_SIZELESS, pa.uint8()))
            return pc.if_else(none, pa.scalar(None, pa.float64()), pa.array(found.sizes))
        if self.part == "rows":
            return pa.array(found.rows)
        return pa.array(found.starts if self.part == "start" else found.ends).cast(self.type)


_SIZELESS = [FAULT_KINDS.index("stuck"), FAULT_KINDS.index("dropout")]
