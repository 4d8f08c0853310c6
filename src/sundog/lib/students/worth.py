"""What made rows are worth: how many real rows teach as much, and what they add to real ones; each with an interval.

An answer to a test row is right or wrong. Intervals come from drawing seeds and test rows again with replacement, the same for all that is
compared, so that what is hard in the test set does not count twice. Source: Efron and Tibshirani, An introduction to the
bootstrap, 1993, chapter 13 (percentiles). Limits: with one seed, the interval knows nothing of luck in training.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key

DRAWS = 500
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Worth:
    """How many real rows teach as much.

    Attributes:
        rows: by monotone interpolation between the measured sizes, straight over the logarithm of the size.
        low: lower end of the interval.
        high: upper end of it.
        beyond: ``""``; ``"fewer"``: even the fewest real rows measured teach more, so ``rows`` is that size; ``"more"``: all real
            rows teach less, so ``rows`` is all of them.
    """

    rows: float
    low: float
    high: float
    beyond: str


@dataclass(frozen=True)
class Draws:
    """Which seeds and test rows each of the drawings takes: int64 (DRAWS, ...)."""

    seeds: NDArray[np.int64]
    rows: NDArray[np.int64]


def draw_again(seeds: int, rows: int, key: Key) -> Draws:
    """Drawings with replacement of so many seeds and test rows."""
    draws = key.generator()
    return Draws(draws.integers(0, seeds, (DRAWS, seeds)), draws.integers(0, rows, (DRAWS, rows)).astype(np.int32))


def estimate_score(right: NDArray[np.bool_], draws: Draws) -> Estimate:
    """Mean share of right answers.

    Args:
        right: bool (seeds, test rows).
        draws: of as many seeds and rows.
    """
    return _estimate(float(right.mean()), _scores(right, draws))


def estimate_gain(right: NDArray[np.bool_], base: NDArray[np.bool_], draws: Draws) -> Estimate:
    """How much higher the first scores than the second, seed by seed and row by row: bool (seeds, test rows) each."""
    return _estimate(float(right.mean() - base.mean()), _scores(right, draws) - _scores(base, draws))


def estimate_ratio(right: NDArray[np.bool_], base: NDArray[np.bool_], draws: Draws) -> Estimate | None:
    """The first score over the second; None where the second is 0."""
    if not base.any():
        return None
    drawn = _scores(right, draws) / np.maximum(_scores(base, draws), 1e-9)
    return _estimate(float(right.mean() / base.mean()), drawn)


def estimate_worth(
    made: NDArray[np.bool_], sizes: Sequence[int], curve: Sequence[NDArray[np.bool_]], draws: Draws
) -> Worth:
    """How many real rows teach as much as the made ones.

    Args:
        made: right answers of the student of the made rows: bool (seeds, test rows).
        sizes: numbers of real rows, rising, at least two.
        curve: right answers of the students of so many real rows, each bool (seeds, test rows).
        draws: of as many seeds and rows.
    """
    found = _find_size(float(made.mean()), sizes, [float(c.mean()) for c in curve])
    by_draw = np.stack([_scores(c, draws) for c in curve], axis=1)
    drawn = [
        _find_size(float(score), sizes, line.tolist())[0]
        for score, line in zip(_scores(made, draws), by_draw, strict=True)
    ]
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Worth(found[0], float(low), float(high), found[1])


def rise(scores: Sequence[float]) -> list[float]:
    """The closest sequence that never falls (pool adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    for score in scores:
        blocks.append((score, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, n), (b, m) = blocks[-2], blocks[-1]
            blocks[-2:] = [((a * n + b * m) / (n + m), n + m)]
    return [value for value, n in blocks for _ in range(n)]


def _find_size(score: float, sizes: Sequence[int], scores: Sequence[float]) -> tuple[float, str]:
    line = rise(scores)
    if score < line[0]:
        return float(sizes[0]), "fewer"
    if score > line[-1]:
        return float(sizes[-1]), "more"
    for i in range(len(sizes) - 1):
        if score <= line[i + 1]:
            part = (score - line[i]) / (line[i + 1] - line[i]) if line[i + 1] > line[i] else 0.0
            return math.exp(math.log(sizes[i]) + part * (math.log(sizes[i + 1]) - math.log(sizes[i]))), ""
    return float(sizes[-1]), ""


def _scores(right: NDArray[np.bool_], draws: Draws) -> NDArray[np.float64]:
    """Scores of the drawings: float64 (DRAWS,)."""
    # Each drawing counts how often it takes a row; with few seeds, a product is faster than taking rows.
    out = np.empty(DRAWS)
    for i in range(DRAWS):
        times = np.bincount(draws.rows[i], minlength=right.shape[1])
        out[i] = right[draws.seeds[i]].sum(axis=0) @ times
    return out / (right.shape[0] * right.shape[1])


def _estimate(value: float, drawn: NDArray[np.float64]) -> Estimate:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, float(low), float(high))
