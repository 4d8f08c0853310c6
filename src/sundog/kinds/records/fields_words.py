"""What a recipe says of fields that are words, times, identifiers, persons, places, or computed from other fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from sundog.core.recipe import Name, Spec
from sundog.kinds.records.fields_numbers import (
    AnyField,
    AutoregressiveField,
    BetaField,
    BinomialField,
    BooleanField,
    ConstantField,
    ExponentialField,
    GammaField,
    GeometricField,
    IntegerField,
    LogisticField,
    LognormalField,
    MixtureField,
    NegativeBinomialField,
    NormalField,
    ParetoField,
    PiecewiseField,
    PoissonField,
    QuantilesField,
    Stated,
    StudentField,
    TableField,
    TriangularField,
    UniformField,
    WalkField,
    WeibullField,
    ZipfField,
)
from sundog.kinds.records.fields_streams import (
    ArrivalField,
    BatteryField,
    DeliveryField,
    FaultField,
    PlantedField,
    ReadingField,
    SampleNumberField,
    SampleTimeField,
    TrueValueField,
)

MASK = (
    "Mask: `#` is one of 0 to 9, `%` one of 1 to 9, `A` one of A to Z, `a` one of a to z, `*` one of A to Z and 0 to 9, `[0-4X]` one of those "
    "listed; everything else stands for itself, X and x too. `\\A` is the letter A itself, `\\#` the sign, and so on. An A or a beside another "
    "letter, as in DATA or Case, is refused: write `D\\AT\\A`, or `[A-Z]` for any letter."
)


class CategoryField(AnyField, frozen=True):
    """One of several values: a list (equally likely), or values with weights."""

    type: Literal["category"]
    values: tuple[str, ...] | Mapping[str, float] = Field(min_length=1)


class ConditionalField(AnyField, frozen=True):
    """A law for each value of an earlier field; laws may be conditional again."""

    type: Literal["conditional"]
    given: str
    cases: Mapping[str, AnyFieldSpec] = Field(min_length=1)
    otherwise: AnyFieldSpec | None = None


class Calendar(Spec, frozen=True):
    """How often instants fall on parts of the calendar; every list is relative, and what is absent is even."""

    weekdays: tuple[float, ...] | None = Field(None, min_length=7, max_length=7, description="Monday to Sunday.")
    hours: tuple[float, ...] | None = Field(None, min_length=24, max_length=24)
    months: tuple[float, ...] | None = Field(None, min_length=12, max_length=12)
    month_days: tuple[float, ...] | None = Field(
        None, min_length=31, max_length=31, description="Days of the month, the first one first."
    )
    holidays: tuple[date, ...] = ()
    holiday_factor: float = Field(1.0, ge=0, description="How many times as often on a holiday.")
    growth: float = Field(0.0, gt=-1, description="Growth a year: .1 is ten percent more each year.")


class DateField(AnyField, frozen=True):
    """Days from `start` to `stop`, both included."""

    type: Literal["date"]
    start: date
    stop: date
    calendar: Calendar = Calendar()


class TimestampField(AnyField, frozen=True):
    """Instants from `start` to before `stop`, in a zone if one is named."""

    type: Literal["timestamp"]
    start: datetime
    stop: datetime
    zone: str | None = None
    calendar: Calendar = Calendar()
    seconds: bool = Field(True, description="True: whole seconds; false: microseconds.")


class SequenceField(AnyField, frozen=True):
    """Numbers in the order of the rows."""

    type: Literal["sequence"]
    start: int = 1
    step: int = 1
    pattern: str | None = Field(
        None,
        description="Mask to write the number with, such as 'C-########': # is a digit of it, everything else stands.",
    )
    per_unit: int | None = Field(
        None,
        ge=1,
        le=2**40,
        description="In a table with `parent`: numbers that each unit keeps for its rows; a unit with more stops the run. "
        "Without it, as many as it can have at most, or 2^24 where that is not known.",
    )


class UniqueField(AnyField, frozen=True):
    """Codes that never come twice, in no order: a keyed permutation of all codes of the pattern."""

    type: Literal["unique"]
    pattern: str = Field(description=MASK)


class PatternField(AnyField, frozen=True):
    """Text that matches a regular expression (without look-around and back references) or a mask."""

    type: Literal["pattern"]
    regex: str | None = None
    mask: str | None = Field(None, description=MASK)

    @model_validator(mode="after")
    def _one(self) -> PatternField:
        if (self.regex is None) == (self.mask is None):
            raise ValueError("give either 'regex' or 'mask'")
        return self


class IdentifierField(AnyField, frozen=True):
    """Identifiers that belong to nobody: in test or unassigned ranges with right check digits, or with a wrong one where no range is free.

    Wrong by design is the check digit or letter of `card_visa`, `card_mastercard`, `card_amex`, `card_discover`, `card_jcb`, `card_diners`,
    `card_unionpay`, and of `dni_es`, `cpf_br`, `mynumber_jp` and `amka_gr`; no brand or register keeps a range for testing there. All other
    check digits are right. `card_visa_test` and so on give the one number that payment services publish for testing, check digit and all.
    """

    type: Literal["identifier"]
    of: str = Field(
        description="uuid, ipv4, ipv6, mac, user_agent, ean13, ean8, upc_a, isbn13, vin, imei, imsi, card_visa and other cards (wrong "
        "check digit), card_visa_test and others (one published number), iban_de and other countries, ssn_us and other national numbers; `iban` and `national` go by the row's locale.",
    )
    who: Name | None = Field(
        None, description="Person whose sex (and name, in Italy) stands in the number, where the form holds it."
    )
    born: str | None = Field(
        None, description="Date field that stands in the number, where the form holds a birth date."
    )


class PersonField(AnyField, frozen=True):
    """One side of a person; fields with the same `who` speak of the same one."""

    type: Literal["person"]
    part: Literal["sex", "title", "given_name", "surname", "name", "email", "username", "phone", "job"]
    who: Name = "person"
    where: Name = Field("place", description="Place whose telephone numbers the person has.")
    sex: str | None = Field(None, description="Field that holds the sex; without it, it is drawn with the person.")
    unique: bool = Field(
        False,
        description="For e-mail and username: no two rows have the same one, up to 10^18 rows, without a retry. Any range of units gives the same "
        "for one number of units; with another `-n` they are others.",
    )

    @model_validator(mode="after")
    def _unique_parts(self) -> PersonField:
        if self.unique and self.part not in ("email", "username"):
            raise ValueError("'unique' is for the parts 'email' and 'username'")
        return self


class PlaceField(AnyField, frozen=True):
    """One side of a place; fields with the same `where` speak of the same one.

    A `phone` has the `area_code` of the place, but in Spain: no area has free numbers there, and all begin with 970, which is no area's.
    """

    type: Literal["place"]
    part: Literal[
        "street", "address", "city", "region", "postcode", "country", "latitude", "longitude", "area_code", "phone"
    ]
    where: Name = "place"


class WordsField(AnyField, frozen=True):
    """Companies and products."""

    type: Literal["words"]
    of: Literal["company", "product"]


class ReferenceField(AnyField, frozen=True):
    """The key of some row of the first table or of a table with `rows`, whoever's it is.

    To the first table: any range of units gives the same for one number of units; with another `-n` rows refer to others.
    """

    type: Literal["reference"]
    to: str = Field(
        description="TABLE.FIELD, a sequence or unique field of a table with `rows`, or a field of the first table by its name."
    )
    earlier: bool = Field(
        False, description="Only rows before the row's own, as in a hierarchy; the first row then refers to none."
    )
    fan_out: int | None = Field(
        None, ge=1, description="With `earlier`: a tree in which each row has so many below it, filled level by level."
    )
    skew: float = Field(
        0.0, ge=0, le=20, description="0: all rows alike; the higher, the more often to the first ones: few have many."
    )
    weight: str | None = Field(
        None, description="Numeric field of the table with `rows`: how often each of them is referred to."
    )
    distinct: bool = Field(False, description="No row twice among the rows of a parent.")

    @model_validator(mode="after")
    def _one_way(self) -> ReferenceField:
        if self.fan_out is not None and not self.earlier:
            raise ValueError("'fan_out' is for references to 'earlier' rows")
        if self.earlier and (self.distinct or self.weight is not None):
            raise ValueError("'earlier' goes with neither 'weight' nor 'distinct'")
        if self.skew and (self.weight is not None or self.fan_out is not None):
            raise ValueError("'skew' goes with neither 'weight' nor 'fan_out'")
        return self


class ReferredField(AnyField, frozen=True):
    """A field of the row that a reference of this row is to."""

    type: Literal["referred"]
    by: str = Field(description="The field of this row that is the reference.")
    field: str = Field(description="The field of the other row.")


class UnderField(AnyField, frozen=True):
    """The key of an earlier row of the same parent under which the row hangs: trees, such as answers in a discussion."""

    type: Literal["under"]
    key: str = Field(description="A sequence or unique field of this table.")
    roots: float = Field(0.0, ge=0, le=1, description="Share of the rows that hang under none; the first never does.")
    depth: int = Field(2**31, ge=1, le=2**31, description="Most steps from the top to a row.")
    fan_out: int = Field(2**31, ge=1, le=2**31, description="Most rows directly under a row.")


class ValidFromField(AnyField, frozen=True):
    """When the period that the row is begins, in a table with `history`."""

    type: Literal["valid_from"]


class ValidToField(AnyField, frozen=True):
    """When the period ends, in a table with `history`: where the next begins; missing in the last."""

    type: Literal["valid_to"]
    inclusive: bool = Field(
        False, description="The last day (or microsecond) of the period instead of the beginning of the next."
    )


class AsOfField(AnyField, frozen=True):
    """What a field of a table with `history` was at an instant; missing before the first period."""

    type: Literal["as_of"]
    field: str = Field(description="TABLE.FIELD of a table with `history`.")
    at: str = Field(description="Expression over this row: the date or timestamp.")
    by: str | None = Field(
        None,
        description="Reference of this row to the row whose history it is; without it, the history hangs on an ancestor.",
    )


class StatesField(AnyField, frozen=True):
    """A state that changes along the rows of a parent, in their order: a Markov chain."""

    type: Literal["states"]
    start: Mapping[str, float] = Field(min_length=1, description="Weights of the states in the first row.")
    moves: Mapping[str, Mapping[str, float]] = Field(
        description="For each state the weights of the state in the next row; a state without any stays."
    )


class SplitField(AnyField, frozen=True):
    """The row's part of an amount of its parent: the parts of all its rows add up to it, to the last decimal."""

    type: Literal["split"]
    of: str = Field(description="Numeric field of the parent.")
    evenness: float = Field(1.0, gt=0, le=1e6, description="High: all parts alike; low: one has nearly all.")
    decimals: int = Field(2, ge=0, le=9)


class PieceField(AnyField, frozen=True):
    """A piece of an amount of the row: the pieces of the same `of` add up to it, to the last decimal."""

    type: Literal["piece"]
    of: str = Field(description="Numeric field of the row.")
    weight: float = Field(1.0, gt=0, description="Mean share of the piece, relative to the others.")
    evenness: float = Field(
        10.0, gt=0, le=1e6, description="High: shares are near their means. The first piece says it."
    )
    decimals: int = Field(2, ge=0, le=9)


class ListedField(AnyField, frozen=True):
    """The values of a table with `rows`, one for each row in order."""

    type: Literal["listed"]
    values: tuple[Stated, ...] = Field(min_length=1)


class EventTimeField(AnyField, frozen=True):
    """The instant of the event that the row is, in a table with `events`."""

    type: Literal["event_time"]
    seconds: bool = Field(True, description="True: whole seconds; false: microseconds.")


class EventKindField(AnyField, frozen=True):
    """Which of the `kinds` the event is that the row is, in a table with `events`."""

    type: Literal["event_kind"]


class TemplateField(AnyField, frozen=True):
    """Text with earlier fields in braces: 'Dear {title} {surname}'."""

    type: Literal["template"]
    text: str


class ExpressionField(AnyField, frozen=True):
    """Computed from other fields of the row, its parent and its children."""

    type: Literal["expression"]
    value: str


class ParentField(AnyField, frozen=True):
    """A field of the row's parent, such as its key."""

    type: Literal["parent"]
    field: str


def _spell_out(value: Any) -> Any:
    """Short forms: '= expression', a list of categories, a number or another text that stays the same."""
    if isinstance(value, str) and value.startswith("="):
        return {"type": "expression", "value": value[1:].strip()}
    if isinstance(value, list | tuple):
        return {"type": "category", "values": value}
    if isinstance(value, bool | int | float | str):
        return {"type": "constant", "value": value}
    return value


AnyFieldSpec = Annotated[
    Annotated[
        UniformField
        | IntegerField
        | NormalField
        | LognormalField
        | GammaField
        | BetaField
        | ExponentialField
        | WeibullField
        | ParetoField
        | TriangularField
        | StudentField
        | LogisticField
        | ZipfField
        | PoissonField
        | NegativeBinomialField
        | BinomialField
        | GeometricField
        | BooleanField
        | ConstantField
        | TableField
        | QuantilesField
        | PiecewiseField
        | MixtureField
        | CategoryField
        | ConditionalField
        | DateField
        | TimestampField
        | SequenceField
        | UniqueField
        | PatternField
        | IdentifierField
        | PersonField
        | PlaceField
        | WordsField
        | TemplateField
        | ExpressionField
        | ParentField
        | ReferenceField
        | ReferredField
        | UnderField
        | ValidFromField
        | ValidToField
        | AsOfField
        | StatesField
        | SplitField
        | PieceField
        | ListedField
        | EventTimeField
        | EventKindField
        | SampleTimeField
        | SampleNumberField
        | ReadingField
        | TrueValueField
        | FaultField
        | ArrivalField
        | DeliveryField
        | BatteryField
        | PlantedField
        | WalkField
        | AutoregressiveField,
        Field(discriminator="type"),
    ],
    BeforeValidator(_spell_out),
]
"""Any field, in full or in a short form."""

ConditionalField.model_rebuild()
