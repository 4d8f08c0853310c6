"""Words that problems of several topics are told with, and small pieces of English."""

from __future__ import annotations

from collections.abc import Sequence


def list_words(text: str) -> tuple[str, ...]:
    """The words of a text, cut at blanks."""
    return tuple(text.split())


NAMES = list_words(
    "Ada Alma Anna Ben Bruno Carla Chen Clara Dana David Diego Ella Emil Eric Fatima Felix Fiona Grace Hana Hugo Ida Ines "
    "Ivan Jack Jana Jonas Julia Karim Kira Lars Laura Leo Lina Lucas Maria Mark Marta Mia Milan Mira Nadia Nina Noah Nora "
    "Olga Omar Oscar Paul Petra Priya Rafael Rosa Ruth Sam Sara Simon Sofia Tara Theo Tina Tom Uma Vera Victor Wanda Yara "
    "Yusuf Zoe"
)

GOODS = list_words(
    "apples bananas beads books bottles boxes buttons candles cards chairs coins cups eggs erasers forks hats keys lamps "
    "lemons mugs notebooks oranges pears pens pencils plates postcards ribbons rulers scarves shells spoons stamps stickers "
    "stones tickets tiles tomatoes towels"
)

COLOURS = list_words("red blue green yellow black white orange purple brown grey")

FIND = ("What is {}?", "Compute {}.", "Work out {}.", "Calculate {}.", "Find the value of {}.", "Evaluate {}.")
"""How the value of an expression is asked for."""


def join(items: Sequence[str]) -> str:
    """``a, b and c``."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def signed_terms(numbers: Sequence[int]) -> str:
    """``5 - 3 + 12``: a sum whose negative terms are subtracted."""
    return str(numbers[0]) + "".join(f" + {n}" if n >= 0 else f" - {-n}" for n in numbers[1:])


def bracket(number: int) -> str:
    """The number, in brackets where it is negative."""
    return str(number) if number >= 0 else f"({number})"


def ratio(top: int, bottom: int) -> str:
    """``3/4``, or ``3`` where the bottom is 1."""
    return str(top) if bottom == 1 else f"{top}/{bottom}"


def decimal(scaled: int, places: int) -> str:
    """``scaled`` over 10**``places``, without trailing zeros: ``decimal(7310, 3)`` is ``7.31``."""
    sign, digits = ("-", str(-scaled)) if scaled < 0 else ("", str(scaled))
    if places == 0:
        return sign + digits
    digits = digits.rjust(places + 1, "0")
    tail = digits[-places:].rstrip("0")
    return f"{sign}{digits[:-places]}.{tail}" if tail else sign + digits[:-places]


def cents(amount: int) -> str:
    """An amount in hundredths with two places: ``cents(705)`` is ``7.05``."""
    return f"{amount // 100}.{amount % 100:02d}"
