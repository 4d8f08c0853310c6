"""What a recipe may say about the check of utility."""

from __future__ import annotations

from typing import Literal

from sundog.core.recipe import CheckSpec


class UtilityCheck(CheckSpec, frozen=True):
    """Whether models trained on synthetic rows do as well on real rows as models trained on real rows."""

    kind: Literal["utility"] = "utility"
    target: str | None = None
    """Column to predict; without one, the part's ``target``."""
