"""A piece of a text that was recognised, and which of several that overlap stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SURE = 0.5
"""Confidence from which a piece counts."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text.

    Attributes:
        start: first character.
        end: behind the last one.
        kind: of identifier.
        score: confidence, 0 to 1: how often a piece found in this way is what it was taken for.
        why: the reason, in a few words.
    """

    start: int
    end: int
    kind: str
    score: float
    why: str


def settle(spans: Iterable[Span], least: float = SURE) -> list[Span]:
    """Spans that do not overlap, in order: of those that do the surest stays, then the longest, then the first."""
    kept: list[Span] = []
    for span in sorted(
        (s for s in spans if s.score >= least), key=lambda s: (-s.score, s.start - s.end, s.start, s.kind)
    ):
        if all(span.end <= k.start or span.start >= k.end for k in kept):
            kept.append(span)
    return sorted(kept, key=lambda s: s.start)
