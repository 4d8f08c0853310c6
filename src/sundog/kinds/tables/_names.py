"""Names of columns that a recipe mentions, held against those of the source."""

from __future__ import annotations

from collections.abc import Sequence

from sundog.core.errors import Problem, nearest
from sundog.kinds.tables.recipe import TablesPart


def find_unknown_names(part: TablesPart, names: Sequence[str], where: str) -> tuple[Problem, ...]:
    """Columns that the part mentions and the source does not have."""
    return tuple(
        Problem("SD-TABLES-002", f"{where}.{place}", f"{name!r} is not a column of the source", nearest(name, names))
        for name, place in part.mentions().items()
        if name not in names
    )
