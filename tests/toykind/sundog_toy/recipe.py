"""What a recipe may say about the toy kinds."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from sundog.core.recipe import CheckSpec, Part, SourceSpec, Spec
from sundog.kinds.text.recipe_accept import AcceptSpec, DuplicatesSpec

Fault = Literal["", "raise", "tables", "columns", "units", "rows", "prepare", "die", "die_once", "full", "memory"]


class Trouble(Spec, frozen=True):
    """What goes wrong, and when."""

    fault: Fault = ""
    unit: int = 0
    flag: str = ""


class ShopPart(Part, frozen=True):
    """Customers with their orders."""

    count_noun: ClassVar[str] = "customers"

    kind: Literal["shop"] = "shop"
    source: SourceSpec | None = None
    odd: float = Field(0.0, ge=0, le=1, description="Share of units rejected as odd; their values may be shown.")
    secret: float = Field(0.0, ge=0, le=1, description="Share of units rejected as secret; their values may not.")
    codes: int = Field(0, ge=0, description="Number of distinct codes; a unit whose code was there before is rejected.")
    slow: float = Field(0.0, ge=0, description="Seconds that a shard takes longer.")
    slow_start: float = Field(0.0, ge=0, description="Seconds that preparing takes longer before its first checkpoint.")
    slow_prepare: float = Field(0.0, ge=0, description="Seconds that it takes longer after it.")
    trouble: Trouble = Trouble()


class NotePart(Part, frozen=True):
    """One note a unit, about what it is given."""

    count_noun: ClassVar[str] = "notes"

    kind: Literal["note"] = "note"
    blank: float = Field(0.0, ge=0, le=1, description="Share of notes rejected as blank.")


class SayingPart(Part, frozen=True):
    """One text a unit, of a list that is said again and again; rules for texts and duplicates are those of any part of texts."""

    count_noun: ClassVar[str] = "sayings"

    kind: Literal["saying"] = "saying"
    texts: tuple[str, ...] = Field(
        min_length=1, description="What is said; `#` in it stands for a number of the unit and the key."
    )
    source: SourceSpec | None = None
    accept: AcceptSpec = AcceptSpec()
    duplicates: DuplicatesSpec = DuplicatesSpec()


class CountCheck(CheckSpec, frozen=True):
    """Counts beside generation, and again in the finished data."""

    kind: Literal["toy_count"] = "toy_count"


class LimitCheck(CheckSpec, frozen=True):
    """Rejects customers who spend too much."""

    kind: Literal["toy_limit"] = "toy_limit"
    most: float = 0.9


class VerdictCheck(CheckSpec, frozen=True):
    """Says what it is told to say."""

    kind: Literal["toy_verdict"] = "toy_verdict"
    verdict: Literal["pass", "fail", "inconclusive"] = "pass"
    withholds: bool = True
    value: float = 1.0
    breaks: Literal["", "raise", "twice", "nan"] = ""
