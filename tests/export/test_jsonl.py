"""JSON Lines: every line is an object with every column."""

from __future__ import annotations

import datetime
import io
import json
from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import polars as pl
import pyarrow as pa
from hypothesis import given

from sundog.export.extension import TablesOut
from sundog.export.jsonl import JsonlExporter, write_jsonl
from sundog.testing.bundle import MemoryBundle


def to_lines(table: pa.Table, batch: int = 65_536) -> list[str]:
    stream = io.BytesIO()
    write_jsonl(table.schema, iter(table.to_batches(max_chunksize=batch)), stream)
    text = stream.getvalue().decode()
    assert text == "" or text.endswith("\n")
    return text.split("\n")[:-1]


def strict(line: str) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    parsed: dict[str, Any] = json.loads(line, parse_constant=refuse)
    return parsed


def test_forms_of_values() -> None:
    table = pa.table(
        {
            "i": pa.array([2**63], pa.uint64()),
            "f": [12.0],
            "nan": [float("nan")],
            "inf": [float("-inf")],
            "d": pa.array([Decimal("12.10")]),
            "b": [True],
            "s": ['"\\\n\x01é\u2028'],
            "empty": [""],
            "none": pa.array([None], pa.string()),
            'na"me': [1],
            "day": [datetime.date(2024, 2, 29)],
            "span": pa.array([90], pa.duration("s")),
            "kind": pa.array(["x"]).dictionary_encode(),
            "raw": [b"\x00"],
            "nested": [{"a": [1.5, float("nan")], "at": datetime.date(2024, 1, 1)}],
        }
    )
    (line,) = to_lines(table)
    assert '"d": 12.10' in line
    assert '"i": 9223372036854775808' in line
    assert "é" in line
    assert strict(line) == {
        "i": 2**63,
        "f": 12.0,
        "nan": None,
        "inf": None,
        "d": 12.1,
        "b": True,
        "s": '"\\\n\x01é\u2028',
        "empty": "",
        "none": None,
        'na"me': 1,
        "day": "2024-02-29",
        "span": "PT1M30S",
        "kind": "x",
        "raw": "AA==",
        "nested": {"a": [1.5, None], "at": "2024-01-01"},
    }


@given(
    st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=20), st.integers(1, 7)
)
def test_any_text_comes_back(values: list[str | None], batch: int) -> None:
    lines = to_lines(pa.table({"a": pa.array(values, pa.string())}), batch)
    assert [strict(line)["a"] for line in lines] == values


def test_polars_reads_it() -> None:
    table = pa.table({"id": [1, 2, 3], "x": [0.5, None, 2.0], "s": ["a", "b\n", None]})
    frame = pl.read_ndjson(io.BytesIO("\n".join(to_lines(table)).encode()))
    assert frame.to_dicts() == table.to_pylist()


def test_an_empty_table_gives_an_empty_file(tmp_path) -> None:
    bundle = MemoryBundle({"p": {"rows": pa.table({"a": pa.array([], pa.int64())})}})
    JsonlExporter().write(TablesOut(), bundle, str(tmp_path))
    assert (tmp_path / "p.jsonl").read_bytes() == b""
