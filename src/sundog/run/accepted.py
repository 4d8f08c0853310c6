"""Which units of a part were accepted, told by those that were not: so a hundred million units weigh nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sundog.run.stage_files import pack_units, unpack_units


@dataclass(frozen=True, slots=True, eq=False)
class Accepted:
    """The units 0 to ``attempted`` - 1 without those that are gone. The place of a unit among them is its number in a chained part.

    Attributes:
        attempted: how many units were made.
        gone: uint64 (n,), numbers of the units that were not accepted, ascending, each once.
    """

    attempted: int
    gone: NDArray[np.uint64]

    def __len__(self) -> int:
        """How many were accepted."""
        return self.attempted - len(self.gone)

    def list_units(self, places: range) -> NDArray[np.uint64]:
        """Numbers of the units at these places, ascending: uint64 (len(places),); places beyond the last one are left out."""
        chosen = np.arange(places.start, min(places.stop, len(self)), dtype=np.int64)
        # gone[k] - k accepted units stand before the k-th unit that is gone.
        before = self.gone.astype(np.int64) - np.arange(len(self.gone))
        return (chosen + np.searchsorted(before, chosen, side="right")).astype(np.uint64)

    def list_inside(self, units: range) -> NDArray[np.uint64]:
        """Those of these units that were accepted: uint64, ascending."""
        first, last = np.searchsorted(self.gone, np.array([units.start, units.stop], np.uint64))
        made = np.arange(units.start, min(units.stop, self.attempted), dtype=np.uint64)
        return made[~np.isin(made, self.gone[first:last])]

    def find_places(self, units: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Places of accepted units: int64, as many as ``units``."""
        return units.astype(np.int64) - np.searchsorted(self.gone, units).astype(np.int64)

    def cut(self, wanted: int) -> Accepted:
        """The first ``wanted`` of them; what was made after the last one is forgotten."""
        if wanted == 0:
            return Accepted(0, self.gone[:0])
        stop = int(self.list_units(range(wanted - 1, wanted))[0]) + 1
        return Accepted(stop, self.gone[: np.searchsorted(self.gone, np.uint64(stop))])


def accept_units(attempted: int, gone: Iterable[int]) -> Accepted:
    """All units that were attempted but those that are gone, in whatever order and how often these are named."""
    return Accepted(attempted, np.unique(np.fromiter(gone, np.uint64)))


def accepted_to_json(accepted: Accepted) -> dict[str, Any]:
    """As plain JSON."""
    return {"attempted": accepted.attempted, "gone": pack_units(accepted.gone).decode(), "count": len(accepted)}


def accepted_from_json(said: Mapping[str, Any]) -> Accepted:
    """From plain JSON."""
    return Accepted(int(said["attempted"]), unpack_units(str(said["gone"]).encode()))
