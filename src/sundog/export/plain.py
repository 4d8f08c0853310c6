"""Texts alone, for training without a template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.protocols import BundleView
from sundog.export._chat_shapes import Row, join_texts, kinds_of, refuse
from sundog.export._hub_folder import Chosen, list_tables, write_folder
from sundog.export.extension_chat import PlainOut
from sundog.lib.texts.columns import find_made, is_text
from sundog.lib.texts.shapes import join_messages


@dataclass(frozen=True, slots=True)
class PlainExporter:
    """Implements ``core.protocols.Exporter``. Rows without a text are left out."""

    def write(self, spec: PlainOut, bundle: BundleView, target: str) -> tuple[str, ...]:
        """Write one text a line, or with an empty line between them; gives the paths."""
        tables = list_tables(spec, bundle)
        chosen = [
            Chosen(table, columns, partial(_take, columns), ("text",))
            for table in tables
            if (columns := _choose(table.schema, spec.column))
        ]
        if not chosen and spec.column is not None:
            known = {n for t in tables for n, kind in kinds_of(t.schema).items() if kind != "truth"}
            what = f"no table has a column of text {spec.column!r}"
            raise RequestError(Problem("SD-EXPORT-054", "column", what, nearest(spec.column, known)))
        if not chosen:
            raise refuse("`text`, or any column of text", {f"{t.part}.{t.name}": t.schema for t in tables})
        return write_folder(spec, bundle, target, chosen, "plain", suffix=f".{spec.form}")


def _choose(schema: pa.Schema, asked: str | None) -> tuple[str, ...]:
    kinds = {name: kind for name, kind in kinds_of(schema).items() if kind != "truth"}
    if asked is not None:
        return (asked,) if asked in kinds else ()
    if kinds.get("text") == "text":
        return ("text",)
    if kinds.get("messages") == "chat":  # the other columns are what the chat was put together from
        return ("messages",)
    return find_made(schema) if any(is_text(f) for f in schema) else ()


def _take(columns: tuple[str, ...], where: str, number: int, row: Row) -> Iterator[dict[str, Any]]:
    said = [_say(row[c]) for c in columns]
    text = "\n".join(s for s in said if s)
    if text.strip():
        yield {"text": text}


def _say(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return join_messages(value)
    return join_texts(value)
