"""Values to numbers that look random and are always the same: FNV-1a over bytes, then SplitMix64.

Sources: Fowler, Noll and Vo, RFC 9923 (64 bits); Steele, Lea and Flood, OOPSLA 2014, doi:10.1145/2660193.2660195.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.kernels.draws import multiply_high
from sundog.lib.kernels.mixing import mix_lane


@njit(cache=True, nogil=True)
def bucket_words(words: NDArray[np.uint64], salt: np.uint64, buckets: np.uint64, found: NDArray[np.int64]) -> None:
    """Bucket in [0, buckets) of each uint64 (n,)."""
    for i in range(len(words)):
        hashed = mix_lane(mix_lane(words[i], 0) ^ salt, 1)
        found[i] = np.int64(multiply_high(hashed, buckets))


@njit(cache=True, nogil=True)
def bucket_texts(
    data: NDArray[np.uint8], offsets: NDArray[np.int32], salt: np.uint64, buckets: np.uint64, found: NDArray[np.int64]
) -> None:
    """Bucket in [0, buckets) of each text; text i is ``data[offsets[i]:offsets[i + 1]]``, UTF-8."""
    for i in range(len(offsets) - 1):
        word = np.uint64(0xCBF29CE484222325)
        for j in range(offsets[i], offsets[i + 1]):
            word = (word ^ np.uint64(data[j])) * np.uint64(0x100000001B3)
        found[i] = np.int64(multiply_high(mix_lane(word ^ salt, 1), buckets))
