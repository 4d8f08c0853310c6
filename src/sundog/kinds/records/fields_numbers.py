"""What a recipe says of numeric fields: one spec a law."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from sundog.core.recipe import Spec

Number = int | float | str
"""A number, or an expression over earlier fields of the row that gives one."""


def _is_small(value: int | str) -> int | str:
    if isinstance(value, int) and not -(2**62) <= value <= 2**62:
        raise ValueError(f"a whole number lies within 2**62, not at {value}")
    return value


def _fits(value: bool | int | float | str) -> bool | int | float | str:
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError(f"a whole number has 64 bits, which {value} has not")
    return value


Stated = Annotated[bool | int | float | str, AfterValidator(_fits)]
"""A value as it is written."""

WholeNumber = Annotated[int | str, AfterValidator(_is_small)]
"""A whole number, or an expression that gives one."""


Share = Annotated[float, Field(ge=0, le=1)]


class Missing(Spec, frozen=True):
    """Values that are not there, more often under a condition."""

    share: float | str = Field(
        0.0,
        description="Share of the rows without a value: a number, or an expression over the row, the field among it.",
    )
    when: str | None = Field(None, description="Expression; where it holds, `share_when` takes the place of `share`.")
    share_when: float = Field(1.0, ge=0, le=1)
    together: str | None = Field(None, description="Fields with the same name here are missing in the same rows.")

    @model_validator(mode="after")
    def _share(self) -> Missing:
        if not isinstance(self.share, str) and not 0 <= self.share <= 1:
            raise ValueError(f"'share' lies between 0 and 1, not at {self.share}")
        return self


class AnyField(Spec, frozen=True):
    """What every field has."""

    missing: Share | Missing = Field(0.0, description="Share of the rows without a value, or shares by a condition.")
    keep: bool = Field(True, description="False: a helper that later fields read, left out of what is written.")
    origin: str = Field(
        "", description="Where the parameters come from, for the privacy argument: a public statistic, a judgement."
    )


class NumberField(AnyField, frozen=True):
    """What every number drawn from a law has."""

    low: Number | None = Field(None, description="The law is cut off below this; a number, or an expression.")
    high: Number | None = Field(None, description="The law is cut off above this; a number, or an expression.")
    zeros: float = Field(0.0, ge=0, lt=1, description="Share of values that are exactly 0, whatever the law.")
    decimals: int | None = Field(None, ge=0, le=12, description="Decimal places kept; 0 gives whole numbers.")
    step: float | None = Field(None, gt=0, description="Values are multiples of this.")


class UniformField(NumberField, frozen=True):
    """Evenly between two ends; the ends are `low` and `high`."""

    type: Literal["uniform"]
    low: Number
    high: Number


class IntegerField(AnyField, frozen=True):
    """Whole numbers, evenly from `low` to `high`, both of them included."""

    type: Literal["integer"]
    low: WholeNumber
    high: WholeNumber


class NormalField(NumberField, frozen=True):
    """Normal law."""

    type: Literal["normal"]
    mean: Number
    sd: Number


class LognormalField(NumberField, frozen=True):
    """Lognormal law, by its median and the standard deviation of the logarithm."""

    type: Literal["lognormal"]
    median: Number
    spread: Number = Field(
        description="Standard deviation of the logarithm; .5: two thirds lie within a factor of 1.65."
    )


class GammaField(NumberField, frozen=True):
    """Gamma law, by its shape and mean."""

    type: Literal["gamma"]
    shape: Number
    mean: Number


class BetaField(NumberField, frozen=True):
    """Beta law, stretched from 0..1 to `from` .. `to`."""

    type: Literal["beta"]
    a: Number
    b: Number
    start: float = 0.0
    stop: float = 1.0


class ExponentialField(NumberField, frozen=True):
    """Exponential law."""

    type: Literal["exponential"]
    mean: Number


class WeibullField(NumberField, frozen=True):
    """Weibull law."""

    type: Literal["weibull"]
    shape: Number
    scale: Number


class ParetoField(NumberField, frozen=True):
    """Pareto law: density falls with the power `alpha` + 1 from `minimum` on."""

    type: Literal["pareto"]
    alpha: Number
    minimum: Number


class TriangularField(NumberField, frozen=True):
    """Triangular law on `low` .. `high` with its top at `mode`."""

    type: Literal["triangular"]
    low: Number
    high: Number
    mode: Number


class StudentField(NumberField, frozen=True):
    """Student's t law, moved and stretched."""

    type: Literal["student_t"]
    degrees: float
    mean: Number = 0.0
    scale: Number = 1.0


class LogisticField(NumberField, frozen=True):
    """Logistic law."""

    type: Literal["logistic"]
    mean: Number
    scale: Number


class ZipfField(AnyField, frozen=True):
    """Ranks 1 to `n`; rank k with a probability that falls as k to the power -`exponent`."""

    type: Literal["zipf"]
    exponent: float = Field(gt=0)
    n: int = Field(ge=1, le=10**9)


class PoissonField(AnyField, frozen=True):
    """Counts with the variance of their mean."""

    type: Literal["poisson"]
    mean: Number


class NegativeBinomialField(AnyField, frozen=True):
    """Counts with more variance than a Poisson law: mean + mean squared over `size`."""

    type: Literal["negative_binomial"]
    mean: Number
    size: Number


class BinomialField(AnyField, frozen=True):
    """Successes in `trials`."""

    type: Literal["binomial"]
    trials: int | str
    share: Number


class GeometricField(AnyField, frozen=True):
    """Failures before the first success."""

    type: Literal["geometric"]
    share: Number


class BooleanField(AnyField, frozen=True):
    """True with probability `share`."""

    type: Literal["boolean"]
    share: Number


class ConstantField(AnyField, frozen=True):
    """The same in every row."""

    type: Literal["constant"]
    value: Stated


class TableField(AnyField, frozen=True):
    """Numbers with weights."""

    type: Literal["table"]
    values: Mapping[Annotated[int | float, AfterValidator(_fits)], float] = Field(min_length=1)


class QuantilesField(NumberField, frozen=True):
    """Quantiles by their probability, straight lines between them; 0 and 1 are the ends."""

    type: Literal["quantiles"]
    points: Mapping[float, float] = Field(min_length=2)

    @model_validator(mode="after")
    def _ends(self) -> QuantilesField:
        if 0.0 not in self.points or 1.0 not in self.points:
            raise ValueError("'points' needs the quantiles 0 and 1, which are the ends")
        return self


class PiecewiseField(NumberField, frozen=True):
    """A density made of straight lines: its height (in any unit) at points along the axis."""

    type: Literal["piecewise"]
    heights: Mapping[float, float] = Field(min_length=2)


class WeightedLaw(Spec, frozen=True):
    """One part of a mixture."""

    weight: float = Field(gt=0)
    law: NumericLaw


class MixtureField(NumberField, frozen=True):
    """One of several laws, by weight."""

    type: Literal["mixture"]
    parts: tuple[WeightedLaw, ...] = Field(min_length=1)


class WalkField(AnyField, frozen=True):
    """Along the rows of a parent, in their order: each value is the one before it and a step."""

    type: Literal["walk"]
    start: float = 0.0
    step: NumericLaw
    low: float | None = Field(None, description="The walk is thrown back here.")
    high: float | None = None


class AutoregressiveField(AnyField, frozen=True):
    """Along the rows of a parent: deviations from `mean` that fade by the factor `memory` from one row to the next."""

    type: Literal["ar1"]
    mean: float = 0.0
    sd: float = Field(description="Standard deviation of the values, not of the steps.")
    memory: float = Field(description="Correlation of neighbouring rows.")


NumericLaw = Annotated[
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
    | ConstantField
    | TableField
    | QuantilesField
    | PiecewiseField
    | MixtureField,
    Field(discriminator="type"),
]
"""Laws that give a number and depend on no other row."""

WeightedLaw.model_rebuild()
MixtureField.model_rebuild()
WalkField.model_rebuild()
