"""Rows in order of time, however many: sorted runs on the disk, merged block by block.

Rows with the same time keep the order in which the recipe makes them, so the order is the same whatever the size of shards.
Memory holds one run while it is sorted, and then one block of each run that is merged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc
from numpy.typing import NDArray

from sundog.run.streaming.times import tell_ticks

AT = "_at"
"""First column of a run: int64 or float64, ticks of the time that it is sorted by."""

FAN_IN = 128
"""Most runs that are merged at once; more of them are merged in several passes."""

BLOCK_BYTES = 256 * 1024
_BLOCK_ROWS = 8_192


@dataclass(frozen=True, slots=True)
class SortedRun:
    """Rows sorted by time in a file.

    Attributes:
        path: Arrow stream.
        rows: how many.
        missing: rows that have no time, and are not in it.
        first: least tick, or None where there are no rows.
        last: greatest tick, or None.
    """

    path: Path
    rows: int
    missing: int
    first: float | None
    last: float | None


def write_run(rows: pa.Table, time: str, path: Path, block_rows: int | None = None) -> SortedRun:
    """Sort rows by a column and write those that have a time; ties keep their order.

    Args:
        rows: of consecutive units.
        time: the column.
        path: of the new file.
        block_rows: rows in a block; without it as many as ``BLOCK_BYTES`` hold.
    """
    ticks = tell_ticks(rows.column(time))
    kept = np.flatnonzero(ticks.known)
    kept = kept[np.argsort(ticks.at[kept], kind="stable")]
    at = ticks.at[kept]
    ordered = rows.take(pa.array(kept)).combine_chunks()
    ordered = ordered.add_column(0, pa.field(AT, pa.array(at).type), pa.array(at))
    fitting = BLOCK_BYTES * max(ordered.num_rows, 1) // max(ordered.nbytes, 1)
    size = block_rows if block_rows is not None else max(64, min(_BLOCK_ROWS, fitting))
    _write(path, ordered.schema, ordered.to_batches(max_chunksize=size))
    first, last = (at[0].item(), at[-1].item()) if len(at) else (None, None)
    return SortedRun(path, len(at), rows.num_rows - len(at), first, last)


def merge_runs(runs: Sequence[SortedRun], folder: Path, fan_in: int = FAN_IN) -> Iterator[pa.RecordBatch]:
    """All rows of the runs in order of time, each batch with the column ``_at`` first.

    Args:
        runs: in the order in which the recipe makes their rows; their files are used up.
        folder: for the runs that several passes make.
        fan_in: most runs merged at once.
    """
    left = [r for r in runs if r.rows]
    for run in runs:
        if not run.rows:
            run.path.unlink(missing_ok=True)
    made = 0
    while len(left) > fan_in:
        merged = []
        for start in range(0, len(left), fan_in):
            group = left[start : start + fan_in]
            path = folder / f"merged-{made:06d}.arrow"
            made += 1
            with pa.ipc.open_stream(group[0].path) as reader:
                schema = reader.schema
            _write(path, schema, _merge([r.path for r in group]))
            merged.append(SortedRun(path, sum(r.rows for r in group), 0, None, None))
        left = merged
    yield from _merge([r.path for r in left])


def _write(path: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch] | Sequence[pa.RecordBatch]) -> None:
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, schema, options=options) as writer:
        for batch in batches:
            writer.write_batch(batch)


@dataclass
class _Cursor:
    """Where the merge stands in one run."""

    index: int
    path: Path
    reader: Any = None
    block: pa.RecordBatch | None = None
    at: NDArray[Any] = field(default_factory=lambda: np.zeros(0, np.int64))
    start: int = 0

    def fill(self) -> bool:
        """Have a block with rows left in it; False at the end of the run, whose file is then removed."""
        if self.reader is None:
            self.reader = pa.ipc.open_stream(pa.OSFile(str(self.path), "rb"))
        while self.block is None or self.start == self.block.num_rows:
            try:
                self.block = self.reader.read_next_batch()
            except StopIteration:
                self.block = None
                self.reader.close()
                self.path.unlink(missing_ok=True)
                return False
            self.at, self.start = self.block.column(0).to_numpy(), 0
        return True

    def take(self, limit: Any, is_included: bool) -> tuple[pa.RecordBatch, NDArray[Any]]:
        """The rows up to a time, and those at it where ``is_included``."""
        assert self.block is not None
        start = self.start
        left = self.at[start:]
        self.start = start + int(np.searchsorted(left, limit, side="right" if is_included else "left"))
        return self.block.slice(start, self.start - start), self.at[start : self.start]


def _merge(paths: Sequence[Path]) -> Iterator[pa.RecordBatch]:
    cursors = [_Cursor(i, path) for i, path in enumerate(paths)]
    while True:
        cursors = [c for c in cursors if c.fill()]
        if not cursors:
            return
        # What any run still holds beyond its block comes after that block's last row: up to the least of these all is known.
        limit, least = min((c.at[-1], c.index) for c in cursors)
        taken = [c.take(limit, c.index <= least) for c in cursors]
        order = np.argsort(np.concatenate([at for _, at in taken]), kind="stable")
        block = pa.Table.from_batches([rows for rows, _ in taken]).take(pa.array(order)).combine_chunks()
        yield from block.to_batches(max_chunksize=_BLOCK_ROWS)
