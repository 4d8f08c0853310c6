"""Inference: does the synthetic table tell a secret of a person of whom all else is known?

Two attackers guess the secret column from all others: one takes it from the nearest synthetic row, the other trains boosted trees on the
synthetic rows. A category is guessed when it is equal, a number when it is off by 5% at most, a time by 5% of the middle 90% of
the times.

Sources: Giomi et al., PoPETs 2023(2), doi:10.56553/popets-2023-0055, section 4; Stadler et al., USENIX Security 2022,
arXiv:2011.07018 (attribute inference by a model).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.stats.boost import TreeSettings, make_dataset, train_trees
from sundog.lib.stats.frame import Column, Frame, as_matrix

TOLERANCE: Final = 0.05
"""Share of a number by which a guess may be off."""

MOST_CLASSES: Final = 12
"""Values of a category that boosted trees tell apart; rarer ones are never guessed."""

TREES: Final = TreeSettings(trees=30, leaves=31, rate=0.2, min_leaf=5)
ROWS: Final = 20_000
"""Synthetic rows that boosted trees learn from."""

Values = NDArray[np.float64] | NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Secret:
    """How guesses of one column are judged.

    Attributes:
        column: which.
        slack: what a guess may be off by, for times; 0 for others.
        common: the most frequent value among the synthetic rows.
    """

    column: Column
    slack: float
    common: float

    def hits(self, guesses: Values, truth: Values) -> NDArray[np.bool_]:
        """Bool (targets,): which guesses count. Where a value is missing, guessing that counts."""
        if not self.column.numeric:
            return np.asarray(guesses == truth, dtype=bool)
        off = np.abs(guesses - truth)
        slack = self.slack if self.column.form == "time" else TOLERANCE * np.abs(truth)
        return np.asarray((off <= slack) | (np.isnan(guesses) & np.isnan(truth)), dtype=bool)

    def is_common(self, truth: Values) -> NDArray[np.bool_]:
        """Bool (targets,): whose value anybody would guess."""
        return self.hits(np.full(len(truth), self.common, dtype=truth.dtype), truth)


def describe_secret(column: Column, values: Values) -> Secret:
    """How guesses of this column are judged, from the synthetic values."""
    known = values[~np.isnan(values)] if column.numeric else values[values >= 0]
    if len(known) == 0:
        return Secret(column, 0.0, float("nan") if column.numeric else -1.0)
    distinct, counts = np.unique(values, return_counts=True)
    slack = 0.0
    if column.form == "time":
        low, high = np.quantile(known, [0.05, 0.95])
        slack = TOLERANCE * float(high - low)
    return Secret(column, slack, float(distinct[counts.argmax()]))


def guess_by_trees(synthetic: Frame, targets: Sequence[Frame], position: int, key: Key) -> list[Values]:
    """The guess of boosted trees for each target, one array a frame of targets.

    Args:
        synthetic: rows to learn from.
        targets: people; their secret is not looked at.
        position: of the secret column.
        key: names the run.
    """
    column = synthetic.columns[position]
    values = synthetic.values[position]
    known = ~synthetic.missing(position)
    use = np.flatnonzero(known)
    if len(use) > ROWS:
        use = np.sort(key.child("rows").generator().choice(use, ROWS, replace=False))
    others = [i for i in range(len(synthetic.columns)) if i != position]
    if len(use) < 4 * TREES.min_leaf or len(np.unique(values[use])) < 2 or not others:
        common = describe_secret(column, values).common
        return [np.full(t.rows, common, dtype=values.dtype) for t in targets]
    learn = synthetic.take(use)
    matrix, categories = as_matrix(learn.select(others))
    asked = [as_matrix(t.select(others))[0] for t in targets]
    if column.numeric:
        # ranks, not values: the guess of the mean of a skewed number is nobody's
        return _guess_number(matrix, categories, np.asarray(learn.values[position], dtype=np.float64), asked, key)
    return _guess_category(matrix, categories, np.asarray(learn.values[position], dtype=np.int64), asked, key)


def _guess_number(
    matrix: NDArray[np.float64],
    categories: list[int],
    values: NDArray[np.float64],
    asked: list[NDArray[np.float64]],
    key: Key,
) -> list[Values]:
    ordered = np.sort(values)
    ranks = (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / (2 * len(values))
    model = train_trees(make_dataset(matrix, ranks, categories, TREES.min_leaf), "regression", TREES, key)
    places = [np.clip(model.predict(m) * len(ordered), 0, len(ordered) - 1).astype(np.int64) for m in asked]
    return [ordered[p] for p in places]


def _guess_category(
    matrix: NDArray[np.float64],
    categories: list[int],
    codes: NDArray[np.int64],
    asked: list[NDArray[np.float64]],
    key: Key,
) -> list[Values]:
    counts = np.bincount(codes)
    classes = np.argsort(-counts, kind="stable")[: min(MOST_CLASSES, int((counts > 0).sum()))]
    place = np.full(len(counts), -1)
    place[classes] = np.arange(len(classes))
    kept = place[codes] >= 0
    labels = place[codes[kept]].astype(np.float64)
    dataset = make_dataset(matrix[kept], labels, categories, TREES.min_leaf)
    if len(classes) == 2:
        model = train_trees(dataset, "binary", TREES, key)
        return [classes[(model.predict(m) > 0.5).astype(np.int64)].astype(np.int32) for m in asked]
    model = train_trees(dataset, "multiclass", TREES, key, len(classes))
    return [classes[model.predict(m).argmax(axis=1)].astype(np.int32) for m in asked]
