"""Rounding of float64 as if they were decimals."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

_EXACT = 2.0**52
"""From here on float64 has no places after the point."""


@njit(cache=True, nogil=True)
def round_decimals(
    x: NDArray[np.float64], power: float, before: bool, half_up: bool, found: NDArray[np.float64]
) -> None:
    """Numbers rounded to places after the point (or, with ``before``, before it) as if they were decimals.

    A number counts as a half when it is the float64 nearest to one, so 2.675 is halfway between 2.67 and 2.68 although its
    bits lie a little below. With at most 15 significant digits this is what decimal arithmetic gives. Halves go to the even
    digit, or with ``half_up`` away from 0.

    Args:
        x: float64 (n,).
        power: ten to the number of places, exact in float64.
        before: whether the places stand before the point.
        half_up: which way halves go.
        found: float64 (n,), written: the float64 nearest to the decimal; x itself where x has no such places.
    """
    for i in range(len(x)):
        size = abs(x[i])
        scaled = size / power if before else size * power
        low = math.floor(scaled) if scaled < _EXACT else 0.0
        half = (low + 0.5) * power if before else (low + 0.5) / power
        up = size > half or (size == half and (half_up or np.int64(low) & 1 == 1))
        low += 1.0 if up else 0.0
        rounded = low * power if before else low / power
        found[i] = math.copysign(rounded if scaled < _EXACT else size, x[i])
