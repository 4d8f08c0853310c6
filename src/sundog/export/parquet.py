"""Parquet: one file a table, with the types and the meaning of each column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from sundog.core.protocols import BundleView
from sundog.export._tables import export_tables
from sundog.export.extension import TablesOut


@dataclass(frozen=True, slots=True)
class ParquetExporter:
    """Implements ``core.protocols.Exporter``."""

    def write(self, spec: TablesOut, bundle: BundleView, target: str) -> tuple[str, ...]:
        """Write one Parquet file a table; gives the paths."""
        return export_tables(spec, bundle, target, ".parquet", write_parquet)


def write_parquet(schema: pa.Schema, batches: Iterator[pa.RecordBatch], stream: IO[bytes]) -> None:
    """Write one table as Parquet, a row group a batch."""
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for batch in batches:
            if batch.num_rows:
                writer.write_batch(batch)
