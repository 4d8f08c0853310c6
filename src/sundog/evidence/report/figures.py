"""Exhibits as figures: many small ones side by side where a check drew one for each column, large ones otherwise.

A page has room for so many bytes. Figures are drawn in the order that their checks gave them (worst first) until the
room is spent; what is left is listed in a table, and the page says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sundog.core.findings import Bars, Curve, Exhibit, Finding, Heatmap, Histogram, Picture
from sundog.evidence.report.charts import draw_chart
from sundog.evidence.report.room import Room
from sundog.evidence.report.svg import Chart
from sundog.evidence.report.words import ROLE_WORDS, measure, name, name_check, show, spell_list

SMALL_DRAWN = 60
"""Small figures of one check that are drawn."""

MULTIPLES_FROM = 4
"""From this many histograms or bars of one check they are drawn small."""


@dataclass(frozen=True, slots=True)
class Group:
    """Exhibits of one check that are drawn alike.

    Attributes:
        small: drawn side by side at a quarter of the width.
    """

    exhibits: tuple[Exhibit, ...]
    small: bool


def group_exhibits(exhibits: Sequence[Exhibit]) -> tuple[Group, ...]:
    """Exhibits in their order, those of one check with one drawing for each column put together."""
    ordered = sorted(exhibits, key=lambda e: e.order)
    families: dict[tuple[str, str, bool], list[Exhibit]] = {}
    for exhibit in ordered:
        plain = isinstance(exhibit.drawing, Histogram | Bars)
        families.setdefault((exhibit.part, exhibit.check, plain), []).append(exhibit)
    many = {key for key, members in families.items() if key[2] and len(members) >= MULTIPLES_FROM}
    groups: list[Group] = []
    for exhibit in ordered:
        key = (exhibit.part, exhibit.check, isinstance(exhibit.drawing, Histogram | Bars))
        if key not in many:
            if groups and not groups[-1].small:
                groups[-1] = Group((*groups[-1].exhibits, exhibit), small=False)
            else:
                groups.append(Group((exhibit,), small=False))
        elif families[key][0] is exhibit:
            groups.append(Group(tuple(families[key]), small=True))
    return tuple(groups)


def draw_groups(
    groups: Sequence[Group], findings: Sequence[Finding], prefix: str, room: Room, several_parts: bool
) -> str:
    """All figures of a section."""
    scores = {(f.part, f.check, f.subject): f for f in reversed(findings)}
    out = []
    for number, group in enumerate(groups):
        ident = f"{prefix}-{number}"
        if group.small:
            out.append(_draw_many(group.exhibits, scores, ident, room, several_parts))
        else:
            out.append(_draw_large(group.exhibits, ident, room, several_parts))
    return "".join(out)


def _draw_large(exhibits: tuple[Exhibit, ...], ident: str, room: Room, several_parts: bool) -> str:
    drawn: list[tuple[str, bool]] = []
    left: list[Exhibit] = []
    for number, exhibit in enumerate(exhibits):
        if isinstance(exhibit.drawing, Picture) and len(exhibit.drawing.base64) > room.bytes:
            left.append(exhibit)
            continue
        chart = draw_chart(exhibit.drawing, exhibit.title, f"{ident}-{number}")
        figure = _figure(exhibit, chart, f"{ident}-{number}", several_parts)
        if room.take(figure):
            drawn.append((figure, chart.wide))
        else:
            left.append(exhibit)
    figures = "".join(
        f"<figure{' class=full' if wide else ''}>{figure}</figure>"
        for (figure, _), wide in zip(drawn, _fill_rows(drawn), strict=True)
    )
    return (f'<div class="figs">{figures}</div>' if figures else "") + _left_out(left, {})


def _fill_rows(drawn: Sequence[tuple[str, bool]]) -> list[bool]:
    """Which figures take a whole row: the wide ones, and those that would leave the other half of a row empty."""
    whole = [wide for _, wide in drawn]
    start = 0
    while start < len(whole):
        if whole[start]:
            start += 1
        elif start + 1 == len(whole) or whole[start + 1]:
            whole[start] = True
        else:
            start += 2
    return whole


def _figure(exhibit: Exhibit, chart: Chart, ident: str, several_parts: bool) -> str:
    part = f' <span class="quiet">· {name(exhibit.part, 40)}</span>' if several_parts else ""
    picture = chart.svg
    if isinstance(exhibit.drawing, Heatmap):
        label = show(exhibit.title, 120)
        picture = f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">{picture}</div>'
    return (
        f"<figcaption><bdi>{show(exhibit.title, 160)}</bdi>{part}"
        f'<span class="read">{show(exhibit.how_to_read)}</span></figcaption>'
        f'<div class="pic">{write_legend(chart.legend)}{picture}</div>'
        f'<div class="tail">{_below(chart, exhibit, ident)}</div>'
    )


def _below(chart: Chart, exhibit: Exhibit, ident: str) -> str:
    note = f'<p class="from">{show(chart.note)}</p>' if chart.note else ""
    roles = spell_list(tuple(ROLE_WORDS[r] for r in exhibit.reads))
    return f'{note}{_numbers(chart, exhibit, ident)}<p class="from">Drawn from {roles} rows.</p>'


def _numbers(chart: Chart, exhibit: Exhibit, ident: str) -> str:
    if not chart.table:
        return ""
    label = f"Numbers of {show(exhibit.title, 80)}"
    unit = "" if not isinstance(exhibit.drawing, Bars | Histogram | Curve) else f" ({show(exhibit.drawing.unit, 60)})"
    region = f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">{chart.table}</div>'
    return f'<details id="{ident}-n"><summary>Numbers{unit}</summary>{region}</details>'


def _draw_many(
    exhibits: tuple[Exhibit, ...],
    scores: Mapping[tuple[str, str, str], Finding],
    ident: str,
    room: Room,
    several_parts: bool,
) -> str:
    first = exhibits[0]
    ranked = _worst_first(exhibits, scores)
    figures: list[str] = []
    legends: list[tuple[tuple[str, str], ...]] = []
    left: list[Exhibit] = []
    for number, exhibit in enumerate(ranked):
        if len(figures) >= SMALL_DRAWN:
            left.append(exhibit)
            continue
        one = f"{ident}-{number}"
        chart = draw_chart(exhibit.drawing, exhibit.title, one, small=True)
        figure = (
            f"<figure><figcaption><bdi>{name(exhibit.title, 48)}</bdi>{_score(exhibit, scores)}</figcaption>{chart.svg}"
            + (f'<p class="from">{show(chart.note)}</p>' if chart.note else "")
            + f"{_numbers(chart, exhibit, one)}</figure>"
        )
        if not room.take(figure):
            left.append(exhibit)
            continue
        figures.append(figure)
        legends.append(chart.legend)
    # Where filled outlines and bars stand side by side, the key shows the outlines.
    legend = max(legends, key=lambda e: (len(e), any("area" in css for css, _ in e)), default=())
    part = f" · {name(first.part, 40)}" if several_parts else ""
    ordered = "" if ranked is exhibits else ", those furthest from their reference first"
    roles = spell_list(tuple(ROLE_WORDS[r] for r in first.reads))
    return (
        f'<h3 class="sub">{show(name_check(first.check), 120)}{part}</h3>'
        f'<p class="read">{" ".join(list(dict.fromkeys(show(e.how_to_read) for e in ranked))[:3])}</p>'
        f'{write_legend(legend)}<div class="many">{"".join(figures)}</div>'
        f'<p class="from">{len(figures):,} of {len(exhibits):,} drawn, from {roles} rows{ordered}.</p>{_left_out(left, scores)}'
    )


def _worst_first(exhibits: tuple[Exhibit, ...], scores: Mapping[tuple[str, str, str], Finding]) -> tuple[Exhibit, ...]:
    """By how far each value lies above its reference, where all have a finding; else in the check's own order."""
    found = [scores.get((e.part, e.check, e.title)) for e in exhibits]
    excess = [abs(f.value) - abs(f.baseline or 0.0) for f in found if f is not None and f.value is not None]
    if len(excess) < len(exhibits):
        return exhibits
    return tuple(exhibits[i] for i in sorted(range(len(exhibits)), key=lambda i: -excess[i]))


def _score(exhibit: Exhibit, scores: Mapping[tuple[str, str, str], Finding]) -> str:
    found = scores.get((exhibit.part, exhibit.check, exhibit.title))
    if found is None or found.value is None:
        return ""
    unit = show(found.unit, 24) if found.unit != "share" else "share"
    against = "" if found.baseline is None else f", fresh real {measure(found.baseline, found.unit)}"
    return f'<span class="score num">{unit} {measure(found.value, found.unit)}{against}</span>'


def _left_out(exhibits: list[Exhibit], scores: Mapping[tuple[str, str, str], Finding]) -> str:
    if not exhibits:
        return ""
    rows: list[str] = []
    listed = Room(160_000)
    for exhibit in exhibits:
        found = scores.get((exhibit.part, exhibit.check, exhibit.title))
        value = measure(found.value, found.unit) if found else "–"
        baseline = measure(found.baseline, found.unit) if found else "–"
        row = (
            f'<tr><th scope="row"><bdi>{name(exhibit.title)}</bdi></th><td class="num">{value}</td>'
            f'<td class="num">{baseline}</td></tr>'
        )
        if not listed.take(row):
            break
        rows.append(row)
    more = len(exhibits) - len(rows)
    tail = f'<p class="from">and {more:,} more in report.json.</p>' if more > 0 else ""
    return (
        f"<details><summary>{len(exhibits):,} not drawn, to keep this page small</summary>"
        '<div class="scroll" tabindex="0" role="region" aria-label="Not drawn"><table><thead><tr>'
        '<th scope="col">what</th><th scope="col" class="num">value</th><th scope="col" class="num">reference</th>'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>{tail}</details>"
    )


def write_legend(entries: Sequence[tuple[str, str]]) -> str:
    """The keys to a chart's colours and shapes; nothing where there is one series."""
    if not entries:
        return ""
    return f'<ul class="legend">{"".join(_keys(entries))}</ul>'


def _keys(entries: Sequence[tuple[str, str]]) -> Iterator[str]:
    for css, words in entries:
        colour, _, shape = css.partition(" ")
        if shape == "dot":
            mark = f'<path class="whisk {colour}" d="M1 7H23"/><circle class="dot {colour}" cx="12" cy="7" r="4.5"/>'
        elif shape == "diamond":
            mark = f'<path class="mark {colour}" d="M12 1.5L17.5 7L12 12.5L6.5 7Z"/>'
        elif shape == "bar":
            mark = f'<path class="barf {colour}" d="M1 2H23V12H1Z"/>'
        elif shape == "area":
            mark = f'<path class="area {colour}" d="M1 3H23V13H1Z"/><path class="line {colour}" d="M1 3H23"/>'
        else:
            mark = f'<path class="line {colour}" style="stroke-width:3" d="M1 7H23"/>'
        yield f'<li><svg viewBox="0 0 24 14" aria-hidden="true">{mark}</svg>{show(words, 90)}</li>'
