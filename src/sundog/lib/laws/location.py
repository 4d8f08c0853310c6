"""Continuous laws of a place and a width: constant, uniform, normal, triangular, logistic.

All work on whole arrays, so that a parameter by row costs no more than one number for all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import special

from sundog.lib.laws.elementary import (
    invert_normals,
    spread_words,
    take_logits,
)
from sundog.lib.laws.law import (
    Parameter,
    Values,
    as_rows,
    check_finite,
    check_order,
    check_positive,
    check_range,
    check_rows,
    clip_probabilities,
    describe_bad,
    get_bounds,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """Always the same value (or the value of the row)."""

    value: Parameter

    def draw(self, words: NDArray[np.uint64]) -> Floats:
        """See ``Law.draw``."""
        return np.full(len(words), self.value, np.float64)

    def quantile(self, p: Floats) -> Floats:
        """See ``Law.quantile``."""
        return np.full(len(p), self.value, np.float64)

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return (x >= np.asarray(self.value)).astype(np.float64)

    def mean(self) -> Parameter:
        """The value."""
        return self.value

    def variance(self) -> Parameter:
        """0."""
        return 0.0 * self.value

    def support(self) -> tuple[float, float]:
        """The value, twice."""
        return get_bounds(self.value, self.value)

    def find_faults(self) -> tuple[str, ...]:
        """A value that is not finite."""
        return check_rows(self) or (*check_finite("value", self.value),)


@dataclass(frozen=True, slots=True, eq=False)
class Uniform:
    """Every number in [low, high] alike."""

    low: Parameter
    high: Parameter

    def draw(self, words: NDArray[np.uint64]) -> Floats:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Floats:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Floats:
        p *= np.asarray(self.high) - self.low
        p += self.low
        # The rounding of the sum may pass the end by one unit in the last place.
        return np.asarray(np.minimum(p, self.high, out=p))

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return np.asarray(
            np.clip((x - np.asarray(self.low)) / (np.asarray(self.high) - self.low), 0.0, 1.0), np.float64
        )

    def mean(self) -> Parameter:
        """The middle."""
        return self.low + 0.5 * (self.high - self.low)

    def variance(self) -> Parameter:
        """(high - low)**2 / 12."""
        return (self.high - self.low) ** 2 / 12.0

    def support(self) -> tuple[float, float]:
        """Low and high."""
        return get_bounds(self.low, self.high)

    def find_faults(self) -> tuple[str, ...]:
        """Ends that are not finite, in the wrong order, or too far apart."""
        faults = (*check_rows(self), *check_finite("low", self.low), *check_finite("high", self.high))
        return faults or (
            *check_order("low", self.low, "high", self.high),
            *check_finite("high - low", np.asarray(self.high) * 0.5 - np.asarray(self.low) * 0.5),
            *check_finite("high - low", _subtract(self.high, self.low)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Normal:
    """The normal law with a mean and a standard deviation."""

    center: Parameter = 0.0
    sd: Parameter = 1.0

    def draw(self, words: NDArray[np.uint64]) -> Floats:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Floats:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Floats:
        found: Floats = invert_normals(p)
        found *= self.sd
        found += self.center
        return found

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return np.asarray(special.ndtr((x - np.asarray(self.center)) / self.sd), np.float64)

    def mean(self) -> Parameter:
        """The center."""
        return self.center

    def variance(self) -> Parameter:
        """sd**2."""
        return self.sd**2

    def support(self) -> tuple[float, float]:
        """The whole line."""
        return -math.inf, math.inf

    def find_faults(self) -> tuple[str, ...]:
        """A mean that is not finite, a standard deviation of 0 or less."""
        return check_rows(self) or (
            *check_finite("mean", self.center),
            *check_positive("sd", self.sd),
            *check_range("|mean| + 9 sd", np.abs(self.center) + 9.0 * np.abs(self.sd), 0.0, 1e300),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Triangular:
    """Density that rises from ``low`` to ``mode`` and falls to ``high``, both in straight lines."""

    low: Parameter
    mode: Parameter
    high: Parameter

    def draw(self, words: NDArray[np.uint64]) -> Floats:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Floats:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Floats:
        return np.asarray(_invert_triangles(p, as_rows(self.low), as_rows(self.mode), as_rows(self.high)))

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        low, mode, high = np.asarray(self.low), np.asarray(self.mode), np.asarray(self.high)
        width = high - low
        at = np.clip(x, low, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            rising = (at - low) ** 2 / (width * (mode - low))
            falling = 1.0 - (high - at) ** 2 / (width * (high - mode))
        return np.where(
            at < mode,
            rising,
            np.where(at >= high, 1.0, np.where(at <= low, np.where(mode > low, 0.0, falling), falling)),
        )

    def mean(self) -> Parameter:
        """A third of the sum of the three."""
        return (self.low + self.mode + self.high) / 3.0

    def variance(self) -> Parameter:
        """(a**2 + b**2 + c**2 - ab - ac - bc) / 18."""
        a, b, c = self.low, self.mode, self.high
        return (a * a + b * b + c * c - a * b - a * c - b * c) / 18.0

    def support(self) -> tuple[float, float]:
        """Low and high."""
        return get_bounds(self.low, self.high)

    def find_faults(self) -> tuple[str, ...]:
        """Corners that are not finite or not in order."""
        faults = (
            *check_rows(self),
            *(f for n in ("low", "mode", "high") for f in check_range(n, getattr(self, n), -1e150, 1e150)),
        )
        inside = (np.asarray(self.low) <= self.mode) & (np.asarray(self.mode) <= self.high)
        return faults or (
            *check_order("low", self.low, "high", self.high),
            *describe_bad("mode", "between low and high", self.mode, inside),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """The logistic law: like the normal one with longer tails."""

    center: Parameter = 0.0
    scale: Parameter = 1.0

    def draw(self, words: NDArray[np.uint64]) -> Floats:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Floats:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Floats:
        found: Floats = take_logits(p)
        found *= self.scale
        found += self.center
        return found

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return np.asarray(special.expit((x - np.asarray(self.center)) / self.scale), np.float64)

    def mean(self) -> Parameter:
        """The center."""
        return self.center

    def variance(self) -> Parameter:
        """(pi scale)**2 / 3."""
        return (math.pi * self.scale) ** 2 / 3.0

    def support(self) -> tuple[float, float]:
        """The whole line."""
        return -math.inf, math.inf

    def find_faults(self) -> tuple[str, ...]:
        """A center that is not finite, a scale of 0 or less."""
        return check_rows(self) or (
            *check_finite("center", self.center),
            *check_range("scale", self.scale, 1e-300, 1e300),
        )


@njit(cache=True, nogil=True, error_model="numpy")
def _invert_triangles(p: Floats, lows: Floats, modes: Floats, highs: Floats) -> Floats:
    a, b, c = len(lows) > 1, len(modes) > 1, len(highs) > 1
    for i in range(len(p)):
        low, mode, high = lows[i * a], modes[i * b], highs[i * c]
        width = high - low
        rising = min(low + np.sqrt(p[i] * (width * (mode - low))), mode)
        falling = max(high - np.sqrt((1.0 - p[i]) * (width * (high - mode))), mode)
        p[i] = rising if p[i] * width < mode - low else falling
    return p


def _subtract(high: Parameter, low: Parameter) -> Parameter:
    with np.errstate(over="ignore"):
        return np.subtract(high, low)
