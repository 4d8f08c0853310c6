"""Heaping: the share of round numbers (multiples of 5, 10, 50, 100; of 5, 15, 30 minutes) among values, found and drawn again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MIN_ROWS = 200  # rows before heaping is looked for
_MIN_EXCESS = 0.02  # total variation between seen and expected shares of the levels

SECONDS = (1, 5, 15, 30, 60, 300, 900, 1800, 3600, 43_200, 86_400)
"""Steps at which people round times, in seconds; each divides the next."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """Shares of rounding levels.

    Attributes:
        steps: int64 (n_levels,) grid steps; each is a multiple of the one before; steps[0] = 1.
        shares: float32 (n_bins, n_levels) cumulative share of rows by the largest step that divides the value.
    """

    steps: NDArray[np.int64]
    shares: NDArray[np.float32]


def decimal_chain(decimals: int, highest: int) -> tuple[int, ...]:
    """1, 5, 10, 50, ... up to ``highest``, in units of the last decimal place (so that whole numbers and halves are among them)."""
    steps = [1]
    while steps[-1] * 5 <= max(highest, 10**decimals) and steps[-1] < 2**58:
        steps.append(steps[-1] * (5 if len(steps) % 2 else 2))
    return tuple(steps)


def time_chain(per_second: int) -> tuple[int, ...]:
    """Steps for times, in ticks: fractions of a second by tens, then the steps of ``SECONDS``."""
    steps = [1]
    while steps[-1] * 10 < per_second:
        steps.append(steps[-1] * 10)
    return tuple(s for s in steps if s < per_second) + tuple(s * per_second for s in SECONDS)


def find_lattice(
    values: NDArray[np.int64], bins: NDArray[np.int64], n_bins: int, chain: tuple[int, ...]
) -> Lattice | None:
    """The shares of rounding levels by bin, or None where values are no rounder than chance.

    Args:
        values: int64 (n,) on the grid of ``chain``.
        bins: int (n,) bin of each value.
        n_bins: number of bins.
        chain: grid steps; chain[0] = 1.
    """
    if len(values) < _MIN_ROWS:
        return None
    reach = int(np.quantile(np.abs(values.astype(np.float64)), 0.99)) if len(values) else 0
    steps = np.array([s for s in chain if s <= max(reach, 1)], dtype=np.int64)
    if len(steps) < 2:
        return None
    level = np.zeros(len(values), dtype=np.int64)
    for i, step in enumerate(steps[1:], 1):
        level[(values % step == 0) & (level == i - 1)] = i
    seen = np.bincount(level, minlength=len(steps)) / len(values)
    expected = 1.0 / steps - np.append(1.0 / steps[1:], 0.0)
    if np.abs(seen - expected).sum() / 2 < max(_MIN_EXCESS, 1.5 / np.sqrt(len(values))):
        return None
    table: NDArray[np.float64] = (
        np.bincount(bins * len(steps) + level, minlength=n_bins * len(steps))
        .reshape(n_bins, len(steps))
        .astype(np.float64)
    )
    table = table + 20.0 * seen  # a bin with few rows leans on the whole column
    shares = np.cumsum(table, axis=1) / table.sum(axis=1, keepdims=True)
    shares[:, -1] = 1.0
    return Lattice(steps, shares.astype(np.float32))


def round_to_lattice(
    lattice: Lattice,
    values: NDArray[np.int64],
    fraction: NDArray[np.float64],
    bins: NDArray[np.int32],
    uniform: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Move values to the rounding level that ``uniform`` draws: near, in order, and not to a rounder number than that.

    Args:
        lattice: shares by bin.
        values: int64 (n,) evenly spread values.
        fraction: float64 (n,) in [0, 1): where between two values the draw fell; breaks ties of coarse to fine.
        bins: int32 (n,).
        uniform: float64 (n,) in [0, 1).

    Returns:
        int64 (n,). Inside each block between two numbers of the next level the draw is even over the numbers of this level.
    """
    level = (uniform[:, None] >= lattice.shares[bins]).sum(axis=1)
    level = np.minimum(level, len(lattice.steps) - 1)
    step = lattice.steps[level]
    top = level == len(lattice.steps) - 1
    block = np.where(top, step, lattice.steps[np.minimum(level + 1, len(lattice.steps) - 1)])
    down = values // block
    into = ((values - down * block) + fraction) / block  # in [0, 1)
    ratio = block // step
    inside = 1 + np.minimum((into * (ratio - 1)).astype(np.int64), np.maximum(ratio - 2, 0))
    nearest = np.where(into >= 0.5, down + 1, down) * block
    return np.where(top, nearest, down * block + inside * step)
