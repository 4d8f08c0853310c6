"""Arbitrary tables are read back as they were written, and arbitrary bytes never end in anything but a coded error."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import tempfile
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sundog.core.errors import RequestError
from sundog.lib.rows.infer_kinds import MISSING
from sundog.lib.rows.read import FileSource, open_files
from sundog.lib.rows.read_bytes import Limits

SMALL = Limits(record_bytes=1 << 16, header_bytes=1 << 14, columns=100, unpacked_ratio=100, unpacked_bytes=1 << 20)

_PLAIN = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_TEXT = st.text(_PLAIN, max_size=12)
_NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000).map(str),
)
_DATES = st.one_of(
    st.dates().map(dt.date.isoformat), st.datetimes().map(dt.datetime.isoformat), st.dates().map(lambda d: d.strftime("%d/%m/") + f"{d.year:04d}"),
    st.times().map(dt.time.isoformat), st.timedeltas().map(str),
)  # fmt: skip
_ODD = st.sampled_from(
    [
        *MISSING,
        "?",
        " ",
        "yes",
        "No",
        "TRUE",
        "false",
        "t",
        "1,234",
        "1.234,5",
        "007",
        "+5",
        "=1+1",
        '"',
        '""',
        "\n",
        "\r\n",
        "a\rb",
        ",",
        "'",
        "\ufeff",
        "P1D",
        "PT",
        "1e400",
        "0x1",
        "-0",
    ]
)
_CELLS = [
    _TEXT,
    _NUMBERS,
    _DATES,
    _ODD,
    st.one_of(_TEXT, _NUMBERS, _DATES, _ODD),
    st.sampled_from(["1", "2", ""]),
    st.sampled_from(["yes", "no", "NA"]),
]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """Column names and rows of texts; each column draws from a strategy of its own."""
    characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0;|\t")
    names = draw(
        st.lists(
            st.text(characters, min_size=1, max_size=8).map(str.strip).filter(bool), min_size=1, max_size=4, unique=True
        )
    )
    columns = [draw(st.sampled_from(_CELLS)) for _ in names]
    rows = draw(st.lists(st.tuples(*columns).map(list), min_size=1, max_size=8))
    return names, rows


def read_all(source: FileSource) -> pa.Table:
    return pa.Table.from_batches(list(source.scan()), schema=source.schema)


def same(text: str, value: object, kind: pa.DataType, numeric: bool) -> bool:
    """Whether a typed value stands for a text."""
    bare = text.strip()
    if value is None:
        return bare in MISSING or (numeric and bare == "?") or (numeric and math.isinf(float(bare)))
    if isinstance(value, str):
        return value == text
    if isinstance(value, bool):
        return bare.lower()[0] == ("y" if value else "n") or bare.lower()[0] == ("t" if value else "f")
    if isinstance(value, int):
        return int(bare) == value
    if isinstance(value, float):
        plain = (
            bare.replace(".", "").replace(",", ".")
            if "," in bare and not bare.count(",") > 1
            else bare.replace(",", "")
        )
        return float(plain) == value or float(bare.replace(",", "")) == value
    if isinstance(value, dt.datetime):
        return bare.startswith(f"{value.year:04d}") or f"{value.year:04d}" in bare
    if isinstance(value, dt.date):
        return bare in (
            value.isoformat(),
            value.strftime("%d/%m/") + f"{value.year:04d}",
            value.strftime("%m/%d/") + f"{value.year:04d}",
        )
    if isinstance(value, dt.time):
        return dt.time.fromisoformat(bare if bare[1] != ":" else f"0{bare}") == value
    if isinstance(value, dt.timedelta):
        return str(value) in (bare, bare.removeprefix("0")) or bare.startswith("P")
    raise AssertionError(f"{kind} gave {value!r}")


# Python 3.11 leaves a lone "\r" unquoted where lines end in "\n": such a file cannot be read back by anybody.
_WAYS = st.sampled_from([("\r\n", csv.QUOTE_MINIMAL), ("\r\n", csv.QUOTE_ALL), ("\n", csv.QUOTE_ALL)])


@given(tables(), _WAYS)
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_what_python_writes_is_read_back(
    table: tuple[list[str], list[list[str]]], way: tuple[str, Literal[0, 1, 2, 3]]
) -> None:
    names, rows = table
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=way[0], quoting=way[1])
    writer.writerows([names, *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(text.getvalue().encode())
        with open_files(str(path)) as source:
            got = read_all(source)
            assert source.schema.names == names
            assert source.rows == len(rows) == got.num_rows
            for j, name in enumerate(names):
                kind = source.schema.field(name).type
                numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
                for row, value in zip(rows, got[name].to_pylist(), strict=True):
                    assert same(row[j], value, kind, numeric), (row[j], value, kind)
                known = [v for v in got[name].to_pylist() if v is not None]
                assert source.profiles[j].missing == len(rows) - len(known)
                assert source.profiles[j].distinct == len(set(known))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), _JSON, min_size=1), min_size=1, max_size=8))
@settings(max_examples=80)
def test_json_lines_are_read_back(rows: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
        with open_files(str(path)) as source:
            got = read_all(source).to_pylist()
            assert len(got) == len(rows)
            for row, back in zip(rows, got, strict=True):
                assert set(row) <= set(back)
                for name, value in row.items():
                    if isinstance(value, dict | list):
                        assert json.loads(str(back[name])) == value
                    elif isinstance(value, str) and isinstance(back[name], str):
                        assert back[name] == value


def read_or_refuse(content: bytes, name: str, format: str = "auto") -> bool:
    """Whether the bytes were read; anything but a coded error is a fault of ours."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            with open_files(str(path), format, limits=SMALL) as source:
                assert sum(b.num_rows for b in source.scan()) == source.rows > 0
                return True
        except RequestError as error:
            problems = error.problems
        assert all(p.code.startswith("SD-SOURCE-") and p.where and p.what and p.fix for p in problems)
        return False


_CSV_BYTES = st.lists(
    st.sampled_from(
        [
            b"a",
            b"1",
            b",",
            b";",
            b'"',
            b"\n",
            b"\r",
            b"\r\n",
            b" ",
            b"\t",
            b"\xc3\xa9",
            b"\xe9",
            b"\x00",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"2024-01-01",
            b"=",
            b"{",
            b"}",
            b"[",
            b":",
            b"null",
        ]
    ),
    max_size=40,
).map(b"".join)


@given(
    st.binary(max_size=300) | _CSV_BYTES, st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a", "a.csv.gz", "a.parquet"])
)
@settings(max_examples=250)
def test_arbitrary_bytes(content: bytes, name: str) -> None:
    read_or_refuse(content, name)


@given(_CSV_BYTES)
@settings(max_examples=80)
def test_arbitrary_bytes_behind_a_good_head(content: bytes) -> None:
    read_or_refuse(b"a,b\n1,2\n" + content, "a.csv")
    read_or_refuse(b'{"a": 1}\n' + content, "a.jsonl")


def _columnar(kind: str) -> bytes:
    table = pa.table(
        {
            "a": [1, 2, None] * 20,
            "b": ["x", None, "yy"] * 20,
            "c": pa.array([0, 1, 2] * 20, pa.timestamp("ns")),
            "d": pa.array(["u", "v", "u"] * 20).dictionary_encode(),
        }
    )
    sink = io.BytesIO()
    if kind == "parquet":
        pa.parquet.write_table(table, sink)
    else:
        with (pa.ipc.new_file if kind == "arrow" else pa.ipc.new_stream)(sink, table.schema) as writer:
            writer.write_table(table)
    return sink.getvalue()


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream"])
@given(data=st.data())
@settings(max_examples=60)
def test_columnar_files_with_a_fault(kind: str, data: st.DataObject) -> None:
    whole = _columnar(kind)
    at = data.draw(st.integers(0, len(whole) - 1))
    new = data.draw(st.binary(min_size=1, max_size=8))
    cut = data.draw(st.booleans())
    read_or_refuse(
        whole[:at] + new + (b"" if cut else whole[at + len(new) :]),
        f"a.{kind}",
        "parquet" if kind == "parquet" else "arrow",
    )
