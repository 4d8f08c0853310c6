"""The page as text: whole, escaped, small, and with all that the report holds."""

from __future__ import annotations

import html
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from types import ModuleType

import pytest

from sundog.core.findings import Exhibit, Grid, Picture
from sundog.evidence.report.data import PartFacts, RemarkFacts, Report, RunFacts, SourceFacts, TableFacts
from sundog.evidence.report.html import PAGE_BYTES, read_asset, render_html

VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})
SVG_LEAVES = frozenset({"path", "rect", "circle"})


class Outline(HTMLParser):
    """Reads a page and keeps what the tests ask for; fails on tags that do not match."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.ids: Counter[str] = Counter()
        self.targets: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.tags: Counter[str] = Counter()
        self.words: list[str] = []
        self.labelled: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        if tag not in VOID and not (tag in SVG_LEAVES and self.get_starttag_text().endswith("/>")):
            self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
        for key, value in attrs:
            if key == "id":
                self.ids[str(value)] += 1
            if key in ("href", "src", "action"):
                self.addresses.append(str(value))
                if str(value).startswith("#"):
                    self.targets.append(str(value)[1:])
            if key in ("aria-labelledby", "aria-describedby", "for"):
                self.labelled += str(value).split()
            if key.startswith("on"):
                self.handlers.append(key)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag and tag not in VOID | SVG_LEAVES:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        opened = self.open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)
            if self.headings and re.fullmatch(r"h[1-6]|bdi", self.open[-1]) and self.headings[-1][1] == "":
                self.headings[-1] = (self.headings[-1][0], data)


def read(page: str) -> Outline:
    outline = Outline()
    outline.feed(page)
    outline.close()
    assert outline.open == []
    return outline


def say(page: str) -> str:
    return " ".join(" ".join(read(page).words).split())


@pytest.mark.parametrize("verdict", ["released", "withheld", "unassessed"])
def test_the_page_is_well_formed_and_fetches_nothing(sample: ModuleType, verdict: str) -> None:
    page = render_html(sample.make_report(verdict), sample.make_run())
    outline = read(page)
    assert [i for i, n in outline.ids.items() if n > 1] == []
    assert set(outline.targets) <= set(outline.ids)
    assert set(outline.labelled) <= set(outline.ids)
    assert [a for a in outline.addresses if not a.startswith(("#", "data:"))] == []
    assert "url(" not in page
    assert "@import" not in page
    assert outline.handlers == []
    assert outline.tags["script"] == 1
    assert "default-src 'none'" in page
    assert len(page.encode()) < PAGE_BYTES


def test_headings_are_in_order(page: str) -> None:
    levels = [level for level, _ in read(page).headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_the_same_report_gives_the_same_page(sample: ModuleType, page: str) -> None:
    assert render_html(sample.make_report(), sample.make_run()) == page


def test_landmarks_and_skip_link(page: str) -> None:
    outline = read(page)
    assert outline.tags["main"] == outline.tags["header"] == outline.tags["footer"] == 1
    assert outline.targets[0] == "main"
    assert "lang" in page[:60]


def test_the_verdict_is_said_in_plain_words(sample: ModuleType) -> None:
    words = {v: say(render_html(sample.make_report(v), RunFacts())) for v in ("released", "withheld", "unassessed")}
    assert "Every check that can withhold this dataset was run, and none withholds it" in words["released"]
    assert "Do not use it or pass it on. 1 reason:" in words["withheld"]
    assert "8.1% of rows lie within 1% of a training row" in words["withheld"]
    assert "A quick report. Not everything was looked at" in words["unassessed"]
    assert "22 findings: 19 passed, 1 warning, 1 inconclusive and 1 not run." in words["unassessed"]
    assert "What was not run or is not known: The attack battery" in words["unassessed"]
    assert words["released"].index("Released") < words["released"].index("Headline numbers")


def test_a_report_without_evidence_says_that_nothing_is_known() -> None:
    page = render_html(Report(name="x", title="x", verdict="unassessed", level="none"), RunFacts())
    assert "No evidence was gathered" in say(page)
    read(page)


def test_every_finding_and_every_exhibit_is_on_the_page(sample: ModuleType, page: str) -> None:
    report = sample.make_report()
    body = page[page.index('<table id="findings"') :]
    rows = body[: body.index("</table>")].count("<tr data-section")
    assert rows == len(report.findings)
    words = say(page)
    for exhibit in report.exhibits:
        assert exhibit.title in words
        assert exhibit.how_to_read in words
    outline = read(page)
    drawn = [e for e in report.exhibits if not isinstance(e.drawing, Grid | Picture)]
    rulers = [f for f in report.findings if f.headline and f.baseline is not None]
    assert len(re.findall(r'role="img"', page)) == len(drawn) + len(rulers)
    assert outline.tags["img"] == 1


def test_headline_numbers_stand_beside_their_references(sample: ModuleType, page: str) -> None:
    words = say(page)
    for found in sample.headline_findings():
        assert found.why in words
        if found.baseline is not None:
            assert found.baseline_is in words


def test_eight_dimensions_with_cost_and_scale_from_the_run(sample: ModuleType, page: str) -> None:
    words = say(page)
    for dimension in (
        "Source",
        "Privacy risk",
        "Cost",
        "Legal",
        "Rare cases",
        "Quality ceiling",
        "Scale",
        "Generation",
    ):
        assert dimension in words
    assert "58.3 cpu-seconds, 584 MiB of memory at the peak of one process and no money" in words
    assert "39,073 rows made; 43,414 rows a second; engine local with 2 workers" in words
    assert page.index("48,842 rows, and no more") < page.index("43,414 rows a second")


def test_where_nothing_read_real_rows_nothing_is_called_a_comparison(sample: ModuleType, page: str) -> None:
    assert page.count("Real against synthetic") >= 2
    report = sample.make_report()
    made = [f.model_copy(update={"reads": ("synthetic",)}) for f in report.findings]
    alone = render_html(report.model_copy(update={"findings": tuple(made)}), sample.make_run())
    assert "Real against synthetic" not in alone
    assert alone.count("This data in eight questions") == 2


def test_dimensions_without_an_exhibit_say_that_they_were_not_measured() -> None:
    page = render_html(Report(name="x", title="x", verdict="unassessed"), RunFacts(cpu_seconds=1.5, engine="local"))
    words = say(page)
    assert words.count("Not measured for this kind of data.") == 6, "cost and scale come from the run"


def test_recipe_ledger_remarks_and_spend_are_shown(sample: ModuleType) -> None:
    report = sample.make_report("released")
    words = say(render_html(report, sample.make_run()))
    assert report.sources[0].sha256 in words
    assert "seed: 0" in words
    assert report.remarks[0].text in words
    assert "gaussian marginals" in words
    assert "outside the privacy budget" in words
    assert report.content_hash in words
    assert "copy 16 0.04%" in words


def test_hostile_names_stay_text(sample: ModuleType) -> None:
    names = sample.hostile_names()
    report = sample.make_report("withheld", columns=names)
    evil = names[0]
    report = report.model_copy(
        update={
            "title": evil,
            "description": evil,
            "licence": evil,
            "recipe_yaml": evil,
            "reasons": (evil, names[2]),
            "remarks": (RemarkFacts(subject=evil, text=names[1]),),
            "sources": (SourceFacts(what=evil, sha256=evil, licence=evil),),
            "parts": (*report.parts, PartFacts(name=evil, kind=evil, count_noun=evil, accepted=1, attempted=2, rejected=((evil, 1),), tables=(TableFacts(name=evil, rows=1, columns=(), about=evil),))),
            "findings": (*report.findings, *(f.model_copy(update={"part": evil, "why": evil, "unit": evil, "limit": evil, "baseline_is": evil, "check": evil}) for f in report.findings)),
            "exhibits": (*report.exhibits, *(e.model_copy(update={"part": evil, "how_to_read": evil, "check": evil}) for e in report.exhibits)),
        }
    )  # fmt: skip
    run = RunFacts(engine=evil, host=((evil, evil),), currency=evil, money=1.0, cpu_seconds=1.0, rates=((evil, 1.0),))
    page = render_html(report, run)
    outline = read(page)
    assert outline.tags["script"] == 1
    assert outline.tags["img"] == 2, "the two pictures of the exhibits"
    assert outline.handlers == []
    assert "\u202e" not in page
    assert "\x00" not in page
    page.encode("utf-8")
    assert "x" * 701 not in page, "names are clipped"
    assert "(10,000)" in page, "and said to be longer"


@pytest.mark.parametrize("wide", [500, pytest.param(2_000, marks=pytest.mark.slow)])
def test_wide_tables_stay_small(sample: ModuleType, wide: int) -> None:
    columns = tuple(f"column_{i:04d}" for i in range(wide))
    report = sample.make_report("withheld", columns=columns)
    report = report.model_copy(
        update={"exhibits": (*report.exhibits, sample.pair_heatmap(columns[:500], "all pairs", 30.0))}
    )
    page = render_html(report, sample.make_run())
    assert len(page.encode()) < PAGE_BYTES
    outline = read(page)
    words = " ".join(" ".join(outline.words).split())
    assert f"60 of {wide:,} drawn" in words
    assert f"{wide - 60:,} not drawn, to keep this page small" in words
    if wide == 500:
        assert all(c in words for c in columns), "what is not drawn is listed"


def test_even_long_hostile_names_in_a_wide_table_stay_small(sample: ModuleType) -> None:
    columns = tuple("<" * 5_000 + f"{i:04d}" + '"' * 5_000 for i in range(500))
    page = render_html(sample.make_report("withheld", columns=columns), sample.make_run())
    assert len(page.encode()) < PAGE_BYTES
    read(page)


def test_a_thousand_large_pictures_stay_small() -> None:
    picture = Picture(media_type="image/png", base64="A" * 400_000, alt="scene")
    exhibits = tuple(
        Exhibit(check="c", part="p", section="validity", title=f"scene {i}", how_to_read="Look.", drawing=picture)
        for i in range(1_000)
    )
    page = render_html(Report(name="x", title="x", verdict="released", level="full", exhibits=exhibits), RunFacts())
    assert len(page.encode()) < PAGE_BYTES
    assert read(page).tags["img"] == 3
    assert "997 not drawn" in page


def test_the_worst_columns_come_first(sample: ModuleType, page: str) -> None:
    found = {f.subject: abs(f.value) - abs(f.baseline) for f in sample.column_findings()}
    worst, best = max(found, key=found.__getitem__), min(found, key=found.__getitem__)
    many = page[page.index('class="many"') :]
    assert many.index(f"<bdi>{worst}</bdi>") < many.index(f"<bdi>{best}</bdi>")


def test_parts_are_named_where_there_are_several(sample: ModuleType) -> None:
    report = sample.make_report()
    second = tuple(f.model_copy(update={"part": "orders"}) for f in report.findings)
    both = report.model_copy(update={"findings": (*report.findings, *second)})
    assert '<th scope="col">part</th>' in render_html(both, RunFacts())
    assert '<th scope="col">part</th>' not in render_html(report, RunFacts())


def test_a_failure_that_withholds_nothing_stands_above_what_was_not_run(sample: ModuleType) -> None:
    report = sample.make_report("unassessed").model_copy(
        update={
            "reasons": ("privacy.membership (rows) failed: Too near.",),
            "not_run": ("quick evidence only; --evidence full runs the rest", "privacy.near was not measured: x"),
        }
    )
    page = render_html(report, RunFacts())
    verdict = page[page.index('id="verdict"') : page.index('class="toc"')]
    assert verdict.index("failed in 1 point:") < verdict.index("privacy.membership (rows) failed: Too near.")
    assert verdict.index("Too near.") < verdict.index("What was not run")


def test_what_was_not_run_names_its_check(sample: ModuleType) -> None:
    report = sample.make_report("unassessed")
    skipped = [f for f in report.findings if f.verdict == "skipped"]
    page = render_html(report, RunFacts())
    verdict = page[page.index('id="verdict"') : page.index('class="toc"')]
    assert skipped
    for finding in skipped:
        assert f"{finding.check} ({html.escape(finding.subject)}) was not measured: " in verdict


def test_the_scale_of_a_lone_card_is_no_wider_than_among_others() -> None:
    style = read_asset("page.css")
    assert re.search(r"\.card svg\.ruler\{[^}]*max-width:", style)
