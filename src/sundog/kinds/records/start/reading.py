"""Real tables as columns in memory, with what the reader found out about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.notes import Used
from sundog.lib.rows.infer_marks import decimals_of
from sundog.lib.rows.infer_meaning import Reading
from sundog.lib.rows.read import open_files

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Column:
    """One column, all rows.

    Attributes:
        name: of the column.
        values: of the reader's type, no dictionary.
        reading: what it stands for.
        decimals: decimal places; None where they are not limited or the values are no decimals.
        owners: int64 (n,), number of the person or the parent whose row each is; None where each is somebody of its own.
    """

    name: str
    values: pa.Array
    reading: Reading
    decimals: int | None
    owners: NDArray[np.int64] | None = None

    def is_known(self) -> NDArray[np.bool_]:
        """Where there is a value: bool (n,)."""
        return np.asarray(self.values.is_valid().to_numpy(zero_copy_only=False), np.bool_)

    def owners_of(self, rows: NDArray[np.bool_]) -> NDArray[np.int64] | None:
        """Owners of these rows."""
        return None if self.owners is None else self.owners[rows]

    def one_each(self) -> pa.Array:
        """The values that are there, of each owner the first: any shape of so many of them is that of so many owners."""
        if self.owners is None:
            return self.values.drop_null()
        known = np.flatnonzero(self.is_known())
        first = np.sort(np.unique(self.owners[known], return_index=True)[1])
        return self.values.take(pa.array(known[first]))

    @property
    def known(self) -> int:
        """Rows with a value."""
        return len(self.values) - int(self.values.null_count)

    def take(self, rows: NDArray[np.int64]) -> Column:
        """The column with these rows only."""
        owners = None if self.owners is None else self.owners[rows]
        return replace(self, values=self.values.take(pa.array(rows)), owners=owners)


@dataclass(frozen=True, slots=True)
class Table:
    """A real table.

    Attributes:
        name: as the recipe will call it.
        source: name of the file.
        sha256: of the file, or of the hashes of its parts.
        rows: number of rows.
        columns: in order.
    """

    name: str
    source: str
    sha256: str
    rows: int
    columns: tuple[Column, ...]


def read_table(path: str, name: str, types: Mapping[str, str], format: str = "auto") -> Table:
    """Read a file whole.

    Raises:
        RequestError: ``SD-SOURCE-nnn``.
    """
    from sundog.lib.privacy.ledger_file import name_source

    with open_files(path, format, types) as source:
        used = [note for note in source.notes if isinstance(note, Used)]
        columns = []
        for column, reading in zip(source.schema, source.readings, strict=True):
            chunks = [batch.column(0) for batch in source.scan([column.name])]
            values = pa.chunked_array(chunks, column.type).combine_chunks()
            columns.append(Column(column.name, _as_plain(values), reading, decimals_of(column)))
        rows = source.rows
    return Table(name, path.rstrip("/").rsplit("/", 1)[-1], name_source(u.sha256 for u in used), rows, tuple(columns))


def read_texts(path: str, columns: Sequence[str], format: str = "auto") -> tuple[pa.Table, str, tuple[str, ...]]:
    """Some columns of a file as text, its hash, and the names of all columns.

    Raises:
        RequestError: ``SD-SOURCE-nnn``; also where a column is not there.
    """
    from sundog.lib.privacy.ledger_file import name_source

    with open_files(path, format, dict.fromkeys(columns, "string")) as source:
        digest = name_source(note.sha256 for note in source.notes if isinstance(note, Used))
        chunks = list(source.scan(list(columns)))
        schema = pa.schema([pa.field(n, pa.string()) for n in columns])
        table = pa.Table.from_batches(
            [pa.record_batch([_as_plain(c) for c in b.columns], schema=schema) for b in chunks], schema=schema
        )
        return table, digest, tuple(source.schema.names)


def _as_plain(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_large_string(values.type) or pa.types.is_string_view(values.type):
        values = values.cast(pa.string())
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_finite(values), values, pa.scalar(None, values.type))
    return values


def is_number(kind: pa.DataType) -> bool:
    """Whether values are numbers."""
    t = pa.types
    return bool(t.is_integer(kind) or t.is_floating(kind) or t.is_decimal(kind))


def as_floats(values: pa.Array) -> Floats:
    """Numbers, dates (days since 1970) and times (in the unit in which they are stored), NaN where missing: float64 (n,)."""
    kind = values.type
    if pa.types.is_temporal(kind):
        values = values.cast(pa.int32() if kind.bit_width == 32 else pa.int64())
    floats = values.cast(pa.float64(), safe=False)
    return np.asarray(floats.to_numpy(zero_copy_only=False), np.float64)


def tally(column: Column) -> list[tuple[object, int, int]]:
    """Values, the rows that hold them and the owners that do, the most frequent first, then by their text; no missing ones."""
    counted = pc.value_counts(column.values.drop_null())
    values, counts = counted.field("values").to_pylist(), counted.field("counts").to_pylist()
    holders = counts
    if column.owners is not None:
        known = column.is_known()
        pairs = pa.table({"value": column.values.filter(pa.array(known)), "owner": column.owners[known]})
        grouped = pairs.group_by("value").aggregate([("owner", "count_distinct")])
        found = dict(
            zip(grouped.column("value").to_pylist(), grouped.column("owner_count_distinct").to_pylist(), strict=True)
        )
        holders = [found[v] for v in values]
    told = [(v, int(n), int(k)) for v, n, k in zip(values, counts, holders, strict=True)]
    return sorted(told, key=lambda p: (-p[1], str(p[0])))
