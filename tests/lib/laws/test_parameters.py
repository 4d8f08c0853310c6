"""Parameters by row, laws by row, and every fault that parameters can have."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from sundog.lib.laws.choices import Bernoulli, Categorical, GroupedCategorical, IntegerUniform
from sundog.lib.laws.combined import Rounded, Scaled, Truncated, ZeroInflated
from sundog.lib.laws.counts import Binomial, Geometric, NegativeBinomial, Poisson
from sundog.lib.laws.instants import Days, Durations, Instants
from sundog.lib.laws.law import Law, Parameter, check_law, count_rows, is_whole, take_rows
from sundog.lib.laws.location import Constant, Logistic, Normal, Triangular, Uniform
from sundog.lib.laws.mixtures import Chosen, Mixture
from sundog.lib.laws.positive import Exponential, LogNormal, Pareto, Weibull, make_lognormal
from sundog.lib.laws.seasons import Season
from sundog.lib.laws.shaped import Beta, Gamma, StudentT
from sundog.lib.laws.tables import Empirical, PiecewiseLinear, QuantileCurve
from sundog.lib.laws.zipf import Zipf

N = 3000
FAMILIES: dict[str, tuple[Callable[[Parameter], Law], tuple[float, float, float]]] = {
    "constant": (lambda x: Constant(x), (1.0, 2.0, 3.0)),
    "uniform": (lambda x: Uniform(0.0, x), (1.0, 2.0, 3.0)),
    "normal": (lambda x: Normal(x, 2.0 * x), (1.0, 2.0, 3.0)),
    "triangular": (lambda x: Triangular(0.0, x, 5.0), (0.0, 2.0, 5.0)),
    "logistic": (lambda x: Logistic(x, x), (1.0, 2.0, 3.0)),
    "lognormal": (lambda x: LogNormal(x, 0.5), (1.0, 2.0, 3.0)),
    "lognormal by mean": (lambda x: make_lognormal(mean=x, sd=1.0), (1.0, 2.0, 3.0)),
    "exponential": (lambda x: Exponential(x), (1.0, 2.0, 3.0)),
    "weibull": (lambda x: Weibull(x, x), (0.5, 2.0, 3.0)),
    "pareto": (lambda x: Pareto(x), (0.5, 2.5, 3.0)),
    "gamma": (lambda x: Gamma(x, x), (0.05, 2.0, 300.0)),
    "beta": (lambda x: Beta(x, 2.0), (0.3, 2.0, 30.0)),
    "student t": (lambda x: StudentT(x), (1.0, 4.0, 30.0)),
    "yes or no": (lambda x: Bernoulli(x), (0.0, 0.2, 1.0)),
    "geometric": (lambda x: Geometric(x), (1e-6, 0.2, 1.0)),
    "poisson": (lambda x: Poisson(x), (0.0, 3.0, 4000.0)),
    "binomial": (lambda x: Binomial(70, x), (0.0, 0.2, 0.99)),
    "negative binomial": (lambda x: NegativeBinomial(x, 0.8), (0.5, 20.0, 300.0)),
    "truncated": (lambda x: Truncated(Normal(x, 1.0), x - 1.0), (0.0, 2.0, 30.0)),
    "truncated counts": (lambda x: Truncated(Poisson(x), 2.0), (1.0, 2.0, 30.0)),
    "zero-inflated": (lambda x: ZeroInflated(Exponential(x), 0.4), (1.0, 2.0, 3.0)),
    "zero-inflated by row": (lambda x: ZeroInflated(Exponential(2.0), x), (0.0, 0.5, 1.0)),
    "rounded": (lambda x: Rounded(Normal(x, 9.0), 0.5), (1.0, 2.0, 3.0)),
    "scaled": (lambda x: Scaled(Normal(x, 9.0), 0.5), (1.0, 2.0, 3.0)),
    "mixture": (lambda x: Mixture((Normal(x, 1.0), Exponential(3.0)), np.array([1.0, 2.0])), (1.0, 2.0, 3.0)),
    "durations": (lambda x: Durations(Exponential(x), "day"), (1.0, 2.0, 3.0)),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_parameters_by_row_give_what_single_numbers_give(name: str, million: NDArray[np.uint64]) -> None:
    make, choices = FAMILIES[name]
    which = np.arange(N) % 3
    words = million[:N]
    by_row = make(np.array(choices)[which])
    assert check_law(by_row) == ()
    assert count_rows(by_row) == N
    drawn = by_row.draw(words)
    again = by_row.quantile(np.linspace(0.001, 0.999, N))
    reached = by_row.cdf(drawn)
    for i, number in enumerate(choices):
        rows = np.flatnonzero(which == i)
        single = make(number)
        assert drawn.dtype == single.draw(words[:1]).dtype
        np.testing.assert_allclose(drawn[rows], single.draw(words[rows]), rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(
            again[rows], single.quantile(np.linspace(0.001, 0.999, N)[rows]), rtol=1e-6, atol=1e-7
        )
        np.testing.assert_allclose(reached[rows], single.cdf(drawn[rows]), atol=1e-12)
        # The law of some rows is the same law.
        assert np.array_equal(take_rows(by_row, rows).draw(words[rows]), drawn[rows])
        if not isinstance(by_row, Truncated | Rounded):
            np.testing.assert_allclose(np.broadcast_to(by_row.mean(), (N,))[rows], single.mean())
            np.testing.assert_allclose(np.broadcast_to(by_row.variance(), (N,))[rows], single.variance(), atol=1e-12)
    # No rows are rows, too.
    none = take_rows(by_row, np.empty(0, np.intp))
    assert len(none.draw(words[:0])) == 0


def test_whole_numbers_by_row(million: NDArray[np.uint64]) -> None:
    low = np.arange(N, dtype=np.int64)
    drawn = IntegerUniform(low, low + 9).draw(million[:N])
    assert set((drawn - low).tolist()) == set(range(10))
    assert np.array_equal(drawn - low, IntegerUniform(0, 9).draw(million[:N]))


def test_the_law_of_a_row_may_be_chosen_by_a_category(million: NDArray[np.uint64]) -> None:
    which = np.arange(N) % 2
    words = million[:N]
    scale = np.linspace(1.0, 2.0, N)
    law = Chosen((Normal(scale, 1.0), Gamma(3.0)), which)
    assert check_law(law) == ()
    drawn = law.draw(words)
    assert np.array_equal(drawn[0::2], Normal(scale[0::2], 1.0).draw(words[0::2]))
    assert np.array_equal(drawn[1::2], Gamma(3.0).draw(words[1::2]))
    np.testing.assert_allclose(law.quantile(law.cdf(drawn)), drawn, rtol=1e-6)
    assert np.array_equal(law.mean(), np.where(which == 0, scale, 3.0))
    assert is_whole(Chosen((Poisson(1.0), Bernoulli(0.5)), which))
    assert not is_whole(Chosen((Poisson(1.0), Normal()), which))


def test_categories_by_group_follow_the_table_of_their_group(million: NDArray[np.uint64]) -> None:
    weights = np.array([[1.0, 0.0, 3.0], [0.0, 0.0, 1.0], [2.0, 2.0, 2.0]])
    group = np.arange(N) % 3
    law = GroupedCategorical(weights, group)
    assert check_law(law) == ()
    drawn = law.draw(million[:N])
    for i in range(3):
        assert np.array_equal(drawn[i::3], Categorical(weights[i]).draw(million[:N][i::3]))
    assert (law.cdf(drawn) > 0).all()
    np.testing.assert_allclose(law.mean()[:3], [1.5, 2.0, 1.0])
    np.testing.assert_allclose(law.variance()[:3], [0.75, 0.0, 2 / 3])
    assert np.array_equal(take_rows(law, np.array([4, 0])).draw(million[[4, 0]]), drawn[[4, 0]])


BAD: list[tuple[Law, str]] = [
    (Normal(0.0, 0.0), "sd must be above 0 and finite, not 0"),
    (Normal(0.0, np.array([1.0, 2.0, -1.0])), r"sd must be above 0 and finite, not -1 \(row 2 of 3\)"),
    (Normal(np.nan, 1.0), "mean must be a finite number, not nan"),
    (Normal(np.ones(3), np.ones(2)), r"one length, not center \[3\], sd \[2\]"),
    (Uniform(2.0, 2.0), r"low \(2\) must be below high \(2\)"),
    (Uniform(-1e308, 1e308), "high - low must be a finite number"),
    (Triangular(0.0, 3.0, 2.0), "mode must be between low and high, not 3"),
    (Logistic(0.0, -1.0), "scale must be in"),
    (Constant(np.inf), "value must be a finite number"),
    (LogNormal(700.0, 5.0), "9 sigma must be in"),
    (make_lognormal(mean=-1.0, sd=1.0), "mu must be a finite number, not nan"),
    (make_lognormal(median=1.0, spread=0.5), "sigma must be above 0"),
    (Exponential(0.0), "scale must be in"),
    (Weibull(0.01), "shape must be in"),
    (Pareto(0.01), "alpha must be in"),
    (Gamma(0.0), "shape must be in"),
    (Beta(1.0, 0.0), "b must be in"),
    (Beta(1.0, 1.0, 3.0, 2.0), "low .* must be below high"),
    (StudentT(0.0), "degrees must be in"),
    (Bernoulli(1.5), r"share must be in \[0, 1\], not 1.5"),
    (Categorical(np.array([0.0, 0.0])), "sum above 0, not 0"),
    (Categorical(np.array([1.0, -2.0])), r"not negative, not -2 \(number 1 of 2\)"),
    (Categorical(np.array([])), "at least 1 numbers"),
    (GroupedCategorical(np.array([[1.0], [0.0]]), np.array([0])), "weights of group 1 must have a finite sum"),
    (GroupedCategorical(np.array([[1.0]]), np.array([0, 1])), "group must be in 0 .. 0, not 1"),
    (GroupedCategorical(np.array([1.0]), np.array([0])), "one row a group"),
    (IntegerUniform(3, 2), "low must be at most high"),
    (IntegerUniform(0, 2**63), r"high must be a whole number in \[-2\*\*63, 2\*\*63 - 1\]"),
    (IntegerUniform(np.zeros(2, np.int32), 5), "64 bits, not int32"),  # type: ignore[arg-type]
    (Geometric(0.0), "share must be in"),
    (Poisson(-1.0), "rate must be in"),
    (Binomial(-1, 0.5), "trials must be in"),
    (Binomial(3, 2.0), "share must be in"),
    (NegativeBinomial(0.0, 1.0), "mean must be above 0"),
    (NegativeBinomial(1.0, 0.0), "size must be in"),
    (Zipf(-1.0, 10), "exponent must be in"),
    (Zipf(1.0, 0), "ranks must be in"),
    (Empirical(np.array([])), "at least one number"),
    (Empirical(np.array([1.0, np.nan])), "values must be finite"),
    (Empirical(np.array([1.0, 2.0]), np.array([1.0])), "one weight for each of 2 values, not 1"),
    (QuantileCurve(np.array([0.0, 0.5]), np.array([1.0, 2.0])), "levels must rise from 0 to 1"),
    (QuantileCurve(np.array([0.0, 1.0]), np.array([2.0, 1.0])), "must not fall"),
    (QuantileCurve(np.array([0.0]), np.array([2.0])), "at least 2"),
    (PiecewiseLinear(np.array([0.0, 0.0]), np.array([1.0, 1.0])), "must rise"),
    (PiecewiseLinear(np.array([0.0, 1.0]), np.array([0.0, 0.0])), "density must have a finite sum above 0"),
    (Truncated(Normal(), 40.0, 50.0), "share of the law in"),
    (Truncated(Normal(), 2.0, 1.0), "low .* must be below high"),
    (Truncated(Normal(0.0, -1.0), 0.0, 1.0), "sd must be above 0"),
    (ZeroInflated(Normal(), 1.5), "share must be in"),
    (ZeroInflated(Poisson(1.0), 0.5, 0.5), "value must be a whole number"),
    (Rounded(Normal(), 0.0), "step must be above 0"),
    (Scaled(Normal(), 0.0), "factor must be above 0"),
    (Rounded(Normal(), 0.5, whole=True), "step must be a whole number"),
    (Rounded(Normal(0.0, 1e19), 1.0, whole=True), r"below 2\*\*63"),
    (Mixture((Normal(), Normal(0.0, 0.0)), np.array([1.0])), "law 1: sd must be above 0"),
    (Mixture((Normal(), Normal()), np.array([1.0])), "one weight for each of 2 laws, not 1"),
    (Chosen((Normal(),), np.array([0, 1])), "which must be in 0 .. 0, not 1"),
    (Days(5, 4), "last must be at least first"),
    (Days(0, 10**7), "at most 400000 days"),
    (
        Days(6, 8, Season(weekdays=np.array([0.0, 1, 0, 0, 0, 0, 0]))),
        "weight of all days must be finite and above 0, not 0",
    ),
    (Instants(5, 5), "stop must be after start"),
    (Instants(0, 10, zone="Mars/Olympus"), "'Mars/Olympus' is not a time zone"),
    (Instants(0, 10, Season(hours=np.ones(23))), "hours must be 24, 48 or 96 numbers"),
    (Instants(0, 10, Season(months=np.ones(11))), "months must be 12 numbers, not 11"),
    (Instants(0, 10, Season(holidays=np.array([1]))), "one holiday factor for each of 1 holiday days, not 0"),
    (Instants(0, 10, Season(growth_days=np.array([2, 1]), growth=np.array([1.0, 1.0]))), "growth days must rise"),
    (Instants(0, 10, Season(hours=np.array([0.0] + [1.0] * 23))), "weight of all days and hours"),
    (Durations(Normal(), "fortnight"), "unit must be one of microsecond, .*, not 'fortnight'"),
    (Durations(Exponential(1e9), "week"), r"below 2\*\*63"),
]


@pytest.mark.parametrize(("law", "fault"), BAD)
def test_a_fault_is_named(law: Law, fault: str) -> None:
    with pytest.raises(AssertionError, match=fault):
        raise AssertionError("; ".join(check_law(law)))


def test_all_faults_come_at_once() -> None:
    assert len(check_law(NegativeBinomial(-1.0, -1.0))) == 3
    assert len(check_law(Mixture((Normal(0.0, 0.0), Gamma(-1.0, 0.0)), np.array([1.0, 1.0])))) == 3


def test_quantiles_of_a_mixture_come_from_a_table_where_one_is_exact() -> None:
    p = np.linspace(1e-6, 1 - 1e-6, 2001)
    smooth = Mixture((LogNormal(0.0, 1.0), Normal(5.0, 2.0)), np.array([0.3, 0.7]))
    np.testing.assert_allclose(smooth.cdf(smooth.quantile(p)), p, atol=1e-7)
    # A step and a gap can't be followed by cubics, and are found by search.
    step = Mixture((Normal(), Poisson(3.0)), np.array([1.0, 1.0]))
    assert (step.quantile(p) == 2.0).mean() == pytest.approx(0.5 * 4.5 * np.exp(-3), abs=0.001)
    gap = Mixture((Uniform(0.0, 1.0), Uniform(9.0, 10.0)), np.array([1.0, 3.0]))
    np.testing.assert_allclose(
        gap.quantile(np.array([0.125, 0.25 - 1e-9, 0.25 + 1e-9, 0.625])), [0.5, 1, 9, 9.5], atol=1e-7
    )
