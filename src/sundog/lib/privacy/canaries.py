"""A lower bound on epsilon from one run with planted rows: how well can one tell which of them were in?

Source: Steinke, Nasr and Jagielski, NeurIPS 2023, arXiv:2305.08846, Theorem 5.2: each of m rows is planted or not by a fair coin; of
r guesses, made from what was released, v are right. Under (epsilon, delta)-differential privacy v is hardly larger than a binomial
number with chance e**epsilon / (1 + e**epsilon), up to a term of 2 m delta.

Limits. The bound holds whatever the guesses are; a weak attack only makes it small. It can never reach far: with all of m guesses
right it is about log(m) - 1.1 at 95 %, which is 5.8 for 1,000, so a claim above that cannot be shown to be wrong by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import binom

PARTS = (1.0, 0.6, 0.4, 0.2, 0.1)
"""Parts of the rows that are guessed, those with the clearest scores; each is a bound of its own, and the chance of an error is
shared among them."""


@dataclass(frozen=True, slots=True)
class CanaryBound:
    """What an audit found.

    Attributes:
        epsilon: lower bound, at least 0.
        confidence: with which it holds.
        canaries: rows that were planted or not.
        guesses: of the part that gave the bound.
        right: of these.
    """

    epsilon: float
    confidence: float
    canaries: int
    guesses: int
    right: int


def find_p_value(canaries: int, guesses: int, right: int, epsilon: float, delta: float) -> float:
    """Greatest chance of so many right guesses, or more, under (epsilon, delta)-differential privacy."""
    chance = float(expit(epsilon))
    beta = float(binom.sf(right - 1, guesses, chance))
    if delta == 0 or right == 0:
        return min(1.0, beta)
    fewer = np.arange(1, right + 1)
    between = np.cumsum(binom.pmf(right - fewer, guesses, chance))
    return min(1.0, beta + 2 * canaries * delta * float((between / fewer).max()))


def bound_epsilon(canaries: int, guesses: int, right: int, delta: float, confidence: float) -> float:
    """The largest epsilon at which so many right guesses are too unlikely; 0 where none is.

    Args:
        canaries: rows planted or not, m.
        guesses: of these that were guessed, at most m.
        right: guesses that were right.
        delta: of the claim.
        confidence: 1 less the chance that the bound is above the true epsilon.
    """
    limit = 1 - confidence
    if find_p_value(canaries, guesses, right, 0.0, delta) > limit:
        return 0.0
    low, high = 0.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        if find_p_value(canaries, guesses, right, middle, delta) <= limit:
            low = middle
        else:
            high = middle
    return low


def audit_scores(
    scores: NDArray[np.float64], planted: NDArray[np.bool_], delta: float, confidence: float = 0.95
) -> CanaryBound:
    """The bound from a score of each planted row.

    Args:
        scores: float64 (m,), the higher, the more likely it was in; from what was released, and never from ``planted``.
        planted: bool (m,), by fair coins.
        delta: of the claim.
        confidence: of the bound, over all parts that are tried.
    """
    m = len(scores)
    order = np.argsort(scores, kind="stable")
    each = 1 - (1 - confidence) / len(PARTS)
    best = CanaryBound(0.0, confidence, m, 0, 0)
    for part in PARTS:
        half = max(1, int(part * m / 2))
        right = int(planted[order[-half:]].sum() + (~planted[order[:half]]).sum())
        found = bound_epsilon(m, 2 * half, right, delta, each)
        if found > best.epsilon or not best.guesses:
            best = CanaryBound(found, confidence, m, 2 * half, right)
    return best
