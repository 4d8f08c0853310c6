"""Drawing rows: without replacement, in order, the same however the source is cut into batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.keys import Key
from sundog.core.take import take_rows

TABLE = pa.table({"a": range(1000), "b": [str(i) for i in range(1000)]})


@dataclass(frozen=True)
class Cut:
    """A table in batches of a size."""

    size: int
    notes: tuple[()] = ()
    schema: pa.Schema = TABLE.schema
    rows: int = 1000

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        yield from (TABLE if columns is None else TABLE.select(list(columns))).to_batches(max_chunksize=self.size)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_same_rows_whatever_the_batches(size: int) -> None:
    found = take_rows(Cut(size), 100, Key.root(1))
    numbers = found.column("a").to_pylist()
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 100
    assert found == take_rows(Cut(1000), 100, Key.root(1))
    assert numbers != take_rows(Cut(size), 100, Key.root(2)).column("a").to_pylist()


def test_columns_and_all_rows() -> None:
    assert take_rows(Cut(64), 1000, Key.root(1), ["b"]).equals(TABLE.select(["b"]).combine_chunks())
    assert take_rows(Cut(64), 5, Key.root(1), ["b", "a"]).schema.names == ["b", "a"]
    assert take_rows(Cut(64), 0, Key.root(1)).num_rows == 0


def test_every_row_has_the_same_chance() -> None:
    """Fixed keys; the bound is 5 standard deviations of a binomial."""
    hits = np.zeros(1000)
    for i in range(200):
        hits[take_rows(Cut(1000), 250, Key.root(i)).column("a").to_numpy()] += 1
    assert np.abs(hits - 50).max() < 5 * np.sqrt(200 * 0.25 * 0.75)
