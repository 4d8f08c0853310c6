"""Mask tables against a plain walk of the same trees."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.lib.kernels.questions import answer_questions, build_masks, compare_ranks


def grow_at_random(
    r: np.random.Generator, n_leaves: int, n_features: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Splits in LightGBM's numbering: splitting leaf k makes split i, whose right child is the new leaf."""
    n = n_leaves - 1
    left, right = np.zeros(n, np.int32), np.zeros(n, np.int32)
    feature = r.integers(0, n_features, n).astype(np.int32)
    goes_left = (r.random((n, 256)) < 0.5).astype(np.uint8)
    place: dict[int, tuple[int, int]] = {}
    for i in range(n):
        leaf = 0 if i == 0 else int(r.integers(0, i + 1))
        if leaf in place:
            parent, side = place[leaf]
            (left if side == 0 else right)[parent] = i
        left[i], right[i] = ~leaf, ~(i + 1)
        place[leaf], place[i + 1] = (i, 0), (i, 1)
    return feature, left, right, goes_left


def walk(feature: np.ndarray, left: np.ndarray, right: np.ndarray, goes_left: np.ndarray, row: np.ndarray) -> int:
    """The plain twin."""
    i = 0
    while i >= 0:
        i = int(left[i] if goes_left[i, row[feature[i]]] else right[i])
    return ~i


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 32), st.integers(1, 4))
def test_one_question_equals_the_plain_walk(seed: int, n_leaves: int, n_features: int) -> None:
    r = np.random.default_rng(seed)
    n_rows, size = 300, 20
    groups = r.integers(0, size, (n_features, n_rows)).astype(np.uint8)
    # Behind the columns stand the question's own number, always 0 here, and the first column compared with the cut.
    expected, cut_rank = r.integers(0, 256, (1, 256)).astype(np.uint8), np.array([r.integers(0, 256)], np.uint8)
    compared = np.clip(expected[0, groups[0]].astype(int) - int(cut_rank[0]), -124, 125) + 124
    seen = np.vstack([groups, np.zeros((1, n_rows), np.uint8), compared.astype(np.uint8)])
    assert np.array_equal(compare_ranks(expected[0, groups[0]], np.repeat(cut_rank, n_rows)), seen[-1])
    sizes = np.array([size] * n_features + [1, 250])
    score = np.full(n_rows, 0.25)
    masks, use_feature, values, tree_uses, tree_values = [], [], [], [0], []
    for _ in range(3):
        feature, left, right, goes_left = grow_at_random(r, n_leaves, n_features + 2)
        used, use_of_split = np.unique(feature, return_inverse=True)
        starts = np.concatenate([[0], np.cumsum(sizes[used])]).astype(np.int32)
        table = np.full(starts[-1], 0xFFFFFFFF, np.uint32)
        place = build_masks(n_leaves, feature, left, right, goes_left, use_of_split.astype(np.int32), table, starts)
        assert sorted(place) == list(range(n_leaves))
        leaf_value = r.normal(size=n_leaves).astype(np.float32)
        score += [leaf_value[walk(feature, left, right, goes_left, seen[:, i])] for i in range(n_rows)]
        in_order = np.empty(n_leaves, np.float32)
        in_order[place] = leaf_value
        tree_values.append(sum(len(v) for v in values))
        masks.append(table)
        values.append(in_order)
        use_feature.append(used)
        tree_uses.append(tree_uses[-1] + len(used))
    features = np.concatenate(use_feature).astype(np.int32)

    def ask(words: np.ndarray, known: np.ndarray, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        places, log_weight = np.zeros(n_rows, np.int32), np.zeros(n_rows)
        answer_questions(
            groups,
            np.zeros(1, np.int32),
            expected,
            cut_rank,
            np.array([0, 1]),
            np.array([0, 3]),
            np.zeros(1, np.int32),
            np.array([0.25], np.float32),
            np.array([1], np.int32),
            np.array([-1, -1], np.int32),
            np.array(tree_uses, np.int64),
            np.array(tree_values, np.int64),
            features,
            np.concatenate([[0], np.cumsum(sizes[features])[:-1]]),
            np.concatenate(masks),
            np.concatenate(values),
            2,
            words,
            known,
            allowed,
            places,
            log_weight,
        )
        return places, log_weight

    free, everything = np.full(n_rows, -1, np.int32), np.zeros(0, np.int32)
    chance = 1 / (1 + np.exp(-score))
    words = r.integers(0, 2**32, (1, n_rows), dtype=np.uint32)
    drawn, log_weight = ask(words, free, everything)
    u = (words[0] + 0.5) / 2**32
    clear = np.abs(u - chance) > 1e-5
    assert np.array_equal(drawn[clear], (u < chance)[clear])
    assert (log_weight == 0).all()
    _, log_yes = ask(words, np.ones(n_rows, np.int32), everything)
    _, log_no = ask(words, np.zeros(n_rows, np.int32), everything)
    np.testing.assert_allclose(np.exp(log_yes), chance, atol=1e-5)
    np.testing.assert_allclose(np.exp(log_yes) + np.exp(log_no), 1, atol=1e-9)
    only_no, log_only = ask(words, free, np.array([0, 1, 1], np.int32))
    assert (only_no == 0).all()
    np.testing.assert_allclose(log_only, log_no)
