"""One run at a time: locks that die with their process, and locks on object stores that name who holds them."""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import fsspec
import pytest

from sundog.core.errors import RequestError
from sundog.run.lock import LOCK, hold
from sundog.run.store import Store, open_store


def test_a_second_one_is_refused_and_told_who(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "out"))
    with hold(store), pytest.raises(RequestError, match=f"SD-RUN-004.*process {os.getpid()} on"), hold(store):
        pass
    with hold(store):
        pass
    assert list(tmp_path.rglob(".sundog")) == []  # nothing was made, and nothing stays


def test_what_was_made_stays(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "out"))
    with hold(store):
        store.write(".sundog/request.json", b"{}")
    assert store.exists(".sundog/request.json")
    with hold(store):
        pass


def test_a_place_that_takes_no_folder_ends_the_tries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As /proc does: to make a folder there is answered with "no such file", again and again."""

    def refuse(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(RequestError, match="SD-RUN-005"), hold(open_store(str(tmp_path / "out"))):
        pass


def test_a_process_that_is_killed_lets_go(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "out"))
    code = (
        "import sys, time; from sundog.run.lock import hold; from sundog.run.store import open_store\n"
        "with hold(open_store(sys.argv[1])): print('held', flush=True); time.sleep(300)"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "out")], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(RequestError, match=f"SD-RUN-004.*process {other.pid} on"), hold(store):
            pass
    finally:
        other.kill()
        other.communicate()
    with hold(store):
        pass


def test_a_lock_of_a_folder_that_was_taken_away_is_no_lock(tmp_path: Path) -> None:
    """The run that ends removes the folder with its lock: whoever waited on that file must not think it holds the new one."""
    store = open_store(str(tmp_path / "out"))
    inside, most, wrong = [0], [0], []
    guard = threading.Lock()

    def try_often() -> None:
        for _ in range(200):
            try:
                with hold(store):
                    with guard:
                        inside[0] += 1
                        most[0] = max(most[0], inside[0])
                    store.write(".sundog/mine", b"")
                    with guard:
                        inside[0] -= 1
                    store.remove(".sundog")
            except RequestError as error:
                if error.problems[0].code != "SD-RUN-004":
                    wrong.append(error)

    threads = [threading.Thread(target=try_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert most == [1]


def test_places_that_cannot_be_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RequestError, match="SD-RUN-005"), hold(open_store(str(tmp_path / "file" / "out"))):
        pass
    fs = fsspec.filesystem("memory")

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError("read only")

    monkeypatch.setattr(type(fs), "pipe_file", refuse)
    with pytest.raises(RequestError, match=r"SD-RUN-006.*read only"), hold(open_store("memory://locked")):
        pass


@pytest.fixture
def remote() -> Store:
    fsspec.filesystem("memory").store.clear()
    return open_store("memory://bucket/out")


def test_a_remote_lock(remote: Store) -> None:
    with hold(remote):
        with pytest.raises(RequestError, match=r"SD-RUN-004.*remove /bucket/out/.sundog/lock"), hold(remote):
            pass
        assert remote.exists(LOCK)
    assert not remote.exists(LOCK)


def dead_process() -> int:
    process = multiprocessing.get_context("spawn").Process(target=int)
    process.start()
    process.join()
    assert process.pid is not None
    return process.pid


def test_a_remote_lock_of_a_dead_process_here_is_taken_over(remote: Store) -> None:
    for left in (
        {"host": socket.gethostname(), "process": dead_process(), "since": 1.0, "token": "t"},
        {"host": socket.gethostname(), "process": os.getpid(), "since": 1.0, "token": "t"},  # the number was used again
    ):
        remote.write(LOCK, json.dumps(left).encode())
        with hold(remote):
            pass


@pytest.mark.parametrize("left", ["", "[]", "{}", '{"host": "elsewhere", "process": 1, "since": 1.0}'])
def test_a_remote_lock_of_anybody_else_is_respected(remote: Store, left: str) -> None:
    remote.write(LOCK, left.encode())
    with pytest.raises(RequestError, match="SD-RUN-004"), hold(remote):
        pass
    assert remote.read(LOCK).decode() == left


def test_of_two_that_start_at_once_the_last_writer_wins(remote: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    good = type(remote.fs).pipe_file

    def overtaken(self: Any, path: str, data: bytes, **named: Any) -> Any:
        good(self, path, data, **named)
        return good(self, path, b'{"host": "elsewhere"}', **named)

    monkeypatch.setattr(type(remote.fs), "pipe_file", overtaken)
    with pytest.raises(RequestError, match="SD-RUN-004"), hold(remote):
        pass
    assert remote.read(LOCK) == b'{"host": "elsewhere"}'
