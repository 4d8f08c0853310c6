"""How much of some texts stands word for word in others: runs of words that both have.

A share says little by itself: texts about the same matter share runs though nobody copied. So it is read beside what other real texts,
which were never seen, share with the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.lib.stats.intervals import GROUPS, jackknife_interval
from sundog.lib.texts.grams import Flat, count_known, hash_grams, hash_words
from sundog.lib.texts.normal import normalise

SIZE = 8
"""Words of a run: by custom, long enough that chance explains few."""

MOST_RUNS = 20_000_000
"""Runs that are held, 160 MB; of more, those with the smallest hashes, an even sample of all different runs."""


@dataclass(frozen=True, slots=True)
class KnownRuns:
    """The different runs of some texts.

    Attributes:
        values: uint64, ascending.
        below: runs whose hash is less are held; ``None`` where all are.
        size: words of a run.
    """

    values: NDArray[np.uint64]
    below: np.uint64 | None
    size: int = SIZE


@dataclass(frozen=True, slots=True)
class Overlap:
    """What texts share with known runs.

    Attributes:
        shared: int64 (texts,), runs of each text that are known.
        runs: int64 (texts,), runs of each text that were looked up.
    """

    shared: NDArray[np.int64]
    runs: NDArray[np.int64]

    @property
    def share(self) -> float:
        """Share of all runs that are known; 0 where there are none."""
        total = int(self.runs.sum())
        return int(self.shared.sum()) / total if total else 0.0

    def interval(self) -> tuple[float, float]:
        """Interval of the share at 95 %, from leaving out every twentieth text in turn: texts, not runs, are independent."""
        left = []
        for g in range(GROUPS):
            keep = np.ones(len(self.runs), bool)
            keep[g::GROUPS] = False
            runs = int(self.runs[keep].sum())
            left.append(int(self.shared[keep].sum()) / runs if runs else 0.0)
        return jackknife_interval(self.share, np.array(left), low=0.0, high=1.0)

    def count_above(self, share: float) -> int:
        """Texts of whose runs more than this share is known."""
        return int(((self.shared > share * self.runs) & (self.runs > 0)).sum())


def gather_runs(texts: Iterable[pa.Array], size: int = SIZE, most: int = MOST_RUNS) -> KnownRuns:
    """The different runs of all texts, piece by piece, in bounded memory."""
    held: NDArray[np.uint64] = np.zeros(0, np.uint64)
    below: np.uint64 | None = None
    for piece in texts:
        values = hash_grams(hash_words(normalise(piece)), size).values
        if below is not None:
            values = values[values < below]
        held = np.union1d(held, values)
        if len(held) > most:
            below = held[most // 2]
            held = held[held < below]
    return KnownRuns(held, below, size)


def measure_overlap(known: KnownRuns, texts: Iterable[pa.Array]) -> Overlap:
    """What each text shares with known runs."""
    shared: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    runs: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for piece in texts:
        grams = hash_grams(hash_words(normalise(piece)), known.size)
        if known.below is not None:
            grams = _keep_below(grams, known.below)
        shared.append(count_known(grams, known.values))
        runs.append(grams.counts)
    return Overlap(np.concatenate(shared), np.concatenate(runs))


def _keep_below(grams: Flat, below: np.uint64) -> Flat:
    kept = grams.values < below
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(kept)))
    return Flat(grams.values[kept], before[grams.cuts].astype(np.int64))
