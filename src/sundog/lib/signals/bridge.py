"""Gaussian memory that can be entered anywhere: autoregressions and random walks, filled in from the ends to the middle.

A value is made from its two nearest made neighbours, by the exact law of the middle given the ends: x(0), x(1), x(2), x(4),
x(8), ... one after the other, then the middle of each gap, and so on. Which neighbours these are depends on the number of the
sample alone, so any sample of any device is reached in log2(number) steps, and a range costs one draw a sample. Nothing is
truncated: the error against the stated law is that of rounding, and any range gives the same bits.

Source: the conditional law of a Gauss-Markov sequence between two known states, e.g. Särkkä, Bayesian Filtering and Smoothing,
2013, section 8 (doi:10.1017/CBO9781139344203); Lévy's construction of Brownian motion is the case of a random walk.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.kernels.draws import philox
from sundog.lib.laws.elementary import invert_normals
from sundog.lib.signals.windows import Windows, find_offsets

Floats = NDArray[np.float64]
LEVELS = 54
_ORIGIN = 64
"""Counter of sample 0, beside the levels of all others."""


class Gains(NamedTuple):
    """A Gauss-Markov sequence with states of d numbers, as its values are filled in. Level t has steps of h = 2**t samples.

    Attributes:
        first: float64 (d, d), root of the covariance of sample 0.
        onward: float64 (LEVELS, d, d), what the state h samples later inherits.
        onward_root: float64 (LEVELS, d, d), root of the covariance of what it does not inherit.
        left: float64 (LEVELS, d, d), weight of the state h samples before, where the one h samples after is known too.
        right: float64 (LEVELS, d, d), weight of the state h samples after.
        between_root: float64 (LEVELS, d, d), root of the covariance that both leave.
    """

    first: Floats
    onward: Floats
    onward_root: Floats
    left: Floats
    right: Floats
    between_root: Floats


def build_gains(step: Floats, noise: Floats, first: Floats) -> Gains:
    """Gains of the sequence s(i + 1) = step s(i) + e(i).

    Args:
        step: float64 (d, d), d = 1 or 2.
        noise: float64 (d, d), covariance of e.
        first: float64 (d, d), covariance of s(0).
    """
    d = len(step)
    shape = (LEVELS, d, d)
    gains = Gains(_root(first), *(np.zeros(shape) for _ in range(5)))
    a, q = step, noise
    for t in range(LEVELS):
        gains.onward[t] = a
        gains.onward_root[t] = _root(q)
        if d == 1 or t > 0:  # with d = 2, a state between two neighbours is known: one number from each
            ahead = _times(_times(a, q), a.T) + q
            right = _times(_times(q, a.T), _inverse(ahead))
            rest = np.eye(d) - _times(right, a)
            gains.left[t] = _times(rest, a)
            gains.right[t] = right
            gains.between_root[t] = _root(_times(_times(rest, q), rest.T) + _times(_times(right, q), right.T))
        q = _times(_times(a, q), a.T) + q
        a = _times(a, a)
        a[np.abs(a) < 1e-150] = 0.0
    return gains


def fill_numbers(gains: Gains, key: Key, windows: Windows) -> Floats:
    """float64 (rows,): the sequence with states of one number. Row i depends on (key, unit, sample) alone."""
    found = np.empty(int(windows.counts.sum()))
    tables = tuple(np.ascontiguousarray(g[:, 0, 0]) for g in gains[1:])
    _fill_numbers(
        np.uint64(key.hi), np.uint64(key.lo), windows.units, windows.starts, find_offsets(windows),
        gains.first[0, 0], *tables, found,
    )  # fmt: skip
    return found


def fill_pairs(gains: Gains, key: Key, windows: Windows) -> Floats:
    """float64 (rows,): first number of the states of two numbers (x(i), x(i - 1)). Row i depends on (key, unit, sample) alone."""
    found = np.empty(int(windows.counts.sum()))
    _fill_pairs(
        np.uint64(key.hi), np.uint64(key.lo), windows.units, windows.starts, find_offsets(windows), *gains, found
    )
    return found


def _times(a: Floats, b: Floats) -> Floats:
    """Product of small matrices in a fixed order of additions: a library may choose another on another machine."""
    return np.asarray((a[:, :, None] * b[None, :, :]).sum(axis=1))


def _inverse(a: Floats) -> Floats:
    if len(a) == 1:
        return 1.0 / a
    swapped = np.array([[a[1, 1], -a[0, 1]], [-a[1, 0], a[0, 0]]])
    return np.asarray(swapped / (a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]))


def _root(a: Floats) -> Floats:
    """Lower triangular root of a covariance, which may be singular."""
    found = np.zeros_like(a)
    found[0, 0] = np.sqrt(max(a[0, 0], 0.0))
    if len(a) == 2:
        found[1, 0] = a[1, 0] / found[0, 0] if found[0, 0] > 0 else 0.0
        found[1, 1] = np.sqrt(max(a[1, 1] - found[1, 0] ** 2, 0.0))
    return found


@njit(cache=True, nogil=True)
def draw_node_normals(k0: Any, k1: Any, unit: Any, level: Any, node: Any, z: Floats) -> None:
    """Normal numbers ``node``, ``node + 1``, ... of a level of a device, into ``z``."""
    zero, three = np.uint64(0), np.uint64(3)
    block = (zero, zero, zero, zero)
    for i in range(len(z)):
        at = np.uint64(node + i)
        if i == 0 or (at & three) == zero:
            block = philox(k0, k1, unit, at >> np.uint64(2), np.uint64(level), np.uint64(2))
        bits = (block[np.int64(at & three)] >> np.uint64(12)) | np.uint64(0x3FF0000000000000)
        z[i] = np.uint64(bits).view(np.float64) - 1.0 + 2.0**-53
    invert_normals(z)


@njit(cache=True, nogil=True)
def _fill_numbers(
    k0: Any, k1: Any, units: NDArray[np.uint64], starts: NDArray[np.int64], offsets: NDArray[np.int64],
    first: float, onward: Floats, onward_root: Floats, left: Floats, right: Floats, between_root: Floats, found: Floats,
) -> None:  # fmt: skip
    longest = 0
    for w in range(len(units)):
        longest = max(longest, offsets[w + 1] - offsets[w])
    points, fresh, z = np.empty(longest + 4), np.empty(longest + 4), np.empty(longest + 4)
    for w in range(len(units)):
        begin, end = starts[w], starts[w] + offsets[w + 1] - offsets[w]
        if begin == end:
            continue
        unit, at = units[w], offsets[w] - begin
        draw_node_normals(k0, k1, unit, _ORIGIN, 0, z[:1])
        low_value = first * z[0]
        draw_node_normals(k0, k1, unit, 0, 0, z[:1])
        high_value = onward[0] * low_value + onward_root[0] * z[0]
        if begin == 0:
            found[at] = low_value
        if begin <= 1 < end:
            found[at + 1] = high_value
        for k in range(LEVELS):
            low = np.int64(1) << k
            if low >= end - 1:
                break
            low_value = high_value
            draw_node_normals(k0, k1, unit, k + 1, 0, z[:1])
            high_value = onward[k] * low_value + onward_root[k] * z[0]
            if begin > 2 * low:
                continue
            # Of samples low .. 2 low, s .. e are asked for: halve the gaps around them until there are none.
            s, e = max(begin, low), min(end - 1, 2 * low)
            points[0], points[1] = low_value, high_value
            count, origin = 2, low
            for t in range(k - 1, -1, -1):
                draw_node_normals(k0, k1, unit, t, origin >> (t + 1), z[: count - 1])
                skip = (s >> t) - (origin >> t)
                count = ((e + (np.int64(1) << t) - 1) >> t) - (s >> t) + 1
                for j in range(skip & 1, count, 2):
                    fresh[j] = points[(skip + j) >> 1]
                for j in range(1 - (skip & 1), count, 2):
                    i = (skip + j) >> 1
                    fresh[j] = left[t] * points[i] + right[t] * points[i + 1] + between_root[t] * z[i]
                points, fresh = fresh, points
                origin = (s >> t) << t
            for i in range(count):
                found[at + origin + i] = points[i]


@njit(cache=True, nogil=True)
def _fill_pairs(
    k0: Any, k1: Any, units: NDArray[np.uint64], starts: NDArray[np.int64], offsets: NDArray[np.int64],
    first: Floats, onward: Floats, onward_root: Floats, left: Floats, right: Floats, between_root: Floats, found: Floats,
) -> None:  # fmt: skip
    longest = 0
    for w in range(len(units)):
        longest = max(longest, offsets[w + 1] - offsets[w])
    points, fresh = np.empty((longest + 4, 2)), np.empty((longest + 4, 2))
    z = np.empty(2 * longest + 8)
    low_value, high_value = np.empty(2), np.empty(2)
    for w in range(len(units)):
        begin, end = starts[w], starts[w] + offsets[w + 1] - offsets[w]
        if begin == end:
            continue
        unit, at = units[w], offsets[w] - begin
        draw_node_normals(k0, k1, unit, _ORIGIN, 0, z[:2])
        low_value[0] = first[0, 0] * z[0]
        low_value[1] = first[1, 0] * z[0] + first[1, 1] * z[1]
        draw_node_normals(k0, k1, unit, 0, 0, z[:2])
        _go_on(onward[0], onward_root[0], low_value, z, high_value)
        if begin == 0:
            found[at] = low_value[0]
        if begin <= 1 < end:
            found[at + 1] = high_value[0]
        for k in range(LEVELS):
            low = np.int64(1) << k
            if low >= end - 1:
                break
            low_value[:] = high_value
            draw_node_normals(k0, k1, unit, k + 1, 0, z[:2])
            _go_on(onward[k], onward_root[k], low_value, z, high_value)
            if begin > 2 * low:
                continue
            s, e = max(begin, low), min(end - 1, 2 * low)
            points[0], points[1] = low_value, high_value
            count, origin = 2, low
            for t in range(k - 1, -1, -1):
                if t > 0:
                    draw_node_normals(k0, k1, unit, t, (origin >> (t + 1)) * 2, z[: 2 * count - 2])
                skip = (s >> t) - (origin >> t)
                count = ((e + (np.int64(1) << t) - 1) >> t) - (s >> t) + 1
                for j in range(skip & 1, count, 2):
                    i = (skip + j) >> 1
                    fresh[j, 0], fresh[j, 1] = points[i, 0], points[i, 1]
                for j in range(1 - (skip & 1), count, 2):
                    i = (skip + j) >> 1
                    if t == 0:  # both numbers of the middle state stand in its neighbours
                        fresh[j, 0], fresh[j, 1] = points[i + 1, 1], points[i, 0]
                        continue
                    a, b, c, d = points[i, 0], points[i, 1], points[i + 1, 0], points[i + 1, 1]
                    for r in range(2):
                        fresh[j, r] = left[t, r, 0] * a + left[t, r, 1] * b + right[t, r, 0] * c + right[t, r, 1] * d
                    fresh[j, 0] += between_root[t, 0, 0] * z[2 * i]
                    fresh[j, 1] += between_root[t, 1, 0] * z[2 * i] + between_root[t, 1, 1] * z[2 * i + 1]
                points, fresh = fresh, points
                origin = (s >> t) << t
            for i in range(count):
                found[at + origin + i] = points[i, 0]


@njit(cache=True, nogil=True)
def _go_on(step: Floats, root: Floats, now: Floats, z: Floats, then: Floats) -> None:
    then[0] = step[0, 0] * now[0] + step[0, 1] * now[1] + root[0, 0] * z[0]
    then[1] = step[1, 0] * now[0] + step[1, 1] * now[1] + root[1, 0] * z[0] + root[1, 1] * z[1]
