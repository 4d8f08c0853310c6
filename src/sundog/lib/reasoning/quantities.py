"""Units that texts measure in, and numbers as people and models write them.

Source of the factors: the International System of Units (BIPM, 9th edition, 2019), and for inches, pounds and gallons the
international yard and pound of 1959 and the US gallon of 231 cubic inches. Exact, all of them. A month and a year have no fixed length
in days and are measured in months alone.
"""

from __future__ import annotations

import re
from fractions import Fraction

_NAMES = {
    "length": {
        "1/1000": "mm millimetre millimetres millimeter millimeters",
        "1/100": "cm centimetre centimetres centimeter centimeters",
        "1/10": "dm decimetre decimetres decimeter decimeters",
        "1": "m metre metres meter meters",
        "1000": "km kilometre kilometres kilometer kilometers",
        "0.0254": "inch inches",
        "0.3048": "ft foot feet",
        "0.9144": "yd yard yards",
        "1609.344": "mi mile miles",
    },
    "mass": {
        "1/1000": "mg milligram milligrams",
        "1": "g gram grams",
        "1000": "kg kilogram kilograms",
        "1000000": "t tonne tonnes",
        "28.349523125": "oz ounce ounces",
        "453.59237": "lb lbs pound pounds",
    },
    "time": {
        "1/1000": "ms millisecond milliseconds",
        "1": "s sec second seconds",
        "60": "min mins minute minutes",
        "3600": "h hr hrs hour hours",
        "86400": "d day days",
        "604800": "week weeks",
    },
    "months": {"1": "month months", "12": "year years"},
    "volume": {
        "1/1000": "ml mL millilitre millilitres milliliter milliliters",
        "1/100": "cl centilitre centilitres centiliter centiliters",
        "1/10": "dl decilitre decilitres deciliter deciliters",
        "1": "l L litre litres liter liters",
        "0.2365882365": "cup cups",
        "0.473176473": "pint pints",
        "0.946352946": "quart quarts",
        "3.785411784": "gallon gallons",
    },
    "dollars": {"1": "dollar dollars usd", "1/100": "cent cents"},
    "euros": {"1": "euro euros eur"},
    "angle": {"1": "degree degrees"},
}

UNITS = {
    name: (dimension, Fraction(factor))
    for dimension, factors in _NAMES.items()
    for factor, names in factors.items()
    for name in names.split()
}
"""Dimension, and how many of its first unit one is, by name. A pound is a mass here: money in pounds is a number with a word."""

_SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
WORDS = {word: n for n, word in enumerate(_SMALL.split())} | {w: 10 * n for n, w in enumerate(_TENS.split(), 2)}
"""Numbers in words."""

_PLAIN = re.compile(r"([+-]?)((?:[0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)(%?)")
_RATIO = re.compile(r"([+-]?)(?:([0-9]+) )?\(?([+-]?[0-9][0-9,]*)\)? ?/ ?\(?([0-9][0-9,]*)\)?")
_POWER = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?) ?(?:[×x*] ?10\^\(?([+-]?[0-9]{1,3})\)?|[eE]([+-]?[0-9]{1,3}))")
_MOST_DIGITS = 400


def read_number(text: str) -> Fraction | None:
    """The value of a number: ``1,000``, ``-3.50``, ``3/4``, ``1 1/2``, ``2.5e3``, ``50%``, ``twenty-one``; None if it is none."""
    text = text.strip()
    if not text or len(text) > _MOST_DIGITS:
        return None
    found = _PLAIN.fullmatch(text)
    if found is not None:
        digits = found[2].replace(",", "").replace(" ", "")
        value = Fraction(digits.removesuffix(".")) / (100 if found[3] else 1)
        return -value if found[1] == "-" else value
    found = _RATIO.fullmatch(text)
    if found is not None:
        bottom = int(found[4].replace(",", ""))
        if bottom == 0:
            return None
        value = int(found[2] or 0) + Fraction(int(found[3].replace(",", "")), bottom)
        return -value if found[1] == "-" else value
    found = _POWER.fullmatch(text)
    if found is not None:
        return Fraction(found[1]) * Fraction(10) ** int(found[2] or found[3])
    return _read_words(text)


def _read_words(text: str) -> Fraction | None:
    words = text.lower().replace("-", " ").split()
    sign = 1
    if words and words[0] in ("minus", "negative"):
        words, sign = words[1:], -1
    if len(words) == 1 and words[0] in WORDS:
        return Fraction(sign * WORDS[words[0]])
    if (
        len(words) == 2
        and words[0] in WORDS
        and words[1] in WORDS
        and WORDS[words[0]] >= 20
        and 0 < WORDS[words[1]] < 10
    ):
        return Fraction(sign * (WORDS[words[0]] + WORDS[words[1]]))
    return None
