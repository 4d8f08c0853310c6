"""Linkability: do two tables that share no column become one through the synthetic rows?

An attacker holds some columns of people in one table and other columns of the same people in another. Both halves of a person are
linked when one synthetic row is among the nearest to each of them; rows equally far count as equally near, however many they are.

Source: Giomi et al., PoPETs 2023(2), doi:10.56553/popets-2023-0055, section 4; WP29 Opinion 05/2014, section 2. There ties are cut at
random, which hides copies where few columns leave many ties.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sundog.lib.adversarial.points import search_near
from sundog.lib.kernels.gower import find_common

NEIGHBOURS = (1, 10)
"""How many nearest rows the two forms of the attack look at."""

_HAIR = np.float32(1e-5)
"""Rounding that must not part rows that are equally far."""


def link(
    rows: NDArray[np.float32], targets: NDArray[np.float32], first: Sequence[int], second: Sequence[int]
) -> NDArray[np.bool_]:
    """Whether each target's halves are linked, by each number of neighbours.

    Args:
        rows: float32 (n, columns), synthetic rows.
        targets: float32 (m, columns), people; the halves of two people where ``first`` comes from one and ``second`` from another.
        first: columns of the one table.
        second: columns of the other.

    Returns:
        bool (len(NEIGHBOURS), m).
    """
    places = [min(k, len(rows)) - 1 for k in NEIGHBOURS]
    one, two = (
        np.ascontiguousarray(search_near(rows, targets, max(places) + 1, columns).gaps[:, places]) + _HAIR
        for columns in (first, second)
    )
    common = np.zeros(one.shape, dtype=bool)
    find_common(
        np.ascontiguousarray(rows.T),
        np.array(first, dtype=np.int64),
        np.array(second, dtype=np.int64),
        np.ascontiguousarray(targets),
        one,
        two,
        common,
    )
    return common.T


def mix_halves(targets: NDArray[np.float32], second: Sequence[int], order: NDArray[np.int64]) -> NDArray[np.float32]:
    """Targets whose second half is another one's: linking them is guessing.

    Args:
        targets: float32 (m, columns).
        second: columns that come from another target.
        order: int64 (m,), which one.
    """
    mixed = targets.copy()
    mixed[:, list(second)] = targets[order][:, list(second)]
    return mixed
