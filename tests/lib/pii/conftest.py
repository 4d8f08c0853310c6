from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sundog.core.keys import Key

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
if str(BENCHMARKS) not in sys.path:
    sys.path.append(str(BENCHMARKS))


@pytest.fixture
def key() -> Key:
    return Key.root(12)
