"""Features that line up with the questions: how far the rank that an earlier column lets expect lies above a question's cut.

Where two numbers run along with each other, a question with a high cut splits the other number high and one with a low cut
splits it low. Seen relative to the cut, one split serves all questions of a level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.kinds.tables._codes import Codes
from sundog.kinds.tables._trees_questions import Questions

LEAST = 0.2
"""Least share of the variance of the rank that a column must explain."""

_PRIOR = 10.0
"""Rows of the mean rank added to each code before its own mean is taken."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Columns seen relative to the questions of one column.

    Attributes:
        positions: int32 (n_compared,), positions among the features.
        expected: uint8 (n_compared, 256), expected rank of the answer for each feature code.
        cut_rank: uint8 (n_questions,), rank of each question's cut.
    """

    positions: NDArray[np.int32]
    expected: NDArray[np.uint8]
    cut_rank: NDArray[np.uint8]


def find_compared(
    codes: Codes,
    weights: NDArray[np.float64] | None,
    asked: Questions,
    column: int,
    features: NDArray[np.int32],
    groups: NDArray[np.uint8],
    most: int,
) -> Compared:
    """The features that explain the rank of an ordered column best, at most ``most`` of them."""
    size = int(codes.sizes[column])
    mass = np.bincount(codes.values[:, column], weights, minlength=size).astype(np.float64)
    below = np.concatenate([[0.0], np.cumsum(mass)]) / max(mass.sum(), 1e-300)
    cut_rank = np.round(255 * below[asked.cut]).astype(np.uint8)
    if codes.nominal[column] or size < 5 or most == 0:
        return Compared(np.zeros(0, np.int32), np.zeros((0, 256), np.uint8), cut_rank)
    rank = ((below[1:] + below[:-1]) / 2)[codes.values[:, column]]
    mean = float(np.average(rank, weights=weights))
    spread = float(np.average((rank - mean) ** 2, weights=weights))
    explained, tables = np.zeros(len(features)), []
    for at, f in enumerate(features):
        count = np.bincount(groups[f], weights, minlength=256)
        pulled = (
            np.bincount(groups[f], rank if weights is None else rank * weights, minlength=256) + _PRIOR * mean
        ) / (count + _PRIOR)
        tables.append(np.round(255 * np.clip(pulled, 0, 1)).astype(np.uint8))
        explained[at] = (count * (pulled - mean) ** 2).sum() / max(count.sum() * spread, 1e-300)
    best = np.argsort(-explained, kind="stable")[:most]
    positions = np.sort(best[explained[best] >= LEAST]).astype(np.int32)
    return Compared(positions, np.array([tables[p] for p in positions], np.uint8).reshape(-1, 256), cut_rank)
