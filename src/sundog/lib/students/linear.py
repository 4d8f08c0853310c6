"""The fast student: softmax regression on weighted words. It sees which words a text has, and nothing of their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.students.protocol import Lesson, spread_shares
from sundog.lib.students.softmax import Softmax, fit_softmax
from sundog.lib.students.tfidf import Vocabulary, learn_vocabulary, split_words, weigh_words


@dataclass(frozen=True)
class TaughtLinear:
    """Weights over words. Implements ``protocol.Taught``."""

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    softmax: Softmax
    tokens: int

    def shares(self, prompts: Sequence[str]) -> NDArray[np.float32]:
        """What it thinks of each text: float32 (len(prompts), len(labels)), rows that sum to 1."""
        return self.softmax.shares(weigh_words(self.vocabulary, prompts))

    def answer(self, prompts: Sequence[str]) -> tuple[str, ...]:
        """The likeliest label of each text."""
        return tuple(self.labels[i] for i in self.shares(prompts).argmax(axis=1)) if prompts else ()


@dataclass(frozen=True, slots=True)
class LinearStudent:
    """Learns labels, or shares of labels. Implements ``protocol.Student``; it draws nothing, so the key changes nothing.

    Attributes:
        penalty: on squared weights, against the cross-entropy summed over all rows.
        fewest: texts that must have a word for it to count.
        most_words: that it knows.
        most_steps: of the fit.
    """

    penalty: float = 0.1
    fewest: int = 2
    most_words: int = 100_000
    most_steps: int = 100

    @property
    def name(self) -> str:
        """What tables call it."""
        return "linear"

    def teach(self, lesson: Lesson, key: Key) -> TaughtLinear:
        """Learn from texts with labels."""
        labels = tuple(sorted({*lesson.labels, *lesson.answers}))
        # Of a handful of texts, no word may be in two; then every word counts.
        vocabulary = learn_vocabulary(lesson.prompts, self.fewest, self.most_words)
        if not vocabulary.words:
            vocabulary = learn_vocabulary(lesson.prompts, 1, self.most_words)
        matrix = weigh_words(vocabulary, lesson.prompts)
        softmax = fit_softmax(matrix, spread_shares(lesson, labels), self.penalty, self.most_steps)
        return TaughtLinear(labels, vocabulary, softmax, sum(len(split_words(p)) for p in lesson.prompts))
