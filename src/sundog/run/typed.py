"""Records that were handed over as text, typed as the table that was made: what checks compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from sundog.core.notes import Note
from sundog.core.protocols import Source
from sundog.lib.rows.cells import read_cells


@dataclass(frozen=True)
class Typed:
    """A source of text with the types of a schema. Implements ``core.protocols.Source``.

    Attributes:
        text: the records, every cell as text.
        made: schema of the table that was made; columns that the records lack are left out.
        written: stated types by column, with their way of writing.
    """

    text: Source
    made: pa.Schema
    written: Mapping[str, str]

    @property
    def schema(self) -> pa.Schema:
        """Columns that both have."""
        return pa.schema([f for f in self.made if f.name in self.text.schema.names])

    @property
    def rows(self) -> int:
        """Number of records."""
        return self.text.rows

    @property
    def notes(self) -> tuple[Note, ...]:
        """Those of the records."""
        return self.text.notes

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The records in order; a cell that does not fit its type is missing."""
        schema = self.schema if columns is None else pa.schema([self.made.field(n) for n in columns])
        for batch in self.text.scan(schema.names):
            arrays = [
                read_cells(batch.column(f.name), f.type, self.written.get(f.name, "").partition(":")[2]) for f in schema
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)
