"""Times of events within a window of each unit: Poisson, Hawkes, renewal, sessions.

How many events a unit has comes out of its words: event i depends on words (unit, 0) .. (unit, 2 i + 1) at most, those of
``kernels.draws.draw_row_words``, so that a unit's events are the same whichever units are made beside it.

Times are float64 from 0 on, in the unit of the window. For a rate that follows weekdays and hours, draw over the window in
expected business, and turn times / window into instants by the ``quantile`` of an ``Instants`` law.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.kernels.draws import draw_row_words, philox
from sundog.lib.laws.elementary import compute_exp, compute_log, spread_words
from sundog.lib.laws.law import (
    Law,
    Parameter,
    as_rows,
    check_positive,
    check_range,
    clip_probabilities,
    count_rows,
    describe_bad,
    take_rows,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Words = NDArray[np.uint64]
MOST = 1_000_000
"""A unit with more events than this is taken for a mistake."""


class Events(NamedTuple):
    """Events of all units, one after another.

    Attributes:
        offsets: int64 (units + 1,), unit u has the rows offsets[u] .. offsets[u + 1] - 1.
        times: float64 (rows,), rising within a unit, in [0, window).
    """

    offsets: Integers
    times: Floats


class Sessions(NamedTuple):
    """Events that come in bursts.

    Attributes:
        events: the events.
        session: int64 (rows,), number of the burst within the unit, from 0.
    """

    events: Events
    session: Integers


def draw_poisson_times(key: Key, units: Words, rate: Parameter, window: Parameter) -> Events:
    """Events that come independently, at a constant rate.

    Args:
        key: names the stream.
        units: uint64 (units,).
        rate: events per unit of time, one number or float64 (units,), not negative.
        window: length, the same.

    Raises:
        ValueError: a unit has more than a million events.
    """
    return _run_hawkes(key, units, rate, 0.0, 1.0, window)


def draw_hawkes_times(
    key: Key, units: Words, rate: Parameter, children: Parameter, decay: Parameter, window: Parameter
) -> Events:
    """Events that set off further events: a Hawkes process whose excitement decays exponentially, quiet at time 0.

    Args:
        key: names the stream.
        units: uint64 (units,).
        rate: of the events that nothing sets off, one number or float64 (units,), not negative.
        children: how many events one event sets off on average, in [0, 1), the same.
        decay: of the excitement, per unit of time, the same: children come 1 / decay later on average.
        window: length, the same.

    Raises:
        ValueError: a unit has more than a million events.

    Source: exact, without thinning: Dassios and Zhao, Electronic Communications in Probability 18, 2013,
    doi:10.1214/ECP.v18-2717. Event i takes the words 2 i and 2 i + 1.
    """
    return _run_hawkes(key, units, rate, children, decay, window)


def draw_renewal_times(key: Key, units: Words, gap: Law, window: Parameter) -> Events:
    """Events with gaps of any law of positive values, the first one gap after 0.

    Args:
        key: names the stream.
        units: uint64 (units,).
        gap: its parameters by row, if any, are by unit.
        window: length, one number or float64 (units,).

    Raises:
        ValueError: a unit has more than a million events.
    """
    return _run_rounds(key, units, gap, gap, 0.0, window).events


def draw_sessions(key: Key, units: Words, within: Law, between: Law, stay: float, window: Parameter) -> Sessions:
    """Events in sessions: short gaps within one, long gaps between two.

    Args:
        key: names the stream.
        units: uint64 (units,).
        within: law of the gaps within a session; parameters by row, if any, are by unit.
        between: law of the gaps before a session, the first one too.
        stay: probability that a session goes on after an event, in [0, 1): sessions have 1 / (1 - stay) events on average.
        window: length, one number or float64 (units,).

    Raises:
        ValueError: a unit has more than a million events.
    """
    return _run_rounds(key, units, within, between, stay, window)


def find_hawkes_faults(rate: Parameter, children: Parameter, decay: Parameter, window: Parameter) -> tuple[str, ...]:
    """Every fault of what Poisson (children 0, decay 1) or Hawkes times are asked for, too many events among them."""
    faults = (
        *check_range("rate", rate, 0.0, 1e300),
        *describe_bad("children", "in [0, 1)", children, (np.asarray(children) >= 0) & (np.asarray(children) < 1)),
        *check_positive("decay", decay),
        *check_positive("window", window),
    )
    if faults:
        return faults
    expected = np.asarray(rate * np.asarray(window) / (1.0 - np.asarray(children)))
    return describe_bad("the events that a unit expects", f"at most {MOST // 2}", expected, expected <= MOST / 2)


def find_session_faults(within: Law, between: Law, stay: float, window: Parameter) -> tuple[str, ...]:
    """Every fault of what renewal times (within = between, stay 0) or sessions are asked for."""
    faults = (
        *(f"within: {fault}" for fault in within.find_faults()),
        *(f"between: {fault}" for fault in between.find_faults()),
        *check_positive("window", window),
        *describe_bad("stay", "in [0, 1)", stay, 0 <= stay < 1),
    )
    if faults:
        return faults
    for name, law in (("within", within), ("between", between)):
        low, middle = law.support()[0], law.quantile(np.full(count_rows(law), 0.5))
        faults = (
            *faults,
            *describe_bad(f"the least gap {name}", "at least 0", low, low >= 0),
            *describe_bad(f"the middle gap {name}", "above 0", middle.astype(np.float64), middle > 0),
        )
    return faults


def _run_hawkes(
    key: Key, units: Words, rate: Parameter, children: Parameter, decay: Parameter, window: Parameter
) -> Events:
    rows = [as_rows(x) for x in (rate, children, decay, window)]
    offsets = np.zeros(len(units) + 1, np.int64)
    high, low = np.uint64(key.hi), np.uint64(key.lo)
    nothing = np.empty(0)
    if not _excite(high, low, units, *rows, offsets, nothing, False):
        raise ValueError(f"a unit has more than {MOST} events")
    np.cumsum(offsets, out=offsets)
    times = np.empty(int(offsets[-1]))
    _excite(high, low, units, *rows, offsets, times, True)
    return Events(offsets, times)


@njit(cache=True, nogil=True, error_model="numpy")
def _excite(
    high: Any,
    low: Any,
    units: Words,
    rates: Floats,
    children: Floats,
    decays: Floats,
    windows: Floats,
    offsets: Integers,
    times: Floats,
    fill: bool,
) -> bool:
    """Count the events of each unit into offsets[unit + 1], or fill in their times; false where there are too many."""
    a, b, c, d = len(rates) > 1, len(children) > 1, len(decays) > 1, len(windows) > 1
    for unit in range(len(units)):
        rate, born, decay, window = rates[unit * a], children[unit * b], decays[unit * c], windows[unit * d]
        time, excess = 0.0, 0.0
        count = 0
        words = (np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0))
        while True:
            if count % 2 == 0:
                # Rows within units have a 1 in the third word of the counter.
                words = philox(high, low, units[unit], np.uint64(count // 2), np.uint64(1), np.uint64(0))
            first, second = (words[0], words[1]) if count % 2 == 0 else (words[2], words[3])
            gap = -compute_log(_spread(first)) / rate if rate > 0.0 else np.inf
            if excess > 0.0:
                left = 1.0 + decay * compute_log(_spread(second)) / excess
                if left > 0.0:
                    gap = min(gap, -compute_log(left) / decay)
            time += gap
            if not time < window:
                break
            if count == MOST:
                return False
            excess = excess * compute_exp(-decay * gap) + born * decay
            if fill:
                times[offsets[unit] + count] = time
            count += 1
        if not fill:
            offsets[unit + 1] = count
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _spread(word: Any) -> Any:
    return (np.float64(word >> np.uint64(12)) + 0.5) * 2.0**-52


def _run_rounds(key: Key, units: Words, within: Law, between: Law, stay: float, window: Parameter) -> Sessions:
    """All units make their next event together, round after round, until none is left within its window."""
    ends = np.broadcast_to(np.asarray(window, np.float64), units.shape)
    time: Floats = np.zeros(len(units))
    going, session = np.arange(len(units)), np.full(len(units), -1, np.int64)
    whose, when, which = [], [], []
    for number in range(MOST + 1):
        if not len(going):
            break
        if number == MOST:
            raise ValueError(f"a unit has more than {MOST} events")
        p = spread_words(draw_row_words(key, units[going], np.full(len(going), number, np.uint64)))
        # One word says whether the session goes on and, by its place on that side, how long the gap is.
        same = (p < stay) if number else np.zeros(len(going), np.bool_)
        share = stay if number else 0.0
        p = clip_probabilities(np.where(same, p / max(share, 1e-300), (p - share) / (1.0 - share)))
        gap = np.empty(len(going))
        for law, rows in ((within, np.flatnonzero(same)), (between, np.flatnonzero(~same))):
            if len(rows):
                gap[rows] = take_rows(law, going[rows]).quantile(p[rows])
        time, session = time + gap, session + ~same
        inside = time < ends[going]
        going, time, session = going[inside], time[inside], session[inside]
        whose.append(going)
        when.append(time)
        which.append(session)
    unit = np.concatenate(whose) if whose else np.empty(0, np.int64)
    # Rounds lie one after another; a stable sort brings the events of a unit together, in their order.
    order = np.argsort(unit, kind="stable")
    offsets = np.zeros(len(units) + 1, np.int64)
    np.cumsum(np.bincount(unit, minlength=len(units)), out=offsets[1:])
    if not len(order):
        return Sessions(Events(offsets, np.empty(0)), np.empty(0, np.int64))
    return Sessions(Events(offsets, np.concatenate(when)[order]), np.concatenate(which)[order])
