"""A matrix of numbers in steps of one ramp of colour, or of two where zero lies inside."""

from __future__ import annotations

import math

from sundog.core.findings import Heatmap
from sundog.evidence.report.svg import Chart, data_table, finite, fit, frame, text, tick_words, trim
from sundog.evidence.report.words import clean, measure, name

CELLS_DRAWN = 40
"""Rows and columns of a heat map that are drawn: those with the largest values; the table lists the rest."""

NUMBERS_WRITTEN = 10
"""Up to this many rows and columns the numbers are written into the cells."""


def draw_heatmap(heatmap: Heatmap, title: str, ident: str) -> Chart:
    """The matrix, the strongest rows and columns first where there are too many to draw."""
    values = heatmap.values
    row_picks = _strongest([finite(r) for r in values], heatmap)
    columns_seen = [finite(r[j] for r in values if j < len(r)) for j in range(len(heatmap.columns))]
    column_picks = _strongest(columns_seen, heatmap)
    if heatmap.rows == heatmap.columns and len(heatmap.rows) > CELLS_DRAWN:
        column_picks = row_picks
    dense = max(len(row_picks), len(column_picks)) > NUMBERS_WRITTEN
    cell_w, cell_h, size = (17.0, 17.0, 10.5) if dense else (48.0, 28.0, 11.5)
    longest = max((len(clean(c)) for c in heatmap.columns), default=1)
    left = min(max((len(clean(r)) for r in heatmap.rows), default=1) * size * 0.56 + 10, 150.0)
    tilt = dense or longest * size * 0.56 > cell_w - 4
    top = min(longest * size * 0.44 + 16, 104.0) if tilt else size + 12
    width = max(left + cell_w * len(column_picks) + (top * 0.8 if tilt else 6), 250.0)  # the key needs room too
    key_room = 40.0
    height = top + cell_h * len(row_picks) + key_room
    diverging = heatmap.low < 0 < heatmap.high
    ramp = "d" if diverging else "h"
    out = []
    for b, j in enumerate(column_picks):
        x = left + cell_w * (b + 0.5)
        label = fit(clean(heatmap.columns[j]), 118 if tilt else cell_w - 2, size)
        if tilt:
            out.append(
                f'<text class="lab" font-size="{trim(size)}" transform="translate({trim(x + 3)} {trim(top - 7)})'
                f' rotate(-48)">{label}</text>'
            )
        else:
            out.append(text(x, top - 7, label, size, "middle", "lab"))
    for a, i in enumerate(row_picks):
        y = top + cell_h * a
        label = fit(clean(heatmap.rows[i]), left - 8, size)
        out.append(text(left - 6, y + cell_h / 2 + size * 0.35, label, size, "end", "lab"))
        for b, j in enumerate(column_picks):
            out.append(_cell(heatmap, i, j, left + cell_w * b, y, cell_w, cell_h, ramp, not dense))
    out.append(_key(heatmap, ramp, left, height - 26))
    drawn = f"{len(row_picks)} of {len(heatmap.rows)} rows" if len(row_picks) < len(heatmap.rows) else ""
    note = f"The {drawn} with the largest values are drawn; the table lists all rows." if drawn else ""
    described = (
        f"Heat map of {len(heatmap.rows)} by {len(heatmap.columns)} values in {heatmap.unit}, "
        f"from {measure(heatmap.low, heatmap.unit)} to {measure(heatmap.high, heatmap.unit)}. {note}"
    )
    picture = frame("".join(out), width, height, ident, title, described)
    nominal = max(width, 240.0)
    picture = picture.replace(
        '<svg class="chart"',
        f'<svg class="chart" style="max-width:{trim(nominal * 1.25)}px;min-width:{trim(min(nominal * 0.8, 620))}px"',
        1,
    )
    return Chart(picture, _table(heatmap), (), note, wide=nominal > 470)


def _cell(
    heatmap: Heatmap, i: int, j: int, x: float, y: float, width: float, height: float, ramp: str, written: bool
) -> str:
    row = heatmap.values[i] if i < len(heatmap.values) else ()
    found = finite(row[j : j + 1])
    if not found:
        return ""
    step = _step(found[0], heatmap)
    square = (
        f'<rect x="{trim(x + 0.5)}" y="{trim(y + 0.5)}" width="{trim(width - 1)}" height="{trim(height - 1)}" '
        f'style="fill:var(--{ramp}{step})"'
    )
    number = measure(found[0], heatmap.unit)
    if written:
        label = f'<text class="on" x="{trim(x + width / 2)}" y="{trim(y + height / 2 + 4)}" font-size="11" '
        return f'{square}/>{label}text-anchor="middle" style="fill:var(--on-{ramp}{step})">{number}</text>'
    about = f"{name(heatmap.rows[i], 40)} × {name(heatmap.columns[j], 40)}: {number}"
    return f"{square}><title>{about}</title></rect>"


def _step(value: float, heatmap: Heatmap) -> int:
    if heatmap.low < 0 < heatmap.high:  # zero is the middle of the two-sided ramp
        reach = max(-heatmap.low, heatmap.high)
        return min(8, max(0, round(4 + 4 * value / reach)))
    span = heatmap.high - heatmap.low
    part = (value - heatmap.low) / span if span > 0 else 0.0
    return min(8, max(0, math.floor(part * 9)))


def _strongest(groups: list[list[float]], heatmap: Heatmap) -> list[int]:
    if len(groups) <= CELLS_DRAWN:
        return list(range(len(groups)))
    ground = 0.0 if heatmap.low < 0 < heatmap.high else heatmap.low
    strength = [max((abs(v - ground) for v in g), default=-1.0) for g in groups]
    mean = [sum(abs(v - ground) for v in g) / len(g) if g else -1.0 for g in groups]
    order = sorted(range(len(groups)), key=lambda i: (-strength[i], -mean[i], i))
    return order[:CELLS_DRAWN]


def _key(heatmap: Heatmap, ramp: str, x: float, y: float) -> str:
    words = tick_words(heatmap.unit)
    steps = "".join(
        f'<rect x="{trim(x + i * 16)}" y="{trim(y)}" width="16" height="9" style="fill:var(--{ramp}{i})"/>'
        for i in range(9)
    )
    low, high = heatmap.low, heatmap.high
    if ramp == "d":
        reach = max(-low, high)
        low, high = -reach, reach
    span = high - low
    unit = "" if heatmap.unit == "share" else " " + fit(clean(heatmap.unit), 120, 10.5)
    return (
        steps
        + text(x, y + 21, words(low, span), 10.5)
        + text(x + 72, y + 21, words((low + high) / 2, span), 10.5, "middle")
        + text(x + 144, y + 21, words(high, span) + unit, 10.5, "middle" if not unit else "start")
    )


def _table(heatmap: Heatmap) -> str:
    """All numbers of a small matrix; the mean and the largest value of each row of a large one."""
    if len(heatmap.columns) <= 16 and len(heatmap.rows) <= 60:
        heads = ["", *(name(c, 40) for c in heatmap.columns)]
        whole = (
            [name(r, 60), *(measure(v, heatmap.unit) for v in values)]
            for r, values in zip(heatmap.rows, heatmap.values, strict=False)
        )
        return data_table(heads, whole)
    rows = []
    for label, values in zip(heatmap.rows, heatmap.values, strict=False):
        seen = [(v, j) for j, v in enumerate(values) if v is not None and math.isfinite(v)]
        if not seen:
            continue
        top, where = max(seen, key=lambda pair: abs(pair[0]))
        rows.append(
            [
                name(label, 60),
                measure(sum(v for v, _ in seen) / len(seen), heatmap.unit),
                f"{measure(top, heatmap.unit)} ({name(heatmap.columns[where], 40)})",
            ]
        )
    return data_table(["", "mean of the row", "largest, and where"], rows, limit=600)
