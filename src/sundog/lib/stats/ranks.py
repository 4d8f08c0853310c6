"""Ranks with ties, from scipy.stats, which is loaded when they are wanted: it takes a tenth of a start, and few runs need it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def rank_values(values: NDArray[Any]) -> NDArray[np.float64]:
    """Rank of each value, from 1; equal values share the mean of their ranks: float64 (n,).

    Args:
        values: (n,), without NaN.
    """
    from scipy.stats import rankdata

    return np.asarray(rankdata(values), np.float64)
