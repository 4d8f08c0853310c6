"""Opens real records: files, directories of parts and URLs, as typed Arrow batches with their meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.notes import Note, Remark, Used
from sundog.core.tables import generation_of, with_generation, with_meaning
from sundog.lib.rows.infer_marks import DECIMALS, PATTERN, mark, read_mark
from sundog.lib.rows.infer_meaning import Reading, read_meaning
from sundog.lib.rows.infer_profile import Profile, Watch, choose_cap
from sundog.lib.rows.infer_stated import read_types
from sundog.lib.rows.read_bytes import CHUNK, Limits
from sundog.lib.rows.read_columnar import Column, choose_columns, convert, read_schema, scan_file
from sundog.lib.rows.read_paths import Part, compare_columns, find_parts, guard, open_bytes, refuse_no_record
from sundog.lib.rows.read_spool import Scratch, SpoolWriter, guard_disk, read_spool
from sundog.lib.rows.read_text import count_absent, count_missing, make_schema, read_text, type_columns, write_typed

NO_TYPES: Mapping[str, str] = {}
NO_LIMITS = Limits()


@dataclass(frozen=True)
class FileSource:
    """Real records of one table. Implements ``core.protocols.Source``.

    Attributes:
        schema: columns; each field is marked with its meaning, and where they apply with its decimals, way of writing and
            pattern (``infer_marks``).
        rows: number of records.
        notes: ``Used`` for each file (its licence is left empty), remarks about columns.
        profiles: what the values of each column are like, in the order of the schema.
        readings: why each column has its meaning, in the order of the schema.
    """

    schema: pa.Schema
    rows: int
    notes: tuple[Note, ...]
    profiles: tuple[Profile, ...]
    readings: tuple[Reading, ...]
    _spool: Path
    _scratch: Scratch

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The records, in order, in batches of at most 65,536 rows; only these columns, if named."""
        for name in columns or ():
            if name not in self.schema.names:
                raise RequestError(
                    Problem(
                        "SD-SOURCE-024",
                        name,
                        f"{name!r} is not a column of the source",
                        nearest(name, self.schema.names),
                    )
                )
        wanted = self.schema if columns is None else pa.schema([self.schema.field(n) for n in columns])
        for batch in read_spool(self._spool, columns):
            yield pa.RecordBatch.from_arrays(batch.columns, schema=wanted)

    def close(self) -> None:
        """Remove what lies on the disk; the source cannot be scanned any more."""
        self._scratch.close()

    def __enter__(self) -> FileSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_files(
    path: str, format: str = "auto", types: Mapping[str, str] = NO_TYPES, limits: Limits = NO_LIMITS
) -> FileSource:
    """Read a table whole, once: find the types, the meaning and the values of its columns.

    Args:
        path: a file, a directory of parts (in order of their names), or any fsspec URL of one.
        format: ``csv``, ``tsv``, ``jsonl``, ``parquet``, ``arrow``, or ``auto`` for what the name and the first bytes say.
            Text may be packed with gzip or zstd, which the first bytes tell.
        types: types of columns where the inferred ones are wrong: see ``infer_stated.NAMES``.
        limits: where reading stops.

    Returns:
        The records, spooled as typed Arrow batches to a private temporary folder that goes away with the source.

    Raises:
        RequestError: ``SD-SOURCE-nnn``; it says where, what, and how to mend it.
    """
    parts = find_parts(path, format)
    scratch = Scratch()
    try:
        if parts[0].format in ("parquet", "arrow"):
            return _open_columnar(parts, types, scratch)
        return _open_text(parts, types, scratch, limits)
    except BaseException:
        scratch.close()
        raise


def _open_text(parts: tuple[Part, ...], types: Mapping[str, str], scratch: Scratch, limits: Limits) -> FileSource:
    table = read_text(parts, scratch, limits)
    parses, remarks = type_columns(table, types)
    schema = make_schema(table, parses)
    absent = count_absent(table)
    tokens = {}
    for name, parse in parses.items():
        tokens[name] = count_missing(table.tallies[name], parse)
        if name in absent:
            tokens[name][""] = tokens[name].get("", 0) + absent[name]
    places = {name: parse.decimals for name, parse in parses.items()}
    notes: tuple[Note, ...] = (*table.used, *table.remarks, *remarks)
    return _finish(schema, write_typed(table, parses, types, scratch), notes, tokens, places, scratch)


def _finish(
    schema: pa.Schema,
    batches: Iterator[pa.RecordBatch],
    notes: tuple[Note, ...],
    tokens: Mapping[str, Mapping[str, int]],
    places: Mapping[str, int | None],
    scratch: Scratch,
) -> FileSource:
    """Write typed batches to the spool while their values are counted, then give every column its meaning."""
    watched = [Watch(f.type, choose_cap(len(schema))) for f in schema]
    for watch, column in zip(watched, schema, strict=True):
        if places.get(column.name) is not None:
            watch.places = None  # known from the text
    spool = SpoolWriter(scratch.path / "rows.arrow", schema)
    for batch in batches:
        for watch, values in zip(watched, batch.columns, strict=True):
            watch.observe(values)
        spool.write(batch)
    spool.close()
    profiles = tuple(
        w.conclude(f.name, tokens.get(f.name, {}), places.get(f.name)) for w, f in zip(watched, schema, strict=True)
    )
    fields, readings = [], []
    for column, profile in zip(schema, profiles, strict=True):
        reading = read_meaning(profile, column.type, read_mark(column, PATTERN))
        made = with_meaning(column, reading.meaning, reading.why)
        if profile.places is not None:
            made = mark(made, DECIMALS, str(profile.places))
        fields.append(mark(made, PATTERN, reading.pattern))
        readings.append(reading)
    return FileSource(
        pa.schema(fields, metadata=schema.metadata), spool.rows, notes, profiles, tuple(readings), spool.path, scratch
    )


def _open_columnar(parts: tuple[Part, ...], types: Mapping[str, str], scratch: Scratch) -> FileSource:
    used: list[Used] = []
    paths: list[Path] = []
    columns: tuple[Column, ...] = ()
    remarks: dict[Remark, None] = {}
    generations: list[int] = []
    for part in parts:
        path, digest = _fetch(part, scratch)
        used.append(Used(part.name, digest, ""))
        paths.append(path)
        stored = read_schema(part, path)
        generations += [g for g in (generation_of(stored),) if g is not None]
        found, said = choose_columns(part, stored)
        remarks.update(dict.fromkeys(Remark(n, t) for n, t in said))
        columns = found if not columns else _reconcile(part, columns, found)
    columns = tuple(replace(c, type=pa.string()) if pa.types.is_null(c.type) else c for c in columns)
    stated = read_types(types, [c.name for c in columns])
    infinite: dict[str, int] = {}
    finals = {c.name: stated[c.name][0] if c.name in stated else c.type for c in columns}
    schema = pa.schema([pa.field(n, t) for n, t in finals.items()])
    if generations:
        schema = with_generation(schema, max(generations))
    for c in columns:
        if c.nested and c.name not in stated:
            schema = schema.set(schema.get_field_index(c.name), mark(schema.field(c.name), PATTERN, "json"))

    def batches() -> Iterator[pa.RecordBatch]:
        for part, path in zip(parts, paths, strict=True):
            row = 0
            for batch in scan_file(part, path, columns):
                arrays = []
                for column in columns:
                    values, odd = convert(part, column, batch.column(column.name))
                    if odd:
                        infinite[column.name] = infinite.get(column.name, 0) + odd
                    arrays.append(
                        _restate(
                            values,
                            finals[column.name],
                            column.name,
                            types,
                            f"rows {row + 1} to {row + batch.num_rows} of {part.name}",
                        )
                    )
                row += batch.num_rows
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    places = {c.name: c.decimals for c in columns if c.decimals is not None and c.name not in stated}
    source = _finish(schema, batches(), (), {}, places, scratch)
    if not source.rows:
        source.close()
        raise refuse_no_record(parts, [c.name for c in columns])
    odd = [Remark(n, f"{k} infinite values count as missing") for n, k in infinite.items()]
    return FileSource(
        source.schema, source.rows, (*used, *remarks, *odd), source.profiles, source.readings, source._spool, scratch
    )


def _restate(values: pa.Array, kind: pa.DataType, name: str, types: Mapping[str, str], where: str) -> pa.Array:
    """Values as the type that was stated for them."""
    if values.type == kind:
        return values
    try:
        return pc.cast(values, kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise RequestError(
            Problem(
                "SD-SOURCE-025",
                f"types.{name}",
                f"{name!r} cannot be read as {types[name]} in {where}: {error}",
                "State another type, or none.",
            )
        ) from error


def _reconcile(part: Part, before: tuple[Column, ...], found: tuple[Column, ...]) -> tuple[Column, ...]:
    """Columns of all parts so far: the same names in any order; whole numbers give way to decimals."""
    names = {c.name: c for c in found}
    compare_columns(part, [c.name for c in before], list(names))
    out = []
    for old in before:
        new = names[old.name]
        if old.type == new.type or pa.types.is_null(new.type):
            kept = old.decimals if pa.types.is_null(new.type) else _join_places(old.decimals, new.decimals)
            out.append(Column(old.name, old.type, old.nested or new.nested, kept))
        elif pa.types.is_null(old.type):
            out.append(new)
        elif {old.type, new.type} == {pa.int64(), pa.float64()}:
            out.append(Column(old.name, pa.float64()))
        else:
            raise RequestError(
                Problem(
                    "SD-SOURCE-016",
                    part.name,
                    f"{old.name!r} is {new.type} here and {old.type} in the parts before it",
                    "Give parts with the same types.",
                )
            )
    return tuple(out)


def _join_places(before: int | None, found: int | None) -> int | None:
    """Decimal places that hold the values of both; None where one states none."""
    return None if before is None or found is None else max(before, found)


def _fetch(part: Part, scratch: Scratch) -> tuple[Path, str]:
    """A local file with the bytes of a part, and their sha256. Files of other machines are copied."""
    digest = sha256()
    target = Path(part.path) if part.local else scratch.path / f"part-{sha256(part.path.encode()).hexdigest()[:16]}"
    opened = open_bytes(part)
    with opened, guard(part.name), guard_disk():
        copy = None if part.local else target.open("wb")
        try:
            while data := opened.read(CHUNK):
                digest.update(data)
                if copy is not None:
                    copy.write(data)
        finally:
            if copy is not None:
                copy.close()
    return target, digest.hexdigest()
