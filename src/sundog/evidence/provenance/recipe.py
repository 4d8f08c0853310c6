"""What a recipe may say about where data come from."""

from __future__ import annotations

from typing import Literal

from sundog.core.recipe import CheckSpec


class DimensionsCheck(CheckSpec, frozen=True):
    """Real against synthetic in eight dimensions: source, privacy risk, cost, legal, rare cases, quality ceiling, scale, generation."""

    kind: Literal["dimensions"] = "dimensions"
