"""Faults that are put into readings, each with its type, start, stop and size in a table, and a label on every sample."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.laws.law import Law, check_law
from sundog.lib.laws.location import Constant
from sundog.lib.signals.events import EventLaw, average_duration, check_events, draw_events
from sundog.lib.signals.sensor import draw_normals
from sundog.lib.signals.windows import Windows, find_offsets, take_points

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
FaultKind: TypeAlias = Literal["gain", "bias", "drift", "burst", "spike", "stuck", "dropout"]
FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
"""In the order in which they act. Bit b of a label stands for kind b."""
_SPIKE_LENGTH = Constant(1.0)
_NO_SIZE = Constant(0.0)


@dataclass(frozen=True, slots=True, eq=False)
class FaultLaw:
    """One kind of fault of one channel.

    Attributes:
        kind: ``stuck`` shows the reading at its start all the while; ``spike`` adds its size to one sample; ``bias`` adds its
            size; ``drift`` adds a part of its size that grows in a straight line to all of it; ``dropout`` shows nothing;
            ``burst`` adds normal noise with its size as standard deviation; ``gain`` multiplies by 1 + size.
        prevalence: share of the samples that lie in a fault of this law, in [0, 1).
        duration: law of the duration in samples, at least one; of no use to ``spike``.
        size: law of the size, in the unit of the channel (of ``gain``: a share); of no use to ``stuck`` and ``dropout``.
        both_ways: whether half of the sizes are taken with the opposite sign.
    """

    kind: FaultKind
    prevalence: float
    duration: Law = _SPIKE_LENGTH
    size: Law = _NO_SIZE
    both_ways: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class FaultTable:
    """Faults that touch the windows, window by window.

    Attributes:
        windows: int64 (faults,), the window that it touches; one that touches two windows stands there twice.
        units: uint64 (faults,), its device.
        kinds: uint8 (faults,), place in ``FAULT_KINDS``.
        starts: int64 (faults,), its first sample.
        stops: int64 (faults,), the sample after its last.
        sizes: float64 (faults,), with sign; 0 for ``stuck`` and ``dropout``.
    """

    windows: Whole
    units: NDArray[np.uint64]
    kinds: NDArray[np.uint8]
    starts: Whole
    stops: Whole
    sizes: Floats


def check_fault(law: FaultLaw) -> tuple[str, ...]:
    """Every fault of the parameters, in words."""
    if law.kind not in FAULT_KINDS:
        return (f"{law.kind!r} is not a kind of fault ({', '.join(FAULT_KINDS)})",)
    found = []
    if not 0 <= law.prevalence < 1:
        found.append(f"{law.kind}: its prevalence is {law.prevalence}: it must lie in 0 to 1, 1 excluded")
    found += [f"{law.kind}: {fault}" for fault in check_events(EventLaw(0.0, law.duration, law.size))]
    sized = law.kind not in ("stuck", "dropout")
    if sized and not check_law(law.size) and law.size.support() == (0.0, 0.0):
        found.append(f"{law.kind}: its size is always 0: such a fault does nothing")
    if not found:
        rate = find_rate(law)
        if rate > 1:
            found.append(
                f"{law.kind}: {law.prevalence} of the samples cannot lie in faults of {_duration(law).mean()} samples: "
                "make them longer or rarer"
            )
    return tuple(found)


def find_rate(law: FaultLaw) -> float:
    """Faults that begin, a sample, so that the stated share of samples lies in one or more: -log(1 - share) / mean duration."""
    return -math.log1p(-law.prevalence) / average_duration(_duration(law))


def list_faults(laws: Sequence[FaultLaw], key: Key, windows: Windows) -> FaultTable:
    """Every fault of these laws that touches the windows, with its whole extent, also beyond them."""
    tables = []
    for i, law in enumerate(laws):
        # Numbered among laws of its kind: another kind that is put before it changes nothing.
        own = key.child(sum(other.kind == law.kind for other in laws[:i])).child(law.kind)
        found = draw_events(EventLaw(find_rate(law), _duration(law), law.size), own, windows)
        sizes = found.sizes if law.kind not in ("stuck", "dropout") else np.zeros(len(found.sizes))
        if law.both_ways:
            sizes = np.where(found.words >> np.uint64(63), -sizes, sizes)
        kinds = np.full(len(sizes), FAULT_KINDS.index(law.kind), np.uint8)
        tables.append((found.windows, found.units, kinds, found.starts, found.stops, sizes))
    if not tables:
        empty = np.zeros(0, np.int64)
        return FaultTable(empty, empty.astype(np.uint64), empty.astype(np.uint8), empty, empty, np.zeros(0))
    windows_of, units, kinds, starts, stops, sizes = (np.concatenate(column) for column in zip(*tables, strict=True))
    order = np.lexsort((stops, kinds, starts, windows_of))
    return FaultTable(windows_of[order], units[order], kinds[order], starts[order], stops[order], sizes[order])


def label_samples(faults: FaultTable, windows: Windows) -> NDArray[np.uint8]:
    """uint8 (rows,): bit b is set where the sample lies in a fault of kind b of ``FAULT_KINDS``; 0 where there is none."""
    labels = np.zeros(int(windows.counts.sum()), np.uint8)
    _mark(faults.windows, faults.kinds, faults.starts, faults.stops, windows.starts, find_offsets(windows), labels)
    return labels


def name_label(label: int) -> str:
    """The kinds of a label, joined by ``+`` in the order of ``FAULT_KINDS``; empty where there is none."""
    return "+".join(kind for i, kind in enumerate(FAULT_KINDS) if label >> i & 1)


def plant_faults(
    faults: FaultTable,
    key: Key,
    windows: Windows,
    values: Floats,
    finish: Callable[[Floats], Floats],
    read_healthy: Callable[[Windows], Floats],
) -> Floats:
    """Readings with the faults in them: float64 (rows,), NaN in a dropout.

    Args:
        faults: from ``list_faults`` for these windows.
        key: names the noise of bursts.
        windows: which samples.
        values: float64 (rows,), before the sensor clips and rounds.
        finish: clips and rounds; a biased reading is one that the sensor can show.
        read_healthy: finished readings without faults of any windows, asked where a sensor gets stuck: that sample may lie
            far before the window.
    """
    burst = FAULT_KINDS.index("burst")
    noise = draw_normals(key.child("burst"), windows) if np.any(faults.kinds == burst) else np.zeros(1)
    values = values.copy()
    offsets = find_offsets(windows)
    place = (windows.starts, offsets)
    for kind in range(FAULT_KINDS.index("stuck")):
        at = faults.kinds == kind
        _shift(kind, faults.windows[at], faults.starts[at], faults.stops[at], faults.sizes[at], *place, noise, values)
    values = finish(values)
    stuck = faults.kinds == FAULT_KINDS.index("stuck")
    if stuck.any():
        held = read_healthy(take_points(faults.units[stuck], faults.starts[stuck]))
        _hold(faults.windows[stuck], faults.starts[stuck], faults.stops[stuck], held, *place, values)
    gone = faults.kinds == FAULT_KINDS.index("dropout")
    missing = np.full(int(gone.sum()), np.nan)
    _hold(faults.windows[gone], faults.starts[gone], faults.stops[gone], missing, *place, values)
    return values


def _duration(law: FaultLaw) -> Law:
    return _SPIKE_LENGTH if law.kind == "spike" else law.duration


@njit(cache=True, nogil=True)
def _mark(
    which: Whole,
    kinds: NDArray[np.uint8],
    starts: Whole,
    stops: Whole,
    begins: Whole,
    offsets: Whole,
    labels: NDArray[np.uint8],
) -> None:
    for f in range(len(which)):
        w = which[f]
        shift = offsets[w] - begins[w]
        for i in range(max(starts[f] + shift, offsets[w]), min(stops[f] + shift, offsets[w + 1])):
            labels[i] |= np.uint8(1 << kinds[f])


@njit(cache=True, nogil=True)
def _hold(
    which: Whole, starts: Whole, stops: Whole, held: Floats, begins: Whole, offsets: Whole, values: Floats
) -> None:
    # Where two of them overlap, the one that began first goes on: a stuck sensor cannot get stuck again.
    for f in range(len(which) - 1, -1, -1):
        w = which[f]
        shift = offsets[w] - begins[w]
        for i in range(max(starts[f] + shift, offsets[w]), min(stops[f] + shift, offsets[w + 1])):
            values[i] = held[f]


@njit(cache=True, nogil=True)
def _shift(
    kind: int,
    which: Whole,
    starts: Whole,
    stops: Whole,
    sizes: Floats,
    begins: Whole,
    offsets: Whole,
    noise: Floats,
    values: Floats,
) -> None:
    for f in range(len(which)):
        w, size = which[f], sizes[f]
        shift = offsets[w] - begins[w]
        span = float(stops[f] - starts[f])
        for i in range(max(starts[f] + shift, offsets[w]), min(stops[f] + shift, offsets[w + 1])):
            if kind == 0:
                values[i] *= 1.0 + size
            elif kind == 2:
                values[i] += size * ((i - shift - starts[f] + 1) / span)
            elif kind == 3:
                values[i] += size * noise[i]
            else:
                values[i] += size
