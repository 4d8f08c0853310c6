"""Several draws from one random word: each is a bijective mix of the word, so no second word has to be made."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.kernels.draws import multiply_high

_GOLDEN = 0x9E3779B97F4A7C15


@njit(cache=True, nogil=True)
def mix_lane(word: Any, lane: Any) -> Any:
    """Draw number ``lane`` of a word: uint64, a bijection of the word for each lane.

    Source: splitmix64, Steele et al., OOPSLA 2014, doi:10.1145/2660193.2660195: the word is the state, the lane the step.
    """
    x = word + (np.uint64(lane) + np.uint64(1)) * np.uint64(_GOLDEN)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def split_words(words: NDArray[np.uint64], lane: int) -> NDArray[np.uint64]:
    """Draw number ``lane`` of each word: uint64 (n,). The draws of different lanes behave as independent ones."""
    found = np.empty(len(words), np.uint64)
    _split(words, np.uint64(lane), found)
    return found


def scale_words(words: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """A number in [0, size) for each word: uint64 (n,); probabilities differ from 1/size by less than 2**-64.

    Args:
        words: uint64 (n,).
        size: 1 to 2**64 - 1.
    """
    if not 0 < size < 2**64:
        raise ValueError("size lies outside of 1 to 2**64 - 1")
    found = np.empty(len(words), np.uint64)
    _scale(words, np.uint64(size), found)
    return found


@njit(cache=True, nogil=True)
def _split(words: NDArray[np.uint64], lane: np.uint64, found: NDArray[np.uint64]) -> None:
    for i in range(len(words)):
        found[i] = mix_lane(words[i], lane)


@njit(cache=True, nogil=True)
def _scale(words: NDArray[np.uint64], size: np.uint64, found: NDArray[np.uint64]) -> None:
    for i in range(len(words)):
        found[i] = multiply_high(words[i], size)
