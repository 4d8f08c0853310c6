"""Check digits of identifiers: is the number one that could have been issued, as far as its own digits tell.

Each function takes the bare number (no spaces, dots or dashes, capital letters) and answers yes or no, or gives the check letters.
"""

from __future__ import annotations

from collections.abc import Sequence


def luhn_digit(body: str) -> int:
    """Check digit behind ``body`` (ISO/IEC 7812-1, annex B).

    >>> luhn_digit("7992739871")
    3
    """
    digits = [int(c) for c in body]
    doubled = [2 * d - 9 * (d > 4) if i % 2 == 0 else d for i, d in enumerate(reversed(digits))]
    return -sum(doubled) % 10


def is_luhn(text: str) -> bool:
    """Whether the last digit is Luhn's.

    >>> is_luhn("79927398713")
    True
    """
    return text.isdecimal() and text.isascii() and len(text) > 1 and luhn_digit(text[:-1]) == int(text[-1])


def is_iban(text: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616-1, ISO 7064 modulo 97-10).

    >>> is_iban("GB82WEST12345698765432")
    True
    """
    if not (15 <= len(text) <= 34 and text.isalnum() and text.isascii() and text[:2].isalpha()):
        return False
    return text[2:4].isdecimal() and int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def weigh(text: str, weights: Sequence[int]) -> int:
    """Sum of digits times weights, over as many digits as there are weights."""
    return sum(int(c) * w for c, w in zip(text, weights, strict=False))


def mod_11_10_digit(body: str) -> int:
    """Check digit of ISO 7064 modulo 11, 10 (the German tax identification number).

    >>> mod_11_10_digit("8609574271")
    9
    """
    product = 10
    for c in body:
        total = (int(c) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10


_D = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_P = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")
_INVERSE = "0432156789"


def verhoeff_digit(body: str) -> int:
    """Check digit behind ``body`` (Verhoeff, Error detecting decimal codes, 1969; India's Aadhaar).

    >>> verhoeff_digit("236")
    3
    """
    c = 0
    for i, digit in enumerate(reversed(body), 1):
        c = int(_D[c][int(_P[i % 8][int(digit)])])
    return int(_INVERSE[c])


def ean_digit(body: str) -> int:
    """Check digit of GS1 numbers: weights 3 and 1 from the right (GS1 General Specifications, 7.9)."""
    return -sum(int(c) * (3 if i % 2 == 0 else 1) for i, c in enumerate(reversed(body))) % 10


_VIN_VALUES = {
    c: v for v, letters in enumerate(("", "AJ", "BKS", "CLT", "DMU", "ENV", "FW", "GPX", "HY", "RZ")) for c in letters
} | {str(d): d for d in range(10)}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def is_vin(text: str) -> bool:
    """Whether place 9 of a vehicle identification number is right (49 CFR 565.15); Europe does not ask for it.

    >>> is_vin("1M8GDM9AXKP042788")
    True
    """
    if len(text) != 17 or not all(c in _VIN_VALUES for c in text):
        return False
    rest = sum(_VIN_VALUES[c] * w for c, w in zip(text, _VIN_WEIGHTS, strict=True)) % 11
    return text[8] == ("X" if rest == 10 else str(rest))
