"""Tables in a DuckDB file."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from sundog.core.errors import Incomplete, Problem, RequestError, SundogError
from sundog.core.protocols import BundleView
from sundog.export._database import DatabasePlan, DatabaseTable, keep_error, plan_database, spell_table
from sundog.export._sql_types import quote_name
from sundog.export.extension import DuckdbOut

_ROWS = "sundog rows to load"


@dataclass(frozen=True, slots=True)
class DuckdbExporter:
    """Implements ``core.protocols.Exporter``.

    A file that is not there is filled under a temporary name and renamed when it is whole. In one that is there, all is done in
    one transaction. Lists and structs are DuckDB's own.
    """

    def check_target(self, spec: DuckdbOut, target: str) -> None:
        """Refuse a target that cannot be a DuckDB file."""
        _find_file(target)

    def write(self, spec: DuckdbOut, bundle: BundleView, target: str) -> tuple[str, ...]:
        """Write all tables into one file; gives its path."""
        path = _find_file(target)
        plan = plan_database(spec, bundle, "duckdb")
        fresh = not path.exists()
        staging = path.with_name(f".{path.name}.{os.getpid()}.tmp") if fresh else path
        try:
            if fresh:
                path.parent.mkdir(parents=True, exist_ok=True)
            _fill(spec, plan, bundle, staging)
            if fresh:
                with staging.open("rb") as stream:
                    os.fsync(stream.fileno())
                staging.rename(path)
        except duckdb.Error as error:
            raise _explain(error, target) from error
        except OSError as error:
            what = f"cannot be written: {error.strerror or error}"
            raise RequestError(
                Problem("SD-EXPORT-035", f"dest {target}", what, "Give a place that you may write to.")
            ) from error
        finally:
            if fresh:
                for left in (staging, staging.with_name(f"{staging.name}.wal")):
                    with suppress(OSError):
                        left.unlink(missing_ok=True)
        return (str(path),)


def _find_file(target: str) -> Path:
    path = Path(target)
    if "://" in target or path.is_dir():
        what = f"{target!r} is {'a URL' if '://' in target else 'a folder'}; DuckDB writes into a file of this machine"
        raise RequestError(Problem("SD-EXPORT-032", "dest", what, "Give the path of a file, such as shop.duckdb."))
    return path


def _fill(spec: DuckdbOut, plan: DatabasePlan, bundle: BundleView, path: Path) -> None:
    with duckdb.connect(str(path), config={"memory_limit": f"{spec.memory}MiB", "threads": 2}) as db:
        db.execute("BEGIN TRANSACTION")
        there = _look_for_tables(db, plan)
        if there and spec.existing == "refuse":
            what = f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already"
            mend = "Give another file, or --option existing=append or existing=replace."
            raise RequestError(Problem("SD-EXPORT-033", f"dest {path}", what, mend))
        if spec.existing == "replace":
            for table in reversed(plan.tables):
                db.execute(f"DROP TABLE IF EXISTS {quote_name(table.name, 'duckdb')}")
        made: set[str] = set()
        for table in plan.tables:
            name = quote_name(table.name, "duckdb")
            if spec.existing != "append" or table.name not in there:
                # DuckDB looks at a foreign key row by row: never one to a later row of the same table
                keys = replace(table.keys, foreign=tuple(f for f in table.keys.foreign if f.table in made))
                db.execute(spell_table(table, "duckdb", name, keys, nested=True))
            made.add(table.name)
            _insert(db, plan, bundle, table)
        db.execute("COMMIT")


def _look_for_tables(db: Any, plan: DatabasePlan) -> list[str]:
    found = db.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
    ).fetchall()
    there = {str(name).lower() for (name,) in found}
    return [t.name for t in plan.tables if t.name.lower() in there]


def _insert(db: Any, plan: DatabasePlan, bundle: BundleView, table: DatabaseTable) -> None:
    raised: list[BaseException] = []
    reader = pa.RecordBatchReader.from_batches(plan.loaded(table), keep_error(plan.scan(bundle, table), raised))
    db.register(_ROWS, reader)
    columns = ", ".join(quote_name(n, "duckdb") for n in table.of.schema.names)
    rows = quote_name(_ROWS, "duckdb")
    try:
        into = f"INSERT INTO {quote_name(table.name, 'duckdb')} ({columns})"
        db.execute(f"{into} SELECT {columns} FROM {rows}")  # noqa: S608 - all names are quoted
    except duckdb.Error as error:
        if raised:
            raise raised[0] from error
        raise
    db.unregister(_ROWS)


def _explain(error: duckdb.Error, target: str) -> SundogError:
    first = str(error).strip().splitlines()[0]
    if isinstance(error, duckdb.OutOfMemoryException) or "No space left" in str(error):
        what = f"DuckDB ran out of memory or disk, nothing was left there: {first}"
        mend = "Give it more with --option memory=MIB, leave out keys, or free some space."
        return Incomplete(Problem("SD-EXPORT-036", f"dest {target}", what, mend))
    what = f"DuckDB refused: {first}"
    mend = "Give another file, or look at what is in it; another program may hold it open."
    return RequestError(Problem("SD-EXPORT-034", f"dest {target}", what, mend))
