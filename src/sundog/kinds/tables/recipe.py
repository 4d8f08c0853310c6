"""What a recipe may say about a learned table. Imports in milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from sundog.core.recipe import CheckSpec, Part, SourceSpec, Spec

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


class ColumnSpec(Spec, frozen=True):
    """Overrides what was inferred of one column."""

    meaning: Meaning | None = Field(None, description="How the values are to be read.")
    protect: bool = Field(
        True, description="Protect rare categories and extreme values. Switch it off only for public code lists."
    )
    drop: bool = Field(False, description="Leave the column out of the synthetic table.")
    minimum: float | None = Field(
        None, description="A public lower end; without one, the end is taken from the data and protected."
    )
    maximum: float | None = Field(None, description="A public upper end.")
    decimals: int | None = Field(None, ge=0, le=15, description="Decimal places.")
    min_support: int | None = Field(None, ge=1, description="Rows that a category needs before it may appear.")


class OrderedRule(Spec, frozen=True):
    """`low` <= `high` in every row where both are present."""

    rule: Literal["ordered"] = "ordered"
    low: str
    high: str


class SumRule(Spec, frozen=True):
    """`total` is the sum of `terms` in every row."""

    rule: Literal["sum"] = "sum"
    total: str
    terms: tuple[str, ...] = Field(min_length=2)


class FunctionRule(Spec, frozen=True):
    """`value` is a function of `of`: rows with the same `of` have the same `value`."""

    rule: Literal["function"] = "function"
    value: str
    of: str


class PairRule(Spec, frozen=True):
    """`latitude` and `longitude` are one point."""

    rule: Literal["point"] = "point"
    latitude: str
    longitude: str


Rule = Annotated[OrderedRule | SumRule | FunctionRule | PairRule, Field(discriminator="rule")]


class Between(Spec, frozen=True):
    """A range, both ends included; an open end is left out."""

    between: tuple[float | str | None, float | str | None]


class OneOf(Spec, frozen=True):
    """One of these values, with the model's own shares among them."""

    one_of: tuple[bool | int | float | str | None, ...] = Field(min_length=1)


class Shares(Spec, frozen=True):
    """Values with stated shares (they are scaled to sum to 1): rebalancing."""

    shares: Mapping[str, float] = Field(min_length=1)


Condition = Between | OneOf | Shares | bool | int | float | str


class CompleteSpec(Spec, frozen=True):
    """A table of rows to complete: its columns are kept, what is missing in it is drawn."""

    path: str
    format: Literal["auto", "csv", "tsv", "parquet", "arrow", "jsonl"] = "auto"
    times: int = Field(1, ge=1, description="How many synthetic rows each given row gets.")
    fill_missing: bool = Field(
        True,
        description="Fill what is missing with a value that is not missing (imputation); false: what is drawn may be missing, as in the real table.",
    )


class TreesSpec(Spec, frozen=True):
    """Settings of `trees`: boosted trees on the questions by which each column's code is found."""

    trees: int = Field(
        60,
        ge=1,
        le=2000,
        description="Trees for the questions of one level of one column; fewer in proportion on tables of under 10,000 rows.",
    )
    most_trees: int = Field(600, ge=1, le=4000, description="Most trees of a level that has much to learn.")
    held_out: float = Field(
        0.1,
        ge=0,
        le=0.5,
        description="Share of the rows held out from a pilot fit that says how much there is to learn; 0: no pilot.",
    )
    beyond: float = Field(
        3.0,
        ge=0,
        le=10,
        description="Trees of a level as a multiple of the number that serves the rows held out best, where that is above "
        "`trees`. More trees follow the real table closer, and its single rows too.",
    )
    learning_rate: float = Field(0.15, gt=0, le=1)
    leaves: int = Field(31, ge=2, le=32)
    min_leaf: int = Field(20, ge=5, description="Smallest number of rows in a leaf.")
    l2: float = Field(1.0, ge=0, description="Rows' worth of curvature added to each leaf: pulls leaf values to 0.")
    features: int = Field(
        40,
        ge=1,
        description="Most earlier columns that a column looks at; those that tell the most about it are taken.",
    )
    compared: int = Field(
        4, ge=0, description="Most earlier columns that a number is also compared with, question by question."
    )
    bins: int = Field(64, ge=2, le=4096, description="Bins of a numeric column.")


class ForestSpec(Spec, frozen=True):
    """Settings of `forest`: smoothed forest on column codes."""

    trees: int = Field(8, ge=1, le=500)
    min_leaf: int = Field(20, ge=5)
    shrink: float = Field(
        5.0, ge=0, description="Rows' worth of the parent's distribution that each node's distribution is mixed with."
    )
    rows: float = Field(
        0.8,
        gt=0,
        le=1,
        description="Share of the rows from which a tree's splits are learned; its leaves hold all rows.",
    )
    try_features: float = Field(0.6, gt=0, le=1, description="Share of the features that a split chooses from.")
    features: int = Field(
        40,
        ge=1,
        description="Most earlier columns that a column looks at; those that tell the most about it are taken.",
    )
    bins: int = Field(64, ge=2, le=4096)


class TablesPart(Part, frozen=True):
    """A table learned from a real one."""

    count_noun: ClassVar[str] = "rows"

    kind: Literal["tables"] = "tables"
    source: SourceSpec | None = Field(None, description="Real records to learn from.")
    model: str | None = Field(
        None,
        description="Folder of a bundle, or of a saved model, to sample from instead of learning: no real record is needed.",
    )
    method: Literal["trees", "forest"] = "trees"
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
        None, description="A table of rows to complete: what it leaves blank is drawn."
    )
    copies: Literal["count", "reject"] = Field(
        "count",
        description="`reject` draws a row again when it equals a training row; the report shows what that does to membership inference.",
    )
    learn_rows: int = Field(
        500_000,
        ge=100,
        description="Learn from at most this many training rows, drawn at random; the report says so when it takes effect.",
    )
    trees: TreesSpec = TreesSpec()
    forest: ForestSpec = ForestSpec()

    @model_validator(mode="after")
    def _source_or_model(self) -> TablesPart:
        if (self.source is None) == (self.model is None):
            raise ValueError(
                "give either 'source', to learn from real records, or 'model', to sample from a fitted one"
            )
        if self.given is not None and self.complete is not None:
            raise ValueError("give either 'given' or 'complete'")
        return self

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
        return found


class RulesCheck(CheckSpec, frozen=True):
    """Whether every row keeps the rules of the table (ordered pairs, sums, functions, ranges)."""

    kind: Literal["rules"] = "rules"
