"""report.html: one file that opens without a network. Verdict first, then numbers beside their references, then charts."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import get_args

from sundog.core.findings import Exhibit, Finding, Section
from sundog.evidence.report.data import Report, RunFacts
from sundog.evidence.report.dependence import claim_parts
from sundog.evidence.report.dependence_page import write_dependence
from sundog.evidence.report.dimensions import is_dimensions, write_dimensions
from sundog.evidence.report.figures import draw_groups, group_exhibits
from sundog.evidence.report.finding_tables import (
    count_verdicts,
    write_cards,
    write_findings_table,
    write_notable,
    write_overview,
)
from sundog.evidence.report.making import write_making, write_parts
from sundog.evidence.report.marks import draw_emblem, draw_halo, draw_sun, draw_verdict
from sundog.evidence.report.palette import write_variables
from sundog.evidence.report.room import Room
from sundog.evidence.report.words import SECTION_WORDS, count_of, name, sentence, show, spell_list

PAGE_BYTES = 3_000_000
"""The page is smaller than this, whatever is in the report."""

_FIGURE_BYTES = 1_500_000
_TABLE_BYTES = 650_000
_COLUMN_BYTES = 300_000
_LEDGER_BYTES = 150_000
_ORIGIN_BYTES = 250_000

_VERDICTS = {
    "released": ("Released", "Every check that can withhold this dataset was run, and none withholds it."),
    "withheld": ("Withheld", "This dataset failed its checks. Do not use it or pass it on."),
    "unassessed": ("Unassessed", "Not everything was looked at, so this dataset is not released."),
}


def render_html(report: Report, run: RunFacts) -> str:
    """The whole page.

    Args:
        report: findings and exhibits, and what is needed to read them.
        run: what differs from run to run: times, memory, engine.

    Returns:
        HTML of less than ``PAGE_BYTES`` bytes in UTF-8 that fetches nothing. What does not fit is counted where it is
        missing; report.json has everything.
    """
    page = ""
    for share in (1.0, 0.4, 0.15, 0.04):  # hostile names cost up to six bytes a character once they are escaped
        page = _render(report, run, share)
        if len(page.encode()) < PAGE_BYTES:
            break
    return page


def _render(report: Report, run: RunFacts, share: float) -> str:
    several = len({p.name for p in report.parts} | {f.part for f in report.findings}) > 1
    room = Room(int(_FIGURE_BYTES * share))
    shown = [e for e in report.exhibits if not is_dimensions(e)]
    sections = [
        s
        for s in get_args(Section)
        if any(f.section == s for f in report.findings) or any(e.section == s for e in shown)
    ]
    bodies = [_section(s, report.findings, shown, room, several) for s in sections]
    argued = any(c.holds for c in claim_parts(report, run.opened))  # then it is what the reader came for
    dependence = write_dependence(report, run, int(_ORIGIN_BYTES * share))
    body = "".join(
        (
            _masthead(report),
            '<main id="main" class="wrap">',
            _verdict(report),
            _contents(sections, report, dependence != "", argued),
            _headlines(report, several),
            *((dependence, *bodies) if argued else (*bodies, dependence)),
            _page_of_dimensions(report, run),
            _every_number(report, sections, int(_TABLE_BYTES * share), several),
            write_parts(report, int(_COLUMN_BYTES * share)),
            write_making(report, run, int(_LEDGER_BYTES * share)),
            "</main>",
            _footer(report),
        )
    )
    return write_page(f"{report.title}: {report.verdict}", body)


def write_page(title: str, body: str) -> str:
    """A page with our style and script, which may run nothing else and fetch nothing."""
    script, style = read_asset("page.js"), write_variables() + read_asset("page.css")
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="Sundog">\n<title>{show(title, 160)}</title>\n'
        f'<link rel="icon" href="data:,">\n<style>{style}</style>\n<script>{script}</script>\n</head>\n<body>\n{body}\n</body>\n</html>\n'
    )


@cache
def read_asset(file: str) -> str:
    """A style sheet or script of this package."""
    return files("sundog.evidence.report").joinpath(file).read_text(encoding="utf-8")


def _masthead(report: Report) -> str:
    described = f'<p class="lede">{show(report.description)}</p>' if report.description else ""
    rows = sum(t.rows for p in report.parts for t in p.tables)
    columns = sum(len(t.columns) for p in report.parts for t in p.tables)
    facts = [
        f"<li><b>{show(count_of(p.accepted, p.count_noun), 80)}</b>{f' in {name(p.name, 40)}' if len(report.parts) > 1 else ''}</li>"
        for p in report.parts[:6]
    ]
    if rows and sum(len(p.tables) for p in report.parts) > 1:
        facts.append(f"<li><b>{count_of(rows, 'rows')}</b> in all</li>")
    if columns:
        facts.append(f"<li><b>{count_of(columns, 'columns')}</b></li>")
    facts.append(f"<li><b>{count_of(len(report.findings), 'findings')}</b></li>")
    facts.append(f"<li>evidence <b>{report.level}</b></li>")
    if report.licence:
        facts.append(f"<li>licence <b>{show(report.licence, 80)}</b></li>")
    return (
        '<a class="skip" href="#main">Skip to the report</a><header class="mast"><div class="wrap">'
        f'{draw_halo()}<div class="bar"><span class="brand">{draw_emblem()}Sundog report</span>'
        '<button type="button" class="toggle" id="theme">Dark page</button></div>'
        f'<h1><bdi>{show(report.title, 140)}</bdi></h1>{described}<ul class="facts">{"".join(facts)}</ul>'
        f"{_keys(report)}</div></header>"
    )


def _compares(report: Report) -> bool:
    """Whether anything was measured on real rows."""
    reads = [*(f.reads for f in report.findings), *(e.reads for e in report.exhibits)]
    return any(set(roles) - {"synthetic"} for roles in reads)


def _keys(report: Report) -> str:
    """What the three colours stand for, where there is more than one."""
    if not _compares(report):
        return ""
    return (
        f'<p class="keys"><span>{draw_sun("c-real")} real data</span><span>{draw_sun("c-synth")} synthetic data</span>'
        f"<span>{draw_sun('c-holdout')} fresh real data, never seen in training</span></p>"
    )


def _verdict(report: Report) -> str:
    word, said = _VERDICTS[report.verdict]
    if report.verdict == "unassessed" and report.level == "none":
        said = "No evidence was gathered, so nothing is known about this dataset."
    elif report.verdict == "unassessed":
        said = f"A {report.level} report. {said}"
    reasons = "".join(f"<li>{show(sentence(r))}</li>" for r in report.reasons[:40])
    missing = tuple(dict.fromkeys(sentence(m) for m in (*report.not_run, *_skipped(report))))
    if report.verdict == "withheld" and reasons:
        said += f" {count_of(len(report.reasons), 'reasons')}:"
    elif report.reasons:
        said += f" What was looked at failed in {count_of(len(report.reasons), 'points')}:"
    not_run = "".join(f"<li>{show(m)}</li>" for m in missing[:20])
    lists = f"<ul>{reasons}</ul>" if reasons else ""
    lists += f'<p class="small quiet">{count_verdicts(report.findings)}</p>' if report.findings else ""
    if not_run:
        lists += f'<p class="small quiet"><b>What was not run or is not known:</b></p><ul class="small">{not_run}</ul>'
    if report.verdict == "unassessed" and report.level != "full":
        lists += '<p class="small quiet">Evidence at level <code>full</code> can release a dataset.</p>'
    return (
        f'<section class="verdict v-{report.verdict}" aria-labelledby="verdict">{draw_verdict(report.verdict)}<div>'
        f'<h2 id="verdict" class="word">{word}</h2><p class="plain">{said}</p>{lists}</div></section>'
    )


def _skipped(report: Report) -> Iterator[str]:
    """What was not measured, by the name of its check; the verdict's own gaps stand in ``not_run`` already."""
    told = {line.split(" was not measured", 1)[0] for line in report.not_run}
    for finding in report.findings:
        if finding.verdict == "skipped" and finding.why and finding.check not in told:
            yield f"{finding.check} ({finding.subject}) was not measured: {finding.why}"


def _contents(sections: Sequence[str], report: Report, dependence: bool, argued: bool) -> str:
    links = [("headline", "Headline numbers")] if any(f.headline for f in report.findings) else []
    private = [("dependence", "Private records")] if dependence else []
    named = [(s, SECTION_WORDS[s][0]) for s in sections]
    links += [*private, *named] if argued else [*named, *private]
    links.append(("real-against-synthetic", _name_dimensions(report)))
    links += [("numbers", "Every number")] if report.findings else []
    links += [("columns", "Tables and columns")] if report.parts else []
    links.append(("making", "How it was made"))
    items = "".join(f'<li><a href="#{a}">{w}</a></li>' for a, w in links)
    return f'<nav class="toc" aria-label="Contents"><ul>{items}</ul></nav>'


def _headlines(report: Report, several: bool) -> str:
    chosen = [f for f in report.findings if f.headline]
    if not chosen:
        return ""
    more = len(chosen) - 24
    tail = f'<p class="from">{more:,} more headline numbers are in the table of every number.</p>' if more > 0 else ""
    drawn = any(f.interval is not None or f.baseline is not None for f in chosen)
    how = (
        "Each dot is what was measured, with its interval; each diamond is its reference: what fresh real data score, or what "
        "chance gives."
        if drawn
        else "What to look at first."
    )
    return (
        '<section aria-labelledby="headline"><div class="head"><h2 id="headline">Headline numbers</h2></div>'
        f'<p class="intro">{how}</p>{write_cards(chosen[:24], several)}{tail}</section>'
    )


def _section(section: str, findings: Sequence[Finding], exhibits: Sequence[Exhibit], room: Room, several: bool) -> str:
    title, intro = SECTION_WORDS[section]
    mine = [f for f in findings if f.section == section]
    if section == "privacy" and not any(set(f.reads) - {"synthetic"} for f in mine):
        intro = "It was compared with no real record: what stands here is what chance alone brings."
    groups = group_exhibits([e for e in exhibits if e.section == section])
    drawn = draw_groups(groups, mine, f"f-{section}", room, several)
    count = (
        f'<p class="from"><a href="#numbers">Every number</a> lists {count_of(len(mine), "findings")} of this section.</p>'
        if mine
        else ""
    )
    return (
        f'<section aria-labelledby="{section}"><div class="head"><h2 id="{section}">{title}</h2></div>'
        f'<p class="intro">{intro}</p>{write_notable(mine, several, not groups)}{drawn}{count}</section>'
    )


def _meets_real(report: Report) -> bool:
    """Whether a finding read real rows: without one, nothing is set against them."""
    return any(set(f.reads) - {"synthetic"} for f in report.findings)


def _name_dimensions(report: Report) -> str:
    return "Real against synthetic" if _meets_real(report) else "This data in eight questions"


def _page_of_dimensions(report: Report, run: RunFacts) -> str:
    notes = " ".join(dict.fromkeys(show(e.how_to_read) for e in report.exhibits if is_dimensions(e)))
    asked = "Eight questions that are usually answered with claims, answered with what was measured here."
    intro = (notes if _meets_real(report) else "") or asked
    return (
        '<section class="page" aria-labelledby="real-against-synthetic"><div class="head">'
        f'<h2 id="real-against-synthetic">{_name_dimensions(report)}</h2></div><p class="intro">{intro}</p>'
        f"{write_dimensions(report, run)}</section>"
    )


def _every_number(report: Report, sections: Sequence[str], room: int, several: bool) -> str:
    if not report.findings:
        return ""
    private = sum(any(r != "synthetic" for r in f.reads) for f in report.findings)
    epsilon = "" if not report.spends else " They are outside the privacy budget: keep them with the real data."
    said = f"{count_of(private, 'findings')} of {len(report.findings):,} read real rows.{epsilon}"
    if not private:
        said = "None of them reads real rows."
    return (
        '<section aria-labelledby="numbers"><div class="head"><h2 id="numbers">Every number</h2></div>'
        f'<p class="intro">All findings, in the order of their checks. {said}</p>{write_overview(report.findings, sections)}'
        f'<h3 class="sub">Findings</h3>{write_findings_table(report.findings, room, several)}</section>'
    )


def _footer(report: Report) -> str:
    made = f"Sundog {show(report.version, 40)}" if report.version else "Sundog"
    digest = f" · content hash <code>{show(report.content_hash, 80)}</code>" if report.content_hash else ""
    parts = spell_list(tuple(name(p.name, 40) for p in report.parts[:12]))
    return (
        f'<footer class="wrap"><div class="end">{made}, dataset <bdi>{name(report.name)}</bdi>'
        f"{f' ({parts})' if parts else ''}{digest}. This page draws what the checks measured and measures nothing itself;"
        " report.json holds every number; privacy.html beside it is written for a data protection officer.</div></footer>"
    )
