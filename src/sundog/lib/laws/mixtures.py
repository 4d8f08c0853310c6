"""Laws made of several: mixed by weight, and chosen by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sundog.lib.laws.elementary import spread_words
from sundog.lib.laws.guide_table import GuideTable, build_guide_table, split_cells
from sundog.lib.laws.law import (
    TABLE,
    Law,
    Parameter,
    Values,
    check_rows,
    check_weights,
    clip_probabilities,
    count_rows,
    describe_bad,
    is_whole,
    simplify,
    take_rows,
)
from sundog.lib.laws.quantile_table import QuantileTable, build_quantile_table, look_up_sinh

Floats = NDArray[np.float64]
_CLOSE = 1e-6
_BODY = 16.0
"""Farther out (1e-7 of the law) sums of distribution functions near 1 are too coarse to measure errors of 1e-8."""


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """One of some laws, by weight.

    A draw takes the law from the word's place among the weights and its value from the place within; quantiles
    come from a table that is made when the first is asked for (up to a second), exact to 1e-6 in the logit of the probability.
    Where there is none that exact (gaps, steps, parameters by row, whole numbers) an interval is halved for each value, up to 100
    times, which takes 3 to 30 microseconds.

    Attributes:
        laws: at least one; all of whole numbers, or draws are float64.
        weights: float64 (k,), not negative.
    """

    laws: tuple[Law, ...]
    weights: Floats = field(metadata=TABLE)
    table: GuideTable = field(init=False, repr=False, metadata=TABLE)

    def __post_init__(self) -> None:
        weights = np.asarray(self.weights, np.float64)
        object.__setattr__(self, "weights", weights)
        sound = len(weights) == len(self.laws) and not check_weights("weights", weights)
        object.__setattr__(self, "table", build_guide_table(weights if sound else np.ones(max(len(self.laws), 1))))

    def draw(self, words: NDArray[np.uint64]) -> Values:
        """See ``Law.draw``."""
        p = spread_words(words)
        which = split_cells(p, *self.table)
        return _fill(self.laws, which, p, _are_whole(self.laws))

    def quantile(self, p: Floats) -> Values:
        """See ``Law.quantile``."""
        p = clip_probabilities(p)
        table = _tabulate(self)
        if table is None:
            return self._search(p)
        found = look_up_sinh(table.quantiles, p)
        found *= table.scale
        found += table.center
        return found

    def _search(self, p: Floats) -> Values:
        used = [law for law, weight in zip(self.laws, self.weights, strict=True) if weight > 0]
        ends = [law.quantile(p).astype(np.float64) for law in used]
        low, high = np.minimum.reduce(ends), np.maximum.reduce(ends)
        whole = _are_whole(self.laws)
        for _ in range(100):
            middle = np.floor(low / 2 + high / 2) if whole else low / 2 + high / 2
            if bool(((middle <= low) | (middle >= high)).all()):
                break
            reached = self.cdf(middle) >= p
            high, low = np.where(reached, middle, high), np.where(reached, low, middle)
        # The lower end may itself be the answer.
        found = np.where(self.cdf(low) >= p, low, high)
        return found.astype(np.int64) if whole else found

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        shares = np.diff(self.table.edges)
        return np.asarray(
            sum(share * law.cdf(x) for share, law in zip(shares, self.laws, strict=True) if share > 0), np.float64
        )

    def mean(self) -> Parameter:
        """Mean of the means."""
        shares = np.diff(self.table.edges)
        return simplify(np.asarray(sum(share * law.mean() for share, law in zip(shares, self.laws, strict=True))))

    def variance(self) -> Parameter:
        """Mean of the variances and variance of the means."""
        shares = np.diff(self.table.edges)
        mean = self.mean()
        parts = (s * (law.variance() + (law.mean() - mean) ** 2) for s, law in zip(shares, self.laws, strict=True))
        return simplify(np.asarray(sum(parts)))

    def support(self) -> tuple[float, float]:
        """From the smallest to the largest."""
        ends = [law.support() for law in self.laws]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def find_faults(self) -> tuple[str, ...]:
        """Faults of each law, weights that do not fit them."""
        faults = [f"law {i}: {fault}" for i, law in enumerate(self.laws) for fault in law.find_faults()]
        if len(self.weights) != len(self.laws):
            faults.append(f"there must be one weight for each of {len(self.laws)} laws, not {len(self.weights)}")
        return (*faults, *check_weights("weights", self.weights))


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """The law of each row is one of some, by another column: the law of B given A where A is a category.

    Attributes:
        laws: at least one; all of whole numbers, or draws are float64.
        which: int64 (n,), number of the law of each row.
    """

    laws: tuple[Law, ...]
    which: NDArray[np.int64]

    def draw(self, words: NDArray[np.uint64]) -> Values:
        """See ``Law.draw``."""
        return _fill(self.laws, self.which, spread_words(words), _are_whole(self.laws))

    def quantile(self, p: Floats) -> Values:
        """See ``Law.quantile``."""
        return _fill(self.laws, self.which, clip_probabilities(p), _are_whole(self.laws))

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        found = np.empty(len(x))
        for i, law in enumerate(self.laws):
            rows = np.flatnonzero(self.which == i)
            found[rows] = take_rows(law, rows).cdf(x[rows])
        return found

    def mean(self) -> Parameter:
        """The mean of each row's law."""
        return self._gather([law.mean() for law in self.laws])

    def variance(self) -> Parameter:
        """The variance of each row's law."""
        return self._gather([law.variance() for law in self.laws])

    def _gather(self, numbers: list[Parameter]) -> Floats:
        rows = np.arange(len(self.which))
        table = np.stack([np.broadcast_to(x, (len(rows),)) for x in numbers])
        return np.asarray(table[self.which, rows], np.float64)

    def support(self) -> tuple[float, float]:
        """From the smallest to the largest."""
        ends = [law.support() for law in self.laws]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def find_faults(self) -> tuple[str, ...]:
        """Faults of each law, rows whose law does not exist."""
        faults = [f"law {i}: {fault}" for i, law in enumerate(self.laws) for fault in law.find_faults()]
        inside = (self.which >= 0) & (self.which < len(self.laws))
        return check_rows(self) or (
            *faults,
            *describe_bad("which", f"in 0 .. {len(self.laws) - 1}", self.which, inside),
        )


class _Table(NamedTuple):
    """Quantiles of a mixture: center + scale * sinh(what the table says)."""

    quantiles: QuantileTable
    center: float
    scale: float


@lru_cache(maxsize=64)
def _tabulate(law: Mixture) -> _Table | None:
    """The table of a mixture, or None where there is none that is exact."""
    if count_rows(law) != 1 or _are_whole(law.laws):
        return None
    low, center, high = law._search(np.array([0.25, 0.5, 0.75])).tolist()
    scale = high - low
    if not scale > 0.0:
        return None

    def follow(z: Floats) -> tuple[Floats, Floats]:
        y = np.arcsinh((law._search(special.expit(z)).astype(np.float64) - center) / scale)
        return y, np.gradient(y, z, edge_order=2)

    quantiles = build_quantile_table(follow, body=_BODY)
    return _Table(quantiles, center, scale) if quantiles.shift < _CLOSE else None


def _are_whole(laws: tuple[Law, ...]) -> bool:
    return all(is_whole(law) for law in laws)


def _fill(laws: tuple[Law, ...], which: NDArray[np.int64], p: Floats, whole: bool) -> Values:
    """Value of each row from its own law: p is float64 (n,), which int64 (n,)."""
    found: Values = np.empty(len(p), np.int64) if whole else np.empty(len(p), np.float64)
    for i, law in enumerate(laws):
        rows = np.flatnonzero(which == i)
        if len(rows):
            found[rows] = take_rows(law, rows).quantile(p[rows])
    return found
