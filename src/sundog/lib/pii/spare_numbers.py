"""National numbers with right check digits that the office gives to nobody, for kinds whose free range ``lib.words`` has no form for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sundog.lib.pii.checksums import verhoeff_digit, weigh

Write = Callable[[np.random.Generator], str]


@dataclass(frozen=True, slots=True)
class SpareNumbers:
    """Numbers of one kind that nobody has.

    Attributes:
        write: one of them, without separators.
        why: nobody has it.
    """

    write: Write
    why: str


def _digits(draw: np.random.Generator, n: int) -> str:
    return "".join(map(str, draw.integers(10, size=n).tolist()))


def _day(draw: np.random.Generator) -> tuple[int, int, int]:
    """Year of a century, month and day."""
    return int(draw.integers(20, 100)), int(draw.integers(1, 13)), int(draw.integers(1, 29))


def _belgian(draw: np.random.Generator) -> str:
    year, month, day = _day(draw)
    body = f"{year:02d}{month:02d}{day:02d}{('000', '999')[int(draw.integers(2))]}"
    return f"{body}{97 - int(body) % 97:02d}"


def _norwegian(draw: np.random.Generator) -> str:
    while True:  # one number in five has no check digits
        year, month, day = _day(draw)
        body = f"{day:02d}{month + 80:02d}{year:02d}{_digits(draw, 3)}"
        one = (11 - weigh(body, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11) % 11
        two = (11 - weigh(f"{body}{one % 10}", (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11
        if one < 10 and two < 10:
            return f"{body}{one}{two}"


def _itin(draw: np.random.Generator) -> str:
    return f"9{_digits(draw, 2)}{('66', '67', '68', '69', '89')[int(draw.integers(5))]}{_digits(draw, 4)}"


def _aadhaar(draw: np.random.Generator) -> str:
    body = f"1{_digits(draw, 10)}"
    return f"{body}{verhoeff_digit(body)}"


def _nif(draw: np.random.Generator) -> str:
    body = f"0{_digits(draw, 7)}"
    rest = 11 - weigh(body, range(9, 1, -1)) % 11
    return f"{body}{0 if rest > 9 else rest}"


def _rvnr(draw: np.random.Generator) -> str:
    year, month, day = _day(draw)
    letter = int(draw.integers(26))
    body = f"00{day:02d}{month:02d}{year:02d}{letter + 1:02d}{_digits(draw, 2)}"
    check = sum(sum(divmod(int(c) * w, 10)) for c, w in zip(body, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True))
    return f"{body[:8]}{chr(65 + letter)}{body[10:]}{check % 10}"


SPARE: Mapping[str, SpareNumbers] = {
    "be_rrn": SpareNumbers(_belgian, "the numbers of a day go from 001 to 998"),
    "no_fnr": SpareNumbers(_norwegian, "months raised by 80 are kept for the test persons of the tax administration"),
    "us_itin": SpareNumbers(_itin, "the fourth and fifth digit are never 66 to 69 or 89"),
    "in_aadhaar": SpareNumbers(_aadhaar, "no number begins with 0 or 1"),
    "pt_nif": SpareNumbers(_nif, "no number begins with 0"),
    "de_rvnr": SpareNumbers(_rvnr, "no office of the pension insurance has the number 00"),
}
"""By name of the kind. Where neither this nor ``lib.words`` has a range (DNI, CPF, My Number, AMKA, CPR, AHV and others), offices publish none."""
