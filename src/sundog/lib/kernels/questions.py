"""Walking boosted trees over small codes: each tree is a set of mask tables, one for each column that it looks at."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numba.cpython.unsafe.numbers import trailing_zeros
from numpy.typing import NDArray

BLOCK = 256
"""Rows that are walked together: their codes and scores stay in the first-level cache."""


@njit(cache=True, nogil=True)
def build_masks(
    n_leaves: int,
    feature: NDArray[np.int32],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    goes_left: NDArray[np.uint8],
    use_of_split: NDArray[np.int32],
    masks: NDArray[np.uint32],
    starts: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Turn one tree into mask tables.

    A mask has one bit for each leaf, from left to right. For each split, the codes that go right lose the leaves of the
    left subtree; the lowest bit that is left, after one look-up for each column, is the leaf (QuickScorer, Lucchese et
    al., SIGIR 2015, doi:10.1145/2766462.2767733, with the tests of a column gathered in a table over its codes).

    Args:
        n_leaves: 2 to 32.
        feature: int32 (n_leaves - 1,), unused but for its length.
        left: int32 (n_leaves - 1,), child split, or the complement of a leaf.
        right: the same for the other child.
        goes_left: uint8 (n_leaves - 1, 256), 1 where a code goes left at a split.
        use_of_split: int32 (n_leaves - 1,), which of the tree's tables the split writes to.
        masks: uint32, all tables of all trees; changed in place; must hold all ones where this tree writes.
        starts: int32 (n_uses + 1,), start of each table of this tree in ``masks``.

    Returns:
        int32 (n_leaves,), position from the left of each leaf.
    """
    n_splits = feature.shape[0]
    count = np.zeros(n_splits, np.int32)
    for i in range(n_splits - 1, -1, -1):
        count[i] = (count[left[i]] if left[i] >= 0 else 1) + (count[right[i]] if right[i] >= 0 else 1)
    first = np.zeros(n_splits, np.int32)
    place = np.zeros(n_leaves, np.int32)
    for i in range(n_splits):
        n_left = count[left[i]] if left[i] >= 0 else 1
        if left[i] >= 0:
            first[left[i]] = first[i]
        else:
            place[~left[i]] = first[i]
        if right[i] >= 0:
            first[right[i]] = first[i] + n_left
        else:
            place[~right[i]] = first[i] + n_left
        kept = np.uint32(0xFFFFFFFF) ^ np.uint32(
            ((np.uint64(1) << np.uint64(n_left)) - np.uint64(1)) << np.uint64(first[i])
        )
        use = use_of_split[i]
        for code in range(starts[use + 1] - starts[use]):
            if goes_left[i, code] == 0:
                masks[starts[use] + code] &= kept
    return place


@njit(cache=True, nogil=True)
def compare_rank(expected: int, cut: int) -> int:
    """Feature code, 0 to 249, of an expected rank less a cut's rank, both 0 to 255; far differences are cut off."""
    # int() of an unsigned number stays unsigned under numba.
    above = np.int64(expected) - np.int64(cut)
    if above < -124:
        return 0
    return 249 if above > 125 else int(above) + 124


@njit(cache=True, nogil=True)
def compare_ranks(expected: NDArray[np.uint8], cut: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``compare_rank`` of many rows, uint8 (n_rows,)."""
    found = np.empty(len(expected), np.uint8)
    for r in range(len(expected)):
        found[r] = compare_rank(expected[r], cut[r])
    return found


@njit(cache=True, nogil=True)
def add_trees(
    groups: NDArray[np.uint8],
    compared: NDArray[np.int32],
    expected: NDArray[np.uint8],
    cut_rank: NDArray[np.uint8],
    first: int,
    shift: int,
    start_tree: int,
    stop_tree: int,
    tree_uses: NDArray[np.int64],
    tree_values: NDArray[np.int64],
    use_feature: NDArray[np.int32],
    use_start: NDArray[np.int64],
    masks: NDArray[np.uint32],
    values: NDArray[np.float32],
    active: NDArray[np.int64],
    node: NDArray[np.int32],
    n_active: int,
    codes: NDArray[np.uint8],
    loaded: NDArray[np.bool_],
    reached: NDArray[np.uint32],
    score: NDArray[np.float32],
) -> None:
    """Add the trees of one level to the scores of a block of rows.

    Args as in ``answer_questions``, and:
        first: first question of the level.
        start_tree: first tree of the level, up to ``stop_tree``.
        active: int64, the rows, of which ``n_active`` count.
        node: int32, the number of each row's question within the level.
        codes: uint8 (n_features, BLOCK), loaded: bool (n_features,), reached: uint32 (BLOCK,): room to work in.
        score: float32, changed in place.
    """
    n_columns = groups.shape[0]
    loaded[:] = False
    for t in range(start_tree, stop_tree):
        for r in range(n_active):
            reached[r] = np.uint32(0xFFFFFFFF)
        for use in range(tree_uses[t], tree_uses[t + 1]):
            f = use_feature[use]
            if not loaded[f]:
                loaded[f] = True
                if f == n_columns:
                    for r in range(n_active):
                        codes[f, r] = node[r] >> shift
                elif f > n_columns:
                    ranks = expected[f - n_columns - 1]
                    column_groups = groups[compared[f - n_columns - 1]]
                    for r in range(n_active):
                        codes[f, r] = compare_rank(ranks[column_groups[active[r]]], cut_rank[first + node[r]])
                else:
                    for r in range(n_active):
                        codes[f, r] = groups[f, active[r]]
            table = masks[use_start[use] :]
            column = codes[f]
            for r in range(n_active):
                reached[r] &= table[column[r]]
        leaves = values[tree_values[t] :]
        for r in range(n_active):
            score[r] += leaves[trailing_zeros(reached[r])]


@njit(cache=True, nogil=True)
def score_questions(
    groups: NDArray[np.uint8],
    compared: NDArray[np.int32],
    expected: NDArray[np.uint8],
    cut_rank: NDArray[np.uint8],
    first: int,
    shift: int,
    start_tree: int,
    stop_tree: int,
    tree_uses: NDArray[np.int64],
    tree_values: NDArray[np.int64],
    use_feature: NDArray[np.int32],
    use_start: NDArray[np.int64],
    masks: NDArray[np.uint32],
    values: NDArray[np.float32],
    rows: NDArray[np.int64],
    nodes: NDArray[np.int32],
) -> NDArray[np.float32]:
    """The sum of the trees of one level for rows that meet its questions, without the questions' own log-odds.

    Args as in ``add_trees``, and:
        rows: int64 (n,), columns of ``groups``.
        nodes: int32 (n,), number within the level of the question that each meets.

    Returns:
        float32 (n,).
    """
    n_features = groups.shape[0] + 1 + len(compared)
    codes = np.empty((n_features, BLOCK), np.uint8)
    loaded = np.empty(n_features, np.bool_)
    reached = np.empty(BLOCK, np.uint32)
    score = np.zeros(len(rows), np.float32)
    for start in range(0, len(rows), BLOCK):
        stop = min(start + BLOCK, len(rows))
        add_trees(
            groups,
            compared,
            expected,
            cut_rank,
            first,
            shift,
            start_tree,
            stop_tree,
            tree_uses,
            tree_values,
            use_feature,
            use_start,
            masks,
            values,
            rows[start:stop],
            nodes[start:stop],
            stop - start,
            codes,
            loaded,
            reached,
            score[start:stop],
        )
    return score


@njit(cache=True, nogil=True)
def answer_questions(
    groups: NDArray[np.uint8],
    compared: NDArray[np.int32],
    expected: NDArray[np.uint8],
    cut_rank: NDArray[np.uint8],
    level_base: NDArray[np.int64],
    level_trees: NDArray[np.int64],
    level_shift: NDArray[np.int32],
    base: NDArray[np.float32],
    node_cut: NDArray[np.int32],
    node_next: NDArray[np.int32],
    tree_uses: NDArray[np.int64],
    tree_values: NDArray[np.int64],
    use_feature: NDArray[np.int32],
    use_start: NDArray[np.int64],
    masks: NDArray[np.uint32],
    values: NDArray[np.float32],
    size: int,
    words: NDArray[np.uint32],
    known: NDArray[np.int32],
    allowed_before: NDArray[np.int32],
    drawn: NDArray[np.int32],
    log_weight: NDArray[np.float64],
) -> None:
    """Draw one column for many rows, one yes-or-no question after another.

    A question halves the run of codes [low, high) that a row may still take; the boosted trees of the question's level
    give the log-odds of the right half.

    Args:
        groups: uint8 (n_columns, n_rows), the earlier columns of each row as feature codes.
        compared: int32 (n_compared,), columns that are also seen as expected rank less the question's rank.
        expected: uint8 (n_compared, 256), the rank of the answer that each code of those columns lets expect.
        cut_rank: uint8 (n_questions,), rank of each question's cut.
        level_base: int64 (n_levels + 1,), first question of each level in ``base``, ``node_cut`` and (twice that) ``node_next``.
        level_trees: int64 (n_levels + 1,), first tree of each level.
        level_shift: int32 (n_levels,), bits dropped from a question's number to make it a feature code.
        base: float32 (n_questions,), log-odds before the trees.
        node_cut: int32 (n_questions,), first code of the right half.
        node_next: int32 (2 * n_questions,), number within the next level of the question that follows left and right, or -1.
        tree_uses: int64 (n_trees + 1,), first table of each tree.
        tree_values: int64 (n_trees,), first leaf value of each tree.
        use_feature: int32 (n_uses,), column of a table; n_columns for the question's own number, above it
            a compared one.
        use_start: int64 (n_uses,), start of a table in ``masks``.
        masks: uint32, see ``build_masks``.
        values: float32, leaf values.
        size: number of codes.
        words: uint32 (n_words, n_rows), one for each level; empty where everything is known.
        known: int32 (n_rows,), the code that is given, or -1.
        allowed_before: int32 (size + 1,), how many codes below each one are allowed; empty where all are.
        drawn: int32 (n_rows,), the answer, written.
        log_weight: float64 (n_rows,), gains the log-probability of every answer that was not drawn freely.
    """
    n_columns, n_rows = groups.shape
    n_levels = level_shift.shape[0]
    codes = np.empty((n_columns + 1 + len(compared), BLOCK), np.uint8)
    loaded = np.empty(n_columns + 1 + len(compared), np.bool_)
    score = np.empty(BLOCK, np.float32)
    reached = np.empty(BLOCK, np.uint32)
    active = np.empty(BLOCK, np.int64)
    node = np.empty(BLOCK, np.int32)
    low = np.empty(BLOCK, np.int32)
    high = np.empty(BLOCK, np.int32)
    restricted = allowed_before.shape[0] > 0
    for start in range(0, n_rows, BLOCK):
        n_active = min(BLOCK, n_rows - start)
        for r in range(n_active):
            active[r] = start + r
            node[r] = 0
            low[r] = 0
            high[r] = size
            if size == 1:
                drawn[start + r] = 0
        if size == 1:
            continue
        for level in range(n_levels):
            if n_active == 0:
                break
            first = level_base[level]
            shift = level_shift[level]
            for r in range(n_active):
                score[r] = base[first + node[r]]
            add_trees(
                groups,
                compared,
                expected,
                cut_rank,
                first,
                shift,
                level_trees[level],
                level_trees[level + 1],
                tree_uses,
                tree_values,
                use_feature,
                use_start,
                masks,
                values,
                active,
                node,
                n_active,
                codes,
                loaded,
                reached,
                score,
            )
            kept = 0
            for r in range(n_active):
                row = active[r]
                question = first + node[r]
                cut = node_cut[question]
                go_right = False
                forced = False
                if known[row] >= 0:
                    forced = True
                    go_right = bool(known[row] >= cut)
                elif restricted:
                    n_left = allowed_before[cut] - allowed_before[low[r]]
                    n_right = allowed_before[high[r]] - allowed_before[cut]
                    if n_left == 0 or n_right == 0:
                        forced = True
                        go_right = bool(n_left == 0)
                if forced:
                    z = -score[r] if go_right else score[r]
                    log_weight[row] -= math.log1p(math.exp(-abs(z))) + max(np.float64(z), 0.0)
                else:
                    chance = 1.0 / (1.0 + math.exp(-np.float64(score[r])))
                    go_right = bool((np.float64(words[level, row]) + 0.5) * 2.0**-32 < chance)
                following = node_next[2 * question + (1 if go_right else 0)]
                if go_right:
                    low[r] = cut
                else:
                    high[r] = cut
                if following < 0:
                    drawn[row] = low[r]
                else:
                    active[kept] = row
                    node[kept] = following
                    low[kept] = low[r]
                    high[kept] = high[r]
                    kept += 1
            n_active = kept
