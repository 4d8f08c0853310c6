"""What checks look at: the synthetic tables, and both sides of the real records where there are any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sundog.core.findings import Role
from sundog.core.keys import Key
from sundog.core.notes import Note
from sundog.core.protocols import Source
from sundog.core.recipe import Part, Recipe
from sundog.core.tables import generation_of, with_generation
from sundog.core.take import take_rows
from sundog.run.store import Store


@dataclass(frozen=True)
class ParquetTable:
    """One table of a part, as files of a store. Implements ``core.protocols.Source``."""

    store: Store
    files: tuple[str, ...]
    schema: pa.Schema
    rows: int
    notes: tuple[Note, ...] = ()

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows in order, file by file."""
        names = self.schema.names if columns is None else list(columns)
        fields = pa.schema([self.schema.field(n) for n in names])
        for name in self.files:
            with self.store.fs.open(self.store.path(name), "rb") as stream:
                for batch in pq.ParquetFile(stream).iter_batches(65_536, columns=names):
                    yield pa.RecordBatch.from_arrays([batch.column(n) for n in names], schema=fields)


def open_parquet(store: Store, files: Sequence[str]) -> ParquetTable:
    """A table of these files; the schema is that of the first."""
    rows = 0
    schema: pa.Schema | None = None
    for name in files:
        with store.fs.open(store.path(name), "rb") as stream:
            parquet = pq.ParquetFile(stream)
            rows += parquet.metadata.num_rows
            schema = parquet.schema_arrow if schema is None else schema
    assert schema is not None
    generation = generation_of(schema)
    schema = schema.remove_metadata()
    schema = schema if generation is None else with_generation(schema, generation)
    return ParquetTable(store, tuple(files), schema, rows)


@dataclass(frozen=True)
class Gathered:
    """Implements ``core.protocols.Evidence`` for one part.

    Attributes:
        synthetic: tables of the part.
        real: the sides of the real records by role; the real records belong to the first table.
        rejects: rejected units by reason.
        folder: scratch of the run.
    """

    recipe: Recipe
    name: str
    part: Part
    level: str
    notes: tuple[Note, ...]
    model: Any
    synthetic: Mapping[str, Source]
    real: Mapping[str, Source]
    rejects: Mapping[str, int]
    folder: Path

    def tables(self) -> tuple[str, ...]:
        """Names of the tables."""
        return tuple(self.synthetic)

    def has(self, role: Role) -> bool:
        """Whether there are rows of this role."""
        return role == "synthetic" or (role in self.real and self.real[role].rows > 0)

    def rows(self, role: Role, table: str | None = None) -> int:
        """Number of rows."""
        return self._source(role, table).rows

    def schema(self, role: Role, table: str | None = None) -> pa.Schema:
        """Columns and their meaning."""
        return self._source(role, table).schema

    def scan(
        self, role: Role, table: str | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order."""
        return self._source(role, table).scan(columns)

    def take(
        self, role: Role, limit: int, key: Key, table: str | None = None, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """At most ``limit`` rows, drawn without replacement, in their order."""
        return take_rows(self._source(role, table), limit, key, columns)

    def rejected(self) -> Mapping[str, int]:
        """Rejected units by reason."""
        return self.rejects

    def _source(self, role: Role, table: str | None) -> Source:
        if role == "synthetic":
            return self.synthetic[table if table is not None else next(iter(self.synthetic))]
        return self.real[role]
