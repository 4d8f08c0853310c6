"""What each checksummed identifier looks like, how its check digits are computed, and why no real one can be hit.

Pictures are masks (see ``masks``) with ``?`` at the places of check letters. ``YY``, ``MM`` and ``DD`` of a date are written by place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sundog.lib.words.masks import split_mask

Status = Literal["test", "unassigned", "invalid"]

PLAIN = {str(d): d for d in range(10)} | {chr(65 + i): 10 + i for i in range(26)}
"""Values of letters as ISO 7064 has them: digits as they are, A to Z as 10 to 35."""


@dataclass(frozen=True, slots=True)
class Check:
    """Letters that follow from a weighted sum.

    Attributes:
        at: first place of the letters.
        weights: place to weight.
        modulus: of the sum.
        table: what each remainder writes; empty where the number may not exist.
        even: values of the letters at the other places.
        odd: values of the letters at ``odd_places``.
        odd_places: places with values of their own.
        gap: place of a digit that passes over the remainder with an empty entry, or -1.
    """

    at: int
    weights: Mapping[int, int]
    modulus: int
    table: tuple[str, ...]
    even: Mapping[str, int] = field(default_factory=lambda: PLAIN)
    odd: Mapping[str, int] = field(default_factory=dict)
    odd_places: frozenset[int] = frozenset()
    gap: int = -1


@dataclass(frozen=True, slots=True)
class Dates:
    """Where a date stands in a code.

    Attributes:
        first: days after 1970-01-01 of the first date.
        days: how many dates.
        year: place of the two digits of the year.
        month: place of the month.
        day: place of the day.
        months: added to the month.
    """

    first: int
    days: int
    year: int
    month: int
    day: int
    months: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of identifier.

    Attributes:
        name: as a recipe names it.
        picture: its places.
        status: ``test`` (a documented test, example or internal range), ``unassigned`` (a range that nobody was given), ``invalid``
            (no such range exists, so that a check letter is wrong on purpose).
        why: why no real one can be hit.
        checks: in the order in which they are computed.
        dates: where a date stands.
        count: different values where that is not the product of the places (0: it is).
    """

    name: str
    picture: str
    status: Status
    why: str
    checks: tuple[Check, ...] = ()
    dates: Dates | None = None
    count: int = 0


def give_table(modulus: int, top: int, width: int = 1, refused: int = -1, shift: int = 0) -> tuple[str, ...]:
    """``(top - remainder) mod modulus`` in ``width`` digits; what does not fit becomes empty, or 0 without ``refused``.

    ``shift`` is added to the digit (modulo 10), which makes it wrong.
    """
    found = []
    for rest in range(modulus):
        value = (top - rest) % modulus
        if value >= 10**width:
            value = -1 if refused >= 0 else 0
        found.append("" if value < 0 else f"{(value + shift) % 10**width:0{width}d}")
    return tuple(found)


def weigh(places: list[int], weights: list[int]) -> dict[int, int]:
    """Place to weight."""
    return dict(zip(places, weights, strict=True))


LUHN = {str(d): (2 * d) // 10 + (2 * d) % 10 for d in range(10)}
"""Values of the digits that Luhn's rule doubles."""


def check_luhn(at: int, places: list[int], shift: int = 0) -> Check:
    """Luhn's check digit (ISO/IEC 7812-1) over these places, from left to right."""
    doubled = frozenset(places[::-1][::2])
    return Check(at, dict.fromkeys(places, 1), 10, give_table(10, 0, shift=shift), odd=LUHN, odd_places=doubled)


def check_gs1(at: int) -> Check:
    """Check digit of GTIN, UPC and ISBN-13 (GS1 General Specifications, 7.9): weights 3 and 1 from the right."""
    return Check(at, {at - 1 - k: 3 if k % 2 == 0 else 1 for k in range(at)}, 10, give_table(10, 0))


def check_iban(picture: str) -> Check:
    """Check digits of ISO 13616 at places 2 and 3: the digits behind them, then country and 00, modulo 97."""
    places = split_mask(picture)
    power, weights = 100, {}
    for j in [1, 0, *range(len(places) - 1, 3, -1)]:
        weights[j] = power % 97
        power *= 100 if places[j][0].isalpha() else 10
    return Check(2, weights, 97, tuple(f"{98 - rest:02d}" for rest in range(97)))


CONTROL_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)  # fmt: skip
"""Values of letters at odd places in Italian control letters (decree of 23 December 1976)."""


def check_italian(at: int, places: list[int]) -> Check:
    """Italian control letter: odd places (the first is odd) by ``CONTROL_ODD``, even ones by position in the alphabet."""
    even = {letter: value % 10 if letter.isdigit() else value - 10 for letter, value in PLAIN.items()}
    odd = frozenset(places[::2])
    return Check(at, dict.fromkeys(places, 1), 26, tuple(map(chr, range(65, 91))), even, CONTROL_ODD, odd)
