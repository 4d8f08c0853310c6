"""Which units of a part were accepted, told by those that were not: so a hundred million units weigh nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.run.stage_files import pack_units, unpack_units


@dataclass(frozen=True, slots=True, eq=False)
class Accepted:
    """The units below a bound without those that are gone. The rank of a unit among them is its number in a chained part.

    Attributes:
        below: the bound: how many units were made.
        gone: uint64 (n,), numbers of the units that were not accepted, ascending, each once.
    """

    below: int
    gone: NDArray[np.uint64]

    def __len__(self) -> int:
        """How many were accepted."""
        return self.below - len(self.gone)

    def number_at(self, ranks: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Numbers of the units of these ranks, each below ``len``: uint64, as many as ``ranks``."""
        # gone[k] - k accepted units stand before the k-th unit that is gone.
        before = self.gone.astype(np.int64) - np.arange(len(self.gone))
        return np.asarray(ranks + np.searchsorted(before, ranks, side="right"), np.int64).astype(np.uint64)

    def rank_of(self, units: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Ranks of accepted units: int64, as many as ``units``."""
        return units.astype(np.int64) - np.searchsorted(self.gone, units).astype(np.int64)

    def between(self, start: int, stop: int) -> NDArray[np.uint64]:
        """Those of the units ``start`` to ``stop`` - 1 that were accepted: uint64, ascending."""
        first, last = np.searchsorted(self.gone, np.array([start, stop], np.uint64))
        made = np.arange(start, min(stop, self.below), dtype=np.uint64)
        return made[~np.isin(made, self.gone[first:last])]

    def keep_first(self, wanted: int) -> Accepted:
        """The first ``wanted`` of them; what was made after the last one is forgotten."""
        if wanted == 0:
            return Accepted(0, self.gone[:0])
        stop = int(self.number_at(np.array([wanted - 1]))[0]) + 1
        return Accepted(stop, self.gone[: np.searchsorted(self.gone, np.uint64(stop))])

    def to_text(self) -> str:
        """As text for JSON."""
        return f"{self.below}:{pack_units(self.gone).decode()}"


def accept_all_but(below: int, gone: NDArray[np.uint64]) -> Accepted:
    """All units below the bound but those that are gone, in whatever order and how often these are named."""
    return Accepted(below, np.unique(gone))


def read_accepted(text: str) -> Accepted:
    """The other way round."""
    below, _, gone = text.partition(":")
    return Accepted(int(below), unpack_units(gone.encode()))
