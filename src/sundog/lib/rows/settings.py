"""What may be said about the coding of a table, as plain data: overrides, rules between columns, conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Value: TypeAlias = bool | int | float | str | None
"""A value as a recipe can write it; dates and times as ISO strings."""


@dataclass(frozen=True, slots=True)
class ColumnOverride:
    """What the user says about one column, over what was found.

    Attributes:
        meaning: how to read it (``integer``, ``category``, ``email``, ...); empty means as found.
        protect: whether rare categories and extreme values are protected.
        minimum: public lower end: a number in the column's own unit, or an ISO date, time or timestamp.
        maximum: public upper end.
        decimals: decimal places of a floating-point column.
        min_support: rows that a value needs before it may appear as it is.
    """

    meaning: str = ""
    protect: bool = True
    minimum: float | str | None = None
    maximum: float | str | None = None
    decimals: int | None = None
    min_support: int | None = None


@dataclass(frozen=True, slots=True)
class Ordered:
    """``low <= high`` wherever both are present."""

    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Sum:
    """``total`` is the sum of ``terms``; a total with a missing term is missing."""

    total: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """Rows with the same ``of`` have the same ``value``; a missing ``of`` counts as one value."""

    value: str
    of: str


@dataclass(frozen=True, slots=True)
class Point:
    """``latitude`` and ``longitude`` are one place, in degrees."""

    latitude: str
    longitude: str


Rule: TypeAlias = Ordered | Sum | Function | Point


@dataclass(frozen=True, slots=True)
class Between:
    """A range with both ends; None leaves an end open."""

    low: Value = None
    high: Value = None


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these values; None stands for a missing value."""

    values: tuple[Value, ...]


Condition: TypeAlias = Between | OneOf


@dataclass(frozen=True, slots=True)
class CodecSettings:
    """How a table is coded.

    Attributes:
        bins: most codes that a number gets, the ones for missing and infinite values included.
        min_support: rows that a category or an exact number needs before it may appear; also the fewest rows
            that any number taken from the data is an average of.
        end_support: rows whose average is the protected end of a range.
        overrides: by column name.
        rules: ``found`` looks for them, ``none`` keeps none, a tuple is kept exactly (after checking that the data keep it).
        drop: columns left out (weights, for example).
        echoes: whether values that often repeat another column's get codes of their own.
        identifiers: ``remake`` gives new values of the same pattern; ``withhold`` leaves such columns out.
        source: what the table is called in errors: the name of its file.
    """

    bins: int = 64
    min_support: int = 10
    end_support: int = 10
    overrides: Mapping[str, ColumnOverride] = field(default_factory=dict)
    rules: Literal["found", "none"] | tuple[Rule, ...] = "found"
    drop: tuple[str, ...] = ()
    echoes: bool = True
    identifiers: Literal["remake", "withhold"] = "remake"
    source: str = "source"
