"""Forest kernels against plain numpy."""

from __future__ import annotations

import numpy as np

from sundog.lib.kernels.forest import (
    GATHER_LEVELS,
    draw_allowed,
    draw_codes,
    fill_tree,
    find_leaves,
    grow_tree,
    weigh_codes,
)


def entropy(classes: np.ndarray) -> float:
    """Total log-loss of a node that predicts its own shares, nats."""
    share = np.bincount(classes) / len(classes)
    return float(-len(classes) * (share[share > 0] * np.log(share[share > 0])).sum())


def make_data(n: int = 800) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r = np.random.default_rng(3)
    features = r.integers(0, 10, (3, n)).astype(np.uint8)
    target = np.where(features[1] > 6, 0, np.where(features[0] > 3, r.integers(0, 4, n), 2)).astype(np.uint8)
    return features, np.full(3, 10, np.int32), target


def grow(min_leaf: int = 10) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, ...]]:
    features, sizes, target = make_data()
    rows = np.arange(features.shape[1], dtype=np.int32)
    return (
        features,
        target,
        grow_tree(features, sizes, target, 4, rows, min_leaf, 3.0, 0.0, 3, np.zeros((1, 3), np.float32)),
    )


def test_first_split_is_the_best_of_all() -> None:
    features, target, (feature, threshold, _, _) = grow()
    gains = {}
    for f in range(3):
        for t in range(9):
            below = features[f] <= t
            if min(below.sum(), (~below).sum()) >= 10:
                gains[f, t] = entropy(target) - entropy(target[below]) - entropy(target[~below])
    assert (feature[0], threshold[0]) == max(gains, key=lambda k: gains[k])


def test_a_split_brings_more_where_classes_are_many() -> None:
    features, sizes, target = make_data()
    rows, priority = np.arange(800, dtype=np.int32), np.zeros((1, 3), np.float32)
    below = features[1] <= 6
    gain = entropy(target) - entropy(target[below]) - entropy(target[~below])
    for least, split in ((gain - 0.01, True), (gain + 0.01, False)):
        per_class = (least - 3.0) / (len(np.unique(target)) - 1)
        feature = grow_tree(features, sizes, target, 4, rows.copy(), 10, 3.0, per_class, 3, priority)[0]
        assert bool(feature[0] == 1) == split


def test_laying_rows_together_changes_no_tree() -> None:
    r = np.random.default_rng(5)
    features = r.integers(0, 40, (4, 6000)).astype(np.uint8)
    target = ((features[0] // 4 + features[2] // 8 + r.integers(0, 3, 6000)) % 8).astype(np.uint8)
    chosen = np.sort(r.permutation(6000)[:4000]).astype(np.int32)
    priority = r.random((7, 4), dtype=np.float32)
    made = [
        grow_tree(features, np.full(4, 40, np.int32), target, 8, chosen.copy(), 5, 1.0, 0.0, 2, priority, gather_rows)
        for gather_rows in (10_000, 100)
    ]
    depth, node = 0, len(made[0][3]) - 1
    while made[0][3][node] >= 0:
        node, depth = made[0][3][node], depth + 1
    assert depth > 2 * GATHER_LEVELS, "the tree is too shallow to be laid together twice"
    for one, other in zip(*made, strict=True):
        np.testing.assert_array_equal(one, other)


def test_filled_tree_puts_each_row_where_a_walk_does() -> None:
    features, _, (feature, threshold, left, parent) = grow()
    rows, bounds = fill_tree(features, feature, threshold, left)
    assert sorted(rows) == list(range(800))
    ranks = np.tile(np.arange(256, dtype=np.uint8), (3, 1))
    leaves = np.empty(800, np.int64)
    find_leaves(features, ranks, np.zeros(1, np.int64), feature, threshold, left, np.zeros(800, np.int64), leaves)
    for i in np.flatnonzero(feature < 0):
        held = rows[bounds[2 * i] : bounds[2 * i + 1]]
        assert len(held) >= 10
        assert (leaves[held] == i).all()
    assert all(parent[left[i]] == i and parent[left[i] + 1] == i for i in np.flatnonzero(feature >= 0))


def shrunk(i: int, parent: np.ndarray, bounds: np.ndarray, codes: np.ndarray, size: int) -> np.ndarray:
    """The plain twin: distribution of a node."""
    above, extra = (
        (np.full(size, 1 / size), 0.5) if parent[i] < 0 else (shrunk(int(parent[i]), parent, bounds, codes, size), 4.0)
    )
    count = np.bincount(codes[bounds[2 * i] : bounds[2 * i + 1]], minlength=size)
    return (count + extra * above) / (count.sum() + extra)


def test_draws_and_weights_have_the_shrunk_distribution() -> None:
    features, target, (feature, threshold, left, parent) = grow()
    rows, bounds = fill_tree(features, feature, threshold, left)
    codes, size = target[rows], 5
    leaf = int(np.flatnonzero(feature < 0)[2])
    expected = shrunk(leaf, parent, bounds, codes, size)
    n = 100_000
    words = np.random.default_rng(1).integers(0, 2**32, (2, n), dtype=np.uint32)
    drawn, leaves = np.empty(n, np.int32), np.full(n, leaf, np.int64)
    draw_codes(leaves, parent, bounds, codes, 4.0, 0.5, size, words, drawn)
    np.testing.assert_allclose(np.bincount(drawn, minlength=size) / n, expected, atol=0.01)

    position = np.argsort(codes, kind="stable")
    run_start = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=size))])
    chance = np.zeros(size)
    weigh_codes(
        np.full(size, leaf, np.int64),
        parent,
        bounds,
        4.0,
        0.5,
        size,
        np.arange(size, dtype=np.int32),
        run_start,
        position,
        chance,
    )
    np.testing.assert_allclose(chance, expected)

    mask = np.array([True, False, True, False, True])
    before = np.concatenate([[0], np.cumsum(mask[codes])])
    share = np.empty(n)
    draw_allowed(
        leaves,
        parent,
        bounds,
        codes,
        before,
        np.flatnonzero(mask).astype(np.int32),
        4.0,
        0.5,
        size,
        words,
        drawn,
        share,
    )
    np.testing.assert_allclose(share, expected[mask].sum())
    assert mask[drawn].all()
    np.testing.assert_allclose(
        np.bincount(drawn, minlength=size) / n, np.where(mask, expected, 0) / expected[mask].sum(), atol=0.01
    )
