"""Tables in PostgreSQL: rows go in by binary COPY, and all of it is one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from adbc_driver_manager import Error as DriverError
from adbc_driver_postgresql import dbapi

from sundog.core.errors import Incomplete, Problem, RequestError, SundogError
from sundog.core.protocols import BundleView
from sundog.core.tables import TableKeys
from sundog.export._database import (
    DatabasePlan,
    DatabaseTable,
    keep_error,
    plan_database,
    spell_keys,
    spell_table,
)
from sundog.export._postgresql_url import Place, read_url
from sundog.export._sql_types import name_type, quote_name
from sundog.export.extension import DatabaseOut

_LOST = ("08", "53", "57", "58")
"""Classes of SQLSTATE that are no fault of the request: the connection, full disks and memory, a shutdown, the system."""

_RELATIONS = """
SELECT relname::text FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE n.nspname = $1
"""
_COLUMNS = """
SELECT attname::text, format_type(atttypid, atttypmod), format_type(atttypid, NULL)
FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
WHERE n.nspname = $1 AND relname = $2 AND attnum > 0 AND NOT attisdropped
"""
_TEXTS = ("text", "character varying")


@dataclass(frozen=True, slots=True)
class PostgresqlExporter:
    """Implements ``core.protocols.Exporter``.

    Either all tables are there with all rows and keys, or nothing has changed. Numbers without a sign and 64 bits become
    numeric, lists and structs jsonb, durations intervals.
    """

    def check_target(self, spec: DatabaseOut, target: str) -> None:
        """Refuse a URL that cannot be read, or a database that does not answer."""
        place = read_url(target)
        with _connect(place):
            pass

    def write(self, spec: DatabaseOut, bundle: BundleView, target: str) -> tuple[str, ...]:
        """Write all tables; gives the URL of each, without a password."""
        place = read_url(target)
        plan = plan_database(spec, bundle, "postgresql")
        with _connect(place) as connection, connection.cursor() as cursor:
            schema = _open_schema(cursor, place)
            _fill(cursor, spec, plan, bundle, place, schema)
            connection.commit()
        return tuple(f"{place.shown}/{schema}.{t.name}" for t in plan.tables)


@contextmanager
def _connect(place: Place) -> Iterator[Any]:
    """A connection that is closed in the end, which takes back what was not committed; errors hold no password."""
    problem: SundogError | None = None
    try:
        with dbapi.connect(place.url) as connection:
            yield connection
    except DriverError as error:
        problem = _explain(error, place)
    if problem is not None:
        raise problem  # outside of the handler: the driver's own error, which may hold the URL, is not shown with it


def _ask(cursor: Any, query: str, *values: str) -> list[tuple[Any, ...]]:
    cursor.execute(query, values or None)
    return list(cursor.fetchall())


def _open_schema(cursor: Any, place: Place) -> str:
    """The schema that tables go to; one that is named and not there is made."""
    if place.schema is None:
        ((found,),) = _ask(cursor, "SELECT current_schema()::text")
        if found is None:
            what = "there is no schema in which tables of this user go"
            raise RequestError(Problem("SD-EXPORT-040", f"dest {place.shown}", what, "Name one: ?schema=NAME."))
        return str(found)
    if not _ask(cursor, "SELECT 1 FROM pg_namespace WHERE nspname = $1", place.schema):
        cursor.execute(f"CREATE SCHEMA {quote_name(place.schema, 'postgresql')}")
    return place.schema


def _fill(cursor: Any, spec: DatabaseOut, plan: DatabasePlan, bundle: BundleView, place: Place, schema: str) -> None:
    head = quote_name(schema, "postgresql") + "."
    there = _look_for_tables(cursor, schema)
    clash = [t.name for t in plan.tables if t.name in there]
    if clash and spec.existing == "refuse":
        what = f"{', '.join(clash)} {'is' if len(clash) == 1 else 'are'} there already"
        mend = "Give another schema with ?schema=NAME, or --option existing=append or existing=replace."
        raise RequestError(Problem("SD-EXPORT-038", f"dest {place.shown}, schema {schema}", what, mend))
    if clash and spec.existing == "append":
        _check_columns(cursor, plan, clash, place, schema)
    if clash and spec.existing == "replace":
        cursor.execute(f"DROP TABLE {', '.join(head + quote_name(name, 'postgresql') for name in clash)}")
        clash = []
    made = [t for t in plan.tables if t.name not in clash]
    for table in made:
        cursor.execute(spell_table(table, "postgresql", head + quote_name(table.name, "postgresql"), TableKeys()))
    for table in plan.tables:
        _copy(cursor, plan, bundle, table, schema)
    for table in made:
        for constraint in spell_keys(table.keys, "postgresql", head):
            cursor.execute(f"ALTER TABLE {head}{quote_name(table.name, 'postgresql')} ADD {constraint}")


def _look_for_tables(cursor: Any, schema: str) -> set[str]:
    return {str(name) for (name,) in _ask(cursor, _RELATIONS, schema)}


def _check_columns(cursor: Any, plan: DatabasePlan, clash: list[str], place: Place, schema: str) -> None:
    """Refuse to add rows to a table whose columns are of other types: binary COPY would write something else."""
    problems = []
    for table in (t for t in plan.tables if t.name in clash):
        rows = _ask(cursor, _COLUMNS, schema, table.name)
        found = {str(name): (str(full), str(bare)) for name, full, bare in rows}
        for column in table.of.schema:
            wanted = name_type(column.type, "postgresql")
            full, bare = found.get(column.name, ("", ""))
            fits = wanted == full or full == wanted.split("(")[0] or (wanted == "text" and bare in _TEXTS)
            if not fits:
                what = f"{column.name!r} is {full}, not {wanted}" if full else f"there is no column {column.name!r}"
                where = f"dest {place.shown}, {schema}.{table.name}"
                problems.append(Problem("SD-EXPORT-039", where, what, "Give another schema, or existing=replace."))
    if problems:
        raise RequestError(*problems)


def _copy(cursor: Any, plan: DatabasePlan, bundle: BundleView, table: DatabaseTable, schema: str) -> None:
    raised: list[BaseException] = []
    reader = pa.RecordBatchReader.from_batches(plan.loaded(table), keep_error(plan.scan(bundle, table), raised))
    try:
        cursor.adbc_ingest(table.name, reader, mode="append", db_schema_name=schema)
    except DriverError as error:
        if raised:
            raise raised[0] from error
        raise


def _explain(error: DriverError, place: Place) -> SundogError:
    said = place.clean(str(error)).strip().splitlines() or ["no reason was given"]
    lines = [line.strip() for line in said[:3] if line.strip()]
    first = "; ".join(lines)
    state = str(error.sqlstate or "")
    if "connect" in first and not state:
        mend = "Check host, port, user and password (PGPASSWORD or ~/.pgpass), and that the server runs."
        return RequestError(Problem("SD-EXPORT-041", f"dest {place.shown}", first, mend))
    if state[:2] in _LOST or "server closed the connection" in first or "connection to server" in first:
        what = f"the database stopped, and nothing has changed there: {first}"
        return Incomplete(
            Problem("SD-EXPORT-042", f"dest {place.shown}", what, "Export again when it runs and has room.")
        )
    what = f"PostgreSQL refused, and nothing has changed there: {first}"
    mend = "Look at what the database says; keys are left out with --option keys=false."
    return RequestError(Problem("SD-EXPORT-043", f"dest {place.shown}", what, mend))
