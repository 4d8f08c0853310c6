"""What is known while a part is compiled, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from sundog.core.errors import Problem, RequestError, nearest
from sundog.kinds.records._columns import Column, Drawn, ExpressionColumn
from sundog.kinds.records._events import EventRows
from sundog.kinds.records._formula import Shelf
from sundog.kinds.records._history import HistoryRows
from sundog.kinds.records._stream_columns import PlantedRows
from sundog.kinds.records._streams import StreamRows
from sundog.kinds.records._words import Locales
from sundog.kinds.records.recipe import RecordsPart
from sundog.lib.expressions.value_types import Type
from sundog.lib.laws.copula import Copula

Place = tuple[str, str]
"""Table and field; an empty field stands for the rows of the table."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a row of the parent has."""

    drawn: Drawn


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to make.

    Attributes:
        table: name of the table.
        field: name of the field; empty: the rows of the table.
        column: how the field is made; None for rows.
        count: how many rows there are; None for fields and for the first table.
        events: the same, where rows are events.
        history: the same, where rows are periods.
        rows: how many rows a table has that belongs to no unit.
        stream: the same, where rows are samples of devices.
        planted: the same, where rows are planted faults.
    """

    table: str
    field: str
    column: Column | None = None
    count: Count | None = None
    events: EventRows | None = None
    history: HistoryRows | None = None
    rows: int | None = None
    stream: StreamRows | None = None
    planted: PlantedRows | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """An expression that holds in every row of a table."""

    table: str
    text: str
    column: ExpressionColumn


@dataclass(frozen=True, slots=True)
class Plan:
    """How a part is made.

    Attributes:
        standing: what is made once: tables that belong to no unit.
        standing_schemas: fields of those that are written, for each table.
        shelf: what of them is looked up.
        steps: in the order in which they are made for each shard.
        rules: checked when all is made.
        schemas: fields that are written, for each table.
        parents: table to its parent; the first table, and those that belong to no unit, have none.
        streams: for each table with a stream, the steps that its rows need, and last how they are made.
    """

    standing: tuple[Step, ...]
    standing_schemas: Mapping[str, pa.Schema]
    shelf: Shelf
    steps: tuple[Step, ...]
    rules: tuple[Rule, ...]
    schemas: Mapping[str, pa.Schema]
    parents: Mapping[str, str | None]
    streams: Mapping[str, tuple[Step, ...]]


@dataclass(slots=True)
class Session:
    """What is known while a part is compiled."""

    part: RecordsPart
    where: str
    locales: Locales
    shelf: Shelf
    problems: list[Problem] = field(default_factory=list)
    types: dict[Place, Type] = field(default_factory=dict)
    made: dict[Place, Step] = field(default_factory=dict)
    waits: dict[Place, list[Place]] = field(default_factory=dict)
    copulas: dict[Place, Copula | None] = field(default_factory=dict)

    def at(self, table: str, *names: str) -> str:
        """The place in the recipe."""
        return ".".join((self.where, "tables", table, *names))

    def fault(self, code: str, where: str, what: str, fix: str = "") -> None:
        """Note a problem."""
        self.problems.append(Problem(code, where, what, fix))

    def told(self, faults: tuple[str, ...], where: str) -> bool:
        """Note the faults of a law; whether there are any."""
        for fault in faults:
            self.fault("SD-RECORDS-001", where, fault, "Give other parameters.")
        return bool(faults)

    def took(self, error: RequestError) -> None:
        """Note the problems of something that refused to be compiled."""
        self.problems.extend(error.problems)

    def lacks(self, where: str, table: str, name: str) -> bool:
        """Note that a table has no field of this name, if it has none."""
        fields = self.part.tables[table].fields
        if name in fields:
            return False
        what = f"{name!r} is not a field of {table!r} ({', '.join(fields)})"
        self.fault("SD-RECORDS-005", where, what, nearest(name, fields))
        return True

    def wrong_type(self, where: str, what: str, fix: str) -> None:
        """Note values of another type than is needed."""
        self.fault("SD-RECORDS-008", where, what, fix)
