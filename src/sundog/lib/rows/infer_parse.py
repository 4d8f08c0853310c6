"""From text to typed values, once the type and the way of writing are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.rows import infer_kinds as kinds
from sundog.lib.rows import infer_pieces as pieces
from sundog.lib.rows.infer_amounts import is_amount_format, parse_amounts
from sundog.lib.rows.infer_dates import ALSO_ISO, parse_with

DAY = 86_400_000_000
"""Microseconds."""

COMMA = "1234,5"
GROUPED = "1,234.5"
GROUPED_DOTS = "1.234,5"


@dataclass(frozen=True, slots=True)
class Parse:
    """How the text of one column becomes values.

    Attributes:
        type: int64, float64, bool, date32, timestamp[us] with or without a zone, time64[us], duration[us] or string.
        format: how the text is written, where more than one way is known: an example (``1.234,5``), strftime, or
            ``Yes/No``; empty for the plain way.
        missing: texts that mean "no value"; blanks around them do not count.
        trim: whether blanks around values are taken off (never in strings).
        decimals: largest number of decimal places of a float64 column, trailing zeros not counted.
    """

    type: pa.DataType
    format: str = ""
    missing: tuple[str, ...] = kinds.MISSING
    trim: bool = False
    decimals: int | None = None


def parse_text(values: pa.StringArray, how: Parse) -> pa.Array:
    """Typed values of a column of text.

    Args:
        values: string (n,), null where the field was empty.
        how: the way; a value that does not fit it raises ``pa.ArrowInvalid``.

    Returns:
        Array (n,) of ``how.type``, null where the value is missing. Infinities are missing.
    """
    if pa.types.is_string(how.type) and how.missing == ("",):
        return values
    bare = pc.utf8_trim_whitespace(values) if how.trim or pa.types.is_string(how.type) else values
    missing = pc.is_in(bare, value_set=pa.array(how.missing))
    cleared = values if pa.types.is_string(how.type) else bare
    if pc.any(missing).as_py():
        cleared = pc.if_else(missing, pa.scalar(None, pa.string()), cleared)
    kind = how.type
    if pa.types.is_string(kind):
        return cleared
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _parse_numbers(cleared, how)
    if pa.types.is_boolean(kind):
        return _parse_words(cleared, how)
    known = np.asarray(cleared.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    out = np.zeros(len(cleared), np.int64)
    some = cleared.filter(pa.array(known))
    if pa.types.is_duration(kind):
        out[known] = _parse_durations(some)
    elif pa.types.is_time(kind):
        out[known] = _parse_clock(some)
    elif not len(some):
        pass
    else:
        plain = _cast_plain(some, kind)
        if plain is not None:
            out[known] = plain
        else:
            days, micros = _parse_stamps(some, how.format)
            out[known] = days if pa.types.is_date32(kind) else days * DAY + micros
    if pa.types.is_date32(kind):
        return pa.array(out.astype(np.int32), pa.int32(), mask=~known).cast(kind)
    return pa.array(out, pa.int64(), mask=~known).cast(kind)


def _parse_numbers(texts: pa.StringArray, how: Parse) -> pa.Array:
    if is_amount_format(how.format):
        return parse_amounts(texts, how.format)
    if how.format in (COMMA, GROUPED_DOTS):
        texts = pc.replace_substring(pc.replace_substring(texts, ".", ""), ",", ".")
    elif how.format == GROUPED:
        texts = pc.replace_substring(texts, ",", "")
    if pa.types.is_integer(how.type):
        try:
            return pc.cast(texts, pa.int64())
        except pa.ArrowInvalid:
            return pc.cast(pc.cast(texts, pa.float64()), pa.int64())  # "39.0"; a fraction is an error
    numbers = pc.cast(texts, pa.float64())
    finite = pc.is_finite(numbers)
    if pc.all(finite).as_py() in (True, None):
        return numbers
    return pc.if_else(finite, numbers, pa.scalar(None, pa.float64()))


def _parse_words(texts: pa.StringArray, how: Parse) -> pa.Array:
    lower = pc.ascii_lower(texts)
    true = pc.is_in(lower, value_set=pa.array([*kinds.TRUE_WORDS, "1"]))
    false = pc.is_in(lower, value_set=pa.array([*kinds.TRUE_WORDS.values(), "0"]))
    fits = pc.or_(pc.or_(true, false), texts.is_null())
    if not pc.all(fits).as_py():
        raise pa.ArrowInvalid("a value is neither true nor false")
    return pc.if_else(texts.is_null(), pa.scalar(None, pa.bool_()), true)


def _cast_plain(texts: pa.StringArray, kind: pa.DataType) -> NDArray[np.int64] | None:
    """Arrow's own reader of ISO dates, many times faster; None where it does not take every value."""
    try:
        typed = pc.cast(texts, kind)
    except pa.ArrowInvalid:
        return None
    width = pa.int32() if pa.types.is_date32(kind) else pa.int64()
    return np.asarray(typed.cast(width).to_numpy(zero_copy_only=False), dtype=np.int64)


def _parse_stamps(texts: pa.StringArray, style: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Days since 1970-01-01 and microseconds within the day (outside 0..DAY where a zone shifts it), int64 (n,)."""
    if ALSO_ISO in style:
        iso = np.asarray(pc.match_substring_regex(texts, pieces.YEAR_FIRST).to_numpy(zero_copy_only=False))
        days, micros = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64)
        for rows, way in ((iso, ""), (~iso, style.replace(ALSO_ISO, ""))):
            days[rows], micros[rows] = _parse_stamps(texts.filter(pa.array(rows)), way)
        return days, micros
    parts = parse_with(texts, style)
    year, month, day = parts.year, parts.month, parts.day
    if not pieces.is_day(year, month, day).all():
        raise pa.ArrowInvalid("a value is not a day of the calendar")
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    clock = pc.if_else(pc.equal(pc.binary_length(parts.clock), 0), pa.scalar("00:00"), parts.clock)
    clock = pc.binary_join_element_wise(clock, parts.half, "")
    shift = pc.replace_substring_regex(parts.zone, r"^(Z|UTC)?$", "+00:00")
    sign = np.where(np.asarray(pc.starts_with(shift, "-").to_numpy(zero_copy_only=False)), -1, 1)
    digits = pc.replace_substring_regex(shift, "[-+:]", "")
    hours = pieces.to_numbers(pc.utf8_slice_codeunits(digits, 0, 2))
    minutes = pieces.to_numbers(pc.utf8_slice_codeunits(digits, 2, 4))
    return months + day - 1, _parse_clock(clock) - sign * (hours * 60 + minutes) * 60_000_000


def _parse_clock(texts: pa.StringArray) -> NDArray[np.int64]:
    """Microseconds since midnight, int64 (n,). Digits beyond microseconds are cut off."""
    hit, parts = pieces.extract(
        texts,
        r"^(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2})(?:\.(?P<f>[0-9]{1,9}))?)? ?(?P<p>[AaPp]\.?[Mm]\.?)?$",
        "hmsfp",
    )
    if not hit.all():
        raise pa.ArrowInvalid("a value is not a time of day")
    hours, minutes, seconds = (pieces.to_numbers(parts[n]) for n in "hms")
    half = pc.utf8_slice_codeunits(pc.ascii_lower(parts["p"]), 0, 1)
    for letter, more in (("a", 0), ("p", 12)):
        told = np.asarray(pc.equal(half, letter).to_numpy(zero_copy_only=False), dtype=np.bool_)
        if (told & ((hours > 12) | (hours < 1))).any():
            raise pa.ArrowInvalid("a value is not a time of day")
        hours = np.where(told, hours % 12 + more, hours)
    if (hours > 23).any() or (minutes > 59).any() or (seconds > 59).any():
        raise pa.ArrowInvalid("a value is not a time of day")
    return ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + _parse_fraction(parts["f"])


def _parse_fraction(digits: pa.StringArray) -> NDArray[np.int64]:
    """Microseconds of the digits after a decimal point."""
    return pieces.to_numbers(pc.utf8_slice_codeunits(pc.utf8_rpad(digits, 6, "0"), 0, 6))


def _parse_durations(texts: pa.StringArray) -> NDArray[np.int64]:
    out = np.zeros(len(texts), np.int64)
    left = np.ones(len(texts), np.bool_)
    ways = (
        (kinds.ISO_DURATION, "gwdhmsf"),
        (kinds.DAYS_DURATION, "gdhmsf"),
        (r"^(?P<h>[0-9]{1,5}):(?P<m>[0-5][0-9]):(?P<s>[0-5][0-9])(?:\.(?P<f>[0-9]{1,9}))?$", "hmsf"),
    )
    for pattern, names in ways:
        hit, parts = pieces.extract(texts, pattern, names)
        if not hit.any():
            continue
        size = {"w": 7 * DAY, "d": DAY, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000}
        whole = {n: pieces.to_numbers(parts[n]) * size[n] for n in names if n in size}
        negative = (
            np.asarray(pc.equal(parts["g"], "-").to_numpy(zero_copy_only=False))
            if "g" in parts
            else np.zeros(int(hit.sum()), np.bool_)
        )
        total = sum(whole.values()) + _parse_fraction(parts["f"])
        if (
            pattern == kinds.DAYS_DURATION
        ):  # "-1 day, 2:00:00" is minus one day plus two hours, as Python and pandas write it
            out[hit] = np.where(negative, total - 2 * whole["d"], total)
        else:
            out[hit] = np.where(negative, -total, total)
        left &= ~hit
    if left.any():
        raise pa.ArrowInvalid("a value is not a duration")
    return out
