"""Whether texts hold items of a test: runs of 8, 10 and 13 words that both have, and embeddings that are near.

Source: runs of 8 to 13 words by custom (Brown et al., 2020, arXiv:2005.14165, appendix C); that runs miss paraphrases, and embeddings find
them: Yang et al., 2023, arXiv:2311.04850. A run that more than ``_COMMON`` items share is a phrase of the test's wording and tells nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.lib.texts.embedding import Embedder
from sundog.lib.texts.grams import count_known, hash_grams, hash_words
from sundog.lib.texts.named_sets import NamedSet
from sundog.lib.texts.normal import normalise

SIZES: Final = (8, 10, 13)
_COMMON = 0.05
_LEAST_COMMON = 4


@dataclass(frozen=True, slots=True)
class RunIndex:
    """The runs of one set, for each of ``SIZES``: uint64, ascending."""

    name: str
    runs: tuple[NDArray[np.uint64], ...]


def index_runs(named: NamedSet) -> RunIndex:
    """What texts are held against."""
    words = hash_words(normalise(pa.array(named.items, pa.large_string())))
    kept = []
    for size in SIZES:
        grams = hash_grams(words, size)
        items = np.repeat(np.arange(len(grams)), grams.counts)
        pairs = np.unique(np.stack((grams.values, items.astype(np.uint64)), axis=1), axis=0)
        values, counts = np.unique(pairs[:, 0], return_counts=True)
        kept.append(values[counts <= max(_LEAST_COMMON, _COMMON * len(named.items))])
    return RunIndex(named.name, tuple(kept))


def count_hits(index: RunIndex, texts: pa.Array) -> NDArray[np.int64]:
    """int64 (texts, 3): runs of 8, 10 and 13 words of each text that are a test's."""
    words = hash_words(normalise(texts))
    return np.stack(
        [count_known(hash_grams(words, size), runs) for size, runs in zip(SIZES, index.runs, strict=True)], axis=1
    )


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Embeddings of the items of a set: float32 (items, dimensions)."""

    name: str
    vectors: NDArray[np.float32]

    def find_nearest(self, vectors: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """For each text the cosine to its nearest item, float64, and which item that is, int64."""
        best, which = [], []
        for start in range(0, len(vectors), 4_096):
            near = vectors[start : start + 4_096] @ self.vectors.T
            which.append(near.argmax(axis=1))
            best.append(near.max(axis=1).astype(np.float64))
        empty = np.zeros(0)
        return np.concatenate([empty, *best]), np.concatenate([empty, *which]).astype(np.int64)

    def measure_own(self) -> NDArray[np.float64]:
        """For each item the cosine to the nearest other one: how near texts of the same matter are."""
        near = self.vectors @ self.vectors.T
        np.fill_diagonal(near, -1.0)
        return np.asarray(near.max(axis=1), np.float64) if len(near) > 1 else np.zeros(len(near))


def index_neighbours(named: NamedSet, embedder: Embedder) -> Neighbours:
    """What texts are held against by meaning."""
    return Neighbours(named.name, embedder.embed(list(named.items)))
