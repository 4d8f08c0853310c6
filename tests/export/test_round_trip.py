"""What is exported is read again by Sundog's own reader: the same values, and the same types where the format can say them."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.extension import implementation
from sundog.core.recipe import SourceSpec
from sundog.export.extension import CsvOut, TablesOut
from sundog.testing.bundle import MemoryBundle

ROWS = 400
DAY = datetime.date(1999, 12, 1)
TABLE = pa.table(
    {
        "number": pa.array([None if i % 9 == 0 else i * 7 % 50 for i in range(ROWS)], pa.int64()),
        "amount": pa.array([None if i % 11 == 0 else (i * 37 % 1000) / 8 - 40 for i in range(ROWS)]),
        "whole": pa.array([float(i % 13) for i in range(ROWS)]),
        "word": pa.array([None if i % 10 == 0 else ("red", "dark, blue", 'say "hi"', "é")[i % 4] for i in range(ROWS)]),
        "flag": pa.array([None if i % 8 == 0 else i % 3 == 0 for i in range(ROWS)]),
        "day": pa.array([DAY + datetime.timedelta(days=i * 5 % 700) for i in range(ROWS)]),
        "wall": pa.array(np.arange(ROWS) * 1_234_567_000 + 10**15, pa.timestamp("us")),
        "zoned": pa.array(np.arange(ROWS) * 98_765_432 + 10**15, pa.timestamp("us", "UTC")),
        "clock": pa.array(np.arange(ROWS) * 61_000_000, pa.time64("us")),
        "span": pa.array(np.arange(ROWS) * 90_500_000 + 1_000_000, pa.duration("us")),
    }
)


def read(path: str) -> pa.Table:
    source = implementation("sundog.sources", "files").open(SourceSpec(path=path), path)
    table = pa.Table.from_batches(source.scan(), schema=source.schema)
    return table.replace_schema_metadata(None).cast(pa.schema([pa.field(f.name, f.type) for f in table.schema]))


@pytest.mark.parametrize("to", ["csv", "jsonl", "parquet"])
def test_our_own_reader_reads_it(tmp_path: Path, to: str) -> None:
    spec = CsvOut() if to == "csv" else TablesOut()
    bundle = MemoryBundle({"people": {"rows": TABLE}}, batch=64)
    (path,) = implementation("sundog.exporters", to).write(spec, bundle, str(tmp_path))
    found = read(path)
    assert found.schema.names == TABLE.schema.names
    for name in TABLE.schema.names:
        assert found.column(name).type == TABLE.column(name).type, name
        assert found.column(name).to_pylist() == TABLE.column(name).to_pylist(), name
