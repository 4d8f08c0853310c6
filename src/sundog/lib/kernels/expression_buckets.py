"""Values to numbers that look random and are always the same: FNV-1a over bytes, then the finaliser of SplitMix64.

Sources: Fowler, Noll and Vo, RFC 9923 (64 bits); Steele, Lea and Flood, OOPSLA 2014, doi:10.1145/2660193.2660195.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.kernels.draws import multiply_high


@njit(cache=True, nogil=True)
def mix_word(word: Any) -> Any:
    """A bijection of uint64 in which every bit of the result depends on every bit of the word."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@njit(cache=True, nogil=True)
def bucket_words(words: NDArray[np.uint64], salt: np.uint64, buckets: np.uint64, found: NDArray[np.int64]) -> None:
    """Bucket in [0, buckets) of each uint64 (n,)."""
    for i in range(len(words)):
        hashed = mix_word(mix_word(words[i] + np.uint64(0x9E3779B97F4A7C15)) ^ salt)
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
        found[i] = np.int64(multiply_high(mix_word(word ^ salt), buckets))
