"""Zipf's law over ranks 1 .. n: the k-th has a weight of k**-exponent, for up to 10**9 ranks and more, without a table of n."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.laws.elementary import compute_exp, compute_log, spread_words
from sundog.lib.laws.guide_table import GuideTable, build_guide_from_edges
from sundog.lib.laws.law import Values, check_range, clip_probabilities, describe_bad

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_HEAD = 8192


class _Sums(NamedTuple):
    """Cumulated weights of the first ranks, and how the rest goes on.

    Attributes:
        weights: float64 (head + 1,), sum of k**-s over k <= j.
        share: share of the head in the sum of all n.
        total: sum of k**-s over all n.
        table: cells of the head, whose last cell is all the rest.
    """

    weights: Floats
    share: float
    total: float
    table: GuideTable


@dataclass(frozen=True, slots=True, eq=False)
class Zipf:
    """Rank 1 .. n with P(k) proportional to k**-exponent.

    The first 8,192 ranks come from a table. Beyond, the sum of k**-s over a .. b is the integral from a - 1/2 to b + 1/2,
    whose relative error is below s (s + 1) / (24 * 8192**2), 1e-8 for s = 3; it is inverted by a formula.

    Attributes:
        exponent: 0 (all alike) to 20.
        ranks: n, 1 to 2**53.
    """

    exponent: float
    ranks: int

    def draw(self, words: NDArray[np.uint64]) -> Integers:
        """See ``Law.draw``: ranks, int64 (n,) in 1 .. ranks."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Integers:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Integers:
        sums = _sum_weights(float(self.exponent), int(self.ranks))
        head = len(sums.weights) - 1
        return np.asarray(_find_ranks(p, *sums.table, head, sums.total * (1.0 - sums.share), self.exponent, self.ranks))

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        sums = _sum_weights(float(self.exponent), int(self.ranks))
        head = len(sums.weights) - 1
        k = np.clip(np.floor(x), 0, self.ranks)
        start = sums.weights[np.minimum(k, head).astype(np.int64)]
        rest = np.where(k > head, _integrate(head + 0.5, np.maximum(k, head) + 0.5, self.exponent), 0.0)
        return np.asarray(np.minimum((start + rest) / sums.total, 1.0), np.float64)

    def mean(self) -> float:
        """Sum of k**(1 - s) over sum of k**-s."""
        total = _sum_weights(float(self.exponent), int(self.ranks)).total
        return _sum_weights(float(self.exponent) - 1.0, int(self.ranks)).total / total

    def variance(self) -> float:
        """Mean of k**2 less the square of the mean."""
        total = _sum_weights(float(self.exponent), int(self.ranks)).total
        return _sum_weights(float(self.exponent) - 2.0, int(self.ranks)).total / total - self.mean() ** 2

    def support(self) -> tuple[float, float]:
        """From 1 to n."""
        return 1.0, float(self.ranks)

    def find_faults(self) -> tuple[str, ...]:
        """An exponent outside [0, 20], ranks that are not a whole number in 1 .. 2**53."""
        return (
            *check_range("exponent", self.exponent, 0.0, 20.0),
            *check_range("ranks", self.ranks, 1, 2.0**53),
            *describe_bad("ranks", "a whole number", self.ranks, float(self.ranks).is_integer()),
        )


@lru_cache(maxsize=64)
def _sum_weights(exponent: float, ranks: int) -> _Sums:
    head = min(ranks, _HEAD)
    weights = np.concatenate(([0.0], np.cumsum(np.arange(1, head + 1, dtype=np.float64) ** -exponent)))
    rest = float(_integrate(head + 0.5, np.asarray(ranks + 0.5), exponent)) if ranks > head else 0.0
    total = float(weights[-1]) + rest
    edges = weights / total
    if rest:
        edges = np.append(edges, 1.0)
    return _Sums(weights, float(weights[-1]) / total, total, build_guide_from_edges(edges))


def _integrate(low: float, high: Floats, exponent: float) -> Floats:
    """Integral of x**-exponent from low to high, right for an exponent of 1 and near it, too."""
    c = 1.0 - exponent
    logs = np.log(high / low)
    if c == 0.0:
        return np.asarray(logs)
    return np.asarray(low**c * np.expm1(c * logs) / c)


@njit(cache=True, nogil=True, error_model="numpy")
def _find_ranks(
    p: Floats, edges: Floats, guide: NDArray[np.int32], head: int, rest: float, exponent: float, ranks: int
) -> Integers:
    found = np.empty(len(p), np.int64)
    steps = np.float64(len(guide))
    low, c, begin = head + 0.5, 1.0 - exponent, edges[head]
    # Area under x**-exponent from low, in units of low**c.
    scale = rest * low**-c / (1.0 - begin) if begin < 1.0 else 0.0
    first, last = head + 1.0, np.float64(ranks)
    # All values go through the formula for the rest: vector instructions make that cheaper than a choice for each.
    for i in range(len(p)):
        y = max(p[i] - begin, 0.0) * scale
        # (e**(c t) - 1) / c = y, with x = low e**t; near c = 0 the first two terms of the logarithm.
        t = y - 0.5 * c * y * y if abs(c) < 1e-7 else compute_log(1.0 + c * y) / c
        found[i] = np.int64(min(max(np.floor(low * compute_exp(t) + 0.5), first), last))
    for i in range(len(p)):
        if p[i] < begin:
            cell = np.int64(guide[np.int64(p[i] * steps)])
            while edges[cell + 1] <= p[i]:
                cell += 1
            found[i] = cell + 1
    return found
