"""What one text value could be: whole number, decimal, date, word for true. Exact, and fast on distinct values.

A kind is a short text. Dates carry how they are written: ``day ymd -`` (2024-03-01), ``day dmy .`` (31.12.2024),
``day xmy /`` (01/02/2024: either order is a date), ``stamp ymd - hms +02:00``.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.rows.infer_amounts import name_amounts, split_amounts
from sundog.lib.rows.infer_dates import MAYBE_DAY, PATTERNS, name_orders, split_days
from sundog.lib.rows.infer_pieces import YEAR_FIRST, YEAR_LAST

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
    ("hm12", r"^(?:0?[1-9]|1[0-2]):[0-5][0-9] ?[AaPp]\.?[Mm]\.?$"),
    ("hms12", r"^(?:0?[1-9]|1[0-2]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})? ?[AaPp]\.?[Mm]\.?$"),
    ("24:00", r"^24:00:00$"),
    ("hours", r"^[0-9]{1,5}:[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?$"),  # 25:10:09
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
    for pattern, order in ((YEAR_FIRST, "ymd"), (YEAR_LAST, "dmy")):
        rest, left = _move_dates(left, rest, pattern, order, groups)
    rest, left = _sort_patterns(left, rest, _PLAIN, groups)
    if len(rest):
        groups.append((OTHER, rest))
    return _sort_others(texts, groups)


def _sort_others(texts: pa.StringArray, groups: Groups) -> Groups:
    """The values that the plain kinds leave: dates in other ways, amounts with a sign of money."""
    others = [at for kind, at in groups if kind == OTHER]
    if not others:
        return groups
    groups = [(kind, at) for kind, at in groups if kind != OTHER]
    rest = np.sort(np.concatenate(others))
    left = texts.take(pa.array(rest))
    maybe = _mask(pc.match_substring_regex(left, MAYBE_DAY))
    dated, days = rest[maybe], left.filter(pa.array(maybe))
    for pattern, order in PATTERNS:
        dated, days = _move_dates(days, dated, pattern, order, groups)
    rest = np.sort(np.concatenate([rest[~maybe], dated]))
    rest = _move_amounts(texts.take(pa.array(rest)), rest, groups)
    if len(rest):
        groups.append((OTHER, rest))
    return groups


def _move_amounts(left: pa.StringArray, rest: NDArray[np.int64], groups: Groups) -> NDArray[np.int64]:
    """Move amounts into ``groups``; gives the positions that are left."""
    if not len(rest):
        return rest
    amounts = split_amounts(left)
    encoded = name_amounts(amounts).dictionary_encode()
    codes = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    at, taken = rest[amounts.hit], np.zeros(len(rest), np.bool_)
    for code, kind in enumerate(encoded.dictionary.to_pylist()):
        if kind:
            groups.append((str(kind), at[codes == code]))
            taken |= np.isin(rest, at[codes == code])
    return rest[~taken]


def _move_dates(
    left: pa.StringArray, rest: NDArray[np.int64], pattern: str, order: str, groups: Groups
) -> tuple[NDArray[np.int64], pa.StringArray]:
    """Move the days that a pattern takes into ``groups``; gives what is left."""
    dated = _sort_dates(left, rest, pattern, order) if len(rest) else []
    if not dated:
        return rest, left
    groups.extend(dated)
    gone = np.isin(rest, np.concatenate([p for _, p in dated]))
    return rest[~gone], left.filter(pa.array(~gone))


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


def _sort_dates(left: pa.StringArray, rest: NDArray[np.int64], pattern: str, way: str) -> Groups:
    days = split_days(left, pattern)
    if not days.hit.any():
        return []
    order = name_orders(days, way)
    clock = np.asarray(pc.binary_length(days.clock).to_numpy(zero_copy_only=False))
    unit = np.where(clock == 0, "day", "stamp")
    digits = np.select([clock == 0, clock <= 5, clock > 15], ["", " hm", " hms9"], " hms")
    twelve = np.asarray(pc.greater(pc.binary_length(days.half), 0).to_numpy(zero_copy_only=False), dtype=np.bool_)
    digits = np.where(twelve, np.where(clock <= 5, " hm12", " hms12"), digits)
    zone = pc.replace_substring_regex(
        pc.replace_substring(days.zone, "UTC", "Z"), r"^([+-][0-9]{2})([0-9]{2})$", r"\1:\2"
    )
    names = pc.binary_join_element_wise(pa.array(unit.astype(object)), pa.array(order.astype(object)), days.mark, " ")
    names = pc.binary_join_element_wise(names, pa.array(digits.astype(object)), "")
    names = pc.if_else(pc.equal(pc.binary_length(zone), 0), names, pc.binary_join_element_wise(names, zone, " "))
    encoded = names.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    real = order != ""
    at = rest[days.hit]
    return [
        (str(kind), at[(codes == code) & real])
        for code, kind in enumerate(encoded.dictionary.to_pylist())
        if ((codes == code) & real).any()
    ]
