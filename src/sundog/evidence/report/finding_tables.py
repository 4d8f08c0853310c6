"""Findings as cards, as lines and as the table of every number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import get_args

from sundog.core.findings import Finding, Section, Verdict
from sundog.evidence.report.chart_intervals import draw_ruler
from sundog.evidence.report.words import (
    ROLE_WORDS,
    SECTION_WORDS,
    VERDICT_WORDS,
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

VERDICT_SIGNS: Mapping[str, str] = {
    "pass": "✓",
    "warn": "!",
    "fail": "✕",
    "inconclusive": "?",
    "skipped": "–",
    "info": "·",
}

_GRAVITY: Mapping[str, int] = {"fail": 0, "inconclusive": 1, "warn": 2, "pass": 3, "info": 4, "skipped": 5}


def write_chip(verdict: Verdict) -> str:
    """The verdict as a word with a sign; colour only underlines it."""
    return (
        f'<span class="chip v-{verdict}"><i aria-hidden="true">{VERDICT_SIGNS[verdict]}</i>'
        f"{VERDICT_WORDS[verdict]}</span>"
    )


def write_cards(findings: Sequence[Finding], several_parts: bool) -> str:
    """The headline numbers, each beside its reference."""
    return f'<div class="cards">{"".join(_card(f, i, several_parts) for i, f in enumerate(findings))}</div>'


def _card(finding: Finding, number: int, several_parts: bool) -> str:
    unit = show(spell_unit(finding.unit), 40)
    of = _subject(finding)
    if several_parts:
        of += f"{' · ' if of else ''}{name(finding.part, 40)}"
    value = "not run" if finding.value is None else measure(finding.value, finding.unit)
    why = f'<p class="why">{show(sentence(finding.why))}</p>' if finding.why else ""
    limit = f"<span>{_sentence_case(show(finding.limit, 160))}</span>" if finding.limit else ""
    return (
        f'<article class="card"><h3>{show(name_check(finding.check), 90)}</h3><p class="of"><bdi>{of}</bdi></p>'
        f'<p class="big num">{value}<span>{unit if finding.value is not None else ""}</span></p>'
        f"{_interval_line(finding)}{draw_ruler(finding, f'k{number}')}{_reference(finding)}{why}"
        f'<p class="foot">{write_chip(finding.verdict)}{limit}</p></article>'
    )


def _subject(finding: Finding) -> str:
    """The subject, where it says more than the name of the check."""
    return "" if finding.subject.lower() == name_check(finding.check).lower() else name(finding.subject)


def _interval_line(finding: Finding) -> str:
    if finding.interval is None:
        return ""
    return f'<p class="ci num">{spell_level(finding.level)} interval {_interval(finding)}</p>'


def _reference(finding: Finding) -> str:
    if finding.baseline is None:
        return ""
    diamond = '<svg viewBox="0 0 12 12" aria-hidden="true"><path class="mark c-real" d="M6 1L11 6L6 11L1 6Z"/></svg>'
    return (
        f'<p class="ref num">{diamond}<span><b>{measure(finding.baseline, finding.unit)}</b> '
        f"{show(finding.baseline_is or 'reference', 120)}</span></p>"
    )


def _sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]


def _interval(finding: Finding) -> str:
    if finding.interval is None:
        return ""
    return " to ".join(measure(v, finding.unit) for v in finding.interval)


def order_by_gravity(findings: Sequence[Finding]) -> list[Finding]:
    """What failed first, then what is unsure, then the rest in the order of the checks."""
    return sorted(findings, key=lambda f: (_GRAVITY[f.verdict], not f.headline))


def write_notable(findings: Sequence[Finding], several_parts: bool, everything: bool, most: int = 12) -> str:
    """What in a section failed, warns, stayed unsure or was not run; ``everything`` adds what is well."""
    told = ("fail", "inconclusive", "warn", "skipped")
    notable = [f for f in order_by_gravity(findings) if everything or f.verdict in told]
    if not notable:
        return ""
    lines = []
    for finding in notable[:most]:
        where = f" · {name(finding.part, 40)}" if several_parts else ""
        number = "" if finding.value is None else f": <b class=num>{measure(finding.value, finding.unit)}</b>"
        against = "" if finding.baseline is None else f" against {measure(finding.baseline, finding.unit)}"
        lines.append(
            f"<li>{write_chip(finding.verdict)}<span><b>{show(name_check(finding.check), 90)}</b> "
            f"<bdi>{_subject(finding)}</bdi>{where}{number}{against}. {show(sentence(finding.why))}</span></li>"
        )
    more = len(notable) - most
    tail = (
        f'<li><span></span><span>and {more:,} more in <a href="#numbers">every number</a></span></li>'
        if more > 0
        else ""
    )
    return f'<ul class="notable">{"".join(lines)}{tail}</ul>'


def count_verdicts(findings: Sequence[Finding]) -> str:
    """How the findings came out, in one sentence."""
    counts = Counter(f.verdict for f in findings)
    said = tuple(f"{counts[v]:,} {VERDICT_WORDS[v]}" for v in get_args(Verdict) if counts[v])
    return f"{count_of(len(findings), 'findings')}: {spell_list(said)}."


def write_overview(findings: Sequence[Finding], sections: Sequence[str]) -> str:
    """How many numbers of each section passed, warned, failed."""
    verdicts = get_args(Verdict)
    counts: Counter[tuple[str, str]] = Counter((f.section, f.verdict) for f in findings)
    used = [v for v in verdicts if any(counts[(s, v)] for s in sections)]
    head = "".join(f'<th scope="col" class="num">{VERDICT_WORDS[v]}</th>' for v in used)
    rows = []
    for section in sections:
        cells = "".join(f'<td class="num">{counts[(section, v)] or "–"}</td>' for v in used)
        rows.append(f'<tr><th scope="row"><a href="#{section}">{SECTION_WORDS[section][0]}</a></th>{cells}</tr>')
    return (
        '<div class="scroll framed" tabindex="0" role="region" aria-label="What was checked"><table>'
        f'<thead><tr><th scope="col">section</th>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def write_findings_table(findings: Sequence[Finding], room: int, several_parts: bool) -> str:
    """Every number, sortable and filterable where scripts run, whole and in order where they do not.

    Args:
        findings: in the order in which they are shown.
        room: bytes that the table may take; what does not fit is counted below it. Failures go in first.
        several_parts: whether the part needs a column.
    """
    keep: set[int] = set()
    rows = [_row(f, several_parts) for f in findings]
    for i in sorted(range(len(rows)), key=lambda i: (_GRAVITY[findings[i].verdict], i)):
        room -= len(rows[i].encode())
        if room < 0:
            break
        keep.add(i)
    shown = [rows[i] for i in range(len(rows)) if i in keep]
    left = len(rows) - len(shown)
    more = (
        f'<p class="from">{count_of(left, "findings")} more did not fit; report.json has every number.</p>'
        if left
        else ""
    )
    part_head = '<th scope="col">part</th>' if several_parts else ""
    return (
        f'{_filter(findings)}<div class="scroll framed tall" tabindex="0" role="region" aria-label="Every number">'
        '<table id="findings" data-sort><thead><tr>'
        f'<th scope="col">finding</th>{part_head}<th scope="col" class="num">value</th>'
        '<th scope="col" class="num">reference</th><th scope="col">verdict</th><th scope="col">in words</th>'
        f"</tr></thead><tbody>{''.join(shown)}</tbody></table></div>{more}"
    )


def _row(finding: Finding, several_parts: bool) -> str:
    roles = spell_list(tuple(ROLE_WORDS[r] for r in finding.reads))
    part = f"<td>{name(finding.part, 40)}</td>" if several_parts else ""
    unit = show(spell_unit(finding.unit), 24)
    against = f" Reference: {show(finding.baseline_is, 120)}." if finding.baseline_is else ""
    limit = f" {_sentence_case(show(finding.limit, 160))}." if finding.limit else ""
    value = measure(finding.value, finding.unit)
    if unit and finding.value is not None:
        value += f" <small>{unit}</small>"
    if finding.interval is not None:
        value += f"<br><small>{_interval(finding)}</small>"
    return (
        f'<tr data-section="{finding.section}" data-verdict="{finding.verdict}">'
        f'<th scope="row"><code>{name(finding.check, 40)}</code> <bdi>{name(finding.subject)}</bdi></th>{part}'
        f'<td class="num" data-n="{_sort_key(finding.value)}">{value}</td>'
        f'<td class="num" data-n="{_sort_key(finding.baseline)}">{measure(finding.baseline, finding.unit)}</td>'
        f'<td>{write_chip(finding.verdict)}</td><td class="wide">{show(sentence(finding.why))} '
        f"<small>{limit}{against} Reads {roles} rows.</small></td></tr>"
    )


def _sort_key(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _filter(findings: Sequence[Finding]) -> str:
    sections = [s for s in get_args(Section) if any(f.section == s for f in findings)]
    verdicts = [v for v in get_args(Verdict) if any(f.verdict == v for f in findings)]
    section_options = "".join(f'<option value="{s}">{SECTION_WORDS[s][0]}</option>' for s in sections)
    verdict_options = "".join(f'<option value="{v}">{VERDICT_WORDS[v]}</option>' for v in verdicts)
    return (
        '<form class="filter" data-filter="findings"><label>Find<input type="search" autocomplete="off"></label>'
        f'<label>Section<select name="section"><option value="">all</option>{section_options}</select></label>'
        f'<label>Verdict<select name="verdict"><option value="">all</option>{verdict_options}</select></label>'
        '<output aria-live="polite"></output></form>'
    )
