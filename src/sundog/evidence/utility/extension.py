"""Announces the check of utility."""

from __future__ import annotations

from typing import Any

from sundog.core.extension import Extension
from sundog.evidence.utility.recipe import UtilityCheck


def _load() -> Any:
    from sundog.evidence.utility.check import Utility

    return Utility()


UTILITY: Extension[Any] = Extension(
    kind="utility",
    spec=UtilityCheck,
    load=_load,
    when=("quick", "full"),
    about="train on synthetic rows, test on real ones, against training on real rows",
)
