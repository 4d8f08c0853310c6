"""Tables of any size, made up, for growth and memory: numbers, spikes, money, codes and categories that hang on two hidden factors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from sundog.core.keys import Key

BATCH = 65_536


def write_table(path: Path, rows: int, columns: int) -> None:
    """Write a Parquet file batch by batch; the same arguments give the same rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    writer = None
    for start in range(0, rows, BATCH):
        batch = make_batch(min(BATCH, rows - start), columns, Key.root(5).child(start))
        writer = writer or pyarrow.parquet.ParquetWriter(part, batch.schema)
        writer.write_batch(batch)
    assert writer is not None
    writer.close()
    part.rename(path)


def make_batch(rows: int, columns: int, key: Key) -> pa.RecordBatch:
    """Columns of five sorts in turn."""
    stream = key.generator()
    hidden = stream.standard_normal((2, rows))
    arrays, names = [], []
    for i in range(columns):
        weight = ((i * 7) % 10) / 10
        score = weight * hidden[i % 2] + np.sqrt(1 - weight**2) * stream.standard_normal(rows)
        sort = i % 5
        if sort == 0:
            arrays.append(pa.array(np.round(score * 12 + 40).astype(np.int64)))
        elif sort == 1:
            arrays.append(pa.array(np.where(score < 0.5, 0.0, np.round(np.exp(score + 5), 2))))
        elif sort == 2:
            arrays.append(
                pa.array(np.char.add("c", np.clip(np.floor(score * 2 + 4), 0, 7).astype(np.int64).astype(str)))
            )
        elif sort == 3:
            arrays.append(pa.array(np.round(score * 3.7, 3), mask=stream.random(rows) < 0.03))
        else:
            place = np.minimum(np.floor(stream.random(rows) ** 3 * 60 + np.abs(score) * 20), 199)
            arrays.append(pa.array(np.char.add("town ", place.astype(np.int64).astype(str))))
        names.append(f"{('whole', 'money', 'group', 'number', 'town')[sort]}_{i}")
    return pa.record_batch(arrays, names)
