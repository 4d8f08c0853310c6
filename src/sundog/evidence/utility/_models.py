"""The models that are trained on real and on synthetic rows."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.evidence.utility._task import Task
from sundog.lib.stats.boost import TreeSettings, make_dataset, train_trees
from sundog.lib.stats.frame import Frame, as_matrix
from sundog.lib.stats.linear import apply_design, fit_logistic, fit_ridge, make_design

Model = Literal["boosted trees", "random forest", "linear"]
MODELS: Final[tuple[Model, ...]] = ("boosted trees", "random forest", "linear")

BOOSTED: Final = TreeSettings(trees=100, leaves=31, rate=0.1, min_leaf=20)
BOOSTED_CLASSES: Final = TreeSettings(trees=50, leaves=31, rate=0.1, min_leaf=20)
"""With three or more classes: each round grows one tree a class."""
FOREST: Final = TreeSettings(trees=100, leaves=255, min_leaf=5, forest=True)
FOREST_CLASSES: Final = TreeSettings(trees=50, leaves=255, min_leaf=5, forest=True)
LINEAR_ROWS: Final = 50_000


def predict(
    model: Model, task: Task, features: Frame, truth: NDArray[np.float64], tested: Frame, key: Key
) -> NDArray[np.float64]:
    """Train on rows and score others.

    Args:
        model: which.
        task: what is predicted.
        features: training rows.
        truth: float64 (rows,), their targets.
        tested: rows to score.
        key: seed of the model.

    Returns:
        float64 (tested,): score of the second class, or value; (tested, classes) with three or more classes.
    """
    classes = len(task.classes)
    if not features.columns or float(truth.min()) == float(truth.max()):
        # nothing to learn from: one score for everybody
        return np.zeros((tested.rows, classes)) if classes > 2 else np.full(tested.rows, float(truth.mean()))
    if model == "linear":
        return _predict_linear(task, features, truth, tested, key)
    matrix, categories = as_matrix(features)
    if model == "boosted trees":
        settings = BOOSTED if classes <= 2 else BOOSTED_CLASSES
    else:
        settings = FOREST if classes <= 2 else FOREST_CLASSES
    goal: Literal["binary", "multiclass", "regression"] = (
        "regression" if not classes else "binary" if classes == 2 else "multiclass"
    )
    trees = train_trees(make_dataset(matrix, truth, categories, settings.min_leaf), goal, settings, key, classes)
    return trees.predict(as_matrix(tested)[0])


def _predict_linear(
    task: Task, features: Frame, truth: NDArray[np.float64], tested: Frame, key: Key
) -> NDArray[np.float64]:
    if features.rows > LINEAR_ROWS:
        rows = np.sort(key.generator().choice(features.rows, LINEAR_ROWS, replace=False))
        features, truth = features.take(rows), truth[rows]
    design = make_design(features)
    matrix = apply_design(design, features)
    if not task.classes:
        scale = float(truth.std())
        fitted = fit_ridge(matrix, (truth - truth.mean()) / scale)
        return fitted.score(apply_design(design, tested))[:, 0] * scale + float(truth.mean())
    fitted = fit_logistic(matrix, truth.astype(np.int64), len(task.classes))
    scores = fitted.score(apply_design(design, tested))
    return np.asarray(
        scores[:, 1] - scores[:, 0] if len(task.classes) == 2 else scores - scores.max(axis=1, keepdims=True),
        dtype=np.float64,
    )
