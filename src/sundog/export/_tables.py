"""What the exporters of plain tables share: which tables, which rows, which file names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO

import pyarrow as pa

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.protocols import BundleView
from sundog.export._target import write_whole
from sundog.export.extension import TablesOut
from sundog.export.select import WHERE, Condition, check_select, choose_rows, columns_of, parse_select

WriteTable = Callable[[pa.Schema, Iterator[pa.RecordBatch], IO[bytes]], None]


@dataclass(frozen=True, slots=True)
class ChosenTable:
    """A table that is exported."""

    part: str
    name: str
    schema: pa.Schema


def export_tables(spec: TablesOut, bundle: BundleView, target: str, suffix: str, write: WriteTable) -> tuple[str, ...]:
    """Write one file a table, batch by batch.

    A file is called PART where the part has one table, and PART.TABLE where it has several. With ``select`` only the tables
    that have all its columns are exported: a table whose rows could not be chosen is never exported whole instead.

    Args:
        spec: what is exported.
        bundle: where from.
        target: folder, file (for one table) or URL.
        suffix: of the files, with its dot.
        write: writes one table.
    """
    condition = None if spec.select is None else parse_select(spec.select)
    files = [
        (f"{name_file(bundle, table)}{suffix}", partial(_write_one, bundle, table, condition, write))
        for table in choose_tables(bundle, condition)
    ]
    return write_whole(target, files, suffix)


def name_file(bundle: BundleView, table: ChosenTable) -> str:
    """PART where the part has one table, PART.TABLE where it has several."""
    return table.part if len(bundle.tables(table.part)) == 1 else f"{table.part}.{table.name}"


def choose_tables(bundle: BundleView, condition: Condition | None) -> tuple[ChosenTable, ...]:
    """The tables that a selection can be made in; all of them without one."""
    every = tuple(ChosenTable(p, t, bundle.schema(p, t)) for p in bundle.parts() for t in bundle.tables(p))
    if condition is None:
        return every
    wanted = columns_of(condition)
    chosen = tuple(t for t in every if set(wanted) <= set(t.schema.names))
    if not chosen:
        known = {n for t in every for n in t.schema.names}
        unknown = [c for c in wanted if c not in known]
        if unknown:
            raise RequestError(
                *(Problem("SD-EXPORT-012", WHERE, f"no table has a column {c!r}", nearest(c, known)) for c in unknown)
            )
        what = f"no table has all of {', '.join(wanted)}"
        raise RequestError(Problem("SD-EXPORT-013", WHERE, what, "Choose by columns of one table."))
    for table in chosen:
        check_select(condition, table.schema)
    return chosen


def _write_one(
    bundle: BundleView, table: ChosenTable, condition: Condition | None, write: WriteTable, stream: IO[bytes]
) -> None:
    write(table.schema, scan_rows(bundle, table, condition), stream)


def scan_rows(bundle: BundleView, table: ChosenTable, condition: Condition | None) -> Iterator[pa.RecordBatch]:
    """The rows of a table that meet the condition, batch by batch."""
    batches = bundle.scan(table.part, table.name)
    return batches if condition is None else (choose_rows(condition, b) for b in batches)
