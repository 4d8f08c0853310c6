"""How long a text is: characters, words, and tokens without any model's tokenizer."""

from __future__ import annotations

import re

_PIECE = re.compile(r"[^\W\d_]+|\d{1,3}|[^\w\s]|_|\n")
_WIDE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LETTERS = 6
"""Letters of a word that one token of a trained vocabulary covers, about; English words are mostly one token."""


def estimate_tokens(text: str) -> int:
    """About how many tokens a model reads: words in pieces of six letters, three digits, each sign, each letter of scripts
    without spaces. Within a fifth of the common byte-pair vocabularies for English prose; other languages and code differ more.
    """
    count = len(_WIDE.findall(text))
    for piece in _PIECE.findall(text):
        count += 1 if len(piece) <= _LETTERS else -(-len(piece) // _LETTERS)
    return count
