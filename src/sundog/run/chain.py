"""What a chained part is given: the accepted units of an earlier part, renumbered from 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.recipe import Part
from sundog.core.tables import UNIT, Tables
from sundog.run.accepted import Accepted, read_accepted
from sundog.run.stage_files import part_folder, read_parquet
from sundog.run.store import Store

MEMBER = "_member"
"""Column of a grouped part's given tables: number of the earlier unit inside its group, uint32."""


@dataclass(frozen=True)
class SealedFile:
    """One file of a finished table and the rows before it."""

    name: str
    rows: int
    first_row: int
    lowest: int
    highest: int


@dataclass(frozen=True)
class Sealed:
    """A finished stage.

    Attributes:
        accepted: original numbers of the accepted units; unit i of a chained part is the one at rank i.
        tables: files of each table in order.
        standing: the same of tables that belong to no unit (see ``protocols.Standing``).
    """

    part: str
    accepted: Accepted
    tables: Mapping[str, tuple[SealedFile, ...]]
    standing: Mapping[str, tuple[SealedFile, ...]]


def read_sealed(store: Store, part: str) -> Sealed:
    """What the marker of a finished stage says."""
    said = store.read_json(f"{part_folder(part)}/sealed.json")
    tables: dict[str, tuple[SealedFile, ...]] = {}
    for table, files in said["tables"].items():
        at = 0
        found = []
        for f in files:
            found.append(SealedFile(f["file"], f["rows"], at, f["lowest"], f["highest"]))
            at += f["rows"]
        tables[table] = tuple(found)
    apart = {table: tables.pop(table) for table in said.get("standing", ())}
    return Sealed(part, read_accepted(said["accepted"]), tables, apart)


def count_units(part: Part, earlier: Sealed | None, where: str, found: Callable[[], int]) -> int:
    """How many units a part has: those it asks for, as many as it is given, or as many as it ``found``.

    Raises:
        RequestError: ``each`` names a table that the earlier part does not have.
    """
    if earlier is None:
        return part.units if part.units is not None else found()
    if part.each is not None:
        table = part.each.split(".", 1)[1]
        known = {**earlier.tables, **earlier.standing}
        if table not in known:
            raise RequestError(
                Problem(
                    "SD-RUN-014",
                    f"{where}.each",
                    f"{earlier.part!r} has no table {table!r}",
                    nearest(table, known),
                )
            )
        there = sum(f.rows for f in known[table])
    elif part.groups is not None:
        there = -(-len(earlier.accepted) // part.groups.size)
    else:
        there = len(earlier.accepted)
    return there if part.units is None else min(there, part.units)


def read_given(store: Store, part: Part, earlier: Sealed, units: range) -> Tables:
    """The earlier part's tables for these units, each with ``_unit`` numbered as the units of this part.

    Tables that belong to no unit are not given, but where ``each`` asks for one.
    """
    if part.each is not None:
        return _given_each(store, part.each.split(".", 1)[1], earlier, units)
    size = part.groups.size if part.groups is not None else 1
    ranks = np.arange(units.start * size, min(units.stop * size, len(earlier.accepted)), dtype=np.int64)
    wanted = earlier.accepted.number_at(ranks)
    out: dict[str, pa.RecordBatch] = {}
    for table in earlier.tables:
        rows = _rows_of(store, earlier, table, wanted)
        rank = earlier.accepted.rank_of(rows.column(UNIT).to_numpy())
        batch = _renumber(rows, rank // size)
        if part.groups is not None:
            batch = batch.append_column(MEMBER, pa.array((rank % size).astype(np.uint32)))
        out[table] = batch
    return out


def _given_each(store: Store, table: str, earlier: Sealed, units: range) -> Tables:
    pieces = []
    for file in {**earlier.tables, **earlier.standing}[table]:
        low, high = max(units.start, file.first_row), min(units.stop, file.first_row + file.rows)
        if low < high:
            pieces.append(read_parquet(store.read(file.name)).slice(low - file.first_row, high - low))
    rows = pa.concat_tables(pieces).combine_chunks()
    owner = rows.column(UNIT).to_numpy()
    number = np.arange(units.start, units.stop)
    out: dict[str, pa.RecordBatch] = {table: _renumber(_one(rows), number)}
    for other in earlier.tables:
        if other == table or table in earlier.standing:  # rows that belong to no unit bring nobody's rows along
            continue
        theirs = _rows_of(store, earlier, other, np.unique(owner))
        unit = theirs.column(UNIT).to_numpy()
        first, last = np.searchsorted(unit, owner, "left"), np.searchsorted(unit, owner, "right")
        count = last - first
        start = np.repeat(first, count)
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        out[other] = _renumber(theirs.take(pa.array(start + within)), np.repeat(number, count))
    return out


def _rows_of(store: Store, earlier: Sealed, table: str, wanted: NDArray[np.uint64]) -> pa.RecordBatch:
    pieces = []
    for file in earlier.tables[table]:
        if len(wanted) == 0 or file.highest < int(wanted[0]) or file.lowest > int(wanted[-1]):
            continue
        rows = read_parquet(store.read(file.name))
        pieces.append(rows.filter(pa.array(np.isin(rows.column(UNIT).to_numpy(), wanted))))
    if not pieces:
        return _one(read_parquet(store.read(earlier.tables[table][0].name)).slice(0, 0))
    return _one(pa.concat_tables(pieces))


def _one(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def _renumber(batch: pa.RecordBatch, units: NDArray[np.int64]) -> pa.RecordBatch:
    return batch.set_column(
        batch.schema.get_field_index(UNIT), batch.schema.field(UNIT), pa.array(units.astype(np.uint64))
    )
