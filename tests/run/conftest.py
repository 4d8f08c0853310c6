"""Makes the toy kinds visible to this process and to the workers that it starts."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sundog.core.extension import installed

TOY = str(Path(__file__).resolve().parent.parent / "toykind")

if TOY not in sys.path:
    sys.path.append(TOY)
    installed.cache_clear()


@pytest.fixture(autouse=True)
def toy_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let worker processes see them too."""
    monkeypatch.setenv("PYTHONPATH", TOY)


@pytest.fixture(autouse=True)
def quick_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flushing to the disk is for power cuts, which no test makes; without it the tests take half the time."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture(scope="session")
def fresh() -> Iterator[Callable[[], Path]]:
    """Gives new folders, in memory where there is such a place: the road makes many small files."""
    memory = Path("/dev/shm")
    root = Path(tempfile.mkdtemp(prefix="sundog-tests-", dir=memory if memory.is_dir() else None))
    numbers = itertools.count()

    def make() -> Path:
        folder = root / str(next(numbers))
        folder.mkdir()
        return folder

    yield make
    shutil.rmtree(root)


@pytest.fixture
def tmp_path(fresh: Callable[[], Path]) -> Iterator[Path]:
    """In the place of pytest's own."""
    folder = fresh()
    yield folder
    shutil.rmtree(folder)
