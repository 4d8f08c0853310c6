"""Expressions as programs on columns: steps are computed once each, and only for the rows whose value is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError, SundogError
from sundog.lib.expressions import faults
from sundog.lib.expressions.columns import RowFailure, arrow_type, read_column
from sundog.lib.expressions.evaluate import Evaluation, Failed, Line, Rows
from sundog.lib.expressions.kernels_rows import Lookup
from sundog.lib.expressions.steps import OWN, Checked, Step
from sundog.lib.expressions.tokens import quote_text
from sundog.lib.expressions.value_types import Type

BLOCK = 65_536
"""Rows that are computed at a time, so that what lies between two steps stays in the cache."""

_SAID = {
    faults.ROW_ZERO: ("divides by 0", "Exclude 0: if n != 0 then x / n else missing."),
    faults.ROW_OVERFLOW: ("gives a number beyond int64", "Compute with float64, or keep the values smaller with clip."),
    faults.ROW_NOT_FINITE: ("gives no finite number", "Exclude the values that the operation is not defined for."),
    faults.ROW_NO_DATE: ("gives no date of the years 1 to 9999", "Keep the parts of the date within a calendar."),
}


class RowRefused(RequestError):
    """A row cannot be computed. Whoever knows what the rows are may call the row by a better name.

    Attributes:
        row: number of the row among those that were computed; of the parent's row, where a row of its children failed.
        name: what the problem calls the row.
    """

    def __init__(self, problem: Problem, row: int, name: str) -> None:
        super().__init__(problem)
        self.row = row
        self.name = name

    def __reduce__(self) -> tuple[type[SundogError], tuple[Problem, ...]]:
        """Crosses a process border as the plain error that it is."""
        return (RequestError, self.problems)

    def call(self, name: str) -> RequestError:
        """The same with another name for the row."""
        problem = self.problems[0]
        return RequestError(replace(problem, what=problem.what.replace(self.name, name, 1)))


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled expression. It is stored as its text, and compiled anew where it is read.

    Attributes:
        text: the expression.
        type: type of the result.
        columns: names of the columns that ``run`` needs; those of children as ``lines.amount``.
        children: tables of children whose offsets it needs.
        lookups: names of the tables that it looks up.
        within_parent: whether it needs the offsets of its own rows within their parents.
        lines: the steps in an order in which each comes after those that it takes.
    """

    text: str
    type: Type
    columns: tuple[str, ...]
    children: tuple[str, ...]
    lookups: tuple[str, ...]
    within_parent: bool
    lines: tuple[Line, ...]

    @property
    def arrow_type(self) -> pa.DataType:
        """Arrow type of the column that ``run`` gives."""
        return arrow_type(self.type.kind, self.type.zone)

    def run(
        self,
        columns: Mapping[str, pa.Array],
        rows: int | None = None,
        *,
        segments: Mapping[str, NDArray[np.int64]] | None = None,
        within: NDArray[np.int64] | None = None,
        lookups: Mapping[str, Lookup] | None = None,
        where: str = "expression",
    ) -> pa.Array:
        """The value of the expression in every row.

        Args:
            columns: at least those that ``columns`` names, all of one length but those of children.
            rows: number of rows, where it reads no column of its own.
            segments: for each table of children offsets, int64 (rows + 1,): row i has the children
                ``offsets[i]`` to ``offsets[i + 1]``, exclusive. They begin at 0 and end at the number of children.
            within: the same for the rows themselves within their parents, in order; for running functions.
            lookups: tables to look up.
            where: the place of the expression, for errors.

        Returns:
            An Arrow array of ``arrow_type`` with a value, or none, for each row.

        Raises:
            RowRefused: a row cannot be computed (it divides by 0, a number does not fit, there is no such date).
            ValueError: what was given does not fit the program.
        """
        count = self._count(columns, rows, segments or {})
        read = self._read(columns, count, segments or {}, where)
        needed = {name: _check_offsets(name, (segments or {})[name], count) for name in self.children}
        if self.within_parent:
            if within is None:
                raise ValueError("a running function needs the offsets of its rows within their parents")
            needed[OWN] = _check_offsets("within", within, None, count)
        tables = {name: (lookups or {})[name] for name in self.lookups}
        across = self.children or self.within_parent or self.lookups
        blocks = [(0, count)] if across else [(i, min(i + BLOCK, count)) for i in range(0, count, BLOCK)] or [(0, 0)]
        found = []
        for start, stop in blocks:
            part = read if len(blocks) == 1 else {name: column[start:stop] for name, column in read.items()}
            evaluation = Evaluation(self.lines, part, Rows(stop - start, needed), tables)
            try:
                found.append(evaluation.run())
            except Failed as failed:
                raise _refuse_row(failed, evaluation, self.text, start, where) from failed
        return found[0] if len(found) == 1 else pa.concat_arrays(found)

    def _count(
        self, columns: Mapping[str, pa.Array], rows: int | None, segments: Mapping[str, NDArray[np.int64]]
    ) -> int:
        lacking = [name for name in self.columns if name not in columns]
        lacking += [name for name in self.children if name not in segments]
        if lacking:
            raise ValueError(f"the program reads {', '.join(lacking)}, which was not given")
        own = {len(columns[line.step.detail[0][1]]) for line in self._own_columns()}  # type: ignore[index]
        own |= {len(segments[name]) - 1 for name in self.children}
        own |= {rows} if rows is not None else set()
        if len(own) != 1:
            raise ValueError(
                f"the number of rows is not clear: {sorted(own)}" if own else "the number of rows is needed"
            )
        return own.pop()

    def _own_columns(self) -> list[Line]:
        return [line for line in self.lines if line.step.kernel == "column" and line.step.rows == OWN]

    def _read(
        self, columns: Mapping[str, pa.Array], count: int, segments: Mapping[str, NDArray[np.int64]], where: str
    ) -> dict[str, pa.Array]:
        read = {}
        for line in self.lines:
            if line.step.kernel != "column":
                continue
            name = str(line.step.detail[0][1])
            try:
                read[name] = read_column(columns[name], line.step.kind, line.step.zone)
            except ValueError as error:
                raise ValueError(f"column {name}: {error}") from error
            except RowFailure as failure:
                row = f"row {failure.index}"
                found = Problem(
                    failure.code, where, f"column {name} is infinite in {row}", "Give finite numbers, or none."
                )
                raise RowRefused(found, failure.index or 0, row) from failure
            wanted = count if line.step.rows == OWN else int(segments[line.step.rows][-1])
            if len(read[name]) != wanted:
                raise ValueError(f"column {name} has {len(read[name])} rows, not {wanted}")
        return read


def compile(checked: Checked) -> Program:
    """The program of an expression that ``check`` found no fault with."""
    lines: list[Line] = []
    seen: dict[int, int] = {}  # a step that two others share is looked at once
    places: dict[object, int] = {}

    def add(step: Step) -> int:
        place = seen.get(id(step))
        if place is None:
            arguments = tuple([add(argument) for argument in step.arguments])
            same = (step.kernel, arguments, step.kind, step.zone, step.detail, step.rows)
            place = places.setdefault(same, len(lines))
            if place == len(lines):
                fallible = step.fallible or any(lines[i].fallible for i in arguments)
                lines.append(Line(step, arguments, fallible))
            seen[id(step)] = place
        return place

    add(checked.step)
    return Program(
        checked.expression.text,
        checked.type,
        checked.columns,
        checked.children,
        checked.lookups,
        checked.within_parent,
        tuple(lines),
    )


def _check_offsets(
    name: str, offsets: NDArray[np.int64], parents: int | None, rows: int | None = None
) -> NDArray[np.int64]:
    found = np.ascontiguousarray(offsets, np.int64)
    if len(found) == 0 or found[0] != 0 or (np.diff(found) < 0).any():
        raise ValueError(f"the offsets of {name} must begin at 0 and never fall")
    if parents is not None and len(found) != parents + 1:
        raise ValueError(f"the offsets of {name} are for {len(found) - 1} rows, not {parents}")
    if rows is not None and found[-1] != rows:
        raise ValueError(f"the offsets of {name} end at {found[-1]}, not at {rows}")
    return found


def _refuse_row(failed: Failed, evaluation: Evaluation, text: str, first: int, where: str) -> RowRefused:
    """The row that failed, with the values that the failing part reads."""
    step = evaluation.lines[failed.line].step
    index, own = failed.index, failed.index
    if step.rows != OWN:
        own = int(np.searchsorted(evaluation.rows.offsets[step.rows], index, side="right")) - 1
    values = []
    for place in _read_by(evaluation.lines, failed.line):
        column = evaluation.lines[place].step
        at = own if column.rows == OWN else index
        if column.rows == OWN or column.rows == step.rows:
            name = str(column.detail[0][1])
            values.append(f"{name} = {_write_value(evaluation.columns[name][at])}")
    row = f"row {first + own}" if step.rows == OWN else f"row {index} of {step.rows}"
    said, fix = _SAID[failed.code]
    part = text[step.span.start : step.span.end]
    what = f"{part!r} {said} in {row}" + (f", where {', '.join(values)}" if values else "")
    return RowRefused(Problem(failed.code, where, what, fix), first + own, row)


def _write_value(value: pa.Scalar) -> str:
    if not value.is_valid:
        return "missing"
    return quote_text(value.as_py()) if pa.types.is_string(value.type) else str(value.as_py())


def _read_by(lines: tuple[Line, ...], place: int) -> list[int]:
    """The columns that a line reads, in order."""
    found: set[int] = set()
    todo = [place]
    while todo:
        at = todo.pop()
        if lines[at].step.kernel == "column":
            found.add(at)
        todo.extend(lines[at].arguments)
    return sorted(found)
