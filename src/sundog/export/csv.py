"""CSV as RFC 4180 has it: UTF-8, a header, commas, lines that end in CR LF, quotes where they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.protocols import BundleView
from sundog.export._tables import export_tables
from sundog.export._text import is_nested, is_text, join_texts, to_texts
from sundog.export.extension import CsvOut

FORMULA = r"^[=+\-@\t\r\n\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"
"""What a text begins with that a spreadsheet may run when it opens the file (OWASP, CSV injection): the signs = + - @ in
half and full width, tabulator, carriage return and line feed."""

_SPECIAL = r'[",\r\n]|^\s|\s$'


@dataclass(frozen=True, slots=True)
class CsvExporter:
    """Implements ``core.protocols.Exporter``.

    Missing values are empty fields, empty texts are ``""``: readers that tell the two apart get them back. A text that a
    spreadsheet would run as a formula gets a leading apostrophe, which changes it: with ``formulas`` it stays as it is.
    Numbers are numbers and never get one.
    """

    def write(self, spec: CsvOut, bundle: BundleView, target: str) -> tuple[str, ...]:
        """Write one CSV file a table; gives the paths."""
        return export_tables(spec, bundle, target, ".csv", partial(write_csv, formulas=spec.formulas))


def write_csv(
    schema: pa.Schema, batches: Iterator[pa.RecordBatch], stream: IO[bytes], *, formulas: bool = False
) -> None:
    """Write one table as CSV, batch by batch."""
    names = pa.array(schema.names, pa.large_string())
    if not formulas:
        names = _defuse(names)
    stream.write((",".join(quote_fields(names).to_pylist()) + "\r\n").encode())
    for batch in batches:
        if batch.num_rows:
            stream.write(_lines(batch, formulas))


def quote_fields(texts: pa.Array) -> pa.Array:
    """Texts as CSV fields; an empty text becomes a pair of quotes, and a missing one stays missing."""
    special = pc.or_(pc.match_substring_regex(texts, _SPECIAL), pc.equal(texts, ""))
    if not pc.any(special).as_py():
        return texts
    doubled = pc.replace_substring(texts, '"', '""')
    return pc.if_else(special, join_texts('"', doubled, '"'), texts)


def _defuse(texts: pa.Array) -> pa.Array:
    formula = pc.match_substring_regex(texts, FORMULA)
    return pc.if_else(formula, join_texts("'", texts), texts) if pc.any(formula).as_py() else texts


def _lines(batch: pa.RecordBatch, formulas: bool) -> bytes:
    fields = []
    for column in batch.columns:
        texts = to_texts(column)
        if is_text(column.type) and not formulas:
            texts = _defuse(texts)
        if is_text(column.type) or is_nested(column.type):
            texts = quote_fields(texts)
        fields.append(texts)
    # A line with nothing on it is no record to most readers, so the only field of a table is never left empty.
    gap = '""' if len(fields) == 1 else ""
    lines = join_texts(*fields, between=",", missing=gap)
    return joined(join_texts(lines, "\r\n"))


def joined(lines: pa.Array) -> bytes:
    """The bytes of all texts, one after the other: Arrow holds them so already."""
    lines = lines.cast(pa.large_string())
    if lines.offset:
        lines = pa.concat_arrays([lines])
    data = lines.buffers()[2]
    return b"" if data is None else bytes(data)
