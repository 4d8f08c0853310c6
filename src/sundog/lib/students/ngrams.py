"""Texts drawn word by word, each after the words before it as often as in real texts: the floor that a made dataset must beat.

A walk over positions of the corpus: at each step it jumps to a random one of the positions whose n - 1 words before are the
same, and takes the word there. That is exactly the n-gram law without smoothing. Source: Shannon, 1948,
doi:10.1002/j.1538-7305.1948.tb01338.x, section 3.

Limits: of texts shorter than n words, and of any passage that occurs once, it can only repeat what it read; 3-grams and 4-grams of a
small corpus copy long passages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key

END = -1


@dataclass(frozen=True)
class NgramSampler:
    """A corpus and where its contexts stand.

    Attributes:
        labels: the groups of texts; words of one never follow words of another.
        share: float64 (len(labels),): of the texts.
        words: the vocabulary.
        text: int32 (n,): word at each position, ``END`` behind each text.
        context: int64 (n,): number of the context before each position.
        order: int64 (n,): positions, those of one context together.
        start: int64 (contexts + 1,): where the positions of a context lie in ``order``.
        first: int64 (len(labels),): the context in which a text of a group begins.
        longest: words at which a text is cut.
    """

    labels: tuple[str, ...]
    share: NDArray[np.float64]
    words: tuple[str, ...]
    text: NDArray[np.int32]
    context: NDArray[np.int64]
    order: NDArray[np.int64]
    start: NDArray[np.int64]
    first: NDArray[np.int64]
    longest: int


def learn_ngrams(texts: Sequence[str], labels: Sequence[str], n: int, longest: int = 1_000) -> NgramSampler:
    """A sampler of texts like these.

    Args:
        texts: real texts; words are what stands between white space.
        labels: group of each text; give one label throughout for no groups.
        n: words that are seen together, 1 to 4: 1 draws words on their own.
        longest: words at which a text is cut.
    """
    if not 1 <= n <= 4:
        raise ValueError("n is 1 to 4")
    groups = tuple(sorted(set(labels)))
    number = {label: i for i, label in enumerate(groups)}
    place: dict[str, int] = {}
    words: list[int] = []
    group: list[int] = []
    begins: list[int] = []
    for text, label in zip(texts, labels, strict=True):
        begins.append(len(words))
        words += (place.setdefault(w, len(place)) for w in text.split()[:longest])
        words.append(END)
        group += [number[label]] * (len(words) - begins[-1])
    text_array = np.array(words, dtype=np.int32)
    context = _number_contexts(text_array, np.array(group, dtype=np.int64), np.array(begins, dtype=np.int64), n)
    first = np.empty(len(groups), dtype=np.int64)
    first[np.array(group, dtype=np.int64)[begins]] = context[begins]
    start = np.concatenate([[0], np.cumsum(np.bincount(context))]).astype(np.int64)
    share = np.bincount([number[label] for label in labels], minlength=len(groups)) / len(labels)
    order = np.argsort(context, kind="stable")
    return NgramSampler(groups, share, tuple(place), text_array, context, order, start, first, longest)


def _number_contexts(
    text: NDArray[np.int32], group: NDArray[np.int64], begins: NDArray[np.int64], n: int
) -> NDArray[np.int64]:
    """The number of what stands before each position: its group and up to n - 1 words of the same text."""
    since = np.arange(len(text)) - np.repeat(begins, np.diff([*begins, len(text)]))
    wide = int(text.max(initial=0)) + 3
    context = group
    for back in range(1, n):
        before = np.full(len(text), wide - 1, dtype=np.int64)  # no word: the text begins here
        inside = since >= back
        before[inside] = text[np.flatnonzero(inside) - back] + 1
        context = context * wide + before
        context = np.unique(context, return_inverse=True)[1].astype(np.int64)
    return np.unique(context, return_inverse=True)[1].astype(np.int64)


def draw_texts(sampler: NgramSampler, key: Key, units: range) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """New texts and their groups; text i depends on (key, units[i]) alone.

    Returns:
        (texts, labels). A text is words with one space between.
    """
    bounds = np.cumsum(sampler.share)
    group = np.searchsorted(bounds, key.child("group").uniform(units)[:, 0], side="right").clip(0, len(bounds) - 1)
    return draw_texts_of(sampler, key, units, group), tuple(sampler.labels[g] for g in group)


def draw_texts_of(sampler: NgramSampler, key: Key, units: range, group: NDArray[np.int64]) -> tuple[str, ...]:
    """New texts of stated groups (int64 (len(units),), numbers of ``sampler.labels``)."""
    written = np.full((len(units), sampler.longest), END, dtype=np.int32)
    context = sampler.first[group]
    running = np.arange(len(units))
    chances: NDArray[np.float64] = np.empty((0, 4))
    for step in range(sampler.longest):
        if step % 4 == 0:
            chances = key.child("word").child(step // 4).uniform(units)
        begin, end = sampler.start[context], sampler.start[context + 1]
        drawn = sampler.order[begin + (chances[running, step % 4] * (end - begin)).astype(np.int64)]
        word = sampler.text[drawn]
        on = word != END
        running, drawn = running[on], drawn[on]
        written[running, step] = word[on]
        if not len(running):
            break
        context = sampler.context[drawn + 1]  # a word is never the last of its text: END is
    lengths = (written != END).sum(axis=1)
    return tuple(
        " ".join([sampler.words[w] for w in row[:length]]) for row, length in zip(written, lengths, strict=True)
    )
