"""How a column of numbers is spread: shares of the rows up to a few places, none of which is the value of a few rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GRID = 400
"""Quantiles that are looked at for places."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Shares of the rows up to some places.

    Attributes:
        at: float64 (k,), rising, in the unit of the column.
        below: float64 (k,), share of the rows up to each place, not falling; 0 at the first and 1 at the last.
        step: values are multiples of it; 0 where they are not.
        rows: how many rows it stands for.
        noise: what the shares may be off by, beyond the sampling of the rows.
    """

    at: Floats
    below: Floats
    step: float
    rows: float
    noise: float = 0.0

    def share(self, x: Floats) -> Floats:
        """Share of the rows up to each x, by straight lines between the places: float64 (n,)."""
        return np.interp(x, self.at, self.below)


def find_grain(low: float, high: float) -> float:
    """What numbers between two ends are rounded to: one part in 1,000 or so of the range, as a power of 10."""
    spread = high - low
    if not 0 < spread < math.inf:
        return 1.0
    return float(10.0 ** (math.floor(math.log10(spread)) - 3))


def count_owners(values: Floats, owners: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """Owners that hold each different value, in the order of the values: int64 (k,); rows where there are no owners."""
    if owners is None:
        return np.asarray(np.unique(values, return_counts=True)[1], np.int64)
    order = np.lexsort((owners, values))
    value, owner = values[order], owners[order]
    new = np.append(True, (value[1:] != value[:-1]) | (owner[1:] != owner[:-1]))
    return np.asarray(np.unique(value[new], return_counts=True)[1], np.int64)


def _find_ends(values: Floats, owners: NDArray[np.int64] | None, least: int) -> tuple[float, float] | None:
    """Values that at least ``least`` owners do not pass, on either side."""
    if owners is None:
        n = len(values)
        return float(np.partition(values, least - 1)[least - 1]), float(np.partition(values, n - least)[n - least])
    order = np.argsort(values, kind="stable")
    ends = []
    for side in (order, order[::-1]):
        first = np.sort(np.unique(owners[side], return_index=True)[1])
        if len(first) < 2 * least:
            return None
        ends.append(float(values[side[first[least - 1]]]))
    return (ends[0], ends[1]) if ends[0] < ends[1] else None


def trace_curve(values: Floats, step: float, least: int, owners: NDArray[np.int64] | None = None) -> Curve | None:
    """The curve of a column, with at least ``least`` rows between neighbouring places. Where rows lie beyond the last place
    with so many beyond it, the curve ends where an even tail of them would.

    A place is half a step beside a value that at least ``least`` rows hold, or else a number rounded to about one part in
    1,000 of the range and moved by half a step where some rows hold it.

    Args:
        values: float64 (n,), the values that are there, in any order.
        step: of the values; 0 for none.
        least: rows of a group; owners, for what a single value and the ends are held by.
        owners: int64 (n,), whose row each is; None where each row is somebody of its own.

    Returns:
        None where there are fewer than ``2 * least`` values, or they lie too close together to tell places apart.
    """
    n = len(values)
    if n < 2 * least:
        return None
    ordered = np.sort(values)
    distinct, first = np.unique(ordered, return_index=True)
    counts = np.diff(np.append(first, n))
    held = counts if owners is None else count_owners(values, owners)
    ends = _find_ends(values, owners, least)
    if ends is None:
        return None
    grain = find_grain(*_middle(ordered))
    places, edges = _list_places(distinct, counts, held, first, ends, step, grain, least)
    below = np.searchsorted(ordered, places, side="right").astype(np.int64)
    # A place beyond which fewer lie, but not none, is no end.
    inner = ((below == 0) | (below >= least)) & ((below == n) | (n - below >= least))
    places, edges, below = places[inner], edges[inner], below[inner]
    places, below = _keep_groups(places, edges, below, n, least)
    if len(places) < 2:
        return None
    share = (below / n).astype(np.float64)
    low = _extend(places, share, step, grain, distinct, held, least)
    high = _extend(-places[::-1], 1 - share[::-1], step, grain, -distinct[::-1], held[::-1], least)
    if low is not None:
        places, share = np.append(low, places), np.append(0.0, share)
    if high is not None:
        places, share = np.append(places, -high), np.append(share, 1.0)
    share[0], share[-1] = 0.0, 1.0
    return Curve(places, share, step, n)


def _extend(
    places: Floats,
    share: Floats,
    step: float,
    grain: float,
    distinct: Floats,
    held: NDArray[np.int64],
    least: int,
) -> float | None:
    """Where an even tail of the rows before the first place would end; None where no rows lie before the first place.

    The end is made up: what lies in the tail is not told. It has the sign that all values have.
    """
    if share[0] <= 0:
        return None
    # Over a tenth of the rows from the first place on, and over the next tenth, so that chance in small groups says little.
    near, far = (float(np.interp(share[0] + part, share, places)) for part in (0.1, 0.2))
    density, inner = 0.1 / max(near - float(places[0]), 1e-300), 0.1 / max(far - near, 1e-300)
    first = (share[1] - share[0]) / (places[1] - places[0])
    # A density that falls towards the end fades out, one that does not ends where it is.
    width = 2 * share[0] / max(first, 1e-300) if density < 0.7 * inner else share[0] / max(density, 1e-300)
    reach = places[-1] - places[0]
    end = float(places[0]) - max(min(width, reach), step)
    half = step / 2 if step else grain / 10
    if distinct[0] >= 0:
        end = max(end, 0.0)
    coarse = max(grain, step) if step else grain
    end = tidy(math.floor(end / coarse) * coarse, min(coarse, half))
    at = int(np.searchsorted(distinct, end))
    if (at < len(distinct) and distinct[at] == end and held[at] < least) or (step and grain <= step):
        end = tidy(end - half, min(coarse, half))
    return min(end, float(places[0]) - max(half, 1e-12))


def _middle(ordered: Floats) -> tuple[float, float]:
    n = len(ordered)
    low, high = ordered[int(0.01 * (n - 1))], ordered[int(0.99 * (n - 1))]
    return (float(low), float(high)) if high > low else (float(ordered[0]), float(ordered[-1]))


def _list_places(
    distinct: Floats,
    counts: NDArray[np.int64],
    holders: NDArray[np.int64],
    first: NDArray[np.int64],
    ends: tuple[float, float],
    step: float,
    grain: float,
    least: int,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Places, and whether each is the edge of a heap."""
    n = int(counts.sum())
    wanted = np.unique(np.searchsorted(first, (np.linspace(0, 1, GRID) * (n - 1)).astype(np.int64), side="right") - 1)
    # Values with many rows are places of their own, so that heaps stay heaps; 300 of them at most.
    heavy = np.flatnonzero((counts >= n // 1_000) & (holders >= least))
    heavy = heavy[np.argsort(-counts[heavy], kind="stable")[:300]]
    tail = np.flatnonzero((distinct == ends[0]) | (distinct == ends[1]))
    heaps = set(heavy.tolist())
    half = step / 2 if step else grain / 10
    finest = min(grain, half)
    found: dict[float, bool] = {}
    for i in np.unique(np.concatenate([wanted, heavy, tail])).tolist():
        value = float(distinct[i])
        if not ends[0] <= value <= ends[1]:
            continue
        if holders[i] >= least:
            for place in (value - half, value + half):
                found[tidy(place, finest)] = found.get(tidy(place, finest), False) or i in heaps
            continue
        coarse = max(grain, 10 * step) if step and grain <= step else grain
        rounded = tidy(round(value / coarse) * coarse, coarse)
        held = int(np.searchsorted(distinct, rounded))
        rare = held < len(distinct) and distinct[held] == rounded and holders[held] < least
        if rare or (step and grain <= step):
            rounded += half
        found.setdefault(tidy(rounded, finest), False)
    places = sorted(found)
    return np.array(places, np.float64), np.array([found[x] for x in places], np.bool_)


def tidy(value: float, grain: float) -> float:
    """The value without the noise of binary fractions below its grain."""
    if not math.isfinite(value) or grain <= 0:
        return value
    digits = max(0, min(15, 2 - math.floor(math.log10(grain))))
    return float(round(value, digits))


def _keep_groups(
    places: Floats, edges: NDArray[np.bool_], below: NDArray[np.int64], n: int, least: int
) -> tuple[Floats, NDArray[np.int64]]:
    """Places with at least ``least`` rows between neighbours; the first and the last one stay."""
    kept: list[int] = []
    for i in range(len(places)):
        before = int(below[kept[-1]]) if kept else -least
        if int(below[i]) - before >= least:
            kept.append(i)
        elif edges[i] and edges[kept[-1]]:
            # Two heaps with few rows between: those count into the second, so that they are not told.
            kept.append(i)
            below[i] = before
        elif edges[i] and len(kept) > 1:
            kept[-1] = i
    last = len(places) - 1
    if len(kept) > 1 and kept[-1] != last:
        kept[-1] = last
    at = np.array(kept, np.int64)
    return places[at], below[at]


def thin_curve(curve: Curve, most: int = 48) -> Curve:
    """A curve with fewer places that stays close to this one: places are added where straight lines are farthest off."""
    kept = {0, len(curve.at) - 1}
    wanted = 0.003 + 0.3 / math.sqrt(max(curve.rows, 1.0)) + curve.noise / 2
    while len(kept) < min(most, len(curve.at)):
        order = sorted(kept)
        off = np.abs(np.interp(curve.at, curve.at[order], curve.below[order]) - curve.below)
        worst = int(np.argmax(off))
        if off[worst] <= wanted:
            break
        kept.add(worst)
    order = sorted(kept)
    return Curve(curve.at[order], curve.below[order], curve.step, curve.rows, curve.noise)
