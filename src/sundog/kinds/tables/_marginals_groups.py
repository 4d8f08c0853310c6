"""Cells joined to groups, so that counts of several columns stand out of the noise; and cells drawn from groups again.

Joining and weights use noisy counts only, so they cost nothing. Cells that the recipe tells apart (by what cannot be) are
never joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.kinds.tables._marginals_domains import Counted

CLEAR = 3.0
"""Standard deviations of noise that a group stands out by."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Cells of a column by group.

    Attributes:
        group: int32 (n_cells,), the group of each cell.
        mass: float64 (n_cells,), weight of a cell within its group, at least 0; a cell of weight 0 is never made.
    """

    group: NDArray[np.int32]
    mass: NDArray[np.float64]

    @property
    def size(self) -> int:
        """Number of groups."""
        return int(self.group.max()) + 1


def group_cells(
    counted: Counted, total: float, bins: int, apart: NDArray[np.int64], never: NDArray[np.bool_] | None = None
) -> Grouping:
    """Groups of a column's cells.

    Args:
        counted: the column.
        total: rows.
        bins: most groups of values.
        apart: int64 (n_cells,); cells with different numbers are not joined.
        never: bool (n_cells,), cells that are never made; None for none.
    """
    column = counted.column
    variance = np.where(np.isfinite(counted.variance), counted.variance, 0.0)
    noise = float(np.sqrt(variance.max()))
    label = _join_line if column.is_line else _join_values
    group = np.full(column.size, -1, np.int64)
    known = column.known if column.is_line else column.missing
    group[:known] = label(counted.counts[:known], noise, total / bins, bins, apart[:known])
    mass = _weigh(counted.counts, noise, group, column.other if not column.stated else -1)
    if counted.counts[column.missing] > CLEAR * noise:
        group[column.missing] = group.max() + 1
        mass[column.missing] = 1.0
    else:
        sums = np.bincount(group[:known], weights=np.maximum(counted.counts[:known], 0.0))
        group[column.missing] = int(np.argmax(sums))
        mass[column.missing] = 0.0
    if never is not None:
        mass[never] = 0.0
    return Grouping(group.astype(np.int32), mass)


def _join_line(
    counts: NDArray[np.float64], noise: float, target: float, bins: int, apart: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Neighbours are joined until a group has its part of the rows and stands out; a cell with as much stands alone."""
    starts = [0]
    held, joined = 0.0, 0
    for i, count in enumerate(counts):
        full = held >= target and held > CLEAR * noise * np.sqrt(joined)
        heavy = count >= 1.5 * target and count > 2 * CLEAR * noise
        if i and (apart[i] != apart[i - 1] or full or (heavy and held > CLEAR * noise * np.sqrt(joined))):
            starts.append(i)
            held, joined = 0.0, 0
        held, joined = held + count, joined + 1
        if heavy:
            held = max(held, target)
    begins = np.zeros(len(counts), np.int64)
    begins[starts] = 1
    return _absorb(np.cumsum(begins) - 1, counts, noise, apart)


def _absorb(
    group: NDArray[np.int64], counts: NDArray[np.float64], noise: float, apart: NDArray[np.int64]
) -> NDArray[np.int64]:
    """A last group that does not stand out joins the one before it, where it may."""
    last = group == group[-1]
    before = int(np.flatnonzero(last)[0]) - 1
    if before >= 0 and counts[last].sum() <= CLEAR * noise * np.sqrt(last.sum()) and apart[before] == apart[before + 1]:
        group = np.where(last, group[before], group)
    return group


def _join_values(
    counts: NDArray[np.float64], noise: float, target: float, bins: int, apart: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Values that stand out have a group each, the most frequent ones first; all others of a kind are one."""
    order = np.argsort(-counts, kind="stable")
    clear = [int(i) for i in order if counts[i] > CLEAR * noise][:bins]
    group = np.full(len(counts), -1, np.int64)
    group[clear] = np.arange(len(clear))
    rest = np.flatnonzero(group < 0)
    for kind in dict.fromkeys(apart[rest].tolist()):
        group[rest[apart[rest] == kind]] = group.max() + 1
    return group


def _weigh(counts: NDArray[np.float64], noise: float, group: NDArray[np.int64], unknown: int) -> NDArray[np.float64]:
    """Weights within groups: noisy counts, drawn towards their mean by the part of their spread that is noise."""
    mass = np.maximum(counts, 0.0)
    for g in range(int(group.max()) + 1):
        own = np.flatnonzero(group == g)
        if len(own) < 2:
            mass[own] = 1.0
            continue
        here = counts[own]
        spread = float(here.var())
        kept = max(0.0, 1.0 - noise**2 / spread) if spread > 0 else 0.0
        level = max(float(here.mean()), 1e-9)
        mass[own] = np.maximum(level + kept * (here - level), 1e-6 * level)
    if unknown >= 0:
        mass[unknown] = max(mass[unknown], 1e-9)
    return mass


def expand_groups(
    groupings: Sequence[Grouping],
    groups: NDArray[np.int32],
    uniform: Sequence[NDArray[np.float64]],
    fixed: NDArray[np.int32] | None,
    allowed: Sequence[NDArray[np.bool_] | None],
) -> NDArray[np.int32]:
    """Cells of rows of groups.

    Args:
        groupings: one a column.
        groups: int32 (n, n_columns).
        uniform: for each column float64 (n,) in [0, 1).
        fixed: int32 (n, n_columns), cells that are given, -1 where free; None for none.
        allowed: cells that each column may take; None for all, empty for all of all.
    """
    out = np.empty_like(groups)
    for j, grouping in enumerate(groupings):
        mask = allowed[j] if allowed else None
        mass = grouping.mass if mask is None else grouping.mass * mask
        order = np.lexsort((mass > 0, grouping.group))  # a cell that is never made is never the last of its group
        sums = np.bincount(grouping.group, weights=mass, minlength=grouping.size)
        share = mass[order] / np.where(sums > 0, sums, 1.0)[grouping.group[order]]
        own = grouping.group[order]
        starts = np.searchsorted(own, np.arange(grouping.size))
        running = np.cumsum(share)
        running = running - (running[starts] - share[starts])[own] + own
        last = np.searchsorted(own, np.arange(grouping.size), side="right") - 1
        running[last] = np.arange(grouping.size) + 1.0
        at = np.searchsorted(running, groups[:, j] + uniform[j], side="right")
        at = np.clip(at, starts[groups[:, j]], last[groups[:, j]])
        out[:, j] = order[at]
        if fixed is not None:
            known = fixed[:, j] >= 0
            out[known, j] = fixed[known, j]
    return out


def group_codes(grouping: Grouping, cells: NDArray[np.int32]) -> NDArray[np.int32]:
    """Groups of cells, -1 where the cell is -1: int32, same shape."""
    return np.where(cells >= 0, grouping.group[np.maximum(cells, 0)], np.int32(-1)).astype(np.int32)


def group_allowed(grouping: Grouping, allowed: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
    """Groups of which some cell is allowed and can be made: bool (n_groups,); None for all."""
    if allowed is None:
        return None
    return np.bincount(grouping.group, weights=grouping.mass * allowed, minlength=grouping.size) > 0
