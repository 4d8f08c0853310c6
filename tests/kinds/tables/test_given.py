"""Drawing under conditions that the order does not lead with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sundog.core.keys import Key
from sundog.kinds.tables._codes import Codes
from sundog.kinds.tables._forest import ForestModel, fit_forest
from sundog.kinds.tables._given import sample_given
from sundog.kinds.tables._trees import fit_trees
from sundog.kinds.tables._trees_model import TreesModel
from sundog.kinds.tables.recipe_methods import ForestSpec, TreesSpec

Model = TreesModel | ForestModel


def make_codes(n: int = 4000) -> Codes:
    r = np.random.default_rng(1)
    a = r.integers(0, 16, n)
    b = np.clip(a // 4 + r.integers(0, 2, n), 0, 4)
    values = np.stack([a, b], axis=1).astype(np.int32)
    sizes = np.array([16, 5], np.int32)
    return Codes(
        values,
        sizes,
        np.zeros(2, np.bool_),
        np.zeros(2, np.bool_),
        tuple(np.arange(s, dtype=np.float32) for s in sizes),
    )


@pytest.fixture(scope="module", params=["trees", "forest"])
def model(request: pytest.FixtureRequest) -> Model:
    makers: dict[str, Callable[[], Model]] = {
        "trees": lambda: fit_trees(make_codes(), None, TreesSpec(trees=20), (), Key.root(1), 1),
        "forest": lambda: fit_forest(make_codes(), None, ForestSpec(), (), Key.root(1), 1),
    }
    return makers[request.param]()


def test_last_column_given_conditions_the_first(model: Model) -> None:
    assert [one.column for one in model.columns] == [0, 1]
    given = np.full((4000, 2), -1, np.int32)
    given[:, 1] = 2
    drawn, effective = sample_given(model, given, (), Key.root(2), range(4000))
    assert (drawn[:, 1] == 2).all()
    assert ((effective >= 1) & (effective <= 64)).all()
    real = make_codes().values
    expected = np.bincount(real[real[:, 1] == 2, 0], minlength=16) / (real[:, 1] == 2).sum()
    made = np.bincount(drawn[:, 0], minlength=16) / 4000
    assert np.abs(expected - made).sum() / 2 < 0.08


def test_sets_of_codes_are_kept(model: Model) -> None:
    allowed = (np.isin(np.arange(16), [2, 3, 11]), np.isin(np.arange(5), [0, 2]))
    drawn, effective = sample_given(model, None, allowed, Key.root(2), range(1000))
    possible = effective > 0
    assert possible.mean() > 0.99
    assert allowed[0][drawn[possible, 0]].all()
    assert allowed[1][drawn[possible, 1]].all()
    # 2 and 3 go with b = 0 or 1, 11 with b = 2 or 3: half of each, so about two thirds of the rows have a < 4.
    assert abs(np.mean(drawn[possible, 0] < 4) - 2 / 3) < 0.08


def test_rows_depend_on_their_unit_alone(model: Model) -> None:
    given = np.full((300, 2), -1, np.int32)
    given[::2, 1] = np.arange(150) % 5
    allowed = (np.arange(16) < 12, None)
    whole, effective = sample_given(model, given, allowed, Key.root(2), range(300), candidates=8)
    part, effective_part = sample_given(model, given[120:200], allowed, Key.root(2), range(120, 200), candidates=8)
    assert np.array_equal(whole[120:200], part)
    assert np.array_equal(effective[120:200], effective_part)


def test_impossible_conditions_are_marked(model: Model) -> None:
    given = np.full((6, 2), -1, np.int32)
    given[:, 1] = [0, 1, 2, 3, 4, -1]
    drawn, effective = sample_given(model, given, (None, np.arange(5) != 3), Key.root(2), range(6), candidates=4)
    assert (effective[[0, 1, 2, 4, 5]] > 0).all()
    assert effective[3] == 0
    nothing, none = sample_given(model, None, (np.zeros(16, np.bool_), None), Key.root(2), range(4), candidates=4)
    assert (none == 0).all()
    assert nothing.shape == (4, 2)
    assert drawn[5, 1] != 3
