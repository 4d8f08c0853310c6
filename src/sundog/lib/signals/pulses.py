"""The mark that events leave on a signal: each has a shape between its start and its stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.laws.elementary import compute_exp
from sundog.lib.signals.events import EventLaw, check_events, draw_events
from sundog.lib.signals.waves import cos_turns
from sundog.lib.signals.windows import Windows, find_offsets

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Shape: TypeAlias = Literal["box", "decay", "ramp", "hump", "gamma"]
SHAPES: tuple[Shape, ...] = get_args(Shape)


@dataclass(frozen=True, slots=True, eq=False)
class Pulses:
    """Events that add to a signal.

    Attributes:
        law: when they begin, how long they last and how large they are.
        shape: of an event of size 1, with x running from 0 at its start to 1 at its stop: ``box`` 1 all the while; ``decay``
            exp(-5 x); ``ramp`` x; ``hump`` (1 - cos 2 pi x) / 2; ``gamma`` a fast rise and a slow fall, (x / m) exp(1 - x / m)
            with its peak at m = .15.
    """

    law: EventLaw
    shape: Shape = "box"


def check_pulses(pulses: Pulses) -> tuple[str, ...]:
    """Every fault of the parameters, in words."""
    found = list(check_events(pulses.law))
    if pulses.shape not in SHAPES:
        found.append(f"{pulses.shape!r} is not a shape of events ({', '.join(SHAPES)})")
    return tuple(found)


def add_pulses(pulses: Pulses, key: Key, windows: Windows, values: Floats) -> None:
    """Add the events of all windows to ``values``: float64 (rows,), changed in place."""
    found = draw_events(pulses.law, key, windows)
    add_shapes(
        SHAPES.index(pulses.shape), found.windows, found.starts, found.stops, found.sizes, windows.starts,
        find_offsets(windows), values,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def add_shapes(
    shape: int, which: Whole, starts: Whole, stops: Whole, sizes: Floats, begins: Whole, offsets: Whole, values: Floats
) -> None:
    """Add events to the rows of the windows that they touch.

    Args:
        shape: place in ``SHAPES``.
        which: int64 (events,), window of each.
        starts: int64 (events,), first sample.
        stops: int64 (events,), sample after the last.
        sizes: float64 (events,).
        begins: int64 (windows,), first sample of each window.
        offsets: int64 (windows + 1,), first row of each window.
        values: float64 (rows,), changed in place.
    """
    for e in range(len(which)):
        w = which[e]
        length = offsets[w + 1] - offsets[w]
        low, high = max(starts[e] - begins[w], 0), min(stops[e] - begins[w], length)
        span = float(stops[e] - starts[e])
        for i in range(low, high):
            x = (begins[w] + i - starts[e]) / span
            values[offsets[w] + i] += sizes[e] * _shape_at(shape, x)


@njit(cache=True, nogil=True)
def _shape_at(shape: Any, x: Any) -> Any:
    if shape == 1:
        return compute_exp(-5.0 * x)
    if shape == 2:
        return x
    if shape == 3:
        return 0.5 - 0.5 * cos_turns(x)
    if shape == 4:
        return x / 0.15 * compute_exp(1.0 - x / 0.15)
    return 1.0
