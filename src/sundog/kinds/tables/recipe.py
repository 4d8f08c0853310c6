"""What a recipe may say about a learned table. Imports in milliseconds."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from numbers import Integral
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from sundog.core.recipe import LEAST_SUPPORT, CheckSpec, Part, SourceSpec, Spec
from sundog.kinds.tables.recipe_methods import ForestSpec, MarginalsSpec, TreesSpec

Meaning = Literal[
    "integer",
    "decimal",
    "category",
    "boolean",
    "date",
    "timestamp",
    "time",
    "duration",
    "constant",
    "identifier",
    "email",
    "phone",
    "iban",
    "name",
    "text",
]


def _read_text(value: object) -> object:
    """A value by its text: YAML reads an unquoted 1 as a number and an unquoted true as a boolean."""
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int | float) else value


class ColumnSpec(Spec, frozen=True):
    """Overrides what was inferred of one column."""

    meaning: Meaning | None = Field(None, description="How the values are to be read.")
    protect: bool = Field(
        True, description="Protect rare categories and extreme values. Switch it off only for public code lists."
    )
    drop: bool = Field(False, description="Leave the column out of the synthetic table.")
    minimum: float | str | None = Field(
        None,
        description="A public lower end: a number, or an ISO date, time or timestamp; without one, the end is taken from the data and protected.",
    )
    maximum: float | str | None = Field(None, description="A public upper end.")
    decimals: int | None = Field(None, ge=0, le=15, description="Decimal places.")
    min_support: int | None = Field(None, ge=1, description="Rows that a category needs before it may appear.")
    values: tuple[Annotated[str, BeforeValidator(_read_text)], ...] | None = Field(
        None,
        min_length=1,
        description="`marginals`: all values that the column can have, as public knowledge; rows with another one count as others.",
    )

    @model_validator(mode="after")
    def _once(self) -> ColumnSpec:
        twice = [v for i, v in enumerate(self.values or ()) if v in (self.values or ())[:i]]
        if twice:
            raise ValueError(f"the values name {twice[0]!r} twice")
        return self


class OrderedRule(Spec, frozen=True):
    """`low` <= `high` in every row where both are present."""

    rule: Literal["ordered"] = "ordered"
    low: str
    high: str

    @model_validator(mode="after")
    def _two_columns(self) -> OrderedRule:
        _need_different("low", self.low, "high", (self.high,))
        return self


class SumRule(Spec, frozen=True):
    """`total` is the sum of `terms` in every row."""

    rule: Literal["sum"] = "sum"
    total: str
    terms: tuple[str, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _not_of_itself(self) -> SumRule:
        _need_different("total", self.total, "terms", self.terms)
        return self


class FunctionRule(Spec, frozen=True):
    """`value` is a function of `of`: rows with the same `of` have the same `value`."""

    rule: Literal["function"] = "function"
    value: str
    of: str

    @model_validator(mode="after")
    def _two_columns(self) -> FunctionRule:
        _need_different("value", self.value, "of", (self.of,))
        return self


class PairRule(Spec, frozen=True):
    """`latitude` and `longitude` are one point."""

    rule: Literal["point"] = "point"
    latitude: str
    longitude: str

    @model_validator(mode="after")
    def _two_columns(self) -> PairRule:
        _need_different("latitude", self.latitude, "longitude", (self.longitude,))
        return self


def _need_different(one: str, name: str, other: str, names: tuple[str, ...]) -> None:
    if name in names:
        raise ValueError(f"{one!r} and {other!r} both name {name!r}; a rule is between different columns")


Rule = Annotated[OrderedRule | SumRule | FunctionRule | PairRule, Field(discriminator="rule")]


def _read_value(value: object) -> object:
    """A single value as it stands in a condition: one complaint, not one for each type that it is not."""
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if value is not None and not isinstance(value, bool | float | str | Integral):
        raise ValueError("a single value is needed here: a number, a text, true or false")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a finite number is needed here")
    return value


def _read_shares(value: object) -> object:
    """Values by their text: YAML reads an unquoted 1 as a number and an unquoted true as a boolean."""
    if not isinstance(value, Mapping):
        return value
    found: dict[str, object] = {}
    for name, share in value.items():
        if name is None:
            raise ValueError("a missing value has no share; shares are of values that are there")
        told = _read_value(name)
        text = told if isinstance(told, str) else str(told).lower() if isinstance(told, bool) else str(told)
        if text in found:
            raise ValueError(f"{text!r} is there twice")
        found[text] = share
    return found


Value = Annotated[bool | int | float | str, BeforeValidator(_read_value)]


class Between(Spec, frozen=True):
    """A range, both ends included; an open end is left out."""

    between: tuple[
        Annotated[float | str | None, BeforeValidator(_read_value)],
        Annotated[float | str | None, BeforeValidator(_read_value)],
    ]


class OneOf(Spec, frozen=True):
    """One of these values, with the model's own shares among them."""

    one_of: tuple[Annotated[bool | int | float | str | None, BeforeValidator(_read_value)], ...] = Field(min_length=1)


class Shares(Spec, frozen=True):
    """Values with stated shares (they are scaled to sum to 1): rebalancing."""

    shares: Annotated[Mapping[str, Annotated[float, Field(ge=0)]], BeforeValidator(_read_shares)] = Field(min_length=1)


_FORMS: Mapping[str, type[Spec]] = {"between": Between, "one_of": OneOf, "shares": Shares}


def _name_form(value: object) -> str | None:
    """Which form a condition has, in brackets: a step that no recipe has and that no message shows."""
    if isinstance(value, Mapping):
        found = [name for name in _FORMS if name in value]
        return f"[{found[0]}]" if len(found) == 1 else None
    stated = [name for name, form in _FORMS.items() if isinstance(value, form)]
    if stated:
        return f"[{stated[0]}]"
    return None if value is None or isinstance(value, list | tuple | set) else "[value]"


Condition = Annotated[
    Annotated[Between, Tag("[between]")]
    | Annotated[OneOf, Tag("[one_of]")]
    | Annotated[Shares, Tag("[shares]")]
    | Annotated[Value, Tag("[value]")],
    Discriminator(
        _name_form,
        custom_error_type="condition",
        custom_error_message="a condition is a single value, or one of 'between: [low, high]', 'one_of: [values]' and 'shares: {value: share}'",
    ),
]


class CompleteSpec(Spec, frozen=True):
    """A table of rows to complete: its columns are kept, what is missing in it is drawn."""

    path: str
    format: Literal["auto", "csv", "tsv", "parquet", "arrow", "jsonl"] = "auto"
    times: int = Field(1, ge=1, description="How many synthetic rows each given row gets.")
    fill_missing: bool = Field(
        True,
        description="Fill what is missing with a value that is not missing (imputation); false: what is drawn may be missing, as in the real table.",
    )


class TablesPart(Part, frozen=True):
    """A table learned from a real one."""

    count_noun: ClassVar[str] = "rows"

    kind: Literal["tables"] = "tables"
    source: SourceSpec | None = Field(None, description="Real records to learn from.")
    model: str | None = Field(
        None,
        description="Folder of a bundle, or of a saved model, to sample from instead of learning: no real record is needed.",
    )
    method: Literal["trees", "forest", "marginals"] = Field(
        "trees", description="`marginals` is differentially private, and the only one that is."
    )
    epsilon: float | None = Field(
        None, description="`marginals`: what the whole table may cost in differential privacy; smaller hides more."
    )
    delta: float = Field(1e-9, description="`marginals`: chance that epsilon does not hold; well below 1 / rows.")
    domain: Literal["private", "declared"] = Field(
        "private",
        description="`marginals`: `private` finds types, ranges and values that are not stated, within epsilon; `declared` asks for all of them under `columns`.",
    )
    budget: float | None = Field(
        None,
        description="`marginals`: epsilon that all releases about the source may cost together, over all runs; without it `epsilon`.",
    )
    person_rows: int = Field(
        1,
        ge=1,
        description="`marginals` with `source.person`: rows of one person that are read, the others are left out.",
    )
    privacy: Literal["standard", "strict"] = Field(
        "standard",
        description="`strict` asks for more support everywhere; what it costs in fidelity is in docs/how-to/replicate.md.",
    )
    target: str | None = Field(
        None, description="Column whose prediction the report uses for utility; the holdout keeps its shares."
    )
    weights: str | None = Field(
        None,
        description="Column of row weights. The synthetic rows stand for the weighted population, and the column is left out.",
    )
    columns: Mapping[str, ColumnSpec] = Field(default_factory=dict)
    rules: Literal["found", "none"] | tuple[Rule, ...] = Field(
        "found", description="`found`: keep those found in the data. A list keeps exactly these."
    )
    given: Mapping[str, Condition] | None = Field(
        None, description="Conditions on columns: a value, a range, a choice, or shares."
    )
    complete: CompleteSpec | None = Field(
        None,
        description="A table of rows to complete: what it leaves blank is drawn. Without `units` there are as many rows as are given, `times` each; with more `units` it begins again with the first row, with fewer it leaves off earlier.",
    )
    copies: Literal["count", "reject"] = Field(
        "count",
        description="`reject` draws a row again when it equals a training row; the report shows what that does to membership inference.",
    )
    pii: Literal["withhold", "replace"] = Field(
        "withhold",
        description="`withhold`: identifiers are remade one by one, free text and addresses are left out. `replace`: false persons of the same locale and sex, and free text "
        "from templates that enough persons share (needs the extra `pii`; docs/how-to/pii.md says what risk is left).",
    )
    learn_rows: int = Field(
        500_000,
        ge=100,
        description="Learn from at most this many training rows, drawn at random; the report says so when it takes effect.",
    )
    impossible: tuple[Mapping[str, Condition], ...] = Field(
        (),
        description="`marginals`: combinations that cannot be, as public knowledge: each a condition on columns that no row meets.",
    )
    trees: TreesSpec = TreesSpec()
    forest: ForestSpec = ForestSpec()
    marginals: MarginalsSpec = MarginalsSpec()

    @model_validator(mode="after")
    def _source_or_model(self) -> TablesPart:
        if (self.source is None) == (self.model is None):
            raise ValueError(
                "give either 'source', to learn from real records, or 'model', to sample from a fitted one"
            )
        if self.given is not None and self.complete is not None:
            raise ValueError("give either 'given' or 'complete'")
        if self.pii == "replace" and self.complete is not None:
            raise ValueError(
                "rows to complete hold the identifiers of those who gave them, so 'pii: replace' and 'complete' exclude each other"
            )
        return self

    def finds_units(self) -> bool:
        """Rows to complete say how many there are, and so does the noisy count of a private table."""
        return self.complete is not None or self.claims_privacy()

    def claims_privacy(self) -> bool:
        """Whether nothing but differentially private releases leaves this part."""
        return self.method == "marginals"

    def least_support(self, column: str) -> int:
        """Real rows that must share a value before a report may show it: as many as the model asks for."""
        stated = self.columns.get(column, ColumnSpec())
        if not stated.protect:
            return 1
        own = 2 * LEAST_SUPPORT if self.privacy == "strict" else LEAST_SUPPORT
        return own if stated.min_support is None else stated.min_support

    def mentions(self) -> Mapping[str, str]:
        """Column names that the recipe mentions, with the place of each, for checking against the source."""
        found: dict[str, str] = {}
        if self.target is not None:
            found[self.target] = "target"
        if self.weights is not None:
            found[self.weights] = "weights"
        for name in self.columns:
            found[name] = f"columns.{name}"
        for name in self.given or {}:
            found[name] = f"given.{name}"
        for i, condition in enumerate(self.impossible):
            for name in condition:
                found[name] = f"impossible.{i}.{name}"
        return found


class CanariesCheck(CheckSpec, frozen=True):
    """Whether planted rows give away more than epsilon allows: the method is run once more with made-up rows among the real ones."""

    kind: Literal["canaries"] = "canaries"
    canaries: int = Field(1_000, ge=10, le=100_000, description="Rows that are planted or not, by a coin each.")
    confidence: float = Field(0.95, gt=0.5, lt=1, description="Of the lower bound on epsilon.")


class RulesCheck(CheckSpec, frozen=True):
    """Whether every row keeps the rules of the table (ordered pairs, sums, functions, ranges)."""

    kind: Literal["rules"] = "rules"


class TextsCheck(CheckSpec, frozen=True):
    """How many persons share the words of each synthetic free text (`pii: replace`)."""

    kind: Literal["texts"] = "texts"
