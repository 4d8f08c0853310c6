"""Words for all tests of laws: a million of one column, and the two that lie at the ends."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.kernels.draws import draw_unit_words

KEY = Key.root(20).child("laws")


@pytest.fixture(scope="session")
def million() -> NDArray[np.uint64]:
    """A million words of one column."""
    return draw_unit_words(KEY, range(1_000_000))


@pytest.fixture
def ends() -> NDArray[np.uint64]:
    """The least and the greatest word."""
    return np.array([0, 2**64 - 1], np.uint64)
