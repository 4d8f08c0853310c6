"""Boosted trees for the questions of one level of one column, compiled into mask tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sundog.kinds.tables.recipe_methods import TreesSpec
from sundog.lib.kernels.questions import build_masks

if (
    TYPE_CHECKING
):  # it is loaded where trees are trained: loading takes a fifth of a second, and much of the package never trains
    import lightgbm

PRIOR = 0.5
"""Rows added to each answer of each question before its log-odds are taken."""


ENOUGH = 10_000
"""Rows of a table from which on its levels get all their trees."""

PATIENCE = 6
"""Trees without a better log-loss of the rows held out before the best is taken as found."""


@dataclass(frozen=True, slots=True)
class LevelTrees:
    """Trees of one level, in the layout of ``lib.kernels.questions`` but starting from 0.

    Attributes:
        base: float32 (n_questions,), log-odds of yes at each question.
        n_uses: int32 (n_trees,), tables of each tree.
        n_values: int32 (n_trees,), leaves of each tree.
        feature: int32 (n_uses,), index into the features of the level.
        masks: uint32, tables one after another, each as long as its feature has codes.
        values: float32, leaf values, those of each tree from left to right.
    """

    base: NDArray[np.float32]
    n_uses: NDArray[np.int32]
    n_values: NDArray[np.int32]
    feature: NDArray[np.int32]
    masks: NDArray[np.uint32]
    values: NDArray[np.float32]


def boost_level(
    features: NDArray[np.uint8],
    sizes: NDArray[np.int32],
    nominal: NDArray[np.bool_],
    node: NDArray[np.int32],
    n_nodes: int,
    answer: NDArray[np.bool_],
    weights: NDArray[np.float64] | None,
    held: NDArray[np.bool_],
    least: int,
    settings: TreesSpec,
    seed: int,
) -> LevelTrees:
    """Fit the questions of a level on the rows that reach it.

    The trees start from each question's own log-odds, so that marginals hold before boosting begins. There are
    ``least`` of them, or as many as serve the rows held out from a pilot fit best. Where those are more than
    ``settings.trees``, there is much to learn, and the level gets ``settings.beyond`` times their number. The fit itself uses
    all rows.

    Args:
        features: uint8 (n_features, n_rows), below 250.
        sizes: int32 (n_features,), codes of each feature.
        nominal: bool (n_features,).
        node: int32 (n_rows,), the question's number within the level.
        n_nodes: questions of the level.
        answer: bool (n_rows,).
        weights: float64 (n_rows,) or None.
        held: bool (n_rows,), rows held out from the pilot fit; all False: no pilot.
        least: trees where there is little to learn, see ``count_trees``.
        settings: of the method.
        seed: for LightGBM.
    """
    yes = np.bincount(node[answer], None if weights is None else weights[answer], minlength=n_nodes) + PRIOR
    no = np.bincount(node[~answer], None if weights is None else weights[~answer], minlength=n_nodes) + PRIOR
    base = np.log(yes / no)
    taught = ~held
    few = min(int(answer[taught].sum()), int((~answer[taught]).sum()))
    if min(int(answer.sum()), int((~answer).sum())) < settings.min_leaf or (sizes < 2).all():
        return _no_trees(base)
    parameters = {
        "objective": "binary",
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "min_data_in_leaf": settings.min_leaf,
        "lambda_l2": settings.l2,
        "boost_from_average": False,
        "max_bin": 255,
        "min_data_in_bin": 1,
        "feature_pre_filter": False,
        "enable_bundle": False,
        # Many categories are sorted by their gradients, few are split off one at a time: adult C2ST .537, and .541 when
        # all are split off one at a time.
        "max_cat_to_onehot": 8,
        "cat_smooth": 20.0,
        "verbosity": -1,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "seed": seed,
    }

    import lightgbm

    def make_data(rows: NDArray[np.bool_], like: lightgbm.Dataset | None) -> lightgbm.Dataset:
        return lightgbm.Dataset(
            features[:, rows].T.astype(np.float32),
            label=answer[rows].astype(np.float32),
            weight=None if weights is None else weights[rows],
            init_score=base[node[rows]],
            reference=like,
            categorical_feature=[int(f) for f in np.flatnonzero(nominal)],
            params=parameters,
        )

    rounds = least
    if held.any() and few >= settings.min_leaf:
        watch = _Watch(_log_loss(base[node[held]], answer[held], None if weights is None else weights[held]))
        pilot = make_data(taught, None)
        check = make_data(held, pilot)
        lightgbm.train(parameters, pilot, settings.most_trees, valid_sets=[check], callbacks=[watch])
        if watch.best > settings.trees:
            rounds = max(settings.trees, min(round(settings.beyond * watch.best), settings.most_trees))
        else:
            rounds = max(least, watch.best)
    booster = lightgbm.train(parameters, make_data(np.ones_like(held), None), rounds)
    return _compile(booster.model_to_string(), sizes, base)


def count_trees(n_rows: int, settings: TreesSpec) -> int:
    """Trees of a level where there is little to learn: in proportion to the rows of a small table.

    Trees beyond what helps held-out rows make the rows harder to tell from real ones as long as there are many rows. On few,
    they are noise that bends the shares of the column itself: with 60 trees on 1,200 rows, by up to .08.
    """
    return max(1, round(settings.trees * min(1.0, n_rows / ENOUGH)))


def _log_loss(odds: NDArray[np.float64], answer: NDArray[np.bool_], weights: NDArray[np.float64] | None) -> float:
    """Mean log-loss of log-odds, nats; infinite where there is no row."""
    if len(odds) == 0:
        return np.inf
    return float(np.average(np.logaddexp(0.0, np.where(answer, -odds, odds)), weights=weights))


class _Watch:
    """Finds the number of trees that serves the rows held out best, and stops soon after it.

    A LightGBM callback.

    Attributes:
        best: the number; 0 as long as no tree has helped.
    """

    order = 30
    before_iteration = False

    def __init__(self, start: float) -> None:
        self.best = 0
        self._loss = start

    def __call__(self, env: lightgbm.callback.CallbackEnv) -> None:
        results = env.evaluation_result_list or []
        loss = float(results[0][2])
        if loss < self._loss:
            self._loss, self.best = loss, env.iteration + 1
        if env.iteration + 1 >= self.best + PATIENCE:
            from lightgbm.callback import EarlyStopException

            raise EarlyStopException(env.iteration, results)


def _no_trees(base: NDArray[np.float64]) -> LevelTrees:
    empty = np.zeros(0, np.int32)
    return LevelTrees(base.astype(np.float32), empty, empty, empty, np.zeros(0, np.uint32), np.zeros(0, np.float32))


_LINE = re.compile(r"^([a-z_]+)=(.*)$", re.MULTILINE)


def _compile(text: str, sizes: NDArray[np.int32], base: NDArray[np.float64]) -> LevelTrees:
    """LightGBM's own text into mask tables."""
    blocks = text.split("\nTree=")[1:]
    n_uses, n_values, features, tables, values = [], [], [], [], []
    for block in blocks:
        lines = dict(_LINE.findall(block))
        n_leaves = int(lines["num_leaves"])
        if n_leaves < 2:
            continue
        feature = np.array(lines["split_feature"].split(), np.int32)
        threshold = np.array(lines["threshold"].split(), np.float64)
        kind = np.array(lines["decision_type"].split(), np.int32)
        goes_left = (np.arange(256)[None, :] <= threshold[:, None]).astype(np.uint8)
        if (kind & 1).any():
            bounds = np.array(lines["cat_boundaries"].split(), np.int64)
            words = np.array(lines["cat_threshold"].split(), np.uint64).astype(np.uint32)
            for i in np.flatnonzero(kind & 1):
                c = int(threshold[i])
                bits = np.unpackbits(words[bounds[c] : bounds[c + 1]].view(np.uint8), bitorder="little")[:256]
                goes_left[i] = 0
                goes_left[i, : len(bits)] = bits
        used, use_of_split = np.unique(feature, return_inverse=True)
        starts = np.concatenate([[0], np.cumsum(sizes[used])]).astype(np.int32)
        masks = np.full(int(starts[-1]), 0xFFFFFFFF, np.uint32)
        place = build_masks(
            n_leaves,
            feature,
            np.array(lines["left_child"].split(), np.int32),
            np.array(lines["right_child"].split(), np.int32),
            goes_left,
            use_of_split.astype(np.int32),
            masks,
            starts,
        )
        leaf = np.empty(n_leaves, np.float32)
        leaf[place] = np.array(lines["leaf_value"].split(), np.float64)
        n_uses.append(len(used))
        n_values.append(n_leaves)
        features.append(used)
        tables.append(masks)
        values.append(leaf)
    if not n_uses:
        return _no_trees(base)
    return LevelTrees(
        base.astype(np.float32),
        np.array(n_uses, np.int32),
        np.array(n_values, np.int32),
        np.concatenate(features).astype(np.int32),
        np.concatenate(tables),
        np.concatenate(values),
    )
