"""From a drawing in an exhibit to a chart. Draws only what the exhibit holds; nothing is measured here."""

from __future__ import annotations

from sundog.core.findings import Bars, Curve, Drawing, Grid, Heatmap, Histogram, Intervals, Picture
from sundog.evidence.report.chart_bars import draw_bars
from sundog.evidence.report.chart_dots import draw_dots, suits_dots
from sundog.evidence.report.chart_heatmap import draw_heatmap
from sundog.evidence.report.chart_intervals import draw_intervals
from sundog.evidence.report.chart_lines import draw_curve, draw_histogram
from sundog.evidence.report.svg import Chart
from sundog.evidence.report.words import name, show

PICTURE_BYTES = 700_000
"""Base64 characters of one picture beyond which it is left out of the page."""

GRID_ROWS = 300


def draw_chart(drawing: Drawing, title: str, ident: str, *, small: bool = False) -> Chart:
    """The chart of a drawing.

    Args:
        drawing: from an exhibit.
        title: what the chart shows, for those who hear it; not yet escaped.
        ident: prefix of the ids inside, unique on the page.
        small: one of many side by side.
    """
    match drawing:
        case Bars() if not small and suits_dots(drawing):
            return draw_dots(drawing, title, ident)
        case Bars():
            return draw_bars(drawing, title, ident, small)
        case Histogram():
            return draw_histogram(drawing, title, ident, small)
        case Curve():
            return draw_curve(drawing, title, ident, small)
        case Heatmap():
            return draw_heatmap(drawing, title, ident)
        case Intervals():
            return draw_intervals(drawing, title, ident)
        case Grid():
            return Chart(write_grid(drawing, title), wide=len(drawing.columns) > 3 or len(drawing.rows) > 8)
        case Picture():
            return _show_picture(drawing)


def write_grid(grid: Grid, title: str) -> str:
    """A table of text cells; the first column heads its row."""
    head = "".join(f'<th scope="col">{name(c)}</th>' for c in grid.columns)
    rows = []
    for row in grid.rows[:GRID_ROWS]:
        cells = "".join(f"<td>{show(c)}</td>" for c in row[1:])
        rows.append(f'<tr><th scope="row">{show(row[0]) if row else ""}</th>{cells}</tr>')
    left = len(grid.rows) - GRID_ROWS
    more = f'<p class="from">{left:,} more rows are in report.json.</p>' if left > 0 else ""
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{show(title, 120)}">{table}</div>{more}'


def _show_picture(picture: Picture) -> Chart:
    if len(picture.base64) > PICTURE_BYTES:
        return Chart("", note=f"A picture of {len(picture.base64):,} characters is left out; report.json has it.")
    source = f"data:{picture.media_type};base64,{show(picture.base64, PICTURE_BYTES)}"
    return Chart(f'<img src="{source}" alt="{show(picture.alt)}" style="max-width:100%;height:auto">')
