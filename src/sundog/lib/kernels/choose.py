"""Weighted choice from one word: Walker's alias method over segments of concatenated lists.

Source: Walker, ACM TOMS 1977, doi:10.1145/355744.355749; set up as in Vose, IEEE TSE 1991, doi:10.1109/32.92917.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.kernels.draws import multiply_high
from sundog.lib.kernels.mixing import mix_lane


@njit(cache=True, nogil=True)
def fill_alias(weights: NDArray[np.float64], keep: NDArray[np.uint64], other: NDArray[np.int32]) -> None:
    """Sets up one segment: entry k stays k when a coin (64 bits) falls below ``keep[k]``, else becomes ``other[k]``.

    Args:
        weights: float64 (n,), not negative, not all 0.
        keep: uint64 (n,), written.
        other: int32 (n,), written.
    """
    n = len(weights)
    shares = weights * (n / weights.sum())
    small, large = np.empty(n, np.int32), np.empty(n, np.int32)
    smalls, larges = 0, 0
    for k in range(n):
        other[k] = k
        keep[k] = np.uint64(0xFFFFFFFFFFFFFFFF)
        if shares[k] < 1.0:
            small[smalls] = k
            smalls += 1
        else:
            large[larges] = k
            larges += 1
    while smalls > 0 and larges > 0:
        smalls -= 1
        low, high = small[smalls], large[larges - 1]
        keep[low] = np.uint64(shares[low] * 18446744073709549568.0)
        other[low] = high
        shares[high] -= 1.0 - shares[low]
        if shares[high] < 1.0:
            larges -= 1
            small[smalls] = high
            smalls += 1


@njit(cache=True, nogil=True)
def pick(word: Any, start: Any, size: Any, keep: NDArray[np.uint64], other: NDArray[np.int32]) -> Any:
    """Entry of the segment (int64, 0 to size - 1): the upper bits name a slot, what is left of the word is the coin."""
    wide = np.uint64(size)
    slot = np.int64(multiply_high(word, wide))
    return slot if word * wide < keep[start + slot] else np.int64(other[start + slot])


@njit(cache=True, nogil=True)
def pick_rows(
    words: NDArray[np.uint64],
    lane: int,
    which: NDArray[np.int32],
    starts: NDArray[np.int64],
    keep: NDArray[np.uint64],
    other: NDArray[np.int32],
    found: NDArray[np.int32],
) -> None:
    """An entry of segment ``which[i]`` (of segment 0 when ``which`` is empty), as its place in the concatenated lists."""
    for i in range(len(words)):
        segment = which[i] if len(which) > 0 else 0
        start = starts[segment]
        found[i] = start + pick(mix_lane(words[i], lane), start, starts[segment + 1] - start, keep, other)


@njit(cache=True, nogil=True)
def pick_persons(
    words: NDArray[np.uint64],
    which: NDArray[np.int32],
    known: NDArray[np.int8],
    given_starts: NDArray[np.int64],
    given_keep: NDArray[np.uint64],
    given_other: NDArray[np.int32],
    surname_starts: NDArray[np.int64],
    surname_keep: NDArray[np.uint64],
    surname_other: NDArray[np.int32],
    male_shift: NDArray[np.int32],
    sex: NDArray[np.int8],
    given: NDArray[np.int32],
    surname: NDArray[np.int32],
) -> None:
    """Sex (0 female, 1 male), given name and surname of each row from one word.

    Given names lie in segments ``2 * locale + sex``, surnames in segments ``locale``; ``male_shift`` (int32 (locales,)) is what a man's
    form adds to the place of a woman's. ``known`` (int8) fixes the sex where it is not empty.
    """
    for i in range(len(words)):
        locale = which[i] if len(which) > 0 else 0
        s = np.int64(known[i]) if len(known) > 0 else np.int64(mix_lane(words[i], 0) >> np.uint64(63))
        start = given_starts[2 * locale + s]
        size = given_starts[2 * locale + s + 1] - start
        sex[i] = s
        given[i] = start + pick(mix_lane(words[i], 1), start, size, given_keep, given_other)
        start = surname_starts[locale]
        size = surname_starts[locale + 1] - start
        place = pick(mix_lane(words[i], 2), start, size, surname_keep, surname_other)
        surname[i] = start + place + s * male_shift[locale]
