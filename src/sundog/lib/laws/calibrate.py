"""The copula that gives fields of any law, few-valued ones too, their stated rank correlations.

A field is a step function of its uniform; its mid-ranks are one as well. Over normal scores z and y with correlation c,
Mehler's formula gives E[f(z) g(y)] = sum over m of c**m f_m g_m with f_m the coefficients over normalised Hermite polynomials,
so that the rank correlation is a power series in c, which is solved for each pair. A t copula is a Gaussian one given the
divisor that all columns share: its series is the mean over that.

Source: Mehler 1866; for copulas of discrete fields see Cario and Nelson, INFORMS Journal on Computing 10, 1998 (NORTA).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sundog.lib.laws.copula import Copula, fill_probabilities
from sundog.lib.laws.correlations import find_matrix_faults, find_nearest_correlation
from sundog.lib.laws.law import Law, check_range

Floats = NDArray[np.float64]
_GRID = 16384
_TERMS = 64
_NODES = 24


class Calibration(NamedTuple):
    """A copula and what it attains.

    Attributes:
        copula: the copula, or None where a fault forbids any.
        attained: float64 (k, k), Spearman's correlations of the fields (ties at their middle rank), by computation.
        faults: correlations that these laws cannot have, with their range; correlations that contradict each other, with what
            is attained instead.
    """

    copula: Copula | None
    attained: Floats
    faults: tuple[str, ...]


class _Series(NamedTuple):
    """Mid-ranks of one field.

    Attributes:
        ranks: float64 (grid,), standardised, over even steps of the uniform.
        terms: float64 (nodes, terms), coefficients given the divisor.
    """

    ranks: Floats
    terms: Floats


class _Pair(NamedTuple):
    """Power series of the rank correlation of two fields.

    Attributes:
        powers: float64 (terms,), coefficients of c**m.
        top: what c = 1 attains beyond the series, as the coefficient of c**terms.
        bottom: the same for c = -1.
    """

    powers: Floats
    top: float
    bottom: float


def calibrate_copula(
    spearman: Floats, laws: Sequence[Law], degrees: float | None = None, names: tuple[str, ...] | None = None
) -> Calibration:
    """Find the copula of these laws and rank correlations.

    Args:
        spearman: float64 (k, k).
        laws: k laws without parameters by row.
        degrees: of a t copula; a Gaussian one without.
        names: of the fields, for the sentences.

    Limits: the uniform is cut into 16,384 steps, so that values rarer than that weigh as their neighbours do.
    """
    matrix = np.asarray(spearman, np.float64)
    told = names if names is not None else tuple(str(i) for i in range(len(laws)))
    faults = list(find_matrix_faults(matrix, told))
    if degrees is not None:
        faults += check_range("degrees", degrees, 1.0, 1e4)
    faults += [f"{name}: {fault}" for name, law in zip(told, laws, strict=True) for fault in law.find_faults()]
    if faults:
        return Calibration(None, np.full(matrix.shape, np.nan), tuple(faults))
    z, mass, uniforms = _lay_grid(degrees)
    fields = [_expand(law, z, uniforms) for law in laws]
    scores, attained = np.eye(len(laws)), np.eye(len(laws))
    pairs = {(i, j): _pair_up(fields[i], fields[j], mass) for i in range(len(laws)) for j in range(i)}
    for (i, j), pair in pairs.items():
        least, most = _evaluate(pair, -1.0), _evaluate(pair, 1.0)
        if not least - 1e-9 <= matrix[i, j] <= most + 1e-9:
            faults.append(
                f"the correlation of {told[i]} and {told[j]} must lie in [{least:.4f}, {most:.4f}] "
                f"for fields with these values, not {matrix[i, j]:.4f}"
            )
        scores[i, j] = scores[j, i] = _solve(pair, float(matrix[i, j]))
    nearest = find_nearest_correlation(scores)
    for (i, j), pair in pairs.items():
        attained[i, j] = attained[j, i] = _evaluate(pair, float(nearest.matrix[i, j]))
    off = [(i, j) for i, j in pairs if abs(attained[i, j] - matrix[i, j]) >= 5e-4]
    if off and not faults:
        said = "; ".join(f"{told[i]} and {told[j]}: {attained[i, j]:.4f} instead of {matrix[i, j]:.4f}" for i, j in off)
        faults.append(f"no data can have all of these correlations together; the nearest that can: {said}")
    return Calibration(Copula(nearest.matrix, degrees), attained, tuple(faults))


def _lay_grid(degrees: float | None) -> tuple[Floats, Floats, Floats | None]:
    """Normal scores, float64 (grid,); weights of the divisors, (nodes,); uniforms for each divisor, (nodes, grid), or None."""
    z = special.ndtri((np.arange(_GRID) + 0.5) / _GRID)
    if degrees is None:
        return z, np.ones(1), None
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    divisors = np.sqrt(special.gammaincinv(degrees / 2.0, (nodes + 1.0) / 2.0) / (degrees / 2.0))
    return z, weights / 2.0, np.stack([fill_probabilities(z / divisor, degrees) for divisor in divisors])


def _expand(law: Law, z: Floats, uniforms: Floats | None) -> _Series:
    grid = len(z)
    values = law.quantile((np.arange(grid) + 0.5) / grid)
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - counts / 2.0)[place]
    ranks -= ranks.mean()
    sd = ranks.std()
    # A field with one value has no ranks, and correlates with nothing.
    ranks = ranks / sd if sd > 0 else ranks
    rows = ranks[None, :] if uniforms is None else ranks[np.minimum((uniforms * grid).astype(np.int64), grid - 1)]
    terms = np.empty((len(rows), _TERMS))
    before: Floats = np.zeros(grid)
    now: Floats = np.ones(grid)
    for m in range(_TERMS):
        # Not by BLAS, whose threads take longer to wake than this takes.
        terms[:, m] = np.einsum("ij,j->i", rows, now) / grid
        before, now = now, (z * now - math.sqrt(m) * before) / math.sqrt(m + 1.0)
    return _Series(ranks, terms)


def _pair_up(a: _Series, b: _Series, mass: Floats) -> _Pair:
    powers = mass @ (a.terms * b.terms)
    signs = (-1.0) ** np.arange(len(powers))
    together, against = float(np.mean(a.ranks * b.ranks)), float(np.mean(a.ranks * b.ranks[::-1]))
    return _Pair(powers, together - float(powers.sum()), against - float(signs @ powers))


def _evaluate(pair: _Pair, c: float) -> float:
    rest = (pair.top if c > 0 else pair.bottom) * abs(c) ** len(pair.powers)
    return float(np.polynomial.polynomial.polyval(c, pair.powers)) + rest


def _solve(pair: _Pair, wanted: float) -> float:
    """The correlation of the scores that attains the rank correlation: halved 50 times, since it rises."""
    low, high = -1.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _evaluate(pair, middle) < wanted else (low, middle)
    return (low + high) / 2.0
