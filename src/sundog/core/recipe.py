"""What the user asks for. Nothing here imports anything heavy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, Field, SerializeAsAny, ValidationInfo, model_validator

from sundog.core.errors import Problem

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]

LEAST_SUPPORT = 10
"""Real rows that must share a value before it may come out, where nothing else is stated."""


class Spec(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
    """Base of everything written in a recipe: frozen, and unknown names are errors."""


NO_UNITS = "'units' is needed: how many to make"
REST = MappingProxyType({"rest": True})
"""Context in which a part that has faults is read once more: what concerns it as a whole is then mended in silence, since it was
told already, so that the faults inside of it are found too."""


def is_rest(info: ValidationInfo) -> bool:
    """Whether a part with faults is read once more, see ``REST``."""
    return info.context is REST


def tell_wrong(where: str, what: str, fix: str) -> Problem:
    """A value of a recipe that cannot stand at its place."""
    return Problem("SD-RECIPE-008", where, what, fix)


class SourceSpec(Spec, frozen=True):
    """Real records to learn from and to judge against."""

    path: str = Field(
        description="File, directory of parts, or any fsspec URL: CSV, TSV, Parquet, Arrow, JSONL, and gz or zst of them."
    )
    holdout: str | None = Field(
        None, description="Real records that the synthesizer must never see. Without it, a share of `path` is held out."
    )
    holdout_share: float = Field(
        0.2,
        ge=0.0,
        lt=1.0,
        description="Share of the records (or persons) held out when `holdout` is not given. 0 holds nothing out, and most evidence is then skipped.",
    )
    stratify: str | None = Field(
        None, description="Column whose shares the holdout keeps. Default: the target, if there is one."
    )
    person: str | None = Field(
        None, description="Column that names the person. Holdout, copies and attacks then go by person."
    )
    licence: str = Field("not stated", description="Licence of the records, written into the manifest.")
    format: Literal["auto", "csv", "tsv", "parquet", "arrow", "jsonl"] = "auto"
    types: Mapping[str, str] = Field(
        default_factory=dict,
        description="Arrow type of a column where the inferred one is wrong: int64, float64, string, bool, date32, timestamp, time64, duration.",
    )


class Groups(Spec, frozen=True):
    """Units made of several units of an earlier part."""

    of: Name
    size: int = Field(ge=1)


class Part(Spec, frozen=True):
    """One kind of data in the dataset. Each kind subclasses this once, with a Literal ``kind``."""

    count_noun: ClassVar[str] = "units"

    kind: str
    units: int | None = Field(
        None,
        ge=1,
        description="How many rows, patients, scenes or scenarios to make. Chained parts have as many as they are given, and so do rows that are completed.",
    )
    of: Name | None = Field(None, description="Earlier part whose accepted units this part gets, one unit for each.")
    each: str | None = Field(
        None,
        pattern=r"^[a-z][a-z0-9_]*\.[A-Za-z0-9_]+$",
        description="PART.TABLE: one unit for each row of that table.",
    )
    groups: Groups | None = Field(None, description="One unit for every `size` units of an earlier part.")
    attempts: float = Field(
        20.0,
        ge=1.0,
        description="Limit of attempted units as a multiple of `units`; beyond it, or as soon as it is clear that they will not do, the run ends with exit 3.",
    )

    @model_validator(mode="after")
    def _one_chain(self, info: ValidationInfo) -> Part:
        chains = [n for n in ("of", "each", "groups") if getattr(self, n) is not None]
        if is_rest(info):
            lacking = not chains and self.units is None and not self.finds_units()
            return self.model_copy(update={"units": 1}) if lacking else self
        if len(chains) > 1:
            raise ValueError(f"a part is chained by one of 'of', 'each' and 'groups', not by {' and '.join(chains)}")
        if not chains and self.units is None and not self.finds_units():
            raise ValueError(NO_UNITS)
        return self

    def finds_units(self) -> bool:
        """Whether the number of units follows from what the part reads; its kind is then ``protocols.Counting``."""
        return False

    def least_support(self, column: str) -> int:
        """Real rows (or persons, where they are named) that must share a value of a column before a report may show it."""
        return LEAST_SUPPORT

    def claims_privacy(self) -> bool:
        """Whether all that leaves the part about its records are differentially private releases.

        The road then hands the records over as text, with no type found in them; splits by the content of each record, so that
        one more changes nothing for the others; and publishes no count, hash or remark of the records beside the releases.
        """
        return False

    @property
    def after(self) -> str | None:
        """The earlier part that this one is chained to."""
        if self.of is not None:
            return self.of
        if self.each is not None:
            return self.each.split(".")[0]
        return self.groups.of if self.groups is not None else None


class CheckSpec(Spec, frozen=True):
    """One question that the report must answer. Each check subclasses this once, with a Literal ``kind``."""

    kind: str
    of: Name | None = Field(None, description="Part that is asked about; without it, every part the check can read.")


class SinkSpec(Spec, frozen=True):
    """How the rows of a stream are sent. Each sink subclasses this once; it is no part of a recipe."""


class EvidenceSpec(Spec, frozen=True):
    """How much evidence is gathered, and what releases the data."""

    level: Literal["none", "quick", "full"] = Field(
        "quick",
        description="`quick` ends unassessed and withholds only on copies or broken constraints; only `full` can release.",
    )
    policy: Literal["standard", "strict"] = Field(
        "standard", description="Under `strict` an inconclusive risk withholds."
    )
    limits: Mapping[str, float] = Field(
        default_factory=dict,
        description="Limit on a finding by its check id (for example `fidelity.c2st: 0.6`); beyond it the bundle is withheld.",
    )


class ReleaseSpec(Spec, frozen=True):
    """What the privacy report says of the release: written into it as it stands, and left as lines to fill in where it is missing."""

    purpose: str = Field("", description="What the data are for.")
    recipients: str = Field("", description="Who gets them.")
    mode: str = Field("", description="How they are released: published, under a contract, in a secure room.")
    legal_basis: str = Field("", description="Legal basis of processing the source.")
    controller: str = Field("", description="Who decides about the source and answers for the release.")
    contact: str = Field("", description="Whom to ask, and to tell when somebody was recognised.")
    retention_source: str = Field("", description="How long the source is kept, and where.")
    retention_model: str = Field("", description="How long the fitted model is kept, and who may use it.")
    retest_after: str = Field("", description="When the tests are due again: a date, or an event.")
    inventory: Mapping[str, Literal["identifier", "quasi-identifier", "special category", "other"]] = Field(
        default_factory=dict, description="What a column is, where its name does not say or says something wrong."
    )


def _with_kind(group: str, base: type[Spec], value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, base) and type(value) is not base:
        return value
    from sundog.core.extension import spec_of

    return spec_of(group, value).model_validate(value, context=info.context)


def _part(value: Any, info: ValidationInfo) -> Any:
    return _with_kind("sundog.kinds", Part, value, info)


def _check(value: Any, info: ValidationInfo) -> Any:
    return _with_kind("sundog.checks", CheckSpec, value, info)


class Recipe(Spec, frozen=True):
    """The whole request."""

    format: Literal[1] = 1
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    seed: int = Field(0, ge=0, lt=2**63)
    as_of: str | None = Field(
        None, pattern=r"^\d{4}-\d{2}-\d{2}$", description="The day that counts as today; the clock is never read."
    )
    description: str = ""
    licence: str = Field("not stated", description="Licence of the dataset that comes out.")
    parts: Mapping[Name, Annotated[SerializeAsAny[Part], BeforeValidator(_part)]] = Field(min_length=1)
    evidence: EvidenceSpec = EvidenceSpec()
    release: ReleaseSpec | None = Field(None, description="What the privacy report says of purpose and recipients.")
    checks: tuple[Annotated[SerializeAsAny[CheckSpec], BeforeValidator(_check)], ...] = ()

    @model_validator(mode="after")
    def _chains_point_back(self) -> Recipe:
        seen: list[str] = []
        for name, part in self.parts.items():
            if part.after is not None and part.after not in seen:
                raise ValueError(
                    f"part {name!r} is chained to {part.after!r}, which is not an earlier part ({', '.join(seen) or 'there is none'})"
                )
            seen.append(name)
        for check in self.checks:
            if check.of is not None and check.of not in self.parts:
                raise ValueError(f"a check is of {check.of!r}, which is not a part ({', '.join(self.parts)})")
        return self
