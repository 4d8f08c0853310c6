"""Attributes that change slowly: periods that follow one another without a gap, and what held at an instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.kinds.records._events import TIMES, EventRows, find_instants
from sundog.kinds.records._flows import DAY, RandomFlow
from sundog.kinds.records._formula import Formula
from sundog.kinds.records._references import get_places
from sundog.kinds.records._rows import Built
from sundog.lib.kernels.relations import find_current

_SECOND = 1_000_000
"""Microseconds."""


@dataclass(frozen=True, slots=True)
class HistoryRows:
    """The periods of each row of the parent's table: changes are independent events (Poisson) in a window.

    Attributes:
        start: expression over the parent's row, a date or a timestamp: where the first period begins.
        stop: the same: until when there may be changes.
        rate: changes a year: a number, or an expression.
        where: place in the recipe.
    """

    start: Formula
    stop: Formula
    rate: float | Formula
    where: str

    @property
    def type(self) -> pa.DataType:
        """Of the beginnings: that of the start."""
        return self.start.arrow_type

    def draw(self, key: Key, parent: Built) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Number of periods of each row of the parent, int64 (parents,), and their beginnings, int64 (periods,), microseconds.

        With a date as the start, changes of one day are one change. A row without a start has no period.
        """
        changes = {"": RandomFlow(self.rate, 0.0, 7.0)}
        counts, times, _ = EventRows(self.start, self.stop, changes, self.where).draw(key, parent)
        begin, known = find_instants(self.start, parent)
        grain = DAY if pa.types.is_date(self.type) else _SECOND
        owner = np.repeat(np.arange(len(counts)), counts)
        whole = times // grain * grain
        kept = whole > begin[owner]
        kept[1:] &= (whole[1:] != whole[:-1]) | (owner[1:] != owner[:-1])
        owner, whole = owner[kept], whole[kept]
        periods = np.bincount(owner, minlength=len(counts)) + known
        firsts = np.concatenate([[0], np.cumsum(periods)]).astype(np.int64)
        starts = np.empty(int(firsts[-1]), np.int64)
        starts[firsts[:-1][known]] = begin[known]
        later = np.ones(len(starts), np.bool_)
        later[firsts[:-1][known]] = False
        starts[later] = whole
        return periods.astype(np.int64), starts


def list_starts(table: Built) -> NDArray[np.int64]:
    """Where the periods of a table begin: int64 (n,), microseconds."""
    starts = table.shared[TIMES]
    assert isinstance(starts, np.ndarray)
    return starts


@dataclass(frozen=True, slots=True)
class ValidFromColumn:
    """Where each period begins."""

    type: pa.DataType

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        return _write(list_starts(table), self.type)


@dataclass(frozen=True, slots=True)
class ValidToColumn:
    """Where each period ends; the last of a parent has no end."""

    type: pa.DataType
    inclusive: bool

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        starts, parents = list_starts(table), table.rows.parents
        ends, last = np.empty_like(starts), np.ones(len(starts), np.bool_)
        ends[:-1], last[:-1] = starts[1:], parents[1:] != parents[:-1]
        ends[-1:] = 0
        if self.inclusive:
            ends -= DAY if pa.types.is_date(self.type) else 1
        return pc.if_else(pa.array(last), pa.scalar(None, self.type), _write(ends, self.type))


def _write(instants: NDArray[np.int64], kind: pa.DataType) -> pa.Array:
    if pa.types.is_date(kind):
        return pa.array((instants // DAY).astype(np.int32)).cast(kind)
    return pa.array(instants).cast(kind)


@dataclass(frozen=True, slots=True)
class AsOfColumn:
    """What a field of a history was at an instant of the row.

    Attributes:
        history: table of the periods.
        field: of it.
        at: the instant, an expression over the row.
        path: tables from the row's own up to the one before the history's parent, whose parents are climbed; empty with ``by``.
        by: reference of the row to the one whose history it is, or None.
        type: of the values.
    """

    history: str
    field: str
    at: Formula
    path: tuple[str, ...]
    by: str | None
    type: pa.DataType

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``; fields of one history at one instant find their row once."""
        name = f"as of {self.history} {self.by} {self.at.program.text}"
        found = table.shared.get(name)
        if found is None:
            found = table.shared[name] = self._find(table, tables)
        assert isinstance(found, np.ndarray)
        rows = pc.if_else(pa.array(found >= 0), pa.array(found), pa.scalar(None, pa.int64()))
        return tables[self.history].columns[self.field].take(rows)

    def _find(self, table: Built, tables: Mapping[str, Built]) -> NDArray[np.int64]:
        n = len(table.rows)
        if self.by is not None:
            owners = get_places(table, self.by)
        else:
            owners = np.arange(n)
            for step in self.path:
                owners = tables[step].rows.parents[owners]
        instants = self.at.run(table.columns, n)
        kind = pa.timestamp("us", tz=getattr(instants.type, "tz", None))
        whole = instants.cast(kind).cast(pa.int64())
        known = np.asarray(whole.is_valid().to_numpy(zero_copy_only=False), np.bool_)
        when = np.asarray(whole.fill_null(0).to_numpy(zero_copy_only=False), np.int64)
        history, found = tables[self.history], np.empty(n, np.int64)
        find_current(list_starts(history), history.rows.offsets, np.where(known, owners, -1), when, found)
        return found
