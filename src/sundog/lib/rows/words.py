"""Lists of common names, from which names are made that belong to nobody in the data."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Literal

from sundog.core.notes import Used

List = Literal["given_names", "surnames"]


@cache
def read_words(name: List) -> tuple[str, ...]:
    """The words of a list, in its order; the most common first."""
    lines = _read_bytes(name).decode("utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def note_words(name: List) -> Used:
    """What the data depend on when a list is used."""
    return Used(f"sundog/data/{name}.txt", hashlib.sha256(_read_bytes(name)).hexdigest(), "facts; public domain")


def _read_bytes(name: List) -> bytes:
    return files("sundog.data").joinpath(f"{name}.txt").read_bytes()
