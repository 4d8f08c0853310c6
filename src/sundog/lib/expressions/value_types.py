"""What a value can be: its kind, the zone of a time, and the range that a number is known to lie in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["int64", "float64", "bool", "string", "date", "timestamp", "duration", "missing"]
"""``missing`` is the kind of the bare word: it becomes the kind that is wanted beside it."""

INT_LOW, INT_HIGH = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class Type:
    """The type of a column or of a result; every type can hold missing values.

    Attributes:
        kind: int64, float64, bool, string, date, timestamp (microseconds), duration (microseconds).
        zone: IANA name of a timestamp's zone; None for a wall clock without a zone.
        low: smallest value of a number, where it is known. It is used to find faults before a row is made and never
            to leave out a check at run time.
        high: largest value of a number, where it is known.
    """

    kind: Kind
    zone: str | None = None
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        """As faults name it: ``timestamp[Europe/Berlin]``."""
        return f"{self.kind}[{self.zone}]" if self.zone else self.kind


@dataclass(frozen=True, slots=True)
class LookupType:
    """A table that ``lookup`` can ask: type of its keys and of its values."""

    key: Type
    value: Type
