"""Sequential CART in the manner of synthpop's defaults, with scikit-learn's trees.

Source: Nowok, Raab and Dibben, "synthpop: Bespoke Creation of Synthetic Data in R", JSS 74(11), 2016,
doi:10.18637/jss.v074.i11. Defaults kept: columns in the order of the table, the first drawn with replacement, each later one by a tree on
those before it with at least 5 rows in a leaf (15 to split, depth 30, as rpart), and a synthetic value donated by a training row
of the leaf. Missing numbers are a class drawn first. Unlike rpart, scikit-learn has no split on sets of categories: the categories of a
predictor are put in order by the mean of the response (or the first principal component of its class shares), which is rpart's own
shortcut for two classes and for numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

PACKAGES = ("scikit-learn", "numpy", "pandas")
LEAF, SPLIT, DEPTH = 5, 15, 30


@dataclass(frozen=True)
class Donors:
    """A tree and the training values of each leaf, sorted by leaf: those of leaf l lie in values[start[l]:start[l + 1]]."""

    tree: DecisionTreeClassifier | DecisionTreeRegressor
    orders: dict[str, dict[str, float]]
    start: NDArray[np.int64]
    values: NDArray[np.object_]

    def draw(self, features: pd.DataFrame, stream: np.random.Generator) -> NDArray[np.object_]:
        """One donated value a row."""
        leaf = self.tree.apply(_encode(features, self.orders))
        low, high = self.start[leaf], self.start[leaf + 1]
        return self.values[low + (stream.random(len(leaf)) * (high - low)).astype(np.int64)]


@dataclass(frozen=True)
class Cart:
    """Everything that sampling needs."""

    first: NDArray[np.object_]
    columns: tuple[str, ...]
    kinds: dict[str, str]
    steps: dict[str, tuple[Donors | None, Donors]]


def fit(method: str, train: pd.DataFrame, kinds: dict[str, str], seed: int, folder: Path) -> Cart:
    """Grow one tree a column."""
    columns = tuple(train.columns)
    steps: dict[str, tuple[Donors | None, Donors]] = {}
    for i, name in enumerate(columns[1:], start=1):
        before, response = train[list(columns[:i])], train[name]
        if kinds[name] == "category":
            steps[name] = (None, _grow(before, response.fillna(""), kinds, True, seed))
            continue
        missing = response.isna()
        absent = _grow(before, missing.astype(str), kinds, True, seed) if missing.any() else None
        steps[name] = (absent, _grow(before[~missing], response[~missing], kinds, False, seed))
    first = train[columns[0]].to_numpy(object)
    return Cart(first, columns, kinds, steps)


def sample(model: Cart, rows: int, seed: int) -> pd.DataFrame:
    """Draw rows column by column."""
    stream = np.random.default_rng(seed)
    made = {model.columns[0]: model.first[stream.integers(len(model.first), size=rows)]}
    for name, (absent, donors) in model.steps.items():
        before = pd.DataFrame(made)
        values = donors.draw(before, stream)
        if absent is not None:
            values = np.where(absent.draw(before, stream) == "True", None, values)
        made[name] = values
    out = pd.DataFrame(made)
    for name, kind in model.kinds.items():
        if kind != "category":
            out[name] = pd.to_numeric(out[name])
    return out


def _grow(features: pd.DataFrame, response: pd.Series, kinds: dict[str, str], classes: bool, seed: int) -> Donors:
    orders = {c: _order(features[c].fillna(""), response, classes) for c in features if kinds[c] == "category"}
    kind = DecisionTreeClassifier if classes else DecisionTreeRegressor
    tree = kind(min_samples_leaf=LEAF, min_samples_split=SPLIT, max_depth=DEPTH, random_state=seed)
    encoded = _encode(features, orders)
    tree.fit(encoded, response.to_numpy())
    leaf = tree.apply(encoded)
    by_leaf = np.argsort(leaf, kind="stable")
    start = np.searchsorted(leaf[by_leaf], np.arange(tree.tree_.node_count + 1))
    return Donors(tree, orders, start, response.to_numpy(object)[by_leaf])


def _order(category: pd.Series, response: pd.Series, classes: bool) -> dict[str, float]:
    if not classes:
        return response.groupby(category).mean().to_dict()
    counts = pd.crosstab(category, response)
    shares = counts.div(counts.sum(1), axis=0).to_numpy()
    weight = counts.sum(1).to_numpy() / len(category)
    centred = (shares - weight @ shares) * np.sqrt(weight)[:, None]
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    return dict(zip(counts.index, (shares @ axis).tolist(), strict=True))


def _encode(features: pd.DataFrame, orders: dict[str, dict[str, float]]) -> NDArray[np.float32]:
    out = np.empty((len(features), features.shape[1]), np.float32)
    for i, name in enumerate(features):
        column = features[name]
        number = column.fillna("").map(orders[name]) if name in orders else pd.to_numeric(column).fillna(-1e9)
        out[:, i] = number.to_numpy(float)
    return out
