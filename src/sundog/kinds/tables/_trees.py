"""Boosted trees over column codes: each column's code is found by yes-or-no questions, each answered by boosted trees.

The joint density is autoregressive: columns in an order, each given the earlier ones; within a column, questions that cut
its codes in two (``_trees_questions``); the log-odds of yes are the question's own plus the sum of boosted trees over the
earlier columns and the question's number. Rows are independent given the model.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.kinds.tables._codes import Codes
from sundog.kinds.tables._order import GROUPS, choose_features, draw_words, group_codes, order_columns
from sundog.kinds.tables._trees_boost import LevelTrees, boost_level
from sundog.kinds.tables._trees_questions import Questions, ask_questions
from sundog.kinds.tables.recipe import TreesSpec
from sundog.lib.kernels.questions import answer_questions

_NOTHING = np.zeros(0, np.int32)


@dataclass(frozen=True, slots=True)
class ColumnTrees:
    """The conditional density of one column, in the layout of ``lib.kernels.questions``.

    Attributes:
        column: index in the table.
        features: int32 (n_features,), earlier columns that are looked at.
        questions: how the code is found.
        shift: int32 (n_levels,), bits dropped from a question's number as a feature.
        base: float32 (n_questions,).
        level_trees: int64 (n_levels + 1,).
        tree_uses: int64 (n_trees + 1,).
        tree_values: int64 (n_trees,).
        use_feature: int32 (n_uses,).
        use_start: int64 (n_uses,).
        masks: uint32.
        values: float32.
        groups: uint8 (size,), the feature code of each code when later columns look at this one.
    """

    column: int
    features: NDArray[np.int32]
    questions: Questions
    shift: NDArray[np.int32]
    base: NDArray[np.float32]
    level_trees: NDArray[np.int64]
    tree_uses: NDArray[np.int64]
    tree_values: NDArray[np.int64]
    use_feature: NDArray[np.int32]
    use_start: NDArray[np.int64]
    masks: NDArray[np.uint32]
    values: NDArray[np.float32]
    groups: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class TreesModel:
    """A fitted table. Sampling needs nothing else.

    Attributes:
        columns: conditional densities in the order in which they are drawn.
    """

    columns: tuple[ColumnTrees, ...]


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
        key: names the random stream; nothing is drawn at the default settings.
        threads: columns and levels are fitted side by side; the number never changes the result.
    """
    order = order_columns(codes, weights, first)
    questions, group_tables = [], []
    for j, size in enumerate(codes.sizes):
        mass = np.bincount(codes.values[:, j], weights, minlength=int(size)).astype(np.float64)
        questions.append(ask_questions(mass, np.arange(size, dtype=np.int32)))
        group_tables.append(group_codes(mass, bool(codes.nominal[j])))
    groups = np.empty((len(order), len(codes.values)), np.uint8)
    for j, table in enumerate(group_tables):
        groups[j] = table[codes.values[:, j]]
    group_sizes = np.array([int(t.max()) + 1 for t in group_tables], np.int32)
    looked_at = choose_features(groups, order, settings.features)

    def fit_level(task: tuple[int, int]) -> LevelTrees:
        q, level = task
        j = int(order[q])
        asked = questions[j]
        place = asked.place_of_code[codes.values[:, j]]
        rows, node = reach_level(asked, place, level)
        base = int(asked.level_base[level])
        n_nodes = int(asked.level_base[level + 1]) - base
        f = looked_at[q]
        return boost_level(
            groups[np.ix_(f, rows)] if len(rows) < len(place) else groups[f],
            group_sizes[f],
            codes.nominal[f],
            node,
            n_nodes,
            find_shift(n_nodes),
            place[rows] >= asked.cut[base + node],
            None if weights is None else weights[rows],
            settings,
            key.child(j).child(level).seed(),
        )

    tasks = [(q, level) for q in range(len(order)) for level in range(len(questions[order[q]].level_base) - 1)]
    with ThreadPoolExecutor(max(1, threads)) as pool:
        fitted = dict(zip(tasks, pool.map(fit_level, tasks), strict=True))
    columns = []
    for q, j in enumerate(order):
        n_levels = len(questions[j].level_base) - 1
        levels = [fitted[q, level] for level in range(n_levels)]
        columns.append(_join_levels(int(j), looked_at[q], questions[j], levels, group_sizes, group_tables[j]))
    return TreesModel(tuple(columns))


def find_shift(n_nodes: int) -> int:
    """Bits to drop from a question's number so that at most GROUPS codes are left."""
    shift = 0
    while ((n_nodes - 1) >> shift) >= GROUPS:
        shift += 1
    return shift


def reach_level(asked: Questions, place: NDArray[np.int32], level: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Rows that are still undecided at a level, int64, and the number of the question that each meets, int32."""
    rows = np.arange(len(place))
    node = np.zeros(len(place), np.int32)
    for above in range(level):
        question = int(asked.level_base[above]) + node
        node = asked.following[question, (place[rows] >= asked.cut[question]).astype(np.int64)]
        undecided = node >= 0
        rows, node = rows[undecided], node[undecided]
    return rows, node


def _join_levels(
    column: int,
    features: NDArray[np.int32],
    asked: Questions,
    levels: list[LevelTrees],
    group_sizes: NDArray[np.int32],
    groups: NDArray[np.uint8],
) -> ColumnTrees:
    shift = [find_shift(int(n)) for n in np.diff(asked.level_base)]
    sizes = [
        np.append(group_sizes[features], ((int(n) - 1) >> s) + 1)[one.feature]
        for n, s, one in zip(np.diff(asked.level_base), shift, levels, strict=True)
    ]

    def join(parts: list[NDArray[np.generic]], kind: type) -> NDArray[np.generic]:
        return np.concatenate(parts).astype(kind) if parts else np.zeros(0, kind)

    def starts(lengths: NDArray[np.generic]) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    return ColumnTrees(
        column,
        features.astype(np.int32),
        asked,
        np.array(shift, np.int32),
        join([one.base for one in levels], np.float32),
        starts(np.array([len(one.n_uses) for one in levels], np.int64)),
        starts(join([one.n_uses for one in levels], np.int64)),
        starts(join([one.n_values for one in levels], np.int64))[:-1],
        join([one.feature for one in levels], np.int32),
        starts(join(sizes, np.int64))[:-1],
        join([one.masks for one in levels], np.uint32),
        join([one.values for one in levels], np.float32),
        groups,
    )


def sample_trees(model: TreesModel, given: NDArray[np.int32] | None, key: Key, units: range) -> NDArray[np.int32]:
    """Draw the codes of rows.

    Args:
        model: fitted.
        given: int32 (len(units), n_columns), -1 where free; exact where the given columns lead the order.
        key: names the random stream.
        units: row i depends on (model, key, units[i], given[i]) alone.

    Returns:
        int32 (len(units), n_columns).
    """
    return walk_trees(model, given, (), key, units)[0]


def walk_trees(
    model: TreesModel,
    given: NDArray[np.int32] | None,
    allowed: tuple[NDArray[np.bool_] | None, ...],
    key: Key,
    units: range,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Draw what is free and follow what is given.

    Returns:
        codes, int32 (len(units), n_columns), and float64 (len(units),), the log-probability of the answers that were not
        drawn freely: the logarithm of the row's weight in likelihood weighting.
    """
    n_rows, n_columns = len(units), len(model.columns)
    groups = np.zeros((n_columns, n_rows), np.uint8)
    found = np.empty((n_rows, n_columns), np.int32)
    log_weight = np.zeros(n_rows)
    free = np.full(n_rows, -1, np.int32)
    for one in model.columns:
        asked, j = one.questions, one.column
        size = len(asked.code_of_place)
        known = free
        if given is not None and (given[:, j] >= 0).any():
            known = np.where(given[:, j] >= 0, asked.place_of_code[np.maximum(given[:, j], 0)], -1).astype(np.int32)
        before = _NOTHING
        if allowed and allowed[j] is not None:
            before = np.concatenate([[0], np.cumsum(allowed[j][asked.code_of_place])]).astype(np.int32)
        n_levels = len(asked.level_base) - 1
        words = np.zeros((0, n_rows), np.uint32) if (known >= 0).all() else draw_words(key.child(j), n_levels, units)
        places = np.zeros(n_rows, np.int32)
        answer_questions(
            groups[one.features],
            asked.level_base,
            one.level_trees,
            one.shift,
            one.base,
            asked.cut,
            asked.following.reshape(-1),
            one.tree_uses,
            one.tree_values,
            one.use_feature,
            one.use_start,
            one.masks,
            one.values,
            size,
            words,
            known,
            before,
            places,
            log_weight,
        )
        found[:, j] = asked.code_of_place[places]
        groups[j] = one.groups[found[:, j]]
    return found, log_weight


def log_density_trees(model: TreesModel, codes: Codes) -> NDArray[np.float64]:
    """Log-probability of rows, float64 (n_rows,), nats."""
    n_rows = len(codes.values)
    return walk_trees(model, codes.values, (), Key(0, 0), range(n_rows))[1]
