"""Calibration: shares of generated rows are those of the real rows, also where what was learned drifts."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from sundog.core.keys import Key
from sundog.kinds.tables._codes import Codes
from sundog.kinds.tables._trees import fit_trees, reach_level
from sundog.kinds.tables._trees_calibrate import calibrate_columns, count_answers, find_shifts
from sundog.kinds.tables._trees_model import sample_trees
from sundog.kinds.tables._trees_questions import ask_questions
from sundog.kinds.tables.recipe_methods import TreesSpec


def test_answers_are_those_of_the_rows() -> None:
    r = np.random.default_rng(3)
    code = (r.integers(0, 30, 5000) * r.integers(0, 2, 5000)).astype(np.int32)
    mass = np.bincount(code, minlength=30).astype(np.float64)
    asked = ask_questions(mass)
    told = count_answers(asked, mass)
    for level in range(len(asked.level_base) - 1):
        rows, node = reach_level(asked, code, level)
        first, stop = int(asked.level_base[level]), int(asked.level_base[level + 1])
        yes = code[rows] >= asked.cut[first + node]
        assert np.array_equal(told.met[first:stop], np.bincount(node, minlength=stop - first))
        assert np.array_equal(told.yes[first:stop], np.bincount(node[yes], minlength=stop - first))


def test_shifts_reach_the_share_and_stay_where_nobody_is_met() -> None:
    r = np.random.default_rng(4)
    odds, node = r.normal(0.5, 2.0, 20_000), r.integers(0, 3, 20_000).astype(np.int32)
    share = np.array([0.2, 0.9, 0.5, 0.7])
    shift = find_shifts(odds, node, share)
    for question in range(3):
        met = node == question
        assert abs(expit(odds[met] + shift[question]).mean() - share[question]) < 0.001
    assert shift[3] == 0


def test_a_drifted_model_gets_its_shares_back() -> None:
    r = np.random.default_rng(5)
    n = 4000
    a = r.integers(0, 8, n)
    b = np.clip(a + r.integers(0, 3, n), 0, 9)
    values = np.stack([a, b], axis=1).astype(np.int32)
    sizes = np.array([8, 10], np.int32)
    codes = Codes(
        values,
        sizes,
        np.array([False, False]),
        np.zeros(2, np.bool_),
        tuple(np.arange(s, dtype=np.float32) for s in sizes),
    )
    model = fit_trees(codes, None, TreesSpec(trees=10), (), Key.root(1), 1)
    mass = [np.bincount(values[:, j], minlength=int(sizes[j])).astype(np.float64) for j in range(2)]
    for one in model.columns:
        one.base[:] += 0.7
    drawn = sample_trees(model, None, Key.root(2), range(20_000))
    bent = [np.abs(np.bincount(drawn[:, j], minlength=int(sizes[j])) / 20_000 - mass[j] / n).max() for j in range(2)]
    mended = calibrate_columns(model.columns, mass, Key.root(3), n)
    again = sample_trees(type(model)(mended), None, Key.root(2), range(20_000))
    left = [np.abs(np.bincount(again[:, j], minlength=int(sizes[j])) / 20_000 - mass[j] / n).max() for j in range(2)]
    assert max(bent) > 0.05
    assert max(left) < 0.012
