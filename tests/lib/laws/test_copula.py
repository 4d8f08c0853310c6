"""Copulas: uniform columns, rank correlations within .01 at a million rows, and matrices that cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special, stats

from sundog.core.keys import Key
from sundog.lib.kernels.draws import draw_unit_words
from sundog.lib.laws.calibrate import calibrate_copula
from sundog.lib.laws.choices import Bernoulli, Categorical
from sundog.lib.laws.combined import ZeroInflated
from sundog.lib.laws.copula import (
    Copula,
    build_copula,
    check_spearman,
    convert_correlation,
    convert_spearman,
    count_words,
    draw_copula,
    fill_probabilities,
    find_feasible_spearman,
)
from sundog.lib.laws.correlations import SLACK, find_nearest_correlation
from sundog.lib.laws.counts import Poisson
from sundog.lib.laws.law import Law
from sundog.lib.laws.location import Constant, Normal
from sundog.lib.laws.positive import LogNormal

KEY = Key.root(4).child("copula")
N = 1_000_000
SPEARMAN = np.array([[1.0, 0.6, -0.3], [0.6, 1.0, 0.1], [-0.3, 0.1, 1.0]])
IMPOSSIBLE = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])


def _words(count: int, n: int = N) -> NDArray[np.uint64]:
    return np.stack([draw_unit_words(KEY.child(i), range(n)) for i in range(count)])


def _rank(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mid-ranks of a column, by sorting."""
    _, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - counts / 2)[place]


def _spearman(columns: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.corrcoef(np.stack([_rank(column) for column in columns]))


@pytest.mark.parametrize("degrees", [None, 3.0])
def test_rank_correlations_are_those_stated(degrees: float | None) -> None:
    copula = build_copula(SPEARMAN, degrees)
    u = draw_copula(copula, _words(count_words(copula)))
    assert u.shape == (3, N)
    assert u.min() > 0
    assert u.max() < 1
    # The standard error is below .001.
    np.testing.assert_allclose(_spearman(list(u)), SPEARMAN, atol=0.005)
    for column in u:
        counts = np.histogram(column, bins=1000, range=(0, 1))[0]
        assert special.chdtrc(999, float(((counts - 1000.0) ** 2 / 1000.0).sum())) > 1e-6


def test_a_t_copula_brings_extremes_together() -> None:
    both = []
    for degrees in (None, 3.0):
        copula = build_copula(SPEARMAN, degrees)
        u = draw_copula(copula, _words(count_words(copula)))
        both.append(float(((u[0] > 0.999) & (u[1] > 0.999)).mean()) / 0.001)
    # By numerical integration about .15 and .42.
    assert both[0] < 0.25 < 0.35 < both[1]


@pytest.mark.parametrize("degrees", [None, 3.0])
def test_a_row_depends_on_its_words_alone(degrees: float | None) -> None:
    copula = build_copula(SPEARMAN, degrees)
    words = _words(count_words(copula), 3000)
    whole = draw_copula(copula, words)
    order = np.random.Generator(np.random.Philox(1)).permutation(3000)
    assert np.array_equal(draw_copula(copula, words[:, order]), whole[:, order])
    # The plain way.
    scores = copula.factor @ special.ndtri((words[:3] >> np.uint64(12)) * 2.0**-52 + 2.0**-53)
    if degrees is None:
        plain = special.ndtr(scores)
    else:
        chi = stats.chi2.ppf((words[3] >> np.uint64(12)) * 2.0**-52 + 2.0**-53, degrees)
        plain = special.stdtr(degrees, scores / np.sqrt(chi / degrees))
    np.testing.assert_allclose(whole, plain, atol=1e-8)
    with pytest.raises(ValueError, match="words a row"):
        draw_copula(copula, words[:2])


def test_the_outermost_words_stay_inside() -> None:
    for degrees in (None, 1.0):
        copula = Copula(np.array([[1.0, 0.99], [0.99, 1.0]]), degrees)
        ends = np.array([0, 2**64 - 1], np.uint64)
        grid = np.stack([x.ravel() for x in np.meshgrid(*[ends] * count_words(copula))])
        u = draw_copula(copula, grid)
        assert u.min() > 0
        assert u.max() < 1


@pytest.mark.parametrize("degrees", [None, 1.0, 4.0, 1e4])
def test_distribution_functions_are_within_a_billionth(degrees: float | None) -> None:
    x = np.concatenate([np.linspace(-8, 8, 4001), [-1e6, 1e6]])
    plain = special.ndtr(x) if degrees is None else special.stdtr(degrees, x)
    np.testing.assert_allclose(fill_probabilities(x.copy(), degrees), plain, atol=1e-9)


@given(st.floats(-1, 1), st.sampled_from([None, 1.0, 5.0, 300.0]))
def test_correlations_convert_back(rank: float, degrees: float | None) -> None:
    there = convert_spearman(np.array(rank), degrees)
    assert convert_correlation(there, degrees) == pytest.approx(rank, abs=1e-6)
    assert abs(there) <= 1


def test_many_degrees_of_freedom_are_a_gaussian_copula() -> None:
    ranks = np.linspace(-0.99, 0.99, 50)
    np.testing.assert_allclose(convert_spearman(ranks, 1e4), convert_spearman(ranks), atol=2e-4)


LAWS: list[Law] = [
    Bernoulli(0.1),
    Poisson(1.0),
    ZeroInflated(LogNormal(0.0, 1.0), 0.4),
    Categorical(np.array([5.0, 3, 1])),
]


@pytest.mark.parametrize("degrees", [None, 4.0])
def test_few_valued_fields_attain_what_is_stated_once_calibrated(degrees: float | None) -> None:
    wanted = np.array([[1, 0.2, -0.15, 0.1], [0.2, 1, 0.3, 0], [-0.15, 0.3, 1, -0.4], [0.1, 0, -0.4, 1]])
    found = calibrate_copula(wanted, LAWS, degrees)
    assert found.faults == ()
    assert found.copula is not None
    np.testing.assert_allclose(found.attained, wanted, atol=1e-6)
    u = draw_copula(found.copula, _words(count_words(found.copula)))
    ranks = _spearman([law.quantile(p).astype(np.float64) for law, p in zip(LAWS, u, strict=True)])
    np.testing.assert_allclose(ranks, wanted, atol=0.01)
    if degrees is None:
        # Without it, the fields attain less.
        plain = draw_copula(build_copula(wanted), _words(4))
        ranks = _spearman([law.quantile(p).astype(np.float64) for law, p in zip(LAWS, plain, strict=True)])
        assert np.abs(ranks - wanted).max() > 0.05


def test_calibration_of_continuous_fields_changes_nothing() -> None:
    for degrees in (None, 3.0):
        found = calibrate_copula(SPEARMAN, [Normal(), LogNormal(), Normal(5.0, 2.0)], degrees)
        assert found.copula is not None
        np.testing.assert_allclose(found.copula.correlation, convert_spearman(SPEARMAN, degrees), atol=2e-3)


def test_calibration_names_what_cannot_be() -> None:
    pair = np.array([[1.0, 0.9], [0.9, 1.0]])
    assert "must lie in [-0.3333, 0.3333]" in calibrate_copula(pair, [Bernoulli(0.1), Bernoulli(0.5)]).faults[0]
    assert "must lie in [0.0000, 0.0000]" in calibrate_copula(pair, [Constant(1.0), Normal()]).faults[0]
    assert "sd must be above 0" in calibrate_copula(pair, [Normal(0.0, 0.0), Normal()], names=("a", "b")).faults[0]
    assert "degrees must be in" in calibrate_copula(pair, [Normal(), Normal()], 0.5).faults[0]
    three = calibrate_copula(IMPOSSIBLE, [Normal(), Normal(), Poisson(30.0)], names=("a", "b", "c"))
    assert "no data can have all of these correlations together; the nearest that can: b and a:" in three.faults[0]
    assert three.copula is not None


def test_an_impossible_matrix_is_met_with_the_nearest() -> None:
    said = check_spearman(IMPOSSIBLE, None, ("age", "income", "debt"))
    assert len(said) == 1
    assert "income and age: 0.4826 instead of 0.9000" in said[0]
    nearest = find_feasible_spearman(IMPOSSIBLE)
    assert check_spearman(nearest.matrix) == ()
    assert nearest.smallest < 0
    build_copula(nearest.matrix)
    with pytest.raises(ValueError, match="no data can have"):
        build_copula(IMPOSSIBLE)


@given(st.lists(st.floats(-1, 1), min_size=6, max_size=6))
def test_the_nearest_matrix_is_none_the_worse(numbers: list[float]) -> None:
    matrix = np.eye(4)
    matrix[np.triu_indices(4, 1)] = numbers
    matrix = np.maximum(matrix, matrix.T) + np.minimum(matrix, matrix.T) - np.diag(np.diag(matrix))
    found = find_nearest_correlation(matrix)
    assert np.linalg.eigvalsh(found.matrix)[0] >= SLACK * 0.99
    assert np.array_equal(np.diag(found.matrix), np.ones(4))
    assert np.array_equal(found.matrix, found.matrix.T)
    # No mixture with the identity that is a correlation matrix lies nearer.
    smallest = np.linalg.eigvalsh(matrix)[0]
    if smallest < SLACK:
        part = (1 - SLACK) / (1 - smallest)
        shrunk = part * matrix + (1 - part) * np.eye(4)
        assert found.distance <= np.linalg.norm(shrunk - matrix) + 1e-5


def test_the_nearest_matrix_of_the_literature() -> None:
    # The example of Higham's paper, section 4: the distance is .5278.
    matrix = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    found = find_nearest_correlation(matrix)
    assert found.distance == pytest.approx(0.5278, abs=1e-4)
    assert found.matrix[0, 1] == pytest.approx(0.7607, abs=1e-4)
    assert found.matrix[0, 2] == pytest.approx(0.1573, abs=1e-4)


def test_faults_of_single_correlations_are_named() -> None:
    matrix = np.array([[1.0, 2.0, 0.1], [2.0, 0.5, 0.2], [0.3, 0.2, 1.0]])
    said = check_spearman(matrix, names=("a", "b", "c"))
    assert said == (
        "the correlation of b with itself must be 1",
        "the correlation of b and a must lie in [-1, 1], not 2",
        "the correlation of c and a is given as 0.3 and 0.1",
    )
    assert check_spearman(np.eye(3)[:2]) == ("the correlations must be a square matrix of at least 2 rows",)
    assert check_spearman(np.eye(3), names=("a",)) == (
        "the correlations must have one row for each of 1 fields, not 3",
    )
    assert check_spearman(np.eye(3), 0.1) == ("degrees must be in [1, 10000], not 0.1",)
