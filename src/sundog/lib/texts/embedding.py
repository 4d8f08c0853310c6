"""What gives embeddings of texts: vectors whose cosine says how near two texts are in meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Gives vectors of texts. The same text has the same vector, whatever stands beside it."""

    @property
    def dimensions(self) -> int:
        """Numbers of a vector."""
        ...

    @property
    def name(self) -> str:
        """What it is called, and the hash of its weights."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 (n, dimensions) of length 1; zeros for a text without words."""
        ...
