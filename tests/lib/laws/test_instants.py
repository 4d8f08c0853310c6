"""Laws of time: shapes over days and hours, clocks that are set forward and back, and Arrow's types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special

from sundog.lib.laws.instants import Days, Durations, Instants
from sundog.lib.laws.law import check_law
from sundog.lib.laws.positive import Exponential
from sundog.lib.laws.seasons import Season, find_weekdays, weigh_days
from sundog.lib.laws.zones import (
    DAY,
    HOUR,
    as_dates,
    as_durations,
    as_timestamps,
    build_zone_table,
    convert_from_wall,
    convert_to_wall,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = ("Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC")
ALARM = 1e-6


def _at(*parts: int) -> int:
    return round((datetime(*parts, tzinfo=UTC) - EPOCH).total_seconds()) * 10**6


def _day(*parts: int) -> int:
    return (date(*parts) - date(1970, 1, 1)).days


SEASON = Season(
    weekdays=np.array([1.0, 1, 1, 1, 1.5, 2, 0.5]),
    months=np.array([1.0, 1, 1, 1, 1, 1, 2, 2, 1, 1, 1, 3]),
    month_days=np.concatenate(([4.0], np.ones(30))),
    hours=np.concatenate((np.zeros(6), np.arange(1.0, 19.0))),
    holidays=np.array([_day(2023, 12, 25), _day(2023, 12, 26)]),
    holiday_factors=np.array([0.0, 0.25]),
    growth_days=np.array([_day(2023, 1, 1), _day(2024, 1, 1)]),
    growth=np.array([1.0, 3.0]),
)


def test_a_day_weighs_what_its_factors_say() -> None:
    days = np.array([_day(2023, 12, 25), _day(2023, 12, 26), _day(2023, 7, 1), _day(2023, 7, 3), _day(2030, 1, 5)])
    assert find_weekdays(days).tolist() == [0, 1, 5, 0, 5]
    grown = 1 + 2 * (days - _day(2023, 1, 1)) / 365
    wanted = [0.0, 3 * 0.25 * grown[1], 2 * 2 * 4 * grown[2], 2 * grown[3], 2 * 3.0]
    np.testing.assert_allclose(weigh_days(SEASON, days), wanted)


def test_days_come_as_often_as_they_weigh(million: NDArray[np.uint64]) -> None:
    law = Days(_day(2023, 1, 1), _day(2023, 12, 31), SEASON)
    assert check_law(law) == ()
    counts = np.bincount(law.draw(million) - law.first, minlength=365)
    weights = weigh_days(SEASON, np.arange(law.first, law.last + 1))
    expected = weights / weights.sum() * 1e6
    assert counts[_day(2023, 12, 25) - law.first] == 0
    kept = expected > 0
    assert special.chdtrc(kept.sum() - 1, float(((counts - expected)[kept] ** 2 / expected[kept]).sum())) > ALARM


def test_instants_follow_days_and_hours_of_the_wall_clock(million: NDArray[np.uint64]) -> None:
    law = Instants(_at(2023, 1, 1, 5, 30), _at(2024, 1, 1), SEASON, "America/New_York")
    assert check_law(law) == ()
    drawn = law.draw(million)
    assert law.start <= drawn.min() < drawn.max() < law.stop
    # The plain way: every hour of UTC by its wall clock (all offsets are whole hours here, and the start is a half).
    hours = np.arange(_at(2023, 1, 1, 5), law.stop, HOUR)
    walls = np.array([datetime.fromtimestamp(h / 1e6, ZoneInfo("America/New_York")) for h in hours.tolist()])
    days = np.array([(w.date() - date(1970, 1, 1)).days for w in walls])
    weights = weigh_days(SEASON, days) * SEASON.hours[[w.hour for w in walls]]
    weights[0] /= 2
    counts = np.bincount((drawn - hours[0]) // HOUR, minlength=len(hours))
    expected = weights / weights.sum() * 1e6
    assert counts[expected == 0].sum() == 0
    kept = expected > 0
    assert special.chdtrc(kept.sum() - 1, float(((counts - expected)[kept] ** 2 / expected[kept]).sum())) > ALARM
    # Within an hour all times are alike.
    minutes = np.bincount(drawn // (HOUR // 60) % 60, minlength=60)
    assert special.chdtrc(59, float(((minutes - 1e6 / 60) ** 2).sum() / (1e6 / 60))) > ALARM / 10


def test_no_event_falls_into_a_gap_and_a_fold_counts_twice(million: NDArray[np.uint64]) -> None:
    hours = np.zeros(24)
    hours[[1, 2, 3]] = 1.0
    spring = Instants(_at(2023, 3, 25, 23), _at(2023, 3, 26, 22), Season(hours=hours), "Europe/Berlin")
    table = build_zone_table("Europe/Berlin", spring.start, spring.stop)
    shown = convert_to_wall(spring.draw(million), table) % DAY // HOUR
    assert set(np.unique(shown).tolist()) == {1, 3}
    assert (shown == 1).mean() == pytest.approx(0.5, abs=0.0025)
    autumn = Instants(_at(2023, 10, 28, 22), _at(2023, 10, 29, 23), Season(hours=hours), "Europe/Berlin")
    table = build_zone_table("Europe/Berlin", autumn.start, autumn.stop)
    shown = convert_to_wall(autumn.draw(million), table) % DAY // HOUR
    assert (shown == 2).mean() == pytest.approx(0.5, abs=0.0025)


def test_weekdays_may_have_hours_of_their_own(million: NDArray[np.uint64]) -> None:
    hours = np.zeros((7, 48))
    hours[:5, 18] = 5.0
    hours[5:, 47] = 9.0
    law = Instants(_at(2023, 1, 2), _at(2023, 2, 27), Season(hours=hours))
    drawn = law.draw(million)
    weekend = find_weekdays(drawn // DAY) >= 5
    assert weekend.mean() == pytest.approx(2 / 7, abs=0.0023)
    assert set((drawn[weekend] % DAY // (HOUR // 2)).tolist()) == {47}
    assert set((drawn[~weekend] % DAY // (HOUR // 2)).tolist()) == {18}


@pytest.mark.parametrize("zone", ZONES)
def test_quantiles_of_instants_invert_to_the_microsecond(zone: str, million: NDArray[np.uint64]) -> None:
    law = Instants(_at(2011, 3, 1, 7), _at(2012, 4, 9, 11, 5), SEASON, zone)
    drawn = law.draw(million[:20_000])
    assert np.abs(law.quantile(law.cdf(drawn)) - drawn).max() <= 1
    p = np.linspace(0.0001, 0.9999, 20_000)
    np.testing.assert_allclose(law.cdf(law.quantile(p)), p, atol=1e-12)
    assert law.cdf(np.array([law.start - 1, law.stop])).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("zone", ZONES)
def test_wall_clocks_are_those_of_arrow(zone: str, million: NDArray[np.uint64]) -> None:
    law = Instants(_at(2009, 1, 1), _at(2021, 1, 1), zone=zone)
    drawn = law.draw(million[:50_000])
    table = build_zone_table(zone, law.start, law.stop)
    walls = convert_to_wall(drawn, table)
    stamps = as_timestamps(drawn, zone)
    assert stamps.type == pa.timestamp("us", zone)
    assert np.array_equal(pc.local_timestamp(stamps).view(pa.int64()).to_numpy(), walls)
    # Back again, but for the second half of a fold, which is read as the first.
    back = convert_from_wall(walls, table)
    assert (back <= drawn).all()
    assert (back == drawn).mean() > 0.9995


@given(st.sampled_from(ZONES), st.integers(_at(2009, 1, 1) // 60_000_000, _at(2021, 1, 1) // 60_000_000))
def test_wall_times_mean_what_python_means(zone: str, minute: int) -> None:
    wall = minute * 60_000_000
    table = build_zone_table(zone, _at(2009, 1, 1), _at(2021, 1, 1))
    plain = datetime.fromtimestamp(wall / 1e6, UTC).replace(tzinfo=ZoneInfo(zone))
    assert convert_from_wall(np.array([wall]), table)[0] == round(plain.timestamp()) * 10**6


def test_gaps_move_forward_and_folds_are_read_once() -> None:
    table = build_zone_table("Europe/Berlin", _at(2023, 1, 1), _at(2024, 1, 1))
    walls = np.array([_at(2023, 3, 26, 2, 30), _at(2023, 10, 29, 2, 30)])
    assert convert_from_wall(walls, table).tolist() == [_at(2023, 3, 26, 1, 30), _at(2023, 10, 29, 0, 30)]


def test_arrow_dates_and_durations() -> None:
    assert as_dates(np.array([0, 19_000])).to_pylist() == [date(1970, 1, 1), date(2022, 1, 8)]
    assert as_timestamps(np.array([0]), None).type == pa.timestamp("us")
    law = Durations(Exponential(2.0), "minute")
    assert law.mean() == 120e6
    assert as_durations(law.draw(np.array([2**63], np.uint64))).type == pa.duration("us")
