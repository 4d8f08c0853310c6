"""Expressions with what they need beside the row: their place in the recipe, and the tables that they look up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.kinds.records._rows import Rows
from sundog.lib.expressions.kernels_rows import Lookup
from sundog.lib.expressions.program import Program, RowRefused
from sundog.lib.expressions.value_types import Type


def tell_out_of_range(where: str, what: str, fix: str = "Keep its parameters in range, with clip.") -> Problem:
    """A parameter or a share that an expression puts where it makes no sense."""
    return Problem("SD-RECORDS-009", where, what, fix)


@dataclass(slots=True)
class Shelf:
    """What all rows know: the day, and the tables that belong to no unit as ``lookup`` asks them.

    They are put here once, before the first unit is made.

    Attributes:
        today: the day on which the data are taken to be written.
        keys: table to the field whose values are looked for.
        lookups: ``table.field`` to its values.
    """

    today: date
    keys: dict[str, str] = field(default_factory=dict)
    lookups: dict[str, Lookup] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression over the rows of one table.

    Attributes:
        program: the expression.
        where: place in the recipe.
        shelf: of the part.
    """

    program: Program
    where: str
    shelf: Shelf

    @property
    def type(self) -> Type:
        """Of the values, as expressions know it."""
        return self.program.type

    @property
    def arrow_type(self) -> pa.DataType:
        """Of the values."""
        return self.program.arrow_type

    @property
    def children(self) -> tuple[str, ...]:
        """Tables of children that it reads."""
        named = {name.partition(".")[0] for name in self.program.columns if "." in name}
        return tuple(sorted(named | set(self.program.children)))

    def run(
        self,
        columns: Mapping[str, pa.Array],
        rows: int,
        segments: Mapping[str, NDArray] | None = None,  # type: ignore[type-arg]
        within: NDArray | None = None,  # type: ignore[type-arg]
    ) -> pa.Array:
        """A value for each row.

        Raises:
            RowRefused: a row cannot be computed.
        """
        program = self.program
        return program.run(
            {
                name: columns[name] if name in columns else pa.repeat(pa.scalar(self.shelf.today), rows)
                for name in program.columns
            },
            rows,
            segments=segments,
            within=within,
            lookups=self.shelf.lookups,
            where=self.where,
        )


def name_row(refused: RowRefused, table: str, rows: Rows) -> RequestError:
    """The refusal with the unit, where the row is known by its number in a shard only."""
    at = min(refused.row, len(rows) - 1)
    unit = int(rows.units[at])
    name = f"unit {unit}" if rows.is_root else f"row {int(rows.index[at])} of {table!r} in unit {unit}"
    return refused.call(name)
