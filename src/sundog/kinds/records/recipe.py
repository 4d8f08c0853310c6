"""What a recipe says of records made by rule. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from sundog.core.recipe import Name, Part, Spec
from sundog.kinds.records.fields_numbers import (
    ConstantField,
    GeometricField,
    IntegerField,
    MixtureField,
    NegativeBinomialField,
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


class TableSpec(Spec, frozen=True):
    """One table."""

    parent: Name | None = Field(None, description="Table whose rows have rows of this one.")
    count: CountLaw | None = Field(None, description="How many rows a row of the parent has.")
    fields: Mapping[str, AnyFieldSpec] = Field(min_length=1)
    rules: tuple[str, ...] = Field(
        (), description="Expressions that hold in every row; a unit that breaks one is rejected."
    )
    origin: str = Field("", description="Where the table's parameters come from, unless a field says otherwise.")

    @model_validator(mode="after")
    def _one_count(self) -> TableSpec:
        if (self.parent is None) != (self.count is None):
            raise ValueError("a table with 'parent' needs 'count'; one without has one row a unit")
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
