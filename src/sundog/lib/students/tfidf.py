"""Texts as weighted counts of their words: term frequency times inverse document frequency.

Source: Salton and Buckley, Information Processing & Management 24(5), 1988, doi:10.1016/0306-4573(88)90021-0, with the damped count
1 + ln(tf) and rows of length 1. Limits: a text without spaces between words (Chinese, Thai) is one long word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Vocabulary:
    """The words that one set of texts brought.

    Attributes:
        words: one a column, sorted.
        rarity: float32 (len(words),): ln((1 + texts) / (1 + texts with the word)) + 1.
    """

    words: tuple[str, ...]
    rarity: NDArray[np.float32]

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Word to its column."""
        return {word: i for i, word in enumerate(self.words)}


def learn_vocabulary(texts: Iterable[str], fewest: int = 2, most: int = 100_000) -> Vocabulary:
    """The words of these texts.

    Args:
        texts: the training set, and nothing else.
        fewest: texts that must have a word.
        most: words that are kept, those in the most texts first.
    """
    within: Counter[str] = Counter()
    number = 0
    for text in texts:
        number += 1
        within.update(set(split_words(text)))
    kept = sorted((-n, word) for word, n in within.items() if n >= fewest)[:most]
    words = sorted((word, -n) for n, word in kept)
    rarity = np.log((1 + number) / (1 + np.array([n for _, n in words], dtype=np.float64))) + 1
    return Vocabulary(tuple(word for word, _ in words), rarity.astype(np.float32))


def split_words(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return _WORD.findall(text.lower())


def weigh_words(vocabulary: Vocabulary, texts: Sequence[str]) -> csr_matrix:
    """The texts in the columns of a vocabulary; words that it lacks are left out.

    Returns:
        float32 sparse (len(texts), words), rows of Euclidean length 1, or 0 where no word is known.
    """
    place = vocabulary.place
    columns: list[int] = []
    counts: list[int] = []
    ends = [0]
    for text in texts:
        found = Counter(place[w] for w in split_words(text) if w in place)
        columns += found.keys()
        counts += found.values()
        ends.append(len(columns))
    where = np.array(columns, dtype=np.int32)
    weights = (1 + np.log(np.array(counts, dtype=np.float32))) * vocabulary.rarity[where]
    row = np.repeat(np.arange(len(texts)), np.diff(ends))
    length = np.sqrt(np.bincount(row, weights.astype(np.float64) ** 2, minlength=len(texts)))
    weights = (weights / np.maximum(length[row], 1e-12)).astype(np.float32)
    return csr_matrix((weights, where, np.array(ends)), shape=(len(texts), len(place)))
