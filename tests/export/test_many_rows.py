"""Exporters hold a batch at a time, whatever the number of rows: a billion take no more memory than a million."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sundog.core.bundle import BundleFiles
from sundog.core.extension import implementation
from sundog.run.exporting import export_bundle

PEAKS: list[int] = []


class Watched(BundleFiles):
    """A bundle on the disk that notes how much Arrow holds whenever it has read a batch."""

    def scan(self, part: str, table: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        before = pa.total_allocated_bytes()
        for batch in super().scan(part, table, columns):
            yield batch
            PEAKS.append(pa.total_allocated_bytes() - before)


def open_bundle(folder: Path, block: pa.Table, files: int) -> Watched:
    """A bundle whose table is one file, named again and again: as large as you like, and small on the disk."""
    path = folder / "part-00000.parquet"
    if not path.exists():
        pq.write_table(block, path)
    said = {"files": [{"file": path.name, "rows": block.num_rows}] * files}
    manifest: dict[str, Any] = {
        "format": 1,
        "recipe": {
            "name": "many",
            "parts": {"many": {"kind": "records", "units": 1, "tables": {"t": {"fields": {"x": 1}}}}},
        },
        "parts": {"many": {"tables": {"rows": said}}},
        "verdict": "released",
    }
    return Watched(str(folder), fsspec.filesystem("file"), str(folder), manifest)


@pytest.mark.parametrize("to", ["parquet", "csv", "jsonl", "arrow", "sql"])
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, block: pa.Table, to: str) -> None:
    (tmp_path / "bundle").mkdir()
    implementation("sundog.exporters", to)
    held, traced = [], []
    for files in (2, 20):
        PEAKS.clear()
        tracemalloc.start()
        paths = export_bundle(open_bundle(tmp_path / "bundle", block, files), to, str(tmp_path / str(files)), None)
        traced.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(PEAKS) == files
        held.append(max(PEAKS))
        assert Path(paths[0]).stat().st_size > files * 30_000
    assert held[1] <= held[0] + 2**20
    assert traced[1] <= traced[0] + 2**20


def test_an_exporter_that_gathers_rows_would_be_found(tmp_path: Path, block: pa.Table) -> None:
    """What is measured does grow when all rows are held."""
    held = []
    for files in (2, 20):
        PEAKS.clear()
        kept = list(open_bundle(tmp_path, block, files).scan("many", "rows"))
        assert len(kept) == files
        held.append(max(PEAKS))
    assert held[1] > 4 * held[0]
