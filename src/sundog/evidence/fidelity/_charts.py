"""Draws one column: real, synthetic and fresh rows over the same bins or bars."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.findings import Bars, Histogram, Series
from sundog.evidence._support import Support
from sundog.lib.stats.frame import Column, Frame

BINS = 30
BARS = 12
"""Categories that are named at most; the rest share one bar."""
FEW = 20
"""Numbers with at most so many distinct values are drawn as bars, those with enough support one by one."""


def chart_column(samples: Mapping[str, Frame], position: int, support: Support) -> tuple[Bars | Histogram, str] | None:
    """The drawing of one column and how to read it; None where nothing can be drawn without pointing to somebody.

    Args:
        samples: series name to rows; the first are the training rows, which set bins and order.
        position: of the column.
        support: rows or persons that a real value needs before it is written out; what has less is counted together. The ends of a
            histogram are averages with as many values beyond them (``Support.find_ends``), never an extreme.
    """
    first = next(iter(samples.values()))
    column = first.columns[position]
    if not column.numeric:
        return _draw_labels(samples, position, column, support)
    values = first.values[position]
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return None
    distinct, codes = np.unique(known, return_inverse=True)
    if len(distinct) <= FEW:
        placed = np.full(len(values), -1, dtype=np.int64)
        placed[~np.isnan(values)] = codes
        shown = distinct[support.count(placed, len(distinct)) >= support.least]
        if len(shown):
            return _draw_numbers(samples, position, column, shown, support)
    return _draw_bins(samples, position, column, support)


def _draw_labels(
    samples: Mapping[str, Frame], position: int, column: Column, support: Support
) -> tuple[Bars, str] | None:
    if not column.labels:
        return None
    first = next(iter(samples.values())).values[position].astype(np.int64)
    counts = support.count(first, len(column.labels))
    shown = np.flatnonzero(counts[:BARS] >= support.least)
    missing = any(f.missing(position).any() for f in samples.values())
    rest = len(column.labels) - len(shown)
    labels = (
        *(column.labels[i] for i in shown),
        *((count_others(rest),) if rest else ()),
        *(("missing",) if missing else ()),
    )
    place = np.full(len(column.labels) + 1, len(shown), dtype=np.int64)
    place[shown] = np.arange(len(shown))
    place[-1] = len(shown) + 1  # code -1, missing
    series = []
    for name, frame in samples.items():
        bars = np.bincount(place[frame.values[position].astype(np.int64)], minlength=len(shown) + 2)
        shares = bars / max(1, frame.rows)
        kept = [*shares[:-2], *([shares[-2]] if rest else []), *([shares[-1]] if missing else [])]
        series.append(Series(name=name, y=tuple(round(float(s), 6) for s in kept)))
    rare = bool((counts[: column.seen] < support.least).any())
    return Bars(labels=labels, series=tuple(series), unit="share of rows", horizontal=True), (
        "Bars of one group should be equally long; the most frequent real values come first."
        + (f" Values that fewer than {support.least} real {support.noun} have are not named." if rare else "")
    )


def count_others(number: int) -> str:
    """What the bar of the values that are not named is called."""
    return f"{number:,} other" + ("" if number == 1 else "s")


def _draw_numbers(
    samples: Mapping[str, Frame], position: int, column: Column, shown: NDArray[np.float64], support: Support
) -> tuple[Bars, str]:
    series = []
    missing = any(f.missing(position).any() for f in samples.values())
    others = any((~np.isin(_known(f, position), shown)).any() for f in samples.values())
    for name, frame in samples.items():
        values = frame.values[position]
        shares = [float((values == v).sum()) / max(1, frame.rows) for v in shown]
        if others:
            shares.append(float((~np.isin(_known(frame, position), shown)).sum()) / max(1, frame.rows))
        if missing:
            shares.append(float(frame.missing(position).mean()))
        series.append(Series(name=name, y=tuple(round(s, 6) for s in shares)))
    labels = (*_write(shown, column), *(("other values",) if others else ()), *(("missing",) if missing else ()))
    return Bars(labels=labels, series=tuple(series), unit="share of rows"), (
        "Bars of one group should be equally high; values are in ascending order."
        + (f" Values that fewer than {support.least} real {support.noun} have are other values." if others else "")
    )


def _draw_bins(
    samples: Mapping[str, Frame], position: int, column: Column, support: Support
) -> tuple[Histogram, str] | None:
    values = next(iter(samples.values())).values[position].astype(np.float64)
    ends = support.find_ends(values, 0.01)
    if ends is not None and ends[1] <= ends[0]:  # nearly all values are one value: show where the others lie
        ends = support.find_ends(values, 0.0005)
    if ends is None:
        return None
    low, high = ends
    whole = not pa.types.is_floating(column.type) and not pa.types.is_decimal(column.type)
    if whole:
        low, high = float(np.floor(low)), float(np.ceil(high))
    if high <= low:
        low, high = low - 0.5, low + 0.5
    if whole and high - low < 2 * BINS:
        step = max(1.0, float(np.ceil((high - low + 1) / BINS)))
        edges: NDArray[np.float64] = np.arange(low - 0.5, high + step, step, dtype=np.float64)
    else:
        edges = np.linspace(low, high, BINS + 1, dtype=np.float64)
    series = []
    for name, frame in samples.items():
        counts, _ = np.histogram(np.clip(_known(frame, position), edges[0], edges[-1]), edges)
        series.append(Series(name=name, y=tuple(round(float(c), 6) for c in counts / max(1, frame.rows))))
    labels = _write(edges, column) if column.form == "time" else ()
    drawing = Histogram(
        edges=tuple(float(f"{e:.10g}") for e in edges), edge_labels=labels, series=tuple(series), unit="share of rows"
    )
    return (
        drawing,
        "The outlines should lie on one another; values beyond the ends are counted in the outer bins. "
        f"The ends are averages: about 1% of the real values, and never fewer than {support.least} {support.noun}, lie beyond each.",
    )


def _known(frame: Frame, position: int) -> NDArray[np.float64]:
    values = np.asarray(frame.values[position], dtype=np.float64)
    return np.asarray(values[~np.isnan(values)], dtype=np.float64)


def _write(values: NDArray[np.float64], column: Column) -> tuple[str, ...]:
    if column.form != "time":
        return tuple(f"{v:.10g}" for v in values)
    counts = pa.array(np.round(values).astype(np.int64))
    narrow = pa.types.is_date32(column.type) or pa.types.is_time32(column.type)
    try:
        moments = (counts.cast(pa.int32()) if narrow else counts).cast(column.type)
        if pa.types.is_duration(column.type):
            return tuple(str(v) for v in moments.to_pylist())
        return tuple(str(v)[:19] for v in moments.cast(pa.string()).to_pylist())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OverflowError, ValueError):
        return tuple(f"{v:.10g}" for v in values)
