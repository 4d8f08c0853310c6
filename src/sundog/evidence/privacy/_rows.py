"""Hashes of whole tables, batch by batch, in the same way for real and synthetic rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.stats.align import Alignment, align, find_decimals
from sundog.lib.stats.rowhash import hash_columns, hash_rows


@dataclass(frozen=True, slots=True)
class Hasher:
    """How rows are hashed.

    Attributes:
        alignment: columns that count.
        decimals: decimal places of numbers, found in training rows; values are rounded to them, so that a copy with more
            digits than the source has is still a copy.
    """

    alignment: Alignment
    decimals: tuple[tuple[str, int], ...]

    def hash(self, batch: pa.RecordBatch | pa.Table) -> NDArray[np.uint64]:
        """uint64 (rows, 2)."""
        return hash_rows(align(self.alignment, batch), dict(self.decimals))

    def hash_all(self, batches: Iterable[pa.RecordBatch]) -> NDArray[np.uint64]:
        """uint64 (rows, 2), of many batches."""
        parts = [self.hash(batch) for batch in batches]
        return np.concatenate(parts) if parts else np.zeros((0, 2), dtype=np.uint64)

    def hash_each(self, table: pa.Table) -> list[NDArray[np.uint64]]:
        """One uint64 (rows, 2) a column; their sum is the hash of the row."""
        return hash_columns(align(self.alignment, table), dict(self.decimals))


def make_hasher(alignment: Alignment, first: pa.RecordBatch | pa.Table) -> Hasher:
    """Find the source's precision in its first rows.

    More digits further down only make the comparison coarser, for real and synthetic rows alike.
    """
    aligned = align(alignment, first)
    decimals = []
    for column in alignment.columns:
        if column.form == "number":
            whole = pa.types.is_integer(column.type)
            values = pc.drop_null(aligned.column(column.name)).to_numpy()
            places = (
                0 if whole else find_decimals(np.asarray(values, dtype=np.float64), single=column.type == pa.float32())
            )
            if places is not None:
                decimals.append((column.name, places))
    return Hasher(alignment, tuple(decimals))
