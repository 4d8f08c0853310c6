"""Children that are events in time: of one kind, or of several that are laid together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.core.keys import Key
from sundog.kinds.records._flows import Flow, Windows
from sundog.kinds.records._formula import Formula
from sundog.kinds.records._rows import Built

_PARENTS = np.uint64(2**24)
"""Rows of a parent's table that a unit may have, so that each has a number of its own."""

TIMES = "event times"
KINDS = "event kinds"


class EventsMade(NamedTuple):
    """Events of the rows of a parent.

    Attributes:
        counts: int64 (parents,), how many each row has.
        instants: int64 (events,), microseconds, rising within a parent.
        kinds: int64 (events,), number of the kind of each.
    """

    counts: NDArray[np.int64]
    instants: NDArray[np.int64]
    kinds: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EventRows:
    """The events of each row of the parent's table.

    Attributes:
        start: expression over the parent's row, a date or a timestamp.
        stop: the same.
        flows: how events of each kind come about, by its name; one without a name where kinds are not told apart.
        where: place in the recipe.
    """

    start: Formula
    stop: Formula
    flows: Mapping[str, Flow]
    where: str

    @property
    def type(self) -> pa.DataType:
        """Of the instants: timestamps in the zone of the start."""
        kind = self.start.arrow_type
        return kind if pa.types.is_timestamp(kind) else pa.timestamp("us")

    def draw(self, key: Key, parent: Built) -> EventsMade:
        """The events of each row of the parent.

        Raises:
            RequestError: a rate is negative, a window ends before it starts, or there are far too many.
        """
        (begin, begins), (end, ends) = (find_instants(formula, parent) for formula in (self.start, self.stop))
        # A row without a start or a stop has no events.
        numbers = parent.rows.units * _PARENTS + parent.rows.index
        windows = Windows(numbers, begin, np.where(begins & ends, np.maximum(end, begin), begin))
        made, wrong = [], list[Problem]()
        for name, flow in self.flows.items():
            own, where = (key.child(name), f"{self.where}.kinds.{name}") if name else (key, self.where)
            faults = flow.find_faults(windows, parent) if len(begin) else ()
            fix = "Keep the rate from 0 on, and the window and what an event sets off within reason."
            wrong += [Problem("SD-RECORDS-017", where, fault, fix) for fault in faults]
            if not wrong:
                made.append(flow.draw(own, windows, parent))
        if wrong:
            raise RequestError(*wrong)
        if len(made) == 1:
            counts, instants = made[0]
            return EventsMade(counts, instants, np.zeros(len(instants), np.int64))
        rows = np.arange(len(begin))
        owner = np.concatenate([np.repeat(rows, counts) for counts, _ in made])
        instants = np.concatenate([instants for _, instants in made])
        kinds = np.repeat(np.arange(len(made)), [len(instants) for _, instants in made])
        order = np.lexsort((kinds, instants, owner))
        counts = np.bincount(owner, minlength=len(begin)).astype(np.int64)
        return EventsMade(counts, instants[order], kinds[order])


def find_instants(formula: Formula, parent: Built) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Microseconds, and which rows have any."""
    values = formula.run(parent.columns, len(parent.rows))
    whole = values.cast(pa.timestamp("us", tz=getattr(values.type, "tz", None))).cast(pa.int64())
    known = np.asarray(whole.is_valid().to_numpy(zero_copy_only=False), np.bool_)
    return np.asarray(whole.fill_null(0).to_numpy(zero_copy_only=False), np.int64), known


@dataclass(frozen=True, slots=True)
class EventTimeColumn:
    """The instants of the rows, to the second or to the microsecond."""

    type: pa.DataType
    seconds: bool

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        times = table.shared[TIMES]
        assert isinstance(times, np.ndarray)
        whole = times // 1_000_000 * 1_000_000 if self.seconds else times
        return pa.array(whole).cast(self.type)


@dataclass(frozen=True, slots=True)
class EventKindColumn:
    """Of which kind the rows are."""

    names: tuple[str, ...]

    @property
    def type(self) -> pa.DataType:
        """Of the names."""
        return pa.string()

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        kinds = table.shared[KINDS]
        assert isinstance(kinds, np.ndarray)
        return pa.array(self.names).take(pa.array(kinds))
