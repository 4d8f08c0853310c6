"""Makes the toy kinds visible to this process and to the workers that it starts."""

from __future__ import annotations

import sys
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
