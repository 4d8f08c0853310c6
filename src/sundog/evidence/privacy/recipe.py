"""What a recipe may say about the checks of privacy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sundog.core.recipe import CheckSpec


class CopiesCheck(CheckSpec, frozen=True):
    """Whether generated rows equal training rows, exactly or but for one column, more often than chance explains."""

    kind: Literal["copies"] = "copies"


class MembershipCheck(CheckSpec, frozen=True):
    """Whether the synthetic table tells who was in the training records."""

    kind: Literal["membership"] = "membership"


class SinglingOutCheck(CheckSpec, frozen=True):
    """Whether conditions read off the synthetic table single out a person in the training records."""

    kind: Literal["singling_out"] = "singling_out"
    queries: int = Field(2_000, ge=200, le=20_000, description="Conditions tried of each form, at most.")


class LinkabilityCheck(CheckSpec, frozen=True):
    """Whether the synthetic table links two tables that hold different columns of the same people."""

    kind: Literal["linkability"] = "linkability"
    splits: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = Field(
        (),
        description="Pairs of lists of columns: what the one and the other table hold. Default: the first half of the columns against the second, and every other column against the rest.",
    )


class InferenceCheck(CheckSpec, frozen=True):
    """Whether the synthetic table tells a secret column of a person of whom all else is known."""

    kind: Literal["inference"] = "inference"
    secrets: tuple[str, ...] = Field((), description="Columns to be found out. Default: each of them in turn.")
    known: tuple[str, ...] = Field((), description="Columns that the attacker knows. Default: all but the secret.")


class MembershipEnsembleCheck(CheckSpec, frozen=True):
    """Whether the best of many attacks tells who was in the training records."""

    kind: Literal["membership_ensemble"] = "membership_ensemble"


class ProtectionCheck(CheckSpec, frozen=True):
    """What the synthetic table keeps of rare categories, extreme values and outlying records."""

    kind: Literal["protection"] = "protection"


class IdentifiersCheck(CheckSpec, frozen=True):
    """Which columns of the real records hold personal data, and whether synthetic texts hold identifiers of theirs."""

    kind: Literal["identifiers"] = "identifiers"
