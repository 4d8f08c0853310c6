"""A fleet of devices, end to end: signals, sensors, faults, battery and network, for any samples of any devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.signals.battery import Power, Schedule, check_schedule, tell_power
from sundog.lib.signals.channels import AnyChannel, check_channels, list_sources, make_channels
from sundog.lib.signals.faults import (
    FaultLaw,
    FaultTable,
    check_fault,
    label_samples,
    list_faults,
    plant_faults,
)
from sundog.lib.signals.network import Deliveries, Network, check_network, deliver
from sundog.lib.signals.sensor import Sensor, check_sensor, distort, follow_slowly, measure_lag, show
from sundog.lib.signals.windows import Windows, check_windows, cut_rows, extend_windows

Floats = NDArray[np.float64]
_PLAIN_SENSOR = Sensor()
_PLAIN_NETWORK = Network()


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A sensor of a fleet and what befalls it.

    Attributes:
        channel: the channel that it reads.
        sensor: how it reads.
        faults: what befalls it.
    """

    channel: str
    sensor: Sensor = _PLAIN_SENSOR
    faults: tuple[FaultLaw, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """Devices of one make.

    Attributes:
        schedule: when they sample.
        channels: the true signals; see ``make_channels``.
        probes: what is read of them; channels without a probe are not told.
        network: how readings travel.
    """

    schedule: Schedule
    channels: tuple[AnyChannel, ...]
    probes: tuple[Probe, ...]
    network: Network = _PLAIN_NETWORK


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """What the devices read in the windows; arrays have one number a row. See ``Stream``."""

    power: Power
    true: Mapping[str, Floats]
    readings: Mapping[str, Floats]
    faults: Mapping[str, FaultTable]
    labels: Mapping[str, NDArray[np.uint8]]


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """What the devices did in the windows; arrays have one number a row unless stated otherwise.

    Attributes:
        power: time, charge, voltage, and whether the device was alive.
        true: float64, the true value of each probed channel, by channel.
        readings: float64, what each probe showed, by channel; NaN in a dropout and where the device had no power.
        faults: the faults of each probe, by channel.
        labels: uint8, the faults that each reading lies in, by channel; see ``label_samples``.
        deliveries: what the network made of it; samples of a device without power are not among them.
    """

    power: Power
    true: Mapping[str, Floats]
    readings: Mapping[str, Floats]
    faults: Mapping[str, FaultTable]
    labels: Mapping[str, NDArray[np.uint8]]
    deliveries: Deliveries


def check_fleet(fleet: Fleet) -> tuple[str, ...]:
    """Every fault of the parameters, in words, each with the place that it is in."""
    found = [*(f"schedule: {fault}" for fault in check_schedule(fleet.schedule)), *check_channels(fleet.channels)]
    known = {channel.name for channel in fleet.channels}
    seen = set()
    for probe in fleet.probes:
        if probe.channel not in known:
            found.append(f"a probe reads {probe.channel!r}, which is not a channel ({', '.join(sorted(known))})")
        if probe.channel in seen:
            found.append(f"{probe.channel}: two probes read it")
        seen.add(probe.channel)
        found += [f"{probe.channel}: the sensor's {fault}" for fault in check_sensor(probe.sensor)]
        found += [f"{probe.channel}: {fault}" for law in probe.faults for fault in check_fault(law)]
    found += [f"network: {fault}" for fault in check_network(fleet.network)]
    return tuple(found)


def make_stream(fleet: Fleet, key: Key, windows: Windows) -> Stream:
    """Everything that the devices did in these windows. What a row holds depends on (key, unit, sample) alone.

    Only the order of deliveries is a matter of all rows together.

    Raises:
        ValueError: the fleet or the windows have faults; all of them are named.
    """
    faults_found = (*check_fleet(fleet), *check_windows(windows))
    if faults_found:
        raise ValueError("; ".join(faults_found))
    made = sample_fleet(fleet, key, windows)
    deliveries = deliver(fleet.network, key.child("network"), windows, made.power.times)
    return Stream(
        made.power, made.true, made.readings, made.faults, made.labels, _silence(deliveries, made.power.alive)
    )


def list_fleet_faults(fleet: Fleet, key: Key, windows: Windows) -> Mapping[str, FaultTable]:
    """The faults of each probe that touch the windows, by channel."""
    return {p.channel: list_faults(p.faults, key.child("faults").child(p.channel), windows) for p in fleet.probes}


def sample_fleet(fleet: Fleet, key: Key, windows: Windows) -> Sampled:
    """What the devices read, without the network; the fleet and the windows are taken to be checked.

    What a row holds depends on (key, unit, sample) alone, and that of a probe on nothing that other probes say.
    """
    power = tell_power(fleet.schedule, key.child("power"), windows)
    true = make_channels(fleet.channels, key.child("channels"), windows, power.times)
    tables = list_fleet_faults(fleet, key, windows)
    labels = {channel: label_samples(table, windows) for channel, table in tables.items()}
    readings = {}
    for probe in fleet.probes:
        sensed = _sense(fleet, probe, key, windows, true)

        def read_healthy(points: Windows, probe: Probe = probe) -> Floats:
            return show(probe.sensor, _sense(fleet, probe, key, points, None))

        def finish(values: Floats, probe: Probe = probe) -> Floats:
            return show(probe.sensor, values)

        own = key.child("faults").child(probe.channel)
        shown = plant_faults(tables[probe.channel], own, windows, sensed, finish, read_healthy)
        readings[probe.channel] = shown if power.alive.all() else np.where(power.alive, shown, np.nan)
    return Sampled(power, {probe.channel: true[probe.channel] for probe in fleet.probes}, readings, tables, labels)


def _sense(fleet: Fleet, probe: Probe, key: Key, windows: Windows, true: Mapping[str, Floats] | None) -> Floats:
    """What the sensor senses without faults, before it clips and rounds: float64 (rows,)."""
    sensor = probe.sensor
    own = key.child("sensors").child(probe.channel)
    wide = extend_windows(windows, *measure_lag(sensor))
    if true is not None and np.array_equal(wide.starts, windows.starts):
        followed = follow_slowly(sensor, wide, true[probe.channel])
    else:
        power = tell_power(fleet.schedule, key.child("power"), wide)
        values = make_channels(_needed(fleet.channels, probe.channel), key.child("channels"), wide, power.times)
        followed = follow_slowly(sensor, wide, values[probe.channel])
    return distort(sensor, own, windows, followed[cut_rows(wide, windows)])


def _needed(channels: tuple[AnyChannel, ...], name: str) -> tuple[AnyChannel, ...]:
    """The channel of this name and those that it follows from, in their order."""
    wanted = {name}
    for channel in reversed(channels):
        if channel.name in wanted:
            wanted.update(list_sources(channel))
    return tuple(channel for channel in channels if channel.name in wanted)


def _silence(deliveries: Deliveries, alive: NDArray[np.bool_]) -> Deliveries:
    if alive.all():
        return deliveries
    kept = alive[deliveries.rows]
    return Deliveries(
        deliveries.stamps,
        deliveries.bad,
        deliveries.lost | ~alive,
        deliveries.rows[kept],
        deliveries.arrivals[kept],
        deliveries.again[kept],
    )
