"""The rounds of a keyed permutation of [0, size); see ``lib/words/permute.py``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def _mix(x: Any) -> Any:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True, nogil=True)
def walk_feistel(
    values: NDArray[np.uint64], rounds: NDArray[np.uint64], half: np.uint64, size: np.uint64, out: NDArray[np.uint64]
) -> None:
    """Sends each value through the rounds until the result lies below ``size`` (cycle walking)."""
    mask = (np.uint64(1) << half) - np.uint64(1)
    for i in range(len(values)):
        x = values[i]
        while True:
            left, right = x >> half, x & mask
            for word in rounds:
                left, right = right, left ^ (_mix(right + word) & mask)
            x = (left << half) | right
            if x < size:
                break
        out[i] = x
