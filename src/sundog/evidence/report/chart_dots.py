"""Scores of several series as dots on lines: for units without a natural zero, where a bar's length would mislead."""

from __future__ import annotations

from sundog.core.findings import Bars
from sundog.evidence.report.svg import (
    Chart,
    data_table,
    finite,
    fit,
    frame,
    linear,
    nice_ticks,
    rule,
    series_classes,
    text,
    tick_words,
    trim,
    widest,
)
from sundog.evidence.report.words import clean, measure, name, show, spell_list

_SCORES = frozenset({"auc", "r2", "accuracy", "ratio", "f1", "auprc"})
LINES_DRAWN = 40


def suits_dots(bars: Bars) -> bool:
    """Whether these are scores far from zero and near one another."""
    seen = finite(v for s in bars.series for v in s.y)
    words = bars.unit.lower().split()
    return bool(words) and words[0] in _SCORES and len(seen) > 1 and min(seen) > 0.5 * max(seen) > 0


def draw_dots(bars: Bars, title: str, ident: str) -> Chart:
    """One line a label, one dot a series, whiskers where there are intervals."""
    count = min(len(bars.labels), LINES_DRAWN)
    labels = [clean(label) for label in bars.labels[:count]]
    names = [s.name for s in bars.series]
    classes = series_classes(names)
    size, width, lane, top = 11.0, 420.0, 15.0, 6.0
    pitch = lane * len(names) + 10
    seen = finite(v for s in bars.series for group in (s.y, s.low, s.high) for v in group)
    low, high = min(seen), max(seen)
    pad = (high - low) * 0.08 or 0.02
    low, high = low - pad, high + pad
    left = min(widest(labels, size) + 10, width * 0.5)
    right = width - 50
    height = top + pitch * count + 22
    bottom = height - 20
    x = linear(low, high, left, right)
    words = tick_words(bars.unit)
    out = []
    for tick in nice_ticks(low, high, 4):
        out.append(rule(x(tick), top, x(tick), bottom))
        out.append(text(x(tick), height - 5, words(tick, high - low), size - 0.5, "middle"))
    for i, label in enumerate(labels):
        start = top + pitch * i + 5
        out.append(rule(left, start + pitch - 5, right, start + pitch - 5))
        out.append(text(left - 7, start + lane * len(names) / 2 + 4, fit(label, left - 9, size), size, "end", "lab"))
        for lane_number, (series, css) in enumerate(zip(bars.series, classes, strict=True)):
            y = start + lane * (lane_number + 0.5)
            value, a, b = (finite(v[i : i + 1]) for v in (series.y, series.low, series.high))
            if a and b:
                out.append(f'<path class="whisk {css}" d="M{trim(x(a[0]))} {trim(y)}H{trim(x(b[0]))}"/>')
            if value:
                out.append(f'<circle class="dot {css}" cx="{trim(x(value[0]))}" cy="{trim(y)}" r="4.3"/>')
                out.append(text(width - 2, y + 4, measure(value[0], bars.unit), size - 0.5, "end", "lab"))
    left_out = len(bars.labels) - count
    note = f"{left_out} more lines are in the table." if left_out else ""
    described = f"Dots of {spell_list(tuple(names))} for {len(bars.labels)} labels, in {bars.unit}."
    rows = (
        [name(label), *(measure(next(iter(finite(s.y[i : i + 1])), None), bars.unit) for s in bars.series)]
        for i, label in enumerate(bars.labels)
    )
    return Chart(
        frame("".join(out), width, height, ident, title, described),
        data_table(["", *(show(n, 80) for n in names)], rows),
        tuple((f"{c} dot", n) for c, n in zip(classes, names, strict=True)) if len(names) > 1 else (),
        note,
        wide=count * len(names) > 14,
    )
