"""Columns as Python lists to one Parquet file, snappy: for the tools that give values and write nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def write_columns(path: Path, columns: Mapping[str, Sequence[object]]) -> None:
    """One file."""
    pq.write_table(pa.table(dict(columns)), path, compression="snappy")
