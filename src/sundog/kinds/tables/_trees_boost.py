"""Boosted trees for the questions of one level of one column, compiled into mask tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from sundog.kinds.tables.recipe import TreesSpec
from sundog.lib.kernels.questions import build_masks

PRIOR = 0.5
"""Rows added to each answer of each question before its log-odds are taken."""


@dataclass(frozen=True, slots=True)
class LevelTrees:
    """Trees of one level, in the layout of ``lib.kernels.questions`` but starting from 0.

    Attributes:
        base: float32 (n_questions,), log-odds of yes at each question.
        n_uses: int32 (n_trees,), tables of each tree.
        n_values: int32 (n_trees,), leaves of each tree.
        feature: int32 (n_uses,), index into the features of the level; n_features for the question's own number.
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
    shift: int,
    answer: NDArray[np.bool_],
    weights: NDArray[np.float64] | None,
    settings: TreesSpec,
    seed: int,
) -> LevelTrees:
    """Fit the questions of a level on the rows that reach it.

    The trees start from each question's own log-odds, so that marginals hold before boosting begins.

    Args:
        features: uint8 (n_features, n_rows).
        sizes: int32 (n_features,), codes of each feature.
        nominal: bool (n_features,).
        node: int32 (n_rows,), the question's number within the level.
        n_nodes: questions of the level.
        shift: bits dropped from the question's number to make it a feature of at most 256 codes.
        answer: bool (n_rows,).
        weights: float64 (n_rows,) or None.
        settings: of the method.
        seed: for LightGBM.
    """
    yes = np.bincount(node[answer], None if weights is None else weights[answer], minlength=n_nodes) + PRIOR
    no = np.bincount(node[~answer], None if weights is None else weights[~answer], minlength=n_nodes) + PRIOR
    base = np.log(yes / no)
    n_features = len(sizes)
    own = ((n_nodes - 1) >> shift) + 1
    few = min(int(answer.sum()), int((~answer).sum()))
    if len(node) < 2 * settings.min_leaf or few < settings.min_leaf or (n_features == 0 and own == 1):
        return _no_trees(base)
    matrix = np.empty((len(node), n_features + (own > 1)), np.float32)
    for f in range(n_features):
        matrix[:, f] = features[f]
    if own > 1:
        matrix[:, n_features] = node >> shift
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
        "max_cat_to_onehot": settings.one_hot,
        "cat_smooth": settings.smooth,
        "verbosity": -1,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "seed": seed,
        **getattr(settings, "extra", {}),
    }
    data = lightgbm.Dataset(
        matrix,
        label=answer.astype(np.float32),
        weight=weights,
        init_score=base[node],
        categorical_feature=[int(f) for f in np.flatnonzero(nominal)] if not getattr(settings, "plain", False) else [],
        params=parameters,
        free_raw_data=False,
    )
    booster = lightgbm.train(parameters, data, settings.trees)
    return _compile(booster.model_to_string(), np.concatenate([sizes, [own]]).astype(np.int32), base)


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
