"""A column of numbers as a field."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.kinds.records.start.curves import Curve, Floats, count_owners, trace_curve
from sundog.kinds.records.start.drafts import Draft
from sundog.kinds.records.start.fit import fit_curve, round_share
from sundog.kinds.records.start.reading import Column, as_floats

FEW = 24
"""Numbers with no more different values than this are a table of values with weights, unless a simple law of counts fits."""

MOSTLY = 0.98
"""Share of the values that must keep to fewer decimals for the others to be rounded to them."""

_COUNTS = ("integer", "poisson", "negative_binomial")
_COUNT_LIMIT = 0.006


def missing_share(rows: int, known: int, least: int) -> float:
    """Share of the rows without a value, as it is written: 0 or 1 where fewer than ``least`` rows say otherwise."""
    if rows - known < least:
        return 0.0
    return 1.0 if known < least else round_share((rows - known) / rows)


def with_missing(said: dict[str, object], share: float) -> dict[str, object]:
    """What is said of a field, with its share of missing values if there are any."""
    return {**said, "missing": share} if share else said


def draft_number(column: Column, least: int) -> Draft:
    """A law for the numbers; the column has at least ``least`` values."""
    whole = pa.types.is_integer(column.values.type)
    decimals = 0 if whole else column.decimals
    values = as_floats(column.values)
    known = np.isfinite(values)
    values = values[known]
    said, words, remarks = describe_numbers(values, decimals, least, column.owners_of(known))
    share = missing_share(len(column.values), len(values), least)
    return Draft(
        column.name,
        with_missing(said, share),
        say_exact(words, column.name, least),
        tuple(remarks),
        number=column.name,
    )


def say_exact(words: str, name: str, least: int) -> str:
    """The origin of what was read exactly."""
    return f"exact: {words} of column {name}, rounded; groups of fewer than {least} rows left out; no guarantee"


def find_step(values: Floats, decimals: int | None) -> float:
    """What values are multiples of: a power of 10, or a whole number where all share one; 0 for none."""
    if decimals is None:
        return 0.0
    if decimals > 0:
        return float(10.0**-decimals)
    sizes = np.abs(values[values != 0])
    if not len(sizes) or sizes.max() >= 2.0**53:
        return 1.0
    return float(max(1, int(np.gcd.reduce(sizes.astype(np.int64)))))


def count_decimals(values: Floats, decimals: int | None) -> int | None:
    """The decimals that nearly all values keep to, where a few have more: those few are rounded."""
    if decimals is None or decimals <= 0 or not len(values):
        return decimals
    some = values[:: max(1, len(values) // 20_000)]
    some = some[np.abs(some) < 1e9]
    for fewer in range(min(decimals, 8)):
        off = np.abs(some * 10.0**fewer - np.round(some * 10.0**fewer))
        if len(some) and float((off < 1e-6).mean()) >= MOSTLY:
            return fewer
    return decimals


def describe_numbers(
    values: Floats, decimals: int | None, least: int, owners: NDArray[np.int64] | None = None
) -> tuple[dict[str, object], str, list[str]]:
    """What a recipe says of numbers, what was read for that, and remarks.

    Args:
        values: float64 (n,), finite.
        decimals: their decimal places; None where they are not limited.
        least: rows of a group.
        owners: int64 (n,), whose row each is; None where each row is somebody of its own.
    """
    decimals = count_decimals(values, decimals)
    if decimals == 0 and len(values) and float(np.abs(values).max()) >= 2.0**62:
        decimals = None  # beyond whole numbers of 64 bits
    if decimals is not None and decimals < 13:
        values = np.round(values, decimals)
    distinct, found = np.unique(values, return_counts=True)
    counts = found.astype(np.int64)
    shared = count_owners(values, owners) >= least
    if not shared.any() and len(values) < 2 * least:
        return {"type": "constant", "value": 0}, "nothing", ["Too few rows have a value: nothing was read."]
    if len(distinct) == 1 or (shared.sum() == 1 and counts[shared].sum() > len(values) - least):
        return {"type": "constant", "value": _write(distinct[shared][0], decimals)}, "the one value", []
    step = find_step(values, decimals)
    zeros, rest = 0.0, values
    at_zero = int((values == 0).sum())
    # Zeros that are nothing but the lowest count are no heap.
    heap = not step or at_zero >= 1.5 * int((np.abs(values) == step).sum())
    if heap and len(distinct) > FEW and max(least, 0.05 * len(values)) <= at_zero <= len(values) - 2 * least:
        zeros, rest = round_share(at_zero / len(values)), values[values != 0]
        owners = None if owners is None else owners[values != 0]
    curve = trace_curve(rest, step, least, owners)
    if len(distinct) <= FEW or curve is None:
        return _describe_few(distinct, counts, shared, curve, decimals, least)
    fitted = fit_curve(curve, decimals)
    said = dict(fitted.said)
    words = fitted.words
    if zeros and said["type"] in _COUNTS:
        said, words = _mix_zeros(said, zeros), f"{words} and the share of zeros"
    elif zeros:
        said, words = {**said, "zeros": zeros}, f"{words} and the share of zeros"
    return said, words, [say_off(fitted.off, curve)]


def _mix_zeros(said: dict[str, object], zeros: float) -> dict[str, object]:
    """Laws of counts take no `zeros`."""
    parts = [
        {"weight": zeros, "law": {"type": "constant", "value": 0}},
        {"weight": round_share(1 - zeros), "law": said},
    ]
    return {"type": "mixture", "parts": parts}


def _describe_few(
    distinct: Floats,
    counts: NDArray[np.int64],
    shared: NDArray[np.bool_],
    curve: Curve | None,
    decimals: int | None,
    least: int,
) -> tuple[dict[str, object], str, list[str]]:
    if curve is not None:
        fitted = fit_curve(curve, decimals)
        if fitted.said["type"] in _COUNTS and fitted.off <= _COUNT_LIMIT + 1 / math.sqrt(curve.rows):
            return (
                dict(fitted.said),
                fitted.words,
                [say_off(fitted.off, curve)],
            )
        if counts[shared].sum() < 0.9 * counts.sum():
            return (
                dict(fitted.said),
                fitted.words,
                [say_off(fitted.off, curve)],
            )
    if not shared.any():
        return {"type": "uniform", "low": 0.0, "high": 1.0}, "nothing", ["Too few rows: nothing was read, state a law."]
    total = int(counts[shared].sum())
    table = {_write(v, decimals): round_share(n / total) for v, n in zip(distinct[shared], counts[shared], strict=True)}
    table = {v: w for v, w in table.items() if w > 0}
    left = int(counts.sum()) - total
    remarks = [say_left(left, int(counts.sum()), least)] if left else []
    return {"type": "table", "values": table}, "the shares of its values", remarks


def say_off(off: float, curve: Curve) -> str:
    """How far the written law is from what was read."""
    return f"At {len(curve.at)} places its shares are within {off:.3f} of the column's."


def say_left(left: int, total: int, least: int) -> str:
    """Of rows whose values are not written; a number of rows below ``least`` is not told."""
    how = "A few" if left < least else "Fewer than 1 in 1,000" if left < 0.001 * total else f"About {left / total:.1%}"
    return f"{how} of the rows hold other values, each in fewer than {least} rows: left out."


def _write(value: float, decimals: int | None) -> int | float:
    return int(value) if decimals == 0 or (float(value).is_integer() and abs(value) < 2**53) else float(value)
