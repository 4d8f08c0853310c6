"""Hands rows on when they are due, and says how that went.

The clock here is a monotonic one. It decides when rows are sent and never what they are.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sundog.core.protocols import Outlet
from sundog.run.streaming.blocks import Block

SHORTEST = 0.001
"""Seconds of the shortest wait: rows that lie closer together leave together."""

LONGEST = 0.5
"""Seconds of the longest wait, after which the wish to stop is looked for again."""

PATIENCE_AT_STOP = 5.0
"""Seconds that a stopped stream waits for what is on its way."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast.

    Attributes:
        speed: seconds of the data in a second of the clock; None for as fast as they are taken.
        rate: rows a second, whatever their times; goes before ``speed``.
    """

    speed: float | None = 1.0
    rate: float | None = None

    def tell_due(self, block: Block, before: int) -> NDArray[np.float64] | None:
        """float64 (rows,): seconds from the first row to each; None when all are due at once.

        Args:
            block: the rows.
            before: how many rows were due before them.
        """
        if self.rate is not None:
            return np.arange(before, before + block.rows.num_rows) / self.rate
        return None if self.speed is None or block.at is None else block.at / self.speed


@dataclass
class Going:
    """How a stream goes.

    Attributes:
        sent: rows handed on; at the end, those that arrived.
        late: seconds that a row was handed on after it was due, at most.
        seconds: since the first row.
        stopped: whether somebody asked it to stop.
    """

    sent: int = 0
    late: float = 0.0
    seconds: float = 0.0
    stopped: bool = False


@dataclass
class _Clock:
    """Seconds since the first row."""

    started: float | None = None

    def now(self) -> float:
        """Starts at the first call."""
        tick = time.perf_counter()
        if self.started is None:
            self.started = tick
        return tick - self.started


def send_rows(blocks: Iterator[Block], outlet: Outlet[Any], pace: Pace, stop: threading.Event, going: Going) -> None:
    """Send rows when they are due until all are sent and have arrived, or ``stop`` is set.

    No row is left out: when the other side is slow, rows wait, and leave as soon as they are taken.

    Args:
        blocks: the rows in order.
        outlet: takes them.
        pace: how fast.
        stop: set when it is to end early; what is on its way is waited for a little.
        going: kept up to date, also when an error ends it.
    """
    clock = _Clock()
    try:
        for block in blocks:
            if not _send_block(block, outlet, pace, stop, going, clock):
                break
        going.stopped = stop.is_set()
        patience = time.perf_counter() + PATIENCE_AT_STOP
        outlet.finish(0.0)
        while outlet.arrived() < going.sent and not (stop.is_set() and time.perf_counter() > patience):
            outlet.finish(0.1)
    finally:
        going.sent, going.seconds = outlet.arrived(), clock.now()


def _send_block(
    block: Block, outlet: Outlet[Any], pace: Pace, stop: threading.Event, going: Going, clock: _Clock
) -> bool:
    """Gives False when it is to stop."""
    rows = block.rows.num_rows
    messages = outlet.encode(block.rows)
    due = pace.tell_due(block, going.sent)
    at = 0
    while at < rows:
        if stop.is_set():
            return False
        ready = rows if due is None else int(np.searchsorted(due, clock.now(), side="right"))
        if ready <= at:
            assert due is not None
            stop.wait(min(max(float(due[at]) - clock.now(), SHORTEST), LONGEST))
            continue
        taken = outlet.send(messages[at:ready])
        now = clock.now()
        if due is not None and taken:
            going.late = max(going.late, now - float(due[at]))
        at += taken
        going.sent += taken
        going.seconds = now
    return not stop.is_set()


def iterate_due(blocks: Iterator[Block], pace: Pace) -> Iterator[Any]:
    """The rows themselves, in batches of those that are due together."""
    clock = _Clock()
    sent = 0
    for block in blocks:
        due = pace.tell_due(block, sent)
        at = 0
        while at < block.rows.num_rows:
            ready = block.rows.num_rows if due is None else int(np.searchsorted(due, clock.now(), side="right"))
            if ready <= at:
                assert due is not None
                time.sleep(max(float(due[at]) - clock.now(), SHORTEST))
                continue
            yield block.rows.slice(at, ready - at)
            sent, at = sent + ready - at, ready


@contextmanager
def catch_signals(stop: threading.Event) -> Iterator[None]:
    """Let the first Ctrl-C, or SIGTERM, set ``stop`` instead of breaking off in the middle of a row; a second one breaks off.

    SIGTERM is left as it is where the program has not asked to be told of it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def tell(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    names = [signal.SIGINT]
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        names.append(signal.SIGTERM)
    before = [(name, signal.signal(name, tell)) for name in names]
    try:
        yield
    finally:
        for name, handler in before:
            signal.signal(name, handler)
