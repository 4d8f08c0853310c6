"""Elementary functions against numpy's and scipy's, kernels against their plain twins."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import special

from sundog.lib.kernels.draws import as_uniform
from sundog.lib.laws import elementary as el
from sundog.lib.laws.guide_table import build_guide_table, find_cells, split_cells
from sundog.lib.laws.quantile_table import build_quantile_table, follow_cubics
from sundog.lib.laws.shaped import tabulate_beta, tabulate_gamma, tabulate_t


def test_uniforms_are_those_of_the_kernel(million: NDArray[np.uint64], ends: NDArray[np.uint64]) -> None:
    words = np.concatenate([million, ends])
    assert np.array_equal(el.spread_words(words), as_uniform(words))


def test_exponential_and_logarithm_are_right_to_the_last_bits(million: NDArray[np.uint64]) -> None:
    x = as_uniform(million) * 1400.0 - 700.0
    np.testing.assert_allclose(el.exponentiate(x.copy()), np.exp(x), rtol=5e-16)
    y = np.exp(x)
    np.testing.assert_allclose(el.take_logs(y.copy()), np.log(y), rtol=5e-16)
    near = 1.0 + (as_uniform(million) - 0.5) * 1e-3
    np.testing.assert_allclose(el.take_logs(near.copy()), np.log(near), rtol=5e-16)
    edge = np.array([-np.inf, -800.0, 0.0, 1.0, 709.0, 800.0, np.inf])
    np.testing.assert_allclose(el.exponentiate(edge.copy()), [0, 0, 1, np.e, np.exp(709), np.inf, np.inf], rtol=1e-15)


def test_normal_quantiles_are_right_and_the_same_one_by_one(million: NDArray[np.uint64]) -> None:
    p = as_uniform(million)
    together = el.invert_normals(p.copy())
    np.testing.assert_allclose(together, special.ndtri(p), rtol=2e-14, atol=1e-15)
    # One far value sends a whole batch along the other road.
    mixed = el.invert_normals(np.concatenate([p[:5000], [1e-15]]))
    assert np.array_equal(mixed[:-1], together[:5000])
    np.testing.assert_allclose(mixed[-1], special.ndtri(1e-15), rtol=1e-13)


@given(hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 1e6)), st.integers(0, 2**32))
def test_cells_are_those_of_a_search(weights: NDArray[np.float64], seed: int) -> None:
    weights[seed % len(weights)] += 1.0
    table = build_guide_table(weights)
    p = np.concatenate(
        [as_uniform(np.random.Generator(np.random.Philox(seed)).integers(0, 2**64, 200, np.uint64)), table.edges]
    )
    p = np.minimum(p, 1 - 2.0**-53)
    cells = find_cells(p, *table)
    assert np.array_equal(cells, np.searchsorted(table.edges, p, side="right") - 1)
    assert (weights[cells] > 0).all()
    places = p.copy()
    assert np.array_equal(split_cells(places, *table), cells)
    widths = np.diff(table.edges)[cells]
    np.testing.assert_allclose(table.edges[cells] + places * widths, p, atol=1e-12)
    assert ((places > 0) & (places < 1)).all()


def test_cubics_follow_their_curve() -> None:
    cubics = np.array([[0.0, 1.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]])
    x = np.array([-0.5, 0.0, 0.75, 1.0, 1.5, 2.5])
    plain = [float(np.polynomial.polynomial.polyval(v - (v >= 1), cubics[int(v >= 1)])) for v in x]
    np.testing.assert_allclose(follow_cubics(x.copy(), 0.0, 1.0, cubics), plain)


def test_a_table_says_how_far_it_is_off() -> None:
    # A curve of steps cannot be followed, and the table says so.
    rough = build_quantile_table(lambda z: (np.floor(z * 3.7), np.ones_like(z)))
    assert rough.error > 0.01
    for shape in (1e-3, 0.3, 2.0, 1e5):
        assert tabulate_gamma(shape).shift < 1e-8
    for a, b in ((0.01, 0.01), (0.5, 3.0), (1e6, 5.0)):
        assert tabulate_beta(a, b).shift < 1e-8
    for degrees in (0.1, 1.0, 7.0, 1e6):
        assert tabulate_t(degrees).shift < 1e-8
