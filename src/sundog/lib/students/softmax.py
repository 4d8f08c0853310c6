"""Softmax regression on sparse rows whose targets may be shares: what a teacher thinks of a text, not only its first choice.

Source: Hinton, Vinyals and Dean, Distilling the knowledge in a neural network, 2015, arXiv:1503.02531 (soft targets); Nocedal, 1980,
doi:10.1090/S0025-5718-1980-0572855-7 (L-BFGS).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix


@dataclass(frozen=True)
class Softmax:
    """Weights of the classes.

    Attributes:
        weights: float32 (columns, classes).
        bias: float32 (classes,).
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def shares(self, matrix: csr_matrix) -> NDArray[np.float32]:
        """Shares of the classes: float32 (rows, classes), rows that sum to 1."""
        return soften(np.asarray(matrix @ self.weights) + self.bias)


def fit_softmax(
    matrix: csr_matrix, targets: NDArray[np.float32], penalty: float = 0.1, most_steps: int = 100
) -> Softmax:
    """Minimize the cross-entropy to the targets, summed over rows, plus penalty / 2 times the squared weights (never the bias).

    Args:
        matrix: float32 sparse (rows, columns).
        targets: float32 (rows, classes), rows that sum to 1.
        penalty: on the weights.
        most_steps: of L-BFGS.
    """
    rows, columns = matrix.shape
    classes = targets.shape[1]
    turned = csr_matrix(matrix.T)
    scale = 1.0 / max(rows, 1)

    def lose(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        beside = flat.reshape(columns + 1, classes)
        weights = beside[:-1].astype(np.float32)
        scores = np.asarray(matrix @ weights) + beside[-1].astype(np.float32)
        scores -= scores.max(axis=1, keepdims=True)
        spread = np.exp(scores)
        total = spread.sum(axis=1, keepdims=True)
        loss = float(np.sum(targets * (np.log(total) - scores), dtype=np.float64)) * scale
        loss += 0.5 * penalty * scale * float(np.sum(beside[:-1] ** 2))
        error = spread / total - targets
        slope = np.empty_like(beside)
        slope[:-1] = np.asarray(turned @ error) * scale + penalty * scale * beside[:-1]
        slope[-1] = error.sum(axis=0, dtype=np.float64) * scale
        return loss, slope.ravel()

    start = np.zeros((columns + 1) * classes)
    found = minimize(lose, start, jac=True, method="L-BFGS-B", options={"maxiter": most_steps, "maxcor": 8})
    beside = np.asarray(found.x, dtype=np.float32).reshape(columns + 1, classes)
    return Softmax(beside[:-1], beside[-1])


def soften(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores as shares: float32 (rows, classes), rows that sum to 1."""
    spread = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(spread / spread.sum(axis=1, keepdims=True), dtype=np.float32)
