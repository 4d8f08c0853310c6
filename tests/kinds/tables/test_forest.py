"""The smoothed forest over codes: what it learns, that rows are pure, and the exactness of its probabilities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sundog.core.keys import Key
from sundog.kinds.tables._codes import Codes
from sundog.kinds.tables._forest import ForestModel, fit_forest, log_density_forest, sample_forest
from sundog.kinds.tables.recipe_methods import ForestSpec
from sundog.lib import persist


def make_codes(n: int = 4000, seed: int = 1) -> Codes:
    """A number, one that follows it, a category that follows both, a constant."""
    r = np.random.default_rng(seed)
    a = np.where(r.random(n) < 0.5, 3, r.integers(0, 12, n))
    b = np.clip(a + r.integers(0, 3, n), 0, 13)
    c = np.where(b > 6, r.integers(0, 2, n), r.integers(2, 5, n))
    values = np.stack([a, b, c, np.zeros(n)], axis=1).astype(np.int32)
    sizes = np.array([12, 14, 5, 1], np.int32)
    numbers = tuple(np.arange(s, dtype=np.float32) for s in sizes)
    return Codes(values, sizes, np.array([False, False, True, True]), np.zeros(4, np.bool_), numbers)


@pytest.fixture(scope="module")
def codes() -> Codes:
    return make_codes()


@pytest.fixture(scope="module")
def model(codes: Codes) -> ForestModel:
    return fit_forest(codes, None, ForestSpec(), (), Key.root(1), 2)


def test_a_table_whose_columns_are_all_remade() -> None:
    none = Codes(np.zeros((50, 0), np.int32), np.zeros(0, np.int32), np.zeros(0, np.bool_), np.zeros(0, np.bool_), ())
    model = fit_forest(none, None, ForestSpec(), (), Key.root(1), 1)
    assert persist.loads(ForestModel, persist.dumps(model)) == model
    assert sample_forest(model, None, Key.root(2), range(20)).shape == (20, 0)


def _two_columns(seed: int, follow: bool) -> Codes:
    r = np.random.default_rng(seed)
    a = r.integers(0, 64, 2000)
    b = (a + r.integers(0, 20, 2000)) % 64 if follow else r.integers(0, 64, 2000)
    numbers = tuple(np.arange(64, dtype=np.float32) for _ in range(2))
    values = np.stack([a, b], axis=1).astype(np.int32)
    return Codes(values, np.full(2, 64, np.int32), np.zeros(2, np.bool_), np.zeros(2, np.bool_), numbers)


def test_independent_columns_of_a_small_table_are_not_split_by_chance() -> None:
    """Any cut of few rows over many codes lowers the entropy: rows were learned by heart, and told from others by it."""
    codes = _two_columns(1, False)
    model = fit_forest(codes, None, ForestSpec(), (), Key.root(1), 1)
    seen = log_density_forest(model, codes).mean()
    fresh = log_density_forest(model, _two_columns(2, False)).mean()
    assert seen - fresh < 0.1  # 2.6 where classes cost nothing; 63 shares of each column cost 0.05 here
    assert fresh > -2 * np.log(64) - 0.05
    follows = fit_forest(_two_columns(3, True), None, ForestSpec(), (), Key.root(1), 1)
    assert log_density_forest(follows, _two_columns(4, True)).mean() > -np.log(64) - np.log(64) + 0.6


def test_density_sums_to_one(codes: Codes, model: ForestModel) -> None:
    grid = np.array([(a, b, c, 0) for a in range(12) for b in range(14) for c in range(5)], np.int32)
    assert np.exp(log_density_forest(model, replace(codes, values=grid))).sum() == pytest.approx(1.0, abs=1e-9)


def test_samples_have_the_density(codes: Codes, model: ForestModel) -> None:
    grid = np.array([(a, b, c, 0) for a in range(12) for b in range(14) for c in range(5)], np.int32)
    share = np.exp(log_density_forest(model, replace(codes, values=grid)))
    n = 200_000
    drawn = sample_forest(model, None, Key.root(4), range(n))
    count = np.bincount((drawn[:, 0] * 14 + drawn[:, 1]) * 5 + drawn[:, 2], minlength=len(grid))
    used = share * n >= 5
    # A chi-square statistic with about as many degrees as cells; false alarm below 1e-6 at six standard deviations.
    statistic = ((count[used] - share[used] * n) ** 2 / (share[used] * n)).sum()
    assert statistic < used.sum() + 6 * np.sqrt(2 * used.sum())


def test_held_out_density_beats_independence(model: ForestModel) -> None:
    fresh, train = make_codes(2000, seed=2), make_codes()
    alone = 0.0
    for j, size in enumerate(train.sizes):
        share = (np.bincount(train.values[:, j], minlength=size) + 0.5) / (len(train.values) + 0.5 * size)
        alone += np.log(share[fresh.values[:, j]]).mean()
    assert log_density_forest(model, fresh).mean() > alone + 0.5


def test_rows_depend_on_their_unit_alone(model: ForestModel) -> None:
    whole = sample_forest(model, None, Key.root(5), range(1000))
    parts = [sample_forest(model, None, Key.root(5), range(a, b)) for a, b in ((0, 1), (1, 300), (300, 1000))]
    assert np.array_equal(whole, np.concatenate(parts))


def test_threads_do_not_change_the_model(codes: Codes, model: ForestModel) -> None:
    again = fit_forest(codes, None, ForestSpec(), (), Key.root(1), 1)
    assert persist.dumps(again) == persist.dumps(model)
    loaded = persist.loads(ForestModel, persist.dumps(model))
    assert np.array_equal(
        sample_forest(loaded, None, Key.root(1), range(50)), sample_forest(model, None, Key.root(1), range(50))
    )


def test_leaves_hold_enough_rows_in_sorted_order(model: ForestModel) -> None:
    for one in model.columns:
        for i in np.flatnonzero(one.feature < 0):
            held = one.codes[one.bounds[2 * i] : one.bounds[2 * i + 1]]
            assert len(held) >= 20
            assert (np.diff(held.astype(int)) >= 0).all()


def test_weights_shift_the_population(codes: Codes) -> None:
    heavy = np.where(codes.values[:, 0] == 3, 3.0, 1.0)
    weighted = fit_forest(codes, heavy / heavy.mean(), ForestSpec(), (), Key.root(1), 1)
    drawn = sample_forest(weighted, None, Key.root(2), range(10_000))
    expected = heavy[codes.values[:, 0] == 3].sum() / heavy.sum()
    assert abs(np.mean(drawn[:, 0] == 3) - expected) < 0.03


def test_given_columns_that_lead_are_kept(codes: Codes) -> None:
    led = fit_forest(codes, None, ForestSpec(), (2,), Key.root(1), 1)
    given = np.full((600, 4), -1, np.int32)
    given[:, 2] = np.arange(600) % 5
    drawn = sample_forest(led, given, Key.root(1), range(600))
    assert np.array_equal(drawn[:, 2], given[:, 2])
    assert np.mean((drawn[:, 1] > 6) == (drawn[:, 2] < 2)) > 0.93


@pytest.mark.parametrize("n", [1, 2, 5, 30])
def test_tiny_tables(n: int) -> None:
    small = make_codes(n)
    model = fit_forest(small, None, ForestSpec(), (), Key.root(1), 1)
    drawn = sample_forest(model, None, Key.root(1), range(20))
    assert ((drawn >= 0) & (drawn < small.sizes)).all()
    assert np.isfinite(log_density_forest(model, small)).all()


def test_many_categories() -> None:
    r = np.random.default_rng(1)
    n = 3000
    big = np.minimum(r.zipf(1.3, n) - 1, 99_999)
    values = np.column_stack([big, (big > 0) ^ (r.random(n) < 0.1)]).astype(np.int32)
    sizes = np.array([100_000, 2], np.int32)
    numbers = tuple(np.arange(s, dtype=np.float32) for s in sizes)
    table = Codes(values, sizes, np.ones(2, np.bool_), np.zeros(2, np.bool_), numbers)
    model = fit_forest(table, None, ForestSpec(trees=3), (), Key.root(1), 1)
    drawn = sample_forest(model, None, Key.root(1), range(3000))
    assert drawn[:, 0].max() < 100_000
    assert abs(np.mean((drawn[:, 0] > 0) == (drawn[:, 1] == 1)) - 0.9) < 0.06
