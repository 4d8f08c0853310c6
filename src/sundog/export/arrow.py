"""Arrow IPC: one file a table, as it lies in memory, with the types and the meaning of each column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO

import pyarrow as pa
import pyarrow.ipc

from sundog.core.protocols import BundleView
from sundog.export._tables import export_tables
from sundog.export.extension import ArrowOut


@dataclass(frozen=True, slots=True)
class ArrowExporter:
    """Implements ``core.protocols.Exporter``.

    Columns with dictionaries become plain ones: a file holds one dictionary a column, and batches may come with several.
    """

    def write(self, spec: ArrowOut, bundle: BundleView, target: str) -> tuple[str, ...]:
        """Write one Arrow file (.arrow) or stream (.arrows) a table; gives the paths."""
        suffix = ".arrow" if spec.form == "file" else ".arrows"
        compression = None if spec.compression == "none" else spec.compression
        write = partial(write_arrow, stream_form=spec.form == "stream", compression=compression)
        return export_tables(spec, bundle, target, suffix, write)


def write_arrow(
    schema: pa.Schema,
    batches: Iterator[pa.RecordBatch],
    stream: IO[bytes],
    *,
    stream_form: bool = False,
    compression: str | None = None,
) -> None:
    """Write one table as Arrow IPC, batch by batch."""
    fields = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field for field in schema
    ]
    schema = pa.schema(fields, metadata=schema.metadata)
    options = pa.ipc.IpcWriteOptions(compression=compression)
    make = pa.ipc.new_stream if stream_form else pa.ipc.new_file
    with make(stream, schema, options=options) as writer:
        for batch in batches:
            if batch.num_rows:
                columns = [
                    c.cast(f.type) if c.type != f.type else c for c, f in zip(batch.columns, schema, strict=True)
                ]
                writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
