"""Correlation matrices: what is wrong with one, and the nearest that is none the worse."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SLACK = 1e-6
"""The smallest eigenvalue that a correlation matrix must have: below it a column is a sum of others but for rounding."""


class Nearest(NamedTuple):
    """The nearest correlation matrix.

    Attributes:
        matrix: float64 (k, k), its smallest eigenvalue at least ``SLACK``.
        distance: Frobenius norm of the difference; 0 where the matrix given was one.
        smallest: smallest eigenvalue of the matrix given.
    """

    matrix: Floats
    distance: float
    smallest: float


def find_matrix_faults(matrix: Floats, names: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Faults that show in single numbers: shape, symmetry, diagonal, numbers outside [-1, 1].

    Args:
        matrix: float64 (k, k).
        names: of the columns, for the sentences; their numbers without.
    """
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        return ("the correlations must be a square matrix of at least 2 rows",)
    told = names if names is not None else tuple(str(i) for i in range(len(matrix)))
    if len(told) != len(matrix):
        return (f"the correlations must have one row for each of {len(told)} fields, not {len(matrix)}",)
    faults = [f"the correlation of {told[i]} with itself must be 1" for i in range(len(matrix)) if matrix[i, i] != 1.0]
    for i in range(len(matrix)):
        for j in range(i):
            if not -1.0 <= matrix[i, j] <= 1.0:
                faults.append(f"the correlation of {told[i]} and {told[j]} must lie in [-1, 1], not {matrix[i, j]:.6g}")
            elif matrix[i, j] != matrix[j, i]:
                faults.append(
                    f"the correlation of {told[i]} and {told[j]} is given as {matrix[i, j]:.6g} and {matrix[j, i]:.6g}"
                )
    return tuple(faults)


def find_nearest_correlation(matrix: Floats) -> Nearest:
    """The correlation matrix that is nearest in the Frobenius norm.

    Args:
        matrix: float64 (k, k), symmetric.

    Source: alternating projections with Dykstra's correction, Higham, IMA Journal of Numerical Analysis 22, 2002,
    doi:10.1093/imanum/22.3.329. Limits: stops when a step moves no number by more than 1e-10, at most 10,000 steps.
    """
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    if smallest >= SLACK and bool((np.diag(matrix) == 1.0).all()):
        return Nearest(matrix.copy(), 0.0, smallest)
    found, correction = matrix.copy(), np.zeros_like(matrix)
    for _ in range(10_000):
        before = found
        shifted = found - correction
        projected = _lift_eigenvalues(shifted, 2.0 * SLACK)
        correction = projected - shifted
        found = projected.copy()
        np.fill_diagonal(found, 1.0)
        if float(np.abs(found - before).max()) < 1e-10:
            break
    # The last projection sets the diagonal, which may cost a little of the smallest eigenvalue.
    lifted = _lift_eigenvalues(found, 2.0 * SLACK)
    scale = 1.0 / np.sqrt(np.diag(lifted))
    found = lifted * np.outer(scale, scale)
    found = (found + found.T) / 2.0
    np.fill_diagonal(found, 1.0)
    return Nearest(found, float(np.linalg.norm(found - matrix)), smallest)


def _lift_eigenvalues(matrix: Floats, least: float) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, least)) @ vectors.T, np.float64)
