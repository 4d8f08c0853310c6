"""One run at a time in an output folder."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from sundog.core.errors import Problem, RequestError
from sundog.run.stage_files import STAGING
from sundog.run.store import Store

LOCK = f"{STAGING}/lock"

TRIES = 1_000
"""Times that the folder may be taken away under our hands before it is the place that does not take one."""


def _busy(store: Store, who: str) -> RequestError:
    return RequestError(
        Problem(
            "SD-RUN-004",
            store.url,
            f"another run is writing here ({who})",
            "Wait for it to end, or give another output with -o.",
        )
    )


@contextmanager
def hold(store: Store) -> Iterator[None]:
    """Hold the output folder for as long as the block runs.

    On a local folder the kernel drops the lock when the process dies, however it dies. On an object store there is no
    such thing: a lock object is made. One that a dead process of this machine left behind is taken over; one from
    another machine is named in the error.

    Raises:
        RequestError: another run holds it, or the place cannot be written.
    """
    if not store.local:
        with _hold_remote(store):
            yield
        return
    path = store.local_path(LOCK)
    handle = _lock(store, path)
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)
        yield
    finally:
        with contextlib.suppress(OSError):  # there is more in the folder: it stays for the run that resumes
            ours = os.path.samestat(
                path.stat(), os.fstat(handle)
            )  # and not that of a run which began after this one ended
            if ours and list(path.parent.iterdir()) == [path]:
                path.unlink()
                path.parent.rmdir()
        os.close(handle)


def _lock(store: Store, path: Path) -> int:
    """A handle of the locked file that lies at ``path`` now: a run that ends removes the file together with its lock."""
    for tried in itertools.count(1):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            # A run that just ended took the folder away, before the file was opened or before mkdir looked again.
            gone = isinstance(error, FileNotFoundError)
            gone |= isinstance(error, FileExistsError) and not path.parent.is_file()
            if gone and tried < TRIES:
                continue
            raise RequestError(
                Problem(
                    "SD-RUN-005",
                    store.url,
                    f"the output cannot be written: {error.strerror}",
                    "Give a folder that you may write to with -o.",
                )
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists() and os.path.samestat(path.stat(), os.fstat(handle)):
                return handle
        except OSError as error:
            who = os.pread(handle, 200, 0).decode(errors="replace").strip()
            os.close(handle)
            raise _busy(store, who or "unknown") from error
        os.close(handle)
    raise AssertionError("counting does not end")


@contextmanager
def _hold_remote(store: Store) -> Iterator[None]:
    if store.exists(LOCK):
        holder = _read_holder(store)
        if not _is_dead(holder):
            who = f"process {holder.get('process')} on {holder.get('host')}"
            raise _busy(store, f"{who}; if that run is dead, remove {store.path(LOCK)}")
    me = {
        "host": socket.gethostname(),
        "process": os.getpid(),
        "since": psutil.Process().create_time(),
        "token": os.urandom(8).hex(),
    }
    try:
        store.fs.makedirs(store.path(STAGING), exist_ok=True)
        store.fs.pipe_file(store.path(LOCK), json.dumps(me).encode())
    except (OSError, NotImplementedError) as error:
        raise RequestError(
            Problem(
                "SD-RUN-006",
                store.url,
                f"the output cannot be written: {error}",
                "Give a place that you may write to with -o.",
            )
        ) from error
    if _read_holder(store) != me:  # the last writer wins: the other one sees that it lost
        raise _busy(store, "it started at the same moment")
    try:
        yield
    finally:
        if store.exists(LOCK) and _read_holder(store) == me:
            store.remove(LOCK)


def _read_holder(store: Store) -> dict[str, Any]:
    try:
        found = store.read_json(LOCK)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_dead(holder: dict[str, Any]) -> bool:
    """Whether a lock was left by a process of this machine that is no more."""
    if holder.get("host") != socket.gethostname():
        return False
    try:
        return bool(psutil.Process(int(holder["process"])).create_time() != holder["since"])
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, KeyError, TypeError, ValueError):
        return False
