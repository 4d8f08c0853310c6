"""What a network makes of readings: lost, late, twice, out of order, and stamped by a clock that runs fast or slow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.kernels.draws import as_uniform, draw_row_words, philox
from sundog.lib.kernels.mixing import split_words
from sundog.lib.laws.elementary import compute_log, invert_normals, spread_words
from sundog.lib.signals.channels import draw_by_unit
from sundog.lib.signals.waves import DAY
from sundog.lib.signals.windows import Windows, find_offsets, list_samples, list_units, spread_over_rows

Floats = NDArray[np.float64]
RAREST_CHANGE = 1e-5
"""The state of the link is looked up backwards to the last sample that fixed it: 1 / (to_bad + to_good) samples on average."""


@dataclass(frozen=True, slots=True)
class Network:
    """The way from a device to whoever stores its readings. Times are microseconds.

    Attributes:
        latency: shortest time on the way.
        jitter: mean of the exponential time that comes on top.
        late: share of messages that are held up besides.
        late_by: mean of the exponential time by which they are.
        twice: share of messages that arrive a second time, each on its own way.
        to_bad: chance that a good link turns bad, a sample (Gilbert-Elliott).
        to_good: chance that a bad link turns good, a sample; with ``to_bad`` it adds up to at most 1.
        lost_good: share of messages lost on a good link.
        lost_bad: share of messages lost on a bad link.
        skew: standard deviation of the rate error of clocks from device to device, in parts per million.
        set_off: standard deviation of what a clock is off by when it has just been set.
        set_every: time between two settings of a clock.
    """

    latency: int = 0
    jitter: float = 0.0
    late: float = 0.0
    late_by: float = 0.0
    twice: float = 0.0
    to_bad: float = 0.0
    to_good: float = 1.0
    lost_good: float = 0.0
    lost_bad: float = 1.0
    skew: float = 0.0
    set_off: float = 0.0
    set_every: int = DAY


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """What became of the message of each sample, row by row.

    Attributes:
        bad: bool (rows,), whether the link was bad.
        lost: bool (rows,), whether the message never arrived.
        twice: bool (rows,), whether a second copy arrived too.
        arrivals: int64 (rows,), when it would arrive, true time, microseconds since 1970-01-01T00:00Z.
        seconds: int64 (rows,), when its second copy would.
    """

    bad: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    twice: NDArray[np.bool_]
    arrivals: NDArray[np.int64]
    seconds: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Deliveries:
    """What was sent and what of it arrived.

    Attributes:
        stamps: int64 (rows,), time of each sample by the clock of its device, microseconds since 1970-01-01T00:00Z.
        bad: bool (rows,), whether the link was bad.
        lost: bool (rows,), whether the message never arrived.
        rows: int64 (deliveries,), row that each delivery brings, in the order of arrival.
        arrivals: int64 (deliveries,), when it arrived, true time.
        again: bool (deliveries,), whether it is the second copy.
    """

    stamps: NDArray[np.int64]
    bad: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    rows: NDArray[np.int64]
    arrivals: NDArray[np.int64]
    again: NDArray[np.bool_]


def check_network(network: Network) -> tuple[str, ...]:
    """Every fault of the parameters, in words."""
    found = []
    for name in ("late", "twice", "to_bad", "to_good", "lost_good", "lost_bad"):
        value = getattr(network, name)
        if not 0 <= value <= 1:
            found.append(f"{name} is {value}: a share must lie in 0 to 1")
    for name in ("latency", "jitter", "late_by", "skew", "set_off"):
        value = getattr(network, name)
        if not (math.isfinite(value) and value >= 0):
            found.append(f"{name} is {value}: it must be a number of at least 0")
    if network.set_every <= 0:
        found.append("set_every must be longer than 0")
    together = network.to_bad + network.to_good
    if together > 1:
        found.append(f"to_bad and to_good add up to {together}: with more than 1 the link has no bursts")
    elif network.to_bad > 0 and together < RAREST_CHANGE:
        found.append(f"to_bad and to_good add up to {together}: they must add up to at least {RAREST_CHANGE}")
    return tuple(found)


def find_bad_links(network: Network, key: Key, windows: Windows) -> NDArray[np.bool_]:
    """Whether the link is bad: bool (rows,), exact at any sample, row i from (key, unit, sample) alone.

    A chain of two states moves by one uniform number a sample: below ``to_bad`` it is bad after it, whatever it was; from there
    to ``to_bad + to_good`` it is good, whatever it was; above, it stays. So the state is that of the last sample whose number
    lay below the sum, looked up backwards as far as need be; before sample 0 stands a draw of the stationary law.
    """
    bad = np.zeros(int(windows.counts.sum()), np.bool_)
    if network.to_bad > 0:
        _find_bad(
            np.uint64(key.hi), np.uint64(key.lo), windows.units, windows.starts, find_offsets(windows),
            network.to_bad, network.to_bad + network.to_good, bad,
        )  # fmt: skip
    return bad


def stamp_times(network: Network, key: Key, windows: Windows, times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Times by the clocks of the devices: int64 (rows,), microseconds.

    A clock is set every ``set_every``, at moments of its own, and runs away from there at its own rate.
    """
    if network.skew == 0 and network.set_off == 0:
        return times
    rate = network.skew * 1e-6 * draw_by_unit(key.child("skew"), windows)
    phase = as_uniform(draw_row_words(key.child("set"), windows.units, np.zeros(len(windows.units), np.uint64)))
    shift = (phase * network.set_every).astype(np.int64)
    number, since = np.empty(len(times), np.int64), np.empty(len(times), np.int64)
    _divide(times, shift, find_offsets(windows), network.set_every, number, since)
    off: Floats = np.zeros(len(times))
    if network.set_off > 0 and len(times):
        # Drawn once for each setting: a run of rows of one device with the same number.
        fresh = np.concatenate([[True], number[1:] != number[:-1]])
        offsets = find_offsets(windows)[:-1]
        fresh[offsets[windows.counts > 0]] = True
        first = np.flatnonzero(fresh)
        words = draw_row_words(key.child("off"), list_units(windows)[first], number[first].astype(np.uint64))
        off = np.repeat(network.set_off * _normals(words), np.diff(np.append(first, len(times))))
    return np.asarray(times + np.rint(off + spread_over_rows(windows, rate) * since).astype(np.int64))


def send_messages(network: Network, key: Key, windows: Windows, times: NDArray[np.int64]) -> Sent:
    """What becomes of each message; row i depends on (key, unit, sample, time) alone. Arguments as in ``deliver``."""
    bad = find_bad_links(network, key.child("link"), windows)
    none: NDArray[np.bool_] = np.zeros(len(times), np.bool_)
    arrivals = times + network.latency
    sure = network.lost_good == 0 and (network.to_bad == 0 or network.lost_bad == 0)
    held = network.jitter > 0 or network.late > 0
    if sure and not held and network.twice == 0:
        return Sent(bad, none, none, arrivals, arrivals)
    words = draw_row_words(key.child("messages"), list_units(windows), list_samples(windows).astype(np.uint64))
    lost = none
    if not sure:
        lost = as_uniform(split_words(words, 0)) < np.where(bad, network.lost_bad, network.lost_good)
    twice, seconds = none, arrivals
    delays = network.jitter, network.late, network.late_by
    if network.twice > 0:
        twice = ~lost & (as_uniform(split_words(words, 1)) < network.twice)
        seconds = arrivals.copy()
        seconds[twice] += _hold_up(split_words(words[twice], 3), *delays) if held else 0
    if held:
        arrivals = arrivals + _hold_up(split_words(words, 2), *delays)
    return Sent(bad, lost, twice, arrivals, seconds)


def deliver(network: Network, key: Key, windows: Windows, times: NDArray[np.int64]) -> Deliveries:
    """Send every sample of the windows at its time; deliveries come in the order of arrival over all windows.

    Equal arrivals stand in the order of rows. The set of deliveries of a row depends on (key, unit, sample, time) alone.

    Args:
        network: the way.
        key: names the streams.
        windows: which samples.
        times: int64 (rows,), true time of each sample, microseconds since 1970-01-01T00:00Z.
    """
    sent = send_messages(network, key, windows, times)
    stamps = stamp_times(network, key.child("clock"), windows, times)
    rows, arrivals, again = order_arrivals(sent, np.zeros(len(times), np.int64))
    return Deliveries(stamps, sent.bad, sent.lost, rows, arrivals, again)


def order_arrivals(
    sent: Sent, groups: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Every copy that arrived, group by group in the order of arrival; equal arrivals stand in the order of rows.

    Args:
        sent: what became of the messages.
        groups: int64 (rows,), rising.

    Returns:
        int64 (deliveries,): its row; int64: when it arrived; bool: whether it is the second copy.
    """
    first, second = np.flatnonzero(~sent.lost), np.flatnonzero(sent.twice & ~sent.lost)
    # In the order of rows first: it is nearly that of arrival, which a stable sort makes use of.
    rows = np.concatenate([first, second])
    order = np.argsort(rows, kind="stable")
    rows, again = rows[order], order >= len(first)
    arrivals = np.where(again, sent.seconds[rows], sent.arrivals[rows])
    order = np.lexsort((arrivals, groups[rows]))
    return rows[order], arrivals[order], again[order]


def _normals(words: NDArray[np.uint64]) -> Floats:
    return np.asarray(invert_normals(spread_words(words)))


def _hold_up(words: NDArray[np.uint64], jitter: float, late: float, late_by: float) -> NDArray[np.int64]:
    found = np.zeros(len(words))
    _add_exponentials(as_uniform(split_words(words, 0)), jitter, found)
    held = as_uniform(split_words(words, 1)) < late
    extra = np.zeros(int(held.sum()))
    _add_exponentials(as_uniform(split_words(words[held], 2)), late_by, extra)
    found[held] += extra
    return np.rint(found).astype(np.int64)


@njit(cache=True, nogil=True)
def _divide(
    times: NDArray[np.int64], shift: NDArray[np.int64], offsets: NDArray[np.int64], every: int,
    number: NDArray[np.int64], since: NDArray[np.int64],
) -> None:  # fmt: skip
    for w in range(len(shift)):
        for i in range(offsets[w], offsets[w + 1]):
            at = times[i] + shift[w]
            number[i] = at // every
            since[i] = at - number[i] * every


@njit(cache=True, nogil=True)
def _add_exponentials(u: Floats, mean: float, found: Floats) -> None:
    for i in range(len(u)):
        found[i] -= mean * compute_log(u[i])


@njit(cache=True, nogil=True)
def _find_bad(
    k0: Any, k1: Any, units: NDArray[np.uint64], starts: NDArray[np.int64], offsets: NDArray[np.int64],
    to_bad: float, fixed: float, bad: NDArray[np.bool_],
) -> None:  # fmt: skip
    for w in range(len(units)):
        if offsets[w] == offsets[w + 1]:
            continue
        u = 1.0
        sample = starts[w]
        while u >= fixed and sample > 0:
            sample -= 1
            u = _draw_state(k0, k1, units[w], sample)
        if u >= fixed:  # none since the device was switched on
            u = _draw_state(k0, k1, units[w], -1) * fixed
        state = bool(u < to_bad)
        block = philox(k0, k1, units[w], np.uint64(starts[w]) >> np.uint64(2), np.uint64(5), np.uint64(0))
        for i in range(offsets[w], offsets[w + 1]):
            sample = starts[w] + i - offsets[w]
            if sample & 3 == 0:
                block = philox(k0, k1, units[w], np.uint64(sample) >> np.uint64(2), np.uint64(5), np.uint64(0))
            u = (np.float64(block[sample & 3] >> np.uint64(12)) + 0.5) * 2.0**-52
            if u < fixed:
                state = bool(u < to_bad)
            bad[i] = state


@njit(cache=True, nogil=True)
def _draw_state(k0: Any, k1: Any, unit: Any, sample: Any) -> Any:
    tag = np.uint64(5) if sample >= 0 else np.uint64(6)
    at = np.uint64(max(sample, 0))
    block = philox(k0, k1, unit, at >> np.uint64(2), tag, np.uint64(0))
    return (np.float64(block[np.int64(at & np.uint64(3))] >> np.uint64(12)) + 0.5) * 2.0**-52
