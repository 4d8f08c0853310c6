"""Rare categories and rare combinations: do they appear at all?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sundog.lib.stats.bins import choose_sets
from sundog.lib.stats.frame import Frame

RARE_SHARE = 0.01
RARE_PAIR_SHARE = 0.005
MOST_PAIRS = 200


@dataclass(frozen=True, slots=True)
class Rarity:
    """How many rare things there are in the training rows, and how many of them other rows have.

    Attributes:
        total: rare in the training rows.
        synthetic: of these, present in the synthetic rows.
        fresh: of these, present in as many fresh real rows; None without a holdout.
    """

    total: int
    synthetic: int
    fresh: int | None


RarePairs: TypeAlias = Rarity


def measure_rare(train: Frame, synthetic: Frame, fresh: Frame | None) -> Rarity:
    """Single values of categorical columns that fewer than ``RARE_SHARE`` of the training rows have."""
    total = shown = again = 0
    for i, column in enumerate(train.columns):
        if column.numeric or not column.labels:
            continue
        size = len(column.labels)
        counts = _count(train.values[i], size)
        rare = (counts > 0) & (counts < RARE_SHARE * train.rows)
        total += int(rare.sum())
        shown += int((rare & (_count(synthetic.values[i], size) > 0)).sum())
        if fresh is not None:
            again += int((rare & (_count(fresh.values[i], size) > 0)).sum())
    return Rarity(total, shown, again if fresh is not None else None)


def measure_rare_pairs(train: Frame, synthetic: Frame, fresh: Frame | None, generator: np.random.Generator) -> Rarity:
    """Pairs of values of two categorical columns, each from at least three and fewer than ``RARE_PAIR_SHARE`` of the training rows.

    At most ``MOST_PAIRS`` pairs of columns, drawn by the generator.
    """
    columns = [i for i, c in enumerate(train.columns) if not c.numeric and len(c.labels) > 1]
    total = shown = again = 0
    for a, b in choose_sets(len(columns), 2, MOST_PAIRS, generator) if len(columns) > 1 else ():
        i, j = columns[a], columns[b]
        size = len(train.columns[j].labels)
        cells, counts = np.unique(_cells(train, i, j, size), return_counts=True)
        rare = cells[(counts >= 3) & (counts < RARE_PAIR_SHARE * train.rows)]
        total += len(rare)
        shown += int(np.isin(rare, _cells(synthetic, i, j, size)).sum())
        if fresh is not None:
            again += int(np.isin(rare, _cells(fresh, i, j, size)).sum())
    return Rarity(total, shown, again if fresh is not None else None)


def _count(codes: NDArray[np.float64] | NDArray[np.int32], size: int) -> NDArray[np.int64]:
    known = np.asarray(codes[codes >= 0], dtype=np.int64)
    return np.bincount(known, minlength=size)


def _cells(frame: Frame, i: int, j: int, size: int) -> NDArray[np.int64]:
    first, second = frame.values[i].astype(np.int64), frame.values[j].astype(np.int64)
    both = (first >= 0) & (second >= 0)
    return np.asarray(first[both] * size + second[both], dtype=np.int64)
