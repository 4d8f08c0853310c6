"""Every law has the distribution that it says: against scipy's or worked out by hand, at a million draws.

False alarms: each chi-square and Kolmogorov test rejects a right law once in a million keys; the key is fixed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special, stats

from sundog.lib.laws.choices import Bernoulli, Categorical, IntegerUniform
from sundog.lib.laws.combined import Rounded, Scaled, Truncated, ZeroInflated
from sundog.lib.laws.counts import Binomial, Geometric, NegativeBinomial, Poisson
from sundog.lib.laws.instants import Days, Durations, Instants
from sundog.lib.laws.law import Law, check_law, is_whole
from sundog.lib.laws.location import Constant, Logistic, Normal, Triangular, Uniform
from sundog.lib.laws.mixtures import Mixture
from sundog.lib.laws.positive import Exponential, LogNormal, Pareto, Weibull, make_lognormal
from sundog.lib.laws.seasons import Season
from sundog.lib.laws.shaped import Beta, Gamma, StudentT
from sundog.lib.laws.tables import Empirical, PiecewiseLinear, QuantileCurve
from sundog.lib.laws.zipf import Zipf

Floats = NDArray[np.float64]
ALARM = 1e-6
WEIGHTS = np.array([5.0, 0.0, 3.0, 1.0, 0.5])


def _zipf_cdf(x: Floats) -> Floats:
    weights = np.arange(1, 30_001, dtype=np.float64) ** -1.2
    return np.concatenate(([0.0], np.cumsum(weights) / weights.sum()))[np.clip(np.floor(x), 0, 30_000).astype(int)]


def _lines_cdf(x: Floats) -> Floats:
    return np.where(x < 1, 0, np.where(x < 2, 0.25 * (x - 1), np.where(x < 10, 0.5 + (x - 2) / 16, 1.0)))


CONTINUOUS: dict[str, tuple[Law, Callable[[Floats], Floats]]] = {
    "uniform": (Uniform(-2.0, 5.0), stats.uniform(-2, 7).cdf),
    "normal": (Normal(3.0, 2.0), stats.norm(3, 2).cdf),
    "lognormal": (LogNormal(1.0, 0.7), stats.lognorm(0.7, scale=np.e).cdf),
    "exponential": (Exponential(4.0, 1.0), stats.expon(1, 4).cdf),
    "weibull": (Weibull(0.8, 3.0), stats.weibull_min(0.8, scale=3).cdf),
    "pareto": (Pareto(5.5, 2.0), stats.pareto(5.5, scale=2).cdf),
    "triangular": (Triangular(-1.0, 0.5, 4.0), stats.triang(0.3, -1, 5).cdf),
    "triangular without a slope": (Triangular(0.0, 0.0, 2.0), stats.triang(0.0, 0, 2).cdf),
    "logistic": (Logistic(2.0, 0.5), stats.logistic(2, 0.5).cdf),
    "gamma": (Gamma(2.5, 3.0), stats.gamma(2.5, scale=3).cdf),
    "gamma of small shape": (Gamma(0.2), stats.gamma(0.2).cdf),
    "gamma of large shape": (Gamma(1e5), stats.gamma(1e5).cdf),
    "beta": (Beta(2.0, 5.0, -1.0, 3.0), stats.beta(2, 5, -1, 4).cdf),
    "beta of two heaps": (Beta(0.3, 0.4), stats.beta(0.3, 0.4).cdf),
    "student t": (StudentT(5.0, 1.0, 2.0), stats.t(5, 1, 2).cdf),
    "cauchy": (StudentT(1.0), stats.cauchy().cdf),
    "quantile curve": (QuantileCurve(np.array([0, 0.25, 0.5, 1]), np.array([1, 2, 2, 10.0])), _lines_cdf),
    "piecewise linear": (PiecewiseLinear(np.array([0, 1, 3.0]), np.array([0, 2, 0.0])), stats.triang(1 / 3, 0, 3).cdf),
    "truncated": (Truncated(Normal(), -1.0, 2.5), stats.truncnorm(-1, 2.5).cdf),
    "scaled": (Scaled(Gamma(2.5, 3.0), 0.5), stats.gamma(2.5, scale=1.5).cdf),
    "mixture": (
        Mixture((Normal(), Normal(6.0, 2.0)), np.array([0.3, 0.7])),
        lambda x: 0.3 * special.ndtr(x) + 0.7 * special.ndtr((x - 6) / 2),
    ),
    "durations": (Durations(Exponential(2.0), "hour"), stats.expon(scale=7.2e9).cdf),
}
DISCRETE: dict[str, tuple[Law, Callable[[Floats], Floats]]] = {
    "whole numbers": (IntegerUniform(-3, 12), stats.randint(-3, 13).cdf),
    "yes or no": (Bernoulli(0.03), stats.bernoulli(0.03).cdf),
    "categories": (
        Categorical(WEIGHTS),
        lambda x: (np.cumsum(WEIGHTS) / WEIGHTS.sum())[np.maximum(x, 0).astype(int)] * (x >= 0),
    ),
    "geometric": (Geometric(0.2), stats.geom(0.2, loc=-1).cdf),
    "poisson": (Poisson(3.3), stats.poisson(3.3).cdf),
    "poisson of a large rate": (Poisson(2e5), stats.poisson(2e5).cdf),
    "binomial": (Binomial(30, 0.3), stats.binom(30, 0.3).cdf),
    "negative binomial": (NegativeBinomial(5.0, 0.7), stats.nbinom(0.7, 0.7 / 5.7).cdf),
    "zipf": (Zipf(1.2, 30_000), _zipf_cdf),
    "empirical": (
        Empirical(np.array([7, 2, 2, 40]), np.array([1.0, 2, 3, 4])),
        lambda x: np.select([x < 2, x < 7, x < 40], [0, 0.5, 0.6], 1.0),
    ),
    "mixture of counts": (
        Mixture((Poisson(2.0), Poisson(20.0)), np.array([1.0, 3.0])),
        lambda x: 0.25 * stats.poisson(2).cdf(x) + 0.75 * stats.poisson(20).cdf(x),
    ),
    "zero-inflated": (ZeroInflated(Poisson(3.0), 0.4), lambda x: 0.4 * (x >= 0) + 0.6 * stats.poisson(3).cdf(x)),
    "truncated counts": (
        Truncated(Poisson(3.0), 1.0, 6.0),
        lambda x: np.clip(
            (stats.poisson(3).cdf(x) - stats.poisson(3).pmf(0)) / stats.poisson(3).pmf(np.arange(1, 7)).sum(), 0, 1
        ),
    ),
    "rounded": (Rounded(Normal(0.0, 20.0), 5.0, whole=True), lambda x: special.ndtr((np.floor(x / 5) + 0.5) / 4)),
}
OTHERS: dict[str, Law] = {
    "constant": Constant(4.0),
    "zero-inflated lognormal": ZeroInflated(LogNormal(0.0, 1.0), 0.3),
    "zero-inflated normal": ZeroInflated(Normal(1.0, 1.0), 0.25),
    "rounded to cents": Rounded(LogNormal(3.0, 1.0), 0.01),
    "days": Days(19_000, 19_900, Season(weekdays=np.array([1, 1, 1, 1, 2, 3, 0.5]))),
    "instants": Instants(1_600_000_000_000_000, 1_700_000_000_000_000, Season(hours=np.arange(24.0)), "Europe/Berlin"),
    "binomial of none": Binomial(0, 0.5),
    "binomial that never fails": Binomial(5, 1.0),
    "poisson of nothing": Poisson(0.0),
    "large zipf": Zipf(0.8, 10**9),
    "even zipf": Zipf(0.0, 10**9),
    "zipf of one": Zipf(1.0, 1),
}
ALL = {name: law for name, (law, _) in (CONTINUOUS | DISCRETE).items()} | OTHERS


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_million_draws_follow_a_continuous_law(name: str, million: NDArray[np.uint64]) -> None:
    law, cdf = CONTINUOUS[name]
    assert check_law(law) == ()
    drawn = law.draw(million)
    u = np.sort(cdf(drawn.astype(np.float64)))
    n = len(u)
    steps = np.arange(n + 1) / n
    # A value that many have makes a step: its draws must reach up to it, and no gap may be wider than it.
    if name == "quantile curve":
        assert abs((drawn == 2).mean() - 0.25) < 0.0022  # five standard deviations
        drawn = drawn[drawn != 2]
        u = np.sort(np.where(drawn < 2, cdf(drawn), cdf(drawn) - 0.25) / 0.75)
        n = len(u)
        steps = np.arange(n + 1) / n
    distance = max(float((steps[1:] - u).max()), float((u - steps[:-1]).max()))
    assert special.kolmogorov(distance * np.sqrt(n)) > ALARM
    counts = np.histogram(u, bins=1000, range=(0, 1))[0]
    assert special.chdtrc(999, float(((counts - n / 1000) ** 2).sum() / (n / 1000))) > ALARM


@pytest.mark.parametrize("name", DISCRETE)
def test_a_million_draws_follow_a_discrete_law(name: str, million: NDArray[np.uint64]) -> None:
    law, cdf = DISCRETE[name]
    assert check_law(law) == ()
    drawn = law.draw(million)
    assert drawn.dtype == np.int64
    values, counts = np.unique(drawn, return_counts=True)
    # Cells between values, with at least 20 expected in each.
    reached = cdf(values.astype(np.float64))
    expected, found, start, waiting = [], [], 0.0, 0
    for stop, count in zip(reached, counts, strict=True):
        waiting += count
        if (stop - start) * len(drawn) >= 20:
            expected.append((stop - start) * len(drawn))
            found.append(waiting)
            start, waiting = stop, 0
    expected[-1] += (1.0 - start) * len(drawn)
    found[-1] += waiting
    score = float(((np.array(found) - expected) ** 2 / expected).sum())
    assert special.chdtrc(len(found) - 1, score) > ALARM


@pytest.mark.parametrize("name", ALL)
def test_mean_and_variance_are_those_of_the_draws(name: str, million: NDArray[np.uint64]) -> None:
    law = ALL[name]
    drawn = law.draw(million).astype(np.float64)
    mean, variance = float(law.mean()), float(law.variance())
    if np.isnan(mean):
        assert isinstance(law, Truncated | Rounded | StudentT)
        return
    error = max(drawn.std(), np.sqrt(variance)) / 1000.0
    assert abs(drawn.mean() - mean) <= 5 * error + 1e-12 * abs(mean)
    fourth = np.mean((drawn - mean) ** 4)
    # The variance of the sample variance; heavy tails make the estimate of it itself uncertain.
    assert abs(drawn.var() - variance) <= 6 * np.sqrt(fourth / 1e6) + 1e-9 * variance
    low, high = law.support()
    assert low <= drawn.min() <= drawn.max() <= high


@pytest.mark.parametrize("name", ALL)
def test_the_outermost_words_give_numbers(name: str, ends: NDArray[np.uint64]) -> None:
    law = ALL[name]
    drawn = law.draw(ends)
    assert np.isfinite(drawn).all()
    assert drawn[0] <= drawn[1] or isinstance(law, Mixture)
    low, high = law.support()
    assert low <= drawn.min() <= drawn.max() <= high
    outer = law.quantile(np.array([0.0, 1.0]))
    assert np.isfinite(outer).all()
    assert outer[0] <= outer[1]


@pytest.mark.parametrize("name", ALL)
def test_a_value_depends_on_its_word_alone(name: str, million: NDArray[np.uint64]) -> None:
    law, words = ALL[name], million[:2000]
    whole = law.draw(words)
    order = np.random.Generator(np.random.Philox(2)).permutation(len(words))
    assert np.array_equal(law.draw(words[order]), whole[order])
    assert np.array_equal(np.concatenate([law.draw(words[a:b]) for a, b in ((0, 1), (1, 999), (999, 2000))]), whole)
    assert (whole.dtype == np.int64) == is_whole(law)


@pytest.mark.parametrize("name", ALL)
def test_quantiles_invert_the_distribution(name: str) -> None:
    law = ALL[name]
    p = np.sort(
        np.concatenate([np.linspace(1e-9, 1 - 1e-9, 500), 2.0 ** -np.arange(3, 45), 1 - 2.0 ** -np.arange(3, 45)])
    )
    kept = p.copy()
    found = law.quantile(p)
    assert np.array_equal(p, kept), "the argument is left alone"
    assert (np.diff(found) >= 0).all()
    # The smallest value that is reached with p: it is reached, and just below it is not.
    slack = 1e-15 + p * (1 - p) * (1e-6 if isinstance(law, Mixture) else 1e-8)
    above = found if is_whole(law) else np.nextafter(found, np.inf)
    assert (law.cdf(above) >= p - slack).all()
    below = found - 1 if is_whole(law) else np.nextafter(found, -np.inf) - 1e-6 * np.abs(found)
    assert (law.cdf(below) <= p + slack).all()


@settings(max_examples=25)
@given(st.floats(1e-6, 1 - 1e-6), st.floats(0.1, 50), st.floats(0.1, 50))
def test_cdf_of_quantile_is_the_probability_whatever_the_parameters(p: float, a: float, b: float) -> None:
    where = np.array([p])
    for law in (
        Normal(a, b),
        LogNormal(a, b / 20),
        Gamma(a, b),
        Beta(a, max(b, 1.0)),
        StudentT(a, 0.0, b),
        Weibull(a, b),
        Pareto(a, b),
    ):
        assert float(law.cdf(law.quantile(where))[0]) == pytest.approx(p, abs=3e-9)
    for count in (Poisson(a), NegativeBinomial(a, b), Binomial(int(a), b / 50), Geometric(1 / (1 + a))):
        k = count.quantile(where)
        assert count.cdf(k)[0] >= p - 1e-12
        assert count.cdf(k - 1)[0] < p + 1e-12


@given(st.sampled_from([0.05, 0.5, 1.0, 2.5, 80.0]), st.floats(1e-12, 1 - 1e-12))
def test_tabulated_quantiles_are_within_a_millionth(shape: float, p: float) -> None:
    where = np.array([p])
    assert Gamma(shape).quantile(where)[0] == pytest.approx(stats.gamma.ppf(p, shape), rel=1e-6, abs=1e-290)
    assert Beta(shape, 1.5).quantile(where)[0] == pytest.approx(stats.beta.ppf(p, shape, 1.5), rel=1e-6, abs=1e-290)
    assert StudentT(max(shape, 0.5)).quantile(where)[0] == pytest.approx(
        stats.t.ppf(p, max(shape, 0.5)), rel=1e-6, abs=1e-8
    )


def test_lognormal_by_what_people_know(million: NDArray[np.uint64]) -> None:
    by_mean = make_lognormal(mean=50.0, sd=20.0)
    assert (by_mean.mean(), by_mean.variance()) == (pytest.approx(50), pytest.approx(400))
    by_median = make_lognormal(median=50.0, sd=20.0)
    assert by_median.quantile(np.array([0.5]))[0] == pytest.approx(50)
    assert by_median.variance() == pytest.approx(400)
    share = make_lognormal(median=50.0, spread=1.5).draw(million)
    assert ((share > 50 / 1.5) & (share < 75)).mean() == pytest.approx(0.6827, abs=0.0024)
    with pytest.raises(ValueError, match="mean or median"):
        make_lognormal(mean=1.0, median=2.0, sd=1.0)


def test_whole_numbers_over_all_64_bits(million: NDArray[np.uint64], ends: NDArray[np.uint64]) -> None:
    widest = IntegerUniform(-(2**63), 2**63 - 1)
    assert check_law(widest) == ()
    assert widest.draw(ends).tolist() == [-(2**63), 2**63 - 1]
    assert (np.diff(widest.quantile(np.linspace(0, 1, 100))) > 0).all()
    large = IntegerUniform(2**62, 2**62 + 10**12).draw(million)
    assert large.min() >= 2**62
    assert large.max() <= 2**62 + 10**12
    assert len(np.unique(large % 10)) == 10


def test_cents_are_the_doubles_that_are_meant(million: NDArray[np.uint64]) -> None:
    drawn = Rounded(LogNormal(3.0, 1.0), 0.01).draw(million[:10_000])
    assert [float(f"{x:.2f}") for x in drawn.tolist()] == drawn.tolist()
    twentieths = Rounded(Uniform(0.0, 5.0), 0.05).draw(million[:10_000])
    assert [float(f"{x:.2f}") for x in twentieths.tolist()] == twentieths.tolist()
