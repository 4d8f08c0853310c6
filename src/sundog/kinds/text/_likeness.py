"""How alike two texts are in their words: what is new, and what is the same once more."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+", re.UNICODE)
_MOST_WORDS = 400


def list_words(text: str) -> list[str]:
    """Words in lower case."""
    return _WORD.findall(text.lower())


def rouge_l(left: str, right: str) -> float:
    """F1 of the longest common subsequence of words, in [0, 1]; of the first 400 words.

    Source: Lin 2004, "ROUGE: a package for automatic evaluation of summaries", section 3.
    """
    a, b = list_words(left)[:_MOST_WORDS], list_words(right)[:_MOST_WORDS]
    if not a or not b:
        return float(a == b)
    row = [0] * (len(b) + 1)
    for word in a:
        before = 0
        for j, other in enumerate(b, 1):
            kept = row[j]
            row[j] = before + 1 if word == other else max(row[j], row[j - 1])
            before = kept
    return 2 * row[-1] / (len(a) + len(b))


def is_same(left: str, right: str) -> bool:
    """Whether two texts have the same words in the same order."""
    return list_words(left) == list_words(right)
