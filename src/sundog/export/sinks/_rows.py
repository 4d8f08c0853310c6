"""What is made of a row: JSON or SenML, as bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.errors import Problem, RequestError, nearest
from sundog.export._senml_plan import list_named, plan_table
from sundog.export._text import to_texts
from sundog.export.extension import SenmlOut
from sundog.export.jsonl import list_objects
from sundog.export.senml import list_packs
from sundog.export.sinks.extension import RowsOut

ToBytes = Callable[[pa.RecordBatch], list[bytes]]
"""Bytes of each row; empty where a row gives no message."""


def choose_bytes(spec: RowsOut, table: str, schema: pa.Schema) -> ToBytes:
    """What makes the bytes of rows.

    Raises:
        RequestError: the table cannot be SenML.
    """
    if spec.format == "json":
        return lambda rows: _as_bytes(list_objects(rows))
    senml = SenmlOut(**spec.model_dump(include=set(SenmlOut.model_fields) & set(RowsOut.model_fields)))
    for name in list_named(senml):
        need_column(name, schema, f"--option of format senml: {name}")
    return lambda rows: _as_bytes(partial(list_packs, plan_table(senml, table, schema))(rows))


def need_column(name: str, schema: pa.Schema, where: str) -> None:
    """Refuse a name that is no column."""
    if name not in schema.names:
        raise RequestError(
            Problem("SD-STREAM-011", where, f"the table has no column {name!r}", nearest(name, schema.names))
        )


def list_texts(rows: pa.RecordBatch, column: str) -> list[str | None]:
    """Each value of a column as text."""
    texts: list[str | None] = to_texts(rows.column(column)).to_pylist()
    return texts


def _as_bytes(texts: pa.Array) -> list[bytes]:
    found: list[bytes] = pc.cast(texts, pa.large_binary()).to_pylist()
    return found
