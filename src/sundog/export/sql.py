"""A script of SQL that makes the tables and fills them: all in one transaction where the database has them for tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.protocols import BundleView
from sundog.core.tables import TableKeys
from sundog.export._database import DatabasePlan, DatabaseTable, plan_database, spell_keys, spell_table
from sundog.export._sql_literals import spell_literals
from sundog.export._sql_types import Dialect, quote_name
from sundog.export._tables import scan_rows
from sundog.export._target import write_whole
from sundog.export._text import join_texts
from sundog.export.csv import joined
from sundog.export.extension import SqlOut

_LONGEST = 1_000_000
"""Letters of a statement after which it ends, so that none meets the limits of a server."""

_START: dict[Dialect, str] = {
    "postgresql": "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\nBEGIN;\n",
    "sqlite": "BEGIN;\n",
    "duckdb": "BEGIN TRANSACTION;\n",
    "mysql": "SET NAMES utf8mb4;\nSET SESSION sql_mode = 'STRICT_ALL_TABLES';\n",
}
_MYSQL_TABLE = " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"


@dataclass(frozen=True, slots=True)
class SqlExporter:
    """Implements ``core.protocols.Exporter``.

    Times with a zone are in UTC, bytes in hexadecimal, lists and structs as JSON. SQLite has no types for decimals, dates and
    times: they are texts there, so that none is rounded.
    """

    def write(self, spec: SqlOut, bundle: BundleView, target: str) -> tuple[str, ...]:
        """Write one script, NAME.sql; gives its path."""
        plan = plan_database(spec, bundle, spec.dialect)
        name = f"{bundle.recipe.name}.sql"
        return write_whole(target, [(name, partial(_write_script, spec, plan, bundle))], ".sql")


def _write_script(spec: SqlOut, plan: DatabasePlan, bundle: BundleView, stream: IO[bytes]) -> None:
    dialect = spec.dialect
    stream.write(f"-- Made by Sundog for {dialect}.\n{_START[dialect]}".encode())
    if spec.existing == "replace":
        for table in reversed(plan.tables):
            stream.write(f"DROP TABLE IF EXISTS {quote_name(table.name, dialect)};\n".encode())
    later: list[tuple[DatabaseTable, TableKeys]] = []
    made: set[str] = set()
    for table in plan.tables if spec.existing != "append" else ():
        inline, after = _divide_keys(table, dialect, made)
        made.add(table.name)
        later.append((table, after))
        head = spell_table(table, dialect, quote_name(table.name, dialect), inline, defer=dialect == "sqlite")
        stream.write(f"{head}{_MYSQL_TABLE if dialect == 'mysql' else ''};\n".encode())
    if dialect == "mysql":  # where making a table ends a transaction
        stream.write(b"START TRANSACTION;\n")
    for table in plan.tables:
        columns = ", ".join(quote_name(n, dialect) for n in table.of.schema.names)
        insert = f"INSERT INTO {quote_name(table.name, dialect)} ({columns}) VALUES\n"
        for batch in scan_rows(bundle, table.of, plan.condition):
            for piece in _spell_rows(batch, dialect, insert, spec.rows, f"table {table.name!r}"):
                stream.write(piece)
    if dialect == "mysql":
        stream.write(b"COMMIT;\n")
    for table, after in later:
        for constraint in spell_keys(after, dialect, ""):
            stream.write(f"ALTER TABLE {quote_name(table.name, dialect)} ADD {constraint};\n".encode())
    if dialect != "mysql":
        stream.write(b"COMMIT;\n")


def _divide_keys(table: DatabaseTable, dialect: Dialect, made: set[str]) -> tuple[TableKeys, TableKeys]:
    """Keys that are part of CREATE TABLE, and those that are added when the rows are in, which is faster where it can be done."""
    keys = table.keys
    if dialect == "postgresql":
        return TableKeys(), keys
    if dialect == "mysql":
        return replace(keys, foreign=()), TableKeys(foreign=keys.foreign)
    if dialect == "duckdb":  # which looks row by row: only to tables that are filled before
        return replace(keys, foreign=tuple(f for f in keys.foreign if f.table in made)), TableKeys()
    return keys, TableKeys()


def _spell_rows(batch: pa.RecordBatch, dialect: Dialect, insert: str, rows: int, where: str) -> Iterator[bytes]:
    """INSERT statements of a batch, of at most ``rows`` rows and about a million letters."""
    if batch.num_rows == 0:
        return
    columns = [
        spell_literals(column, dialect, f"{where}, column {name!r}")
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    lengths = sum(pc.binary_length(c).to_numpy(zero_copy_only=False).astype(np.int64) for c in columns)
    block = np.cumsum(lengths) // _LONGEST
    first = (np.arange(batch.num_rows) % rows == 0) | (np.diff(block, prepend=block[:1]) > 0)
    first[0] = True
    heads = pc.if_else(
        pa.array(first), pa.scalar(f";\n{insert}(", pa.large_string()), pa.scalar(",\n(", pa.large_string())
    )
    begun = pa.array([f"{insert}("], pa.large_string())  # the first one ends nothing
    heads = pa.concat_arrays([begun, heads.slice(1)])
    yield joined(join_texts(heads, join_texts(*columns, between=", "), ")"))
    yield b";\n"
