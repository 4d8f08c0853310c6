"""Scripts of SQL are run by the databases that they are written for, and give the same rows back."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from adbc_driver_postgresql import dbapi

from sundog.core.errors import RequestError
from sundog.core.tables import TableKeys, with_keys
from sundog.export._sql_literals import spell_literals
from sundog.export.extension import SqlOut
from sundog.export.sql import SqlExporter
from sundog.testing.bundle import MemoryBundle

DIALECTS = ("postgresql", "sqlite", "mysql", "duckdb")


def script(folder: Path, bundle: MemoryBundle, dialect: str, **options: Any) -> str:
    (path,) = SqlExporter().write(
        SqlOut(dialect=dialect, **options), bundle, str(folder / f"{len(list(folder.iterdir()))}.sql")
    )
    return Path(path).read_bytes().decode()


def run_psql(url: str, text: str) -> None:
    command = ["psql", url, "-qX", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def ask_postgresql(url: str, query: str) -> list[tuple[Any, ...]]:
    with dbapi.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def plain(column: pa.ChunkedArray) -> list[Any]:
    """Values without dictionaries; NaN is missing."""
    kind = column.type
    values = column.cast(kind.value_type).to_pylist() if pa.types.is_dictionary(kind) else column.to_pylist()
    return [None if isinstance(v, float) and v != v else v for v in values]


SPAN = datetime.timedelta(microseconds=1)


def iso_span(text: str) -> datetime.timedelta:
    found = re.fullmatch(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?", text)
    assert found is not None
    days, hours, minutes = (int(found[i] or 0) for i in (2, 3, 4))
    seconds = Decimal(found[5] or 0)
    ticks = ((days * 24 + hours) * 60 + minutes) * 60_000_000 + int(seconds * 1_000_000)
    return SPAN * (-ticks if found[1] else ticks)


def naive(moment: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(moment.removesuffix("Z"))


def aware(moment: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(moment)


IN_SQLITE: dict[str, Callable[[Any], Any]] = {
    "flag": bool,
    "word64": int,
    "price": Decimal,
    "small": Decimal,
    "day": datetime.date.fromisoformat,
    "clock": datetime.time.fromisoformat,
    "wall": naive,
    "seconds": naive,
    "zoned": aware,
    "berlin": aware,
    "span": iso_span,
    "list": json.loads,
    "pair": json.loads,
    "single": lambda v: float(np.float32(v)),
}


def test_sqlite_gives_every_type_back(tmp_path: Path, every_type_table: pa.Table) -> None:
    """Unsigned numbers beyond 63 bits are the one thing that SQLite does not hold: it makes them floats."""
    table = every_type_table.drop_columns(["word64"])
    text = script(tmp_path, MemoryBundle({"all": {"rows": table}}, batch=97), "sqlite", rows=50)
    with sqlite3.connect(":memory:") as db:
        db.executescript(text)
        rows = db.execute('SELECT * FROM "all" ORDER BY id').fetchall()
    assert len(rows) == table.num_rows
    for i, name in enumerate(table.schema.names):
        read = IN_SQLITE.get(name, lambda value: value)
        found = [None if row[i] is None else read(row[i]) for row in rows]
        wanted = plain(table.column(name))
        if name == "double":  # SQLite itself reads very large and very small numbers with an error in the last digit
            assert [
                f == w or (abs(f - w) <= np.spacing(abs(w)) and not 1e-20 < abs(w) < 1e20)
                for f, w in zip(found, wanted, strict=True)
                if w is not None
            ].count(False) == 0
            assert [f is None for f in found] == [w is None for w in wanted]
            continue
        assert found == wanted, name


def test_the_shell_of_sqlite_reads_it(tmp_path: Path, every_type_table: pa.Table) -> None:
    """Line ends inside of texts stay as they are."""
    text = script(tmp_path, MemoryBundle({"all": {"rows": every_type_table}}), "sqlite")
    if shutil.which("sqlite3") is None:
        pytest.skip("the shell of SQLite is not installed")
    shell = ["sqlite3", "-bail", str(tmp_path / "x.db")]
    done = subprocess.run(shell, input=text.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    with sqlite3.connect(tmp_path / "x.db") as db:
        words = [w for (w,) in db.execute('SELECT words FROM "all" ORDER BY id')]
    assert words == plain(every_type_table.column("words"))
    assert "cr\r\nlf" in words


IN_POSTGRESQL: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "word64": ('"word64"::text', int),
    "price": ('"price"::text', Decimal),
    "small": ('"small"::text', Decimal),
    "span": ('EXTRACT(EPOCH FROM "span")::numeric::text', lambda s: SPAN * int(Decimal(s) * 1_000_000)),
    "list": ('"list"::text', json.loads),
    "pair": ('"pair"::text', json.loads),
}


def test_postgresql_gives_every_type_back(tmp_path: Path, postgresql: str, every_type_table: pa.Table) -> None:
    run_psql(postgresql, script(tmp_path, MemoryBundle({"all": {"rows": every_type_table}}, batch=97), "postgresql"))
    names = every_type_table.schema.names
    shown = ", ".join(IN_POSTGRESQL.get(n, (f'"{n}"', None))[0] for n in names)
    rows = ask_postgresql(postgresql, f'SELECT {shown} FROM "all" ORDER BY id')
    assert len(rows) == every_type_table.num_rows
    for i, name in enumerate(names):
        read = IN_POSTGRESQL[name][1] if name in IN_POSTGRESQL else lambda value: value
        found = [None if row[i] is None else read(row[i]) for row in rows]
        assert found == plain(every_type_table.column(name)), name


def test_duckdb_gives_every_type_back(tmp_path: Path, every_type_table: pa.Table) -> None:
    text = script(tmp_path, MemoryBundle({"all": {"rows": every_type_table}}, batch=97), "duckdb")
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        db.execute(text)
        found = db.sql('SELECT * FROM "all" ORDER BY id').to_arrow_table()
    assert found.num_rows == every_type_table.num_rows
    for name in every_type_table.schema.names:
        values, wanted = plain(found.column(name)), plain(every_type_table.column(name))
        if name in ("list", "pair"):
            values = [None if v is None else json.loads(v) for v in values]
        if name == "span":  # as months, days and nanoseconds
            values = [None if v is None else datetime.timedelta(days=v[1], microseconds=v[2] // 1000) for v in values]
        assert values == wanted, name
    assert found.schema.field("price").type == pa.decimal128(12, 2)
    assert found.schema.field("word64").type == pa.uint64()


@pytest.mark.parametrize("options", [{}, {"existing": "replace"}])
def test_keys_in_each_database(tmp_path: Path, postgresql: str, keyed: MemoryBundle, options: dict[str, str]) -> None:
    """Whatever the order of the tables, and where a table refers to itself (which DuckDB cannot hold while it is filled)."""
    for _ in range(2 if options else 1):
        run_psql(postgresql, script(tmp_path, keyed, "postgresql", **options))
    keys = ask_postgresql(
        postgresql,
        "SELECT contype::text, count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace GROUP BY 1",
    )
    assert dict(keys) == {"p": 3, "u": 1, "f": 3}

    with sqlite3.connect(":memory:") as db:
        db.execute("PRAGMA foreign_keys = ON")
        for _ in range(2 if options else 1):
            db.executescript(script(tmp_path, keyed, "sqlite", **options))
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert len(db.execute('PRAGMA foreign_key_list("orders")').fetchall()) == 2
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            db.executescript('INSERT INTO "Order lines" VALUES (99, 1, 2)')
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            db.execute("INSERT INTO people VALUES ('c', 'a@example.org')")

    with duckdb.connect() as db:
        for _ in range(2 if options else 1):
            db.execute(script(tmp_path, keyed, "duckdb", **options))
        found = db.execute("SELECT constraint_type, count(*) FROM duckdb_constraints() GROUP BY 1").fetchall()
        assert dict(found) == {"PRIMARY KEY": 3, "UNIQUE": 1, "FOREIGN KEY": 2, "NOT NULL": 4}
        with pytest.raises(duckdb.ConstraintException, match="foreign key"):
            db.execute('INSERT INTO "Order lines" VALUES (99, 1, 2)')


def test_rows_are_added(tmp_path: Path, keyed: MemoryBundle) -> None:
    with sqlite3.connect(":memory:") as db:
        db.executescript(script(tmp_path, keyed, "sqlite", keys=False))
        text = script(tmp_path, keyed, "sqlite", existing="append")
        assert "CREATE" not in text
        db.executescript(text)
        assert db.execute('SELECT count(*) FROM "Order lines"').fetchone() == (6,)


def test_statements_end_after_so_many_rows_or_letters(tmp_path: Path) -> None:
    words = pa.array(["x" * 400_000] * 7)
    text = script(tmp_path, MemoryBundle({"a": {"rows": pa.table({"w": words})}}), "sqlite")
    assert [s.count("('x") for s in text.split("INSERT")[1:]] == [2, 2, 3]
    numbers = MemoryBundle({"a": {"rows": pa.table({"w": list(range(25))})}}, batch=20)
    text = script(tmp_path, numbers, "sqlite", rows=10)
    assert [s.count("(") - 1 for s in text.split("INSERT")[1:]] == [10, 10, 5]


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], list[list[str]]]]:
    """Runs statements in a MariaDB of its own, which speaks the dialect of MySQL; gives the rows of the last SELECT as texts."""
    server, client = (shutil.which(n, path=os.environ["PATH"] + ":/usr/sbin") for n in ("mariadbd", "mariadb"))
    if server is None or client is None:
        pytest.skip("MariaDB is not installed")
    folder = Path(tempfile.mkdtemp(prefix="sundog-maria-"))  # the path of a socket is short
    (folder / "data").mkdir()
    settings = ["--no-defaults", f"--datadir={folder / 'data'}", f"--socket={folder / 's'}", "--skip-grant-tables"]
    small = ["--skip-networking", "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0"]
    rooted = ["--user=root"] if os.geteuid() == 0 else []
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([server, *settings, *small, *rooted], stdout=log, stderr=log)

    def run(statements: str) -> list[list[str]]:
        command = [client, "--no-defaults", f"--socket={folder / 's'}", "--batch", "--skip-column-names", "--raw"]
        done = subprocess.run(command, input=statements.encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return [line.split("\t") for line in done.stdout.decode().splitlines()]

    try:
        deadline = time.monotonic() + 60
        while not (folder / "s").exists():
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        yield run
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


IN_MYSQL: dict[str, Callable[[str], Any]] = {
    "flag": lambda v: v == "1",
    "single": lambda v: float(np.float32(v)),
    "double": float,
    "whole": float,
    "price": Decimal,
    "small": Decimal,
    "day": datetime.date.fromisoformat,
    "clock": datetime.time.fromisoformat,
    "wall": naive,
    "seconds": naive,
    "zoned": lambda v: naive(v).replace(tzinfo=datetime.UTC),
    "berlin": lambda v: naive(v).replace(tzinfo=datetime.UTC),
    "span": iso_span,
    "list": json.loads,
    "pair": json.loads,
}


def test_mysql_gives_every_type_back(
    tmp_path: Path, mariadb: Callable[[str], list[list[str]]], every_type_table: pa.Table
) -> None:
    text = script(tmp_path, MemoryBundle({"all": {"rows": every_type_table}}, batch=97), "mysql")
    mariadb(f"CREATE DATABASE types CHARACTER SET latin1; USE types;\n{text}")
    names = every_type_table.schema.names
    shown = ", ".join(
        f"IFNULL(HEX({'`bytes`' if n == 'bytes' else f'CAST(`{n}` AS CHAR CHARACTER SET utf8mb4)'}), '-')"
        for n in names
    )
    rows = mariadb(f"SELECT {shown} FROM types.`all` ORDER BY id")
    assert len(rows) == every_type_table.num_rows
    for i, name in enumerate(names):
        wanted = plain(every_type_table.column(name))
        raw = [None if row[i] == "-" else bytes.fromhex(row[i]) for row in rows]
        if name == "bytes":
            assert raw == wanted
            continue
        whole = pa.types.is_integer(every_type_table.schema.field(name).type)
        read = IN_MYSQL.get(name, int if whole else lambda value: value)
        assert [None if v is None else read(v.decode()) for v in raw] == wanted, name


def test_keys_in_mysql(tmp_path: Path, mariadb: Callable[[str], list[list[str]]], keyed: MemoryBundle) -> None:
    for _ in range(2):
        text = script(tmp_path, keyed, "mysql", existing="replace")
        mariadb(f"CREATE DATABASE IF NOT EXISTS shop; USE shop;\n{text}")
    query = "SELECT constraint_type, count(*) FROM information_schema.table_constraints WHERE table_schema = 'shop' GROUP BY 1"
    assert dict(mariadb(query)) == {"PRIMARY KEY": "3", "UNIQUE": "1", "FOREIGN KEY": "3"}
    with pytest.raises(AssertionError, match="foreign key constraint fails"):
        mariadb("INSERT INTO shop.`Order lines` VALUES (99, 1, 2)")


def test_mysql_is_spelled_as_it_reads(tmp_path: Path, keyed: MemoryBundle) -> None:
    """Its manual: backslashes escape, identifiers stand in backticks, keys need texts of a length."""
    text = script(tmp_path, keyed, "mysql")
    assert text.index("`e-mail` varchar(255)") < text.index("START TRANSACTION") < text.index("INSERT")
    assert text.index("COMMIT") < text.index("ALTER TABLE `orders` ADD FOREIGN KEY")
    column = pa.array(["it's", "a\\b", "c\rd\n"])
    assert spell_literals(column, "mysql", "").to_pylist() == ["'it''s'", "'a\\\\b'", "'c\\rd\n'"]
    moment = pa.array([datetime.datetime.fromisoformat("2020-01-02T03:04:05")], pa.timestamp("us", "UTC"))
    assert spell_literals(moment, "mysql", "").to_pylist() == ["'2020-01-02T03:04:05'"]
    assert spell_literals(pa.array([0.1, 1e300, np.inf]), "mysql", "").to_pylist() == ["0.1e0", "1e+300", "NULL"]


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite", "duckdb"])
def test_infinities(tmp_path: Path, postgresql: str, dialect: str) -> None:
    bundle = MemoryBundle({"a": {"rows": pa.table({"x": [np.inf, -np.inf, np.nan, 1.0]})}})
    text = script(tmp_path, bundle, dialect)
    if dialect == "postgresql":
        run_psql(postgresql, text)
        found = [x for (x,) in ask_postgresql(postgresql, "SELECT x FROM a")]
    elif dialect == "sqlite":
        with sqlite3.connect(":memory:") as db:
            db.executescript(text)
            found = [x for (x,) in db.execute("SELECT x FROM a")]
    else:
        with duckdb.connect() as other:
            found = [x for (x,) in other.execute(text).execute("SELECT x FROM a").fetchall()]
    assert found == [np.inf, -np.inf, None, 1.0]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_character_0_is_refused(tmp_path: Path, dialect: str) -> None:
    bundle = MemoryBundle({"a": {"rows": pa.table({"x": ["fine", "a\x00b"]})}})
    with pytest.raises(RequestError, match=r"SD-EXPORT-031 at table 'a', column 'x'"):
        script(tmp_path, bundle, dialect)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("dialect", "wrong"), [("postgresql", 1), ("mysql", 2), ("sqlite", 3), ("duckdb", 3)])
def test_names_that_a_database_cannot_hold(tmp_path: Path, dialect: str, wrong: int) -> None:
    """PostgreSQL tells small and capital letters apart, and cuts long names."""
    names = {"A": [1], "a": [1], "": [1]} if dialect != "postgresql" else {"A": [1], "a": [1], "x" * 64: [1]}
    if dialect == "mysql":
        names = {"x" * 64: [1], "x" * 65: [1], "": [1]}
    with pytest.raises(RequestError) as caught:
        script(tmp_path, MemoryBundle({"t": {"rows": pa.table(names)}}), dialect)
    assert [p.code for p in caught.value.problems] == ["SD-EXPORT-030"] * wrong


def test_tables_of_two_parts_with_one_name(tmp_path: Path) -> None:
    table = pa.table({"x": [1]})
    bundle = MemoryBundle({"a": {"t": table, "u": table}, "b": {"T": table, "v": table}, "c": {"rows": table}})
    made = re.findall(r'CREATE TABLE "(\w+)"', script(tmp_path, bundle, "sqlite"))
    assert made == ["a_t", "u", "b_T", "v", "c"]


def test_keys_whose_columns_are_not_there_are_left_out(tmp_path: Path) -> None:
    table = pa.table({"x": [1]})
    table = table.replace_schema_metadata(with_keys(table.schema, TableKeys(("y",), (("x",), ("z",)))).metadata)
    text = script(tmp_path, MemoryBundle({"a": {"rows": table}}), "sqlite")
    assert "PRIMARY" not in text
    assert text.count("UNIQUE") == 1


class Repeated(MemoryBundle):
    """Gives the rows again and again."""

    def scan(self, part: str, table: str, columns: Any = None) -> Any:
        for _ in range(self.batch):
            yield from self.held[part][table].to_batches()


def test_memory_does_not_grow_with_the_rows(tmp_path: Path, block: pa.Table) -> None:
    peaks = []
    for batches in (2, 20):
        tracemalloc.start()
        before = pa.total_allocated_bytes()
        text_path = SqlExporter().write(
            SqlOut(), Repeated({"a": {"rows": block}}, batches), str(tmp_path / f"{batches}.sql")
        )
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert Path(text_path[0]).stat().st_size > batches * 1_000_000
        assert pa.total_allocated_bytes() <= before + 2**16
    assert peaks[1] <= peaks[0] + 2**20
