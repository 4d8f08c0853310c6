"""Continuous laws of positive values: lognormal, exponential, Weibull, Pareto.

All work on whole arrays, so that a parameter by row costs no more than one number for all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sundog.lib.laws.elementary import (
    exponentiate,
    invert_exponentials,
    invert_normals,
    spread_words,
    take_logs,
)
from sundog.lib.laws.law import (
    Parameter,
    Values,
    check_finite,
    check_positive,
    check_range,
    check_rows,
    clip_probabilities,
    simplify,
)

Floats = NDArray[np.float64]
_LARGEST_LOG = 700.0


@dataclass(frozen=True, slots=True, eq=False)
class LogNormal:
    """The law of e**x with x normal: mean ``mu`` and standard deviation ``sigma`` of the logarithm."""

    mu: Parameter = 0.0
    sigma: Parameter = 1.0

    def draw(self, words: NDArray[np.uint64]) -> Floats:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Floats:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Floats:
        found: Floats = invert_normals(p)
        found *= self.sigma
        found += self.mu
        return np.asarray(exponentiate(found))

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        with np.errstate(divide="ignore"):
            logs = np.log(np.maximum(x, 0.0))
        return np.asarray(special.ndtr((logs - np.asarray(self.mu)) / self.sigma), np.float64)

    def mean(self) -> Parameter:
        """e**(mu + sigma**2 / 2)."""
        return simplify(_exp(np.asarray(self.mu + self.sigma**2 / 2)))

    def variance(self) -> Parameter:
        """(e**sigma**2 - 1) e**(2 mu + sigma**2)."""
        return simplify(_exp(np.asarray(2 * self.mu + self.sigma**2)) * np.expm1(np.asarray(self.sigma**2)))

    def support(self) -> tuple[float, float]:
        """The positive half of the line."""
        return 0.0, math.inf

    def find_faults(self) -> tuple[str, ...]:
        """Parameters that are not finite, a spread of 0 or less, values beyond e**700."""
        return check_rows(self) or (
            *check_finite("mu", self.mu),
            *check_positive("sigma", self.sigma),
            *check_range("|mu| + 9 sigma", np.abs(self.mu) + 9 * np.abs(self.sigma), 0.0, _LARGEST_LOG),
        )


def make_lognormal(
    *,
    mean: Parameter | None = None,
    median: Parameter | None = None,
    sd: Parameter | None = None,
    spread: Parameter | None = None,
) -> LogNormal:
    """A lognormal law by what people know of it.

    Args:
        mean: mean of the values, above 0; or
        median: median of the values, above 0.
        sd: standard deviation of the values, above 0; or
        spread: factor, above 1, such that two thirds of the values lie between median / spread and median * spread.

    Returns:
        The law; its parameters are NaN, which ``check_law`` reports, where the numbers allow none.
    """
    if (mean is None) == (median is None) or (sd is None) == (spread is None):
        raise ValueError("give mean or median, and sd or spread")
    with np.errstate(invalid="ignore", divide="ignore"):
        if spread is not None:
            sigma = np.log(np.asarray(spread, np.float64))
        elif mean is not None:
            sigma = np.sqrt(np.log1p((np.asarray(sd) / mean) ** 2))
        else:
            # With v = e**sigma**2: sd**2 = median**2 (v - 1) v.
            ratio = (np.asarray(sd) / np.asarray(median)) ** 2
            sigma = np.sqrt(np.log((1.0 + np.sqrt(1.0 + 4.0 * ratio)) / 2.0))
        mu = np.log(np.asarray(mean)) - sigma**2 / 2 if mean is not None else np.log(np.asarray(median))
    return LogNormal(simplify(mu), simplify(sigma))


@dataclass(frozen=True, slots=True, eq=False)
class Exponential:
    """Waiting time with a mean (scale), from ``low`` on."""

    scale: Parameter = 1.0
    low: Parameter = 0.0

    def draw(self, words: NDArray[np.uint64]) -> Floats:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Floats:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Floats:
        found: Floats = invert_exponentials(p)
        found *= self.scale
        found += self.low
        return found

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return np.asarray(-np.expm1(-np.maximum(x - np.asarray(self.low), 0.0) / self.scale))

    def mean(self) -> Parameter:
        """Low + scale."""
        return self.low + self.scale

    def variance(self) -> Parameter:
        """scale**2."""
        return self.scale**2 + 0.0 * self.low

    def support(self) -> tuple[float, float]:
        """From low on."""
        return float(np.min(self.low)), math.inf

    def find_faults(self) -> tuple[str, ...]:
        """A scale of 0 or less, a start that is not finite."""
        return check_rows(self) or (
            *check_range("scale", self.scale, 1e-300, 1e300),
            *check_finite("low", self.low),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Weibull:
    """Life times: the hazard falls for shape < 1, rises for shape > 1."""

    shape: Parameter
    scale: Parameter = 1.0

    def draw(self, words: NDArray[np.uint64]) -> Floats:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Floats:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Floats:
        found: Floats = take_logs(invert_exponentials(p))
        found /= self.shape
        found = exponentiate(found)
        found *= self.scale
        return found

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return np.asarray(-np.expm1(-((np.maximum(x, 0.0) / np.asarray(self.scale)) ** self.shape)))

    def mean(self) -> Parameter:
        """Scale times gamma(1 + 1 / shape)."""
        return simplify(self.scale * special.gamma(1.0 + 1.0 / np.asarray(self.shape)))

    def variance(self) -> Parameter:
        """scale**2 (gamma(1 + 2 / shape) - gamma(1 + 1 / shape)**2)."""
        inverse = 1.0 / np.asarray(self.shape)
        return simplify(self.scale**2 * (special.gamma(1.0 + 2.0 * inverse) - special.gamma(1.0 + inverse) ** 2))

    def support(self) -> tuple[float, float]:
        """The positive half of the line."""
        return 0.0, math.inf

    def find_faults(self) -> tuple[str, ...]:
        """A shape below 0.06 (values would leave the range of numbers) or above 1e6, a scale of 0 or less."""
        return check_rows(self) or (
            *check_range("shape", self.shape, 0.06, 1e6),
            *check_range("scale", self.scale, 1e-200, 1e200),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Pareto:
    """Values from ``low`` on, with P(value > x) = (low / x)**alpha."""

    alpha: Parameter
    low: Parameter = 1.0

    def draw(self, words: NDArray[np.uint64]) -> Floats:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Floats:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Floats:
        found: Floats = invert_exponentials(p)
        found /= self.alpha
        found = exponentiate(found)
        found *= self.low
        return found

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return np.asarray(-np.expm1(-np.asarray(self.alpha) * np.log(np.maximum(x / np.asarray(self.low), 1.0))))

    def mean(self) -> Parameter:
        """Alpha low / (alpha - 1); inf for alpha <= 1."""
        alpha = np.asarray(self.alpha, np.float64)
        safe = np.where(alpha > 1, alpha, 2.0)
        return simplify(np.where(alpha > 1, alpha * self.low / (safe - 1), np.inf))

    def variance(self) -> Parameter:
        """low**2 alpha / ((alpha - 1)**2 (alpha - 2)); inf for alpha <= 2."""
        alpha = np.asarray(self.alpha, np.float64)
        safe = np.where(alpha > 2, alpha, 3.0)
        return simplify(np.where(alpha > 2, np.asarray(self.low) ** 2 * safe / ((safe - 1) ** 2 * (safe - 2)), np.inf))

    def support(self) -> tuple[float, float]:
        """From low on."""
        return float(np.min(self.low)), math.inf

    def find_faults(self) -> tuple[str, ...]:
        """An alpha below 0.06 (values would leave the range of numbers) or above 1e6, a start of 0 or less."""
        return check_rows(self) or (
            *check_range("alpha", self.alpha, 0.06, 1e6),
            *check_range("low", self.low, 1e-40, 1e40),
        )


def _exp(x: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(x), np.float64)
