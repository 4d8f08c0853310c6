"""Logistic and ridge regression on one-hot and standardised columns, small and repeatable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.special import log_softmax

from sundog.lib.stats.frame import Frame

LABELS = 50
"""Categories of a column that get a coordinate of their own, at most."""
WIDTH = 512
"""Coordinates of all categories together, about."""


@dataclass(frozen=True, slots=True)
class Design:
    """How a frame becomes a matrix: learned from the rows that a model is trained on.

    Attributes:
        middle: for each column the mean (numbers; else 0).
        spread: for each column the standard deviation (numbers; else 1).
        kept: for each column the codes with a coordinate of their own.
    """

    middle: tuple[float, ...]
    spread: tuple[float, ...]
    kept: tuple[tuple[int, ...], ...]


def make_design(frame: Frame) -> Design:
    """Means, spreads and frequent categories of the rows."""
    middle: list[float] = []
    spread: list[float] = []
    kept: list[tuple[int, ...]] = []
    most = max(1, min(LABELS, WIDTH // max(1, sum(not c.numeric for c in frame.columns))))
    for column, values in zip(frame.columns, frame.values, strict=True):
        if column.numeric:
            known = values[~np.isnan(values)]
            middle.append(float(known.mean()) if len(known) else 0.0)
            deviation = float(known.std()) if len(known) else 0.0
            spread.append(deviation if deviation > 0 and np.isfinite(deviation) else 1.0)
            kept.append(())
        else:
            counts = np.bincount(values[values >= 0], minlength=len(column.labels))
            order = np.argsort(-counts, kind="stable")[:most]
            middle.append(0.0)
            spread.append(1.0)
            kept.append(tuple(int(c) for c in order if counts[c] > 0))
    return Design(tuple(middle), tuple(spread), tuple(kept))


def apply_design(design: Design, frame: Frame) -> NDArray[np.float64]:
    """float64 (rows, width): a standardised number (0 where missing, held to +-10) and its missing flag, or one-hot categories."""
    blocks: list[NDArray[np.float64]] = []
    for i, column in enumerate(frame.columns):
        values = frame.values[i]
        missing = frame.missing(i)
        if column.numeric:
            scaled = np.clip(
                (np.where(missing, design.middle[i], values) - design.middle[i]) / design.spread[i], -10.0, 10.0
            )
            blocks.append(np.stack([scaled, missing.astype(np.float64)], axis=1))
        elif design.kept[i]:
            place = np.full(max(len(column.labels), max(design.kept[i]) + 1) + 1, len(design.kept[i]), dtype=np.int64)
            place[list(design.kept[i])] = np.arange(len(design.kept[i]))
            one_hot = np.zeros((frame.rows, len(design.kept[i]) + 1))
            one_hot[np.arange(frame.rows), place[values]] = 1.0
            blocks.append(one_hot[:, :-1])
    return np.concatenate(blocks, axis=1) if blocks else np.zeros((frame.rows, 0))


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear model: scores are ``matrix @ weights + offset``.

    Attributes:
        weights: float64 (width, outputs).
        offset: float64 (outputs,).
    """

    weights: NDArray[np.float64]
    offset: NDArray[np.float64]

    def score(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (rows, outputs)."""
        return matrix @ self.weights + self.offset


def fit_logistic(matrix: NDArray[np.float64], classes: NDArray[np.int64], count: int, penalty: float = 1.0) -> Linear:
    """Multinomial logistic regression with an L2 penalty of ``penalty / 2 * |weights|**2`` on the summed loss.

    Args:
        matrix: float64 (rows, width).
        classes: int64 (rows,), below ``count``.
        count: number of classes; with two, the first one's score is 0.
        penalty: strength; 1 is scikit-learn's default. The offset is not penalised.

    L-BFGS in coordinates that are whitened by the bound X'X/4 on the curvature (Boehning, Annals of the Institute of
    Statistical Mathematics 44, 1992, doi:10.1007/BF00048682): tens of rounds instead of hundreds.
    """
    rows, width = matrix.shape
    middle = matrix.mean(axis=0)
    centred = matrix - middle
    curvature = centred.T @ centred / (4 * rows) + (penalty / rows) * np.eye(width)
    back = solve_triangular(cholesky(curvature, lower=True), np.eye(width), lower=True).T if width else np.zeros((0, 0))
    white = np.empty((rows, width + 1))
    white[:, :-1] = centred @ back
    white[:, -1] = 2.0
    across = np.ascontiguousarray(white.T)
    pull = (penalty / rows) * (back.T @ back)
    free = 1 if count == 2 else count
    truth = np.zeros((rows, count))
    truth[np.arange(rows), classes] = 1.0

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(width + 1, free)
        scores = white @ weights
        logs = log_softmax(np.concatenate([np.zeros((rows, 1)), scores], axis=1) if free < count else scores, axis=1)
        slope = (np.exp(logs) - truth)[:, count - free :]
        gradient = across @ slope / rows
        pulled = pull @ weights[:-1]
        gradient[:-1] += pulled
        value = -float((truth * logs).sum()) / rows + 0.5 * float((weights[:-1] * pulled).sum())
        return value, gradient.ravel()

    from scipy.optimize import minimize  # slow to load, and wanted here only

    found = minimize(
        loss, np.zeros((width + 1) * free), jac=True, method="L-BFGS-B", options={"maxiter": 100, "gtol": 1e-5}
    )
    fitted = np.asarray(found.x, dtype=np.float64).reshape(width + 1, free)
    weights = np.zeros((width, count))
    offset = np.zeros(count)
    weights[:, count - free :] = back @ fitted[:-1]
    offset[count - free :] = 2.0 * fitted[-1] - middle @ weights[:, count - free :]
    return Linear(weights, offset)


def fit_ridge(matrix: NDArray[np.float64], target: NDArray[np.float64], penalty: float = 1.0) -> Linear:
    """Ridge regression in closed form; the offset is not penalised.

    Args:
        matrix: float64 (rows, width).
        target: float64 (rows,).
        penalty: on the squared weights, against the summed squared error.
    """
    middle, level = matrix.mean(axis=0), float(target.mean())
    centred = matrix - middle
    weights = np.linalg.solve(centred.T @ centred + penalty * np.eye(matrix.shape[1]), centred.T @ (target - level))
    return Linear(weights[:, None], np.array([level - float(middle @ weights)]))
