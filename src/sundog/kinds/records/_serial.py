"""Numbers in the order of the rows, plain or written by a mask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.errors import Problem
from sundog.core.keys import Key
from sundog.kinds.records._rows import Built
from sundog.lib.expressions.program import RowRefused


@dataclass(frozen=True, slots=True)
class SequenceColumn:
    """``start``, ``start + step``, ... by unit; in tables with a parent by unit and number within the unit.

    Attributes:
        start: of the first row.
        step: from one row to the next.
        pattern: mask with a run of # for the number, filled with zeros; None for plain numbers.
        per_unit: numbers kept for each unit in a table with a parent, so that no two units share one.
        where: place in the recipe.
    """

    start: int
    step: int
    pattern: str | None
    per_unit: int
    where: str

    @property
    def type(self) -> pa.DataType:
        """Of the values."""
        return pa.int64() if self.pattern is None else pa.string()

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        rows = table.rows
        place = rows.units.astype(np.int64)
        if len(rows.offsets):
            over = np.flatnonzero(rows.index >= self.per_unit)
            if len(over):
                name = f"row {over[0]}"
                what = f"{name} is beyond the {self.per_unit:,} numbers of its unit"
                problem = Problem("SD-RECORDS-040", self.where, what, "Give a larger 'per_unit'.")
                raise RowRefused(problem, int(over[0]), name)
            place = place * self.per_unit + rows.index.astype(np.int64)
        numbers = pa.array(self.start + self.step * place)
        if self.pattern is None:
            return numbers
        before, width, after = split_mask(self.pattern)
        over = np.flatnonzero((numbers.to_numpy() < 0) | (numbers.to_numpy() >= float(10**width)))
        if len(over):
            name = f"row {over[0]}"
            what = f"the number {numbers[int(over[0])].as_py():,} of {name}"
            problem = tell_no_place(self.where, what, self.pattern, "Give a longer run of #.")
            raise RowRefused(problem, int(over[0]), name)
        text = pc.utf8_lpad(numbers.cast(pa.string()), width, "0")
        return pc.binary_join_element_wise(before, text, after, "")


def tell_no_place(where: str, what: str, mask: str, fix: str) -> Problem:
    """A number that does not fit the mask of its sequence."""
    return Problem("SD-RECORDS-046", where, f"{what} has no place in the mask {mask!r}", fix)


def split_mask(pattern: str) -> tuple[str, int, str]:
    """What stands before the number, how many digits it has, and what stands after it."""
    first, last = pattern.index("#"), pattern.rindex("#")
    return pattern[:first], last - first + 1, pattern[last + 1 :]


def check_mask(pattern: str | None) -> tuple[str, ...]:
    """Faults of a mask, in words."""
    if pattern is None:
        return ()
    if "#" not in pattern:
        return ("the mask has no # for the number",)
    inner = pattern[pattern.index("#") : pattern.rindex("#") + 1]
    return () if set(inner) == {"#"} else ("the mask has more than one run of #",)
