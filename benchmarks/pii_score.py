"""Precision and recall of recognised pieces of text, kind by kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sundog.lib.pii.spans import Span

ALIKE = 0.5
"""Shared characters over all characters of two pieces from which they count as the same."""


@dataclass(frozen=True, slots=True)
class Score:
    """Of one kind.

    Attributes:
        found: labelled pieces that were found with their kind.
        covered: labelled pieces that were found, whatever the kind: what matters when they are to be replaced.
        there: labelled pieces.
        said: pieces of this kind that were said to be there.
        right: of those, the ones that are.
    """

    found: int
    covered: int
    there: int
    said: int
    right: int

    @property
    def recall(self) -> float:
        """Share of the labelled ones that were found."""
        return self.found / self.there if self.there else float("nan")

    @property
    def precision(self) -> float:
        """Share of the said ones that are there."""
        return self.right / self.said if self.said else float("nan")

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return 2 * self.found / (self.there + self.said) if self.there + self.said else float("nan")


def overlap(one: Span, two: Span) -> float:
    """Shared characters over all characters."""
    both = min(one.end, two.end) - max(one.start, two.start)
    return max(0, both) / (max(one.end, two.end) - min(one.start, two.start))


def score_spans(labelled: Iterable[Sequence[Span]], said: Iterable[Sequence[Span]]) -> dict[str, Score]:
    """Scores by kind, and of all under ``all``."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for truth, guesses in zip(labelled, said, strict=True):
        for span in truth:
            near = [g for g in guesses if overlap(span, g) >= ALIKE]
            for kind in (span.kind, "all"):
                counts[kind][0] += any(g.kind == span.kind for g in near)
                counts[kind][1] += any(g.start <= span.start and g.end >= span.end for g in guesses) or bool(near)
                counts[kind][2] += 1
        for guess in guesses:
            right = any(s.kind == guess.kind and overlap(s, guess) >= ALIKE for s in truth)
            for kind in (guess.kind, "all"):
                counts[kind][3] += 1
                counts[kind][4] += right
    return {kind: Score(*c) for kind, c in sorted(counts.items())}
