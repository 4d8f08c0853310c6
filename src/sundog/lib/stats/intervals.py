"""Confidence intervals for shares and for statistics without a formula."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import special

GROUPS = 20
"""Row groups of the jackknife."""

Interval = tuple[float, float]


def wilson_interval(hits: int, trials: int, level: float = 0.95) -> Interval:
    """Interval of a share. Wilson, JASA 22 (1927), doi:10.1080/01621459.1927.10502953."""
    if trials == 0:
        return (0.0, 1.0)
    z = float(special.ndtri(0.5 + level / 2))
    share = hits / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == trials else min(1.0, middle + half)
    return (low, high)


def exact_interval(hits: int, trials: int, level: float = 0.95) -> Interval:
    """Interval of a share that never covers less than promised. Clopper and Pearson, Biometrika 26 (1934), doi:10.1093/biomet/26.4.404."""
    if trials == 0:
        return (0.0, 1.0)
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(special.betaincinv(hits, trials - hits + 1, tail))
    high = 1.0 if hits == trials else float(special.betaincinv(hits + 1, trials - hits, 1 - tail))
    return (low, high)


def jackknife_interval(
    value: float, left_out: NDArray[np.float64], level: float = 0.95, low: float = -math.inf, high: float = math.inf
) -> Interval:
    """Interval of any smooth statistic from what it is without each of several equal groups of rows.

    Args:
        value: the statistic over all rows.
        left_out: float64 (groups,), the statistic without group g.
        level: confidence.
        low: least possible value.
        high: greatest possible value.

    Source: delete-a-group jackknife, Kott, Journal of Official Statistics 17 (2001). Limits: distances that are near
    zero are not normal, and the interval is then rough.
    """
    groups = len(left_out)
    if groups < 2 or not np.all(np.isfinite(left_out)):
        return (low, high)
    spread = math.sqrt((groups - 1) / groups * float(np.sum((left_out - left_out.mean()) ** 2)))
    half = float(special.stdtrit(groups - 1, 0.5 + level / 2)) * spread
    return (max(low, value - half), min(high, value + half))


def row_groups(rows: int, groups: int = GROUPS) -> NDArray[np.int64]:
    """int64 (rows,): the jackknife group of each row, dealt in turn so that groups differ by one row at most."""
    return np.arange(rows, dtype=np.int64) % groups
