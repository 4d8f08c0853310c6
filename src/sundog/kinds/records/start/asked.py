"""The questions that a differentially private recipe asks of a table, and the columns that they are asked of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sundog.kinds.records.start.curves import Floats
from sundog.kinds.records.start.stated import BooleanColumn, CategoryColumn, DateColumn, NumberColumn, StatedColumn

EPOCH = date(1970, 1, 1)
LINEAR, LOGARITHMIC = 64, 32
"""Bins of a number that is not counted value by value: even ones, and more towards 0 where no number is below it."""

MOST_WHOLE = 150
"""Whole numbers that are counted value by value."""


@dataclass(frozen=True, slots=True)
class Bins:
    """Where the rows of a column of numbers or days are counted.

    Attributes:
        edges: rising.
        step: values are multiples of it; 0 for none.
        zero: number of the bin that holds 0 and nothing else, or -1.
    """

    edges: tuple[float, ...]
    step: float
    zero: int


def lay_bins(low: float, high: float, decimals: int | None) -> Bins:
    """Bins between two ends that were stated, or found for a part of epsilon."""
    step = 0.0 if decimals is None else float(10.0**-decimals)
    half = step / 2
    if step == 1 and high - low <= MOST_WHOLE:
        return Bins(tuple((np.arange(np.floor(low), np.ceil(high) + 2) - 0.5).tolist()), 1.0, -1)
    edges = np.linspace(low, high, LINEAR + 1)
    if low >= 0 and high > 0:
        edges = np.concatenate([edges, low + (high - low) * np.geomspace(1e-4, 1, LOGARITHMIC)])
    if step:
        edges = np.floor(edges / step) * step + half
        edges[edges < low] = low - half
        edges = np.append(edges, [low - half, high + half])
    heap = half if step else (high - low) * 1e-9
    if low <= 0 <= high:
        edges = np.append(edges[np.abs(edges) > 2 * heap], [-heap, heap])
    digits = 12 if not step else max(0, (decimals or 0) + 1)
    rising = np.unique(np.round(edges, digits)) if step else np.unique(edges)
    at = int(np.searchsorted(rising, 0.0)) - 1
    zero = at if low <= 0 <= high and 0 <= at < len(rising) - 1 and rising[at + 1] - rising[at] <= 2.5 * heap else -1
    return Bins(tuple(rising.tolist()), step, zero)


def lay_days(start: date, stop: date) -> Bins:
    """Bins of days: a day each where there are few, else even parts of about 60 of the time; edges half a day before a day."""
    low, high = (start - EPOCH).days, (stop - EPOCH).days
    parts = min(60, high - low + 1)
    edges = np.unique(np.round(np.linspace(low, high + 1, parts + 1))) - 0.5
    return Bins(tuple(edges.tolist()), 1.0, -1)


_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")


def read_stated_values(texts: pa.Array, stated: StatedColumn) -> pa.Array:
    """Texts as what was stated; whatever cannot be read so is missing, since an error would tell that it is there."""
    text = pc.utf8_trim_whitespace(texts)
    match stated:
        case NumberColumn():
            looks = pc.match_substring_regex(text, r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?$")
            return pc.if_else(looks, text, pa.scalar(None, pa.string())).cast(pa.float64())
        case BooleanColumn():
            lower = pc.utf8_lower(text)
            true = pc.is_in(lower, value_set=pa.array(_TRUE))
            false = pc.is_in(lower, value_set=pa.array(_FALSE))
            none = pa.scalar(None, pa.string())
            return pc.if_else(true, pa.scalar("true"), pc.if_else(false, pa.scalar("false"), none))
        case DateColumn(format=written):
            stamps = _read_days(text, written)
            return pc.floor_temporal(stamps, unit="day").cast(pa.date32())
        case CategoryColumn():
            return text
        case _:
            raise ValueError("nothing is read of such a column")


def read_hours(texts: pa.Array) -> Floats:
    """Hour of the day of timestamps, NaN where it cannot be read: float64 (n,)."""
    found = pc.extract_regex(pc.utf8_trim_whitespace(texts), r"[T ](?P<hour>[01][0-9]|2[0-3]):[0-5][0-9]")
    hours = pc.struct_field(found, "hour").cast(pa.float64())
    return np.asarray(hours.to_numpy(zero_copy_only=False), np.float64)


def _read_days(text: pa.Array, written: str) -> pa.Array:
    # A day without a time, or what stands before the time.
    day = pc.replace_substring_regex(text, r"[T ][0-9]{1,2}:.*$", "")
    return pc.strptime(day, format=written, unit="s", error_is_null=True)


def read_weekdays(days: pa.Array) -> Floats:
    """0 for Monday to 6 for Sunday, NaN where missing: float64 (n,)."""
    return np.asarray(pc.day_of_week(days).cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)


def find_cells(values: Floats, groups: Mapping[str, Floats], pair: tuple[str, str], other: Floats) -> Floats:
    """The cell of a table of two grouped columns that each row falls into, NaN where one of them is missing: float64 (n,)."""
    first, second = groups[pair[0]], groups[pair[1]]
    i = np.clip(np.searchsorted(first, values, side="right") - 1, 0, len(first) - 2)
    j = np.clip(np.searchsorted(second, other, side="right") - 1, 0, len(second) - 2)
    known = np.isfinite(values) & np.isfinite(other)
    return np.where(known, i * (len(second) - 1) + j, np.nan).astype(np.float64)
