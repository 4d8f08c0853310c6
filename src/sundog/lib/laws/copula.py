"""Gaussian and t copulas: columns that are each uniform and have stated rank correlations.

Rank correlation is Spearman's. Of a Gaussian copula with correlation c it is 6 / pi asin(c / 2); of a t copula it is an
integral that is tabulated here. Fields that take few values attain less than their copula; ``calibrate`` allows for that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import special

from sundog.lib.laws.correlations import Nearest, find_matrix_faults, find_nearest_correlation
from sundog.lib.laws.elementary import compute_log, invert_normals, spread_into, spread_words
from sundog.lib.laws.law import SMALLEST, check_range
from sundog.lib.laws.quantile_table import follow_cubics, look_up_logarithm, take_expits
from sundog.lib.laws.shaped import tabulate_gamma

Floats = NDArray[np.float64]
_CELLS = 4096
_NODES = 40
_BLOCK = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Copula:
    """A Gaussian copula, or a t copula where degrees of freedom are given.

    Attributes:
        correlation: float64 (k, k), positive definite, of the normal (or t) scores: not Spearman's.
        degrees: degrees of freedom, 1 to 10,000: the fewer, the more extremes come together.
        factor: float64 (k, k), lower triangle with factor @ factor.T == correlation.
    """

    correlation: Floats
    degrees: float | None = None
    factor: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "factor", np.linalg.cholesky(self.correlation))


def build_copula(spearman: Floats, degrees: float | None = None) -> Copula:
    """The copula with these rank correlations.

    Args:
        spearman: float64 (k, k).
        degrees: of a t copula; a Gaussian one without.

    Raises:
        ValueError: there is none; the faults are those of ``check_spearman``.
    """
    faults = check_spearman(spearman, degrees)
    if faults:
        raise ValueError("; ".join(faults))
    return Copula(convert_spearman(np.asarray(spearman, np.float64), degrees), degrees)


def check_spearman(
    spearman: Floats, degrees: float | None = None, names: tuple[str, ...] | None = None
) -> tuple[str, ...]:
    """Every fault of rank correlations that a copula is asked for; where they contradict each other, the nearest that do not.

    Args:
        spearman: float64 (k, k).
        degrees: of a t copula.
        names: of the columns, for the sentences.
    """
    matrix = np.asarray(spearman, np.float64)
    faults = find_matrix_faults(matrix, names)
    if degrees is not None:
        faults = (*faults, *check_range("degrees", degrees, 1.0, 1e4))
    if faults:
        return faults
    nearest = find_feasible_spearman(matrix, degrees)
    if nearest.distance == 0.0:
        return ()
    told = names if names is not None else tuple(str(i) for i in range(len(matrix)))
    changed = [
        f"{told[i]} and {told[j]}: {nearest.matrix[i, j]:.4f} instead of {matrix[i, j]:.4f}"
        for i in range(len(matrix))
        for j in range(i)
        if abs(nearest.matrix[i, j] - matrix[i, j]) >= 5e-5
    ]
    said = "; ".join(changed) if changed else "all correlations a little nearer to 0"
    return (f"no data can have all of these correlations together; the nearest that can: {said}",)


def find_feasible_spearman(spearman: Floats, degrees: float | None = None) -> Nearest:
    """The nearest rank correlations that a copula can have: ``matrix`` and ``distance`` are those of the ranks."""
    found = find_nearest_correlation(convert_spearman(spearman, degrees))
    if found.distance == 0.0:
        return Nearest(spearman.copy(), 0.0, found.smallest)
    matrix = convert_correlation(found.matrix, degrees)
    return Nearest(matrix, float(np.linalg.norm(matrix - spearman)), found.smallest)


def convert_spearman(spearman: Floats, degrees: float | None = None) -> Floats:
    """Correlation of the scores for a rank correlation: float64 of any shape, each number alone."""
    if degrees is None:
        found = np.asarray(2.0 * np.sin(np.pi / 6.0 * spearman), np.float64)
    else:
        grid, ranks = _tabulate_t_ranks(degrees)
        found = np.interp(spearman, ranks, grid)
    # The ends are exact, so that the diagonal is.
    return np.where(np.abs(spearman) == 1.0, spearman, found)


def convert_correlation(correlation: Floats, degrees: float | None = None) -> Floats:
    """Rank correlation for a correlation of the scores: float64 of any shape, each number alone."""
    if degrees is None:
        found = np.asarray(6.0 / np.pi * np.arcsin(correlation / 2.0), np.float64)
    else:
        grid, ranks = _tabulate_t_ranks(degrees)
        found = np.interp(correlation, grid, ranks)
    return np.where(np.abs(correlation) == 1.0, correlation, found)


def count_words(copula: Copula) -> int:
    """Words for each row: one a column, and for a t copula one more that all columns share."""
    return len(copula.correlation) + (copula.degrees is not None)


def draw_copula(copula: Copula, words: NDArray[np.uint64]) -> Floats:
    """Uniforms that hang together.

    Args:
        copula: of k columns.
        words: uint64 (count_words(copula), n), independent.

    Returns:
        float64 (k, n) in (0, 1); column i depends on the words of column i alone.
    """
    size = len(copula.factor)
    if len(words) != count_words(copula):
        raise ValueError(f"this copula takes {count_words(copula)} words a row, not {len(words)}")
    scores = np.empty((size, words.shape[1]))
    for row, own in zip(scores, words, strict=False):
        spread_into(np.ascontiguousarray(own), row)
        invert_normals(row)
    _mix_scores(copula.factor, scores)
    if copula.degrees is not None:
        half = copula.degrees / 2.0
        spread = look_up_logarithm(tabulate_gamma(half), spread_words(np.ascontiguousarray(words[size])))
        for row in scores:
            _divide_scores(row, spread, half)
    for row in scores:
        fill_probabilities(row, copula.degrees)
    return scores


def fill_probabilities(scores: Floats, degrees: float | None) -> Floats:
    """Distribution function of the normal law, or of the t law where degrees are given, within 1e-9.

    Args:
        scores: float64 (n,); overwritten and returned.
        degrees: of the t law.
    """
    if degrees is None:
        reach, cubics = _tabulate_normal()
    else:
        reach, cubics = _tabulate_t(degrees)
        _take_arcsinhs(scores)
    np.clip(scores, -reach, reach, out=scores)
    follow_cubics(scores, -reach, len(cubics) / (2.0 * reach), cubics)
    take_expits(scores)
    return np.clip(scores, SMALLEST, 1.0 - SMALLEST, out=scores)


@lru_cache(maxsize=1)
def _tabulate_normal() -> tuple[float, Floats]:
    """Logit of the distribution function over the score."""
    reach = 8.5
    grid = np.linspace(-reach, reach, _CELLS + 1)
    low, high = special.log_ndtr(grid), special.log_ndtr(-grid)
    slope = np.exp(-0.5 * grid**2 - low - high) / math.sqrt(2.0 * math.pi)
    return reach, _fit_cubics(low - high, slope * (2.0 * reach / _CELLS))


@lru_cache(maxsize=64)
def _tabulate_t(degrees: float) -> tuple[float, Floats]:
    """Logit of the distribution function over the inverse hyperbolic sine of the score."""
    reach = float(np.arcsinh(-special.stdtrit(degrees, 2.0**-54)))
    grid = np.linspace(-reach, reach, _CELLS + 1)
    score = np.sinh(-np.abs(grid))
    tail = special.stdtr(degrees, score)
    logit = (np.log(tail) - np.log1p(-tail)) * np.where(grid < 0, 1.0, -1.0)
    logit[len(grid) // 2] = 0.0
    constant = special.gammaln((degrees + 1) / 2) - special.gammaln(degrees / 2) - 0.5 * math.log(degrees * math.pi)
    log_density = constant - (degrees + 1) / 2 * np.log1p(score**2 / degrees)
    slope = np.exp(log_density - np.log(tail) - np.log1p(-tail)) * np.cosh(grid)
    return reach, _fit_cubics(logit, slope * (2.0 * reach / _CELLS))


def _fit_cubics(value: Floats, slope: Floats) -> Floats:
    rise = np.diff(value)
    left, right = np.clip(slope[:-1], 0.0, 3.0 * rise), np.clip(slope[1:], 0.0, 3.0 * rise)
    return np.ascontiguousarray(
        np.stack([value[:-1], left, 3.0 * rise - 2.0 * left - right, left + right - 2.0 * rise], axis=1)
    )


@lru_cache(maxsize=64)
def _tabulate_t_ranks(degrees: float) -> tuple[Floats, Floats]:
    """Rank correlation of a t copula for a grid of correlations, both float64 (257,), rising.

    With G1, G2, G3 independent gamma variables of shape degrees / 2 it is
    6 / pi E asin(c sqrt(G2 / (G1 + G2) * G3 / (G1 + G3))): Spearman's correlation compares a pair with two values from other
    rows, and given the G the differences are normal. Normal mixtures in general: Lu, arXiv:2412.20013. The integral is taken by
    Gauss and Legendre over the probabilities of the G, within 1e-4 of simulation.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    mass = weights / 2.0
    gammas = special.gammaincinv(degrees / 2.0, (nodes + 1.0) / 2.0)
    ratios = np.sqrt(gammas[None, :] / (gammas[:, None] + gammas[None, :]))
    products = ratios[:, :, None] * ratios[:, None, :]
    mass = mass[:, None, None] * mass[None, :, None] * mass[None, None, :]
    # Denser towards 1, where the curve is steepest.
    half = np.sin(np.linspace(0.0, np.pi / 2.0, 129))
    ranks = np.array([6.0 / np.pi * float((np.arcsin(c * products) * mass).sum()) for c in half])
    ranks /= ranks[-1]
    return np.concatenate((-half[:0:-1], half)), np.concatenate((-ranks[:0:-1], ranks))


@njit(cache=True, nogil=True, error_model="numpy")
def _mix_scores(factor: Floats, scores: Floats) -> None:
    """Overwrite the scores, float64 (k, n), with factor @ scores, in blocks that stay in the cache."""
    size, n = scores.shape
    for start in range(0, n, _BLOCK):
        stop = min(start + _BLOCK, n)
        # From the last row up, so that each row still finds those above it as they were.
        for row in range(size - 1, -1, -1):
            for i in range(start, stop):
                scores[row, i] *= factor[row, row]
            for other in range(row):
                for i in range(start, stop):
                    scores[row, i] += factor[row, other] * scores[other, i]


@njit(cache=True, nogil=True, error_model="numpy")
def _divide_scores(scores: Floats, spread: Floats, half: float) -> None:
    for i in range(len(scores)):
        scores[i] /= np.sqrt(spread[i] / half)


@njit(cache=True, nogil=True, error_model="numpy")
def _take_arcsinhs(x: Floats) -> None:
    for i in range(len(x)):
        size = abs(x[i])
        found = compute_log(size + np.sqrt(size * size + 1.0))
        x[i] = found if x[i] >= 0.0 else -found
