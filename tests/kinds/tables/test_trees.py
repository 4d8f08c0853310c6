"""Boosted trees over codes: what they learn, that rows are pure, and that nothing is copied on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sundog.core.keys import Key
from sundog.kinds.tables._codes import Codes
from sundog.kinds.tables._trees import fit_trees
from sundog.kinds.tables._trees_model import TreesModel, log_density_trees, sample_trees
from sundog.kinds.tables._trees_questions import ask_questions
from sundog.kinds.tables.recipe_methods import TreesSpec
from sundog.lib import persist

QUICK = TreesSpec(trees=30)


def make_codes(n: int = 3000, seed: int = 1) -> Codes:
    """Five columns: a spiky number, one that follows it, a category that follows both, a coin, a constant."""
    r = np.random.default_rng(seed)
    a = np.where(r.random(n) < 0.6, 0, r.integers(0, 40, n))
    b = np.clip(a // 2 + r.integers(0, 4, n), 0, 22)
    c = np.where(b > 8, r.integers(0, 2, n), r.integers(2, 6, n))
    d = r.integers(0, 2, n)
    values = np.stack([a, b, c, d, np.zeros(n)], axis=1).astype(np.int32)
    sizes = np.array([40, 23, 6, 2, 1], np.int32)
    return Codes(
        values,
        sizes,
        np.array([False, False, True, True, True]),
        np.zeros(5, np.bool_),
        tuple(np.arange(s, dtype=np.float32) for s in sizes),
    )


@pytest.fixture(scope="module")
def codes() -> Codes:
    return make_codes()


@pytest.fixture(scope="module")
def model(codes: Codes) -> TreesModel:
    return fit_trees(codes, None, QUICK, (), Key.root(1), 2)


def test_questions_reach_every_code_and_ask_for_the_spike_first() -> None:
    mass = np.array([600.0, 10, 0, 30, 40, 5, 0, 1])
    asked = ask_questions(mass)
    assert asked.cut[0] == 1
    assert asked.following[0, 0] == -1
    assert sorted(asked.cut) == list(range(1, 8))
    deep = ask_questions(2.0 ** -np.arange(200.0))
    assert len(deep.level_base) - 1 <= 8 + 4
    assert sorted(deep.cut) == list(range(1, 200))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 257, 100_000])
def test_questions_of_any_size(size: int) -> None:
    asked = ask_questions(np.ones(size))
    assert len(asked.cut) == size - 1
    assert len(asked.level_base) - 1 == (size - 1).bit_length()


def test_density_sums_to_one(codes: Codes, model: TreesModel) -> None:
    every = np.array([(a, b, 1, 0, 0) for a in (0, 7) for b in range(23)], np.int32)
    # p(a, b, c, d) summed over c and d is p(a, b); the sum over b of p(a, b) must not exceed 1 and must match the marginal.
    grid = np.array([(0, b, c, d, 0) for b in range(23) for c in range(6) for d in range(2)], np.int32)
    share = np.exp(log_density_trees(model, replace(codes, values=grid))).sum()
    assert abs(share - np.mean(codes.values[:, 0] == 0)) < 0.02
    assert len(every) == 46


def test_held_out_density_beats_independence(model: TreesModel) -> None:
    fresh = make_codes(2000, seed=2)
    train = make_codes()
    alone = 0.0
    for j, size in enumerate(train.sizes):
        share = (np.bincount(train.values[:, j], minlength=size) + 0.5) / (len(train.values) + 0.5 * size)
        alone += np.log(share[fresh.values[:, j]]).mean()
    assert log_density_trees(model, fresh).mean() > alone + 0.5


def test_samples_follow_pairs(codes: Codes, model: TreesModel) -> None:
    drawn = sample_trees(model, None, Key.root(3), range(20_000))
    assert ((drawn >= 0) & (drawn < codes.sizes)).all()
    for j in range(5):
        real = np.bincount(codes.values[:, j], minlength=codes.sizes[j]) / len(codes.values)
        made = np.bincount(drawn[:, j], minlength=codes.sizes[j]) / len(drawn)
        assert np.abs(real - made).sum() / 2 < 0.05
    # b is within 4 of a // 2 and c depends on b > 8 in all real rows.
    assert np.mean(np.abs(drawn[:, 1] - drawn[:, 0] // 2 - 1.5) > 1.5) < 0.1
    assert np.mean((drawn[:, 1] > 8) != (drawn[:, 2] < 2)) < 0.06


def test_rows_depend_on_their_unit_alone(model: TreesModel) -> None:
    whole = sample_trees(model, None, Key.root(5), range(1000))
    parts = [sample_trees(model, None, Key.root(5), range(a, b)) for a, b in ((0, 1), (1, 300), (300, 1000))]
    assert np.array_equal(whole, np.concatenate(parts))
    assert not np.array_equal(whole, sample_trees(model, None, Key.root(6), range(1000)))


def test_threads_do_not_change_the_model(codes: Codes, model: TreesModel) -> None:
    again = fit_trees(codes, None, QUICK, (), Key.root(1), 1)
    assert persist.dumps(again) == persist.dumps(model)
    loaded = persist.loads(TreesModel, persist.dumps(model))
    assert np.array_equal(
        sample_trees(loaded, None, Key.root(1), range(50)), sample_trees(model, None, Key.root(1), range(50))
    )


def test_given_columns_that_lead_are_kept_and_conditioned_on(codes: Codes) -> None:
    led = fit_trees(codes, None, QUICK, (2, 1), Key.root(1), 1)
    assert [one.column for one in led.columns][:2] == [2, 1]
    given = np.full((500, 5), -1, np.int32)
    given[:, 2] = np.arange(500) % 2 * 5
    drawn = sample_trees(led, given, Key.root(1), range(500))
    assert np.array_equal(drawn[:, 2], given[:, 2])
    assert np.mean(drawn[drawn[:, 2] == 0, 1] > 8) > 0.9
    assert np.mean(drawn[drawn[:, 2] == 5, 1] > 8) < 0.1
    part = sample_trees(led, given[100:200], Key.root(1), range(100, 200))
    assert np.array_equal(part, drawn[100:200])


def test_weights_shift_the_population(codes: Codes) -> None:
    heavy = np.where(codes.values[:, 3] == 1, 3.0, 1.0)
    weighted = fit_trees(codes, heavy / heavy.mean(), QUICK, (), Key.root(1), 1)
    drawn = sample_trees(weighted, None, Key.root(2), range(5000))
    assert abs(np.mean(drawn[:, 3]) - 0.75) < 0.03


@pytest.mark.parametrize("n", [1, 2, 5, 30])
def test_tiny_tables(n: int) -> None:
    small = make_codes(n)
    model = fit_trees(small, None, QUICK, (), Key.root(1), 1)
    drawn = sample_trees(model, None, Key.root(1), range(20))
    assert ((drawn >= 0) & (drawn < small.sizes)).all()
    assert np.isfinite(log_density_trees(model, small)).all()


def test_many_categories_and_few_features() -> None:
    r = np.random.default_rng(1)
    n = 4000
    big = np.minimum(r.zipf(1.3, n) - 1, 29_999)
    other = (big > 0).astype(int) ^ (r.random(n) < 0.1)
    noise = r.integers(0, 9, (n, 6))
    values = np.column_stack([noise, big, other]).astype(np.int32)
    sizes = np.array([9] * 6 + [30_000, 2], np.int32)
    nominal = np.ones(8, np.bool_)
    numbers = tuple(np.arange(s, dtype=np.float32) for s in sizes)
    table = Codes(values, sizes, nominal, np.zeros(8, np.bool_), numbers)
    model = fit_trees(table, None, TreesSpec(trees=60, features=2), (), Key.root(1), 1)
    assert max(len(one.features) for one in model.columns) == 2
    last = next(one for one in model.columns if one.column == 7)
    assert 6 in last.features
    drawn = sample_trees(model, None, Key.root(1), range(4000))
    assert drawn[:, 6].max() < 30_000
    assert abs(np.mean((drawn[:, 6] > 0) == (drawn[:, 7] == 1)) - 0.9) < 0.06
