"""Groups of rows that are looked at apart: a table that is safe on average can give away a few."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.lib.stats.frame import Frame

MOST_VALUES = 12
"""A category with more values than this makes no groups."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Rows that share a value.

    Attributes:
        name: ``sex = Female``.
        column: position.
        code: of the value.
    """

    name: str
    column: int
    code: int

    def holds(self, frame: Frame) -> NDArray[np.bool_]:
        """Bool (rows,): which rows belong to it."""
        return np.asarray(frame.values[self.column] == self.code, dtype=bool)


def list_strata(frames: list[Frame], least: int) -> list[Stratum]:
    """Values of categories that at least so many rows of each frame have, and that not nearly all have."""
    found = []
    for i, column in enumerate(frames[0].columns):
        if column.numeric or column.seen > MOST_VALUES:
            continue
        for code, label in enumerate(column.labels):
            shares = [int((f.values[i] == code).sum()) for f in frames]
            if all(least <= n <= 0.95 * f.rows for n, f in zip(shares, frames, strict=True)):
                found.append(Stratum(f"{column.name} = {label}", i, code))
    return found
