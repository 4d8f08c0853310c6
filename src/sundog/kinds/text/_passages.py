"""Long documents cut into passages that a model can be shown, with the place of each kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BREAKS = (re.compile(r"\n\s*\n"), re.compile(r"[.!?。！？]['\")\]]*\s+"), re.compile(r"\s+"))
_SENTENCE = re.compile(r"[^.!?。！？\n]+(?:[.!?。！？]+(?=\D|$)|[.](?=\d)[^.!?。！？\n]+)*[.!?。！？]*['\")\]]*|\n")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of a text from ``start`` to before ``end``."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """What stands there."""
        return text[self.start : self.end]


def cut_passages(text: str, most: int) -> tuple[Span, ...]:
    """Passages of at most ``most`` characters that together are the document but for spaces between them.

    A passage ends after a paragraph where one ends in its second half, else after a sentence, else after a word; a word longer than
    a passage is cut.
    """
    spans = []
    at = _skip_space(text, 0)
    while at < len(text):
        stop = len(text) if len(text) - at <= most else _find_end(text, at, most)
        end = at + len(text[at:stop].rstrip())
        if end > at:
            spans.append(Span(at, end))
        at = _skip_space(text, stop)
    return tuple(spans)


def _find_end(text: str, at: int, most: int) -> int:
    for pattern in _BREAKS:
        last = None
        for found in pattern.finditer(text, at + most // 2, min(len(text), at + most + 1)):
            if found.start() <= at + most:
                last = min(found.end(), at + most)
        if last is not None and last > at:
            return last
    return at + most


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def find_sentences(text: str, least_words: int = 4) -> tuple[Span, ...]:
    """Sentences with at least so many words; lines end sentences, too."""
    spans = []
    for found in _SENTENCE.finditer(text):
        start, end = found.span()
        piece = text[start:end]
        start += len(piece) - len(piece.lstrip())
        end -= len(piece) - len(piece.rstrip())
        if end > start and len(text[start:end].split()) >= least_words:
            spans.append(Span(start, end))
    return tuple(spans)


def list_pieces(text: str, within: Span, most_words: int, most: int = 200) -> tuple[Span, ...]:
    """Runs of whole words inside of a sentence that can be an answer; no punctuation at their ends, none that is a stop word alone.

    At most ``most`` of them: the shortest ones, in the order of the text.
    """
    words = [(within.start + f.start(), within.start + f.end()) for f in _WORD.finditer(within.of(text))]
    found: dict[str, Span] = {}
    for length in range(1, most_words + 1):
        for i in range(len(words) - length + 1):
            span = _trim(text, Span(words[i][0], words[i + length - 1][1]))
            said = span.of(text)
            if span.end > span.start and said not in found and not _says_nothing(said):
                found[said] = span
        if len(found) >= most:
            break
    kept = list(found.values())[:most]
    return tuple(sorted(kept, key=lambda s: (s.start, s.end)))


_EDGES = ".,;:!?\"'()[]{}«»„“”‘’…"
_SMALL = (
    "a an the of to in on at by and or but is was are were be been it its this that with for from as he she they his her their "
    "der die das und oder ein eine ist war le la les et ou un une el los las y o"
)
_EMPTY = frozenset(_SMALL.split())
"""Words at whose edge no answer ends."""


def _trim(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    while start < end and text[start] in _EDGES:
        start += 1
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    return Span(start, end)


def _says_nothing(said: str) -> bool:
    words = said.lower().split()
    return not words or words[0] in _EMPTY - {"the"} or words[-1] in _EMPTY or not any(c.isalnum() for c in said)


def find_quote(text: str, said: str, within: Span | None = None) -> Span | None:
    """Where the text says this, spaces and case apart; the first such place, or None.

    Args:
        text: the document.
        said: what is looked for.
        within: where in the document; None for all of it.
    """
    words = said.strip().strip(_EDGES).split()
    if not words:
        return None
    pattern = re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE)
    low, high = (within.start, within.end) if within is not None else (0, len(text))
    for found in pattern.finditer(text, low, high):
        whole_before = found.start() == 0 or not (text[found.start() - 1].isalnum() and text[found.start()].isalnum())
        whole_after = found.end() == len(text) or not (text[found.end()].isalnum() and text[found.end() - 1].isalnum())
        if whole_before and whole_after:
            return Span(*found.span())
    return None
