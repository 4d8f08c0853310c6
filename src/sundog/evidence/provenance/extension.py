"""Announces the eight dimensions."""

from __future__ import annotations

from typing import Any

from sundog.core.extension import Extension
from sundog.evidence.provenance.recipe import DimensionsCheck


def _load() -> Any:
    from sundog.evidence.provenance.dimensions import Dimensions

    return Dimensions()


DIMENSIONS: Extension[Any] = Extension(
    kind="dimensions",
    spec=DimensionsCheck,
    load=_load,
    when=("quick", "full"),
    about="real against synthetic in eight dimensions, with numbers",
)
