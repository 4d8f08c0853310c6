"""The published weights of embeddings, fetched once for all test runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sundog.core.errors import Incomplete
from sundog.lib.texts.embedder_files import fetch_embedder


@pytest.fixture
def published_embedder(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of the weights, in ``SUNDOG_TEST_CACHE`` or ``~/.cache/sundog-test``."""
    cache = Path(os.environ.get("SUNDOG_TEST_CACHE") or Path.home() / ".cache" / "sundog-test")
    monkeypatch.setenv("SUNDOG_CACHE", str(cache))
    try:
        return fetch_embedder()
    except Incomplete as error:
        pytest.fail(f"the weights could not be had: {error}")
