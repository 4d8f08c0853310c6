"""Parquet and Arrow IPC files: their columns with the types that Sundog works with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet

from sundog.core.errors import Problem, RequestError
from sundog.lib.rows.read_paths import Part

BATCH = 65_536
MOST_CELLS_PER_BYTE = 10_000
CELLS_UNQUESTIONED = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file and the type it is given.

    Attributes:
        name: its name.
        type: int64, float64, bool, date32, timestamp[us], time64[us], duration[us] or string; null where the file says nothing.
        nested: whether values become JSON text.
        decimals: decimal places that the file states; None where it states none.
    """

    name: str
    type: pa.DataType
    nested: bool = False
    decimals: int | None = None


def read_schema(part: Part, path: Path) -> pa.Schema:
    """Schema of a file, as it is stored."""
    with _explaining(part):
        if part.format == "parquet":
            with pyarrow.parquet.ParquetFile(path) as file:
                meta = file.metadata
                cells = meta.num_rows * max(1, meta.num_columns)
                if cells > CELLS_UNQUESTIONED and cells > MOST_CELLS_PER_BYTE * path.stat().st_size:
                    raise RequestError(
                        Problem(
                            "SD-SOURCE-062",
                            part.name,
                            f"it claims {meta.num_rows:,} rows of {meta.num_columns:,} columns in {path.stat().st_size:,} bytes",
                            "If the file is right, give a sample of it.",
                        )
                    )
                return file.schema_arrow
        with pa.OSFile(str(path)) as opened:
            if opened.read(6) == b"ARROW1":
                with pa.ipc.open_file(path) as reader:
                    return reader.schema
            opened.seek(0)
            with pa.ipc.open_stream(opened) as stream:
                return stream.schema


def choose_columns(part: Part, schema: pa.Schema) -> tuple[tuple[Column, ...], tuple[tuple[str, str], ...]]:
    """Columns with their types, and (name, remark) of those that are left out or changed."""
    with _explaining(part):  # names of a broken file may be no text
        names = schema.names
    twice = sorted({n for n in names if names.count(n) > 1}) if len(set(names)) < len(names) else []
    if twice or not all(n.strip() for n in names) or not names:
        what = (
            f"column names stand twice: {', '.join(map(repr, twice))}"
            if twice
            else "a column has no name"
            if names
            else "it has no columns"
        )
        raise RequestError(Problem("SD-SOURCE-063", part.name, what, "Give each column a name of its own."))
    columns, remarks = [], []
    for field in schema:
        if field.name.startswith("__index_level_") and b"pandas" in (schema.metadata or {}):
            remarks.append((field.name, "is the index that pandas wrote, and is left out"))
            continue
        with _explaining(part):
            kind, remark = choose_type(field.type)
        if remark:
            remarks.append((field.name, remark))
        if kind is not None:
            stored = _storage(field.type)
            columns.append(Column(field.name, kind, pa.types.is_nested(stored), _decimals_of(stored)))
    if not columns:
        raise RequestError(
            Problem(
                "SD-SOURCE-064",
                part.name,
                "none of its columns can be read as a table's",
                "Give columns of numbers, text, dates or times.",
            )
        )
    return tuple(columns), tuple(remarks)


def _storage(kind: pa.DataType) -> pa.DataType:
    return _storage(kind.storage_type) if isinstance(kind, pa.BaseExtensionType) else kind


def _decimals_of(kind: pa.DataType) -> int | None:
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        kind = _storage(kind.value_type)
    return min(15, max(0, kind.scale)) if pa.types.is_decimal(kind) else None


def choose_type(kind: pa.DataType) -> tuple[pa.DataType | None, str]:
    """The type that values of an Arrow type get, None where the column is left out, and a remark where something is lost."""
    t = pa.types
    kind = _storage(kind)
    if t.is_dictionary(kind) or t.is_run_end_encoded(kind):
        return choose_type(kind.value_type)
    if t.is_null(kind):
        return kind, ""  # what the other parts say; text if they say nothing
    if t.is_integer(kind):
        return (
            (pa.string(), "holds whole numbers that may not fit in 64 bits, and is kept as text")
            if t.is_uint64(kind)
            else (pa.int64(), "")
        )
    if t.is_floating(kind):
        return pa.float64(), ""
    if t.is_decimal(kind):
        exact = kind.precision <= 15
        return pa.float64(), "" if exact else f"{kind} keeps about 15 digits"
    if t.is_boolean(kind):
        return pa.bool_(), ""
    if t.is_date(kind):
        return pa.date32(), ""
    if t.is_timestamp(kind):
        remark = "digits beyond microseconds are cut off" if kind.unit == "ns" else ""
        if kind.tz is not None and not is_zone(kind.tz):
            return pa.timestamp("us", "UTC"), f"states a zone that is not known ({kind.tz}), and is read as UTC"
        return pa.timestamp("us", kind.tz), remark
    if t.is_time(kind):
        return pa.time64("us"), ""
    if t.is_duration(kind):
        return pa.duration("us"), ""
    if t.is_string(kind) or t.is_large_string(kind) or t.is_string_view(kind):
        return pa.string(), ""
    if t.is_nested(kind):
        return pa.string(), f"holds {kind} and is kept as JSON text"
    return None, f"holds {kind}, which is not a table's, and is left out"


def is_zone(name: str) -> bool:
    """Whether it is an offset such as +02:00 or a zone of the IANA database."""
    if re.fullmatch(r"[+-][0-9]{2}:?[0-9]{2}", name):
        return True
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True


def scan_file(part: Part, path: Path, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
    """The rows of these columns, in batches of at most 65,536, as they are stored."""
    names = [c.name for c in columns]
    with _explaining(part):
        if part.format == "parquet":
            with pyarrow.parquet.ParquetFile(path, pre_buffer=False) as file:
                # a column of a struct is named by its path, so ask for positions of top-level names
                for batch in file.iter_batches(BATCH, columns=names, use_threads=False):
                    yield batch.select(names)
            return
        with pa.memory_map(str(path)) as mapped:
            if mapped.read(6) == b"ARROW1":
                mapped.seek(0)
                with pa.ipc.open_file(mapped) as reader:
                    for i in range(reader.num_record_batches):
                        yield from _cut(reader.get_batch(i), names)
            else:
                mapped.seek(0)
                with pa.ipc.open_stream(mapped) as stream:
                    for batch in stream:
                        yield from _cut(batch, names)


def _cut(batch: pa.RecordBatch, names: list[str]) -> Iterator[pa.RecordBatch]:
    batch.validate(full=True)  # a broken file must not lead Arrow outside its buffers
    picked = batch.select(names)
    for start in range(0, picked.num_rows, BATCH):
        yield picked.slice(start, BATCH)


def convert(part: Part, column: Column, values: pa.Array) -> tuple[pa.Array, int]:
    """Values with the type of the column, and how many were infinite. NaN and infinities become missing."""
    with _explaining(part):
        while isinstance(values, pa.ExtensionArray):
            values = values.storage
        if pa.types.is_dictionary(values.type) or pa.types.is_run_end_encoded(values.type):
            values = values.dictionary_decode() if pa.types.is_dictionary(values.type) else pc.run_end_decode(values)
        if column.nested:
            return pa.array(
                [
                    None if v is None else json.dumps(v, default=str, ensure_ascii=False, separators=(",", ":"))
                    for v in values.to_pylist()
                ],
                pa.string(),
            ), 0
        typed = values if values.type == column.type else pc.cast(values, column.type, safe=not _may_cut(values.type))
        if pa.types.is_decimal(values.type) and pa.types.is_floating(column.type):
            typed = _round(typed, max(0, values.type.scale))
        if pa.types.is_string(column.type):
            typed.validate(full=True)  # a broken file may hold bytes that are no UTF-8
    if not pa.types.is_floating(column.type):
        return typed, 0
    finite = pc.is_finite(typed)
    if pc.all(finite).as_py() in (True, None):
        return typed, 0
    infinite = pc.sum(pc.is_inf(typed)).as_py() or 0
    return pc.if_else(finite, typed, pa.scalar(None, pa.float64())), int(infinite)


def _round(values: pa.Array, places: int) -> pa.Array:
    """The nearest doubles of decimals: Arrow's cast misses one in eight of them by a unit in the last place."""
    floats = values.to_numpy(zero_copy_only=False)
    whole = np.rint(floats * 10.0**places)
    exact = (np.abs(whole) < 2.0**53) & (
        places <= 22
    )  # powers of ten up to 10**22 are doubles, so division rounds right
    return pa.array(np.where(exact, whole / 10.0**places, floats), pa.float64(), from_pandas=True)


def _may_cut(kind: pa.DataType) -> bool:
    """Whether a cast may lose what it is meant to lose: nanoseconds, digits of long decimals."""
    return bool(pa.types.is_temporal(kind) or pa.types.is_decimal(kind))


@contextmanager
def _explaining(part: Part) -> Iterator[None]:
    """Turn Arrow's errors about a broken file into one that names it."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise RequestError(
            Problem(
                "SD-SOURCE-061",
                part.name,
                f"the {part.format} file is broken: {str(error).strip()[:300]}",
                "Write or fetch it again; a file cut short in transfer looks like this.",
            )
        ) from error
