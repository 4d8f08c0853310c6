"""privacy.html as text and in headless Chromium."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sundog.core.recipe import ReleaseSpec
from sundog.evidence.report.data import ColumnFacts, TableFacts
from sundog.evidence.report.privacy.facts import PrivacyFacts, is_public
from sundog.evidence.report.privacy.page import PAGE_BYTES, render_privacy_page
from sundog.evidence.report.privacy.write import write_private, write_public

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Make = Callable[..., PrivacyFacts]
Open = Callable[..., "Page"]


def page_of(facts: PrivacyFacts, public: bool = False) -> str:
    half = write_public(facts) if public else write_private(facts)
    keep = is_public if public else (lambda _: True)
    exhibits = [e for e in facts.report.exhibits if keep(e)]
    return render_privacy_page(half, exhibits, [f for f in facts.report.findings if keep(f)])


class Outline(HTMLParser):
    """Ids, links, headings and handlers of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.levels: list[int] = []
        self.handlers: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.levels.append(int(tag[1]))
        for key, value in attrs:
            self.ids += [str(value)] if key == "id" else []
            self.links += [str(value)] if key in ("href", "src") else []
            self.handlers += [key] if key.startswith("on") else []


def widen(facts: PrivacyFacts, names: tuple[str, ...]) -> PrivacyFacts:
    """The same with other columns."""
    from dataclasses import replace

    columns = tuple(ColumnFacts(name=n, type=n, meaning="category", about=n) for n in names)
    part = facts.report.parts[0].model_copy(update={"tables": (TableFacts(name="rows", rows=1, columns=columns),)})
    return replace(facts, report=facts.report.model_copy(update={"parts": (part,), "title": names[0]}))


@pytest.mark.parametrize("how", ["records", "releases", "nothing", "audit"])
@pytest.mark.parametrize("public", [False, True])
def test_the_page_is_whole_and_fetches_nothing(facts: Make, how: str, public: bool) -> None:
    page = page_of(facts(how), public)
    outline = Outline()
    outline.feed(page)
    assert len(outline.ids) == len(set(outline.ids))
    assert {x[1:] for x in outline.links if x.startswith("#")} <= set(outline.ids)
    assert [x for x in outline.links if not x.startswith(("#", "data:"))] == []
    assert outline.levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(outline.levels))
    assert outline.handlers == []
    assert outline.scripts == 1
    assert ("3c" * 32 if public else "9f" * 32) in page if how != "audit" else True
    assert len(page.encode()) < 120_000


def test_a_page_of_any_size_stays_small(facts: Make, hostile: tuple[str, ...]) -> None:
    page = page_of(widen(facts("records"), tuple(f"{h}{i}" for i in range(200) for h in hostile)))
    assert len(page.encode()) < PAGE_BYTES
    assert "columns more are in the tables" in page or "more not listed" in page


@pytest.fixture
def load(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a page from a file and fails, in the end, on any complaint of the browser."""
    complaints: list[str] = []
    contexts = []

    def open_page(html: str, *, width: int = 1280, scheme: str = "light") -> Page:
        file = tmp_path / f"privacy{len(contexts)}.html"
        file.write_text(html, encoding="utf-8")
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # fmt: skip
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else complaints.append(r.url))
        tab.goto(file.as_uri())
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window(
    load: Open, facts: Make, stated: ReleaseSpec, artefacts: Path, width: int, scheme: str
) -> None:
    tab = load(page_of(facts("releases", release=stated)), width=width, scheme=scheme)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.locator("svg[role=img]").count() == 1
    tab.screenshot(path=artefacts / f"privacy-{scheme}-{width}.png", full_page=True)


def test_hostile_names_do_nothing(load: Open, facts: Make, hostile: tuple[str, ...]) -> None:
    tab = load(page_of(widen(facts("records"), hostile)), width=390)
    assert tab.evaluate("window.hacked") is None
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_keys_reach_the_contents_and_the_blanks(load: Open, facts: Make) -> None:
    tab = load(page_of(facts("records")))
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.locator("a[href='#left-blank']").press("Enter")
    assert tab.evaluate("document.querySelector('#left-blank').getBoundingClientRect().top < innerHeight")
    for link in tab.locator("nav a").all():
        link.click()
        assert tab.evaluate("document.querySelector(location.hash).getBoundingClientRect().top < innerHeight")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(load: Open, axe_script: str, facts: Make, scheme: str) -> None:
    tab = load(page_of(facts("releases")), scheme=scheme)
    tab.evaluate(axe_script)
    found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [{"id": v["id"], "nodes": [n["html"][:200] for n in v["nodes"][:3]]} for v in found["violations"] if v["impact"] in ("serious", "critical")]  # fmt: skip
    assert serious == [], json.dumps(serious, indent=1)
    assert len(found["passes"]) > 20
