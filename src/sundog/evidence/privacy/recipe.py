"""What a recipe may say about the checks of privacy."""

from __future__ import annotations

from typing import Literal

from sundog.core.recipe import CheckSpec


class CopiesCheck(CheckSpec, frozen=True):
    """Whether generated rows equal training rows, exactly or but for one column, more often than chance explains."""

    kind: Literal["copies"] = "copies"


class MembershipCheck(CheckSpec, frozen=True):
    """Whether the synthetic table tells who was in the training records."""

    kind: Literal["membership"] = "membership"
