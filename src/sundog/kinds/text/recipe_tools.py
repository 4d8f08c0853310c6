"""What a recipe says of the tools that an assistant may call. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from sundog.core.recipe import Name, Spec

Cell: TypeAlias = str | int | float


class CalculatorTool(Spec, frozen=True):
    """Sums, differences, products and quotients of exact numbers."""

    type: Literal["calculator"]
    name: Name | None = None

    @property
    def called(self) -> str:
        """Name by which it is called."""
        return self.name or "calculate"


class UnitsTool(Spec, frozen=True):
    """Lengths, masses, volumes, times and temperatures in other units."""

    type: Literal["units"]
    name: Name | None = None

    @property
    def called(self) -> str:
        """Name by which it is called."""
        return self.name or "convert_units"


class CalendarTool(Spec, frozen=True):
    """Days of the week, days between, and days later or earlier. It knows no today."""

    type: Literal["calendar"]
    name: Name | None = None

    @property
    def called(self) -> str:
        """Name by which it is called."""
        return self.name or "calendar"


class LookupTool(Spec, frozen=True):
    """A row of a stated table by its key."""

    type: Literal["lookup"]
    name: Name | None = None
    about: str = Field(min_length=1, description="What the table holds, for the model.")
    key: str = Field(min_length=1, description="Column that rows are found by.")
    rows: tuple[Mapping[str, Cell], ...] = Field(min_length=1, description="The table.")

    @model_validator(mode="after")
    def _fits(self) -> LookupTool:
        if missing := [i for i, row in enumerate(self.rows) if self.key not in row]:
            raise ValueError(f"row {missing[0]} has no column {self.key!r}")
        keys = [str(row[self.key]) for row in self.rows]
        if len(set(keys)) < len(keys):
            raise ValueError(f"two rows have the same {self.key!r}")
        return self

    @property
    def called(self) -> str:
        """Name by which it is called."""
        return self.name or "look_up"


class DictionaryTool(Spec, frozen=True):
    """Terms with their meaning, found by words in either."""

    type: Literal["dictionary"]
    name: Name | None = None
    about: str = Field(min_length=1, description="What the terms are of, for the model.")
    terms: Mapping[str, str] = Field(min_length=1, description="Terms and what they mean.")

    @property
    def called(self) -> str:
        """Name by which it is called."""
        return self.name or "search"


AnyTool: TypeAlias = Annotated[
    CalculatorTool | UnitsTool | CalendarTool | LookupTool | DictionaryTool, Field(discriminator="type")
]
