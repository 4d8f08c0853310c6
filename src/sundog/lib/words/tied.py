"""National numbers that speak of a person: birth date, sex and, in Italy, name stand where the form holds them.

They stay numbers that nobody has, for the reason that the form gives (``forms_persons``): what is tied is never what makes them so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.lib.kernels import codes as kernels
from sundog.lib.kernels.mixing import scale_words, split_words
from sundog.lib.words.codes import compile_form, put_checks
from sundog.lib.words.forms import Dates
from sundog.lib.words.strings import matrix_strings

UNKNOWN = np.iinfo(np.int64).min
"""In the place of a birth date that is missing: one is drawn."""

_ZERO = ord("0")
_MONTHS = np.frombuffer(b"ABCDEHLMPRST", np.uint8)
"""Letters of the months in an Italian tax code."""


@dataclass(frozen=True, slots=True)
class Tie:
    """What of a person stands in a form, and where.

    Attributes:
        dates: where the birth date stands; None: nowhere, or in a form of its own.
        parity: place of a digit that is odd for men and even for women; -1: none.
    """

    dates: Dates | None = None
    parity: int = -1


_FIRST, _DAYS = -14610, 24837
"""Days of birth that are drawn where none is given: 1930 to 1997."""

TIES: Mapping[str, Tie] = {
    "hetu_fi": Tie(Dates(_FIRST, _DAYS, year=4, month=2, day=0), parity=9),
    "personnummer_se": Tie(Dates(_FIRST, _DAYS, year=0, month=2, day=4), parity=9),
    "pesel_pl": Tie(Dates(_FIRST, _DAYS, year=0, month=2, day=4, months=80), parity=9),
    "svnr_at": Tie(Dates(_FIRST, _DAYS, year=8, month=6, day=4)),
    "amka_gr": Tie(Dates(_FIRST, _DAYS, year=4, month=2, day=0), parity=9),
    "rnokpp_ua": Tie(parity=8),
    "nir_fr": Tie(),
    "cf_it": Tie(),
}
"""Forms in which something of a person stands; in all others nothing does."""


@dataclass(frozen=True, slots=True)
class Holders:
    """Whose numbers they are, all (n,).

    Attributes:
        born: int64, days after 1970-01-01, or ``UNKNOWN``.
        sex: int8, 0 female, 1 male.
        surname: entry of ``surnames``.
        given: entry of ``givens``.
        surnames: string, in the letters a to z.
        givens: string, in the letters a to z.
    """

    born: NDArray[np.int64]
    sex: NDArray[np.int8]
    surname: NDArray[np.int32]
    given: NDArray[np.int32]
    surnames: pa.Array
    givens: pa.Array

    def take(self, rows: NDArray[np.intp]) -> Holders:
        """Those of some rows."""
        return Holders(
            self.born[rows], self.sex[rows], self.surname[rows], self.given[rows], self.surnames, self.givens
        )


def draw_tied(name: str, words: NDArray[np.uint64], holders: Holders) -> pa.Array:
    """A number of a form for each holder: string (n,).

    Args:
        name: of the form, one of ``TIES``.
        words: uint64 (n,), for what the holder does not say.
        holders: n persons.
    """
    tie, form = TIES[name], compile_form(name)
    size = 1
    for places in form.sizes:
        size *= int(places)
    letters = np.empty((len(words), len(form.sizes)), np.uint8)
    kernels.fill_places(scale_words(words, min(size, 2**63)), form.alphabets, form.sizes, letters)
    drawn = scale_words(split_words(words, 3), _DAYS).astype(np.int64) + _FIRST
    born = np.where(holders.born == UNKNOWN, drawn, holders.born)
    dates = tie.dates
    if dates is not None:
        kernels.put_days(born, dates.year, dates.month, dates.day, False, dates.months, letters)
    if tie.parity >= 0:
        digit = letters[:, tie.parity] - _ZERO
        letters[:, tie.parity] = _ZERO + digit // 2 * 2 + holders.sex
    if name == "hetu_fi":
        century = _find_parts(born)[0] // 100
        letters[:, 6] = np.where(century >= 20, ord("A"), np.where(century >= 19, ord("-"), ord("+")))
    elif name == "nir_fr":
        year, month, _ = _find_parts(born)
        letters[:, 0] = np.where(holders.sex == 1, ord("1"), ord("2"))
        _put_two(letters, 1, year % 100)
        _put_two(letters, 3, month)
    elif name == "cf_it":
        year, month, day = _find_parts(born)
        letters[:, 0:3] = _shorten(holders.surnames, given=False)[holders.surname]
        letters[:, 3:6] = _shorten(holders.givens, given=True)[holders.given]
        _put_two(letters, 6, year % 100)
        letters[:, 8] = _MONTHS[month - 1]
        _put_two(letters, 9, day + np.where(holders.sex == 1, 0, 40))
    put_checks(form, letters)
    return matrix_strings(letters)


def _find_parts(days: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Year, month (from 1) and day of days after 1970-01-01."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    number = months.astype(np.int64)
    return 1970 + number // 12, number % 12 + 1, (dates - months.astype("datetime64[D]")).astype(np.int64) + 1


def _put_two(letters: NDArray[np.uint8], at: int, values: NDArray[np.int64]) -> None:
    letters[:, at] = _ZERO + values // 10
    letters[:, at + 1] = _ZERO + values % 10


def _shorten(names: pa.Array, given: bool) -> NDArray[np.uint8]:
    """Three letters for each name, uint8 (names, 3): consonants, then vowels, then X.

    Of a given name with four consonants or more the second is left out (decree of 23 December 1976).
    """
    return _shorten_all(tuple(names.to_pylist()), given)


@cache
def _shorten_all(names: tuple[str, ...], given: bool) -> NDArray[np.uint8]:
    found = np.empty((len(names), 3), np.uint8)
    for row, name in zip(found, names, strict=True):
        letters = [c for c in name.upper() if "A" <= c <= "Z"]
        consonants = [c for c in letters if c not in "AEIOU"]
        if given and len(consonants) > 3:
            del consonants[1]
        short = "".join([*consonants, *(c for c in letters if c in "AEIOU"), "XXX"])[:3]
        row[:] = np.frombuffer(short.encode(), np.uint8)
    return found
