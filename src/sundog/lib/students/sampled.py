"""Labelled texts without a language model: words drawn after each other as often as in real texts of one label, and a teacher that has
learned from the same real texts says, for each drawn text, how it shares it out over the labels.

What is drawn reads like no text: two words in a row go together, and whole sentences do not. It carries which words speak for
which label, and that is what a student of words needs; the shares carry how strongly they do. A student of word order, a reader, or anybody who
wants examples to look at gets little from it. With n of 3 and more, long passages of the real texts come back word for word.

Source: the samples after Shannon, 1948, doi:10.1002/j.1538-7305.1948.tb01338.x; the shares after Hinton, Vinyals and Dean, 2015,
arXiv:1503.02531. Not private: every word and every pair of words comes from a real text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.students.bayes import BayesStudent
from sundog.lib.students.ngrams import NgramSampler, draw_texts, learn_ngrams
from sundog.lib.students.protocol import Lesson
from sundog.lib.students.softmax import soften


class Teacher(Protocol):
    """Something that has learned labels and says how sure it is: a taught linear or Bayes student."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the columns of what ``shares`` gives."""
        ...

    def shares(self, prompts: Sequence[str]) -> NDArray[np.float32]:
        """float32 (len(prompts), len(labels)), rows that sum to 1."""
        ...


@dataclass(frozen=True)
class SampledTexts:
    """What the draws need.

    Attributes:
        sampler: draws texts of a label.
        teacher: shares them out over the labels.
        softening: the logarithms of its shares are divided by this, then made to sum to 1 again. A drawn text has the words of one label
            alone, so a teacher is all but certain of it; softened, its second and third choices teach too.
    """

    sampler: NgramSampler
    teacher: Teacher
    softening: float


def learn_sampled(
    texts: Sequence[str],
    labels: Sequence[str],
    n: int = 2,
    longest: int = 1_000,
    teacher: Teacher | None = None,
    softening: float = 3.0,
) -> SampledTexts:
    """Learn from real texts with labels.

    Args:
        texts: real texts.
        labels: one a text.
        n: words that are seen together, 1 to 4.
        longest: words at which a text is cut.
        teacher: has learned from real texts; None for naive Bayes on words and pairs, taught by these.
        softening: 1 leaves the teacher's shares as they are.
    """
    if teacher is None:
        teacher = BayesStudent().teach(Lesson(tuple(texts), tuple(labels)), Key.root(0))
    return SampledTexts(learn_ngrams(texts, labels, n, longest), teacher, softening)


def draw_sampled(model: SampledTexts, key: Key, units: range) -> Lesson:
    """Texts with the teacher's likeliest label and its shares; text i depends on (key, units[i]) alone.

    A text is drawn for each unit among the labels as often as real texts have them. The answer may be another label than
    the one it was drawn for: the teacher has the last word.
    """
    texts, _ = draw_texts(model.sampler, key, units)
    said = model.teacher.shares(texts)
    shares = said
    if model.softening != 1:
        shares = soften(np.log(np.maximum(said, np.float32(1e-12))) / np.float32(model.softening))
    labels = model.teacher.labels
    return Lesson(texts, tuple(labels[i] for i in said.argmax(axis=1)), labels, shares)
