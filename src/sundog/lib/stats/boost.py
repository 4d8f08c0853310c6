"""LightGBM with settings that repeat: one thread, one seed, no dependence on the order of additions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key

if (
    TYPE_CHECKING
):  # it is loaded where trees are trained: loading takes a fifth of a second, and much of the package never trains
    import lightgbm


@dataclass(frozen=True, slots=True)
class TreeSettings:
    """What a LightGBM model is trained with; whatever is not named stands at LightGBM's default.

    Attributes:
        trees: boosting rounds.
        leaves: most leaves of a tree.
        rate: learning rate.
        min_leaf: least rows in a leaf.
        forest: a random forest (63.2% of the rows and half of the columns a tree) instead of boosting.
        columns: features that one tree looks at, at most; in a wide table each tree draws as many.
    """

    trees: int = 100
    leaves: int = 31
    rate: float = 0.1
    min_leaf: int = 20
    forest: bool = False
    columns: int = 100


Goal = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True, slots=True)
class Trees:
    """A trained model and the gain of each feature."""

    booster: lightgbm.Booster
    gain: NDArray[np.float64]

    def predict(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (rows,), or (rows, classes) for several classes."""
        return np.asarray(self.booster.predict(matrix, num_threads=1), dtype=np.float64)


def make_dataset(
    matrix: NDArray[np.float64], target: NDArray[np.float64], categories: list[int], min_leaf: int = 20
) -> lightgbm.Dataset:
    """Bin the features once, so that several models can share them.

    Args:
        matrix: float64 (rows, features), NaN where missing.
        target: float64 (rows,).
        categories: positions of features to be read as categories.
        min_leaf: least rows in a leaf of the models to come (features that could never be split are dropped).
    """
    parameters = {
        "verbosity": -1,
        "num_threads": 1,
        "min_data_in_leaf": min_leaf,
        "force_row_wise": True,
        "deterministic": True,
        "data_random_seed": 1,
    }
    import lightgbm

    dataset = lightgbm.Dataset(
        matrix, label=target, categorical_feature=categories, params=parameters, free_raw_data=False
    )
    return dataset.construct()


def train_trees(dataset: lightgbm.Dataset, goal: Goal, settings: TreeSettings, key: Key, classes: int = 2) -> Trees:
    """Train on a dataset (or a subset of one)."""
    # a subset cannot be asked before it is trained on
    whole = dataset if dataset.used_indices is None or dataset.reference is None else dataset.reference
    rows = int(whole.num_data()) if dataset.used_indices is None else len(dataset.used_indices)
    parameters: dict[str, object] = {
        "objective": goal,
        "num_leaves": settings.leaves,
        "learning_rate": settings.rate,
        "min_data_in_leaf": settings.min_leaf,
        # LightGBM asks for 100 rows before it splits on a group of categories: in a small table it would never do so
        "min_data_per_group": min(100, max(settings.min_leaf, rows // 20)),
        "verbosity": -1,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "seed": key.seed(),
        "data_random_seed": 1,
    }
    if goal == "multiclass":
        parameters["num_class"] = classes
    fraction = min(1.0, settings.columns / max(1, int(whole.num_feature())))
    if settings.forest:
        parameters |= {"boosting": "rf", "bagging_fraction": 0.632, "bagging_freq": 1}
        fraction = min(0.5, fraction)
    parameters["feature_fraction"] = fraction
    import lightgbm

    booster = lightgbm.train(parameters, dataset, num_boost_round=settings.trees)
    return Trees(booster, np.asarray(booster.feature_importance("gain"), dtype=np.float64))
