"""Rows of a bundle, a page at a time: only the footers, row groups and columns that a page shows are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sundog.core.bundle import BundleFiles
from sundog.core.errors import Problem, RequestError
from sundog.core.tables import about_of, meaning_of
from sundog.run.stage_files import unpack_units

PAGE_ROWS = 50
PAGE_COLUMNS = 40
SCAN_ROWS = 2_000_000
"""Rows that one search looks at before it says how far it came."""

_BATCH = 8_192
_UNITS_KEY = b"sundog.units"  # where the runner writes the lineage of a file


@dataclass(frozen=True, slots=True)
class Shelf:
    """A table that can be browsed: of the data, or of what was rejected.

    Attributes:
        files: relative to the bundle, in order.
    """

    kind: Literal["data", "rejected"]
    part: str
    table: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table as its head shows it."""

    name: str
    type: str
    meaning: str
    about: str


@dataclass(frozen=True, slots=True)
class TableIndex:
    """Where the rows of a table lie.

    Attributes:
        starts: number of the first row of each file.
        rows: rows in all.
        columns: all of them, in the order of the files.
    """

    shelf: Shelf
    starts: tuple[int, ...]
    rows: int
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows of a table.

    Attributes:
        columns: those shown.
        numbers: row numbers, counted from 0 over the whole table.
        cells: one tuple of Python values for each row.
        next: where to go on; None at the end.
        searched: rows that the search looked at to fill this page.
    """

    columns: tuple[Column, ...]
    numbers: tuple[int, ...]
    cells: tuple[tuple[Any, ...], ...]
    next: int | None
    searched: int


def list_shelves(bundle: BundleFiles) -> tuple[Shelf, ...]:
    """All tables of the data, then all tables of rejected units, as the manifest lists them."""
    shelves = [
        Shelf("data", part, table, bundle.files(part, table))
        for part in bundle.parts()
        for table in bundle.tables(part)
    ]
    found: dict[tuple[str, str], list[str]] = {}
    for entry in bundle.manifest.get("files", ()):
        pieces = str(entry["path"]).split("/")
        if pieces[0] == "rejected" and len(pieces) >= 3 and pieces[-1].endswith(".parquet"):
            table = "reasons" if len(pieces) == 3 else pieces[2]
            found.setdefault((pieces[1], table), []).append("/".join(pieces))
    shelves += [Shelf("rejected", part, table, tuple(sorted(files))) for (part, table), files in found.items()]
    for shelf in shelves:
        for file in shelf.files:
            check_inside(bundle, file)
    return tuple(shelves)


def check_inside(bundle: BundleFiles, file: str) -> None:
    """Refuse a manifest that points outside its bundle: bundles come from strangers too.

    Raises:
        RequestError: the path is absolute, climbs, or leads out through a link.
    """
    path = PurePosixPath(file)
    outside = path.is_absolute() or ".." in path.parts or "\\" in file or "\x00" in file
    if not outside and _is_local(bundle):
        from pathlib import Path

        root = Path(bundle.root).resolve()
        outside = not (root / file).resolve().is_relative_to(root)
    if outside:
        raise RequestError(
            Problem(
                "SD-STUDIO-001",
                f"{bundle.url}/manifest.json",
                f"names a file outside the bundle: {file[:200]!r}",
                "Do not trust this bundle: its manifest was changed after it was written.",
            )
        )


def _is_local(bundle: BundleFiles) -> bool:
    protocol = bundle.fs.protocol
    return "file" in ((protocol,) if isinstance(protocol, str) else tuple(protocol))


def index_table(bundle: BundleFiles, shelf: Shelf) -> TableIndex:
    """Read the footers of a table's files."""
    starts, total = [], 0
    columns: tuple[Column, ...] = ()
    for file in shelf.files:
        with bundle.fs.open(f"{bundle.root}/{file}", "rb") as stream:
            parquet = pq.ParquetFile(stream)
            starts.append(total)
            total += parquet.metadata.num_rows
            if not columns:
                columns = tuple(Column(f.name, str(f.type), meaning_of(f), about_of(f)) for f in parquet.schema_arrow)
    return TableIndex(shelf, tuple(starts), total, columns)


def read_page(bundle: BundleFiles, index: TableIndex, start: int, count: int, left: int = 0) -> RowPage:
    """Rows [start, start + count).

    Args:
        bundle: that holds the table.
        index: of the table.
        start: number of the first row.
        count: rows wanted.
        left: number of the first column shown; ``PAGE_COLUMNS`` are.
    """
    start = min(max(start, 0), max(index.rows - 1, 0))
    columns = _shown(index, left)
    numbers: list[int] = []
    cells: list[tuple[Any, ...]] = []
    for first, batch in _scan(bundle, index, start, [c.name for c in columns]):
        for i in range(max(start - first, 0), batch.num_rows):
            if len(cells) == count:
                break
            numbers.append(first + i)
            cells.append(_row(batch, i))
        if len(cells) == count:
            break
    end = start + len(cells)
    return RowPage(columns, tuple(numbers), tuple(cells), end if end < index.rows else None, 0)


def find_rows(
    bundle: BundleFiles, index: TableIndex, column: str, text: str, start: int, count: int, left: int = 0
) -> RowPage:
    """The next rows from ``start`` on whose ``column``, written as text, holds ``text``; case does not matter.

    Looks at ``SCAN_ROWS`` rows at most and says with ``next`` where to go on.
    """
    columns = _shown(index, left)
    names = list(dict.fromkeys([*(c.name for c in columns), column]))
    numbers: list[int] = []
    cells: list[tuple[Any, ...]] = []
    searched = 0
    for first, batch in _scan(bundle, index, max(start, 0), names):
        offset = max(start - first, 0)
        hits = _holds(batch.column(names.index(column)), text)
        for i in hits:
            if i < offset:
                continue
            numbers.append(first + i)
            cells.append(_row(batch, i)[: len(columns)])
            if len(cells) == count:
                after = first + i + 1
                return RowPage(
                    columns, tuple(numbers), tuple(cells), after if after < index.rows else None, searched + i
                )
        searched += batch.num_rows - offset
        if searched >= SCAN_ROWS and first + batch.num_rows < index.rows:
            return RowPage(columns, tuple(numbers), tuple(cells), first + batch.num_rows, searched)
    return RowPage(columns, tuple(numbers), tuple(cells), None, searched)


def units_of(bundle: BundleFiles, index: TableIndex, numbers: Sequence[int]) -> tuple[int | None, ...]:
    """The unit that each of these rows belongs to, from the lineage in the files; None where a file has none."""
    lineage: dict[int, Any] = {}
    found: list[int | None] = []
    for number in numbers:
        place = max(i for i, start in enumerate(index.starts) if start <= number)
        if place not in lineage:
            with bundle.fs.open(f"{bundle.root}/{index.shelf.files[place]}", "rb") as stream:
                packed = (pq.ParquetFile(stream).schema_arrow.metadata or {}).get(_UNITS_KEY)
            lineage[place] = None if packed is None else unpack_units(packed)
        units = lineage[place]
        found.append(None if units is None else int(units[number - index.starts[place]]))
    return tuple(found)


def reasons_of(bundle: BundleFiles, shelf: Shelf, units: Sequence[int | None]) -> tuple[str, ...]:
    """Why each of these units was rejected, from the part's ``reasons.parquet``; empty where it does not say."""
    wanted = pa.array(sorted({u for u in units if u is not None}), pa.uint64())
    said: dict[int, str] = {}
    for file in shelf.files:
        with bundle.fs.open(f"{bundle.root}/{file}", "rb") as stream:
            table = pq.ParquetFile(stream).read(["unit", "reason"])
        hits = table.filter(pc.is_in(table.column("unit"), value_set=wanted))
        said |= dict(zip(hits.column("unit").to_pylist(), hits.column("reason").to_pylist(), strict=True))
    return tuple(said.get(u, "") if u is not None else "" for u in units)


def _shown(index: TableIndex, left: int) -> tuple[Column, ...]:
    left = min(max(left, 0), max(len(index.columns) - 1, 0))
    return index.columns[left : left + PAGE_COLUMNS]


def _scan(
    bundle: BundleFiles, index: TableIndex, start: int, names: Sequence[str]
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Batches from the row group on that holds row ``start``, each with the number of its first row."""
    for file, first in zip(index.shelf.files, index.starts, strict=True):
        with bundle.fs.open(f"{bundle.root}/{file}", "rb") as stream:
            parquet = pq.ParquetFile(stream)
            if first + parquet.metadata.num_rows <= start:
                continue
            at = first
            groups: list[int] = []
            for group in range(parquet.metadata.num_row_groups):
                rows = parquet.metadata.row_group(group).num_rows
                if not groups and at + rows <= start:
                    at += rows
                else:
                    groups.append(group)
            for batch in parquet.iter_batches(_BATCH, row_groups=groups, columns=list(names)):
                if at + batch.num_rows > start:
                    yield at, batch.select(list(names))
                at += batch.num_rows


def _row(batch: pa.RecordBatch, i: int) -> tuple[Any, ...]:
    return tuple(_value(column[i]) for column in batch.columns)


def _value(scalar: pa.Scalar) -> Any:
    """A Python value; moments as text, since Arrow knows years and nanoseconds that Python does not."""
    if not scalar.is_valid:
        return None
    if pa.types.is_temporal(scalar.type) and not pa.types.is_duration(scalar.type):
        try:
            return str(scalar.cast(pa.string()).as_py())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            pass
    try:
        return scalar.as_py()
    except (ValueError, OverflowError):
        return str(scalar.cast(pa.int64()).as_py())


def _holds(column: pa.Array, text: str) -> list[int]:
    """Places in a column whose value holds the text."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return []
    try:
        words = column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # nested values have no text of their own
        words = pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())
    found = pc.match_substring(words, text, ignore_case=True).fill_null(False)
    hits: list[int] = pc.indices_nonzero(found).to_pylist()
    return hits
