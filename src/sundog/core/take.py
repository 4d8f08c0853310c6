"""Drawing rows from a source without holding it in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sundog.core.keys import Key

if TYPE_CHECKING:
    from sundog.core.protocols import Source


def take_rows(source: Source, limit: int, key: Key, columns: Sequence[str] | None = None) -> pa.Table:
    """At most ``limit`` rows, drawn without replacement, in their order; all of them where there are no more."""
    schema = source.schema if columns is None else pa.schema([source.schema.field(c) for c in columns])
    if source.rows <= limit:
        return pa.Table.from_batches(source.scan(columns), schema=schema)
    chance = key.uniform(range(source.rows))[:, 0]
    chosen = np.sort(np.argpartition(chance, limit)[:limit])
    pieces = []
    at = 0
    for batch in source.scan(columns):
        low, high = np.searchsorted(chosen, [at, at + batch.num_rows])
        if low < high:
            pieces.append(batch.take(pa.array(chosen[low:high] - at)))
        at += batch.num_rows
    return pa.Table.from_batches(pieces, schema=schema)
