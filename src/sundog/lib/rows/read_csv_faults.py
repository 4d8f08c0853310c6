"""Finds the place of what is wrong in a CSV file: a second reading, only when the first one failed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Protocol

from sundog.core.errors import Problem, RequestError
from sundog.lib.rows.read_bytes import CHUNK, Limits, TextStream
from sundog.lib.rows.read_paths import Part


class HeaderLines(Protocol):
    """How many bytes and line ends come before the first record."""

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    @property
    def lines(self) -> int:
        """Line ends."""
        ...


def iterate_lines(stream: TextStream) -> Iterator[bytes]:
    """Lines of text with their ends, in bounded memory (the stream refuses lines that are too long)."""
    left = b""
    while data := stream.read(CHUNK):
        lines = (left + data).splitlines(keepends=True)
        # bytes.splitlines cuts at \\n, \\r and \\r\\n only
        left = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        yield from lines
    if left:
        yield left


def locate_records(part: Part, limits: Limits, header: HeaderLines, numbers: Collection[int]) -> dict[int, int]:
    """Line on which each of these records (from 1, after the header) begins."""
    wanted, found = set(numbers), {}
    stream = TextStream(part, limits)
    try:
        stream.read(header.size)
        record, inside, line = 0, False, header.lines
        for text in iterate_lines(stream):
            line += 1
            if not inside:
                if not text.strip(b"\r\n"):
                    continue
                record += 1
                if record in wanted:
                    found[record] = line
                    if len(found) == len(wanted):
                        break
            inside ^= bool(text.count(b'"') % 2)
    except RequestError:
        pass  # the first reading ended at the same place; what was found until then is enough
    finally:
        stream.close()
    return found


def check_quotes(part: Part, limits: Limits, delimiter: str) -> int:
    """Look for a quoted field that never ends, or that goes on after its closing quote.

    Returns:
        Bytes of the longest record.

    Raises:
        RequestError: there is such a field, or a record is too long; the error names the line on which it begins.
    """
    mark, quote = delimiter.encode(), b'"'
    stream = TextStream(part, limits)
    inside, opened, line, size, longest = False, 0, 0, 0, 0
    try:
        for text in iterate_lines(stream):
            line += 1
            at, start = 0, not inside
            size = len(text) if start else size + len(text)
            longest = max(longest, size)
            if size > limits.record_bytes:
                raise RequestError(
                    Problem(
                        "SD-SOURCE-049",
                        f"{part.name}, line {opened}",
                        f"the quoted field that begins there is longer than {limits.record_bytes:,} bytes",
                        "Is its closing quote missing? Otherwise leave out the column that holds such values.",
                    )
                )
            while True:
                if inside:
                    at = text.find(quote, at)
                    if at < 0:
                        break
                    if text[at + 1 : at + 2] == quote:
                        at += 2
                        continue
                    inside, at = False, at + 1
                    follows = text[at : at + 1]
                    if follows and follows not in (mark, b"\n", b"\r"):
                        raise RequestError(
                            Problem(
                                "SD-SOURCE-047",
                                f"{part.name}, line {line}",
                                f"a quoted field that begins on line {opened} goes on after its closing quote",
                                'Close the field before the delimiter; a quote inside a quoted field is written twice ("").',
                            )
                        )
                    start = False
                if start and text[at : at + 1] == quote:
                    inside, opened, at, start = True, line, at + 1, False
                    continue
                at = text.find(mark, at)
                if at < 0:
                    break
                at, start = at + 1, True
    finally:
        stream.close()
    if inside:
        raise RequestError(
            Problem(
                "SD-SOURCE-048",
                f"{part.name}, line {opened}",
                "a quoted field begins there and never ends",
                "Close the quote, or write the file anew with a CSV writer.",
            )
        )
    return longest
