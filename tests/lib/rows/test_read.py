"""Sources of every form give the same typed records, with their notes."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import math
import os
import stat
import subprocess
import sys
import tempfile
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from sundog.core.notes import Remark, Used
from sundog.core.recipe import SourceSpec
from sundog.core.tables import meaning_of
from sundog.lib.rows import read_spool
from sundog.lib.rows.extension import FILES
from sundog.lib.rows.infer_marks import decimals_of, format_of, pattern_of
from sundog.lib.rows.infer_stated import types_like
from sundog.lib.rows.read import FileSource, open_files
from sundog.lib.rows.read_spool import SpoolWriter
from sundog.lib.rows.read_spool import read_spool as scan_spool

ADULT = str(files("sundog.data") / "adult.csv.gz")
TEXT = 'age,city,score,when\n39,Köln,1.50,2024-03-01\n50,"Paris, France",,2024-03-02\n,Rome,2.25,\n'
ROWS: list[dict[str, object]] = [
    {"age": 39, "city": "Köln", "score": 1.5, "when": dt.date(2024, 3, 1)},
    {"age": 50, "city": "Paris, France", "score": None, "when": dt.date(2024, 3, 2)},
    {"age": None, "city": "Rome", "score": 2.25, "when": None},
]


def rows_of(source: FileSource) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = pa.Table.from_batches(list(source.scan()), schema=source.schema).to_pylist()
    return rows


def write(folder: Path, name: str, content: bytes | str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def remarks(source: FileSource, subject: str) -> list[str]:
    return [n.text for n in source.notes if isinstance(n, Remark) and n.subject == subject]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", TEXT.encode()),
        ("no suffix", TEXT.encode()),
        ("crlf.csv", TEXT.replace("\n", "\r\n").encode()),
        ("mac.csv", TEXT.replace("\n", "\r").encode()),
        ("blank lines.csv", ("\n\n" + TEXT.replace("\n", "\n\n")).encode()),
        ("no last newline.csv", TEXT.rstrip("\n").encode()),
        ("bom.csv", b"\xef\xbb\xbf" + TEXT.encode()),
        ("utf16.csv", TEXT.encode("utf-16")),
        ("utf32.csv", TEXT.encode("utf-32")),
        ("a.csv.gz", gzip.compress(TEXT.encode(), mtime=0)),
        ("members.csv.gz", gzip.compress(TEXT[:30].encode(), mtime=0) + gzip.compress(TEXT[30:].encode(), mtime=0)),
        ("a.csv.zst", pa.compress(TEXT.encode(), codec="zstd", asbytes=True)),
        ("misnamed.csv", gzip.compress(TEXT.encode(), mtime=0)),
        ("a.tsv", TEXT.replace('"Paris, France"', "Paris; France").replace(",", "\t").replace(";", ",").encode()),
        ("semicolons.csv", TEXT.replace('"Paris, France"', "Paris| France").replace(",", ";").replace("|", ",").encode()),
        ("excel.csv", ("sep=;\n" + TEXT.replace('"Paris, France"', "Paris| France").replace(",", ";").replace("|", ",")).encode()),
        ("pipes.csv", TEXT.replace('"Paris, France"', "Paris; France").replace(",", "|").replace(";", ",").encode()),
        ("a.jsonl", "".join(json.dumps({k: str(v) if isinstance(v, dt.date) else v for k, v in r.items() if v is not None}) + "\n" for r in ROWS).encode()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_text_of_every_form(tmp_path: Path, name: str, content: bytes) -> None:
    path = write(tmp_path, name, content)
    source = open_files(path)
    assert rows_of(source) == ROWS
    assert source.rows == 3
    assert [str(f.type) for f in source.schema] == ["int64", "string", "double", "date32[day]"]
    assert [n for n in source.notes if isinstance(n, Used)] == [Used(name, hashlib.sha256(content).hexdigest(), "")]


@pytest.mark.parametrize("suffix", ["parquet", "arrow", "arrows", "feather"])
def test_columnar_files(tmp_path: Path, suffix: str) -> None:
    table = pa.Table.from_pylist(
        ROWS,
        pa.schema(
            [
                ("age", pa.int16()),
                ("city", pa.dictionary(pa.int8(), pa.large_string())),
                ("score", pa.float32()),
                ("when", pa.date64()),
            ]
        ),
    )
    path = str(tmp_path / f"a.{suffix}")
    if suffix == "parquet":
        pa.parquet.write_table(table, path)
    else:
        make = pa.ipc.new_stream if suffix == "arrows" else pa.ipc.new_file
        with make(path, table.schema) as writer:
            writer.write_table(table)
    source = open_files(path)
    assert rows_of(source) == ROWS
    assert [str(f.type) for f in source.schema] == ["int64", "string", "double", "date32[day]"]


def test_every_columnar_type_gets_one_of_ours(tmp_path: Path) -> None:
    stamp = dt.datetime.fromisoformat("2024-03-01T12:00:00.123456")
    table = pa.table(
        {
            "u8": pa.array([1, 2], pa.uint8()),
            "u64": pa.array([1, 2**64 - 1], pa.uint64()),
            "f16": pa.array(np.array([0.5, 1.5], np.float16)),
            "money": pa.array([Decimal("1.10"), Decimal("2.25")], pa.decimal128(9, 2)),
            "ns": pa.array([stamp, None], pa.timestamp("ns", "Europe/Berlin")),
            "s": pa.array([stamp.replace(microsecond=0), None], pa.timestamp("s")),
            "t": pa.array([dt.time(1, 2, 3), None], pa.time32("s")),
            "d": pa.array([dt.timedelta(hours=1), None], pa.duration("ns")),
            "list": pa.array([[1, 2], None], pa.list_(pa.int64())),
            "struct": pa.array([{"a": 1}, {"a": None}]),
            "nothing": pa.nulls(2),
            "bytes": pa.array([b"a", b"b"]),
            "view": pa.array(["x", "y"], pa.string_view()),
            "nan": [math.nan, math.inf],
        }
    )
    with pa.ipc.new_file(tmp_path / "a.arrow", table.schema) as writer:
        writer.write_table(table)
    source = open_files(str(tmp_path / "a.arrow"))
    types = {f.name: str(f.type) for f in source.schema}
    assert types == {
        "u8": "int64", "u64": "string", "f16": "double", "money": "double", "ns": "timestamp[us, tz=Europe/Berlin]", "s": "timestamp[us]",
        "t": "time64[us]", "d": "duration[us]", "list": "string", "struct": "string", "nothing": "string", "view": "string", "nan": "double",
    }  # fmt: skip
    rows = rows_of(source)
    assert rows[1]["u64"] == "18446744073709551615"
    assert [r["money"] for r in rows] == [1.1, 2.25]
    assert [r["list"] for r in rows] == ["[1,2]", None]
    assert rows[0]["struct"] == '{"a":1}'
    assert [r["nan"] for r in rows] == [None, None]
    assert remarks(source, "nan") == ["1 infinite values count as missing"]
    assert "left out" in remarks(source, "bytes")[0]
    assert decimals_of(source.schema.field("money")) == 2
    assert pattern_of(source.schema.field("list")) == "json"


def test_a_zone_that_is_not_known_is_read_as_utc(tmp_path: Path) -> None:
    stamps = pa.array([0, 1], pa.int64())
    table = pa.table(
        {"a": stamps.cast(pa.timestamp("us", "Mars/Olympus")), "b": stamps.cast(pa.timestamp("us", "+02:00"))}
    )
    with pa.ipc.new_file(tmp_path / "a.arrow", table.schema) as writer:
        writer.write_table(table)
    source = open_files(str(tmp_path / "a.arrow"))
    assert [t.tz for t in source.schema.types] == ["UTC", "+02:00"]
    assert "Mars/Olympus" in remarks(source, "a")[0]


def test_the_index_that_pandas_writes_is_left_out(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [1, 2]}, index=[5, 9])
    frame.to_parquet(tmp_path / "a.parquet")
    source = open_files(str(tmp_path / "a.parquet"))
    assert source.schema.names == ["a"]
    assert "index" in remarks(source, "__index_level_0__")[0]


def test_a_directory_of_parts_is_read_in_order_of_names(tmp_path: Path) -> None:
    write(tmp_path, "d/part-2.csv", "b,a\nx,3.5\n")
    write(tmp_path, "d/part-1.csv.gz", gzip.compress(b"a,b\n1,y\n2,z\n", mtime=0))
    write(tmp_path, "d/part-3.csv", "a,b\n")
    write(tmp_path, "d/_SUCCESS", "")
    write(tmp_path, "d/.part-1.csv.crc", "x")
    source = open_files(str(tmp_path / "d"))
    assert rows_of(source) == [{"a": 1.0, "b": "y"}, {"a": 2.0, "b": "z"}, {"a": 3.5, "b": "x"}]
    assert [n.what for n in source.notes if isinstance(n, Used)] == ["d/part-1.csv.gz", "d/part-2.csv", "d/part-3.csv"]


def test_parts_of_parquet_with_whole_numbers_and_decimals(tmp_path: Path) -> None:
    pa.parquet.write_table(pa.table({"a": [1, 2], "b": pa.nulls(2)}), tmp_path / "1.parquet")
    pa.parquet.write_table(pa.table({"b": ["x"], "a": [0.5]}), tmp_path / "2.parquet")
    source = open_files(str(tmp_path))
    assert rows_of(source) == [{"a": 1.0, "b": None}, {"a": 2.0, "b": None}, {"a": 0.5, "b": "x"}]


def test_urls(tmp_path: Path) -> None:
    assert rows_of(open_files("file://" + write(tmp_path, "a.csv", TEXT))) == ROWS
    memory = fsspec.filesystem("memory")
    memory.pipe("/sundog-test/a.csv.gz", gzip.compress(TEXT.encode(), mtime=0))
    assert rows_of(open_files("memory://sundog-test/a.csv.gz")) == ROWS
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(pa.Table.from_pylist(ROWS), sink)
    memory.pipe("/sundog-test/parts/a.parquet", sink.getvalue().to_pybytes())
    assert rows_of(open_files("memory://sundog-test/parts")) == ROWS
    memory.rm("/sundog-test", recursive=True)


def test_one_row_and_one_column(tmp_path: Path) -> None:
    assert rows_of(open_files(write(tmp_path, "row.csv", "a,b\n1,x\n"))) == [{"a": 1, "b": "x"}]
    assert rows_of(open_files(write(tmp_path, "column.csv", "a\n1\n2\n"))) == [{"a": 1}, {"a": 2}]
    assert rows_of(open_files(write(tmp_path, "cell.csv", 'a\n""\n'))) == [{"a": None}]


def test_a_column_without_a_value(tmp_path: Path) -> None:
    source = open_files(write(tmp_path, "a.csv", "a,b\n1,\n2,NA\n"))
    assert [r["b"] for r in rows_of(source)] == [None, None]
    assert remarks(source, "b") == ["has no value at all"]
    assert meaning_of(source.schema.field("b")) == "constant"
    assert dict(source.profiles[1].tokens) == {"": 1, "NA": 1}


def test_json_lines_with_late_and_nested_keys(tmp_path: Path) -> None:
    lines = ['{"a": 1}'] * 20_000 + [
        '{"a": 2.50, "b": {"c": [1, 2.5, null, "x"]}, "n": true}',
        '{"n": false, "b": null, "z": "007"}',
    ]
    source = open_files(write(tmp_path, "a.jsonl", "\n".join(lines)))
    rows = rows_of(source)
    assert rows[0] == {"a": 1.0, "b": None, "n": None, "z": None}
    assert rows[20_000] == {"a": 2.5, "b": '{"c":[1,2.5,null,"x"]}', "n": True, "z": None}
    assert rows[20_001] == {"a": None, "b": None, "n": False, "z": "007"}
    assert pattern_of(source.schema.field("b")) == "json"
    assert source.profiles[3].missing == 20_001
    assert dict(source.profiles[3].tokens) == {"": 20_001}


def test_batches_are_joined_and_cut(tmp_path: Path) -> None:
    schema = pa.schema([("a", pa.int64())])
    spool = SpoolWriter(tmp_path / "a.arrow", schema)
    sizes = [10, 0, 70_000, 3, 200_000, 65_536]
    at = 0
    for size in sizes:
        spool.write(pa.record_batch([pa.array(range(at, at + size), pa.int64())], schema=schema))
        at += size
    spool.close()
    batches = list(scan_spool(tmp_path / "a.arrow"))
    assert spool.rows == sum(sizes) == sum(b.num_rows for b in batches)
    assert max(b.num_rows for b in batches) <= 65_536
    assert np.array_equal(np.concatenate([b.column(0).to_numpy() for b in batches]), np.arange(at))


def test_a_scan_goes_through_many_maps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_spool, "ROWS", 10)
    schema = pa.schema([("a", pa.int64()), ("b", pa.int64())])
    spool = SpoolWriter(tmp_path / "a.arrow", schema)
    for i in range(70):
        spool.write(pa.record_batch([pa.array([i] * 10), pa.array([-i] * 10)], schema=schema))
    spool.close()
    batches = list(scan_spool(tmp_path / "a.arrow", ["b"]))
    assert len(batches) == 70
    assert [b.column(0)[0].as_py() for b in batches] == [-i for i in range(70)]
    assert batches[0].schema.names == ["b"]


def test_scans_of_some_columns(tmp_path: Path) -> None:
    source = open_files(write(tmp_path, "a.csv", TEXT))
    batch = next(source.scan(["score", "age"]))
    assert batch.schema.names == ["score", "age"]
    assert batch.schema.field("age").equals(source.schema.field("age"), check_metadata=True)
    assert [next(source.scan()).num_rows, next(source.scan()).num_rows] == [3, 3]


def test_the_scratch_folder_is_private_and_goes_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = write(tmp_path / "data", "a.csv", TEXT)
    with open_files(path) as source:
        folders = [p for p in tmp_path.iterdir() if p.name.startswith("sundog-")]
        assert [stat.S_IMODE(p.stat().st_mode) for p in folders] == [0o700]
        assert sorted(p.name for p in folders[0].iterdir()) == ["lock", "rows.arrow"]
        assert source.rows == 3
    assert not folders[0].exists()
    another = open_files(path)
    del another
    assert [p.name for p in tmp_path.iterdir()] == ["data"]


def test_a_folder_of_a_killed_process_is_removed_and_a_live_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = write(tmp_path / "data", "a.csv", TEXT)
    code = f"import os, sys; from sundog.lib.rows.read import open_files; s = open_files({path!r}); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)}, check=False)
    left = [p for p in tmp_path.iterdir() if p.name.startswith("sundog-records-")]
    assert len(left) == 1
    live = open_files(path)
    assert not left[0].exists()
    another = open_files(path)
    assert rows_of(live) == rows_of(another) == ROWS


def test_the_sample_that_ships_with_sundog() -> None:
    source = open_files(ADULT)
    assert source.rows == 48_842
    types = {f.name: str(f.type) for f in source.schema}
    assert {n for n, t in types.items() if t == "int64"} == {
        "age",
        "fnlwgt",
        "education_num",
        "capital_gain",
        "capital_loss",
        "hours_per_week",
    }
    assert {n for n, t in types.items() if t == "string"} == set(types) - {n for n, t in types.items() if t == "int64"}
    assert {meaning_of(f) for f in source.schema} == {"number", "category"}
    assert source.profiles[0].distinct == 74
    assert sum(b.num_rows for b in source.scan()) == 48_842


def test_another_file_is_read_as_the_table_it_goes_with(tmp_path: Path) -> None:
    train = open_files(
        write(
            tmp_path,
            "train.csv",
            "zip,d,flag,n,m,t\n007,13/2/2020,Yes,1,1,2020-01-01 10:00\n123,1/2/2020,No,2,,2020-01-01 10:00\n",
        )
    )
    path = write(tmp_path, "holdout.csv", "zip,d,flag,n,m,t,more\n123,3/4/2020,No,1.5,,2020-01-01,x\n")
    alone = open_files(path)
    assert [str(t) for t in alone.schema.types] == [
        "int64",
        "string",
        "string",
        "double",
        "string",
        "date32[day]",
        "string",
    ]
    types = types_like(train.schema, alone.schema)
    assert types == {"zip": "string", "d": "date32:%d/%m/%Y", "flag": "bool", "m": "int64", "t": "timestamp"}
    again = open_files(path, types=types)
    assert rows_of(again) == [
        {
            "zip": "123",
            "d": dt.date(2020, 4, 3),
            "flag": False,
            "n": 1.5,
            "m": None,
            "t": dt.datetime.fromisoformat("2020-01-01"),
            "more": "x",
        }
    ]
    assert types_like(train.schema, train.schema) == {}


@pytest.mark.parametrize(
    ("content", "types", "expected", "written"),
    [
        ("39.0\n40.0\n", "int64", [39, 40], ""),
        ("007\n12\n", "int64", [7, 12], ""),
        ("1\n0\n\n", "bool", [True, False], ""),
        ("yes\nN\n", "boolean", [True, False], "yes/N"),
        ("7\n8\n", "string", ["7", "8"], ""),
        ("NA\n8\n", "string", ["NA", "8"], ""),
        ("1/2/2020\n", "date32:%d/%m/%Y", [dt.date(2020, 2, 1)], "%d/%m/%Y"),
        ("1/2/2020\n", "date32:%m/%d/%Y", [dt.date(2020, 1, 2)], "%m/%d/%Y"),
        ("2020-01-02 10:00\n2020-01-03\n", "date", [dt.date(2020, 1, 2), dt.date(2020, 1, 3)], ""),
        ("2020-01-02\n", "timestamp[us]", [dt.datetime.fromisoformat("2020-01-02")], ""),
        ("13/1/2020\n", "timestamp", [dt.datetime.fromisoformat("2020-01-13")], "%d/%m/%Y %H:%M:%S"),
        ("3:00:00\n", "duration", [dt.timedelta(hours=3)], ""),
        ('"1,234"\n', "float64:1,234.5", [1234.0], "1,234.5"),
        ('"1,234"\n', "float64:1234,5", [1.234], "1234,5"),
        ('"1,234"\n5\n', "int64:1,234.5", [1234, 5], "1,234.5"),
        ("1\n?\n", "float64", [1.0, None], ""),
        ("00:30\n", "time64", [dt.time(0, 30)], "%H:%M"),
    ],
)
def test_stated_types(tmp_path: Path, content: str, types: str, expected: list[object], written: str) -> None:
    source = open_files(write(tmp_path, "a.csv", "a\n" + content), types={"a": types})
    assert [r["a"] for r in rows_of(source)] == expected
    assert format_of(source.schema.field("a")) == written


def test_stated_types_of_columnar_files(tmp_path: Path) -> None:
    pa.parquet.write_table(pa.table({"a": ["1", "2"], "b": [1, 2]}), tmp_path / "a.parquet")
    source = open_files(str(tmp_path / "a.parquet"), types={"a": "int64", "b": "string"})
    assert rows_of(source) == [{"a": 1, "b": "1"}, {"a": 2, "b": "2"}]


def test_the_extension_fills_in_the_licence(tmp_path: Path) -> None:
    reader = FILES.load()
    path = write(tmp_path, "a.csv", "a\n1\n")
    spec = SourceSpec(path=path, licence="CC BY 4.0", types={"a": "string"})
    assert reader.accepts(spec)
    assert not reader.accepts(SourceSpec(path="postgresql://host/db"))
    source = reader.open(spec, path)
    assert [n.licence for n in source.notes if isinstance(n, Used)] == ["CC BY 4.0"]
    assert rows_of(source) == [{"a": "1"}]
