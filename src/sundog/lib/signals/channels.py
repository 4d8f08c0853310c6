"""The true signals of a device: each a sum of what returns, what remembers, what happens, and what other signals bring."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.kernels.draws import draw_row_words
from sundog.lib.laws.elementary import invert_normals, spread_words
from sundog.lib.signals.memory import Memory, check_memory, make_memory
from sundog.lib.signals.moisture import compute_dew_point, compute_humidity
from sundog.lib.signals.pulses import Pulses, add_pulses, check_pulses
from sundog.lib.signals.waves import Harmonic, WeekProfile, add_harmonics, add_week, check_harmonic, check_week
from sundog.lib.signals.windows import ByUnit, Windows, count_rows, spread_over_rows

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coupling:
    """A share of another channel that is added to this one.

    Attributes:
        channel: name of a channel that stands before this one.
        weight: what its value is multiplied by; negative where the two run against each other.
        centre: what is taken from its value first, so that the level of this channel stays its own.
    """

    channel: str
    weight: float
    centre: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """One signal: level + harmonics + week + noise + events + couplings, kept within ``low`` and ``high``.

    Attributes:
        name: of the channel; its random streams are named by it.
        unit: of its values, for people and for exports.
        level: what everything is added to; the same in all devices, or float64 of each.
        spread: standard deviation of the level from device to device.
        harmonics: see ``Harmonic``.
        week: see ``WeekProfile``.
        noise: see ``Memory``; coefficients are a sample, whatever time lies between samples.
        events: see ``Pulses``.
        couplings: see ``Coupling``.
        low: smallest value.
        high: largest value.
    """

    name: str
    unit: str = ""
    level: float | ByUnit = 0.0
    spread: float = 0.0
    harmonics: tuple[Harmonic, ...] = ()
    week: WeekProfile | None = None
    noise: tuple[Memory, ...] = ()
    events: tuple[Pulses, ...] = ()
    couplings: tuple[Coupling, ...] = ()
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True, slots=True)
class Humidity:
    """Relative humidity in percent, which follows from two channels in °C that stand before it."""

    name: str
    temperature: str
    dew_point: str
    unit: str = "%RH"


@dataclass(frozen=True, slots=True)
class DewPoint:
    """Dew point in °C, which follows from a temperature in °C and a relative humidity in percent that stand before it."""

    name: str
    temperature: str
    humidity: str
    unit: str = "Cel"


AnyChannel: TypeAlias = Channel | Humidity | DewPoint


def list_sources(channel: AnyChannel) -> tuple[str, ...]:
    """Names of the channels that this one is made from."""
    if isinstance(channel, Humidity):
        return channel.temperature, channel.dew_point
    if isinstance(channel, DewPoint):
        return channel.temperature, channel.humidity
    return tuple(c.channel for c in channel.couplings)


def check_channels(channels: Sequence[AnyChannel]) -> tuple[str, ...]:
    """Every fault of the parameters, in words, each with the name of its channel."""
    found: list[str] = []
    seen: set[str] = set()
    for channel in channels:
        if channel.name in seen:
            found.append(f"{channel.name}: two channels have this name")
        found += [
            f"{channel.name}: it follows from {source!r}, which does not stand before it"
            for source in list_sources(channel)
            if source not in seen
        ]
        seen.add(channel.name)
        if isinstance(channel, Channel):
            found += [f"{channel.name}: {fault}" for fault in _check_channel(channel)]
    return tuple(found)


def make_channels(
    channels: Sequence[AnyChannel], key: Key, windows: Windows, times: NDArray[np.int64]
) -> Mapping[str, Floats]:
    """All channels by name: float64 (rows,) each. Row i depends on (key, unit, sample, its time) alone.

    Args:
        channels: each stands behind those that it follows from.
        key: names the signals; channel NAME draws from ``key.child(NAME)``. Devices that are to see the same weather are
            given the same unit here, and units of their own for their sensors.
        windows: which samples.
        times: int64 (rows,), microseconds since 1970-01-01T00:00Z.
    """
    found: dict[str, Floats] = {}
    for channel in channels:
        if isinstance(channel, Humidity):
            found[channel.name] = compute_humidity(found[channel.temperature], found[channel.dew_point])
        elif isinstance(channel, DewPoint):
            found[channel.name] = compute_dew_point(found[channel.temperature], found[channel.humidity])
        else:
            found[channel.name] = _make_channel(channel, key.child(channel.name), windows, times, found)
    return found


def draw_by_unit(key: Key, windows: Windows) -> Floats:
    """float64 (windows,): a standard normal number for each device, the same in all its windows."""
    return np.asarray(
        invert_normals(spread_words(draw_row_words(key, windows.units, np.zeros(len(windows.units), np.uint64))))
    )


def _make_channel(
    channel: Channel, key: Key, windows: Windows, times: NDArray[np.int64], others: Mapping[str, Floats]
) -> Floats:
    values = make_memory(channel.noise, key.child("noise"), windows) if channel.noise else np.zeros(count_rows(windows))
    if isinstance(channel.level, ByUnit):
        values += np.repeat(channel.level.look_up(windows).astype(np.float64), windows.counts)
    else:
        values += channel.level
    if channel.spread > 0:
        values += spread_over_rows(windows, channel.spread * draw_by_unit(key.child("spread"), windows))
    add_harmonics(channel.harmonics, times, values)
    if channel.week is not None:
        add_week(channel.week, times, values)
    for i, pulses in enumerate(channel.events):
        add_pulses(pulses, key.child("events").child(i), windows, values)
    for coupling in channel.couplings:
        values += coupling.weight * (others[coupling.channel] - coupling.centre)
    if channel.low > -math.inf or channel.high < math.inf:
        np.clip(values, channel.low, channel.high, out=values)
    return values


def _check_channel(channel: Channel) -> Iterator[str]:
    if not np.all(np.isfinite(channel.level.values if isinstance(channel.level, ByUnit) else channel.level)):
        yield "its level must be a finite number"
    if not (math.isfinite(channel.spread) and channel.spread >= 0):
        yield f"its spread is {channel.spread}: it must be a number of at least 0"
    if not channel.low < channel.high:
        yield f"its smallest value {channel.low} does not lie below its largest {channel.high}"
    for coupling in channel.couplings:
        if not (math.isfinite(coupling.weight) and math.isfinite(coupling.centre)):
            yield f"the weight and the centre of {coupling.channel!r} must be finite numbers"
    for harmonic in channel.harmonics:
        yield from check_harmonic(harmonic)
    if channel.week is not None:
        yield from check_week(channel.week)
    for memory in channel.noise:
        yield from check_memory(memory)
    for pulses in channel.events:
        yield from check_pulses(pulses)
