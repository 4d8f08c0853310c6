"""Names of persons in a text: from lists of given names and surnames, titles, and the words around them.

The lists are those of ``lib.words`` (sixteen locales) and the 100 kB of common English names; a table's own columns of names join
them. Rules, from the surest: a title before it; a known given name before a capitalised word; surname, comma, given name; a greeting or
another cue before capitalised words; a known given name alone, unless it is a word of the language too.

Limits: names that no list has, without title, cue or a language model beside this, are not found; nor are names in lower case, and
inflected names of Slavic languages and Greek only in the nominative.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from sundog.lib.pii.name_words import AMBIGUOUS, PARTICLES, STOP
from sundog.lib.pii.spans import Span

_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f]|['’ʼ-](?=[^\W\d_]))*")
_TITLES = (
    r"mrs?|ms|miss|mx|dr|prof|sir|madam|lady|lord|herrn?|hrn|frau|fr(?=\.)|mme|mlle|madame|monsieur|m|señora?|sra?|srta|don|doña|dña|signora?|sig(?:\.ra)?|dott(?:\.ssa)?|"
    r"sig\.na|mevr(?:ouw)?|dhr|meneer|de heer|pani?|panem|panią|herr|fru|fröken|rouva|herra|neiti|bayan|bay|sayın|senhora?|dona|пані?|κα|κος|κύριος|κυρία|κ"
)
_TITLE = re.compile(
    rf"(?:(?<=\s)|^|(?<=[(\"'„«]))(?:{_TITLES})\.?(?: (?:dr|prof)\.?(?:[- ]?med\.?)?)*\s+"
    r"(?P<particles>(?:(?:de|da|do|dos|das|del|della|di|van|von|der|den|ten|ter|la|le|du|af|zu|el|al|bin) )*)$",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"(?:\b(?:dear|hi|hello|hey|regards|sincerely|signed|named|name is|name|(?:spoke|speak) (?:to|with)|talked to|met with|meeting with|called by|call from|contact|customer|client|patient|"
    r"caller|agent|attn|from|by|hallo|liebe[r]?|sehr geehrte[r]?|kundin|kunde|patientin|patient|grüße|mit|bonjour|chère?|cliente?|cordialement|avec|"
    r"hola|querid[oa]|estimad[oa]|con|ciao|gentile|caro|cara|saluti|olá|prezad[oa]|com|beste|klant|met|hej|hei|asiakas|kund|müşteri|klientk?a?|drog[ai]|"
    r"клієнтк?а?|πελάτ\w+)\b[:,]?|[:,]\n)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NameLists:
    """Known names, in lower case.

    Attributes:
        given: given names.
        surnames: surnames.
        joined: kanji of surnames and of given names, for a script without spaces; empty where there are none.
    """

    given: frozenset[str]
    surnames: frozenset[str]
    joined: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())


def gather_names(given: Iterable[str], surnames: Iterable[str]) -> NameLists:
    """Lists of these names."""
    first, last = set(given), set(surnames)
    kanji = (frozenset(t for t in last if _is_kanji(t)), frozenset(t for t in first if _is_kanji(t)))
    return NameLists(
        frozenset(w.lower() for t in first for w in (t, *t.split("-")) if len(w) > 1 and not _is_kanji(w)),
        frozenset(w.lower() for t in last for w in (t, *t.split()) if len(w) > 1 and not _is_kanji(w)),
        kanji,
    )


@cache
def common_names() -> NameLists:
    """The names of all locales and the common English ones."""
    from sundog.lib.rows.words import read_words
    from sundog.lib.words.locales import list_locales, read_locale

    given, surnames = set(read_words("given_names")), set(read_words("surnames"))
    for name in list_locales():
        locale = read_locale(name)
        given.update(t for names in locale.given for t in names.text.to_pylist())
        surnames.update(t for names in locale.surnames for t in names.text.to_pylist())
    return gather_names(given, surnames)


def join_lists(one: NameLists, two: NameLists) -> NameLists:
    """The names of both."""
    joined = (one.joined[0] | two.joined[0], one.joined[1] | two.joined[1])
    return NameLists(one.given | two.given, one.surnames | two.surnames, joined)


def _is_kanji(text: str) -> bool:
    return bool(text) and all("\u3040" <= c <= "\u9fff" for c in text)


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    text: str
    low: str
    opens: bool  # begins a sentence


def _read_words(text: str) -> list[list[_Word]]:
    """Runs of capitalised words, with the particles between them."""
    runs: list[list[_Word]] = []
    run: list[_Word] = []
    last = -1
    for m in _WORD.finditer(text):
        word = m.group()
        between = text[last : m.start()] if last >= 0 else ""
        near = between == " " or (between == ". " and run and len(run[-1].text) == 1)
        if run and not near:
            runs.append(run)
            run = []
        opens = last < 0 or bool(re.search(r"[.!?:;\n]\s*$|^[-*•]\s*$", between))
        if word[0].isupper():
            run.append(_Word(m.start(), m.end(), word, word.lower().replace("’", "'"), opens))
        elif run and word.lower() in PARTICLES:
            run.append(_Word(m.start(), m.end(), word, word.lower(), False))
        elif run:
            runs.append(run)
            run = []
        last = m.end()
    if run:
        runs.append(run)
    return [trimmed for r in runs if (trimmed := _trim(r))]


def _trim(run: list[_Word]) -> list[_Word]:
    while run and run[-1].text[0].islower():
        run = run[:-1]
    return run


def find_names(text: str, lists: NameLists) -> Iterator[Span]:
    """Names of persons; pieces may overlap."""
    if lists.joined[0]:
        yield from _find_joined(text, lists)
    for run in _read_words(text):
        yield from _find_in_run(text, run, lists)


def _known(word: _Word, names: frozenset[str]) -> bool:
    return word.low in names or ("-" in word.low and all(p in names for p in word.low.split("-")))


def _find_in_run(text: str, run: list[_Word], lists: NameLists) -> Iterator[Span]:
    head = text[max(0, run[0].start - 30) : run[0].start]
    titled = _TITLE.search(head)
    if titled:
        end = _end_of_name(run, 0, lists, most=4)
        yield Span(run[0].start - len(titled.group("particles")), run[end].end, "name", 0.95, "a title before it")
        return
    i = 0
    while i < len(run):
        word = run[i]
        if _is_title(word) and i + 1 < len(run) and run[i + 1].low not in STOP:
            end = _end_of_name(run, i + 1, lists, most=4)
            yield Span(run[i + 1].start, run[end].end, "name", 0.95, "a title before it")
            i = end + 1
            continue
        if _known(word, lists.given) and word.low not in STOP:
            end = _end_of_name(run, i, lists, most=5)
            if end > i:
                sure = any(_known(w, lists.surnames) for w in run[i + 1 : end + 1])
                yield Span(
                    word.start, run[end].end, "name", 0.96 if sure else 0.85, "a known given name and what follows it"
                )
                i = end + 1
                continue
            tail = re.match(r", ?([^\W\d_][\w'’-]+)(?= |$)", text[word.end :])
            if tail and tail.group(1).lower() in lists.given and _known(word, lists.surnames) and i == 0:
                yield Span(word.start, word.end + tail.end(), "name", 0.9, "surname, comma, given name")
            if (i == 0 and _CUE.search(head)) or (i and _CUE.search(run[i - 1].text)):
                yield Span(word.start, word.end, "name", 0.8, "a known given name, and the words before it")
            if word.low not in AMBIGUOUS and len(word.text) > 2 and not (word.text.isupper() and len(run) > 1):
                yield Span(word.start, word.end, "name", 0.72 if not word.opens else 0.6, "a known given name")
        elif _known(word, lists.surnames) and word.low not in STOP:
            before_it = run[i - 1] if i else None
            if before_it is not None and before_it.low not in STOP and not _is_title(before_it):
                score = 0.62 if not before_it.opens or len(before_it.text) == 1 else 0.55
                yield Span(before_it.start, word.end, "name", score, "a known surname and what stands before it")
            tail = re.match(r", ?([^\W\d_][\w'’-]+)", text[word.end :])
            if tail and tail.group(1).lower() in lists.given:
                yield Span(word.start, word.end + tail.end(), "name", 0.93, "surname, comma, given name")
        i += 1
    roles = next((k for k, w in enumerate(run) if not _CUE.search(w.text)), len(run))
    if roles and len(run) - roles >= 2 and not any(w.low in STOP for w in run[roles : roles + 2]):
        end = _end_of_name(run, roles, lists, most=4)
        if end > roles:
            yield Span(run[roles].start, run[end].end, "name", 0.6, "the word before it")
    if _CUE.search(head):
        rest = run if run[0].low not in STOP else []
        greeted = re.search(
            r"\b(?:dear|hi|hello|hey|hallo|liebe[r]?|hola|ciao|hej|hei|bonjour|olá|beste|regards|sincerely|saluti|cordialement|name is|named|signed|(?:spoke|speak) (?:to|with))\b[:,]?\s*$",
            head,
            re.IGNORECASE,
        )
        if rest and (len(rest) >= 2 or greeted):
            end = _end_of_name(rest, 0, lists, most=4)
            if end > 0 or greeted:
                yield Span(rest[0].start, rest[end].end, "name", 0.66, "the words before it")


def _is_title(word: _Word) -> bool:
    return re.fullmatch(_TITLES, word.low) is not None and len(word.text) > 1


def _end_of_name(run: list[_Word], begin: int, lists: NameLists, most: int) -> int:
    """Last word of the name that begins there: known names, and at most one that no list has."""
    end, unknown, k = begin, 0, begin + 1
    while k < len(run) and k - begin < most:
        word = run[k]
        if word.text[0].islower() or len(word.text) == 1:
            k += 1
            continue
        if word.low in STOP and not _known(word, lists.surnames):
            break
        if not (_known(word, lists.surnames) or _known(word, lists.given)):
            unknown += 1
            if unknown > 1 or any(_known(w, lists.surnames) for w in run[begin + 1 : end + 1]):
                break
        end = k
        k += 1
    return end


def _find_joined(text: str, lists: NameLists) -> Iterator[Span]:
    surnames, given = lists.joined
    for m in re.finditer(r"[\u3400-\u9fff々]+(?:[ \u3000][\u3040-\u30ff\u3400-\u9fff々]+)?", text):
        found = m.group()
        for begin in range(min(len(found), 24)):
            for length in (1, 2, 3, 4):
                if found[begin : begin + length] not in surnames:
                    continue
                rest = found[begin + length :].lstrip(" \u3000")
                end = len(found) - len(rest)
                best = max((n for n in range(1, 5) if rest[:n] in given), default=0)
                if best:
                    yield Span(
                        m.start() + begin, m.start() + end + best, "name", 0.93, "a known surname and given name"
                    )
    for m in re.finditer(
        r"([\u3400-\u9fff々]{1,5}(?:[ \u3000][\u3040-\u30ff\u3400-\u9fff々]{1,4})?)(?:さん|様|氏|先生)", text
    ):
        if m.group(1) not in ("お客", "客", "皆", "神"):
            yield Span(m.start(1), m.end(1), "name", 0.9, "a title behind it")


def trim_person(text: str, span: Span, lists: NameLists) -> Span | None:
    """What a language model takes for a person, without greetings and roles; None where it is one word that nothing else speaks for.

    A model of English takes many capitalised words of other languages for persons, nearly all of them single ones.
    """
    words = list(_WORD.finditer(text, span.start, span.end))
    while words and (
        words[0].group().lower() in STOP or _CUE.search(words[0].group()) or words[0].group()[0].islower()
    ):
        words.pop(0)
    while words and (words[-1].group().lower() in STOP or words[-1].group()[0].islower()):
        words.pop()
    if not words or len(words) > 5:
        return None
    if len(words) == 1:
        word = words[0].group()
        head = text[max(0, words[0].start() - 30) : words[0].start()]
        if not (_CUE.search(head) or word.lower() in lists.given or word.lower() in lists.surnames):
            return None
        if word.lower() in AMBIGUOUS and not _CUE.search(head):
            return None
    return Span(words[0].start(), words[-1].end(), "name", span.score, span.why)
