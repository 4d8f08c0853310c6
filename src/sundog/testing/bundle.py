"""A bundle that lies in memory, for tests of exporters: ours and other people's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from sundog.core.recipe import Part, Recipe


@dataclass(frozen=True)
class MemoryBundle:
    """Implements ``core.protocols.BundleView``.

    Attributes:
        held: tables by part and name.
        batch: rows in a batch of ``scan``.
    """

    held: Mapping[str, Mapping[str, pa.Table]]
    batch: int = 65_536

    @property
    def recipe(self) -> Recipe:
        """A recipe with parts of these names; what is in them is not known."""
        parts = {name: Part.model_construct(kind="memory", units=1) for name in self.held}
        return Recipe.model_construct(name="memory", parts=parts)

    def parts(self) -> tuple[str, ...]:
        """Names of the parts."""
        return tuple(self.held)

    def tables(self, part: str) -> tuple[str, ...]:
        """Names of the tables of a part."""
        return tuple(self.held[part])

    def schema(self, part: str, table: str) -> pa.Schema:
        """Columns of a table and their meaning."""
        return self.held[part][table].schema

    def scan(self, part: str, table: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of a table in order."""
        found = self.held[part][table]
        yield from (found if columns is None else found.select(list(columns))).to_batches(max_chunksize=self.batch)
