"""Choices: a yes or no, categories by weight, categories by weight and group, whole numbers alike."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.kernels.draws import multiply_high
from sundog.lib.laws.elementary import spread_words
from sundog.lib.laws.guide_table import GuideTable, build_guide_table, find_cells
from sundog.lib.laws.law import (
    TABLE,
    Parameter,
    Values,
    Whole,
    as_rows,
    check_range,
    check_rows,
    check_weights,
    clip_probabilities,
    describe_bad,
    get_bounds,
    simplify,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Bernoulli:
    """1 with probability ``share``, else 0."""

    share: Parameter

    def draw(self, words: NDArray[np.uint64]) -> Integers:
        """See ``Law.draw``."""
        return self.quantile(spread_words(words))

    def quantile(self, p: Floats) -> Integers:
        """See ``Law.quantile``."""
        return np.asarray(_pass_shares(p, as_rows(self.share)))

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return np.where(np.asarray(x) < 0, 0.0, np.where(np.asarray(x) < 1, 1.0 - np.asarray(self.share), 1.0))

    def mean(self) -> Parameter:
        """The share."""
        return self.share

    def variance(self) -> Parameter:
        """Share (1 - share)."""
        return self.share * (1.0 - self.share)

    def support(self) -> tuple[float, float]:
        """0 and 1, or the one of them that is possible."""
        return float(np.min(self.share) >= 1.0), float(np.max(self.share) > 0.0)

    def find_faults(self) -> tuple[str, ...]:
        """A share outside [0, 1]."""
        return check_rows(self) or (*check_range("share", self.share, 0.0, 1.0),)


@dataclass(frozen=True, slots=True, eq=False)
class Categorical:
    """Number of a category, 0 .. k - 1, by weight.

    Attributes:
        weights: float64 (k,), not negative; they need not sum to 1.
    """

    weights: Floats = field(metadata=TABLE)
    table: GuideTable = field(init=False, repr=False, metadata=TABLE)

    def __post_init__(self) -> None:
        weights = np.asarray(self.weights, np.float64)
        object.__setattr__(self, "weights", weights)
        sound = not check_weights("weights", weights)
        object.__setattr__(self, "table", build_guide_table(weights if sound else np.ones(1)))

    def draw(self, words: NDArray[np.uint64]) -> Integers:
        """See ``Law.draw``."""
        return np.asarray(find_cells(spread_words(words), *self.table))

    def quantile(self, p: Floats) -> Integers:
        """See ``Law.quantile``."""
        return np.asarray(find_cells(clip_probabilities(p), *self.table))

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        last = len(self.weights) - 1
        return np.asarray(self.table.edges[(np.clip(np.floor(x), -1, last) + 1).astype(np.int64)])

    def mean(self) -> Parameter:
        """Mean of the numbers of the categories."""
        return float(np.average(np.arange(len(self.weights)), weights=self.weights))

    def variance(self) -> Parameter:
        """Variance of the numbers of the categories."""
        return float(np.average((np.arange(len(self.weights)) - self.mean()) ** 2, weights=self.weights))

    def support(self) -> tuple[float, float]:
        """The first and the last category with a weight."""
        possible = np.flatnonzero(self.weights > 0)
        return float(possible[0]), float(possible[-1])

    def find_faults(self) -> tuple[str, ...]:
        """Weights that are negative, not finite, or sum to 0."""
        return check_weights("weights", self.weights)


@dataclass(frozen=True, slots=True, eq=False)
class GroupedCategorical:
    """Number of a category by weight, where the weights depend on a group: the table of B given A.

    Attributes:
        weights: float64 (groups, k), not negative, each row with a sum above 0.
        group: int64 (n,), the group of each row.
    """

    weights: Floats = field(metadata=TABLE)
    group: Integers
    edges: Floats = field(init=False, repr=False, metadata=TABLE)
    guides: NDArray[np.int32] = field(init=False, repr=False, metadata=TABLE)

    def __post_init__(self) -> None:
        weights = np.asarray(self.weights, np.float64)
        object.__setattr__(self, "weights", weights)
        tables = [build_guide_table(np.ones(1))]
        if weights.ndim == 2 and not any(check_weights("weights", row) for row in weights):
            tables = [build_guide_table(row) for row in weights]
        object.__setattr__(self, "edges", np.stack([table.edges for table in tables]))
        object.__setattr__(self, "guides", np.stack([table.guide for table in tables]))

    def draw(self, words: NDArray[np.uint64]) -> Integers:
        """See ``Law.draw``."""
        return np.asarray(_find_grouped(spread_words(words), self.group, self.edges, self.guides))

    def quantile(self, p: Floats) -> Integers:
        """See ``Law.quantile``."""
        return np.asarray(_find_grouped(clip_probabilities(p), self.group, self.edges, self.guides))

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        last = self.weights.shape[1] - 1
        return np.asarray(self.edges[self.group, (np.clip(np.floor(x), -1, last) + 1).astype(np.int64)])

    def mean(self) -> Parameter:
        """Mean of the numbers of the categories, for each row."""
        shares = self.weights / self.weights.sum(axis=1, keepdims=True)
        return np.asarray((shares @ np.arange(shares.shape[1]))[self.group], np.float64)

    def variance(self) -> Parameter:
        """Variance of the numbers of the categories, for each row."""
        shares = self.weights / self.weights.sum(axis=1, keepdims=True)
        at = np.arange(shares.shape[1])
        return np.asarray((shares @ at**2 - (shares @ at) ** 2)[self.group], np.float64)

    def support(self) -> tuple[float, float]:
        """The first and the last category."""
        return 0.0, float(self.weights.shape[1] - 1)

    def find_faults(self) -> tuple[str, ...]:
        """Weights that are negative, not finite, or sum to 0 in a group; groups that have no weights."""
        if self.weights.ndim != 2:
            return ("weights must be a table with one row a group",)
        faults = [f for i, row in enumerate(self.weights) for f in check_weights(f"weights of group {i}", row)]
        inside = (self.group >= 0) & (self.group < len(self.weights))
        return check_rows(self) or (
            *faults,
            *describe_bad("group", f"in 0 .. {len(self.weights) - 1}", self.group, inside),
        )


@dataclass(frozen=True, slots=True, eq=False)
class IntegerUniform:
    """Every whole number from ``low`` to ``high`` alike, both included.

    Limits: the word is multiplied by the number of values k and its upper half kept, so that a value's probability is off
    by at most 2**-64, relatively by k * 2**-64: below 1e-9 up to k = 1.8e10. ``quantile`` knows 2**52 values at most.
    """

    low: Whole
    high: Whole

    def draw(self, words: NDArray[np.uint64]) -> Integers:
        """See ``Law.draw``."""
        low, high = np.atleast_1d(np.int64(self.low)), np.atleast_1d(np.int64(self.high))
        return np.asarray(_scale_words(words, low, high))

    def quantile(self, p: Floats) -> Integers:
        """See ``Law.quantile``."""
        words = np.minimum(np.ceil(clip_probabilities(p) * 2.0**53), 2.0**53 - 1).astype(np.uint64)
        words -= np.uint64(1)
        return self.draw(words << np.uint64(11))

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        low, high = np.asarray(self.low, np.float64), np.asarray(self.high, np.float64)
        return np.clip((np.floor(x) - low + 1.0) / (high - low + 1.0), 0.0, 1.0)

    def mean(self) -> Parameter:
        """The middle."""
        return simplify(np.asarray(self.low, np.float64) / 2 + np.asarray(self.high, np.float64) / 2)

    def variance(self) -> Parameter:
        """(k**2 - 1) / 12 for k values."""
        count = np.asarray(self.high, np.float64) - np.asarray(self.low, np.float64) + 1.0
        return simplify((count**2 - 1.0) / 12.0)

    def support(self) -> tuple[float, float]:
        """Low and high."""
        return get_bounds(self.low, self.high)

    def find_faults(self) -> tuple[str, ...]:
        """Ends beyond 64 bits, or in the wrong order."""
        faults = (*check_rows(self), *_check_whole("low", self.low), *_check_whole("high", self.high))
        if faults:
            return faults
        low, high = np.broadcast_arrays(np.atleast_1d(self.low), np.atleast_1d(self.high))
        wanted = f"at most high ({self.high})" if np.ndim(self.high) == 0 else "at most high"
        return describe_bad("low", wanted, low, low <= high)


def _check_whole(name: str, value: Whole) -> tuple[str, ...]:
    if isinstance(value, np.ndarray):
        return () if value.dtype == np.int64 else (f"{name} must be whole numbers of 64 bits, not {value.dtype}",)
    # A Python int has no limit, and a float may be handed in as well.
    inside = value == int(value) and -(2**63) <= value < 2**63
    return () if inside else (f"{name} must be a whole number in [-2**63, 2**63 - 1], not {value}",)


@njit(cache=True, nogil=True, error_model="numpy")
def _scale_words(words: NDArray[np.uint64], lows: Integers, highs: Integers) -> Integers:
    found = np.empty(len(words), np.int64)
    a, b = len(lows) > 1, len(highs) > 1
    for i in range(len(words)):
        low = np.uint64(lows[i * a])
        count = np.uint64(highs[i * b]) - low + np.uint64(1)
        # All 2**64 numbers: the count wraps to 0, and the word is the number.
        step = words[i] if count == 0 else multiply_high(words[i], count)
        found[i] = np.int64(low + step)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _pass_shares(p: Floats, shares: Floats) -> Integers:
    found = np.empty(len(p), np.int64)
    many = len(shares) > 1
    for i in range(len(p)):
        found[i] = p[i] > 1.0 - shares[i * many]
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _find_grouped(p: Floats, group: Integers, edges: Floats, guides: NDArray[np.int32]) -> Integers:
    found = np.empty(len(p), np.int64)
    steps = np.float64(guides.shape[1])
    for i in range(len(p)):
        own = group[i]
        cell = np.int64(guides[own, np.int64(p[i] * steps)])
        while edges[own, cell + 1] <= p[i]:
            cell += 1
        found[i] = cell
    return found
