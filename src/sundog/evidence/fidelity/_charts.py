"""Draws one column: real, synthetic and fresh rows over the same bins or bars."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.findings import Bars, Histogram, Series
from sundog.lib.stats.frame import Column, Frame

BINS = 30
BARS = 12
"""Categories that are named; the rest share one bar."""
FEW = 20
"""Numbers with at most so many distinct values are drawn as bars."""


def chart_column(samples: Mapping[str, Frame], position: int) -> tuple[Bars | Histogram, str] | None:
    """The drawing of one column and how to read it; None where no row has a value.

    Args:
        samples: series name to rows; the first are the training rows, which set bins and order.
        position: of the column.

    Ends of a histogram are the 1% and 99% quantiles of the training values: the real extremes are never shown.
    """
    first = next(iter(samples.values()))
    column = first.columns[position]
    if not column.numeric:
        return _draw_labels(samples, position, column)
    values = first.values[position]
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return None
    distinct = np.unique(known)
    if len(distinct) <= FEW:
        return _draw_numbers(samples, position, column, distinct)
    return _draw_bins(samples, position, column, known)


def _draw_labels(samples: Mapping[str, Frame], position: int, column: Column) -> tuple[Bars, str] | None:
    shown = min(column.seen, BARS)
    missing = any(f.missing(position).any() for f in samples.values())
    rest = len(column.labels) - shown
    if not column.labels:
        return None
    labels = (*column.labels[:shown], *((f"{rest:,} others",) if rest else ()), *(("missing",) if missing else ()))
    series = []
    for name, frame in samples.items():
        codes = frame.values[position].astype(np.int64)
        counts = np.bincount(np.where(codes < 0, shown + 1, np.minimum(codes, shown)), minlength=shown + 2) / max(
            1, frame.rows
        )
        shares = [*counts[:shown], *([counts[shown]] if rest else []), *([counts[shown + 1]] if missing else [])]
        series.append(Series(name=name, y=tuple(round(float(s), 6) for s in shares)))
    return Bars(
        labels=labels, series=tuple(series), unit="share of rows", horizontal=True
    ), "Bars of one group should be equally long; the most frequent real values come first."


def _draw_numbers(
    samples: Mapping[str, Frame], position: int, column: Column, distinct: NDArray[np.float64]
) -> tuple[Bars, str]:
    series = []
    missing = any(f.missing(position).any() for f in samples.values())
    others = any((~np.isin(_known(f, position), distinct)).any() for f in samples.values())
    for name, frame in samples.items():
        values = frame.values[position]
        shares = [float((values == v).sum()) / max(1, frame.rows) for v in distinct]
        if others:
            shares.append(float((~np.isin(_known(frame, position), distinct)).sum()) / max(1, frame.rows))
        if missing:
            shares.append(float(frame.missing(position).mean()))
        series.append(Series(name=name, y=tuple(round(s, 6) for s in shares)))
    labels = (*_write(distinct, column), *(("other values",) if others else ()), *(("missing",) if missing else ()))
    return Bars(
        labels=labels, series=tuple(series), unit="share of rows"
    ), "Bars of one group should be equally high; values are in ascending order."


def _draw_bins(
    samples: Mapping[str, Frame], position: int, column: Column, known: NDArray[np.float64]
) -> tuple[Histogram, str]:
    low, high = (float(q) for q in np.quantile(known, [0.01, 0.99], method="inverted_cdf"))
    if high <= low:  # nearly all values are one value: show where the others lie
        low, high = (float(q) for q in np.quantile(known, [0.0005, 0.9995], method="inverted_cdf"))
    if high <= low:
        low, high = low - 0.5, low + 0.5
    whole = not pa.types.is_floating(column.type) and not pa.types.is_decimal(column.type)
    if whole and high - low < 2 * BINS:
        step = max(1.0, float(np.ceil((high - low + 1) / BINS)))
        edges: NDArray[np.float64] = np.arange(low - 0.5, high + step, step, dtype=np.float64)
    else:
        edges = np.linspace(low, high, BINS + 1, dtype=np.float64)
    series = []
    for name, frame in samples.items():
        values = np.clip(_known(frame, position), edges[0], edges[-1])
        counts, _ = np.histogram(values, edges)
        series.append(Series(name=name, y=tuple(round(float(c), 6) for c in counts / max(1, frame.rows))))
    labels = _write(edges, column) if column.form == "time" else ()
    drawing = Histogram(
        edges=tuple(float(f"{e:.10g}") for e in edges), edge_labels=labels, series=tuple(series), unit="share of rows"
    )
    return (
        drawing,
        "The outlines should lie on one another; values beyond the 1% and 99% quantiles of the real ones are counted in the outer bins.",
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
