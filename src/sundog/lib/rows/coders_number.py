"""Numbers as codes: bins with smoothed quantiles inside, so that no single row's value is ever given out.

A code is a bin; bins cover the whole line. A value that many rows share (a spike) is a bin of its own. Inside a bin lie *pieces*:
a supported value is a piece of zero width, the remaining rows are taken in sorted order in groups of at least ``support`` rows, each
group giving one interval: mean plus and minus two standard deviations, cut where the averages of the rows around the group's borders
are. So every number in the coder is either a value that ``support`` rows share or an average of at least ``support`` rows.
Round numbers keep their share among the unsupported values (``lattice``).

Limits: dependence *inside* a bin between columns is lost; a heavy tail ends at the average of its outer rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sundog.lib.rows.lattice import Lattice, find_lattice, round_to_lattice
from sundog.lib.rows.scale import Numbers

MAX_PIECES = 32
"""Most intervals of unsupported rows inside one bin."""

_SPREAD = 2.0  # standard deviations on either side; 1.73 is exact for uniform rows, a little more closes gaps


@dataclass(frozen=True, slots=True)
class NumberCoder:
    """Bins on a line of ticks. With ``step`` > 1 a tick is an index on the grid ``offset + step * index``.

    Attributes:
        edges: (n_bins - 1,) lower edge of every bin but the first; int64 grid indices, or float64 without a grid.
        first: int32 (n_bins + 1,) first piece of each bin.
        low: (n_pieces,) lowest value of each piece, of the dtype of ``edges``.
        high: (n_pieces,) highest value, included.
        mass: float64 (n_pieces + 1,) cumulative rows.
        least: (n_bins,) lowest value that each bin gives.
        most: (n_bins,) highest value that each bin gives.
        centre: float32 (n_bins,) mean of each bin, in ticks.
        step: ticks from one grid point to the next; 1 without a grid.
        offset: tick of grid index 0.
        lattice: shares of round numbers among unsupported values, or None.
        infinite: signs of infinities that enough rows share; each is a code after the bins.
        missing: whether the last code means missing.
    """

    edges: Numbers
    first: NDArray[np.int32]
    low: Numbers
    high: Numbers
    mass: NDArray[np.float64]
    least: Numbers
    most: Numbers
    centre: NDArray[np.float32]
    step: int
    offset: int
    lattice: Lattice | None
    infinite: tuple[int, ...]
    missing: bool

    @property
    def bins(self) -> int:
        """Number of bins."""
        return len(self.first) - 1

    @property
    def size(self) -> int:
        """Number of codes."""
        return self.bins + len(self.infinite) + self.missing

    @property
    def integral(self) -> bool:
        """Whether the line is a grid."""
        return self.edges.dtype.kind == "i"


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
    """

    bins: int
    support: int
    end_support: int
    minimum: float | None = None
    maximum: float | None = None
    chain: tuple[int, ...] = ()


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
            _to_grid(v, step, offset, integral, up) for v, up in ((limits.minimum, True), (limits.maximum, False))
        )
        values = np.clip(values, low, high)
    ordered = np.sort(values)
    unique, counts = _count_sorted(ordered)
    start, end = _protect_ends(ordered, unique, counts, limits)
    if limits.minimum is not None:
        start = float(_to_grid(limits.minimum, step, offset, integral, True) or 0)
    if limits.maximum is not None:
        end = float(_to_grid(limits.maximum, step, offset, integral, False) or 0)
    edges = _find_edges(ordered, unique, counts, limits, max(1, limits.bins - missing - len(infinite)))
    pieces = _fill_bins(edges, unique, counts, start, end, limits)
    first, low_p, high_p, weight = pieces
    n_bins = len(first) - 1
    if n_bins != len(edges) + 1:
        raise AssertionError("every bin has a piece")
    mass = np.concatenate([[0.0], np.cumsum(weight)])
    least = np.minimum.reduceat(low_p, first[:-1])
    most = np.maximum.reduceat(high_p, first[:-1])
    middle = (low_p.astype(np.float64) + high_p.astype(np.float64)) / 2
    total = np.add.reduceat(weight, first[:-1])
    centre = (np.add.reduceat(middle * weight, first[:-1]) / total * step + offset).astype(np.float32)
    chain = tuple(s // step for s in limits.chain if s % step == 0) if offset % step == 0 else ()
    supported = counts >= limits.support
    loose = np.repeat(unique[~supported], counts[~supported])
    lattice = None
    if integral and len(chain) > 1 and len(loose):
        owner = np.searchsorted(edges, loose, side="right")
        lattice = find_lattice(loose + offset // step, owner, n_bins, chain)
    return NumberCoder(edges, first, low_p, high_p, mass, least, most, centre, step, offset, lattice, infinite, missing)


def encode_number(
    coder: NumberCoder, values: Numbers, missing: NDArray[np.bool_], infinite: NDArray[np.int8] | None = None
) -> NDArray[np.int32]:
    """Codes of ticks: int32 (n,). A missing value in a column that had none gets the most frequent code."""
    line = (values - coder.offset) // coder.step if coder.step > 1 else values
    codes = np.searchsorted(coder.edges, line, side="right").astype(np.int32)
    if infinite is not None:
        for sign in (-1, 1):
            rows = infinite == sign
            if sign in coder.infinite:
                codes[rows] = coder.bins + coder.infinite.index(sign)
            else:
                codes[rows] = coder.size - 1 if coder.missing else (0 if sign < 0 else coder.bins - 1)
    if missing.any():
        codes[missing] = coder.size - 1 if coder.missing else int(np.argmax(np.diff(coder.mass[coder.first])))
    return codes


def decode_number(
    coder: NumberCoder, codes: NDArray[np.int32], uniform: NDArray[np.float64]
) -> tuple[Numbers, NDArray[np.bool_], NDArray[np.int8] | None]:
    """Ticks of codes.

    Args:
        coder: as learned.
        codes: int32 (n,) in [0, size).
        uniform: float64 (n, >= 2) in [0, 1): the place inside the bin, and the roundness.

    Returns:
        Ticks (n,), missing bool (n,), sign of infinities int8 (n,) or None. ``encode_number`` of them gives ``codes`` back.
    """
    missing = codes == coder.size - 1 if coder.missing else np.zeros(len(codes), dtype=bool)
    infinite = None
    if coder.infinite:
        signs = np.zeros(coder.size, dtype=np.int8)
        signs[coder.bins : coder.bins + len(coder.infinite)] = coder.infinite
        infinite = signs[codes]
    bins = np.minimum(codes, coder.bins - 1)
    cuts = coder.mass[coder.first]
    place = cuts[bins] + uniform[:, 0] * (cuts[bins + 1] - cuts[bins])
    piece = np.searchsorted(coder.mass, place, side="right") - 1
    piece = np.clip(piece, coder.first[bins], coder.first[bins + 1] - 1)
    width = coder.mass[piece + 1] - coder.mass[piece]
    inside = np.clip((place - coder.mass[piece]) / np.where(width > 0, width, 1.0), 0.0, 1.0)
    low, high = coder.low[piece], coder.high[piece]
    if not coder.integral:
        return np.clip(low + inside * (high - low), low, high), missing, infinite
    span = (high - low).view(np.uint64)  # right even where high - low overflows int64
    ahead = np.minimum((inside * (span.astype(np.float64) + 1.0)).astype(np.uint64), span)
    line = (low.view(np.uint64) + ahead).view(np.int64)
    if coder.lattice is not None:
        loose = np.flatnonzero(span > 0)
        shift = coder.offset // coder.step
        drawn = line[loose] + shift
        fraction = inside[loose] * (span[loose].astype(np.float64) + 1.0) - ahead[loose]
        owner = bins[loose]
        rounded = round_to_lattice(coder.lattice, drawn, fraction, owner, uniform[loose, 1]) - shift
        fits = (rounded >= coder.least[owner]) & (rounded <= coder.most[owner])
        line[loose] = np.where(fits, rounded, line[loose])
    return (line * coder.step + coder.offset if coder.step > 1 else line), missing, infinite


def narrow(coder: NumberCoder, low: float | None, high: float | None) -> tuple[NumberCoder, NDArray[np.bool_]]:
    """The coder with values between ``low`` and ``high`` (ticks, both included) only, and the codes that can give such values.

    A bin that reaches into the range gives values of the overlap; where the range lies in an empty place of a bin, the overlap is filled evenly.
    """
    integral = coder.integral
    floor_at = _to_grid(low, coder.step, coder.offset, integral, True)
    ceil_at = _to_grid(high, coder.step, coder.offset, integral, False)
    lows = coder.low if floor_at is None else np.maximum(coder.low, floor_at)
    highs = coder.high if ceil_at is None else np.minimum(coder.high, ceil_at)
    grid = 1.0 if integral else 0.0
    whole = coder.high.astype(np.float64) - coder.low.astype(np.float64) + grid
    kept = np.maximum(highs.astype(np.float64) - lows.astype(np.float64) + grid, 0.0)
    weight = np.diff(coder.mass) * np.where(whole > 0, kept / np.where(whole > 0, whole, 1.0), 1.0)
    weight = np.where(highs < lows, 0.0, weight)
    ok = np.zeros(coder.size, dtype=bool)
    least, most = coder.least.copy(), coder.most.copy()
    lows, highs = lows.copy(), highs.copy()
    for b in range(coder.bins):
        pieces = slice(coder.first[b], coder.first[b + 1])
        if weight[pieces].sum() <= 0:
            left = coder.edges[b - 1] if b else coder.least[0]
            right = coder.edges[b] - (1 if integral else 0) if b < coder.bins - 1 else coder.most[-1]
            if not integral and b < coder.bins - 1:
                right = np.nextafter(right, -np.inf)
            left = left if floor_at is None else max(left, floor_at)
            right = right if ceil_at is None else min(right, ceil_at)
            if left > right:
                highs[pieces] = lows[pieces] = coder.least[b]
                weight[pieces] = np.diff(coder.mass)[pieces]
                continue
            lows[pieces], highs[pieces], weight[pieces] = left, right, 1.0
        ok[b] = True
        used = weight[pieces] > 0
        least[b], most[b] = lows[pieces][used].min(), highs[pieces][used].max()
        idle = np.arange(pieces.start, pieces.stop)[~used]
        lows[idle] = highs[idle] = least[b]
    for i, sign in enumerate(coder.infinite):
        ok[coder.bins + i] = (low is None) if sign < 0 else (high is None)
    mass = np.concatenate([[0.0], np.cumsum(weight)])
    return replace(coder, low=lows, high=highs, mass=mass, least=least, most=most), ok


def pin(coder: NumberCoder, values: Sequence[int | float]) -> tuple[NumberCoder, NDArray[np.bool_]]:
    """The coder with these values only (ticks), equally likely inside a bin, and the codes that can give them."""
    wanted = np.unique(np.array([v for v in values if np.isfinite(v)], dtype=coder.edges.dtype))
    at = (wanted - coder.offset) // coder.step if coder.step > 1 else wanted
    on_grid = at * coder.step + coder.offset == wanted if coder.step > 1 else np.ones(len(at), dtype=bool)
    at = at[on_grid]
    owner = np.searchsorted(coder.edges, at, side="right")
    lows, counts = [], []
    for b in range(coder.bins):
        mine = at[owner == b]
        lows.append(mine if len(mine) else coder.least[b : b + 1])
        counts.append(max(1, len(mine)))
    low = np.concatenate(lows)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    least, most = np.minimum.reduceat(low, first[:-1]), np.maximum.reduceat(low, first[:-1])
    ok = np.zeros(coder.size, dtype=bool)
    ok[owner] = True
    for i, sign in enumerate(coder.infinite):
        ok[coder.bins + i] = any(np.isinf(v) and np.sign(v) == sign for v in values)
    pinned = replace(
        coder,
        first=first,
        low=low,
        high=low,
        mass=np.arange(len(low) + 1, dtype=np.float64),
        least=least,
        most=most,
        lattice=None,
    )
    return pinned, ok


def number_centres(coder: NumberCoder) -> NDArray[np.float32]:
    """float32 (size,): a representative tick of each code; NaN for missing."""
    ends = [np.float32(np.copysign(np.inf, s)) for s in coder.infinite]
    return np.concatenate([coder.centre, np.array(ends + [np.float32(np.nan)] * coder.missing, dtype=np.float32)])


def _to_grid(value: float | None, step: int, offset: int, integral: bool, up: bool) -> int | float | None:
    if value is None or not integral:
        return value
    value = min(max(value, -(2**63) + 1), 2**63 - 1)
    whole = int(value) if isinstance(value, int) else int(np.ceil(value) if up else np.floor(value))
    return -((offset - whole) // step) if up else (whole - offset) // step


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
    origin = rows[0]
    return float(origin) + float((rows - origin).astype(np.float64).mean())


def _protect_ends(
    ordered: Numbers, unique: Numbers, counts: NDArray[np.int64], limits: NumberLimits
) -> tuple[float, float]:
    k = max(1, min(limits.end_support, len(ordered)))
    low = float(unique[0]) if counts[0] >= limits.support else _average(ordered[:k])
    high = float(unique[-1]) if counts[-1] >= limits.support else _average(ordered[-k:])
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
    edges: Numbers, unique: Numbers, counts: NDArray[np.int64], start: float, end: float, limits: NumberLimits
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
    origin = rows[0]
    x = (rows - origin).astype(np.float64)
    mean = np.add.reduceat(x, at[:-1]) / size
    spread = np.sqrt(np.maximum(np.add.reduceat((x - np.repeat(mean, np.diff(at))) ** 2, at[:-1]) / size, 0.0))
    half = max(1, (support + 1) // 2)
    total = np.concatenate([[0.0], np.cumsum(x)])
    a, z = np.maximum(at[1:-1] - half, 0), np.minimum(at[1:-1] + half, n)
    knots = (total[z] - total[a]) / (z - a)
    base = float(origin)
    low = np.maximum(mean - _SPREAD * spread, np.concatenate([[float(floor_at) - base], knots]))
    high = np.minimum(mean + _SPREAD * spread, np.concatenate([knots, [float(ceil_at) - base]]))
    if rows.dtype.kind != "i":
        low, high = np.minimum(low, high) + base, np.maximum(low, high) + base
        return np.clip(low, floor_at, ceil_at), np.clip(high, floor_at, ceil_at), size
    low_i, high_i = np.ceil(low), np.floor(high)
    empty = low_i > high_i
    middle = np.rint((low + high) / 2)
    low_i, high_i = np.where(empty, middle, low_i), np.where(empty, middle, high_i)
    bottom = int(np.ceil(floor_at)) if isinstance(floor_at, float) else int(floor_at)
    top = int(np.floor(ceil_at)) if isinstance(ceil_at, float) else int(ceil_at)
    if bottom > top:
        bottom = top = round((float(floor_at) + float(ceil_at)) / 2)
    return (
        np.clip(origin + low_i.astype(np.int64), bottom, top),
        np.clip(origin + high_i.astype(np.int64), bottom, top),
        size,
    )
