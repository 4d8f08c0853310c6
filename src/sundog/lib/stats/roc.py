"""The left end of an ROC curve: how many positives are found at a low share of false alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sundog.lib.stats.intervals import exact_interval
from sundog.lib.stats.risk import Rate

FEW = 2
"""Negatives expected above the threshold; with fewer its place is too uncertain for a normal approximation, which from here on covers what
it promises (tests/lib/stats/test_roc.py), and with half as many did so in as little as three cases of four."""


@dataclass(frozen=True, slots=True)
class TruePositives:
    """Share of positives that are found while a stated share of negatives is called positive.

    Attributes:
        value: the share.
        middle: the share with two successes and two failures more, as in the middle of Wilson's interval.
        variance: of both the positives above the threshold and the threshold itself.
        exact: an interval at 95 % that holds whatever the scores are like, where few negatives set the threshold; None elsewhere.
    """

    value: float
    middle: float
    variance: float
    exact: tuple[float, float] | None = None

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Wilson's interval at as many trials as would give the variance; the exact one where there is one, which is at 95 %."""
        if self.exact is not None:
            return self.exact
        return Rate(self.value, max(1.0, self.middle * (1.0 - self.middle) / self.variance)).interval(level)


def trace_roc(
    positives: NDArray[np.float64], negatives: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """True positive rates at these false positive rates; along ties the curve is a straight line.

    Args:
        positives: float64 (m,), scores.
        negatives: float64 (n,), scores.
        at: float64 (k,), false positive rates.

    Returns:
        float64 (k,).
    """
    ups, downs = np.sort(positives), np.sort(negatives)
    cuts = np.unique(np.concatenate([ups, downs]))[::-1]
    false = np.r_[0.0, (len(downs) - np.searchsorted(downs, cuts, side="left")) / len(downs)]
    true = np.r_[0.0, (len(ups) - np.searchsorted(ups, cuts, side="left")) / len(ups)]
    # at one false positive rate the curve may rise: it comes in at the lower end and leaves at the upper one
    corners, first = np.unique(false, return_index=True)
    lower, upper = true[first], true[np.r_[first[1:] - 1, len(true) - 1]]
    after = np.minimum(np.searchsorted(corners, at, side="left"), len(corners) - 1)
    before = np.maximum(after - 1, 0)
    width = np.maximum(corners[after] - corners[before], 1e-300)
    between = upper[before] + (at - corners[before]) / width * (lower[after] - upper[before])
    return np.where(corners[after] == at, upper[after], between)


def find_at(positives: NDArray[np.float64], negatives: NDArray[np.float64], share: float) -> TruePositives:
    """True positives at a share of false ones, with the variance that a threshold found on few negatives brings.

    The threshold is off by the square root of ``share * (1 - share) / n``, and each bit of it moves the true positives by the
    slope of the curve there (Hsieh and Turnbull, Annals of Statistics 24 (1996), doi:10.1214/aos/1033066197, theorem 2.2).
    The slope is taken between half and twice the share, and as that of guessing where it is less. What lies above the k-th
    highest of n negatives has a false positive rate of k / (n + 1) on average, so that is what the k-th stands for.
    Limits: where ``n * share`` is below ``FEW`` the variance is too small; ``average_at`` then takes the interval of ``bound_found``.
    """
    m, n = len(positives), len(negatives)
    shares = np.array([share / 2, share, min(1.0, 2 * share)])
    low, value, high = trace_roc(positives, negatives, np.clip((shares * (n + 1) - 1) / n, 0.0, 1.0))
    slope = max(1.0, (high - low) / (shares[2] - shares[0]))
    middle = (value * m + 2.0) / (m + 4.0)
    variance = middle * (1.0 - middle) / m + slope**2 * share * (1.0 - share) / n
    return TruePositives(float(value), float(middle), float(variance))


def bound_found(
    positives: NDArray[np.float64], negatives: NDArray[np.float64], share: float, level: float
) -> tuple[float, float]:
    """An interval of the true positives at a share of false ones that never covers less than promised.

    The share of all negatives above the k-th highest of n is a beta variable of k and n - k + 1, whatever the scores are like, so
    some k is surely on the strict side of the threshold that was meant, and some other one on the loose side. The positives
    above the first are at most, and those from the second on at least, what is found; each is counted with the bound of Clopper and
    Pearson (Biometrika 26 (1934), doi:10.1093/biomet/26.4.404). The four errors share what ``level`` leaves. Ties count
    against: the interval is wide where many scores are equal, and reaches from 0 to 1 where nothing is known.
    """
    m, n = len(positives), len(negatives)
    tail = (1 - level) / 4
    highest = np.sort(negatives)[::-1]
    k = np.arange(1, n + 1)
    below = special.betainc(k, n - k + 1, share)  # chance that at most the share of all negatives lies above the k-th
    strict, loose = np.flatnonzero(below >= 1 - tail), np.flatnonzero(below <= tail)
    least, most = 0.0, 1.0
    if len(strict):
        least = exact_interval(int((positives > highest[strict[-1]]).sum()), m, 1 - 2 * tail)[0]
    if len(loose):
        most = exact_interval(int((positives >= highest[loose[0]]).sum()), m, 1 - 2 * tail)[1]
    return (least, most)


def average_at(
    folds: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]], share: float, level: float = 0.95
) -> TruePositives:
    """Mean over independent folds of positives and negatives; where one has few negatives, with an exact interval.

    Each fold's interval then errs so rarely that all of them hold together at ``level``, and so does their mean.
    """
    mean = average_found([find_at(up, down, share) for up, down in folds])
    if min(len(down) for _, down in folds) * share >= FEW:
        return mean
    bounds = [bound_found(up, down, share, 1 - (1 - level) / len(folds)) for up, down in folds]
    exact = (float(np.mean([b[0] for b in bounds])), float(np.mean([b[1] for b in bounds])))
    return replace(mean, exact=exact)


def average_found(parts: Sequence[TruePositives]) -> TruePositives:
    """Mean over independent folds."""
    k = len(parts)
    return TruePositives(
        sum(p.value for p in parts) / k, sum(p.middle for p in parts) / k, sum(p.variance for p in parts) / (k * k)
    )
