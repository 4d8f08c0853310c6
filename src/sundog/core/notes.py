"""What happened on the way, kept beside the value it happened to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PrivacySpend:
    """One release computed from real records under differential privacy."""

    mechanism: str
    rho: float
    neighbours: str


@dataclass(frozen=True, slots=True)
class Used:
    """One outside thing that the data depend on: a file, a model, an asset, a word list."""

    what: str
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """One unit that was made and not accepted, and why.

    Attributes:
        unit: number of the unit.
        reason: a short stable word (``copy``, ``constraint``), counted in the report.
        detail: a sentence for people; empty when it could tell something about a real record.
        keep: whether the values may be written under ``rejected/``. False where they equal a real record.
    """

    unit: int
    reason: str
    detail: str = ""
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a reader of the report must know about how the data were made."""

    subject: str
    text: str


Note: TypeAlias = PrivacySpend | Used | Rejected | Remark


class Noted(NamedTuple, Generic[T]):
    """A value and the notes of its making."""

    value: T
    notes: tuple[Note, ...] = ()
