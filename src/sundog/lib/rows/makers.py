"""New identifiers of the pattern of the old ones: no value of the data is in a maker, only patterns that many rows share.

A maker turns an *index* (the unit number where every row has its own, else a number that comes back) into a value. Values
that stand for something outside are taken from ranges that cannot be anybody's:

- e-mail addresses at example.com, example.net and example.org (RFC 2606);
- telephone numbers set aside for fiction: North America 555-0100 to 555-0199, United Kingdom 07700 900000-900999 (Ofcom), Germany
  030 23125000-999 and 0176 040690 00-99 (Bundesnetzagentur), France 01 99 00 and 06 39 98 (ARCEP), Australia 02 5550 (ACMA); elsewhere +999, a
  country code that ITU-T E.164 keeps in reserve, or a number that begins with 000, which no plan gives to a subscriber;
- IBANs with right check digits and a bank that doesn't exist: its code is zeros, or X for letters (in Belgium, where 000 is a bank, the national
  check digits are wrong instead);
- card numbers that begin with 000000, which no issuer has, with a right check digit;
- IP addresses of 240.0.0.0/4 (RFC 1112, never routed), web addresses at example.org.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.rows.permute import permute
from sundog.lib.rows.words import read_words

_LARGE = 2**62
_MANY = 100_000  # rows that somebody may well ask for


@dataclass(frozen=True, slots=True)
class SerialMaker:
    """Whole numbers from ``start`` on: in order, or scattered over ``size`` numbers."""

    start: int
    size: int
    scattered: bool


@dataclass(frozen=True, slots=True)
class CodeMaker:
    """Texts of one length: a prefix, then one character of each alphabet.

    Attributes:
        prefixes: what a text may begin with.
        alphabets: characters of each position; one character is fixed.
    """

    prefixes: tuple[str, ...]
    alphabets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UuidMaker:
    """Random UUIDs of version 4 (RFC 9562), written as in the data."""

    upper: bool
    dashes: bool
    braces: bool


@dataclass(frozen=True, slots=True)
class NameMaker:
    """Names of persons from lists of common names.

    Attributes:
        style: given name, surname, both, or ``Surname, Given``.
        case: as written in the data.
        person: what else in the row belongs to the same person (``buyer``); empty for the row's own person.
    """

    style: Literal["given", "surname", "full", "comma"]
    case: Literal["title", "upper", "lower"]
    person: str


@dataclass(frozen=True, slots=True)
class EmailMaker:
    """E-mail addresses at the example domains, from the names of the same person and a number."""

    person: str


@dataclass(frozen=True, slots=True)
class PhoneMaker:
    """Telephone numbers.

    Attributes:
        shape: text in which each ``#`` is a digit.
        fixed: what the first digits are, for the ranges of fiction; ``?`` is drawn.
    """

    shape: str
    fixed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IbanMaker:
    """IBANs.

    Attributes:
        countries: two letters each.
        shapes: for each country the BBAN: 0 and X are the bank, ``#`` a digit, ``@`` a letter.
        spaced: whether groups of four are set apart.
    """

    countries: tuple[str, ...]
    shapes: tuple[str, ...]
    spaced: bool


@dataclass(frozen=True, slots=True)
class CardMaker:
    """Card numbers of ``length`` digits beginning with 000000."""

    length: int
    gap: str


@dataclass(frozen=True, slots=True)
class WebMaker:
    """Web addresses at example.org, or IP addresses of a range that is never routed."""

    what: Literal["url", "ip"]


Maker: TypeAlias = (
    SerialMaker | CodeMaker | UuidMaker | NameMaker | EmailMaker | PhoneMaker | IbanMaker | CardMaker | WebMaker
)


def make_values(maker: Maker, key: Key, index: NDArray[np.uint64], words: NDArray[np.uint64], table: Key) -> pa.Array:
    """Values of these indices; the same index gives the same value.

    Args:
        maker: pattern.
        key: stream of the column.
        index: uint64 (n,).
        words: uint64 (n, 4) random words that depend on (key, index) alone.
        table: stream of the table, which names the persons of its rows.
    """
    match maker:
        case SerialMaker():
            return pa.array(_make_serials(maker, key, index))
        case CodeMaker():
            return _make_codes(maker, key, index)
        case UuidMaker():
            return _make_uuids(maker, words)
        case NameMaker():
            return _make_names(maker, _draw_person(table, maker.person, index))
        case EmailMaker():
            return _make_emails(key, index, _draw_person(table, maker.person, index))
        case PhoneMaker():
            return _make_phones(maker, key, index, words)
        case IbanMaker():
            return _make_ibans(maker, key, index)
        case CardMaker():
            return _make_cards(maker, key, index)
        case WebMaker():
            return _make_web(maker, key, index)


def spread_words(key: Key, index: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Four random words for each index, uint64 (n, 4): a function of (key, index) alone, in any order of indices."""
    columns = []
    for i in range(4):
        word = permute(key.child(i), index % np.uint64(_LARGE), _LARGE)
        columns.append(word << np.uint64(2))
    return np.column_stack(columns) if len(index) else np.zeros((0, 4), dtype=np.uint64)


def _make_serials(maker: SerialMaker, key: Key, index: NDArray[np.uint64]) -> NDArray[np.int64]:
    if not maker.scattered:
        return index.astype(np.int64) + maker.start
    turn, place = index // np.uint64(maker.size), index % np.uint64(maker.size)
    return maker.start + permute(key, place, maker.size).astype(np.int64) + turn.astype(np.int64) * maker.size


def _make_codes(maker: CodeMaker, key: Key, index: NDArray[np.uint64]) -> pa.Array:
    sizes = [len(a) for a in maker.alphabets]
    space, used = len(maker.prefixes), 0
    while used < len(sizes) and space * sizes[used] < _LARGE:
        space *= sizes[used]
        used += 1
    turn, place = index // np.uint64(space), permute(key, index % np.uint64(space), space)
    which = (place % np.uint64(len(maker.prefixes))).astype(np.int32)
    place = place // np.uint64(len(maker.prefixes))
    text = np.empty((len(index), len(sizes)), dtype=np.uint8)
    more = key.child("tail")
    for i, alphabet in enumerate(maker.alphabets):
        if i >= used and (i - used) % 8 == 0:  # beyond 2**62 codes: more characters from a stream of the index
            place = permute(more.child(i), index % np.uint64(_LARGE), _LARGE)
        letters = np.frombuffer(alphabet.encode("ascii"), dtype=np.uint8)
        text[:, i] = letters[place % np.uint64(len(letters))]
        place = place // np.uint64(len(letters))
    joined = pc.binary_join_element_wise(pa.array(maker.prefixes).take(pa.array(which)), texts_of(text), "")
    if bool((turn > 0).any()):  # more rows than there are codes: a number makes them different
        tail = pc.if_else(
            pa.array(turn > 0), pc.binary_join_element_wise("-", pa.array(turn).cast(pa.string()), ""), ""
        )
        joined = pc.binary_join_element_wise(joined, tail, "")
    return joined


def texts_of(letters: NDArray[np.uint8]) -> pa.Array:
    """Strings of one length from ASCII codes: uint8 (n, length)."""
    n, length = letters.shape
    offsets = np.arange(n + 1, dtype=np.int32) * np.int32(length)
    return pa.StringArray.from_buffers(
        n, pa.py_buffer(offsets.tobytes()), pa.py_buffer(np.ascontiguousarray(letters).tobytes())
    )


def _make_uuids(maker: UuidMaker, words: NDArray[np.uint64]) -> pa.Array:
    pairs = words[:, :2] | (words[:, 2:] >> np.uint64(62))  # the two lowest bits of a word are 0
    raw = np.ascontiguousarray(pairs).view(np.uint8).reshape(len(words), 16).copy()
    raw[:, 6] = (raw[:, 6] & 0x0F) | 0x40
    raw[:, 8] = (raw[:, 8] & 0x3F) | 0x80
    digits = np.frombuffer(b"0123456789ABCDEF" if maker.upper else b"0123456789abcdef", dtype=np.uint8)
    text: NDArray[np.uint8] = np.empty((len(raw), 32), dtype=np.uint8)
    text[:, 0::2], text[:, 1::2] = digits[raw >> 4], digits[raw & 15]
    if maker.dashes:
        text = np.insert(text, (8, 12, 16, 20), ord("-"), axis=1)
    if maker.braces:
        text = np.insert(text, (0, text.shape[1]), (ord("{"), ord("}")), axis=1)
    return texts_of(text)


def _draw_person(table: Key, person: str, index: NDArray[np.uint64]) -> tuple[pa.Array, pa.Array]:
    """Given name and surname: the same for the same person of the same row, in whichever column."""
    words = spread_words(table.child(f"person {person}"), index)
    given, surnames = pa.array(read_words("given_names")), pa.array(read_words("surnames"))
    return given.take(pa.array((words[:, 0] >> np.uint64(8)) % np.uint64(len(given)))), surnames.take(
        pa.array((words[:, 1] >> np.uint64(8)) % np.uint64(len(surnames)))
    )


def _make_names(maker: NameMaker, person: tuple[pa.Array, pa.Array]) -> pa.Array:
    given, surname = person
    match maker.style:
        case "given":
            made = given
        case "surname":
            made = surname
        case "full":
            made = pc.binary_join_element_wise(given, surname, " ")
        case "comma":
            made = pc.binary_join_element_wise(surname, given, ", ")
    return pc.utf8_upper(made) if maker.case == "upper" else pc.utf8_lower(made) if maker.case == "lower" else made


def _make_emails(key: Key, index: NDArray[np.uint64], person: tuple[pa.Array, pa.Array]) -> pa.Array:
    size = 10**6
    number = permute(key, index % np.uint64(size), size) + index // np.uint64(size) * np.uint64(size)
    domain = pa.array(["@example.com", "@example.net", "@example.org"]).take(
        pa.array((number % np.uint64(3)).astype(np.int32))
    )
    local = pc.utf8_lower(pc.binary_join_element_wise(person[0], person[1], "."))
    return pc.binary_join_element_wise(local, pa.array(number).cast(pa.string()), domain, "")


def count_values(maker: Maker) -> int | None:
    """How many different values there are, where that may be few; beyond as many indices, values come back."""
    match maker:
        case PhoneMaker():
            return sum(_count_phones(maker))
        case IbanMaker():
            return min(_count_space(s) for s in maker.shapes)
        case CardMaker():
            return int(10 ** (maker.length - 7))
        case _:
            return None  # codes and numbers grow longer, and names need not differ


def say_few(maker: Maker, rows: int) -> str:
    """That values will come back for want of different ones, where each row has its own; empty where there is room."""
    there = count_values(maker)
    if there is None or there >= max(10 * rows, _MANY):
        return ""
    return f"there are only {there:,} such values, so in more rows than that they come back"


def _count_phones(maker: PhoneMaker) -> list[int]:
    """Numbers of each range, at most 2**58 each."""
    digits = maker.shape.count("#")
    sizes = []
    for fixed in maker.fixed:
        marks = (fixed + "?" * digits)[:digits]
        sizes.append(min(8 ** marks.count("N") * 10 ** marks.count("?"), 2**58))
    return sizes


def _make_phones(maker: PhoneMaker, key: Key, index: NDArray[np.uint64], words: NDArray[np.uint64]) -> pa.Array:
    """Each number of each range once, in no order, before any comes back."""
    n = len(words)
    sizes = _count_phones(maker)
    ends = np.cumsum(np.array(sizes, dtype=np.uint64))
    place = permute(key.child("phone"), index % ends[-1], int(ends[-1]))
    which = np.searchsorted(ends, place, side="right")
    place = place - (ends - np.array(sizes, dtype=np.uint64))[which]
    spots = [i for i, c in enumerate(maker.shape) if c == "#"]
    text = np.tile(np.frombuffer(maker.shape.encode("ascii", "replace"), dtype=np.uint8), (n, 1))
    drawn = (
        np.column_stack(
            [words[:, k // 12] // np.uint64(10 ** (k % 12) * 1024) % np.uint64(10) for k in range(len(spots))]
        ).astype(np.uint8)
        if spots
        else np.zeros((n, 0), np.uint8)
    )
    room = np.array([s if s < 2**58 else 0 for s in sizes], dtype=np.uint64)[which]  # 0: more digits than a place holds
    for k, spot in reversed(list(enumerate(spots))):
        column = drawn[:, k]
        for f, fixed in enumerate(maker.fixed):
            mark = fixed[k] if k < len(fixed) else "?"
            rows = which == f
            if mark in "N?":  # N: 2 to 9
                base = np.uint64(8 if mark == "N" else 10)
                counted = (place % base + np.uint64(10) - base).astype(np.uint8)
                free = np.where(room > 0, counted, 10 - int(base) + column % int(base))
                column = np.where(rows, free, column)
                place = np.where(rows, place // base, place)
            else:
                column = np.where(rows, int(mark), column)
        text[:, spot] = column + ord("0")
    return texts_of(text)


def _make_ibans(maker: IbanMaker, key: Key, index: NDArray[np.uint64]) -> pa.Array:
    out: list[str] = []
    which = permute(key.child("country"), index % np.uint64(_LARGE), _LARGE) % np.uint64(len(maker.countries))
    places = permute(key, index % np.uint64(_LARGE), _LARGE)
    spaces = [_count_space(s) for s in maker.shapes]
    inside = [permute(key.child(i), index % np.uint64(s), s) for i, s in enumerate(spaces)]
    for row, c in enumerate(which.tolist()):
        number = int(inside[c][row]) if spaces[c] < _LARGE else int(places[row])
        bban = ""
        for mark in maker.shapes[c]:
            if mark == "#":
                number, digit = divmod(number, 10)
                bban += str(digit)
            elif mark == "@":
                number, letter = divmod(number, 26)
                bban += chr(65 + letter)
            else:
                bban += mark
        if maker.countries[c] == "BE" and int(bban[:10]) % 97 in (int(bban[10:]), int(bban[10:]) % 97):
            bban = bban[:10] + f"{(int(bban[10:]) + 1) % 97:02d}"
        out.append(make_iban(maker.countries[c], bban, maker.spaced))
    return pa.array(out, pa.string())


def _count_space(shape: str) -> int:
    size = 1
    for mark in shape:
        size *= {"#": 10, "@": 26}.get(mark, 1)
    return min(size, _LARGE)


def make_iban(country: str, bban: str, spaced: bool) -> str:
    """An IBAN with the check digits of ISO 13616 (ISO 7064, modulo 97).

    >>> make_iban("GB", "WEST12345698765432", False)
    'GB82WEST12345698765432'
    """
    digits = "".join(str(int(c, 36)) for c in bban + country) + "00"
    iban = f"{country}{98 - int(digits) % 97:02d}{bban}"
    return " ".join(iban[i : i + 4] for i in range(0, len(iban), 4)) if spaced else iban


def _make_cards(maker: CardMaker, key: Key, index: NDArray[np.uint64]) -> pa.Array:
    free = maker.length - 7
    size = 10**free
    number = permute(key, index % np.uint64(size), size)
    digits = np.zeros((len(index), maker.length), dtype=np.int64)
    for i in range(free):
        digits[:, maker.length - 2 - i] = (number // np.uint64(10**i) % np.uint64(10)).astype(np.int64)
    doubled = digits[:, :-1][:, ::-1].copy()
    doubled[:, 0::2] = 2 * doubled[:, 0::2] - 9 * (doubled[:, 0::2] > 4)
    digits[:, -1] = (-doubled.sum(axis=1)) % 10
    text: NDArray[np.uint8] = (digits + ord("0")).astype(np.uint8)
    if maker.gap:
        text = np.insert(text, range(4, maker.length, 4), ord(maker.gap), axis=1)
    return texts_of(text)


def _make_web(maker: WebMaker, key: Key, index: NDArray[np.uint64]) -> pa.Array:
    if maker.what == "url":
        size = 36**8
        place = permute(key, index % np.uint64(size), size)
        letters = np.frombuffer(b"0123456789abcdefghijklmnopqrstuvwxyz", dtype=np.uint8)
        text = np.column_stack([letters[place // np.uint64(36**i) % np.uint64(36)] for i in range(8)])
        return pc.binary_join_element_wise("https://www.example.org/", texts_of(text), "")
    size = 2**28
    place = permute(key, index % np.uint64(size), size) + np.uint64(240 << 24)
    parts = [pa.array(place >> np.uint64(s) & np.uint64(255)).cast(pa.string()) for s in (24, 16, 8, 0)]
    return pc.binary_join_element_wise(*parts, ".")
