"""A fleet from end to end: any samples of any devices alone, and every planted fault in the labels."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.laws.location import Uniform
from sundog.lib.laws.positive import Exponential
from sundog.lib.laws.shaped import Gamma
from sundog.lib.signals.battery import Battery, Schedule
from sundog.lib.signals.channels import Channel
from sundog.lib.signals.events import EventLaw
from sundog.lib.signals.faults import FAULT_KINDS, FaultLaw
from sundog.lib.signals.network import Network
from sundog.lib.signals.pulses import Pulses
from sundog.lib.signals.sensor import Sensor, show
from sundog.lib.signals.stream import Fleet, Probe, check_fleet, make_stream
from sundog.lib.signals.waves import HOUR
from sundog.lib.signals.weather import build_weather
from sundog.lib.signals.windows import Windows, make_windows

KEY = Key.root(17)
FAULTS = tuple(FaultLaw(kind, 0.01, Exponential(20.0), Uniform(5.0, 10.0)) for kind in FAULT_KINDS)
STORMS = Pulses(EventLaw(0.002, Gamma(3.0, 10.0), Exponential(4.0)), "gamma")
FLEET = Fleet(
    Schedule(1_356_998_400 * 10**6, HOUR, True, Battery(capacity=150.0, each=0.1, spread=0.1, replaced=True)),
    tuple(replace(c, events=(STORMS,)) if isinstance(c, Channel) and c.name == "pressure" else c for c in build_weather()),
    (
        Probe("temperature", Sensor(3.0, 1.0, 0.01, 0.0, 0.2, 0.01, 0.1, -40.0, 60.0, 0.1), FAULTS),
        Probe("humidity", Sensor(noise=1.0, low=0.0, high=100.0, resolution=0.5), FAULTS[4:]),
        Probe("pressure"),
    ),
    Network(50_000, 1e5, 0.05, 3e9, 0.02, 0.01, 0.2, 0.001, 0.7, 20.0, 1e5),
)  # fmt: skip
DEVICES, SAMPLES = 4, 3000
WHOLE = make_windows(range(DEVICES), 0, SAMPLES)


@pytest.fixture(scope="module")
def whole():
    return make_stream(FLEET, KEY, WHOLE)


@settings(max_examples=25)
@given(st.integers(0, DEVICES - 1), st.integers(0, SAMPLES - 1), st.integers(0, 400))
def test_any_samples_of_any_device_alone(whole, unit: int, start: int, length: int) -> None:
    stop = min(start + length, SAMPLES)
    found = make_stream(FLEET, KEY, make_windows(range(unit, unit + 1), start, stop))
    rows = slice(unit * SAMPLES + start, unit * SAMPLES + stop)
    for name in whole.readings:
        assert np.array_equal(found.true[name], whole.true[name][rows])
        assert np.array_equal(found.readings[name], whole.readings[name][rows], equal_nan=True)
        assert np.array_equal(found.labels[name], whole.labels[name][rows])
    for name in ("times", "charge", "volts", "alive"):
        assert np.array_equal(getattr(found.power, name), getattr(whole.power, name)[rows])
    for name in ("stamps", "bad", "lost"):
        assert np.array_equal(getattr(found.deliveries, name), getattr(whole.deliveries, name)[rows])


def test_windows_cut_and_mixed_anyhow(whole) -> None:
    units = np.array([2, 0, 2, 3], np.uint64)
    found = make_stream(FLEET, KEY, Windows(units, np.array([100, 0, 50, 2999]), np.array([20, 7, 200, 1])))
    rows = np.concatenate([np.arange(a, b) for a, b in ((6100, 6120), (0, 7), (6050, 6250), (11_999, 12_000))])
    for name in whole.readings:
        assert np.array_equal(found.readings[name], whole.readings[name][rows], equal_nan=True)


def test_every_planted_fault_is_found_in_the_labels(whole) -> None:
    """Beside the same fleet without faults: where a reading differs there is a label, and each fault is labelled throughout."""
    clean = make_stream(replace(FLEET, probes=tuple(replace(p, faults=()) for p in FLEET.probes)), KEY, WHOLE)
    for probe in FLEET.probes:
        name = probe.channel
        differ = ~(whole.readings[name] == clean.readings[name])
        assert np.all(whole.labels[name][differ] > 0)
        table, labels = whole.faults[name], whole.labels[name].reshape(DEVICES, SAMPLES)
        for unit, kind, start, stop in zip(table.units, table.kinds, table.starts, table.stops, strict=True):
            assert np.all(labels[unit, start:stop] >> kind & 1)
        assert len(table.units) > 20 if probe.faults else not labels.any()
        assert not clean.labels[name].any()
    gone = np.isnan(whole.readings["temperature"])
    assert np.array_equal(gone, whole.labels["temperature"] >> FAULT_KINDS.index("dropout") & 1 == 1)
    assert np.array_equal(whole.readings["pressure"], whole.true["pressure"])


def test_readings_are_what_the_sensor_can_show(whole) -> None:
    for probe in FLEET.probes:
        shown = whole.readings[probe.channel]
        assert np.array_equal(show(probe.sensor, shown), shown, equal_nan=True)
    # The thermometer lags by three hours: it stands nearest to what was true some samples ago.
    true = whole.true["temperature"].reshape(DEVICES, SAMPLES)
    shown = np.where(whole.labels["temperature"] == 0, whole.readings["temperature"], np.nan).reshape(DEVICES, SAMPLES)
    spread = [np.nanvar(shown[:, 6:] - true[:, 6 - lag : SAMPLES - lag]) for lag in range(6)]
    assert int(np.argmin(spread)) in (1, 2, 3)
    assert spread[0] > 1.3 * min(spread)


def test_a_device_without_power_is_silent() -> None:
    fleet = replace(FLEET, schedule=replace(FLEET.schedule, battery=Battery(capacity=50.0, each=0.1)))
    found = make_stream(fleet, KEY, make_windows(range(2), 0, 2000))
    dead = ~found.power.alive
    assert 0.2 < dead.mean() < 0.9
    assert all(np.isnan(found.readings[name][dead]).all() for name in found.readings)
    assert found.deliveries.lost[dead].all()
    assert not dead[found.deliveries.rows].any()


def test_all_faults_of_a_fleet_are_told_at_once() -> None:
    assert check_fleet(FLEET) == ()
    bad = Fleet(
        Schedule(0, -1), (*build_weather()[1:], Channel("x", level=math.inf)),
        (Probe("y"), Probe("x", Sensor(lag=-1.0), (FaultLaw("bias", 2.0),)), Probe("x")), Network(late=2.0),
    )  # fmt: skip
    found = check_fleet(bad)
    for part in ("schedule: ", "dryness: it follows", "dew_point: it follows", "humidity: it follows", "pressure: it follows",
                 "x: its level", "a probe reads 'y'", "x: the sensor's lag", "x: two probes", "network: late"):  # fmt: skip
        assert sum(f.startswith(part) for f in found) == 1, part
    assert sum(f.startswith("x: bias") for f in found) == 2
    with pytest.raises(ValueError, match=r"interval.*network"):
        make_stream(bad, KEY, WHOLE)
