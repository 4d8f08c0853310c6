"""Parquet: types, meaning and rows as they are."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sundog.core.tables import meaning_of, with_meaning
from sundog.export.extension import TablesOut
from sundog.export.parquet import ParquetExporter
from sundog.testing.bundle import MemoryBundle

TABLE = pa.table(
    {
        "id": pa.array(range(100), pa.int64()),
        "code": pa.array([f"c{i % 3}" for i in range(100)]),
        "at": pa.array([1_704_067_200_000_000] * 100, pa.timestamp("us", "UTC")),
    }
)


def test_rows_types_and_meaning_are_kept(tmp_path) -> None:
    schema = pa.schema(
        [with_meaning(TABLE.schema.field("id"), "identifier"), TABLE.schema.field(1), TABLE.schema.field(2)]
    )
    bundle = MemoryBundle({"p": {"rows": TABLE.cast(schema)}}, batch=30)
    (path,) = ParquetExporter().write(TablesOut(), bundle, str(tmp_path / "out"))
    found = pq.read_table(path)
    assert found.equals(TABLE)
    assert meaning_of(found.schema.field("id")) == "identifier"
    assert pq.ParquetFile(path).num_row_groups == 4
    assert pl.read_parquet(path).height == 100
    assert pd.read_parquet(path)["id"].sum() == 4950


def test_selected_rows_alone(tmp_path) -> None:
    bundle = MemoryBundle({"p": {"rows": TABLE}}, batch=7)
    (path,) = ParquetExporter().write(TablesOut(select="code = c1 and id < 50"), bundle, str(tmp_path / "only.parquet"))
    assert path == str(tmp_path / "only.parquet")
    assert pq.read_table(path)["id"].to_pylist() == list(range(1, 50, 3))


def test_no_row_chosen_still_gives_the_columns(tmp_path) -> None:
    (path,) = ParquetExporter().write(TablesOut(select="id < 0"), MemoryBundle({"p": {"rows": TABLE}}), str(tmp_path))
    found = pq.read_table(path)
    assert found.num_rows == 0
    assert found.schema.equals(TABLE.schema)
