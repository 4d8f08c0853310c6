"""Bins of a number and what lies in them, learned from rows; see ``coders_number`` for what they mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sundog.lib.rows.coders_number import NumberCoder, to_grid
from sundog.lib.rows.lattice import find_lattice
from sundog.lib.rows.scale import Numbers
from sundog.lib.rows.weekdays import find_weekdays

MAX_PIECES = 32
"""Most intervals of unsupported rows inside one bin."""

_FAR = 8.0
"""How many times the usual distance from its inner neighbours an outer row counts, at most: else one row would stand in the average alone."""

_SPREAD = 2.0  # standard deviations on either side; 1.73 is exact for uniform rows, a little more closes gaps
_SINGLE = 3e38  # largest representative value, a little below float32's largest


@dataclass(frozen=True, slots=True)
class NumberLimits:
    """What the learner of a number is told.

    Attributes:
        bins: most codes.
        support: rows behind every value or average.
        end_support: rows whose average is the end of the range.
        minimum: public lower end, in ticks.
        maximum: public upper end, in ticks.
        chain: grid steps in ticks that may be favoured, each a multiple of the one before (1, 5, 10, 50, ...).
        days: whether ticks are days since 1970-01-01, so that the week and the month matter.
    """

    bins: int
    support: int
    end_support: int
    minimum: float | None = None
    maximum: float | None = None
    chain: tuple[int, ...] = ()
    days: bool = False


def learn_number(values: Numbers, limits: NumberLimits, missing: bool, infinite: tuple[int, ...] = ()) -> NumberCoder:
    """Learn bins and what lies in them.

    Args:
        values: int64 or float64 (n,) finite ticks, n >= ``limits.support``; any order.
        limits: support and ends.
        missing: whether a code for missing is wanted.
        infinite: signs that get a code.
    """
    integral = values.dtype.kind == "i"
    step, offset = _find_grid(values) if integral else (1, 0)
    if step > 1:
        values = (values - offset) // step
    if limits.minimum is not None or limits.maximum is not None:
        low, high = (
            to_grid(v, step, offset, integral, up) for v, up in ((limits.minimum, True), (limits.maximum, False))
        )
        values = np.clip(values, low, high)
    ordered = np.sort(values)
    unique, counts = _count_sorted(ordered)
    start, end = _protect_ends(ordered, unique, counts, limits)
    start = start if limits.minimum is None else to_grid(limits.minimum, step, offset, integral, True)
    end = end if limits.maximum is None else to_grid(limits.maximum, step, offset, integral, False)
    edges = _find_edges(ordered, unique, counts, limits, max(1, limits.bins - missing - len(infinite)))
    pieces = _fill_bins(edges, unique, counts, start, end, limits)
    first, low_p, high_p, weight = pieces
    n_bins = len(first) - 1
    if n_bins != len(edges) + 1:
        raise AssertionError("every bin has a piece")
    mass = np.concatenate([[0.0], np.cumsum(weight)])
    least = np.minimum.reduceat(low_p, first[:-1])
    most = np.maximum.reduceat(high_p, first[:-1])
    middle = low_p.astype(np.float64) / 2 + high_p.astype(np.float64) / 2
    total = np.add.reduceat(weight, first[:-1])
    share = weight / np.repeat(total, np.diff(first))
    centre = np.clip(np.add.reduceat(middle * share, first[:-1]) * step + offset, -_SINGLE, _SINGLE).astype(np.float32)
    chain = tuple(s // step for s in limits.chain if s % step == 0) if offset % step == 0 else ()
    supported = counts >= limits.support
    loose = np.repeat(unique[~supported], counts[~supported])
    lattice = None
    if integral and len(chain) > 1 and len(loose):
        owner = np.searchsorted(edges, loose, side="right")
        lattice = find_lattice(loose + offset // step, owner, n_bins, chain)
    weekdays = find_weekdays(loose) if limits.days and step == 1 else None
    return NumberCoder(
        edges, first, low_p, high_p, mass, least, most, centre, step, offset, lattice, weekdays, infinite, missing
    )


def _find_grid(values: Numbers) -> tuple[int, int]:
    """Greatest step that all values share, and the residue."""
    low, high = int(values.min()), int(values.max())
    if high == low or high - low >= 2**62:
        return 1, 0
    step = int(np.gcd.reduce(values - np.int64(low)))
    if step <= 1:
        return 1, 0
    return step, low % step


def _count_sorted(ordered: Numbers) -> tuple[Numbers, NDArray[np.int64]]:
    new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    at = np.flatnonzero(new)
    return ordered[at], np.diff(np.append(at, len(ordered)))


def _average(rows: Numbers) -> float:
    """Mean of sorted rows, exact to a double's precision of their range."""
    x, unit = _from_first(rows)
    return float(rows[0]) + float(x.mean()) * unit


def _average_end(rows: Numbers, upper: bool) -> float:
    """Mean of the sorted outer rows, in which a row that lies far off the others counts as less far.

    Of nine salaries near 5,000 and one of 999,999 the plain mean would tell the one.
    """
    x, unit = _from_first(rows)
    far = x if upper else x[-1] - x
    far = np.minimum(far, _FAR * float(np.median(far)))
    return float(rows[0]) + float(far.mean() if upper else x[-1] - far.mean()) * unit


def _from_first(rows: Numbers) -> tuple[NDArray[np.float64], float]:
    """Sorted rows as distances from the first, in units in which their squares don't overflow."""
    if rows.dtype.kind == "i" and int(rows[-1]) - int(rows[0]) >= 2**62:
        x: NDArray[np.float64] = rows.astype(np.float64) - float(rows[0])
    elif rows.dtype.kind == "i":
        x = (rows - rows[0]).astype(np.float64)
    else:
        half = rows / 2.0 - rows[0] / 2.0  # the range itself may be beyond a double
        unit = float(half[-1]) or 1.0
        return half / unit, 2.0 * unit if unit <= 2.0**1022 else unit
    unit = float(x[-1]) or 1.0
    return x / unit, unit


def _protect_ends(
    ordered: Numbers, unique: Numbers, counts: NDArray[np.int64], limits: NumberLimits
) -> tuple[Any, Any]:
    """Lowest and highest value that unsupported rows may give: the average of the outer rows, or a value that enough rows share."""
    k = max(1, min(limits.end_support, len(ordered)))
    low = unique[0].item() if counts[0] >= limits.support else _average_end(ordered[:k], upper=False)
    high = unique[-1].item() if counts[-1] >= limits.support else _average_end(ordered[-k:], upper=True)
    return low, high


def _find_edges(
    ordered: Numbers, unique: Numbers, counts: NDArray[np.int64], limits: NumberLimits, most: int
) -> Numbers:
    """Lower edges of all bins but the first, at most ``most`` bins."""
    asked = most
    while True:
        edges = _try_edges(ordered, unique, counts, limits, asked)
        if len(edges) < most or asked == 1:
            return edges
        asked = max(1, asked - max(1, (len(edges) + 1 - most) // 2))


def _try_edges(
    ordered: Numbers, unique: Numbers, counts: NDArray[np.int64], limits: NumberLimits, bins: int
) -> Numbers:
    """Spikes alone, the rest in bins of about equal mass; a few more than ``bins`` where small runs lie between spikes."""
    supported = counts >= limits.support
    spike = np.zeros(len(unique), dtype=bool)
    while True:
        target = max(counts[~spike].sum() / max(1, bins - int(spike.sum())), limits.support)
        more = supported & ~spike & (counts >= target)
        if not more.any():
            break
        spike |= more
    after = np.concatenate([[0], np.cumsum(counts)])
    edges: list[int | float] = []
    bounds = np.flatnonzero(np.concatenate([[True], spike[1:] | spike[:-1]]))  # where a spike or a run begins
    small = max(limits.support, 0.25 * target)
    for at, i in enumerate(bounds):
        j = bounds[at + 1] if at + 1 < len(bounds) else len(unique)
        if spike[i]:
            edges.append(unique[i])
            continue
        rows = ordered[after[i] : after[j]]
        alone = not spike.any()
        if len(rows) < small and not alone:
            continue  # too few for a bin: they lie in the bin of the spike below (or of the first spike)
        if i > 0:  # a run begins right above the spike, so that the spike's bin is the spike alone
            edges.append(unique[i - 1] + 1 if unique.dtype.kind == "i" else np.nextafter(unique[i - 1], np.inf))
        edges.extend(_cut_run(rows, round(len(rows) / target), limits.support))
    found = np.unique(np.array(edges, dtype=unique.dtype))
    found = found[(found > unique[0]) & (found <= unique[-1])]
    return _merge_thin(found, unique, counts, limits.support)


def _cut_run(rows: Numbers, bins: int, support: int) -> list[int | float]:
    out: list[int | float] = []
    half = max(1, (support + 1) // 2)
    for i in range(1, bins):
        at = i * len(rows) // bins
        near = rows[max(0, at - half) : at + half]
        mean = _average(near)
        out.append(int(np.ceil(mean)) if rows.dtype.kind == "i" else mean)
    return out


def _merge_thin(edges: Numbers, unique: Numbers, counts: NDArray[np.int64], support: int) -> Numbers:
    """Take out edges until each bin holds a supported value or ``support`` unsupported rows."""
    good = counts >= support
    while len(edges):
        owner = np.searchsorted(edges, unique, side="right")
        loose = np.bincount(owner[~good], weights=counts[~good], minlength=len(edges) + 1)
        fixed = np.bincount(owner[good], minlength=len(edges) + 1)
        thin = (fixed == 0) & (loose < support)
        if not thin.any():
            break
        drop = np.maximum(np.flatnonzero(thin) - 1, 0)
        # neighbours are not dropped at once: two thin bins may be enough together
        drop = drop[np.concatenate([[True], np.diff(drop) > 1])] if len(drop) > 1 else drop
        edges = np.delete(edges, drop)
    return edges


def _fill_bins(
    edges: Numbers, unique: Numbers, counts: NDArray[np.int64], start: Any, end: Any, limits: NumberLimits
) -> tuple[NDArray[np.int32], Numbers, Numbers, NDArray[np.float64]]:
    """Pieces of all bins: first piece of each bin, lows, highs, rows."""
    integral = unique.dtype.kind == "i"
    cuts = np.concatenate([[0], np.searchsorted(unique, edges, side="left"), [len(unique)]])
    good = counts >= limits.support
    first = [0]
    lows: list[Numbers] = []
    highs: list[Numbers] = []
    weights: list[NDArray[np.float64]] = []
    for b in range(len(cuts) - 1):
        span = slice(cuts[b], cuts[b + 1])
        u, c, g = unique[span], counts[span], good[span]
        floor_at = start if b == 0 else edges[b - 1]
        ceil_at = end if b == len(cuts) - 2 else (edges[b] - 1 if integral else np.nextafter(edges[b], -np.inf))
        low, high, weight = u[g], u[g], c[g].astype(np.float64)
        loose = np.repeat(u[~g], c[~g])
        if len(loose) >= limits.support:
            a, z, w = _smooth(loose, floor_at, ceil_at, limits.support)
            low, high, weight = np.concatenate([low, a]), np.concatenate([high, z]), np.concatenate([weight, w])
            order = np.argsort(low, kind="stable")
            low, high, weight = low[order], high[order], weight[order]
        elif len(loose):
            weight *= 1 + len(loose) / weight.sum()  # too few to average: their mass goes to the supported values
        lows.append(low)
        highs.append(high)
        weights.append(weight)
        first.append(first[-1] + len(low))
    return np.array(first, dtype=np.int32), np.concatenate(lows), np.concatenate(highs), np.concatenate(weights)


def _smooth(rows: Numbers, floor_at: Any, ceil_at: Any, support: int) -> tuple[Numbers, Numbers, NDArray[np.float64]]:
    """Intervals that stand for sorted unsupported rows: groups of at least ``support``."""
    n = len(rows)
    m = max(1, min(n // support, MAX_PIECES))
    at = np.arange(m + 1) * n // m
    size = np.diff(at).astype(np.float64)
    x, unit = _from_first(rows)
    mean = np.add.reduceat(x, at[:-1]) / size
    spread = np.sqrt(np.maximum(np.add.reduceat((x - np.repeat(mean, np.diff(at))) ** 2, at[:-1]) / size, 0.0))
    half = max(1, (support + 1) // 2)
    total = np.concatenate([[0.0], np.cumsum(x)])
    a, z = np.maximum(at[1:-1] - half, 0), np.minimum(at[1:-1] + half, n)
    knots = (total[z] - total[a]) / (z - a)
    low = np.maximum(mean - _SPREAD * spread, np.concatenate([[-np.inf], knots]))
    high = np.minimum(mean + _SPREAD * spread, np.concatenate([knots, [np.inf]]))
    base = float(rows[0])
    low, high = base + np.minimum(low, high) * unit, base + np.maximum(low, high) * unit
    if rows.dtype.kind != "i":
        return np.clip(low, floor_at, ceil_at), np.clip(high, floor_at, ceil_at), size
    low_i, high_i = np.ceil(low), np.floor(high)
    middle = np.rint((low + high) / 2)
    empty = low_i > high_i
    bottom = math.ceil(floor_at) if isinstance(floor_at, float) else int(floor_at)
    top = math.floor(ceil_at) if isinstance(ceil_at, float) else int(ceil_at)
    if bottom > top:
        bottom = top = round((float(floor_at) + float(ceil_at)) / 2)
    return (
        _to_whole(np.where(empty, middle, low_i), bottom, top),
        _to_whole(np.where(empty, middle, high_i), bottom, top),
        size,
    )


def _to_whole(values: NDArray[np.float64], bottom: int, top: int) -> NDArray[np.int64]:
    """Whole floats as int64 between two ends, which may be beyond a double's precision."""
    safe = np.clip(values, -(2.0**63) + 1024, 2.0**63 - 1024).astype(np.int64)
    return np.clip(safe, np.int64(max(bottom, -(2**63))), np.int64(min(top, 2**63 - 1)))
