"""Busy time: there and back, an average year, hours of no weight, clocks that change, growth."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.lib.laws.busy_time import FIRST, LAST, BusyTime, build_busy_time, find_busy_faults
from sundog.lib.laws.seasons import Season, weigh_days
from sundog.lib.laws.zones import DAY, HOUR, convert_to_wall

ANCHOR = (date(2026, 1, 1) - date(1970, 1, 1)).days
SEASON = Season(
    weekdays=np.array([1.0, 1, 1, 1, 2, 0.5, 0]),
    months=np.array([1.0, 1, 1, 1, 1, 1, 0.5, 0.5, 1, 1, 1, 2]),
    hours=np.concatenate((np.zeros(6), np.arange(1.0, 18.0), [0.0])),
)


def _at(*parts: int) -> int:
    return round((datetime(*parts, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 10**6


@cache
def build_plain() -> BusyTime:
    """The clock of ``SEASON``, built once for all examples."""
    return build_busy_time(SEASON, ANCHOR)


@pytest.fixture(scope="module")
def clock() -> BusyTime:
    return build_plain()


@pytest.fixture(scope="module")
def berlin() -> BusyTime:
    return build_busy_time(SEASON, ANCHOR, 0.2, "Europe/Berlin")


@given(st.lists(st.integers(_at(1990, 1, 1), _at(2060, 1, 1)), min_size=1, max_size=20))
def test_there_and_back(instants: list[int]) -> None:
    clock = build_plain()
    at = np.array(sorted(instants), np.int64)
    busy = clock.count(at)
    assert (np.diff(busy) >= 0).all()
    found = clock.find(busy)
    assert np.abs(clock.count(found) - busy).max() < 1e-9
    # Where something happens, the instant itself comes back: to ten microseconds, the grain of a float over centuries.
    working = (at % DAY // HOUR >= 6) & (at % DAY // HOUR < 23) & ((at // DAY + 3) % 7 != 6)
    assert np.abs(found - at)[working].max(initial=0) <= 10


def test_an_average_year_is_one_of_ordinary_days(clock: BusyTime) -> None:
    years = clock.count(np.array([_at(2001, 1, 1), _at(2029, 1, 1)]))
    assert np.diff(years)[0] == pytest.approx(28 * 365.25, rel=1e-12)
    assert clock.count(np.array([ANCHOR * DAY]))[0] == 0.0
    plain = build_busy_time(Season(), ANCHOR)
    at = np.array([_at(1999, 3, 4, 5, 6, 7), _at(2031, 8, 9, 10, 11, 12)])
    assert plain.count(at) == pytest.approx(at / DAY - ANCHOR, abs=1e-9)


def test_days_count_as_the_season_weighs_them(clock: BusyTime) -> None:
    days = np.arange(ANCHOR, ANCHOR + 400)
    counted = np.diff(clock.count(np.append(days, days[-1] + 1) * DAY))
    weights = weigh_days(SEASON, days)
    assert counted / counted.sum() == pytest.approx(weights / weights.sum(), abs=1e-12)


def test_nothing_happens_where_the_weight_is_none(clock: BusyTime, berlin: BusyTime) -> None:
    p = np.linspace(-4000, 4000, 20_001)
    for each in (clock, berlin):
        walls = convert_to_wall(each.find(p), each.zone)
        assert ((walls // DAY + 3) % 7 != 6).all()
        assert (walls % DAY // HOUR >= 6).all()
        assert (walls % DAY // HOUR < 23).all()


def test_growth_and_its_anchor(berlin: BusyTime) -> None:
    years = np.diff(berlin.count(np.array([_at(y, 1, 1) for y in (2024, 2025, 2026, 2027)])))
    assert years[1:] / years[:-1] == pytest.approx(1.2, abs=0.01)
    assert np.isfinite(berlin.sums).all()


def test_faults() -> None:
    assert find_busy_faults(SEASON, 0.2, "Europe/Berlin") == ()
    never = Season(months=np.eye(12)[1], month_days=np.eye(31)[30])
    assert "above 0" in find_busy_faults(never)[0]
    assert "growth" in find_busy_faults(SEASON, -1.0)[0]
    assert "time zone" in find_busy_faults(SEASON, 0.0, "Mars/Base")[0]
    assert "weekdays" in find_busy_faults(Season(weekdays=np.ones(6)))[0]


def test_the_ends_of_the_calendar(clock: BusyTime) -> None:
    ends = clock.count(np.array([(FIRST - 10) * DAY, FIRST * DAY, (LAST + 1) * DAY, (LAST + 10) * DAY]))
    assert ends[0] == ends[1]
    assert ends[2] == ends[3]
