"""Every kind of bad input ends in a coded error that says where, what, and how to mend it."""

from __future__ import annotations

import errno
import gzip
import io
import json
import tempfile
import zipfile
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from fsspec.implementations.local import LocalFileSystem

from sundog.core.errors import MissingExtra, Problem, RequestError
from sundog.core.notes import Remark
from sundog.lib.rows.read import open_files
from sundog.lib.rows.read_bytes import Limits

SMALL = Limits(record_bytes=1 << 20, header_bytes=1 << 18, columns=50, unpacked_ratio=50, unpacked_bytes=1 << 20)


def refuse(
    path: Path | str, format: str = "auto", types: dict[str, str] | None = None, limits: Limits = SMALL
) -> tuple[Problem, ...]:
    """The problems with which reading ends."""
    with pytest.raises(RequestError) as caught:
        open_files(str(path), format, types or {}, limits)
    assert caught.value.exit_code == 2
    for problem in caught.value.problems:
        assert problem.where
        assert problem.what
        assert problem.fix
    return caught.value.problems


def write(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def one(
    path: Path | str, code: str, format: str = "auto", types: dict[str, str] | None = None, limits: Limits = SMALL
) -> Problem:
    problems = refuse(path, format, types, limits)
    assert [p.code for p in problems] == [code]
    return problems[0]


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    write(tmp_path, "people.csv", "a\n1\n")
    assert "people.csv" in one(tmp_path / "poeple.csv", "SD-SOURCE-001").fix
    assert one(tmp_path / "no" / "such.csv", "SD-SOURCE-001").fix == "Check the path."


def test_a_directory_without_parts_names_its_folders(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    write(tmp_path, "README.md", "hello")
    write(tmp_path, "_SUCCESS", "")
    assert "people" in one(tmp_path, "SD-SOURCE-002").fix


def test_parts_of_different_formats(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "a\n1\n")
    write(tmp_path, "b.jsonl", '{"a": 1}\n')
    assert "b.jsonl is jsonl" in one(tmp_path, "SD-SOURCE-003").what


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.csv", "a\n1\n")

    def deny(*_: object, **__: object) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(LocalFileSystem, "cat_file", deny)
    assert "Permission denied" in one(path, "SD-SOURCE-004").what


def test_a_file_system_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.csv", "a\n1\n")

    def fail(*_: object, **__: object) -> bytes:
        raise OSError("the cable was cut")

    monkeypatch.setattr(LocalFileSystem, "open", fail)
    assert "the cable was cut" in one(path, "SD-SOURCE-005").what


def test_paths_that_are_none() -> None:
    one("", "SD-SOURCE-006")
    assert one("s4://bucket/a.csv", "SD-SOURCE-008").what.startswith("'s4' is not a kind of URL")


def test_a_url_whose_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def lack(*_: object, **__: object) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", lack)
    with pytest.raises(MissingExtra, match=r"SD-SOURCE-007.*Install s3fs"):
        open_files("s3://bucket/a.csv")


def test_a_file_system_that_does_not_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no credentials")

    monkeypatch.setattr(fsspec.core, "url_to_fs", fail)
    assert "no credentials" in one("s3://bucket/a.csv", "SD-SOURCE-009").what


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"\xd0\xcf\x11\xe0", ".xls"),
        (b"BZh9", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"7z\xbc\xaf", "7-Zip"),
        (b"SQLite format 3\0", "SQLite"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89HDF", "HDF5"),
        (b"RDX3\n", "R data"),
        (b"Obj\x01", "Avro"),
        (b"ORC", "ORC"),
    ],
)
def test_files_that_are_something_else(tmp_path: Path, head: bytes, said: str) -> None:
    assert said in one(write(tmp_path, "a.csv", head + b"x" * 100), "SD-SOURCE-010").what


def test_zip_and_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("sheet.xml", "<x/>")
    problem = one(tmp_path / "a.xlsx", "SD-SOURCE-010")
    assert "ZIP" in problem.what
    assert "CSV" in problem.fix


def test_a_format_that_is_stated_wrongly(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pa.parquet.write_table(pa.table({"a": [1]}), path)
    one(path, "SD-SOURCE-011", format="csv")
    assert "Did you mean 'csv'" in one(write(tmp_path, "a.csv", "a\n1\n"), "SD-SOURCE-013", format="cvs").fix


def test_a_packed_parquet_file(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    pa.parquet.write_table(pa.table({"a": [1]}), buffer)
    one(write(tmp_path, "a.parquet.gz", gzip.compress(buffer.getvalue())), "SD-SOURCE-012")


def test_header_without_records(tmp_path: Path) -> None:
    assert "age, sex" in one(write(tmp_path, "a.csv", "age,sex\n"), "SD-SOURCE-014").what
    one(write(tmp_path, "b.csv", "age,sex"), "SD-SOURCE-014")
    pa.parquet.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "a.parquet")
    one(tmp_path / "a.parquet", "SD-SOURCE-014")


def test_parts_with_other_columns(tmp_path: Path) -> None:
    write(tmp_path, "1.csv", "a,b\n1,2\n")
    write(tmp_path, "2.csv", "a,c\n1,2\n")
    problem = one(tmp_path, "SD-SOURCE-015")
    assert problem.where.endswith("2.csv")
    assert "lacks 'b'" in problem.what
    assert "also has 'c'" in problem.what


def test_columnar_parts_with_other_columns_or_types(tmp_path: Path) -> None:
    (tmp_path / "names").mkdir()
    (tmp_path / "types").mkdir()
    pa.parquet.write_table(pa.table({"a": [1]}), tmp_path / "names" / "1.parquet")
    pa.parquet.write_table(pa.table({"b": [1]}), tmp_path / "names" / "2.parquet")
    one(tmp_path / "names", "SD-SOURCE-015")
    pa.parquet.write_table(pa.table({"a": [1]}), tmp_path / "types" / "1.parquet")
    pa.parquet.write_table(pa.table({"a": ["x"]}), tmp_path / "types" / "2.parquet")
    assert "'a' is string here and int64" in one(tmp_path / "types", "SD-SOURCE-016").what


def test_types_of_columns_and_types_that_do_not_exist(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "age,sex\n1,m\n")
    problems = refuse(path, types={"aeg": "int64", "sex": "strnig"})
    assert [p.code for p in problems] == ["SD-SOURCE-020", "SD-SOURCE-021"]
    assert "'age'" in problems[0].fix
    assert "'string'" in problems[1].fix


def test_values_that_do_not_fit_a_stated_type(tmp_path: Path) -> None:
    rows = "".join(f"{i},x\n" for i in range(100)) + "twelve,x\n7,x\n,x\nNA,x\n8a,x\n"
    problem = one(write(tmp_path, "a.csv", "age,b\n" + rows), "SD-SOURCE-022", types={"age": "int64"})
    assert problem.what.startswith("2 values of 'age' cannot be read as int64")
    assert "'twelve' in row 101 of a.csv" in problem.what
    assert "'8a' in row 105 of a.csv" in problem.what


def test_a_way_of_writing_that_does_not_exist(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "d\n1/2/2020\n")
    assert "%d/%m/%Y" in one(path, "SD-SOURCE-026", types={"d": "date32:%d %Q %Y"}).fix


def test_a_date_whose_order_must_be_stated(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "d\n1/2/2020\n3/4/2021\n")
    assert "%d/%m/%Y" in one(path, "SD-SOURCE-022", types={"d": "date32"}).fix
    assert (
        "'13/2/2020'"
        in one(write(tmp_path, "b.csv", "d\n13/2/2020\n"), "SD-SOURCE-022", types={"d": "date32:%m/%d/%Y"}).what
    )


def test_whole_numbers_that_are_no_truth_values(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "b\n0\n1\n2\n")
    assert "row 1 of a.csv to row 3 of a.csv" in one(path, "SD-SOURCE-023", types={"b": "bool"}).what


def test_a_column_to_scan_that_does_not_exist(tmp_path: Path) -> None:
    source = open_files(str(write(tmp_path, "a.csv", "age\n1\n")))
    with pytest.raises(RequestError, match=r"SD-SOURCE-024(.|\n)*Did you mean 'age'"):
        next(source.scan(["aeg"]))


def test_columnar_values_that_do_not_fit_a_stated_type(tmp_path: Path) -> None:
    pa.parquet.write_table(pa.table({"a": ["1", "x"]}), tmp_path / "a.parquet")
    assert "rows 1 to 2 of a.parquet" in one(tmp_path / "a.parquet", "SD-SOURCE-025", types={"a": "int64"}).what


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_packed_data_that_are_cut_short_or_broken(tmp_path: Path, packing: str) -> None:
    text = "".join(f"{i},{i * i % 977}\n" for i in range(50_000)).encode()
    packed = pa.compress(b"a,b\n" + text, codec=packing, asbytes=True)
    assert "middle" in one(write(tmp_path, "cut.csv.gz", packed[: len(packed) // 2]), "SD-SOURCE-030").what
    broken = bytearray(packed)
    broken[len(broken) // 2 : len(broken) // 2 + 64] = bytes(64)
    problems = refuse(write(tmp_path, "broken.csv.gz", bytes(broken)))
    assert problems[0].code in ("SD-SOURCE-030", "SD-SOURCE-034", "SD-SOURCE-035", "SD-SOURCE-045")


def test_a_decompression_bomb_stops_early(tmp_path: Path) -> None:
    line = b"a" * 99 + b"\n"
    path = write(tmp_path, "a.csv.gz", gzip.compress(b"a\n" + line * 100_000))
    assert "decompression bomb" in one(path, "SD-SOURCE-031").what
    generous = Limits(unpacked_ratio=10_000)
    assert open_files(str(path), limits=generous).rows == 100_000


def test_utf16_that_breaks(tmp_path: Path) -> None:
    assert one(
        write(tmp_path, "a.csv", b"\xff\xfe" + "a,b\n1,2\n".encode("utf-16-le") + b"\x00\xd8\x00"), "SD-SOURCE-032"
    ).where.startswith("a.csv")


def test_a_line_without_end_stops_early(tmp_path: Path) -> None:
    assert "line 3" in one(write(tmp_path, "a.csv", b"a,b\n1,2\n1," + b"x" * (3 << 20) + b"\n"), "SD-SOURCE-033").where
    one(write(tmp_path, "b.jsonl", b'{"a": "' + b"x" * (3 << 20) + b'"}\n'), "SD-SOURCE-033")
    one(
        write(tmp_path, "c.csv.gz", gzip.compress(b"a,b\n1," + b"x" * (64 << 20))),
        "SD-SOURCE-033",
        limits=Limits(record_bytes=1 << 20),
    )


def test_a_quoted_field_without_end_of_many_lines_stops_early(tmp_path: Path) -> None:
    field = b'"' + b"some words\n" * 600_000 + b'"'
    path = write(tmp_path, "a.csv", b"a,b\n1,2\n1," + field + b"\n3,4\n")
    problem = one(path, "SD-SOURCE-049")
    assert problem.where == "a.csv, line 3"
    assert "longer than 1,048,576 bytes" in problem.what
    source = open_files(str(path), limits=Limits(record_bytes=8 << 20))  # longer than a block, within the limit
    assert [len(v) for v in pa.Table.from_batches(list(source.scan()))["b"].cast(pa.string()).to_pylist()] == [
        1,
        len(field) - 2,
        1,
    ]


def test_zero_bytes(tmp_path: Path) -> None:
    assert one(write(tmp_path, "a.csv", b"a,b\n1,2\n1,\x002\n"), "SD-SOURCE-034").where == "a.csv, line 3"
    assert "UTF-16" in one(write(tmp_path, "b.csv", ("a,b\n" + "1,2\n" * 40).encode("utf-16-le")), "SD-SOURCE-034").fix


def test_an_encoding_that_is_not_utf8(tmp_path: Path) -> None:
    problem = one(write(tmp_path, "a.csv", "name,b\nMaier,1\nMüller,2\n".encode("cp1252")), "SD-SOURCE-035")
    assert problem.where == "a.csv, line 3"
    assert "byte 0xfc at offset 16" in problem.what
    assert "Müller" in problem.what
    assert "WINDOWS-1252" in problem.fix


def test_an_encoding_fault_far_into_the_file_and_at_its_end(tmp_path: Path) -> None:
    head = b"name,b\n" + "é,1\n".encode() * 600_000  # beyond a chunk, with characters across its border
    problem = one(write(tmp_path, "a.csv", head + b"\xe9,2\n"), "SD-SOURCE-035")
    assert problem.where == "a.csv, line 600002"
    assert f"offset {len(head):,}" in problem.what
    assert one(write(tmp_path, "b.csv", b"a\nx\xc3"), "SD-SOURCE-035").where == "b.csv, line 2"


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", ",,,\n", " \n"])
def test_an_empty_file(tmp_path: Path, content: str) -> None:
    one(write(tmp_path, "a.csv", content), "SD-SOURCE-040")


def test_an_empty_packed_file(tmp_path: Path) -> None:
    one(write(tmp_path, "a.csv.gz", gzip.compress(b"")), "SD-SOURCE-040")


def test_one_huge_line(tmp_path: Path) -> None:
    one(write(tmp_path, "a.csv", b'"' + b"x\n" * 2_000_000), "SD-SOURCE-041")
    one(write(tmp_path, "b.csv", b"x" * 3_000_000), "SD-SOURCE-041")
    one(write(tmp_path, "c.csv", b"x" * 200_000 + b"\n1\n"), "SD-SOURCE-057")


def test_too_many_columns(tmp_path: Path) -> None:
    one(write(tmp_path, "a.csv", ",".join(f"c{i}" for i in range(60)) + "\n"), "SD-SOURCE-042")


def test_column_names_that_are_empty_or_stand_twice(tmp_path: Path) -> None:
    problems = refuse(write(tmp_path, "a.csv", "a,,b,a\n1,2,3,4\n"))
    assert [p.code for p in problems] == ["SD-SOURCE-043", "SD-SOURCE-044"]
    assert "at 2 of 4" in problems[0].what
    assert "'a' (columns 1 and 4)" in problems[1].what
    assert "index=False" in one(write(tmp_path, "b.csv", ",a\n0,1\n"), "SD-SOURCE-043").fix


def test_a_header_of_numbers(tmp_path: Path) -> None:
    assert "is the line of column names missing" in one(write(tmp_path, "a.csv", "1,2,1\n3,4,5\n"), "SD-SOURCE-044").fix
    source = open_files(str(write(tmp_path, "b.csv", "1,2.5\n3,4\n")))
    assert any(isinstance(n, Remark) and "is the line of column names missing" in n.text for n in source.notes)


def test_ragged_rows_are_named_by_line(tmp_path: Path) -> None:
    text = 'a,b\n1,"x\ny"\n\n3\n4,5\n6,7,8\n'
    problems = refuse(write(tmp_path, "a.csv", text))
    assert [(p.code, p.where, p.what) for p in problems] == [
        ("SD-SOURCE-045", "a.csv, line 5", "1 field where the header has 2"),
        ("SD-SOURCE-045", "a.csv, line 7", "3 fields where the header has 2"),
    ]


def test_ragged_rows_far_into_the_file(tmp_path: Path) -> None:
    good = "some words,1\n" * 700_000  # more than a block
    problem = one(write(tmp_path, "a.csv", "a,b\n" + good + "1,2,3\n" + good), "SD-SOURCE-045")
    assert problem.where == "a.csv, line 700002"


def test_a_file_full_of_ragged_rows_shows_a_few(tmp_path: Path) -> None:
    assert 1 < len(refuse(write(tmp_path, "a.csv", "a,b\n" + "1\n" * 100_000))) <= 5


def test_an_error_of_arrow_that_we_do_not_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise pa.ArrowInvalid("something new")

    monkeypatch.setattr(pyarrow.csv, "open_csv", fail)
    assert "something new" in one(write(tmp_path, "a.csv", "a\n1\n"), "SD-SOURCE-046").what


def test_quotes(tmp_path: Path) -> None:
    problem = one(write(tmp_path, "a.csv", 'a,b\n1,2\n3,"4\n5,6\n7,8\n'), "SD-SOURCE-048")
    assert problem.where == "a.csv, line 3"
    assert one(write(tmp_path, "b.csv", 'a,b\n3,"4\n5,"6"\n7,8\n'), "SD-SOURCE-047").where == "b.csv, line 3"
    inches = open_files(str(write(tmp_path, "c.csv", 'a,b\n5" pipe,2\n7,8\n')))
    assert next(inches.scan(["a"])).column(0).to_pylist() == ['5" pipe', "7"]


def test_a_quote_without_end_in_a_large_file(tmp_path: Path) -> None:
    text = "a,b\n" + "1,2\n" * 1000 + '1,"2\n' + "1,2\n" * 600_000
    assert refuse(write(tmp_path, "a.csv", text))[0].where == "a.csv, line 1002"


def test_json_lines(tmp_path: Path) -> None:
    one(write(tmp_path, "a.jsonl", "\n\n"), "SD-SOURCE-050")
    one(write(tmp_path, "b.jsonl", "{}\n{}\n"), "SD-SOURCE-050")
    one(write(tmp_path, "c.jsonl", '{"a": "\\ud800"}\n'), "SD-SOURCE-051")
    assert one(write(tmp_path, "d.jsonl", '{"a": 1}\n{"a": \n'), "SD-SOURCE-052").where == "d.jsonl, line 2"
    assert "jq" in one(write(tmp_path, "e.jsonl", '[\n{"a": 1}\n]\n'), "SD-SOURCE-052").fix
    one(write(tmp_path, "f.jsonl", '{"a": ' + "[" * 100_000 + "\n"), "SD-SOURCE-052")
    assert "an array" in one(write(tmp_path, "g.jsonl", "[1, 2]\n"), "SD-SOURCE-053").what
    assert "'a'" in one(write(tmp_path, "h.jsonl", '{"a": 1, "b": 2, "a": 3}\n'), "SD-SOURCE-054").what
    one(write(tmp_path, "i.jsonl", '{"": 1}\n'), "SD-SOURCE-055")
    keys = "".join(json.dumps({f"k{i}": 1}) + "\n" for i in range(60))
    one(write(tmp_path, "j.jsonl", keys), "SD-SOURCE-056")


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream"])
def test_columnar_files_that_are_cut_short_or_broken(tmp_path: Path, kind: str) -> None:
    table = pa.table({"a": list(range(20_000)), "b": [f"text {i}" for i in range(20_000)]})
    sink = io.BytesIO()
    if kind == "parquet":
        pa.parquet.write_table(table, sink)
    else:
        with (pa.ipc.new_file if kind == "arrow" else pa.ipc.new_stream)(sink, table.schema) as writer:
            writer.write_table(table)
    whole = sink.getvalue()
    one(write(tmp_path, f"cut.{kind}", whole[: len(whole) // 2]), "SD-SOURCE-061")
    for at in range(100, len(whole), len(whole) // 23):
        broken = bytearray(whole)
        broken[at : at + 40] = b"\xff" * 40
        path = write(tmp_path, f"broken.{kind}", bytes(broken))
        codes = set()
        try:
            open_files(str(path))
        except RequestError as error:
            codes = {p.code for p in error.problems}
        assert codes <= {"SD-SOURCE-061", "SD-SOURCE-062", "SD-SOURCE-063", "SD-SOURCE-034"}


def test_an_arrow_file_with_a_name_that_is_no_text(tmp_path: Path) -> None:
    sink = io.BytesIO()
    table = pa.table({"somewhere": [1]})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    broken = sink.getvalue().replace(b"somewhere", b"some\xffhere")
    one(write(tmp_path, "a.arrows", broken), "SD-SOURCE-061")


def test_a_parquet_file_with_text_that_is_none(tmp_path: Path) -> None:
    sink = io.BytesIO()
    pa.parquet.write_table(pa.table({"a": ["somewhere", "else"]}), sink, compression="none", use_dictionary=False)
    broken = sink.getvalue().replace(b"somewhere", b"some\xffhere")
    assert "UTF8" in one(write(tmp_path, "a.parquet", broken), "SD-SOURCE-061").what


def test_a_parquet_file_that_claims_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pa.parquet.write_table(pa.table({"a": pa.nulls(3_000_000, pa.int64())}), tmp_path / "a.parquet")
    monkeypatch.setattr("sundog.lib.rows.read_columnar.CELLS_UNQUESTIONED", 1_000_000)
    monkeypatch.setattr("sundog.lib.rows.read_columnar.MOST_CELLS_PER_BYTE", 100)
    assert "claims 3,000,000 rows" in one(tmp_path / "a.parquet", "SD-SOURCE-062").what


def test_columnar_names_and_columns_that_cannot_be_read(tmp_path: Path) -> None:
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pa.ipc.new_file(tmp_path / "a.arrow", twice.schema) as writer:
        writer.write_table(twice)
    assert "'a'" in one(tmp_path / "a.arrow", "SD-SOURCE-063").what
    pa.parquet.write_table(pa.table({"b": pa.array([b"\x00"], pa.binary())}), tmp_path / "b.parquet")
    one(tmp_path / "b.parquet", "SD-SOURCE-064")


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.csv", "a\n1\n")

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", fail)
    assert "TMPDIR" in one(path, "SD-SOURCE-070").fix


def test_what_looks_like_a_formula_is_only_data(tmp_path: Path) -> None:
    source = open_files(str(write(tmp_path, "a.csv", 'a,b\n=1+1,"=HYPERLINK(""x"")"\n@x,+y\n')))
    assert pa.Table.from_batches(list(source.scan())).to_pylist() == [
        {"a": "=1+1", "b": '=HYPERLINK("x")'},
        {"a": "@x", "b": "+y"},
    ]


def test_nothing_is_left_on_the_disk_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    refuse(write(tmp_path, "a.csv", "a,b\n1,2\n3\n"))
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_device_is_named_by_its_path() -> None:
    assert one("/dev/null", "SD-SOURCE-040").where == "/dev/null"
