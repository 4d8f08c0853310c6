"""Laws of counts: geometric, Poisson, binomial, negative binomial.

One set of parameters for all rows is inverted through a guide table of its cumulated probabilities, in constant time.
Parameters by row, and laws so wide that their table would not fit (more than 2**20 counts), are solved for each value: 0.1
microseconds for means up to 48, beyond that 1 (Poisson), 5 (negative binomial) or 6 to 60 (binomial). The road taken depends on the parameters alone, and both roads give the same count.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import special

from sundog.lib.laws.elementary import invert_exponentials, invert_normals, spread_words
from sundog.lib.laws.guide_table import GuideTable, build_guide_from_edges, find_cells
from sundog.lib.laws.law import (
    Parameter,
    Values,
    Whole,
    check_positive,
    check_range,
    check_rows,
    clip_probabilities,
    describe_bad,
    simplify,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = NDArray[np.intp]
Place = Callable[[Rows], tuple[Floats, Floats, Floats]]
_WIDEST = 1 << 20
_NEAR = 48.0
"""Laws by row with a mean up to this are counted up from 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Geometric:
    """Failures before the first success: 0, 1, 2, ..., each trial a success with probability ``share``."""

    share: Parameter

    def draw(self, words: NDArray[np.uint64]) -> Integers:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Integers:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Integers:
        with np.errstate(divide="ignore"):
            rate = -np.log1p(-np.asarray(self.share, np.float64))
        found: Floats = invert_exponentials(p)
        found /= rate
        # The smallest k with 1 - (1 - share)**(k + 1) >= p.
        return np.maximum(np.ceil(found, out=found) - 1.0, 0.0, out=found).astype(np.int64)

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.log1p(-np.asarray(self.share, np.float64))
            found = -np.expm1((np.floor(x) + 1.0) * rate)
        return np.where(np.asarray(x) < 0, 0.0, np.where(np.isnan(found), 1.0, found))

    def mean(self) -> Parameter:
        """(1 - share) / share."""
        return (1.0 - self.share) / self.share

    def variance(self) -> Parameter:
        """(1 - share) / share**2."""
        return (1.0 - self.share) / self.share**2

    def support(self) -> tuple[float, float]:
        """From 0 on."""
        return 0.0, math.inf

    def find_faults(self) -> tuple[str, ...]:
        """A share outside [1e-15, 1]; smaller ones give counts that doubles cannot tell apart."""
        return check_rows(self) or (*check_range("share", self.share, 1e-15, 1.0),)


@dataclass(frozen=True, slots=True, eq=False)
class Poisson:
    """Events in a while when they come independently: mean and variance are equal."""

    rate: Parameter

    def draw(self, words: NDArray[np.uint64]) -> Integers:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Integers:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Integers:
        rate = np.asarray(self.rate, np.float64)
        if rate.ndim == 0 and _spans_table(float(rate), math.sqrt(rate)):
            return _look_up(_tabulate_poisson(float(rate)), p)

        def place(rows: Rows) -> tuple[Floats, Floats, Floats]:
            own = np.broadcast_to(rate, p.shape)[rows]
            start = _guess(p[rows], own, np.sqrt(own), 1.0 / np.sqrt(own))
            return start, special.pdtr(start, own), special.xlogy(start, own) - own - special.gammaln(start + 1.0)

        return _solve(p, -rate, rate > _NEAR, place, rate, 0.0)

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return np.where(np.asarray(x) < 0, 0.0, special.pdtr(np.maximum(np.floor(x), 0.0), self.rate))

    def mean(self) -> Parameter:
        """The rate."""
        return self.rate

    def variance(self) -> Parameter:
        """The rate."""
        return self.rate

    def support(self) -> tuple[float, float]:
        """From 0 on."""
        return 0.0, math.inf

    def find_faults(self) -> tuple[str, ...]:
        """A rate below 0 or above 1e9."""
        return check_rows(self) or (*check_range("rate", self.rate, 0.0, 1e9),)


@dataclass(frozen=True, slots=True, eq=False)
class Binomial:
    """Successes in ``trials``, each with probability ``share``."""

    trials: Whole
    share: Parameter

    def draw(self, words: NDArray[np.uint64]) -> Integers:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Integers:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Integers:
        n, share = np.asarray(self.trials, np.float64), np.asarray(self.share, np.float64)
        mean, sd = n * share, np.sqrt(n * share * (1.0 - share))
        if n.ndim == share.ndim == 0 and _spans_table(float(mean), float(sd)):
            return _look_up(_tabulate_binomial(float(n), float(share)), p)
        # A share of 1 has odds of infinity; the count is then the trials, where it ends up below.
        share = np.minimum(share, 1.0 - 1e-16)
        log_zero = n * np.log1p(-share)

        def place(rows: Rows) -> tuple[Floats, Floats, Floats]:
            trials, own = np.broadcast_to(n, p.shape)[rows], np.broadcast_to(share, p.shape)[rows]
            sd = np.sqrt(trials * own * (1.0 - own))
            start = np.minimum(_guess(p[rows], trials * own, sd, (1.0 - 2.0 * own) / np.maximum(sd, 1e-9)), trials)
            ways = special.gammaln(trials + 1.0) - special.gammaln(start + 1.0) - special.gammaln(trials - start + 1.0)
            log_mass = ways + special.xlogy(start, own) + special.xlog1py(trials - start, -own)
            return start, _sum_binomial(start, trials, own), log_mass

        odds = share / (1.0 - share)
        return _solve(p, log_zero, (mean > _NEAR) | (log_zero < -600.0), place, n * odds, -odds)

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return _sum_binomial(
            np.floor(np.asarray(x, np.float64)), np.asarray(self.trials, np.float64), np.asarray(self.share)
        )

    def mean(self) -> Parameter:
        """Trials * share."""
        return simplify(np.asarray(self.trials * self.share, np.float64))

    def variance(self) -> Parameter:
        """Trials * share * (1 - share)."""
        return simplify(np.asarray(self.trials * self.share * (1.0 - self.share), np.float64))

    def support(self) -> tuple[float, float]:
        """From 0 to the trials."""
        return 0.0, float(np.max(self.trials))

    def find_faults(self) -> tuple[str, ...]:
        """Trials that are not whole numbers in 0 .. 1e9, a share outside [0, 1]."""
        trials = np.asarray(self.trials, np.float64)
        return check_rows(self) or (
            *check_range("trials", trials, 0, 1e9),
            *describe_bad("trials", "whole numbers", trials, trials == np.floor(trials)),
            *check_range("share", self.share, 0.0, 1.0),
        )


@dataclass(frozen=True, slots=True, eq=False)
class NegativeBinomial:
    """Counts that vary more than Poisson's: a Poisson law whose rate is gamma distributed.

    The variance is center + center**2 / size: the smaller the size, the more uneven.
    """

    center: Parameter
    size: Parameter

    def draw(self, words: NDArray[np.uint64]) -> Integers:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Integers:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Integers:
        mean, size = np.asarray(self.center, np.float64), np.asarray(self.size, np.float64)
        if mean.ndim == size.ndim == 0:
            # The tail falls like (mean / (mean + size))**k.
            last = float(mean + 12.0 * np.sqrt(mean + mean**2 / size) + 40.0 / np.log1p(size / mean))
            if last < _WIDEST:
                return _look_up(_tabulate_negative_binomial(float(mean), float(size), math.ceil(last)), p)
        share = size / (size + mean)

        def place(rows: Rows) -> tuple[Floats, Floats, Floats]:
            center, own = np.broadcast_to(mean, p.shape)[rows], np.broadcast_to(size, p.shape)[rows]
            # A gamma law with the same mean and size, less half a count, is near everywhere but at the very start.
            start = np.maximum(np.floor(special.gammaincinv(own, p[rows]) / own * center - 0.5), 0.0)
            log_mass = special.gammaln(start + own) - special.gammaln(own) - special.gammaln(start + 1.0)
            log_mass += own * np.log(own / (own + center)) + start * np.log(center / (own + center))
            return start, _sum_negative_binomial(start, center, own), log_mass

        return _solve(p, size * np.log(share), mean > _NEAR, place, size * (1.0 - share), 1.0 - share)

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return _sum_negative_binomial(
            np.floor(np.asarray(x, np.float64)), np.asarray(self.center), np.asarray(self.size)
        )

    def mean(self) -> Parameter:
        """The center."""
        return self.center

    def variance(self) -> Parameter:
        """Center + center**2 / size."""
        return self.center + self.center**2 / self.size

    def support(self) -> tuple[float, float]:
        """From 0 on."""
        return 0.0, math.inf

    def find_faults(self) -> tuple[str, ...]:
        """A mean of 0 or less or above 1e9, a size outside [0.01, 1e9]."""
        return check_rows(self) or (
            *check_positive("mean", self.center),
            *check_range("mean", self.center, 0.0, 1e9),
            *check_range("size", self.size, 0.01, 1e9),
        )


def _spans_table(mean: float, sd: float) -> bool:
    return 24.0 * sd + 200.0 < _WIDEST and mean < 1e15


def _span(mean: float, sd: float) -> Floats:
    """Counts within 12 standard deviations; the 60 more are for small means, whose tails are longer."""
    return np.arange(max(math.floor(mean - 12.0 * sd - 10.0), 0), math.ceil(mean + 12.0 * sd + 60.0), dtype=np.float64)


@lru_cache(maxsize=256)
def _tabulate_poisson(rate: float) -> tuple[int, GuideTable]:
    counts = _span(rate, math.sqrt(rate))
    return _tabulate(counts, special.pdtr(counts, rate))


@lru_cache(maxsize=256)
def _tabulate_binomial(trials: float, share: float) -> tuple[int, GuideTable]:
    counts = _span(trials * share, math.sqrt(trials * share * (1.0 - share)))
    counts = counts[counts <= trials]
    return _tabulate(counts, _sum_binomial(counts, np.asarray(trials), np.asarray(share)))


@lru_cache(maxsize=64)
def _tabulate_negative_binomial(mean: float, size: float, last: int) -> tuple[int, GuideTable]:
    counts = np.arange(last + 60, dtype=np.float64)
    return _tabulate(counts, _sum_negative_binomial(counts, np.asarray(mean), np.asarray(size)))


def _tabulate(counts: Floats, cumulated: Floats) -> tuple[int, GuideTable]:
    edges = np.maximum.accumulate(np.concatenate(([0.0], cumulated)))
    return int(counts[0]), build_guide_from_edges(edges)


def _look_up(found: tuple[int, GuideTable], p: Floats) -> Integers:
    first, table = found
    cells: Integers = find_cells(p, *table)
    cells += first
    return cells


def _sum_binomial(k: Floats, trials: Floats, share: Floats) -> Floats:
    """P(count <= k) as an incomplete beta function, which scipy gives to full precision for large numbers, too."""
    inside = np.clip(k, 0.0, np.maximum(trials - 1.0, 0.0))
    found = special.betaincc(inside + 1.0, np.maximum(trials - inside, 1.0), share)
    return np.where(k < 0, 0.0, np.where(k >= trials, 1.0, found))


def _sum_negative_binomial(k: Floats, mean: Floats, size: Floats) -> Floats:
    """P(count <= k) for a mean and a size."""
    found = special.betainc(size, np.maximum(k, 0.0) + 1.0, size / (size + mean))
    return np.where(k < 0, 0.0, found)


def _guess(p: Floats, mean: Floats, sd: Floats, skew: Floats) -> Floats:
    """A count near the quantile: two terms of the expansion of Cornish and Fisher."""
    z = invert_normals(p.copy())
    return np.asarray(np.maximum(np.floor(mean + sd * (z + skew * (z * z - 1.0) / 6.0)), 0.0), np.float64)


def _solve(p: Floats, log_zero: Floats, far: NDArray[np.bool_], place: Place, a: Floats, b: Floats | float) -> Integers:
    """Quantiles of a law of Panjer's family: counted up from 0, or from near the quantile where that is far.

    Args:
        p: float64 (n,).
        log_zero: logarithm of P(0), of all rows or of each.
        far: which rows begin near their quantile.
        place: gives for numbers of rows where to begin, P(count <= there) and the logarithm of P(there).
        a: of the recurrence.
        b: of the recurrence.
    """
    log_mass = np.array(np.broadcast_to(log_zero, p.shape), np.float64)
    start, below = np.zeros(len(p)), np.exp(log_mass)
    rows = np.flatnonzero(np.broadcast_to(far, p.shape))
    if len(rows):
        start[rows], below[rows], log_mass[rows] = place(rows)
    wide_a, wide_b = (np.ascontiguousarray(np.broadcast_to(x, p.shape), np.float64) for x in (a, b))
    return np.asarray(_step_counts(p, start, below, log_mass, wide_a, wide_b))


@njit(cache=True, nogil=True, error_model="numpy")
def _step_counts(p: Floats, start: Floats, below: Floats, log_mass: Floats, a: Floats, b: Floats) -> Integers:
    """The smallest count k with P(count <= k) >= p, from a guess, by P(k + 1) = P(k) (a + b k) / (k + 1).

    Source: the family of Panjer, ASTIN Bulletin 12, 1981, doi:10.1017/S0515036100006796, to which all three laws belong.
    """
    found = np.empty(len(p), np.int64)
    for i in range(len(p)):
        k, total, mass = start[i], below[i], np.exp(log_mass[i])
        while total < p[i]:
            ratio = (a[i] + b[i] * k) / (k + 1.0)
            mass *= ratio
            # Beyond the mode, what is left of the tail is below the resolution of doubles.
            if ratio < 1.0 and not mass > 1e-18:
                break
            total += mass
            k += 1.0
        while k > 0.0 and total - mass >= p[i]:
            total -= mass
            mass *= k / (a[i] + b[i] * (k - 1.0))
            k -= 1.0
        found[i] = np.int64(k)
    return found
