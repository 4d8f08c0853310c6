"""Boosted trees over column codes: each column's code is found by yes-or-no questions, each answered by boosted trees.

The joint density is autoregressive: columns in an order, each given the earlier ones; within a column, questions that cut
its codes in two (``_trees_questions``); the log-odds of yes are the question's own plus the sum of boosted trees over the
earlier columns and the question's number. Rows are independent given the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.kinds.tables._codes import Codes
from sundog.kinds.tables._order import GROUPS, choose_features, group_codes, order_columns
from sundog.kinds.tables._trees_boost import LevelTrees, boost_level, count_trees
from sundog.kinds.tables._trees_calibrate import calibrate_columns
from sundog.kinds.tables._trees_compare import Compared, find_compared
from sundog.kinds.tables._trees_model import ColumnTrees, TreesModel
from sundog.kinds.tables._trees_questions import Questions, ask_questions
from sundog.kinds.tables.recipe_methods import TreesSpec
from sundog.lib.kernels.questions import compare_ranks

_Number = TypeVar("_Number", np.int32, np.int64, np.uint32, np.float32)


def fit_trees(
    codes: Codes,
    weights: NDArray[np.float64] | None,
    settings: TreesSpec,
    first: tuple[int, ...],
    key: Key,
    threads: int,
) -> TreesModel:
    """Fit the conditional densities.

    Args:
        codes: at least one row and one column.
        weights: float64 (n_rows,), mean 1, or None.
        settings: of the method.
        first: columns that lead the order, so that conditions on them are exact.
        key: names the random stream that says which rows choose the number of trees.
        threads: columns and levels are fitted side by side; the number never changes the result.
    """
    order = order_columns(codes, weights, first)
    mass = [
        np.bincount(codes.values[:, j], weights, minlength=int(s)).astype(np.float64) for j, s in enumerate(codes.sizes)
    ]
    group_tables = [group_codes(m, bool(nominal)) for m, nominal in zip(mass, codes.nominal, strict=True)]
    groups = np.empty((len(order), len(codes.values)), np.uint8)
    for j, table in enumerate(group_tables):
        groups[j] = table[codes.values[:, j]]
    questions = [ask_questions(m) for m in mass]
    group_sizes = np.array([int(t.max()) + 1 for t in group_tables], np.int32)
    looked_at = choose_features(groups, order, settings.features)

    def compare(q: int) -> Compared:
        return find_compared(
            codes, weights, questions[order[q]], int(order[q]), looked_at[q], groups, settings.compared
        )

    def fit_level(task: tuple[int, int]) -> LevelTrees:
        q, level = task
        j, f, relative = int(order[q]), looked_at[q], comparisons[q]
        asked = questions[j]
        code = codes.values[:, j]
        rows, node = reach_level(asked, code, level)
        question = int(asked.level_base[level]) + node
        n_nodes = int(asked.level_base[level + 1] - asked.level_base[level])
        n_seen = len(f) + 1 + len(relative.positions)
        seen = np.empty((n_seen, len(rows)), np.uint8)
        for at, column in enumerate(f):
            seen[at] = groups[column, rows]
        seen[len(f)] = node >> find_shift(n_nodes)
        for at, position in enumerate(relative.positions):
            seen[len(f) + 1 + at] = compare_ranks(relative.expected[at][seen[position]], relative.cut_rank[question])
        return boost_level(
            seen,
            feature_sizes(group_sizes[f], n_nodes, len(relative.positions)),
            np.append(codes.nominal[f], np.zeros(n_seen - len(f), np.bool_)),
            node,
            n_nodes,
            code[rows] >= asked.cut[question],
            None if weights is None else weights[rows],
            hold_out(key.child(j), len(code), settings.held_out)[rows],
            count_trees(len(code), settings),
            settings,
            key.child(j).child(level).seed(),
        )

    tasks = [(q, level) for q in range(len(order)) for level in range(len(questions[order[q]].level_base) - 1)]
    with ThreadPoolExecutor(max(1, threads)) as pool:
        comparisons = list(pool.map(compare, range(len(order))))
        fitted = dict(zip(tasks, pool.map(fit_level, tasks), strict=True))
    columns = []
    for q, j in enumerate(order):
        n_levels = len(questions[j].level_base) - 1
        levels = [fitted[q, level] for level in range(n_levels)]
        columns.append(
            _join_levels(int(j), looked_at[q], questions[j], comparisons[q], levels, group_sizes, group_tables[j])
        )
    return TreesModel(calibrate_columns(columns, mass, key.child("calibrate"), len(codes.values)))


def feature_sizes(groups: NDArray[np.int32], n_nodes: int, n_compared: int) -> NDArray[np.int32]:
    """Codes of each feature of a level: earlier columns, the question's number, compared columns."""
    own = ((n_nodes - 1) >> find_shift(n_nodes)) + 1
    return np.concatenate([groups, [own], np.full(n_compared, GROUPS)]).astype(np.int32)


def hold_out(key: Key, n_rows: int, share: float) -> NDArray[np.bool_]:
    """Rows that are held out from a column's pilot fits: other rows for each column."""
    return key.child("held out").uniform(range(n_rows))[:, 0] < share


def find_shift(n_nodes: int) -> int:
    """Bits to drop from a question's number so that at most GROUPS codes are left."""
    shift = 0
    while ((n_nodes - 1) >> shift) >= GROUPS:
        shift += 1
    return shift


def reach_level(asked: Questions, code: NDArray[np.int32], level: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Rows that are still undecided at a level, int64, and the number of the question that each meets, int32."""
    rows = np.arange(len(code))
    node = np.zeros(len(code), np.int32)
    for above in range(level):
        question = int(asked.level_base[above]) + node
        node = asked.following[question, (code[rows] >= asked.cut[question]).astype(np.int64)]
        undecided = node >= 0
        rows, node = rows[undecided], node[undecided]
    return rows, node


def _join_levels(
    column: int,
    features: NDArray[np.int32],
    asked: Questions,
    relative: Compared,
    levels: list[LevelTrees],
    group_sizes: NDArray[np.int32],
    groups: NDArray[np.uint8],
) -> ColumnTrees:
    shift = [find_shift(int(n)) for n in np.diff(asked.level_base)]
    sizes = [
        feature_sizes(group_sizes[features], int(n), len(relative.positions))[one.feature]
        for n, one in zip(np.diff(asked.level_base), levels, strict=True)
    ]

    def starts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    return ColumnTrees(
        column,
        features.astype(np.int32),
        asked,
        relative.positions,
        relative.expected,
        relative.cut_rank,
        np.array(shift, np.int32),
        _join([one.base for one in levels], np.float32),
        starts(np.array([len(one.n_uses) for one in levels], np.int64)),
        starts(_join([one.n_uses for one in levels], np.int64)),
        starts(_join([one.n_values for one in levels], np.int64))[:-1],
        _join([one.feature for one in levels], np.int32),
        starts(_join(sizes, np.int64))[:-1],
        _join([one.masks for one in levels], np.uint32),
        _join([one.values for one in levels], np.float32),
        groups,
    )


def _join(parts: Sequence[NDArray[Any]], kind: type[_Number]) -> NDArray[_Number]:
    return np.concatenate(parts).astype(kind) if parts else np.zeros(0, kind)
