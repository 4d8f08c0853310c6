"""How much of one set of texts stands word for word in another: the share of its 8-grams that occur there.

An absolute limit misleads, since real texts repeat each other too (quotations, forms, signatures). So the measure is set against
itself: how much one random half of the real texts repeats of the other. Made texts are held against the same halves, so that both
sides look into a set of the same size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.students.tfidf import split_words

N = 8
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Shares of 8-grams.

    Attributes:
        made: of the made texts that occur in a half of the real ones, mean of the two halves; None where no text is that long.
        real: of one half of the real texts that occur in the other, mean of both ways; None likewise.
        made_in_all: of the made texts that occur in any real text.
    """

    made: float | None
    real: float | None
    made_in_all: float | None

    @property
    def ratio(self) -> float | None:
        """Made over real; None where either is not known or real texts repeat nothing."""
        return None if self.made is None or not self.real else self.made / self.real


def measure_overlap(made: Sequence[str], real: Sequence[str], key: Key) -> Overlap:
    """How much the made texts repeat of the real ones, beside what real texts repeat of each other."""
    place: dict[str, int] = {}
    grams = [_list_grams(text, place) for text in real]
    order = key.child("halves").generator().permutation(len(real))
    halves = [_join(grams, order[: len(real) // 2]), _join(grams, order[len(real) // 2 :])]
    mine = _join([_list_grams(text, place) for text in made], np.arange(len(made)))
    return Overlap(
        _mean(_share(mine, halves[0]), _share(mine, halves[1])),
        _mean(_share(halves[0], halves[1]), _share(halves[1], halves[0])),
        _share(mine, np.concatenate(halves)),
    )


def _list_grams(text: str, place: dict[str, int]) -> NDArray[np.uint64]:
    """Hashes of the 8-grams of one text: uint64 (max(words - 7, 0),)."""
    words = np.array([place.setdefault(w, len(place) + 1) for w in split_words(text)], dtype=np.uint64)
    count = max(len(words) - N + 1, 0)
    found: NDArray[np.uint64] = np.zeros(count, dtype=np.uint64)
    for i in range(N if count else 0):
        found = found * _MIX + words[i : i + count]
        found ^= found >> np.uint64(29)
    return found


def _join(grams: Sequence[NDArray[np.uint64]], rows: NDArray[np.int64]) -> NDArray[np.uint64]:
    return np.concatenate([np.empty(0, dtype=np.uint64), *(grams[i] for i in rows)])


def _share(mine: NDArray[np.uint64], theirs: NDArray[np.uint64]) -> float | None:
    return float(np.isin(mine, theirs).mean()) if len(mine) and len(theirs) else None


def _mean(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else (one + other) / 2
