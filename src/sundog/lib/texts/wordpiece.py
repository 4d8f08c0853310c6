"""Word pieces of a text: the tokens that BERT's uncased models read.

Source: Devlin et al., BERT, 2019, doi:10.18653/v1/N19-1423; pieces by longest match, Wu et al., 2016, arXiv:1609.08144.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_LONGEST = 100
"""Letters of a word beyond which it is not looked up."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces and their numbers.

    Attributes:
        numbers: of each piece; ``##`` opens one that continues a word.
    """

    numbers: Mapping[str, int]

    def encode(self, text: str, most: int) -> list[int]:
        """Numbers of the pieces of a text, with those that open and close it; at most ``most`` of them."""
        found = [self.numbers["[CLS]"]]
        for word in split_words(text):
            found += self._cut(word)
            if len(found) >= most - 1:
                break
        return [*found[: most - 1], self.numbers["[SEP]"]]

    def _cut(self, word: str) -> list[int]:
        unknown = self.numbers["[UNK]"]
        if len(word) > _LONGEST:
            return [unknown]
        pieces, start = [], 0
        while start < len(word):
            stop = len(word)
            while stop > start:
                piece = self.numbers.get(("##" if start else "") + word[start:stop])
                if piece is not None:
                    break
                stop -= 1
            else:
                return [unknown]
            assert piece is not None
            pieces.append(piece)
            start = stop
        return pieces


def read_vocabulary(path: Path) -> Vocabulary:
    """A vocabulary with one piece a line."""
    return Vocabulary({piece: i for i, piece in enumerate(path.read_text(encoding="utf-8").splitlines())})


def split_words(text: str) -> Iterator[str]:
    """Words and single signs, in lower case and without accents."""
    plain = unicodedata.normalize("NFD", text.lower())
    word: list[str] = []
    for letter in plain:
        kind = _kind(letter)
        if kind == "letter":
            word.append(letter)
            continue
        if kind == "gone":
            continue
        if word:
            yield "".join(word)
            word = []
        if kind == "alone":
            yield letter
    if word:
        yield "".join(word)


@lru_cache(maxsize=65_536)
def _kind(letter: str) -> str:
    """``letter`` of a word, ``alone`` (signs, ideographs), ``space``, or ``gone`` (accents, controls)."""
    point = ord(letter)
    if letter in "\t\n\r":
        return "space"
    category = unicodedata.category(letter)
    if category == "Mn" or category[0] == "C" or point == 0xFFFD:
        return "gone"
    if category == "Zs":
        return "space"
    sign = 33 <= point <= 47 or 58 <= point <= 64 or 91 <= point <= 96 or 123 <= point <= 126
    ideograph = (
        0x4E00 <= point <= 0x9FFF
        or 0x3400 <= point <= 0x4DBF
        or 0xF900 <= point <= 0xFAFF
        or 0x20000 <= point <= 0x2FA1F
    )
    return "alone" if sign or category[0] == "P" or ideograph else "letter"
