"""The store of answers: one SQLite file, shared by runs and by the worker processes of a run.

An answer is committed before anybody sees it. Answers that come at about the same time are committed together, so that a thousand of them
a second cost a few dozen commits. Reading never waits for writing (write-ahead log).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from sundog.core.errors import Incomplete, Problem, RequestError, SundogError
from sundog.lib.language.address import read_calls, write_calls
from sundog.lib.language.places import find_answers, make_folder
from sundog.lib.language.protocol import Answer

_APPLICATION = 0x53444C4D
_VERSION = 1
_BUSY_S = 60.0
_TABLES = """
CREATE TABLE answers (
    address TEXT PRIMARY KEY, model TEXT NOT NULL, text TEXT NOT NULL, finish TEXT NOT NULL, calls TEXT NOT NULL,
    asked INTEGER NOT NULL, answered INTEGER NOT NULL, tries INTEGER NOT NULL, name TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE waiting (address TEXT PRIMARY KEY, model TEXT NOT NULL, batch TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE remarks (model TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (model, name)) WITHOUT ROWID;
CREATE TABLE places (
    model TEXT NOT NULL, owner TEXT NOT NULL, process INTEGER NOT NULL, held INTEGER NOT NULL, wanted INTEGER NOT NULL,
    seen REAL NOT NULL, PRIMARY KEY (model, owner)
) WITHOUT ROWID;
CREATE TABLE pace (model TEXT PRIMARY KEY, requests_from REAL NOT NULL, tokens_from REAL NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class ModelCounts:
    """What the store holds of one model."""

    model: str
    answers: int
    malformed: int
    asked_tokens: int
    answered_tokens: int


class AnswerStore:
    """An open store. Of one process; a worker opens its own on the same file, which the others see at once."""

    def __init__(self, path: Path, writer: sqlite3.Connection, reader: sqlite3.Connection) -> None:
        self.path = path
        self._writer = writer
        self._reader = reader  # on its own connection nobody sees what is not committed yet
        self._turn = threading.Lock()
        self._pending: list[tuple[str, str, Answer, asyncio.Future[Answer]]] = []
        self._flush: asyncio.Task[None] | None = None

    def __enter__(self) -> AnswerStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was answered is committed already."""
        with self._turn:
            self._writer.close()
            self._reader.close()

    def get(self, address: str) -> Answer | None:
        """The stored answer, marked as such."""
        with _coded(self.path):
            row = self._reader.execute(
                "SELECT text, finish, calls, asked, answered, tries, name FROM answers WHERE address = ?", (address,)
            ).fetchone()
        if row is None:
            return None
        text, finish, calls, asked, answered, tries, name = row
        return Answer(text, finish, read_calls(calls), asked, answered, tries, True, name)

    async def put(self, address: str, model: str, answer: Answer) -> Answer:
        """Commit an answer, then give the one that is stored: an earlier one, where another process was faster.

        Raises:
            Incomplete: the file cannot be written; the answers before are safe.
        """
        loop = asyncio.get_running_loop()
        committed: asyncio.Future[Answer] = loop.create_future()
        self._pending.append((address, model, answer, committed))
        if self._flush is None or self._flush.done():
            self._flush = loop.create_task(self._commit_pending())
        return await committed

    async def _commit_pending(self) -> None:
        """Commit all that waits, and what came meanwhile, in a thread: whoever asks goes on while the disk works."""
        while self._pending:
            group, self._pending = self._pending, []
            try:
                stored = await asyncio.to_thread(self.put_many, [(a, m, answer) for a, m, answer, _ in group])
            except SundogError as error:
                for *_, committed in group:
                    if not committed.done():
                        committed.set_exception(error)
                continue
            for (*_, committed), answer in zip(group, stored, strict=True):
                if not committed.done():
                    committed.set_result(answer)

    async def settle(self) -> None:
        """Wait until all that was handed in is committed."""
        if self._flush is not None and self._flush.get_loop() is asyncio.get_running_loop():
            await asyncio.gather(self._flush, return_exceptions=True)

    def put_many(self, group: Sequence[tuple[str, str, Answer]]) -> list[Answer]:
        """Commit answers by address and model in one transaction; gives those that are stored now."""
        rows = [
            (a, m, x.text, x.finish, write_calls(x), x.asked_tokens, x.answered_tokens, x.tries, x.model)
            for a, m, x in group
        ]
        with self.writing() as connection:
            before = connection.total_changes
            connection.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            all_new = connection.total_changes - before == len(rows)
            connection.executemany("DELETE FROM waiting WHERE address = ?", [(row[0],) for row in rows])
        if all_new:
            return [answer for *_, answer in group]
        kept = [self.get(address) for address, *_ in group]
        return [replace(k, stored=False) if k is not None else a for k, (*_, a) in zip(kept, group, strict=True)]

    def recall(self, model: str, name: str) -> str | None:
        """What was found out about a model before."""
        with _coded(self.path):
            row = self._reader.execute(
                "SELECT value FROM remarks WHERE model = ? AND name = ?", (model, name)
            ).fetchone()
        return None if row is None else str(row[0])

    def remember(self, model: str, name: str, value: str) -> None:
        """Keep what was found out about a model."""
        with self.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO remarks VALUES (?, ?, ?)", (model, name, value))

    def await_batch(self, model: str, batch: str, addresses: Sequence[str]) -> None:
        """Keep that these answers are made in a batch at the endpoint, so that nobody pays for them again."""
        with self.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO waiting VALUES (?, ?, ?)", [(address, model, batch) for address in addresses]
            )

    def find_batch(self, address: str) -> str | None:
        """The batch in which an answer is being made."""
        with _coded(self.path):
            row = self._reader.execute("SELECT batch FROM waiting WHERE address = ?", (address,)).fetchone()
        return None if row is None else str(row[0])

    def drop_waiting(self, address: str) -> None:
        """Forget in which batch an answer was to be made: it may be asked again."""
        with self.writing() as connection:
            connection.execute("DELETE FROM waiting WHERE address = ?", (address,))

    def count(self) -> list[ModelCounts]:
        """What is stored, by model."""
        asked = "SELECT model, count(*), sum(finish = 'malformed'), sum(asked), sum(answered) FROM answers GROUP BY model ORDER BY model"
        with _coded(self.path):
            return [ModelCounts(*row) for row in self._reader.execute(asked)]

    def measure_bytes(self) -> int:
        """Size of the file and its log."""
        beside = (self.path, self.path.with_name(self.path.name + "-wal"))
        return sum(path.stat().st_size for path in beside if path.exists())

    def forget(self, model: str = "") -> int:
        """Remove the answers of a model, or all, and give how many there were; the file becomes smaller."""
        where, given = ("WHERE model = ?", (model,)) if model else ("", ())
        with _coded(self.path):
            with self.writing() as connection:
                gone = connection.execute(f"DELETE FROM answers {where}", given).rowcount  # noqa: S608 - no word of a user
                for table in ("waiting", "remarks", "pace"):
                    connection.execute(f"DELETE FROM {table} {where}", given)  # noqa: S608 - no word of a user
            self._writer.execute("VACUUM")
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that writes: it waits for others', and an error inside undoes it.

        Raises:
            Incomplete: the file cannot be written.
        """
        with _coded(self.path), self._turn:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise


def open_store(path: Path | None = None) -> AnswerStore:
    """Open the user's store, or that of a file, and make it if it is not there; only its owner may read it.

    Raises:
        RequestError: the file cannot be opened, is no store, or was written by a later version of Sundog.
    """
    path = find_answers() if path is None else path
    make_folder(path.parent)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite would make it with the rights of the umask
    except OSError as error:
        what = f"the store of answers cannot be opened: {error.strerror}"
        fix = "State a folder of yours in the environment variable SUNDOG_CACHE."
        raise RequestError(Problem("SD-MODEL-002", str(path), what, fix)) from error
    with _coded(path):
        writer, reader = (
            sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False) for _ in range(2)
        )
        try:
            _prepare(writer, path)
            reader.execute("PRAGMA query_only = 1")
        except BaseException:
            writer.close()
            reader.close()
            raise
    return AnswerStore(path, writer, reader)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new file; refuse one that is not ours."""
    if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        what, fix = "its disk does not let processes share it", "State a folder on a local disk in SUNDOG_CACHE."
        raise RequestError(Problem("SD-MODEL-003", str(path), what, fix))
    connection.execute("PRAGMA synchronous = FULL")  # an answer that was paid for outlives a loss of power
    connection.execute("BEGIN IMMEDIATE")
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if empty:
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.execute("COMMIT")
    if not empty and (application != _APPLICATION or version != _VERSION):
        told = (
            f"version {version}, this Sundog knows {_VERSION}"
            if application == _APPLICATION
            else "it is another program's"
        )
        fix = "Move it away, or state another folder in SUNDOG_CACHE."
        raise RequestError(
            Problem("SD-MODEL-004", str(path), f"the file is no store of answers that can be read: {told}", fix)
        )


@contextlib.contextmanager
def _coded(path: Path) -> Iterator[None]:
    """SQLite's errors as ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        what = f"the store of answers cannot be used now: {error}"
        fix = "Free space, or end what holds the file, and run the command again with --resume: nothing that was stored is lost."
        raise Incomplete(Problem("SD-MODEL-005", str(path), what, fix)) from error
    except sqlite3.DatabaseError as error:
        what = f"the store of answers is damaged: {error}"
        fix = "Move the file away; what it held is asked again."
        raise RequestError(Problem("SD-MODEL-006", str(path), what, fix)) from error
