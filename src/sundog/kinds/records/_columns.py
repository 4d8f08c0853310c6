"""Fields as columns: how each kind of field gives the values of many rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.core.keys import Key
from sundog.kinds.records._laws import build_law
from sundog.kinds.records._rows import Built
from sundog.kinds.records.fields_numbers import AnyField
from sundog.lib.expressions.program import Program
from sundog.lib.kernels.draws import as_uniform
from sundog.lib.laws.law import Law, check_law

Columns = Mapping[str, pa.Array]


class Column(Protocol):
    """Gives a field's values."""

    @property
    def type(self) -> pa.DataType:
        """Of the values."""
        ...

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """The values, one for each row of ``table``; what they need of other fields is there."""
        ...


class Drawn(Protocol):
    """A column each of whose values follows from one word and the row's earlier fields: what may be a case of another."""

    @property
    def type(self) -> pa.DataType:
        """Of the values."""
        ...

    def draw(self, words: NDArray[np.uint64], columns: Columns) -> pa.Array:
        """One value for each word.

        Args:
            words: uint64 (n,).
            columns: earlier fields of the same n rows.
        """
        ...


@dataclass(frozen=True, slots=True)
class FromWords:
    """A drawn field of a table."""

    drawn: Drawn

    @property
    def type(self) -> pa.DataType:
        """Of the values."""
        return self.drawn.type

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        return self.drawn.draw(table.rows.draw(key), table.columns)


@dataclass(frozen=True, slots=True)
class LawColumn:
    """A law, the same for all rows or with parameters from expressions.

    Attributes:
        field: what the recipe says.
        where: its place in the recipe.
        type: of the values.
        law: if it is the same for all rows.
        programs: else the expressions of its parameters, by name.
    """

    field: AnyField
    where: str
    type: pa.DataType
    law: Law | None
    programs: Mapping[str, Program]

    def draw(self, words: NDArray[np.uint64], columns: Columns) -> pa.Array:
        """See ``Drawn``; a row whose parameter is missing has no value."""
        if self.law is not None:
            return finish(self.law.draw(words), self.type)
        found = {name: run(program, columns, len(words)) for name, program in self.programs.items()}
        gone = np.zeros(len(words), np.bool_)
        for values in found.values():
            gone |= values.is_null().to_numpy(zero_copy_only=False)
        numbers = {
            name: np.where(gone, 1.0, values.fill_null(1).to_numpy(zero_copy_only=False).astype(np.float64))
            for name, values in found.items()
        }
        law = build_law(self.field, numbers)
        faults = check_law(law)
        if faults:
            raise RequestError(
                *(Problem("SD-RECORDS-009", self.where, f, "Keep its parameters in range, with clip.") for f in faults)
            )
        made = finish(law.draw(words), self.type)
        return pc.if_else(pa.array(gone), pa.scalar(None, self.type), made) if gone.any() else made


@dataclass(frozen=True, slots=True)
class CategoryColumn:
    """A word for each number that a law gives."""

    values: pa.Array
    law: Law

    @property
    def type(self) -> pa.DataType:
        """Of the values."""
        return self.values.type

    def draw(self, words: NDArray[np.uint64], columns: Columns) -> pa.Array:
        """See ``Drawn``."""
        return self.values.take(pa.array(self.law.draw(words)))


@dataclass(frozen=True, slots=True)
class ConstantColumn:
    """The same in every row."""

    value: pa.Scalar

    @property
    def type(self) -> pa.DataType:
        """Of the value."""
        return self.value.type

    def draw(self, words: NDArray[np.uint64], columns: Columns) -> pa.Array:
        """See ``Drawn``."""
        return pa.repeat(self.value, len(words))


@dataclass(frozen=True, slots=True)
class CasesColumn:
    """A column for each value of an earlier field.

    Attributes:
        given: the earlier field.
        keys: its values, as text.
        cases: one column for each; one more, for other values, if there is one.
        otherwise: whether there is.
        type: of the values of all cases.
    """

    given: str
    keys: tuple[str, ...]
    cases: tuple[Drawn, ...]
    otherwise: bool
    type: pa.DataType

    def draw(self, words: NDArray[np.uint64], columns: Columns) -> pa.Array:
        """See ``Drawn``; a value of the earlier field without a case gives no value."""
        which = pc.index_in(columns[self.given].cast(pa.string()), value_set=pa.array(self.keys))
        other = len(self.keys) if self.otherwise else -1
        chosen = which.fill_null(other).to_numpy(zero_copy_only=False)
        pieces, places = [], []
        for number, case in enumerate(self.cases):
            at = np.flatnonzero(chosen == number)
            if len(at):
                rows = pa.array(at)
                taken = {name: values.take(rows) for name, values in columns.items()}
                pieces.append(case.draw(words[at], taken).cast(self.type))
                places.append(at)
        nowhere = np.flatnonzero(chosen < 0)
        if len(nowhere):
            pieces.append(pa.nulls(len(nowhere), self.type))
            places.append(nowhere)
        if not pieces:
            return pa.nulls(0, self.type)
        back = np.empty(len(words), np.int64)
        back[np.concatenate(places)] = np.arange(len(words))
        return pa.concat_arrays(pieces).take(pa.array(back))


@dataclass(frozen=True, slots=True)
class ExpressionColumn:
    """Computed from other fields, those of children among them."""

    program: Program
    children: tuple[str, ...]

    @property
    def type(self) -> pa.DataType:
        """Of the values."""
        return self.program.arrow_type

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        columns: dict[str, pa.Array] = dict(table.columns)
        segments = {}
        for child in self.children:
            segments[child] = tables[child].rows.offsets
            columns.update({f"{child}.{name}": values for name, values in tables[child].columns.items()})
        offsets = table.rows.offsets
        return self.program.run(
            {name: columns[name] for name in self.program.columns},
            len(table.rows),
            segments=segments,
            within=offsets if len(offsets) else np.arange(len(table.rows) + 1, dtype=np.int64),
        )


@dataclass(frozen=True, slots=True)
class ParentColumn:
    """A field of each row's parent."""

    parent: str
    field: str
    type: pa.DataType

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        return tables[self.parent].columns[self.field].take(pa.array(table.rows.parents))


@dataclass(frozen=True, slots=True)
class WithGaps:
    """A column some of whose values are missing.

    Attributes:
        inner: the column.
        share: of rows without a value.
        when: condition, or None.
        share_when: share where the condition holds.
    """

    inner: Column
    share: float
    when: Program | None
    share_when: float

    @property
    def type(self) -> pa.DataType:
        """Of the values."""
        return self.inner.type

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        made = self.inner.make(key, table, tables)
        chance: float | NDArray[np.float64] = self.share
        if self.when is not None:
            holds = run(self.when, table.columns, len(table.rows)).fill_null(False).to_numpy(zero_copy_only=False)
            chance = np.where(holds, self.share_when, self.share)
        gone = as_uniform(table.rows.draw(key.child("missing"))) < chance
        return pc.if_else(pa.array(gone), pa.scalar(None, made.type), made)


def run(program: Program, columns: Columns, rows: int) -> pa.Array:
    """An expression over fields of the same rows."""
    return program.run({name: columns[name] for name in program.columns}, rows)


def finish(values: NDArray[np.float64] | NDArray[np.int64], kind: pa.DataType) -> pa.Array:
    """Numbers of a law as a column; NaN never occurs in them."""
    if pa.types.is_boolean(kind):
        return pa.array(values.astype(np.bool_))
    return pa.array(values)
