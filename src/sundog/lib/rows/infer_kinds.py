"""What one text value could be: whole number, decimal, date, word for true. Exact, and fast on distinct values.

A kind is a short text. Dates carry how they are written: ``day ymd -`` (2024-03-01), ``day dmy .`` (31.12.2024),
``day xmy /`` (01/02/2024: either order is a date), ``stamp ymd - hms +02:00``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Groups: TypeAlias = list[tuple[str, NDArray[np.int64]]]
"""Kinds and the positions of the values of each; every position is in exactly one."""

OTHER = "other"
QUESTION = "?"
TRUE_WORDS = {"true": "false", "yes": "no", "t": "f", "y": "n"}
"""Words for true and the word for false that goes with each."""

MISSING = ("NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "NaT", "null", "NULL", "Null", "None", "\\N", "")
"""Texts that mean "no value" in any column, after blanks around them are taken off. ``?`` does in numeric columns."""

LONGEST = 300
"""Digits of a whole number that a float64 can still hold, roughly."""

CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_TAIL = r"(?:[T ](?P<t>" + CLOCK + r") ?(?P<z>Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?$"
YEAR_FIRST = r"^(?P<y>[0-9]{4})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P<r>[-/.])(?P<d>[0-9]{1,2})" + _TAIL
YEAR_LAST = r"^(?P<d>[0-9]{1,2})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P<r>[-/.])(?P<y>[0-9]{4})" + _TAIL

ISO_DURATION = (
    r"^(?P<g>-?)P(?:(?P<w>[0-9]{1,6})W)?(?:(?P<d>[0-9]{1,7})D)?"
    r"(?:T(?:(?P<h>[0-9]{1,8})H)?(?:(?P<m>[0-9]{1,9})M)?(?:(?P<s>[0-9]{1,11})(?:\.(?P<f>[0-9]{1,9}))?S)?)?$"
)
DAYS_DURATION = r"^(?P<g>-?)(?P<d>[0-9]{1,7}) days?,?(?: \+?(?P<h>[0-9]{1,2}):(?P<m>[0-5][0-9]):(?P<s>[0-5][0-9])(?:\.(?P<f>[0-9]{1,9}))?)?$"

_LIKELY = r"^[-+]?[.,]?[0-9]|^-?P[0-9T]|^[-+]?[iI][nN][fF]"
_INT = r"^-?(?:0|[1-9][0-9]*)$"
_NUMBERS = (
    (
        "float",
        r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,3})?$|^\+(?:0|[1-9][0-9]*)\.[0-9]*$|^[-+]?\.[0-9]+(?:[eE][-+]?[0-9]{1,3})?$",
    ),
    ("zeros", r"^-?0[0-9]+(?:\.[0-9]*)?$"),
)
_PLAIN = (
    ("inf", r"(?i)^[-+]?inf(?:inity)?$"),
    ("comma?", r"^-?[1-9][0-9]{0,2},[0-9]{3}$"),  # 1,234: thousands or three decimals
    ("comma", r"^-?[0-9]*,[0-9]+$"),
    ("grouped", r"^-?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?$"),
    ("grouped-dots", r"^-?[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]*)?$"),
    ("hm", r"^(?:[01]?[0-9]|2[0-3]):[0-5][0-9]$"),
    ("hms", r"^(?:[01]?[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?$"),
    ("days", DAYS_DURATION),
    (
        "iso-duration",
        r"^-?P(?:[0-9]{1,6}W)?(?:[0-9]{1,7}D)?(?:T(?:[0-9]{1,8}H)?(?:[0-9]{1,9}M)?(?:[0-9]{1,11}(?:\.[0-9]{1,9})?S)?)?$",
    ),
)


def classify(texts: pa.StringArray) -> Groups:
    """Sort texts into kinds.

    Args:
        texts: string (n,), no nulls, no blanks at the ends; distinct values, if it is to be fast.

    Returns:
        Kinds with positions into ``texts``: int64 arrays, ascending.
    """
    groups: Groups = []
    everywhere = np.arange(len(texts), dtype=np.int64)
    likely = _mask(pc.match_substring_regex(texts, _LIKELY))
    groups.extend(_sort_words(texts, everywhere[~likely]))
    rest = everywhere[likely]
    left = texts if likely.all() else texts.take(pa.array(rest))
    whole = _mask(pc.match_substring_regex(left, _INT))
    if whole.any():
        groups.extend(_sort_whole(left, rest, whole))
        rest, left = rest[~whole], left.filter(pa.array(~whole))
    rest, left = _sort_patterns(left, rest, _NUMBERS, groups)
    for pattern, year_first in ((YEAR_FIRST, True), (YEAR_LAST, False)):
        dated = _sort_dates(left, rest, pattern, year_first) if len(rest) else []
        if dated:
            groups.extend(dated)
            gone = np.isin(rest, np.concatenate([p for _, p in dated]))
            rest, left = rest[~gone], left.filter(pa.array(~gone))
    rest, left = _sort_patterns(left, rest, _PLAIN, groups)
    if len(rest):
        groups.append((OTHER, rest))
    return groups


def _sort_patterns(
    left: pa.StringArray, rest: NDArray[np.int64], patterns: tuple[tuple[str, str], ...], groups: Groups
) -> tuple[NDArray[np.int64], pa.StringArray]:
    """Move what the patterns match into ``groups``; gives what is left."""
    for kind, pattern in patterns:
        if not len(rest):
            break
        hit = _mask(pc.match_substring_regex(left, pattern))
        if kind == "iso-duration":  # "P" and "PT" alone, and "P1DT", say nothing
            hit &= ~_mask(pc.match_substring_regex(left, r"[PT]$"))
        if hit.any():
            groups.extend(_sort_floats(left, rest, hit) if kind == "float" else [(kind, rest[hit])])
            rest, left = rest[~hit], left.filter(pa.array(~hit))
    return rest, left


def _sort_floats(left: pa.StringArray, rest: NDArray[np.int64], hit: NDArray[np.bool_]) -> Groups:
    """Numbers too large for 64 bits (1e400) are infinite."""
    finite = np.asarray(pc.is_finite(pc.cast(left.filter(pa.array(hit)), pa.float64())).to_numpy(zero_copy_only=False))
    at = rest[hit]
    return [(kind, at[mask]) for kind, mask in (("float", finite), ("inf", ~finite)) if mask.any()]


def _mask(found: pa.BooleanArray) -> NDArray[np.bool_]:
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _sort_words(texts: pa.StringArray, at: NDArray[np.int64]) -> Groups:
    if not len(at):
        return []
    some = texts.take(pa.array(at))
    words = pa.array([*TRUE_WORDS, *TRUE_WORDS.values(), QUESTION])
    where = pc.index_in(pc.ascii_lower(some), value_set=words)
    codes = np.asarray(where.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
    groups: Groups = [] if (codes >= 0).all() else [(OTHER, at[codes < 0])]
    for code in np.unique(codes[codes >= 0]):
        word = str(words[int(code)])
        groups.append((word if word == QUESTION else f"word {word}", at[codes == code]))
    return groups


def _sort_whole(left: pa.StringArray, rest: NDArray[np.int64], whole: NDArray[np.bool_]) -> Groups:
    some = left.filter(pa.array(whole))
    at = rest[whole]
    try:
        pc.cast(some, pa.int64())
    except pa.ArrowInvalid:
        fits = np.array(
            [-(2**63) <= int(t) < 2**63 if len(t) < 25 else False for t in some.to_pylist()], dtype=np.bool_
        )
        vast = np.array([len(t) > LONGEST for t in some.to_pylist()], dtype=np.bool_)
        found = (("int", fits), ("bigint", ~fits & ~vast), (OTHER, vast))
        return [(kind, at[mask]) for kind, mask in found if mask.any()]
    return [("int", at)]


def extract(
    texts: pa.StringArray, pattern: str, names: Sequence[str]
) -> tuple[NDArray[np.bool_], dict[str, pa.StringArray]]:
    """Named groups of a regular expression: which texts match, bool (n,), and the groups of those that do."""
    found = pc.extract_regex(texts, pattern)
    hit = np.asarray(found.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    kept = found.filter(pa.array(hit))
    return hit, {n: kept.field(n) for n in names}


def to_numbers(digits: pa.StringArray) -> NDArray[np.int64]:
    """int64 (n,) of unsigned digits; an empty text counts as 0."""
    filled = pc.if_else(pc.equal(pc.binary_length(digits), 0), pa.scalar("0"), digits)
    return np.asarray(pc.cast(filled, pa.int64()).to_numpy(zero_copy_only=False), dtype=np.int64)


def is_day(year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each is a day of the Gregorian calendar: bool (n,)."""
    sane = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(sane, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.asarray(sane & (day <= following - first), dtype=np.bool_)


def _sort_dates(left: pa.StringArray, rest: NDArray[np.int64], pattern: str, year_first: bool) -> Groups:
    hit, parts = extract(left, pattern, "ymdsrtz")
    if not hit.any():
        return []
    year, month, day = (to_numbers(parts[n]) for n in "ymd")
    same = _mask(pc.equal(parts["s"], parts["r"]))
    as_written = is_day(year, month, day) & same  # day before month where the year is last
    swapped = np.zeros_like(as_written) if year_first else is_day(year, day, month) & same
    order = np.select([as_written & swapped, as_written, swapped], ["xmy", "ymd" if year_first else "dmy", "mdy"], "")
    clock = np.asarray(pc.binary_length(parts["t"]).to_numpy(zero_copy_only=False))
    unit = np.select([clock == 0, clock <= 5, clock > 15], ["day", "stamp", "stamp"], "stamp")
    digits = np.select([clock == 0, clock <= 5, clock > 15], ["", " hm", " hms9"], " hms")
    zone = pc.replace_substring_regex(
        pc.replace_substring(parts["z"], "UTC", "Z"), r"^([+-][0-9]{2})([0-9]{2})$", r"\1:\2"
    )
    names = pc.binary_join_element_wise(pa.array(unit.astype(object)), pa.array(order.astype(object)), parts["s"], " ")
    names = pc.binary_join_element_wise(names, pa.array(digits.astype(object)), "")
    names = pc.if_else(pc.equal(pc.binary_length(zone), 0), names, pc.binary_join_element_wise(names, zone, " "))
    encoded = names.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    real = order != ""
    at = rest[hit]
    return [
        (str(kind), at[(codes == code) & real])
        for code, kind in enumerate(encoded.dictionary.to_pylist())
        if ((codes == code) & real).any()
    ]
