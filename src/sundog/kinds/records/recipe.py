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
from sundog.kinds.records.fields_streams import Stream
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


class History(Spec, frozen=True):
    """Children as periods, one after the other without a gap: what an attribute was, and from when to when.

    The first begins at `start`; each ends where the next begins, and the last goes on.
    """

    start: str = Field(description="Expression over the parent's row: the date or timestamp at which the first begins.")
    stop: str = Field("as_of", description="Expression over the parent's row: until when there may be changes.")
    per_year: Number = Field(description="Changes a year; a number, or an expression over the parent's row.")


class OneOf(Spec, frozen=True):
    """Fields of which exactly one has a value in a row."""

    fields: tuple[str, ...] = Field(min_length=2)
    weights: tuple[float, ...] | None = Field(None, description="How often each is the one; without it, all alike.")


class TableSpec(Spec, frozen=True):
    """One table."""

    parent: Name | None = Field(None, description="Table whose rows have rows of this one.")
    count: CountLaw | None = Field(None, description="How many rows a row of the parent has.")
    events: Events | None = Field(None, description="Instead of `count`: the rows are events in time.")
    history: History | None = Field(
        None, description="Instead of `count`: the rows are periods that follow one another."
    )
    rows: int | None = Field(
        None,
        ge=1,
        le=10_000_000,
        description="A table without `parent` that belongs to no unit: so many rows, made once and shared by all, such as products.",
    )
    stream: Stream | None = Field(None, description="Instead of `count`: the rows are what a device measures.")
    faults_of: Name | None = Field(
        None,
        description="Instead of `count`: the rows are the faults planted in this table with `stream` of the same parent.",
    )
    fields: Mapping[str, AnyFieldSpec] = Field(min_length=1)
    correlated: tuple[Correlated, ...] = ()
    one_of: tuple[OneOf, ...] = Field((), description="Groups of fields of which one has a value.")
    rules: tuple[str, ...] = Field(
        (), description="Expressions that hold in every row; a unit that breaks one is rejected."
    )
    origin: str = Field("", description="Where the table's parameters come from, unless a field says otherwise.")

    @model_validator(mode="after")
    def _one_count(self) -> TableSpec:
        ways = ("count", "events", "history", "stream", "faults_of")
        said = [name for name in ways if getattr(self, name) is not None]
        if self.parent is None and said:
            raise ValueError(f"a table without 'parent' has one row a unit: {said[0]!r} is for children")
        if self.parent is not None and self.rows is not None:
            raise ValueError("a table with 'parent' has no 'rows' of its own")
        if self.parent is not None and len(said) != 1:
            raise ValueError("a table with 'parent' needs one of 'count', 'events', 'history', 'stream', 'faults_of'")
        return self


class Drawn(Spec, frozen=True):
    """One noisy answer about real rows, as it stands in the ledger of its source."""

    asked: str = Field(description="The question in words.")
    columns: tuple[str, ...] = Field((), description="Columns that were read.")
    mechanism: str = Field(description="How noise came in, such as 'discrete laplace'.")
    scale: float = Field(ge=0, description="Scale of the noise, in the unit of the answer.")
    epsilon: float | None = Field(None, ge=0, description="What it costs; none where the noise has no such bound.")
    rho: float = Field(0.0, ge=0, description="What it costs in zero-concentrated privacy.")
    delta: float = Field(0.0, ge=0, lt=1)


class ReadFrom(Spec, frozen=True):
    """A real table that parameters of this part were read from, and under which guarantee."""

    source: str = Field(description="Name of the file, without its folder.")
    table: Name = Field(description="Table of this part whose parameters come from it.")
    mode: Literal["exact", "dp"] = Field(
        description="`exact`: statistics as they are, small groups left out, no guarantee; `dp`: noisy answers only, all in `ledger`."
    )
    sha256: str = Field(
        "", description="Hash of the file; empty in mode `dp`, in which it would be told without noise."
    )
    least_rows: int = Field(0, ge=0, description="Mode `exact`: groups of fewer rows were left out.")
    epsilon: float | None = Field(None, gt=0, description="Mode `dp`: what the answers in `ledger` cost in all.")
    delta: float = Field(0.0, ge=0, lt=1)
    unit: str = Field("", description="Mode `dp`: what the guarantee hides, in words.")
    taken_as_public: tuple[str, ...] = Field((), description="Mode `dp`: what was stated and not read under noise.")
    ledger: tuple[Drawn, ...] = Field((), description="Mode `dp`: every answer that was given.")

    @model_validator(mode="after")
    def _one_mode(self) -> ReadFrom:
        if self.mode == "dp" and (self.epsilon is None or not self.unit or not self.ledger):
            raise ValueError("mode 'dp' needs 'epsilon', 'unit' and the 'ledger' of what was answered")
        if self.mode == "exact" and (self.epsilon is not None or self.ledger):
            raise ValueError("mode 'exact' has no 'epsilon' and no 'ledger': it guarantees nothing")
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
    read: tuple[ReadFrom, ...] = Field(
        (),
        description="Real tables that parameters were read from; `sundog recipe from` writes it. Keep it: the report tells it.",
    )

    @model_validator(mode="after")
    def _one_root(self) -> RecordsPart:
        roots = [n for n, t in self.tables.items() if t.parent is None and t.rows is None]
        if len(roots) != 1:
            raise ValueError(
                "exactly one table has neither 'parent' nor 'rows', the one whose rows are counted; "
                f"here {', '.join(roots) or 'none'}"
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

    @property
    def root(self) -> str:
        """The first table: each of its rows is a unit."""
        return next(name for name, table in self.tables.items() if table.parent is None and table.rows is None)

    def find_top(self, table: str) -> str:
        """The table without parent on which a table hangs; itself if it has none."""
        while (parent := self.tables[table].parent) is not None:
            table = parent
        return table

    def stands(self, table: str) -> bool:
        """Whether a table belongs to no unit: it has ``rows``, or hangs on one that has."""
        return self.tables[self.find_top(table)].rows is not None


class KeysCheck(CheckSpec, frozen=True):
    """Whether unique fields hold no value twice, and every child finds its parent."""

    kind: Literal["keys"] = "keys"


class SumsCheck(CheckSpec, frozen=True):
    """Whether parts add up, periods follow one another, and one of several fields has a value."""

    kind: Literal["sums"] = "sums"


class StreamsCheck(CheckSpec, frozen=True):
    """What sensor streams look like: shares of readings and of labelled faults, memory, a piece of each channel."""

    kind: Literal["streams"] = "streams"


class CoincidenceCheck(CheckSpec, frozen=True):
    """How many rows are expected to share name and birth date with a real person by chance."""

    kind: Literal["coincidence"] = "coincidence"
