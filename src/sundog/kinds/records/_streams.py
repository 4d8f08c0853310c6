"""Rows that are the samples of devices, or what arrived of them: how many, and everything that their fields tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.core.keys import Key
from sundog.kinds.records._formula import Formula
from sundog.kinds.records._rows import Built
from sundog.lib.laws.zones import LATEST, build_zone_table, convert_from_wall
from sundog.lib.signals.battery import count_life
from sundog.lib.signals.channels import Channel
from sundog.lib.signals.faults import FaultTable
from sundog.lib.signals.network import Sent, order_arrivals, send_messages, stamp_times
from sundog.lib.signals.stream import Fleet, Sampled, list_fleet_faults, sample_fleet
from sundog.lib.signals.windows import Windows, list_samples, sort_by_unit

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]

MOST_SAMPLES = 10_000_000
"""Most samples of one device: all of them are in memory at once."""

_PIECE = 131_072
"""Samples that are worked on at a time; what they are does not depend on it."""

_PARENTS = np.uint64(2**24)
"""Devices that a unit may have, so that each has a number of its own."""

STREAM = "stream"


@dataclass(frozen=True, slots=True)
class Needs:
    """What the fields of a table ask for, so that nothing else is made.

    Attributes:
        readings: channels.
        true: channels.
        labels: channels whose faults are told.
        numbers: numbers of samples.
        stamps: times by the clocks of the devices.
        sent: what the network did.
        power: state of the battery.
        planted: whether a table tells the planted faults.
    """

    readings: tuple[str, ...]
    true: tuple[str, ...]
    labels: tuple[str, ...]
    numbers: bool
    stamps: bool
    sent: bool
    power: bool
    planted: bool


@dataclass(frozen=True, slots=True, eq=False)
class MadeStream:
    """The rows; arrays have one number a row, and are empty where nobody needs them.

    Attributes:
        times: int64, true times, microseconds since 1970-01-01T00:00Z.
        arrays: by what they are (``reading temperature``, ``arrival``).
        taken: what was sampled, device by device, before the network: for planted faults.
    """

    times: Whole
    arrays: Mapping[str, NDArray[np.generic]]
    taken: Taken | None


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """Samples that were taken, device by device, each in its order.

    Attributes:
        devices: uint64 (parents,), number of each row of the parent's table as a device.
        counts: int64 (parents,), scheduled samples.
        places: int64 (samples,), rising: position of the device times ``MOST_SAMPLES`` plus number of the sample.
        times: int64 (samples,), true times.
        seen: int64 (samples + 1,), how many rows the samples before each have.
    """

    devices: NDArray[np.uint64]
    counts: Whole
    places: Whole
    times: Whole
    seen: Whole


@dataclass(frozen=True, slots=True)
class StreamRows:
    """The samples of each row of the parent's table.

    Attributes:
        fleet: signals, sensors, faults, battery and network; start and levels that are expressions come with each shard.
        start: microseconds since 1970-01-01T00:00Z, or an expression.
        stop: the same, or None where the number is stated.
        number: of samples, or an expression, or None.
        levels: levels of channels that are expressions.
        zone: of dates and wall times.
        deliveries: whether rows are messages that arrived.
        needs: what the fields ask for.
        where: place in the recipe.
    """

    fleet: Fleet
    start: int | Formula
    stop: int | Formula | None
    number: int | Formula | None
    levels: Mapping[str, Formula]
    zone: str
    deliveries: bool
    needs: Needs
    where: str

    def count(self, parent: Built) -> tuple[Whole, Whole, Whole]:
        """When each device is switched on and off (int64 (parents,), microseconds) and how many samples are scheduled.

        A device without a start or an end has no samples.

        Raises:
            RequestError: there are too many samples, or one lies beyond what calendars can say.
        """
        start, known = self._find_instants(self.start, parent)
        interval = self.fleet.schedule.interval
        if self.number is None:
            assert self.stop is not None
            stop, ends = self._find_instants(self.stop, parent)
            counts = np.maximum(-((start - stop) // interval), 0)
        else:
            stop = np.full(len(parent.rows), np.iinfo(np.int64).max)
            asked = (
                np.full(len(parent.rows), float(self.number))
                if isinstance(self.number, int)
                else evaluate(self.number, parent).cast(pa.float64()).to_numpy(zero_copy_only=False)
            )
            ends = np.isfinite(asked)
            counts = np.clip(np.where(ends, asked, 0), 0, MOST_SAMPLES + 1).astype(np.int64)
        counts = np.where(known & ends, counts, 0)
        battery = self.fleet.schedule.battery
        slower = 1.0 if battery is None or self.stop is not None else battery.slower
        fault = find_length_fault(self.where, start, counts, interval * slower)
        if fault is not None:
            raise RequestError(fault)
        return start, stop, counts

    def make(self, key: Key, parent: Built) -> tuple[Whole, MadeStream]:
        """Number of rows of each row of the parent, int64 (parents,), and what they hold."""
        start, stop, counts = self.count(parent)
        devices = number_devices(parent)
        fleet = self._set_up(parent, devices, start)
        # Samples after the end of a battery are not even made.
        whole = Windows(devices, np.zeros(len(devices), np.int64), counts)
        counts = np.minimum(counts, count_life(fleet.schedule, key.child("power"), whole))
        pieces = [
            _make_piece(fleet, self.needs, self.deliveries, key, windows, np.repeat(ends, windows.counts), places)
            for windows, ends, places in _cut(devices, counts, stop)
        ]
        # Each is taken out of its pieces as it is joined, so that nothing is held twice.
        arrays = {name: np.concatenate([piece.pop(name) for piece in pieces]) for name in tuple(pieces[0])}
        owners = arrays.pop("owner")
        taken = None
        if self.needs.planted:
            copies = np.ones(len(owners), np.int64)
            if self.deliveries:
                copies = (~arrays["lost"]).astype(np.int64) + arrays["duplicate"]
            seen = np.concatenate([np.zeros(1, np.int64), np.cumsum(copies)])
            taken = Taken(devices, counts, owners * MOST_SAMPLES + arrays["number"], arrays["time"], seen)
        if self.deliveries:
            sent = Sent(
                arrays.pop("bad_link"), arrays.pop("lost"), arrays.pop("duplicate"), arrays.pop("arrival"), arrays.pop("second")
            )  # fmt: skip
            rows, arrivals, again = order_arrivals(sent, owners)
            owners = owners[rows]
            arrays = {name: arrays.pop(name)[rows] for name in tuple(arrays)}
            arrays |= {
                "arrival": arrivals,
                "duplicate": again,
                "bad_link": sent.bad[rows],
                "lost": np.zeros(len(rows), np.bool_),
            }
        return np.bincount(owners, minlength=len(devices)), MadeStream(arrays.pop("time"), arrays, taken)

    def _set_up(self, parent: Built, devices: NDArray[np.uint64], start: Whole) -> Fleet:
        """The fleet with the start and the levels of these devices."""
        levels = {
            name: sort_by_unit(devices, _as_levels(evaluate(formula, parent))) for name, formula in self.levels.items()
        }
        channels = tuple(
            replace(c, level=levels[c.name]) if isinstance(c, Channel) and c.name in levels else c
            for c in self.fleet.channels
        )
        schedule = replace(self.fleet.schedule, start=sort_by_unit(devices, start))
        return replace(self.fleet, schedule=schedule, channels=channels)

    def _find_instants(self, said: int | Formula, parent: Built) -> tuple[Whole, Marks]:
        """Microseconds since 1970-01-01T00:00Z, and which rows have any."""
        rows = len(parent.rows)
        if isinstance(said, int):
            return np.full(rows, said, np.int64), np.ones(rows, np.bool_)
        values = evaluate(said, parent)
        zone = getattr(values.type, "tz", None)
        whole = values.cast(pa.timestamp("us", tz=zone)).cast(pa.int64())
        known = np.asarray(whole.is_valid().to_numpy(zero_copy_only=False), np.bool_)
        found = np.asarray(whole.fill_null(0).to_numpy(zero_copy_only=False), np.int64)
        if zone is None and rows:
            found = convert_from_wall(found, build_zone_table(self.zone, int(found.min()), int(found.max())))
        return found, known


def find_length_fault(where: str, start: Whole, counts: Whole, longest: float) -> Problem | None:
    """Too many samples of a device, or samples after the last year of calendars.

    Args:
        where: place in the recipe.
        start: int64 (devices,), microseconds.
        counts: int64 (devices,), samples.
        longest: longest time between two samples, microseconds.
    """
    most = int(counts.max(initial=0))
    if most > MOST_SAMPLES:
        what = f"a device would take {most:,} samples or more, and {MOST_SAMPLES:,} are the most"
    elif np.any((start + counts * longest > LATEST) & (counts > 0)):
        what = "a device would take samples after the year 9999"
    else:
        return None
    return Problem("SD-RECORDS-052", where, what, "Sample less often, or shorter; more devices can be more units.")


def number_devices(parent: Built) -> NDArray[np.uint64]:
    """uint64 (parents,): a number for each row of the parent's table, by its unit and its place within it."""
    return parent.rows.units * _PARENTS + parent.rows.index


def evaluate(formula: Formula, parent: Built) -> pa.Array:
    """An expression over the rows of the parent's table."""
    return formula.run(parent.columns, len(parent.rows))


def list_planted(rows: StreamRows, key: Key, taken: Taken) -> Mapping[str, FaultTable]:
    """The faults of every channel that touch the scheduled samples; their windows are rows of the parent's table."""
    windows = Windows(taken.devices, np.zeros(len(taken.devices), np.int64), taken.counts)
    return list_fleet_faults(rows.fleet, key, windows)


def _as_levels(values: pa.Array) -> Floats:
    """A missing level is a missing signal."""
    return np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)


def _cut(devices: NDArray[np.uint64], counts: Whole, stop: Whole) -> Iterator[tuple[Windows, Whole, Whole]]:
    """Windows of at most ``_PIECE`` samples in all, the ends of their devices, and the positions of these; one at least.

    Devices are cut only where one alone has more: what lags must be begun before a window that does not begin with sample 0.
    """
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    first, start = 0, 0
    while True:
        last = int(np.searchsorted(offsets, offsets[first] + _PIECE, "right")) - 1
        if last > first and start == 0:
            at: Whole = np.arange(first, last)
            yield Windows(devices[at], np.zeros(len(at), np.int64), counts[at]), stop[at], at
            first = last
        elif first < len(devices):
            at = np.array([first])
            length = min(int(counts[first]) - start, _PIECE)
            yield Windows(devices[at], np.array([start]), np.array([length])), stop[at], at
            start = start + length if start + length < counts[first] else 0
            first += start == 0
        else:
            at = np.arange(0)
            yield Windows(devices[at], at, at), stop[at], at
        if first >= len(devices):
            return


def _make_piece(
    fleet: Fleet, needs: Needs, deliveries: bool, key: Key, windows: Windows, ends: Whole, places: Whole
) -> dict[str, NDArray[np.generic]]:
    """Every array that is needed of the samples that were taken, by name; ``owner`` is the position of the device."""
    made = sample_fleet(fleet, key, windows)
    times = made.power.times
    found: dict[str, NDArray[np.generic]] = {"time": times, "owner": np.repeat(places, windows.counts)}
    if needs.numbers or needs.planted:
        found["number"] = list_samples(windows)
    if needs.stamps:
        found["stamp"] = stamp_times(fleet.network, key.child("network").child("clock"), windows, times)
    found |= _name_sampled(made, needs)
    if needs.sent or deliveries:
        sent = send_messages(fleet.network, key.child("network"), windows, times)
        found |= {"bad_link": sent.bad, "lost": sent.lost, "duplicate": sent.twice, "arrival": sent.arrivals}
        if deliveries:
            found["second"] = sent.seconds
    kept = made.power.alive & (times < ends)
    return found if kept.all() else {name: values[kept] for name, values in found.items()}


def _name_sampled(made: Sampled, needs: Needs) -> dict[str, NDArray[np.generic]]:
    found: dict[str, NDArray[np.generic]] = {}
    found |= {f"reading {name}": made.readings[name] for name in needs.readings}
    found |= {f"true {name}": made.true[name] for name in needs.true}
    found |= {f"label {name}": made.labels[name] for name in needs.labels}
    if needs.power:
        found |= {"volts": made.power.volts, "charge": made.power.charge}
    return found
