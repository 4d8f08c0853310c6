"""Channels: what follows from what, and a year of weather with the statistics of a real one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sundog.core.keys import Key
from sundog.lib.laws.location import Constant
from sundog.lib.signals.channels import Channel, Coupling, DewPoint, Humidity, check_channels, make_channels
from sundog.lib.signals.events import EventLaw
from sundog.lib.signals.memory import AutoRegression
from sundog.lib.signals.moisture import compute_dew_point, compute_humidity
from sundog.lib.signals.pulses import Pulses
from sundog.lib.signals.waves import DAY, HOUR, Harmonic, WeekProfile
from sundog.lib.signals.weather import build_weather
from sundog.lib.signals.windows import list_samples, make_windows

KEY = Key.root(13)
START = 1_356_998_400 * 10**6


def test_humidity_and_dew_point() -> None:
    t, d = np.array([20.0, 0.0, 30.0, 10.0]), np.array([20.0, -10.0, 12.0, 15.0])
    h = compute_humidity(t, d)
    # Psychrometric tables: 100, 47, 33 percent.
    assert h == pytest.approx([100, 46.9, 33.0, 100], abs=0.3)
    assert compute_dew_point(t, h)[:3] == pytest.approx(d[:3], abs=1e-9)
    assert np.isfinite(compute_dew_point(t, np.zeros(4))).all()


def test_couplings_and_derived_channels() -> None:
    w = make_windows(range(3), 5, 40)
    times = START + list_samples(w) * HOUR
    a = Channel("a", level=10.0, noise=(AutoRegression((0.5,), 1.0),))
    b = Channel("b", level=1.0, couplings=(Coupling("a", -2.0, 10.0),))
    found = make_channels((a, b, Humidity("h", "a", "b"), DewPoint("d", "a", "h")), KEY, w, times)
    assert found["b"] == pytest.approx(1 - 2 * (found["a"] - 10))
    assert found["h"] == pytest.approx(compute_humidity(found["a"], found["b"]))
    assert found["d"] == pytest.approx(np.minimum(found["a"], found["b"]), abs=1e-6)


def test_parts_of_a_channel() -> None:
    w = make_windows(range(500), 0, 30)
    times = START + list_samples(w) * HOUR
    channel = Channel(
        "x", level=3.0, spread=2.0, harmonics=(Harmonic(DAY, 1.0),), week=WeekProfile((0.5,) * 168),
        events=(Pulses(EventLaw(0.02, Constant(4.0), Constant(7.0))),),
    )  # fmt: skip
    x = make_channels((channel,), KEY, w, times)["x"].reshape(500, 30)
    rest = x - 3.5 - np.cos(2 * np.pi * (times.reshape(500, 30) % DAY) / DAY)
    levels = np.median(rest, axis=1)
    assert levels.std() == pytest.approx(2, abs=5 * 2 / math.sqrt(1000))
    jumps = np.rint((rest - levels[:, None]) / 7)
    assert rest - levels[:, None] == pytest.approx(7 * jumps, abs=1e-9)
    assert 0.04 < (jumps != 0).mean() < 0.12
    kept = make_channels((replace(channel, low=2.0, high=5.0),), KEY, w, times)["x"]
    assert np.array_equal(kept, np.clip(x.ravel(), 2, 5))


def test_a_channel_more_changes_no_other() -> None:
    w = make_windows(range(2), 0, 100)
    times = START + list_samples(w) * HOUR
    weather = build_weather()
    one = make_channels(weather, KEY, w, times)
    more = make_channels((Channel("new", noise=(AutoRegression((0.1,), 1.0),)), *weather), KEY, w, times)
    assert all(np.array_equal(one[name], more[name]) for name in one)


def test_weather_has_the_memory_and_the_ties_of_weather() -> None:
    """Over 40 stations; the numbers are those of a real year, which test_weather.py reads. See there for the bars."""
    w = make_windows(range(40), 0, 8760)
    found = make_channels(build_weather(), KEY, w, START + list_samples(w) * HOUR)
    t, d, h, p = (found[n].reshape(40, -1) for n in ("temperature", "dew_point", "humidity", "pressure"))

    def ties(x: np.ndarray, y: np.ndarray) -> float:
        return float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(x, y, strict=True)]))

    assert ties(t[:, 1:], t[:, :-1]) == pytest.approx(0.994, abs=0.005)
    assert ties(t[:, 24:], t[:, :-24]) == pytest.approx(0.928, abs=0.015)
    assert ties(t, d) == pytest.approx(0.90, abs=0.03)
    assert ties(t, h) == pytest.approx(0.09, abs=0.08)
    assert ties(d, h) == pytest.approx(0.51, abs=0.1)
    assert ties(t, p) == pytest.approx(-0.25, abs=0.06)
    assert t.std(axis=1).mean() == pytest.approx(9.5, abs=0.4)
    assert np.ptp(t.reshape(40, 365, 24).mean(axis=(0, 1))) * 1.8 == pytest.approx(9.4, abs=1)
    assert h.min() > 5
    assert h.max() <= 100


def test_faults_are_told() -> None:
    assert check_channels(build_weather()) == ()
    bad = (
        Channel("a", level=math.nan, spread=-1.0, low=3.0, high=2.0, couplings=(Coupling("b", math.inf),)),
        Channel("b", harmonics=(Harmonic(0, 1.0),), week=WeekProfile(()), noise=(AutoRegression((2.0,), 1.0),)),
        Channel("b", events=(Pulses(EventLaw(-1.0, Constant(1.0), Constant(1.0))),)),
        Humidity("h", "a", "z"),
    )
    found = check_channels(bad)
    for part in (
        "a: it follows from 'b'", "a: its level", "a: its spread", "a: its smallest", "a: the weight", "b: two channels",
        "b: the period", "b: a profile", "b: the autoregression", "b: the rate", "h: it follows from 'z'",
    ):  # fmt: skip
        assert sum(f.startswith(part) for f in found) == 1, part
    assert len(found) == 11
