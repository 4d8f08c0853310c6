"""Findings and reports as they show themselves in a notebook: small pieces of HTML with styles of their own.

Notebooks give no promise about their colours, so nothing here sets a ground; text keeps the colour it finds.
"""

from __future__ import annotations

from collections.abc import Sequence

from sundog.core.findings import Finding
from sundog.evidence.report.data import Report
from sundog.evidence.report.finding_tables import VERDICT_SIGNS, order_by_gravity
from sundog.evidence.report.words import (
    VERDICT_WORDS,
    count_of,
    measure,
    name,
    name_check,
    sentence,
    show,
    spell_level,
    spell_unit,
)

_BOX = "border-left:4px solid {colour};padding:.2em 0 .2em .9em;margin:.4em 0;max-width:46em"
_CELL = "text-align:left;padding:.25em 1em .25em 0;border-bottom:1px solid rgba(128,128,128,.3)"
_NUMBER = _CELL.replace("left", "right", 1)
_COLOURS = {
    "pass": "#2f8f63",
    "warn": "#b57a08",
    "fail": "#cf3a31",
    "inconclusive": "#7d6cc8",
    "skipped": "#7b8594",
    "info": "#7b8594",
    "released": "#2f8f63",
    "withheld": "#cf3a31",
    "unassessed": "#b57a08",
}

HEADLINES_SHOWN = 14


def finding_html(finding: Finding) -> str:
    """One finding: the number beside its reference, the verdict and the sentence."""
    value = "not run" if finding.value is None else f"{measure(finding.value, finding.unit)} {spell_unit(finding.unit)}"
    said = []
    if finding.interval is not None:
        low, high = (measure(v, finding.unit) for v in finding.interval)
        said.append(f"{spell_level(finding.level)} interval {low} to {high}")
    if finding.baseline is not None:
        said.append(f"{finding.baseline_is or 'reference'}: {measure(finding.baseline, finding.unit)}")
    if finding.limit:
        said.append(f"limit: {finding.limit}")
    facts = f"<div>{show(' · '.join(said))}</div>" if said else ""
    why = f'<div style="opacity:.8">{show(sentence(finding.why))}</div>' if finding.why else ""
    return (
        f'<div style="{_BOX.format(colour=_COLOURS[finding.verdict])}"><div><b>{show(name_check(finding.check), 90)}</b> '
        f'<span style="opacity:.75">{name(finding.subject)} · {show(finding.check, 80)}</span></div>'
        f'<div style="font-size:1.4em">{show(value, 60)} <span style="font-size:.6em">{_verdict(finding)}</span></div>'
        f"{facts}{why}</div>"
    )


def report_summary_html(report: Report) -> str:
    """The verdict with its reasons, and the headline numbers beside their references."""
    reasons = "".join(f"<li>{show(r)}</li>" for r in (*report.reasons, *report.not_run)[:8])
    listed = f"<ul style='margin:.3em 0'>{reasons}</ul>" if reasons else ""
    units = ", ".join(count_of(p.accepted, p.count_noun) for p in report.parts[:6])
    return (
        f'<div style="{_BOX.format(colour=_COLOURS[report.verdict])}"><div><b style="font-size:1.2em">{name(report.title)}</b>'
        f' <span style="opacity:.75">{show(units)}</span></div><div><b>{report.verdict.capitalize()}</b> '
        f"(evidence {report.level}, {count_of(len(report.findings), 'findings')})</div>{listed}</div>"
        f"{findings_html(tuple(f for f in report.findings if f.headline), HEADLINES_SHOWN)}"
    )


def findings_html(findings: Sequence[Finding], most: int = 40) -> str:
    """Findings as a small table, failures first."""
    if not findings:
        return ""
    rows = "".join(
        f'<tr><td style="{_CELL}">{show(name_check(f.check), 90)}</td><td style="{_CELL}">{name(f.subject, 48)}</td>'
        f'<td style="{_NUMBER}">{measure(f.value, f.unit)} {show(spell_unit(f.unit), 24)}</td>'
        f'<td style="{_NUMBER}">{measure(f.baseline, f.unit)}</td><td style="{_CELL}">{_verdict(f)}</td></tr>'
        for f in order_by_gravity(findings)[:most]
    )
    left = len(findings) - most
    more = f'<div style="opacity:.75">and {count_of(left, "findings")} more</div>' if left > 0 else ""
    heads = "".join(
        f'<th style="{style}">{word}</th>'
        for word, style in (
            ("check", _CELL),
            ("subject", _CELL),
            ("value", _NUMBER),
            ("reference", _NUMBER),
            ("verdict", _CELL),
        )
    )
    return f'<table style="border-collapse:collapse"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}'


def _verdict(finding: Finding) -> str:
    return (
        f'<span style="border-bottom:2px solid {_COLOURS[finding.verdict]};white-space:nowrap">'
        f"{VERDICT_SIGNS[finding.verdict]} {VERDICT_WORDS[finding.verdict]}</span>"
    )
