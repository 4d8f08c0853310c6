"""A teacher that is better than its student: complement naive Bayes on words and pairs of words.

It is learned in seconds, since it only counts. Its raw shares are far too sure, so they are softened by a temperature; temperature and
smoothing are chosen on a fifth of the training rows, which are then learned from too. Source: Rennie et al., Tackling the poor
assumptions of naive Bayes text classifiers, ICML 2003, sections 3 and 4; Guo et al., On calibration of modern neural networks, ICML
2017, arXiv:1706.04599 (temperature).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from sundog.core.keys import Key
from sundog.lib.students.protocol import Lesson
from sundog.lib.students.softmax import soften
from sundog.lib.students.tfidf import Vocabulary, learn_vocabulary, split_words, weigh_words

SMOOTHINGS = (0.03, 0.1, 0.3, 1.0)
TEMPERATURES = tuple(float(t) for t in np.geomspace(0.01, 3.0, 24))


@dataclass(frozen=True)
class TaughtBayes:
    """Weights of words and pairs. Implements ``protocol.Taught``.

    Attributes:
        labels: names of the columns of ``weights``.
        vocabulary: words, and pairs joined by a low line.
        weights: float32 (words and pairs, labels).
        temperature: that scores are divided by.
        tokens: words that it counted.
    """

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    weights: NDArray[np.float32]
    temperature: float
    tokens: int

    def shares(self, prompts: Sequence[str]) -> NDArray[np.float32]:
        """What it thinks of each text: float32 (len(prompts), len(labels)), rows that sum to 1."""
        scores = np.asarray(weigh_words(self.vocabulary, [_with_pairs(p) for p in prompts]) @ self.weights)
        return soften((scores / self.temperature).astype(np.float32))

    def answer(self, prompts: Sequence[str]) -> tuple[str, ...]:
        """The likeliest label of each text."""
        return tuple(self.labels[i] for i in self.shares(prompts).argmax(axis=1)) if prompts else ()


@dataclass(frozen=True, slots=True)
class BayesStudent:
    """Learns labels by counting. Implements ``protocol.Student``; the key says which fifth chooses smoothing and temperature.

    Attributes:
        fewest: texts that must have a word or pair for it to count.
        most: words and pairs that it knows.
    """

    fewest: int = 2
    most: int = 400_000

    @property
    def name(self) -> str:
        """What tables call it."""
        return "naive Bayes on words and pairs"

    def teach(self, lesson: Lesson, key: Key) -> TaughtBayes:
        """Learn from texts with labels; shares are not read."""
        texts = [_with_pairs(p) for p in lesson.prompts]
        order = key.child("fifth").generator().permutation(len(lesson))
        fifth, rest = order[: len(order) // 5], order[len(order) // 5 :]
        smoothing, temperature = SMOOTHINGS[-1], 1.0
        if len(fifth) and len({lesson.answers[i] for i in rest}) > 1:
            part = self._count([texts[i] for i in rest], [lesson.answers[i] for i in rest])
            smoothing, temperature = _choose(part, [texts[i] for i in fifth], [lesson.answers[i] for i in fifth])
        counted = self._count(texts, lesson.answers)
        return replace(counted.weigh(smoothing), temperature=temperature)

    def _count(self, texts: Sequence[str], answers: Sequence[str]) -> _Counted:
        vocabulary = learn_vocabulary(texts, self.fewest, self.most)
        if not vocabulary.words:
            vocabulary = learn_vocabulary(texts, 1, self.most)
        labels = tuple(sorted(set(answers)))
        place = {label: i for i, label in enumerate(labels)}
        rows, columns = np.arange(len(answers)), [place[a] for a in answers]
        one = csr_matrix((np.ones(len(answers), np.float32), (rows, columns)), shape=(len(answers), len(labels)))
        sums = np.asarray((weigh_words(vocabulary, texts).T @ one).todense(), dtype=np.float64)
        return _Counted(labels, vocabulary, sums, sum(len(split_words(t)) for t in texts))


@dataclass(frozen=True)
class _Counted:
    """Summed weights: float64 (words and pairs, labels)."""

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    sums: NDArray[np.float64]
    tokens: int

    def weigh(self, smoothing: float) -> TaughtBayes:
        """Weights against each label's complement; what a text's words weigh is summed, and the highest sum wins."""
        without = self.sums.sum(axis=1, keepdims=True) - self.sums + smoothing
        weights = -np.log(without / without.sum(axis=0, keepdims=True))
        return TaughtBayes(self.labels, self.vocabulary, weights.astype(np.float32), 1.0, self.tokens)


def _choose(part: _Counted, texts: Sequence[str], answers: Sequence[str]) -> tuple[float, float]:
    """Smoothing and temperature with the lowest log loss; labels that the part lacks are left out."""
    place = {label: i for i, label in enumerate(part.labels)}
    known = [i for i, a in enumerate(answers) if a in place]
    matrix = weigh_words(part.vocabulary, [texts[i] for i in known])
    wanted = np.array([place[answers[i]] for i in known], dtype=np.int64)
    best = (np.inf, SMOOTHINGS[-1], 1.0)
    for smoothing in SMOOTHINGS:
        scores = np.asarray(matrix @ part.weigh(smoothing).weights)
        for temperature in TEMPERATURES:
            shares = soften((scores / temperature).astype(np.float32))[np.arange(len(wanted)), wanted]
            best = min(best, (float(-np.log(np.maximum(shares, 1e-12)).mean()), smoothing, temperature))
    return best[1], best[2]


def _with_pairs(text: str) -> str:
    """The words of a text, then each two that stand together as one word."""
    words = split_words(text)
    return " ".join([*words, *(f"{a}_{b}" for a, b in pairwise(words))])
