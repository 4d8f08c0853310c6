"""Announces the checks of fidelity."""

from __future__ import annotations

from typing import Any

from sundog.core.extension import Extension
from sundog.evidence.fidelity.recipe import AssociationsCheck, C2stCheck, ColumnsCheck


def _columns() -> Any:
    from sundog.evidence.fidelity.columns import Columns

    return Columns()


def _associations() -> Any:
    from sundog.evidence.fidelity.associations import Associations

    return Associations()


def _c2st() -> Any:
    from sundog.evidence.fidelity.c2st import C2st

    return C2st()


COLUMNS: Extension[Any] = Extension(
    kind="columns",
    spec=ColumnsCheck,
    load=_columns,
    when=("quick", "full"),
    about="each column by itself: values, missing and rare ones, tails",
)
ASSOCIATIONS: Extension[Any] = Extension(
    kind="associations",
    spec=AssociationsCheck,
    load=_associations,
    when=("quick", "full"),
    about="pairs, triples, correlations, missing values together",
)
C2ST: Extension[Any] = Extension(
    kind="c2st",
    spec=C2stCheck,
    load=_c2st,
    when=("quick", "full"),
    about="whether a classifier can tell synthetic rows from real ones",
)
