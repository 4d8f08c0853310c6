"""Quantiles of a continuous law from a table: a smooth curve over the logit of the probability.

Gamma, beta and t laws have no formula for their quantiles; solving for them takes about 2 microseconds a value. Over
z = log(p / (1 - p)) the quantile, itself on a scale that suits the law (logarithm, logit, inverse hyperbolic sine), is nearly
straight in both tails and smooth between, so that a cubic on each cell of an even grid follows it to 1e-8.

Source: the idea of tables of quantiles with controlled error is that of Hoermann and Leydold, ACM TOMACS 13, 2003,
doi:10.1145/945511.945517; grid and scales are our own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.laws.elementary import compute_exp, exponentiate, take_logits

Floats = NDArray[np.float64]
REACH = 37.0
"""Logits of 2**-53 and 1 - 2**-53 are -36.7 and 36.7."""
WANTED = 1e-8
_FIRST_CELLS, _MOST_CELLS = 512, 16384


class QuantileTable(NamedTuple):
    """Cubics over an even grid of logits.

    Attributes:
        cubics: float64 (cells, 4), coefficients of d**0 .. d**3 with d in [0, 1) the place within the cell.
        error: the largest difference that was found at the middles of the cells in the body, on the scale of the table; for a
            logarithm this is the relative error of the value.
        shift: the largest difference in the logit of the probability that this error amounts to; a quarter of it bounds the
            Kolmogorov distance between the law drawn from and the law meant.
    """

    cubics: Floats
    error: float
    shift: float


def build_quantile_table(curve: Callable[[Floats], tuple[Floats, Floats]], body: float = 25.0) -> QuantileTable:
    """Tabulate a quantile; the grid is halved until both errors are below 1e-8, or 16,384 cells are used.

    Args:
        curve: gives for logits z, float64 (n,), the quantile on the scale of the table and its derivative by z, both
            float64 (n,); rising.
        body: logits up to which the errors are measured; farther out (at 25, 1e-11 of the law on either side) what is left
            is the noise of the curve.
    """
    cells = _FIRST_CELLS
    while True:
        grid = np.linspace(-REACH, REACH, 2 * cells + 1, dtype=np.float64)
        value, slope = curve(grid)
        step = 2 * REACH / cells
        y0, y1, middle = value[0:-1:2], value[2::2], value[1::2]
        rise = y1 - y0
        # A cubic rises all the way when neither end is steeper than three times the chord (Fritsch and Carlson 1980).
        m0 = np.clip(slope[0:-1:2] * step, 0.0, 3.0 * rise)
        m1 = np.clip(slope[2::2] * step, 0.0, 3.0 * rise)
        cubics = np.stack([y0, m0, 3.0 * rise - 2.0 * m0 - m1, m0 + m1 - 2.0 * rise], axis=1)
        found = cubics @ np.array([1.0, 0.5, 0.25, 0.125])
        error = np.abs(found - middle)
        shift = error / np.maximum(slope[1::2], 1e-300)
        inside = np.abs(grid[1::2]) < body
        worst, farthest = float(error[inside].max()), float(shift[inside].max())
        if (worst < WANTED and farthest < WANTED) or cells == _MOST_CELLS:
            return QuantileTable(np.ascontiguousarray(cubics), worst, farthest)
        cells *= 2


def look_up(table: QuantileTable, p: Floats) -> Floats:
    """Quantiles on the scale of the table: float64 (n,) in (0, 1), which is overwritten and returned."""
    return np.asarray(follow_cubics(take_logits(p), -REACH, len(table.cubics) / (2 * REACH), table.cubics))


def look_up_logarithm(table: QuantileTable, p: Floats) -> Floats:
    """Quantiles of a law whose table holds logarithms; ``p`` is overwritten and returned."""
    return np.asarray(exponentiate(look_up(table, p)))


def look_up_logit(table: QuantileTable, p: Floats) -> Floats:
    """Quantiles of a law in (0, 1) whose table holds logits; ``p`` is overwritten and returned."""
    return np.asarray(take_expits(look_up(table, p)))


def look_up_sinh(table: QuantileTable, p: Floats) -> Floats:
    """Quantiles of a law on the line whose table holds inverse hyperbolic sines; ``p`` is overwritten and returned."""
    return np.asarray(_take_sinhs(look_up(table, p)))


@njit(cache=True, nogil=True, error_model="numpy")
def take_expits(x: Floats) -> Floats:
    """1 / (1 + e**-x): float64 (n,), which is overwritten and returned."""
    for i in range(len(x)):
        x[i] = 1.0 / (1.0 + compute_exp(-x[i]))
    return x


@njit(cache=True, nogil=True, error_model="numpy")
def _take_sinhs(x: Floats) -> Floats:
    for i in range(len(x)):
        power = compute_exp(x[i])
        x[i] = 0.5 * (power - 1.0 / power)
    return x


@njit(cache=True, nogil=True, error_model="numpy")
def follow_cubics(x: Floats, start: float, cells_per_unit: float, cubics: Floats) -> Floats:
    """Value of the curve at each x; the first and the last cubic go on outside.

    Args:
        x: float64 (n,).
        start: where the first cell begins.
        cells_per_unit: cells on a unit of x.
        cubics: float64 (cells, 4).

    Returns:
        ``x``, overwritten.
    """
    last = np.float64(len(cubics) - 1)
    for i in range(len(x)):
        place = (x[i] - start) * cells_per_unit
        cell = np.int64(min(max(place, 0.0), last))
        d = place - cell
        c = cubics[cell]
        x[i] = c[0] + d * (c[1] + d * (c[2] + d * c[3]))
    return x
