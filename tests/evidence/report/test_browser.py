"""The report in headless Chromium: no complaint in the console, every chart drawn, nothing wider than a phone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from sundog.evidence.report.html import render_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Open = Callable[..., "Page"]

SERIOUS = ("serious", "critical")


@pytest.fixture
def load(chromium: Browser, page: str, tmp_path: Path) -> Iterator[Open]:
    """Opens a page from a file and fails, in the end, on any complaint of the browser."""
    complaints: list[str] = []
    contexts = []

    def open_page(
        html: str = page, *, width: int = 1280, height: int = 900, scheme: str = "light", scripts: bool = True
    ) -> Page:
        file = tmp_path / f"report{len(contexts)}.html"
        file.write_text(html, encoding="utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )  # type: ignore[arg-type]
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on(
            "request",
            lambda request: None if request.url.startswith(("file:", "data:")) else complaints.append(request.url),
        )
        tab.goto(file.as_uri())
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def undrawn(tab: Page) -> object:
    """Charts without a size, and marks that lie outside of their chart."""
    return tab.evaluate(
        """() => [...document.querySelectorAll('svg[role=img]')].filter(svg => {
            const box = svg.getBoundingClientRect();
            return box.width < 60 || box.height < 15 || svg.querySelectorAll('path, rect, circle').length === 0;
        }).map(svg => svg.querySelector('title').textContent)"""
    )


def overflow(tab: Page) -> object:
    """What makes the page wider than its window."""
    return tab.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
                .map(e => e.tagName + '.' + e.className).slice(0, 10)"""
    )


@pytest.mark.parametrize(("verdict", "scheme"), [("released", "dark"), ("withheld", "light"), ("unassessed", "light"), ("unassessed", "dark")])  # fmt: skip
def test_every_chart_is_drawn(load: Open, sample: ModuleType, artefacts: Path, verdict: str, scheme: str) -> None:
    report = sample.make_report(verdict)
    tab = load(render_html(report, sample.make_run()), scheme=scheme)
    assert tab.locator("svg[role=img]").count() > 25
    assert undrawn(tab) == []
    assert overflow(tab) == []
    ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(251, 250, 246)" if scheme == "light" else "rgb(17, 21, 27)")
    if verdict == "unassessed":
        tab.screenshot(path=artefacts / f"report-{scheme}.png")
        tab.screenshot(path=artefacts / f"report-{scheme}-whole.png", full_page=True)


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_is_wider_than_the_window(load: Open, artefacts: Path, width: int) -> None:
    tab = load(width=width, height=844)
    assert overflow(tab) == []
    assert undrawn(tab) == []
    if width == 390:
        tab.screenshot(path=artefacts / "report-phone.png", full_page=True)


def test_hostile_names_do_nothing(load: Open, sample: ModuleType) -> None:
    report = sample.make_report("withheld", columns=sample.hostile_names())
    tab = load(render_html(report, sample.make_run()), width=390)
    assert tab.evaluate("window.hacked") is None
    assert overflow(tab) == []


def test_a_wide_table_opens_quickly_enough_to_be_used(load: Open, sample: ModuleType) -> None:
    tab = load(render_html(sample.make_report(columns=tuple(f"column_{i}" for i in range(500))), sample.make_run()))
    assert undrawn(tab) == []
    assert tab.locator(".many > figure").count() == 60


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_drawing_of_the_head_covers_no_words(load: Open, sample: ModuleType, scheme: str) -> None:
    report = sample.make_report("unassessed")
    said = {
        "title": "A title of many words that fills its line",
        "licence": "CC-BY-SA-4.0 and a note of where it is from",
    }
    facts = report.model_copy(update=said)
    for width in (760, 1000, 1200, 1600):
        tab = load(render_html(facts, sample.make_run()), width=width, scheme=scheme)
        covered = tab.evaluate(
            """() => {
                const halo = document.querySelector('.mast .halo').getBoundingClientRect();
                return halo.width === 0 ? [] : [...document.querySelectorAll('.mast :is(h1, .lede, .facts li, .keys > *)')]
                    .filter(e => { const b = e.getBoundingClientRect(); return b.right > halo.left && b.top < halo.bottom; })
                    .map(e => e.textContent);
            }"""
        )
        assert covered == [], width
        assert overflow(tab) == []
        says = tab.inner_text("#theme")
        assert says == ("Dark page" if scheme == "light" else "Light page"), "the button says what it brings"
        if width == 1200:
            assert tab.evaluate("document.querySelector('.mast .halo').getBoundingClientRect().width") > 300


def test_the_toggle_is_reached_by_tab_and_works_by_keyboard(load: Open) -> None:
    tab = load()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    assert tab.evaluate("document.activeElement.getBoundingClientRect().left >= 0"), "the skip link shows when focused"
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.id") == "theme"
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    tab.keyboard.press("Enter")
    assert tab.get_attribute("html", "data-theme") == "dark"
    assert tab.inner_text("#theme") == "Light page"
    tab.keyboard.press("Space")
    assert tab.get_attribute("html", "data-theme") == "light"
    assert tab.inner_text("#theme") == "Dark page"
    tab.reload()
    assert tab.get_attribute("html", "data-theme") == "light", "the choice is kept"


def test_every_link_inside_leads_somewhere(load: Open) -> None:
    tab = load()
    for link in tab.locator("nav a").all():
        link.click()
        assert tab.evaluate("document.querySelector(location.hash).getBoundingClientRect().top < innerHeight")


def test_findings_are_sorted_and_filtered(load: Open, sample: ModuleType) -> None:
    tab = load(render_html(sample.make_report("withheld"), sample.make_run()))
    rows = tab.locator("#findings tbody tr:visible")
    every = rows.count()
    assert every == len(sample.make_report("withheld").findings)
    tab.select_option("select[name=verdict]", "fail")
    assert rows.count() == 1
    tab.select_option("select[name=verdict]", "")
    tab.fill("input[type=search]", "fidelity.column AGE")
    assert rows.count() == 1
    assert tab.inner_text("output") == f"1 of {every} shown"
    tab.fill("input[type=search]", "")
    value = tab.get_by_role("columnheader", name="value")
    value.get_by_role("button").click()
    assert value.get_attribute("aria-sort") == "ascending"
    numbers = [
        float(cell or "-inf")
        for cell in (c.get_attribute("data-n") for c in tab.locator("#findings tbody tr td:nth-child(2)").all())
    ]
    assert numbers == sorted(numbers)
    value.get_by_role("button").press("Enter")
    assert value.get_attribute("aria-sort") == "descending"


def test_without_scripts_the_page_is_whole(load: Open, page: str) -> None:
    tab = load(scripts=False)
    assert tab.locator("#findings tbody tr:visible").count() == page.count("<tr data-section")
    assert not tab.locator("#theme").is_visible()
    assert not tab.locator("form.filter").is_visible()
    tab.locator("summary").first.click()
    assert tab.locator("details[open] table").first.is_visible()


def test_the_numbers_behind_a_chart_can_be_read(load: Open) -> None:
    tab = load()
    details = tab.locator("figure", has_text="What gives it away").locator("details")
    details.locator("summary").press("Enter")
    assert "fnlwgt\t41%" in details.inner_text()


def test_in_print_the_page_is_light_and_without_controls(load: Open) -> None:
    tab = load(scheme="dark")
    tab.emulate_media(media="print", color_scheme="dark")
    assert not tab.locator("#theme").is_visible()
    assert tab.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(26, 34, 48)"
    assert len(tab.pdf()) > 20_000


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), pytest.param("dark", 390, marks=pytest.mark.slow)])
def test_axe_finds_nothing_serious(load: Open, axe_script: str, sample: ModuleType, scheme: str, width: int) -> None:
    report = sample.make_report("withheld", columns=sample.COLUMNS[:4])
    tab = load(render_html(report, sample.make_run()), scheme=scheme, width=width)
    tab.evaluate("document.querySelectorAll('details').forEach((d, i) => { d.open = i < 3; })")
    tab.evaluate(axe_script)
    found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [{"id": v["id"], "impact": v["impact"], "nodes": [n["html"][:200] for n in v["nodes"][:3]]} for v in found["violations"] if v["impact"] in SERIOUS]  # fmt: skip
    assert serious == [], json.dumps(serious, indent=1)
    assert len(found["passes"]) > 20
