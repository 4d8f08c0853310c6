"""Estimates with intervals, one a line, each beside its reference; and the small ruler of a headline number."""

from __future__ import annotations

from sundog.core.findings import Finding, Intervals
from sundog.evidence.report.svg import (
    Chart,
    data_table,
    finite,
    fit,
    frame,
    linear,
    nice_ticks,
    rule,
    text,
    tick_words,
    trim,
    widest,
)
from sundog.evidence.report.words import clean, measure, name, show

LINES_DRAWN = 40

_ROUND_TOPS = (0.0001, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def draw_intervals(intervals: Intervals, title: str, ident: str) -> Chart:
    """Dots with whiskers (what was measured) and diamonds (the reference)."""
    count = min(len(intervals.labels), LINES_DRAWN)
    labels = [clean(label) for label in intervals.labels[:count]]
    size, width, pitch, top = 11.0, 420.0, 25.0, 6.0
    seen = finite((*intervals.value, *intervals.low, *intervals.high, *intervals.reference))
    low, high = min(seen, default=0.0), max(seen, default=1.0)
    pad = (high - low) * 0.06 or 0.05
    low, high = low - pad, high + pad
    left = min(widest(labels, size) + 10, width * 0.5)
    right = width - 52
    height = top + pitch * count + 22
    bottom = height - 20
    x = linear(low, high, left, right)
    words = tick_words(intervals.unit)
    out = []
    for tick in nice_ticks(low, high, 4):
        out.append(rule(x(tick), top, x(tick), bottom))
        out.append(text(x(tick), height - 5, words(tick, high - low), size - 0.5, "middle"))
    for i, label in enumerate(labels):
        y = top + pitch * (i + 0.5)
        out.append(rule(left, y, right, y))
        out.append(text(left - 7, y + 4, fit(label, left - 9, size), size, "end", "lab"))
        value, a, b, reference = (
            _at(v, i) for v in (intervals.value, intervals.low, intervals.high, intervals.reference)
        )
        if reference is not None:
            out.append(_diamond(x(reference), y))
        if a is not None and b is not None:
            out.append(f'<path class="whisk c-synth" d="M{trim(x(a))} {trim(y)}H{trim(x(b))}"/>')
        if value is not None:
            out.append(f'<circle class="dot c-synth" cx="{trim(x(value))}" cy="{trim(y)}" r="4.5"/>')
            out.append(text(width - 2, y + 4, measure(value, intervals.unit), size, "end", "lab"))
    left_out = len(intervals.labels) - count
    note = f"{left_out} more lines are in the table." if left_out else ""
    reference_is = intervals.reference_is or "reference"
    described = f"{count} estimates with intervals in {intervals.unit}" + (
        f", each beside its reference: {reference_is}." if intervals.reference else "."
    )
    rows = (
        [
            name(label),
            measure(_at(intervals.value, i), intervals.unit),
            measure(_at(intervals.low, i), intervals.unit),
            measure(_at(intervals.high, i), intervals.unit),
            *([measure(_at(intervals.reference, i), intervals.unit)] if intervals.reference else []),
        ]
        for i, label in enumerate(intervals.labels)
    )
    heads = ["", "value", "low", "high", *([show(reference_is, 80)] if intervals.reference else [])]
    legend = (("c-synth dot", "measured, with interval"), ("c-real diamond", reference_is))
    return Chart(
        frame("".join(out), width, height, ident, title, described),
        data_table(heads, rows),
        legend if intervals.reference else (),
        note,
        wide=count > 12,
    )


def draw_ruler(finding: Finding, ident: str) -> str:
    """One number on its scale: a dot with its interval, and a diamond where the reference lies.

    Empty where there is nothing to compare with: a dot alone on a scale made for it says nothing.
    """
    values = finite((finding.value, finding.baseline, *(finding.interval or ())))
    if finding.value is None or len(values) < 2:
        return ""
    low, high = _span(values, finding.unit)
    width, height, y = 300.0, 36.0, 11.0
    x = linear(low, high, 8, width - 8)
    words = tick_words(finding.unit)
    out = [rule(8, y, width - 8, y, "base")]
    for end, anchor in ((low, "start"), (high, "end")):
        out.append(rule(x(end), y - 4, x(end), y + 4, "base"))
        edge = 4 if anchor == "start" else width - 4
        out.append(text(edge, height - 3, words(end, high - low), 11, anchor))
    if finding.baseline is not None:
        out.append(_diamond(x(finding.baseline), y, 6.0))
    if finding.interval is not None:
        a, b = (x(v) for v in finding.interval)
        out.append(f'<path class="whisk c-synth" style="stroke-width:3" d="M{trim(a)} {trim(y)}H{trim(b)}"/>')
    out.append(f'<circle class="dot c-synth" cx="{trim(x(finding.value))}" cy="{trim(y)}" r="5"/>')
    described = f"{measure(finding.value, finding.unit)} on a scale from {words(low, 0)} to {words(high, 0)}"
    if finding.baseline is not None:
        described += f"; reference {measure(finding.baseline, finding.unit)}"
    picture = frame("".join(out), width, height, ident, finding.subject, described + ".")
    return picture.replace('class="chart"', 'class="chart ruler"', 1)


def _span(values: list[float], unit: str) -> tuple[float, float]:
    """Ends of the ruler: the natural scale of the unit, narrowed only to round numbers."""
    low, high = min(values), max(values)
    if unit.lower().startswith("auc"):
        return min(0.4, low), 1.0
    if unit.lower().startswith("share") and low >= 0 and high <= 1:
        if low >= 0.9:
            return 0.9, 1.0
        if low >= 0.5:
            return 0.5, 1.0
        return 0.0, next(t for t in _ROUND_TOPS if high <= t)
    if low >= 0 and high <= 1.05 and low >= 0.8:
        return 0.8, max(1.0, high)
    if low >= 0 and high <= 1:
        return 0.0, next(t for t in _ROUND_TOPS if high <= t)
    start = 0.0 if low >= 0 else low * 1.2
    ticks = nice_ticks(start, high * 1.2 if high > 0 else 0.0, 3)
    return min(start, low), max(ticks[-1] if ticks else high, high)


def _diamond(x: float, y: float, half: float = 5.5) -> str:
    points = (
        f"M{trim(x)} {trim(y - half)}L{trim(x + half)} {trim(y)}L{trim(x)} {trim(y + half)}L{trim(x - half)} {trim(y)}Z"
    )
    return f'<path class="mark c-real" d="{points}"/>'


def _at(values: tuple[float | None, ...], i: int) -> float | None:
    found = finite(values[i : i + 1])
    return found[0] if found else None
