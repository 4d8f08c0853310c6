"""Texts taken apart by everything that is known: lists, the row's own values, and the language model where it matters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sundog.lib.pii.detect import find_in_text
from sundog.lib.pii.language import find_persons
from sundog.lib.pii.names import NameLists, gather_names, join_lists, trim_person
from sundog.lib.pii.slots import Piece, Slot, slot_text
from sundog.lib.pii.spans import Span

EXAMPLES, MOST_ASKED = 3, 20_000
"""Texts of each shared sentence, and texts with a rare sentence, that the language model is asked about."""


def take_apart(
    texts: Sequence[str | None],
    own: Sequence[dict[str, tuple[str, str]]],
    persons: Sequence[object],
    lists: NameLists,
    support: int,
) -> list[list[Piece]]:
    """The sentences of each text, with slots.

    The language model is slow, so it is asked where it matters: about texts with a sentence that too few persons share (an unknown name may
    be why), and about three texts of each sentence that enough share (its words are going to stand in the output). Names that it finds join
    the lists, and texts with them are gone through again.
    """
    plain = [t or "" for t in texts]
    mine = [list(_find_own(t, o)) for t, o in zip(plain, own, strict=True)]
    first = [
        slot_text(t, find_in_text(t, lists, more=m, dates=True), o) for t, m, o in zip(plain, mine, own, strict=True)
    ]
    asked = _choose_asked(first, persons, support)
    words: set[str] = set()
    for i, spans in zip(asked, find_persons([plain[i] for i in asked]), strict=True):
        for span in spans:
            trimmed = trim_person(plain[i], span, lists)
            if trimmed is not None:
                mine[i].append(trimmed)
                words.update(
                    w
                    for w in re.findall(r"[^\W\d_][\w'’-]*", plain[i][trimmed.start : trimmed.end])
                    if w[0].isupper() and len(w) > 2
                )
    more = join_lists(lists, gather_names(words, words))
    fresh = re.compile("|".join(map(re.escape, sorted(words)))) if words else None
    seen = set(asked)
    return [
        slot_text(t, find_in_text(t, more, more=m, dates=True), o)
        if i in seen or (fresh is not None and fresh.search(t))
        else first[i]
        for i, (t, m, o) in enumerate(zip(plain, mine, own, strict=True))
    ]


def _choose_asked(texts: Sequence[list[Piece]], persons: Sequence[object], support: int) -> list[int]:
    who: dict[tuple[str, tuple[Slot, ...]], set[object]] = defaultdict(set)
    for pieces, person in zip(texts, persons, strict=True):
        for piece in pieces:
            who[piece.text, piece.slots].add(person)
    shown: dict[tuple[str, tuple[Slot, ...]], int] = defaultdict(int)
    asked, rare = [], 0
    for i, pieces in enumerate(texts):
        keys = [(p.text, p.slots) for p in pieces]
        fresh = any(shown[k] < EXAMPLES for k in keys if len(who[k]) >= support)
        alone = any(len(who[k]) < support for k in keys) and rare < MOST_ASKED
        if fresh or alone:
            asked.append(i)
            rare += alone
            for k in keys:
                shown[k] += 1
    return asked


def _find_own(text: str, own: Mapping[str, tuple[str, str]]) -> Iterator[Span]:
    """The row's own identifiers, wherever they stand in its text."""
    for kind, value in own.values():
        if kind != "name":
            at = text.find(value)
            if at >= 0 and len(value) >= 4:
                yield Span(at, at + len(value), kind, 0.995, "the row's own value")
            continue
        words = "|".join(re.escape(w) for w in re.findall(r"[^\W_][\w'’-]*", value) if len(w) > 1)
        if not words:
            continue
        run = re.compile(rf"(?<!\w)(?:{words})(?:,? (?:{words}))*(?!\w)")
        for m in run.finditer(text):
            if len(m.group()) > 2 or m.group() == value:
                yield Span(m.start(), m.end(), "name", 0.99, "the row's own name")
