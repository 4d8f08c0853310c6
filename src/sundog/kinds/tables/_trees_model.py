"""Boosted trees as arrays: the model of a table, and rows drawn from it or measured by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.kinds.tables._codes import Codes
from sundog.kinds.tables._order import draw_words
from sundog.kinds.tables._trees_questions import Questions
from sundog.lib.kernels.questions import answer_questions

_NOTHING: NDArray[np.int32] = np.zeros(0, np.int32)


@dataclass(frozen=True, slots=True)
class ColumnTrees:
    """The conditional density of one column, in the layout of ``lib.kernels.questions``.

    Attributes:
        column: index in the table.
        features: int32 (n_features,), earlier columns that are looked at.
        questions: how the code is found.
        compared: int32 (n_compared,), positions in ``features`` of those also seen relative to the question.
        expected: uint8 (n_compared, 256), rank of this column's code that each code of those lets expect.
        cut_rank: uint8 (n_questions,), rank of each question's cut.
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
    compared: NDArray[np.int32]
    expected: NDArray[np.uint8]
    cut_rank: NDArray[np.uint8]
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
    free: NDArray[np.int32] = np.full(n_rows, -1, np.int32)
    for one in model.columns:
        asked, j = one.questions, one.column
        size = len(one.groups)
        known = free
        if given is not None and (given[:, j] >= 0).any():
            known = np.ascontiguousarray(given[:, j], np.int32)
        before = _NOTHING
        mask = allowed[j] if allowed else None
        if mask is not None:
            before = np.concatenate([[0], np.cumsum(mask)]).astype(np.int32)
        n_levels = len(asked.level_base) - 1
        words = np.zeros((0, n_rows), np.uint32) if (known >= 0).all() else draw_words(key.child(j), n_levels, units)
        drawn = np.zeros(n_rows, np.int32)
        answer_questions(
            groups[one.features],
            one.compared,
            one.expected,
            one.cut_rank,
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
            drawn,
            log_weight,
        )
        found[:, j] = drawn
        groups[j] = one.groups[drawn]
    return found, log_weight


def log_density_trees(model: TreesModel, codes: Codes) -> NDArray[np.float64]:
    """Log-probability of rows, float64 (n_rows,), nats."""
    n_rows = len(codes.values)
    return walk_trees(model, codes.values, (), Key(0, 0), range(n_rows))[1]
