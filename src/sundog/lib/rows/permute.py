"""A keyed permutation of 0 .. n - 1: different unit numbers get different codes, in no order, without a table.

A Feistel network of eight rounds over the next even number of bits; results beyond n - 1 are sent through again (cycle walking).

Source: Black and Rogaway, Ciphers with arbitrary finite domains, CT-RSA 2002, doi:10.1007/3-540-45760-7_9. The round function is the
finisher of splitmix64 (Steele et al., OOPSLA 2014, doi:10.1145/2660193.2660195). Not a cipher: it hides nothing, and it need not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key

_ROUNDS = 8


def permute(key: Key, values: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """Where each value goes: uint64 (n,) in [0, size), a bijection of [0, size).

    Args:
        key: names the permutation.
        values: uint64 (n,) in [0, size).
        size: 1 to 2**62.
    """
    if size <= 1:
        return np.zeros_like(values)
    half = max(1, (int(size - 1).bit_length() + 1) // 2)
    rounds = [np.uint64(key.child(i).lo) for i in range(_ROUNDS)]
    out = _feistel(values, rounds, half)
    again = out >= size
    while bool(again.any()):
        out[again] = _feistel(out[again], rounds, half)
        again = out >= size
    return out


def _feistel(values: NDArray[np.uint64], rounds: list[np.uint64], half: int) -> NDArray[np.uint64]:
    shift, mask = np.uint64(half), np.uint64((1 << half) - 1)
    left, right = values >> shift, values & mask
    for word in rounds:
        left, right = right, left ^ (_mix(right + word) & mask)
    return (left << shift) | right


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
