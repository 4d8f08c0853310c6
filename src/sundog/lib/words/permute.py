"""A keyed permutation of 0 .. n - 1: different unit numbers get different codes, in no order, without a table.

A Feistel network of eight rounds over the next even number of bits; results beyond n - 1 are sent through again (cycle walking).

Source: Black and Rogaway, Ciphers with arbitrary finite domains, CT-RSA 2002, doi:10.1007/3-540-45760-7_9. The round function is the
finisher of splitmix64 (Steele et al., OOPSLA 2014, doi:10.1145/2660193.2660195). Not a cipher: it hides nothing, and it need not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.kernels.feistel import walk_feistel

_ROUNDS = 8


def permute(key: Key, values: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """Where each value goes: uint64 (n,) in [0, size), a bijection of [0, size).

    Args:
        key: names the permutation.
        values: uint64 (n,) in [0, size).
        size: 1 to 2**64 - 1.
    """
    if size <= 1:
        return np.zeros_like(values)
    half = max(1, (int(size - 1).bit_length() + 1) // 2)
    rounds = np.array([key.child(i).lo for i in range(_ROUNDS)], dtype=np.uint64)
    out = np.empty(len(values), np.uint64)
    walk_feistel(np.ascontiguousarray(values, np.uint64), rounds, np.uint64(half), np.uint64(size), out)
    return out
