"""Costs convert as the papers say, and never to less than OpenDP says."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.lib.privacy.ledger import Budget
from sundog.lib.privacy.losses import Concentrated, Pure, concentrate, find_epsilon, find_rho, share
from sundog.lib.privacy.shares import split_budget

RHO = st.floats(1e-6, 10)
DELTA = st.floats(1e-15, 0.1)


def _opendp_epsilon(rho: float, delta: float) -> float:
    from opendp import combinators, domains, measurements, metrics
    from opendp.mod import enable_features

    enable_features("contrib")
    space = domains.atom_domain(T="i64"), metrics.absolute_distance(T="f64")
    noise = measurements.make_gaussian(*space, scale=math.sqrt(1 / (2 * rho)))
    return float(combinators.make_zCDP_to_approxDP(noise).map(1.0).epsilon(delta))


@pytest.mark.parametrize("rho", [1e-4, 0.01, 0.5, 3.0])
@pytest.mark.parametrize("delta", [1e-12, 1e-9, 1e-5, 0.01])
def test_zcdp_converts_as_in_opendp(rho: float, delta: float) -> None:
    """Two implementations of the same proposition."""
    assert find_epsilon([(math.inf, rho)], delta) == pytest.approx(_opendp_epsilon(rho, delta), rel=1e-6, abs=1e-9)


@given(RHO, DELTA)
@settings(max_examples=50)
def test_the_conversion_lies_between_the_exact_gaussian_and_the_simple_bound(rho: float, delta: float) -> None:
    """Not above rho + 2 sqrt(rho log(1/delta)); not below what Gaussian noise of that rho really has, in closed form."""
    epsilon = find_epsilon([(math.inf, rho)], delta)
    assert epsilon <= rho + 2 * math.sqrt(rho * math.log(1 / delta)) + 1e-9
    a = math.sqrt(2 * rho)  # sensitivity / sigma; Balle and Wang 2018, Theorem 8
    normal = lambda x: math.erfc(-x / math.sqrt(2)) / 2  # noqa: E731
    exact = normal(a / 2 - epsilon / a) - math.exp(epsilon) * normal(-a / 2 - epsilon / a) if epsilon < 600 else 0.0
    assert exact <= delta * (1 + 1e-6)


@given(st.floats(0.01, 50), DELTA)
@settings(max_examples=20)
def test_rho_and_epsilon_are_inverse(epsilon: float, delta: float) -> None:
    """The rho found stays within epsilon, and a little more does not."""
    rho = find_rho(epsilon, delta)
    assert find_epsilon([(math.inf, rho)], delta) <= epsilon
    assert find_epsilon([(math.inf, rho * (1 + 1e-6))], delta) > epsilon


@given(st.lists(st.floats(0.001, 2), min_size=1, max_size=30), DELTA)
@settings(max_examples=50)
def test_pure_releases_never_cost_more_than_their_epsilons(epsilons: list[float], delta: float) -> None:
    """At high orders the divergence of pure releases is their epsilon, so the sum is a bound."""
    total = find_epsilon([(e, concentrate(e)) for e in epsilons], delta)
    assert total <= math.fsum(epsilons) * (1 + 1e-6) + 1e-6
    assert total <= find_epsilon([(math.inf, math.fsum(map(concentrate, epsilons)))], delta) * (1 + 1e-6) + 1e-9


def test_no_release_costs_nothing() -> None:
    """An empty ledger is free."""
    assert find_epsilon([], 1e-9) == 0


def test_a_share_is_in_the_currency_of_the_whole() -> None:
    """Parts add up to the whole."""
    assert share(Pure(1.0), 4) == Pure(0.25)
    assert share(Concentrated(1.0), 2) == Concentrated(0.5)


def test_a_budget_is_cut_in_the_currency_with_less_noise() -> None:
    """Few questions: pure; many with a delta: concentrated; never concentrated without a delta."""
    few, many = Budget(1.0, 1e-9), Budget(1.0, 1e-9)
    assert split_budget(few, [1, 3]).costs == (Pure(0.25), Pure(0.75))
    costs = split_budget(many, [1] * 200).costs
    assert all(isinstance(c, Concentrated) for c in costs)
    rhos = [(math.inf, c.rho) for c in costs if isinstance(c, Concentrated)]
    assert 0.999999 <= find_epsilon(rhos, 1e-9) <= 1 + 1e-9
    assert all(isinstance(c, Pure) for c in split_budget(Budget(1.0), [1] * 200).costs)


def test_private_domains_get_half_of_delta() -> None:
    """The rest is for the conversion, so that all together stay within delta."""
    shares = split_budget(Budget(1.0, 1e-6), [1] * 200, private_domains=5)
    assert shares.domain_delta == pytest.approx(1e-7)
    rhos = [(math.inf, c.rho) for c in shares.costs if isinstance(c, Concentrated)]
    assert len(rhos) == 200
    assert 0.999999 <= find_epsilon(rhos, 5e-7) <= 1 + 1e-9
