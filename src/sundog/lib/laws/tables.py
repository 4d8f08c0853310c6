"""Laws that are tables: values with weights, quantiles to interpolate between, a density of straight pieces."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.laws.elementary import spread_words
from sundog.lib.laws.guide_table import GuideTable, build_guide_from_edges, build_guide_table, find_cells
from sundog.lib.laws.law import TABLE, Values, check_weights, clip_probabilities

Floats = NDArray[np.float64]
_EMPTY = np.array([0.0, 1.0])


@dataclass(frozen=True, slots=True, eq=False)
class Empirical:
    """One of some numbers, by weight.

    Attributes:
        values: float64 or int64 (k,), in any order; draws have the same type.
        weights: float64 (k,), not negative; all alike where there are none.
    """

    values: Values = field(metadata=TABLE)
    weights: Floats | None = field(default=None, metadata=TABLE)
    levels: Values = field(init=False, repr=False, metadata=TABLE)
    table: GuideTable = field(init=False, repr=False, metadata=TABLE)

    def __post_init__(self) -> None:
        values = np.asarray(self.values)
        values = values.astype(np.int64 if values.dtype.kind in "iub" else np.float64, copy=False)
        weights = np.ones(len(values)) if self.weights is None else np.asarray(self.weights, np.float64)
        object.__setattr__(self, "values", values)
        sound = len(values) == len(weights) and not check_weights("weights", weights)
        levels, place = np.unique(values, return_inverse=True)
        shares = np.asarray(np.bincount(place, weights=weights) if sound else np.ones(max(len(levels), 1)), np.float64)
        object.__setattr__(self, "levels", levels)
        object.__setattr__(self, "table", build_guide_table(shares))

    def _pick(self, p: Floats) -> Values:
        cells: NDArray[np.int64] = find_cells(p, *self.table)
        return self.levels[cells]

    def draw(self, words: NDArray[np.uint64]) -> Values:
        """See ``Law.draw``."""
        return self._pick(spread_words(words))

    def quantile(self, p: Floats) -> Values:
        """See ``Law.quantile``."""
        return self._pick(clip_probabilities(p))

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return np.asarray(self.table.edges[np.searchsorted(self.levels, x, side="right")])

    def mean(self) -> float:
        """Weighted mean of the values."""
        return float(np.diff(self.table.edges) @ self.levels)

    def variance(self) -> float:
        """Weighted variance of the values."""
        return float(np.diff(self.table.edges) @ (self.levels - self.mean()) ** 2)

    def support(self) -> tuple[float, float]:
        """The smallest and the largest value with a weight."""
        possible = self.levels[np.diff(self.table.edges) > 0]
        return float(possible[0]), float(possible[-1])

    def find_faults(self) -> tuple[str, ...]:
        """No values, values that are not finite, weights that do not fit them."""
        faults = () if self.values.ndim == 1 and len(self.values) else ("values must be a list of at least one number",)
        if not np.isfinite(self.values).all():
            faults = (*faults, "values must be finite numbers")
        if self.weights is None:
            return faults
        weights = np.asarray(self.weights, np.float64)
        if weights.shape != self.values.shape:
            faults = (*faults, f"there must be one weight for each of {len(self.values)} values, not {weights.size}")
        return (*faults, *check_weights("weights", weights))


@dataclass(frozen=True, slots=True, eq=False)
class QuantileCurve:
    """Straight lines between stated quantiles: what a table of percentiles says, and no more.

    Attributes:
        levels: float64 (k,), probabilities, rising from 0 to 1.
        values: float64 (k,), the quantiles, not falling; equal neighbours are a value that many have.
    """

    levels: Floats = field(metadata=TABLE)
    values: Floats = field(metadata=TABLE)
    table: GuideTable = field(init=False, repr=False, metadata=TABLE)

    def __post_init__(self) -> None:
        levels, values = np.asarray(self.levels, np.float64), np.asarray(self.values, np.float64)
        object.__setattr__(self, "levels", levels)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "table", build_guide_from_edges(_EMPTY if self.find_faults() else levels))

    def draw(self, words: NDArray[np.uint64]) -> Floats:
        """See ``Law.draw``."""
        return np.asarray(_follow_lines(spread_words(words), *self.table, self.values))

    def quantile(self, p: Floats) -> Floats:
        """See ``Law.quantile``."""
        return np.asarray(_follow_lines(clip_probabilities(p), *self.table, self.values))

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        at = np.asarray(x, np.float64)
        # Of several levels with one value, the highest is the probability of at most that value.
        right = np.clip(np.searchsorted(self.values, at, side="right"), 1, len(self.values) - 1)
        low, high = self.values[right - 1], self.values[right]
        share = np.clip((at - low) / np.where(high > low, high - low, 1.0), 0.0, 1.0)
        inside = self.levels[right - 1] + share * (self.levels[right] - self.levels[right - 1])
        return np.where(at >= self.values[-1], 1.0, np.where(at < self.values[0], 0.0, inside))

    def mean(self) -> float:
        """Mean of the pieces."""
        return float(np.diff(self.levels) @ (self.values[1:] + self.values[:-1]) / 2.0)

    def variance(self) -> float:
        """Variance of the pieces and between them."""
        low, high = self.values[:-1] - self.mean(), self.values[1:] - self.mean()
        return float(np.diff(self.levels) @ (low * low + low * high + high * high) / 3.0)

    def support(self) -> tuple[float, float]:
        """The first and the last quantile."""
        return float(self.values[0]), float(self.values[-1])

    def find_faults(self) -> tuple[str, ...]:
        """Levels that do not rise from 0 to 1, values that fall, lists of different lengths."""
        if self.levels.ndim != 1 or self.levels.shape != self.values.shape or len(self.levels) < 2:
            return ("levels and values must be lists of the same length, at least 2",)
        faults = []
        if not (self.levels[0] == 0 and self.levels[-1] == 1 and bool((np.diff(self.levels) > 0).all())):
            faults.append("levels must rise from 0 to 1")
        if not (np.isfinite(self.values).all() and bool((np.diff(self.values) >= 0).all())):
            faults.append("values must be finite and must not fall")
        return tuple(faults)


@dataclass(frozen=True, slots=True, eq=False)
class PiecewiseLinear:
    """A density of straight lines between knots.

    Attributes:
        knots: float64 (k,), rising.
        density: float64 (k,), height at each knot, not negative; the area need not be 1.
    """

    knots: Floats = field(metadata=TABLE)
    density: Floats = field(metadata=TABLE)
    table: GuideTable = field(init=False, repr=False, metadata=TABLE)

    def __post_init__(self) -> None:
        object.__setattr__(self, "knots", np.asarray(self.knots, np.float64))
        object.__setattr__(self, "density", np.asarray(self.density, np.float64))
        areas = np.ones(1) if self.find_faults() else self._measure_areas()
        object.__setattr__(self, "table", build_guide_table(areas))

    def _measure_areas(self) -> Floats:
        return np.diff(self.knots) * (self.density[1:] + self.density[:-1]) / 2.0

    def draw(self, words: NDArray[np.uint64]) -> Floats:
        """See ``Law.draw``."""
        return np.asarray(_follow_slopes(spread_words(words), *self.table, self.knots, self.density))

    def quantile(self, p: Floats) -> Floats:
        """See ``Law.quantile``."""
        return np.asarray(_follow_slopes(clip_probabilities(p), *self.table, self.knots, self.density))

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        at = np.clip(np.asarray(x, np.float64), self.knots[0], self.knots[-1])
        cell = np.clip(np.searchsorted(self.knots, at, side="right") - 1, 0, len(self.knots) - 2)
        width = self.knots[cell + 1] - self.knots[cell]
        share = (at - self.knots[cell]) / width
        low, high = self.density[cell], self.density[cell + 1]
        area = width * share * (low + 0.5 * share * (high - low)) / self._measure_areas().sum()
        return np.asarray(np.minimum(self.table.edges[cell] + area, 1.0), np.float64)

    def _take_moment(self, power: int, center: float) -> float:
        # Simpson's rule is exact for the product of a line and a square.
        left, right = self.knots[:-1] - center, self.knots[1:] - center
        low, high = self.density[:-1], self.density[1:]
        middle = ((left + right) / 2.0) ** power * (low + high) / 2.0
        parts = (right - left) / 6.0 * (left**power * low + 4.0 * middle + right**power * high)
        return float(parts.sum() / self._measure_areas().sum())

    def mean(self) -> float:
        """Mean of the density."""
        return self._take_moment(1, 0.0)

    def variance(self) -> float:
        """Variance of the density."""
        return self._take_moment(2, self.mean())

    def support(self) -> tuple[float, float]:
        """The first and the last knot."""
        return float(self.knots[0]), float(self.knots[-1])

    def find_faults(self) -> tuple[str, ...]:
        """Knots that do not rise, a density that is negative or 0 everywhere, lists of different lengths."""
        if self.knots.ndim != 1 or self.knots.shape != self.density.shape or len(self.knots) < 2:
            return ("knots and density must be lists of the same length, at least 2",)
        faults = list(check_weights("density", self.density, 2))
        if not (np.isfinite(self.knots).all() and bool((np.diff(self.knots) > 0).all())):
            faults.append("knots must be finite and must rise")
        return tuple(faults)


@njit(cache=True, nogil=True, error_model="numpy")
def _follow_lines(p: Floats, edges: Floats, guide: NDArray[np.int32], values: Floats) -> Floats:
    steps = np.float64(len(guide))
    for i in range(len(p)):
        cell = np.int64(guide[np.int64(p[i] * steps)])
        while edges[cell + 1] <= p[i]:
            cell += 1
        share = (p[i] - edges[cell]) / (edges[cell + 1] - edges[cell])
        p[i] = min(values[cell] + share * (values[cell + 1] - values[cell]), values[cell + 1])
    return p


@njit(cache=True, nogil=True, error_model="numpy")
def _follow_slopes(p: Floats, edges: Floats, guide: NDArray[np.int32], knots: Floats, density: Floats) -> Floats:
    steps = np.float64(len(guide))
    for i in range(len(p)):
        cell = np.int64(guide[np.int64(p[i] * steps)])
        while edges[cell + 1] <= p[i]:
            cell += 1
        share = (p[i] - edges[cell]) / (edges[cell + 1] - edges[cell])
        low, high = density[cell], density[cell + 1]
        # t (low + (high - low) t / 2) = share (low + high) / 2, in the form that loses no digits.
        root = np.sqrt(low * low + share * (high * high - low * low))
        t = share * (low + high) / (low + root)
        p[i] = min(knots[cell] + t * (knots[cell + 1] - knots[cell]), knots[cell + 1])
    return p
