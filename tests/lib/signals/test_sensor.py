"""What a sensor does to a value, and when it takes it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.signals.battery import Battery, Schedule, check_schedule, tell_power
from sundog.lib.signals.sensor import (
    LAG_ERROR,
    Sensor,
    check_sensor,
    distort,
    draw_normals,
    follow_slowly,
    measure_lag,
    show,
)
from sundog.lib.signals.waves import HOUR
from sundog.lib.signals.windows import (
    Windows,
    check_windows,
    count_rows,
    cut_rows,
    extend_windows,
    list_samples,
    list_units,
    make_windows,
)

KEY = Key.root(14)


def steps(samples: np.ndarray) -> np.ndarray:
    return ((samples // 300) % 2 * 10 + np.sin(samples / 7.0)).astype(float)


@pytest.mark.parametrize("lag", [0.3, 4.0, 60.0])
def test_a_lagging_sensor_forgets_its_beginning(lag: float) -> None:
    """Beside the recursion from sample 0 on, which any window would need whole."""
    sensor = Sensor(lag=lag)
    share = 1 - math.exp(-1 / lag)
    true = steps(np.arange(6000))
    plain = np.empty(6000)
    shown = true[0]
    for i in range(6000):
        shown += share * (true[i] - shown)
        plain[i] = shown
    for start, stop in ((0, 6000), (0, 5), (1500, 1501), (255, 3000), (4096, 6000)):
        inner = make_windows(range(1), start, stop)
        wide = extend_windows(inner, *measure_lag(sensor))
        found = follow_slowly(sensor, wide, steps(list_samples(wide)))[cut_rows(wide, inner)]
        assert np.abs(found - plain[start:stop]).max() <= LAG_ERROR * np.ptp(true)


@given(st.integers(0, 3000), st.integers(0, 700), st.sampled_from([0.5, 9.0, 33.0]))
def test_a_lagging_sensor_in_any_window(start: int, length: int, lag: float) -> None:
    sensor = Sensor(lag=lag)

    def follow(inner: Windows) -> np.ndarray:
        wide = extend_windows(inner, *measure_lag(sensor))
        return follow_slowly(sensor, wide, steps(list_samples(wide)))[cut_rows(wide, inner)]

    whole = follow(make_windows(range(1), 0, 4000))
    assert np.array_equal(follow(make_windows(range(1), start, start + length)), whole[start : start + length])


def test_gain_offset_drift_and_noise() -> None:
    w = make_windows(range(3000), 0, 20)
    true = np.tile(np.arange(20.0), 3000)
    gains = distort(Sensor(gain=2.0, gain_spread=0.1), KEY, w, true).reshape(3000, 20)
    assert gains == pytest.approx(gains[:, 1:2] * np.arange(20.0))
    assert gains[:, 1].mean() == pytest.approx(2, abs=5 * 0.1 / math.sqrt(3000))
    assert gains[:, 1].std() == pytest.approx(0.1, rel=5 / math.sqrt(6000))
    offsets = distort(Sensor(offset=1.0, offset_spread=0.5), KEY, w, true).reshape(3000, 20) - np.arange(20.0)
    assert offsets == pytest.approx(np.repeat(offsets[:, :1], 20, axis=1))
    assert offsets[:, 0].std() == pytest.approx(0.5, rel=5 / math.sqrt(6000))
    drift = distort(Sensor(drift=0.1), KEY, w, true * 0).reshape(3000, 20)
    assert drift[:, 0] == pytest.approx(0)
    assert drift[:, 16].std() == pytest.approx(0.4, rel=5 / math.sqrt(6000))
    noise = distort(Sensor(noise=0.2), KEY, w, true * 0)
    assert noise.std() == pytest.approx(0.2, rel=5 / math.sqrt(120_000))
    assert abs(np.corrcoef(noise[1:], noise[:-1])[0, 1]) < 5 / math.sqrt(60_000)
    assert np.array_equal(
        draw_normals(KEY, make_windows(range(7, 9), 3, 8)), draw_normals(KEY, w).reshape(-1, 20)[7:9, 3:8].ravel()
    )


def test_what_it_shows() -> None:
    values = np.array([-5.0, 0.26, 0.34, 0.35, 19.97, 22.0])
    shown = show(Sensor(low=0.0, high=20.0, resolution=0.1), values)
    assert shown.tolist() == [0.0, 0.3, 0.3, 0.3, 20.0, 20.0] or shown.tolist() == [0.0, 0.3, 0.3, 0.4, 20.0, 20.0]
    assert all(len(repr(v)) <= 4 for v in shown.tolist())  # .3, not .30000000000000004
    assert show(Sensor(resolution=2.5), values).tolist() == [-5.0, 0.0, 0.0, 0.0, 20.0, 22.5]
    assert show(Sensor(high=21.0, resolution=5.0), np.array([30.0])).tolist() == [20.0]
    assert show(Sensor(), values) is values


def test_a_battery_beside_a_device_step_by_step() -> None:
    battery = Battery(capacity=10.0, each=0.02, idle=0.05, knee=0.3, slower=3.0)
    schedule = Schedule(1_000_000, HOUR // 4, battery=battery)
    n = 400
    found = tell_power(schedule, KEY, make_windows(range(1), 0, n))
    time, used = 1_000_000, 0.0
    for i in range(n):
        assert found.alive[i] == (used < battery.capacity - 1e-9 or i == 0) or abs(used - battery.capacity) < 0.1
        if not found.alive[i]:
            break
        assert found.times[i] == time
        assert found.charge[i] == pytest.approx(1 - used / battery.capacity, abs=1e-9)
        saving = 1 - used / battery.capacity < battery.knee
        interval = schedule.interval * (3 if saving else 1)
        used += battery.each + battery.idle * interval / HOUR
        time += interval
    assert 200 < i < n
    assert np.all(np.diff(found.volts[found.alive]) <= 0)
    assert found.volts[0] == 3.1
    assert found.charge[found.alive][-1] < 0.02
    for start in (0, 150, i - 2):
        alone = tell_power(schedule, KEY, make_windows(range(1), start, start + 5))
        assert np.array_equal(alone.times, found.times[start : start + 5])
        assert np.array_equal(alone.volts, found.volts[start : start + 5])


def test_a_battery_that_is_replaced_and_devices_that_differ() -> None:
    battery = Battery(capacity=5.0, spread=0.2, each=0.02, idle=0.0, replaced=True)
    found = tell_power(Schedule(0, HOUR, stagger=True, battery=battery), KEY, make_windows(range(50), 0, 2000))
    assert found.alive.all()
    times, charge = found.times.reshape(50, -1), found.charge.reshape(50, -1)
    assert set(np.diff(times, axis=1).ravel().tolist()) == {HOUR, 4 * HOUR}
    assert np.all((times[:, 0] >= 0) & (times[:, 0] < HOUR))
    assert len(set(times[:, 0].tolist())) == 50
    renewals = (np.diff(charge, axis=1) > 0.5).sum(axis=1)
    assert renewals.min() >= 4
    assert len(set(renewals.tolist())) > 1
    assert np.isnan(tell_power(Schedule(0, HOUR), KEY, make_windows(range(1), 0, 2)).volts).all()


def test_windows() -> None:
    w = Windows(np.array([3, 1], np.uint64), np.array([5, 0]), np.array([2, 3]))
    assert list_units(w).tolist() == [3, 3, 1, 1, 1]
    assert list_samples(w).tolist() == [5, 6, 0, 1, 2]
    wide = extend_windows(w, 4, 2)
    assert wide.starts.tolist() == [2, 0]
    assert list_samples(wide)[cut_rows(wide, w)].tolist() == [5, 6, 0, 1, 2]
    assert count_rows(make_windows(range(4), 9, 3)) == 0
    assert check_windows(w) == ()
    assert len(check_windows(Windows(w.units, -w.starts, w.counts))) == 1
    assert len(check_windows(Windows(w.units, w.starts + 2**53, w.counts))) == 1
    assert len(check_windows(Windows(w.units[:1], w.starts, w.counts))) == 1


def test_faults_are_told() -> None:
    assert check_sensor(Sensor()) == ()
    bad = Sensor(-1, math.nan, -1, 0, -1, -1, -1, 3.0, 2.0, -0.1)
    found = check_sensor(bad)
    assert [
        any(f.startswith(n) for f in found)
        for n in ("gain_spread", "offset_spread", "drift", "noise", "resolution", "lag", "gain and", "low")
    ] == [True] * 8
    assert check_schedule(Schedule(0, 1, battery=Battery())) == ()
    worse = Battery(0.0, -1.0, 0.0, -1.0, ((0.5, 3.0), (0.5, 2.0)), 1.0, 0.5)
    assert len(check_schedule(Schedule(0, 0, battery=worse))) == 10
