"""Limits that hold over all processes of a machine: places, and requests and tokens a minute."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sundog.lib.language import limits
from sundog.lib.language.limits import Gate
from sundog.lib.language.store import AnswerStore, open_store

if TYPE_CHECKING:
    from stub_server import RunningStub

_WORKER = """
import asyncio, sys
from pathlib import Path
from sundog.lib.language.open import open_model
from sundog.lib.language.protocol import Ask, Choice, Message
from sundog.lib.language.store import open_store
url, path, name, count, concurrency, per_minute = sys.argv[1:]
choice = Choice(endpoint=url, name="stub", concurrency=int(concurrency), requests_per_minute=int(per_minute))
async def main():
    with open_store(Path(path)) as store:
        async with open_model(choice, store) as model:
            print("open", flush=True)
            sys.stdin.readline()
            await asyncio.gather(*(model.ask(Ask((Message("user", f"{name} {i}"),))) for i in range(int(count))))
    print("done", flush=True)
asyncio.run(main())
"""


def start_workers(
    stub: RunningStub, path: Path, workers: int, count: int, concurrency: int, per_minute: int = 0
) -> None:
    """Run worker processes that begin together."""
    started = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                _WORKER,
                stub.url,
                str(path),
                f"w{w}",
                str(count),
                str(concurrency),
                str(per_minute),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for w in range(workers)
    ]
    for worker in started:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "open\n"
    for worker in started:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in started:
        out, _ = worker.communicate()
        assert out == "done\n"


@pytest.mark.parametrize(("workers", "concurrency"), [(2, 6), (3, 1)])
def test_places_hold_over_processes(stub_endpoint: RunningStub, tmp_path: Path, workers: int, concurrency: int) -> None:
    """More processes than places too: they take turns, and all come to an end."""
    stub_endpoint.program({"delay_s": 0.02})
    start_workers(stub_endpoint, tmp_path / "s.sqlite", workers, 12, concurrency)
    seen = stub_endpoint.seen()
    assert seen["requests"] == 12 * workers
    assert seen["most_at_once"] <= concurrency


def test_requests_a_minute_hold_over_processes(stub_endpoint: RunningStub, tmp_path: Path) -> None:
    """Two processes, 600 a minute: in any second at most one more than 10 and what a half second may hold."""
    start_workers(stub_endpoint, tmp_path / "s.sqlite", 2, 12, 64, 600)
    times = sorted(stub_endpoint.seen()["times"])
    assert len(times) == 24
    assert times[-1] - times[0] >= (24 - 5 * 2) / 10  # the last stretch may come at its beginning


def run_gate(store: AnswerStore | None, requests: int, tokens: int, turns: int, each: int) -> list[float]:
    async def take(gate: Gate, at: list[float]) -> None:
        async with gate.turn(each):
            at.append(time.monotonic())

    async def run() -> list[float]:
        at: list[float] = []
        async with Gate("m", 100, requests, tokens, store) as gate:
            await asyncio.gather(*(take(gate, at) for _ in range(turns)))
        return at

    return asyncio.run(run())


@pytest.mark.parametrize("kept", [True, False])
def test_tokens_a_minute(store: AnswerStore, kept: bool) -> None:
    """60,000 a minute are 1,000 a second: 3 times 500 take at least one."""
    at = run_gate(store if kept else None, 0, 60_000, 4, 500)
    assert at[-1] - at[0] >= 1.0


def test_any_minute_stays_under_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the schedule itself, on a clock that runs as it is told: 1,000 requests at 137 a minute."""
    now = [1000.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])

    async def sleep(seconds: float) -> None:
        now[0] += max(0.0, seconds)

    monkeypatch.setattr(limits.asyncio, "sleep", sleep)
    at = []

    async def run() -> None:
        gate = Gate("m", 10, 137, 0, None)
        for _ in range(1000):
            async with gate.turn(0):
                at.append(now[0])

    asyncio.run(run())
    assert max(sum(start <= t < start + 60 for t in at) for start in at) <= 137
    assert 1000 / (at[-1] - at[0]) > 137 / 60 * 0.95


def test_tokens_that_were_not_needed_are_given_back(store: AnswerStore) -> None:
    """A guess that was too high costs nothing in the end."""

    async def run() -> float:
        async with Gate("m", 100, 0, 60_000, store) as gate:
            began = time.monotonic()
            for _ in range(20):
                async with gate.turn(500):
                    gate.correct(500, 0)
            return time.monotonic() - began

    assert asyncio.run(run()) < 5.0


def test_a_process_that_is_gone_holds_no_place(store: AnswerStore) -> None:
    """Nor one that says nothing for long, nor one from before the machine was started again."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    now = time.monotonic()
    rows = [
        ("m", "killed", child.pid, 8, 8, now),
        ("m", "silent", os.getpid(), 8, 8, now - 1000),
        ("m", "before", os.getpid(), 8, 8, now + 1e6),
        ("other", "else", os.getpid(), 8, 8, now),
    ]
    with store.writing() as connection:
        connection.executemany("INSERT INTO places VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.execute("INSERT INTO pace VALUES ('m', ?, ?)", (now + 1e6, now + 1e6))
    assert len(run_gate(store, 6000, 0, 10, 0)) == 10
    raw = store._reader.execute("SELECT owner FROM places").fetchall()
    assert raw == [("else",)]


def test_a_turn_that_is_cancelled_gives_its_place_back() -> None:
    """While it waits, and while it lasts."""

    async def hold(gate: Gate) -> None:
        async with gate.turn(0):
            await asyncio.sleep(60)

    async def run() -> None:
        async with Gate("m", 1, 0, 0, None) as gate:
            first, second = (asyncio.create_task(hold(gate)) for _ in range(2))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            second.cancel()
            first.cancel()
            await asyncio.gather(first, second, return_exceptions=True)
            async with asyncio.timeout(10), gate.turn(0):
                pass

    asyncio.run(run())


def test_a_pause_is_known_to_other_processes(store: AnswerStore) -> None:
    """One is told to wait: another that opens the same endpoint waits too."""

    async def hold_back() -> None:
        async with Gate("m", 4, 0, 0, store) as gate:
            await gate.hold_back(1.0)

    began = time.monotonic()
    asyncio.run(hold_back())
    with open_store(store.path) as other:
        run_gate(other, 0, 0, 1, 0)
    assert time.monotonic() - began >= 1.0
