"""Which columns of a table hold personal data: by their values first, by their names where the values cannot tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from sundog.lib.pii.column_words import hint_kind, hint_special
from sundog.lib.pii.detect import find_in_text
from sundog.lib.pii.formats import find_formats
from sundog.lib.pii.kinds import LETTERS, find_kind
from sundog.lib.pii.labelled import DATE
from sundog.lib.pii.names import NameLists, common_names, find_names
from sundog.lib.pii.national import NUMBERS, bare
from sundog.lib.pii.normal import write_value
from sundog.lib.pii.places import find_addresses, known_towns
from sundog.lib.pii.spans import Span
from sundog.lib.rows.infer_meaning import split_name

LOOKED_AT = 400
"""Different values of a column that are looked at."""
ALIKE = 0.85
"""Share of the values that must be of a kind."""
FEW = 5
"""Different values below which values alone say nothing."""

_FEW_NAMES = 3
"""Different values from which full names alone tell a column of names."""

_DATE = re.compile(DATE, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """What a column holds that may tell who a person is.

    Attributes:
        column: its name.
        kind: of identifier (``kinds.find_kind``); empty where only a special category is suspected.
        letter: of HIPAA Safe Harbor, A to R; empty with the kind.
        what: the kind in words.
        share: of the values looked at that are of this kind; of texts: that hold one.
        values: different values that were looked at.
        confidence: 0 to 1.
        why: the reason, in one sentence.
        inside: for free text, how many of each kind were found in the texts looked at, the most frequent first.
        special: special category of personal data (GDPR, Article 9; criminal records: Article 10) that the name suggests.
    """

    column: str
    kind: str
    letter: str
    what: str
    share: float
    values: int
    confidence: float
    why: str
    inside: tuple[tuple[str, int], ...] = ()
    special: str = ""


def judge_column(
    name: str, values: pa.Array, *, meaning: str = "", pattern: str = "", lists: NameLists | None = None
) -> PersonalColumn | None:
    """What a column holds that is personal; None for nothing.

    Args:
        name: of the column.
        values: different values, or a sample of all of them.
        meaning: as inferred (``sundog.core.tables.Meaning``); ``text`` for free text.
        pattern: as inferred (``sundog.lib.rows.infer_meaning.Reading``).
        lists: known names; without them those of the sixteen locales.
    """
    words = split_name(name)
    special = hint_special(words)
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    plain = (values.dictionary_decode() if pa.types.is_dictionary(values.type) else values).drop_null()
    found: PersonalColumn | None
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        texts = [t for t in plain.slice(0, LOOKED_AT).to_pylist() if t.strip()]
        found = _judge_texts(name, words, texts, meaning, pattern, lists or common_names()) if texts else None
    elif pa.types.is_boolean(kind):
        found = None
    elif pa.types.is_temporal(kind):
        found = _judge_times(name, words, len(plain), pa.types.is_time(kind) or pa.types.is_duration(kind))
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        found = _judge_numbers(name, words, plain, pattern)
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        hint = hint_kind(words, values=True)
        found = (
            _say(name, hint, 1.0, len(plain), 0.6, f"named {name!r}, binary values")
            if hint in ("photo", "biometric")
            else None
        )
    else:
        found = None
    if special and found is None:
        return PersonalColumn(name, "", "", "", 0.0, len(plain), 0.3, f"perhaps: named {name!r}", (), special)
    if special and found is not None:
        return PersonalColumn(
            found.column, found.kind, found.letter, found.what, found.share, found.values, found.confidence, found.why, found.inside, special
        )  # fmt: skip
    return found


def _say(
    name: str,
    kind: str,
    share: float,
    values: int,
    confidence: float,
    why: str,
    inside: tuple[tuple[str, int], ...] = (),
) -> PersonalColumn:
    told = find_kind(kind)
    return PersonalColumn(name, kind, told.letter, told.what, share, values, round(confidence, 2), why, inside)


def _judge_texts(
    name: str, words: Sequence[str], texts: list[str], meaning: str, pattern: str, lists: NameLists
) -> PersonalColumn | None:
    n, hint = len(texts), hint_kind(words, values=True)
    if meaning == "text" and pattern != "json" and hint != "address":
        return _judge_prose(name, texts, lists)
    told = _judge_formats(name, texts, hint)
    if told is not None:
        return told
    share = sum(_covers(t, find_addresses(t)) for t in texts) / n
    if share >= 0.5 and (n >= FEW or hint == "address"):
        return _say(
            name, "address", share, n, 0.9, f"{share:.0%} of the values have the form of a street and a house number"
        )
    if hint == "address" and sum(any(c.isdecimal() for c in t) for t in texts) > 0.3 * n:
        return _say(name, "address", share, n, 0.8, f"named {name!r}, and the values hold house numbers")
    dates = sum(_DATE.fullmatch(t.strip()) is not None for t in texts) / n
    if dates >= ALIKE:
        if hint == "birth_date":
            return _say(name, "birth_date", dates, n, 0.97, f"named {name!r}, and the values are dates")
        return _say(
            name, "date", dates, n, 0.4, "perhaps: dates, which Safe Harbor counts where they belong to a person"
        )
    if (
        hint == "photo"
        and sum(bool(re.match(r"data:image|\S+\.(?:jpe?g|png|heic|webp)$", t, re.IGNORECASE)) for t in texts)
        >= ALIKE * n
    ):
        return _say(name, "photo", 1.0, n, 0.8, f"named {name!r}, and the values are pictures")
    if hint not in ("", "name", "address", "phone", "email", "photo", "city", "age", "postcode"):
        coded = sum(any(c.isdecimal() for c in t) and len(t) <= 40 for t in texts) / n
        if hint in NUMBERS or coded >= ALIKE or hint in ("username", "biometric"):
            return _say(name, hint, coded, n, 0.85, f"named {name!r}, and the values are codes")
    named = _judge_names(name, texts, hint, lists)
    if named is not None:
        return named
    if hint == "phone" and sum(sum(c.isdecimal() for c in t) >= 6 for t in texts) >= ALIKE * n:
        return _say(name, "phone", 1.0, n, 0.85, f"named {name!r}, and the values are digits")
    if hint in ("city", "postcode"):
        return _say(name, hint, 1.0, n, 0.7, f"named {name!r}: a place smaller than a state")
    towns = sum(t.lower().strip() in known_towns() for t in texts) / n
    if towns >= 0.5 and n >= FEW:
        return _say(name, "city", towns, n, 0.6, f"{towns:.0%} of the values are towns")
    if meaning == "identifier":
        return _say(name, "code", 1.0, n, 0.5, "nearly every row has its own value")
    return None


def _covers(text: str, spans: Iterable[Span]) -> bool:
    """Whether a piece makes up nearly all of a value."""
    return any(s.end - s.start >= 0.8 * len(text.strip()) for s in spans)


def _judge_formats(name: str, texts: list[str], hint: str) -> PersonalColumn | None:
    """By form and check digits: the kind that most values are."""
    n = len(texts)
    counts: Counter[str] = Counter()
    for text in texts:
        kinds = {s.kind for s in find_formats(f"{text.strip()}") if s.end - s.start >= 0.9 * len(text.strip())}
        counts.update(k for k in kinds if k not in NUMBERS)
    plain = [t.strip().upper() for t in texts]
    for number in NUMBERS.values():
        pattern = re.compile(number.pattern)
        hits = sum(bool(pattern.fullmatch(t)) and number.right(bare(t)) for t in plain)
        chance = number.chance
        named = hint == number.name or (hint == "national" and chance <= 0.1)
        needed = chance < 0.5 or named or (number.name == "us_ssn" and all("-" in t for t in plain))
        if (
            hits >= ALIKE * n
            and needed
            and (n >= FEW or named)
            and (chance ** min(n, 20) < 1e-6 or named or number.name == "us_ssn")
        ):
            counts[number.name] = hits
    if hint in ("imei", "vin", "card") and not counts[hint]:
        counts[hint] = sum(sum(s.kind == hint for s in find_formats(f"{hint} {t}")) > 0 for t in texts)
    if not counts:
        return None

    def rank(item: tuple[str, int]) -> tuple[float, bool, float]:
        kind, hits = item
        chance = NUMBERS[kind].chance if kind in NUMBERS else 0.001
        return (round(hits / n, 1), kind == hint, -chance)

    kind, hits = max(counts.items(), key=rank)
    if kind == "phone" and hint == "fax":
        kind = "fax"
    share = hits / n
    if share < ALIKE or (kind == "phone" and share < 0.95 and hint not in ("phone", "fax")):
        return None
    if (
        kind in ("phone", "fax")
        and hint not in ("phone", "fax")
        and not all(re.search(r"[+() /-]", t) for t in texts[:50])
    ):
        return None
    told = find_kind(kind)
    checked = " and right check digits" if told.evidence == "checksum" else ""
    why = f"{_count_values(share, n)} the form of {told.what}{checked}"
    return _say(name, kind, share, n, min(0.99, 0.8 + 0.02 * min(n, 10)), why)


def _count_values(share: float, n: int) -> str:
    return "its only value has" if n == 1 else f"{share:.0%} of {n:,} different values have"


def _judge_names(name: str, texts: list[str], hint: str, lists: NameLists) -> PersonalColumn | None:
    n = len(texts)
    known = 0
    for text in texts:
        parts = [w.lower() for w in re.findall(r"[^\W\d_][\w'’-]*", text)]
        held = sum(w in lists.given or w in lists.surnames for w in parts)
        whole = held >= 0.5 * len(parts) and held > 0 and len(parts) <= 6 and not any(c.isdecimal() for c in text)
        known += whole or _covers(text, find_names(text, lists))
    share = known / n
    looks = sum(re.fullmatch(r"[^\W\d_][\w'’.,() -]{0,60}", t) is not None and len(t.split()) <= 6 for t in texts) / n
    if hint == "name" and looks >= 0.8 and (share >= 0.3 or n >= 20):
        return _say(
            name,
            "name",
            share,
            n,
            0.9 if share >= 0.3 else 0.6,
            f"named {name!r}, and {share:.0%} of the values are known names",
        )
    several = sum(" " in t.strip() for t in texts) / n
    full = sum(_is_full_name(t, lists) for t in texts) / n
    if (share >= 0.7 and n >= 10 and (several > 0.5 or share >= 0.9)) or (full >= 0.9 and n >= _FEW_NAMES):
        return _say(name, "name", share, n, 0.8, f"{share:.0%} of {n:,} different values are known names of persons")
    return None


def _is_full_name(text: str, lists: NameLists) -> bool:
    """Whether a known given name begins it and a known surname ends it, as the few advisers of many customers are written."""
    words = [w.lower() for w in re.findall(r"[^\W\d_][\w'’-]*", text)]
    return 2 <= len(words) <= 4 and words[0] in lists.given and words[-1] in lists.surnames


def _judge_prose(name: str, texts: list[str], lists: NameLists) -> PersonalColumn:
    inside: Counter[str] = Counter()
    held = 0
    for text in texts:
        spans = find_in_text(text, lists)
        held += bool(spans)
        inside.update(s.kind for s in spans)
    share = held / len(texts)
    told = ", ".join(f"{find_kind(k).what} {c:,}" for k, c in inside.most_common(6))
    why = f"free text; {share:.0%} of {len(texts):,} texts looked at hold identifiers" + (f" ({told})" if told else "")
    return _say(name, "text", share, len(texts), 0.95 if held else 0.5, why, tuple(inside.most_common()))


def _judge_times(name: str, words: Sequence[str], n: int, clock: bool) -> PersonalColumn | None:
    if hint_kind(words, values=True) == "birth_date":
        return _say(name, "birth_date", 1.0, n, 0.97, f"named {name!r}, and the values are dates")
    if clock:
        return None
    return _say(name, "date", 1.0, n, 0.4, "perhaps: dates, which Safe Harbor counts where they belong to a person")


def _judge_numbers(name: str, words: Sequence[str], values: pa.Array, pattern: str) -> PersonalColumn | None:
    n, hint = len(values), hint_kind(words, values=True)
    if not n:
        return None
    if hint == "age":
        over = sum(v > 89 for v in values.slice(0, LOOKED_AT).to_pylist())
        return (
            _say(name, "age", over / min(n, LOOKED_AT), n, 0.8, f"named {name!r}, and values above 89: {over:,}")
            if over
            else None
        )
    if hint == "coordinates" and pa.types.is_floating(values.type):
        return _say(name, "coordinates", 1.0, n, 0.8, f"named {name!r}: a point on the map")
    if not pa.types.is_integer(values.type) and not are_whole(values):
        return None
    texts = [t for v in values.slice(0, LOOKED_AT).to_pylist() if (t := write_value(v)) is not None]
    if not texts:
        return None
    told = _judge_formats(name, texts, hint)
    if told is not None:
        return told
    if hint == "phone" and sum(7 <= len(t) <= 15 for t in texts) >= ALIKE * len(texts):
        return _say(name, "phone", 1.0, n, 0.85, f"named {name!r}, and the values are digits")
    if hint == "postcode":
        return _say(name, "postcode", 1.0, n, 0.7, f"named {name!r}: a place smaller than a state")
    if hint == "national" and sum(6 <= len(t) <= 15 for t in texts) < ALIKE * len(texts):
        hint = ""  # a rate or an amount of tax
    if hint not in ("", "name", "address", "email", "city", "coordinates", "birth_date", "photo"):
        return _say(name, hint, 1.0, n, 0.8, f"named {name!r}, and the values are numbers")
    return (
        _say(name, "code", 1.0, n, 0.5, "each number stands for one row or one person")
        if pattern in ("key", "code")
        else None
    )


def are_whole(values: pa.Array) -> bool:
    """Whether floats are whole numbers throughout, as spreadsheets write telephone numbers where some are missing."""
    if not pa.types.is_floating(values.type):
        return False
    known = values.drop_null()
    there = known.filter(pc.is_finite(known))
    return len(there) > 0 and bool(pc.all(pc.equal(there, pc.floor(there))).as_py())


def say_letter(letter: str) -> str:
    """A letter of the list and what it stands for."""
    return f"{letter}, {LETTERS[letter]}"
