"""Tables in a real PostgreSQL: what goes in comes out, keys hold, and nothing half-written looks whole."""

from __future__ import annotations

import datetime
import json
import subprocess
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from adbc_driver_postgresql import dbapi

from sundog.core.errors import Incomplete, RequestError
from sundog.core.tables import TableKeys, with_keys
from sundog.export._postgresql_url import read_url
from sundog.export.extension import DatabaseOut
from sundog.export.postgresql import PostgresqlExporter
from sundog.testing.bundle import MemoryBundle

EXPORTER = PostgresqlExporter()


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    with dbapi.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall()) if cursor.description else []


def tables_of(url: str) -> list[str]:
    query = "SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
    return [name for (name,) in ask(url, query)]


def expected(column: pa.ChunkedArray) -> list[Any]:
    """Values as PostgreSQL holds them."""
    kind = column.type
    values = column.cast(kind.value_type).to_pylist() if pa.types.is_dictionary(kind) else column.to_pylist()
    if pa.types.is_floating(kind):
        return [None if v is None or v != v else v for v in values]
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return [None if v is None else v.astimezone(datetime.UTC) for v in values]
    return values


SHOWN = {
    "word64": '"word64"::text',
    "price": '"price"::text',
    "small": '"small"::text',
    "span": 'EXTRACT(EPOCH FROM "span")::numeric::text',
    "list": '"list"::text',
    "pair": '"pair"::text',
}
READ: dict[str, Callable[[Any], Any]] = {
    "word64": int,
    "price": Decimal,
    "small": Decimal,
    "span": lambda text: datetime.timedelta(microseconds=int(Decimal(text) * 1_000_000)),
    "list": json.loads,
    "pair": json.loads,
}


def test_every_type_comes_back(postgresql: str, every_type_table: pa.Table) -> None:
    bundle = MemoryBundle({"all": {"rows": every_type_table}}, batch=97)
    (path,) = EXPORTER.write(DatabaseOut(), bundle, postgresql)
    assert path == "postgresql://sundog@" + postgresql.partition("@")[2] + "/public.all"
    names = every_type_table.schema.names
    shown = ", ".join(SHOWN.get(n, f'"{n}"') for n in names)
    rows = ask(postgresql, f'SELECT {shown} FROM "all" ORDER BY id')
    assert len(rows) == every_type_table.num_rows
    for i, name in enumerate(names):
        read = READ.get(name, lambda value: value)
        found = [None if row[i] is None else read(row[i]) for row in rows]
        if name == "nothing":
            assert set(found) == {None}
            continue
        assert found == expected(every_type_table.column(name)), name


def test_types_are_those_of_postgresql(postgresql: str, every_type_table: pa.Table) -> None:
    EXPORTER.write(DatabaseOut(), MemoryBundle({"all": {"rows": every_type_table.slice(0, 0)}}), postgresql)
    query = "SELECT attname::text, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute WHERE attrelid = '\"all\"'::regclass AND attnum > 0"
    found = {name: kind for name, kind, _ in ask(postgresql, query)}
    assert found["id"] == "text"
    assert found["word64"] == "numeric(20,0)"
    assert found["price"] == "numeric(12,2)"
    assert found["zoned"] == "timestamp with time zone"
    assert found["wall"] == "timestamp without time zone"
    assert found["span"] == "interval"
    assert found["pair"] == "jsonb"
    assert found["bytes"] == "bytea"
    assert found["single"] == "real"
    assert [name for name, _, needed in ask(postgresql, query) if needed] == ["id"]
    assert ask(postgresql, 'SELECT count(*) FROM "all"') == [(0,)]


CONSTRAINTS = """
SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2
"""


def test_keys_are_made(postgresql: str, keyed: MemoryBundle) -> None:
    EXPORTER.write(DatabaseOut(), keyed, postgresql)
    assert ask(postgresql, CONSTRAINTS) == [
        ('"Order lines"', 'FOREIGN KEY ("order id") REFERENCES orders("order id")'),
        ('"Order lines"', 'PRIMARY KEY ("order id", line)'),
        ("orders", 'FOREIGN KEY ("select") REFERENCES people(key)'),
        ("orders", 'FOREIGN KEY (follows) REFERENCES orders("order id")'),
        ("orders", 'PRIMARY KEY ("order id")'),
        ("people", "PRIMARY KEY (key)"),
        ("people", 'UNIQUE ("e-mail")'),
    ]
    assert ask(postgresql, 'SELECT "order id", line, "the ""price""" FROM "Order lines" ORDER BY 1, 2') == [
        (1, 1, 1.5),
        (1, 2, 2.25),
        (2, 1, None),
    ]


def test_without_keys_and_with_a_selection(postgresql: str, keyed: MemoryBundle) -> None:
    EXPORTER.write(DatabaseOut(keys=False), keyed, f"{postgresql}?schema=bare")
    assert ask(postgresql, "SELECT count(*) FROM pg_constraint WHERE connamespace = 'bare'::regnamespace") == [(0,)]
    EXPORTER.write(DatabaseOut(select='"order id" = 1'), keyed, postgresql)
    assert tables_of(postgresql) == [
        "bare.Order lines",
        "bare.orders",
        "bare.people",
        "public.Order lines",
        "public.orders",
    ]
    assert {line.split(" ")[0] for _, line in ask(postgresql, CONSTRAINTS)} == {"PRIMARY"}
    assert ask(postgresql, "SELECT count(*) FROM orders") == [(1,)]


def test_tables_that_are_there(postgresql: str, keyed: MemoryBundle) -> None:
    EXPORTER.write(DatabaseOut(), keyed, postgresql)
    ask(postgresql, 'DELETE FROM "Order lines" WHERE line = 2')
    with pytest.raises(RequestError, match="SD-EXPORT-038") as caught:
        EXPORTER.write(DatabaseOut(), keyed, postgresql)
    assert "Order lines" in str(caught.value)
    assert ask(postgresql, 'SELECT count(*) FROM "Order lines"') == [(2,)]
    EXPORTER.write(DatabaseOut(existing="replace"), keyed, postgresql)
    assert ask(postgresql, 'SELECT count(*) FROM "Order lines"') == [(3,)]
    with pytest.raises(RequestError, match=r"SD-EXPORT-043.*duplicate key"):
        EXPORTER.write(DatabaseOut(existing="append"), keyed, postgresql)
    assert ask(postgresql, "SELECT count(*) FROM people") == [(2,)]


def test_rows_are_added_whatever_the_order_of_the_columns(postgresql: str) -> None:
    ask(postgresql, "CREATE TABLE part (more text DEFAULT 'x', b varchar(9), a bigint)")
    bundle = MemoryBundle({"part": {"rows": pa.table({"a": [1, 2], "b": ["u", None]})}})
    EXPORTER.write(DatabaseOut(existing="append"), bundle, postgresql)
    EXPORTER.write(DatabaseOut(existing="append"), bundle, postgresql)
    assert ask(postgresql, "SELECT a, b, more FROM part ORDER BY a") == 2 * [(1, "u", "x")] + 2 * [(2, None, "x")]


def test_rows_are_not_added_to_other_columns(postgresql: str) -> None:
    ask(postgresql, "CREATE TABLE part (a integer)")
    bundle = MemoryBundle({"part": {"rows": pa.table({"a": [1], "b": ["u"]})}})
    with pytest.raises(RequestError) as caught:
        EXPORTER.write(DatabaseOut(existing="append"), bundle, postgresql)
    assert [p.code for p in caught.value.problems] == ["SD-EXPORT-039"] * 2
    assert "'a' is integer, not bigint" in str(caught.value)
    assert ask(postgresql, "SELECT count(*) FROM part") == [(0,)]


class Stumbling(MemoryBundle):
    """Ends in the middle of the second table."""

    def scan(self, part: str, table: str, columns: Any = None) -> Iterator[pa.RecordBatch]:
        for i, batch in enumerate(super().scan(part, table, columns)):
            if i == 2:
                raise OSError("the disk of the bundle is gone")
            yield batch


def test_nothing_is_left_of_an_export_that_fails(postgresql: str) -> None:
    bundle = Stumbling(
        {"a": {"rows": pa.table({"x": [1, 2]})}, "b": {"rows": pa.table({"x": list(range(40))})}}, batch=10
    )
    with pytest.raises(OSError, match="the disk of the bundle is gone"):
        EXPORTER.write(DatabaseOut(), bundle, f"{postgresql}?schema=fresh")
    assert tables_of(postgresql) == []
    assert ask(postgresql, "SELECT count(*) FROM pg_namespace WHERE nspname = 'fresh'") == [(0,)]


def test_keys_that_do_not_hold_are_refused(postgresql: str) -> None:
    table = pa.table({"x": [1, 1]})
    table = table.replace_schema_metadata(with_keys(table.schema, TableKeys(("x",))).metadata)
    with pytest.raises(RequestError, match=r"SD-EXPORT-043.*(?s:could not create unique index)"):
        EXPORTER.write(DatabaseOut(), MemoryBundle({"a": {"rows": table}}), postgresql)
    assert tables_of(postgresql) == []


def test_a_server_that_stops_is_no_fault_of_the_request(postgresql: str) -> None:
    class Ended(MemoryBundle):
        def scan(self, part: str, table: str, columns: Any = None) -> Iterator[pa.RecordBatch]:
            yield from super().scan(part, table, columns)
            ask(
                postgresql,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )

    with pytest.raises(Incomplete, match="SD-EXPORT-042") as caught:
        EXPORTER.write(DatabaseOut(), Ended({"a": {"rows": pa.table({"x": [1]})}}), postgresql)
    assert caught.value.exit_code == 4
    assert tables_of(postgresql) == []


def test_no_schema_to_go_to(postgresql: str) -> None:
    ask(postgresql, "DROP SCHEMA public")
    bundle = MemoryBundle({"a": {"rows": pa.table({"x": [1]})}})
    with pytest.raises(RequestError, match="SD-EXPORT-040"):
        EXPORTER.write(DatabaseOut(), bundle, postgresql)
    EXPORTER.write(DatabaseOut(), bundle, f"{postgresql}?schema=it%27s%20%22mine%22")
    assert tables_of(postgresql) == ['it\'s "mine".a']


SECRETS = ("sesame", "open", "hush")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda url: url.replace("sesame", "sesame-hush"), "SD-EXPORT-041"),
        (lambda url: url + "?sslmode=nonsense&password=hush", "SD-EXPORT-041"),
        (lambda url: url + "_nowhere", "SD-EXPORT-041"),
        (lambda url: "postgresql://ann:hush@127.0.0.1:1/base", "SD-EXPORT-041"),
        (lambda url: "postgresql://ann:hu/sh@127.0.0.1:1/base", "SD-EXPORT-037"),
        (lambda url: "postgresql://ann:hush@db@127.0.0.1/base", "SD-EXPORT-037"),
        (lambda url: "postgresql://ann:hush@127.0.0.1:port/base", "SD-EXPORT-037"),
        (lambda url: "postgresql://ann:hush@127.0.0.1/base?x", "SD-EXPORT-037"),
        (lambda url: "mysql://ann:hush@127.0.0.1/base", "SD-EXPORT-037"),
        (lambda url: "hush.duckdb", "SD-EXPORT-037"),
    ],
)
def test_passwords_are_shown_nowhere(postgresql: str, change: Callable[[str], str], code: str) -> None:
    with pytest.raises(RequestError, match=code) as caught:
        EXPORTER.check_target(DatabaseOut(), change(postgresql))
    error: BaseException | None = caught.value
    while error is not None:  # the error and what a traceback would show with it
        assert not [s for s in SECRETS if s in str(error).replace("could not open", "")], str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_the_password_comes_from_the_environment(
    postgresql: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    without = "postgresql://sundog@" + postgresql.partition("@")[2]
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    with pytest.raises(RequestError, match="SD-EXPORT-041"):
        EXPORTER.check_target(DatabaseOut(), without)
    monkeypatch.setenv("PGPASSWORD", "open: sesame/7")
    bundle = MemoryBundle({"a": {"rows": pa.table({"x": [1]})}})
    assert EXPORTER.write(DatabaseOut(), bundle, without) == (f"{without}/public.a",)
    monkeypatch.delenv("PGPASSWORD")
    (tmp_path / "none").write_text("127.0.0.1:*:*:sundog:open\\: sesame/7\n")
    (tmp_path / "none").chmod(0o600)
    EXPORTER.check_target(DatabaseOut(), without)


def test_a_url_with_a_schema_is_read() -> None:
    place = read_url("postgres://ann:a%40b@[::1]:99,other/base?sslmode=require&schema=x%20y&connect_timeout=3")
    assert place.url == "postgresql://ann:a%40b@[::1]:99,other/base?sslmode=require&connect_timeout=3"
    assert place.shown == "postgresql://ann@[::1]:99,other/base"
    assert place.schema == "x y"
    assert "a%40b" not in repr(place)
    assert place.clean("bad a@b and a%40b") == "bad *** and ***"


def test_names_that_postgresql_would_cut(postgresql: str) -> None:
    table = pa.table({"é" * 32: [1], "": [2], "fine": [3]})
    with pytest.raises(RequestError) as caught:
        EXPORTER.write(DatabaseOut(), MemoryBundle({"a": {"rows": table}}), postgresql)
    assert [p.code for p in caught.value.problems] == ["SD-EXPORT-030"] * 2


class Watched(MemoryBundle):
    """Looks how much Arrow holds after each batch."""

    peak = 0

    def scan(self, part: str, table: str, columns: Any = None) -> Iterator[pa.RecordBatch]:
        before = pa.total_allocated_bytes()
        for batch in self.held[part][table].to_batches() * self.batch:
            yield batch
            type(self).peak = max(self.peak, pa.total_allocated_bytes() - before)


def test_memory_does_not_grow_with_the_rows(postgresql: str, block: pa.Table) -> None:
    """Arrow holds no more for ten times the rows."""
    peaks = []
    for batches in (5, 50):
        Watched.peak = 0
        EXPORTER.write(DatabaseOut(existing="replace"), Watched({"part": {"rows": block}}, batches), postgresql)
        assert ask(postgresql, "SELECT count(*) FROM part") == [(batches * block.num_rows,)]
        peaks.append(Watched.peak)
    assert 0 < peaks[1] <= peaks[0] + 2**20


def test_psql_reads_it_too(postgresql: str, keyed: MemoryBundle) -> None:
    """A reader that is not ours, nor of the same driver."""
    EXPORTER.write(DatabaseOut(), keyed, postgresql)
    command = ["psql", postgresql, "-AtX", "-c", 'SELECT "e-mail" FROM people ORDER BY 1']
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["a@example.org", "b@example.org"]
