"""Evidence that lies in memory, for tests of checks: ours and other people's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pyarrow as pa

from sundog.core.findings import Role
from sundog.core.keys import Key
from sundog.core.notes import Note
from sundog.core.recipe import Part, Recipe
from sundog.core.take import take_rows


@dataclass(frozen=True)
class MemorySource:
    """A table in memory. Implements ``core.protocols.Source``."""

    table: pa.Table
    notes: tuple[Note, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """Columns and their meaning."""
        return self.table.schema

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.table.num_rows)

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows in order, in batches of at most 65,536."""
        chosen = self.table if columns is None else self.table.select(list(columns))
        yield from chosen.to_batches(max_chunksize=65_536)


@dataclass(frozen=True)
class MemoryEvidence:
    """Implements ``core.protocols.Evidence`` for one part and one table of real records.

    Attributes:
        recipe: whose part is looked at.
        part: the part.
        name: of the part.
        level: ``quick`` or ``full``.
        synthetic: tables of the part.
        train: real records that the synthesizer saw, or None.
        holdout: real records that it did not see, or None.
        notes: what was noted on the way.
        rejects: rejected units by reason.
        model: what ``prepare`` gave.
        folder: scratch, in which a check makes a folder of its own.
    """

    recipe: Recipe
    part: Part
    name: str
    level: str
    synthetic: Mapping[str, pa.Table]
    train: pa.Table | None = None
    holdout: pa.Table | None = None
    notes: tuple[Note, ...] = ()
    rejects: Mapping[str, int] = field(default_factory=dict)
    model: Any = None
    folder: Path = field(default_factory=lambda: Path(gettempdir()))

    def tables(self) -> tuple[str, ...]:
        """Names of the tables."""
        return tuple(self.synthetic)

    def has(self, role: Role) -> bool:
        """Whether there are rows of this role."""
        return role == "synthetic" or (self._real(role) is not None and self._source(role, None).rows > 0)

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

    def _real(self, role: Role) -> pa.Table | None:
        return self.train if role == "train" else self.holdout

    def _source(self, role: Role, table: str | None) -> MemorySource:
        found = (
            self.synthetic[table if table is not None else next(iter(self.synthetic))]
            if role == "synthetic"
            else self._real(role)
        )
        if found is None:
            raise KeyError(role)
        return MemorySource(found)
