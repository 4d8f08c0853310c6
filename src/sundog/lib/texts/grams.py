"""Words of normalised texts as numbers, and the runs of words (n-grams) in them: what repetition, copying and contamination count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from sundog.lib.texts.normal import lay_out
from sundog.lib.texts.pieces import hash_bytes


@dataclass(frozen=True, slots=True)
class Flat:
    """Values of several texts behind one another.

    Attributes:
        values: uint64 (all,).
        cuts: int64 (texts + 1,); those of text i are ``values[cuts[i]:cuts[i + 1]]``.
    """

    values: NDArray[np.uint64]
    cuts: NDArray[np.int64]

    def __len__(self) -> int:
        """Texts."""
        return len(self.cuts) - 1

    @property
    def counts(self) -> NDArray[np.int64]:
        """int64 (texts,): values of each."""
        return np.diff(self.cuts)


def hash_words(normal: pa.Array) -> Flat:
    """64 bits of each word of normalised texts, in their order."""
    data, ends = lay_out(normal)
    return Flat(*_hash_words(data, ends))


def hash_grams(words: Flat, size: int) -> Flat:
    """64 bits of each run of ``size`` words; a text with fewer words has none."""
    return Flat(*_hash_grams(words.values, words.cuts, size))


def count_known(grams: Flat, known: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How many runs of each text are among the known ones: int64 (texts,).

    Args:
        grams: of the texts.
        known: ascending, uint64.
    """
    if not len(known) or not len(grams.values):
        return np.zeros(len(grams), np.int64)
    at = np.minimum(np.searchsorted(known, grams.values), len(known) - 1)
    hit = np.concatenate((np.zeros(1, np.int64), np.cumsum(known[at] == grams.values)))
    return np.asarray(hit[grams.cuts[1:]] - hit[grams.cuts[:-1]], np.int64)


def measure_repetition(words: Flat, size: int = 5) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """How far texts repeat themselves.

    Returns:
        float64 (texts,), the share of words that lie in a run of ``size`` words which stood before in the same text; int64 (texts,),
        how often the most repeated run of at most ``_PERIOD`` words stands without anything between (1 where nothing loops).
    """
    shares, loops = _measure_repetition(words.values, words.cuts, size)
    return shares, loops


_PERIOD = 24
"""Words of the longest loop that is looked for."""


@njit(cache=True, nogil=True)
def _hash_words(data: Any, ends: Any) -> Any:
    n = len(ends) - 1
    total = 0
    for i in range(n):
        inside = False
        for at in range(ends[i], ends[i + 1]):
            if data[at] == 32:
                inside = False
            elif not inside:
                inside = True
                total += 1
    values = np.empty(total, np.uint64)
    cuts = np.zeros(n + 1, np.int64)
    o = 0
    for i in range(n):
        start = ends[i]
        for at in range(ends[i], ends[i + 1] + 1):
            if at == ends[i + 1] or data[at] == 32:
                if at > start:
                    values[o] = hash_bytes(data, start, at, np.uint64(5))
                    o += 1
                start = at + 1
        cuts[i + 1] = o
    return values, cuts


@njit(cache=True, nogil=True)
def _hash_grams(words: Any, word_cuts: Any, size: Any) -> Any:
    n = len(word_cuts) - 1
    cuts = np.zeros(n + 1, np.int64)
    for i in range(n):
        cuts[i + 1] = cuts[i] + max(word_cuts[i + 1] - word_cuts[i] - size + 1, 0)
    values = np.empty(cuts[n], np.uint64)
    for i in range(n):
        for k in range(cuts[i + 1] - cuts[i]):
            state = np.uint64(size)
            for j in range(size):
                state = (state * np.uint64(0x9E3779B97F4A7C15)) ^ words[word_cuts[i] + k + j]
                state = (state ^ (state >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
            values[cuts[i] + k] = state ^ (state >> np.uint64(32))
    return values, cuts


@njit(cache=True, nogil=True)
def _measure_repetition(words: Any, cuts: Any, size: Any) -> Any:
    n = len(cuts) - 1
    shares = np.zeros(n, np.float64)
    loops = np.ones(n, np.int64)
    for i in range(n):
        own = words[cuts[i] : cuts[i + 1]]
        count = len(own)
        made = count - size + 1
        if made > 1:
            grams = np.empty(made, np.uint64)
            for k in range(made):
                state = np.uint64(0)
                for j in range(size):
                    state = state * np.uint64(0x9E3779B97F4A7C15) + own[k + j]
                    state ^= state >> np.uint64(31)
                grams[k] = state
            order = np.argsort(grams, kind="mergesort")
            covered = np.zeros(count, np.bool_)
            for k in range(1, made):
                if grams[order[k]] == grams[order[k - 1]]:
                    for j in range(size):
                        covered[order[k] + j] = True
            shares[i] = covered.sum() / count
        for period in range(1, min(_PERIOD, count // 2) + 1):
            run = 0
            for k in range(period, count):
                run = run + 1 if own[k] == own[k - period] else 0
                if run // period + 1 > loops[i] and run >= period:
                    loops[i] = run // period + 1
    return shares, loops
