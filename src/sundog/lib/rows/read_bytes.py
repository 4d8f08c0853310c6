"""The text of a file, watched while it is read: unpacked, UTF-8, hashed, and stopped before it eats the machine."""

from __future__ import annotations

import codecs
import hashlib
import io
import posixpath
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from sundog.core.errors import Problem, RequestError
from sundog.lib.rows.read_paths import Part, guard, open_bytes

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Where reading stops.

    Attributes:
        record_bytes: largest size of one record or field of text. Arrow reads up to 32 blocks ahead, and a block is as long
            as the longest record, so this bounds the memory too.
        header_bytes: largest size of the line of column names.
        columns: largest number of columns.
        unpacked_ratio: how many times larger than the file its content may be, once it is beyond ``unpacked_bytes``.
        unpacked_bytes: unpacked content below this is never too much.
    """

    record_bytes: int = 16 << 20
    header_bytes: int = 8 << 20
    columns: int = 20_000
    unpacked_ratio: int = 200
    unpacked_bytes: int = 1 << 30


class _Hashed(io.RawIOBase):
    """Stored bytes, hashed and counted as they pass."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.digest = hashlib.sha256()
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.source.read(size)
        self.digest.update(data)
        self.count += len(data)
        return data


class TextStream(io.RawIOBase):
    """UTF-8 text of a part, without its byte order mark, in the order of the file.

    Reading raises a RequestError at the first byte that is not text, at a line without end, and when the content is
    out of all proportion to the file. ``sha256`` is that of the stored bytes, once everything has been read.
    """

    def __init__(self, part: Part, limits: Limits) -> None:
        self.part = part
        self.limits = limits
        self.lines = 0  # line ends seen
        self.quotes = 0  # quote characters seen
        self._raw = open_bytes(part)
        self._stored = _Hashed(self._raw)
        self._plain: Any = self._stored
        if part.packing:
            self._plain = pa.CompressedInputStream(pa.PythonFile(self._stored, mode="r"), part.packing)
        self._decoder: codecs.IncrementalDecoder | None = None
        self._tail = b""  # first bytes of a character whose others are in the next chunk
        self._passed = 0  # bytes of text checked
        self._held = b""  # checked text that was not asked for yet
        self._offset = 0  # unpacked bytes seen
        self._run = 0  # bytes since the last line end
        self._started = False
        self._ended = False

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes; fewer only at the end."""
        pieces = [self._held]
        have = len(self._held)
        while not self._ended and (size < 0 or have < size):
            piece = self._next_chunk()
            pieces.append(piece)
            have += len(piece)
        data = b"".join(pieces)
        if size < 0:
            size = len(data)
        self._held = data[size:]
        return data[:size]

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, as ``io`` asks of a raw stream."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def peek(self, size: int) -> bytes:
        """The next bytes, left to be read; fewer than ``size`` only at the end."""
        data = self.read(size)
        self._held = data + self._held
        return data

    def close(self) -> None:
        """Let go of the file."""
        if not self.closed:
            self._raw.close()
        super().close()

    @property
    def sha256(self) -> str:
        """Hex digest of the stored bytes; reads what is left of them."""
        with guard(self.part.name):
            while self._stored.read(CHUNK):
                pass
        return self._stored.digest.hexdigest()

    def _next_chunk(self) -> bytes:
        data = self._unpack()
        if not self._started:
            self._started = True
            data = self._begin(data)
        if self._decoder is not None:
            data = self._transcode(data)
        if not data and self._decoder is None:
            self._ended = True
            self._check_text(b"")
            return b""
        self._check_text(data)
        return data

    def _unpack(self) -> bytes:
        if not self.part.packing:
            with guard(self.part.name):
                return bytes(self._plain.read(CHUNK))
        try:
            data = bytes(self._plain.read(CHUNK))
        except (OSError, pa.ArrowInvalid) as error:
            message = str(error)
            cut = "runcated" in message or "ended before" in message
            what = "it ends in the middle of the packed data" if cut else f"the packed data are broken: {message}"
            raise RequestError(
                Problem(
                    "SD-SOURCE-030",
                    self.part.name,
                    what,
                    "Fetch or pack the file again; `gzip -t` or `zstd -t` tests it.",
                )
            ) from error
        self._offset += len(data)
        if self._offset > self.limits.unpacked_bytes and self._offset > self.limits.unpacked_ratio * max(
            1, self._stored.count
        ):
            raise RequestError(
                Problem(
                    "SD-SOURCE-031",
                    self.part.name,
                    f"{self._stored.count:,} packed bytes have become more than {self._offset:,}: this looks like a decompression bomb",
                    "If the file is right, unpack it and give the unpacked file.",
                )
            )
        return data

    def _begin(self, data: bytes) -> bytes:
        if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
            self._decoder = codecs.getincrementaldecoder("utf-32")()
        elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._decoder = codecs.getincrementaldecoder("utf-16")()
        return data.removeprefix(codecs.BOM_UTF8)

    def _transcode(self, data: bytes) -> bytes:
        assert self._decoder is not None
        try:
            text = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise RequestError(
                Problem(
                    "SD-SOURCE-032",
                    f"{self.part.name}, line {self.lines + 1}",
                    f"it begins as {error.encoding} and goes on as something else",
                    "Save the file as UTF-8.",
                )
            ) from error
        if not data:
            self._decoder = None
        return text.encode("utf-8", errors="surrogatepass") if text else b""

    def _check_text(self, data: bytes) -> None:
        zero = data.find(b"\0")
        if zero >= 0:
            raise self._refuse_zero(data, zero)
        if self._tail or not data.isascii() or self._ended:
            both = self._tail + data
            try:
                _, used = codecs.utf_8_decode(both, "strict", self._ended)
            except UnicodeDecodeError as error:
                raise self._refuse_encoding(both, error.start) from error
            self._tail = both[used:]
        seen = np.frombuffer(data, np.uint8)
        self.lines += int(np.count_nonzero(seen == 10))
        self.quotes += int(np.count_nonzero(seen == 34))
        self._passed += len(data)
        last = max(data.rfind(b"\n"), data.rfind(b"\r"))
        if last < 0:
            self._run += len(data)
        else:
            first = min(i for i in (data.find(b"\n"), data.find(b"\r")) if i >= 0)
            self._check_run(self._run + first)
            self._run = len(data) - last - 1
        self._check_run(self._run)

    def _check_run(self, length: int) -> None:
        if length > self.limits.record_bytes:
            raise RequestError(
                Problem(
                    "SD-SOURCE-033",
                    f"{self.part.name}, about line {self.lines + 1}",
                    f"one line is longer than {self.limits.record_bytes:,} bytes",
                    "Is this a table of text? A record must fit on a line of reasonable length; leave out the column that holds such values.",
                )
            )

    def _refuse_zero(self, data: bytes, at: int) -> RequestError:
        line = self.lines + 1 + data.count(b"\n", 0, at)
        wide = data[at : at + 64].count(b"\0") > 16
        fix = (
            "It looks like UTF-16 without a byte order mark: save it as UTF-8 (iconv -f UTF-16LE -t UTF-8)."
            if wide
            else "Is this a table of text? Take the zero bytes out: tr -d '\\000' < FILE > MENDED"
        )
        return RequestError(
            Problem("SD-SOURCE-034", f"{self.part.name}, line {line}", "it holds a zero byte (NUL)", fix)
        )

    def _refuse_encoding(self, data: bytes, at: int) -> RequestError:
        """``data`` begins with the bytes held back of the character that was not whole yet."""
        line = self.lines + 1 + data.count(b"\n", 0, at)
        offset = self._passed - len(self._tail) + at
        near = data[max(0, at - 12) : at + 12].decode("cp1252", errors="replace")
        near = "".join(c if c.isprintable() else " " for c in near)
        return RequestError(
            Problem(
                "SD-SOURCE-035",
                f"{self.part.name}, line {line}",
                f"byte 0x{data[at : at + 1].hex()} at offset {offset:,} is not UTF-8 (read as Windows-1252: '...{near}...')",
                f"Save the file as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 {posixpath.basename(self.part.path)} > utf8.csv (or -f ISO-8859-1).",
            )
        )
