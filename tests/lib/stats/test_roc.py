"""The left end of the ROC curve."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from sundog.core.keys import Key
from sundog.lib.stats.roc import average_at, average_found, bound_found, find_at, trace_roc


def test_the_curve_is_what_counting_gives():
    draw = Key.root(1).generator()
    ups, downs = draw.normal(0.5, 1, 300), draw.normal(0, 1, 200)
    at = np.array([0.0, 0.005, 0.05, 0.5, 1.0])
    found = trace_roc(ups, downs, at)
    ordered = np.sort(downs)[::-1]
    # at k / 200 the threshold lies just above the next negative
    expected = [(ups > ordered[k]).mean() for k in (0, 1, 10, 100)] + [1.0]
    np.testing.assert_allclose(found, expected)


def test_ties_are_a_straight_line():
    scores = np.zeros(100)
    np.testing.assert_allclose(trace_roc(scores, scores, np.array([0.0, 0.01, 0.3, 1.0])), [0.0, 0.01, 0.3, 1.0])


def test_copies_above_everything_are_found_at_no_cost():
    ups = np.r_[np.full(10, 9.0), np.zeros(90)]
    assert trace_roc(ups, np.zeros(50), np.array([0.0]))[0] == 0.1


@pytest.mark.parametrize("leak", [0.0, 0.03, 0.2])
def test_intervals_cover_as_often_as_they_promise(leak):
    """600 draws at 95%, threshold included: fewer than 545 covered has a chance below 1e-5 if the coverage is 95%."""
    draw = Key.root(3).child(int(100 * leak)).generator()
    covered = 0
    for _ in range(600):
        ups, downs = draw.random(1500), draw.random(1500)
        ups[draw.random(1500) < leak] = 2.0
        low, high = find_at(ups, downs, 0.01).interval()
        covered += low <= leak + (1 - leak) * 0.01 <= high
    assert covered >= 545


def test_the_mean_over_folds_is_more_certain():
    draw = Key.root(4).generator()
    folds = [find_at(draw.random(500), draw.random(500), 0.01) for _ in range(2)]
    both = average_found(folds)
    assert both.variance < min(f.variance for f in folds)
    assert both.value == pytest.approx(np.mean([f.value for f in folds]))


@pytest.mark.parametrize("rows", [60, 150, 200])
@pytest.mark.parametrize("apart", [0.0, 2.0])
def test_intervals_cover_where_few_negatives_set_the_threshold(rows, apart):
    """300 draws at 95%, two halves each: fewer than 266 covered has a chance below 1e-5 if the coverage is 95%."""
    draw = Key.root(5).child(rows).child(int(apart)).generator()
    truth = float(special.ndtr(apart - special.ndtri(0.99)))
    covered = 0
    for _ in range(300):
        folds = [(draw.normal(apart, 1, rows), draw.normal(0, 1, rows)) for _ in range(2)]
        found = average_at(folds, 0.01)
        low, high = found.interval()
        covered += low <= truth <= high
        assert low <= found.value <= high
        assert (found.exact is None) == (rows >= 200)
    assert covered >= 266


def test_scores_that_are_all_the_same_tell_nothing():
    same = np.zeros(100)
    assert bound_found(same, same, 0.01, 0.95) == (0.0, 1.0)
    assert bound_found(same, np.zeros(0), 0.01, 0.95) == (0.0, 1.0)
