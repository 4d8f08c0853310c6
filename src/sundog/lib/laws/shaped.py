"""Continuous laws drawn through a table of quantiles: gamma, beta, Student's t.

One shape for all rows goes through the table (made once, about 10 ms); shapes by row are solved for each value, about 2
microseconds. Both give the same value to a relative 1e-6, and which of them is used depends on the parameters alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sundog.lib.laws.elementary import spread_words
from sundog.lib.laws.law import (
    Parameter,
    Values,
    check_finite,
    check_order,
    check_range,
    check_rows,
    clip_probabilities,
    get_bounds,
)
from sundog.lib.laws.quantile_table import (
    QuantileTable,
    build_quantile_table,
    look_up_logarithm,
    look_up_logit,
    look_up_sinh,
)

Floats = NDArray[np.float64]
_TINY = 1e-290


@dataclass(frozen=True, slots=True, eq=False)
class Gamma:
    """Positive values with mean shape * scale."""

    shape: Parameter
    scale: Parameter = 1.0

    def draw(self, words: NDArray[np.uint64]) -> Floats:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Floats:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Floats:
        if np.ndim(self.shape) == 0:
            found = look_up_logarithm(tabulate_gamma(float(self.shape)), p)
        else:
            found = np.exp(_solve_gamma(np.asarray(self.shape), p, 1.0 - p))
        found *= self.scale
        return found

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return np.asarray(special.gammainc(self.shape, np.maximum(x, 0.0) / np.asarray(self.scale)), np.float64)

    def mean(self) -> Parameter:
        """Shape * scale."""
        return self.shape * self.scale

    def variance(self) -> Parameter:
        """Shape * scale**2."""
        return self.shape * self.scale**2

    def support(self) -> tuple[float, float]:
        """The positive half of the line."""
        return 0.0, math.inf

    def find_faults(self) -> tuple[str, ...]:
        """A shape outside [0.001, 1e5], a scale of 0 or less."""
        return check_rows(self) or (
            *check_range("shape", self.shape, 1e-3, 1e5),
            *check_range("scale", self.scale, 1e-200, 1e200),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Beta:
    """Values between ``low`` and ``high`` with mean low + (high - low) a / (a + b)."""

    a: Parameter
    b: Parameter
    low: Parameter = 0.0
    high: Parameter = 1.0

    def draw(self, words: NDArray[np.uint64]) -> Floats:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Floats:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Floats:
        if np.ndim(self.a) == 0 and np.ndim(self.b) == 0:
            found = look_up_logit(tabulate_beta(float(self.a), float(self.b)), p)
        else:
            low, high = _solve_beta(np.asarray(self.a), np.asarray(self.b), p, 1.0 - p)
            found = special.expit(low - high)
        found *= np.asarray(self.high) - self.low
        found += self.low
        return np.minimum(found, self.high, out=found)

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        share = np.clip((x - np.asarray(self.low)) / (np.asarray(self.high) - self.low), 0.0, 1.0)
        return np.asarray(special.betainc(self.a, self.b, share), np.float64)

    def mean(self) -> Parameter:
        """Low + (high - low) a / (a + b)."""
        return self.low + (self.high - self.low) * self.a / (self.a + self.b)

    def variance(self) -> Parameter:
        """(high - low)**2 a b / ((a + b)**2 (a + b + 1))."""
        total = self.a + self.b
        return (self.high - self.low) ** 2 * self.a * self.b / (total**2 * (total + 1.0))

    def support(self) -> tuple[float, float]:
        """Low and high."""
        return get_bounds(self.low, self.high)

    def find_faults(self) -> tuple[str, ...]:
        """An a or b outside [0.01, 1e6], ends in the wrong order."""
        return check_rows(self) or (
            *check_range("a", self.a, 0.01, 1e6),
            *check_range("b", self.b, 0.01, 1e6),
            *check_range("low", self.low, -1e150, 1e150),
            *check_range("high", self.high, -1e150, 1e150),
            *check_order("low", self.low, "high", self.high),
        )


@dataclass(frozen=True, slots=True, eq=False)
class StudentT:
    """Student's t with degrees of freedom, a center and a scale."""

    degrees: Parameter
    center: Parameter = 0.0
    scale: Parameter = 1.0

    def draw(self, words: NDArray[np.uint64]) -> Floats:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Floats:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Floats:
        if np.ndim(self.degrees) == 0:
            found = look_up_sinh(tabulate_t(float(self.degrees)), p)
        else:
            tail = np.minimum(p, 1.0 - p)
            found = np.sinh(_solve_t(np.asarray(self.degrees), tail)) * np.where(p < 0.5, -1.0, 1.0)
        found *= self.scale
        found += self.center
        return found

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return np.asarray(special.stdtr(self.degrees, (x - np.asarray(self.center)) / self.scale), np.float64)

    def mean(self) -> Parameter:
        """The center; NaN for one degree of freedom or fewer."""
        found = np.where(np.asarray(self.degrees) > 1, self.center, np.nan)
        return float(found) if found.ndim == 0 else found

    def variance(self) -> Parameter:
        """scale**2 degrees / (degrees - 2); inf for 1 < degrees <= 2, NaN below."""
        nu = np.asarray(self.degrees, np.float64)
        safe = np.where(nu > 2, nu, 3.0)
        found = np.where(nu > 2, np.asarray(self.scale) ** 2 * safe / (safe - 2), np.where(nu > 1, np.inf, np.nan))
        return float(found) if found.ndim == 0 else found

    def support(self) -> tuple[float, float]:
        """The whole line."""
        return -math.inf, math.inf

    def find_faults(self) -> tuple[str, ...]:
        """Degrees of freedom outside [0.1, 1e6], a center that is not finite, a scale of 0 or less."""
        return check_rows(self) or (
            *check_range("degrees", self.degrees, 0.1, 1e6),
            *check_finite("center", self.center),
            *check_range("scale", self.scale, 1e-100, 1e100),
        )


@lru_cache(maxsize=256)
def tabulate_gamma(shape: float) -> QuantileTable:
    """Logarithms of the quantiles of the gamma law of scale 1."""

    def follow(z: Floats) -> tuple[Floats, Floats]:
        p, q = special.expit(z), special.expit(-z)
        y = _solve_gamma(np.asarray(shape), p, q)
        with np.errstate(under="ignore"):
            return y, p * q / np.exp(shape * y - np.exp(y) - special.gammaln(shape))

    return build_quantile_table(follow)


@lru_cache(maxsize=256)
def tabulate_beta(a: float, b: float) -> QuantileTable:
    """Logits of the quantiles of the beta law on (0, 1)."""

    def follow(z: Floats) -> tuple[Floats, Floats]:
        p, q = special.expit(z), special.expit(-z)
        low, high = _solve_beta(np.asarray(a), np.asarray(b), p, q)
        with np.errstate(under="ignore"):
            return low - high, p * q / np.exp(a * low + b * high - special.betaln(a, b))

    return build_quantile_table(follow)


@lru_cache(maxsize=256)
def tabulate_t(degrees: float) -> QuantileTable:
    """Inverse hyperbolic sines of the quantiles of the standard t law."""
    constant = special.gammaln((degrees + 1) / 2) - special.gammaln(degrees / 2) - 0.5 * math.log(degrees * math.pi)

    def follow(z: Floats) -> tuple[Floats, Floats]:
        p, q = special.expit(z), special.expit(-z)
        y = _solve_t(np.asarray(degrees), np.minimum(p, q))
        # log(1 + t**2 / degrees) and log(1 + t**2) with t = sinh(y), which may be beyond 1e154.
        square = 2.0 * np.where(y > 20.0, y - math.log(2.0), np.log(np.maximum(np.sinh(np.minimum(y, 20.0)), 1e-300)))
        log_density = constant - (degrees + 1) / 2 * np.logaddexp(0.0, square - math.log(degrees))
        slope = p * q * np.exp(-log_density - 0.5 * np.logaddexp(0.0, square))
        return np.where(z < 0, -y, y), slope

    return build_quantile_table(follow)


def _solve_gamma(shape: Floats, p: Floats, q: Floats) -> Floats:
    """Logarithm of the value below which lies p and above which lies q = 1 - p."""
    value = np.where(p < 0.5, special.gammaincinv(shape, p), special.gammainccinv(shape, q))
    # Near 0 the distribution function is x**shape / gamma(shape + 1).
    near_zero = (np.log(p) + special.gammaln(shape + 1.0)) / shape
    return np.asarray(np.where(value > _TINY, np.log(np.maximum(value, _TINY)), near_zero), np.float64)


def _solve_beta(a: Floats, b: Floats, p: Floats, q: Floats) -> tuple[Floats, Floats]:
    """Logarithms of the value x below which lies p, and of 1 - x."""
    low, high = special.betaincinv(a, b, p), special.betaincinv(b, a, q)
    constant = special.betaln(a, b)
    near_low = (np.log(p) + np.log(a) + constant) / a
    near_high = (np.log(q) + np.log(b) + constant) / b
    # Each side is exact where its probability is small; it loses the other end where that is closer than 1e-6.
    by_low = np.where(p < 0.5, low < 1.0 - 1e-6, high > 1.0 - 1e-6)
    with np.errstate(divide="ignore"):
        log_low = np.where(by_low, np.where(low > _TINY, np.log(low), near_low), np.log1p(-high))
        log_high = np.where(by_low, np.log1p(-low), np.where(high > _TINY, np.log(high), near_high))
    return log_low, log_high


def _solve_t(degrees: Floats, tail: Floats) -> Floats:
    """Inverse hyperbolic sine of the value above which lies ``tail``, in (0, 0.5]."""
    half = degrees / 2.0
    far = special.betaincinv(half, 0.5, 2.0 * tail)
    near = special.betaincinv(0.5, half, np.maximum(1.0 - 2.0 * tail, 0.0))
    with np.errstate(divide="ignore"):
        small = np.where(tail > 0.25, near, 1.0 - far)
        large = np.where(tail > 0.25, 1.0 - near, far)
        value = np.arcsinh(np.sqrt(degrees * small / np.maximum(large, 1e-200)))
        log_far = (np.log(2.0 * tail) + np.log(half) + special.betaln(half, 0.5)) / half
        log_large = np.where(large > _TINY, np.log(np.maximum(large, _TINY)), log_far)
        beyond = 0.5 * (np.log(degrees) - log_large) + math.log(2.0)
    return np.asarray(np.where(large > 1e-100, value, beyond), np.float64)
