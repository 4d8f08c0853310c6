"""Tables in a DuckDB file: what goes in comes out, and a file is there whole or not at all."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from sundog.core.errors import Incomplete, RequestError
from sundog.core.tables import TableKeys, with_keys
from sundog.export.duckdb import DuckdbExporter
from sundog.export.extension import DuckdbOut
from sundog.testing.bundle import MemoryBundle


def write(bundle: MemoryBundle, target: Path | str, **options: Any) -> None:
    assert DuckdbExporter().write(DuckdbOut(**options), bundle, str(target)) == (str(target),)


def ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as db:
        return list(db.execute(query).fetchall())


def plain(column: pa.ChunkedArray) -> list[Any]:
    kind = column.type
    values = column.cast(kind.value_type).to_pylist() if pa.types.is_dictionary(kind) else column.to_pylist()
    return [None if isinstance(v, float) and v != v else v for v in values]


def test_every_type_comes_back(tmp_path: Path, every_type_table: pa.Table) -> None:
    write(MemoryBundle({"all": {"rows": every_type_table}}, batch=97), tmp_path / "new" / "x.duckdb")
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["x.duckdb"]
    with duckdb.connect(str(tmp_path / "new" / "x.duckdb")) as db:
        found = db.sql('SELECT * FROM "all"').to_arrow_table()
    for name in every_type_table.schema.names:
        values = plain(found.column(name))
        if name == "span":
            values = [None if v is None else datetime.timedelta(days=v[1], microseconds=v[2] // 1000) for v in values]
        assert values == plain(every_type_table.column(name)), name
    assert found.schema.field("price").type == pa.decimal128(12, 2)
    assert found.schema.field("list").type.value_type == pa.int64()
    assert found.schema.field("zoned").type == pa.timestamp("us", found.schema.field("zoned").type.tz)


def test_keys_are_made_where_they_are_asked_for(tmp_path: Path, keyed: MemoryBundle) -> None:
    query = "SELECT constraint_type, count(*) FROM duckdb_constraints() GROUP BY 1"
    write(keyed, tmp_path / "bare.duckdb")
    assert dict(ask(tmp_path / "bare.duckdb", query)) == {}
    write(keyed, tmp_path / "keyed.duckdb", keys=True)
    counts = dict(ask(tmp_path / "keyed.duckdb", query))
    assert counts == {"PRIMARY KEY": 3, "UNIQUE": 1, "FOREIGN KEY": 2, "NOT NULL": 4}


def test_a_file_that_is_there(tmp_path: Path, keyed: MemoryBundle) -> None:
    path = tmp_path / "x.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("CREATE TABLE mine AS SELECT 7 AS x")
    write(keyed, path)
    with pytest.raises(RequestError, match="SD-EXPORT-033") as caught:
        write(keyed, path)
    assert "Order lines" in str(caught.value)
    write(keyed, path, existing="replace")
    assert ask(path, 'SELECT count(*) FROM "Order lines"') == [(3,)]
    write(keyed, path, existing="append")
    assert ask(path, 'SELECT count(*) FROM "Order lines"') == [(6,)]
    assert ask(path, "SELECT x FROM mine") == [(7,)]


def test_tables_that_foreign_keys_hold_are_replaced(tmp_path: Path, keyed: MemoryBundle) -> None:
    """Those that refer are dropped before those that are referred to."""
    write(keyed, tmp_path / "x.duckdb", keys=True)
    for keys in (False, True, True):
        write(keyed, tmp_path / "x.duckdb", keys=keys, existing="replace")
        assert ask(tmp_path / "x.duckdb", 'SELECT count(*) FROM "Order lines"') == [(3,)]


class Stumbling(MemoryBundle):
    """Ends in the middle of the second table."""

    def scan(self, part: str, table: str, columns: Any = None) -> Iterator[pa.RecordBatch]:
        for i, batch in enumerate(super().scan(part, table, columns)):
            if i == 2:
                raise OSError(5, "the disk of the bundle is gone")
            yield batch


@pytest.mark.parametrize("there", [True, False])
def test_nothing_is_left_of_an_export_that_fails(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "x.duckdb"
    if there:
        with duckdb.connect(str(path)) as db:
            db.execute("CREATE TABLE mine AS SELECT 7 AS x")
    tables = {"a": {"rows": pa.table({"x": [1, 2]})}, "b": {"rows": pa.table({"x": list(range(40))})}}
    with pytest.raises(RequestError, match=r"SD-EXPORT-035.*gone"):
        write(Stumbling(tables, batch=10), path)
    assert [p.name for p in tmp_path.iterdir()] == (["x.duckdb"] if there else [])
    if there:
        assert ask(path, "SELECT table_name FROM duckdb_tables()") == [("mine",)]


def test_what_duckdb_refuses(tmp_path: Path) -> None:
    table = pa.table({"x": [1, 1]})
    table = table.replace_schema_metadata(with_keys(table.schema, TableKeys(("x",))).metadata)
    bundle = MemoryBundle({"a": {"rows": table}})
    with pytest.raises(RequestError, match="SD-EXPORT-034"):
        write(bundle, tmp_path / "x.duckdb", keys=True)
    (tmp_path / "text.duckdb").write_text("not a database, though long enough to be looked at" * 300)
    with pytest.raises(RequestError, match="SD-EXPORT-034"):
        write(bundle, tmp_path / "text.duckdb")
    assert [p.name for p in tmp_path.iterdir()] == ["text.duckdb"]


def test_targets_that_are_no_file(tmp_path: Path) -> None:
    for target in (str(tmp_path), "s3://bucket/x.duckdb"):
        with pytest.raises(RequestError, match="SD-EXPORT-032"):
            DuckdbExporter().check_target(DuckdbOut(), target)
    (tmp_path / "file").write_text("")
    with pytest.raises(RequestError, match="SD-EXPORT-035"):
        write(MemoryBundle({"a": {"rows": pa.table({"x": [1]})}}), tmp_path / "file" / "x.duckdb")


def test_too_little_memory(tmp_path: Path, block: pa.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate")

    monkeypatch.setattr(sys.modules[DuckdbExporter.__module__], "_insert", refuse)
    with pytest.raises(Incomplete, match="SD-EXPORT-036"):
        write(MemoryBundle({"a": {"rows": block}}), tmp_path / "x.duckdb")
    assert list(tmp_path.iterdir()) == []


class Watched(MemoryBundle):
    """Gives the rows again and again, and looks how much Arrow holds after each batch."""

    peak = 0

    def scan(self, part: str, table: str, columns: Any = None) -> Iterator[pa.RecordBatch]:
        before = pa.total_allocated_bytes()
        for batch in self.held[part][table].to_batches() * self.batch:
            yield batch
            type(self).peak = max(self.peak, pa.total_allocated_bytes() - before)


def test_memory_does_not_grow_with_the_rows(tmp_path: Path, block: pa.Table) -> None:
    peaks = []
    for batches in (5, 50):
        Watched.peak = 0
        write(Watched({"part": {"rows": block}}, batches), tmp_path / f"{batches}.duckdb")
        assert ask(tmp_path / f"{batches}.duckdb", "SELECT count(*) FROM part") == [(batches * 10_000,)]
        peaks.append(Watched.peak)
    assert peaks[1] <= peaks[0] + 2**24
