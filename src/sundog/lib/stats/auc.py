"""Area under the ROC curve with an interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sundog.lib.stats.ranks import rank_values


@dataclass(frozen=True, slots=True)
class Auc:
    """An area under the curve: the chance that a positive scores above a negative, ties counting half.

    Attributes:
        value: the area.
        variance: DeLong's estimate.
        positives: number of positives.
        negatives: number of negatives.
    """

    value: float
    variance: float
    positives: int
    negatives: int

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Normal interval; where the variance is zero (no overlap at all) the rule of three bounds it."""
        if self.variance <= 0.0:
            slack = 3.0 / max(1, min(self.positives, self.negatives))
            return (max(0.0, self.value - slack), min(1.0, self.value + slack))
        half = float(special.ndtri(0.5 + level / 2)) * math.sqrt(self.variance)
        return (max(0.0, self.value - half), min(1.0, self.value + half))


def measure_auc(positives: NDArray[np.float64], negatives: NDArray[np.float64]) -> Auc:
    """The area and DeLong's variance.

    Args:
        positives: float64 (m,), scores of positives.
        negatives: float64 (n,), scores of negatives.

    Source: DeLong, Biometrics 44 (1988), doi:10.2307/2531595; midranks as in Sun and Xu, IEEE SPL 21 (2014), doi:10.1109/LSP.2014.2337313.
    """
    m, n = len(positives), len(negatives)
    if m == 0 or n == 0:
        raise ValueError("both classes are needed")
    ranks = rank_values(np.concatenate([positives, negatives]))
    above = (ranks[:m] - rank_values(positives)) / n
    below = 1.0 - (ranks[m:] - rank_values(negatives)) / m
    value = float(above.mean())
    variance = (float(above.var(ddof=1)) / m if m > 1 else 0.0) + (float(below.var(ddof=1)) / n if n > 1 else 0.0)
    return Auc(value, variance, m, n)


def average_folds(folds: Sequence[Auc]) -> Auc:
    """The mean area over folds. Scores of different folds come from different models and are not comparable, so areas are
    averaged rather than scores pooled.
    """
    k = len(folds)
    return Auc(
        sum(f.value for f in folds) / k,
        sum(f.variance for f in folds) / (k * k),
        sum(f.positives for f in folds),
        sum(f.negatives for f in folds),
    )


def weigh_auc(
    scores: NDArray[np.float64], positive: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Areas under several weightings of the same rows, for a bootstrap.

    Args:
        scores: float64 (n,).
        positive: bool (n,).
        weights: float64 (draws, n), how often each row was drawn.

    Returns:
        float64 (draws,), NaN where a class was not drawn.
    """
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    ups = np.add.reduceat(weights[:, order] * positive[order], starts, axis=1)
    downs = np.add.reduceat(weights[:, order] * ~positive[order], starts, axis=1)
    under = np.cumsum(downs, axis=1) - 0.5 * downs
    total = ups.sum(axis=1) * downs.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        areas: NDArray[np.float64] = np.where(total > 0, (ups * under).sum(axis=1) / total, np.nan)
    return areas
