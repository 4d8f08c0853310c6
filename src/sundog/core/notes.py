"""What happened on the way, kept beside the value it happened to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PrivacySpend:
    """One release computed from real records under differential privacy.

    Attributes:
        mechanism: what was asked, and how noise came in.
        rho: its cost in zero-concentrated differential privacy.
        neighbours: what two tables may differ in that the release hides.
        epsilon: its cost in pure, or with ``delta`` approximate, differential privacy; None where the mechanism has no such
            bound (Gaussian noise).
        delta: chance that neither bound holds.
    """

    mechanism: str
    rho: float
    neighbours: str
    epsilon: float | None = None
    delta: float = 0.0


@dataclass(frozen=True, slots=True)
class Used:
    """One outside thing that the data depend on: a file, a model, an asset, a word list."""

    what: str
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """One unit that was made and not accepted, and why.

    Attributes:
        unit: number of the unit.
        reason: a short stable word (``copy``, ``constraint``), counted in the report.
        detail: a sentence for people; empty when it could tell something about a real record.
        keep: whether the values may be written under ``rejected/``. False where they equal a real record.
    """

    unit: int
    reason: str
    detail: str = ""
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a reader of the report must know about how the data were made."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the parameters of one thing come from: its line of provenance.

    Attributes:
        subject: what has the parameters: ``customers.age``, ``orders (number of rows)``.
        parameters: the parameters, in one line.
        text: where they come from: a public statistic, a list with its licence, a judgement.
    """

    subject: str
    parameters: str
    text: str


Means: TypeAlias = Literal["nothing", "releases", "statistics", "records"]
"""How private records can have come in, from the least to the most."""


@dataclass(frozen=True, slots=True)
class Dependence:
    """What a kind says about private records: by which means the data can depend on one.

    A kind gives it only where it can be shown from what the kind reads; of a part without this note nothing is claimed.

    Attributes:
        means: ``nothing``; ``releases``: differentially private ones, each a ``PrivacySpend``; ``statistics``: exact ones, which
            guarantee nothing; ``records``: the records themselves.
        text: what was read, in a sentence.
        epsilon: of all releases together, where they are the only means.
        delta: beside it.
    """

    means: Means
    text: str
    epsilon: float | None = None
    delta: float = 0.0


Note: TypeAlias = PrivacySpend | Used | Rejected | Remark | Origin | Dependence


class Noted(NamedTuple, Generic[T]):
    """A value and the notes of its making."""

    value: T
    notes: tuple[Note, ...] = ()
