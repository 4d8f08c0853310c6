"""Where answers and weights of language models are kept on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from sundog.core.errors import Problem, RequestError


def find_folder() -> Path:
    """The folder of everything about language models: in ``SUNDOG_CACHE``, else among the user's caches."""
    stated = os.environ.get("SUNDOG_CACHE")
    if stated:
        return Path(stated).expanduser() / "language"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sundog" / "language"


def find_answers() -> Path:
    """The store of answers."""
    return find_folder() / "answers.sqlite"


def find_weights() -> Path:
    """The folder of weights that were fetched."""
    return find_folder() / "weights"


def make_folder(folder: Path) -> Path:
    """Make a folder that its owner alone may read, if it is not there.

    Raises:
        RequestError: it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        what = f"the folder cannot be made: {error.strerror}"
        fix = "State a folder of yours on a local disk in the environment variable SUNDOG_CACHE."
        raise RequestError(Problem("SD-MODEL-001", str(folder), what, fix)) from error
    return folder
