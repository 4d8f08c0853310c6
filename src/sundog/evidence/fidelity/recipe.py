"""What a recipe may say about the checks of fidelity."""

from __future__ import annotations

from typing import Literal

from sundog.core.recipe import CheckSpec


class ColumnsCheck(CheckSpec, frozen=True):
    """Whether each column by itself is distributed like the real one: values, missing ones, rare ones, tails."""

    kind: Literal["columns"] = "columns"


class AssociationsCheck(CheckSpec, frozen=True):
    """Whether columns hang together as they do in the real table: pairs, triples, correlations, missing values."""

    kind: Literal["associations"] = "associations"


class C2stCheck(CheckSpec, frozen=True):
    """Whether a classifier can tell synthetic rows from real ones, and by which columns."""

    kind: Literal["c2st"] = "c2st"
