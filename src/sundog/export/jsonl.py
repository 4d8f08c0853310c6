"""JSON Lines: UTF-8, one object a row, every column in each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.protocols import BundleView
from sundog.export._tables import export_tables
from sundog.export._text import is_nested, join_texts, to_texts
from sundog.export.csv import joined
from sundog.export.extension import TablesOut

_ESCAPED = r'["\\\x00-\x1f\x7f]'


@dataclass(frozen=True, slots=True)
class JsonlExporter:
    """Implements ``core.protocols.Exporter``.

    Missing values are null, and so are NaN and the infinities, for which JSON has no number. Whole numbers keep all their
    digits; readers that know only doubles lose those beyond 2**53.
    """

    def write(self, spec: TablesOut, bundle: BundleView, target: str) -> tuple[str, ...]:
        """Write one JSON Lines file a table; gives the paths."""
        return export_tables(spec, bundle, target, ".jsonl", write_jsonl)


def write_jsonl(schema: pa.Schema, batches: Iterator[pa.RecordBatch], stream: IO[bytes]) -> None:
    """Write one table as JSON Lines, batch by batch."""
    for batch in batches:
        if batch.num_rows:
            stream.write(joined(list_objects(batch, "\n")))


def list_objects(rows: pa.RecordBatch, end: str = "") -> pa.Array:
    """large_string (rows,): each row as a JSON object on one line, and ``end`` behind it."""
    pieces: list[pa.Array | str] = []
    for i, (name, column) in enumerate(zip(rows.schema.names, rows.columns, strict=True)):
        head = ("{" if i == 0 else ", ") + json.dumps(name, ensure_ascii=False) + ": "
        pieces += [head, pc.fill_null(as_json(column), "null")]
    return join_texts(*pieces, "}" + end)


def as_json(column: pa.Array) -> pa.Array:
    """large_string (rows,): each value as JSON, null where it is missing."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_json(column.cast(kind.value_type))
    texts = to_texts(column)
    if pa.types.is_floating(kind):
        return pc.if_else(pc.match_substring(texts, "inf"), pa.scalar(None, pa.large_string()), texts)
    bare = pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_decimal(kind) or is_nested(kind)
    return texts if bare else _quote(texts)


def _quote(texts: pa.Array) -> pa.Array:
    quoted = join_texts('"', texts, '"')
    special = pc.fill_null(pc.match_substring_regex(texts, _ESCAPED), False)
    if not pc.any(special).as_py():
        return quoted
    escaped = [json.dumps(t, ensure_ascii=False) for t in texts.filter(special).to_pylist()]
    return pc.replace_with_mask(quoted, special, pa.array(escaped, pa.large_string()))
