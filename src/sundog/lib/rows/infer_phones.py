"""Telephone and IP numbers told from bands, dates, codes and versions by their form alone, and bands told from the rest.

Groups of digits with marks between are written for many things: age bands (20-29), months (2018-05), dates (31.12.20),
sort codes (12-34-56), post codes (01310-100), part numbers. A column whose name says nothing holds telephone numbers only
where its values are many, have 7 to 15 digits (ITU-T E.164 allows no more), and begin as they do: with + and a country
code, with 00, with a trunk 0, with an area code in brackets, or in the North American groups of 3, 3 and 4 digits. National
numbers without any of these are not recognised by form; where nearly every row has its own, they are remade as codes.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.rows import infer_pieces as pieces

ALIKE = 0.9
"""Share of the different values that must fit a pattern."""
MANY = 20
"""Different values below which only a column where most rows have their own holds telephone numbers."""
MOST_OFTEN = 0.5
"""Share of values that must begin as telephone numbers do."""

_GROUPS = r"^\+[0-9]{1,3}(?:[ ./()-]{1,2}[0-9]+){1,6}$|^(?:00[0-9]{1,3}|\(?0?[0-9]{2,5}\)?)(?:[ ./()-]{1,2}[0-9]{2,}){1,5}$|^\+[0-9]{7,15}$"
_BEGINNINGS = (
    r"^\+[1-9]",
    r"^00[1-9][0-9]{0,2}[ ./()-]",
    r"^0[1-9][0-9]{0,4}[ ./()-]",
    r"^\(0?[1-9][0-9]{0,4}\)",
    r"^(?:1[ .-])?[2-9][0-9]{2}[ .-][2-9][0-9]{2}[ .-][0-9]{4}$",
)
_FEWEST_DIGITS = (7, 10, 9, 7, 10)
"""Digits that a number needs, by how it begins."""

_OTHERWISE = (
    r"^[0-9]{5}-[0-9]{3,4}$",  # post codes of Brazil and the USA
    r"^[0-9]{5}-[0-9]{4}-[0-9]{2}$",  # US national drug codes
    r"^97[89][- ]",  # ISBN
    r"^[0-9]{2}([-/. ])[0-9]{2}[-/. ][0-9]{2}$",  # sort codes, short dates
    r"^[0-9]{4}([-/. ])[0-9]{4}$",  # years, groups
)
_IP = r"^(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])$"
_LARGE_OCTET = r"(?:^|\.)(?:[4-9][0-9]|[12][0-9][0-9])(?:\.|$)"

_NUMBER = r"[$€£¥]? ?[0-9][0-9.,' ]*[kKmM%]?"
_BAND = (
    r"^[\[(]?(?P<low>-?" + _NUMBER + r") ?(?:-|–|—|\.\.\.?|to|bis|through|,|;) ?(?P<high>-?" + _NUMBER + r")[\])]?"
    r"(?: ?(?:years?|yrs?|months?|days?|miles|km|kg|cm|mm|%))?$"
)
_OPEN_BAND = (
    r"(?i)^(?:<=?|>=?|≤|≥|under|below|over|above|up to|less than|more than|at least|at most)? ?(?P<low>"
    + _NUMBER
    + r") ?(?:\+|plus|and (?:over|above|under|below|more|older|up)|or (?:more|less|older|over))?"
    r"(?: ?(?:years?|yrs?|months?|days?|miles|km|kg|cm|mm|%))?$"
)
_SPLIT_YEAR = r"^(?:FY ?)?(?P<low>[12][0-9]{3})[/-](?P<high>[0-9]{2})$"


def are_phones(values: pa.Array, distinct: int, rows: int) -> tuple[bool, float]:
    """Whether texts are telephone numbers by their form alone, and the share that fits.

    Args:
        values: string (k,), different values without blanks at the ends.
        distinct: different values of the column.
        rows: rows with a value.
    """
    share = float(_fits(values, _GROUPS).mean()) if len(values) else 0.0
    if share < ALIKE or distinct < 3 or (distinct < MANY and distinct < 0.5 * rows):
        return False, share
    digits = np.asarray(pc.binary_length(pc.replace_substring_regex(values, "[^0-9]", "")).to_numpy())
    begins = np.zeros(len(values), np.bool_)
    for pattern, fewest in zip(_BEGINNINGS, _FEWEST_DIGITS, strict=True):
        begins |= _fits(values, pattern) & (digits >= fewest) & (digits <= 15)
    if begins.mean() < MOST_OFTEN and not _are_spaced(values, digits, distinct, rows):
        return False, share
    signed = _fits(values, r"^[+(]")
    other = read_as_days(values) | read_as_bands(values)
    for pattern in _OTHERWISE:
        other |= _fits(values, pattern)
    return bool((other & ~signed).mean() < 1 - MOST_OFTEN), share


def _are_spaced(values: pa.Array, digits: NDArray[np.int64], distinct: int, rows: int) -> bool:
    """Numbers such as 22 34 56 78, of which nearly every row has its own."""
    pairs = _fits(values, r"^[2-9][0-9]{1,2}(?: [0-9]{2,4}){2,4}$") & (digits >= 8) & (digits <= 12)
    thousands = _fits(values, r"^[0-9]{1,3}(?: [0-9]{3})+$")
    return bool((pairs & ~thousands).mean() >= ALIKE and distinct >= 0.95 * rows and rows >= MANY)


def are_addresses(values: pa.Array, *, named: bool = False) -> tuple[bool, float]:
    """Whether texts are IP addresses rather than versions of four parts (1.2.0.4), and the share that fits.

    Args:
        values: different texts of a column.
        named: whether the column's name says that they are.
    """
    fits = _fits(values, _IP)
    share = float(fits.mean()) if len(values) else 0.0
    return bool(share >= ALIKE and (named or _fits(values, _LARGE_OCTET).mean() >= MOST_OFTEN)), share


def are_bands(values: pa.Array) -> bool:
    """Whether texts are ranges of numbers (20-29, 10000-19999, 2018/19), open ones (65+, <18) among them."""
    if len(values) < 2:
        return False
    closed, open_ended = read_as_bands(values), _fits(values, _OPEN_BAND)
    return bool(closed.mean() >= 0.5 and (closed | open_ended).mean() >= ALIKE)


def read_as_bands(values: pa.Array) -> NDArray[np.bool_]:
    """Which texts are ranges whose first number is below the second, or a year and the next: bool (k,)."""
    out = np.zeros(len(values), np.bool_)
    hit, parts = pieces.extract(values, _BAND, ("low", "high"))
    if hit.any():
        low, high = (_read_number(parts[n]) for n in ("low", "high"))
        padded = _fits(parts["low"], "^0[0-9]") & ~np.asarray(
            pc.equal(pc.binary_length(parts["low"]), pc.binary_length(parts["high"])).to_numpy(zero_copy_only=False)
        )  # 05-09 is a band, 030-4560440 is not
        out[hit] = (low < high) & ~padded
    hit, parts = pieces.extract(values, _SPLIT_YEAR, ("low", "high"))
    if hit.any():
        low, high = (_read_number(parts[n]) for n in ("low", "high"))
        out[hit] |= high == (low + 1) % 100
    return out


def read_as_days(values: pa.Array) -> NDArray[np.bool_]:
    """Which texts could be days or months, written in any way with digits: bool (k,)."""
    bare = pc.replace_substring_regex(values, r"[T ][0-9]{1,2}:[0-9]{2}.*$", "")
    month, day = r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12][0-9]|3[01])"
    year = r"(?:[12][0-9])?[0-9]{2}"
    between = "[-/. ]"
    ways = (
        (year, month, day), (day, month, year), (month, day, year), (year, month), (month, year),
    )  # fmt: skip
    return _fits(bare, "|".join("^" + between.join(way) + "$" for way in ways))


def order_bands(values: pa.Array) -> NDArray[np.int64]:
    """Positions of bands from the lowest to the highest, int64 (k,): by the first number; ``<`` and ``under`` before it, words last."""
    texts = values.to_pylist()
    hit, parts = pieces.extract(values, r"^[^0-9]*(?P<low>" + _NUMBER + ")", ("low",))
    number = np.full(len(texts), np.inf)
    number[hit] = _read_number(parts["low"])
    below = _fits(values, r"(?i)^(?:<|≤|under|below|up to|less than|at most)")
    minus = _fits(values, r"^[\[(]?-[0-9]")
    number[minus] *= -1.0
    return np.array(sorted(range(len(texts)), key=lambda i: (number[i], not below[i], texts[i])), dtype=np.int64)


def _read_number(texts: pa.Array) -> NDArray[np.float64]:
    """float64 (k,) of numbers with signs of currency, thousands and k or m behind; commas and points that stand before three digits group."""
    negative = _fits(texts, "^-")
    large = np.select([_fits(texts, "[kK]$"), _fits(texts, "[mM]$")], [1e3, 1e6], 1.0)
    bare = pc.replace_substring_regex(texts, r"[^0-9.,]", "")
    bare = pc.replace_substring_regex(bare, r"[.,]([0-9]{3})\b", r"\1")
    bare = pc.replace_substring_regex(bare, r"[.,]+$", "")
    bare = pc.replace_substring(bare, ",", ".")
    bare = pc.if_else(pc.match_substring_regex(bare, r"^[0-9]*\.?[0-9]*$"), bare, pa.scalar("0"))
    numbers = np.asarray(pc.cast(bare, pa.float64()).to_numpy(zero_copy_only=False)) * large
    return np.where(negative, -numbers, numbers)


def _fits(values: pa.Array, pattern: str) -> NDArray[np.bool_]:
    return np.asarray(pc.match_substring_regex(values, pattern).to_numpy(zero_copy_only=False), dtype=np.bool_)
