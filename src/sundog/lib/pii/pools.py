"""Pools of false values of one kind: of the source's format, locale and check digits, and none that the source has.

Values come from ranges that nobody has where there is such a range (``lib.words.codes``, ``lib.rows.makers``). For a few national
numbers there is none: a value with right check digits may then be the number of somebody who is not in the source
(``NO_FREE_RANGE``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.pii.checksums import luhn_digit
from sundog.lib.pii.national import NUMBERS, bare
from sundog.lib.pii.normal import normalise
from sundog.lib.rows.identifiers import learn_maker
from sundog.lib.rows.makers import make_values, spread_words
from sundog.lib.words.codes import count_codes, list_forms, number_codes
from sundog.lib.words.locales import read_locale
from sundog.lib.words.permute import permute
from sundog.lib.words.places import draw_places, gather_places, write_addresses, write_post_codes, write_streets

NO_FREE_RANGE = tuple(n.name for n in NUMBERS.values() if not n.form)
"""National numbers without a range that nobody has."""
_MADE = frozenset(("phone", "fax", "iban", "card", "url", "ip", "uuid"))
_TURNS = 6
_TRIES = 100_000  # a number is right by chance in at least one of a few thousand

Draw = Callable[[int, int], Sequence[str]]


def fill_pool(
    kind: str,
    values: Sequence[str],
    taken: frozenset[str],
    count: int,
    key: Key,
    locale: str,
    support: int,
    whole: bool = False,
) -> list[str]:
    """At most ``count`` different false values; empty where none can be made.

    Args:
        kind: of identifier.
        values: real ones, for their format.
        taken: all values of this kind in the source, normalised.
        count: how many are wanted.
        key: of the draw.
        locale: of addresses.
        support: values that must share a part of a code before it is kept.
        whole: the column holds whole numbers, so that none may begin with 0.
    """
    draw = _draw_national(kind, values, key, whole) if kind in NUMBERS else _choose(kind, values, key, locale, support)
    if draw is None:
        return []
    found: dict[str, str] = {}
    for turn in range(_TURNS):
        for value in draw(turn * count, count):
            spelled = normalise(kind, value)
            if spelled not in taken and spelled not in found:
                found[spelled] = value
        if len(found) >= count:
            break
    return list(found.values())[:count]


def _choose(kind: str, values: Sequence[str], key: Key, locale: str, support: int) -> Draw | None:
    if kind == "address":
        return _draw_addresses(values, key, locale)
    if kind in ("vin", "imei"):
        return lambda start, n: _reshape(
            number_codes(kind, _spread(key, start, n, count_codes(kind))).to_pylist(), values
        )
    if kind == "mac":
        return _draw_macs(values, key)
    if kind == "card":
        return _draw_cards(values, key)
    return _draw_made(kind if kind in _MADE else "code", values, key, support)


def _spread(key: Key, start: int, n: int, size: int) -> NDArray[np.uint64]:
    """Different numbers below ``size`` as long as there are so many."""
    return permute(key, np.arange(start, start + n, dtype=np.uint64) % np.uint64(size), size)


def _draw_made(kind: str, values: Sequence[str], key: Key, support: int) -> Draw | None:
    """By the makers of remade columns: telephone numbers for fiction, banks that there are not, patterns that enough rows share."""
    array = pa.array(values, pa.string())
    maker, _ = learn_maker(
        pa.field("code", pa.string()), array, "phone" if kind == "fax" else kind, min(support, len(values))
    )
    if maker is None:
        return None

    def draw(start: int, n: int) -> Sequence[str]:
        index = np.arange(start, start + n, dtype=np.uint64)
        made = make_values(maker, key, index, spread_words(key.child("words"), index), key)
        return [str(v) for v in made.to_pylist()]

    return draw


def _draw_addresses(values: Sequence[str], key: Key, locale: str) -> Draw:
    lists = gather_places([read_locale(locale)])
    long = sum("," in v for v in values) > 0.5 * max(1, len(values))
    coded = sum(re.search(r",.*\d{4}|,.*\d{3} \d\d|,.*\d\d-\d{3}", v) is not None for v in values) > 0.5 * max(
        1, len(values)
    )

    def draw(start: int, n: int) -> Sequence[str]:
        words = key.words(range(start, start + n))
        place = draw_places(lists, words[:, 0].copy())
        streets = write_streets(lists, place, words[:, 1].copy())
        if not long:
            return [str(v) for v in streets.to_pylist()]
        if coded:
            made = write_addresses(lists, place, streets, write_post_codes(lists, place, words[:, 2].copy()))
            return [str(v) for v in made.to_pylist()]
        towns = lists.city.take(pa.array(place)).to_pylist()
        return [f"{s}, {t}" for s, t in zip(streets.to_pylist(), towns, strict=True)]

    return draw


def _draw_national(kind: str, values: Sequence[str], key: Key, whole: bool) -> Draw:
    number = NUMBERS[kind]
    shapes = _common_shapes(values)
    form = list_forms().get(number.form) if number.form else None

    def draw(start: int, n: int) -> Sequence[str]:
        if form is not None and form.status != "invalid" and not whole:
            made = number_codes(form.name, _spread(key, start, n, count_codes(form.name))).to_pylist()
            return [put_in_shape(str(v), shapes[i % len(shapes)]) for i, v in enumerate(made)]
        draws = key.child(start).generator()
        made = [imitate_number(kind, shapes[i % len(shapes)], draws) for i in range(n)]
        return [v for v in made if not (whole and v[0] == "0")]

    return draw


def imitate_number(kind: str, example: str, draws: np.random.Generator) -> str:
    """Another number of the same writing that its check digits allow; digits that all numbers of the kind begin with stay."""
    number = NUMBERS[kind]
    pattern = re.compile(number.pattern)
    fixed = re.match(r"\d*(?![\d?{])", number.pattern)
    begin = len(fixed.group()) if fixed else 0
    for _ in range(_TRIES):
        text = example[:begin] + "".join(
            str(int(draws.integers(10)))
            if c.isdecimal()
            else chr(65 + int(draws.integers(26)))
            if c.isupper() and c.isascii()
            else c
            for c in example[begin:]
        )
        if pattern.fullmatch(text) and number.right(bare(text)):
            return text
    raise ValueError(f"no other {kind} of the writing {example!r}")


def _draw_macs(values: Sequence[str], key: Key) -> Draw:
    first = values[0] if values else "00:00:00:00:00:00"
    gap = "-" if "-" in first else ":"
    lower = any(c in "abcdef" for v in values[:50] for c in v)

    def draw(start: int, n: int) -> Sequence[str]:
        out = []
        for word in key.words(range(start, start + n))[:, 0].tolist():
            # The second lowest bit of the first byte: given by whoever runs the network, so no maker's (IEEE 802, 8.2.2).
            pairs = [0x02 | (word & 0xFC), *((word >> s) & 0xFF for s in (8, 16, 24, 32, 40))]
            text = gap.join(f"{p:02X}" for p in pairs)
            out.append(text.lower() if lower else text)
        return out

    return draw


def _draw_cards(values: Sequence[str], key: Key) -> Draw:
    """Card numbers of the same writing that begin with 000000, which no issuer has, with a right check digit."""
    shapes = _common_shapes(values)

    def draw(start: int, n: int) -> Sequence[str]:
        out = []
        for i, word in enumerate(_spread(key, start, n, 10**12).tolist()):
            shape = shapes[i % len(shapes)]
            length = sum(c.isdecimal() for c in shape)
            body = "000000" + f"{word:012d}"[-(length - 7) :].rjust(length - 7, "0")
            out.append(put_in_shape(body + str(luhn_digit(body)), shape))
        return out

    return draw


def _common_shapes(values: Sequence[str]) -> list[str]:
    """One example of each writing that a twentieth of the values have."""
    shapes: Counter[str] = Counter()
    example: dict[str, str] = {}
    for value in values:
        shape = re.sub(r"[A-Za-z]", "A", re.sub(r"\d", "9", value))
        shapes[shape] += 1
        example.setdefault(shape, value)
    kept = [s for s, c in sorted(shapes.items()) if c >= 0.05 * len(values)]
    return [example[s] for s in (kept or sorted(shapes)[:1])] or [""]


def _reshape(made: Sequence[str], values: Sequence[str]) -> list[str]:
    shapes = _common_shapes(values)
    return [put_in_shape(str(v), shapes[i % len(shapes)]) for i, v in enumerate(made)]


def put_in_shape(text: str, shape: str) -> str:
    """The letters and digits of ``text`` with the separators of ``shape``, where both have as many.

    >>> put_in_shape("912345678", "123-45-6789")
    '912-34-5678'
    """
    letters = re.sub(r"[^0-9A-Za-z]", "", text)
    places = [i for i, c in enumerate(shape) if c.isalnum()]
    if len(places) == len(letters) + 2 and letters[:6].isdecimal():  # a century before a birth number
        letters = "19" + letters
    if len(places) != len(letters):
        return text
    out = list(shape)
    for i, c in zip(places, letters, strict=True):
        out[i] = c
    return "".join(out)
