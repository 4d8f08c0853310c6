"""CSV and TSV: column names, delimiter, and the records as batches of text columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.csv

from sundog.core.errors import Problem, RequestError
from sundog.lib.rows.read_bytes import Limits, TextStream
from sundog.lib.rows.read_csv_faults import check_quotes, locate_records
from sundog.lib.rows.read_paths import Part

DELIMITERS = (",", ";", "\t", "|")
BLOCK = 4 << 20
HEAD = 256 << 10
MOST_SHOWN = 5
"""Ragged records that an error lists."""


@dataclass(frozen=True, slots=True)
class Header:
    """The line of column names.

    Attributes:
        names: column names, without blanks around them.
        delimiter: one character.
        size: bytes of the text up to the first record.
        lines: line ends in these bytes.
        bare: whether every name is a number, as if the line were a record.
    """

    names: tuple[str, ...]
    delimiter: str
    size: int
    lines: int
    bare: bool


def read_csv(part: Part, limits: Limits, block: int = BLOCK) -> Iterator[pa.RecordBatch | Header | str]:
    """Read a file once.

    Yields:
        First its ``Header``; then batches of string columns with these names, null where a field is empty; last the
        sha256 of the stored bytes.
    """
    stream = TextStream(part, limits)
    try:
        header = read_header(stream, part, limits)
        yield header
        stream.read(header.size)
        ragged: list[tuple[int | None, int]] = []
        yield from _read_records(stream, part, header, limits, block, ragged)
        if ragged:
            raise _explain_ragged(part, header, limits, ragged)
        if stream.quotes % 2:
            check_quotes(part, limits, header.delimiter)
        yield stream.sha256
    finally:
        stream.close()


def _read_records(
    stream: TextStream, part: Part, header: Header, limits: Limits, block: int, ragged: list[tuple[int | None, int]]
) -> Iterator[pa.RecordBatch]:
    if not stream.peek(1):
        return
    width = len(header.names)
    labels = [str(i) for i in range(width)]

    def note_ragged(row: Any) -> str:
        ragged.append((row.number, row.actual_columns))
        return "skip" if len(ragged) < MOST_SHOWN else "error"

    try:
        reader = pyarrow.csv.open_csv(
            stream,
            read_options=pyarrow.csv.ReadOptions(column_names=labels, block_size=block, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=header.delimiter, newlines_in_values=True, invalid_row_handler=note_ragged
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                check_utf8=False,  # TextStream did
                column_types={n: pa.string() for n in labels},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
        for batch in reader:
            if ragged:
                break
            if batch.num_rows:
                yield pa.RecordBatch.from_arrays(batch.columns, names=list(header.names))
    except pa.ArrowInvalid as error:
        if ragged:
            return
        message = str(error)
        if "Empty CSV file" in message:
            return
        longest = check_quotes(part, limits, header.delimiter)
        if "straddling" in message and block < longest:
            raise TooLong(longest) from error
        raise RequestError(
            Problem(
                "SD-SOURCE-046",
                part.name,
                f"the records could not be read: {message}",
                "Mend the file, or write it anew with a CSV writer.",
            )
        ) from error


class TooLong(Exception):
    """A record did not fit into a block; reading again with blocks of ``longest`` bytes helps."""

    def __init__(self, longest: int) -> None:
        super().__init__(longest)
        self.longest = longest


def read_header(stream: TextStream, part: Part, limits: Limits) -> Header:
    """Column names and delimiter, from the first lines; reads nothing away.

    Raises:
        RequestError: there is no text, a name is empty or stands twice, or there are too many.
    """
    size = HEAD
    while True:
        data = stream.peek(size)
        text = data.decode("utf-8", errors="ignore")
        start = len(text) - len(text.lstrip("\r\n"))
        stated = ""
        if text[start : start + 4].lower() == "sep=" and text[start + 5 : start + 6] in (
            "\r",
            "\n",
        ):  # a hint that Excel writes
            stated = text[start + 4]
            start += len(text[start:].split("\n", 1)[0]) + 1
        end = find_record_end(text, start)
        if end >= 0 or len(data) < size:
            break
        if size > limits.header_bytes:
            raise RequestError(
                Problem(
                    "SD-SOURCE-041",
                    f"{part.name}, line 1",
                    f"the line of column names is longer than {limits.header_bytes:,} bytes",
                    "Is this a table of text with a line for each record?",
                )
            )
        size *= 4
    if not text.strip("\r\n\t ,;|"):
        raise RequestError(
            Problem(
                "SD-SOURCE-040",
                part.name,
                "the file is empty",
                "Give a file with a line of column names and at least one record.",
            )
        )
    end = len(text) if end < 0 else end
    delimiter = "\t" if part.format == "tsv" else stated or sniff_delimiter(text[start:])
    line = text[start:end]
    try:
        found = next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])
    except csv.Error as error:
        raise RequestError(
            Problem(
                "SD-SOURCE-057",
                f"{part.name}, line 1",
                f"the line of column names could not be read: {error}",
                "Is this a table of text with column names on its first line?",
            )
        ) from error
    names = tuple(n.strip() for n in found)
    bare = all(map(_is_number, names))
    _check_names(names, part, limits, bare)
    head = text[:end]
    return Header(names, delimiter, len(head.encode()), head.count("\n"), bare)


def find_record_end(text: str, start: int) -> int:
    """Position after the record that begins at ``start``, its line end included; -1 if it does not end in the text."""
    at, inside = start, False
    while at < len(text):
        quote = text.find('"', at)
        if not inside:
            ends = [i for i in (text.find("\n", at), text.find("\r", at)) if i >= 0]
            end = min(ends, default=-1)
            if end >= 0 and (quote < 0 or end < quote):
                return end + 2 if text[end : end + 2] == "\r\n" else end + 1
        if quote < 0:
            return -1
        inside, at = not inside, quote + 1
    return -1


def sniff_delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into the same number of fields; a comma where none does."""
    at = 0
    records: list[str] = []
    while len(records) < 64 and (end := find_record_end(text, at)) >= 0:
        records.append(text[at:end])
        at = end
    records = [r for r in records or [text] if r.strip("\r\n")]
    best, score = ",", 0.0
    for mark in DELIMITERS:
        widths = [_count_fields(r, mark) for r in records]
        if widths[0] > 1:
            alike = round(sum(w == widths[0] for w in widths) / len(widths), 1)
            if alike > score:
                best, score = mark, alike
    return best


def _count_fields(record: str, delimiter: str) -> int:
    if '"' not in record:
        return record.count(delimiter) + 1
    count, inside = 1, False
    for c in record:
        if c == '"':
            inside = not inside
        elif c == delimiter and not inside:
            count += 1
    return count


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_names(names: tuple[str, ...], part: Part, limits: Limits, bare: bool) -> None:
    where = f"{part.name}, line 1"
    guess = " All of them are numbers: is the line of column names missing?" if bare else ""
    if len(names) > limits.columns:
        raise RequestError(
            Problem(
                "SD-SOURCE-042",
                where,
                f"it names {len(names):,} columns, and at most {limits.columns:,} are read",
                "Is the delimiter right? Keep the columns that matter.",
            )
        )
    empty = [i + 1 for i, n in enumerate(names) if not n]
    problems = []
    if empty:
        index = (
            " The first one may be the index that pandas writes: write it with index=False, or give it a name."
            if empty == [1]
            else ""
        )
        which = ", ".join(map(str, empty[:10])) + (", ..." if len(empty) > 10 else "")
        problems.append(
            Problem(
                "SD-SOURCE-043",
                where,
                f"the column names at {which} of {len(names)} are empty",
                f"Give each column a name.{index}{guess}",
            )
        )
    first: dict[str, int] = {}
    twice = []
    for i, name in enumerate(names):
        if name and name in first:
            twice.append(f"{name!r} (columns {first[name] + 1} and {i + 1})")
        first.setdefault(name, i)
    if twice:
        problems.append(
            Problem(
                "SD-SOURCE-044",
                where,
                f"column names stand twice: {', '.join(twice[:10])}",
                f"Give each column a name of its own.{guess}",
            )
        )
    if problems:
        raise RequestError(*problems)


def _explain_ragged(part: Part, header: Header, limits: Limits, ragged: list[tuple[int | None, int]]) -> RequestError:
    width = len(header.names)
    lines = locate_records(part, limits, header, [n for n, _ in ragged if n is not None])
    problems = []
    for number, found in ragged:
        line = lines.get(number or 0)
        where = f"{part.name}, line {line}" if line else f"{part.name}, record {number}"
        fix = (
            "Quote fields that hold the delimiter, or mend the line."
            if found > width
            else "Mend the line; a record that breaks over lines must be quoted."
        )
        problems.append(
            Problem(
                "SD-SOURCE-045",
                where,
                f"{found} {'field' if found == 1 else 'fields'} where the header has {width}",
                fix,
            )
        )
    return RequestError(*problems)
