"""Smoothed forest over column codes: the fast method.

The joint density is autoregressive, as in ``_trees``. The conditional density of a column is a mixture of decision trees over
the earlier columns; a leaf holds the histogram of the codes of its rows, shrunk to those of the nodes above it. A row draws
from one tree a column, picked from its key. Rows are independent given the model, and no value of a person is passed on with
another of the same person: a leaf holds codes, sorted, of at least ``min_leaf`` rows.

Source: sum of trees as a mixture density, Correia, Peharz and de Campos, NeurIPS 2020 (arXiv:2007.05721); shrinkage to parents,
Agarwal et al., ICML 2022 (arXiv:2202.00858).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.kinds.tables._codes import Codes
from sundog.kinds.tables._order import choose_features, draw_words, group_codes, order_columns
from sundog.kinds.tables.recipe_methods import ForestSpec
from sundog.lib.kernels.forest import draw_allowed, draw_codes, fill_tree, find_leaves, grow_tree, weigh_codes

PRIOR = 0.5
"""Rows spread over all codes of a column at each root."""

_MIN_GAIN = 3.0
"""Least fall of the log-loss, nats, that a split must bring of rows of one class."""

_PER_CLASS = 0.75
"""Nats that it must bring besides for each further class among the rows: what a cut at random brings, and somewhat more.

All of it up to ``_SMALL`` rows of the table, and less in proportion beyond: where rows are many one of them weighs little, and
weak signals are worth more than what such cuts cost.
"""

_SMALL = 5_000

_CLASSES = 64
"""Most classes of a target that a split is judged by; leaves keep the codes themselves."""


@dataclass(frozen=True, slots=True)
class ColumnForest:
    """The conditional density of one column, in the layout of ``lib.kernels.forest``.

    Attributes:
        column: index in the table.
        size: number of codes.
        features: int32 (n_features,), earlier columns that are looked at.
        ranks: uint8 (n_features, 256), place of each feature code in the order that the splits use.
        roots: int64 (n_trees,).
        feature: int32 (n_nodes,), -1 at a leaf.
        threshold: uint8 (n_nodes,).
        left: int32 (n_nodes,), counted from the tree's root.
        parent: int32 (n_nodes,), -1 at a root.
        bounds: int64 (2 * n_nodes,), positions in ``codes``.
        codes: unsigned, codes of each tree's rows, those of each node together.
        groups: uint8 (size,), the feature code of each code when later columns look at this one.
    """

    column: int
    size: int
    features: NDArray[np.int32]
    ranks: NDArray[np.uint8]
    roots: NDArray[np.int64]
    feature: NDArray[np.int32]
    threshold: NDArray[np.uint8]
    left: NDArray[np.int32]
    parent: NDArray[np.int32]
    bounds: NDArray[np.int64]
    codes: NDArray[np.unsignedinteger]
    groups: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ForestModel:
    """A fitted table. Sampling needs nothing else.

    Attributes:
        columns: conditional densities in the order in which they are drawn.
        shrink: rows' worth of its parent's distribution in each node's.
    """

    columns: tuple[ColumnForest, ...]
    shrink: float


def fit_forest(
    codes: Codes,
    weights: NDArray[np.float64] | None,
    settings: ForestSpec,
    first: tuple[int, ...],
    key: Key,
    threads: int,
) -> ForestModel:
    """Fit the conditional densities.

    Args:
        codes: at least one row.
        weights: float64 (n_rows,), mean 1, or None. They count in the leaves; splits are learned from rows as they are, so
            that a leaf has ``min_leaf`` rows and not one heavy one.
        settings: of the method.
        first: columns that lead the order, so that conditions on them are exact.
        key: names the random stream.
        threads: columns and trees are fitted side by side; the number never changes the result.
    """
    n_rows = len(codes.values)
    if not len(codes.sizes):  # every column is remade or constant
        return ForestModel((), float(settings.shrink))
    order = order_columns(codes, weights, first)
    mass = [
        np.bincount(codes.values[:, j], weights, minlength=int(s)).astype(np.float64) for j, s in enumerate(codes.sizes)
    ]
    tables = [group_codes(m, bool(nominal)) for m, nominal in zip(mass, codes.nominal, strict=True)]
    groups = np.stack([table[codes.values[:, j]] for j, table in enumerate(tables)])
    looked_at = choose_features(groups, order, settings.features)
    content = None if weights is None else _spread_rows(weights, key.child("weights"))

    def rank_column(
        q: int,
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8], NDArray[np.unsignedinteger]]:
        j = int(order[q])
        own = codes.values[:, j].astype(np.min_scalar_type(int(codes.sizes[j]) - 1))
        target = _coarse_target(mass[j], bool(codes.nominal[j]))[codes.values[:, j]]
        ranks = np.tile(np.arange(256, dtype=np.uint8), (len(looked_at[q]), 1))
        for at, f in enumerate(looked_at[q]):
            if codes.nominal[f] and len(tables[f]) > 2:
                ranks[at] = _rank_categories(groups[f], target)
        features = np.empty((len(ranks), n_rows), np.uint8)
        for at, f in enumerate(looked_at[q]):
            features[at] = ranks[at][groups[f]]
        return ranks, features, target, own if content is None else own[content]

    def fit_tree(
        q: int,
        number: int,
        features: NDArray[np.uint8],
        target: NDArray[np.uint8],
        own: NDArray[np.unsignedinteger],
    ) -> tuple[
        NDArray[np.int32],
        NDArray[np.uint8],
        NDArray[np.int32],
        NDArray[np.int32],
        NDArray[np.int64],
        NDArray[np.unsignedinteger],
    ]:
        j = int(order[q])
        n_features = len(features)
        draws = key.child(j).child(number).generator()
        chosen = np.sort(draws.permutation(n_rows)[: max(1, round(settings.rows * n_rows))]).astype(np.int32)
        priority = draws.random((97, n_features), dtype=np.float32)
        sizes = np.full(n_features, 256, np.int32)
        for f in range(n_features):
            sizes[f] = int(features[f].max()) + 1
        n_tried = max(1, int(np.ceil(settings.try_features * n_features)))
        n_classes = int(target.max()) + 1
        per_class = _PER_CLASS * min(1.0, _SMALL / n_rows)
        grown = grow_tree(
            features, sizes, target, n_classes, chosen, settings.min_leaf, _MIN_GAIN, per_class, n_tried, priority
        )
        feature, threshold, left, parent = grown
        rows, bounds = fill_tree(features if content is None else features[:, content], feature, threshold, left)
        kept = own[rows]
        _sort_leaves(kept, bounds, feature)
        return feature, threshold, left, parent, bounds, kept

    columns = []
    with ThreadPoolExecutor(max(1, threads)) as pool:
        ahead = [pool.submit(rank_column, q) for q in range(min(2, len(order)))]
        for q, j in enumerate(order):
            if q + 2 < len(order):
                ahead.append(pool.submit(rank_column, q + 2))
            ranks, features, target, own = ahead[q].result()
            # A column that looks at nothing is one histogram, whatever the number of trees.
            n_trees = settings.trees if len(features) else 1
            made = list(pool.map(lambda t, q=q, x=features, y=target, o=own: fit_tree(q, t, x, y, o), range(n_trees)))
            columns.append(_join_trees(int(j), int(codes.sizes[j]), looked_at[q], ranks, made, tables[j]))
            ahead[q].cancel()
    return ForestModel(tuple(columns), float(settings.shrink))


def _spread_rows(weights: NDArray[np.float64], key: Key) -> NDArray[np.int64]:
    """Rows repeated as their weights say, about as many as there are rows: systematic sampling."""
    n_rows = len(weights)
    ends = np.cumsum(weights) * (n_rows / weights.sum())
    points = np.arange(n_rows) + key.generator().random()
    return np.minimum(np.searchsorted(ends, points, side="right"), n_rows - 1)


def _coarse_target(mass: NDArray[np.float64], nominal: bool) -> NDArray[np.uint8]:
    """Class of each code that splits are judged by, uint8 (size,)."""
    size = len(mass)
    if size <= _CLASSES:
        return np.arange(size, dtype=np.uint8)
    if nominal:
        return np.asarray(np.minimum(np.arange(size), _CLASSES - 1), np.uint8)
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    return np.asarray(np.minimum(middle * _CLASSES, _CLASSES - 1), np.uint8)


def _rank_categories(feature: NDArray[np.uint8], target: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Place of each category by the first axis of correspondence analysis against the target, uint8 (256,)."""
    n, k = int(feature.max()) + 1, int(target.max()) + 1
    table = np.bincount(feature.astype(np.int64) * k + target, minlength=n * k).reshape(n, k) + 0.5 / k
    row, column = table.sum(axis=1), table.sum(axis=0)
    expected = np.outer(row, column) / table.sum()
    residual = (table - expected) / np.sqrt(expected)
    axis = np.linalg.eigh(residual.T @ residual)[1][:, -1]
    axis *= 1.0 if axis[np.argmax(np.abs(axis))] >= 0 else -1.0
    score = (residual @ axis) / np.sqrt(row)
    rank = np.arange(256, dtype=np.uint8)
    rank[np.argsort(np.round(score, 9), kind="stable")] = np.arange(n, dtype=np.uint8)
    return rank


def _sort_leaves(kept: NDArray[np.unsignedinteger], bounds: NDArray[np.int64], feature: NDArray[np.int32]) -> None:
    """Sort the codes of each leaf, so that their order says nothing about rows."""
    leaf = np.zeros(len(kept), np.int32)
    for i in np.flatnonzero(feature < 0):
        leaf[bounds[2 * i] : bounds[2 * i + 1]] = bounds[2 * i]
    kept[:] = kept[np.lexsort((kept, leaf))]


def _join_trees(
    column: int,
    size: int,
    features: NDArray[np.int32],
    ranks: NDArray[np.uint8],
    made: list[
        tuple[
            NDArray[np.int32],
            NDArray[np.uint8],
            NDArray[np.int32],
            NDArray[np.int32],
            NDArray[np.int64],
            NDArray[np.unsignedinteger],
        ]
    ],
    groups: NDArray[np.uint8],
) -> ColumnForest:
    roots = np.concatenate([[0], np.cumsum([len(m[0]) for m in made])]).astype(np.int64)
    shifts = np.concatenate([[0], np.cumsum([len(m[5]) for m in made])]).astype(np.int64)
    parents = [np.where(m[3] >= 0, m[3] + root, -1) for m, root in zip(made, roots[:-1], strict=True)]
    return ColumnForest(
        column,
        size,
        features.astype(np.int32),
        ranks,
        roots[:-1],
        np.concatenate([m[0] for m in made]),
        np.concatenate([m[1] for m in made]),
        np.concatenate([m[2] for m in made]),
        np.concatenate(parents).astype(np.int32),
        np.concatenate([m[4] + shift for m, shift in zip(made, shifts[:-1], strict=True)]),
        np.concatenate([m[5] for m in made]),
        groups,
    )


def sample_forest(model: ForestModel, given: NDArray[np.int32] | None, key: Key, units: range) -> NDArray[np.int32]:
    """Draw the codes of rows.

    Args:
        model: fitted.
        given: int32 (len(units), n_columns), -1 where free; exact where the given columns lead the order.
        key: names the random stream.
        units: row i depends on (model, key, units[i], given[i]) alone.

    Returns:
        int32 (len(units), n_columns).
    """
    return walk_forest(model, given, (), key, units, weigh=False)[0]


def walk_forest(
    model: ForestModel,
    given: NDArray[np.int32] | None,
    allowed: tuple[NDArray[np.bool_] | None, ...],
    key: Key,
    units: range,
    weigh: bool = True,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Draw what is free and follow what is given.

    Returns:
        codes, int32 (len(units), n_columns), and float64 (len(units),), the log-probability of what was not drawn freely
        (0 where ``weigh`` is false): the logarithm of the row's weight in likelihood weighting; -inf where it is impossible.
    """
    n_rows, n_columns = len(units), len(model.columns)
    groups = np.zeros((n_columns, n_rows), np.uint8)
    found = np.empty((n_rows, n_columns), np.int32)
    log_weight = np.zeros(n_rows)
    for one in model.columns:
        j = one.column
        fixed = np.zeros(n_rows, np.bool_) if given is None else given[:, j] >= 0
        mask = allowed[j] if allowed else None
        codes = np.zeros(n_rows, np.int32)
        inputs = groups[one.features]
        if not fixed.all():
            free = np.flatnonzero(~fixed)
            words = draw_words(key.child(j), 3, units)
            seen = inputs
            if len(free) < n_rows:
                words, seen = np.ascontiguousarray(words[:, free]), np.ascontiguousarray(inputs[:, free])
            tree = (words[2].astype(np.int64) * len(one.roots)) >> 32
            leaves = np.empty(len(free), np.int64)
            find_leaves(seen, one.ranks, one.roots, one.feature, one.threshold, one.left, tree, leaves)
            drawn = np.empty(len(free), np.int32)
            if mask is None:
                draw_codes(leaves, one.parent, one.bounds, one.codes, model.shrink, PRIOR, one.size, words, drawn)
            elif mask.any():
                before = np.concatenate([[0], np.cumsum(mask[one.codes])]).astype(np.int64)
                chance = np.empty(len(free))
                options = np.flatnonzero(mask).astype(np.int32)
                draw_allowed(
                    leaves,
                    one.parent,
                    one.bounds,
                    one.codes,
                    before,
                    options,
                    model.shrink,
                    PRIOR,
                    one.size,
                    words,
                    drawn,
                    chance,
                )
                log_weight[free] += np.log(chance)
            else:
                drawn[:] = 0
                log_weight[free] = -np.inf
            codes[free] = drawn
        if fixed.any():
            rows = np.flatnonzero(fixed)
            assert given is not None
            codes[rows] = given[rows, j]
            if weigh:
                log_weight[rows] += np.log(
                    _weigh_column(one, model.shrink, np.ascontiguousarray(inputs[:, rows]), codes[rows])
                )
        found[:, j] = codes
        groups[j] = one.groups[codes]
    return found, log_weight


def _weigh_column(
    one: ColumnForest, shrink: float, inputs: NDArray[np.uint8], wanted: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Probability of each row's wanted code, the mean over the trees, float64 (n_rows,)."""
    n_trees = len(one.roots)
    chance = np.zeros(len(wanted))
    leaves = np.empty(len(wanted), np.int64)
    per_tree = len(one.codes) // n_trees
    for t in range(n_trees):
        find_leaves(inputs, one.ranks, one.roots, one.feature, one.threshold, one.left, np.full(len(wanted), t), leaves)
        held = one.codes[t * per_tree : (t + 1) * per_tree]
        position = np.argsort(held, kind="stable") + t * per_tree
        run_start = np.concatenate([[0], np.cumsum(np.bincount(held, minlength=one.size))]).astype(np.int64)
        weigh_codes(leaves, one.parent, one.bounds, shrink, PRIOR, one.size, wanted, run_start, position, chance)
    return chance / n_trees


def log_density_forest(model: ForestModel, codes: Codes) -> NDArray[np.float64]:
    """Log-probability of rows, float64 (n_rows,), nats."""
    return walk_forest(model, codes.values, (), Key(0, 0), range(len(codes.values)))[1]
