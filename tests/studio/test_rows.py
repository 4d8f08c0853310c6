"""Rows by page, in order, from files and row groups of any size."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sundog.core.bundle import BundleFiles, open_files
from sundog.core.errors import RequestError
from sundog.studio import rows
from sundog.studio.rows import TableIndex, find_rows, index_table, list_shelves, read_page, reasons_of, units_of

BARE = {
    "format": 1,
    "verdict": "unassessed",
    "reasons": [],
    "content_hash": "",
    "recipe": {},
    "files": [],
    "findings": [],
}
"""What every manifest has."""


@pytest.fixture(scope="module")
def opened(bundle: Path) -> BundleFiles:
    return open_files(str(bundle))


@pytest.fixture(scope="module")
def index(opened: BundleFiles) -> TableIndex:
    return index_table(opened, list_shelves(opened)[0])


def test_shelves_are_the_tables_of_the_data_and_of_what_was_rejected(opened: BundleFiles) -> None:
    assert [(s.kind, s.part, s.table, len(s.files)) for s in list_shelves(opened)] == [
        ("data", "people", "people", 3),
        ("data", "wide", "wide", 1),
        ("rejected", "people", "people", 1),
        ("rejected", "people", "reasons", 1),
    ]


def test_an_index_counts_rows_over_all_files(index: TableIndex) -> None:
    assert (index.starts, index.rows) == ((0, 50, 50), 120)
    assert [c.name for c in index.columns][:2] == ["id", "name"]


@pytest.mark.parametrize("start", [0, 1, 19, 20, 45, 49, 50, 51, 99, 119])
@pytest.mark.parametrize("count", [1, 7, 50])
def test_a_page_holds_its_rows_whatever_the_files(
    opened: BundleFiles, index: TableIndex, start: int, count: int
) -> None:
    page = read_page(opened, index, start, count)
    expected = list(range(start, min(start + count, 120)))
    assert list(page.numbers) == expected
    assert [cells[0] for cells in page.cells] == expected
    assert page.next == (start + count if start + count < 120 else None)


def test_a_start_outside_of_the_table_is_drawn_in(opened: BundleFiles, index: TableIndex) -> None:
    assert read_page(opened, index, 10**12, 5).numbers == (119,)
    assert read_page(opened, index, -3, 2).numbers == (0, 1)


def test_values_of_every_type_are_shown(opened: BundleFiles, index: TableIndex) -> None:
    page = read_page(opened, index, 3, 1)
    row = dict(zip([c.name for c in page.columns], page.cells[0], strict=True))
    assert row["name"] is None
    assert str(row["exact"]) == "0.75"
    assert row["seen"].startswith("2024-01-01 03:00:00")
    assert row["far"].startswith("12921")
    assert str(row["took"]) == "0:00:03"
    assert row["tags"] == ["t3", "x"]
    assert row["a.b"] is True


def test_searching_walks_through_the_files(opened: BundleFiles, index: TableIndex) -> None:
    first = find_rows(opened, index, "job", "NUR", 0, 2)
    assert first.numbers == (5, 45)
    assert first.next == 46
    second = find_rows(opened, index, "job", "nur", first.next, 2)
    assert (second.numbers, second.next) == ((85,), None)


@pytest.mark.parametrize(
    ("column", "text", "found"),
    [("id", "11", [11, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119]), ("tags", "t77", [77]), ("face", "x", []), ("seen", "01-03 0", list(range(48, 58))), ("name", "nothing like it", []), ("exact", "29.75", [119])],
)  # fmt: skip
def test_searching_reads_values_as_text(
    opened: BundleFiles, index: TableIndex, column: str, text: str, found: list[int]
) -> None:
    assert list(find_rows(opened, index, column, text, 0, 50).numbers) == found


def test_a_long_search_says_how_far_it_came(
    opened: BundleFiles, index: TableIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "SCAN_ROWS", 40)
    monkeypatch.setattr(rows, "_BATCH", 25)
    page = find_rows(opened, index, "name", "Person 119", 0, 5)
    assert page.numbers == ()
    assert page.next is not None
    assert 40 <= page.next < 60
    assert page.next == page.searched
    for _ in range(5):
        if page.next is not None:
            page = find_rows(opened, index, "name", "Person 119", page.next, 5)
    assert page.numbers == (119,)


def test_wide_tables_show_some_columns_at_a_time(opened: BundleFiles) -> None:
    wide = index_table(opened, list_shelves(opened)[1])
    page = read_page(opened, wide, 0, 2, left=80)
    assert [c.name for c in page.columns] == [f"c{i:03d}" for i in range(80, 100)]
    assert page.cells == (((0,) * 20), ((1,) * 20))
    assert len(find_rows(opened, wide, "c000", "3", 0, 5, left=40).cells[0]) == 40


def test_lineage_and_reasons_of_rejected_rows(opened: BundleFiles) -> None:
    values, reasons = list_shelves(opened)[2:]
    index = index_table(opened, values)
    units = units_of(opened, index, (0, 1))
    assert units == (9, 1_000_003)
    assert reasons_of(opened, reasons, units) == ("constraint", "constraint")
    assert reasons_of(opened, reasons, (None, 55)) == ("", "")


def test_a_million_rows_are_read_from_the_end_without_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "large"
    (folder / "data/p/t").mkdir(parents=True)
    n = 1_000_000
    pq.write_table(
        pa.table({"a": np.arange(n), "b": np.zeros(n)}), folder / "data/p/t/part-00000.parquet", row_group_size=65_536
    )
    tables = {"t": {"rows": n, "files": [{"file": "data/p/t/part-00000.parquet", "rows": n}]}}
    (folder / "manifest.json").write_text(json.dumps({**BARE, "parts": {"p": {"tables": tables}}}), encoding="utf-8")
    opened = open_files(str(folder))
    index = index_table(opened, list_shelves(opened)[0])
    read: list[int] = []
    whole = pq.ParquetFile.iter_batches

    def counted(self: pq.ParquetFile, *args: object, row_groups: list[int], **kwargs: object) -> object:
        read.extend(row_groups)
        return whole(self, *args, row_groups=row_groups, **kwargs)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", counted)
    page = read_page(opened, index, n - 10, 50)
    assert page.cells[-1] == (n - 1, 0.0)
    assert read == [15], "the last row group alone"
    assert find_rows(opened, index, "a", "999999", 0, 5).numbers == (n - 1,)


@pytest.mark.parametrize(
    "path", ["../secret.parquet", "/etc/passwd", "data/../../secret", "data\\..\\x", "link/x.parquet"]
)
def test_a_manifest_that_points_outside_is_refused(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (tmp_path / "secret.parquet").write_bytes(b"x")
    (folder / "link").symlink_to(tmp_path)
    tables = {"t": {"rows": 1, "files": [{"file": path, "rows": 1}]}}
    (folder / "manifest.json").write_text(json.dumps({**BARE, "parts": {"p": {"tables": tables}}}), encoding="utf-8")
    with pytest.raises(RequestError, match="SD-STUDIO-001"):
        list_shelves(open_files(str(folder)))
