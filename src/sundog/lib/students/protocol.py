"""What a student is: something that learns from examples and then answers. Whoever measures one does not know which kind it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a student learns from.

    Attributes:
        prompts: what is asked, or the text whose label is wanted.
        answers: what should be answered, one a prompt.
        labels: names of the columns of ``shares``; empty where there are none.
        shares: float32 (len(prompts), len(labels)): how a teacher shares each prompt out over the labels, rows that sum to 1;
            None where only answers are known.
    """

    prompts: tuple[str, ...]
    answers: tuple[str, ...]
    labels: tuple[str, ...] = ()
    shares: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.prompts)

    def take(self, rows: NDArray[np.int64]) -> Lesson:
        """The examples with these numbers, in this order."""
        prompts = tuple(self.prompts[i] for i in rows)
        answers = tuple(self.answers[i] for i in rows)
        return Lesson(prompts, answers, self.labels, None if self.shares is None else self.shares[rows])

    def join(self, other: Lesson) -> Lesson:
        """These examples and then those. Where one side has shares, the answers of the other become shares of 1."""
        prompts, answers = self.prompts + other.prompts, self.answers + other.answers
        if self.shares is None and other.shares is None:
            return Lesson(prompts, answers)
        labels = tuple(sorted({*self.labels, *other.labels, *answers}))
        shares = np.concatenate([spread_shares(self, labels), spread_shares(other, labels)])
        return Lesson(prompts, answers, labels, shares)


def spread_shares(lesson: Lesson, labels: Sequence[str]) -> NDArray[np.float32]:
    """The shares over these labels, among which are all of the lesson's; an answer is a share of 1 where there are none.

    Returns:
        float32 (len(lesson), len(labels)).
    """
    place = {label: i for i, label in enumerate(labels)}
    spread = np.zeros((len(lesson), len(labels)), dtype=np.float32)
    if lesson.shares is None:
        spread[np.arange(len(lesson)), [place[a] for a in lesson.answers]] = 1.0
    else:
        spread[:, [place[label] for label in lesson.labels]] = lesson.shares
    return spread


class Taught(Protocol):
    """A student that has learned."""

    @property
    def tokens(self) -> int:
        """Tokens that it was shown while it learned, each as often as it was shown."""
        ...

    def answer(self, prompts: Sequence[str]) -> tuple[str, ...]:
        """One answer a prompt; the same for the same prompts."""
        ...


class Student(Protocol):
    """A way to learn. It sees its lesson and nothing else: not even words that other rows have."""

    @property
    def name(self) -> str:
        """What tables call it."""
        ...

    def teach(self, lesson: Lesson, key: Key) -> Taught:
        """Learn; the same lesson and key give the same student on one machine."""
        ...
