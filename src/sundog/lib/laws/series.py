"""Series within a unit: random walks and autoregressions over rows that are there, one word a row.

The rows of all units lie one after another; unit u has the rows offsets[u] .. offsets[u + 1] - 1. A row depends on the words of
its own unit up to itself, and on nothing else.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.laws.elementary import compute_exp, compute_log, invert_normals, spread_words
from sundog.lib.laws.law import Law, Parameter, as_rows, check_finite, check_order, check_positive, check_range

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def lay_offsets(units: int, length: int) -> Integers:
    """Offsets of units of one length: int64 (units + 1,)."""
    return np.arange(units + 1, dtype=np.int64) * length


def draw_walk(
    words: NDArray[np.uint64],
    offsets: Integers,
    step: Law,
    start: Parameter = 0.0,
    low: float = -math.inf,
    high: float = math.inf,
) -> Floats:
    """Random walks: each row is the one before it and a step.

    Args:
        words: uint64 (rows,).
        offsets: int64 (units + 1,).
        step: law of the steps, the first row's too; with parameters by row, if any, for all rows.
        start: where the walk of each unit stands before its first row, one number or float64 (units,).
        low: the walk is reflected here; no limit when infinite.
        high: the same.

    Returns:
        float64 (rows,). A step of more than the width between the limits is reflected as often as it takes.
    """
    steps = step.draw(words).astype(np.float64, copy=False)
    found = np.empty(len(words))
    _add_steps(steps, offsets, as_rows(start), low, high, found)
    return found


def draw_autoregression(
    words: NDArray[np.uint64],
    offsets: Integers,
    center: Parameter,
    sd: Parameter,
    carry: Parameter,
    spacing: Floats | None = None,
) -> Floats:
    """Stationary autoregressions of first order, AR(1): normal noise that remembers.

    Args:
        words: uint64 (rows,).
        offsets: int64 (units + 1,).
        center: mean, one number or float64 (units,).
        sd: standard deviation of the series (not of its innovations), the same.
        carry: correlation of neighbours, in (-1, 1), the same.
        spacing: float64 (rows,), how many steps lie between a row and the one before it in its unit, above 0; 1 where there is
            none. The correlation is then carry**spacing, and carry must not be negative (an Ornstein-Uhlenbeck process).

    Returns:
        float64 (rows,); the first row of each unit comes from the stationary law.
    """
    noise = invert_normals(spread_words(words))
    gaps = np.ones(1) if spacing is None else np.ascontiguousarray(spacing, np.float64)
    _carry_on(noise, offsets, as_rows(center), as_rows(sd), as_rows(carry), gaps)
    return np.asarray(noise, np.float64)


def find_walk_faults(step: Law, start: Parameter, low: float, high: float) -> tuple[str, ...]:
    """Every fault of what a walk is asked for."""
    faults = (*step.find_faults(), *check_finite("start", start))
    return faults or (*check_order("low", low, "high", high), *check_range("start", start, low, high))


def find_autoregression_faults(
    center: Parameter, sd: Parameter, carry: Parameter, spacing: Floats | None = None
) -> tuple[str, ...]:
    """Every fault of what an autoregression is asked for."""
    edge = 1.0 - 1e-12
    return (
        *check_finite("center", center),
        *check_positive("sd", sd),
        *check_range("carry", carry, -edge if spacing is None else 0.0, edge),
        *(check_positive("spacing", spacing) if spacing is not None else ()),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _add_steps(steps: Floats, offsets: Integers, starts: Floats, low: float, high: float, found: Floats) -> None:
    many = len(starts) > 1
    width = high - low
    for unit in range(len(offsets) - 1):
        at = starts[unit * many]
        for row in range(offsets[unit], offsets[unit + 1]):
            at += steps[row]
            if width < np.inf:
                # Folding the line like a paper strip reflects any number of times at once.
                turn = (at - low) % (2.0 * width)
                at = low + (turn if turn <= width else 2.0 * width - turn)
            elif at < low:
                at = 2.0 * low - at
            elif at > high:
                at = 2.0 * high - at
            found[row] = at


@njit(cache=True, nogil=True, error_model="numpy")
def _carry_on(noise: Floats, offsets: Integers, centers: Floats, sds: Floats, carries: Floats, gaps: Floats) -> None:
    a, b, c, even = len(centers) > 1, len(sds) > 1, len(carries) > 1, len(gaps) == 1
    for unit in range(len(offsets) - 1):
        center, sd, carry = centers[unit * a], sds[unit * b], carries[unit * c]
        kept, fresh = carry, np.sqrt(1.0 - carry * carry)
        at = 0.0
        for row in range(offsets[unit], offsets[unit + 1]):
            if row == offsets[unit]:
                at = noise[row]
            else:
                if not even:
                    kept = compute_exp(gaps[row] * compute_log(carry)) if carry > 0.0 else 0.0
                    fresh = np.sqrt(1.0 - kept * kept)
                at = kept * at + fresh * noise[row]
            noise[row] = center + sd * at
