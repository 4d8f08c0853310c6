"""How many people stand behind a real value before a page may show it.

A report is passed on like the data. So a category or a number that fewer rows than the part's support have (fewer persons, where
the recipe names them) is never written out, and neither is the end of a range: it is an average of as many values with as many
beyond it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Support:
    """What a value of one column needs.

    Attributes:
        least: rows, or persons where they are named.
        people: int64 (rows,), the person of each training row; None where nobody is named.
    """

    least: int
    people: NDArray[np.int64] | None = None

    @property
    def noun(self) -> str:
        """What is counted."""
        return "rows" if self.people is None else "persons"

    def count(self, codes: NDArray[np.int64], size: int) -> NDArray[np.int64]:
        """int64 (size,): rows or persons behind each code of int64 (rows,); codes below 0 are missing."""
        known = codes >= 0
        if self.people is None:
            return np.bincount(codes[known], minlength=size)
        among = int(self.people.max(initial=0)) + 1
        pairs = np.unique(codes[known] * among + self.people[known])
        return np.bincount(pairs // among, minlength=size)

    def find_ends(self, values: NDArray[np.float64], share: float) -> tuple[float, float] | None:
        """A lower and an upper end that point to nobody; None where there are too few values.

        Args:
            values: float64 (rows,) of the training rows, NaN where missing.
            share: of the values that is to lie beyond each end; more where the support asks for more.

        Each end is the average of the next ``least`` rows (or persons) inside of those beyond it.
        """
        rows = np.flatnonzero(~np.isnan(values))
        rows = rows[np.argsort(values[rows], kind="stable")]
        low = self._average_beyond(values, rows, share)
        high = self._average_beyond(values, rows[::-1], share)
        return None if low is None or high is None or low > high else (low, high)

    def _average_beyond(self, values: NDArray[np.float64], rows: NDArray[np.int64], share: float) -> float | None:
        """The average of the values after the outermost ones; ``rows`` are in order, the outermost first."""
        needed = self._rows_of_enough(rows)
        if needed is None:
            return None
        beyond = max(needed, int(np.ceil(share * len(rows))))
        inside = self._rows_of_enough(rows[beyond:])
        if inside is None or beyond + inside > len(rows) // 2:
            return None
        taken = values[rows[beyond : beyond + inside]]
        lowest = float(taken.min())
        return lowest + float((taken - lowest).mean())  # exact where all are equal

    def _rows_of_enough(self, rows: NDArray[np.int64]) -> int | None:
        """How many of these rows, from the first, have ``least`` rows or persons among them."""
        if self.people is None:
            return self.least if len(rows) >= self.least else None
        _, first = np.unique(self.people[rows], return_index=True)
        return int(np.sort(first)[self.least - 1]) + 1 if len(first) >= self.least else None
