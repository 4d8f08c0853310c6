"""The lower bound on epsilon: known values, honest mechanisms below their claim, and leaks above it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sundog.core.keys import Key
from sundog.lib.privacy.canaries import audit_scores, bound_epsilon, find_p_value


def test_all_right_reaches_what_the_number_of_canaries_allows() -> None:
    """With delta 0 all of r right is p**r: the bound is the log-odds of (1 - confidence) ** (1 / r)."""
    for r in (10, 100, 1_000):
        p = 0.05 ** (1 / r)
        assert bound_epsilon(r, r, r, 0.0, 0.95) == pytest.approx(math.log(p / (1 - p)), rel=1e-6)
    assert bound_epsilon(1_000, 1_000, 1_000, 0.0, 0.95) == pytest.approx(5.81, abs=0.01)


def test_delta_weakens_the_bound() -> None:
    bounds = [bound_epsilon(1_000, 400, 395, d, 0.95) for d in (0.0, 1e-6, 1e-5, 1e-4)]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[0] > bounds[-1] > 0


def test_half_right_says_nothing() -> None:
    assert bound_epsilon(1_000, 1_000, 500, 1e-6, 0.95) == 0
    assert bound_epsilon(1_000, 1_000, 0, 1e-6, 0.95) == 0
    assert find_p_value(100, 100, 0, 1.0, 1e-6) == 1


def test_p_values_against_a_count_by_hand() -> None:
    """Two guesses, both right, at epsilon log 3 (chance 3/4) with m = 2 and delta .01."""
    beta = 9 / 16
    alpha = max((6 / 16) / 1, (7 / 16) / 2)
    assert find_p_value(2, 2, 2, math.log(3), 0.01) == pytest.approx(beta + 2 * 2 * 0.01 * alpha)


@pytest.mark.parametrize("epsilon", [0.5, 2.0])
def test_randomised_response_stays_below_its_claim_and_comes_near(epsilon: float) -> None:
    """200 audits of an honest mechanism at 95 %: at most 18 above the claim (chance of more under 1 in 100), and half way at least."""
    found = []
    for seed in range(200):
        draw = Key.root(seed).uniform(range(500))
        planted = draw[:, 0] < 0.5
        truth = draw[:, 1] < math.exp(epsilon) / (1 + math.exp(epsilon))
        scores = np.where(planted == truth, 1.0, -1.0) + 1e-3 * draw[:, 2]
        found.append(audit_scores(scores, planted, 0.0).epsilon)
    assert sum(f > epsilon for f in found) <= 18
    assert np.median(found) > epsilon / 2


def test_a_leak_fires_and_noise_does_not() -> None:
    draw = Key.root(1).uniform(range(1_000))
    planted = draw[:, 0] < 0.5
    assert audit_scores(planted + 0.1 * draw[:, 1], planted, 1e-9).epsilon > 4.5
    assert audit_scores(draw[:, 2], planted, 1e-9).epsilon < 0.5
