"""Harmonics and the profile of a week."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from sundog.lib.signals.waves import (
    DAY,
    HOUR,
    YEAR,
    Harmonic,
    WeekProfile,
    add_harmonics,
    add_week,
    check_harmonic,
    check_week,
    cos_turns,
)

MONDAY = int(datetime.datetime(2024, 3, 4, tzinfo=datetime.UTC).timestamp()) * 10**6


def test_the_cosine() -> None:
    turns = np.concatenate([np.linspace(-3, 3, 20_001), [0.25, 0.5, 0.75, 1e6 + 0.125]])
    found = np.array([cos_turns(t) for t in turns])
    assert np.abs(found - np.cos(2 * np.pi * turns)).max() < 1e-9  # of which NumPy's reduction at 1e6 is the most
    assert np.abs(found - np.cos(2 * np.pi * turns))[:20_001].max() < 4e-15
    assert [cos_turns(t) for t in (0.0, 0.25, 0.5, 0.75, 1.0)] == [1, 0, -1, 0, 1]


def test_harmonics_as_the_formula_says() -> None:
    times = MONDAY + np.arange(500, dtype=np.int64) * 7 * HOUR
    harmonics = (Harmonic(DAY, 2.0, peak=14 * HOUR), Harmonic(YEAR, 5.0, 100 * DAY, 0.4, 30 * DAY, 3 * DAY))
    values = np.ones(len(times))
    add_harmonics(harmonics, times, values)
    t = times.astype(float)
    plain = 1 + 2 * np.cos(2 * np.pi * (t - 14 * HOUR) / DAY)
    plain += 5 * (1 + 0.4 * np.cos(2 * np.pi * (t - 3 * DAY) / (30 * DAY))) * np.cos(2 * np.pi * (t - 100 * DAY) / YEAR)
    assert values == pytest.approx(plain, abs=1e-9)
    at_peak = np.zeros(1)
    add_harmonics(harmonics[:1], np.array([MONDAY + 14 * HOUR]), at_peak)
    assert at_peak[0] == pytest.approx(2.0)


def test_the_week() -> None:
    hours = tuple(float(h * h % 41) for h in range(168))
    times = MONDAY + np.arange(168, dtype=np.int64) * HOUR + HOUR // 2
    values = np.zeros(168)
    add_week(WeekProfile(hours, scale=2.0), times, values)
    assert values == pytest.approx(2 * np.array(hours))
    ahead, between, wrapped = np.zeros(168), np.zeros(168), np.zeros(1)
    add_week(WeekProfile(hours, ahead=3 * HOUR), times, ahead)
    assert ahead == pytest.approx(np.roll(hours, -3))
    add_week(WeekProfile(hours), times + HOUR // 4, between)
    assert between == pytest.approx(0.75 * np.array(hours) + 0.25 * np.roll(hours, -1))
    add_week(WeekProfile(hours), np.array([-1_000 * 7 * DAY + MONDAY]), wrapped)
    assert wrapped[0] == pytest.approx((hours[0] + hours[-1]) / 2)


def test_faults_are_told() -> None:
    assert check_harmonic(Harmonic(DAY, 1.0)) == ()
    found = check_harmonic(Harmonic(0, float("nan"), swing=1.5))
    assert [any(w in f for f in found) for w in ("period", "amplitude", "swing")] == [True] * 3
    assert check_week(WeekProfile((0.0,) * 168)) == ()
    assert len(check_week(WeekProfile((float("inf"),) * 24))) == 2
