"""The ledger of a source on disk: what is asked for is written there before a row is read, and stays.

One file a source, named by its SHA-256; one line a charge: the releases as JSON, chained by hashes to the lines before. A
charge holds a lock, adds up what is there, appends one line and flushes it to the disk, so that two processes never
overspend together and a run that is killed afterwards counts as spent. A last line that was never finished is dropped: its
charge had not come back, so nothing was read for it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import math
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from sundog.core.errors import Problem, RequestError
from sundog.lib.privacy.ledger import Budget, Ledger, Release, Total, check_budget
from sundog.lib.privacy.losses import Loss

VARIABLE = "SUNDOG_PRIVACY_LEDGER"
"""Environment variable that names the folder of ledgers."""


VERSION = 1
"""Of the lines. A later version reads the lines of earlier ones; what it writes, an earlier one refuses."""


def find_folder() -> Path:
    """Where ledgers lie: the folder that ``SUNDOG_PRIVACY_LEDGER`` names, else ``sundog/privacy`` in the user's data folder."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "sundog" / "privacy"


def name_source(digests: Iterable[str]) -> str:
    """The name of a source of one file or several, from the SHA-256 of each, whatever their order."""
    found = sorted(digests)
    return found[0] if len(found) == 1 else hashlib.sha256("\n".join(found).encode()).hexdigest()


def charge(
    releases: tuple[Release, ...], source: str, budget: Budget, folder: Path | None = None, where: str = "privacy"
) -> Total:
    """Write releases into the ledger of a source, or refuse them; they count as spent once this comes back.

    Args:
        releases: what is about to be drawn, all or none.
        source: SHA-256 of the source in 64 hexadecimal digits.
        budget: for the source over all runs.
        folder: where ledgers lie; ``find_folder()`` if None.
        where: place in the recipe or on the command line, for errors.

    Returns:
        What the source has cost now.

    Raises:
        RequestError: over budget, another unit of privacy, or the ledger cannot be written or read.
    """
    path = _path_of(source, folder)
    asked = Ledger(releases)
    check_budget(budget, Ledger(), asked, where)  # a request that can never be met makes no file
    with _open_locked(path, where) as handle:
        spent, digest, end = _read(_contents(handle), path, where)
        total = check_budget(budget, spent, asked, where)
        line = _write_line(releases, digest)
        try:
            os.ftruncate(handle, end)
            _write_all(handle, line, end)
            os.fsync(handle)
            _flush_folder(path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, end)
            raise _unwritable(path, where, error) from error
    return total


def read_ledger(source: str, folder: Path | None = None, where: str = "privacy") -> Ledger:
    """What has been spent on a source; empty when nothing has.

    Raises:
        RequestError: the ledger is damaged or cannot be read.
    """
    path = _path_of(source, folder)
    try:
        return _read(path.read_bytes(), path, where)[0]
    except FileNotFoundError:
        return Ledger()
    except OSError as error:
        raise _unwritable(path, where, error) from error


def _path_of(source: str, folder: Path | None) -> Path:
    if not re.fullmatch("[0-9a-f]{64}", source):
        raise ValueError("a source is named by its SHA-256 in 64 hexadecimal digits")
    return (folder or find_folder()) / f"{source}.jsonl"


@contextmanager
def _open_locked(path: Path, where: str) -> Iterator[int]:
    """A handle of the file, made if need be, that no other process holds. The kernel drops the lock of a dead process."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unwritable(path, where, error) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError as error:
            raise _unwritable(path, where, error) from error
        yield handle
    finally:
        os.close(handle)


def _contents(handle: int) -> bytes:
    found, at = [], 0
    while block := os.pread(handle, 1 << 20, at):
        found.append(block)
        at += len(block)
    return b"".join(found)


def _write_all(handle: int, data: bytes, at: int) -> None:
    while data:
        written = os.pwrite(handle, data, at)
        data, at = data[written:], at + written


def _flush_folder(folder: Path) -> None:
    """Make the name of a new file last as its contents do."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(before: str, body: str) -> str:
    return hashlib.sha256(f"{before}\n{body}".encode()).hexdigest()


def _write_line(releases: tuple[Release, ...], before: str) -> bytes:
    charged = {"version": VERSION, "releases": [_encode(r) for r in releases]}
    body = json.dumps(charged, separators=(",", ":"), allow_nan=False)
    return f"{_digest(before, body)} {body}\n".encode()


def _read(data: bytes, path: Path, where: str) -> tuple[Ledger, str, int]:
    """The ledger, the digest of its last line, and the length in bytes of the whole lines."""
    end = data.rfind(b"\n") + 1
    releases: list[Release] = []
    digest = ""
    for number, line in enumerate(data[:end].splitlines(), 1):
        try:
            stated, body = line.decode().split(" ", 1)
            if stated != _digest(digest, body):
                raise ValueError("its hash does not follow from the lines before")
            charged = json.loads(body)
            if charged["version"] != VERSION:
                raise ValueError(f"it was written by another version of Sundog ({charged['version']!r})")
            releases.extend(_decode(r) for r in charged["releases"])
        except (ValueError, TypeError, KeyError) as error:
            raise RequestError(
                Problem(
                    "SD-PRIVACY-005",
                    where,
                    f"line {number} of the ledger {path} cannot be read: {error}",
                    "What was spent is unknown, so nothing more is released. Bring back a copy of the file.",
                )
            ) from error
        digest = stated
    return Ledger(tuple(releases)), digest, end


def _encode(release: Release) -> dict[str, Any]:
    """JSON has no infinity: an epsilon that is not bounded is null."""
    found = {f.name: getattr(release, f.name) for f in fields(Release)}
    loss = release.loss
    found["loss"] = {
        "epsilon": None if math.isinf(loss.epsilon) else loss.epsilon,
        "rho": loss.rho,
        "delta": loss.delta,
    }
    return found


def _decode(found: dict[str, Any]) -> Release:
    loss = dict(found["loss"])
    loss["epsilon"] = math.inf if loss["epsilon"] is None else float(loss["epsilon"])
    if not all(v >= 0 for v in loss.values()):
        raise ValueError("a loss below 0")
    bounds = found["bounds"]
    given = {**found, "loss": Loss(**loss), "columns": tuple(found["columns"]), "bounds": bounds and tuple(bounds)}
    return Release(**given)


def _unwritable(path: Path, where: str, error: OSError) -> RequestError:
    return RequestError(
        Problem(
            "SD-PRIVACY-006",
            where,
            f"the privacy ledger {path} cannot be written: {error.strerror}",
            f"Nothing was read. Name a folder that you may write to in {VARIABLE}.",
        )
    )
