"""From noisy counts to curves, shares and correlations. All of it uses answers only, so it costs nothing."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sundog.kinds.records.start.asked import Bins
from sundog.kinds.records.start.curves import Curve, Floats
from sundog.lib.privacy.ledger import Release

CLEAR = 3.0
"""Standard deviations of the noise beyond which a count is taken for more than noise."""


def find_noise(release: Release) -> float:
    """Standard deviation of the noise on each cell, in rows."""
    return release.scale * (math.sqrt(2) if "laplace" in release.mechanism else 1.0)


def find_missing(counts: NDArray[np.int64], missing: int, noise: float) -> float:
    """Share of the rows without a value, 0 where it may be noise."""
    total = max(float(counts.sum()), 0.0) + max(missing, 0)
    return round(missing / total, 4) if total > 0 and missing > CLEAR * noise else 0.0


def find_zeros(counts: NDArray[np.int64], bins: Bins, noise: float) -> float:
    """Share of values that are exactly 0, where they are a heap; 0 where they are none."""
    if bins.zero < 0:
        return 0.0
    total = max(float(counts.sum()), float(counts[bins.zero]), 1.0)
    share = float(counts[bins.zero]) / total
    beside = counts[max(0, bins.zero - 1) : bins.zero + 2]
    return (
        round(min(share, 0.9999), 4)
        if share >= 0.05 + CLEAR * noise / total and share * total > beside.sum() / 2
        else 0.0
    )


def draw_curve(counts: NDArray[np.int64], bins: Bins, noise: float, without_zero: bool) -> Curve | None:
    """The curve of noisy counts: empty ends cut off, bins joined until each group stands out of the noise.

    Returns:
        None where nothing stands out.
    """
    found = counts.astype(np.float64).copy()
    edges = np.asarray(bins.edges)
    if without_zero and bins.zero >= 0:
        found[bins.zero] = 0.0
    high = 4.0 * noise if noise else 0.5
    full = np.flatnonzero(found > high)
    if not len(full):
        return None
    first = _reach_out(found, int(full[0]), high)
    last = len(found) - 1 - _reach_out(found[::-1], len(found) - 1 - int(full[-1]), high)
    at, mass = [float(edges[first])], []
    held, joined = 0.0, 0
    for i in range(first, last + 1):
        if joined and found[i] > CLEAR * noise and found[i] > 2 * held:
            # A bin that stands out by itself is not joined to the few before it.
            at.append(float(edges[i]))
            mass.append(max(held, 0.0))
            held, joined = 0.0, 0
        held, joined = held + found[i], joined + 1
        if held > CLEAR * noise * math.sqrt(joined) or i == last:
            at.append(float(edges[i + 1]))
            mass.append(max(held, 0.0))
            held, joined = 0.0, 0
    total = sum(mass)
    if total <= 0:
        return None
    below = np.append(0.0, np.cumsum(mass) / total)
    below[-1] = 1.0
    spread = noise * math.sqrt(last - first + 1) / total
    return Curve(np.array(at), below, bins.step, total, 2 * spread)


def _reach_out(found: Floats, first: int, high: float) -> int:
    """The first bin that belongs to the rows: bins before it that stand out of the noise together are taken in, as many as do."""
    while first > 0:
        sums = np.cumsum(found[:first][::-1])
        clear = np.flatnonzero(sums > high * np.sqrt(np.arange(1, first + 1)))
        if not len(clear):
            break
        first -= int(clear[0]) + 1
    return first


def weigh(labels: tuple[str, ...], counts: NDArray[np.int64], noise: float) -> dict[str, float]:
    """Weights of values: those whose noisy count is above the noise, or all alike where none is."""
    kept = {v: float(n) for v, n in zip(labels, counts.tolist(), strict=True) if n > noise}
    total = sum(kept.values())
    if total <= 0:
        return {v: round(1 / len(labels), 4) for v in labels}
    return {v: w for v, n in sorted(kept.items(), key=lambda p: (-p[1], p[0])) if (w := round(n / total, 4)) > 0}


def shape_noisy(counts: NDArray[np.int64], possible: NDArray[np.int64], noise: float) -> list[float] | None:
    """Relative frequencies of parts of the calendar; None where they may be even."""
    total = float(np.maximum(counts, 0).sum())
    if total <= 0:
        return None
    expected = total * possible / possible.sum()
    spread = np.sqrt(expected + noise**2)
    if float((((counts - expected) / spread) ** 2).sum()) < 6 * len(counts):
        return None
    rate = np.maximum(counts, 0) / np.maximum(possible, 1)
    rate = rate / rate.mean()
    return [round(float(x), 2) for x in rate] if float(np.abs(rate - 1).max()) >= 0.05 else None


def correlate_cells(counts: NDArray[np.int64], shape: tuple[int, int], noise: float) -> tuple[float, float]:
    """Rank correlation of two grouped columns from the noisy counts of their cells, and its standard error by noise.

    The middle ranks of the groups stand for their rows; groups of about equal size, five of a column, lose a twentieth.
    """
    table = np.maximum(counts.astype(np.float64).reshape(shape), 0.0)
    total = table.sum()
    if total <= 0:
        return 0.0, 1.0
    share = table / total
    x, y = _middle_ranks(share.sum(axis=1)), _middle_ranks(share.sum(axis=0))
    px, py = share.sum(axis=1), share.sum(axis=0)
    dx, dy = x - px @ x, y - py @ y
    spread = math.sqrt(float(px @ dx**2) * float(py @ dy**2))
    if spread <= 0:
        return 0.0, 1.0
    error = noise * math.sqrt(float((np.outer(dx, dy) ** 2).sum())) / total / spread
    return float(np.clip(dx @ share @ dy / spread, -1, 1)), error


def _middle_ranks(share: Floats) -> Floats:
    return np.asarray(np.cumsum(share) - share / 2, np.float64)
