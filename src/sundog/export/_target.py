"""Where exports go: a temporary name first, then a rename, so that an export is there whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from sundog.core.errors import Incomplete, Problem, RequestError, SundogError

WHERE = "dest"

Write = Callable[[IO[bytes]], None]


def write_whole(target: str, files: Sequence[tuple[str, Write]], suffix: str) -> tuple[str, ...]:
    """Write files under a folder or URL.

    A single file may be named itself: ``people.csv`` where the suffix is ``.csv``. A folder that is not there yet
    appears with all its files at once; in one that is there, each file appears whole, and none is written over.

    Args:
        target: folder, file or fsspec URL.
        files: name and writer of each.
        suffix: of the format, with its dot.

    Raises:
        RequestError: the place cannot be written to, or such a file is there already.
        Incomplete: the disk is full; nothing is left behind.
    """
    try:
        fs, root = fsspec.core.url_to_fs(target)
    except (ValueError, ImportError) as error:
        mend = "Give a folder, or a URL that fsspec can open; install the package that it names."
        raise RequestError(Problem("SD-EXPORT-006", WHERE, f"{target!r} cannot be opened: {error}", mend)) from error
    root = str(root).rstrip("/")
    if root.endswith(suffix) and not fs.isdir(root):
        if len(files) != 1:
            what = f"{target!r} is one file, and {len(files)} tables are exported"
            raise RequestError(Problem("SD-EXPORT-007", WHERE, what, "Give a folder."))
        root, _, name = root.rpartition("/")
        files = [(name, files[0][1])]
    _refuse_what_is_there(fs, root, [name for name, _ in files])
    try:
        if isinstance(fs, LocalFileSystem):
            _write_local(Path(root or "/"), files)
        else:
            _write_remote(fs, root, files)
    except OSError as error:
        raise _explain(error, target) from error
    return tuple(
        fs.unstrip_protocol(f"{root}/{n}") if not isinstance(fs, LocalFileSystem) else f"{root}/{n}" for n, _ in files
    )


def _refuse_what_is_there(fs: Any, root: str, names: Sequence[str]) -> None:
    if root and fs.exists(root) and not fs.isdir(root):
        raise RequestError(Problem("SD-EXPORT-008", WHERE, f"{root!r} is a file, not a folder", "Give a folder."))
    there = [n for n in names if fs.exists(f"{root}/{n}")]
    if there:
        what = f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already"
        raise RequestError(Problem("SD-EXPORT-009", f"{WHERE} {root}", what, "Remove it, or give another folder."))


def _write_local(folder: Path, files: Sequence[tuple[str, Write]]) -> None:
    fresh = not folder.exists()
    if fresh:
        folder.parent.mkdir(parents=True, exist_ok=True)
    staging = folder.with_name(f".{folder.name}.{os.getpid()}.tmp") if fresh else folder
    placed: list[Path] = []
    try:
        if fresh:
            staging.mkdir()
        for name, write in files:
            placed.append(staging / (name if fresh else f".{name}.{os.getpid()}.tmp"))
            with placed[-1].open("wb") as stream:
                write(stream)
                stream.flush()
                os.fsync(stream.fileno())
        if fresh:
            staging.rename(folder)
        else:
            for i, (name, _) in enumerate(files):
                placed[i].replace(folder / name)
                placed[i] = folder / name
    except BaseException:
        for path in placed:
            path.unlink(missing_ok=True)
        if fresh and staging.is_dir():
            staging.rmdir()
        raise


def _write_remote(fs: Any, root: str, files: Sequence[tuple[str, Write]]) -> None:
    fs.makedirs(root, exist_ok=True)
    placed: list[str] = []
    try:
        for name, write in files:
            placed.append(f"{root}/.{name}.{os.getpid()}.tmp")
            with fs.open(placed[-1], "wb") as stream:
                write(stream)
        for i, (name, _) in enumerate(files):
            fs.mv(placed[i], f"{root}/{name}")
            placed[i] = f"{root}/{name}"
    except BaseException:
        for path in placed:
            if fs.exists(path):
                fs.rm(path)
        raise


def _explain(error: OSError, target: str) -> SundogError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Incomplete(
            Problem(
                "SD-EXPORT-010",
                f"{WHERE} {target}",
                "the disk is full; nothing was left there",
                "Free some space and export again.",
            )
        )
    what = f"cannot be written: {error.strerror or error}"
    return RequestError(Problem("SD-EXPORT-011", f"{WHERE} {target}", what, "Give a place that you may write to."))
