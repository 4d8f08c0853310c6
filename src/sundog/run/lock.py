"""One run at a time in an output folder."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from sundog.core.errors import Problem, RequestError
from sundog.run.store import Store

LOCK = ".sundog/lock"


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
    such thing: a lock object is made, and one that a killed run left behind is named in the error.

    Raises:
        RequestError: another run holds it, or the place cannot be written.
    """
    who = f"process {os.getpid()} on {socket.gethostname()}"
    if not store.local:
        with _hold_remote(store, who):
            yield
        return
    path = store.local_path(LOCK)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise RequestError(
            Problem(
                "SD-RUN-005",
                store.url,
                f"the output cannot be written: {error.strerror}",
                "Give a folder that you may write to with -o.",
            )
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _busy(store, os.pread(handle, 200, 0).decode(errors="replace").strip() or "unknown") from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, who.encode(), 0)
        yield
    finally:
        os.close(handle)


@contextmanager
def _hold_remote(store: Store, who: str) -> Iterator[None]:
    if store.exists(LOCK):
        raise _busy(
            store, store.read(LOCK).decode(errors="replace") + f"; if that run is dead, remove {store.path(LOCK)}"
        )
    token = json.dumps({"who": who, "token": os.urandom(8).hex()})
    try:
        store.fs.makedirs(store.path(".sundog"), exist_ok=True)
        store.fs.pipe_file(store.path(LOCK), token.encode())
    except (OSError, NotImplementedError) as error:
        raise RequestError(
            Problem(
                "SD-RUN-006",
                store.url,
                f"the output cannot be written: {error}",
                "Give a place that you may write to with -o.",
            )
        ) from error
    if store.read(LOCK).decode() != token:  # the last writer wins: the other one sees that it lost
        raise _busy(store, "another run that started at the same moment")
    try:
        yield
    finally:
        store.remove(LOCK)
