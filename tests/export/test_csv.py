"""CSV: what readers get back, and what a spreadsheet must not run."""

from __future__ import annotations

import csv
import datetime
import io
from decimal import Decimal

import hypothesis.strategies as st
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given

from sundog.export.csv import CsvExporter, write_csv
from sundog.export.extension import CsvOut
from sundog.testing.bundle import MemoryBundle


def to_csv(table: pa.Table, *, formulas: bool = False, batch: int = 65_536) -> str:
    stream = io.BytesIO()
    write_csv(table.schema, iter(table.to_batches(max_chunksize=batch)), stream, formulas=formulas)
    return stream.getvalue().decode()


def parse(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_forms_of_values() -> None:
    zoned = datetime.datetime(2024, 7, 1, 12, 0, 0, 250_000, tzinfo=datetime.UTC)
    table = pa.table(
        {
            "i": pa.array([-5, None], pa.int64()),
            "f": [12.0, 0.1],
            "nan": [float("nan"), 1e20],
            "d": pa.array([Decimal("12.10"), Decimal("-0.05")]),
            "b": [True, None],
            "s": ["plain", ""],
            "q": ['say "hi"', "a,b"],
            "day": pa.array([datetime.date(2024, 2, 29), None]),
            "zoned": pa.array([zoned, None], pa.timestamp("us", "Europe/Berlin")),
            "wall": pa.array([datetime.datetime.fromisoformat("2024-07-01T12:00:00"), None], pa.timestamp("ms")),
            "clock": pa.array([datetime.time(1, 2, 3, 500_000), datetime.time(0, 0)], pa.time64("us")),
            "span": pa.array(
                [datetime.timedelta(days=1, hours=2, seconds=4.5), datetime.timedelta(0)], pa.duration("us")
            ),
            "kind": pa.array(["x", None]).dictionary_encode(),
            "raw": [b"\x00\xff", None],
            "list": [[1, 2], None],
        }
    )
    assert to_csv(table) == (
        "i,f,nan,d,b,s,q,day,zoned,wall,clock,span,kind,raw,list\r\n"
        '-5,12.0,,12.10,true,plain,"say ""hi""",2024-02-29,2024-07-01T12:00:00.25Z,2024-07-01T12:00:00,'
        '01:02:03.5,P1DT2H4.5S,x,AP8=,"[1, 2]"\r\n'
        ',0.1,1e+20,-0.05,,"","a,b",,,,00:00:00,PT0S,,,\r\n'
    )


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_that_looks_like_a_formula_is_made_harmless(sign: str) -> None:
    table = pa.table(
        {f"{sign}name": [f"{sign}1+1", "fine", None], "kind": pa.array([sign, "a", "b"]).dictionary_encode()}
    )
    head, first, second, third = parse(to_csv(table))
    assert head == [f"'{sign}name", "kind"]
    assert first == [f"'{sign}1+1", f"'{sign}"]
    assert second == ["fine", "a"]
    assert third == ["", "b"]
    assert parse(to_csv(table, formulas=True))[1] == [f"{sign}1+1", sign]


def test_numbers_never_get_an_apostrophe() -> None:
    table = pa.table({"i": [-5], "f": [-0.5], "d": [Decimal("-1.50")], "span": pa.array([-1], pa.duration("s"))})
    assert parse(to_csv(table))[1] == ["-5", "-0.5", "-1.50", "-PT1S"]


def test_a_single_column_leaves_no_empty_line() -> None:
    text = to_csv(pa.table({"a": ["x", None, "", "y"]}))
    assert text == 'a\r\nx\r\n""\r\n""\r\ny\r\n'
    assert len(pd.read_csv(io.StringIO(text))) == 4


def test_an_empty_table_keeps_its_header() -> None:
    assert to_csv(pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())})) == "a,b\r\n"


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(st.lists(st.tuples(texts, st.none() | texts), min_size=1, max_size=20), st.integers(1, 7))
def test_any_text_comes_back(rows: list[tuple[str, str | None]], batch: int) -> None:
    table = pa.table(
        {"a": pa.array([r[0] for r in rows], pa.string()), "b": pa.array([r[1] for r in rows], pa.string())}
    )
    text = to_csv(table, formulas=True, batch=batch)
    assert parse(text)[1:] == [[a, b or ""] for a, b in rows]
    guarded = parse(to_csv(table, batch=batch))[1:]
    for row in guarded:
        assert not row[0].startswith(tuple("=+-@\t\r\n＝＋－＠"))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_any_float_comes_back(values: list[float]) -> None:
    found = [float(r[0]) for r in parse(to_csv(pa.table({"a": values})))[1:]]
    assert found == values


ROUND = pa.table(
    {
        "id": pa.array(range(500), pa.int64()),
        "amount": [None if i % 7 == 0 else (i - 250) / 4 for i in range(500)],
        "name": [None if i % 11 == 0 else f'na"me, {i}\n' for i in range(500)],
        "ok": [None if i % 13 == 0 else i % 2 == 0 for i in range(500)],
        "day": pa.array([None if i % 17 == 0 else 18_000 + i for i in range(500)], pa.int32()).cast(pa.date32()),
    }
)


def test_pandas_reads_it() -> None:
    frame = pd.read_csv(io.StringIO(to_csv(ROUND)), parse_dates=["day"], dtype={"ok": "boolean"})
    assert frame["amount"].isna().sum() == ROUND["amount"].null_count
    assert frame["name"].dropna().tolist() == [n for n in ROUND["name"].to_pylist() if n is not None]
    assert frame["ok"].isna().sum() == ROUND["ok"].null_count
    assert [d.date() for d in frame["day"].dropna()] == [d for d in ROUND["day"].to_pylist() if d is not None]
    assert frame["id"].tolist() == list(range(500))


def test_polars_reads_it() -> None:
    frame = pl.read_csv(io.BytesIO(to_csv(ROUND).encode()), try_parse_dates=True)
    assert frame.to_dicts() == ROUND.to_pylist()


def test_options_reach_the_file(tmp_path) -> None:
    bundle = MemoryBundle({"people": {"rows": pa.table({"a": ["=1", "b"], "n": [1, 2]})}}, batch=1)
    (path,) = CsvExporter().write(CsvOut(select="n < 2", formulas=True), bundle, str(tmp_path / "out"))
    assert (tmp_path / "out" / "people.csv").read_bytes() == b"a,n\r\n=1,1\r\n"
    assert path == str(tmp_path / "out" / "people.csv")
