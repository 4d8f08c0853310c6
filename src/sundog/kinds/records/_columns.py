"""Fields as columns: how each kind of field gives the values of many rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.kinds.records._formula import Formula, tell_out_of_range
from sundog.kinds.records._laws import build_law, find_law_faults
from sundog.kinds.records._rows import Built
from sundog.kinds.records.fields_numbers import AnyField
from sundog.lib.expressions.program import RowRefused
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
    programs: Mapping[str, Formula]

    def draw(self, words: NDArray[np.uint64], columns: Columns) -> pa.Array:
        """See ``Drawn``; a row whose parameter is missing has no value."""
        if self.law is not None:
            return finish(self.law.draw(words), self.type)
        found = {name: program.run(columns, len(words)) for name, program in self.programs.items()}
        gone = np.zeros(len(words), np.bool_)
        for values in found.values():
            gone |= values.is_null().to_numpy(zero_copy_only=False)
        numbers = {
            name: np.where(gone, 1.0, values.fill_null(1).to_numpy(zero_copy_only=False).astype(np.float64))
            for name, values in found.items()
        }
        with np.errstate(all="ignore"):  # of parameters that are refused at once
            law = build_law(self.field, numbers)
        if check_law(law):
            raise self._refuse(numbers, len(words))
        made = finish(law.draw(words), self.type)
        return pc.if_else(pa.array(gone), pa.scalar(None, self.type), made) if gone.any() else made

    def _refuse(self, numbers: Mapping[str, NDArray[np.float64]], rows: int) -> RowRefused:
        """The first row whose parameters make no sense, found by halving."""
        low, high = 0, rows  # the first `high` rows have a fault, the first `low` rows have none
        while high - low > 1:
            middle = (low + high) // 2
            if find_law_faults(self.field, {name: values[:middle] for name, values in numbers.items()}):
                high = middle
            else:
                low = middle
        fault = find_law_faults(self.field, {name: values[low:high] for name, values in numbers.items()})[0]
        name = f"row {low}"
        problem = tell_out_of_range(self.where, f"{fault}, in {name}")
        return RowRefused(problem, low, name)


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
                try:
                    pieces.append(case.draw(words[at], taken).cast(self.type))
                except RowRefused as refused:
                    refused.row = int(at[refused.row])
                    raise
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

    formula: Formula

    @property
    def type(self) -> pa.DataType:
        """Of the values."""
        return self.formula.arrow_type

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        columns: dict[str, pa.Array] = dict(table.columns)
        segments = {}
        for child in self.formula.children:
            segments[child] = tables[child].rows.offsets
            columns.update({f"{child}.{name}": values for name, values in tables[child].columns.items()})
        offsets = table.rows.offsets
        within = offsets if len(offsets) else np.arange(len(table.rows) + 1, dtype=np.int64)
        return self.formula.run(columns, len(table.rows), segments, within)


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
        name: of the field, which the share may depend on.
        inner: the column.
        share: of rows without a value: a number, or an expression.
        when: condition, or None.
        share_when: share where the condition holds.
        together: name that it has in common with fields that are missing in the same rows, or None.
    """

    name: str
    inner: Column
    share: float | Formula
    when: Formula | None
    share_when: float
    together: str | None

    @property
    def type(self) -> pa.DataType:
        """Of the values."""
        return self.inner.type

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``; a share that is itself missing counts as 0."""
        made = self.inner.make(key, table, tables)
        rows, columns = len(table.rows), {**table.columns, self.name: made}
        chance: float | NDArray[np.float64]
        if isinstance(self.share, Formula):
            shares = self.share.run(columns, rows).fill_null(0.0)
            chance = np.asarray(shares.to_numpy(zero_copy_only=False), np.float64)
            self._check(chance, self.share)
        else:
            chance = self.share
        if self.when is not None:
            holds = self.when.run(columns, rows).fill_null(False).to_numpy(zero_copy_only=False)
            chance = np.where(holds, self.share_when, chance)
        own = key.child("missing") if self.together is None else table.key.child("missing").child(self.together)
        gone = as_uniform(table.rows.draw(own)) < chance
        return pc.if_else(pa.array(gone), pa.scalar(None, made.type), made)

    def _check(self, chance: NDArray[np.float64], share: Formula) -> None:
        """Refuse a row whose share is none; what only rounding puts beyond the ends is."""
        wrong = np.flatnonzero((chance < -1e-9) | (chance > 1 + 1e-9))
        if len(wrong):
            row, name = int(wrong[0]), f"row {wrong[0]}"
            what = f"a share lies between 0 and 1, not at {chance[row]:g}, in {name}"
            problem = tell_out_of_range(share.where, what, "Keep it in range: clip(x, 0, 1).")
            raise RowRefused(problem, row, name)


@dataclass(frozen=True, slots=True)
class OneOfColumn:
    """A column that has a value only where it is the one of its group.

    Attributes:
        inner: the column.
        group: name of the group, which names its words.
        place: of the field within the group.
        law: how often each is the one.
    """

    inner: Column
    group: str
    place: int
    law: Law

    @property
    def type(self) -> pa.DataType:
        """Of the values."""
        return self.inner.type

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``; who is the one is drawn once for the group."""
        name = f"one of {self.group}"
        found = table.shared.get(name)
        if found is None:
            found = table.shared[name] = self.law.draw(table.rows.draw(table.key.child("one of").child(self.group)))
        made = self.inner.make(key, table, tables)
        return pc.if_else(pa.array(found == self.place), made, pa.scalar(None, made.type))


def finish(values: NDArray[np.float64] | NDArray[np.int64], kind: pa.DataType) -> pa.Array:
    """Numbers of a law as a column; NaN never occurs in them."""
    if pa.types.is_boolean(kind):
        return pa.array(values.astype(np.bool_))
    return pa.array(values)
