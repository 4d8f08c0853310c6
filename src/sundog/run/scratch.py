"""A private folder for what must not outlive a run: spooled real records above all."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "sundog-scratch-"


@contextmanager
def open_scratch() -> Iterator[Path]:
    """A new folder that only this user may read, removed at the end.

    Folders that killed runs left behind are removed first: each live run holds a lock on its own.
    """
    root = Path(tempfile.gettempdir())
    sweep(root)
    new = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}", dir=root))  # mode 0700
    handle = os.open(new / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    folder = new.rename(root / new.name.removeprefix("."))  # only now, locked, it has a name that others sweep
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def sweep(root: Path) -> int:
    """Remove scratch folders of this user whose run is dead; gives how many."""
    swept = 0
    for folder in root.glob(f"{_PREFIX}*"):
        try:
            if folder.stat().st_uid != os.getuid():
                continue
            handle = os.open(folder / "lock", os.O_RDWR)
        except OSError:
            continue  # gone meanwhile
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        else:
            shutil.rmtree(folder, ignore_errors=True)
            swept += 1
        finally:
            os.close(handle)
    return swept
