"""Lists with weights, one for each locale, from which rows draw an entry by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.lib.kernels.choose import fill_alias, pick_rows

ALL_ROWS = np.empty(0, np.int32)
"""Says that every row draws from the first list."""


@dataclass(frozen=True, slots=True)
class Lottery:
    """Concatenated lists, ready to be drawn from.

    Attributes:
        starts: int64 (lists + 1,), where each list begins.
        keep: uint64 (entries,); see ``lib/kernels/choose.py``.
        other: int32 (entries,).
    """

    starts: NDArray[np.int64]
    keep: NDArray[np.uint64]
    other: NDArray[np.int32]


def open_lottery(weights: Sequence[NDArray[np.floating]]) -> Lottery:
    """Sets lists up by their weights.

    Args:
        weights: for each list, float (entries,), not negative, with a positive sum.
    """
    starts = np.concatenate([[0], np.cumsum([len(w) for w in weights])]).astype(np.int64)
    keep = np.empty(int(starts[-1]), np.uint64)
    other = np.empty(int(starts[-1]), np.int32)
    for k, some in enumerate(weights):
        part = np.asarray(some, np.float64)
        if not len(part) or not part.sum() > 0 or part.min() < 0:
            raise ValueError("weights are not negative and not all 0")
        fill_alias(part, keep[starts[k] : starts[k + 1]], other[starts[k] : starts[k + 1]])
    return Lottery(starts, keep, other)


def draw_entries(
    lottery: Lottery, words: NDArray[np.uint64], which: NDArray[np.int32] = ALL_ROWS, lane: int = 0
) -> NDArray[np.int32]:
    """Place of the drawn entry in the concatenated lists: int32 (n,).

    Args:
        lottery: the lists.
        words: uint64 (n,).
        which: int32 (n,), list of each row; empty for the first list.
        lane: number of the draw, where several are made from the same words.
    """
    found = np.empty(len(words), np.int32)
    pick_rows(words, lane, which, lottery.starts, lottery.keep, lottery.other, found)
    return found
