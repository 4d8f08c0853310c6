"""Events: they begin at random samples (Poisson), last for a while and have a size; any window finds all that touch it.

The samples of a device are cut into cells; the number of events that begin in a cell, and each one's start, duration and size,
depend on (key, unit, cell) alone. A window asks its own cells and as many before as the longest duration spans.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sundog.core.keys import Key
from sundog.lib.kernels.draws import as_uniform, draw_row_words
from sundog.lib.kernels.mixing import scale_words, split_words
from sundog.lib.laws.law import Law, check_law
from sundog.lib.signals.windows import Windows

Floats = NDArray[np.float64]
RARE = 2.0**-20
"""Durations beyond the quantile of this tail are cut to it, so that a window knows how far back to look."""
_PER_CELL = 1.0
_LONGEST = 10_000_000


@dataclass(frozen=True, slots=True, eq=False)
class EventLaw:
    """When events begin, how long they last, how large they are.

    Attributes:
        rate: mean number of events that begin, a sample.
        duration: law of the duration in samples; rounded up to whole samples, at least one.
        size: law of the size, in the unit of the channel.
    """

    rate: float
    duration: Law
    size: Law


@dataclass(frozen=True, slots=True, eq=False)
class EventTable:
    """Events that touch the windows, window by window, in the order of their starts.

    Attributes:
        windows: int64 (events,), which window each touches; an event that touches two windows stands there twice.
        units: uint64 (events,), its device.
        starts: int64 (events,), its first sample.
        stops: int64 (events,), the sample after its last.
        sizes: float64 (events,).
        words: uint64 (events,), a random word of its own, for what else is to be drawn.
    """

    windows: NDArray[np.int64]
    units: NDArray[np.uint64]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    sizes: Floats
    words: NDArray[np.uint64]


def check_events(law: EventLaw) -> tuple[str, ...]:
    """Every fault of the parameters, in words."""
    found = []
    if not 0 <= law.rate <= 1:
        found.append(f"the rate of events is {law.rate} a sample: it must lie in 0 to 1")
    faults = check_law(law.duration)
    found += [f"the duration of events: {fault}" for fault in faults]
    found += [f"the size of events: {fault}" for fault in check_law(law.size)]
    if not faults:
        if law.duration.support()[0] < 0:
            found.append("the duration of events may be negative: it must not")
        elif find_longest(law.duration) > _LONGEST:
            found.append(f"events may last longer than {_LONGEST} samples: make their duration shorter")
    return tuple(found)


def find_longest(duration: Law) -> int:
    """The longest duration in samples: where the law leaves a tail of ``RARE``."""
    quantile = float(duration.quantile(np.array([1.0 - RARE]))[0])
    return max(1, math.ceil(min(quantile, 1e15)))


def average_duration(duration: Law) -> float:
    """Mean duration in samples, as it is after rounding up and cutting."""
    longest = find_longest(duration)
    return 1.0 + float((1.0 - duration.cdf(np.arange(1, longest, dtype=np.float64))).sum())


def draw_events(law: EventLaw, key: Key, windows: Windows) -> EventTable:
    """All events that touch the windows. None begins before sample 0."""
    if law.rate <= 0 or not len(windows.units):
        return _empty()
    longest = find_longest(law.duration)
    cell = max(1, min(int(_PER_CELL / law.rate), 1 << 40))
    asked = windows.counts > 0
    first = np.maximum(windows.starts - longest + 1, 0) // cell
    last = (windows.starts + np.maximum(windows.counts, 1) - 1) // cell
    cells_each = np.where(asked, last - first + 1, 0)
    window = np.repeat(np.arange(len(cells_each)), cells_each)
    cells = np.arange(len(window)) + np.repeat(first - np.cumsum(cells_each) + cells_each, cells_each)
    units = windows.units[window]
    words = draw_row_words(key.child("cells"), units, cells.astype(np.uint64))
    counts = np.searchsorted(_poisson_sums(law.rate * cell), as_uniform(words)).astype(np.int64)
    which = np.repeat(np.arange(len(counts)), counts)
    if not len(which):
        return _empty()
    number = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    # 64 words are kept for each cell: more than that many events begin in none.
    own = draw_row_words(key.child("events"), units[which], (cells[which] * 64 + number).astype(np.uint64))
    starts = cells[which] * cell + scale_words(split_words(own, 0), cell).astype(np.int64)
    lengths = np.ceil(np.asarray(law.duration.draw(split_words(own, 1)), np.float64))
    stops = starts + np.clip(lengths, 1, longest).astype(np.int64)
    sizes = np.asarray(law.size.draw(split_words(own, 2)), np.float64)
    at = window[which]
    kept = np.flatnonzero((stops > windows.starts[at]) & (starts < windows.starts[at] + windows.counts[at]))
    kept = kept[np.lexsort((number[kept], starts[kept], at[kept]))]
    return EventTable(
        at[kept], windows.units[at[kept]], starts[kept], stops[kept], sizes[kept], split_words(own[kept], 3)
    )


@lru_cache(maxsize=64)
def _poisson_sums(mean: float) -> Floats:
    return np.asarray(special.pdtr(np.arange(63), mean))


def _empty() -> EventTable:
    whole, words = np.zeros(0, np.int64), np.zeros(0, np.uint64)
    return EventTable(whole, words, whole, whole, np.zeros(0), words)
