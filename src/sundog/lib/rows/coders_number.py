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

import numpy as np
from numpy.typing import NDArray

from sundog.lib.rows.lattice import Lattice, round_to_lattice
from sundog.lib.rows.scale import Numbers
from sundog.lib.rows.weekdays import Weekdays, move_to_weekdays


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
        weekdays: shares of kinds of days among unsupported dates, or None.
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
    weekdays: Weekdays | None
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
        return np.clip(low * (1.0 - inside) + high * inside, low, high), missing, infinite
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
    if coder.weekdays is not None:
        loose = np.flatnonzero(span > 0)
        owner = bins[loose]
        days = move_to_weekdays(coder.weekdays, line[loose], uniform[loose, 1])
        near = [days, days + 7, days - 7]  # the week before or after, where a bin ends within the week
        fits_in = [(d >= coder.least[owner]) & (d <= coder.most[owner]) for d in near]
        line[loose] = np.select(fits_in, near, line[loose])
    return (line * coder.step + coder.offset if coder.step > 1 else line), missing, infinite


def narrow(coder: NumberCoder, low: float | None, high: float | None) -> tuple[NumberCoder, NDArray[np.bool_]]:
    """The coder with values between ``low`` and ``high`` (ticks, both included) only, and the codes that can give such values.

    A bin that reaches into the range gives values of the overlap; where the range lies in an empty place of a bin, the overlap is filled evenly.
    """
    integral = coder.integral
    floor_at = to_grid(low, coder.step, coder.offset, integral, True)
    ceil_at = to_grid(high, coder.step, coder.offset, integral, False)
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
        weekdays=None,
    )
    return pinned, ok


def number_centres(coder: NumberCoder) -> NDArray[np.float32]:
    """float32 (size,): a representative tick of each code; NaN for missing."""
    ends = [np.float32(np.copysign(np.inf, s)) for s in coder.infinite]
    return np.concatenate([coder.centre, np.array(ends + [np.float32(np.nan)] * coder.missing, dtype=np.float32)])


def to_grid(value: float | None, step: int, offset: int, integral: bool, up: bool) -> int | float | None:
    """The first grid index at or above (``up``), or the last at or below, a tick; the tick itself without a grid."""
    if value is None or not integral:
        return value
    value = min(max(value, -(2**63) + 1), 2**63 - 1)
    whole = int(value) if isinstance(value, int) else int(np.ceil(value) if up else np.floor(value))
    return -((offset - whole) // step) if up else (whole - offset) // step
