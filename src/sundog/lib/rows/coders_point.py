"""Places as codes: cells of equal mass, so that a drawn pair of latitude and longitude lies where pairs lie.

The plane is halved at medians, along the longer side each time, down to cells; the bits of a code are the halvings, so that near codes
are near places. Inside a cell lie smaller cells of at least ``support`` rows; a place is drawn from the even ellipse-shaped patch with the mean and
covariance of such rows, cut to the cell. A street or a coast keeps its direction; no place of a single row is given out.

Source: k-d trees, Bentley, CACM 18(9), 1975, doi:10.1145/361002.361007.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_CELLS = 1024
MAX_PATCHES = 16
_PATCH_ROWS = 20
_NEAR = 8  # patches on either side of a given coordinate
_WIDE_GAP = 0.25  # of the reach of a patch: rows on its two sides are two patches
_FAR = 8.0  # times the median distance from the middle of a patch that a place counts as away, at most


@dataclass(frozen=True, slots=True)
class PointCoder:
    """Cells of the plane.

    Attributes:
        axis: int8 (n_cells - 1,) axis along which inner node i is halved (heap order: children 2i+1, 2i+2).
        cut: float64 (n_cells - 1,) values below ``cut`` go left.
        low: float64 (n_cells, 2) lower corner of each cell, degrees.
        high: float64 (n_cells, 2) upper corner.
        first: int32 (n_cells + 1,) first patch of each cell.
        mass: float64 (n_patches + 1,) cumulative rows.
        centre: float64 (n_patches, 2) mean of each patch.
        spread: float64 (n_patches, 2, 2) square root of the covariance (lower triangular).
        missing: whether the last code means missing.
    """

    axis: NDArray[np.int8]
    cut: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    first: NDArray[np.int32]
    mass: NDArray[np.float64]
    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    missing: bool

    @property
    def cells(self) -> int:
        """Number of cells, a power of two."""
        return len(self.low)

    @property
    def size(self) -> int:
        """Number of codes."""
        return self.cells + self.missing


def learn_point(points: NDArray[np.float64], support: int, cells: int, missing: bool) -> PointCoder:
    """Learn cells and patches.

    Args:
        points: float64 (n, 2) latitude and longitude in degrees, n >= 2 * support.
        support: rows behind every mean and cut.
        cells: most cells.
        missing: whether a code for missing is wanted.
    """
    depth = 0
    cells = min(cells, MAX_CELLS, len(np.unique(points, axis=0)))
    while 2 ** (depth + 1) <= cells and len(points) // 2 ** (depth + 1) >= 2 * max(support, _PATCH_ROWS):
        depth += 1
    count = 2**depth
    axis, cut = np.zeros(count - 1, dtype=np.int8), np.zeros(count - 1)
    low, high = np.full((count, 2), -np.inf), np.full((count, 2), np.inf)
    groups = [points]
    lows, highs = [np.full(2, -np.inf)], [np.full(2, np.inf)]
    node = 0
    for _ in range(depth):
        next_groups, next_lows, next_highs = [], [], []
        for rows, a, z in zip(groups, lows, highs, strict=True):
            axis[node], cut[node] = _halve(rows, support)
            left = rows[:, axis[node]] < cut[node]
            next_groups += [rows[left], rows[~left]]
            upper, lower = z.copy(), a.copy()
            upper[axis[node]] = lower[axis[node]] = cut[node]
            next_lows += [a, lower]
            next_highs += [upper, z]
            node += 1
        groups, lows, highs = next_groups, next_lows, next_highs
    low[:], high[:] = lows, highs
    patches = [_find_patches(rows, points, support, a, z) for rows, a, z in zip(groups, lows, highs, strict=True)]
    first = np.concatenate([[0], np.cumsum([len(p[0]) for p in patches])]).astype(np.int32)
    mass = np.concatenate([[0.0], np.cumsum(np.concatenate([p[0] for p in patches]))])
    return PointCoder(
        axis,
        cut,
        low,
        high,
        first,
        mass,
        np.concatenate([p[1] for p in patches]),
        np.concatenate([p[2] for p in patches]),
        missing,
    )


def _halve(rows: NDArray[np.float64], support: int) -> tuple[int, float]:
    """Axis of the longer side and the average of the rows around the median; an empty cell is halved anywhere."""
    if len(rows) < 2:
        return 0, float(rows[0, 0]) if len(rows) else 0.0
    shape = np.quantile(rows, 0.95, axis=0) - np.quantile(rows, 0.05, axis=0)
    shape[1] *= np.cos(np.deg2rad(rows[:, 0].mean()))
    axis = int(shape[1] > shape[0])
    values = np.sort(rows[:, axis])
    at = len(values) // 2
    half = max(1, (support + 1) // 2)
    near = values[max(0, at - half) : at + half]
    mean = float(near.mean())
    # many equal values in the middle: cut above them, so that they stay together
    return axis, float(np.nextafter(mean, np.inf)) if near[0] == near[-1] else mean


def _draw_in(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rows, those far off the others drawn nearer: else one place abroad would stand in mean and spread alone."""
    if not len(rows):
        return rows
    middle = np.median(rows, axis=0)
    usual = np.median(np.abs(rows - middle), axis=0)
    reach = np.where(usual > 0, _FAR * usual, np.inf)
    return np.asarray(np.clip(rows, middle - reach, middle + reach))


def _find_patches(
    rows: NDArray[np.float64],
    everything: NDArray[np.float64],
    support: int,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Rows, means and spreads of the patches of one cell. A cell with too few rows borrows the rows nearest to it."""
    if len(rows) < support:
        inside = np.clip(everything, low, high)
        nearest = np.argsort(((inside - everything) ** 2).sum(axis=1), kind="stable")[:support]
        borrowed = np.clip(everything[nearest], low, np.nextafter(high, -np.inf))
        return np.array([max(1e-9, len(rows))], dtype=np.float64), borrowed.mean(axis=0)[None], np.zeros((1, 2, 2))
    places, owner, counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    known = np.flatnonzero(counts >= support)  # an address that enough rows share is a patch of no size
    loose = rows[~np.isin(owner.reshape(-1), known)]
    if len(known) and len(loose) < support:
        loose = loose[:0]  # too few to average: their mass goes to the addresses
    groups = [loose] if len(loose) else []
    while 0 < len(groups) < MAX_PATCHES:
        finer = [part for g in groups for part in _split_patch(g, support)]
        if len(finer) == len(groups):
            break
        groups = finer
    groups = [_draw_in(g) for g in groups]
    sizes = np.concatenate([counts[known].astype(np.float64), [float(len(g)) for g in groups]])
    means = np.concatenate([places[known], [g.mean(axis=0) for g in groups]]) if groups else places[known]
    spreads = (
        np.concatenate([np.zeros((len(known), 2, 2)), [_root(g) for g in groups]])
        if groups
        else np.zeros((len(known), 2, 2))
    )
    return sizes, means, spreads


def _split_patch(rows: NDArray[np.float64], support: int) -> list[NDArray[np.float64]]:
    """Two patches at the widest gap, where it is wide, or at the median, where there are rows enough; else one."""
    if len(rows) < 2 * support:
        return [rows]
    best, axis, cut = 0.0, 0, 0.0
    for k in (0, 1):
        values = np.sort(rows[:, k])
        gaps = np.diff(values)[support - 1 : len(values) - support]
        at = int(np.argmax(gaps))
        reach = values[-1] - values[0]
        if reach > 0 and gaps[at] / reach > best:
            best, axis, cut = float(gaps[at] / reach), k, float(values[support + at])
    if best < _WIDE_GAP:
        if len(rows) < 2 * max(support, _PATCH_ROWS):
            return [rows]
        axis, cut = _halve(rows, support)
    left = rows[:, axis] < cut
    if left.sum() < support or (~left).sum() < support:
        return [rows]
    return [rows[left], rows[~left]]


def _root(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lower triangular square root of the covariance; zero where all rows are one place."""
    centred = rows - rows.mean(axis=0)
    a, b, c = (centred[:, 0] ** 2).mean(), (centred[:, 0] * centred[:, 1]).mean(), (centred[:, 1] ** 2).mean()
    p = np.sqrt(a)
    q = b / p if p > 0 else 0.0
    return np.array([[p, 0.0], [q, np.sqrt(max(c - q * q, 0.0))]])


def encode_point(coder: PointCoder, points: NDArray[np.float64], missing: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Cells of places: int32 (n,)."""
    node = np.zeros(len(points), dtype=np.int64)
    row = np.arange(len(points))
    while coder.cells > 1 and len(points) and node[0] < coder.cells - 1:
        node = 2 * node + 1 + (points[row, coder.axis[node]] >= coder.cut[node])
    codes = (node - (coder.cells - 1)).astype(np.int32)
    if missing.any():
        codes[missing] = coder.size - 1 if coder.missing else 0
    return codes


def decode_point(
    coder: PointCoder, codes: NDArray[np.int32], uniform: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Places float64 (n, 2) and missing bool (n,); ``uniform`` float64 (n, 4) in [0, 1)."""
    missing = codes == coder.size - 1 if coder.missing else np.zeros(len(codes), dtype=bool)
    cell = np.minimum(codes, coder.cells - 1)
    cuts = coder.mass[coder.first]
    place = cuts[cell] + uniform[:, 0] * (cuts[cell + 1] - cuts[cell])
    patch = np.clip(np.searchsorted(coder.mass, place, side="right") - 1, coder.first[cell], coder.first[cell + 1] - 1)
    # even on a disc of radius 2: unit covariance
    radius, turn = 2.0 * np.sqrt(uniform[:, 1]), 2.0 * np.pi * uniform[:, 2]
    x, y = radius * np.cos(turn), radius * np.sin(turn)
    spread = coder.spread[patch]
    centre, low, high = coder.centre[patch], coder.low[cell], coder.high[cell]
    away = np.column_stack([spread[:, 0, 0] * x, spread[:, 1, 0] * x + spread[:, 1, 1] * y])
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(away > 0, (high - centre) / away, np.where(away < 0, (low - centre) / away, np.inf)).min(axis=1)
    shrink = np.where(room < 1, np.maximum(room, 0) * uniform[:, 3], 1.0)  # no heap at the border of a cell
    return np.clip(centre + away * shrink[:, None], low, np.nextafter(high, -np.inf)), missing


def choose_cells(
    coder: PointCoder, axis: int, values: NDArray[np.float64], uniform: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Cells of patches whose latitude (axis 0) or longitude (1) is near the given ones, by their rows: int32 (n,)."""
    order = np.argsort(coder.centre[:, axis], kind="stable")
    ranked, rows, reach = (
        coder.centre[order, axis],
        np.diff(coder.mass)[order],
        np.abs(coder.spread[order, axis]).sum(axis=1),
    )
    at = np.searchsorted(ranked, values)[:, None] + np.arange(-_NEAR, _NEAR)
    near = np.clip(at, 0, len(order) - 1)
    away = (ranked[near] - values[:, None]) ** 2
    weight = np.where(near == at, rows[near] / (away + reach[near] ** 2 + 1e-12), 0.0)
    cumulative = np.cumsum(weight, axis=1)
    picked = (uniform[:, None] * cumulative[:, -1:] >= cumulative).sum(axis=1)
    chosen = order[near[np.arange(len(values)), np.minimum(picked, near.shape[1] - 1)]]
    return np.asarray(np.searchsorted(coder.first, chosen, side="right") - 1, dtype=np.int32)


def point_centres(coder: PointCoder) -> NDArray[np.float32]:
    """float32 (size,): place of each cell along the order of codes, NaN for missing (a place is not one number)."""
    numbers = np.arange(coder.size, dtype=np.float32)
    if coder.missing:
        numbers[-1] = np.nan
    return numbers
