"""Rules that one text must keep, and which of them it breaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sundog.lib.pii.detect import find_in_text
from sundog.lib.pii.formats import find_formats
from sundog.lib.pii.spans import settle
from sundog.lib.texts.columns import Row
from sundog.lib.texts.encoding import find_encoding_faults
from sundog.lib.texts.grams import hash_words, measure_repetition
from sundog.lib.texts.languages import is_foreign
from sundog.lib.texts.lengths import estimate_tokens
from sundog.lib.texts.normal import normalise
from sundog.lib.texts.refusals import MAY_DECLINE, MAY_WRAP, find_boilerplate, find_refusal
from sundog.lib.texts.toxicity import MAY_BE_TOXIC, find_toxic

FAULTS: Final = ("length", "encoding", "language", "refusal", "boilerplate", "repetition", "toxicity", "personal_data")
"""All that may be wrong with a text, in the order in which it is told."""

LOOPS = 6
"""Times that the same words may stand behind one another; so often they do in no language."""

_LEAST_WORDS = 40
"""Words from which a text can be said to repeat itself."""

_LEAST_LINES = 6
_RUN = 60
"""The same letter or sign so often in a row is a loop, unless it draws a line."""

_DRAWN = frozenset("-=_*.#~ \n\t\u2500\u2550\u2014")
_SURE = 0.9
"""Confidence from which a number counts as somebody's: numbers of sums have the form of many."""

_MAY_BE_PERSONAL = r"@|\d\D{0,3}\d\D{0,3}\d\D{0,3}\d\D{0,3}\d\D{0,3}\d"
_NOBODYS = frozenset({"url", "uuid", "ip", "mac", "vin"})
_RESERVED = ("example.com", "example.org", "example.net", "example.edu", ".example", ".invalid", ".test", ".localhost")


class Fault(NamedTuple):
    """One rule that a text breaks: a word of ``FAULTS``, and what was found, in words that quote no personal data."""

    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class TextRules:
    """Which faults are looked for.

    Attributes:
        look: words of ``FAULTS``.
        languages: codes, one of which a text must be in; empty for any.
        characters: fewest and most; None for no most.
        words: fewest and most.
        tokens: most, estimated.
        repeated: share of words that may lie in five words that came before.
    """

    look: frozenset[str] = frozenset(FAULTS)
    languages: tuple[str, ...] = ()
    characters: tuple[int, int | None] = (1, None)
    words: tuple[int, int | None] = (0, None)
    tokens: int | None = None
    repeated: float = 0.6


def judge_rows(rows: Sequence[Row], rules: TextRules) -> list[tuple[Fault, ...]]:
    """The faults of each row, in the order of ``FAULTS``, one of each word."""
    texts = [_without_lone(row.text) for row in rows]
    column = pa.array(texts, pa.large_string())
    words = hash_words(normalise(column))
    # Most texts hold nothing that a pattern begins with; RE2 tells so for all of them at once, at a byte a nanosecond.
    declines, wrapped, toxic, numbered = (
        pc.match_substring_regex(column, pattern, ignore_case=True).to_numpy(zero_copy_only=False)
        for pattern in (MAY_DECLINE, MAY_WRAP, MAY_BE_TOXIC, _MAY_BE_PERSONAL)
    )
    shares, loops = measure_repetition(words)
    counts = words.counts
    foreign = [""] * len(rows)
    if "language" in rules.look and rules.languages:
        foreign = is_foreign(texts, rules.languages)
    out = []
    for i, row in enumerate(rows):
        told = [
            ("length", _judge_length(row.text, int(counts[i]), rules)),
            ("encoding", "; ".join(find_encoding_faults(row.text)) if "encoding" in rules.look else ""),
            ("language", foreign[i] and f"it is in {foreign[i]!r}"),
            ("refusal", _first(find_refusal(a) for a in row.answers) if declines[i] else ""),
            ("boilerplate", _judge_boilerplate(row) if wrapped[i] else ""),
            ("repetition", _judge_repetition(row.text, int(counts[i]), shares[i], int(loops[i]), rules)),
            ("toxicity", _judge_toxicity(row.text) if toxic[i] else ""),
            ("personal_data", _judge_personal(row.text) if numbered[i] and "personal_data" in rules.look else ""),
        ]
        out.append(tuple(Fault(what, detail) for what, detail in told if detail and what in rules.look))
    return out


def _without_lone(text: str) -> str:
    """The text as UTF-8 can hold it."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _first(found: Iterable[str]) -> str:
    return next((f for f in found if f), "")


def _judge_length(text: str, words: int, rules: TextRules) -> str:
    for count, (least, most), what in (
        (len(text.strip()), rules.characters, "characters"),
        (words, rules.words, "words"),
    ):
        if count < least:
            return f"{count:,} {what}, fewer than {least:,}"
        if most is not None and count > most:
            return f"{count:,} {what}, more than {most:,}"
    if rules.tokens is not None and (tokens := estimate_tokens(text)) > rules.tokens:
        return f"about {tokens:,} tokens, more than {rules.tokens:,}"
    return ""


def _judge_boilerplate(row: Row) -> str:
    turns = row.answers[: len(row.answers) - len(row.documents)]
    chats = _first(find_boilerplate(a, True) for a in turns)
    return chats or _first(find_boilerplate(a, False) for a in row.documents)


def _judge_repetition(text: str, words: int, share: float, loops: int, rules: TextRules) -> str:
    if loops >= LOOPS and words >= 2 * LOOPS:
        return f"the same words {loops} times behind one another"
    if words >= _LEAST_WORDS and share > rules.repeated:
        return f"{share:.0%} of the words lie in five that came before"
    lines = [line.strip() for line in text.split("\n") if len(line.strip()) > 3]
    if len(lines) >= _LEAST_LINES and 1 - len(set(lines)) / len(lines) > rules.repeated:
        return f"{len(lines) - len(set(lines))} of {len(lines)} lines came before"
    return _find_run(text)


def _find_run(text: str) -> str:
    if len(text) < _RUN:
        return ""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    edges = np.flatnonzero(np.concatenate(([True], points[1:] != points[:-1], [True])))
    runs = np.diff(edges)
    for at in np.flatnonzero(runs >= _RUN):
        letter = text[int(edges[at])]
        if letter not in _DRAWN:
            return f"{letter!r} stands {int(runs[at])} times in a row"
    return ""


def _judge_toxicity(text: str) -> str:
    found = find_toxic(text)
    return f"{len(found)} found ({', '.join(sorted({t.kind for t in found}))})" if found else ""


def _judge_personal(text: str) -> str:
    """Kinds of personal data with a form of their own; addresses of domains that nobody can have are none."""
    kinds = [
        span.kind
        for span in settle(find_formats(text), _SURE)
        if span.kind not in _NOBODYS
        and not (span.kind == "email" and text[span.start : span.end].lower().endswith(_RESERVED))
    ]
    return ", ".join(f"{kinds.count(k)} {k}" for k in sorted(set(kinds)))


def count_personal(text: str) -> dict[str, int]:
    """Personal data by kind, names and addresses among them; slower, for samples."""
    counts: dict[str, int] = {}
    for span in find_in_text(text):
        counts[span.kind] = counts.get(span.kind, 0) + 1
    return counts
