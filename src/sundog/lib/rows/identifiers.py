"""Identifiers: recognised by their content, and the pattern from which new ones are made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.tables import meaning_of
from sundog.lib.rows.infer_marks import pattern_of
from sundog.lib.rows.infer_meaning import read_meaning, split_name
from sundog.lib.rows.infer_profile import profile_columns
from sundog.lib.rows.makers import (
    CardMaker,
    CodeMaker,
    EmailMaker,
    IbanMaker,
    Maker,
    NameMaker,
    PhoneMaker,
    SerialMaker,
    UuidMaker,
    WebMaker,
)
from sundog.lib.rows.words import read_words

UNIQUE = 0.95
"""Different values over rows above which every row gets its own."""

_NO_PATTERN = ("0123456789abcdefghijkmnpqrstuvwxyz",) * 12

CHANCE = 1_000
"""A pattern must have this many codes for each row of the source, so that one of the source comes up by chance in fewer than one row of so many."""

LOOKED_AT = 50_000
"""Values from which a pattern is learned."""

_OWN_WORDS = frozenset(
    [
        "name",
        "names",
        "first",
        "last",
        "given",
        "family",
        "full",
        "surname",
        "forename",
        "firstname",
        "lastname",
        "fullname",
        "givenname",
        "familyname",
        "vorname",
        "nachname",
        "middle",
        "email",
        "e",
        "mail",
        "address",
        "id",
        "contact",
    ]
)
_SURNAME_WORDS = frozenset(("last", "surname", "lastname", "family", "familyname", "nachname"))
_GIVEN_WORDS = frozenset(("first", "given", "firstname", "givenname", "forename", "vorname", "middle"))


@dataclass(frozen=True, slots=True)
class Recognised:
    """An identifier or free text.

    Attributes:
        pattern: ``key``, ``code``, ``email``, ``phone``, ``iban``, ``name``, ``prose``, ...; see ``infer_marks.PATTERN``.
        why: the reason.
    """

    pattern: str
    why: str


def recognise(column: pa.Field, array: pa.Array, stated: str) -> Recognised | None:
    """Whether the column holds identifiers or free text; None for anything that may be learned.

    Args:
        column: with the marks that the reader left, if any.
        array: all values.
        stated: meaning that the user states, or empty.
    """
    if stated in ("email", "phone", "iban", "name"):
        return Recognised(stated, "you say so")
    if stated == "text":
        return Recognised("prose", "you say so")
    if stated == "identifier":
        return Recognised(_look(column, array).pattern or "code", "you say so")
    if stated:
        return None
    marked = b"sundog.meaning" in (column.metadata or {})
    if marked and meaning_of(column) not in ("identifier", "text"):
        return None
    if marked:
        found = Recognised(pattern_of(column) or "code", "the reader of the source marked it")
    else:
        found = _look(column, array)
        if not found.pattern:
            return None
    if found.pattern == "name" and not _are_persons(array):
        return None
    return found


def _look(column: pa.Field, array: pa.Array) -> Recognised:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind)):
        return Recognised("", "")
    plain = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    if pa.types.is_large_string(kind):
        plain = plain.cast(pa.string())
    batch = pa.record_batch([plain], names=[column.name])
    reading = read_meaning(profile_columns(batch.schema, [batch])[0], plain.type)
    return Recognised(reading.pattern if reading.meaning in ("identifier", "text") else "", reading.why)


def _are_persons(array: pa.Array) -> bool:
    """Whether texts named as names are names of persons: nearly all different, or many of their words in the lists of common names."""
    plain = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    different = pc.unique(plain.drop_null())
    if len(different) > 0.5 * max(1, len(array) - array.null_count):
        return True
    known = {w.lower() for w in (*read_words("given_names"), *read_words("surnames"))}
    words = [w.lower() for text in different.slice(0, 2000).to_pylist() for w in re.findall(r"\w+", str(text))]
    return sum(w in known for w in words) >= 0.3 * max(1, len(words))


def repeats_of(array: pa.Array) -> float:
    """Rows for each different value: 1 where nearly every row has its own."""
    rows = len(array) - array.null_count
    different = pc.count_distinct(array.dictionary_decode() if pa.types.is_dictionary(array.type) else array).as_py()
    return 1.0 if different >= UNIQUE * rows else rows / max(1, different)


def learn_maker(column: pa.Field, array: pa.Array, pattern: str, support: int) -> tuple[Maker | None, str]:
    """The pattern of the values, and a sentence about what is made; None where values can't be remade.

    Args:
        column: field of the column.
        array: all values; at least ``support`` are there.
        pattern: as recognised.
        support: rows that a prefix or a character in its place needs.
    """
    known = array.drop_null()
    if pa.types.is_dictionary(known.type):
        known = known.dictionary_decode()
    words = split_name(column.name)
    if pa.types.is_integer(known.type):
        return _learn_serial(known)
    if not (pa.types.is_string(known.type) or pa.types.is_large_string(known.type)):
        return None, "values of this type are not remade"
    texts = known.cast(pa.string()).slice(0, LOOKED_AT)
    person = " ".join(w for w in words if w not in _OWN_WORDS)
    match pattern:
        case "email":
            return EmailMaker(person), "made from common names at example.com, example.net and example.org"
        case "name":
            return _learn_name(texts, words, person), "made from lists of common names"
        case "phone":
            return _learn_phone(texts), "made in ranges that belong to nobody"
        case "iban":
            return _learn_iban(texts, support), "made with right check digits and a bank that doesn't exist"
        case "uuid":
            first = str(texts[0])
            return UuidMaker(first.upper() == first, "-" in first, first.startswith("{")), "random UUIDs"
        case "card":
            first = str(texts[0])
            gap = "-" if "-" in first else " " if " " in first else ""
            return CardMaker(
                max(12, min(19, sum(c.isdigit() for c in first))), gap
            ), "made with right check digits and no issuer"
        case "url" | "ip":
            what: Literal["url", "ip"] = "url" if pattern == "url" else "ip"
            return WebMaker(what), "made in ranges that belong to nobody"
        case "prose" | "json" | "address":
            return None, {"prose": "free text", "json": "nested values", "address": "addresses"}[
                pattern
            ] + " may name anybody and is not remade"
        case "sparse":
            maker = _learn_code(texts, support)
            return (
                maker
                if maker[0].alphabets != _NO_PATTERN
                else (None, "its values have no common pattern from which they could be remade")
            )
        case _:
            return _learn_code(texts, support)


def _learn_serial(values: pa.Array) -> tuple[Maker, str]:
    ticks = values.cast(pa.int64(), safe=False).to_numpy(zero_copy_only=False)
    low, high, n = int(ticks.min()), int(ticks.max()), len(ticks)
    top = 2 ** (values.type.bit_width - (0 if pa.types.is_unsigned_integer(values.type) else 1)) - 1
    running = bool((np.diff(ticks) >= 0).all())
    digits = len(str(max(abs(high), 1)))
    if (
        not running
        and low > 0
        and n * CHANCE < 9 * 10 ** (digits - 1)
        and len(str(low)) == digits
        and digits <= 18
        and 10**digits <= top
    ):
        return SerialMaker(10 ** (digits - 1), 9 * 10 ** (digits - 1), True), f"numbers of {digits} digits in no order"
    start = 10**digits
    if start * 10 <= min(top, 2**62):
        how = "running numbers" if running else f"numbers of {digits + 1} digits in no order"
        return SerialMaker(start, 9 * start, not running), f"{how} from {start} on, above all in the source"
    room = top - start
    if room > 10**4 and start > high:
        return SerialMaker(start, room, not running), f"numbers from {start} on, above all in the source"
    return SerialMaker(
        min(low, 0), max(1, min(top, 2**61)), False
    ), "running numbers; the type leaves no room for others than those of the source"


def _learn_name(texts: pa.Array, words: list[str], person: str) -> NameMaker:
    sample = [str(t) for t in texts.slice(0, 1000).to_pylist()]
    comma = sum("," in t for t in sample) > 0.5 * len(sample)
    several = sum(" " in t.strip() for t in sample) > 0.5 * len(sample)
    style: Literal["given", "surname", "full", "comma"] = "comma" if comma else "full"
    if not several and not comma:
        surnames, given = ({w.lower() for w in read_words(n)} for n in ("surnames", "given_names"))
        bare = [t.lower() for t in sample]
        looks = sum(t in surnames for t in bare) > sum(t in given for t in bare)
        style = "surname" if _SURNAME_WORDS & set(words) or (looks and not _GIVEN_WORDS & set(words)) else "given"
    upper, lower = (sum(t == f(t) for t in sample) > 0.8 * len(sample) for f in (str.upper, str.lower))
    return NameMaker(style, "upper" if upper else "lower" if lower else "title", person)


def _learn_phone(texts: pa.Array) -> PhoneMaker:
    shapes = pc.value_counts(pc.replace_substring_regex(texts, r"[0-9]", "#"))
    order = sorted(
        zip((-c for c in shapes.field("counts").to_pylist()), shapes.field("values").to_pylist(), strict=True)
    )
    shape = "".join(c if c in "#+()-./ " else "" for c in order[0][1])
    some = [
        re.sub(r"\D", "", str(t))
        for t in texts.slice(0, 1000).to_pylist()
        if re.sub(r"[0-9]", "#", str(t)) == order[0][1]
    ]
    digits = shape.count("#")
    international = shape.startswith("+") or bool(some and sum(t.startswith("00") for t in some) > 0.8 * len(some))
    head = "00" if international and not shape.startswith("+") else ""
    return PhoneMaker(shape, _choose_range(some, digits, international, head))


def _choose_range(some: list[str], digits: int, international: bool, head: str) -> tuple[str, ...]:
    """Leading digits of numbers that belong to nobody, for the plan that the numbers seem to follow."""
    plans = {
        "1": ("NNN55501??",),
        "44": ("7700900???",),
        "49": ("3023125???", "176040690??"),
        "33": ("19900????", "63998????"),
        "61": ("25550????",),
    }
    for code, ranges in plans.items():
        for national in ranges:
            full = head + code + national
            if international and len(full) == digits and sum(t.startswith(head + code) for t in some) > 0.8 * len(some):
                return tuple(head + code + r for r in ranges if len(head + code + r) == digits)
            trunk = national if code == "1" else "0" + national
            if not international and len(trunk) == digits and _fits_plan(code, some):
                return tuple(
                    (r if code == "1" else "0" + r) for r in ranges if len(r if code == "1" else "0" + r) == digits
                )
    if international:
        return (head + "999",)
    return ("000",) if digits >= 6 else ("00",)


def _fits_plan(code: str, some: list[str]) -> bool:
    tests = {
        "1": r"[2-9][0-9]{2}[2-9][0-9]{6}$",
        "44": r"0[1237][0-9]{9}$",
        "49": r"01[567][0-9]{8,9}$|0[2-9][0-9]{8,9}$",
        "33": r"0[1-79][0-9]{8}$",
        "61": r"0[23478][0-9]{8}$",
    }
    return sum(re.match(tests[code], t) is not None for t in some) > 0.95 * max(1, len(some))


def _learn_iban(texts: pa.Array, support: int) -> IbanMaker | None:
    bare = pc.utf8_upper(pc.replace_substring(texts, " ", ""))
    countries, shapes = [], []
    codes = pc.utf8_slice_codeunits(bare, 0, 2)
    counted = pc.value_counts(codes)
    for country, count in sorted(
        zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True),
        key=lambda p: (-p[1], p[0]),
    ):
        if count < support:
            continue
        mine = [str(t)[4:] for t in bare.filter(pc.equal(codes, country)).slice(0, 2000).to_pylist()]
        length = max({len(t) for t in mine}, key=lambda k: (sum(len(t) == k for t in mine), k))
        same = [t for t in mine if len(t) == length]
        letters = [sum(t[i].isalpha() for t in same) > 0.9 * len(same) for i in range(length)]
        bank = min(8, max(4, length - 10))
        countries.append(country)
        shapes.append("".join(("X" if a else "0") if i < bank else ("@" if a else "#") for i, a in enumerate(letters)))
    spaced = " " in str(texts[0])
    return IbanMaker(tuple(countries), tuple(shapes), spaced) if countries else None


def _learn_code(texts: pa.Array, support: int) -> tuple[CodeMaker, str]:
    """Prefixes and characters by position that enough rows share, for texts of the most frequent length."""
    values = [str(t) for t in texts.to_pylist()]
    prefixes, tails = _split_prefixes(values, support)
    lengths: dict[int, int] = {}
    for t in tails:
        lengths[len(t)] = lengths.get(len(t), 0) + 1
    length = max(lengths, key=lambda k: (lengths[k], k)) if lengths else 0
    same = [t for t in tails if len(t) == length]
    if length == 0 or lengths[length] < max(support, 0.3 * len(values)) or not all(t.isascii() for t in same):
        return CodeMaker(("",), _NO_PATTERN), "random codes of 12 characters: the values have no common pattern"
    grid = np.array([list(t) for t in same])
    alphabets = [_widen(grid[:, i], support) for i in range(length)]
    space = len(prefixes) * float(np.prod([float(len(a)) for a in alphabets]))
    if space < CHANCE * len(
        values
    ):  # the source fills its pattern: one digit more, so that no code of the source comes back
        spot = next((i for i, a in enumerate(alphabets) if len(a) > 1), length)
        alphabets.insert(spot, "123456789")
        return (
            CodeMaker(prefixes, tuple(alphabets)),
            "codes of the same pattern, one digit longer: among those of the same length, some of the source would come back by chance",
        )
    return CodeMaker(prefixes, tuple(alphabets)), "codes of the same pattern"


def _split_prefixes(values: list[str], support: int) -> tuple[tuple[str, ...], list[str]]:
    """Leading parts without digits that enough rows share, and what follows them."""
    heads: dict[str, int] = {}
    split = []
    for v in values:
        match = re.match(r"\D*", v)
        head = match.group(0) if match else ""
        heads[head] = heads.get(head, 0) + 1
        split.append((head, v[len(head) :]))
    shared = sorted(h for h, n in heads.items() if n >= support and h.isascii())
    covered = sum(heads[h] for h in shared)
    if covered < 0.9 * len(values) or len(shared) > 100 or all(not t for _, t in split):
        return ("",), values
    kept = set(shared)
    return tuple(shared), [t for h, t in split if h in kept]


def _widen(letters: np.ndarray[tuple[int, ...], np.dtype[np.str_]], support: int) -> str:
    """Characters of one position: the one that all rows have, else the classes that the frequent ones belong to."""
    found, counts = np.unique(letters, return_counts=True)
    shared = [str(c) for c, n in zip(found, counts, strict=True) if n >= support]
    if len(shared) == 1 and counts.max() == len(letters):
        return shared[0]
    classes = ("0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
    letters_used = [c for c in map(str, found) if c.isalpha()]
    hexed = any(c.isdigit() for c in shared) and bool(letters_used) and all(c in "abcdefABCDEF" for c in letters_used)
    out = "".join(c for c in shared if not c.isalnum())
    for chars in classes:
        mine = [c for c in map(str, found) if c in chars]
        if not mine:
            continue
        few = [c for c in shared if c in chars]
        out += (chars[:6] if hexed and chars[0] in "aA" else chars) if len(mine) > 5 or not few else "".join(few)
    return out or "0"
