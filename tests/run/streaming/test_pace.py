"""When rows leave. The clock is a pretended one, which goes on only while something waits."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sundog.run.streaming import pace as module
from sundog.run.streaming.blocks import Block
from sundog.run.streaming.pace import Going, Pace, catch_signals, iterate_due, send_rows


@dataclass
class Taker:
    """An outlet that takes ``most`` rows at a time."""

    most: int = 1_000_000
    late: int = 0
    taken: list[dict[str, Any]] = field(default_factory=list)

    def encode(self, rows: pa.RecordBatch) -> Sequence[dict[str, Any]]:
        found: list[dict[str, Any]] = rows.to_pylist()
        return found

    def send(self, messages: Sequence[dict[str, Any]]) -> int:
        self.taken += messages[: self.most]
        return min(self.most, len(messages))

    def finish(self, seconds: float) -> None:
        self.late = max(0, self.late - 1)

    def arrived(self) -> int:
        return len(self.taken) - self.late


@dataclass
class Clock:
    """Stands in for ``time`` and for an event; every look at it takes a millionth of a second."""

    now: float = 100.0
    is_set_at: float = float("inf")

    def perf_counter(self) -> float:
        self.now += 1e-6
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return self.is_set()

    def is_set(self) -> bool:
        return self.now >= self.is_set_at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def _blocks(*times: list[float]) -> Iterator[Block]:
    number = 0
    for at in times:
        rows = pa.record_batch({"n": pa.array(range(number, number + len(at)))})
        number += len(at)
        yield Block(rows, np.array(at))


@dataclass
class Noting(Taker):
    """Notes the time of each row."""

    clock: Clock | None = None

    def send(self, messages: Any) -> int:
        assert self.clock is not None
        for message in messages[: self.most]:
            message["sent"] = round(self.clock.now - 100.0, 2)
        return super().send(messages)


@pytest.mark.parametrize(
    ("pace", "expected"),
    [
        (Pace(1.0), [0, 0, 1.5, 60, 61]),
        (Pace(60.0), [0, 0, 0.03, 1, 1.02]),
        (Pace(None), [0, 0, 0, 0, 0]),
        (Pace(1.0, rate=2.0), [0, 0.5, 1, 1.5, 2]),
    ],
)
def test_rows_leave_when_they_are_due(clock: Clock, pace: Pace, expected: list[float]) -> None:
    """In real time, sixty times as fast, at once, and at a rate of their own."""
    taker, going = Noting(clock=clock), Going()
    send_rows(_blocks([0, 0, 1.5], [60, 61]), taker, pace, clock, going)  # type: ignore[arg-type]
    assert [m["n"] for m in taker.taken] == [0, 1, 2, 3, 4]
    assert [m["sent"] for m in taker.taken] == pytest.approx(expected, abs=0.011)
    assert going.sent == 5
    assert going.late < 0.01
    assert going.seconds == pytest.approx(expected[-1], abs=0.02)


def test_the_iterator_gives_rows_when_they_are_due(clock: Clock) -> None:
    found = [
        (b.column(0).to_pylist(), round(clock.now - 100, 2)) for b in iterate_due(_blocks([0, 0, 2], [4]), Pace(2.0))
    ]
    assert found == [([0, 1], 0.0), ([2], 1.0), ([3], 2.0)]


def test_a_slow_taker_gets_every_row_and_the_lateness_is_told(clock: Clock) -> None:
    """Nothing is left out: rows wait, and leave one by one."""

    @dataclass
    class Slow(Noting):
        def send(self, messages: Any) -> int:
            clock.sleep(2.0)
            return super().send(messages)

    taker, going = Slow(most=1, clock=clock), Going()
    send_rows(_blocks([0, 1, 2, 3]), taker, Pace(1.0), clock, going)  # type: ignore[arg-type]
    assert [m["n"] for m in taker.taken] == [0, 1, 2, 3]
    assert going.late == pytest.approx(5.0, abs=0.01)  # 8 s for what is due at 3 s


def test_what_is_on_its_way_is_waited_for(clock: Clock) -> None:
    taker, going = Noting(clock=clock, late=7), Going()
    send_rows(_blocks([0, 0]), taker, Pace(None), clock, going)  # type: ignore[arg-type]
    assert (taker.late, going.sent) == (0, 2)


def test_a_stream_that_is_stopped_counts_what_has_arrived(clock: Clock) -> None:
    """It stops between rows, waits a little for the rest, and does not count what never came."""
    clock.is_set_at = 102.5

    @dataclass
    class Stuck(Noting):
        def finish(self, seconds: float) -> None:
            clock.sleep(seconds)

    taker, going = Stuck(clock=clock, late=1), Going()
    send_rows(_blocks([0, 1, 2, 3, 4]), taker, Pace(1.0), clock, going)  # type: ignore[arg-type]
    assert [m["n"] for m in taker.taken] == [0, 1, 2]
    assert going.stopped
    assert going.sent == 2
    assert clock.now - 102.5 == pytest.approx(module.PATIENCE_AT_STOP, abs=0.7)


def test_the_first_signal_asks_and_the_second_breaks_off() -> None:
    before = signal.getsignal(signal.SIGINT)
    asked = signal.signal(signal.SIGTERM, signal.SIG_DFL)  # an earlier test may have run the command line, which asks
    stop = threading.Event()
    try:
        with catch_signals(stop):
            signal.raise_signal(signal.SIGINT)
            assert stop.is_set()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL  # nobody asked to be told of it
    finally:
        signal.signal(signal.SIGTERM, asked)
    assert signal.getsignal(signal.SIGINT) is before
