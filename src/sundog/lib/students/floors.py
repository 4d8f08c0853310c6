"""The lowest floor: what a student scores that has learned nothing but which answer is the most frequent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sundog.core.keys import Key
from sundog.lib.students.protocol import Lesson


@dataclass(frozen=True, slots=True)
class TaughtMajority:
    """One answer for all. Implements ``protocol.Taught``."""

    said: str
    tokens: int = 0

    def answer(self, prompts: Sequence[str]) -> tuple[str, ...]:
        """The same answer to each prompt."""
        return (self.said,) * len(prompts)


@dataclass(frozen=True, slots=True)
class MajorityStudent:
    """Learns the most frequent answer (of equals the first by name). Implements ``protocol.Student``."""

    @property
    def name(self) -> str:
        """What tables call it."""
        return "majority"

    def teach(self, lesson: Lesson, key: Key) -> TaughtMajority:
        """Count."""
        counted = Counter(lesson.answers)
        return TaughtMajority(min(counted, key=lambda a: (-counted[a], a)))
