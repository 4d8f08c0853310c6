"""Weights of models as GGUF files on this machine: what they are called, their hash, their licence."""

from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass
from hashlib import blake2b, sha256
from pathlib import Path
from typing import BinaryIO

from sundog.core.errors import Problem, RequestError
from sundog.lib.language.download import fetch_from_hub
from sundog.lib.language.places import find_folder, make_folder

_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _LIST = 8, 9
_MOST_FIELDS = 512
_MOST_TEXT = 1 << 20


@dataclass(frozen=True, slots=True)
class Weights:
    """A GGUF file.

    Attributes:
        path: where it lies.
        name: of the model, as the file says it, with the file's name.
        sha256: of the file.
        licence: as the file or its package says it; ``not stated`` where neither does.
    """

    path: Path
    name: str
    sha256: str
    licence: str


def find_gguf(stated: str) -> Weights:
    """The weights of a recipe: a path, or ``hf:OWNER/REPO/FILE``, which is fetched when it is not here yet.

    Raises:
        RequestError: there is no such file, or it is no GGUF.
        Incomplete: it has to be fetched and cannot be now.
    """
    path = fetch_from_hub(stated) if stated.startswith("hf:") else Path(stated).expanduser()
    if not path.is_file():
        fix = "Give the path of a .gguf file, or hf:OWNER/REPO/FILE."
        raise RequestError(Problem("SD-MODEL-041", "model.gguf", f"there is no file {stated!r}", fix))
    told = read_header(path)
    named = told.get("general.name", "")
    shown = stated if stated.startswith("hf:") else path.name
    return Weights(
        path, f"{named} ({shown})" if named else shown, hash_file(path), told.get("general.license", "not stated")
    )


def read_header(path: Path) -> dict[str, str]:
    """The texts among the metadata of a GGUF file (format versions 2 and 3).

    Raises:
        RequestError: the file is none.

    Source: GGUF specification, ggml-org/ggml, docs/gguf.md.
    """
    found: dict[str, str] = {}
    try:
        with path.open("rb") as file:
            magic, version, _, fields = struct.unpack("<4sIQQ", file.read(24))
            if magic != b"GGUF" or version not in (2, 3):
                raise ValueError(f"it begins with {magic!r}, version {version}")
            for _ in range(min(fields, _MOST_FIELDS)):
                name = _read_text(file)
                (kind,) = struct.unpack("<I", file.read(4))
                if kind == _LIST:
                    break  # words of the tokenizer: what describes the model stands before them
                if kind == _TEXT:
                    found[name] = _read_text(file)
                else:
                    file.read(struct.calcsize(_NUMBERS[kind]))
    except (OSError, struct.error, ValueError, KeyError) as error:
        what = f"{path.name} is no GGUF file that can be read: {error}"
        raise RequestError(
            Problem("SD-MODEL-042", "model.gguf", what, "Give a .gguf file of version 2 or 3.")
        ) from error
    return found


def _read_text(file: BinaryIO) -> str:
    (length,) = struct.unpack("<Q", file.read(8))
    if length > _MOST_TEXT:
        raise ValueError("a text in its head has no end")
    return file.read(length).decode("utf-8", "replace")


def hash_file(path: Path) -> str:
    """SHA-256 of a file; remembered for as long as its size and times stay, since weights have gigabytes."""
    status = path.stat()
    state = [status.st_size, status.st_mtime_ns, status.st_ino]
    noted = find_folder() / "hashes" / blake2b(str(path.resolve()).encode(), digest_size=16).hexdigest()
    try:
        told = json.loads(noted.read_text())
        if told["state"] == state:
            return str(told["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    make_folder(noted.parent)
    part = noted.with_name(f"{noted.name}.{os.getpid()}")
    part.write_text(json.dumps({"state": state, "sha256": digest.hexdigest()}))
    part.replace(noted)
    return digest.hexdigest()
