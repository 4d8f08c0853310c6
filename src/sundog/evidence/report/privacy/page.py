"""privacy.html: the privacy report as one page that opens without a network, with the charts of its checks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sundog.core.findings import Exhibit, Finding
from sundog.evidence.report.figures import draw_groups, group_exhibits
from sundog.evidence.report.finding_tables import write_chip
from sundog.evidence.report.html import write_page
from sundog.evidence.report.making import write_table
from sundog.evidence.report.marks import draw_emblem, draw_halo
from sundog.evidence.report.privacy.blocks import (
    Block,
    Entry,
    Fields,
    Notice,
    Numbers,
    Points,
    PrivacyReport,
    Section,
    Signatures,
    Table,
    Text,
)
from sundog.evidence.report.privacy.words import shorten_limit
from sundog.evidence.report.room import Room
from sundog.evidence.report.words import (
    count_of,
    measure,
    name,
    name_check,
    sentence,
    show,
    spell_level,
    spell_list,
    spell_unit,
)

PAGE_BYTES = 2_000_000
"""The page is smaller than this, whatever is in the report."""

_ROOM = 800_000
_FIGURES = 500_000
_TONES = {"holds": "v-pass", "open": "v-warn", "bad": "v-fail", "plain": "v-info"}


def render_privacy_page(report: PrivacyReport, exhibits: Sequence[Exhibit], findings: Sequence[Finding]) -> str:
    """The whole page, below ``PAGE_BYTES`` bytes in UTF-8.

    Args:
        report: as it was written.
        exhibits: drawings that may be shown in this half, of any check.
        findings: numbers that may be shown in this half; charts of single columns show theirs.
    """
    page = ""
    for share in (1.0, 0.3, 0.05):  # hostile names cost up to six bytes a character once they are escaped
        room, figures = Room(int(_ROOM * share)), Room(int(_FIGURES * share))
        sections = "".join(_section(s, i, exhibits, findings, room, figures) for i, s in enumerate(report.sections, 1))
        page = write_page(report.title, _masthead(report) + sections + "</main>" + _footer(report))
        if len(page.encode()) < PAGE_BYTES:
            break
    return page


def _masthead(report: PrivacyReport) -> str:
    half = {"private": "private half", "public": "public half"}[report.half]
    facts = [f"<li>verdict <b>{report.verdict}</b></li>"] if report.half == "private" else []
    facts.append(f"<li><b>{half}</b></li>")
    if report.left_blank:
        facts.append(f'<li><a href="#left-blank">{count_of(len(report.left_blank), "lines")} to fill in</a></li>')
    links = "".join(
        f'<li><a href="#{s.key}">{i}. {show(s.title, 80)}</a></li>' for i, s in enumerate(report.sections, 1)
    )
    return (
        '<a class="skip" href="#main">Skip to the report</a><header class="mast"><div class="wrap">'
        f'{draw_halo()}<div class="bar"><span class="brand">{draw_emblem()}Sundog privacy report</span>'
        '<button type="button" class="toggle" id="theme">Dark page</button></div>'
        f'<h1><bdi>{show(report.title, 160)}</bdi></h1><ul class="facts">{"".join(facts)}</ul></div></header>'
        f'<main id="main" class="wrap"><nav class="toc" aria-label="Contents"><ul>{links}</ul></nav>{_blank(report)}'
    )


def _blank(report: PrivacyReport) -> str:
    if not report.left_blank:
        return ""
    lines, them = ("line is", "it") if len(report.left_blank) == 1 else ("lines are", "them")
    said = (
        f"Not stated: {show(spell_list(tuple(n.lower() for n in report.left_blank)))}. The {lines} left blank below: fill {them} in on paper, or "
        f"state {them} under <code>release:</code> in the recipe, or in the file that an audit takes with <code>--release</code>."
    )
    return f'<p class="note" id="left-blank">{said}</p>'


def _section(
    section: Section,
    number: int,
    exhibits: Sequence[Exhibit],
    findings: Sequence[Finding],
    room: Room,
    figures: Room,
) -> str:
    several = len({f.part for f in findings}) > 1
    body = "".join(_block(b, section.title, several, room) for b in section.blocks)
    own = [e for e in exhibits if e.check in section.checks]
    drawn = draw_groups(group_exhibits(own), findings, f"p-{section.key}", figures, several) if own else ""
    intro = f'<p class="intro">{show(section.intro, 1200)}</p>' if section.intro else ""
    return (
        f'<section aria-labelledby="{section.key}"><div class="head"><h2 id="{section.key}">{number}. {show(section.title, 120)}'
        f"</h2></div>{intro}{body}{drawn}</section>"
    )


def _block(block: Block, of: str, several: bool, room: Room) -> str:
    if isinstance(block, Fields):
        return _title(block.title) + f'<dl class="pairs stated">{"".join(map(_entry, block.entries))}</dl>'
    if isinstance(block, Text):
        return _title(block.title) + "".join(f'<p class="told">{_say(p)}</p>' for p in block.paragraphs)
    if isinstance(block, Points):
        items = "".join(f"<li>{_box(block.boxes)}{_say(i)}</li>" for i in block.items)
        return _title(block.title) + f'<ul class="told{" boxes" if block.boxes else ""}">{items}</ul>'
    if isinstance(block, Notice):
        said = "".join(f"<p>{_say(text)}</p>" for text in block.said)
        limits = "".join(f"<li>{_say(text)}</li>" for text in block.limits)
        tail = f'<ul class="small">{limits}</ul>' if limits else ""
        return f'<div class="claim {_TONES[block.tone]}"><h3>{show(block.title, 160)}</h3>{said}{tail}</div>'
    if isinstance(block, Table):
        return _title(block.title) + _table(block, block.title or of, room)
    if isinstance(block, Numbers):
        return _title(block.title) + _numbers(block.findings, block.title or of, several, room)
    return _signatures(block)


def _say(text: str) -> str:
    """A sentence; what stands between backquotes is a command."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", show(text, 1500))


def _title(title: str) -> str:
    return f'<h3 class="sub">{show(title, 160)}</h3>' if title else ""


def _entry(entry: Entry) -> str:
    value = show(entry.value, 2000) if entry.value else '<span class="line">left blank</span>'
    long = len(entry.value) == 64 and " " not in entry.value
    return f"<dt>{show(entry.name, 120)}</dt><dd>{f'<code>{value}</code>' if long else value}</dd>"


def _box(wanted: bool) -> str:
    return '<span class="box" aria-hidden="true"></span>' if wanted else ""


def _table(table: Table, label: str, room: Room) -> str:
    numeric = [c.startswith("#") for c in table.columns]

    def cell(text: str, place: int) -> str:
        if place == 0:
            return f'<th scope="row"><bdi>{name(text, 160) if text else ""}</bdi></th>'
        wide = ' class="wide"' if len(text) > 60 else ""
        return f"<td{' class=num' if numeric[place] else wide}>{show(text, 900)}</td>"

    rows = (f"<tr>{''.join(cell(t, i) for i, t in enumerate(row))}</tr>" for row in table.rows)
    note = f'<p class="from">{show(table.note, 900)}</p>' if table.note else ""
    return write_table(label, table.columns, rows, room, "rows") + note


def _numbers(findings: Sequence[Finding], label: str, several: bool, room: Room) -> str:
    heads = ("measured", "#result", "#reference", "limit", "verdict", "in words")
    return f'<div class="numbers">{write_table(label, heads, (_row(f, several) for f in findings), room, "findings")}</div>'


def _row(finding: Finding, several: bool) -> str:
    part = f" <small>{name(finding.part, 40)}</small>" if several else ""
    unit = show(spell_unit(finding.unit), 24)
    value = measure(finding.value, finding.unit) + (f" <small>{unit}</small>" if unit else "")
    if finding.interval is not None:
        ends = " to ".join(measure(v, finding.unit) for v in finding.interval)
        value += f"<br><small>{ends} ({spell_level(finding.level)})</small>"
    against = measure(finding.baseline, finding.unit) if finding.baseline is not None else "–"
    of = f"<br><small>{show(finding.baseline_is, 120)}</small>" if finding.baseline_is else ""
    return (
        f'<tr><th scope="row"><b>{show(name_check(finding.check), 90)}</b><br><bdi>{name(finding.subject, 120)}</bdi>{part}</th>'
        f'<td class="num">{value}</td><td class="num ref">{against}{of}</td><td>{show(shorten_limit(finding.limit), 160)}</td>'
        f'<td>{write_chip(finding.verdict)}</td><td class="wide">{show(sentence(finding.why))}</td></tr>'
    )


def _signatures(block: Signatures) -> str:
    lines = "".join(
        f'<div class="sign"><h3>{show(role, 80)}</h3><dl>'
        + "".join(
            f'<dt>{what}</dt><dd><span class="line">left blank</span></dd>'
            for what in ("Name", "Place and date", "Signature")
        )
        + "</dl></div>"
        for role in block.roles
    )
    return f'<div class="signs">{lines}</div>'


def _footer(report: PrivacyReport) -> str:
    made = f"Sundog {show(report.version, 40)}" if report.version else "Sundog"
    digest = (
        f" · SHA-256 of the {show(report.digest_of, 40)} <code>{show(report.digest, 80)}</code>"
        if report.digest
        else ""
    )
    twin = "privacy.json" if report.half == "private" else "privacy-public.json"
    return (
        f'<footer class="wrap"><div class="end">{made}, dataset <bdi>{name(report.dataset)}</bdi>, {report.half} half{digest}. '
        f"{twin} holds the same for machines; <code>sundog report</code> prints it as a PDF.</div></footer>"
    )
