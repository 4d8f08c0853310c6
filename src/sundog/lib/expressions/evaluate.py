"""One run of a program: each line is computed when it is asked for, under the rows that are still open.

A line that can fail is given only the rows whose value is used: where a row is not live its first argument is made missing,
and every kernel passes over missing values. So ``if n = 0 then 0 else total / n`` never divides by 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.expressions.columns import Job, RowFailure, Value, arrow_type, as_array, read_column
from sundog.lib.expressions.kernels_numbers import NUMBERS
from sundog.lib.expressions.kernels_rows import (
    Lookup,
    aggregate_rows,
    find_keys,
    list_parents,
    run_rows,
    spread_rows,
)
from sundog.lib.expressions.kernels_texts import TEXTS
from sundog.lib.expressions.kernels_times import TIMES
from sundog.lib.expressions.steps import OWN, Step

_KERNELS = {**NUMBERS, **TIMES, **TEXTS}

_AGGREGATES = frozenset({"sum_int", "sum_float", "mean", "count", "pick"})
_RUNNING = frozenset(
    {"running_sum_int", "running_sum_float", "running_balance", "previous", "latest", "next", "row_number"}
)


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a program.

    Attributes:
        step: what it computes.
        arguments: lines whose results it takes.
        fallible: whether it, or a line that it needs, can fail on a row.
    """

    step: Step
    arguments: tuple[int, ...]
    fallible: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows there are, and which of them belong together.

    Attributes:
        count: rows of the table itself.
        offsets: of each table of children, and under OWN of the rows within their parents: int64 (parents + 1,).
    """

    count: int
    offsets: Mapping[str, NDArray[np.int64]]

    def of(self, table: str) -> int:
        """Rows of a table."""
        return self.count if table == OWN else int(self.offsets[table][-1])


@dataclass(frozen=True, slots=True)
class Live:
    """Rows whose value is used. ``name`` tells one set from another: results are kept by it."""

    name: int
    rows: Value


class Failed(Exception):
    """A line failed on a row."""

    def __init__(self, line: int, code: str, index: int) -> None:
        self.line = line
        self.code = code
        self.index = index
        super().__init__(code)


@dataclass(slots=True)
class Evaluation:
    """A program on one block of rows."""

    lines: tuple[Line, ...]
    columns: Mapping[str, pa.Array]
    rows: Rows
    lookups: Mapping[str, Lookup]
    kept: dict[tuple[int, int], Value] = field(default_factory=dict)
    spread: dict[tuple[str, int], Live] = field(default_factory=dict)
    parents: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    lives: int = 0

    def run(self) -> pa.Array:
        """The result of the last line, for every row."""
        last = self.lines[-1].step
        found = as_array(self.ask(len(self.lines) - 1, None), self.rows.count)
        wanted = arrow_type(last.kind, last.zone)
        return found if found.type == wanted else found.cast(wanted)

    def ask(self, place: int, live: Live | None) -> Value:
        """The result of a line, right at least where rows are live."""
        line = self.lines[place]
        if not line.fallible or line.step.kernel in _RUNNING:
            live = None
        for name in {0, live.name if live else 0}:
            if (place, name) in self.kept:
                return self.kept[place, name]
        found = self._compute(place, line, live)
        self.kept[place, live.name if live else 0] = found
        return found

    def _compute(self, place: int, line: Line, live: Live | None) -> Value:
        step, arguments = line.step, line.arguments
        kernel = step.kernel
        if kernel == "column":
            return self.columns[str(step.detail[0][1])]
        if kernel == "choose":
            return self._choose(arguments, live)
        if kernel in ("and", "or"):
            return self._join(kernel, arguments, live)
        if kernel == "coalesce":
            return self._coalesce(arguments, live)
        if kernel == "count_rows":
            return pa.array(np.diff(self.rows.offsets[str(step.detail[0][1])]))
        if kernel == "spread":
            return spread_rows(as_array(self.ask(arguments[0], None), self.rows.count), self._parents(step.rows))
        if kernel in _AGGREGATES:
            return self._aggregate(place, line, live)
        if kernel == "lookup":
            keys = as_array(self.ask(arguments[0], live), self.rows.of(step.rows))
            table = self.lookups[str(step.detail[0][1])]
            return self._guard(place, lambda: read_column(find_keys(keys, table), step.kind, step.zone))
        values = tuple([self.ask(argument, live) for argument in arguments])
        count = self.rows.of(step.rows)
        job = make_job(step, count)
        if kernel in _RUNNING:
            whole = tuple(as_array(value, count) for value in values)
            return self._guard(place, lambda: run_rows(kernel, whole, self.rows.offsets[step.rows], job))
        if step.fallible and live is not None:
            values = (self._mask(values[0], live, count), *values[1:])
        return self._guard(place, lambda: _KERNELS[kernel](values, job), values)

    def _guard(self, place: int, compute: Callable[[], Value], values: tuple[Value, ...] = ()) -> Value:
        try:
            return compute()
        except RowFailure as failure:
            index = failure.index
            if index is None:
                index = _find_failing(self.lines[place].step, values, self.rows.of(self.lines[place].step.rows))
            raise Failed(place, failure.code, index) from failure

    def _mask(self, value: Value, live: Live, count: int) -> pa.Array:
        nothing = pa.scalar(None, value.type)
        return as_array(pc.if_else(live.rows, value, nothing), count)

    def _live(self, rows: Value, within: Live | None) -> Live:
        """The rows of ``rows`` (bool, none missing) that were live before."""
        self.lives += 1
        return Live(self.lives, rows if within is None else pc.and_(rows, within.rows))

    def _choose(self, arguments: tuple[int, ...], live: Live | None) -> Value:
        taken: list[tuple[Value, Value]] = []
        rest = live
        for at in range(0, len(arguments) - 1, 2):
            true = _is_true(self.ask(arguments[at], rest))
            value = arguments[at + 1]
            inside = self._live(true, rest) if self.lines[value].fallible else None
            taken.append((true, self.ask(value, inside)))
            rest = self._live(pc.invert(true), rest)
        found = self.ask(arguments[-1], rest)
        for true, value in reversed(taken):
            found = pc.if_else(true, value, found)
        return found

    def _join(self, kernel: str, arguments: tuple[int, ...], live: Live | None) -> Value:
        left = self.ask(arguments[0], live)
        inside = None
        if self.lines[arguments[1]].fallible:
            # A missing left side leaves it to the right one.
            open_ = pc.fill_null(left, True) if kernel == "and" else pc.invert(_is_true(left))
            inside = self._live(open_, live)
        right = self.ask(arguments[1], inside)
        return (pc.and_kleene if kernel == "and" else pc.or_kleene)(left, right)

    def _coalesce(self, arguments: tuple[int, ...], live: Live | None) -> Value:
        values, rest = [], live
        for argument in arguments:
            values.append(self.ask(argument, rest if self.lines[argument].fallible else None))
            rest = self._live(pc.is_null(values[-1]), rest)
        return pc.coalesce(*values)

    def _aggregate(self, place: int, line: Line, live: Live | None) -> Value:
        step, argument = line.step, line.arguments[0]
        child = str(step.detail[1][1])
        count = self.rows.of(child)
        inside = None
        if live is not None:
            known = self.spread.get((child, live.name))
            inside = known or self._live(spread_rows(as_array(live.rows, self.rows.count), self._parents(child)), None)
            self.spread[child, live.name] = inside
        values = as_array(self.ask(argument, inside), count)
        if inside is not None:
            values = self._mask(values, inside, count)
        job = make_job(step, self.rows.count)
        return self._guard(place, lambda: aggregate_rows(step.kernel, values, self.rows.offsets[child], job))

    def _parents(self, child: str) -> NDArray[np.int64]:
        if child not in self.parents:
            self.parents[child] = list_parents(self.rows.offsets[child])
        return self.parents[child]


def make_job(step: Step, count: int) -> Job:
    """What a kernel is told of its step."""
    values = tuple(value for _, value in step.detail)
    return Job(values, tuple(kind for kind, _ in step.detail), count, arrow_type(step.kind, step.zone))


def _is_true(condition: Value) -> Value:
    """Missing is not true."""
    return pc.fill_null(condition, False)


def _find_failing(step: Step, values: tuple[Value, ...], count: int) -> int:
    """The first row on which a kernel fails, by halving."""
    low, high = 0, count  # the rows before ``low`` do not fail, those before ``high`` do
    arrays = tuple(as_array(value, count) for value in values)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            _KERNELS[step.kernel](tuple(a[low:middle] for a in arrays), make_job(step, middle - low))
            low = middle
        except RowFailure:
            high = middle
    return low
