"""What a recipe says of records made by rule. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PrivateAttr, ValidationError, ValidationInfo, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from sundog.core.errors import nearest
from sundog.core.recipe import CheckSpec, Name, Part, Spec, is_rest
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
from sundog.kinds.records.fields_words import AnyFieldSpec, Calendar

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


class EventKind(Spec, frozen=True):
    """Events of one kind among several: by chance at a rate (`per_year`), or once a month (`monthly`)."""

    per_year: Number | None = Field(
        None,
        description="Events a year that nothing sets off; a number, or an expression over the parent's row, which a field drawn "
        "for the parent may spread.",
    )
    monthly: Number | None = Field(
        None,
        description="Day of the month, 1 to 31, the last one where a month has no such day; a number, or an expression over the "
        "parent's row. Missing: no events.",
    )
    share: Number = Field(
        1.0,
        description="With `monthly`: share of the months that have it; a number, or an expression over the parent's row.",
    )
    weekend: Literal["stay", "before", "after"] = Field(
        "stay",
        description="With `monthly`: a Saturday or Sunday stays, or becomes the Friday before or the Monday after.",
    )
    calendar: Calendar = Field(
        Calendar(), description="When they come, by the clock of `start`; of `monthly` events only the `hours` count."
    )
    excited: float = Field(0.0, ge=0, lt=1, description="How many events an event sets off, on average.")
    decay_days: float = Field(
        7.0, gt=0, description="How much later those come, on average; with a calendar in days of average business."
    )

    @model_validator(mode="after")
    def _one_way(self) -> EventKind:
        if (self.per_year is None) == (self.monthly is None):
            raise ValueError("a kind of events needs either 'per_year' or 'monthly'")
        if self.monthly is None and (self.share != 1.0 or self.weekend != "stay"):
            raise ValueError("'share' and 'weekend' go with 'monthly'")
        if self.monthly is not None and self.excited:
            raise ValueError("'excited' goes with 'per_year'")
        return self


class Events(Spec, frozen=True):
    """Children as events in time: how many there are follows from the rate, and they come in order of time.

    Without `excited` they are independent of one another (Poisson); with it each makes others more likely for a while (Hawkes).
    """

    start: str = Field(
        description="Expression over the parent's row: the date or timestamp from which on events happen."
    )
    stop: str = Field(description="Expression over the parent's row: until when.")
    per_year: Number | None = Field(
        None,
        description="Events a year that nothing sets off; a number, or an expression over the parent's row, which a field drawn "
        "for the parent may spread.",
    )
    kinds: Mapping[Name, EventKind] | None = Field(
        None,
        description="Instead of `per_year`: several kinds laid together in order of time; a field `event_kind` names them.",
    )
    calendar: Calendar = Field(
        Calendar(), description="When they come, by the clock of `start`; an average year has `per_year` of them."
    )
    excited: float = Field(0.0, ge=0, lt=1, description="How many events an event sets off, on average.")
    decay_days: float = Field(
        7.0, gt=0, description="How much later those come, on average; with a calendar in days of average business."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Events:
        if (self.per_year is None) == (not self.kinds):
            raise ValueError("events need either 'per_year' or 'kinds'")
        if self.kinds and (self.excited or self.calendar != Calendar()):
            raise ValueError("with 'kinds', 'calendar' and 'excited' belong to each kind")
        return self


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
        (),
        description="Expressions that hold in every row; a unit that breaks one is rejected. One that is missing does not hold.",
    )
    origin: str = Field("", description="Where the table's parameters come from, unless a field says otherwise.")

    @model_validator(mode="after")
    def _one_count(self, info: ValidationInfo) -> TableSpec:
        if is_rest(info):
            return self
        fault = self.find_fault()
        if fault:
            raise ValueError(fault)
        return self

    def find_fault(self) -> str:
        """What contradicts itself in what is said of the table's rows; empty for nothing."""
        said = self.list_ways()
        if self.parent is None and said:
            return f"a table without 'parent' has one row a unit: {said[0]!r} is for children"
        if self.parent is not None and self.rows is not None:
            return "a table with 'parent' has no 'rows' of its own"
        if self.parent is not None and len(said) != 1:
            return "a table with 'parent' needs one of 'count', 'events', 'history', 'stream', 'faults_of'"
        return ""

    def list_ways(self) -> list[str]:
        """What is said of how many rows a row of the parent has; one of them in a table with a parent, else none."""
        ways = ("count", "events", "history", "stream", "faults_of")
        return [name for name in ways if getattr(self, name) is not None]


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

    _mended: tuple[str, ...] = PrivateAttr(())
    _told: tuple[tuple[str, str, str], ...] = PrivateAttr(())

    @model_validator(mode="after")
    def _one_root(self, info: ValidationInfo) -> RecordsPart:
        if is_rest(info):
            return mend_tables(self)
        faults = find_tree_faults(self.tables)
        if faults:
            raise ValidationError.from_exception_data("RecordsPart", faults)
        return self

    @property
    def mended(self) -> tuple[str, ...]:
        """Tables whose place among the others had a fault and was guessed, so that the faults of their fields are found."""
        return self._mended

    @property
    def tree_faults(self) -> tuple[tuple[str, str, str], ...]:
        """Place within the part, words and mend of the faults for which tables were mended."""
        return self._told

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


def find_tree_faults(tables: Mapping[str, TableSpec]) -> list[InitErrorDetails]:
    """What is wrong with how the tables hang on one another, each with its place."""
    roots = [n for n, t in tables.items() if t.parent is None and t.rows is None]
    found = []
    if len(roots) != 1:
        text = (
            "exactly one table has neither 'parent' nor 'rows', the one whose rows are counted; "
            f"here {', '.join(roots) or 'none'}"
        )
        found.append(_say(("tables",), text))
    for name, table in tables.items():
        if table.parent is not None and table.parent not in tables:
            text = f"table {name!r} has the parent {table.parent!r}, which is no table of this part"
            found.append(_say(("tables", name, "parent"), text, table.parent, [n for n in tables if n != name]))
        elif _is_above(tables, name, name):
            found.append(_say(("tables", name, "parent"), f"table {name!r} is its own ancestor"))
    return found


def _say(place: tuple[str, ...], text: str, name: str = "", valid: Sequence[str] = ()) -> InitErrorDetails:
    context = {"text": text, "tag": name, "expected": ", ".join(map(repr, valid))}
    return InitErrorDetails(type=PydanticCustomError("tables", "{text}", context), loc=place, input=None)


def _mend(fault: InitErrorDetails) -> str:
    context = getattr(fault["type"], "context", None) or {}
    names = str(context.get("expected", "")).replace("'", "").split(", ")
    return nearest(str(context.get("tag", "")), names) if names != [""] else "Name another parent, or none."


def _is_above(tables: Mapping[str, TableSpec], name: str, goal: str) -> bool:
    """Whether one comes from a table to ``goal`` by the parents."""
    seen: set[str] = set()
    at = tables[name].parent
    while at is not None and at in tables and at not in seen:
        if at == goal:
            return True
        seen.add(at)
        at = tables[at].parent
    return False


def mend_tables(part: RecordsPart) -> RecordsPart:
    """The part with tables that hang on the first one where what is said of their place has a fault."""
    tables = dict(part.tables)
    root = next((n for n, t in tables.items() if t.parent is None and t.rows is None), next(iter(tables)))
    mended = []
    one = ConstantField(type="constant", value=1)
    nothing = dict.fromkeys(("parent", "rows", "count", "events", "history", "stream", "faults_of"))
    for name, table in part.tables.items():
        ways = table.list_ways()
        lost = table.parent is not None and (table.parent not in tables or _is_above(tables, name, name))
        second = name != root and table.parent is None and table.rows is None
        if name == root and (table.parent is not None or table.rows is not None or ways):
            tables[name] = table.model_copy(update=nothing)
        elif lost or second:
            keep = {"count": one} if len(ways) != 1 else {ways[0]: getattr(table, ways[0])}
            tables[name] = table.model_copy(update={**nothing, **keep, "parent": root})
        elif table.parent is None and ways:
            tables[name] = table.model_copy(update={**nothing, "rows": table.rows})
        elif table.parent is not None and (len(ways) != 1 or table.rows is not None):
            keep = {ways[0]: getattr(table, ways[0])} if ways else {"count": one}
            tables[name] = table.model_copy(update={**nothing, **keep, "parent": table.parent})
        else:
            continue
        mended.append(name)
    if not mended:
        return part
    found = part.model_copy(update={"tables": tables})
    found._mended = tuple(mended)
    own = [(f"tables.{n}", text, "") for n, t in part.tables.items() if (text := t.find_fault())]
    faults = [(".".join(map(str, f["loc"])), str(f["type"]), _mend(f)) for f in find_tree_faults(part.tables)]
    found._told = (*own, *faults)
    return found


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
