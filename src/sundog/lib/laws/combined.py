"""Laws made of one law: cut off, inflated at one value, rounded, scaled."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.laws.elementary import spread_words
from sundog.lib.laws.law import (
    Law,
    Parameter,
    Values,
    check_order,
    check_positive,
    check_range,
    clip_probabilities,
    count_rows,
    describe_bad,
    find_extremes,
    get_bounds,
    is_whole,
)

Floats = NDArray[np.float64]
_LEAST_MASS = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Truncated:
    """A law given that its value lies in [low, high]: inverted between the probabilities of the ends, without rejection.

    Limits: what is left must hold at least 1e-9 of the law; at the far end of a long tail fewer values are told apart.
    """

    law: Law
    low: Parameter = -math.inf
    high: Parameter = math.inf

    def draw(self, words: NDArray[np.uint64]) -> Values:
        """See ``Law.draw``."""
        return self.quantile(spread_words(words))

    def _get_ends(self) -> tuple[Floats, Floats]:
        """Probabilities below low, and of at most high."""
        rows = count_rows(self)
        low, high = np.broadcast_to(self.low, (rows,)), np.broadcast_to(self.high, (rows,))
        finite_low, finite_high = np.isfinite(low), np.isfinite(high)
        # A whole number below low does not count as inside.
        before = np.ceil(low) - 1.0 if is_whole(self.law) else low
        start = np.where(finite_low, self.law.cdf(np.where(finite_low, before, 0.0)), low == math.inf)
        stop = np.where(finite_high, self.law.cdf(np.where(finite_high, high, 0.0)), high == math.inf)
        return start.astype(np.float64), stop.astype(np.float64)

    def quantile(self, p: Floats) -> Values:
        """See ``Law.quantile``."""
        start, stop = self._get_ends()
        found = self.law.quantile(start + p * (stop - start))
        low, high = np.asarray(self.low), np.asarray(self.high)
        if found.dtype == np.int64:
            # Ends beyond 2**62 cut nothing off a law that check_law passed.
            least = np.clip(np.ceil(low), -(2.0**62), 2.0**62).astype(np.int64)
            most = np.clip(np.floor(high), -(2.0**62), 2.0**62).astype(np.int64)
            return np.asarray(np.clip(found, least, most), np.int64)
        return np.asarray(np.clip(found, low, high), np.float64)

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        start, stop = self._get_ends()
        return np.clip((self.law.cdf(x) - start) / (stop - start), 0.0, 1.0)

    def mean(self) -> Parameter:
        """Not known."""
        return math.nan

    def variance(self) -> Parameter:
        """Not known."""
        return math.nan

    def support(self) -> tuple[float, float]:
        """What the ends leave of the law's."""
        inner, outer = self.law.support(), get_bounds(self.low, self.high)
        return max(inner[0], outer[0]), min(inner[1], outer[1])

    def find_faults(self) -> tuple[str, ...]:
        """Faults of the law, ends in the wrong order, next to nothing left between them."""
        wrong = describe_bad("low", "a number", self.low, ~np.isnan(self.low))
        faults = (*self.law.find_faults(), *wrong, *describe_bad("high", "a number", self.high, ~np.isnan(self.high)))
        faults = (*faults, *(() if faults else check_order("low", self.low, "high", self.high)))
        if faults:
            return faults
        start, stop = self._get_ends()
        return describe_bad(
            "the share of the law in [low, high]",
            f"at least {_LEAST_MASS:g}",
            stop - start,
            stop - start >= _LEAST_MASS,
        )


@dataclass(frozen=True, slots=True, eq=False)
class ZeroInflated:
    """A law whose value is 0 (or ``value``) with an extra probability ``share``."""

    law: Law
    share: Parameter
    value: float = 0.0

    def draw(self, words: NDArray[np.uint64]) -> Values:
        """See ``Law.draw``."""
        return self.quantile(spread_words(words))

    def _get_step(self) -> tuple[Floats, Floats]:
        """Where the extra probability begins, and how much there is: float64 (rows,) or (1,)."""
        share = np.atleast_1d(np.asarray(self.share, np.float64))
        before = self.value - 1.0 if is_whole(self.law) else float(np.nextafter(self.value, -math.inf))
        return (1.0 - share) * self.law.cdf(np.full(count_rows(self), before)), share

    def quantile(self, p: Floats) -> Values:
        """See ``Law.quantile``."""
        begin, share = self._get_step()
        inner = clip_probabilities(p)
        marks = _take_step(inner, begin, share)
        found = self.law.quantile(inner)
        found[marks] = self.value
        return found

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        step = np.asarray(self.share) * (np.asarray(x) >= self.value)
        return np.asarray((1.0 - np.asarray(self.share)) * self.law.cdf(x) + step, np.float64)

    def mean(self) -> Parameter:
        """That of the law and the value, by their shares."""
        return (1.0 - self.share) * self.law.mean() + self.share * self.value

    def variance(self) -> Parameter:
        """That of the law and the value, by their shares."""
        away = self.law.mean() - self.value
        return (1.0 - self.share) * (self.law.variance() + self.share * away**2)

    def support(self) -> tuple[float, float]:
        """That of the law with the value."""
        low, high = self.law.support()
        return min(low, self.value), max(high, self.value)

    def find_faults(self) -> tuple[str, ...]:
        """Faults of the law, a share outside [0, 1], a value that is not finite or not of the law's type."""
        faults = (*self.law.find_faults(), *check_range("share", self.share, 0.0, 1.0))
        whole = not is_whole(self.law) or float(self.value).is_integer()
        return (
            *faults,
            *describe_bad("value", "finite", self.value, math.isfinite(self.value)),
            *describe_bad("value", "a whole number, as the law gives", self.value, whole),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Rounded:
    """A law's values rounded to steps (0.05, 10) or decimals.

    Attributes:
        law: what is rounded.
        step: distance of the values, above 0; 10**-decimals for decimals.
        whole: give int64 instead of float64; the step must then be a whole number.
    """

    law: Law
    step: float = 1.0
    whole: bool = False

    def draw(self, words: NDArray[np.uint64]) -> Values:
        """See ``Law.draw``."""
        return self._round(self.law.draw(words))

    def quantile(self, p: Floats) -> Values:
        """See ``Law.quantile``."""
        return self._round(self.law.quantile(p))

    def _round(self, found: Values) -> Values:
        x = found.astype(np.float64, copy=False)
        inverse = round(1.0 / self.step)
        if self.step < 1.0 and abs(inverse * self.step - 1.0) < 1e-12:
            # A quotient of whole numbers is the double next to the decimal that is meant; a product is not always.
            x = np.rint(x * inverse, out=x if x is not found else None)
            x /= inverse
        else:
            x = np.rint(x / self.step)
            x *= self.step
        # Minus nought is no value of its own.
        x += 0.0
        return x.astype(np.int64) if self.whole else x

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``: the law's at the upper edge of the last step that is at most x (ties to even go either way)."""
        step = np.floor(np.asarray(x, np.float64) / self.step * (1.0 + 4e-16) + 1e-12)
        return self.law.cdf((step + 0.5) * self.step)

    def mean(self) -> Parameter:
        """Not known."""
        return math.nan

    def variance(self) -> Parameter:
        """Not known."""
        return math.nan

    def support(self) -> tuple[float, float]:
        """That of the law, rounded."""
        low, high = self.law.support()
        return tuple(round(end / self.step) * self.step if math.isfinite(end) else end for end in (low, high))  # type: ignore[return-value]

    def find_faults(self) -> tuple[str, ...]:
        """Faults of the law, a step of 0 or less, whole numbers from a step that is none or beyond 2**63."""
        faults = (*self.law.find_faults(), *check_positive("step", self.step))
        if faults or not self.whole:
            return faults
        least, most = find_extremes(self.law)
        fits = least >= -(2.0**63) and most < 2.0**63
        return (
            *describe_bad("step", "a whole number", self.step, float(self.step).is_integer()),
            *describe_bad("the largest value", "below 2**63", max(-least, most), fits),
        )


@njit(cache=True, nogil=True, error_model="numpy")
def _take_step(p: Floats, begins: Floats, shares: Floats) -> NDArray[np.bool_]:
    """Which p lie on the step at the value; all are overwritten with probabilities of the law without the step."""
    marks = np.empty(len(p), np.bool_)
    a, b = len(begins) > 1, len(shares) > 1
    for i in range(len(p)):
        begin, share = begins[i * a], shares[i * b]
        marks[i] = begin < p[i] <= begin + share
        inner = max(p[i] - share, begin) if p[i] > begin else p[i]
        # On the step any probability will do; an extreme one would cost time.
        p[i] = 0.5 if marks[i] else min(inner / max(1.0 - share, 1e-300), 1.0)
    return marks


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """A law's values times a factor: hours as samples, for instance.

    Attributes:
        law: of the values.
        factor: above 0.
    """

    law: Law
    factor: float

    def draw(self, words: NDArray[np.uint64]) -> Values:
        """See ``Law.draw``."""
        return self.law.draw(words).astype(np.float64) * self.factor

    def quantile(self, p: Floats) -> Values:
        """See ``Law.quantile``."""
        return self.law.quantile(p).astype(np.float64) * self.factor

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``; a quotient that lies next to a value of the law counts as that value."""
        return self.law.cdf(np.asarray(x, np.float64) / self.factor * (1.0 + 4e-16))

    def mean(self) -> Parameter:
        """That of the law, times the factor."""
        return self.law.mean() * self.factor

    def variance(self) -> Parameter:
        """That of the law, times the square of the factor."""
        return self.law.variance() * self.factor**2

    def support(self) -> tuple[float, float]:
        """That of the law, times the factor."""
        low, high = self.law.support()
        return low * self.factor, high * self.factor

    def find_faults(self) -> tuple[str, ...]:
        """Faults of the law, and a factor that is not above 0."""
        return (*self.law.find_faults(), *check_positive("factor", self.factor))
