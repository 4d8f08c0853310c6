"""JSON Lines: one object a line, as batches of text columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from sundog.core.errors import Problem, RequestError
from sundog.lib.rows.read_bytes import Limits, TextStream
from sundog.lib.rows.read_csv_faults import iterate_lines
from sundog.lib.rows.read_paths import Part

BATCH_ROWS = 16_384
BATCH_BYTES = 16 << 20


class _Number(str):
    """The text of a number, told from a string that looks like one."""

    __slots__ = ()


def read_jsonl(part: Part, limits: Limits) -> Iterator[pa.RecordBatch | tuple[str, ...] | str]:
    """Read a file once. A value becomes the text it would have in a CSV file; arrays and objects stay JSON text.

    Yields:
        Batches of string columns, null where a key is absent or null: the keys seen so far, in order of appearance. Before the
        sha256 of the stored bytes, which comes last, the names of the columns that hold arrays or objects.

    Raises:
        RequestError: a line is not a JSON object, repeats a key or has an empty one; there is no line; there are too many keys.
    """
    stream = TextStream(part, limits)
    columns: dict[str, list[str | None]] = {}
    nested: set[str] = set()
    rows, size, line, total = 0, 0, 0, 0
    try:
        for text in iterate_lines(stream):
            line += 1
            if not text.strip():
                continue
            where = f"{part.name}, line {line}"
            for name, value in _parse_line(text, where).items():
                column = columns.get(name)
                if column is None:
                    _check_name(name, len(columns), where, limits)
                    column = columns[name] = [None] * rows
                if isinstance(value, dict | list):
                    nested.add(name)
                column.append(_as_text(value))
            rows, size, total = rows + 1, size + len(text), total + 1
            for column in columns.values():
                if len(column) < rows:
                    column.append(None)
            if rows >= BATCH_ROWS or size >= BATCH_BYTES:
                yield _make_batch(columns, where)
                columns = {name: [] for name in columns}
                rows, size = 0, 0
        if rows:
            yield _make_batch(columns, f"{part.name}, line {line}")
        if not columns:
            what = "it holds no record" if not total else "its objects have no keys"
            raise RequestError(
                Problem(
                    "SD-SOURCE-050", part.name, what, 'Give at least one line with a JSON object, such as {"age": 39}.'
                )
            )
        yield tuple(sorted(nested))
        yield stream.sha256
    finally:
        stream.close()


def _make_batch(columns: dict[str, list[str | None]], where: str) -> pa.RecordBatch:
    try:
        return pa.record_batch([pa.array(v, pa.string()) for v in columns.values()], names=list(columns))
    except (UnicodeEncodeError, pa.ArrowInvalid) as error:
        raise RequestError(
            Problem(
                "SD-SOURCE-051",
                f"{where} or before",
                f"a text holds half a character (a lone surrogate): {error}",
                "Write the file anew with a JSON writer.",
            )
        ) from error


def _parse_line(text: bytes, where: str) -> dict[str, Any]:
    try:
        value = json.loads(
            text, parse_int=_Number, parse_float=_Number, parse_constant=_Number, object_pairs_hook=_Pairs
        )
    except (ValueError, RecursionError) as error:
        array = text.lstrip().startswith(b"[")
        fix = (
            "A JSON array over many lines must become one object a line: jq -c '.[]' FILE > FILE.jsonl"
            if array
            else "Mend the line; each line must be one whole JSON object."
        )
        raise RequestError(Problem("SD-SOURCE-052", where, f"it is not JSON: {error}", fix)) from error
    if not isinstance(value, _Pairs):
        kind = "an array" if isinstance(value, list) else "a single value"
        raise RequestError(
            Problem(
                "SD-SOURCE-053",
                where,
                f"{kind} stands where an object is expected",
                "Each line must be an object, such as {\"age\": 39}; for one array of objects: jq -c '.[]'.",
            )
        )
    record = dict(value)
    if len(record) < len(value):
        twice = next(name for i, (name, _) in enumerate(value) if name in {n for n, _ in value[:i]})
        raise RequestError(
            Problem("SD-SOURCE-054", where, f"the key {twice!r} stands twice", "Give each value a key of its own.")
        )
    return record


class _Pairs(list[tuple[str, Any]]):
    """The keys and values of an object, repeated keys included."""


def _plain(value: Any) -> Any:
    if isinstance(value, _Pairs):
        return {name: _plain(v) for name, v in value}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, _Number):
        return json.loads(value) if len(value) < 300 else str(value)
    return value


def _as_text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def _check_name(name: str, known: int, where: str, limits: Limits) -> None:
    if not name.strip():
        raise RequestError(Problem("SD-SOURCE-055", where, "a key is empty", "Give each value a name."))
    if known >= limits.columns:
        raise RequestError(
            Problem(
                "SD-SOURCE-056",
                where,
                f"there are more than {limits.columns:,} different keys",
                "Keys must name columns; put what varies from record to record into values.",
            )
        )
