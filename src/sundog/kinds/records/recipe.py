"""What a recipe says of records made by rule. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from sundog.core.recipe import CheckSpec, Name, Part, Spec
from sundog.kinds.records.fields_numbers import (
    ConstantField,
    GeometricField,
    IntegerField,
    MixtureField,
    NegativeBinomialField,
    Number,
    PoissonField,
    TableField,
    ZipfField,
)
from sundog.kinds.records.fields_words import AnyFieldSpec

CountLaw = Annotated[
    IntegerField
    | PoissonField
    | NegativeBinomialField
    | GeometricField
    | ZipfField
    | ConstantField
    | TableField
    | MixtureField,
    Field(discriminator="type"),
]
"""Laws of how many."""


class Correlated(Spec, frozen=True):
    """Numeric fields of a table that hang together: a copula with stated rank correlations."""

    fields: tuple[str, ...] = Field(min_length=2)
    spearman: tuple[tuple[float, ...], ...] = Field(description="Matrix of rank correlations, rows as in `fields`.")
    copula: Literal["gaussian", "t"] = "gaussian"
    degrees: float = Field(4.0, gt=2, description="Degrees of freedom of the t copula; few: extremes come together.")


class Events(Spec, frozen=True):
    """Children as events in time: how many there are follows from the rate, and they come in order of time.

    Without `excited` they are independent of one another (Poisson); with it each makes others more likely for a while (Hawkes).
    """

    start: str = Field(
        description="Expression over the parent's row: the date or timestamp from which on events happen."
    )
    stop: str = Field(description="Expression over the parent's row: until when.")
    per_year: Number = Field(
        description="Events a year that nothing sets off; a number, or an expression over the parent's row."
    )
    excited: float = Field(0.0, ge=0, lt=1, description="How many events an event sets off, on average.")
    decay_days: float = Field(7.0, gt=0, description="How much later those come, on average.")


class TableSpec(Spec, frozen=True):
    """One table."""

    parent: Name | None = Field(None, description="Table whose rows have rows of this one.")
    count: CountLaw | None = Field(None, description="How many rows a row of the parent has.")
    events: Events | None = Field(None, description="Instead of `count`: the rows are events in time.")
    fields: Mapping[str, AnyFieldSpec] = Field(min_length=1)
    correlated: tuple[Correlated, ...] = ()
    rules: tuple[str, ...] = Field(
        (), description="Expressions that hold in every row; a unit that breaks one is rejected."
    )
    origin: str = Field("", description="Where the table's parameters come from, unless a field says otherwise.")

    @model_validator(mode="after")
    def _one_count(self) -> TableSpec:
        if self.parent is None and (self.count is not None or self.events is not None):
            raise ValueError("a table without 'parent' has one row a unit: 'count' and 'events' are for children")
        if self.parent is not None and (self.count is None) == (self.events is None):
            raise ValueError("a table with 'parent' needs one of 'count' and 'events'")
        return self


class RecordsPart(Part, frozen=True):
    """Tables made by rule: laws, expressions and keys; no real record is read."""

    count_noun: ClassVar[str] = "rows of the first table"

    kind: Literal["records"] = "records"
    as_of: date = Field(
        date(2026, 1, 1), description="The day on which the data are taken to be written; `as_of` in expressions."
    )
    locale: str | Mapping[str, float] = Field(
        "en_US", description="Locale of persons and places, or several with weights."
    )
    tables: Mapping[Name, TableSpec] = Field(min_length=1)
    origin: str = Field(
        "stated by the recipe's author", description="Where parameters come from that say nothing else."
    )

    @model_validator(mode="after")
    def _one_root(self) -> RecordsPart:
        roots = [n for n, t in self.tables.items() if t.parent is None]
        if len(roots) != 1:
            raise ValueError(
                f"exactly one table has no 'parent', the one whose rows are counted; here {', '.join(roots) or 'none'}"
            )
        for name, table in self.tables.items():
            seen, at = {name}, table.parent
            while at is not None:
                if at not in self.tables:
                    raise ValueError(f"table {name!r} has the parent {at!r}, which is no table of this part")
                if at in seen:
                    raise ValueError(f"table {name!r} is its own ancestor")
                seen.add(at)
                at = self.tables[at].parent
        return self


class KeysCheck(CheckSpec, frozen=True):
    """Whether unique fields hold no value twice, and every child finds its parent."""

    kind: Literal["keys"] = "keys"
