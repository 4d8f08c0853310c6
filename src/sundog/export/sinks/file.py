"""Standard output, files and named pipes: a line a row, without a buffer between row and reader."""

from __future__ import annotations

import contextlib
import os
import select
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyarrow as pa

from sundog.core.errors import Incomplete, Problem, RequestError
from sundog.export.sinks._rows import ToBytes, choose_bytes
from sundog.export.sinks.extension import FileRowsOut

WHERE = "--to"
_WAIT = 0.1
_PIECE = 1 << 16
_PIPE_PIECE = 4_096  # no more than a pipe takes whole when it takes anything: PIPE_BUF


@dataclass(frozen=True, slots=True)
class FileSink:
    """Implements ``core.protocols.Sink``."""

    @contextmanager
    def open(self, spec: FileRowsOut, target: str, table: str, schema: pa.Schema) -> Iterator[FileOutlet]:
        """Open the file; one that is there is never written over."""
        to_bytes = choose_bytes(spec, table, schema)
        handle = 1 if target == "-" else _open(target.removeprefix("file://"), spec.append)
        is_ended = False
        try:
            yield FileOutlet(handle, to_bytes, is_pipe=not stat.S_ISREG(os.fstat(handle).st_mode))
            is_ended = True
        except BrokenPipeError:
            raise
        except OSError as error:
            what = f"cannot be written: {error.strerror or error}"
            mend = "Mend that, then go on with --skip and --option append=true."
            raise Incomplete(Problem("SD-STREAM-015", f"{WHERE} {target}", what, mend)) from error
        finally:
            if handle != 1:
                is_kept = is_ended or spec.append
                _close(handle, None if is_kept else target.removeprefix("file://"))


def _close(handle: int, path: str | None) -> None:
    """Close it; a new file that an error left without a row goes, so that it is not in the way of the same command."""
    there = os.fstat(handle)
    os.close(handle)
    if path is not None and stat.S_ISREG(there.st_mode) and there.st_size == 0:
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108 - a path as it was given


def _open(path: str, is_appended: bool) -> int:
    flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if is_appended else os.O_EXCL)
    try:
        if not is_appended and os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH110, PTH116
            return os.open(path, os.O_WRONLY)  # a named pipe or a device
        return os.open(path, flags, 0o644)
    except FileExistsError as error:
        mend = "Give another file, or add --option append=true to write behind it."
        raise RequestError(Problem("SD-STREAM-016", f"{WHERE} {path}", "there is such a file already", mend)) from error
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise RequestError(
            Problem("SD-STREAM-017", f"{WHERE} {path}", what, "Give a file that you may write.")
        ) from error


@dataclass
class FileOutlet:
    """Implements ``core.protocols.Outlet``: a message is a line.

    Attributes:
        handle: file descriptor.
        to_bytes: makes the lines.
        is_pipe: whether somebody at the other end may read slowly, or no more.
    """

    handle: int
    to_bytes: ToBytes
    is_pipe: bool
    _waiting: memoryview = field(default_factory=lambda: memoryview(b""))  # bytes of the last rows that were taken
    _taken: int = 0

    def encode(self, rows: pa.RecordBatch) -> Sequence[bytes]:
        """Lines."""
        return [line + b"\n" if line else b"" for line in self.to_bytes(rows)]

    def send(self, messages: Sequence[bytes]) -> int:
        """Write lines; when the reader is slow, no more are taken before those are gone."""
        if self._push(_WAIT):
            return 0
        taken, size = 0, 0
        for message in messages:
            size += len(message)
            taken += 1
            if size >= _PIECE:
                break
        self._waiting, self._taken = memoryview(b"".join(messages[:taken])), self._taken + taken
        self._push(0.0)
        return taken

    def finish(self, seconds: float) -> None:
        """Write what is left."""
        self._push(seconds)
        if not self.is_pipe:
            os.fsync(self.handle)

    def arrived(self) -> int:
        """Rows whose line is written whole."""
        return self._taken - bytes(self._waiting).count(b"\n")

    def _push(self, seconds: float) -> bool:
        """Write what waits; gives whether any of it is left."""
        while len(self._waiting):
            if self.is_pipe:
                if not select.select([], [self.handle], [], seconds)[1]:
                    return True
                gone = os.write(self.handle, self._waiting[:_PIPE_PIECE])
            else:
                gone = os.write(self.handle, self._waiting)
            self._waiting = self._waiting[gone:]
        return False
