"""Channels, sensors and faults of a recipe as those of ``lib.signals``: times in samples, places for every fault."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sundog.kinds.records import fields_streams as said
from sundog.kinds.records._laws import build_law, find_texts
from sundog.kinds.records._session import Session
from sundog.kinds.records.durations import MICROSECONDS, read_duration
from sundog.lib.laws.combined import Scaled
from sundog.lib.laws.law import Law, check_law
from sundog.lib.laws.location import Constant
from sundog.lib.signals.channels import AnyChannel, Channel, Coupling, DewPoint, Humidity, list_sources
from sundog.lib.signals.events import EventLaw
from sundog.lib.signals.faults import FaultLaw, check_fault
from sundog.lib.signals.memory import AutoRegression, Memory, RandomWalk, check_memory, fit_memory
from sundog.lib.signals.pulses import Pulses, check_pulses
from sundog.lib.signals.sensor import Sensor, check_sensor
from sundog.lib.signals.stream import Probe
from sundog.lib.signals.waves import Harmonic, WeekProfile, check_harmonic, check_week

DAY, HOUR = MICROSECONDS["d"], MICROSECONDS["h"]
WORST_FIT = 0.05
"""Most that a memory may miss a correlation that is asked of it."""

AnySaid = said.SignalChannel | said.HumidityChannel | said.DewPointChannel


def refuse(session: Session, where: str, faults: Sequence[str]) -> bool:
    """Note parameters of a stream that make no sense; whether there are any."""
    for fault in faults:
        session.fault("SD-RECORDS-050", where, fault, "Give other parameters.")
    return bool(faults)


def compile_channel(
    session: Session, name: str, channel: AnySaid, interval: int, ahead: int, where: str
) -> AnyChannel | None:
    """A channel with its faults noted, and those of its sensor; None where it has any.

    Args:
        session: notes the faults.
        name: of the channel.
        channel: what the recipe says.
        interval: microseconds between samples.
        ahead: microseconds by which local time is ahead of UTC.
        where: place in the recipe.
    """
    before = len(session.problems)
    sensor = _build_sensor(channel.sensor, interval)
    refuse(session, f"{where}.sensor", check_sensor(sensor))
    for kind, fault in channel.faults.items():
        _check_fault(session, kind, fault, interval, f"{where}.faults.{kind}")
    made: AnyChannel
    if isinstance(channel, said.HumidityChannel):
        made = Humidity(name, channel.temperature, channel.dew_point, channel.unit)
    elif isinstance(channel, said.DewPointChannel):
        made = DewPoint(name, channel.temperature, channel.humidity, channel.unit)
    else:
        made = _compile_signal(session, name, channel, interval, ahead, where)
    return made if len(session.problems) == before else None


def compile_probe(name: str, channel: AnySaid, interval: int) -> Probe:
    """The sensor of a channel that has no faults of its parameters."""
    laws = tuple(_build_fault(kind, fault, interval) for kind, fault in channel.faults.items())
    return Probe(name, _build_sensor(channel.sensor, interval), laws)


def sort_channels(session: Session, channels: Mapping[str, AnyChannel], where: str) -> tuple[AnyChannel, ...]:
    """Each behind those that it follows from; channels that wait for each other are noted."""
    done: dict[str, AnyChannel] = {}
    left = dict(channels)
    while left:
        ready = [n for n, c in left.items() if not any(source in left for source in list_sources(c))]
        if not ready:
            refuse(session, where, (f"{', '.join(left)} follow from each other",))
            break
        done.update({name: left.pop(name) for name in ready})
    return tuple(done.values())


def _compile_signal(
    session: Session, name: str, channel: said.SignalChannel, interval: int, ahead: int, where: str
) -> Channel:
    cycles = tuple(_build_cycle(cycle, ahead) for cycle in channel.cycles)
    for number, cycle in enumerate(cycles):
        refuse(session, f"{where}.cycles.{number}", check_harmonic(cycle))
    week = None if channel.week is None else _build_week(channel.week, ahead)
    if week is not None:
        refuse(session, f"{where}.week", check_week(week))
    noise: list[Memory] = []
    for number, source in enumerate(channel.noise):
        noise += _compile_noise(session, source, interval, f"{where}.noise.{number}")
    events = []
    for number, event in enumerate(channel.events):
        place = f"{where}.events.{number}"
        hours = _compile_law(session, event.hours, f"{place}.hours", HOUR / interval)
        size = _compile_law(session, event.size, f"{place}.size")
        if hours is not None and size is not None:
            pulses = Pulses(EventLaw(event.per_day * interval / DAY, hours, size), event.shape)
            if not refuse(session, place, check_pulses(pulses)):
                events.append(pulses)
    low, high = _open(channel.low, -math.inf), _open(channel.high, math.inf)
    if not low < high:
        refuse(session, where, (f"its lowest value {low} does not lie below its highest {high}",))
    follows = tuple(
        Coupling(other, f.weight, f.centre) if isinstance(f, said.Follow) else Coupling(other, f)
        for other, f in channel.follows.items()
    )
    level = channel.level if not isinstance(channel.level, str) else 0.0
    return Channel(
        name, channel.unit, float(level), channel.spread, cycles, week, tuple(noise), tuple(events), follows, low, high
    )


def _build_cycle(cycle: said.Cycle, ahead: int) -> Harmonic:
    return Harmonic(
        period=read_duration(cycle.period),
        amplitude=cycle.amplitude,
        peak=read_duration(cycle.peak) - ahead,
        swing=cycle.swing,
        swing_period=read_duration(cycle.swing_period),
        swing_peak=read_duration(cycle.swing_peak) - ahead,
    )


def _build_week(week: said.Week, ahead: int) -> WeekProfile:
    hours = week.hours
    if len(hours) == 24:
        hours = hours * 5 + (week.weekend if week.weekend is not None else hours) * 2
    return WeekProfile(hours, week.scale, ahead)


def _compile_noise(session: Session, noise: said.Noise, interval: int, where: str) -> tuple[Memory, ...]:
    found: tuple[Memory, ...]
    if noise.walk is not None:
        found = (RandomWalk(noise.walk * math.sqrt(interval / DAY)),)
    elif isinstance(noise.memory, Mapping):
        found = _fit_noise(session, noise.sd or 0.0, noise.memory, interval, where)
    else:
        memory = (noise.memory,) if not isinstance(noise.memory, tuple) else noise.memory
        found = (AutoRegression(memory, noise.sd or 0.0),)
    faults = [fault for memory in found for fault in check_memory(memory)]
    return () if refuse(session, where, faults) else found


def _fit_noise(
    session: Session, sd: float, memory: Mapping[str, float], interval: int, where: str
) -> tuple[Memory, ...]:
    lags = tuple(read_duration(distance) / interval for distance in memory)
    wrong = [f"the correlation at {d} is {c}: it must lie in 0 to 1" for d, c in memory.items() if not 0 <= c < 1]
    if not lags:
        wrong.append("it states no correlation")
    if refuse(session, f"{where}.memory", wrong):
        return ()
    found = fit_memory(lags, tuple(memory.values()), 1.0)
    for distance, lag in zip(memory, lags, strict=True):
        nearest = sum(part.sd**2 * part.coefficients[0] ** lag for part in found)
        if abs(nearest - memory[distance]) > WORST_FIT:
            what = f"no noise that fades has these correlations: the nearest has {nearest:.2f} at {distance}"
            refuse(session, f"{where}.memory", (what,))
            return ()
    return tuple(AutoRegression(part.coefficients, part.sd * sd) for part in found)


def _build_sensor(sensor: said.SensorSpec, interval: int) -> Sensor:
    return Sensor(
        lag=read_duration(sensor.lag) / interval,
        gain=sensor.gain,
        gain_spread=sensor.gain_spread,
        offset=sensor.offset,
        offset_spread=sensor.offset_spread,
        drift=sensor.drift * math.sqrt(interval / DAY),
        noise=sensor.noise,
        low=_open(sensor.low, -math.inf),
        high=_open(sensor.high, math.inf),
        resolution=sensor.resolution,
    )


def _check_fault(session: Session, kind: said.FaultName, fault: said.FaultSpec, interval: int, where: str) -> None:
    sized = kind not in ("stuck", "dropout")
    if sized and fault.size is None:
        refuse(session, where, ("it needs a 'size'",))
        return
    hours = _compile_law(session, fault.hours, f"{where}.hours", HOUR / interval)
    size = _compile_law(session, fault.size, f"{where}.size") if fault.size is not None else Constant(0.0)
    if hours is not None and size is not None:
        refuse(session, where, check_fault(_build_fault(kind, fault, interval)))


def _build_fault(kind: said.FaultName, fault: said.FaultSpec, interval: int) -> FaultLaw:
    size = Constant(0.0) if fault.size is None else _build_law(fault.size)
    both = fault.both_ways and kind != "burst"  # the size of a burst is a standard deviation
    return FaultLaw(kind, fault.share, Scaled(_build_law(fault.hours), HOUR / interval), size, both)


def _compile_law(session: Session, law: said.Law, where: str, factor: float = 1.0) -> Law | None:
    """A law times a factor; None where it has faults, which are noted."""
    texts = {} if isinstance(law, int | float) else find_texts(law)
    if refuse(session, where, [f"{name} cannot be an expression here" for name in texts]):
        return None
    built = Scaled(_build_law(law), factor)
    return None if refuse(session, where, check_law(built)) else built


def _build_law(law: said.Law) -> Law:
    return Constant(float(law)) if isinstance(law, int | float) else build_law(law)


def _open(end: float | None, infinite: float) -> float:
    return infinite if end is None else end
