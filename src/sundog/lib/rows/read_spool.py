"""Records on disk while they are worked with: Arrow files in a private folder that goes away with its owner."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

from sundog.core.errors import Problem, RequestError

ROWS = 65_536
BYTES = 32 << 20
MAPPED_BATCHES = 8
"""Batches read through one memory map. A map that is let go gives its pages back, so that a scan stays small in memory."""


PREFIX = "sundog-records-"


class Scratch:
    """A folder that only this user may enter, removed by ``close`` or when nothing refers to it any more.

    Folders of processes that were killed are removed when the next one is made: each live one holds a lock.
    """

    def __init__(self) -> None:
        root = Path(tempfile.gettempdir())
        with guard_disk():
            sweep_scratch(root)
            made = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=root))  # mode 0700
            lock = os.open(made / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.path = made.rename(root / made.name[1:])  # a name that is swept, only now that it is locked
        self._remove = weakref.finalize(self, _remove_folder, self.path, lock)

    def close(self) -> None:
        """Remove the folder and what is in it; a second time does nothing."""
        self._remove()


def _remove_folder(path: Path, lock: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(lock)


def sweep_scratch(root: Path) -> None:
    """Remove the folders that killed processes of this user left behind: real records must not lie around."""
    for folder in root.glob(f"{PREFIX}*"):
        try:
            lock = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC) if folder.stat().st_uid == os.getuid() else -1
        except OSError:
            continue  # gone meanwhile
        if lock < 0:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            pass  # somebody reads there
        finally:
            os.close(lock)


@contextmanager
def guard_disk() -> Iterator[None]:
    """Turn a full disk into an error that says where there should be room."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
            raise RequestError(
                Problem(
                    "SD-SOURCE-070",
                    tempfile.gettempdir(),
                    "the disk is full: records are kept there while they are read",
                    "Make room, or set TMPDIR to a folder with room for the unpacked source twice.",
                )
            ) from error
        raise


class SpoolWriter:
    """Writes batches to an Arrow IPC file; small ones are joined, none has more than 65,536 rows or about 32 MiB."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.schema = schema
        self.rows = 0
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0
        self._bytes = 0
        with guard_disk():
            self._sink = pa.OSFile(str(path), "wb")
            self._writer = pa.ipc.new_file(self._sink, schema)

    def write(self, batch: pa.RecordBatch) -> None:
        """Add a batch."""
        for start in range(0, batch.num_rows, ROWS):
            piece = batch.slice(start, ROWS)
            if self._rows + piece.num_rows > ROWS or self._bytes > BYTES:
                self._flush()
            self._waiting.append(piece)
            self._rows += piece.num_rows
            self._bytes += piece.get_total_buffer_size() if batch.num_rows <= ROWS else piece.nbytes

    def close(self) -> None:
        """Write what is left; a second time does nothing."""
        if self._sink.closed:
            return
        self._flush()
        with guard_disk():
            self._writer.close()
            self._sink.close()

    def _flush(self) -> None:
        if not self._waiting:
            return
        table = pa.Table.from_batches(self._waiting, schema=self.schema).combine_chunks()
        with guard_disk():
            for batch in table.to_batches():
                self._writer.write_batch(batch)
        self.rows += self._rows
        self._waiting, self._rows, self._bytes = [], 0, 0


def read_spool(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The batches of a file, memory-mapped; only the pages of the columns asked for are touched."""
    at, total = 0, 1
    while at < total:
        with pa.memory_map(str(path)) as mapped, pa.ipc.open_file(mapped) as reader:
            total = reader.num_record_batches
            for i in range(at, min(at + MAPPED_BATCHES, total)):
                batch = reader.get_batch(i)
                yield batch if columns is None else batch.select(list(columns))
        at += MAPPED_BATCHES
