"""How many questions wait at an endpoint at once, and how many are sent a minute, over all worker processes of a machine.

Processes share both through the store of answers. Places are divided among the processes that have the endpoint open, and looked at again
twice a second; what a process holds it holds alone, so that the sum never exceeds the limit, and a process that ends, even by ``kill -9``,
loses its places at the next look of another. Rates are one schedule: who wants to send takes the next free half second of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import sqlite3
import time
from collections import deque
from typing import Literal

from sundog.lib.language.store import AnswerStore

LOOK_S = 0.5
_SILENT_S = 30.0
_MINUTE_S = 61.0  # a little more than a minute: half seconds that begin and end in one minute stay under its limit
_LATEST_S = 3600.0


class Gate:
    """The limits of one endpoint, as one process sees them; opened by ``async with``."""

    def __init__(
        self,
        identity: str,
        concurrency: int,
        requests_per_minute: int,
        tokens_per_minute: int,
        store: AnswerStore | None,
    ) -> None:
        self._identity = identity
        self._concurrency = concurrency
        self._store = store
        self._held = concurrency if store is None else 0
        self._busy = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._not_before = 0.0
        self._requests = _Schedule(identity, "requests_from", requests_per_minute, store)
        self._tokens = _Schedule(identity, "tokens_from", tokens_per_minute, store)
        self._looking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Gate:
        if self._store is not None:
            self._look(self._store)
            self._looking = asyncio.create_task(self._look_again(self._store))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking
        if self._store is not None:
            with self._store.writing() as connection:
                connection.execute("DELETE FROM places WHERE model = ? AND owner = ?", (self._identity, self._owner))

    def turn(self, tokens: int) -> _Turn:
        """One request, by ``async with``: waits for a place and for its time, and holds the place while it lasts.

        Args:
            tokens: of question and answer, as far as they can be guessed.
        """
        return _Turn(self, tokens)

    async def begin(self, tokens: int) -> None:
        """Wait for a place and for its time."""
        await self._take_place()
        try:
            await self._requests.take(1)
            await self._tokens.take(tokens)
            while (wait := self._not_before - time.monotonic()) > 0:
                await asyncio.sleep(wait)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Give the place back."""
        self._busy -= 1
        self._let_in()

    def correct(self, guessed: int, tokens: int) -> None:
        """Tell how many tokens a request really took."""
        self._tokens.give_back(guessed - tokens)

    async def hold_back(self, seconds: float) -> None:
        """The endpoint asks for a pause: nobody sends anything for so long."""
        until = time.monotonic() + seconds
        self._not_before = max(self._not_before, until)
        if self._store is not None:
            await asyncio.to_thread(self._requests.postpone, until)

    async def _take_place(self) -> None:
        if self._busy < self._held and not self._waiting:
            self._busy += 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # it was given at the same moment
                self._busy -= 1
                self._let_in()
            raise

    def _let_in(self) -> None:
        while self._waiting and self._busy < self._held:
            place = self._waiting.popleft()
            if not place.done():
                self._busy += 1
                place.set_result(None)

    @property
    def _owner(self) -> str:
        return f"{os.getpid()}-{id(self)}"

    async def _look_again(self, store: AnswerStore) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await asyncio.to_thread(self._look, store)
            self._let_in()

    def _look(self, store: AnswerStore) -> None:
        """Take a share of the places, or give some back."""
        now, wanted = time.monotonic(), self._busy + len(self._waiting)
        with store.writing() as connection:
            asked = "SELECT owner, process, held, wanted, seen FROM places WHERE model = ? AND owner != ?"
            others = connection.execute(asked, (self._identity, self._owner)).fetchall()
            for owner, process, *_, seen in others:
                if not (_is_alive(process) and now - _SILENT_S < seen <= now + 1):
                    connection.execute("DELETE FROM places WHERE model = ? AND owner = ?", (self._identity, owner))
            others = [o for o in others if _is_alive(o[1]) and now - _SILENT_S < o[4] <= now + 1]
            free = self._concurrency - sum(held for _, _, held, *_ in others)
            share = max(1, self._concurrency // (len(others) + 1))
            # More processes than places: whoever had one lets another have it.
            crowded = self._held > 0 and any(held == 0 < wants for _, _, held, wants, _ in others)
            target = 0 if crowded and self._concurrency <= len(others) else share
            self._held = min(free, max(target if others else self._concurrency, self._busy))
            row = (self._identity, self._owner, os.getpid(), self._held, wanted, now)
            connection.execute("INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?, ?, ?)", row)
            found = connection.execute("SELECT requests_from FROM pace WHERE model = ?", (self._identity,)).fetchone()
        if found is not None and self._requests.per_minute == 0 and now < found[0] < now + _LATEST_S:
            self._not_before = max(self._not_before, found[0])


class _Turn:
    """One request at a gate."""

    __slots__ = ("_gate", "_tokens")

    def __init__(self, gate: Gate, tokens: int) -> None:
        self._gate, self._tokens = gate, tokens

    async def __aenter__(self) -> None:
        await self._gate.begin(self._tokens)

    async def __aexit__(self, *_: object) -> None:
        self._gate.end()


class _Schedule:
    """Requests or tokens a minute, as one timetable from which processes take half seconds."""

    def __init__(
        self, identity: str, column: Literal["requests_from", "tokens_from"], per_minute: int, store: AnswerStore | None
    ) -> None:
        self._identity = identity
        self._column = column
        self.per_minute = per_minute
        self._store = store
        self._credit = 0.0
        self._from = 0.0
        self._turn = asyncio.Lock()

    async def take(self, amount: int) -> None:
        """Wait until so many may be sent."""
        if self.per_minute == 0:
            return
        async with self._turn:
            if self._credit < amount:
                wanted = max(amount - self._credit, math.ceil(self.per_minute / 60 * LOOK_S))
                start = await asyncio.to_thread(self._reserve, wanted * _MINUTE_S / self.per_minute)
                self._credit += wanted
                await asyncio.sleep(max(0.0, start - time.monotonic()))
            self._credit -= amount

    def give_back(self, amount: int) -> None:
        """Some were not needed, or, below zero, more were than had been thought."""
        if self.per_minute:
            self._credit += amount

    def _reserve(self, seconds: float) -> float:
        """The next free stretch of the timetable: when it begins."""
        now = time.monotonic()
        if self._store is None:
            start = max(now, self._from)
            self._from = start + seconds
            return start
        with self._store.writing() as connection:
            start = max(now, self._read(connection, now))
            self._write(connection, start + seconds)
        return start

    def postpone(self, until: float) -> None:
        """Nothing is sent before."""
        now = time.monotonic()
        if self._store is not None:
            with self._store.writing() as connection:
                self._write(connection, max(until, self._read(connection, now)))

    def _read(self, connection: sqlite3.Connection, now: float) -> float:
        """The end of what is taken; one that lies far ahead was written before the machine was started again."""
        connection.execute("INSERT OR IGNORE INTO pace VALUES (?, 0, 0)", (self._identity,))
        asked = f"SELECT {self._column} FROM pace WHERE model = ?"  # noqa: S608 - one of two names above
        found = float(connection.execute(asked, (self._identity,)).fetchone()[0])
        return found if found < now + _LATEST_S else now

    def _write(self, connection: sqlite3.Connection, value: float) -> None:
        told = f"UPDATE pace SET {self._column} = ? WHERE model = ?"  # noqa: S608 - one of two names above
        connection.execute(told, (value, self._identity))


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
