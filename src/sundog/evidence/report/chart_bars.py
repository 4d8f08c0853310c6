"""Grouped bars, upright where the labels fit and lying where they do not."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

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

BARS_DRAWN = 30
BARS_DRAWN_SMALL = 9


def draw_bars(bars: Bars, title: str, ident: str, small: bool) -> Chart:
    """The bars, at most as many as can be read; the table has more."""
    ordered = not bars.horizontal and _mostly_numbers(bars.labels)
    most = BARS_DRAWN if ordered or not small else BARS_DRAWN_SMALL
    count = min(len(bars.labels), most)
    labels = [clean(label) for label in bars.labels[:count]]
    names = [s.name for s in bars.series]
    classes = series_classes(names)
    size = 10.5 if small else 11.0
    width = 260.0 if small else 420.0
    values = [[_at(s.y, i) for i in range(count)] for s in bars.series]
    lows = [[_at(s.low, i) for i in range(count)] for s in bars.series]
    highs = [[_at(s.high, i) for i in range(count)] for s in bars.series]
    seen = finite(v for group in (*values, *lows, *highs) for v in group)
    low, high = min([0.0, *seen]), max([0.0, *seen])
    if low == high:
        high = low + 1.0
    room = (width - 46) / max(count, 1)
    lying = bars.horizontal or (not ordered and widest(labels, size) > room * 0.95)
    draw = _lying if lying else _upright
    body, height = draw(labels, values, lows, highs, classes, (low, high), bars.unit, width, size, small)
    left = len(bars.labels) - count
    note = f"{left:,} more of {len(bars.labels):,} are in the table." if left > 0 else ""
    described = f"Bars of {spell_list(tuple(names))} over {len(bars.labels)} labels, in {bars.unit}."
    rows = (
        [name(label), *(measure(_at(s.y, i), bars.unit) for s in bars.series)] for i, label in enumerate(bars.labels)
    )
    return Chart(
        frame(body, width, height, ident, title, described),
        data_table(["", *(show(n, 80) for n in names)], rows),
        tuple((f"{c} bar", n) for c, n in zip(classes, names, strict=True)) if len(names) > 1 else (),
        note,
        wide=lying and count > 12,
    )


def _upright(
    labels: list[str],
    values: list[list[float | None]],
    lows: list[list[float | None]],
    highs: list[list[float | None]],
    classes: tuple[str, ...],
    ends: tuple[float, float],
    unit: str,
    width: float,
    size: float,
    small: bool,
) -> tuple[str, float]:
    height = 140.0 if small else 220.0
    left, right, top, bottom = 36.0, width - 4, 8.0, height - 20
    ticks = nice_ticks(*ends, 3 if small else 4)
    y = linear(ends[0], max(ends[1], ticks[-1]), bottom, top)
    words = tick_words(unit)
    out = []
    for tick in ticks:
        out.append(rule(left, y(tick), right, y(tick), "base" if tick == 0 else "grid"))
        out.append(text(left - 5, y(tick) + 3.5, words(tick, ends[1] - ends[0]), size - 0.5, "end"))
    step = (right - left) / max(len(labels), 1)
    # Where not all labels fit, every second, third ... is written; numbers in order can be read between.
    numbers = [label for label in labels if _mostly_numbers((label,))]
    every = max(1, math.ceil((widest(numbers, size) + 3) / step)) if numbers else 1
    thick = min(step * 0.76 / max(len(values), 1), 34.0)
    for i, label in enumerate(labels):
        middle = left + step * (i + 0.5)
        start = middle - thick * len(values) / 2
        for s, group in enumerate(values):
            value = group[i]
            x = start + s * thick
            if value is not None:
                head, foot = min(y(value), y(0)), max(y(value), y(0))
                out.append(_bar(x + 0.5, head, thick - 1, foot - head, classes[s]))
            out.append(_whisker_up(x + thick / 2, lows[s][i], highs[s][i], y))
        if i % every == 0:
            out.append(text(middle, height - 5, fit(label, step * every, size), size, "middle", "lab"))
    return "".join(out), height


def _lying(
    labels: list[str],
    values: list[list[float | None]],
    lows: list[list[float | None]],
    highs: list[list[float | None]],
    classes: tuple[str, ...],
    ends: tuple[float, float],
    unit: str,
    width: float,
    size: float,
    small: bool,
) -> tuple[str, float]:
    thick = (5.5 if small else 8.0) if len(values) > 1 else (9.0 if small else 12.0)
    pitch = thick * len(values) + (4.5 if small else 8.0)
    pitch = max(pitch, size + 3)
    left = min(widest(labels, size) + 8, width * 0.42)
    right, top = width - 14, 4.0
    height = top + pitch * len(labels) + 20
    bottom = height - 18
    x = linear(*ends, left, right)
    words = tick_words(unit)
    out = []
    for tick in nice_ticks(*ends, 3):
        out.append(rule(x(tick), top, x(tick), bottom, "base" if tick == 0 else "grid"))
        out.append(text(x(tick), height - 5, words(tick, ends[1] - ends[0]), size - 0.5, "middle"))
    for i, label in enumerate(labels):
        middle = top + pitch * (i + 0.5)
        start = middle - thick * len(values) / 2
        for s, group in enumerate(values):
            value = group[i]
            if value is not None:
                head, foot = min(x(value), x(0)), max(x(value), x(0))
                out.append(_bar(head, start + s * thick + 0.25, foot - head, thick - 0.5, classes[s]))
            out.append(_whisker_right(start + (s + 0.5) * thick, lows[s][i], highs[s][i], x))
        out.append(text(left - 6, middle + size * 0.34, fit(label, left - 8, size), size, "end", "lab"))
    return "".join(out), height


def _mostly_numbers(labels: Sequence[str]) -> bool:
    """Whether these are numbers in order, perhaps with a last word such as ``missing``."""
    numbers = sum(re.fullmatch(r"[-−+]?[\d.,]+", label.strip()) is not None for label in labels)
    return len(labels) > 0 and numbers >= max(1, len(labels) - 2)


def _bar(x: float, y: float, width: float, height: float, css: str) -> str:
    return (
        f'<rect class="barf {css}" x="{trim(x)}" y="{trim(y)}" width="{trim(max(width, 0.4))}" '
        f'height="{trim(max(height, 0.4))}"/>'
    )


def _whisker_up(x: float, low: float | None, high: float | None, y: object) -> str:
    if low is None or high is None or not callable(y):
        return ""
    return f'<path class="base" d="M{trim(x)} {trim(y(low))}V{trim(y(high))}"/>'


def _whisker_right(y: float, low: float | None, high: float | None, x: object) -> str:
    if low is None or high is None or not callable(x):
        return ""
    return f'<path class="base" d="M{trim(x(low))} {trim(y)}H{trim(x(high))}"/>'


def _at(values: tuple[float | None, ...], i: int) -> float | None:
    found = finite(values[i : i + 1])
    return found[0] if found else None
