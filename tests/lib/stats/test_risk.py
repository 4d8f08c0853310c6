"""Risks and their intervals."""

from __future__ import annotations

import numpy as np
import pytest

from sundog.core.keys import Key
from sundog.lib.stats.intervals import wilson_interval
from sundog.lib.stats.risk import Rate, Risk, measure_rate


def test_a_rate_of_single_attempts_has_wilsons_interval():
    rate = measure_rate(np.array([1.0, 0.0, 0.0, 1.0, 0.0]))
    assert (rate.value, rate.trials) == (pytest.approx(0.4), pytest.approx(5.0))
    assert rate.interval() == pytest.approx(wilson_interval(2, 5))


def test_attempts_of_one_person_count_once():
    people = np.repeat(np.arange(50), 20)
    same = np.repeat(np.arange(50) % 2, 20).astype(np.float64)
    assert measure_rate(same, people) == Rate(0.5, 50.0)
    mixed = np.tile([0.0, 1.0], 500)
    assert measure_rate(mixed, people).trials >= 50.0


def test_weights_above_one_make_a_rate_less_certain():
    values = np.r_[np.full(10, 4.0), np.zeros(990)]
    rate = measure_rate(values, weight=4.0)
    assert rate.value == pytest.approx(0.04)
    assert rate.trials <= 250.0
    assert measure_rate(np.zeros(1000), weight=4.0).trials == 250.0


def test_no_attempts_say_nothing():
    assert measure_rate(np.zeros(0)).interval() == (0.0, 1.0)


def test_the_risk_is_what_was_left_to_find_out():
    risk = Risk(Rate(0.6, 1000), Rate(0.2, 1000), 0.1)
    assert risk.value == pytest.approx(0.5)
    low, high = risk.interval()
    assert 0.4 < low < 0.5 < high < 0.6


@pytest.mark.parametrize(
    ("attack", "control"),
    [(Rate(1.0, 50), Rate(1.0, 50)), (Rate(0.0, 50), Rate(0.0, 50)), (Rate(1.0, 50), Rate(0.0, 50))],
)
def test_the_ends_of_the_scale_give_intervals_that_hold_the_value(attack, control):
    risk = Risk(attack, control, 0.0)
    low, high = risk.interval()
    assert -1.0 <= low <= risk.value <= high <= 1.0


@pytest.mark.parametrize(("leak", "control"), [(0.0, 0.3), (0.05, 0.05), (0.2, 0.6), (0.5, 0.0), (0.02, 0.85)])
def test_intervals_cover_as_often_as_they_promise(leak, control):
    """2,000 draws at 95%: fewer than 1,860 covered has a chance below 1e-4 if the true coverage is 95%."""
    draw = Key.root(7).child(int(1000 * leak)).generator()
    n, m = 700, 400
    hits = draw.binomial(n, leak + (1 - leak) * control, 2000) / n
    others = draw.binomial(m, control, 2000) / m
    covered = 0
    for a, c in zip(hits, others, strict=True):
        low, high = Risk(Rate(a, n), Rate(c, m), 0.0).interval()
        covered += low <= leak <= high
    assert covered >= 1860


def test_what_can_be_detected_is_detected_as_often_as_said():
    """80% of 1,000 draws: between 73% and 92% (rounding of the normal approximation included)."""
    control, n, m = 0.2, 800, 500
    least = Risk(Rate(control, n), Rate(control, m), 0.0).detectable()
    draw = Key.root(8).generator()
    seen = 0
    for a, c in zip(
        draw.binomial(n, least + (1 - least) * control, 1000) / n, draw.binomial(m, control, 1000) / m, strict=True
    ):
        seen += Risk(Rate(a, n), Rate(c, m), 0.0).interval()[0] > 0.0
    assert 730 <= seen <= 920
