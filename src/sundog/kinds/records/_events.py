"""Rows that are events in time: how many there are, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.core.keys import Key
from sundog.kinds.records._formula import Formula
from sundog.kinds.records._rows import Built
from sundog.lib.laws.events import draw_hawkes_times, find_hawkes_faults

DAY = 86_400_000_000
"""Microseconds."""

YEAR = 365.25
"""Days."""

_PARENTS = np.uint64(2**24)
"""Rows of a parent's table that a unit may have, so that each has a number of its own."""

TIMES = "event times"


@dataclass(frozen=True, slots=True)
class EventRows:
    """The events of each row of the parent's table.

    Attributes:
        start: expression over the parent's row, a date or a timestamp.
        stop: the same.
        rate: events a year that nothing sets off: a number, or an expression.
        excited: how many events an event sets off.
        decay: days after which those come, on average.
        where: place in the recipe.
    """

    start: Formula
    stop: Formula
    rate: float | Formula
    excited: float
    decay: float
    where: str

    @property
    def type(self) -> pa.DataType:
        """Of the instants: timestamps in the zone of the start."""
        kind = self.start.arrow_type
        return kind if pa.types.is_timestamp(kind) else pa.timestamp("us")

    def draw(self, key: Key, parent: Built) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Number of events of each row of the parent, int64 (parents,), and their instants, int64 (events,), microseconds.

        Raises:
            RequestError: a rate is negative, a window ends before it starts, or there are far too many.
        """
        rows = len(parent.rows)
        (begin, begins), (end, ends) = (self.find_instants(formula, parent) for formula in (self.start, self.stop))
        # A row without a start or a stop has no events.
        window = np.where(begins & ends, np.maximum(end - begin, 0) / DAY, 0.0)
        rate = self.rate if isinstance(self.rate, float) else as_floats(self.rate.run(parent.columns, rows))
        daily = np.broadcast_to(np.asarray(rate) / YEAR, (rows,)).astype(np.float64)
        window = np.where(np.isfinite(daily), window, 0.0)
        daily = np.where(np.isfinite(daily), daily, 0.0)
        wrong = find_hawkes_faults(daily, self.excited, 1.0 / self.decay, np.maximum(window, 1e-9)) if rows else ()
        if wrong:
            fix = "Keep the rate from 0 on, and the window and what an event sets off within reason."
            raise RequestError(*(Problem("SD-RECORDS-017", self.where, fault, fix) for fault in wrong))
        numbers = parent.rows.units * _PARENTS + parent.rows.index
        found = draw_hawkes_times(key, numbers, daily, self.excited, 1.0 / self.decay, window)
        counts = np.diff(found.offsets)
        instants = np.repeat(begin, counts) + np.floor(found.times * DAY).astype(np.int64)
        return counts, instants

    def find_instants(self, formula: Formula, parent: Built) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Microseconds, and which rows have any."""
        values = formula.run(parent.columns, len(parent.rows))
        whole = values.cast(pa.timestamp("us", tz=getattr(values.type, "tz", None))).cast(pa.int64())
        known = np.asarray(whole.is_valid().to_numpy(zero_copy_only=False), np.bool_)
        return np.asarray(whole.fill_null(0).to_numpy(zero_copy_only=False), np.int64), known


def as_floats(values: pa.Array) -> NDArray[np.float64]:
    """float64 (n,), NaN where missing."""
    return np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)


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
