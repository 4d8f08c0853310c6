"""The place a bundle is written to: a local folder, or any fsspec URL. Every file appears whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from sundog.core.errors import Incomplete, Problem, RequestError
from sundog.run.stage_files import STAGING

GONE = ".gone-"
"""What the name of a folder that is being removed holds; a killed run may leave one, which the next one sweeps."""


@dataclass(frozen=True)
class Store:
    """A folder. Paths are relative, with forward slashes.

    Attributes:
        url: what the user gave.
        fs: the file system of it.
        root: path of the folder inside ``fs``.
    """

    url: str
    fs: Any
    root: str

    @property
    def local(self) -> bool:
        """Whether it lies on this machine's file system."""
        return isinstance(self.fs, LocalFileSystem)

    def path(self, name: str = "") -> str:
        """Path inside the file system."""
        return f"{self.root}/{name}" if name else self.root

    def local_path(self, name: str = "") -> Path:
        """Path on this machine; only for local stores."""
        return Path(self.path(name))

    def exists(self, name: str = "") -> bool:
        """Whether there is such a file or folder."""
        return bool(self.fs.exists(self.path(name)))

    def entries(self, name: str = "") -> tuple[str, ...]:
        """Names of what lies in a folder, sorted; empty when it does not exist."""
        if not self.exists(name):
            return ()
        self.fs.invalidate_cache()
        found = self.fs.ls(self.path(name), detail=False)
        return tuple(sorted(str(f).rstrip("/").rsplit("/", 1)[-1] for f in found))

    def files(self, name: str = "") -> tuple[str, ...]:
        """All files under a folder, relative to the store, sorted."""
        if not self.exists(name):
            return ()
        self.fs.invalidate_cache()
        prefix = self.root.rstrip("/") + "/"
        return tuple(sorted(str(f).removeprefix(prefix) for f in self.fs.find(self.path(name))))

    def read(self, name: str) -> bytes:
        """The bytes of a file."""
        with self.fs.open(self.path(name), "rb") as stream:
            return bytes(stream.read())

    def read_json(self, name: str) -> Any:
        """A parsed JSON file."""
        return json.loads(self.read(name))

    def write(self, name: str, data: bytes) -> str:
        """Write a file whole: temporary name, flush to disk, rename. Gives the sha256 of the bytes.

        Raises:
            Incomplete: the disk is full or the place cannot be written.
        """
        try:
            if self.local:
                self._write_local(name, data)
            else:  # an object store shows an object only when its upload has ended
                self.fs.makedirs(self.path(name).rsplit("/", 1)[0], exist_ok=True)
                self.fs.pipe_file(self.path(name), data)
        except OSError as error:
            raise write_error(error, self.path(name)) from error
        return sha256(data).hexdigest()

    def write_json(self, name: str, value: Mapping[str, Any]) -> str:
        """Write a JSON file whole, keys in the order given."""
        return self.write(name, (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode())

    def move(self, source: str, target: str) -> None:
        """Rename a file or folder inside the store.

        On an object store that is a copy and a removal, file by file: a move that was killed is finished by another one.
        """
        try:
            if self.local:
                self.local_path(target).parent.mkdir(parents=True, exist_ok=True)
                self.local_path(source).replace(self.local_path(target))
                _flush_folder(self.local_path(target).parent)
            elif self.fs.isfile(self.path(source)):
                self.fs.mv(self.path(source), self.path(target))
            else:
                for name in self.files(source):
                    self.move(name, target + name.removeprefix(source))
        except OSError as error:
            raise write_error(error, self.path(target)) from error

    def remove(self, name: str) -> None:
        """Remove a file or folder, if it is there."""
        if self.local:
            path = self.local_path(name)
            if path.is_dir():
                # In one step: a run that starts meanwhile makes a folder of its own, and its lock must not be taken away.
                gone = path.with_name(f"{path.name}{GONE}{os.getpid()}-{threading.get_ident()}")
                path.rename(gone)
                shutil.rmtree(gone)
            elif path.exists():
                path.unlink()
        elif self.exists(name):
            self.fs.rm(self.path(name), recursive=True)

    def _write_local(self, name: str, data: bytes) -> None:
        path = self.local_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        # What a killed run leaves must not lie in a folder that moves into the bundle.
        folder = self.local_path(f"{STAGING}/writing") if name.startswith(f"{STAGING}/") else path.parent
        folder.mkdir(exist_ok=True)
        mine = f"{socket.gethostname()}.{os.getpid()}.{threading.get_ident()}"
        temporary = folder / f".{sha256(name.encode()).hexdigest()[:16]}.{mine}.tmp"
        try:
            with temporary.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    """Let a rename survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def open_store(url: str) -> Store:
    """A store for a folder or an fsspec URL; nothing is made yet.

    Raises:
        RequestError: the protocol is not known, or its package is missing.
    """
    try:
        fs, root = fsspec.core.url_to_fs(url)
    except (ValueError, ImportError) as error:
        raise RequestError(
            Problem(
                "SD-RUN-001",
                "output",
                f"{url!r} cannot be opened: {error}",
                "Give a folder, or a URL that fsspec can open; install the package that it names.",
            )
        ) from error
    return Store(url, fs, str(root).rstrip("/"))


def is_full(error: OSError) -> bool:
    """Whether a disk has no room left for this user."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def write_error(error: OSError, where: str) -> Incomplete:
    """What a failed write means to the user."""
    if is_full(error):
        return Incomplete(
            Problem(
                "SD-RUN-002",
                where,
                "the disk is full",
                "Free some space, then run the same command with --resume: what is finished is kept.",
            )
        )
    return Incomplete(
        Problem(
            "SD-RUN-003",
            where,
            f"cannot be written: {error.strerror or error}",
            "Mend the place, then run the same command with --resume.",
        )
    )
