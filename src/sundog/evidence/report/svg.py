"""Pieces of a drawing: scales, ticks, paths and the frame that makes an SVG readable without eyes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sundog.evidence.report.words import show

Scale: TypeAlias = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing and what stands beside it.

    Attributes:
        svg: the picture, ``role="img"`` with title and description.
        table: the same numbers as an HTML table; empty where there is nothing to tabulate.
        legend: (colour class, name), one entry a series; empty where there is one series.
        note: a sentence about what was left out of the picture; empty where nothing was.
        wide: whether it wants the whole width of the page.
    """

    svg: str
    table: str = ""
    legend: tuple[tuple[str, str], ...] = ()
    note: str = ""
    wide: bool = False


def frame(body: str, width: float, height: float, ident: str, title: str, description: str) -> str:
    """An SVG of this nominal size that fills the width it is given."""
    return (
        f'<svg class="chart" viewBox="0 0 {trim(width)} {trim(height)}" role="img" '
        f'aria-labelledby="{ident}-t {ident}-d"><title id="{ident}-t">{show(title, 160)}</title>'
        f'<desc id="{ident}-d">{show(description, 400)}</desc>{body}</svg>'
    )


def trim(number: float) -> str:
    """A coordinate with one decimal at most."""
    written = f"{number:.1f}".removesuffix(".0")
    return "0" if written == "-0" else written


def finite(values: Iterable[float | None]) -> list[float]:
    """The numbers that can be drawn."""
    return [v for v in values if v is not None and math.isfinite(v)]


def linear(low: float, high: float, start: float, end: float) -> Scale:
    """A straight scale from data to pixels; a span of nothing maps to the middle."""
    span = high - low
    if span == 0 or not math.isfinite(span):
        return lambda v: (start + end) / 2
    return lambda v: start + (v - low) / span * (end - start)


def logarithmic(low: float, high: float, start: float, end: float) -> Scale:
    """A logarithmic scale; values at or below zero go to the low end."""
    straight = linear(math.log10(low), math.log10(high), start, end)
    return lambda v: straight(math.log10(max(v, low)))


def nice_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers inside [low, high], about so many of them."""
    span = high - low
    if span <= 0 or not math.isfinite(span):
        return [low] if math.isfinite(low) else []
    raw = span / max(about, 1)
    if raw < 1e-300:  # so near 0 that its powers of ten are no longer floats
        return [low, high]
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((m * power for m in (1.0, 2.0, 2.5, 5.0) if raw <= m * power * 1.0001), 10.0 * power)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if last - first > 40 or step == 0:
        return [low, high]
    return [i * step for i in range(first, last + 1)]


def log_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Powers of ten inside [low, high], thinned to about so many; with 2 and 5 where there are few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [10.0**p for p in powers if low * 0.999 <= 10.0**p <= high * 1.001]
    if len(ticks) < 3:
        fine = [m * 10.0**p for p in powers for m in (1, 2, 5)]
        ticks = [t for t in fine if low * 0.999 <= t <= high * 1.001]
    every = max(1, math.ceil(len(ticks) / about))
    return ticks[::every]


def short(value: float, span: float = 0.0) -> str:
    """A tick's label: as few characters as tell neighbouring ticks apart."""
    if value == 0 or abs(value) < span * 1e-9:
        return "0"
    size = abs(value)
    sign = "−" if value < 0 else ""
    for limit, word in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= limit:
            scaled = size / (1e3 if word == "k" else limit)
            digits = 4 if span and span / size < 0.02 else 3
            return f"{sign}{scaled:.{digits}g}{word}" if scaled < 1000 else f"{sign}{size:.2g}"
    if size < 1e-3:
        return f"{sign}{size:.1e}".replace("e-0", "e-")
    return f"{sign}{size:.4g}"


def share_tick(value: float, span: float = 0.0) -> str:
    """A tick's label for a share: per cent."""
    percent = value * 100
    text = f"{abs(percent):.3g}"
    return ("−" if percent < 0 else "") + text + "%"


def tick_words(unit: str) -> Callable[[float, float], str]:
    """How ticks of this unit are written."""
    kind = unit.strip().lower()
    return share_tick if kind == "share" or kind.startswith("share ") else short


def polyline(points: Sequence[tuple[float, float] | None]) -> str:
    """The path through points; None breaks it."""
    out: list[str] = []
    pen = "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        out.append(f"{pen}{trim(point[0])} {trim(point[1])}")
        pen = "L"
    return "".join(out)


def text(x: float, y: float, words: str, size: float = 11, anchor: str = "start", css: str = "") -> str:
    """A line of text; ``words`` must be escaped already."""
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    css = f' class="{css}"' if css else ""
    return f'<text x="{trim(x)}" y="{trim(y)}" font-size="{trim(size)}"{where}{css}>{words}</text>'


def rule(x1: float, y1: float, x2: float, y2: float, css: str = "grid") -> str:
    """A straight line."""
    return f'<path class="{css}" d="M{trim(x1)} {trim(y1)}L{trim(x2)} {trim(y2)}"/>'


def fit(label: str, room: float, size: float) -> str:
    """A label, escaped, cut to about this width in pixels at this size of letters."""
    used = 0.0
    for place, letter in enumerate(label):
        used += size * (1.0 if ord(letter) > 0x2E80 else 0.56)
        if used > room:
            return show(label[: max(place - 1, 1)].rstrip() + "…", 400)
    return show(label, 400)


def widest(labels: Sequence[str], size: float) -> float:
    """About the width in pixels of the widest of these labels."""
    return max((sum(size * (1.0 if ord(c) > 0x2E80 else 0.56) for c in label[:400]) for label in labels), default=0.0)


def series_classes(names: Sequence[str]) -> tuple[str, ...]:
    """A colour class for each series: by what its name says, else the next free colour.

    Synthetic, training and holdout rows keep their colours all over the report.
    """
    taken: list[str] = []
    spare = iter([f"c-{i}" for i in (1, 2, 3, 4)] * (len(names) // 4 + 1))
    for series in names:
        css = _class_by_name(series.lower())
        if css is None or css in taken:
            css = next(spare)
        taken.append(css)
    return tuple(taken)


def _class_by_name(words: str) -> str | None:
    if "synth" in words:
        return "c-synth"
    if any(w in words for w in ("holdout", "unseen", "fresh")):
        return "c-holdout"
    if any(w in words for w in ("chance", "baseline", "nothing")):
        return "c-chance"
    if any(w in words for w in ("real", "train")):
        return "c-real"
    return None


def data_table(heads: Sequence[str], rows: Iterable[Sequence[str]], limit: int = 120) -> str:
    """Numbers of a drawing as a table; cells must be escaped already."""
    kept: list[Sequence[str]] = []
    left = 0
    for row in rows:
        if len(kept) < limit:
            kept.append(row)
        else:
            left += 1
    head = "".join(f'<th scope="col"{_right(i)}>{h}</th>' for i, h in enumerate(heads))
    body = "".join(
        "<tr>" + f'<th scope="row">{r[0]}</th>' + "".join(f'<td class="num">{c}</td>' for c in r[1:]) + "</tr>"
        for r in kept
    )
    more = f'<p class="from">{left:,} more rows are in report.json.</p>' if left else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _right(i: int) -> str:
    return "" if i == 0 else ' class="num"'
