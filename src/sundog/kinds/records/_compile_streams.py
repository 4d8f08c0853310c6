"""From what a recipe says of a stream to the rows and columns that it gives; every fault has its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from sundog.core.errors import nearest
from sundog.kinds.records import fields_streams as said
from sundog.kinds.records._compile_expressions import compile_expression
from sundog.kinds.records._compile_signals import compile_channel, compile_probe, refuse, sort_channels
from sundog.kinds.records._compile_stream_fields import find_needs, lacks
from sundog.kinds.records._formula import Formula
from sundog.kinds.records._session import Session
from sundog.kinds.records._stream_columns import PlantedRows
from sundog.kinds.records._streams import StreamRows, find_length_fault
from sundog.kinds.records._times import to_microseconds
from sundog.kinds.records.durations import read_duration, read_moment
from sundog.lib.laws.zones import check_zone
from sundog.lib.signals.battery import LITHIUM, Battery, Schedule, check_schedule
from sundog.lib.signals.channels import AnyChannel, list_sources
from sundog.lib.signals.network import Network, check_network
from sundog.lib.signals.stream import Fleet
from sundog.lib.signals.waves import DAY


def compile_stream(session: Session, table: str) -> StreamRows | None:
    """How the rows of a table with ``stream`` are made; None where there are faults, which are noted."""
    spec = session.part.tables[table]
    stream, parent, where = spec.stream, spec.parent, session.at(table, "stream")
    assert stream is not None
    assert parent is not None
    before = len(session.problems)
    zone = stream.zone if not refuse(session, f"{where}.zone", check_zone(stream.zone)) else "UTC"
    interval = read_duration(stream.every)
    start = _compile_moment(session, parent, stream.start, zone, f"{where}.start")
    stop = None if stream.stop is None else _compile_moment(session, parent, stream.stop, zone, f"{where}.stop")
    number = _compile_number(session, parent, stream.number, f"{where}.number")
    ahead = _find_offset(zone, session.part.as_of.year)
    channels, levels = _compile_channels(session, parent, stream, interval, ahead, where)
    battery = _compile_battery(stream.battery)
    schedule = Schedule(0, interval, stream.stagger, battery)
    faults = check_schedule(schedule)
    refuse(session, f"{where}.battery" if battery is not None else where, faults)
    network = _build_network(stream.network, interval)
    refuse(session, f"{where}.network", check_network(network))
    _check_length(session, stream, start, stop, number, interval, where)
    needs = find_needs(session, table)
    if len(session.problems) > before or start is None:
        return None
    shown = set(needs.readings) | set(needs.labels) | set(needs.true)
    probes = tuple(compile_probe(name, c, interval) for name, c in stream.channels.items() if name in shown)
    fleet = Fleet(schedule, _list_needed(channels, shown), probes, network)
    formulas = {name: formula for name, formula in levels.items() if any(c.name == name for c in fleet.channels)}
    return StreamRows(
        fleet, start, stop, number, formulas, zone, stream.rows == "deliveries", needs, where
    )  # fmt: skip


def compile_planted(session: Session, table: str) -> PlantedRows | None:
    """How the rows of a table with ``faults_of`` are made; None where there are faults, which are noted."""
    spec = session.part.tables[table]
    other = session.part.tables.get(spec.faults_of or "")
    if other is None or other.stream is None or other.parent != spec.parent:
        streams = [n for n, t in session.part.tables.items() if t.stream is not None and t.parent == spec.parent]
        what = f"{spec.faults_of!r} is no table with 'stream' of the parent {spec.parent!r}"
        session.fault("SD-RECORDS-053", session.at(table, "faults_of"), what, nearest(str(spec.faults_of), streams))
        return None
    step = session.made.get((str(spec.faults_of), ""))
    return None if step is None or step.stream is None else PlantedRows(str(spec.faults_of), step.stream)


def _compile_moment(session: Session, parent: str, text: str, zone: str, where: str) -> int | Formula | None:
    stated = read_moment(text)
    if stated is not None:
        return to_microseconds(stated, zone)
    formula = compile_expression(session, parent, text, where)
    if formula is not None and formula.type.kind not in ("date", "timestamp"):
        session.wrong_type(where, f"it gives {formula.type}", "Give a date or a timestamp.")
        return None
    return formula


def _compile_number(session: Session, parent: str, number: int | str | None, where: str) -> int | Formula | None:
    if not isinstance(number, str):
        return number
    formula = compile_expression(session, parent, number, where)
    if formula is not None and formula.type.kind not in ("int64", "float64"):
        session.wrong_type(where, f"it gives {formula.type}", "Give a number.")
        return None
    return formula


def _compile_channels(
    session: Session, parent: str, stream: said.Stream, interval: int, ahead: int, where: str
) -> tuple[tuple[AnyChannel, ...], Mapping[str, Formula]]:
    """Channels, each behind those that it follows from, and levels that are expressions."""
    found, levels = {}, {}
    for name, channel in stream.channels.items():
        place = f"{where}.channels.{name}"
        made = compile_channel(session, name, channel, interval, ahead, place)
        if made is not None:
            found[name] = made
            for source in list_sources(made):
                if source not in stream.channels:
                    what = f"it follows from {source!r}, which is not a channel ({', '.join(stream.channels)})"
                    lacks(session, place, what, nearest(source, stream.channels))
        if isinstance(channel, said.SignalChannel) and isinstance(channel.level, str):
            formula = compile_expression(session, parent, channel.level, f"{place}.level", "float64")
            if formula is not None:
                levels[name] = formula
    return sort_channels(session, found, f"{where}.channels"), levels


def _list_needed(channels: Sequence[AnyChannel], shown: set[str]) -> tuple[AnyChannel, ...]:
    wanted = set(shown)
    for channel in reversed(channels):
        if channel.name in wanted:
            wanted.update(list_sources(channel))
    return tuple(channel for channel in channels if channel.name in wanted)


def _compile_battery(battery: said.BatterySpec | None) -> Battery | None:
    if battery is None:
        return None
    curve = LITHIUM if battery.curve is None else tuple(sorted(battery.curve.items()))
    return Battery(
        battery.capacity, battery.spread, battery.each, battery.idle, curve, battery.knee, battery.slower, battery.replaced
    )  # fmt: skip


def _build_network(network: said.NetworkSpec, interval: int) -> Network:
    to_bad, to_good, lost_bad = 0.0, 1.0, 1.0
    if network.outages is not None:
        # A spell shorter than an interval is one sample long: no shorter one can be seen.
        to_good = min(interval / read_duration(network.outages.lasts), 1.0 - network.outages.share)
        to_bad = to_good * network.outages.share / (1.0 - network.outages.share)
        lost_bad = network.outages.lost
    clock = network.clock if network.clock is not None else said.Clock()
    late, by = (0.0, "0s") if network.late is None else (network.late.share, network.late.by)
    return Network(
        latency=read_duration(network.latency),
        jitter=float(read_duration(network.jitter)),
        late=late,
        late_by=float(read_duration(by)),
        twice=network.twice,
        to_bad=to_bad,
        to_good=to_good,
        lost_good=network.lost,
        lost_bad=lost_bad,
        skew=clock.skew,
        set_off=float(read_duration(clock.offset)),
        set_every=read_duration(clock.set_every),
    )


def _check_length(
    session: Session, stream: said.Stream, start: int | Formula | None, stop: int | Formula | None,
    number: int | Formula | None, interval: int, where: str,
) -> None:  # fmt: skip
    """Faults of lengths that are stated; those of expressions are found for each shard."""
    if isinstance(number, int) and number < 0:
        refuse(session, f"{where}.number", (f"it is {number}: it must be at least 0",))
        return
    if not isinstance(start, int):
        start = 0
    if isinstance(number, int):
        counts = min(number, 2**62)
    elif isinstance(stop, int) and read_moment(stream.start) is not None:
        if stop <= start:
            refuse(session, f"{where}.stop", ("it does not lie after the start",))
            return
        counts = -((start - stop) // interval)
    else:
        return
    fault = find_length_fault(where, np.array([start]), np.array([counts]), float(interval))
    if fault is not None:
        session.problems.append(fault)


def _find_offset(zone: str, year: int) -> int:
    """How far the zone is ahead of UTC when clocks are not set forward, microseconds: the sun's day has no summer time."""
    clock = ZoneInfo(zone)
    offsets = [datetime(year, month, 1, 12, tzinfo=UTC).astimezone(clock).utcoffset() for month in (1, 7)]
    return min(round(offset.total_seconds() * 1_000_000) for offset in offsets if offset is not None) % DAY
