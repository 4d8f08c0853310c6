"""The floor: a dataset drawn word by word from the real rows, which a made dataset must beat."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from sundog.core.keys import Key
from sundog.lib.students.ngrams import NgramSampler, draw_texts, learn_ngrams
from sundog.lib.students.protocol import Lesson

_ASKED = "\u241e"  # the sign for a record separator: a word of its own, between a prompt and its answer
_LINE = "\u2424"  # the sign for a new line
MOST_TRIES = 20
MOST_WORDS = 1_000


def draw_floor(real: Lesson, labelled: bool, n: int, rows: int, key: Key) -> Lesson:
    """Rows drawn from n-grams of the real ones: of texts within their label, of chats prompt and answer in one.

    Args:
        real: real rows.
        labelled: whether answers are labels.
        n: words that are seen together, 1 to 4.
        rows: how many.
        key: of the draws.

    Returns:
        As many rows, or fewer where chats come out without an answer again and again.
    """
    if labelled:
        sampler = learn_ngrams(real.prompts, real.answers, n, MOST_WORDS)
        texts, labels = draw_texts(sampler, key, range(rows))
        return Lesson(texts, labels)
    joined = [f"{_mark(p)} {_ASKED} {_mark(a)}" for p, a in zip(real.prompts, real.answers, strict=True)]
    sampler = learn_ngrams(joined, [""] * len(joined), n, MOST_WORDS)
    pairs = list(islice(_draw_pairs(sampler, key, rows), rows))
    return Lesson(tuple(p for p, _ in pairs), tuple(a for _, a in pairs))


def _draw_pairs(sampler: NgramSampler, key: Key, rows: int) -> Iterator[tuple[str, str]]:
    """Prompts and answers; a text without exactly one sign between the two is drawn again, a bounded number of times."""
    for i in range(MOST_TRIES):
        for text in draw_texts(sampler, key, range(i * rows, (i + 1) * rows))[0]:
            prompt, found, answer = text.partition(f" {_ASKED} ")
            if found and prompt.strip() and answer.strip() and _ASKED not in answer:
                yield _unmark(prompt), _unmark(answer)


def _mark(text: str) -> str:
    return text.replace("\n", f" {_LINE} ")


def _unmark(text: str) -> str:
    return "\n".join(line.strip() for line in text.split(_LINE))
