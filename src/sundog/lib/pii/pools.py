"""Pools of false values of one kind: of the source's format, locale and check digits, and none that the source has.

Values come from ranges that nobody has where there is such a range (``lib.words.codes``, ``lib.rows.makers``, ``spare_numbers``). For
some national numbers, and for codes that only a word tells, there is none: a false value may then be the number of somebody who is not
in the source (``may_be_somebodys``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.pii.checksums import luhn_digit
from sundog.lib.pii.national import NUMBERS, bare
from sundog.lib.pii.normal import normalise
from sundog.lib.pii.spare_numbers import SPARE
from sundog.lib.pii.telephones import draw_phones, group_phones
from sundog.lib.rows.identifiers import learn_maker
from sundog.lib.rows.makers import make_values, spread_words
from sundog.lib.words.codes import count_codes, list_forms, number_codes
from sundog.lib.words.locales import read_locale
from sundog.lib.words.machines import write_ipv6
from sundog.lib.words.permute import permute
from sundog.lib.words.places import (
    PlaceLists,
    draw_places,
    gather_places,
    write_addresses,
    write_post_codes,
    write_streets,
)

NO_FREE_RANGE = tuple(
    n.name for n in NUMBERS.values() if n.name not in SPARE and (not n.form or list_forms()[n.form].status == "invalid")
)
"""National numbers without a range that nobody has."""
_KEPT_FREE = frozenset(("phone", "fax", "iban", "card", "url", "ip", "mac", "imei", "uuid", "email", "name"))
_MADE = frozenset(("iban", "url", "ip", "uuid"))
_TURNS = 6
_LEAST = 0.05  # share that a kind of number, or a writing, must have
_TRIES = 100_000  # a number is right by chance in at least one of a few thousand

Draw = Callable[[int, int], Sequence[str]]


def fill_pool(
    kind: str,
    values: Sequence[str],
    taken: frozenset[str],
    count: int,
    key: Key,
    locales: Mapping[str, float],
    support: int,
    most: int = 0,
) -> list[str]:
    """At most ``count`` different false values; empty where none can be made.

    Args:
        kind: of identifier.
        values: real ones, for their format.
        taken: all values of this kind in the source, normalised.
        count: how many are wanted.
        key: of the draw.
        locales: of addresses, with their shares.
        support: values that must share a part of a code before it is kept.
        most: where the column holds whole numbers, the largest that fits its type; 0 where it holds text.
    """
    draw = _choose(kind, values, key, locales, support, most > 0)
    if draw is None:
        return []
    found: dict[str, str] = {}
    for turn in range(_TURNS):
        for value in draw(turn * count, count):
            if most and not (value.isdecimal() and value[0] != "0" and int(value) <= most):
                continue
            spelled = normalise(kind, value)
            if spelled not in taken and spelled not in found:
                found[spelled] = value
        if len(found) >= count:
            break
    return list(found.values())[:count]


def may_be_somebodys(kind: str, values: Sequence[str], whole: bool) -> bool:
    """Whether a false value of this kind may be the real one of somebody who is not in the source.

    Args:
        kind: of identifier.
        values: real ones.
        whole: they are whole numbers, which cannot begin with 0.
    """
    if kind == "national":
        return any(may_be_somebodys(k, values, whole) for k, _ in _share_numbers(values)) or _rest(values) > 0
    if kind in NUMBERS:
        return _list_spare(kind, whole) is None
    return kind not in _KEPT_FREE and kind not in ("address", "text")


def _choose(
    kind: str, values: Sequence[str], key: Key, locales: Mapping[str, float], support: int, whole: bool
) -> Draw | None:
    if kind in NUMBERS:
        return _draw_national(kind, values, key, whole)
    if kind == "national":
        return _draw_several(values, key, support, whole)
    if kind in ("phone", "fax"):
        groups = group_phones(values, whole)
        return (lambda start, n: draw_phones(groups, key, start, n)) if groups else None
    if kind == "address":
        return _draw_addresses(values, key, locales)
    if kind in ("vin", "imei"):
        return lambda start, n: _reshape(
            number_codes(kind, _spread(key, start, n, count_codes(kind))).to_pylist(), values
        )
    if kind == "mac":
        return _draw_macs(values, key)
    if kind == "ip" and sum(":" in v for v in values) > 0.5 * len(values):
        return lambda start, n: [str(v) for v in write_ipv6(_spread(key, start, n, 2**62)).to_pylist()]
    if kind == "card":
        return _draw_cards(values, key, whole)
    return _draw_made(kind if kind in _MADE else "code", values, key, support)


def _spread(key: Key, start: int, n: int, size: int) -> NDArray[np.uint64]:
    """Different numbers below ``size`` as long as there are so many."""
    return permute(key, np.arange(start, start + n, dtype=np.uint64) % np.uint64(size), size)


def _draw_made(kind: str, values: Sequence[str], key: Key, support: int) -> Draw | None:
    """By the makers of remade columns: banks that there are not, patterns that enough rows share."""
    array = pa.array(values, pa.string())
    maker, _ = learn_maker(pa.field("code", pa.string()), array, kind, min(support, len(values)))
    if maker is None:
        return None

    def draw(start: int, n: int) -> Sequence[str]:
        index = np.arange(start, start + n, dtype=np.uint64)
        made = make_values(maker, key, index, spread_words(key.child("words"), index), key)
        return [str(v) for v in made.to_pylist()]

    return draw


def _draw_addresses(values: Sequence[str], key: Key, locales: Mapping[str, float]) -> Draw:
    lists = [(share, gather_places([read_locale(name)])) for name, share in sorted(locales.items())]
    whole = sum(share for share, _ in lists)
    least = 0.5 * max(1, len(values))
    long = sum("," in v for v in values) > least
    coded = (
        sum(
            re.search(r",.*\d{4}|,.*\d{3} \d\d|,.*\d\d-\d{3}|,.*[A-Z]\d[A-Z\d]? ?\d[A-Z]{2}$", v) is not None
            for v in values
        )
        > least
    )
    last = (
        coded
        and sum(
            re.search(r"[^\W\d_]\W+(?:[\d -]{4,10}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})$", v) is not None for v in values
        )
        > least
    )

    def draw(start: int, n: int) -> Sequence[str]:
        words = key.words(range(start, start + n))
        made: list[str] = []
        for share, places in lists:  # each locale has its share of the rows
            first = len(made)
            end = n if places is lists[-1][1] else min(n, first + round(n * share / whole))
            made += _write_places(places, words[first:end], long, coded, last)
        return made

    return draw


def _write_places(lists: PlaceLists, words: NDArray[np.uint64], long: bool, coded: bool, last: bool) -> list[str]:
    """Streets, with the town behind a comma where ``long``, with the post code before the town where ``coded``, behind it where ``last``."""
    place = draw_places(lists, words[:, 0].copy())
    streets = write_streets(lists, place, words[:, 1].copy())
    if not long:
        return [str(v) for v in streets.to_pylist()]
    posts = write_post_codes(lists, place, words[:, 2].copy())
    if coded and not last:
        return [str(v) for v in write_addresses(lists, place, streets, posts).to_pylist()]
    towns = [str(t) for t in lists.city.take(pa.array(place)).to_pylist()]
    if last:
        towns = [f"{t} {p}" for t, p in zip(towns, posts.to_pylist(), strict=True)]
    return [f"{s}, {t}" for s, t in zip(streets.to_pylist(), towns, strict=True)]


def _draw_national(kind: str, values: Sequence[str], key: Key, whole: bool) -> Draw:
    shapes = _common_shapes(values)
    spare = _list_spare(kind, whole)

    def draw(start: int, n: int) -> Sequence[str]:
        made = (
            spare(key, start, n)
            if spare is not None
            else _imitate(kind, [shapes[i % len(shapes)] for i in range(n)], key.child(start))
        )
        return [put_in_shape(v, shapes[i % len(shapes)]) for i, v in enumerate(made)]

    return draw


Spare = Callable[[Key, int, int], list[str]]


def _list_spare(kind: str, whole: bool) -> Spare | None:
    """What makes numbers of a range that nobody has; None where there is no such range, or only one of numbers that begin with 0."""
    form = list_forms().get(NUMBERS[kind].form)

    def by_form(key: Key, start: int, n: int) -> list[str]:
        assert form is not None
        return [str(v) for v in number_codes(form.name, _spread(key, start, n, count_codes(form.name))).to_pylist()]

    def by_rule(key: Key, start: int, n: int) -> list[str]:
        draws = key.child(start).generator()
        return [SPARE[kind].write(draws) for _ in range(n)]

    made = by_form if form is not None and form.status != "invalid" else by_rule if kind in SPARE else None
    if made is not None and whole and all(v[0] == "0" for v in made(Key.root(0), 0, 50)):
        return None
    return made


def _imitate(kind: str, shapes: Sequence[str], key: Key) -> list[str]:
    draws = key.generator()
    return [imitate_number(kind, shape, draws) for shape in shapes]


def _share_numbers(values: Sequence[str]) -> list[tuple[str, list[str]]]:
    """The kinds of national numbers that a column of several countries holds, each with its values; the most telling first."""
    left, found = list(values), []
    for number in sorted(NUMBERS.values(), key=lambda m: (m.chance, m.name)):
        if number.chance > 0.1:
            break
        pattern = re.compile(number.pattern)
        formed = [v for v in left if pattern.fullmatch(v.strip().upper())]
        right = [v for v in formed if number.right(bare(v.strip()))]
        if len(right) >= _LEAST * len(values) and len(right) > 5 * number.chance * len(formed):
            found.append((number.name, right))
            gone = set(right)
            left = [v for v in left if v not in gone]
    return found


def _rest(values: Sequence[str]) -> float:
    """Share of the values of no known kind; 0 where they are too few to be imitated."""
    share = 1 - sum(len(v) for _, v in _share_numbers(values)) / max(1, len(values))
    return share if share >= _LEAST else 0.0


def _draw_several(values: Sequence[str], key: Key, support: int, whole: bool) -> Draw | None:
    """Numbers of several countries, each kind in its share; what is of no known kind by its pattern."""
    kinds = _share_numbers(values)
    draws = [(len(own) / len(values), _draw_national(k, own, key.child(k), whole)) for k, own in kinds]
    rest = _rest(values)
    if rest:
        known = {v for _, own in kinds for v in own}
        other = _draw_made("code", [v for v in values if v not in known], key.child("other"), support)
        draws += [(rest, other)] if other is not None else []
    held = sum(share for share, _ in draws)

    def draw(start: int, n: int) -> Sequence[str]:
        return [v for share, one in draws for v in one(start, max(1, round(n * share / held)))]

    return draw if draws else None


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


def _draw_cards(values: Sequence[str], key: Key, whole: bool) -> Draw:
    """Card numbers of the same writing, with a right check digit, that no issuer has.

    They begin with 000000; whole numbers with 9000: 9 stands for national issuers, whose country, an ISO 3166-1 number, comes next, and
    000 is the number of no country (ISO/IEC 7812-1).
    """
    shapes = _common_shapes(values)
    head = "9000" if whole else "000000"

    def draw(start: int, n: int) -> Sequence[str]:
        out = []
        for i, word in enumerate(_spread(key, start, n, 10**12).tolist()):
            shape = shapes[i % len(shapes)]
            length = sum(c.isdecimal() for c in shape) - len(head) - 1
            body = head + f"{word:012d}"[-length:].rjust(length, "0")
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
