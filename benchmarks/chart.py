"""Lines over two logarithmic axes as SVG text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 180, 40, 55
COLOURS = ("#2563a8", "#b8531a", "#5b8c2a", "#8a4a9e")


@dataclass(frozen=True)
class Line:
    """A name and its points (x, y), both above zero."""

    name: str
    points: tuple[tuple[float, float], ...]


def draw_chart(title: str, x_label: str, y_label: str, lines: Sequence[Line]) -> str:
    """One self-contained SVG with a white ground, readable in light and dark pages."""
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    x_low, x_high, y_low, y_high = (
        _decade(min(xs), math.floor),
        _decade(max(xs), math.ceil),
        _decade(min(ys), math.floor),
        _decade(max(ys), math.ceil),
    )
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - x_low) / max(1, x_high - x_low)
        up = (math.log10(y) - y_low) / max(1, y_high - y_low)
        return LEFT + across * wide, TOP + (1 - up) * high

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="22" font-size="15" fill="#222">{escape(title)}</text>',
    ]
    for power in range(x_low, x_high + 1):
        x, y = place(10.0**power, 10.0**y_low)
        out.append(
            f'<path d="M{x:.1f} {TOP}V{y:.1f}" stroke="#dddddd"/><text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle" fill="#444">{_say(power)}</text>'
        )
    for power in range(y_low, y_high + 1):
        x, y = place(10.0**x_low, 10.0**power)
        out.append(
            f'<path d="M{x:.1f} {y:.1f}H{LEFT + wide}" stroke="#dddddd"/><text x="{x - 8:.1f}" y="{y + 4:.1f}" text-anchor="end" fill="#444">{_say(power)}</text>'
        )
    out.append(
        f'<text x="{LEFT + wide / 2}" y="{HEIGHT - 12}" text-anchor="middle" fill="#222">{escape(x_label)}</text>'
    )
    out.append(
        f'<text transform="translate(16 {TOP + high / 2}) rotate(-90)" text-anchor="middle" fill="#222">{escape(y_label)}</text>'
    )
    for i, line in enumerate(lines):
        colour = COLOURS[i % len(COLOURS)]
        dash = ' stroke-dasharray="5 4"' if i % 2 else ""
        spots = [place(x, y) for x, y in line.points]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
        out.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in spots]
        at = TOP + 10 + 20 * i
        out.append(
            f'<path d="M{LEFT + wide + 12} {at}h22" stroke="{colour}" stroke-width="2"{dash}/><text x="{LEFT + wide + 40}" y="{at + 4}" fill="#222">{escape(line.name)}</text>'
        )
    return "\n".join([*out, "</svg>"]) + "\n"


def _decade(value: float, way: object) -> int:
    return int(way(math.log10(value)))  # type: ignore[operator]


def _say(power: int) -> str:
    value = 10.0**power
    if power >= 6:
        return f"{value / 1e6:g} M"
    return f"{value / 1e3:g} k" if power >= 3 else f"{value:g}"
