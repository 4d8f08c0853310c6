"""Gower's kernels against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from sundog.core.keys import Key
from sundog.lib.adversarial.points import search_near, search_without
from sundog.lib.kernels.gower import count_equal, find_common


@pytest.fixture(scope="module")
def points() -> tuple[np.ndarray, np.ndarray]:
    """Rows and targets: two ranks (one sometimes missing) and three categories."""
    draw = Key.root(1).generator()
    numbers = draw.random((2300, 2), dtype=np.float32)
    numbers[::17, 1] = -5.0
    rows = np.concatenate([numbers, draw.integers(0, 4, (2300, 3)).astype(np.float32)], axis=1)
    targets = rows[draw.integers(0, 2300, 60)].copy()
    targets[::2, 0] = draw.random(30, dtype=np.float32)
    return rows, targets


def spread(rows: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """float32 (targets, rows, columns)."""
    return np.minimum(np.abs(rows[None] - targets[:, None]), 1.0)


@pytest.mark.parametrize("columns", [None, [0, 3], [4]])
def test_the_nearest_are_found(points, columns):
    rows, targets = points
    near = search_near(rows, targets, 7, columns)
    gaps = spread(rows, targets)[:, :, slice(None) if columns is None else columns].sum(axis=2)
    np.testing.assert_allclose(near.gaps, np.sort(gaps, axis=1)[:, :7], atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(gaps, near.places, axis=1), near.gaps, atol=1e-5)


def test_no_row_is_its_own_neighbour(points):
    rows, _ = points
    near = search_near(rows[:300], rows[:300], 3, themselves=True)
    assert not (near.places == np.arange(300)[:, None]).any()


def test_fewer_rows_than_neighbours_leave_places_empty(points):
    rows, targets = points
    near = search_near(rows[:2], targets, 3)
    assert (near.places[:, 2] == -1).all()
    assert np.isinf(near.gaps[:, 2]).all()


def test_the_nearest_by_all_other_columns_is_found(points):
    rows, targets = points
    near = search_without(rows, targets)
    each = spread(rows, targets)
    total = each.sum(axis=2)
    for j in range(rows.shape[1]):
        rest = total - each[:, :, j]
        np.testing.assert_allclose(near.gaps[:, j], rest.min(axis=1), atol=3e-5)
        np.testing.assert_allclose(rest[np.arange(len(targets)), near.places[:, j]], near.gaps[:, j], atol=3e-5)


def test_equal_columns_are_counted(points):
    rows, targets = points
    most = np.zeros(len(targets), dtype=np.int64)
    count_equal(np.ascontiguousarray(rows.T), targets, most)
    assert (most == (rows[None] == targets[:, None]).sum(axis=2).max(axis=1)).all()


def test_common_rows_are_found(points):
    rows, targets = points
    first, second = np.array([0, 2]), np.array([1, 3, 4])
    reach = np.stack([np.full(60, 0.1), np.full(60, 0.4)], axis=1).astype(np.float32)
    other = np.stack([np.full(60, 0.2), np.full(60, 1.1)], axis=1).astype(np.float32)
    common = np.zeros((60, 2), dtype=bool)
    find_common(np.ascontiguousarray(rows.T), first, second, targets, reach, other, common)
    each = spread(rows, targets)
    for i in range(2):
        near = (each[:, :, first].sum(axis=2) <= reach[:, None, i]) & (
            each[:, :, second].sum(axis=2) <= other[:, None, i]
        )
        assert (common[:, i] == near.any(axis=1)).all()
    assert 0 < common.sum() < common.size
