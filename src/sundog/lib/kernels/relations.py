"""How rows refer to one another: draws without repetition, the state of a thing at an instant, trees, and chains of states."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.kernels.mixing import mix_lane

_TRIES = 64
"""Draws of a row before what is left is weighed one by one."""


@njit(cache=True, nogil=True)
def _as_share(word: Any) -> Any:
    return (np.float64(word >> np.uint64(12)) + 0.5) * 2.0**-52


@njit(cache=True, nogil=True)
def _place(share: Any, size: int, power: float, edges: NDArray[np.float64]) -> Any:
    """The place that a share in (0, 1) falls on."""
    if len(edges):
        return min(np.searchsorted(edges, share * edges[-1], side="right"), size - 1)
    return min(np.int64(share**power * size), size - 1)


@njit(cache=True, nogil=True)
def _weight(place: int, size: int, power: float, edges: NDArray[np.float64]) -> Any:
    """The share of draws that fall on a place, times a constant."""
    if len(edges):
        return edges[place] - (edges[place - 1] if place else 0.0)
    return ((place + 1) / size) ** (1.0 / power) - (place / size) ** (1.0 / power)


@njit(cache=True, nogil=True)
def _hold(slots: NDArray[np.int64], stamps: NDArray[np.int64], stamp: int, value: Any) -> bool:
    """Put a value into the set of this stamp; False where it is there already."""
    mask = np.uint64(len(slots) - 1)
    at = mix_lane(np.uint64(value), np.uint64(0)) & mask
    while stamps[np.int64(at)] == stamp:
        if slots[np.int64(at)] == value:
            return False
        at = (at + np.uint64(1)) & mask
    stamps[np.int64(at)] = stamp
    slots[np.int64(at)] = value
    return True


@njit(cache=True, nogil=True)
def pick_apart(
    words: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    size: int,
    power: float,
    edges: NDArray[np.float64],
    found: NDArray[np.int64],
) -> None:
    """Places in [0, size), none twice within a segment: successive sampling without replacement.

    A place that is taken is drawn again from the next mix of the row's word, which gives the law of what is left. After 64 such
    draws the rest is weighed one by one, which gives the same law. Rows of a segment beyond ``size`` get -1.

    Args:
        words: uint64 (n,), one a row.
        offsets: int64 (segments + 1,), from 0 to n.
        size: how many places there are.
        power: without ``edges`` the place is floor(u**power * size).
        edges: float64 (size,) cumulated weights, or empty.
        found: int64 (n,), written.
    """
    most: Any = 1
    for s in range(len(offsets) - 1):
        most = max(most, offsets[s + 1] - offsets[s])
    room = 4
    while room < 2 * most:
        room *= 2
    slots, stamps = np.empty(room, np.int64), np.full(room, -1, np.int64)
    for s in range(len(offsets) - 1):
        for i in range(offsets[s], offsets[s + 1]):
            if i - offsets[s] >= size:
                found[i] = -1
                continue
            word, held = words[i], False
            for lane in range(_TRIES):
                place = _place(_as_share(word), size, power, edges)
                if _hold(slots, stamps, s, place):
                    found[i] = place
                    held = True
                    break
                word = mix_lane(words[i], lane)
            if not held:
                found[i] = _weigh_rest(word, size, power, edges, found[offsets[s] : i])
                if found[i] >= 0:
                    _hold(slots, stamps, s, found[i])


@njit(cache=True, nogil=True)
def _weigh_rest(word: Any, size: int, power: float, edges: NDArray[np.float64], taken: NDArray[np.int64]) -> Any:
    """One of the places that are not taken, by weight; -1 where none has any."""
    free = np.ones(size, np.bool_)
    for place in taken:
        if place >= 0:
            free[place] = False
    total = 0.0
    for place in range(size):
        if free[place]:
            total += _weight(place, size, power, edges)
    goal, last = _as_share(word) * total, np.int64(-1)
    for place in range(size):
        weight = _weight(place, size, power, edges)
        if free[place] and weight > 0.0:
            last = np.int64(place)
            goal -= weight
            if goal < 0.0:
                break
    return last


@njit(cache=True, nogil=True)
def spread_children(
    owners: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    parents: NDArray[np.int64],
    units: NDArray[np.uint64],
    index: NDArray[np.uint64],
) -> None:
    """The rows under each parent: which parent, which unit, and the number of the row within the unit.

    Args:
        owners: uint64 (parents,), unit of each parent; parents of one unit stand together.
        offsets: int64 (parents + 1,), first row of each parent.
        parents: int64 (n,), written: number of the parent.
        units: uint64 (n,), written.
        index: uint64 (n,), written: number of the row within its unit, over all parents of the unit.
    """
    number = np.uint64(0)
    for p in range(len(owners)):
        if p == 0 or owners[p] != owners[p - 1]:
            number = np.uint64(0)
        for i in range(offsets[p], offsets[p + 1]):
            parents[i] = p
            units[i] = owners[p]
            index[i] = number
            number += np.uint64(1)


@njit(cache=True, nogil=True)
def find_current(
    starts: NDArray[np.int64],
    offsets: NDArray[np.int64],
    owners: NDArray[np.int64],
    instants: NDArray[np.int64],
    found: NDArray[np.int64],
) -> None:
    """The row that holds at an instant: the last one of the owner that starts at or before it.

    Args:
        starts: int64 (rows,), rising within an owner.
        offsets: int64 (owners + 1,), the rows of each owner.
        owners: int64 (n,), owner that is asked about, or -1.
        instants: int64 (n,).
        found: int64 (n,), written: a row, or -1 where none has started.
    """
    for i in range(len(found)):
        found[i] = -1
        if owners[i] < 0:
            continue
        low, high = offsets[owners[i]], offsets[owners[i] + 1]
        first = low
        while low < high:
            middle = (low + high) // 2
            if starts[middle] <= instants[i]:
                low = middle + 1
            else:
                high = middle
        if low > first:
            found[i] = low - 1


@njit(cache=True, nogil=True)
def grow_trees(
    words: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    roots: float,
    depth: int,
    fan_out: int,
    found: NDArray[np.int64],
    depths: NDArray[np.int64],
) -> None:
    """For each row an earlier row of its segment under which it hangs, all that have room alike.

    Args:
        words: uint64 (n,), one a row.
        offsets: int64 (segments + 1,).
        roots: share of the rows, beyond the first of a segment, that hang under none.
        depth: most steps from a root to a row.
        fan_out: most rows under a row.
        found: int64 (n,), written: number of a row, or -1.
        depths: int64 (n,), written: steps to the root.
    """
    below = np.zeros(len(words), np.int64)
    most: Any = 1
    for s in range(len(offsets) - 1):
        most = max(most, offsets[s + 1] - offsets[s])
    open_rows = np.empty(most, np.int64)
    for s in range(len(offsets) - 1):
        count = 0
        for i in range(offsets[s], offsets[s + 1]):
            found[i], depths[i] = -1, 0
            if count and _as_share(mix_lane(words[i], 0)) >= roots:
                at = np.int64(_as_share(words[i]) * count)
                over = open_rows[at]
                found[i], depths[i] = over, depths[over] + 1
                below[over] += 1
                if below[over] == fan_out:
                    count -= 1
                    open_rows[at] = open_rows[count]
            if depths[i] < depth:
                open_rows[count] = i
                count += 1


@njit(cache=True, nogil=True)
def walk_states(
    words: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    start: NDArray[np.float64],
    moves: NDArray[np.float64],
    found: NDArray[np.int64],
) -> None:
    """A Markov chain along the rows of each segment.

    Args:
        words: uint64 (n,), one a row.
        offsets: int64 (segments + 1,).
        start: float64 (states,), cumulated shares of the first row.
        moves: float64 (states, states), cumulated shares of the next row by the state of this one.
        found: int64 (n,), written: the state.
    """
    last = len(start) - 1
    for s in range(len(offsets) - 1):
        for i in range(offsets[s], offsets[s + 1]):
            edges = start if i == offsets[s] else moves[found[i - 1]]
            found[i] = min(np.searchsorted(edges, _as_share(words[i]) * edges[last], side="right"), last)


@njit(cache=True, nogil=True)
def share_totals(
    totals: NDArray[np.int64], weights: NDArray[np.float64], offsets: NDArray[np.int64], found: NDArray[np.int64]
) -> None:
    """Whole parts of each total by weight, which add up to it: the running sums are rounded, not the parts.

    Args:
        totals: int64 (segments,), each within 2**53.
        weights: float64 (n,), not negative; where all of a segment are 0, the last part is the total.
        offsets: int64 (segments + 1,).
        found: int64 (n,), written; each is off its exact share by less than 1.
    """
    for s in range(len(offsets) - 1):
        whole = 0.0
        for i in range(offsets[s], offsets[s + 1]):
            whole += weights[i]
        running, given = 0.0, np.int64(0)
        for i in range(offsets[s], offsets[s + 1]):
            running += weights[i]
            if i + 1 == offsets[s + 1] or whole == 0.0:
                edge = totals[s] if i + 1 == offsets[s + 1] else np.int64(0)
            else:
                edge = np.int64(np.rint(totals[s] * (running / whole)))
            found[i] = edge - given
            given = edge
