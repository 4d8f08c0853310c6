"""Cells by themselves: what one is never depends on another."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.lib.rows.cells import SORTS, TYPES, read_cells, sort_cells

CELLS = [
    ("1", "integer"), (" 2 ", "integer"), ("39.0", "integer"), ("3.5", "1 decimal"), ("3.50", "1 decimal"), ("3.25", "2 decimals"),
    ("1.125", "3 decimals"), ("1.2345", "decimal"), ("1e9", "decimal"), ("99999999999999999999", "decimal"), ("2024-01-05", "date"),
    ("2024-01-05 10:00", "timestamp"), ("TRUE", "boolean"), ("false", "boolean"), ("no", "text"), ("31/12/2024", "text"), ("x", "text"),
    ("?", "text"), ("007", "text"), ("inf", "text"), ("", "missing"), (" NA ", "missing"), (None, "missing"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "sort"), CELLS)
def test_what_a_cell_looks_like(cell: str | None, sort: str) -> None:
    assert SORTS[sort_cells(pa.array([cell], pa.string()))[0]] == sort


@pytest.mark.parametrize(
    ("cell", "kind", "written", "value"),
    [
        ("39.0", pa.int64(), "", 39),
        ("39.5", pa.int64(), "", None),
        ("9007199254740993", pa.int64(), "", 9007199254740993),
        ("99999999999999999999", pa.int64(), "", None),
        ("007", pa.int64(), "", 7),
        ("1.234,5", pa.float64(), "1.234,5", 1234.5),
        ("1.234,5", pa.float64(), "", None),
        ("inf", pa.float64(), "", None),
        ("x", pa.float64(), "", None),
        ("yes", pa.bool_(), "", True),
        ("maybe", pa.bool_(), "", None),
        ("2024-02-30", pa.date32(), "", None),
        ("05/01/2024", pa.date32(), "%d/%m/%Y", datetime.date(2024, 1, 5)),
        ("05/01/2024", pa.date32(), "%m/%d/%Y", datetime.date(2024, 5, 1)),
        ("05/01/2024", pa.date32(), "", None),
        ("2024-01-05", pa.timestamp("us"), "", datetime.datetime(2024, 1, 5)),  # noqa: DTZ001 - no zone is meant
        ("10:30", pa.time64("us"), "", datetime.time(10, 30)),
        ("1 days 02:00:00", pa.duration("us"), "", datetime.timedelta(days=1, hours=2)),
        (" a ", pa.string(), "", " a "),
        ("N/A", pa.string(), "", None),
    ],
)
def test_a_cell_is_read_as_stated_or_is_missing(cell: str, kind: pa.DataType, written: str, value: object) -> None:
    assert read_cells(pa.array([cell]), kind, written).to_pylist() == [value]


@given(st.lists(st.sampled_from([c for c, _ in CELLS] + ["17", "-3.5", "2020-02-29"]), max_size=12), st.data())
@settings(max_examples=60, deadline=None)
def test_no_cell_changes_another(cells: list[str | None], data: st.DataObject) -> None:
    """Sorted and read in a crowd, a cell comes out as it does alone."""
    crowd = pa.array(cells, pa.string())
    kind = data.draw(st.sampled_from(list(TYPES.values())))
    sorts, values = sort_cells(crowd), read_cells(pa.chunked_array([crowd]), kind)
    assert values.type == kind
    for i, cell in enumerate(cells):
        alone = pa.array([cell], pa.string())
        assert sorts[i] == sort_cells(alone)[0]
        assert values[i].as_py() == read_cells(alone, kind)[0].as_py()
    assert len(sorts) == len(values) == len(cells)
    assert sorts.dtype == np.int64
