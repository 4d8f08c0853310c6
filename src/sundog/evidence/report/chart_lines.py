"""Histograms and curves: what lies over a continuous axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from sundog.core.findings import Curve, Histogram, Series
from sundog.evidence.report.svg import (
    Chart,
    Scale,
    data_table,
    finite,
    fit,
    frame,
    linear,
    log_ticks,
    logarithmic,
    nice_ticks,
    polyline,
    rule,
    series_classes,
    short,
    text,
    tick_words,
    trim,
)
from sundog.evidence.report.words import clean, measure, plain, show, spell_list

UNEVEN = 12.0
"""Ratio of the widest bin to the narrowest beyond which bins are drawn equally wide."""


def draw_histogram(histogram: Histogram, title: str, ident: str, small: bool) -> Chart:
    """Densities as filled or stepped outlines; very uneven bins are drawn equally wide, and the note says so."""
    width, height, size = (260.0, 140.0, 10.5) if small else (420.0, 230.0, 11.0)
    left, right, top, bottom = (34.0 if small else 44.0), width - 6, 8.0, height - 20
    names = [s.name for s in histogram.series]
    classes = series_classes(names)
    edges = list(histogram.edges)
    even = _evenness(edges) <= UNEVEN
    places = edges if even else [float(i) for i in range(len(edges))]
    x = linear(places[0], places[-1], left, right) if places else linear(0, 1, left, right)
    high = max([0.0, *finite(v for s in histogram.series for v in s.y)]) or 1.0
    ticks = nice_ticks(0, high, 2 if small else 4)
    y = linear(0, max(high, ticks[-1]), bottom, top)
    words = tick_words(histogram.unit)
    out = [rule(left, y(t), right, y(t), "base" if t == 0 else "grid") for t in ticks]
    out += [text(left - 5, y(t) + 3.5, words(t, high), size - 0.5, "end") for t in ticks]
    out.append(_edge_labels(histogram, places, x, height - 5, size, even, right))
    # The real side is a filled ground, the synthetic side a line over it: they stay apart without colour.
    for series, css in sorted(zip(histogram.series, classes, strict=True), key=lambda pair: pair[1] != "c-real"):
        if css == "c-real":
            out.append(f'<path class="area {css}" d="{_steps(series.y, places, x, y, closed=True)}"/>')
        out.append(f'<path class="line {css}" d="{_steps(series.y, places, x, y, closed=False)}"/>')
    described = (
        f"Histogram with {max(len(edges) - 1, 0)} bins of {spell_list(tuple(names))}, in {histogram.unit}, "
        f"from {_edge(histogram, 0)} to {_edge(histogram, len(edges) - 1)}."
    )
    rows = (
        [
            f"{show(_edge(histogram, i), 60)} to {show(_edge(histogram, i + 1), 60)}",
            *(measure(s.y[i] if i < len(s.y) else None, histogram.unit) for s in histogram.series),
        ]
        for i in range(len(edges) - 1)
    )
    note = "" if even else "Bins of unequal width are drawn equally wide."
    table = data_table(["bin", *(show(n, 80) for n in names)], rows)
    shapes = tuple("c-real area" if c == "c-real" else c for c in classes)
    legend = tuple(zip(shapes, names, strict=True)) if len(names) > 1 else ()
    return Chart(frame("".join(out), width, height, ident, title, described), table, legend, note)


def draw_curve(curve: Curve, title: str, ident: str, small: bool) -> Chart:
    """Lines over x, with bands where there are intervals and dots where there are few points."""
    width, height, size = (260.0, 160.0, 10.5) if small else (420.0, 260.0, 11.0)
    left, right, top, bottom = (38.0 if small else 48.0), width - 10, 10.0, height - 36
    names = [s.name for s in curve.series]
    classes = series_classes(names)
    xs = finite(curve.x)
    ys = finite(v for s in curve.series for v in (*s.y, *s.low, *s.high))
    log_x = curve.log_x and bool(xs) and max(xs) > 0
    log_y = curve.log_y and bool(ys) and max(ys) > 0
    x_low, x_high = _ends(xs, log_x)
    y_low, y_high = _ends(ys, log_y)
    if not log_y:
        pad = (y_high - y_low) * 0.06
        y_low, y_high = (0.0 if 0 <= y_low < (y_high - y_low) * 0.5 else y_low - pad), y_high + pad
    x = (logarithmic if log_x else linear)(x_low, x_high, left, right)
    y = (logarithmic if log_y else linear)(y_low, y_high, bottom, top)
    y_ticks = log_ticks(y_low, y_high) if log_y else nice_ticks(y_low, y_high, 4)
    x_ticks = log_ticks(x_low, x_high) if log_x else nice_ticks(x_low, x_high, 5)
    words = tick_words(curve.unit)
    x_words = tick_words(curve.x_unit)
    out = [rule(left, y(t), right, y(t)) for t in y_ticks]
    out += [text(left - 6, y(t) + 3.5, words(t, y_high - y_low), size - 0.5, "end") for t in y_ticks]
    out.append(rule(left, bottom, right, bottom, "base"))
    for t in x_ticks:
        out.append(rule(x(t), bottom, x(t), bottom + 4, "base"))
        out.append(text(x(t), bottom + 16, x_words(t, x_high - x_low), size - 0.5, "middle"))
    out.append(text((left + right) / 2, height - 4, fit(clean(curve.x_unit), right - left, size), size, "middle"))
    for series, css in zip(curve.series, classes, strict=True):
        out.append(_curve_line(series, css, curve.x, x, y))
    log_words = spell_list(tuple(w for w, on in (("horizontal", log_x), ("vertical", log_y)) if on))
    described = f"Lines of {spell_list(tuple(names))}: {curve.unit} over {curve.x_unit}."
    note = f"Logarithmic {log_words} axis." if log_words else ""
    rows = (
        [plain(v), *(measure(s.y[i] if i < len(s.y) else None, curve.unit) for s in curve.series)]
        for i, v in enumerate(curve.x)
    )
    table = data_table([show(curve.x_unit, 60), *(show(n, 80) for n in names)], rows)
    legend = tuple(zip(classes, names, strict=True)) if len(names) > 1 else ()
    return Chart(frame("".join(out), width, height, ident, title, described + " " + note), table, legend, note)


def _curve_line(series: Series, css: str, xs: Sequence[float], x: Scale, y: Scale) -> str:
    out = []
    lows, highs = _points(xs, series.low, x, y), _points(xs, series.high, x, y)
    band = [(a, b) for a, b in zip(lows, highs, strict=False) if a is not None and b is not None]
    if len(band) > 1:
        around = [a for a, _ in band] + [b for _, b in reversed(band)]
        out.append(f'<path class="band {css}" d="{polyline(around)}Z"/>')
    points = _points(xs, series.y, x, y)
    out.append(f'<path class="line {css}" d="{polyline(points)}"/>')
    if len(points) <= 16 and css != "c-chance":
        out += [f'<circle class="dot {css}" cx="{trim(p[0])}" cy="{trim(p[1])}" r="3"/>' for p in points if p]
    return "".join(out)


def _points(xs: Sequence[float], ys: Sequence[float | None], x: Scale, y: Scale) -> list[tuple[float, float] | None]:
    return [
        (x(a), y(b)) if b is not None and math.isfinite(a) and math.isfinite(b) else None
        for a, b in zip(xs, ys, strict=False)
    ]


def _ends(values: list[float], log: bool) -> tuple[float, float]:
    if log:
        values = [v for v in values if v > 0]
        low, high = min(values), max(values)
        return (low, high) if low < high else (low / 2, high * 2)
    low, high = min(values, default=0.0), max(values, default=1.0)
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _evenness(edges: list[float]) -> float:
    widths = [b - a for a, b in pairwise(edges) if math.isfinite(b - a)]
    if not widths:
        return 1.0
    # One wide tail bin alone does not spoil a straight axis; many widths do, so the median is compared.
    middle = sorted(widths)[len(widths) // 2]
    return max(widths) / middle if middle > 0 else math.inf


def _steps(values: Sequence[float | None], places: list[float], x: Scale, y: Scale, *, closed: bool) -> str:
    points: list[tuple[float, float]] = []
    for i, value in enumerate(values[: len(places) - 1]):
        height = value if value is not None and math.isfinite(value) else 0.0
        if not points or trim(points[-1][1]) != trim(y(height)):
            points.append((x(places[i]), y(height)))
        last = (x(places[i + 1]), y(height))
        if len(points) > 1 and trim(points[-1][1]) == trim(points[-2][1]):
            points[-1] = last
        else:
            points.append(last)
    if not points:
        return ""
    if closed:
        return polyline([(points[0][0], y(0)), *points, (points[-1][0], y(0))]) + "Z"
    return polyline([(points[0][0], y(0)), *points, (points[-1][0], y(0))])


def _edge(histogram: Histogram, i: int) -> str:
    if 0 <= i < len(histogram.edge_labels):
        return histogram.edge_labels[i]
    return plain(histogram.edges[i]) if 0 <= i < len(histogram.edges) else ""


def _edge_labels(
    histogram: Histogram, places: list[float], x: Scale, y: float, size: float, even: bool, right: float
) -> str:
    if not places:
        return ""
    if even and not histogram.edge_labels:
        ticks = nice_ticks(places[0], places[-1], 4)
        span = places[-1] - places[0]
        return "".join(
            text(min(x(t), right - 4), y, short(t, span), size - 0.5, "end" if x(t) > right - 12 else "middle")
            for t in ticks
        )
    last = len(places) - 1
    out = []
    for i, anchor in ((0, "start"), (last // 2, "middle"), (last, "end")):
        label = histogram.edge_labels[i] if i < len(histogram.edge_labels) else short(histogram.edges[i])
        out.append(text(x(places[i]), y, fit(clean(label), (right - x(places[0])) / 3.2, size), size - 0.5, anchor))
    return "".join(out)
