"""Texts as numbers for the decoder: bytes, with frequent words and endings joined into pieces that are learned from the training set.

Byte-pair encoding: Sennrich, Haddow and Birch, ACL 2016, doi:10.18653/v1/P16-1162. Digits are never joined, so that a number is read
digit by digit, and no piece crosses from one word into the next.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

END = 256
"""Ends an answer."""

ASK = 257
"""Stands between the prompt and its answer."""

FIRST = 258
"""Number of the first learned piece."""

_SPLIT = re.compile(r"\d| ?[^\W\d_]+|\s|[^\w\s]+|_", re.UNICODE)


@dataclass(frozen=True)
class Pieces:
    """What numbers stand for.

    Attributes:
        merges: pairs of pieces that are joined, in the order in which they were learned; pair i makes piece ``FIRST + i``.
    """

    merges: tuple[tuple[int, int], ...]
    _known: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return FIRST + len(self.merges)

    def encode(self, text: str) -> list[int]:
        """The text as numbers."""
        out: list[int] = []
        for word in _split(text):
            found = self._known.get(word)
            if found is None:
                found = self._known[word] = self._join(word)
            out += found
        return out

    def decode(self, numbers: Sequence[int]) -> str:
        """The text of numbers; bytes that are no UTF-8 become the replacement character, marks are left out."""
        return b"".join(self._spell(n) for n in numbers).decode("utf-8", "replace")

    def _spell(self, number: int) -> bytes:
        if number < 256:
            return bytes([number])
        if number < FIRST:
            return b""
        left, right = self.merges[number - FIRST]
        return self._spell(left) + self._spell(right)

    def _join(self, word: str) -> tuple[int, ...]:
        parts = list(word.encode())
        rank = self._ranks()
        while len(parts) > 1:
            best = min((rank.get(pair, len(rank)), pair) for pair in pairwise(parts))
            if best[0] == len(rank):
                break
            parts = _merge(parts, best[1], FIRST + best[0])
        return tuple(parts)

    def _ranks(self) -> dict[tuple[int, int], int]:
        return {pair: i for i, pair in enumerate(self.merges)}


def learn_pieces(texts: Iterable[str], most: int = 512) -> Pieces:
    """The most frequent pairs, joined again and again.

    Args:
        texts: the training set, and nothing else.
        most: numbers in all, bytes and marks included; ``FIRST`` leaves the bytes as they are.
    """
    counted = Counter(word for text in texts for word in _split(text))
    words = [(list(word.encode()), n) for word, n in sorted(counted.items()) if len(word.encode()) > 1]
    merges: list[tuple[int, int]] = []
    while FIRST + len(merges) < most:
        pairs: Counter[tuple[int, int]] = Counter()
        for parts, n in words:
            for pair in pairwise(parts):
                pairs[pair] += n
        if not pairs:
            break
        pair, times = min(pairs.items(), key=lambda item: (-item[1], item[0]))
        if times < 2:
            break
        new = FIRST + len(merges)
        merges.append(pair)
        words = [(_merge(parts, pair, new), n) for parts, n in words]
    return Pieces(tuple(merges))


def _merge(parts: list[int], pair: tuple[int, int], new: int) -> list[int]:
    out: list[int] = []
    i = 0
    while i < len(parts):
        if i + 1 < len(parts) and parts[i] == pair[0] and parts[i + 1] == pair[1]:
            out.append(new)
            i += 2
        else:
            out.append(parts[i])
            i += 1
    return out


def _split(text: str) -> list[str]:
    """Words with the space before them, single digits, runs of marks; nothing is lost."""
    out: list[str] = []
    end = 0
    for found in _SPLIT.finditer(text):
        if found.start() > end:
            out.append(text[end : found.start()])
        out.append(found.group())
        end = found.end()
    return out + ([text[end:]] if end < len(text) else [])
