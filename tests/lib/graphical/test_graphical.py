"""Graphical models against the whole joint table, which small examples allow to write down."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.graphical.beliefs import Layout
from sundog.lib.graphical.drawing import Drawer, GraphicalModel
from sundog.lib.graphical.fitting import Measurement, fit_measurements
from sundog.lib.graphical.junction import Junction, build_junction, count_cells, find_cliques

SIZES = (3, 2, 4, 3, 2)


def spread(values: np.ndarray, clique: tuple[int, ...], sizes: tuple[int, ...]) -> np.ndarray:
    """A table of some columns as one that adds to a table of all."""
    return values.reshape([sizes[v] if v in clique else 1 for v in range(len(sizes))])


def multiply_out(model: GraphicalModel) -> np.ndarray:
    """The joint distribution."""
    log = np.zeros(model.sizes)
    for clique, values in zip(model.cliques, model.potentials, strict=True):
        log = log + spread(values, clique, model.sizes)
    joint = np.exp(log - log.max())
    return joint / joint.sum()


def sum_out(joint: np.ndarray, clique: tuple[int, ...]) -> np.ndarray:
    return joint.sum(axis=tuple(v for v in range(joint.ndim) if v not in clique))


def make_model(cliques: list[tuple[int, ...]], seed: int) -> GraphicalModel:
    tree = build_junction(SIZES, cliques)
    rng = Key.root(seed).generator()
    potentials = tuple(rng.normal(0, 1.5, tree.shape(i)) for i in range(len(tree.cliques)))
    return GraphicalModel(SIZES, tree.cliques, tree.parents, potentials)


CLIQUES = st.lists(
    st.sets(st.integers(0, 4), min_size=1, max_size=3).map(lambda s: tuple(sorted(s))), min_size=1, max_size=6
)


@given(CLIQUES)
@settings(max_examples=60, deadline=None)
def test_a_junction_tree_holds_its_groups_and_hangs_together(cliques: list[tuple[int, ...]]) -> None:
    tree = build_junction(SIZES, cliques)
    assert set().union(*map(set, tree.cliques)) == set(range(5))
    assert all(set(c) <= set(tree.cliques[tree.host(c)]) for c in cliques)
    assert not any(set(a) < set(b) for a in tree.cliques for b in tree.cliques)
    for i, parent in enumerate(tree.parents):
        assert parent < i
        # What a group shares with all before it, it shares with its parent: the running intersection.
        before = set().union(*map(set, tree.cliques[:i])) if i else set()
        assert set(tree.cliques[i]) & before == set(tree.separator(i))
    assert count_cells(SIZES, cliques)[0] == pytest.approx(tree.cells)
    assert count_cells(SIZES, cliques[:-1], [cliques[-1]])[0] == pytest.approx(tree.cells)


def test_groups_of_a_cycle_are_filled_in() -> None:
    assert sorted(find_cliques((2, 2, 2, 2), [(0, 1), (1, 2), (2, 3), (0, 3)])) in (
        [(0, 1, 2), (0, 2, 3)],
        [(0, 1, 3), (1, 2, 3)],
    )
    with pytest.raises(ValueError, match="no group"):
        Junction((2, 2), ((0,), (1,)), (-1, -1)).host((0, 1))


@given(CLIQUES, st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_beliefs_are_the_marginals_of_the_joint_table(cliques: list[tuple[int, ...]], seed: int) -> None:
    model = make_model(cliques, seed)
    beliefs, log_sum = Layout(model.junction).propagate(model.potentials, 100.0)
    joint = multiply_out(model)
    for clique, belief in zip(model.cliques, beliefs, strict=True):
        np.testing.assert_allclose(belief, 100 * sum_out(joint, clique), rtol=1e-9, atol=1e-12)
    log = sum(
        spread(v, c, SIZES).astype(np.float64) + np.zeros(SIZES)
        for c, v in zip(model.cliques, model.potentials, strict=True)
    )
    assert log_sum == pytest.approx(math.log(np.exp(log).sum()))


def test_a_fit_meets_what_was_measured_exactly() -> None:
    joint = Key.root(1).generator().dirichlet(np.full(math.prod(SIZES), 0.5)).reshape(SIZES)
    cliques = [(0, 1), (1, 2), (2, 3, 4), (0, 4)]
    measured = [Measurement(c, 1000 * sum_out(joint, c), np.ones([SIZES[v] for v in c])) for c in cliques]
    fit = fit_measurements(SIZES, measured, 1000.0, steps=3000, tolerance=1e-13)
    for m in measured:
        np.testing.assert_allclose(fit.layout.project(fit.beliefs, m.clique), m.counts, atol=1e-3)
    # Beginning again where it stood changes nothing.
    again = fit_measurements(SIZES, measured, 1000.0, before=fit, steps=30)
    assert again.loss <= fit.loss * (1 + 1e-9) + 1e-9


def test_precise_measurements_weigh_more_and_unknown_cells_nothing() -> None:
    measured = [
        Measurement((0,), np.array([60.0, 40.0]), np.full(2, 1.0)),
        Measurement((0,), np.array([0.0, 100.0]), np.full(2, 1e-6)),
        Measurement((1,), np.array([10.0, -500.0, 900.0]), np.array([1.0, 0.0, 0.0])),
    ]
    fit = fit_measurements((2, 3), measured, 100.0, steps=500, tolerance=1e-12)
    np.testing.assert_allclose(fit.layout.project(fit.beliefs, (0,)), [60, 40], atol=0.01)
    np.testing.assert_allclose(fit.layout.project(fit.beliefs, (1,)), [10, 45, 45], atol=0.1)


def test_what_is_barred_gets_nothing_and_all_barred_is_an_error() -> None:
    barred = {(0, 1): np.array([[0.0, -np.inf], [0.0, 0.0]])}
    measured = [Measurement((0, 1), np.array([[10.0, 50.0], [20.0, 20.0]]), np.ones((2, 2)))]
    fit = fit_measurements((2, 2, 2), measured, 100.0, barred=barred)
    table = fit.layout.project(fit.beliefs, (0, 1))
    assert table[0, 1] == 0
    assert table.sum() == pytest.approx(100)
    with pytest.raises(ValueError, match="possible"):
        fit_measurements((2, 2), measured, 100.0, barred={(0, 1): np.full((2, 2), -np.inf)})


@pytest.fixture(scope="module")
def model() -> GraphicalModel:
    return make_model([(0, 1), (1, 2), (2, 3, 4), (0, 4)], 7)


def distance(codes: np.ndarray, joint: np.ndarray) -> float:
    seen = np.zeros(joint.shape)
    np.add.at(seen, tuple(codes.T), 1)
    return float(np.abs(seen / len(codes) - joint).sum() / 2)


def test_rows_follow_the_joint_distribution(model: GraphicalModel) -> None:
    codes, possible = Drawer(model).draw(Key.root(3), range(100_000))
    assert possible.all()
    assert distance(codes, multiply_out(model)) < 0.02  # 144 cells: .013 expected


@pytest.mark.parametrize("column", range(5))
def test_rows_under_a_condition_follow_the_conditional_distribution(model: GraphicalModel, column: int) -> None:
    """Whatever column is given, also one that is drawn last."""
    given_ = np.full((40_000, 5), -1, np.int32)
    given_[:, column] = 1
    codes, possible = Drawer(model).draw(Key.root(4), range(40_000), given_)
    joint = multiply_out(model)
    keep = np.zeros(SIZES)
    keep[(slice(None),) * column + (1,)] = 1
    assert possible.all()
    assert (codes[:, column] == 1).all()
    assert distance(codes, joint * keep / (joint * keep).sum()) < 0.03


def test_masks_and_codes_together(model: GraphicalModel) -> None:
    mask = np.array([True, False, True, False])
    given_ = np.full((20_000, 5), -1, np.int32)
    given_[::2, 4] = 0
    codes, _ = Drawer(model).draw(Key.root(5), range(20_000), given_, (None, None, mask, None, None))
    assert set(np.unique(codes[:, 2])) <= {0, 2}
    joint = multiply_out(model) * mask[:, None, None]
    joint[..., 1] = 0
    assert distance(codes[::2], joint / joint.sum()) < 0.04


def test_a_row_depends_on_its_unit_alone(model: GraphicalModel) -> None:
    drawer = Drawer(model)
    crowd, _ = drawer.draw(Key.root(6), range(500))
    given_ = np.full((500, 5), -1, np.int32)
    given_[10:20, 2] = 3
    mixed, _ = drawer.draw(Key.root(6), range(500), given_)
    free = (given_ < 0).all(axis=1)
    assert (mixed[free] == crowd[free]).all()
    for start in (0, 137, 499):
        alone, _ = Drawer(model).draw(Key.root(6), range(start, start + 1))
        assert (alone[0] == crowd[start]).all()


def test_impossible_rows_are_told(model: GraphicalModel) -> None:
    sealed = tuple(
        np.where(spread_mask(c, t), -np.inf, t) for c, t in zip(model.cliques, model.potentials, strict=True)
    )
    barred = GraphicalModel(model.sizes, model.cliques, model.parents, sealed)
    given_ = np.full((4, 5), -1, np.int32)
    given_[1, 0] = 2
    _, possible = Drawer(barred).draw(Key.root(7), range(4), given_)
    assert possible.tolist() == [True, False, True, True]
    assert Drawer(barred).log_probability((2, -1, -1, -1, -1)) == -np.inf


def spread_mask(clique: tuple[int, ...], table: np.ndarray) -> np.ndarray:
    """Where column 0 has code 2."""
    mask = np.zeros(table.shape, bool)
    if 0 in clique:
        mask[(slice(None),) * clique.index(0) + (2,)] = True
    return mask


def test_the_probability_of_a_pattern_is_that_of_the_joint_table(model: GraphicalModel) -> None:
    joint = multiply_out(model)
    drawer = Drawer(model)
    for pattern in itertools.product((-1, 0), (-1, 1), (-1, 2)):
        whole = (*pattern, -1, -1)
        keep = joint[tuple(slice(None) if c < 0 else c for c in whole)].sum()
        assert drawer.log_probability(whole) == pytest.approx(math.log(keep))


def test_a_table_of_one_cell_does_not_drive_a_fit_away() -> None:
    """As noise leaves it at a tiny epsilon: columns of one cell, whose counts are far from the total, beside one of two."""
    lone = [Measurement((i,), np.array([18_201.0]), np.array([1.4e-8])) for i in range(3)]
    first = fit_measurements(
        (1, 1, 1, 2), [*lone, Measurement((3,), np.array([900.0, 919.0]), np.full(2, 1e-8))], 1819.4
    )
    assert max(float(np.abs(p).max()) for p in first.potentials.values()) < 100
    pair = Measurement((0, 2, 3), np.array([[[-320.0, 1001.0]]]), np.full((1, 1, 2), 2.7e-6))
    second = fit_measurements((1, 1, 1, 2), [*lone, pair], 1819.4, before=first, steps=60)
    assert np.isfinite(second.loss)
    low, high = second.beliefs[second.layout.place((3,))[0]].ravel()
    assert high - low == pytest.approx(1001 + 320, rel=0.05)


def test_a_fit_whose_beginning_is_out_of_range_begins_anew() -> None:
    told = [Measurement((0, 1), np.array([[40.0, 10.0], [10.0, 40.0]]), np.ones((2, 2)))]
    before = fit_measurements((2, 2), told, 100.0)
    far = replace(before, potentials={(0,): np.full(2, -np.inf), (0, 1): np.zeros((2, 2))})
    fit = fit_measurements((2, 2), told, 100.0, before=far)
    assert np.isfinite(fit.loss)
    assert fit.loss < 1
